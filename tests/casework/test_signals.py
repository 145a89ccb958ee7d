"""What one pathway says to another is said by it alone; a signal that no pathway throws may come from outside."""

from __future__ import annotations

import pytest

from engine.casework import MessageUnmatched
from tests.engine.execution.diagrams import (
    arrows,
    boundary,
    diagram,
    end,
    of,
    parallel,
    process,
    release,
    signal,
    start,
    throw,
    user,
)
from tests.support.office import WORKER, TestOffice


def _pathway(*more: str) -> str:
    body = (
        start(),
        parallel("both"),
        user("write"),
        boundary("stopped", "write", of("signal", "overtaken")),
        user("decide"),
        *more,
        end(),
        arrows("s > both > write > e", "stopped > e"),
    )
    return diagram(process("p", *body), signal("overtaken"))


def test_a_signal_that_a_diagram_throws_is_said_by_nobody_outside(office: TestOffice) -> None:
    """Else a message with its name would take a letter away that is owed."""
    thrown = _pathway(throw("tell", of("signal", "overtaken")), arrows("both > decide > tell > e"))
    office.publish(release(thrown))
    case = office.case()

    with pytest.raises(MessageUnmatched, match="nobody else"):
        office.casework.receive_message(case, "overtaken", {}, received_on=None, by=WORKER, command_id=office.key())
    assert {"write", "decide"} == set(office.open_tasks())

    office.complete("decide")
    assert {} == office.open_tasks()


def test_a_signal_that_no_diagram_throws_may_come_from_outside(office: TestOffice) -> None:
    """Somebody must be able to say it."""
    office.publish(release(_pathway(arrows("both > decide > e"))))
    case = office.case()

    office.casework.receive_message(case, "overtaken", {}, received_on=None, by=WORKER, command_id=office.key())

    assert {"decide"} == set(office.open_tasks())


def test_a_signal_of_a_release_that_still_runs_is_said_by_nobody_outside(office: TestOffice) -> None:
    """A newer release that throws no such signal does not open the older one, which a case still runs on."""
    office.publish(release(_pathway(throw("tell", of("signal", "overtaken")), arrows("both > decide > tell > e"))))
    case = office.case()
    office.publish(release(_pathway(arrows("both > decide > e"))))

    with pytest.raises(MessageUnmatched, match="nobody else"):
        office.casework.receive_message(case, "overtaken", {}, received_on=None, by=WORKER, command_id=office.key())

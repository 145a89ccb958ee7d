"""What people work by is verified too: a list, a task, a date or an in-tray that history does not bear out."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.store.tables import CASE_FILE, ESCALATION, TASK, TIMER
from tests.casework import drawn
from tests.support.office import AREA, HEAD, WORKER, TestOffice, somebody

CHECKER = somebody("auditor")


@pytest.fixture
def late(office: TestOffice) -> TestOffice:
    """A case whose first task is so late that the manager was told."""
    office.publish(drawn.two_steps())
    case = office.case()
    office.clock.advance_by(timedelta(days=4, hours=15))
    office.casework.fire_timers(AREA, case)
    return office


def test_what_history_bears_out_is_certified(late: TestOffice) -> None:
    """The tables are compared with the case as its history makes it."""
    assert late.casework.verify_case(CHECKER, "C1").certified


@pytest.mark.parametrize(
    ("outside", "what"),
    [
        (sa.update(CASE_FILE).values(plan_status="ENDED"), "status in lists"),
        (sa.delete(TASK), "open task"),
        (sa.update(TASK).values(due_at="2030-01-01T00:00:00.000000Z"), "open task"),
        (sa.update(TASK).values(assignee="somebody"), "open task"),
        (sa.delete(TIMER), "date"),
        (sa.delete(ESCALATION), "in-tray entry"),
        (sa.update(ESCALATION).values(state="answered"), "in-tray entry"),
    ],
    ids=[
        "plan ended",
        "task gone",
        "due later",
        "given to another",
        "no dates",
        "nothing told",
        "answered",
    ],
)
def test_what_was_changed_outside_the_service_is_named(late: TestOffice, outside: sa.Update, what: str) -> None:
    """Nothing is certified on which somebody would miss a step, although the history itself is whole."""
    with late.store.database.writing() as session:
        session.run(outside, {})

    made = late.casework.verify_case(CHECKER, "C1")

    assert not made.certified
    assert [("C1", "shown")] == [(one.case_id, one.what) for one in made.verification.differences]
    assert what in made.verification.differences[0].message


def test_a_case_that_was_opened_to_everybody_outside_the_service_is_named(late: TestOffice) -> None:
    """Who may see a case is part of what people work by."""
    late.appoint(WORKER, HEAD)
    late.casework.restrict_case("C1", [WORKER.id, HEAD.id], "A relative works here.", by=HEAD, command_id=late.key())
    assert late.casework.verify_case(HEAD, "C1").certified
    with late.store.database.writing() as session:
        session.run(sa.update(CASE_FILE).values(restricted=False), {})

    found = late.casework.verify_case(HEAD, "C1").verification.differences

    assert ["Whether the case is restricted is not what the history says."] == [one.message for one in found]

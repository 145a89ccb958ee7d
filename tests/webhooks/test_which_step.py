"""Two processes of one pathway with one element id, as pictures and what stands against an ending tell of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.case.state import Held
from engine.casework import CaseView
from engine.casework.endings import Condition
from tests.casework.test_which_process import called
from tests.engine.execution.diagrams import arrows, call, diagram, end, form, lanes, process, release, start
from tests.support.office import CHAIR, WORKER, TestOffice, open_office
from webhooks.cases import _pictures
from webhooks.standing import _why_not


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[TestOffice]:
    """An office on SQLite."""
    found = open_office(sqlite_url, tmp_path)
    yield found
    found.store.close()


@pytest.fixture
def done_twice(office: TestOffice) -> CaseView:
    """A case in which the review's step `close` was done and that of the moving, which came after it, is open."""
    body = [lanes(social_worker="s one two e"), start(), call("one", "review"), call("two", "moving"), end()]
    office.publish(
        release(
            diagram(process("p", *body, arrows("s > one > two > e"))),
            called("review", "conference_chair", "TST-1.1", "policy"),
            called("moving", "social_worker", "TST-2.2", "reading"),
            forms={"review": form("review", "said"), "moving": form("moving", "moved")},
        )
    )
    office.case()
    office.complete("close", {"said": "yes"}, by=CHAIR)
    return office.casework.case(WORKER, "C1")


def test_only_the_step_that_an_incident_holds_is_marked_as_stopped(done_twice: CaseView) -> None:
    """Of two steps with one id, the picture of the process whose step is held says that it stopped, the other not."""
    (task,), (run,) = done_twice.open_tasks, done_twice.pathways
    held = Held(9, run.instance, "close", "No rule matched.", "2026-03-02T09:00:00Z", [], task.task)

    pictures = _pictures(run, replace(done_twice, incidents=(held,)))

    assert {"Area: review": [], "Area: moving": ["close"]} == {
        one["title"]: one["marks"]["stopped"] for one in pictures if one["path"] != run.diagram
    }


def test_what_stands_against_an_ending_names_the_step_that_it_is_about(done_twice: CaseView) -> None:
    """An unanswered correction is told with the name of the step that was corrected, not with its namesake's."""
    done = next(one.task for one in done_twice.steps if one.state == "done")
    bar = Condition("unmet", "An answer was corrected", "", True, "", (), "product", ("head",), ())
    open_since = replace(bar, since="2026-03-02T09:00:00Z", about="close", task=done)

    assert "Open since 2 March 2026 (Close review)" == _why_not(open_since, done_twice)

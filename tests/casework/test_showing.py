"""What people work by is verified too: a list, a task, a date or an in-tray that history does not bear out."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.store.tables import CASE_FILE, ESCALATION, INCIDENT, INSTANCE, TASK, TIMER
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
    ("outside", "told"),
    [
        (sa.update(CASE_FILE).values(plan_status="ENDED"), "The plan's status in lists is not what the history says."),
        (
            sa.delete(TASK),
            "The open task ‘Report’ (opened in step 2) is missing from what people see, although the history has it.",
        ),
        (
            sa.update(TASK).values(due_at="2030-01-01T00:00:00.000000Z"),
            (
                "The open task ‘Report’ (opened in step 2) is not as in the history: when it is due; "
                "the history says 2026-03-05."
            ),
        ),
        (
            sa.update(TASK).values(due_on="2030-01-01", role="conference_chair"),
            (
                "The open task ‘Report’ (opened in step 2) is not as in the history: whose role it is for and when "
                "it is due; the history says 2026-03-04."
            ),
        ),
        (
            sa.update(TASK).values(assignee="somebody"),
            "The open task ‘Report’ (opened in step 2) is not as in the history: who has it.",
        ),
        (
            sa.delete(TIMER),
            (
                "The date after which ‘Report’ (opened in step 2) counts as overdue is missing from what people see, "
                "although the history has it."
            ),
        ),
        (
            sa.update(TIMER).values(timer="overdue:34", task=34),
            (
                "The date after which ‘Report’ (opened in step 2) counts as overdue is missing from what people see, "
                "although the history has it."
            ),
        ),
        (
            sa.delete(ESCALATION),
            (
                "The in-tray entry about ‘Report’ (opened in step 2) is missing from what people see, although the "
                "history has it."
            ),
        ),
        (
            sa.update(ESCALATION).values(state="answered"),
            "The in-tray entry about ‘Report’ (opened in step 2) is not as in the history: how far it has come.",
        ),
        (
            sa.insert(INCIDENT).values(
                authority=AREA,
                case_id="C1",
                number=9,
                message="",
                raised_at="2026-03-09T00:00:00.000000Z",
                state="open",
            ),
            "What is held at ‘the case itself’ stands in what people see, although the history has no such thing.",
        ),
        (
            sa.update(INSTANCE).values(release="sha256:00"),
            "The pathway ‘Test’ is not as in the history: where it belongs.",
        ),
    ],
    ids=[
        "plan ended",
        "task gone",
        "due later",
        "due later, for another role",
        "given to another",
        "no dates",
        "another date",
        "nothing told",
        "answered",
        "held without reason",
        "another release",
    ],
)
def test_what_was_changed_outside_the_service_is_named(late: TestOffice, outside: sa.Executable, told: str) -> None:
    """Nothing is certified on which somebody would miss a step, although the history itself is whole."""
    with late.store.database.writing() as session:
        session.run(outside, {})

    made = late.casework.verify_case(CHECKER, "C1")

    assert not made.certified
    assert [("C1", "shown", told)] == [(one.case_id, one.what, one.message) for one in made.verification.differences]


def test_a_case_that_was_opened_to_everybody_outside_the_service_is_named(late: TestOffice) -> None:
    """Who may see a case is part of what people work by."""
    late.appoint(WORKER, HEAD)
    late.casework.restrict_case("C1", [WORKER.id, HEAD.id], "A relative works here.", by=HEAD, command_id=late.key())
    assert late.casework.verify_case(HEAD, "C1").certified
    with late.store.database.writing() as session:
        session.run(sa.update(CASE_FILE).values(restricted=False), {})

    found = late.casework.verify_case(HEAD, "C1").verification.differences

    assert ["Whether the case is restricted is not what the history says."] == [one.message for one in found]

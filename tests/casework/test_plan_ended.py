"""When the plan ends, everything else that runs in the case is told in the same command."""

from __future__ import annotations

import pytest

from engine.casework import MessageUnmatched
from tests.casework import drawn
from tests.support.office import AREA, MANAGER, WORKER, TestOffice

ENDED = {"outcome": "PLAN_ENDED_TEST", "decided_on": "2026-03-01", "effective_on": "2026-03-01"}


def test_whatever_else_runs_is_told_that_the_plan_has_ended(office: TestOffice) -> None:
    """Visits and monitoring stop with the plan, in the very command that ends it, and say what they were told."""
    office.publish(drawn.ending(), drawn.visiting("visits"), drawn.visiting("monitor"))
    case = office.case(placement="away_foster")
    for other in ("visits", "monitor"):
        office.casework.start_pathway(case, other, by=WORKER, command_id=office.key())

    done = office.complete("decide", {"on": "2026-03-01"}, by=MANAGER)

    running = office.now().running
    assert [["PLAN_ENDED_TEST"], ["VISITS_ENDED_WITH_PLAN"], ["VISITS_ENDED_WITH_PLAN"]] == [
        found.outcomes for found in running.values()
    ]
    assert {"ended"} == {found.state for found in running.values()}
    told = [event.body["payload"] for event in done.events if event.kind == "MessageReceived"]
    assert 2 * [{**ENDED, "received_on": "2026-03-02"}] == told
    assert office.casework.verify(AREA, case).certified


def test_an_ending_that_was_held_back_tells_nobody(office: TestOffice) -> None:
    """Only a plan that has ended is told of: a guard that holds it leaves visits as they are."""
    office.publish(drawn.ending(), drawn.visiting())
    case = office.case(placement="home")
    office.casework.start_pathway(case, "visits", by=WORKER, command_id=office.key())

    office.complete("decide", {"on": "2026-03-01"}, by=MANAGER)

    assert {"visit"} == set(office.open_tasks())


def test_a_branch_beside_the_ending_is_told_and_what_holds_the_ending_is_not(office: TestOffice) -> None:
    """The pathway that ends the plan goes on to its letter: only the branches beside it hear of the ending."""
    office.publish(drawn.ending_beside_visits())
    office.case(placement="away_foster")

    office.complete("decide", {"on": "2026-03-01"}, by=WORKER)

    assert {"send_letter"} == set(office.open_tasks())
    assert ["VISITS_ENDED_WITH_PLAN"] == office.now().running[1].outcomes


def test_a_plan_ended_elsewhere_stops_the_whole_pathway_that_says_so(office: TestOffice) -> None:
    """The event around a pathway's own ending hears of an ending by another pathway."""
    office.publish(drawn.ending_beside_visits("q"), drawn.ending())
    case = office.case("q", placement="away_foster")
    office.casework.start_pathway(case, "p", by=WORKER, command_id=office.key())
    second = max(office.now().desks)

    office.casework.complete_task(case, second, {"on": "2026-03-01"}, by=MANAGER, command_id=office.key())

    assert {} == office.open_tasks()
    assert [["ENDED_ELSEWHERE"], ["PLAN_ENDED_TEST"]] == [found.outcomes for found in office.now().running.values()]


def test_a_life_event_that_ends_the_plan_is_not_told_to_what_stopped_with_it(office: TestOffice) -> None:
    """The first pathway ends the plan on the event; the second stops with the plan, and hears of nothing more."""
    office.publish(drawn.ending_by_life_event(), drawn.visits_that_hear_of_both(), drawn.interrupted("life"))
    case = office.case(placement="away_foster")
    office.casework.start_pathway(case, "visits", by=WORKER, command_id=office.key())

    office.casework.record_life_event(
        case, "LeftUK", {"on": "2026-03-01"}, received_on=None, by=WORKER, command_id=office.key()
    )

    assert [["PLAN_ENDED_TEST"], ["VISITS_ENDED_WITH_PLAN"]] == [
        found.outcomes for found in office.now().running.values()
    ]
    assert {} == office.open_tasks()
    assert office.casework.verify(AREA, case).certified


def test_nobody_outside_can_say_that_the_plan_has_ended(office: TestOffice) -> None:
    """PlanEnded is told by the step that ends the plan: as a message from outside it is a dead letter."""
    office.publish(drawn.visiting())
    case = office.case("visits")

    with pytest.raises(MessageUnmatched, match="by nobody else"):
        office.casework.receive_message(case, "PlanEnded", {}, received_on=None, by=WORKER, command_id=office.key())

    assert {"visit"} == set(office.open_tasks())

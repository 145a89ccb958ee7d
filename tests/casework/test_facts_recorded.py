"""When facts of a case are recorded, whatever waits to hear of it is told in the same command."""

from __future__ import annotations

from typing import Any

import pytest

from engine.case.commands import handle
from engine.casework import MessageUnmatched
from engine.history import JSON, Command
from tests.casework import drawn
from tests.support.office import AREA, WORKER, TestOffice


def test_a_pathway_that_waits_for_it_hears_which_facts_are_others_now(office: TestOffice) -> None:
    """A step that follows the facts is begun anew, once for each recording, and is told the names of the facts."""
    office.publish(drawn.following_facts())
    case = office.case(placement="home", legal_status="ico")
    first = office.open_tasks()["visit"]

    done = office.casework.record_facts(
        case, {"placement": "away_foster", "legal_status": "ico"}, "Moved.", by=WORKER, command_id=office.key()
    )

    assert first < office.open_tasks()["visit"]
    told = [event.body["payload"] for event in done.events if event.kind == "MessageReceived"]
    assert [{"facts": ["placement"], "received_on": "2026-03-02"}] == told
    assert office.casework.verify(AREA, case).certified


def test_facts_that_stay_what_they_were_are_told_to_nobody(office: TestOffice) -> None:
    """What is recorded once more changes nothing, and moves nothing."""
    office.publish(drawn.following_facts())
    case = office.case(placement="home")
    before = office.open_tasks()

    office.casework.record_facts(case, {"placement": "home"}, "As before.", by=WORKER, command_id=office.key())

    assert before == office.open_tasks()


def test_nobody_outside_can_say_that_facts_were_recorded(office: TestOffice) -> None:
    """FactsRecorded is told by the engine: as a message from outside it is a dead letter."""
    office.publish(drawn.following_facts())
    case = office.case()

    with pytest.raises(MessageUnmatched, match="by nobody else"):
        office.casework.receive_message(case, "FactsRecorded", {}, received_on=None, by=WORKER, command_id=office.key())


def put_right(office: TestOffice, **facts: JSON) -> list[str]:
    """Put facts of the case right, and tell what came of it: what was started, and what was put before whom."""
    office.casework.record_facts("C1", facts, "Another child.", by=WORKER, command_id=office.key())
    case = office.now()
    assert office.casework.verify(AREA, "C1").certified
    begun = [running.pathway for running in case.running.values() if running.state == "running"]
    return begun + [f"{raised.code} to {raised.to}" for raised in case.escalations.values()]


@pytest.mark.parametrize(
    ("was", "right"),
    [
        ({"deceased": True, "date_of_death": "2026-02-01"}, {"deceased": False}),
        ({"deceased": True, "date_of_death": "2026-02-01"}, {"deceased": None, "date_of_death": None}),
        ({"left_uk": True}, {"left_uk": False}),
        ({"moved_out_of_area": True}, {"moved_out_of_area": False}),
        ({"living_outside_area": True}, {"placed_outside_by_authority": True}),
    ],
)
def test_what_stopped_at_an_event_that_was_none_is_taken_up_again(
    office: TestOffice, was: dict[str, JSON], right: dict[str, JSON]
) -> None:
    """A plan does not stay active with nobody at work on it: the facts as they now are decide what follows (SH-4)."""
    office.publish(drawn.interrupted("life"))
    office.case(None, **was)

    assert ["life"] == put_right(office, **right)
    (begun,) = office.now().running.values()
    told: Any = begun.variables["life_event"]
    assert {"name": "FactsRecorded", "facts": sorted(told["facts"]), "received_on": "2026-03-02"} == told


def test_an_event_that_was_none_is_put_before_the_head_where_something_else_runs(office: TestOffice) -> None:
    """Whatever runs beside did not hear of it, and a person decides what is taken up again."""
    office.publish(drawn.two_steps(), drawn.interrupted("life"))
    office.case(left_uk=True)

    assert ["p", "FactsRecorded to head_of_quality_assurance"] == put_right(office, left_uk=False)


def test_an_event_that_was_none_is_put_before_the_head_where_no_pathway_follows_life_events(office: TestOffice) -> None:
    """Where the authority’s own pathway is not deployed, a person knows all the same."""
    office.case(None, left_uk=True)

    assert ["FactsRecorded to head_of_quality_assurance"] == put_right(office, left_uk=False)


@pytest.mark.parametrize(
    ("was", "right"),
    [
        ({"left_uk": True}, {"placement": "home"}),
        ({"left_uk": True, "moved_out_of_area": False}, {"left_uk": True, "moved_out_of_area": None}),
        ({"left_uk": True, "plan_status": "ENDED", "plan_end_date": "2026-02-02"}, {"left_uk": False}),
    ],
)
def test_nothing_begins_where_nothing_is_taken_back_or_the_plan_has_ended(
    office: TestOffice, was: dict[str, JSON], right: dict[str, JSON]
) -> None:
    """Facts that are put right begin nothing by themselves, and after the end there is nothing to take up again."""
    office.publish(drawn.interrupted("life"))
    office.case(None, **was)

    assert [] == put_right(office, **right)


def test_a_recording_from_before_this_was_told_replays_as_it_was(office: TestOffice) -> None:
    """A command that does not say so takes nothing up again, so that every history stands as it was carried out."""
    office.publish(drawn.interrupted("life"))
    office.case(None, left_uk=True)
    case = office.now()
    body = {"facts": {"left_uk": False}, "why": "Another child."}
    command = Command("old", "record_facts", office.clock.now(), WORKER.id, "social_worker", "1", body)

    handling = handle(case, command, office.shelf.terms(AREA))

    assert ["FactsRecorded"] == [event.kind for event in handling.events]
    assert {} == case.running


@pytest.mark.parametrize(
    "found",
    [
        {"deceased": True, "date_of_death": "2026-02-01"},
        {"left_uk": True},
        {"moved_out_of_area": True},
        {"moved_out_of_area": True, "placed_outside_by_authority": False},
    ],
)
@pytest.mark.parametrize("pathway", [None, "p"])
def test_what_only_the_record_says_is_put_before_the_head(
    office: TestOffice, pathway: str | None, found: dict[str, JSON]
) -> None:
    """A death, a departure or a move that nobody reports stops nothing by itself, and a person knows of it (SH-4)."""
    office.publish(drawn.two_steps(), drawn.interrupted("life"))
    office.case(pathway)

    runs = [pathway] if pathway else []
    assert [*runs, "FoundOnRecord to head_of_quality_assurance"] == put_right(office, **found)


@pytest.mark.parametrize(
    ("was", "right"),
    [
        ({"deceased": True, "date_of_death": "2026-02-01"}, {"deceased": True, "date_of_death": "2026-02-02"}),
        ({}, {"moved_out_of_area": True, "placed_outside_by_authority": True}),
        ({}, {"left_uk": None}),
        ({"plan_status": "ENDED", "plan_end_date": "2026-02-02"}, {"left_uk": True}),
    ],
)
def test_the_head_hears_nothing_where_nothing_new_is_found(
    office: TestOffice, was: dict[str, JSON], right: dict[str, JSON]
) -> None:
    """What was known before, a placement by the authority itself, and whatever is found after the end."""
    office.case(None, **was)

    assert [] == put_right(office, **right)


def test_what_is_found_is_told_once_where_a_step_begins_because_of_it(office: TestOffice) -> None:
    """A pathway that hears of the facts and asks somebody has told of it: the Head need not be."""
    office.publish(drawn.following_facts())
    office.case()

    assert ["p"] == put_right(office, left_uk=True)


def test_what_is_found_is_told_once_where_something_else_is_taken_back(office: TestOffice) -> None:
    """A recording that takes a move back and finds a departure puts one matter before the Head, not two."""
    office.case(None, moved_out_of_area=True)

    raised = put_right(office, moved_out_of_area=False, left_uk=True)

    assert ["FactsRecorded to head_of_quality_assurance"] == raised


def test_a_finding_from_before_this_was_told_replays_as_it_was(office: TestOffice) -> None:
    """A command that does not say so puts nothing before the Head, so that every history stands as carried out."""
    office.case(None)
    case = office.now()
    body = {"facts": {"left_uk": True}, "why": "Found on the file."}
    command = Command("old", "record_facts", office.clock.now(), WORKER.id, "social_worker", "1", body)

    handling = handle(case, command, office.shelf.terms(AREA))

    assert ["FactsRecorded"] == [event.kind for event in handling.events]

"""When facts of a case are recorded, whatever waits to hear of it is told in the same command."""

from __future__ import annotations

import pytest

from engine.casework import MessageUnmatched
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

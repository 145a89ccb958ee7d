"""What is reported of a child and contradicts the record ends no plan, until a person has said which is right."""

from __future__ import annotations

from engine.casework.letterbox import Message
from tests.casework import drawn
from tests.support.office import AREA, HEAD, MANAGER, TestOffice

DEATH = Message("mosaic", "mosaic/north", "m-1", "ChildDied", "C1", None, {"date": "1999-01-01"})


def test_no_plan_ends_while_a_report_that_contradicts_the_record_is_unanswered(office: TestOffice) -> None:
    """The Head has to say what is true first; the manager's answer is not enough."""
    office.publish(drawn.interrupted("life"))
    office.publish(drawn.ending())
    case = office.case(placement="away_foster", dob="2016-05-04")
    receipt = office.casework.letterbox.receive(AREA, DEATH)

    done = office.complete("decide", {"on": "2026-03-02"}, by=MANAGER)

    assert ("set_aside", "contradicts") == (receipt.state, receipt.reason)
    (held,) = [event for event in done.events if event.kind == "EndingHeld"]
    said = "what was reported contradicts the record, and nobody has said which is right"
    assert [said] == held.body["blockers"]
    assert ("ACTIVE", False) == tuple(office.now().facts[fact] for fact in ("plan_status", "deceased"))
    assert office.casework.verify(AREA, case).certified


def test_a_plan_ends_again_once_the_head_has_answered(office: TestOffice) -> None:
    """What was reported is settled by a person's words, kept with the case."""
    office.publish(drawn.interrupted("life"))
    office.publish(drawn.ending())
    case = office.case(placement="away_foster", dob="2016-05-04")
    office.casework.letterbox.receive(AREA, DEATH)
    number = next(one.number for one in office.now().escalations.values() if one.to == "head_of_quality_assurance")
    office.casework.answer_escalation(case, number, "Another child.", by=HEAD, command_id=office.key())

    office.complete("decide", {"on": "2026-03-02"}, by=MANAGER)

    assert "ENDED" == office.now().facts["plan_status"]
    assert office.casework.verify(AREA, case).certified

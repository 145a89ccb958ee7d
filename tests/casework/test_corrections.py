"""What was wrong is put right by a recorded command: a step's answers, a pathway, an ending."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from engine.authorities import Corrections
from engine.casework import Practitioner, TaskNotOpen
from engine.casework.corrections import CannotCorrect
from engine.errors import Forbidden, NotFound, Refused
from engine.history import WORKER as MACHINE
from tests.casework import drawn
from tests.support.office import AREA, CHAIR, HEAD, MANAGER, WORKER, TestOffice, somebody

GOOD = {"view": "good", "reasons": "As seen."}


@pytest.fixture
def reported(office: TestOffice) -> int:
    """A case whose report has sent it to the manager's decision; the number of the completed report."""
    office.publish(drawn.asked_then_ended())
    office.case(placement="away_foster")
    task = office.open_tasks()["report"]
    office.complete("report", GOOD)
    return task


def correct(office: TestOffice, task: int, by: object = MANAGER, **changed: object) -> None:
    office.casework.correct_step("C1", task, changed, "It was misread.", by=by, command_id=office.key())  # type: ignore[arg-type]  # a person


def test_a_correction_says_what_was_wrong_and_leaves_history_as_it_is(office: TestOffice, reported: int) -> None:
    """The step keeps what was answered; a new entry says what is right, what was wrong and why."""
    before = list(office.store.history(AREA, "C1"))

    correct(office, reported, reasons="As the school saw.")

    *kept, last = list(office.store.history(AREA, "C1"))
    assert [entry.events for entry in before] == [entry.events for entry in kept]
    assert ("correct_step", "iro_service_manager") == (last.command.kind, last.command.role)
    step = office.casework.completed_step(HEAD, "C1", reported)
    assert {"view": "good", "reasons": "As the school saw."} == step.answers
    assert [{"reasons": "As seen."}] == [one["was"] for one in step.corrections]
    assert {} == office.now().escalations, "nothing had been decided on the reasons"
    assert office.casework.verify(AREA, "C1").certified


def test_what_is_decided_from_now_on_reads_the_right_answer(office: TestOffice) -> None:
    """A running pathway holds the corrected value wherever it still held the wrong one."""
    office.publish(drawn.asked_then_ended())
    office.case(placement="away_foster")
    task = office.open_tasks()["report"]
    office.complete("report", GOOD)

    correct(office, task, view="bad")

    now = office.casework.scope_of(office.now(), office.open_tasks()["decide"])
    assert {"view": "bad", "reasons": "As seen."} == now["report"]


def test_a_wrong_answer_that_steered_is_put_before_the_manager(office: TestOffice, reported: int) -> None:
    """What was decided on the wrong answer is not undone: the manager is told which steps they were."""
    correct(office, reported, view="bad")

    (raised,) = office.now().escalations.values()
    assert ("correction", "iro_service_manager", "report", reported) == (
        raised.source,
        raised.to,
        raised.element,
        raised.task,
    )
    (corrected,) = [entry for entry in office.casework.case(HEAD, "C1").timeline if entry.kind == "correct_step"]
    assert ["which"] == corrected.events[0].body["steered"]
    assert {"decide"} == set(office.open_tasks())


def test_no_plan_ends_while_nobody_has_said_how_to_go_on(office: TestOffice, reported: int) -> None:
    """The guard would let the plan end; the open correction holds it. Answered, the ending is free again."""
    correct(office, reported, view="bad")
    office.complete("decide", {"on": "2026-03-02"}, by=MANAGER)

    done = office.complete("draft", {"text": "It ends.", "recipients": ["School"]}, by=CHAIR)

    assert "ACTIVE" == office.now().facts["plan_status"]
    (held,) = [event for event in done.events if event.kind == "EndingHeld"]
    assert ["an answer was corrected, and nobody has said yet how to go on"] == held.body["blockers"]


def test_an_answer_that_only_people_weighed_is_put_before_the_manager(office: TestOffice, reported: int) -> None:
    """No table and no arrow read the reasons, but whoever decided had them before them: somebody says how to go on."""
    office.complete("decide", {"on": "2026-03-02"}, by=MANAGER)

    correct(office, reported, reasons="As the school saw.")

    (raised,) = office.now().escalations.values()
    assert ("correction", "iro_service_manager") == (raised.source, raised.to)
    assert ("decide",) == office.casework.matter(MANAGER, "C1", raised.number).decided
    office.complete("draft", {"text": "It ends.", "recipients": ["School"]}, by=CHAIR)
    assert "ACTIVE" == office.now().facts["plan_status"]


def test_a_letter_that_was_written_since_is_no_decision(office: TestOffice, reported: int) -> None:
    """What was done with a letter weighed nothing; the decision before it did."""
    office.complete("decide", {"on": "2026-03-02"}, by=MANAGER)
    office.complete("draft", {"text": "It ends.", "recipients": ["School"]}, by=CHAIR)

    correct(office, reported, reasons="As the school saw.")
    told = office.casework.case(HEAD, "C1").timeline[-1].events[0].body["steered"]

    assert "decide" in told
    assert "draft" not in told


def standing_open(office: TestOffice) -> list[tuple[str, str, tuple[str, ...]]]:
    """What the panel of the case says beside the guard's own conditions."""
    found = office.casework.case(HEAD, "C1").endings
    return [(one.state, one.words, one.clears) for ending in found for one in ending.bars if one.label == "product"]


def test_an_open_correction_is_a_condition_that_its_manager_can_clear(office: TestOffice, reported: int) -> None:
    """What holds every ending back is told where it is asked whether the plan can be ended, until it is answered."""
    words = "An answer was corrected, and nobody has said yet how to go on"
    assert words not in [said for _, said, _ in standing_open(office)]
    correct(office, reported, view="bad")

    assert ("unmet", words, ("iro_service_manager",)) in standing_open(office)
    assert not any(ending.may_end for ending in office.casework.case(HEAD, "C1").endings)
    (number,) = office.now().escalations
    office.casework.answer_escalation("C1", number, "Go on.", by=MANAGER, command_id=office.key())

    assert words not in [said for _, said, _ in standing_open(office)]


def test_facts_that_contradict_one_another_are_a_condition_too(office: TestOffice, reported: int) -> None:
    """They end no plan, so that the panel says which and how to mend them, without a value of any."""
    before = Practitioner(MACHINE, AREA, "Before the check", frozenset({"social_worker"}))
    wrong = {"unborn": True, "turned_18": True}
    office.casework.record_facts("C1", wrong, "As it was.", by=before, command_id=office.key())

    (said,) = [words for _, words, _ in standing_open(office) if words.startswith("Facts contradict one another.")]

    assert "unborn" in said.lower()


def test_an_answered_correction_lets_the_plan_end(office: TestOffice, reported: int) -> None:
    """Once the manager has said how to go on, the policy's own guard decides alone."""
    correct(office, reported, view="bad")
    (number,) = office.now().escalations
    office.casework.answer_escalation("C1", number, "Go on.", by=MANAGER, command_id=office.key())
    office.complete("decide", {"on": "2026-03-02"}, by=MANAGER)

    office.complete("draft", {"text": "It ends.", "recipients": ["School"]}, by=CHAIR)

    assert "ENDED" == office.now().facts["plan_status"]


def test_who_may_correct_is_the_manager_or_whom_settings_name(office: TestOffice, reported: int) -> None:
    """A social worker corrects nothing unless settings say so, and a manager's decision never."""
    with pytest.raises(Forbidden):
        correct(office, reported, by=WORKER, reasons="Otherwise.")
    settings = office.casework.authority(AREA)
    named = Corrections(roles={"social_worker": ("social_worker",)})
    office.shelf.put_in_force(replace(settings, corrections=named), at=office.clock.now(), by="tests", why="test")

    correct(office, reported, by=WORKER, reasons="Otherwise.")
    decide = office.open_tasks()["decide"]
    office.complete("decide", {"on": "2026-03-02"}, by=MANAGER)

    with pytest.raises(Forbidden):
        correct(office, decide, by=WORKER, on="2026-03-01")


def test_what_cannot_be_corrected_is_said(office: TestOffice, reported: int) -> None:
    """An open task is answered, an unknown one is not there, the same answer corrects nothing, a letter stays."""
    with pytest.raises(CannotCorrect, match="still open"):
        correct(office, office.open_tasks()["decide"], on="2026-03-01")
    with pytest.raises(NotFound, match="never completed"):
        correct(office, 999, on="2026-03-01")
    with pytest.raises(CannotCorrect, match="as it was recorded"):
        correct(office, reported, view="good")
    office.complete("decide", {"on": "2026-03-02"}, by=MANAGER)
    draft = office.open_tasks()["draft"]
    office.complete("draft", {"text": "It ends.", "recipients": ["School"]}, by=CHAIR)
    with pytest.raises(CannotCorrect, match="another letter"):
        correct(office, draft, by=HEAD, text="It goes on.")
    with pytest.raises(Refused, match="Say why"):
        office.casework.correct_step("C1", reported, {"view": "bad"}, " ", by=MANAGER, command_id=office.key())


def test_a_withdrawn_pathway_leaves_nothing_open(office: TestOffice, reported: int) -> None:
    """A manager takes a pathway back with a reason: its tasks, timers and incidents go with it."""
    with pytest.raises(Forbidden):
        office.casework.withdraw_pathway("C1", 1, "Wrong child.", by=WORKER, command_id=office.key())

    office.casework.withdraw_pathway("C1", 1, "Wrong child.", by=MANAGER, command_id=office.key())

    assert ("withdrawn", {}) == (office.now().running[1].state, office.open_tasks())
    assert office.casework.verify(AREA, "C1").certified
    with pytest.raises(Refused, match="withdrawn already"):
        office.casework.withdraw_pathway("C1", 1, "Again.", by=MANAGER, command_id=office.key())


def test_a_pathway_held_by_an_incident_can_be_withdrawn(office: TestOffice) -> None:
    """What an incident holds is let go with its pathway."""
    office.publish(drawn.decided())
    office.case()
    office.complete("report", {"view": "odd"})

    office.casework.withdraw_pathway("C1", 1, "Started anew.", by=MANAGER, command_id=office.key())

    assert ["resolved"] == [held.state for held in office.now().held.values()]


@pytest.fixture
def ended(office: TestOffice, reported: int) -> str:
    """A plan that has ended, and whose letter was sent."""
    office.complete("decide", {"on": "2026-03-02"}, by=MANAGER)
    office.complete("draft", {"text": "It ends.", "recipients": ["School"]}, by=CHAIR)
    office.complete("send_letter", {"sent_on": "2026-03-02", "channel": "post"}, by=CHAIR)
    assert "ENDED" == office.now().facts["plan_status"]
    return "C1"


def test_a_plan_ended_in_error_is_reinstated_by_whom_settings_name(office: TestOffice, ended: str) -> None:
    """The Head makes the plan active again, with a reason and without a gap; notices that were sent are named."""
    with pytest.raises(Forbidden):
        office.casework.reinstate_plan(ended, "Error.", effective_on=None, by=MANAGER, command_id=office.key())

    done = office.casework.reinstate_plan(ended, "Error.", effective_on=None, by=HEAD, command_id=office.key())

    facts = office.now().facts
    assert ("ACTIVE", None, None) == (facts["plan_status"], facts["plan_end_date"], facts["plan_end_outcome"])
    assert [{"why": "Error.", "effective_on": "2026-03-02"}] == [
        dict(event.body) for event in done.events if event.kind == "PlanReinstated"
    ]
    (recalled,) = [event.body for event in done.events if event.kind == "NoticeRecalled"]
    assert [{"list": "recipients", "to": "School"}] == recalled["recipients"]
    assert ["reinstatement"] == [raised.source for raised in office.now().escalations.values()]
    assert office.casework.verify(AREA, ended).certified


def test_a_reinstatement_takes_back_what_follows_up_the_ending(office: TestOffice, reported: int) -> None:
    """The pathway that ended the plan goes with its open tasks and unsent letters: nobody sends that the plan ended."""
    office.complete("decide", {"on": "2026-03-02"}, by=MANAGER)
    office.complete("draft", {"text": "It ends.", "recipients": ["School"]}, by=CHAIR)
    assert {"send_letter"} == set(office.open_tasks())

    office.casework.reinstate_plan("C1", "Error.", effective_on=None, by=HEAD, command_id=office.key())

    assert {} == office.open_tasks()
    assert ["withdrawn"] == [letter.state for letter in office.now().letters.values()]
    assert ["withdrawn"] == [running.state for running in office.now().running.values()]
    assert office.casework.verify(AREA, "C1").certified


def test_a_reinstatement_is_told_to_other_systems(office: TestOffice, ended: str) -> None:
    """Whoever was told of the ending by a webhook is told that the plan is active again, and not why in words."""
    office.casework.reinstate_plan(ended, "Error.", effective_on=None, by=HEAD, command_id=office.key())

    (row,) = [one for one in office.store.upkeep.notices(AREA, "ready") if one.topic == "PlanReinstated"]
    assert ended == row.case_id


def test_a_recall_is_told_of_each_list_apart(office: TestOffice, ended: str) -> None:
    """Each list of recipients stands once, with everybody whom any recalled letter told; lists are never merged."""
    office.publish(drawn.visiting("after"))
    settings = replace(office.casework.authority(AREA), corrections=Corrections(pathway="after"))
    office.shelf.put_in_force(settings, at=office.clock.now(), by="tests", why="test")

    office.casework.reinstate_plan(ended, "Error.", effective_on=None, by=HEAD, command_id=office.key())

    told = office.casework.scope_of(office.now(), office.open_tasks()["visit"])["reinstated"]
    assert [("recipients", ["School"])] == [(one["list"], one["recipients"]) for one in told["notices"]]
    assert 1 == len(told["notices"][0]["letters"])


def test_a_reinstatement_starts_the_authoritys_pathway(office: TestOffice, ended: str) -> None:
    """Where settings name one, what is to be reviewed and recalled is work of a pathway told of every notice."""
    office.publish(drawn.visiting("after"))
    settings = replace(office.casework.authority(AREA), corrections=Corrections(pathway="after"))
    office.shelf.put_in_force(settings, at=office.clock.now(), by="tests", why="test")

    office.casework.reinstate_plan(ended, "Error.", effective_on=None, by=HEAD, command_id=office.key())

    assert {"visit"} == set(office.open_tasks())
    told = office.casework.scope_of(office.now(), office.open_tasks()["visit"])["reinstated"]
    assert ("2026-03-02", "PLAN_ENDED_TEST") == (told["ended_on"], told["outcome"])
    assert [["School"]] == [notice["recipients"] for notice in told["notices"]]


def test_a_reinstated_plan_has_its_birthday_again(office: TestOffice) -> None:
    """The eighteenth birthday is a timer of every active plan, so of a reinstated one too."""
    office.publish(drawn.ending(), drawn.interrupted("life"))
    office.case(placement="away_foster", dob="2008-03-20")
    office.complete("decide", {"on": "2026-03-02"}, by=MANAGER)
    office.clock.advance_by(timedelta(days=3))
    office.casework.reinstate_plan("C1", "Error.", effective_on=None, by=HEAD, command_id=office.key())

    office.clock.advance_by(timedelta(days=20))
    office.casework.fire_timers(AREA, "C1")

    assert office.now().facts["turned_18"]
    assert {"inside"} == set(office.open_tasks())


@pytest.mark.parametrize(
    ("effective", "message"),
    [(date(2026, 3, 1), "from the day it ended"), (date(2026, 3, 3), "not from a day to come")],
)
def test_a_plan_is_active_again_from_a_day_that_can_be(
    office: TestOffice, ended: str, effective: date, message: str
) -> None:
    """Not before it ended, and not from a day to come."""
    with pytest.raises(Refused, match=message):
        office.casework.reinstate_plan(ended, "Error.", effective_on=effective, by=HEAD, command_id=office.key())


def test_a_plan_that_has_not_ended_or_cannot_go_on_is_not_reinstated(office: TestOffice, ended: str) -> None:
    """An active plan needs none, and a child who has died has none: the record is corrected first."""
    office.casework.record_facts(ended, {"deceased": True}, "told", by=WORKER, command_id=office.key())
    with pytest.raises(Refused, match="Correct the record first"):
        office.casework.reinstate_plan(ended, "Error.", effective_on=None, by=HEAD, command_id=office.key())
    office.casework.record_facts(ended, {"deceased": False}, "wrong", by=WORKER, command_id=office.key())
    office.casework.reinstate_plan(ended, "Error.", effective_on=None, by=HEAD, command_id=office.key())
    with pytest.raises(Refused, match="has not ended"):
        office.casework.reinstate_plan(ended, "Error.", effective_on=None, by=HEAD, command_id=office.key())


def test_a_correction_after_the_end_goes_to_the_head(office: TestOffice, ended: str, reported: int) -> None:
    """Where a plan was ended on the wrong answer, the Head is told, who may reinstate it."""
    correct(office, reported, view="bad")

    (raised,) = office.now().escalations.values()
    assert "head_of_quality_assurance" == raised.to
    assert "ENDED" == office.now().facts["plan_status"]


def test_an_answer_that_no_rule_reads_goes_to_the_head_too_where_the_plan_has_ended(
    office: TestOffice, ended: str, reported: int
) -> None:
    """Whoever decided had it before them: that no table and no arrow read it does not make it of no account."""
    correct(office, reported, reasons="As the school saw.")

    (raised,) = office.now().escalations.values()
    assert ("correction", "head_of_quality_assurance") == (raised.source, raised.to)
    matter = office.casework.matter(HEAD, "C1", raised.number)
    assert matter.decided


def test_nobody_else_sees_a_step_to_correct(office: TestOffice, reported: int) -> None:
    """Another authority's practitioner finds no such case."""
    with pytest.raises(Exception, match="does not exist"):
        office.casework.completed_step(somebody("iro_service_manager", authority="elsewhere"), "C1", reported)
    with pytest.raises(TaskNotOpen):
        office.casework.complete_task("C1", reported, {}, by=WORKER, command_id=office.key())

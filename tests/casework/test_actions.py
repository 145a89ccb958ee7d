"""What people may do with a case, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.case.facts import FactsRefused
from engine.casework import HeldByIncident, MessageUnmatched, TaskNotOpen
from engine.errors import Forbidden, Refused
from engine.history import JSON
from engine.pathways import Release
from engine.store import CaseExists, CaseUnknown, DuplicateCommand
from tests.casework import drawn
from tests.support.office import (
    AREA,
    CHAIR,
    HEAD,
    MANAGER,
    MONDAY,
    OPERATOR,
    WORKER,
    TestOffice,
    small_authority,
    somebody,
)


def test_second_press_of_complete_is_refused(each_office: TestOffice) -> None:
    """A task is completed once, and the refusal adds nothing to the history."""
    each_office.publish(drawn.two_steps())
    case = each_office.case()
    task = each_office.open_tasks()["report"]
    each_office.complete("report")
    before = each_office.history()

    with pytest.raises(TaskNotOpen):
        each_office.casework.complete_task(case, task, {}, by=WORKER, command_id=each_office.key())

    assert before == each_office.history()


def test_the_same_command_twice_is_refused(each_office: TestOffice) -> None:
    """A form posted twice carries one key: the second is refused as a repetition, not repeated."""
    each_office.publish(drawn.two_steps())
    case = each_office.case()
    each_office.casework.add_note(case, "once", by=WORKER, command_id="same")

    with pytest.raises(DuplicateCommand):
        each_office.casework.add_note(case, "twice", by=WORKER, command_id="same")

    assert 1 == each_office.history().count("add_note")


def test_a_case_reference_is_given_once(office: TestOffice) -> None:
    """A reference names one child's one plan."""
    office.case(None)

    with pytest.raises(CaseExists):
        office.case(None)


def test_another_authoritys_case_does_not_exist(office: TestOffice) -> None:
    """An authority never sees another's cases, not even that they are there."""
    office.case(None)
    stranger = somebody("social_worker", authority="elsewhere")

    with pytest.raises(CaseUnknown):
        office.casework.add_note("C1", "hello", by=stranger, command_id=office.key())


def test_a_task_is_for_its_lanes_role(office: TestOffice) -> None:
    """Only a holder of the role in whose lane the task stands may complete or claim it."""
    office.publish(drawn.two_steps())
    office.case()

    with pytest.raises(Forbidden):
        office.complete("report", by=CHAIR)
    with pytest.raises(Forbidden):
        office.casework.claim_task("C1", office.open_tasks()["report"], by=CHAIR, command_id=office.key())


def test_a_step_may_forbid_the_same_person_twice(office: TestOffice) -> None:
    """Drafter and sender are two people (roles.md, separation), even where one holds both roles."""
    office.publish(drawn.two_steps())
    office.case()
    both = somebody("social_worker", "both")
    office.complete("report", by=both)
    also_chair = somebody("conference_chair", "both")

    with pytest.raises(Forbidden, match="somebody other than whoever did report"):
        office.complete("check", by=also_chair)

    office.complete("check", by=CHAIR)
    assert "ended" == office.now().running[1].state


def test_a_claimed_task_is_its_holders_until_released(office: TestOffice) -> None:
    """A claimed task cannot be completed or claimed by another; released, it can."""
    office.publish(drawn.two_steps())
    case = office.case()
    task = office.open_tasks()["report"]
    first, second = somebody("social_worker", "first"), somebody("social_worker", "second")
    office.casework.claim_task(case, task, by=first, command_id=office.key())

    with pytest.raises(Forbidden):
        office.complete("report", by=second)
    with pytest.raises(Refused, match="claimed by somebody else"):
        office.casework.claim_task(case, task, by=second, command_id=office.key())

    office.casework.release_task(case, task, by=first, command_id=office.key())
    office.complete("report", by=second)


def test_a_task_opens_on_the_desk_of_its_roles_holder(office: TestOffice) -> None:
    """A task goes to the case's allocated holder of its role, else to the role's queue."""
    office.publish(drawn.two_steps())
    case = office.case()
    office.casework.allocate_role(case, "conference_chair", "chair_2", by=HEAD, command_id=office.key())
    office.complete("report")

    desk = office.now().desks[office.open_tasks()["check"]]

    assert "chair_2" == desk.assignee


def test_the_plans_status_is_no_fact_to_record(office: TestOffice) -> None:
    """Only the step that ends a plan writes its status."""
    office.case(None)

    with pytest.raises(FactsRefused):
        office.casework.record_facts("C1", {"plan_status": "ENDED"}, "?", by=WORKER, command_id=office.key())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dob", "0206-05-01"),
        ("dob", "2026-02-31"),
        ("dob", "2030-01-01"),
        ("legal_status", "s21"),
        ("unborn", "yes"),
        ("age", 3),
        ("reviews_held", -1),
        ("icpc_invitees", "School"),
    ],
)
def test_absurd_facts_are_refused(office: TestOffice, name: str, value: object) -> None:
    """A fact that cannot be is refused when the case is opened, and no case is left behind."""
    with pytest.raises(FactsRefused):
        office.case(None, **{name: value})
    with pytest.raises(CaseUnknown):
        office.now()


def test_the_plan_ends_only_while_its_guard_says_so(office: TestOffice) -> None:
    """The guard is asked in the same command: what it says now decides, not what was decided before."""
    office.publish(drawn.ending())
    office.case(placement="away_foster")
    office.case(case_id="C2", placement=None)

    office.complete("decide", {"on": "2026-03-02"}, by=MANAGER)
    done = office.complete("decide", {"on": "2026-03-02"}, by=MANAGER, case_id="C2")

    assert ("ENDED", "2026-03-02") == (office.now().facts["plan_status"], office.now().facts["plan_end_date"])
    assert ["PLAN_ENDED_TEST"] == office.now().running[1].outcomes
    assert "ACTIVE" == office.now("C2").facts["plan_status"]
    assert ["PLAN_CONTINUES_TEST"] == office.now("C2").running[1].outcomes
    assert ["not away"] == next(event.body["blockers"] for event in done.events if event.kind == "EndingHeld")


def test_an_answer_no_rule_covers_is_an_incident_that_keeps_the_answers(office: TestOffice) -> None:
    """No rule is an incident: nothing is decided, the answers are kept, and the task is held for an operator."""
    office.publish(drawn.decided())
    case = office.case()
    task = office.open_tasks()["report"]

    office.complete("report", {"view": "odd"})

    (held,) = office.now().held.values()
    assert ("choose", task, "open") == (held.element, held.task, held.state)
    assert {"view": "odd"} == held.instruction[1]["answers"]
    assert {"report": task} == office.open_tasks()
    with pytest.raises(HeldByIncident):
        office.casework.complete_task(case, task, {"view": "good"}, by=WORKER, command_id=office.key())


def test_retrying_an_incident_whose_cause_stays_holds_it_again(office: TestOffice) -> None:
    """A retry carries out what was held; where the cause is not mended it is held again, under a new number."""
    office.publish(drawn.decided())
    case = office.case()
    office.complete("report", {"view": "odd"})
    (number,) = office.now().held

    office.casework.retry_incident(case, number, by=OPERATOR, command_id=office.key())

    states = [held.state for held in office.now().held.values()]
    assert ["resolved", "open"] == states
    with pytest.raises(Refused, match="resolved already"):
        office.casework.retry_incident(case, number, by=OPERATOR, command_id=office.key())


def test_a_life_event_interrupts_everything_that_runs_once(office: TestOffice) -> None:
    """A life event is delivered once to every running pathway in one command, and recorded on the case."""
    office.publish(drawn.interrupted("p"), drawn.interrupted("q"))
    case = office.case()
    office.casework.start_pathway(case, "q", by=WORKER, command_id=office.key())
    office.publish(drawn.interrupted("life"))

    done = office.casework.record_life_event(
        case, "PlacementChanged", {"placement": "home"}, received_on="2026-03-02", by=WORKER, command_id=office.key()
    )

    (recorded,) = [event for event in done.events if event.kind == "LifeEventRecorded"]
    assert 2 == len(recorded.body["delivered_to"])
    assert "home" == office.now().facts["placement"]
    assert ["look", "look"] == sorted(desk.element for desk in office.now().desks.values())


def test_what_is_told_of_a_life_event_says_what_the_facts_were_before(office: TestOffice) -> None:
    """A pathway can read what a fact was, such as whether a child whose status is none now was in care (SUS-2.10)."""
    office.publish(drawn.interrupted())
    case = office.case(legal_status="s20", placement="home")
    office.publish(drawn.interrupted("life"))

    office.casework.record_life_event(
        case, "LegalStatusChanged", {"legal_status": "none"}, received_on=None, by=WORKER, command_id=office.key()
    )

    (running,) = office.now().running.values()
    told = (running.tokens or [])[4]["happened"]  # its variables, as engine.execution.snapshot keeps them
    assert {"legal_status": "s20"} == told["before"]
    assert "none" == told["legal_status"]


def test_a_life_event_with_nothing_running_starts_its_pathway(office: TestOffice) -> None:
    """A life event is never a dead letter: where nothing runs it starts the policy's own pathway."""
    office.publish(drawn.interrupted("life"))
    office.case(None)

    office.casework.record_life_event("C1", "LeftUK", {}, received_on=None, by=WORKER, command_id=office.key())

    assert ["life"] == [running.pathway for running in office.now().running.values()]
    assert office.now().facts["left_uk"]


def after_an_ending(office: TestOffice, **settings: str) -> None:
    """A case that came here with its plan ended, at an authority with these settings."""
    office.shelf.put_in_force(small_authority(**settings), at=MONDAY, by="tests", why="for a test")
    office.publish(drawn.interrupted("life"), drawn.interrupted("after"))
    office.case(None, plan_status="ENDED", plan_end_date="2026-02-02")


def happens(office: TestOffice, name: str, **payload: JSON) -> None:
    office.casework.record_life_event("C1", name, payload, received_on=None, by=WORKER, command_id=office.key())


def test_after_the_end_a_life_event_starts_what_the_policy_has_for_it(office: TestOffice) -> None:
    """Where a policy says what follows once a plan has ended, that begins by itself, and once."""
    after_an_ending(office, life_event_pathway_after_end="after")

    happens(office, "LeftUK")
    happens(office, "ReturnedToUK")

    assert ["after"] == [running.pathway for running in office.now().running.values()]
    assert [] == [raised for raised in office.now().escalations.values() if raised.source == "life_event"]


def test_after_the_end_a_life_event_is_put_before_the_head_where_the_policy_is_silent(office: TestOffice) -> None:
    """Nothing of the active plan begins again. A death that becomes known now may have come before the end (X6)."""
    after_an_ending(office)

    happens(office, "LeftUK")
    happens(office, "ChildDied")

    assert {} == office.now().running
    told = [raised for raised in office.now().escalations.values() if raised.source == "life_event"]
    assert {"head_of_quality_assurance"} == {raised.to for raised in told}
    assert ["LeftUK", "ChildDied"] == [raised.code for raised in told]


def test_what_follows_an_ending_begins_once_and_a_person_hears_of_what_it_does_not(office: TestOffice) -> None:
    """Where it is under way and listens to nothing, the Head is told instead of a second beginning beside it."""
    after_an_ending(office, life_event_pathway_after_end="p")
    office.publish(drawn.two_steps())

    happens(office, "LeftUK")
    happens(office, "ReturnedToUK")

    assert ["p"] == [running.pathway for running in office.now().running.values()]
    told = [raised.code for raised in office.now().escalations.values() if raised.source == "life_event"]
    assert ["ReturnedToUK"] == told


@pytest.mark.parametrize(("follows", "told"), [(drawn.stopped("p"), ["ChildDied"]), (drawn.interrupted("p"), [])])
def test_a_death_that_only_stops_what_follows_an_ending_is_put_before_the_head(
    office: TestOffice, follows: Release, told: list[str]
) -> None:
    """What the diagram hears and puts before nobody is not heard (X6); where it opens a task somebody knows."""
    after_an_ending(office)
    office.publish(follows)
    office.casework.start_pathway("C1", "p", by=WORKER, command_id=office.key())

    happens(office, "ChildDied")

    assert told == [raised.code for raised in office.now().escalations.values() if raised.source == "life_event"]


@pytest.mark.parametrize(("drawn_so", "told"), [(drawn.stopped("p"), ["LeftUK"]), (drawn.interrupted("p"), [])])
@pytest.mark.parametrize("status", [{}, {"plan_status": "ENDED", "plan_end_date": "2026-02-02"}])
def test_a_life_event_that_only_stops_what_is_under_way_is_put_before_the_head(
    office: TestOffice, drawn_so: Release, told: list[str], status: dict[str, JSON]
) -> None:
    """Work that a change of the child's life takes away is not gone unseen, whether the plan is active or not (A17)."""
    office.publish(drawn.interrupted("life"), drawn_so)
    office.case(None, **status)
    office.casework.start_pathway("C1", "p", by=WORKER, command_id=office.key())

    happens(office, "LeftUK")

    assert told == [raised.code for raised in office.now().escalations.values() if raised.source == "life_event"]


def test_what_stops_at_an_outcome_of_its_own_was_drawn_to_and_nobody_is_told(office: TestOffice) -> None:
    """A pathway that a life event brings to an outcome has said what comes of it: that is no work gone unseen."""
    office.publish(drawn.interrupted("life"), drawn.stopped("p", outcome="PLAN_CONTINUES_TEST"))
    office.case(None)
    office.casework.start_pathway("C1", "p", by=WORKER, command_id=office.key())

    happens(office, "LeftUK")

    (run,) = office.now().running.values()
    assert (run.state == "running", run.outcomes) == (False, ["PLAN_CONTINUES_TEST"])
    assert [] == [raised for raised in office.now().escalations.values() if raised.source == "life_event"]


def test_after_the_end_what_only_stops_at_a_life_event_makes_way_for_what_the_policy_has_for_it(
    office: TestOffice,
) -> None:
    """Old work that stops at the event is not what follows an ending: that begins, and nobody needs to be told."""
    after_an_ending(office, life_event_pathway_after_end="after")
    office.publish(drawn.stopped("p"))
    office.casework.start_pathway("C1", "p", by=WORKER, command_id=office.key())

    happens(office, "LeftUK")

    states = {running.pathway: running.state for running in office.now().running.values()}
    assert states["after"] == "running"
    assert states["p"] != "running"
    assert [] == [raised for raised in office.now().escalations.values() if raised.source == "life_event"]


def test_the_eighteenth_birthday_fires_by_itself(office: TestOffice) -> None:
    """The birthday is a timer of every case whose child is born; born on 29 February, it is 1 March."""
    office.publish(drawn.interrupted("p"), drawn.interrupted("life"))
    office.case(dob="2008-03-03")
    office.clock.advance_by(timedelta(hours=14))

    assert 0 == office.casework.fire_timers(AREA, "C1")

    office.clock.advance_by(timedelta(hours=1))
    assert 1 == office.casework.fire_timers(AREA, "C1")
    assert office.now().facts["turned_18"]
    assert {"look"} == set(office.open_tasks())


def test_overdue_timers_fire_before_any_other_command(office: TestOffice) -> None:
    """What was due before a command came is carried out first, as a command of its own."""
    office.publish(drawn.waiting())
    case = office.case()
    office.clock.advance_by(timedelta(days=4))

    office.casework.add_note(case, "late", by=WORKER, command_id=office.key())

    kinds = office.history()
    assert "add_note" == kinds[-1]
    assert {"fire_timer"} == set(kinds[2:-1])
    assert ["head_of_quality_assurance"] == [e.to for e in office.now().escalations.values() if e.source == "diagram"]


def test_the_overdue_ladder_climbs_in_working_days(office: TestOffice) -> None:
    """Reminder a working day before, manager one after, Head three after the due date (SH-5)."""
    office.publish(drawn.two_steps())
    office.case()
    rungs = []
    for _ in range(12):
        office.clock.advance_by(timedelta(days=1))
        office.casework.fire_timers(AREA, "C1")
        rung = next(iter(office.now().desks.values())).rung
        rungs.append((office.clock.now().date().isoformat(), rung))

    changes = [rungs[i] for i in range(len(rungs)) if i == 0 or rungs[i][1] != rungs[i - 1][1]]

    assert [("2026-03-03", "remind"), ("2026-03-06", "manager"), ("2026-03-10", "head")] == changes
    told = [(e.to, e.code) for e in office.now().escalations.values()]
    assert [("iro_service_manager", "manager"), ("head_of_quality_assurance", "head")] == told


def test_a_message_that_nothing_waits_for_is_refused(office: TestOffice) -> None:
    """An ordinary message meets one waiting step, or a person must look at it."""
    office.publish(drawn.waiting())
    case = office.case()

    with pytest.raises(MessageUnmatched):
        office.casework.receive_message(case, "Unknown", {}, received_on=None, by=WORKER, command_id=office.key())


def answered(office: TestOffice, name: str = "Answer") -> None:
    office.casework.receive_message("C1", name, {"said": "yes"}, received_on=None, by=WORKER, command_id=office.key())


def test_a_message_begins_the_pathway_that_settings_name_for_it(office: TestOffice) -> None:
    """What tells of something new needs nobody to have begun beforehand; each such message is followed on its own."""
    settings = small_authority(message_pathways={"Answer": "p"})
    office.shelf.put_in_force(settings, at=MONDAY, by="tests", why="for a test")
    office.publish(drawn.waiting())
    office.case(None)

    answered(office)
    answered(office)

    assert ["noted", "noted"] == [desk.element for desk in office.now().desks.values()]
    assert ["receive_message", "receive_message"] == office.history()[-2:]


def test_a_message_goes_to_the_step_that_waits_before_it_begins_anything(office: TestOffice) -> None:
    """Where somebody has begun already, the message is heard there, and nothing begins beside it."""
    settings = small_authority(message_pathways={"Answer": "p"})
    office.shelf.put_in_force(settings, at=MONDAY, by="tests", why="for a test")
    office.publish(drawn.waiting())
    office.case()

    answered(office)

    assert ["p"] == [running.pathway for running in office.now().running.values()]
    assert {"noted"} == set(office.open_tasks())


def test_a_message_whose_pathway_does_not_wait_for_it_changes_nothing(office: TestOffice) -> None:
    """Settings that name the wrong pathway lose no message: it is refused, and waits for a person."""
    settings = small_authority(message_pathways={"Other": "p"})
    office.shelf.put_in_force(settings, at=MONDAY, by="tests", why="for a test")
    office.publish(drawn.waiting())
    office.case(None)

    with pytest.raises(Refused, match="does not begin by waiting"):
        answered(office, "Other")

    assert {} == office.now().running


@pytest.mark.parametrize(
    ("payload", "then"),
    [
        ({"correlation_key": "SCH 1"}, "school_answered"),
        ({"correlation_key": "NHS 7"}, "health_answered"),
        ({"asked": "SCH 1"}, "school_answered"),
    ],
)
def test_a_message_goes_to_the_step_whose_correlation_key_it_answers(
    office: TestOffice, payload: dict[str, str], then: str
) -> None:
    """The key as the message says it, or the variable that is the key under its own name."""
    office.publish(drawn.asking_two_agencies())
    case = office.case(None)
    office.casework.start_pathway(case, "p", by=WORKER, command_id=office.key(), variables={"asked": "SCH 1"})

    office.casework.receive_message(case, "Reply", payload, received_on=None, by=WORKER, command_id=office.key())

    assert {then} == set(office.open_tasks())


@pytest.mark.parametrize(
    "payload", [{}, {"correlation_key": "SCH 2"}, {"correlation_key": "C1"}, {"asked": "SCH 2"}, {"asked": True}]
)
def test_a_message_with_another_correlation_key_is_nobodys(office: TestOffice, payload: dict[str, object]) -> None:
    """An answer about somebody else moves nothing; a person looks at it."""
    office.publish(drawn.asking_two_agencies())
    case = office.case(None)
    office.casework.start_pathway(case, "p", by=WORKER, command_id=office.key(), variables={"asked": "SCH 1"})

    with pytest.raises(MessageUnmatched):
        office.casework.receive_message(case, "Reply", payload, received_on=None, by=WORKER, command_id=office.key())


def test_the_day_a_message_was_received_is_kept(office: TestOffice) -> None:
    """What counts is the day it was received, not the day it was keyed."""
    office.publish(drawn.waiting())
    case = office.case()

    done = office.casework.receive_message(
        case, "Answer", {"text": "no"}, received_on="2026-02-27", by=WORKER, command_id=office.key()
    )

    (received,) = [event for event in done.events if event.kind == "MessageReceived"]
    assert "2026-02-27" == received.body["payload"]["received_on"]
    assert {"noted"} == set(office.open_tasks())


def test_an_escalation_is_answered_by_the_role_it_was_put_before(office: TestOffice) -> None:
    """Only the role asked may acknowledge and answer, and an answer is given once."""
    office.publish(drawn.waiting())
    case = office.case()
    office.clock.advance_by(timedelta(days=4))
    office.casework.fire_timers(AREA, case)
    number = next(e.number for e in office.now().escalations.values() if e.source == "diagram")

    with pytest.raises(Forbidden):
        office.casework.answer_escalation(case, number, "no", by=WORKER, command_id=office.key())
    office.casework.answer_escalation(case, number, None, by=HEAD, command_id=office.key())
    office.casework.answer_escalation(case, number, "Seen and settled.", by=HEAD, command_id=office.key())

    assert ("answered", "Seen and settled.") == (
        office.now().escalations[number].state,
        office.now().escalations[number].answer,
    )
    with pytest.raises(Refused, match="answered already"):
        office.casework.answer_escalation(case, number, "again", by=HEAD, command_id=office.key())


def test_a_command_before_the_last_ones_time_takes_the_later_time(office: TestOffice) -> None:
    """A clock that was set back never makes history run backwards."""
    office.case(None)
    last = office.now().at
    office.clock._at = office.clock.now() - timedelta(days=3)  # a machine whose clock was wrong

    office.casework.add_note("C1", "now", by=WORKER, command_id=office.key())

    assert last == office.now().at

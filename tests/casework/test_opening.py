"""A case begins: by hand, by message, by birth; a child who is known already is told of first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.case.confidential import PERSON, Party
from engine.case.facts import FactsRefused
from engine.case.timers import next_timer
from engine.casework.opening import Newborn, NewCase, PossibleDuplicates
from engine.errors import Refused
from engine.store import CaseExists
from tests.casework import drawn
from tests.support.office import AREA, HEAD, MANAGER, WORKER, TestOffice

SAM = {"name": "Sam Sample-Jones", "dob": "2016-05-04", "child_ref": "MOS-77"}


def enter(office: TestOffice, case_id: str = "CASE-2", why: str = "", **facts: Any) -> None:
    """Enter a case with these facts."""
    new = NewCase(case_id, facts)
    office.casework.enter_case(new, by=WORKER, command_id=office.key(), why_again=why)


@pytest.mark.parametrize(
    "known",
    [
        {"name": "Jones Sample Sam", "dob": "2016-05-04"},
        {"name": "SAM SAMPLE-JONES", "dob": "2016-05-04"},
        {"name": "Somebody else", "child_ref": "mos-77"},
    ],
)
def test_a_child_who_is_known_already_is_told_of(office: TestOffice, known: dict[str, str]) -> None:
    """The same name and birth date, or the same outside reference, is shown before anything is opened."""
    enter(office, "CASE-1", **{**SAM, "name": "Sam Sample Jones"})

    with pytest.raises(PossibleDuplicates) as refused:
        enter(office, **known)

    assert ("CASE-1",) == refused.value.cases
    with pytest.raises(Exception, match="does not exist|not known|no case"):
        office.now("CASE-2")


def test_a_case_is_opened_beside_a_known_one_with_a_recorded_reason(office: TestOffice) -> None:
    """Another plan for the same child (re-registration) or another child of that name: the reason is in history."""
    enter(office, "CASE-1", **SAM)

    enter(office, why="Registered again after the first plan ended.", **SAM)

    (opened,) = list(office.store.history(AREA, "CASE-2"))
    assert {"cases": ["CASE-1"], "why": "Registered again after the first plan ended."} == opened.command.body[
        "known_as"
    ]
    assert b"DuplicateConsidered" in opened.events


def refusal(office: TestOffice, case_id: str = "CASE-2", **facts: Any) -> str:
    """What is said of a case that is not opened."""
    with pytest.raises((PossibleDuplicates, CaseExists)) as refused:
        enter(office, case_id, **facts)
    return str(refused.value)


#: As somebody would describe the child who has no reference for it.
CALLED = {"name": "Sam Sample-Jones", "dob": "2016-05-04"}


def test_a_birth_date_that_is_kept_from_the_asker_cannot_be_guessed(office: TestOffice) -> None:
    """The answer is the same whichever birth date is typed, and says that somebody who may see it has to look."""
    enter(office, "CASE-1", **SAM)
    kept_from = [Party(PERSON, WORKER.id)]
    office.casework.mark_confidential("CASE-1", "dob", kept_from, "Told so.", by=HEAD, command_id=office.key())

    right, wrong = refusal(office, **CALLED), refusal(office, **{**CALLED, "dob": "2011-11-11"})

    assert right == wrong
    assert "CASE-1. The birth date in CASE-1 is kept from you and was not compared" in right
    other = NewCase("CASE-3", {**CALLED, "dob": "2011-11-11"})
    office.casework.enter_case(other, by=HEAD, command_id=office.key())


def test_a_restricted_case_of_that_name_is_told_of_whichever_birth_date_is_typed(office: TestOffice) -> None:
    """Nothing that only its own people may read is told by trying; a case opened beside it does not name it."""
    enter(office, "CASE-1", **SAM)
    office.appoint(HEAD, WORKER)
    office.casework.restrict_case("CASE-1", [HEAD.id], "A colleague's child.", by=HEAD, command_id=office.key())
    right, wrong = refusal(office, **CALLED), refusal(office, **{**CALLED, "dob": "2011-11-11"})

    enter(office, why="Another child.", **SAM)

    assert right == wrong
    assert "CASE-1" not in right
    seen = {"worker": WORKER, "head": HEAD}
    told = {
        who: [
            event.body["cases"]
            for entry in office.casework.case(by, "CASE-2").timeline
            for event in entry.events
            if event.kind == "DuplicateConsidered"
        ]
        for who, by in seen.items()
    }
    assert {"worker": [[]], "head": [["CASE-1"]]} == told


def test_a_reference_that_is_taken_tries_out_no_birth_date(office: TestOffice) -> None:
    """Right or wrong, the answer is that the case is there, so that nobody finds out by trying."""
    enter(office, "CASE-1", **SAM)
    enter(office, "CASE-9", name="Another")

    right = refusal(office, "CASE-9", **CALLED)

    assert right == refusal(office, "CASE-9", **{**CALLED, "dob": "2011-11-11"})
    assert "known already" not in right


@pytest.mark.parametrize(
    "other", [{"name": "Sam Sample-Jones", "dob": "2016-05-05"}, {"name": "Sam Other", "dob": "2016-05-04"}]
)
def test_another_child_is_no_duplicate(office: TestOffice, other: dict[str, str]) -> None:
    """The same name with another birth date, or the same day with another name, is another child."""
    enter(office, "CASE-1", **SAM)

    enter(office, **other)


@pytest.mark.parametrize(
    ("case_id", "facts", "field"),
    [
        ("x", {"name": "Sam"}, "case_id"),
        ("CASE-2", {}, "name"),
        ("CASE-2", {"name": "Sam", "dob": "3016-01-01"}, "dob"),
        ("CASE-2", {"name": "Sam", "dob": "2016-01-01", "unborn": True}, "dob"),
        ("CASE-2", {"name": "Sam", "plan_start_date": "2026-03-03"}, "plan_start_date"),
    ],
)
def test_what_cannot_be_opened_is_said_fact_by_fact(
    office: TestOffice, case_id: str, facts: dict[str, Any], field: str
) -> None:
    """A refusal names each fact that is wrong, and nothing is opened."""
    with pytest.raises(FactsRefused) as refused:
        enter(office, case_id, **facts)

    assert [field] == [problem.field for problem in refused.value.problems]


def test_a_message_opens_a_case_once_its_payload_is_checked(office: TestOffice) -> None:
    """Facts by their names and nothing else; the same case again is refused."""
    payload = {"facts": {**SAM, "legal_status": "s20"}}
    by = office.casework.practitioner(AREA, "nobody") or WORKER

    office.casework.open_by_message("CASE-2", payload, by=by, command_id="m-1")

    assert "s20" == office.now("CASE-2").facts["legal_status"]
    with pytest.raises(CaseExists):
        office.casework.open_by_message("CASE-2", payload, by=by, command_id="m-2")


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"facts": []},
        {"facts": {"name": "Sam", "shoe_size": 3}},
        {"facts": {"name": "Sam"}, "roles": ["me"]},
        {"facts": {"name": "Sam"}, "pathway": 3},
        {"facts": {"name": "Sam"}, "pathway": "unknown"},
        {"facts": {"name": "Sam"}, "roles": {"social_worker": "nobody"}},
        {"facts": {"name": "Sam"}, "evil": True},
        {"facts": {"name": "Sam", "plan_status": "ENDED"}},
    ],
)
def test_a_message_that_says_something_else_is_refused(office: TestOffice, payload: dict[str, object]) -> None:
    """Whatever is not a fact, a role held here or a pathway that can be started opens nothing."""
    with pytest.raises(FactsRefused):
        office.casework.open_by_message("CASE-2", payload, by=WORKER, command_id="m-1")


def test_brothers_and_sisters_are_linked_both_ways(office: TestOffice) -> None:
    """A link is recorded in both cases and changes nothing else; linking again is refused."""
    office.case(None, "C1")
    office.case(None, "C2")

    office.casework.link_siblings("C1", "C2", by=WORKER, command_id=office.key())

    assert (["C2"], ["C1"]) == tuple(office.now(case).facts["sibling_case_ids"] for case in ("C1", "C2"))
    with pytest.raises(Refused, match="linked already"):
        office.casework.link_siblings("C2", "C1", by=WORKER, command_id=office.key())
    with pytest.raises(Refused, match="with itself"):
        office.casework.link_siblings("C1", "C1", by=WORKER, command_id=office.key())


def test_a_birth_starts_the_birthday(office: TestOffice) -> None:
    """An unborn child has no birthday; born, the eighteenth is a timer."""
    office.publish(drawn.interrupted("life"))
    office.case(None, unborn=True, edd="2026-03-20")
    terms = office.shelf.terms(AREA)
    assert next_timer(office.now(), terms) is None

    office.casework.record_birth(
        "C1", born_on="2026-03-01", name="Ada", received_on="2026-03-02", by=WORKER, command_id=office.key()
    )

    facts = office.now().facts
    assert ("2026-03-01", False, "Ada") == (facts["dob"], facts["unborn"], facts["name"])
    office.casework.withdraw_pathway("C1", 1, "Nothing to do.", by=MANAGER, command_id=office.key())
    assert datetime(2044, 3, 1, tzinfo=UTC) == next_timer(office.now(), terms)
    with pytest.raises(Refused, match="born already"):
        office.casework.record_birth(
            "C1", born_on="2026-03-01", name="Ada", received_on=None, by=WORKER, command_id=office.key()
        )


def test_children_born_together_have_a_case_each(office: TestOffice) -> None:
    """Each further child gets a case with the plan's dates and people, linked both ways."""
    office.publish(drawn.interrupted("life"))
    office.case(None, unborn=True, plan_start_date="2026-01-05", current_agencies=["Midwife"], legal_status="none")
    twins = [Newborn("C1-B", "Ben"), Newborn("C1-C", "Cleo")]
    office.casework.record_birth(
        "C1", born_on="2026-03-01", name="Ada", received_on=None, others=twins, by=WORKER, command_id=office.key()
    )

    assert ["C1-B", "C1-C"] == office.now().facts["sibling_case_ids"]
    born = office.now("C1-B").facts
    assert ("2026-01-05", ["Midwife"], "2026-03-01", "Ben", ["C1"]) == tuple(
        born[fact] for fact in ("plan_start_date", "current_agencies", "dob", "name", "sibling_case_ids")
    )


def test_a_child_who_is_18_when_the_case_opens_has_one_way_to_the_end(office: TestOffice) -> None:
    """Where no pathway is named the life-event pathway starts at once, and no second one beside it."""
    office.publish(drawn.interrupted("life"), drawn.interrupted("p"))
    office.case(None, dob="2008-03-02")

    assert ["life"] == [running.pathway for running in office.now().running.values()]
    assert 0 == office.casework.fire_timers(AREA, "C1")
    with pytest.raises(Refused, match="is 18, and life is under way"):
        office.casework.start_pathway("C1", "p", by=WORKER, command_id=office.key())
    assert office.casework.verify(AREA, "C1").certified


def test_a_pathway_named_for_a_child_of_18_is_the_only_one(office: TestOffice) -> None:
    """The pathway that was asked for reads that the child is 18: no birthday interrupts it afterwards."""
    office.publish(drawn.interrupted("life"), drawn.interrupted("p"))

    office.casework.open_case("C1", {"name": "Sam", "dob": "2008-03-02"}, by=WORKER, command_id="k", pathway="p")
    office.clock.advance_by(timedelta(days=1))
    office.casework.fire_timers(AREA, "C1")

    assert ["p"] == [running.pathway for running in office.now().running.values()]
    assert {"inside"} == set(office.open_tasks())


def test_a_death_reported_twice_is_told_of_once(office: TestOffice) -> None:
    """The second report is recorded and moves nothing; where it names another day a person is told."""
    office.publish(drawn.interrupted("p"), drawn.interrupted("life"))
    case = office.case()

    def died(day: str) -> list[str]:
        done = office.casework.record_life_event(
            case, "ChildDied", {"date": day}, received_on=None, by=WORKER, command_id=office.key()
        )
        return [event.kind for event in done.events]

    died("2026-03-01")
    look = office.open_tasks()

    assert ["LifeEventRecorded"] == died("2026-03-01")
    assert ["LifeEventRecorded", "EscalationRaised"] == died("2026-02-28")
    assert (look, "2026-03-01") == (office.open_tasks(), office.now().facts["date_of_death"])
    assert office.casework.verify(AREA, case).certified


def test_a_death_that_was_taken_back_can_be_reported_again(office: TestOffice) -> None:
    """Where the record was put right in between, the next report is the first."""
    office.publish(drawn.interrupted("p"), drawn.interrupted("life"))
    case = office.case()
    office.casework.record_life_event(case, "ChildDied", {}, received_on=None, by=WORKER, command_id=office.key())
    office.casework.record_facts(case, {"deceased": False, "date_of_death": None}, "wrong", by=HEAD, command_id="f")

    done = office.casework.record_life_event(
        case, "ChildDied", {}, received_on=None, by=WORKER, command_id=office.key()
    )

    assert "PathwayStarted" in [event.kind for event in done.events]


def test_a_case_is_taken_over_whose_plan_ended_before_it_came_here(office: TestOffice) -> None:
    """What a policy does after an ending begins with a plan that has ended; nothing ends it a second time."""
    office.publish(drawn.two_steps())

    enter(office, **SAM, plan_status="ENDED", plan_end_date="2026-01-30")

    facts = office.now("CASE-2").facts
    assert ("ENDED", "2026-01-30") == (facts["plan_status"], facts["plan_end_date"])


@pytest.mark.parametrize(
    "told",
    [
        {"plan_end_date": "2026-01-30"},
        {"plan_status": "ACTIVE", "plan_end_date": "2026-01-30"},
        {"plan_status": "ENDED", "plan_end_date": "2199-01-30"},
        {"plan_status": "OVER", "plan_end_date": "2026-01-30"},
    ],
)
def test_a_plan_that_ended_is_taken_over_in_plain_words_only(office: TestOffice, told: dict[str, str]) -> None:
    """An end date beside an active plan, or one to come, is nothing that a case can open with."""
    with pytest.raises(FactsRefused):
        enter(office, **SAM, **told)

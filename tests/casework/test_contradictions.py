"""What cannot all be true is told to whoever says it, and never ends a plan."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.case.clashes import PREGNANCY, RULES, contradictions
from engine.casework import Practitioner
from engine.casework.contradictions import Contradicts
from engine.casework.opening import NewCase
from engine.history import WORKER as MACHINE
from tests.casework import drawn
from tests.support.office import AREA, HEAD, MANAGER, MONDAY, OPERATOR, WORKER, TestOffice

TODAY = MONDAY.date()
#: Writes as a case was written before anybody looked for contradictions: time and machines are refused nothing.
BEFORE = Practitioner(MACHINE, AREA, "Before the check", frozenset({"social_worker"}))

#: Each rule: facts that just break it, and the change by which they just do not.
EDGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "unborn_with_birth_date": ({"unborn": True, "dob": "2026-03-01"}, {"unborn": False}),
    "unborn_and_18": ({"unborn": True, "turned_18": True}, {"unborn": None}),
    "unborn_in_care": ({"unborn": True, "legal_status": "s20"}, {"legal_status": "none"}),
    "unborn_in_care_since": ({"unborn": True, "cla_start_date": "2026-02-02"}, {"unborn": False}),
    "expected_too_late": (
        {"unborn": True, "edd": str(TODAY + PREGNANCY + timedelta(1))},
        {"edd": str(TODAY + PREGNANCY)},
    ),
    "not_when_expected": ({"dob": "2025-03-01", "edd": "2026-02-20"}, {"dob": "2026-02-01"}),
    "18_too_young": ({"turned_18": True, "dob": "2008-03-03"}, {"dob": "2008-03-02"}),
    "plan_before_conception": (
        {"dob": "2026-01-01", "plan_start_date": "2024-01-03"},
        {"plan_start_date": "2024-01-04"},
    ),
    "plan_before_pregnancy": (
        {"edd": "2026-06-01", "unborn": True, "plan_start_date": "2024-06-02"},
        {"plan_start_date": "2024-06-03"},
    ),
    "conference_before_conception": ({"dob": "2026-01-01", "icpc_date": "2024-01-03"}, {"icpc_date": "2024-01-04"}),
    "plan_for_an_adult": (
        {"dob": "2007-02-28", "plan_start_date": "2025-02-28"},
        {"plan_start_date": "2025-02-27"},
    ),
    "conference_for_an_adult": ({"dob": "2007-02-28", "icpc_date": "2025-02-28"}, {"icpc_date": "2025-02-27"}),
    "care_before_birth": ({"dob": "2016-05-04", "cla_start_date": "2016-05-03"}, {"cla_start_date": "2016-05-04"}),
    "dead_and_alive": ({"deceased": False, "date_of_death": "2026-03-01"}, {"deceased": True}),
    "death_before_birth": (
        {"deceased": True, "dob": "2016-05-04", "date_of_death": "2016-05-03"},
        {"date_of_death": "2016-05-04"},
    ),
    "plan_after_death": (
        {"deceased": True, "date_of_death": "2026-01-01", "plan_start_date": "2026-01-02"},
        {"plan_start_date": "2026-01-01"},
    ),
    "plan_to_come": ({"plan_start_date": "2026-03-03"}, {"plan_start_date": "2026-03-02"}),
    "conference_to_come": ({"icpc_date": "2026-03-03"}, {"icpc_date": "2026-03-02"}),
    "last_review_to_come": (
        {"last_review_conference_date": "2026-03-03"},
        {"last_review_conference_date": "2026-03-02"},
    ),
    "last_care_review_to_come": ({"last_cla_review_date": "2026-03-03"}, {"last_cla_review_date": "2026-03-02"}),
    "review_before_plan": (
        {"plan_start_date": "2026-01-05", "last_review_conference_date": "2026-01-04"},
        {"last_review_conference_date": "2026-01-05"},
    ),
    "next_review_before_plan": (
        {"plan_start_date": "2026-01-05", "next_review_conference_date": "2026-01-04"},
        {"next_review_conference_date": "2026-01-05"},
    ),
    "reviewed_never": ({"reviews_held": 0, "last_review_conference_date": "2026-01-04"}, {"reviews_held": None}),
    "ended_before_plan": (
        {"plan_start_date": "2026-01-05", "plan_end_date": "2026-01-04"},
        {"plan_end_date": "2026-01-05"},
    ),
    "decided_before_plan": (
        {"plan_start_date": "2026-01-05", "plan_end_decided_on": "2026-01-04"},
        {"plan_end_decided_on": "2026-01-05"},
    ),
}
#: Written by the step that ends a plan alone.
AT_THE_END = {"ended_before_plan", "decided_before_plan"}


def test_every_rule_is_shown_at_its_edge() -> None:
    """A rule that nobody has tried on both sides of its edge may be no rule."""
    assert set(EDGES) == {rule.id for rule in RULES}


@pytest.mark.parametrize("rule", EDGES)
def test_a_rule_is_broken_just_beyond_its_edge_and_never_by_what_is_not_known(rule: str) -> None:
    """Facts clash where all of them are known and cannot all be true; without any one of them nothing is said."""
    facts, change = EDGES[rule]
    compared = next(each.facts for each in RULES if each.id == rule)

    assert rule in {broken.id for broken in contradictions(facts, TODAY)}
    assert rule not in {broken.id for broken in contradictions({**facts, **change}, TODAY)}
    for fact in set(facts) & compared - {"deceased"}:
        assert rule not in {broken.id for broken in contradictions({**facts, fact: None}, TODAY)}


@pytest.mark.parametrize("rule", sorted(set(EDGES) - AT_THE_END))
def test_what_contradicts_the_case_is_refused_with_its_fact_and_changes_nothing(office: TestOffice, rule: str) -> None:
    """By hand, whether all at once at the opening or one fact after another; the sentence stands beside the fact."""
    facts = EDGES[rule][0]
    fact = next(each.fact for each in RULES if each.id == rule)
    office.case(None)

    with pytest.raises(Contradicts) as opening:
        office.casework.enter_case(NewCase("CASE-2", {"name": "A", **facts}), by=WORKER, command_id=office.key())
    with pytest.raises(Contradicts) as recording:
        office.casework.record_facts("C1", facts, "As told.", by=WORKER, command_id=office.key())

    assert fact in {problem.field for problem in opening.value.problems}
    assert fact in {problem.field for problem in recording.value.problems}
    assert ["open_case"] == office.history()


def test_no_value_of_a_child_stands_in_a_refusal(office: TestOffice) -> None:
    """What is refused is logged and shown: names of facts, never what they hold."""
    office.publish(drawn.interrupted("life"))
    office.case(None, dob="2016-05-04")

    with pytest.raises(Contradicts) as refused:
        office.casework.record_life_event(
            "C1", "ChildDied", {"date": "2016-05-03"}, received_on=None, by=WORKER, command_id=office.key()
        )

    assert "2016" not in str(refused.value)
    assert ["date_of_death"] == [problem.field for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("known", "name", "payload", "received_on", "field"),
    [
        ({}, "ChildDied", {"date": "2026-03-03"}, None, "date"),
        ({}, "ChildDied", {"date": "02/03/2026"}, None, "date"),
        ({}, "ChildDied", {}, "2026-03-03", "received_on"),
        ({}, "ChildDied", {"date": "2026-02-27"}, "2026-02-26", "received_on"),
        ({"dob": "2016-05-04"}, "ChildDied", {"date": "2016-05-03"}, None, "date_of_death"),
        ({"unborn": True}, "ChildBorn", {"dob": "2026-03-02"}, "2026-03-01", "received_on"),
        ({"dob": "2016-05-04"}, "ChildBorn", {"dob": "2026-03-01"}, None, "dob"),
        ({"unborn": True}, "LegalStatusChanged", {"legal_status": "ico"}, None, "legal_status"),
        ({}, "PlacementChanged", {"occurred_on": "2026-03-03"}, None, "occurred_on"),
        ({}, "PlacementChanged", {"occurred_on": 7}, None, "occurred_on"),
        ({"deceased": True, "date_of_death": "2026-02-20"}, "ReturnedToUK", {}, None, "deceased"),
        ({"deceased": True}, "PlacementChanged", {}, None, "deceased"),
    ],
)
def test_what_cannot_have_happened_is_refused(
    office: TestOffice, known: dict[str, Any], name: str, payload: dict[str, Any], received_on: str | None, field: str
) -> None:
    """A day to come, a death before birth, a second birth, a move of a child who has died: somebody looks first."""
    office.publish(drawn.interrupted("life"))
    office.case(None, **known)

    with pytest.raises(Contradicts) as refused:
        office.casework.record_life_event(
            "C1", name, payload, received_on=received_on, by=WORKER, command_id=office.key()
        )

    assert [field] == [problem.field for problem in refused.value.problems]
    assert ["open_case"] == office.history()


@pytest.mark.parametrize(
    ("known", "name", "payload", "received_on"),
    [
        ({"unborn": True}, "ChildDied", {}, None),
        ({"unborn": True, "edd": "2026-03-10"}, "ChildBorn", {"dob": "2026-02-27"}, "2026-02-27"),
        ({"deceased": True, "date_of_death": "2026-02-20"}, "PlacementChanged", {"occurred_on": "2026-02-20"}, None),
        (
            {"unborn": True, "deceased": True, "date_of_death": "2026-02-20"},
            "ChildBorn",
            {"dob": "2026-02-19", "occurred_on": "2026-02-27"},
            "2026-02-27",
        ),
        ({}, "MovedOutOfArea", {"occurred_on": "2026-03-01"}, "2026-02-27"),
    ],
    ids=[
        "a pregnancy ended",
        "born early",
        "moved before the death",
        "born before the death, told of after it",
        "a move told of before it happened",
    ],
)
def test_what_is_only_unusual_is_recorded(
    office: TestOffice, known: dict[str, Any], name: str, payload: dict[str, Any], received_on: str | None
) -> None:
    """Nothing is refused that can be true."""
    office.publish(drawn.interrupted("life"))
    office.case(None, **known)

    office.casework.record_life_event("C1", name, payload, received_on=received_on, by=WORKER, command_id=office.key())

    assert ["open_case", "record_life_event"] == office.history()


def test_a_death_that_is_taken_back_takes_its_day_with_it(office: TestOffice) -> None:
    """Another child's death: saying that this one is alive is enough."""
    office.case(None, deceased=True, date_of_death="2026-02-20")

    office.casework.record_facts("C1", {"deceased": False}, "Another child.", by=WORKER, command_id=office.key())

    assert (False, None) == tuple(office.now().facts[fact] for fact in ("deceased", "date_of_death"))


def test_a_birth_date_that_is_put_right_takes_back_that_the_child_turned_18(office: TestOffice) -> None:
    """Whoever corrects the date need not know that a second fact came of it; the clock will say it again."""
    office.publish(drawn.interrupted("life"))
    office.case(None, dob="2007-05-04")
    assert office.now().facts["turned_18"] is True

    office.casework.record_facts("C1", {"dob": "2009-05-04"}, "Misread.", by=WORKER, command_id=office.key())

    assert office.now().facts["turned_18"] is False


def test_a_birth_date_known_no_more_leaves_open_whether_the_child_turned_18(office: TestOffice) -> None:
    """What was worked out from a date goes with the date, so that no plan ends at 18 for a child of unknown age."""
    office.publish(drawn.interrupted("life"))
    office.case(None, dob="2007-05-04")
    assert office.now().facts["turned_18"] is True

    office.casework.record_facts("C1", {"dob": None}, "Another child's.", by=WORKER, command_id=office.key())

    assert office.now().facts["turned_18"] is None


@pytest.mark.parametrize(
    ("name", "payload", "after"),
    [
        ("PlacementChanged", {}, (None, "ico")),
        ("PlacementChanged", {"occurred_on": "2026-03-01"}, (None, "ico")),
        ("PlacementChanged", {"placement": "home"}, ("home", "ico")),
        ("LegalStatusChanged", {}, ("away_foster", None)),
        ("LegalStatusChanged", {"placement": "home"}, ("home", None)),
        ("LegalStatusChanged", {"legal_status": "co"}, ("away_foster", "co")),
        ("LegalStatusChanged", {"care_proceedings": True}, ("away_foster", "ico")),
        ("MovedOutOfArea", {}, ("away_foster", "ico")),
    ],
)
def test_what_changed_and_was_not_said_is_unknown_from_then_on(
    office: TestOffice, name: str, payload: dict[str, Any], after: tuple[Any, Any]
) -> None:
    """The fact as it stood is known to be out of date, and no plan may end on it (SH-6)."""
    office.publish(drawn.interrupted("life"))
    office.case(None, placement="away_foster", legal_status="ico", care_proceedings=None)

    office.casework.record_life_event("C1", name, payload, received_on=None, by=WORKER, command_id=office.key())

    assert after == tuple(office.now().facts[fact] for fact in ("placement", "legal_status"))


def test_a_step_cannot_write_what_contradicts_the_case(office: TestOffice) -> None:
    """A plan is not ended on a day before it began: whoever says so is told, and may say another day."""
    office.publish(drawn.ending())
    case = office.case(placement="away_foster", plan_start_date="2026-01-05")

    with pytest.raises(Contradicts) as refused:
        office.complete("decide", {"on": "2026-01-04"}, by=MANAGER)

    assert {"plan_end_date", "plan_end_decided_on"} == {problem.field for problem in refused.value.problems}
    assert {"decide"} == set(office.open_tasks())
    office.complete("decide", {"on": "2026-01-05"}, by=MANAGER)
    assert "ENDED" == office.now().facts["plan_status"]
    assert office.casework.verify(AREA, case).certified


def test_a_case_that_contradicted_itself_before_goes_on_and_ends_nothing_until_it_is_mended(office: TestOffice) -> None:
    """Everything else may be recorded, the contradiction put right, and only the ending waits for that."""
    office.publish(drawn.ending())
    case = office.case(placement="away_foster")
    wrong = {"unborn": True, "turned_18": True}
    office.casework.record_facts("C1", wrong, "As it was.", by=BEFORE, command_id=office.key())
    office.casework.record_facts("C1", {"reviews_held": 2}, "Told.", by=WORKER, command_id=office.key())

    with pytest.raises(Contradicts):
        office.complete("decide", {"on": "2026-03-01"}, by=MANAGER)
    assert "ACTIVE" == office.now().facts["plan_status"]
    office.casework.record_facts("C1", {"turned_18": None}, "A slip.", by=WORKER, command_id=office.key())
    office.complete("decide", {"on": "2026-03-01"}, by=MANAGER)

    assert "ENDED" == office.now().facts["plan_status"]
    assert office.casework.verify(AREA, case).certified


def test_time_ends_no_plan_on_facts_that_contradict_one_another(office: TestOffice) -> None:
    """A timer cannot be refused: the step is held, a person is told, and it goes on once the facts are right."""
    office.publish(drawn.ending_in_time())
    case = office.case(placement="away_foster")
    office.complete("decide", {"on": "2026-03-02"}, by=MANAGER)
    wrong = {"date_of_death": "2026-02-20"}
    office.casework.record_facts("C1", wrong, "As it was.", by=BEFORE, command_id=office.key())

    office.clock.advance_to(MONDAY + timedelta(days=2))
    office.casework.fire_timers(AREA, case)

    (held,) = office.now().held.values()
    assert "dead_and_alive" in held.message
    assert "ACTIVE" == office.now().facts["plan_status"]
    assert office.casework.verify(AREA, case).certified

    office.casework.record_facts("C1", {"date_of_death": None}, "A slip.", by=WORKER, command_id=office.key())
    office.casework.retry_incident(case, held.number, by=OPERATOR, command_id=office.key())
    assert "ENDED" == office.now().facts["plan_status"]
    assert office.casework.verify(AREA, case).certified


def test_a_row_of_an_import_that_contradicts_itself_is_refused_in_the_rehearsal(office: TestOffice) -> None:
    """Nothing is opened of it; the rehearsal names the fact."""
    table = b"case_id,name,dob,plan_start_date\nP-1,Sam Sample,2006-05-04,2025-06-02\n"

    (row,) = office.casework.rehearse_import(table, by=HEAD).rows

    assert ("refused", ["plan_start_date"]) == (row.state, [problem.field for problem in row.problems])


def test_a_birth_months_from_the_expected_day_is_looked_at_first(office: TestOffice) -> None:
    """A slip of the year would bring the eighteenth birthday, and the end of a plan, a year early."""
    office.publish(drawn.interrupted("life"))
    office.case(None, unborn=True, edd="2026-03-10")

    with pytest.raises(Contradicts):
        office.casework.record_birth(
            "C1", born_on="2025-03-01", name="Ada", received_on=None, by=WORKER, command_id=office.key()
        )

    assert (True, None) == tuple(office.now().facts[fact] for fact in ("unborn", "dob"))

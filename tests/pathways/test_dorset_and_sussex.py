"""Pan-Dorset and Sussex: what is not known ends no plan, and whatever happens to the child finds somebody."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.replay import recorded_events
from engine.scenarios import Scenario, Stage, read_scenario
from engine.scenarios.files import When
from tests.pathways.conftest import PROCESSES

#: One ending of each way there is, and the answers it rests on.
ENDINGS: dict[str, str] = {
    "dorset/dorset_review_conference/scenarios/ends": (
        "ascertained_on independently_of_parents views completed_on recorded_ref needs parenting_capacity "
        "family_dynamics risks intervention_outcomes core_assessment_outcome quorate "
        "significant_harm_continuing_or_likely plan_required views_discussed how_taken_into_account "
        "considered_at_conference why_no_longer decision reasons held_on"
    ),
    "dorset/dorset_transfer/scenarios/ends": (
        "permanent notified_on held_on ascertained_on independently_of_parents views completed_on recorded_ref needs "
        "risks discussed_multi_agency"
    ),
    "dorset/dorset_fact_based/scenarios/left_uk": (
        "fact evidence permanence_evidence ascertained_on independently_of_parents views completed_on recorded_ref "
        "family_dynamics discussed_multi_agency"
    ),
    "dorset/dorset_fact_based/scenarios/died": "fact date evidence",
    "sussex/sussex_review_conference/scenarios/ends": (
        "quorate significant_harm_continuing_or_likely plan_required living_in_original_situation plan_to_return "
        "placed_with_parents risk_to_self_or_others decision reasons held_on"
    ),
    "sussex/sussex_review_conference/scenarios/care_order": (
        "quorate significant_harm_continuing_or_likely plan_required living_in_original_situation placed_with_parents "
        "risk_to_self_or_others"
    ),
    "sussex/sussex_removal_rcpc/scenarios/court_return_ends": (
        "quorate significant_harm_continuing_or_likely plan_required risks implications_for_plan decision reasons"
    ),
}
EVENTS: dict[str, dict[str, str]] = {
    "ChildDied": {},
    "PlacementChanged": {"placement": "home"},
    "LegalStatusChanged": {"legal_status": "none", "placement": "home"},
    "RemovedFromS20": {},
    "MovedOutOfArea": {},
    "LeftUK": {},
    "ReturnedToUK": {},
    "ReturnedToArea": {},
}


def read(name: str) -> Scenario:
    """A shipped scenario."""
    file = PROCESSES / f"{name}.toml"
    return read_scenario(file.read_bytes(), str(file))


def waits(names: list[str]) -> list[Scenario]:
    """Every place on the way of these scenarios at which the case waits, as the way there."""
    found = []
    for name in names:
        scenario = read(name)
        found += [replace(scenario, whens=scenario.whens[:length], then={}) for length in range(len(scenario.whens))]
    return found


def happens(name: str) -> When:
    """A step of a scenario in which something happens to the child."""
    return When(99, "event", name, None, None, None, {}, EVENTS[name], None, {}, None, "failed")


@pytest.mark.parametrize(
    ("name", "key"),
    [(name, key) for name, keys in ENDINGS.items() for key in keys.split()],
    ids=lambda part: Path(part).name,
)
def test_an_answer_that_is_not_given_never_ends_a_plan(sqlite_stage: Stage, name: str, key: str) -> None:
    """With any one answer missing that an ending rests on, the plan stays active (readings, general principle)."""
    scenario = read(name)
    assert any(key in {**when.answers, **when.payload} for when in scenario.whens)
    whens = tuple(
        replace(
            when,
            answers={**when.answers, **({key: None} if key in when.answers else {})},
            payload={**when.payload, **({key: None} if key in when.payload else {})},
        )
        for when in scenario.whens
    )

    result = sqlite_stage.play(replace(scenario, whens=whens, then={}), certify=False)

    assert result.plan_status == "ACTIVE"


@pytest.mark.parametrize("event", EVENTS)
def test_a_change_at_any_wait_keeps_the_plan_and_finds_somebody(sqlite_stage: Stage, event: str) -> None:
    """Whatever a case waits for, a change is followed: a person has a task, or the case was referred or kept."""
    wrong = []
    for way in waits(list(ENDINGS)):
        result = sqlite_stage.play(replace(way, whens=(*way.whens, happens(event))), certify=False)
        if result.problems or result.plan_status != "ACTIVE" or not (result.open_tasks or result.outcomes):
            wrong.append((Path(way.file).stem, len(way.whens), result.problems, result.plan_status))

    assert wrong == []


def test_a_death_at_any_wait_of_dorset_leaves_only_its_record(sqlite_stage: Stage) -> None:
    """Death stops whatever ran: somebody records it, and nothing else is open (DOR-2.143h)."""
    wrong = []
    for way in waits([name for name in ENDINGS if name.startswith("dorset")]):
        result = sqlite_stage.play(replace(way, whens=(*way.whens, happens("ChildDied"))), certify=False)
        if result.open_tasks != ("record_fact",):
            wrong.append((Path(way.file).stem, len(way.whens), result.open_tasks))

    assert wrong == []


def test_a_death_at_any_wait_of_sussex_is_referred_and_ends_nothing(sqlite_stage: Stage) -> None:
    """The text is silent on a death: the parent procedures end the plan, not this one (E7)."""
    wrong = []
    for way in waits([name for name in ENDINGS if name.startswith("sussex")]):
        result = sqlite_stage.play(replace(way, whens=(*way.whens, happens("ChildDied"))), certify=False)
        if result.outcomes != ("REFER_PARENT_PROCEDURES",) or result.open_tasks:
            wrong.append((Path(way.file).stem, len(way.whens), result.outcomes, result.open_tasks))

    assert wrong == []


def test_two_changes_in_a_row_are_both_followed(sqlite_stage: Stage) -> None:
    """A change of placement and then a death: only the record of the death is open."""
    wrong = []
    for way in waits([name for name in ENDINGS if name.startswith("dorset")]):
        twice = replace(way, whens=(*way.whens, happens("PlacementChanged"), happens("ChildDied")))
        result = sqlite_stage.play(twice, certify=False)
        if result.open_tasks != ("record_fact",) or result.plan_status != "ACTIVE":
            wrong.append((Path(way.file).stem, len(way.whens), result.open_tasks))

    assert wrong == []


#: Steps that decide, and whether somebody decided otherwise than what was found speaks for.
DEPARTURES = [
    ("dorset/dorset_reentry/scenarios/accommodation_broken", "decide_conference", False),
    ("dorset/dorset_reentry/scenarios/convened_all_the_same", "decide_conference", True),
    ("dorset/dorset_reentry/scenarios/nothing_speaks_for_it", "decide_conference", False),
    ("dorset/dorset_review_conference/scenarios/ends", "hold_review_conference", False),
    ("dorset/dorset_review_conference/scenarios/first_review_separated", "hold_review_conference", True),
    ("sussex/sussex_review_conference/scenarios/ends", "hold_review_conference", False),
    ("sussex/sussex_review_conference/scenarios/care_order", "hold_review_conference", False),
    ("sussex/sussex_review_conference/scenarios/continues", "hold_review_conference", True),
    ("sussex/sussex_review_conference/scenarios/plan_to_return", "hold_review_conference", True),
    ("sussex/sussex_review_conference/scenarios/decision_later_continues", "decide_plan", True),
    ("sussex/sussex_removal_rcpc/scenarios/court_return_ends", "hold_review_conference", True),
    ("sussex/sussex_removal_rcpc/scenarios/decided_later_continues", "decide_plan", False),
    ("camden/camden_cla_decision/scenarios/against_advice_not_said", "decide_cla_plan", True),
    ("camden/camden_cla_decision/scenarios/discontinue", "decide_cla_plan", False),
]


@pytest.mark.parametrize(("name", "step", "differs"), DEPARTURES, ids=lambda part: Path(str(part)).name)
def test_a_decision_says_whether_it_departs_from_what_was_found(
    sqlite_stage: Stage, name: str, step: str, differs: bool
) -> None:
    """Auditors find every decision that departs from a recommendation or a rule, without anybody having to say so."""
    scenario = read(name)
    played = sqlite_stage.play(scenario)

    kept = [
        event.body["answers"]["differs_from_recommendation"]
        for entry in sqlite_stage.store.history(scenario.authority, played.case_id)
        for event in recorded_events(entry)
        if event.kind == "TaskCompleted" and event.body["element"] == step
    ]
    assert kept[-1] is differs

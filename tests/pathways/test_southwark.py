"""Southwark: objections, changes and unknown facts at every wait of an executive decision; none of them ends a plan."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.casework import Casework
from engine.clock import SettableClock
from engine.scenarios import Scenario, Stage, find_scenarios, read_scenario
from engine.scenarios.files import When
from tests.pathways.conftest import PROCESSES

SOUTHWARK = PROCESSES / "southwark"
EXECUTIVE = {"PLAN_ENDED_EXECUTIVE_DECISION", "HEAD_PROCEED_PLAN_ENDED"}
ENDINGS = EXECUTIVE | {"PLAN_ENDED_CPRC"}
EVENTS: dict[str, dict[str, str]] = {
    "ChildDied": {},
    "PlacementChanged": {"placement": "home"},
    "LegalStatusChanged": {"legal_status": "none", "placement": "home"},
    "RemovedFromS20": {},
    "MovedOutOfArea": {},
    "LeftUK": {},
}
#: What an executive decision rests on.
BASIS = ("legal_status", "placement", "care_proceedings", "next_review_conference_date", "deceased", "left_uk")
#: What an ending by a conference rests on.
FINDINGS = (
    "quorate",
    "significant_harm_continuing_or_likely",
    "threshold_met",
    "plan_meaningful_in_addition",
    "prohibited_reason_relied_on",
    "plan_required",
)


def endings(*outcomes: str) -> list[Scenario]:
    """The scenarios in which the plan ends with one of these outcomes, up to the step that ends it."""
    found = []
    for file in find_scenarios(SOUTHWARK):
        scenario = read_scenario(file.read_bytes(), str(file))
        wanted = set(scenario.then.get("outcomes", ())) & ENDINGS
        by_itself = all(when.does in ("complete", "advance", "message") for when in scenario.whens)
        if wanted and wanted <= set(outcomes) and by_itself and not scenario.others:
            found.append(scenario)
    return found


def names(scenario: Scenario) -> str:
    return Path(scenario.file).stem


def objection(received_on: str) -> When:
    """Somebody's objection in writing, entered now."""
    payload = {"from": "Health visiting service", "text": "Contact is not safe."}
    return When(90, "message", "WrittenObjection", None, None, None, {}, payload, received_on, {}, None, "failed")


def happens(name: str) -> When:
    return When(99, "event", name, None, None, None, {}, EVENTS[name], None, {}, None, "failed")


def ending_step(scenario: Scenario) -> int:
    return next(number for number, when in enumerate(scenario.whens) if when.what == "discontinue_plan")


@pytest.mark.parametrize("scenario", endings("PLAN_ENDED_EXECUTIVE_DECISION")[:8], ids=names)
def test_an_objection_in_time_stops_the_very_step_that_ends_the_plan(sqlite_stage: Stage, scenario: Scenario):
    """SOU-9.9, 9.12: entered at the last moment before the step that ends the plan, it stops it."""
    last = ending_step(scenario)
    sent = next(when for when in scenario.whens if when.what == "write_to_agencies").answers["sent_on"]
    before, ending = scenario.whens[:last], scenario.whens[last]
    arrived = replace(objection(sent), at=ending.at)
    tried = replace(ending, at=None, refused="")
    result = sqlite_stage.play(replace(scenario, whens=(*before, arrived, tried), then={}), certify=False)

    assert result.problems == ()
    assert result.plan_status == "ACTIVE"
    assert "view_objection" in result.open_tasks


@pytest.fixture(scope="module")
def waits(sqlite_stage: Stage) -> list[Scenario]:
    """Every different set of open tasks met on the way to an ending, as the way there."""
    found: dict[tuple[str | None, tuple[str, ...], bool], Scenario] = {}
    tried: set[str] = set()
    for scenario in endings(*ENDINGS):
        for length in range(len(scenario.whens)):
            way = replace(scenario, whens=scenario.whens[:length], then={})
            asked = repr((way.pathway, way.facts, way.whens))
            if asked in tried:
                continue
            tried.add(asked)
            result = sqlite_stage.play(way, certify=False)
            if result.plan_status == "ACTIVE" and result.open_tasks:
                known = way.facts.get("legal_status") is not None
                found.setdefault((scenario.pathway, result.open_tasks, known), way)
    return list(found.values())


@pytest.mark.parametrize("event", EVENTS)
def test_a_change_at_any_wait_keeps_the_plan_and_somebody_knows(sqlite_stage: Stage, waits, event: str):
    """One life event at every wait on the way to an ending: the plan stays, and a person has a task or is told."""
    wrong = []
    for way in waits:
        result = sqlite_stage.play(replace(way, whens=(*way.whens, happens(event))), certify=False)
        told = bool(result.open_tasks) or "tell_head" in result.visited
        if result.problems or result.plan_status != "ACTIVE" or not told:
            wrong.append((names(way), len(way.whens), result.problems, result.plan_status))

    assert len(waits) > 15
    assert wrong == []


@pytest.mark.parametrize("fact", BASIS)
def test_an_executive_decision_never_ends_a_plan_on_what_is_unknown(sqlite_stage: Stage, fact: str):
    """SOU-9.3: with any one thing unknown that it rests on, from the start or at the end, the plan stays."""
    unknown = When(95, "record", "no longer known", None, None, None, {}, {fact: None}, None, {}, None, "failed")
    for scenario in endings(*EXECUTIVE)[:3]:
        last = ending_step(scenario)
        whens = (*scenario.whens[:last], unknown, *scenario.whens[last:])
        at_the_end = sqlite_stage.play(replace(scenario, whens=whens, then={}), certify=False)
        from_the_start = replace(scenario, facts={**scenario.facts, fact: None}, then={})

        assert at_the_end.plan_status == "ACTIVE"
        assert sqlite_stage.play(from_the_start, certify=False).plan_status == "ACTIVE"


@pytest.mark.parametrize("finding", FINDINGS)
def test_a_conference_never_ends_a_plan_on_what_is_unknown(sqlite_stage: Stage, finding: str):
    """SOU-3.1 to 3.3: with any one finding unknown the conference cannot end the plan."""
    for scenario in endings("PLAN_ENDED_CPRC")[:3]:
        whens = tuple(
            replace(when, answers={**when.answers, finding: "unknown"}) if finding in when.answers else when
            for when in scenario.whens
        )
        assert sqlite_stage.play(replace(scenario, whens=whens, then={}), certify=False).plan_status == "ACTIVE"


def test_the_agencies_read_the_care_plan_that_the_coordinator_outlined(sqlite_stage: Stage):
    """SOU-9.8a: the letter carries the outline written for it, word for word."""
    file = SOUTHWARK / "southwark_executive_decision" / "scenarios" / "silence_is_no_objection.toml"
    scenario = read_scenario(file.read_bytes(), str(file))
    words = next(when for when in scenario.whens if when.what == "outline_care_plan").answers["care_plan_outline"]
    result = sqlite_stage.play(scenario)
    assert result.problems == ()

    casework = Casework(sqlite_stage.store, sqlite_stage.shelf, SettableClock(scenario.now))
    letters = casework.load("southwark", result.case_id).letters.values()
    (consultation,) = [letter for letter in letters if letter.letter == "consultation"]
    assert words in consultation.text
    assert [one["to"] for one in consultation.recipients] == ["Primary school", "CAMHS"]


@pytest.mark.parametrize(
    ("deadline", "words"), [("2026-03-16", "may object until"), ("2026-02-27", "could object until")]
)
def test_the_head_is_not_told_that_a_day_gone_by_is_still_to_come(sqlite_stage: Stage, deadline: str, words: str):
    """SOU-9.9, SOU-9.13: the letter that refers a dispute says whether the time to object still runs."""
    file = SOUTHWARK / "southwark_dispute_head" / "scenarios" / "dispute_by_itself.toml"
    scenario = read_scenario(file.read_bytes(), str(file))
    result = sqlite_stage.play(replace(scenario, facts={**scenario.facts, "objection_deadline": deadline}))
    assert result.problems == ()

    casework = Casework(sqlite_stage.store, sqlite_stage.shelf, SettableClock(scenario.now))
    (referral,) = casework.load("southwark", result.case_id).letters.values()
    assert words in referral.text
    assert referral.text.count("object until") == 1

"""Darlington's policy where a single scenario does not reach: every wait, every unknown, every list of people."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from engine.casework import Casework
from engine.clock import SettableClock
from engine.replay import recorded_events
from engine.scenarios import Scenario, Stage, read_scenario
from engine.scenarios.files import When
from tests.pathways.conftest import PROCESSES

DARLINGTON = PROCESSES / "darlington"

#: Answers that an ending decided by people rests on. Unknown, each of them keeps the plan.
DECISIVE = (
    "quorate",
    "significant_harm_continuing_or_likely",
    "significant_harm_likely",
    "plan_required",
    "care_plan_adequate_security",
    "risk_reduced_or_eliminated",
    "agree",
    "permanent",
    "permanence_evidence",
    "reassessment_ref",
    "held_on",
)
#: Facts that it rests on as well; what a review conference does not ask stands at the pathway's own name.
FACTS = {"darlington_double_protection": ("legal_status", "care_proceedings", "plo_active")}
OF_SECTION_20 = {"care_plan_adequate_security", "risk_reduced_or_eliminated"}
#: Leaving the UK is no ground of risk (SH-2): what the conference finds on harm is recorded, and does not decide.
OF_RISK = {"significant_harm_continuing_or_likely", "plan_required"}
EVENTS: dict[str, dict[str, object]] = {
    "ChildDied": {},
    "PlacementChanged": {"placement": "home"},
    "LegalStatusChanged": {"legal_status": "none", "placement": "home", "care_proceedings": False},
    "RemovedFromS20": {},
    "MovedOutOfArea": {},
    "LeftUK": {},
    "ReturnedToArea": {},
}


def shipped(*parts: str) -> Scenario:
    """A shipped scenario of Darlington's."""
    file = DARLINGTON.joinpath(parts[0], "scenarios", f"{parts[1]}.toml")
    return read_scenario(file.read_bytes(), str(file))


def happens(name: str) -> When:
    """A step in which something happens to the child."""
    return When(99, "event", name, None, None, None, {}, EVENTS[name], None, {}, None, "failed")


#: One whole way to each kind of ending that people decide.
ENDINGS = {
    "conference": ("darlington_cprc", "ends"),
    "conference under section 20": ("darlington_cprc", "ends_section_20_secure"),
    "conference after views": ("darlington_cprc", "views_reply_on_day_10"),
    "double protection": ("darlington_double_protection", "section_20_agreed"),
    "double protection in proceedings": ("darlington_double_protection", "proceedings_agreed"),
    "transfer": ("darlington_transfer", "held_and_ends"),
    "left the UK": ("darlington_fact_based", "left_uk_for_good"),
}

#: The ways on which something may happen to the child.
WAYS = [
    *ENDINGS.values(),
    ("darlington_cprc", "ends_in_need_of_support"),
    ("darlington_double_protection", "refused_then_conference_ends"),
    ("darlington_becomes_looked_after", "removal_proposed"),
]


def unknowns() -> list[tuple[str, str]]:
    """Each ending with each decisive thing that its way gives."""
    found = []
    for name, parts in ENDINGS.items():
        scenario = shipped(*parts)
        asked = {key for when in scenario.whens for key in when.answers}
        asked |= {"held_on"} if any(when.does == "message" for when in scenario.whens) else set()
        ruled = asked & set(DECISIVE) - (set() if scenario.facts["legal_status"] == "s20" else OF_SECTION_20)
        ruled -= OF_RISK if name == "left the UK" else set()
        facts = [key for key in FACTS.get(parts[0], ()) if scenario.facts.get(key) or key == "plo_active"]
        found += [(name, key) for key in [*sorted(ruled), *facts]]
    return found


def without(scenario: Scenario, key: str) -> Scenario:
    """The same way with one thing not known."""
    whens = tuple(
        replace(
            when,
            answers={
                name: "unknown" if name == key and value in (True, False) else value
                for name, value in when.answers.items()
            }
            if isinstance(when.answers.get(key), bool)
            else {name: None if name == key else value for name, value in when.answers.items()},
            payload={name: None if name == key else value for name, value in when.payload.items()},
        )
        for when in scenario.whens
    )
    facts = {name: None if name == key else value for name, value in scenario.facts.items()}
    return replace(scenario, whens=whens, facts=facts, then={})


@pytest.mark.parametrize(("ending", "key"), unknowns())
def test_an_unknown_keeps_the_plan(sqlite_stage: Stage, ending: str, key: str):
    """With any one thing unknown that an ending rests on, the plan stays active."""
    result = sqlite_stage.play(without(shipped(*ENDINGS[ending]), key), certify=False)

    assert result.plan_status == "ACTIVE"


@pytest.fixture(scope="module")
def waits(sqlite_stage: Stage) -> list[Scenario]:
    """Every different set of open tasks met on a whole way to an ending that people decide, as the way there."""
    found: dict[tuple[str | None, tuple[str, ...]], Scenario] = {}
    for parts in WAYS:
        scenario = shipped(*parts)
        for length in range(len(scenario.whens)):
            way = replace(scenario, whens=scenario.whens[:length], then={})
            result = sqlite_stage.play(way, certify=False)
            if result.plan_status != "ACTIVE":
                break
            if result.open_tasks:
                found.setdefault((scenario.pathway, result.open_tasks), way)
    return list(found.values())


@pytest.mark.parametrize("event", EVENTS)
def test_a_change_at_any_wait_keeps_the_plan_and_finds_somebody(sqlite_stage: Stage, waits, event: str):
    """One life event at every wait: the plan stays active, nothing is held by an incident, and a person has a task."""
    wrong = []
    for way in waits:
        result = sqlite_stage.play(replace(way, whens=(*way.whens, happens(event))), certify=False)
        if result.problems or result.plan_status != "ACTIVE" or not result.open_tasks:
            wrong.append((Path(way.file).stem, len(way.whens), result.problems, result.plan_status))

    assert len(waits) > 30
    assert wrong == []


def test_a_death_at_any_wait_leaves_only_its_record(sqlite_stage: Stage, waits):
    """Death stops whatever ran: the chair's record is open, and nothing else."""
    wrong = []
    for way in waits:
        twice = replace(way, whens=(*way.whens, happens("PlacementChanged"), happens("ChildDied")))
        result = sqlite_stage.play(twice, certify=False)
        if set(result.open_tasks) != {"record_fact"} or result.plan_status != "ACTIVE":
            wrong.append((Path(way.file).stem, len(way.whens), result.open_tasks))

    assert wrong == []


def letters_of(stage: Stage, scenario: Scenario) -> dict[str, list[tuple[str, str]]]:
    """The letters sent in a scenario, with each list and who is on it."""
    result = stage.play(replace(scenario, then={}))
    assert result.problems == ()
    case = Casework(stage.store, stage.shelf, SettableClock(scenario.now)).load(scenario.authority, result.case_id)
    return {
        letter.letter: [(str(each["list"]), str(each["to"])) for each in letter.recipients]
        for letter in case.letters.values()
        if letter.state == "sent"
    }


def test_three_lists_of_people_are_never_merged(sqlite_stage: Stage):
    """All parties to the conference and all invited to the initial one each have their own letter."""
    sent = letters_of(sqlite_stage, shipped("darlington_double_protection", "section_20_agreed"))

    assert sent["plan_ceased"] == [("cprc_party", each) for each in ("School", "Health visitor", "Ms Sample")]
    assert sent["plan_ended"] == [("icpc_invitee", each) for each in ("School", "Health visitor", "Police")]


def test_absent_agencies_have_a_list_of_their_own(sqlite_stage: Stage):
    """Only the agencies that were absent are asked for their views; the family has its own letter."""
    sent = letters_of(sqlite_stage, shipped("darlington_cprc", "views_reply_on_day_10"))

    assert sent["request_for_views"] == [("absent_agency", "School")]
    assert sent["conference_decision"] == [("parent", "Ms Sample"), ("parent", "Mr Sample")]


def test_the_family_reads_from_which_day_the_plan_ends(sqlite_stage: Stage):
    """The letter is headed by what it is and names the day, the day of sending unless the sender writes another."""
    played = sqlite_stage.play(shipped("darlington_cprc", "views_reply_on_day_10"))
    letters = sqlite_stage.store.history("darlington", played.case_id)
    texts = [
        event.body["text"]
        for entry in letters
        for event in recorded_events(entry)
        if event.kind == "LetterSent" and event.body["letter"] == "conference_decision"
    ]
    assert texts[0].startswith("# The decision of the child protection conference: ")
    assert re.search(r"The child protection plan for .* ends on \d+ March 2026\.", texts[0])


@pytest.mark.parametrize("role", ["iro", "conference_chair"])
def test_who_decided_on_double_protection_is_kept(sqlite_stage: Stage, role: str):
    """One task for two roles: the first to take it decides, and history names the person and the role."""
    scenario = shipped("darlington_double_protection", "section_20_agreed")
    whens = tuple(
        replace(when, by=role, person=f"{role}_7") if when.what == "decide_removal" else when for when in scenario.whens
    )
    result = sqlite_stage.play(replace(scenario, whens=whens, then={}))
    history = sqlite_stage.store.history("darlington", result.case_id)
    decided = [
        (entry.command.by, entry.command.role)
        for entry in history
        if entry.command.kind == "complete_task" and "cessation_date" in entry.command.body["answers"]
    ]

    assert decided == [(f"{role}_7", role)]

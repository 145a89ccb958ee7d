"""Life events in flight: whatever a case waits for, a change in the child's life is followed and ends nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.scenarios import Scenario, Stage, find_scenarios, read_scenario
from engine.scenarios.files import When
from tests.pathways.conftest import PROCESSES

EVENTS: dict[str, dict[str, str]] = {
    "ChildDied": {},
    "PlacementChanged": {"placement": "home"},
    "LegalStatusChanged": {"legal_status": "none", "placement": "home"},
    "RemovedFromS20": {},
    "MovedOutOfArea": {},
    "LeftUK": {},
}
AFTER_DEATH = {"decide_admin_removal", "notify_death_as_chair", "notify_death_as_social_worker"}


def happens(name: str) -> When:
    """A step of a scenario in which something happens to the child."""
    return When(99, "event", name, None, None, None, {}, EVENTS[name], None, {}, None, "failed")


@pytest.fixture(scope="session")
def waits(sqlite_stage: Stage) -> list[Scenario]:
    """Every different set of open tasks met on the way of a scenario that ends a plan, as the way there."""
    found: dict[tuple[str | None, tuple[str, ...]], Scenario] = {}
    tried: set[str] = set()
    for file in find_scenarios(PROCESSES / "camden"):
        scenario = read_scenario(file.read_bytes(), str(file))
        if scenario.then.get("plan_status") != "ENDED" or scenario.facts.get("deceased") or scenario.others:
            continue
        for length in range(len(scenario.whens)):
            way = replace(scenario, whens=scenario.whens[:length], then={})
            asked = repr((way.pathway, way.facts, way.whens))
            if any(when.what == "ChildDied" or when.answers.get("ground") == "died" for when in way.whens):
                break
            if any(when.does == "reinstate" for when in way.whens):
                break  # What puts an ending right goes on until the plan ends again; its scenarios tell of a death.
            if asked in tried:
                continue
            tried.add(asked)
            result = sqlite_stage.play(way, certify=False)
            if result.plan_status == "ACTIVE" and result.open_tasks:
                found.setdefault((scenario.pathway, result.open_tasks), way)
    return list(found.values())


@pytest.mark.parametrize("event", EVENTS)
def test_a_change_at_any_wait_keeps_the_plan_and_finds_somebody(sqlite_stage: Stage, waits, event: str):
    """One life event at every wait: the plan stays active, no incident holds it, and a person has a task."""
    wrong = []
    for way in waits:
        result = sqlite_stage.play(replace(way, whens=(*way.whens, happens(event))), certify=False)
        if result.problems or result.plan_status != "ACTIVE" or not result.open_tasks:
            wrong.append((Path(way.file).stem, len(way.whens), result.problems, result.plan_status))

    assert len(waits) > 40
    assert wrong == []


def test_a_death_at_any_wait_leaves_only_the_removal_after_death(sqlite_stage: Stage, waits):
    """Death stops whatever ran: the decision and both tellings are open, and nothing else."""
    wrong = []
    for way in waits:
        result = sqlite_stage.play(replace(way, whens=(*way.whens, happens("ChildDied"))), certify=False)
        if set(result.open_tasks) != AFTER_DEATH:
            wrong.append((Path(way.file).stem, len(way.whens), result.open_tasks))

    assert wrong == []


def test_a_second_change_while_the_first_is_followed_is_followed_too(sqlite_stage: Stage, waits):
    """A change of placement at every wait, then a death: only the removal after death is left."""
    wrong = []
    for way in waits:
        twice = replace(way, whens=(*way.whens, happens("PlacementChanged"), happens("ChildDied")))
        result = sqlite_stage.play(twice, certify=False)
        if set(result.open_tasks) != AFTER_DEATH or result.plan_status != "ACTIVE":
            wrong.append((Path(way.file).stem, len(way.whens), result.open_tasks))

    assert wrong == []

"""Every shipped scenario comes out as it is written, on both databases, and replay certifies each step of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.dmn import read_model
from engine.execution import describe, prepare
from engine.pathways import read_release
from engine.scenarios import Result, Scenario, Stage, find_scenarios, read_scenario
from engine.working_days import EXTENSIONS
from tests.pathways.conftest import PROCESSES, authorities
from tests.support.audit import only_known_compilers

FILES = find_scenarios(PROCESSES)

#: Answers and facts that an ending rests on: unknown, each of them keeps the plan.
DECISIVE = frozenset(
    {
        "no_longer_at_risk",
        "plan_no_longer_required",
        "quorate",
        "significant_harm_continuing_or_likely",
        "plan_required",
        "legal_status",
        "placement",
        "care_planning_arrangements",
        "s20_stable",
        "plo_active",
        "care_proceedings",
    }
)
#: What only a looked-after child's removal rests on.
OF_A_REMOVAL = frozenset(
    {"legal_status", "placement", "care_planning_arrangements", "s20_stable", "plo_active", "care_proceedings"}
)


#: A second lock: a ground outside those of the table before it is no answer, and would go to a conference.
TOLD_BEFORE_ASKED = frozenset({"dorset_criteria#7"})


def name(path: Path) -> str:
    return f"{path.parent.parent.name}/{path.stem}"


@pytest.mark.parametrize("file", FILES, ids=name)
def test_a_scenario_comes_out_as_written(stage: Stage, file: Path, so_far: dict[Path, Result]):
    """What people and time do leads to the outcome, tasks, letters and dates that the policy asks for.

    Meanwhile no text of a file becomes Python, except through the FEEL compiler.
    """
    with only_known_compilers():
        result = stage.play(read_scenario(file.read_bytes(), str(file)))
    so_far.setdefault(file, result)

    assert result.problems == ()
    assert result.replay is not None
    assert result.replay.certified


def endings() -> list[tuple[Path, str]]:
    """Each scenario that ends a plan for a removal or at a conference, with each decisive value it gives."""
    found = []
    for file in FILES:
        scenario = read_scenario(file.read_bytes(), str(file))
        wanted = scenario.then.get("outcomes", [])
        ends = {"PLAN_ENDED_CONFERENCE", "PLAN_ENDED_ADMIN_ORDER_AWAY", "PLAN_ENDED_ADMIN_S20_AWAY"} & set(wanted)
        if scenario.then.get("plan_status") == "ENDED" and len(ends) == 1:
            given = {key for when in scenario.whens for key, value in when.answers.items() if value is not None}
            facts = {key for key, value in scenario.facts.items() if value is not None}
            looked_at = DECISIVE if "PLAN_ENDED_CONFERENCE" not in ends else DECISIVE - OF_A_REMOVAL
            found += [(file, key) for key in sorted((given | facts) & looked_at)]
    return found


def without(scenario: Scenario, key: str) -> Scenario:
    """The same scenario where one thing is not known."""
    whens = tuple(
        replace(when, answers={**when.answers, key: None if key in OF_A_REMOVAL else "unknown"})
        if key in when.answers
        else when
        for when in scenario.whens
    )
    return replace(scenario, whens=whens, facts={**scenario.facts, key: None}, then={})


@pytest.mark.parametrize(("file", "key"), endings(), ids=lambda part: part if isinstance(part, str) else name(part))
def test_an_unknown_answer_never_ends_a_plan(sqlite_stage: Stage, file: Path, key: str):
    """With any one thing unknown that an ending rests on, the plan stays active."""
    result = sqlite_stage.play(without(read_scenario(file.read_bytes(), str(file)), key), certify=False)

    assert result.plan_status == "ACTIVE"


@pytest.mark.parametrize("authority", authorities())
def test_every_step_arrow_and_outcome_is_reached_by_a_scenario(played, authority):
    """Each element and each arrow of each diagram is met in some scenario, each answer to each question included.

    A namesake in another process is none of them, and what only waits on a step's border was not met.
    """
    visited = set().union(*(result.visited for result in played.values()))
    drawn = set()
    for folder in pathways(authority):
        described = describe(prepare(read_release(PROCESSES, authority, folder.name)))
        drawn |= {f"{element['process']}/{element['id']}" for element in described["elements"]}
        drawn |= {f"{process['id']}/{flow['id']}" for process in described["processes"] for flow in process["flows"]}

    assert sorted(drawn - visited) == []


@pytest.mark.parametrize("authority", authorities())
def test_every_row_of_every_table_decides_a_scenario(played, authority):
    """A row that no scenario meets is a rule that nobody has looked at."""
    visited = set().union(*(result.visited for result in played.values()))
    rows = set()
    for file in sorted((PROCESSES / authority).rglob("*.dmn")):
        for decision in read_model(file.read_bytes(), file.name, extensions=EXTENSIONS).decisions:
            table = decision.logic
            rows |= {f"{decision.id}#{number}" for number in range(1, len(table.rules) + 1)}

    assert sorted(rows - visited - TOLD_BEFORE_ASKED) == []


def pathways(authority: str) -> list[Path]:
    """The folders of an authority's pathways, shared ones included."""
    return sorted(path.parent for path in (PROCESSES / authority).rglob("pathway.toml"))


def test_every_ending_of_the_suite_went_through_its_guard(played):
    """A plan ends only where the guard's decision was made in the same step, and never for a reason left open."""
    before = {file for file in FILES if read_scenario(file.read_bytes(), str(file)).facts.get("plan_status") == "ENDED"}
    ended = [result for file, result in played.items() if result.plan_status == "ENDED" and file not in before]

    assert ended
    assert all(any("_may_end_plan#1" in place for place in result.visited) for result in ended)

"""Which endings a case page shows: those that lie ahead by any path, also through calls, the one under way first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.case.facts import view as facts_view
from engine.casework.endings import Ending
from engine.casework.standing import endings, guarded
from engine.scenarios import Scenario, Stage, find_scenarios, read_scenario
from engine.scenarios.run import Play
from tests.pathways.conftest import PROCESSES

EXECUTIVE, CONFERENCE = "an executive decision ended it", "a conference ended it"
OBJECTION = "A written objection in time stands"


def scenario(path: str) -> Scenario:
    file = PROCESSES / path
    return read_scenario(file.read_bytes(), str(file))


def told(play: Play) -> tuple[Ending, ...]:
    """The endings that the page of the case would show to somebody from whom nothing is kept."""
    case = play.casework.load(play.scenario.authority, play.case_id)
    shelf = play.stage.shelf
    pathways = {number: shelf.pathway(case.authority, one.release) for number, one in case.running.items()}
    every = [shelf.pathway(case.authority, release) for release in shelf.deployments(case.authority).values()]
    facts = {**facts_view(case.facts, now=play.clock.now()), "case_id": case.case_id, "authority": case.authority}
    return endings(case, facts, pathways, guarded(every), play.casework.environment(case.authority))


def at(stage: Stage, path: str, step: str) -> Play:
    """The scenario played until this step is the next to be done."""
    whole = scenario(path)
    number = next(number for number, when in enumerate(whole.whens) if when.what == step)
    return stage.perform(replace(whole, whens=whole.whens[:number]))


def grounds(found: tuple[Ending, ...]) -> list[str]:
    return [one.ways[0].words for one in found]


def test_the_decision_under_way_comes_before_the_conference_beside_it(sqlite_stage: Stage) -> None:
    """SOU-9.7, 9.8: once the IRO agreed, the executive decision is told first, and the conference after it."""
    path = "southwark/southwark_executive_decision/scenarios/t08_head_lets_it_proceed.toml"
    found = told(at(sqlite_stage, path, "write_to_agencies"))

    assert [EXECUTIVE, CONFERENCE] == grounds(found)
    assert not found[0].reached


def test_an_objection_stands_against_the_ending_while_the_head_decides(sqlite_stage: Stage) -> None:
    """SOU-9.9, 9.13: the executive decision's own conditions are told, with the objection and its day, not met."""
    path = "southwark/southwark_executive_decision/scenarios/t08_head_lets_it_proceed.toml"
    first = told(at(sqlite_stage, path, "decide_dispute"))[0]
    objection = next(one for one in first.conditions if one.title == OBJECTION)

    assert EXECUTIVE == first.ways[0].words
    assert ("unmet", ("2026-03-12",)) == (objection.state, objection.received)
    assert ("dispute_before_head",) == objection.facts


def test_an_ending_behind_a_call_is_told_with_its_conditions(sqlite_stage: Stage) -> None:
    """CAM-3.1: while it is decided which way a looked-after child's plan goes, the removal it may lead to is told."""
    found = told(at(sqlite_stage, "camden/camden_cla_decision/scenarios/discontinue.toml", "weigh_risk"))

    assert found
    assert found[0].instance is not None
    assert not found[0].reached
    assert found[0].conditions


def test_the_panel_says_no_more_and_no_less_than_the_rule_that_ends_the_plan_reads(sqlite_stage: Stage) -> None:
    """CAM-3.1: where not moving away answers whether the child lives outside, the panel does not call it unknown."""
    path = "camden/camden_review_conference/scenarios/ends.toml"
    first = told(at(sqlite_stage, path, "write_conference_letter"))[0]
    outside = [one for one in first.conditions if "living_outside_area" in one.facts]

    assert outside
    assert {("met", ("living_outside_area",))} == {(one.state, one.taken) for one in outside}


def ended(authority: str) -> list[Scenario]:
    """Scenarios in which people's steps alone bring a plan to its end, of two of the authority's pathways."""
    found: dict[str, Scenario] = {}
    for file in find_scenarios(PROCESSES / authority):
        one = read_scenario(file.read_bytes(), str(file))
        people = one.whens and all(when.does == "complete" and when.refused is None for when in one.whens)
        if people and one.then.get("plan_status") == "ENDED" and not one.others:
            found.setdefault(str(one.pathway), one)
    return list(found.values())[:2]


@pytest.mark.parametrize("authority", ["camden", "darlington", "dorset", "southwark", "sussex"])
def test_no_step_before_an_ending_says_that_none_is_ahead(sqlite_stage: Stage, authority: str) -> None:
    """Wherever people's steps alone brought a plan to its end, that ending was told before each of those steps."""
    played = ended(authority)
    for one in played:
        for number in range(1, len(one.whens) + 1):
            play = sqlite_stage.perform(replace(one, whens=one.whens[:number]))
            if play.casework.load(authority, play.case_id).facts["plan_status"] == "ENDED":
                break
            assert all(each.instance is not None for each in told(play)), f"{one.file}: after {number} steps"

    assert played

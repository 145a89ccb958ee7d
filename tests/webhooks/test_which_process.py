"""Pan-Dorset's conference beside care: its steps have ids that other called pathways use for steps of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from engine.scenarios import Stage, read_scenario
from tests.support import house as houses
from tests.support.house import Blueprint, House
from tests.support.visitor import Visitor

STORY = Path(__file__).parents[2] / "processes/dorset/dorset_concurrent/scenarios/conference_asked.toml"
MOVED, CONFERENCE = "Pan-Dorset: the family moves away", "Pan-Dorset: review conference"


@pytest.fixture(scope="module")
def blueprint(tmp_path_factory: pytest.TempPathFactory) -> Blueprint:
    """Pan-Dorset's pathways published and its people appointed, once."""
    return houses.draw_up(tmp_path_factory.mktemp("blueprint"), "dorset")


@pytest.fixture
def asked(house: House) -> str:
    """A case whose review asked a conference, which decided to end the plan: its end is still to be recorded."""
    scenario = read_scenario(STORY.read_bytes(), STORY.name)
    play = Stage(house.store, house.shelf).perform(replace(scenario, whens=scenario.whens[:-1]))
    return play.case_id


def test_a_task_names_its_own_pathway_and_its_own_clauses(
    house: House, visit: Callable[..., Visitor], asked: str
) -> None:
    """The end that a conference decided is the conference's, and serves its clause: nobody has moved away."""
    page = visit("conference_chair").get(f"/cases/{asked}/tasks/{house.task(asked, 'close_plan')}")

    assert CONFERENCE in page.text and MOVED not in page.text
    assert "DOR-2.143a" in page.text and "DOR-2.143e" not in page.text


def test_lists_and_the_case_name_the_pathway_of_each_step(
    house: House, visit: Callable[..., Visitor], asked: str
) -> None:
    """The team's list, the case and its steps say the same of a task as its own page."""
    chair = visit("conference_chair")
    pages = [chair.get(path) for path in ("/tasks/team", f"/cases/{asked}", f"/cases/{asked}/steps")]

    assert CONFERENCE in pages[0].text
    assert CONFERENCE in pages[1].text and "DOR-2.143a" in pages[2].text
    assert "DOR-2.143e" not in pages[2].text and not [page for page in pages if MOVED in page.text]

"""`pathways coverage` fails where a clause is carried out nowhere or exercised by no scenario, and names it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.test_commands import run
from tests.pathways.test_taking_out import DIAGRAM, SCENARIO

AUTHORITY = """name = "Area Council"
nation = "england"
life_event_pathway = "seeing"
[roles]
social_worker = "Social worker"
head_of_quality_assurance = "Head of Quality Assurance"
"""
CLAUSES = "id,tag,summary\nSUS-1,user-task,The child is seen.\n"


@pytest.fixture
def processes(tmp_path: Path) -> Path:
    """An authority of one clause and one pathway, whose one scenario visits the step that carries the clause out."""
    pathway = tmp_path / "processes" / "sussex" / "seeing"
    (pathway / "scenarios").mkdir(parents=True)
    (pathway.parent / "authority.toml").write_text(AUTHORITY, encoding="utf-8")
    (pathway.parent / "clauses.csv").write_text(CLAUSES, encoding="utf-8")
    (pathway / "pathway.bpmn").write_text(DIAGRAM, encoding="utf-8")
    (pathway / "pathway.toml").write_text('title = "Seeing"\npurpose = "Seen."\nversion = "1.0.0"\n', encoding="utf-8")
    (pathway / "scenarios" / "seen.toml").write_text(SCENARIO, encoding="utf-8")
    return tmp_path / "processes"


def test_every_clause_carried_out_and_exercised_is_no_gap(processes: Path) -> None:
    """The command succeeds, and says how many clauses there are."""
    said = run("coverage", "--processes", str(processes)).output

    assert "sussex: 1 clauses to carry out, 1 carried out, 1 exercised" in said


def test_a_clause_that_no_scenario_visits_is_a_gap(processes: Path) -> None:
    """The command fails, and names the clause and the places that a scenario would have to visit."""
    (processes / "sussex" / "seeing" / "scenarios" / "seen.toml").unlink()

    said = run("coverage", "--processes", str(processes), exits=1).output

    assert "SUS-1 is exercised by no scenario. Write one that visits SEEN, by_whom, see, to_be_seen." in said


def test_a_clause_that_stands_nowhere_and_one_that_is_none_are_gaps(processes: Path) -> None:
    """The command fails, on the command line and as JSON: what the policy asks stands in a pathway, and back."""
    (processes / "sussex" / "clauses.csv").write_text(CLAUSES.replace("SUS-1", "SUS-2"), encoding="utf-8")

    (found,) = json.loads(run("coverage", "--processes", str(processes), "--json", exits=1).stdout)

    nowhere, *unknown = found["gaps"]
    assert "SUS-2 is carried out nowhere. Name it on an element, row, field or letter." == nowhere
    assert {f"SUS-1 at {place} is no clause of sussex." for place in ("SEEN", "by_whom", "see", "to_be_seen")} == set(
        unknown
    )

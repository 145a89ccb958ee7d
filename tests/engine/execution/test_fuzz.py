"""Random diagrams beside SpiffWorkflow's own stepping, and damaged ones; tests/fuzz plays as many as one likes."""

from __future__ import annotations

from tests.fuzz import fuzz_reading
from tests.fuzz.fuzz_execution import walk


def test_random_diagrams_run_as_spiffworkflow_runs_them() -> None:
    """Where SpiffWorkflow executes as drawn, so do we: same tasks, timers, messages and end after every step."""
    outcome = walk(120, seed=2026)

    assert outcome["disagreements"] == []
    assert outcome["ended"] > 80


def test_a_damaged_diagram_is_refused_in_words_or_runs() -> None:
    """Whatever an editor, a merge or a hand did to a file, nothing but a finding or an incident comes of it."""
    outcome = fuzz_reading.walk(25, seed=2026)

    assert outcome["broken"] == []
    assert outcome["refused"] > 5

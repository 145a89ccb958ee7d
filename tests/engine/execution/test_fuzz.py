"""Random diagrams run beside SpiffWorkflow's own stepping; tests/fuzz/fuzz_execution.py plays as many as one likes."""

from __future__ import annotations

from tests.fuzz.fuzz_execution import run


def test_random_diagrams_run_as_spiffworkflow_runs_them() -> None:
    """Where SpiffWorkflow executes as drawn, so do we: same tasks, timers, messages and end after every step."""
    outcome = run(150, seed=2026)

    assert outcome["disagreements"] == []
    assert outcome["ended"] > 100

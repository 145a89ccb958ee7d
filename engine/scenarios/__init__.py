"""Scenarios run on the real engine: read, played with a clock that can be advanced, and checked."""

from engine.scenarios.files import Scenario, ScenarioUnreadable, When, explain, find_scenarios, read_scenario
from engine.scenarios.place import temporary_store
from engine.scenarios.run import Play, Result, Stage

__all__ = [
    "Play",
    "Result",
    "Scenario",
    "ScenarioUnreadable",
    "Stage",
    "When",
    "explain",
    "find_scenarios",
    "read_scenario",
    "temporary_store",
]

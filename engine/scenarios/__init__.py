"""Scenarios run on the real engine: read, played with a clock that can be advanced, and checked."""

from engine.scenarios.files import Scenario, ScenarioUnreadable, find_scenarios, read_scenario
from engine.scenarios.place import temporary_store
from engine.scenarios.run import Result, Stage

__all__ = ["Result", "Scenario", "ScenarioUnreadable", "Stage", "find_scenarios", "read_scenario", "temporary_store"]

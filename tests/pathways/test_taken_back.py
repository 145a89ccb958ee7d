"""A pathway that a manager takes back leaves no mark on the case that would hold an ending or hide what comes next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from engine.casework import Casework, Practitioner
from engine.clock import SettableClock
from engine.history import JSON
from engine.scenarios import Scenario, Stage, read_scenario
from tests.pathways.conftest import PROCESSES

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)

#: A scenario of each pathway that puts a mark on the case, the mark, and what it is when nothing is under way.
MARKS: dict[str, tuple[str, JSON]] = {
    "sussex/sussex_disagreement/scenarios/proceed": ("disagreements_open", 0),
    "sussex/sussex_removal_rcpc/scenarios/court_return_ends": ("conferences_after_removal_open", 0),
    "southwark/southwark_dispute_head/scenarios/another_agency_objects_before_the_head_decides": (
        "dispute_before_head",
        False,
    ),
    "camden/camden_admin_removal/scenarios/died": ("death_notices_begun_on", None),
}


def read(name: str) -> Scenario:
    file = PROCESSES / f"{name}.toml"
    return read_scenario(file.read_bytes(), str(file))


@pytest.mark.parametrize("name", MARKS)
def test_a_mark_goes_with_the_pathway_that_put_it_there(sqlite_stage: Stage, name: str) -> None:
    """As soon as the mark stands the pathway is taken back, and the case is as if it had not been begun."""
    scenario, (mark, resting) = read(name), MARKS[name]
    authority = name.partition("/")[0]
    for length in range(len(scenario.whens) + 1):
        result = sqlite_stage.play(replace(scenario, whens=scenario.whens[:length], then={}))
        case = Casework(sqlite_stage.store, sqlite_stage.shelf, SettableClock(AT)).load(authority, result.case_id)
        if case.facts.get(mark) not in (None, resting):
            break
    else:
        pytest.fail(f"{name} never sets {mark}")
    last = list(sqlite_stage.store.history(authority, result.case_id))[-1].command.at
    casework = Casework(sqlite_stage.store, sqlite_stage.shelf, SettableClock(last + timedelta(minutes=1)))
    head = Practitioner("head_1", authority, "Head", frozenset({"head_of_quality_assurance"}))

    for number, running in case.running.items():
        if running.state == "running":
            key = f"{result.case_id}-back-{number}"
            casework.withdraw_pathway(result.case_id, number, "Begun by mistake.", by=head, command_id=key)

    assert casework.load(authority, result.case_id).facts.get(mark) == resting
    assert casework.verify(authority, result.case_id).certified

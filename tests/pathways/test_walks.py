"""The walk over a pathway sees every way through it, and says what may not be."""

from __future__ import annotations

from tests.pathways.conftest import PROCESSES
from tests.walks.judging import Judge
from tests.walks.survey import faults, walk_authority
from tests.walks.walk import Walked

#: Small, with a table, a form of conditional questions, and calls of other pathways that end plans.
WALKED = "sussex_after_discharge_return"


def walked(judge: Judge) -> tuple[Walked, set[str]]:
    ((found, never),) = walk_authority(PROCESSES / "sussex", judge, WALKED)
    return found, never


def test_every_way_is_seen_and_none_ends_a_plan_wrongly() -> None:
    """All ways are walked, each outcome of the diagram is reached, and nothing is found that may not be."""
    found, never = walked(Judge.of("sussex"))

    assert found.exhausted
    assert never == set()
    assert dict(faults(found)) == {}


def test_an_ending_that_nobody_decided_is_found() -> None:
    """Where an ending needs somebody who did not decide, the walk says which ending, and the way to it."""
    ending = "RCPC_HELD_PLAN_ENDED"

    found, _ = walked(Judge({ending: ("decided_by_nobody",)}, {}))

    told = dict(faults(found))
    assert any(what.startswith(ending) and "decided_by_nobody" in what for what in told)
    assert all(way for way in told.values())

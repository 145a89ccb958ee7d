"""What a picture marks: where a pathway stands, each process by itself."""

from __future__ import annotations

from typing import Any

from engine.casework.marks import marks
from engine.history import Event


def told(*events: tuple[str, dict[str, Any]]) -> list[Event]:
    """What happened to pathway 1."""
    return [Event(kind, {"instance": 1, **body}) for kind, body in events]


def test_processes_that_share_an_id_are_marked_apart() -> None:
    """A step called `remove` in two diagrams is open only in the one that was entered."""
    found = marks(
        told(
            ("StepEntered", {"process": "route", "element": "remove", "task": 1}),
            ("StepCompleted", {"process": "route", "element": "remove", "task": 1}),
            ("FlowTaken", {"process": "route", "flow": "on"}),
            ("StepEntered", {"process": "decision", "element": "remove", "task": 2}),
        ),
        1,
        {},
    )

    assert {"route": {"remove": "done", "on": "done"}, "decision": {"remove": "open"}} == found


def test_what_was_stopped_from_outside_is_not_open() -> None:
    """A called process that a life event interrupted, and a task that was withdrawn, are no longer where it stands."""
    found = marks(
        told(
            ("StepEntered", {"process": "route", "element": "call", "task": 1}),
            ("StepEntered", {"process": "inner", "element": "report", "task": 2}),
            ("TaskWithdrawn", {"element": "report", "task": 2}),
            ("StepWithdrawn", {"process": "route", "element": "call", "task": 1}),
        ),
        1,
        {},
    )

    assert {} == found

"""Where a pathway stands on its drawings: read from the history, so that any moment of it can be shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.execution import Pathway
from engine.history import Event


def marks(told: Iterable[Event], number: int, choices: Mapping[str, frozenset[str]]) -> dict[str, dict[str, str]]:
    """By process: which elements a token stands on ('open') or has left ('done'), and which arrows were taken.

    choices  event-based gateways, and the events after each. One that is stopped from outside is never said to be
             left: it stands as long as one of its events waits
    """
    found: dict[str, dict[str, str]] = {}
    standing: dict[int, tuple[str, str]] = {}
    armed: dict[int, str] = {}
    for event in told:
        body = event.body
        if body.get("instance") != number:
            continue
        if event.kind == "StepEntered":
            standing[body["task"]] = (body["process"], body["element"])
        elif event.kind in ("StepCompleted", "EndReached"):
            found.setdefault(body["process"], {})[body["element"]] = "done"
            standing.pop(body.get("task", 0), None)
        elif event.kind in _GONE:
            standing.pop(body["task"], None)
            armed.pop(body["task"], None)
        elif event.kind in _ARMS:
            armed[body["task"]] = body["element"]
        elif event.kind in _HEARD:
            armed.pop(body["task"], None)
        elif event.kind == "FlowTaken":
            found.setdefault(body["process"], {})[body["flow"]] = "done"
    waiting = frozenset(armed.values())
    for process, element in standing.values():
        if element not in choices or waiting & choices[element]:
            found.setdefault(process, {})[element] = "open"
    return found


def choices(pathway: Pathway) -> dict[str, frozenset[str]]:
    """The event-based gateways of a pathway and of everything it calls, each with the events after it."""
    found: dict[str, frozenset[str]] = {}
    for process in pathway.processes.values():
        for element in process.elements.values():
            if element.kind == "eventBasedGateway":
                # Two processes may use one id: it stands as long as an event after either waits.
                after = frozenset(flow.target for flow in process.flows if flow.source == element.id)
                found[element.id] = found.get(element.id, frozenset()) | after
    return found


_GONE = frozenset({"StepWithdrawn", "TaskWithdrawn", "JobWithdrawn", "TimerCleared", "MessageNoLongerAwaited"})
_ARMS = frozenset({"TimerSet", "MessageAwaited"})
_HEARD = frozenset({"TimerFired", "MessageReceived"})

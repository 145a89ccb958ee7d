"""Which step called a process: read from the history, for a process may be called from several steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.execution import Pathway
from engine.history import Event

#: A step of a process: the process's id and the step's.
Place = tuple[str, str]


def calls(pathway: Pathway) -> dict[Place, str]:
    """The steps of a pathway, and of everything it calls, that call a process, each with the id of what it calls."""
    return {
        (process.id, element.id): element.called.process
        for process in pathway.processes.values()
        for element in process.elements.values()
        if element.called is not None and element.called.process != pathway.id
    }


def callers(
    before: Iterable[Event], during: Iterable[Event], instance: int, called: Mapping[Place, str]
) -> dict[str, tuple[Place, ...]]:
    """By called process: the steps whose call of it was under way, while `during` moved it or else when last it moved.

    called  as `calls` gives it
    Of a process that two steps had called at once, and that moved then, both are named: it is drawn once for both.
    """
    found: dict[str, dict[Place, None]] = {}
    under_way: dict[str, dict[int, Place]] = {}
    for told, lasting in ((before, False), (during, True)):
        seen: set[str] = set()
        for event in told:
            body = event.body
            if body.get("instance") != instance or not body.get("process"):
                continue
            process, place = str(body["process"]), (str(body["process"]), str(body.get("element", "")))
            now = under_way.get(process)
            if now:
                kept = found.get(process, {}) if lasting and process in seen else {}
                found[process] = {**kept, **dict.fromkeys(now.values())}
                seen.add(process)
            if place not in called:
                continue
            if event.kind == "StepEntered":
                under_way.setdefault(called[place], {})[int(body["task"])] = place
            elif event.kind in ("StepCompleted", "StepWithdrawn"):
                under_way.get(called[place], {}).pop(int(body["task"]), None)
    return {process: tuple(places) for process, places in found.items()}

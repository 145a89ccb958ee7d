"""Who did a step, read from history: for steps that must be done by two people, in whichever round."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from engine.errors import Forbidden
from engine.replay import recorded_events
from engine.store.rows import HistoryEntry


def doers(entries: Iterable[HistoryEntry], instance: int, steps: Collection[str]) -> dict[str, list[str]]:
    """Everybody who did one of these steps of a running pathway, with those they did; the first first.

    Whoever gave the answers did it, also where they were held by an incident that somebody else let go on. A step that
    came round again, or was done for several at once, was done by all of them.
    """
    gave: dict[int, str] = {}
    found: dict[str, list[str]] = {}
    for entry in entries:
        command = entry.command
        if command.kind == "complete_task":
            gave[command.body["task"]] = command.by
        for event in recorded_events(entry):
            body = event.body
            if event.kind == "TaskCompleted" and body["instance"] == instance and body["element"] in steps:
                did = found.setdefault(gave.get(body["task"], command.by), [])
                if body["element"] not in did:
                    did.append(body["element"])
    return found


def check_apart(did: Mapping[str, Iterable[str]], person: str, case_id: str, task: int) -> None:
    """Raise Forbidden where a person is among those who `did` a step that keeps its doers from this task."""
    if person in did:
        steps = " or ".join(did[person])
        raise Forbidden(
            f"Task {task} of case {case_id} must be done by somebody other than whoever did {steps}: {person} did."
        )

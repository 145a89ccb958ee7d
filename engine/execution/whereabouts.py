"""In which process each step of a history stands: two processes that a pathway calls may use one element id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.history import Event


class Whereabouts:
    """What events tell of where steps stand, taken command by command from the first; of any number of pathways.

    A task keeps its number for ever, so that a reminder or a correction of it is told of long after it is done.
    """

    def __init__(self) -> None:
        self._of_task: dict[int, str] = {}
        #: By pathway and element: the tasks that stand there now, each with its process.
        self._standing: dict[tuple[int, str], dict[int, str]] = {}

    def of_task(self, task: int | None) -> str:
        """The process in which a task, job or event stands or stood; '' where no event told."""
        return self._of_task.get(task or 0, "")

    def know(self, tasks: Mapping[int, str]) -> None:
        """Take where tasks stand that were opened before the first command that is taken."""
        self._of_task |= tasks

    def take(self, events: Sequence[Event]) -> tuple[str, ...]:
        """Take what one command did; the process of each event's step, '' where it has none or that is not certain."""
        for event in events:
            # What waits on the border of a step is named with its process only when it is left.
            if "process" in event.body and "task" in event.body:
                self._of_task[event.body["task"]] = event.body["process"]
        return tuple(self._take(event) for event in events)

    def _take(self, event: Event) -> str:
        body = event.body
        place = (body.get("instance", 0), body.get("element") or "")
        task = body.get("task")
        if event.kind == "StepEntered":
            self._standing.setdefault(place, {})[body["task"]] = body["process"]
        elif event.kind in _LEAVES:
            self._standing.get(place, {}).pop(body["task"], None)
        if "process" in body:
            return str(body["process"])
        if task in self._of_task:
            return self._of_task[task]
        standing = set(self._standing.get(place, {}).values())
        return standing.pop() if task is None and len(standing) == 1 else ""


#: Told last of a step: nobody stands there any more.
_LEAVES = frozenset({"StepCompleted", "StepWithdrawn", "TaskWithdrawn", "JobWithdrawn"})

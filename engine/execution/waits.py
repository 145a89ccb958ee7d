"""What a running pathway waits for: exactly the rows that the side tables must hold.

`process` names the process that draws the element: another one that the pathway calls may use the same id.
"""

from __future__ import annotations

from collections.abc import Collection

from engine.execution.elements import Element
from engine.execution.scopes import State, frames
from engine.execution.tokens import READY, WAITING
from engine.frozen import frozen
from engine.history import JSON


@frozen
class TaskWait:
    """An open user task. `due` is {"on": date text or None, "at": instant text, "explanation"}, or None."""

    task: int
    element: str
    role: str | None
    candidates: tuple[str, ...]
    form: str | None
    due: dict[str, JSON] | None
    priority: int
    assignee: str | None
    process: str = ""


@frozen
class JobWait:
    """A job that a worker is to do."""

    task: int
    element: str
    type: str
    headers: dict[str, str]
    input: dict[str, JSON]
    retries: int
    process: str = ""


@frozen
class TimerWait:
    """A timer and the instant it is due."""

    task: int
    element: str
    at: str
    process: str = ""


@frozen
class MessageWait:
    """A message (or signal, whose key is '') awaited; `depth` counts the processes around it, 0 the outermost."""

    task: int
    element: str
    name: str
    key: str
    depth: int
    signal: bool = False
    process: str = ""


@frozen
class Waits:
    """Everything a pathway waits for, each in the order of task ids."""

    tasks: tuple[TaskWait, ...] = ()
    jobs: tuple[JobWait, ...] = ()
    timers: tuple[TimerWait, ...] = ()
    messages: tuple[MessageWait, ...] = ()


def waits(state: State) -> Waits:
    """What the state waits for; worked out once between two instructions."""
    found: Waits | None = state.waiting
    if found is None:
        found = state.waiting = _waits(state)
    return found


def _waits(state: State) -> Waits:
    tasks: list[TaskWait] = []
    jobs: list[JobWait] = []
    timers: list[TimerWait] = []
    messages: list[MessageWait] = []
    # Within one process tokens lie in the order of their ids.
    found = sorted(state.tokens(), key=lambda one: one.id) if state.subprocesses else state.tokens()
    for token in found:
        kept, element = token.internal_data, token.task_spec.bpmn_id
        if token._state == READY and (row := kept.get("work")) is not None:
            tasks.append(
                TaskWait(
                    token.id,
                    element,
                    row["role"],
                    tuple(row["candidates"]),
                    row["form"],
                    row["due"],
                    row["priority"],
                    row["assignee"],
                    token.task_spec.element.process,
                )
            )
        elif token._state == READY and (row := kept.get("job")) is not None:
            process = token.task_spec.element.process
            jobs.append(JobWait(token.id, element, row["type"], row["headers"], row["input"], row["retries"], process))
        elif token._state == WAITING and (arm := kept.get("arm")) is not None:
            process = token.task_spec.element.process
            if arm[0] == "timer":
                timers.append(TimerWait(token.id, element, arm[1], process))
            elif arm[0] in ("message", "signal"):
                key = arm[2] if arm[0] == "message" else ""
                depth, signal = token.workflow.level, arm[0] == "signal"
                messages.append(MessageWait(token.id, element, arm[1], key, depth, signal, process))
    return Waits(tuple(tasks), tuple(jobs), tuple(timers), tuple(messages))


def wakes(state: State) -> str | None:
    """When the earliest timer of the state is due, None where it has none."""
    first: str | None = None
    for token in state.tokens():
        if token._state == WAITING:
            arm = token.internal_data.get("arm")
            if arm is not None and arm[0] == "timer" and (first is None or arm[1] < first):
                first = arm[1]
    return first


def stands_still(state: State) -> str | None:
    """The element at which a pathway stands that has not ended and waits for nothing: no person, date or message.

    None where it has ended or something can still move it.
    """
    if state.ended:
        return None
    place = ""
    for token in state.tokens():
        if token._state == READY or (token._state == WAITING and "arm" in token.internal_data):
            return None
        if token._state == WAITING:
            place = place or token.task_spec.bpmn_id or ""
    return place


def scope(state: State, task: int) -> dict[str, JSON]:
    """The variables that an open task sees, by name; the case and the parameters are the caller's to add.

    A name that the pathway writes later is there as null. Empty where there is no such task.
    """
    token = state.find(task)
    if token is None:
        return {}
    seen: dict[str, JSON] = dict.fromkeys(sorted(token.workflow.spec.declared))
    for _, frame in reversed(frames(token)):
        seen.update(frame)
    return seen


def whose(state: State, elements: Collection[str] | None = None) -> dict[int, str]:
    """The processes in which the tokens stand, by task; only of those at one of these elements where any are named."""
    specs = ((token.id, token.task_spec) for token in state.tokens())
    if elements is None:
        return {task: spec.element.process for task, spec in specs if spec.bpmn_id}
    return {task: spec.element.process for task, spec in specs if spec.bpmn_id in elements}


def around(state: State, task: int) -> tuple[tuple[int, Element], ...]:
    """What a token stands at and every activity that holds it, innermost first; empty where there is no such token."""
    token = state.find(task)
    found: list[tuple[int, Element]] = []
    while token is not None:
        found.append((token.id, token.task_spec.element))
        token = None if token.workflow is state else token.workflow.parent_token
    return tuple(found)


def variables(state: State) -> dict[str, JSON]:
    """Every variable of the pathway and of what runs inside it, as 'process.name'; of two at once, the later one."""
    return {
        f"{running.spec.id}.{name}": value
        for running in state.everywhere()
        for name, value in (running.variables or {}).items()
    }

"""The one door: a running pathway changes by an instruction and in no other way."""

from __future__ import annotations

from collections.abc import Mapping

from engine.errors import Incident
from engine.execution.errors import NotAwaited, NotDue, NotOpen, NotRunning, StartUnknown
from engine.execution.formulas import ordered
from engine.execution.instructions import (
    Circumstances,
    CompleteTask,
    Correct,
    DeliverMessage,
    FailJob,
    FinishJob,
    FireTimer,
    Instruction,
    Start,
    Step,
    Withdraw,
)
from engine.execution.pathway import Pathway
from engine.execution.scopes import NOTHING_UNDER_WAY, ROOT_NAMES, State, Turn
from engine.execution.taking_back import let_go
from engine.execution.throwing import throw_error
from engine.execution.tokens import READY, WAITING, Token
from engine.history import JSON, LEAST, MOST, PLAIN, check_json, check_names, instant


def apply(pathway: Pathway, state: State | None, instruction: Instruction, circumstances: Circumstances) -> Step:
    """Carry out one instruction: no clock, no chance, no I/O, and the same result whenever it is repeated.

    Raises Refused where the instruction does not fit (the state is as it was) and Incident where the pathway cannot go
    on by itself. After an Incident the state is unusable: decode it again.
    """
    turn = Turn(circumstances)
    try:
        if isinstance(instruction, Start):
            state = _start(pathway, instruction, turn)
        else:
            if state is None:
                raise NotRunning(pathway.id, "is not running")
            if state.ended:
                raise NotRunning(pathway.id, "has ended")
            state.turn, state.waiting = turn, None
            _tell(state, instruction, turn)
        state.settle()
    except Incident as incident:
        incident.instance = circumstances.instance
        raise
    finally:
        if state is not None:
            state.turn = NOTHING_UNDER_WAY
    return Step(state, turn.events, turn.next_id, tuple(turn.signals), turn.told)


def _start(pathway: Pathway, instruction: Start, turn: Turn) -> State:
    known = pathway.spec.starts
    start = known.get(instruction.start) if instruction.start is not None else pathway.spec.plain_start
    if start is None:
        raise StartUnknown(pathway.id, instruction.start, tuple(known))
    variables = _brought(instruction.variables)
    state = State(pathway)
    state.turn = turn
    turn.say("PathwayStarted", pathway=pathway.id, release=pathway.release.hash)
    trigger = start.element.trigger
    payload = None
    if trigger is not None and trigger.kind in ("message", "signal"):
        payload, variables = variables, {}
    for name in ROOT_NAMES:
        if name in variables:
            raise Incident(f"A pathway cannot be started with a variable {name}: only the case itself writes it.")
    state.variables = variables
    if variables:
        turn.say("VariablesWritten", scope=pathway.id, values=dict(variables))
    token = state.begin(start)
    if payload is not None:
        token.result = start.named(payload)
    start._update(token)
    return state


def _tell(state: State, instruction: Instruction, turn: Turn) -> None:
    if isinstance(instruction, CompleteTask):
        _complete(state, instruction.task, "work", instruction.answers)
    elif isinstance(instruction, FinishJob):
        _complete(state, instruction.task, "job", instruction.result)
    elif isinstance(instruction, FailJob):
        _fail(state, instruction, turn)
    elif isinstance(instruction, FireTimer):
        token = _waiting(state, instruction.task, "a timer")
        arm = token.internal_data["arm"]
        if arm[0] != "timer":
            raise NotAwaited(instruction.task, "a timer")
        if arm[1] > instant(turn.circumstances.now):
            raise NotDue(instruction.task, arm[1])
        token.task_spec.fire(token, None)
    elif isinstance(instruction, DeliverMessage):
        token = _waiting(state, instruction.task, f"the message {instruction.name}")
        arm = token.internal_data["arm"]
        if arm[0] not in ("message", "signal") or arm[1] != instruction.name:
            raise NotAwaited(instruction.task, f"the message {instruction.name}")
        token.task_spec.fire(token, _brought(instruction.payload))
    elif isinstance(instruction, Correct):
        _correct(state, instruction, turn)
    elif isinstance(instruction, Withdraw):
        let_go(state)
        turn.say("PathwayWithdrawn", why=instruction.why)
        state.completed, state.withdrawn = True, instruction.why
        state.clear()


def _brought(values: Mapping[str, JSON]) -> dict[str, JSON]:
    """What came from outside, as history will hold it. Raises Unreadable for what JSON cannot keep."""
    check_names(values)
    found: dict[str, JSON] = {}
    for name in sorted(values):
        value = values[name]
        kind = type(value)
        if kind not in PLAIN and not (kind is int and LEAST <= value <= MOST):
            check_json(value)
            if kind is list or kind is dict:
                value = ordered(value)
        found[name] = value
    return found


def _complete(state: State, task: int, what: str, brought: Mapping[str, JSON]) -> None:
    token = _open(state, task, what)
    values = _brought(brought)
    del token.internal_data[what]
    token.result = values
    token.complete()


def _fail(state: State, instruction: FailJob, turn: Turn) -> None:
    token = _open(state, instruction.task, "job")
    step = token.task_spec
    variables = _brought(instruction.variables)
    turn.say("JobFailed", element=step.bpmn_id, task=token.id, code=instruction.code, message=instruction.message)
    if instruction.code is None:
        row = token.internal_data["job"]
        token.internal_data["job"] = {**row, "retries": max(0, row["retries"] - 1)}
    elif not throw_error(token, instruction.code, variables):
        raise Incident(
            f"{step.bpmn_id}: the job failed with {instruction.code}, which nothing in the diagram catches. "
            "Put right what went wrong and finish the job, or draw an error event.",
            element=step.bpmn_id,
        )


def _correct(state: State, instruction: Correct, turn: Turn) -> None:
    """Put answers right in every frame that still holds them as they were; what was worked out of them stays."""
    right, element = _brought(instruction.answers), instruction.element
    for running in state.everywhere():
        kept: list[tuple[str, dict[str, JSON] | None]] = [(running.spec.id, running.variables)]
        kept += [(token.task_spec.bpmn_id, token.internal_data.get("local")) for token in running.tasks.values()]
        for owner, frame in kept:
            held = (frame or {}).get(element) if state.spec.by_task else frame
            if not isinstance(held, dict) or any(
                name not in held or held[name] != was for name, was in instruction.was.items()
            ):
                continue
            assert frame is not None
            values = {element: ordered({**held, **right})} if state.spec.by_task else right
            frame.update(values)
            turn.say("VariablesWritten", scope=owner, values=values)


def _open(state: State, task: int, what: str) -> Token:
    token = state.find(task)
    if token is None or token._state != READY or what not in token.internal_data:
        raise NotOpen(task)
    return token


def _waiting(state: State, task: int, what: str) -> Token:
    token = state.find(task)
    if token is None or token._state != WAITING or "arm" not in token.internal_data:
        raise NotAwaited(task, what)
    return token

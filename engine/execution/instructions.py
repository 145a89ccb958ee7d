"""What a running pathway can be told, under which circumstances, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING

from engine.calendars import Calendar
from engine.frozen import frozen
from engine.history import JSON, Event

if TYPE_CHECKING:
    from engine.execution.scopes import State


@frozen
class Circumstances:
    """All that an instruction may read from outside the pathway. Nothing else is read: no clock, no chance.

    now         the command's time, aware UTC
    case        the case's facts, read as `case.x`; JSON values
    parameters  the authority's settings for this pathway, read as `parameters.x`
    calendar    what counts as a working day
    next_id     the first task id not yet used in the case
    instance    the running pathway's number in the case
    by, role    who gives the instruction, and in which role
    derive      what follows from the case's facts (its age), worked out again where a step changed them
    """

    now: datetime
    case: Mapping[str, JSON]
    parameters: Mapping[str, JSON]
    calendar: Calendar
    next_id: int
    instance: int
    by: str
    role: str | None = None
    derive: Callable[[Mapping[str, JSON]], Mapping[str, JSON]] = dict


@frozen
class Start:
    """Begin the pathway; `start` names a message or signal start event, None the plain one."""

    variables: Mapping[str, JSON] = field(default_factory=dict)
    start: str | None = None


@frozen
class CompleteTask:
    """A person completed user task `task` with checked answers."""

    task: int
    answers: Mapping[str, JSON] = field(default_factory=dict)


@frozen
class FinishJob:
    """A worker finished job `task` with this result."""

    task: int
    result: Mapping[str, JSON] = field(default_factory=dict)


@frozen
class FailJob:
    """A worker could not do job `task`. With a code, an error event in the diagram may catch it."""

    task: int
    code: str | None = None
    message: str = ""
    variables: Mapping[str, JSON] = field(default_factory=dict)


@frozen
class FireTimer:
    """Timer `task` is due."""

    task: int


@frozen
class DeliverMessage:
    """A message (or a signal) called `name` arrived for `task`."""

    task: int
    name: str
    payload: Mapping[str, JSON] = field(default_factory=dict)


@frozen
class Withdraw:
    """The whole pathway is taken back; `why` is a reason code or reference, never personal text."""

    why: str


@frozen
class Correct:
    """Answers kept of a completed user task are put right wherever the pathway still holds them as they were."""

    element: str
    was: Mapping[str, JSON]
    answers: Mapping[str, JSON]


Instruction = Start | CompleteTask | FinishJob | FailJob | FireTimer | DeliverMessage | Withdraw | Correct


@frozen
class Step:
    """What one instruction came to.

    state    the pathway afterwards (the same object, moved on)
    events   what happened, in causal order
    next_id  the first task id not yet used in the case
    signals  names of signals thrown, for the case's other running pathways
    told     tokens of this pathway, beside the step that ended the plan, which wait to be told that it has ended
    """

    state: State
    events: list[Event]
    next_id: int
    signals: tuple[str, ...] = ()
    told: tuple[int, ...] = ()

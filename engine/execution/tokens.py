"""Tokens: SpiffWorkflow's tasks with whole numbers as ids, nothing inherited and nothing predicted."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.history import JSON

if TYPE_CHECKING:
    from engine.execution.scopes import Running
    from engine.execution.steps import Step

FUTURE, WAITING, READY, STARTED = TaskState.FUTURE, TaskState.WAITING, TaskState.READY, TaskState.STARTED
COMPLETED, CANCELLED, FINISHED = TaskState.COMPLETED, TaskState.CANCELLED, TaskState.FINISHED_MASK

#: Tokens carry no data: a write is a mistake and raises.
NO_DATA: Mapping[str, object] = MappingProxyType({})


class Token(Task):
    """Where a pathway stands. What it must remember is in `internal_data`, JSON only.

    flow     the arrow it came by, where a join counts arrows
    local    variables that only this element sees
    work     a user task's row; job: a job's row
    arms     what a catching event waits for
    index    which item of a multi-instance it is
    """

    id: int
    workflow: Running
    task_spec: Step
    internal_data: dict[str, Any]

    thread_id = 0
    triggered = False
    last_state_change = 0
    data = NO_DATA
    #: What a person, worker or message brought, on its way into the variables; never kept.
    result: Mapping[str, JSON] | None = None

    def __init__(self, workflow: Running, task_spec: Step, parent: Token | None = None, state: int = FUTURE) -> None:
        turn = workflow.top_workflow.turn
        self.id = number = turn.next_id
        turn.next_id = number + 1
        workflow.tasks[number] = self
        self.workflow, self.task_spec, self._state = workflow, task_spec, state
        self._children: list[int] = []
        self.internal_data = {}
        if parent is None:
            self._parent = None
        else:
            self._parent = parent.id
            parent._children.append(number)

    def _set_state(self, value: int) -> None:
        self._state = value
        if value == READY and not self.task_spec.manual:
            self.workflow.top_workflow.turn.ready.append(self)

    def _inherit_data(self) -> None:
        """Nothing is inherited: variables live in scopes."""

    def _ready(self) -> None:
        if not self._state & FINISHED:
            self._set_state(READY)

    def run(self) -> bool | None:
        """Do what the element does; it may finish at once, start something, or end its own scope."""
        done = self.task_spec._run_hook(self)
        if not self._state & FINISHED:
            if done:
                self._state = COMPLETED
                self.task_spec._on_complete(self)
            else:
                self._set_state(STARTED)
        return done

    def complete(self) -> None:
        """The element is done: the token moves on."""
        self._state = COMPLETED
        self.task_spec._on_complete(self)

    def cancel(self) -> None:
        """Take the token away, with everything under it."""
        if self._state & FINISHED:
            return
        self._set_state(CANCELLED)
        for child in list(self._children):
            if child in self.workflow.tasks:
                self.workflow.tasks[child].cancel()
        self.task_spec._on_cancel(self)
        self.workflow.drop(self)

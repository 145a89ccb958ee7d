"""Events that throw: ends, escalations, errors and signals, and who catches them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from SpiffWorkflow.bpmn.specs.defaults import EndEvent, IntermediateThrowEvent

from engine.errors import Incident
from engine.execution.activities import Job
from engine.execution.elements import Trigger
from engine.execution.events import Boundary, EventStart, Guard, Waiting
from engine.execution.steps import Step
from engine.execution.tokens import WAITING, Token
from engine.history import JSON


class Throw(Step, IntermediateThrowEvent):
    """An intermediate throw event."""

    @property
    def trigger(self) -> Trigger:
        """What it throws."""
        return self.element.trigger or Trigger()

    def _run_hook(self, my_task: Token) -> bool | None:
        trigger, payload = self.trigger, my_task.internal_data.get("local", {})
        if trigger.kind == "escalation":
            escalate(my_task, trigger)
        elif trigger.kind == "error":
            if not throw_error(my_task, trigger.code, payload):
                raise Incident(
                    f"{self.bpmn_id}: error {trigger.code} is not caught anywhere. "
                    "Draw an error event that catches it.",
                    element=self.bpmn_id,
                )
        elif trigger.kind == "signal":
            send_signal(my_task, trigger.name, payload)
        return True


class End(Throw, EndEvent):
    """An end event: says what was reached; a terminate end stops all else in its process."""

    def _on_complete_hook(self, my_task: Token) -> None:
        if self.trigger.kind == "terminate":
            workflow = my_task.workflow
            for other in list(workflow.tasks.values()):
                if other is not my_task and other is not workflow.task_tree and other.id in workflow.tasks:
                    other.cancel()
        reach(self, my_task)
        super()._on_complete_hook(my_task)


class JobEnd(Job):
    """A message end event: a worker sends the message, then the end is reached."""

    def _on_complete_hook(self, my_task: Token) -> None:
        super()._on_complete_hook(my_task)
        reach(self, my_task)


def outcome_of(element: str) -> str | None:
    """The outcome an end event's id names: ids in capitals are outcomes, others are only ends."""
    return element if element.isupper() else None


def reach(step: Step, token: Token) -> None:
    """Note that an end event was reached, in its process and in every one around it."""
    outcome = outcome_of(step.bpmn_id)
    step.turn(token).say("EndReached", process=step.element.process, element=step.bpmn_id, outcome=outcome)
    if outcome is None:
        return
    workflow = token.workflow
    while True:
        workflow.outcomes.append(outcome)
        if workflow is workflow.top_workflow:
            return
        workflow = workflow.parent_token.workflow


def _catchers(token: Token, kind: str) -> Iterator[list[Token]]:
    """Waiting events for `kind` around a token, level by level from the inside out."""
    while True:
        parent = token.parent
        while parent is not None and token.task_spec.instance_of is not None:
            token, parent = parent, parent.parent
        workflow = token.workflow
        if parent is not None and isinstance(parent.task_spec, Guard):
            children = [workflow.tasks[child] for child in parent._children]
            yield [each for each in children if isinstance(each.task_spec, Boundary) and _waits(each, kind)]
        yield [
            each for each in workflow.tasks.values() if isinstance(each.task_spec, EventStart) and _waits(each, kind)
        ]
        if workflow is workflow.top_workflow:
            return
        token = workflow.parent_token


def _waits(token: Token, kind: str) -> bool:
    return bool(token._state == WAITING and token.internal_data["arm"][0] == kind)


def catcher(token: Token, kind: str, code: str | None) -> Token | None:
    """Who catches a code thrown at `token`: the nearest level first, on a level the exact code before a catch-all."""
    for level in _catchers(token, kind):
        for wanted in (code, None):
            for each in sorted(level, key=lambda one: one.id):
                if each.internal_data["arm"][1] == wanted:
                    return each
    return None


def throw_error(token: Token, code: str | None, payload: Mapping[str, JSON]) -> bool:
    """Throw an error from here outward; false where nothing catches it."""
    caught = catcher(token, "error", code)
    if caught is None:
        return False
    token.task_spec.turn(token).say("ErrorCaught", element=caught.task_spec.bpmn_id, code=code)
    caught.task_spec.fire(caught, payload)
    return True


def escalate(token: Token, trigger: Trigger) -> None:
    """Throw an escalation from here outward. It is heard even where nothing in the diagram catches it."""
    step = token.task_spec
    caught = catcher(token, "escalation", trigger.code)
    step.turn(token).say(
        "Escalated",
        element=step.bpmn_id,
        code=trigger.code,
        name=trigger.name,
        caught_by=caught.task_spec.bpmn_id if caught is not None else None,
        role=step.element.properties.get("casework:escalation"),
        clauses=step.element.properties.get("casework:clauses"),
    )
    if caught is not None:
        caught.task_spec.fire(caught, token.internal_data.get("local", {}))


def send_signal(token: Token, name: str, payload: Mapping[str, JSON]) -> None:
    """Reach everything in this pathway that waits for the signal now; the case passes it to its other pathways."""
    turn, state = token.task_spec.turn(token), token.workflow.top_workflow
    turn.signals.append(name)
    waiting: list[Any] = [
        each
        for workflow in state.everywhere()
        for each in workflow.tasks.values()
        if each._state == WAITING and each.internal_data.get("arm", [])[:2] == ["signal", name]
    ]
    for each in sorted(waiting, key=lambda one: one.id):
        if each._state == WAITING and each.id in each.workflow.tasks:
            assert isinstance(each.task_spec, Waiting)
            each.task_spec.fire(each, payload)

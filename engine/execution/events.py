"""Events that wait: catch events, receive tasks, event-based gateways, boundary events and their guards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent, EventBasedGateway, IntermediateCatchEvent

from engine.errors import Incident
from engine.execution.elements import Element, Trigger
from engine.execution.scopes import Scope, scope
from engine.execution.steps import Flow, Step
from engine.execution.timers import after, arm_timer
from engine.execution.tokens import COMPLETED, STARTED, WAITING, Token
from engine.history import JSON, instant, read_instant


class Waiting(Step):
    """Whatever waits for something to happen; `arm` in the token says what."""

    @property
    def trigger(self) -> Trigger:
        """What it waits for."""
        assert self.element.trigger is not None
        return self.element.trigger

    def arm(self, token: Token, seen: Scope) -> None:
        """Begin to wait, with the timer, key or code as it is now."""
        trigger, turn, here = self.trigger, self.turn(token), self.bpmn_id
        if trigger.kind == "timer":
            assert trigger.when is not None and trigger.timer is not None
            arm, why = arm_timer(trigger.timer, trigger.when, seen, turn.environment, here)
            turn.say("TimerSet", element=here, task=token.id, due={"at": arm[1], "explanation": why})
        elif trigger.kind == "message":
            key = trigger.key.json(seen, turn.environment, here) if trigger.key is not None else ""
            if isinstance(key, bool) or not isinstance(key, str | int):
                raise Incident(
                    f"{here}: the correlation key of message {trigger.name} is not a text or a whole number. "
                    "Record what it reads, then try again.",
                    element=here,
                )
            arm = ["message", trigger.name, str(key)]
            turn.say("MessageAwaited", element=here, task=token.id, name=trigger.name, key=str(key))
        elif trigger.kind == "signal":
            arm = ["signal", trigger.name]
        else:
            arm = [trigger.kind, trigger.code]
        token.internal_data["arm"] = arm
        token._set_state(WAITING)

    def happened(self, token: Token, payload: Mapping[str, JSON] | None) -> None:
        """Note what happened to a waiting token."""
        kind, name = token.internal_data["arm"][:2]
        if kind == "timer":
            self.turn(token).say("TimerFired", element=self.bpmn_id, task=token.id)
        elif kind in ("message", "signal"):
            self.turn(token).say(
                "MessageReceived", element=self.bpmn_id, task=token.id, name=name, payload=dict(payload or {})
            )

    def brought(self, payload: Mapping[str, JSON] | None) -> dict[str, JSON]:
        """What becomes variables: a message's, signal's or error's payload; a timer brings nothing."""
        return self.named(payload) if payload is not None else {}

    def again(self, token: Token) -> bool:
        """Whether a waiting token that does not interrupt goes on waiting; a repeating timer is set anew."""
        arm = token.internal_data["arm"]
        if arm[0] != "timer":
            return True
        if len(arm) == 2 or arm[2] == 0:
            return False
        left = arm[2] - 1 if arm[2] > 0 else arm[2]
        at = instant(after(read_instant(arm[1]).astimezone(UTC), arm[3]))
        token.internal_data["arm"] = ["timer", at, left, arm[3]]
        self.turn(token).say("TimerSet", element=self.bpmn_id, task=token.id, due={"at": at, "explanation": None})
        return True

    def _on_cancel(self, my_task: Token) -> None:
        arm = my_task.internal_data.get("arm")
        if arm is None:
            return
        if arm[0] == "timer":
            self.turn(my_task).say("TimerCleared", element=self.bpmn_id, task=my_task.id)
        elif arm[0] == "message":
            self.turn(my_task).say("MessageNoLongerAwaited", element=self.bpmn_id, task=my_task.id, name=arm[1])


class Catch(Waiting, IntermediateCatchEvent):
    """An intermediate catch event or a receive task."""

    def _update_hook(self, my_task: Token) -> bool | None:
        if my_task.parent is not None and isinstance(my_task.parent.task_spec, EventGateway):
            self.arm(my_task, scope(my_task))
            return None
        self.enter(my_task)
        self.arm(my_task, scope(my_task))
        return None

    def fire(self, token: Token, payload: Mapping[str, JSON] | None) -> None:
        """Go on; at an event-based gateway this is the way that was taken."""
        gateway = token.parent
        if gateway is not None and isinstance(gateway.task_spec, EventGateway):
            gateway.task_spec.choose(gateway, token)
            self.enter(token)
        self.happened(token, payload)
        del token.internal_data["arm"]
        token.result = self.brought(payload)
        token.complete()


class EventGateway(Step, EventBasedGateway):
    """Waits for several events at once; the first to happen is the way on, the others are forgotten."""

    def _update_hook(self, my_task: Token) -> bool | None:
        self.enter(my_task)
        my_task._set_state(STARTED)
        for flow in self.flows:
            flow.target._update(Token(my_task.workflow, flow.target, my_task))
        return None

    def choose(self, token: Token, event: Token) -> None:
        """Take the arrow to this event, and stop waiting for the others."""
        for child in list(token._children):
            if child != event.id:
                token.workflow.tasks[child].cancel()
        turn = self.turn(token)
        turn.say("StepCompleted", process=self.element.process, element=self.bpmn_id, task=token.id)
        flow = next(flow for flow in self.flows if flow.target is event.task_spec)
        if flow.id is not None:
            turn.say("FlowTaken", process=self.element.process, flow=flow.id)
        token._set_state(COMPLETED)
        token.workflow.drop(token)


class Guard(Step, BoundaryEventSplit):
    """Stands around an activity with boundary events: opens it, and waits for them while it is open."""

    activity: Step

    def __init__(self, spec: Any, name: str) -> None:
        super().__init__(spec, name)
        self.bpmn_id = ""

    def _update_hook(self, my_task: Token) -> bool | None:
        my_task._set_state(STARTED)
        workflow = my_task.workflow
        activity = Token(workflow, self.activity, my_task)
        self.activity._update(activity)
        seen = scope(activity)
        for flow in self.flows:
            boundary = flow.target
            assert isinstance(boundary, Boundary)
            boundary.arm(Token(workflow, boundary, my_task), seen)
        return None

    def activity_over(self, token: Token, activity: Token) -> None:
        """The activity is done: its boundary events no longer matter."""
        self.dissolve(token, activity)

    def dissolve(self, token: Token, spare: Token) -> None:
        """Take everything under the guard away, except one token, and the guard with it."""
        token._set_state(COMPLETED)
        for child in list(token._children):
            if child != spare.id and child in token.workflow.tasks:
                token.workflow.tasks[child].cancel()
        token.workflow.drop(token)


class Boundary(Waiting, BoundaryEvent):
    """An event on an activity's edge: it interrupts the activity at once, or runs beside it, as often as it happens."""

    holds = False

    def holds_open(self, token: Token) -> bool:
        """Only once it has happened."""
        return bool(token._state != WAITING)

    def fire(self, token: Token, payload: Mapping[str, JSON] | None) -> None:
        """Take the boundary's way."""
        guard = token.parent
        assert guard is not None and isinstance(guard.task_spec, Guard)
        self.happened(token, payload)
        going = token
        if self.element.interrupting:
            self.enter(token)
            del token.internal_data["arm"]
            guard.task_spec.dissolve(guard, token)
        elif self.again(token):
            going = Token(token.workflow, self, token.workflow.task_tree)
            self.enter(going)
        else:
            self.enter(token)
            del token.internal_data["arm"]
        going.result = self.brought(payload)
        going.complete()

    def move_on(self, token: Token) -> None:
        """Its arrows; the activity is not told, it was stopped or goes on."""
        for flow in self.flows:
            self.take(token, flow)


class EventStart(Waiting):
    """The start event of an event subprocess, seen from the process that waits for it."""

    subprocess: Step
    holds = False

    def __init__(self, spec: Any, element: Element, subprocess: Step) -> None:
        super().__init__(spec, element.id, element=element)
        self.subprocess = subprocess

    def holds_open(self, token: Token) -> bool:
        """Waiting for something that may never happen keeps nothing open."""
        return False

    def _update_hook(self, my_task: Token) -> bool | None:
        self.arm(my_task, scope(my_task))
        return None

    def fire(self, token: Token, payload: Mapping[str, JSON] | None) -> None:
        """Begin the event subprocess, in place of everything else in its process or beside it."""
        workflow = token.workflow
        self.happened(token, payload)
        going = Token(workflow, self.subprocess, workflow.task_tree)
        going.internal_data["local"] = self.brought(payload)
        if self.element.interrupting:
            del token.internal_data["arm"]
            for other in list(workflow.tasks.values()):
                if other is not going and other is not workflow.task_tree and other.id in workflow.tasks:
                    other.cancel()
        elif not self.again(token):
            del token.internal_data["arm"]
            token._set_state(COMPLETED)
            workflow.drop(token)
        self.subprocess._update(going)


def flow_to(step: Step) -> Flow:
    """An arrow that is not drawn: from a guard to its boundary events."""
    return Flow(None, step)

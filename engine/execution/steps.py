"""What every element has in common: a token arrives, the element does its part, the token moves on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.specs.control import BpmnStartTask

from engine.execution.elements import Element
from engine.execution.formulas import Formula
from engine.execution.scopes import PathwaySpec, Turn, mapped, scope, write
from engine.execution.tokens import FINISHED, READY, Token
from engine.history import JSON

if TYPE_CHECKING:
    from engine.execution.scopes import Inner


@dataclass(frozen=True, slots=True)
class Flow:
    """An arrow as tokens take it: where it leads (an activity's guard where it has boundary events)."""

    id: str | None
    target: Step
    condition: Formula | None = None
    default: bool = False


class Step(BpmnTaskSpec):
    """An element of a diagram as tokens meet it. After `prepare` it never changes and threads may share it.

    rechecks    whether a waiting token here must look again when others have moved
    counts_flows  whether it must know by which arrow a token came
    """

    rechecks = False
    counts_flows = False
    #: Whether every token here keeps its process from ending; where not, `holds_open` is asked.
    holds = True

    element: Element
    flows: tuple[Flow, ...] = ()
    incoming: tuple[str, ...] = ()
    #: Whether this is the inner part of a multi-instance.
    instance_of: Step | None = None
    #: Whether answers become one context under the element's id.
    by_task: bool = True
    #: Names that read as null until something writes them; any other name is unknown.
    readable: frozenset[str]

    name: str
    bpmn_id: str
    _wf_spec: PathwaySpec

    def __init__(self, spec: PathwaySpec, name: str, element: Element | None = None, **facts: Any) -> None:
        super().__init__(spec, name, **facts)
        self.readable = spec.declared
        if element is not None:
            self.element, self.bpmn_id, self.bpmn_name = element, element.id, element.name
            self.by_task = spec.by_task

    # ------------------------------------------------------------------ SpiffWorkflow's hooks

    def _predict(self, my_task: Token, seen: object = None, looked_ahead: int = 0, mask: int = 0) -> None:
        """Nothing is predicted: the next token is made when this one has gone."""

    def _update(self, my_task: Token) -> None:
        if self._update_hook(my_task) and not my_task._state & FINISHED:
            my_task._state = READY
            if not self.manual:
                my_task.workflow.top_workflow.turn.ready.append(my_task)

    def _update_hook(self, my_task: Token) -> bool | None:
        """A token arrives; true when it may be carried out without waiting."""
        self.enter(my_task)
        return True

    def _run(self, my_task: Token) -> bool | None:
        return self._run_hook(my_task)

    def _run_hook(self, my_task: Token) -> bool | None:
        """Do what the element does; None when it only started."""
        return True

    def _on_complete(self, my_task: Token) -> None:
        self._on_complete_hook(my_task)
        self.move_on(my_task)
        my_task.workflow._task_completed_notify(my_task)

    def _on_complete_hook(self, my_task: Token) -> None:
        """The element is done: what it brought becomes variables."""
        element = self.element
        if my_task.result or element.outputs:
            self.publish(my_task, my_task.result or {})
        my_task.workflow.top_workflow.turn.passed("StepCompleted", element, my_task)

    def _on_cancel(self, my_task: Token) -> None:
        """The token is taken away."""

    # ------------------------------------------------------------------ in our own words

    def holds_open(self, token: Token) -> bool:
        """Whether this token keeps its process from ending."""
        return True

    def turn(self, token: Token) -> Turn:
        """The instruction being carried out."""
        return token.workflow.top_workflow.turn

    def enter(self, token: Token) -> None:
        """A token reached this element: its input mappings make its own frame."""
        element = self.element
        token.workflow.top_workflow.turn.passed("StepEntered", element, token)
        if element.inputs:
            local = token.internal_data.get("local", {})
            token.internal_data["local"] = {**local, **mapped(element.inputs, scope(token), token)}

    def named(self, values: Mapping[str, JSON]) -> dict[str, JSON]:
        """What people, workers and senders bring, as this pathway names it: one context, or each by its own name."""
        return {self.bpmn_id: dict(values)} if self.by_task else dict(values)

    def publish(self, token: Token, result: Mapping[str, JSON]) -> None:
        """Write what an element brought. An instance of a multi-instance keeps it to itself unless it is mapped."""
        outputs = self.element.outputs
        if not outputs and not result:
            return
        if self.instance_of is not None:
            token.internal_data["local"].update(result)
            result = {}
        if outputs:
            values = mapped(outputs, scope(token, result), token)
            write(token, {**result, **values} if self.by_task else values, outside=self.instance_of is None)
        elif result:
            write(token, result)

    def move_on(self, token: Token) -> None:
        """Send tokens along every outgoing arrow; an instance reports to its multi-instance instead."""
        workflow = token.workflow
        parent = workflow.tasks.get(token._parent or 0)
        # Most tokens hang from the root, which only holds them.
        if parent is not None and (parent is not workflow.task_tree or self.instance_of is not None):
            if self.instance_of is not None:
                self.instance_of.instance_over(parent, token)
                return
            parent.task_spec.activity_over(parent, token)
        for flow in self.flows:
            self.take(token, flow)

    def take(self, token: Token, flow: Flow) -> None:
        """Send a token along one arrow."""
        workflow, target = token.workflow, flow.target
        if flow.id is not None:
            workflow.top_workflow.turn.went(self.element.process, flow.id)
        following = Token(workflow, target, workflow.task_tree)
        if target.counts_flows:
            following.internal_data["flow"] = flow.id
        # As `_update` does: most tokens come this way.
        if target._update_hook(following) and not following._state & FINISHED:
            following._state = READY
            if not target.manual:
                workflow.top_workflow.turn.ready.append(following)

    # ------------------------------------------------------------------ what holders of other tokens answer to

    def instance_over(self, token: Token, instance: Token) -> None:
        """One instance of this multi-instance is done."""
        raise NotImplementedError

    def activity_over(self, token: Token, activity: Token) -> None:
        """A token that hangs from this one is done."""

    def inner_over(self, token: Token, inner: Inner) -> None:
        """The process that this activity runs has ended."""
        raise NotImplementedError

    def fire(self, token: Token, payload: Mapping[str, JSON] | None) -> None:
        """What this element waited for has happened."""
        raise NotImplementedError


class Root(Step, BpmnStartTask):
    """The one token of a process that all others hang from."""

    #: No element can have this id, so that an element may be called Start.
    NAME = "[root]"
    holds = False

    def __init__(self, spec: PathwaySpec, name: str = NAME) -> None:
        Step.__init__(self, spec, name)
        self.trigger_specs: list[str] = []

    def holds_open(self, token: Token) -> bool:
        """The root only holds the others."""
        return False


class PassThrough(Step):
    """A start event, an undefined or manual task, a plain throw event: the token passes."""

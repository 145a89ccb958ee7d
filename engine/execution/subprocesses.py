"""Subprocesses, called processes and multi-instances: activities that hold other tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.bpmn.specs.defaults import CallActivity, SubWorkflowTask

from engine.errors import Incident
from engine.execution.scopes import DEEPEST_CALL, Inner, State, scope, write
from engine.execution.steps import Step
from engine.execution.tokens import STARTED, Token
from engine.history import JSON

#: How many instances one multi-instance may have.
MOST_INSTANCES = 1_000


class Subprocess(Step, SubWorkflowTask):
    """An embedded subprocess or an event subprocess: shares the variables around it."""

    spec: str

    def __init__(self, spec: Any, name: str, inner: str, **facts: Any) -> None:
        super().__init__(spec, name, subworkflow_spec=inner, **facts)

    def _update_hook(self, my_task: Token) -> bool | None:
        self.enter(my_task)
        return True

    def variables(self, token: Token) -> dict[str, JSON] | None:
        """The variables of the process inside; None where it shares those around it."""
        return None

    def _run_hook(self, my_task: Token) -> bool | None:
        state: State = my_task.workflow.top_workflow
        inner = Inner(state.subprocess_specs[self.spec], my_task, self.variables(my_task))
        if inner.level > DEEPEST_CALL:
            raise Incident(
                f"{self.bpmn_id}: processes call each other more than {DEEPEST_CALL} deep. "
                "Draw a task, timer or message before the call.",
                element=self.bpmn_id,
            )
        state.subprocesses[my_task.id] = inner
        my_task._set_state(STARTED)
        start = inner.spec.plain_start
        assert start is not None
        start._update(inner.begin(start))
        return None

    def result(self, token: Token, inner: Inner) -> Mapping[str, JSON]:
        """What the activity brings once the process inside has ended."""
        return self.outcome(inner) if inner.outcomes else {}

    def outcome(self, inner: Inner) -> dict[str, JSON]:
        """Where answers are kept by task: the ends reached inside, under the activity's id."""
        if not self.by_task:
            return {}
        last = inner.outcomes[-1] if inner.outcomes else None
        return {self.bpmn_id: {"outcome": last, "outcomes": list(inner.outcomes)}}

    def inner_over(self, token: Token, inner: Inner) -> None:
        """Go on after the process inside."""
        token.result = self.result(token, inner)
        token.complete()

    def _on_cancel(self, my_task: Token) -> None:
        inner = my_task.workflow.top_workflow.subprocesses.get(my_task.id)
        if inner is not None:
            inner.cancel()
        self.turn(my_task).say("StepWithdrawn", process=self.element.process, element=self.bpmn_id, task=my_task.id)


class Call(Subprocess, CallActivity):
    """A call activity: a process of its own, which sees only what it is given."""

    def variables(self, token: Token) -> dict[str, JSON] | None:
        """All that is visible here, or only what the input mappings name."""
        called = self.element.called
        assert called is not None
        return scope(token).flat() if called.all_in else dict(token.internal_data.get("local", {}))

    def result(self, token: Token, inner: Inner) -> Mapping[str, JSON]:
        """All of the called process's variables, or what the output mappings take from them."""
        called = self.element.called
        assert called is not None and inner.variables is not None
        if self.element.outputs:
            token.internal_data["local"] = {**token.internal_data.get("local", {}), **inner.variables}
            return self.outcome(inner)
        return {**(inner.variables if called.all_out else {}), **self.outcome(inner)}


class MultiInstance(Step):
    """One instance of an activity for each item of a list, at once or one after the other."""

    activity: Step

    def __init__(self, spec: Any, activity: Step) -> None:
        """Take the activity's place and name in the process; the activity becomes its inner part."""
        original = activity.name
        spec.task_specs.pop(original)
        activity.name = f"{original} [child]"
        spec.task_specs[activity.name] = activity
        super().__init__(spec, original, element=activity.element)
        self.activity = activity
        activity.instance_of = self

    def _update_hook(self, my_task: Token) -> bool | None:
        loop = self.element.loop
        assert loop is not None
        turn = self.turn(my_task)
        turn.say("StepEntered", process=self.element.process, element=self.bpmn_id, task=my_task.id)
        items = loop.collection.json(scope(my_task), turn.environment, self.bpmn_id)
        if not isinstance(items, list):
            raise Incident(
                f"{self.bpmn_id}: the input collection {loop.collection.text} is not a list. "
                "Record what it reads, then try again.",
                element=self.bpmn_id,
            )
        if len(items) > MOST_INSTANCES:
            raise Incident(
                f"{self.bpmn_id}: the input collection has {len(items)} items; at most {MOST_INSTANCES} can be open.",
                element=self.bpmn_id,
            )
        # The list is fixed here: what other branches write later does not move it.
        my_task.internal_data.update(items=items, next=0, done=0)
        if loop.output is not None:
            my_task.internal_data["out"] = [None] * len(items)
        if not items:
            return True
        my_task._set_state(STARTED)
        for _ in range(1 if loop.sequential else len(items)):
            self.open_next(my_task)
        return None

    def open_next(self, token: Token) -> None:
        """Open the instance of the next item."""
        loop, kept = self.element.loop, token.internal_data
        assert loop is not None
        index = kept["next"]
        kept["next"] = index + 1
        instance = Token(token.workflow, self.activity, token)
        local: dict[str, JSON] = {"loopCounter": index + 1}
        if loop.item:
            local[loop.item] = kept["items"][index]
        if loop.output_item is not None and (name := loop.output_item.text.strip().lstrip("= ")).isidentifier():
            local.setdefault(name, None)
        instance.internal_data.update(index=index, local=local)
        self.activity._update(instance)

    def instance_over(self, token: Token, instance: Token) -> None:
        """Collect what the instance gives; go on when all are done or the completion condition says so."""
        loop, kept = self.element.loop, token.internal_data
        assert loop is not None
        environment = self.turn(token).environment
        kept["done"] += 1
        if loop.output_item is not None:
            given = loop.output_item.json(scope(instance), environment, self.bpmn_id)
            kept["out"] = [
                *kept["out"][: instance.internal_data["index"]],
                given,
                *kept["out"][instance.internal_data["index"] + 1 :],
            ]
        count = len(kept["items"])
        over = kept["done"] == count
        if not over and loop.until is not None:
            counts: dict[str, JSON] = {
                "numberOfInstances": count,
                "numberOfActiveInstances": len(token._children) - 1,
                "numberOfCompletedInstances": kept["done"],
                "numberOfTerminatedInstances": 0,
            }
            over = loop.until.true_or_false(scope(instance, counts), environment, self.bpmn_id)
        if over:
            for child in list(token._children):
                if child != instance.id:
                    token.workflow.tasks[child].cancel()
            token.complete()
        elif loop.sequential:
            self.open_next(token)

    def _on_complete_hook(self, my_task: Token) -> None:
        loop = self.element.loop
        assert loop is not None
        if loop.output is not None:
            write(my_task, {loop.output: my_task.internal_data["out"]})
        self.turn(my_task).say("StepCompleted", process=self.element.process, element=self.bpmn_id, task=my_task.id)

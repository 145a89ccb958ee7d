"""Tasks: people's work, workers' jobs, decisions and calculations."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.specs.defaults import NoneTask, ScriptTask, ServiceTask, UserTask

from engine.dmn import DecisionOutcome
from engine.errors import Incident, Unreadable
from engine.execution.formulas import ordered
from engine.execution.scopes import State, scope
from engine.execution.steps import Step
from engine.execution.timers import due_date
from engine.execution.tokens import Token
from engine.feel import kind_of, to_json
from engine.history import JSON, PLAIN

#: Zeebe's priority where none is drawn; 0 to 100, 100 first.
USUAL_PRIORITY = 50
USUAL_RETRIES = 3


class Undefined(Step, NoneTask):
    """A task without a kind, or a manual one: drawn for the reader, passed at once."""

    def __init__(self, spec: Any, name: str, **facts: Any) -> None:
        super().__init__(spec, name, **facts)
        self.manual = False


class Task(Step, UserTask):
    """A user task: on somebody's list until its answers come."""

    def __init__(self, spec: Any, name: str, **facts: Any) -> None:
        super().__init__(spec, name, **facts)
        self.manual = True

    def _update_hook(self, my_task: Token) -> bool | None:
        self.enter(my_task)
        row = my_task.internal_data["work"] = self.row(my_task)
        self.turn(my_task).say(
            "TaskOpened",
            element=self.bpmn_id,
            task=my_task.id,
            role=row["role"],
            candidates=row["candidates"],
            form=row["form"],
            due=row["due"],
            no_due_date=self.element.properties.get("casework:no_due_date"),
            priority=row["priority"],
        )
        return True

    def row(self, token: Token) -> dict[str, JSON]:
        """What lists show of this task, fixed when it opens."""
        work = self.element.work
        assert work is not None
        if not (work.groups or work.assignee or work.priority or work.due):
            # Nothing of it is worked out, so nothing has to be seen.
            return _row(self.role(token), work.form)
        seen, environment, here = scope(token), self.turn(token).environment, self.bpmn_id
        groups = _texts(work.groups.json(seen, environment, here)) if work.groups else []
        assignee = work.assignee.json(seen, environment, here) if work.assignee else None
        if assignee is not None and not isinstance(assignee, str):
            raise Incident(f"{here}: the assignee is not a text. Mend the expression.", element=here)
        priority = work.priority.json(seen, environment, here) if work.priority else USUAL_PRIORITY
        if isinstance(priority, str) and priority.strip().isdigit():
            priority = int(priority)
        if type(priority) is not int or not 0 <= priority <= 100:
            raise Incident(f"{here}: the priority is not a whole number from 0 to 100.", element=here)
        due = due_date(work.due, seen, environment, here) if work.due else None
        return _row(None if groups else self.role(token), work.form, groups, due, priority, assignee or None)

    def role(self, token: Token) -> str | None:
        """The lane's role; a called process without lanes works in its caller's."""
        while (lane := token.task_spec.element.lane) is None:
            if token.workflow is token.workflow.top_workflow:
                return None
            token = token.workflow.parent_token
        return lane

    def _on_complete_hook(self, my_task: Token) -> None:
        self.turn(my_task).say(
            "TaskCompleted", element=self.bpmn_id, task=my_task.id, answers=dict(my_task.result or {})
        )
        my_task.result = self.named(my_task.result or {})
        super()._on_complete_hook(my_task)

    def _on_cancel(self, my_task: Token) -> None:
        self.turn(my_task).say("TaskWithdrawn", element=self.bpmn_id, task=my_task.id)


class Job(Step, ServiceTask):
    """A service or send task: waits until a worker says what came of it."""

    def __init__(self, spec: Any, name: str, **facts: Any) -> None:
        super().__init__(spec, name, **facts)
        self.manual = True

    def _update_hook(self, my_task: Token) -> bool | None:
        self.enter(my_task)
        job = self.element.job
        assert job is not None
        environment = self.turn(my_task).environment
        retries = job.retries.json(scope(my_task), environment, self.bpmn_id) if job.retries else USUAL_RETRIES
        if isinstance(retries, str) and retries.strip().isdigit():
            retries = int(retries)
        if type(retries) is not int or retries < 1:
            raise Incident(f"{self.bpmn_id}: the number of tries is not a whole number.", element=self.bpmn_id)
        row = {
            "type": job.type,
            "headers": dict(job.headers),
            "input": dict(my_task.internal_data.get("local", {})),
            "retries": retries,
        }
        my_task.internal_data["job"] = row
        self.turn(my_task).say("JobOpened", element=self.bpmn_id, task=my_task.id, **row)
        return True

    def _on_complete_hook(self, my_task: Token) -> None:
        result = dict(my_task.result or {})
        self.turn(my_task).say("JobFinished", element=self.bpmn_id, task=my_task.id, result=result)
        my_task.result = self.named(result) if result else {}
        super()._on_complete_hook(my_task)

    def _on_cancel(self, my_task: Token) -> None:
        self.turn(my_task).say("JobWithdrawn", element=self.bpmn_id, task=my_task.id)


class Decision(Step):
    """A business rule task: asks a table of the same release, and records which rules matched on what."""

    def _run_hook(self, my_task: Token) -> bool | None:
        called = self.element.decision
        assert called is not None
        outcome = decide(my_task, called.decision)
        result = kept(outcome.value, self.bpmn_id)
        self.turn(my_task).say(
            "DecisionMade", element=self.bpmn_id, decision=called.decision, result=result, **evidence(outcome)
        )
        my_task.result = {called.result: result}
        return True


def _row(
    role: str | None,
    form: str | None,
    candidates: JSON = (),
    due: JSON = None,
    priority: int = USUAL_PRIORITY,
    assignee: str | None = None,
) -> dict[str, JSON]:
    return {
        "role": role,
        "candidates": list(candidates),
        "form": form,
        "due": due,
        "priority": priority,
        "assignee": assignee,
    }


def decide(token: Token, decision: str) -> DecisionOutcome:
    """Ask a decision of the release. Raises Incident where the table has no answer, two, or cannot be read."""
    state: State = token.workflow.top_workflow
    here = token.task_spec.bpmn_id
    outcome = state.pathway.model_of(decision).evaluate(decision, scope(token), state.turn.environment)
    for diagnostic in outcome.diagnostics:
        raise Incident(
            f"{here}: decision {decision} gave no answer ({diagnostic}). "
            "Nothing was decided; record what it reads or mend the table, then try again.",
            element=here,
        )
    return outcome


def evidence(outcome: DecisionOutcome) -> dict[str, JSON]:
    """What a decision rested on: the inputs it read and the rules that matched."""
    inputs: dict[str, JSON] = {}
    rules: list[JSON] = []
    for table in outcome.tables:
        # The last evaluation of a table counts.
        inputs[table.table] = {text: shown(value) for text, value in table.inputs.items()}
        rules += [
            {"decision": rule.decision, "table": rule.table, "row": rule.row, "rule": rule.rule_id}
            for rule in table.rules
        ]
    return {"inputs": inputs, "rules": rules}


def kept(value: object, element: str | None) -> JSON:
    """A decision's value as it may be kept. Raises Incident where JSON cannot hold it."""
    try:
        return ordered(to_json(value))
    except Unreadable as error:
        raise Incident(f"{element}: a decision gave what cannot be kept: {error}", element=element) from error


def shown(value: object) -> JSON:
    """A value a decision read, as history shows it: a range or function by its kind."""
    if type(value) in PLAIN:
        return value
    try:
        return ordered(to_json(value))
    except Unreadable:
        return kind_of(value)


def _texts(value: JSON) -> list[str]:
    """A list of names, or one text with commas; none where it is null."""
    if value is None:
        return []
    if isinstance(value, list):
        return [str(each) for each in value]
    return [part.strip() for part in str(value).split(",") if part.strip()]


class Calculation(Step, ScriptTask):
    """A script task: one FEEL expression."""

    def __init__(self, spec: Any, name: str, **facts: Any) -> None:
        super().__init__(spec, name, script="", **facts)

    def _run_hook(self, my_task: Token) -> bool | None:
        calculation = self.element.calculation
        assert calculation is not None
        value = calculation.expression.json(scope(my_task), self.turn(my_task).environment, self.bpmn_id)
        my_task.result = {calculation.result: value}
        return True

"""What was decided on an answer: the steps that read it, or what was worked out of it, after it was given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from engine.execution import Pathway
from engine.execution.elements import Element
from engine.execution.names import formulas
from engine.history import Event

#: Elements at which something is settled; what only carries a value on is followed, and not told of.
SETTLES = frozenset({"exclusiveGateway", "inclusiveGateway", "businessRuleTask", "userTask"})


def steered(pathway: Pathway, events: Iterable[Event], task: int, element: str, fields: Iterable[str]) -> list[str]:
    """The elements that were settled on these answers of a completed task, in order, each once.

    events  of the one running pathway, in order, from its start
    Whoever cannot be sure is told of: a name that is the same as a tainted one counts, wherever it stands.
    """
    by_task = pathway.release.answers == "by task"
    trace = _Trace(pathway, [rf"{element}\s*\.\s*{one}" if by_task else one for one in fields], element, by_task)
    given = False
    for event in events:
        body = event.body
        if event.kind == "TaskCompleted" and body["task"] == task:
            given = True
            # Of several processes that use the id, each one's mappings are followed: better told of once too often.
            for line in (line for own in pathway.drawn(element) for line in own.outputs):
                if trace.reads(line.source.text):
                    trace.follow(line.target[0])
        elif given:
            trace.look(event)
    return list(trace.found)


def weighed(pathway: Pathway, events: Iterable[Event], task: int) -> list[str]:
    """The steps that people did after an answer was given, in order, each once: they had the answer before them.

    No table and no arrow need have read it. What was done with a letter is no decision.
    """
    given, found = False, dict[str, None]()
    for event in events:
        body = event.body
        if event.kind == "TaskCompleted" and body["task"] == task:
            given = True
        elif event.kind == "TaskCompleted" and given:
            drawn = pathway.drawn(body["element"])
            if not drawn or any("casework:letter" not in one.properties for one in drawn):
                found.setdefault(body["element"])
    return list(found)


class _Trace:
    def __init__(self, pathway: Pathway, paths: list[str], element: str, by_task: bool) -> None:
        self.pathway, self.by_task = pathway, by_task
        self.patterns = [rf"(?<![\w.]){path}\b" for path in paths]
        if by_task:
            # The answers handed on as a whole carry every one of them.
            self.patterns.append(rf"(?<![\w.]){element}\b(?!\s*\.)")
        self.known: set[str] = set()
        self.found: dict[str, None] = {}

    def reads(self, text: str) -> bool:
        return any(re.search(pattern, text) for pattern in self.patterns)

    def follow(self, name: str) -> None:
        if name not in self.known:
            self.known.add(name)
            self.patterns.append(rf"(?<![\w.]){re.escape(name)}\b")

    def look(self, event: Event) -> None:
        body = event.body
        if event.kind == "FlowTaken":
            self._gateway(body["process"], body["flow"])
        elif event.kind == "DecisionMade":
            inputs: Mapping[str, Mapping[str, object]] = body["inputs"]
            if any(self.reads(text) for table in inputs.values() for text in table):
                self._settled(body["element"])
        elif event.kind == "StepEntered":
            process = self.pathway.processes.get(body["process"])
            step = process.elements.get(body["element"]) if process is not None else None
            if step is not None:
                self._entered(step)

    def _gateway(self, process: str, flow: str) -> None:
        drawn = self.pathway.processes[process].flows
        source = next((one.source for one in drawn if one.id == flow), None)
        conditions = [one.condition for one in drawn if one.source == source and one.condition is not None]
        if source is not None and any(self.reads(condition.text) for condition in conditions):
            self.found.setdefault(source)

    def _entered(self, step: Element) -> None:
        tainted = False
        for _, formula in formulas(step):
            tainted = tainted or (formula.expression is not None and self.reads(formula.text))
        for line in step.inputs:
            if line.source.expression is not None and self.reads(line.source.text):
                self.follow(line.target[0])
        form = self.pathway.release.forms.get(step.work.form or "") if step.work is not None else None
        shown = self._text_of("forms", step.work.form) if step.work is not None and form is not None else ""
        letter = step.properties.get("casework:letter")
        shown += self._text_of("letters", letter) if letter else ""
        ends = step.job is not None and step.job.type in ("end_plan", "record_facts")
        if tainted or (shown and self.reads(shown)):
            if step.kind in SETTLES or ends or step.job is not None:
                self._settled(step.id)
            elif step.calculation is not None:
                self.follow(step.calculation.result)

    def _settled(self, element: str) -> None:
        self.found.setdefault(element)
        for step in self.pathway.drawn(element):
            if step.decision is not None:
                self.follow(step.decision.result)

    def _text_of(self, folder: str, name: str | None) -> str:
        wanted = {f"{name}.form", f"{name}.md"}
        found = [
            content.decode("utf-8", "replace")
            for path, content in self.pathway.release.files.items()
            if f"/{folder}/" in path and path.rsplit("/", 1)[-1] in wanted
        ]
        return "\n".join(found)

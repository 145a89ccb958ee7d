"""Reads a screened diagram into facts: processes, elements and arrows, expressions compiled, names looked up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lxml import etree

from engine.execution.allowed import ALLOWED, DRAWING, NODES, bpmn
from engine.execution.elements import (
    Calculation,
    Called,
    CalledDecision,
    Element,
    Job,
    Process,
    SequenceFlow,
    Work,
)
from engine.execution.nodes import NAME
from engine.execution.reader import child, local
from engine.execution.triggers import TriggerReader

#: Service tasks that the engine carries out itself, in the same command.
ENGINE_STEPS = frozenset({"end_plan", "record_facts"})
CONDITION, DOCUMENTATION = bpmn("conditionExpression"), bpmn("documentation")
MARKER, MESSAGE = bpmn("multiInstanceLoopCharacteristics"), bpmn("messageEventDefinition")


@dataclass(slots=True)
class Diagram(TriggerReader):
    """One file being read."""

    def read(self) -> list[Process]:
        """Every executable process of the file. What cannot be read as drawn is a finding."""
        # In a sound file nothing refers to what is not BPMN: the shapes, which are half of it, are passed over.
        for node in self.root.iter(bpmn("*") if self.sound else etree.Element):
            if identity := node.get("id"):
                self.by_id.setdefault(identity, node)
        processes = [node for node in self.root.findall(bpmn("process")) if node.get("isExecutable") == "true"]
        if not processes:
            self.findings.refuse(
                self.root.find(bpmn("process")), "No process in this file is executable.", "Tick Executable."
            )
        return [self._process(node) for node in processes]

    # ------------------------------------------------------------------ processes

    def _process(self, process: etree._Element) -> Process:
        identity = process.get("id", "")
        if not NAME.fullmatch(identity.replace("-", "_").replace(".", "_")):
            self.findings.refuse(process, "The process has no id that can name it.", "Give it an id of letters and _.")
        lanes, titles = self._lanes(process)
        elements: dict[str, Element] = {}
        flows: list[SequenceFlow] = []
        stack: list[tuple[etree._Element, str | None]] = [(process, None)]
        while stack:
            scope, lane = stack.pop()
            for node in scope:
                name = local(node)
                if name in NODES:
                    element = self._element(node, identity, scope.get("id", ""), lanes.get(node.get("id", ""), lane))
                    elements[element.id] = element
                    if name == "subProcess":
                        stack.append((node, element.lane))
                elif name == "sequenceFlow":
                    flows.append(self._flow(node))
        return Process(
            identity, process.get("name"), self.findings.file, elements, tuple(flows), titles, self._properties(process)
        )

    def _lanes(self, process: etree._Element) -> tuple[dict[str, str], dict[str, str]]:
        """Which lane holds each element, the innermost where lanes nest; and each lane's title."""
        holds: dict[str, str] = {}
        titles: dict[str, str] = {}
        for lane in process.iter(bpmn("lane")):
            titles[lane.get("id", "")] = lane.get("name", "") or lane.get("id", "")
            for reference in lane.iterchildren(bpmn("flowNodeRef")):
                holds[(reference.text or "").strip()] = lane.get("id", "")
        return holds, titles

    def _flow(self, node: etree._Element) -> SequenceFlow:
        source, target = node.get("sourceRef", ""), node.get("targetRef", "")
        for end in (source, target):
            kind = local(self.by_id[end]) if end in self.by_id else ""
            # What does not run is refused itself: its arrows are as they should be.
            if kind not in NODES and (not kind or kind in DRAWING or kind in ALLOWED):
                self.findings.refuse(node, f"The arrow leads from or to {end or 'nothing'}.", "Draw it again.")
        condition = child(node, CONDITION)
        formula = None
        if condition is not None and (condition.text or "").strip():
            formula = self._feel(node, condition.text, "condition")
        default = source in self.by_id and self.by_id[source].get("default") == node.get("id")
        return SequenceFlow(node.get("id", ""), source, target, formula, default)

    # ------------------------------------------------------------------ elements

    def _element(self, node: etree._Element, process: str, scope: str, lane: str | None) -> Element:
        kind = local(node)
        identity = node.get("id", "")
        if not identity:
            self.findings.refuse(node, f"A {kind} has no id.", "Give it an id.")
        elif identity.startswith("="):
            self.findings.refuse(node, "An id cannot be an expression.", "Give it an id of letters and _.")
        parts: dict[str, object] = {}
        if kind in READERS:
            parts.update(READERS[kind](self, node))
        if kind.endswith("Event"):
            parts["trigger"] = self._trigger(node, kind)
        marker = child(node, MARKER)
        if marker is not None:
            parts["loop"] = self._loop(node, marker)
        return Element(
            id=identity,
            name=" ".join(node.get("name", "").split()) or None,
            kind=kind,
            file=self.findings.file,
            process=process,
            scope=scope,
            lane=lane,
            properties=self._properties(node),
            inputs=self._assignments(node, "input"),
            outputs=self._assignments(node, "output"),
            default_flow=node.get("default"),
            documentation=_documentation(node),
            **parts,  # type: ignore[arg-type]  # each reader gives fields of Element
        )

    def _user_task(self, node: etree._Element) -> Mapping[str, object]:
        form = self._value(node, "formDefinition", "formId")
        if form is not None and form.startswith("="):
            self.findings.refuse(node, "The form is an expression.", "Name one form, so that the release can hold it.")
        elif form is not None and form not in self.known.forms:
            self.findings.refuse(node, f"There is no form {form}.", f"Add forms/{form}.form, or correct the form id.")
        return {
            "work": Work(
                form=form,
                form_left_open=form is None and self._one(node, "formDefinition") is not None,
                due=self._formula(node, "taskSchedule", "dueDate", "due date"),
                assignee=self._formula(node, "assignmentDefinition", "assignee", "assignee"),
                groups=self._formula(node, "assignmentDefinition", "candidateGroups", "candidate groups"),
                priority=self._formula(node, "priorityDefinition", "priority", "priority"),
            )
        }

    def _worker_task(self, node: etree._Element) -> Mapping[str, object]:
        return {"job": self._job(node)}

    def _throwing(self, node: etree._Element) -> Mapping[str, object]:
        if child(node, MESSAGE) is not None:
            return {"job": self._job(node)}
        if self._one(node, "taskDefinition") is not None:
            self.findings.refuse(node, "A job type stands on an event that sends no message.", "Draw a message event.")
        return {}

    def _job(self, node: etree._Element) -> Job | None:
        kind = self._value(node, "taskDefinition", "type")
        if kind is None:
            self.findings.refuse(node, "It has no job type.", "Name the job type that a worker takes.")
            return None
        if kind.startswith("="):
            self.findings.refuse(node, "The job type is an expression.", "Name one job type.")
        elif kind not in self.known.jobs | ENGINE_STEPS:
            self.findings.refuse(
                node,
                f"Nobody takes jobs of the type {kind}.",
                "Use letter, mail or webhook, or declare the type in pathway.toml under [jobs] types.",
            )
        headers = {}
        for header in self._lines(node, "taskHeaders", "header"):
            headers[header.get("key", "")] = header.get("value", "")
        if kind == "end_plan":
            self._end_plan(node, headers)
        if kind in ENGINE_STEPS and local(node) != "serviceTask":
            self.findings.refuse(node, f"The step {kind} stands on an event.", "Draw it as a service task.")
        return Job(kind, headers, self._formula(node, "taskDefinition", "retries", "number of tries"))

    def _end_plan(self, node: etree._Element, headers: Mapping[str, str]) -> None:
        guard = headers.get("guard", "").strip()
        if not guard:
            self.findings.refuse(
                node,
                "It ends a plan without a guard.",
                "Add a header guard with the id of a decision that may forbid it.",
            )
        elif guard not in self.known.decisions:
            self.findings.refuse(node, f"There is no decision {guard}.", "Add its table, or correct the header guard.")
        given = {line.get("target", "") for line in self._lines(node, "ioMapping", "input")}
        for name in ("outcome", "decided_on", "effective_on", "reason"):
            if name not in given:
                self.findings.refuse(node, f"It ends a plan without {name}.", f"Add an input mapping to {name}.")

    def _rule_task(self, node: etree._Element) -> Mapping[str, object]:
        decision = self._value(node, "calledDecision", "decisionId")
        result = self._value(node, "calledDecision", "resultVariable")
        if decision is None:
            self.findings.refuse(node, "It asks no decision.", "Name the called decision.")
        elif decision.startswith("="):
            self.findings.refuse(node, "The decision is an expression.", "Name one decision, so that it can be proved.")
        elif decision not in self.known.decisions:
            self.findings.refuse(
                node, f"There is no decision {decision}.", "Add its table, or correct the decision id."
            )
        self._check_name(node, result, "result variable")
        return {"decision": CalledDecision(decision or "", result or "")}

    def _script_task(self, node: etree._Element) -> Mapping[str, object]:
        text = self._value(node, "script", "expression")
        result = self._value(node, "script", "resultVariable")
        if text is None:
            self.findings.refuse(node, "It has no FEEL expression.", "Write one, and a result variable.")
            return {}
        self._check_name(node, result, "result variable")
        return {"calculation": Calculation(self._feel(node, text, "script"), result or "")}

    def _call(self, node: etree._Element) -> Mapping[str, object]:
        process = self._value(node, "calledElement", "processId")
        if process is None:
            self.findings.refuse(node, "It calls no process.", "Name the called process.")
        elif process.startswith("="):
            self.findings.refuse(
                node, "The called process is an expression.", "Write its id, and choose between several at a gateway."
            )
        elif process not in self.known.processes:
            self.findings.refuse(
                node,
                f"There is no executable process {process}.",
                "Correct its id, or add its folder beside this one, under shared/ or under common/.",
            )
        flags = [
            self._value(node, "calledElement", f"propagateAll{which}Variables") != "false"
            for which in ("Parent", "Child")
        ]
        return {"called": Called(process or "", flags[0], flags[1])}

    def _subprocess(self, node: etree._Element) -> Mapping[str, object]:
        return {"event": node.get("triggeredByEvent") == "true"}

    def _start(self, node: etree._Element) -> Mapping[str, object]:
        return {"interrupting": node.get("isInterrupting", "true") == "true"}

    def _boundary(self, node: etree._Element) -> Mapping[str, object]:
        return {
            "attached_to": node.get("attachedToRef"),
            "interrupting": node.get("cancelActivity", "true") == "true",
        }

    def _receive_task(self, node: etree._Element) -> Mapping[str, object]:
        return {"trigger": self._message(node, node.get("messageRef"), keyed=True)}


#: How each kind of element is read beyond what all have in common.
READERS: Mapping[str, Callable[[Diagram, etree._Element], Mapping[str, object]]] = {
    "userTask": Diagram._user_task,
    "serviceTask": Diagram._worker_task,
    "sendTask": Diagram._worker_task,
    "receiveTask": Diagram._receive_task,
    "businessRuleTask": Diagram._rule_task,
    "scriptTask": Diagram._script_task,
    "callActivity": Diagram._call,
    "subProcess": Diagram._subprocess,
    "startEvent": Diagram._start,
    "endEvent": Diagram._throwing,
    "boundaryEvent": Diagram._boundary,
    "intermediateThrowEvent": Diagram._throwing,
}


def _documentation(node: etree._Element) -> str:
    found = child(node, DOCUMENTATION)
    return "" if found is None else "".join(str(text) for text in found.itertext()).strip()

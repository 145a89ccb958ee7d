"""From facts to SpiffWorkflow's spec graph: its parser, with our own steps and arrows in the order they are drawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, cast

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import (
    ErrorEventDefinition,
    EscalationEventDefinition,
    SignalEventDefinition,
)
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition, TerminateEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import (
    CycleTimerEventDefinition,
    DurationTimerEventDefinition,
    TimeDateEventDefinition,
)

from engine.execution.activities import Calculation, Decision, Job, Task, Undefined
from engine.execution.allowed import ZEEBE, bpmn
from engine.execution.elements import Element, Process, Trigger
from engine.execution.engine_steps import EndPlan, RecordFacts
from engine.execution.events import Boundary, Catch, EventGateway, EventStart, Guard, flow_to
from engine.execution.gateways import Exclusive, Inclusive, Parallel
from engine.execution.scopes import PathwaySpec
from engine.execution.steps import Flow, PassThrough, Root, Step
from engine.execution.subprocesses import Call, MultiInstance, Subprocess
from engine.execution.throwing import End, JobEnd, Throw

TIMERS = {
    "date": TimeDateEventDefinition,
    "duration": DurationTimerEventDefinition,
    "cycle": CycleTimerEventDefinition,
}


def definition_of(trigger: Trigger | None) -> Any:
    """SpiffWorkflow's own word for what an event waits for or throws."""
    if trigger is None or trigger.kind in ("none", "link"):
        return NoneEventDefinition()
    if trigger.kind == "message":
        return MessageEventDefinition(trigger.name)
    if trigger.kind == "timer":
        assert trigger.timer is not None and trigger.when is not None
        return TIMERS[trigger.timer](trigger.kind, trigger.when.text)
    if trigger.kind == "terminate":
        return TerminateEventDefinition()
    if trigger.kind == "signal":
        return SignalEventDefinition(trigger.name)
    coded = ErrorEventDefinition if trigger.kind == "error" else EscalationEventDefinition
    return coded(trigger.name, trigger.code)


class ElementParser(TaskParser):
    """One node becomes one step; arrows are drawn once all nodes of a process are there."""

    @property
    def element(self) -> Element:
        """What was read of this node."""
        return cast("PathwayProcessParser", self.process_parser).process.elements[self.bpmn_id]

    def parse_node(self) -> Step:
        """The step that arrows lead to: the multi-instance where there is one."""
        step = self.create_task()
        if self.element.loop is not None:
            return MultiInstance(self.spec, step)
        return step

    def create_task(self) -> Step:
        """The step itself."""
        return cast("Step", self.spec_class(self.spec, self.bpmn_id, **self.facts()))

    def facts(self) -> dict[str, Any]:
        """What every step is made with."""
        return {"element": self.element, "lane": self.element.lane}


class JobParser(ElementParser):
    """A service task: a worker's job, or a step of the engine itself."""

    def create_task(self) -> Step:
        """The step that its job type names."""
        job = self.element.job
        own: dict[str, type[Step]] = {"end_plan": EndPlan, "record_facts": RecordFacts}
        made = own.get(job.type if job is not None else "") or self.spec_class
        return cast("Step", made(self.spec, self.bpmn_id, **self.facts()))


class EventParser(ElementParser):
    """An event, with SpiffWorkflow's event definition beside our own facts."""

    def create_task(self) -> Step:
        """A waiting, throwing or passing step."""
        element = self.element
        if element.job is not None:
            return (JobEnd if element.kind == "endEvent" else Job)(self.spec, self.bpmn_id, **self.facts())
        if element.kind == "startEvent":
            return PassThrough(self.spec, self.bpmn_id, **self.facts())
        if element.kind == "intermediateCatchEvent" and (element.trigger is None or element.trigger.kind == "link"):
            return PassThrough(self.spec, self.bpmn_id, **self.facts())
        facts = {**self.facts(), "event_definition": definition_of(element.trigger)}
        if element.kind == "boundaryEvent":
            facts["cancel_activity"] = element.interrupting
        return cast("Step", self.spec_class(self.spec, self.bpmn_id, **facts))


class EventGatewayParser(ElementParser):
    """An event-based gateway."""

    def facts(self) -> dict[str, Any]:
        """SpiffWorkflow gathers the events behind it in one definition."""
        return {**super().facts(), "event_definition": MultipleEventDefinition()}


class SubprocessParser(ElementParser):
    """An embedded or event subprocess, with a spec of its own under a name that no other process can have."""

    def create_task(self) -> Step:
        """Parse what is inside first."""
        key = cast("PathwayProcessParser", self.process_parser).inner(self.node)
        return cast("Step", self.spec_class(self.spec, self.bpmn_id, inner=key, **self.facts()))


class CallParser(ElementParser):
    """A call activity."""

    def facts(self) -> dict[str, Any]:
        """The called process's id is its spec's name."""
        called = self.element.called
        assert called is not None
        return {**super().facts(), "inner": called.process}

    def create_task(self) -> Step:
        """Its output mappings read what the called process writes."""
        step = super().create_task()
        step.readable |= self.process_parser.parser.declared.get(self.facts()["inner"], frozenset())
        return step


class PathwayProcessParser(ProcessParser):
    """One process or subprocess: all its nodes first, then guards, arrows and triggers."""

    process: Process
    key: str
    parser: PathwayParser

    def __init__(self, p: PathwayParser, node: etree._Element, nsmap: Any, data_stores: Any, **where: Any) -> None:
        super().__init__(p, node, nsmap, data_stores, **where)
        self.key = self.bpmn_id

    def inner(self, node: etree._Element) -> str:
        """Parse a subprocess; the key of its spec."""
        inside = PathwayProcessParser(self.parser, node, self.nsmap, {}, filename=self.filename)
        inside.process, inside.key, inside.parent = self.process, f"{self.key}/{node.get('id')}", self
        self.parser.process_parsers[inside.key] = inside
        inside.get_spec()
        return inside.key

    def _parse(self) -> None:
        if self.parent is None:
            self.process = self.parser.facts[self.bpmn_id]
        self.spec = self.create_spec()
        self.add_tasks()

    def create_spec(self) -> PathwaySpec:
        """An empty graph with nothing but its root."""
        spec = PathwaySpec(name=self.key, description=self.get_name(), filename=self.filename)
        spec.task_specs.clear()
        spec.start, spec.end = None, None
        spec.id, spec.by_task = self.bpmn_id, self.parser.by_task
        spec.declared = self.parser.declared.get(self.process.id, frozenset())
        spec.start = Root(spec)
        return spec

    def add_tasks(self) -> None:
        """All steps, then what connects them."""
        held = [element for element in self.process.elements.values() if element.scope == self.bpmn_id]
        steps: dict[str, Step] = {each.id: self.parse_node(self.get_node_by_id(each.id)) for each in held}
        entry = {**steps, **self.guards(held, steps)}
        out: dict[str, list[Flow]] = defaultdict(list)
        into: dict[str, list[str]] = defaultdict(list)
        for flow in self.process.flows:
            if flow.source in steps:
                out[flow.source].append(Flow(flow.id, entry[flow.target], flow.condition, flow.default))
                into[flow.target].append(flow.id)
                BpmnTaskSpec.connect(steps[flow.source], entry[flow.target])
        for element in held:
            if element.kind == "intermediateThrowEvent" and element.trigger and element.trigger.kind == "link":
                out[element.id] = [Flow(None, entry[self.link_target(element, held)])]
        for identity, step in steps.items():
            if not isinstance(step, Guard):
                step.flows, step.incoming = tuple(out[identity]), tuple(into[identity])
            if isinstance(step, Inclusive):
                step.upstream = self.upstream(identity, into[identity], held)
        self.starts(held, steps)

    def guards(self, held: list[Element], steps: Mapping[str, Step]) -> dict[str, Step]:
        """A guard around every activity with boundary events."""
        found: dict[str, Step] = {}
        for element in held:
            edge = [each for each in held if each.kind == "boundaryEvent" and each.attached_to == element.id]
            if edge:
                guard = Guard(self.spec, f"{element.id} [guard]")
                guard.activity = steps[element.id]
                guard.flows = tuple(flow_to(steps[each.id]) for each in edge)
                found[element.id] = guard
        return found

    def link_target(self, element: Element, held: list[Element]) -> str:
        """The catch event of a link."""
        return next(
            each.id
            for each in held
            if each.kind == "intermediateCatchEvent"
            and each.trigger is not None
            and element.trigger is not None
            and (each.trigger.kind, each.trigger.name) == ("link", element.trigger.name)
        )

    def starts(self, held: list[Element], steps: Mapping[str, Step]) -> None:
        """Where the process begins, and what could begin an event subprocess in it."""
        spec: PathwaySpec = self.spec
        spec.starts = {each.id: steps[each.id] for each in held if each.kind == "startEvent"}
        plain = [
            each.id for each in held if each.kind == "startEvent" and (not each.trigger or each.trigger.kind == "none")
        ]
        single = plain or list(spec.starts)
        spec.plain_start = spec.starts[single[0]] if len(single) == 1 else None
        spec.triggers = []
        for element in held:
            if element.event:
                start = next(
                    each
                    for each in self.process.elements.values()
                    if each.scope == element.id and each.kind == "startEvent"
                )
                spec.triggers.append(EventStart(spec, start, steps[element.id]))

    def upstream(self, gateway: str, incoming: list[str], held: list[Element]) -> dict[str, frozenset[str]]:
        """For each arrow into a gateway: the elements from which a token can still come by it."""
        back: dict[str, set[str]] = defaultdict(set)
        for flow in self.process.flows:
            back[flow.target].add(flow.source)
        for element in held:
            if element.kind == "boundaryEvent" and element.attached_to:
                back[element.id].add(element.attached_to)
            if element.kind == "intermediateThrowEvent" and element.trigger and element.trigger.kind == "link":
                back[self.link_target(element, held)].add(element.id)
        found: dict[str, frozenset[str]] = {}
        for flow in self.process.flows:
            if flow.id in incoming:
                seen: set[str] = set()
                stack = [flow.source]
                while stack:
                    place = stack.pop()
                    if place not in seen and place != gateway:
                        seen.add(place)
                        stack.extend(back[place])
                found[flow.id] = frozenset(seen)
        return found


class PathwayParser(BpmnParser):
    """SpiffWorkflow's parser over screened files; every step class it makes is one of ours.

    facts     every process that was read, by id
    declared  the names that each process writes
    by_task   whether answers become one context under the task's id
    """

    PROCESS_PARSER_CLASS = PathwayProcessParser
    PARSER_CLASSES: dict[str, Any] = {}  # noqa: RUF012  # SpiffWorkflow's own table, emptied: only what follows is known
    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012  # as SpiffWorkflow declares it
        full_tag(name): pair
        for name, pair in {
            "task": (ElementParser, Undefined),
            "manualTask": (ElementParser, Undefined),
            "userTask": (ElementParser, Task),
            "serviceTask": (JobParser, Job),
            "sendTask": (ElementParser, Job),
            "receiveTask": (EventParser, Catch),
            "businessRuleTask": (ElementParser, Decision),
            "scriptTask": (ElementParser, Calculation),
            "callActivity": (CallParser, Call),
            "subProcess": (SubprocessParser, Subprocess),
            "exclusiveGateway": (ElementParser, Exclusive),
            "parallelGateway": (ElementParser, Parallel),
            "inclusiveGateway": (ElementParser, Inclusive),
            "eventBasedGateway": (EventGatewayParser, EventGateway),
            "startEvent": (EventParser, PassThrough),
            "endEvent": (EventParser, End),
            "boundaryEvent": (EventParser, Boundary),
            "intermediateCatchEvent": (EventParser, Catch),
            "intermediateThrowEvent": (EventParser, Throw),
        }.items()
    }

    def __init__(self, facts: Mapping[str, Process], declared: Mapping[str, frozenset[str]], by_task: bool) -> None:
        super().__init__()
        self.facts, self.declared, self.by_task = facts, declared, by_task

    def add_bpmn_xml(self, bpmn: Any, filename: str | None = None) -> None:
        """Take in a file's processes; its messages, lanes and their like were read with the elements."""
        self._add_processes(bpmn, filename)

    def _find_dependencies(self, process: etree._Element) -> None:
        for called in process.iterfind(f".//{bpmn('callActivity')}//{{{ZEEBE}}}calledElement"):
            self.process_dependencies.add(called.get("processId"))

    def specs(self) -> dict[str, PathwaySpec]:
        """The spec of every process and subprocess, by key."""
        for identity in self.facts:
            self.get_spec(identity)
        return {key: parser.spec for key, parser in self.process_parsers.items() if parser.spec is not None}

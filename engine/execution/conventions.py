"""House conventions: what makes a diagram readable for those who work by it. Advice for a guest, rule for our own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from engine.errors import Finding
from engine.execution.allowed import ACTIVITIES
from engine.execution.elements import Element, Process
from engine.execution.names import formulas
from engine.execution.scopes import ROOT_NAMES
from engine.execution.throwing import outcome_of
from engine.pathways import Release

WORD = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
#: What an editor calls an element that nobody has named.
UNNAMED = re.compile(
    r"(Activity|Event|Gateway|Flow|Lane|Participant|Process|StartEvent|EndEvent|Task|SubProcess|BoundaryEvent)_\w+"
)
LABELS = ("policy", "reading", "product")
RULED = frozenset(
    {"userTask", "sendTask", "serviceTask", "businessRuleTask", "boundaryEvent", "intermediateCatchEvent"}
)


def check_conventions(processes: Mapping[str, Process], release: Release) -> list[Finding]:
    """Advice on every process of a release."""
    return [finding for process in processes.values() for finding in _check(process)]


def _check(process: Process) -> Iterator[Finding]:
    def advise(element: Element | None, message: str, mend: str) -> Finding:
        place, name = (process.id, process.name) if element is None else (element.id, element.name)
        return Finding("advice", process.file, place, name, message, mend)

    for lane, title in process.lanes.items():
        if not WORD.fullmatch(lane):
            yield advise(None, f"The lane {title} has the id {lane}.", "Give it the id of its role in authority.toml.")
    for element in process.elements.values():
        named = element.kind in ("endEvent",) or element.kind not in ("startEvent", "endEvent")
        capitals = element.kind == "endEvent" and outcome_of(element.id) is not None
        if named and not capitals and (UNNAMED.fullmatch(element.id) or not WORD.fullmatch(element.id)):
            yield advise(element, f"The id {element.id} is no word.", "Write lower-case words, such as decide_removal.")
        if element.name is None and element.kind not in ("parallelGateway", "startEvent", "subProcess"):
            joins = element.kind.endswith("Gateway") and sum(1 for f in process.flows if f.source == element.id) < 2
            if not joins:
                yield advise(element, "It has no name that people could read.", "Write what is done, asked or reached.")
        if element.kind == "exclusiveGateway":
            out = [flow for flow in process.flows if flow.source == element.id]
            if len(out) > 1 and not any(flow.default for flow in out):
                yield advise(
                    element, "This question has no default answer.", "Make the arrow that keeps the plan the default."
                )
        if element.kind in ("userTask",) and element.lane is None and not (element.work and element.work.groups):
            yield advise(element, "It stands in no lane, so it has no role.", "Put it in the lane of its role.")
        if element.work is not None and element.work.due is None:
            if not element.properties.get("casework:no_due_date"):
                yield advise(
                    element,
                    "It has no due date and does not say why.",
                    "Write a due date, or the property casework:no_due_date with the reason.",
                )
        if element.kind in RULED and element.kind in ACTIVITIES | {"boundaryEvent", "intermediateCatchEvent"}:
            label = element.properties.get("casework:label")
            if label not in LABELS:
                yield advise(
                    element, "It does not say whose rule it is.", "Add casework:label policy, reading or product."
                )
            if label in ("policy", "reading") and not element.properties.get("casework:clauses"):
                yield advise(element, "It names no clause of the policy.", "Add casework:clauses, such as CAM-2.3.")


__all__ = ["check_conventions", "formulas", "ROOT_NAMES"]

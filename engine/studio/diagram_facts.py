"""What a diagram says of each of its steps and arrows, in words: for comparison, never for execution."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from engine.studio.canonical import local, read_xml

KINDS: Mapping[str, str] = {
    "userTask": "task for a person",
    "serviceTask": "step of the service",
    "sendTask": "sending step",
    "receiveTask": "waiting step",
    "businessRuleTask": "table",
    "scriptTask": "calculation",
    "callActivity": "called pathway",
    "subProcess": "group of steps",
    "exclusiveGateway": "question",
    "inclusiveGateway": "question with several answers",
    "parallelGateway": "side by side",
    "eventBasedGateway": "wait for the first",
    "startEvent": "start",
    "endEvent": "end",
    "boundaryEvent": "interruption",
    "intermediateCatchEvent": "wait",
    "intermediateThrowEvent": "message or signal",
    "sequenceFlow": "arrow",
    "lane": "lane",
}
#: What else a diagram says that runs or is read: beside the steps, and around them.
PARTS: Mapping[str, str] = {
    "process": "pathway",
    "participant": "frame",
    "message": "message",
    "signal": "signal",
    "error": "error",
    "escalation": "escalation",
    "textAnnotation": "note",
}
#: Those of them that no step is marked for on the picture: they are all of it, or nowhere on it.
UNMARKED = frozenset(PARTS.values()) - {"note"}
#: How often used facts are called; others are called by the path to them.
_WORDS: Mapping[str, str] = {
    "name": "Name",
    "default": "Answer where nothing else fits",
    "taskSchedule dueDate": "Due date",
    "formDefinition formId": "Form",
    "calledDecision decisionId": "Table",
    "calledDecision resultVariable": "Result is called",
    "calledElement processId": "Pathway called",
    "assignmentDefinition candidateGroups": "Roles",
    "taskDefinition type": "Job",
    "conditionExpression": "Condition",
    "documentation": "Help",
    "casework:clauses": "Clauses",
    "casework:label": "Label",
    "casework:letter": "Letter",
    "timeDuration": "Time",
    "timeDate": "Time",
    "timeCycle": "Time",
    "sourceRef": "From",
    "targetRef": "To",
    "attachedToRef": "Interrupts",
    "isExecutable": "Runs",
    "versionTag value": "Version",
    "errorCode": "Code",
    "escalationCode": "Code",
    "subscription correlationKey": "Found by",
    "text": "Words",
}
_BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
#: What stands in a process beside its steps and is told line by line (engine/studio/compare.py).
_BESIDE = frozenset({"association", "dataObject", "dataObjectReference", "dataStoreReference", "group"})
_SKIPPED = frozenset({"incoming", "outgoing", "laneSet", "flowNodeRef"})


def facts_of(content: bytes | None) -> dict[str, tuple[str, str, dict[str, str]]]:
    """Every step, arrow and part by id: its kind in words, its name, and its facts; nothing where no diagram is."""
    if content is None:
        return {}
    try:
        root = read_xml(content)
    except ValueError:
        return {}
    roles = lanes_of(root)
    names: dict[str, str] = {e.get("id", ""): e.get("name", "") for e in root.iter(etree.Element)}
    found = {}
    for element in root.iter(etree.Element):
        kind = KINDS.get(local(element)) or PARTS.get(local(element))
        identity = element.get("id")
        if kind is None or not identity or "DI" in (etree.QName(element).namespace or "").rsplit("/", 1)[-1]:
            continue
        facts: dict[str, str] = {}
        _take(element, "", facts)
        facts.pop("id", None)
        if identity in roles:
            facts["Role"] = roles[identity]
        title = element.get("name") or identity
        if kind == "arrow":
            ends = (names.get(element.get(end, "")) or element.get(end) or "" for end in ("sourceRef", "targetRef"))
            title = " → ".join(ends)
        found[identity] = (kind, title, facts)
    return found


def beside_steps(root: etree._Element) -> Iterator[str]:
    """What a diagram says that is none of these facts, line by line: data objects, groups, lines to notes and more."""
    for element in root.iter(f"{{{_BPMN}}}*"):
        parent, tag = element.getparent(), local(element)
        around = parent is not None and local(parent) in ("definitions", "collaboration")
        if tag in _BESIDE or (around and tag not in PARTS and tag != "collaboration"):
            yield from as_lines(element, {})


def as_lines(element: etree._Element, told: Mapping[str, frozenset[str] | None], depth: int = 0) -> Iterator[str]:
    """An element and what it holds, a line each; of those in `told` not these attributes, nothing where None."""
    left_out = told.get(local(element), frozenset[str]())
    if left_out is None:
        return
    facts = {etree.QName(str(key)).localname: str(value) for key, value in element.attrib.items()}
    said = " ".join(f"{name}={facts[name]!r}" for name in sorted(facts) if name not in left_out)
    yield f"{'  ' * depth}{local(element)} {said} {' '.join((element.text or '').split())}".rstrip()
    for child in element.iterchildren("*"):
        yield from as_lines(child, told, depth + 1)


def lanes_of(root: etree._Element) -> dict[str, str]:
    """The lane that holds each step, by the step's id."""
    held = {}
    for lane in root.iter(etree.Element):
        if local(lane) == "lane":
            for child in lane:
                if local(child) == "flowNodeRef":
                    held[(child.text or "").strip()] = lane.get("id", "")
    return held


def _take(element: etree._Element, path: str, facts: dict[str, str]) -> None:
    """Every attribute and text of an element and what it holds, except other steps."""
    for key, value in element.attrib.items():
        name = etree.QName(str(key)).localname
        whole = f"{path} {name}".strip()
        if name != "id":
            _say(facts, _WORDS.get(whole, whole), str(value))
    for child in element:
        tag = local(child)
        if tag in KINDS or tag in PARTS or tag in _SKIPPED or tag in _BESIDE or not tag:
            continue
        if tag == "property":
            name = child.get("name", "")
            _say(facts, _WORDS.get(name, name), child.get("value", ""))
        elif tag in ("input", "output"):
            _say(facts, f"{tag.capitalize()} {child.get('target', '')}", child.get("source", ""))
        elif tag in ("extensionElements", "properties", "ioMapping"):
            _take(child, path, facts)
        else:
            text = (child.text or "").strip()
            if text:
                _say(facts, _WORDS.get(tag, tag), text)
            _take(child, tag, facts)


def _say(facts: dict[str, str], name: str, value: str) -> None:
    facts[name] = f"{facts[name]}; {value}" if name in facts else value

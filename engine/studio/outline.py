"""A diagram as an ordered list of steps that is read and edited without a mouse; what is new is laid out by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from engine.errors import NotFound, Refused
from engine.layout import tidy
from engine.studio.canonical import add_child, local, made, read_xml, remove_child, written_xml
from engine.studio.diagram_facts import KINDS, lanes_of

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
_ID = re.compile(r"^[a-z][a-z0-9_]{2,63}$")
_NOT_STEPS = frozenset({"arrow", "lane"})
#: What a step names, by what people pick from: on which element it stands, and the attribute or property that holds it.
NAMES: Mapping[str, tuple[frozenset[str], str, str]] = {
    "form": (frozenset({"userTask"}), "formDefinition", "formId"),
    "letter": (frozenset({"userTask"}), "property", "casework:letter"),
    "letter_step": (frozenset({"userTask"}), "property", "casework:letter_step"),
    "table": (frozenset({"businessRuleTask"}), "calledDecision", "decisionId"),
    "pathway": (frozenset({"callActivity"}), "calledElement", "processId"),
    "job": (frozenset({"serviceTask", "sendTask"}), "taskDefinition", "type"),
}


@dataclass(frozen=True, slots=True)
class Way:
    """An arrow out of a step: where it leads, what the answer is called, and when it is taken.

    to_name  '' where the step that it leads to has no words
    """

    id: str
    to: str
    to_name: str
    name: str
    condition: str
    otherwise: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a diagram; `inside` is how deep it stands in groups of steps, `names` what it names (NAMES).

    no_due_date  why a task has no due date, "" where it does not say; None for what is no task, and is left as it is
    """

    id: str
    kind: str
    name: str
    role: str
    due: str
    clauses: str
    label: str
    help: str
    ways: tuple[Way, ...]
    inside: int
    task: bool
    names: Mapping[str, str] = field(default_factory=dict)
    no_due_date: str | None = None


def steps(content: bytes) -> list[Step]:
    """Every step in the order in which the arrows lead to it, each group followed by what stands in it."""
    try:
        root = read_xml(content)
    except ValueError:
        return []
    roles = lanes_of(root)
    found: list[Step] = []
    for process in root.iter(f"{{{BPMN}}}process"):
        found += [_step(node, depth, roles, root) for node, depth in _ordered(process, 0)]
    return found


def lanes(content: bytes) -> list[tuple[str, str]]:
    """The lanes of a diagram: role and title."""
    root = read_xml(content)
    return [(lane.get("id", ""), str(lane.get("name") or lane.get("id", ""))) for lane in root.iter(f"{{{BPMN}}}lane")]


def set_step(content: bytes, step: Step) -> bytes:
    """The diagram with a step's name, role, due date, clauses, label, help and what it names changed.

    Raises NotFound, Refused.
    """
    root = read_xml(content)
    node = _node(root, step.id)
    _set(node, "name", " ".join(step.name.split()))
    _move_to_lane(root, step.id, step.role)
    if local(node) == "userTask":
        if step.due.strip():
            _extension(node, "taskSchedule").set("dueDate", step.due.strip())
        else:
            for schedule in node.iter(f"{{{ZEEBE}}}taskSchedule"):
                remove_child(schedule)
                break
    for name, value in (("clauses", step.clauses), ("label", step.label), ("no_due_date", step.no_due_date)):
        if value is not None:
            _property(node, f"casework:{name}", " ".join(value.split()))
    for what, named in step.names.items():
        _set_name(node, what, named.strip())
    _document(node, step.help.strip())
    return tidy(written_xml(root, content))


def set_way(content: bytes, arrow: str, name: str, condition: str) -> bytes:
    """The diagram with an answer's words and condition changed. Raises NotFound, Refused."""
    root = read_xml(content)
    node = next((one for one in root.iter(f"{{{BPMN}}}sequenceFlow") if one.get("id") == arrow), None)
    if node is None:
        raise NotFound(f"The diagram has no arrow {arrow[:80]}.")
    _set(node, "name", " ".join(name.split()))
    held = next((child for child in node if local(child) == "conditionExpression"), None)
    if not condition.strip():
        if held is not None:
            remove_child(held)
    else:
        if not condition.strip().startswith("="):
            raise Refused("A condition begins with =, such as =decide.agree = true.")
        if held is None:
            held = made(node, "conditionExpression")
            held.set("{http://www.w3.org/2001/XMLSchema-instance}type", "bpmn:tFormalExpression")
            add_child(node, held)
        held.text = condition.strip()
    return tidy(written_xml(root, content))


def add_task(content: bytes, after: str, identity: str, name: str, role: str) -> bytes:
    """The diagram with a new task for a person after a step that one arrow leaves. Raises NotFound, Refused."""
    root = read_xml(content)
    before = _node(root, after)
    if not _ID.match(identity):
        raise Refused("Give the step an id of lower-case words joined by _, such as tell_the_school.")
    if any(one.get("id") == identity for one in root.iter(etree.Element)):
        raise Refused(f"{identity} is in the diagram already. Give the new step another id.")
    if not name.strip():
        raise Refused("Say what is to be done.")
    leaving = [one for one in root.iter(f"{{{BPMN}}}sequenceFlow") if one.get("sourceRef") == after]
    if len(leaving) != 1:
        raise Refused(f"{len(leaving)} arrows leave {after}. Add the step after one that a single arrow leaves.")
    (arrow,) = leaving
    scope = before.getparent()
    target = _node(root, arrow.get("targetRef", ""))
    assert scope is not None
    onward = f"{identity}_to_{target.get('id')}"
    task = made(before, "userTask", id=identity, name=" ".join(name.split()))
    for tag, text in (("incoming", arrow.get("id", "")), ("outgoing", onward)):
        child = made(before, tag)
        child.text = text
        task.append(child)
    add_child(scope, task, scope.index(before) + 1)
    arrow.set("targetRef", identity)
    flow = made(before, "sequenceFlow", id=onward, sourceRef=identity, targetRef=target.get("id", ""))
    add_child(scope, flow, scope.index(arrow) + 1)
    for child in target:
        if local(child) == "incoming" and (child.text or "").strip() == arrow.get("id"):
            child.text = onward
    _extension(task, "userTask")
    _move_to_lane(root, identity, role)
    _forget_drawing(root, arrow.get("id", ""))
    return _placed(root, content)


def remove_step(content: bytes, identity: str) -> bytes:
    """The diagram without a step that at most one arrow leaves; what led to it leads on. Raises NotFound, Refused."""
    root = read_xml(content)
    node = _node(root, identity)
    if local(node) in ("startEvent", "subProcess"):
        raise Refused("A start or a group of steps is removed in the diagram, where all that hangs on it is seen.")
    if any(one.get("attachedToRef") == identity for one in root.iter(etree.Element)):
        raise Refused("Something interrupts this step. Remove that first.")
    flows = list(root.iter(f"{{{BPMN}}}sequenceFlow"))
    leaving = [one for one in flows if one.get("sourceRef") == identity]
    coming = [one for one in flows if one.get("targetRef") == identity]
    if len(leaving) != 1:
        raise Refused(f"{len(leaving)} arrows leave {identity}. A step that one arrow leaves can be removed here.")
    target = _node(root, leaving[0].get("targetRef", ""))
    listed = next(child for child in target if local(child) == "incoming" and child.text == leaving[0].get("id"))
    at = target.index(listed)
    remove_child(listed)
    for offset, arrow in enumerate(coming):
        arrow.set("targetRef", target.get("id", ""))
        child = made(target, "incoming")
        child.text = arrow.get("id")
        add_child(target, child, at + offset)
        _forget_drawing(root, arrow.get("id", ""))
    for gone in (leaving[0], node):
        _forget_drawing(root, gone.get("id", ""))
        remove_child(gone)
    _move_to_lane(root, identity, "")
    return _placed(root, content)


def _placed(root: etree._Element, before: bytes) -> bytes:
    """The diagram laid out: anew where nobody had placed anything by hand, else only what is new beside the rest."""
    return tidy(written_xml(root, before), everything=tidy(before, everything=True) == before)


# ---------------------------------------------------------------------- reading


def _ordered(scope: etree._Element, depth: int) -> Iterator[tuple[etree._Element, int]]:
    nodes = {n.get("id", ""): n for n in scope if KINDS.get(local(n), "arrow") not in _NOT_STEPS and n.get("id")}
    arrows = [n for n in scope if local(n) == "sequenceFlow"]
    leads: dict[str, list[str]] = {}
    for arrow in arrows:
        leads.setdefault(arrow.get("sourceRef", ""), []).append(arrow.get("targetRef", ""))
    for identity, node in nodes.items():
        if node.get("attachedToRef"):
            leads.setdefault(node.get("attachedToRef", ""), []).append(identity)
    reached = {target for targets in leads.values() for target in targets}
    waiting = [identity for identity in nodes if identity not in reached][::-1] or list(nodes)[:1]
    seen: set[str] = set()
    while waiting or len(seen) < len(nodes):
        identity = waiting.pop() if waiting else next(one for one in nodes if one not in seen)
        if identity in seen or identity not in nodes:
            continue
        seen.add(identity)
        yield nodes[identity], depth
        if local(nodes[identity]) == "subProcess":
            yield from _ordered(nodes[identity], depth + 1)
        waiting += leads.get(identity, [])[::-1]


def _step(node: etree._Element, depth: int, roles: dict[str, str], root: etree._Element) -> Step:
    identity = node.get("id", "")
    names = {one.get("id"): one.get("name") for one in root.iter(etree.Element)}
    due = next((one.get("dueDate", "") for one in _own(node, "taskSchedule")), "")
    properties = {one.get("name", ""): one.get("value", "") for one in _own(node, "property")}
    help_ = next(((child.text or "").strip() for child in node if local(child) == "documentation"), "")
    ways = []
    for arrow in root.iter(f"{{{BPMN}}}sequenceFlow"):
        if arrow.get("sourceRef") == identity:
            to = arrow.get("targetRef", "")
            condition = next((c.text or "" for c in arrow if local(c) == "conditionExpression"), "")
            otherwise = node.get("default") == arrow.get("id")
            ways.append(Way(arrow.get("id", ""), to, names.get(to) or "", arrow.get("name", ""), condition, otherwise))
    return Step(
        identity,
        KINDS.get(local(node), local(node)),
        node.get("name", ""),
        roles.get(identity, ""),
        due,
        properties.get("casework:clauses", ""),
        properties.get("casework:label", ""),
        help_,
        tuple(ways),
        depth,
        local(node) == "userTask",
        _named(node),
        properties.get("casework:no_due_date", "") if local(node) == "userTask" else None,
    )


def _own(node: etree._Element, tag: str) -> list[etree._Element]:
    """Extension elements of a node itself, not of steps inside it."""
    held = [child for child in node if local(child) == "extensionElements"]
    return [one for each in held for one in each.iter(f"{{{ZEEBE}}}{tag}")]


def _node(root: etree._Element, identity: str) -> etree._Element:
    for node in root.iter(etree.Element):
        if node.get("id") == identity and KINDS.get(local(node), "arrow") not in _NOT_STEPS:
            return node
    raise NotFound(f"The diagram has no step {identity[:80]}.")


# ---------------------------------------------------------------------- writing


def _set(node: etree._Element, name: str, value: str) -> None:
    if value:
        node.set(name, value)
    elif name in node.attrib:
        del node.attrib[name]


def _extensions(node: etree._Element) -> etree._Element:
    held = next((child for child in node if local(child) == "extensionElements"), None)
    if held is None:
        held = made(node, "extensionElements")
        at = 1 if len(node) and local(node[0]) == "documentation" else 0
        add_child(node, held, at)
    return held


def _extension(node: etree._Element, tag: str) -> etree._Element:
    held = next(iter(_own(node, tag)), None)
    if held is None:
        held = etree.Element(f"{{{ZEEBE}}}{tag}")
        add_child(_extensions(node), held)
    return held


def _named(node: etree._Element) -> dict[str, str]:
    """What a step names, '' where it could name something and does not."""
    found = {}
    for what, (kinds, tag, key) in NAMES.items():
        if local(node) not in kinds:
            continue
        if tag == "property":
            held = {one.get("name", ""): one.get("value", "") for one in _own(node, "property")}
            found[what] = held.get(key, "")
        else:
            found[what] = next((one.get(key, "") for one in _own(node, tag)), "")
    return found


def _set_name(node: etree._Element, what: str, named: str) -> None:
    kinds, tag, key = NAMES[what]
    if local(node) not in kinds:
        return
    if tag == "property":
        _property(node, key, named)
    elif named:
        _extension(node, tag).set(key, named)
    else:
        for held in _own(node, tag):
            remove_child(held)


def _property(node: etree._Element, name: str, value: str) -> None:
    held = next((one for one in _own(node, "property") if one.get("name") == name), None)
    if held is not None and value:
        held.set("value", value)
    elif held is not None:
        remove_child(held)
    elif value:
        one = etree.Element(f"{{{ZEEBE}}}property")
        one.set("name", name)
        one.set("value", value)
        add_child(_extension(node, "properties"), one)


def _document(node: etree._Element, text: str) -> None:
    held = next((child for child in node if local(child) == "documentation"), None)
    if held is None and text:
        held = made(node, "documentation")
        add_child(node, held, 0)
    if held is not None and text:
        held.text = text
    elif held is not None:
        remove_child(held)


def _move_to_lane(root: etree._Element, identity: str, role: str) -> None:
    """Let a lane, and no other, hold a step; '' takes it out of all."""
    all_lanes = list(root.iter(f"{{{BPMN}}}lane"))
    if lanes_of(root).get(identity, "") == role:
        return
    if role and role not in {lane.get("id") for lane in all_lanes}:
        raise Refused(f"The diagram has no lane for {role[:64]}. Choose one that it has.")
    for lane in all_lanes:
        for reference in [r for r in lane if local(r) == "flowNodeRef" and (r.text or "").strip() == identity]:
            remove_child(reference)
    if role:
        lane = next(lane for lane in all_lanes if lane.get("id") == role)
        reference = made(lane, "flowNodeRef")
        reference.text = identity
        add_child(lane, reference)
    _forget_drawing(root, identity)


def _forget_drawing(root: etree._Element, identity: str) -> None:
    """Take the shape or line of an element off the picture, so that it is placed anew."""
    for drawn in [one for one in root.iter(etree.Element) if one.get("bpmnElement") == identity]:
        remove_child(drawn)

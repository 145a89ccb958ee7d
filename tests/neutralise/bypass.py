"""A diagram without one of its elements: the tokens pass as if it had never been drawn."""

from __future__ import annotations

from typing import Any

from lxml import etree

#: A node of a diagram that the checks passed: what is asked of it is there.
Node = Any
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"
_WORDLESS = (f"{BPMN}incoming", f"{BPMN}outgoing", f"{BPMN}flowNodeRef")
_NODES = tuple(
    f"{BPMN}{kind}"
    for kind in (
        "task", "userTask", "serviceTask", "sendTask", "receiveTask", "businessRuleTask", "scriptTask", "manualTask",
        "callActivity", "subProcess", "exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway",
        "intermediateCatchEvent", "intermediateThrowEvent", "endEvent",
    )
)  # fmt: skip
_DRAWN = tuple(f"{{http://www.omg.org/spec/BPMN/20100524/DI}}{kind}" for kind in ("BPMNShape", "BPMNEdge"))


class NotSeparable(Exception):
    """The element cannot be taken out: without it there would be no pathway to play."""


def without(diagram: bytes, element: str) -> bytes:
    """The diagram with one element neutralised. Raises NotSeparable where nothing would be left to play.

    A step is passed over; a gateway goes its default way; a boundary event and an event subprocess never trigger; an
    end throws nothing and reaches no outcome of that name; a flow on a condition is never taken.
    """
    root: Node = etree.fromstring(diagram, etree.XMLParser(resolve_entities=False))
    found = root.find(f".//{BPMN}*[@id='{element}']")
    if found is None:
        raise NotSeparable(f"{element} is not in this diagram")
    kind = etree.QName(found).localname
    if kind == "sequenceFlow":
        _drop_flow(root, found)
    elif kind == "boundaryEvent" or found.get("triggeredByEvent") == "true":
        _drop(root, found)
    elif kind == "startEvent":
        around = found.getparent()
        if around is None or around.get("triggeredByEvent") != "true":
            raise NotSeparable(f"{element} is where the pathway begins")
        _drop(root, around)
    elif kind == "endEvent":
        _plain_end(root, found)
    elif kind.endswith("Gateway"):
        _one_way(root, found)
    elif kind == "process" or kind == "participant":
        raise NotSeparable(f"{element} is the pathway itself")
    else:
        _pass_over(root, found)
    return _finished(root)


def without_letter(diagram: bytes, letter: str) -> bytes:
    """The diagram in which no step drafts, approves or sends a letter of that id."""
    root: Node = etree.fromstring(diagram, etree.XMLParser(resolve_entities=False))
    for property_ in root.findall(f".//{ZEEBE}property[@name='casework:letter'][@value='{letter}']"):
        parent: Node = property_.getparent()
        for other in parent.findall(f"{ZEEBE}property[@name='casework:letter_step']"):
            parent.remove(other)
        parent.remove(property_)
    for header in root.findall(f".//{ZEEBE}header[@value='{letter}']"):
        task = next(above for above in header.iterancestors() if above.get("id"))
        _pass_over(root, task)
    return _finished(root)


def _finished(root: Node) -> bytes:
    while _drop_unreached(root):
        pass
    _drop_pictures(root)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _drop_unreached(root: Node) -> bool:
    """Take out what no arrow leads to any more; whether there was something."""
    reached = {flow.get("targetRef") for flow in root.iter(f"{BPMN}sequenceFlow")}
    for node in root.iter(*_NODES):
        if node.get("id") not in reached and node.get("triggeredByEvent") != "true":
            _drop(root, node)
            return True
    return False


def _flows(root: Node, end: str, element: str) -> list[Node]:
    return list(root.findall(f".//{BPMN}sequenceFlow[@{end}='{element}']"))


def _pass_over(root: Node, step: Node) -> None:
    name = step.get("id")
    incoming, outgoing = _flows(root, "targetRef", name), _flows(root, "sourceRef", name)
    before = [root.find(f".//{BPMN}*[@id='{flow.get('sourceRef')}']") for flow in incoming]
    if any(each is not None and etree.QName(each).localname == "eventBasedGateway" for each in before):
        for flow in incoming:
            _drop_flow(root, flow)
        _drop(root, step)
        return
    if not incoming:
        raise NotSeparable(f"{name} has nothing before it")
    if not outgoing:
        for flow in incoming:
            end = etree.SubElement(step.getparent(), f"{BPMN}endEvent", id=f"{name}_passed")
            flow.set("targetRef", end.get("id"))
        _drop(root, step)
        return
    onward = next((flow for flow in outgoing if flow.get("id") == step.get("default")), outgoing[0])
    for flow in incoming:
        flow.set("targetRef", onward.get("targetRef"))
    _drop(root, step)


def _one_way(root: Node, gateway: Node) -> None:
    outgoing = _flows(root, "sourceRef", gateway.get("id"))
    if etree.QName(gateway).localname == "eventBasedGateway" or len(outgoing) < 2:
        _pass_over(root, gateway)
        return
    kept = next((flow for flow in outgoing if flow.get("id") == gateway.get("default")), outgoing[0])
    for flow in outgoing:
        if flow is not kept:
            _drop_flow(root, flow)


def _plain_end(root: Node, end: Node) -> None:
    """Nothing is thrown, and no outcome of that name is reached."""
    for thrown in [each for each in end if etree.QName(each).localname.endswith("EventDefinition")]:
        end.remove(thrown)
    old, new = end.get("id"), f"{end.get('id')}_neutralised"
    end.set("id", new)
    for flow in _flows(root, "targetRef", old):
        flow.set("targetRef", new)
    for word in root.iter(f"{BPMN}flowNodeRef"):
        if word.text == old:
            word.text = new


def _drop(root: Node, element: Node) -> None:
    name = element.get("id")
    for boundary in root.findall(f".//{BPMN}boundaryEvent[@attachedToRef='{name}']"):
        _drop(root, boundary)
    for flow in [*_flows(root, "sourceRef", name), *_flows(root, "targetRef", name)]:
        _drop_flow(root, flow)
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)
    for word in list(root.iter(*_WORDLESS)):
        if word.text == name:
            word.getparent().remove(word)


def _drop_flow(root: Node, flow: Node) -> None:
    name = flow.get("id")
    flow.getparent().remove(flow)
    for word in list(root.iter(*_WORDLESS)):
        if word.text == name:
            word.getparent().remove(word)
    for gateway in root.findall(f".//{BPMN}*[@default='{name}']"):
        del gateway.attrib["default"]


def _drop_pictures(root: Node) -> None:
    """Shapes and arrows say nothing about what runs, and those of a missing element would be refused."""
    ids = {each.get("id") for each in root.iter(f"{BPMN}*") if each.get("id")}
    for drawn in list(root.iter()):
        if drawn.get("bpmnElement") and drawn.get("bpmnElement") not in ids and drawn.tag in _DRAWN:
            drawn.getparent().remove(drawn)

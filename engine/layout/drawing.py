"""What a BPMN file draws: its pools, lanes, nodes and arrows, and the shapes that stand already."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from engine.errors import Unreadable
from engine.layout.geometry import Box, Point

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DI = "{http://www.omg.org/spec/DD/20100524/DI}"

GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"})
EVENTS = frozenset({"startEvent", "endEvent", "boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent"})
HOLDING = frozenset({"subProcess", "transaction", "adHocSubProcess"})
TASKS = frozenset(
    {"task", "manualTask", "userTask", "serviceTask", "sendTask", "receiveTask", "businessRuleTask", "scriptTask"}
) | {"callActivity"}
NODES = GATEWAYS | EVENTS | HOLDING | TASKS

TASK_SIZE, GATEWAY_SIZE, EVENT_SIZE = (140, 100), (50, 50), (36, 36)
TOO_DEEP = 20


class DiagramUnreadable(Unreadable):
    """A file cannot be laid out, because it is no BPMN diagram with a process in it."""


@dataclass(slots=True)
class Node:
    """One element that is drawn as a shape; `order` is its place in the file."""

    id: str
    kind: str
    name: str
    order: int
    scope: str
    lane: str | None = None
    host: str | None = None
    empty: bool = False

    @property
    def holds(self) -> bool:
        """Whether other shapes stand inside it."""
        return self.kind in HOLDING and not self.empty

    @property
    def labelled_outside(self) -> bool:
        """Whether its name stands beside it, not in it."""
        return bool(self.name) and (self.kind in GATEWAYS or self.kind in EVENTS)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, of anything but an expanded subprocess."""
        if self.kind in GATEWAYS:
            return GATEWAY_SIZE
        return EVENT_SIZE if self.kind in EVENTS else TASK_SIZE


@dataclass(frozen=True, slots=True)
class Arrow:
    """One sequence flow."""

    id: str
    source: str
    target: str
    name: str
    scope: str


@dataclass(slots=True)
class Pool:
    """One process with its lanes; `shape` is the participant's id, None where no pool is drawn."""

    process: str
    shape: str | None
    name: str
    lanes: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Drawing:
    """Everything one file draws, in file order; `stands` and `lines` are the shapes and lines it has already."""

    root: etree._Element
    plane: str
    pools: list[Pool] = field(default_factory=list)
    nodes: dict[str, Node] = field(default_factory=dict)
    arrows: list[Arrow] = field(default_factory=list)
    stands: dict[str, Box] = field(default_factory=dict)
    labels: dict[str, Box] = field(default_factory=dict)
    lines: dict[str, list[Point]] = field(default_factory=dict)

    def inside(self, scope: str) -> list[Node]:
        """The nodes directly in a process or subprocess, boundary events included."""
        return [node for node in self.nodes.values() if node.scope == scope]

    def within(self, scope: str) -> list[Node]:
        """Every node in a process or subprocess, however deep."""
        found = []
        for node in self.inside(scope):
            found.append(node)
            found.extend(self.within(node.id) if node.holds else [])
        return found


def read_drawing(content: bytes) -> Drawing:
    """What a BPMN file draws. Raises DiagramUnreadable."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise DiagramUnreadable(
            f"This is no XML that can be read (line {error.lineno}). Save the diagram again."
        ) from None
    if root.getroottree().docinfo.internalDTD is not None or root.tag != f"{BPMN}definitions":
        raise DiagramUnreadable("This is no BPMN 2.0 diagram. Save it from a BPMN editor.")
    processes = root.findall(f"{BPMN}process")
    if not processes:
        raise DiagramUnreadable("The diagram holds no process. Draw one.")
    collaboration = root.find(f"{BPMN}collaboration")
    drawing = Drawing(root, _id(processes[0] if collaboration is None else collaboration))
    participants = [] if collaboration is None else collaboration.findall(f"{BPMN}participant")
    for process in processes:
        drawn = next((each for each in participants if each.get("processRef") == process.get("id")), None)
        pool = Pool(
            _id(process), None if drawn is None else _id(drawn), (process if drawn is None else drawn).get("name", "")
        )
        _take_lanes(drawing, pool, process)
        _take_nodes(drawing, process, 0)
        drawing.pools.append(pool)
    _give_lanes(drawing, processes)
    _take_standing(drawing)
    return drawing


def _id(element: etree._Element) -> str:
    found = element.get("id")
    if not found:
        raise DiagramUnreadable(f"A {etree.QName(element).localname} has no id. Give it one.")
    return found


def _take_lanes(drawing: Drawing, pool: Pool, process: etree._Element) -> None:
    for lane in process.findall(f"{BPMN}laneSet/{BPMN}lane"):
        pool.lanes.append((_id(lane), lane.get("name", "")))


def _take_nodes(drawing: Drawing, scope: etree._Element, depth: int) -> None:
    if depth > TOO_DEEP:
        raise DiagramUnreadable("Subprocesses stand too deep inside each other. Call some as processes of their own.")
    for element in scope.iterchildren(etree.Element):
        kind = etree.QName(element).localname
        if kind in NODES:
            node = Node(_id(element), kind, element.get("name", ""), len(drawing.nodes), _id(scope))
            node.host = element.get("attachedToRef")
            if node.id in drawing.nodes:
                raise DiagramUnreadable(f"Two elements have the id {node.id}. Give each its own.")
            drawing.nodes[node.id] = node
            if node.kind in HOLDING:
                _take_nodes(drawing, element, depth + 1)
                node.empty = not drawing.inside(node.id)
    for flow in scope.findall(f"{BPMN}sequenceFlow"):
        arrow = Arrow(_id(flow), flow.get("sourceRef", ""), flow.get("targetRef", ""), flow.get("name", ""), _id(scope))
        if arrow.source in drawing.nodes and arrow.target in drawing.nodes:
            drawing.arrows.append(arrow)


def _give_lanes(drawing: Drawing, processes: list[etree._Element]) -> None:
    """Nodes stand in the lane that lists them; others in that of their host, a neighbour, or the first lane."""
    for process in processes:
        for lane in process.findall(f"{BPMN}laneSet/{BPMN}lane"):
            for reference in lane.iter(f"{BPMN}flowNodeRef"):
                node = drawing.nodes.get((reference.text or "").strip())
                if node is not None:
                    node.lane = lane.get("id")
    for pool in drawing.pools:
        first = pool.lanes[0][0] if pool.lanes else None
        nodes = [node for node in drawing.within(pool.process) if not node.holds]
        for _round in range(len(nodes) + 1):
            missing = [node for node in nodes if node.lane is None and first is not None]
            for node in missing:
                node.lane = next((lane for lane in _near(drawing, node) if lane is not None), None)
            if not missing or all(node.lane is None for node in missing):
                break
        for node in nodes:
            node.lane = node.lane or first


def _near(drawing: Drawing, node: Node) -> Iterator[str | None]:
    if node.host is not None and node.host in drawing.nodes:
        yield drawing.nodes[node.host].lane
    for arrow in drawing.arrows:
        if arrow.target == node.id:
            yield drawing.nodes[arrow.source].lane
    for arrow in drawing.arrows:
        if arrow.source == node.id:
            yield drawing.nodes[arrow.target].lane


def _take_standing(drawing: Drawing) -> None:
    for shape in drawing.root.iter(f"{BPMNDI}BPMNShape"):
        bounds = shape.find(f"{DC}Bounds")
        if bounds is not None and shape.get("bpmnElement"):
            drawing.stands[shape.get("bpmnElement", "")] = _box(bounds)
            label = shape.find(f"{BPMNDI}BPMNLabel/{DC}Bounds")
            if label is not None:
                drawing.labels[shape.get("bpmnElement", "")] = _box(label)
    for edge in drawing.root.iter(f"{BPMNDI}BPMNEdge"):
        points = [Point(float(at.get("x", 0)), float(at.get("y", 0))) for at in edge.findall(f"{DI}waypoint")]
        if len(points) > 1 and edge.get("bpmnElement"):
            drawing.lines[edge.get("bpmnElement", "")] = points
            label = edge.find(f"{BPMNDI}BPMNLabel/{DC}Bounds")
            if label is not None:
                drawing.labels[edge.get("bpmnElement", "")] = _box(label)


def _box(bounds: etree._Element) -> Box:
    x, y, width, height = (float(bounds.get(name, 0)) for name in ("x", "y", "width", "height"))
    return Box(x, y, width, height)

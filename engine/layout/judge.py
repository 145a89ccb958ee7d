"""What is wrong with a picture: shapes over shapes, words over lines, lines through shapes, shapes outside lanes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from engine.layout.drawing import Drawing
from engine.layout.geometry import Box, Point, segments
from engine.layout.picture import Picture


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault and the elements it concerns. Crossings are counted, not forbidden."""

    kind: str
    elements: tuple[str, ...]


def judge(drawing: Drawing, picture: Picture) -> list[Fault]:
    """Every fault of a picture."""
    return [*_shapes(drawing, picture), *_lanes(drawing, picture), *_lines(drawing, picture), *_words(drawing, picture)]


def _shapes(drawing: Drawing, picture: Picture) -> list[Fault]:
    found = [Fault("no shape", (node,)) for node in drawing.nodes if node not in picture.shapes]
    for one, other in combinations([node for node in drawing.nodes.values() if node.id in picture.shapes], 2):
        a, b = picture.shapes[one.id], picture.shapes[other.id]
        if one.host == other.id or other.host == one.id:
            continue
        if one.id in _around(drawing, other.id):
            if not a.holds(b) and other.host is None:
                found.append(Fault("outside its subprocess", (other.id, one.id)))
        elif other.id in _around(drawing, one.id):
            if not b.holds(a) and one.host is None:
                found.append(Fault("outside its subprocess", (one.id, other.id)))
        elif a.overlaps(b):
            found.append(Fault("shapes overlap", (one.id, other.id)))
    return found


def _around(drawing: Drawing, identity: str) -> set[str]:
    """The subprocesses that hold an element, and those that hold its host."""
    found = set()
    node = drawing.nodes.get(identity)
    while node is not None:
        found.add(node.scope)
        node = drawing.nodes.get(node.scope)
    return found


def _lanes(drawing: Drawing, picture: Picture) -> list[Fault]:
    found = []
    for node in drawing.nodes.values():
        lane = picture.shapes.get(node.lane or "")
        if node.id in picture.shapes and lane is not None and not node.holds and node.host is None:
            if not lane.holds(picture.shapes[node.id]):
                found.append(Fault("outside its lane", (node.id, node.lane or "")))
    for pool in drawing.pools:
        whole = picture.shapes.get(pool.shape or "")
        if whole is not None:
            held = {node.id: node for node in drawing.within(pool.process)}
            boxes = {each: [picture.shapes[each]] for each in held if each in picture.shapes}
            for arrow in drawing.arrows:
                if arrow.source in held:
                    boxes[arrow.id] = [Box(point.x, point.y, 0, 0) for point in picture.lines.get(arrow.id, [])]
            found += [
                Fault("outside its pool", (each, pool.shape or ""))
                for each, inner in boxes.items()
                if not all(whole.holds(box) for box in inner)
            ]
    return found


def _lines(drawing: Drawing, picture: Picture) -> list[Fault]:
    found = []
    for arrow in drawing.arrows:
        points = picture.lines.get(arrow.id, [])
        if len(points) < 2:
            found.append(Fault("no line", (arrow.id,)))
        for a, b in segments(points):
            if a.x != b.x and a.y != b.y:
                found.append(Fault("slanted line", (arrow.id,)))
            for node in drawing.nodes.values():
                box = picture.shapes.get(node.id)
                if box is not None and not node.holds and box.grown(-2).crossed_by(a, b):
                    found.append(Fault("line through shape", (arrow.id, node.id)))
    for one, other in combinations(drawing.arrows, 2):
        for a, b in segments(picture.lines.get(one.id, [])):
            for c, d in segments(picture.lines.get(other.id, [])):
                if _cross(a, b, c, d):
                    found.append(Fault("crossing", (one.id, other.id)))
                elif one.target != other.target and one.source != other.source and _run_along(a, b, c, d):
                    found.append(Fault("lines on each other", (one.id, other.id)))
    return found


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether a level and an upright piece cross, and do not merely touch."""
    if a.y == b.y and c.x == d.x and a.x != b.x:
        return min(a.x, b.x) < c.x < max(a.x, b.x) and min(c.y, d.y) < a.y < max(c.y, d.y)
    if a.x == b.x and c.y == d.y and a.y != b.y:
        return _cross(c, d, a, b)
    return False


def _run_along(a: Point, b: Point, c: Point, d: Point) -> bool:
    if a.y == b.y == c.y == d.y:
        return min(max(a.x, b.x), max(c.x, d.x)) - max(min(a.x, b.x), min(c.x, d.x)) > 1
    if a.x == b.x == c.x == d.x:
        return min(max(a.y, b.y), max(c.y, d.y)) - max(min(a.y, b.y), min(c.y, d.y)) > 1
    return False


def _words(drawing: Drawing, picture: Picture) -> list[Fault]:
    found = []
    named = [node.id for node in drawing.nodes.values() if node.labelled_outside]
    named += [arrow.id for arrow in drawing.arrows if arrow.name]
    found += [Fault("no label", (each,)) for each in named if each not in picture.labels]
    for identity, box in picture.labels.items():
        for arrow in drawing.arrows:
            for a, b in segments(picture.lines.get(arrow.id, [])):
                if box.crossed_by(a, b):
                    found.append(Fault("label on a line", (identity, arrow.id)))
        found += [
            Fault("label on a shape", (identity, node.id))
            for node in drawing.nodes.values()
            if node.id in picture.shapes and not node.holds and picture.shapes[node.id].overlaps(box)
        ]
    for one, other in combinations(sorted(picture.labels), 2):
        if picture.labels[one].overlaps(picture.labels[other]):
            found.append(Fault("labels overlap", (one, other)))
    return found

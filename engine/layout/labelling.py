"""Words beside shapes and lines, where nothing else stands or runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from engine.layout.drawing import GATEWAYS, Drawing, Node
from engine.layout.geometry import Box, Point, label_size, segments

#: What it costs to lie over a shape, over other words, over a line, over a frame's or band's edge, and to stray.
OVER_SHAPE, OVER_WORDS, OVER_LINE, OVER_EDGE, AWAY = 1000.0, 800.0, 400.0, 30.0, 0.1
CLEAR = 3


def usual_places(drawing: Drawing, shapes: Mapping[str, Box]) -> dict[str, Box]:
    """Where the names of gateways and events stand if nothing is in the way; lines keep off these boxes."""
    return {
        node.id: next(_beside(node, shapes[node.id]))
        for node in drawing.nodes.values()
        if node.labelled_outside and node.id in shapes
    }


def label(
    drawing: Drawing,
    shapes: Mapping[str, Box],
    lines: Mapping[str, list[Point]],
    kept: Mapping[str, Box] | None = None,
) -> dict[str, Box]:
    """The boxes of all words outside shapes; those in `kept` stay where a person put them."""
    placed = dict(kept or {})
    page = _Page(drawing, shapes, lines, placed)
    for node in drawing.nodes.values():
        if node.labelled_outside and node.id in shapes and node.id not in placed:
            placed[node.id] = page.best(_beside(node, shapes[node.id]))
    for arrow in drawing.arrows:
        if arrow.name and arrow.id in lines and arrow.id not in placed:
            beside = [
                lines[each.id]
                for each in drawing.arrows
                if each.source == arrow.source and each.id != arrow.id and each.id in lines
            ]
            placed[arrow.id] = page.best(
                _along(arrow.name, lines[arrow.id], _own_part(lines[arrow.id], beside), fan=len(beside) > 1)
            )
    return placed


class _Page:
    """What stands already."""

    def __init__(
        self,
        drawing: Drawing,
        shapes: Mapping[str, Box],
        lines: Mapping[str, list[Point]],
        placed: Mapping[str, Box],
    ) -> None:
        self.solid = [shapes[each.id] for each in drawing.nodes.values() if each.id in shapes and not each.holds]
        framed = [each.id for each in drawing.nodes.values() if each.holds]
        self.frames = [box for each, box in shapes.items() if each in framed or each not in drawing.nodes]
        self.pieces = [(each, a, b) for each, points in lines.items() for a, b in segments(points)]
        self.placed = placed

    def best(self, places: Iterable[Box]) -> Box:
        """The first place where nothing is in the way, else the one that costs least."""
        best: tuple[float, Box] | None = None
        for number, place in enumerate(places):
            cost = self.cost(place)
            if cost == 0:
                return place
            if best is None or cost + number * AWAY < best[0]:
                best = (cost + number * AWAY, place)
        assert best is not None
        return best[1]

    def cost(self, box: Box) -> float:
        """What it would cost to put words here."""
        wide = box.grown(CLEAR)
        cost = sum(OVER_SHAPE for each in self.solid if each.overlaps(box))
        cost += sum(OVER_WORDS for each in self.placed.values() if each.overlaps(box.grown(1)))
        cost += sum(OVER_LINE for _, a, b in self.pieces if wide.crossed_by(a, b))
        cost += sum(OVER_EDGE for each in self.frames if each.overlaps(box) and not each.holds(box))
        return cost


def _beside(node: Node, shape: Box) -> Iterator[Box]:
    """Places for a node's name: a gateway's above it, an event's below it, then all around."""
    width, height = label_size(node.name)
    middle = shape.centre
    above = Box(middle.x - width / 2, shape.y - height - 6, width, height)
    below = Box(middle.x - width / 2, shape.bottom + 6, width, height)
    first, second = (above, below) if node.kind in GATEWAYS else (below, above)
    yield first
    yield second
    for place in (first, second):
        for aside in (-1, 1):
            for by in (0.5, 0.62, 0.75, 0.9):
                yield place.moved(aside * (width * by + 6), 0)
    for further in (10, 20, 30, 40):
        for aside in (0, -1, 1):
            yield first.moved(aside * (width / 2 + 6), further if first is below else -further)
            yield second.moved(aside * (width / 2 + 6), further if second is below else -further)
    yield Box(shape.right + 8, middle.y - height - 6, width, height)
    yield Box(shape.right + 8, middle.y + 6, width, height)
    yield Box(shape.x - width - 8, middle.y - height - 6, width, height)
    yield Box(shape.x - width - 8, middle.y + 6, width, height)


def _own_part(points: list[Point], beside: list[list[Point]]) -> list[Point]:
    """A line from where it has left those that begin with it at the same question."""
    shared = max((_shared(points, other) for other in beside), default=0.0)
    walked = 0.0
    for at, (a, b) in enumerate(segments(points)):
        length = abs(a.x - b.x) + abs(a.y - b.y)
        if walked + length > shared:
            part = (shared - walked) / length if shared > walked else 0.0
            return [Point(a.x + (b.x - a.x) * part, a.y + (b.y - a.y) * part), *points[at + 1 :]]
        walked += length
    return points


def _shared(one: list[Point], other: list[Point]) -> float:
    """How far two lines run as one from their beginning."""
    if one[0] != other[0]:
        return 0.0
    walked = 0.0
    for (a, b), (c, d) in zip(segments(one), segments(other), strict=False):
        if a != c:
            return walked
        same_way = (b.x - a.x) * (d.x - c.x) > 0 or (b.y - a.y) * (d.y - c.y) > 0
        if not same_way:
            return walked
        length = min(abs(b.x - a.x) + abs(b.y - a.y), abs(d.x - c.x) + abs(d.y - c.y))
        walked += length
        if b != d:
            return walked
    return walked


def _along(words: str, points: list[Point], own: list[Point], *, fan: bool) -> Iterator[Box]:
    """Places along a line: on the part that is its own, then anywhere; of a fan of answers, on level pieces first."""
    width, height = label_size(words)
    for part in (own, points):
        for a, b in sorted(segments(part), key=lambda piece: fan and piece[0].y != piece[1].y):
            level = a.y == b.y
            forward = 1 if (b.x >= a.x if level else b.y >= a.y) else -1
            for start in range(0, max(1, int(abs(a.x - b.x) + abs(a.y - b.y))), 10):
                if level:
                    left = a.x + forward * (start + 5) - (0 if forward > 0 else width)
                    yield Box(left, a.y - height - 5, width, height)
                    yield Box(left, a.y + 5, width, height)
                else:
                    top = a.y + forward * (start + 5) - (0 if forward > 0 else height)
                    yield Box(a.x + 6, top, width, height)
                    yield Box(a.x - width - 6, top, width, height)

"""Tidy a diagram: place what has no shape, keep what a person placed, or lay out everything anew."""

from __future__ import annotations

from engine.layout.drawing import Drawing, Node, read_drawing
from engine.layout.geometry import GRID, Box, Point, snapped
from engine.layout.labelling import label, usual_places
from engine.layout.picture import Picture
from engine.layout.placing import on_edge, place
from engine.layout.routing import Router
from engine.layout.writing import written


def tidy(content: bytes, *, everything: bool = False) -> bytes:
    """The diagram with every shape, line and label placed; the same bytes where nothing was missing.

    What stands already stays where it is, unless `everything`. Raises DiagramUnreadable.
    """
    drawing = read_drawing(content)
    if not everything and _complete(drawing):
        return content
    return written(content, drawing, arrange(drawing, everything=everything))


def arrange(drawing: Drawing, *, everything: bool = False) -> Picture:
    """Where everything of a drawing stands."""
    frame = _frame(drawing)
    anew = everything or not any(node in drawing.stands for node in drawing.nodes)
    anew = anew or any(each not in drawing.stands for each in frame)
    anew = anew or any(node.holds and node.id not in drawing.stands for node in drawing.nodes.values())
    if anew:
        shapes = place(drawing)
        kept_lines: dict[str, list[Point]] = {}
        kept_labels: dict[str, Box] = {}
    else:
        shapes = _fit_in(drawing)
        kept_lines = {
            arrow.id: drawing.lines[arrow.id]
            for arrow in drawing.arrows
            if arrow.id in drawing.lines and arrow.source in drawing.stands and arrow.target in drawing.stands
        }
        named = {node.id for node in drawing.nodes.values() if node.labelled_outside} | set(kept_lines)
        kept_labels = {each: box for each, box in drawing.labels.items() if each in named}
    router = Router(drawing, shapes, usual_places(drawing, shapes).values())
    for arrow in drawing.arrows:
        if arrow.id in kept_lines:
            router.keep(arrow, kept_lines[arrow.id])
    lines = {**kept_lines, **router.draw([arrow for arrow in drawing.arrows if arrow.id not in kept_lines])}
    return Picture(shapes, lines, label(drawing, shapes, lines, kept_labels))


def _complete(drawing: Drawing) -> bool:
    """Whether every shape and line stands already, and every name has its place."""
    return all(each in drawing.stands for each in (*drawing.nodes, *_frame(drawing))) and all(
        arrow.id in drawing.lines for arrow in drawing.arrows
    )


def _frame(drawing: Drawing) -> list[str]:
    """The pools and lanes."""
    pools = [pool.shape for pool in drawing.pools if pool.shape]
    return pools + [lane for pool in drawing.pools for lane, _ in pool.lanes]


# ---------------------------------------------------------------------- beside what a person placed


def _fit_in(drawing: Drawing) -> dict[str, Box]:
    """The shapes that stand, and a free place near its neighbours for each that does not."""
    known = {*drawing.nodes, *_frame(drawing)}
    shapes = {each: box for each, box in drawing.stands.items() if each in known}
    missing = [node for node in drawing.nodes.values() if node.id not in shapes]
    for node in missing:
        if node.host is None:
            shapes[node.id] = _free_place(drawing, node, shapes)
            _widen(drawing, node, shapes)
    for node in missing:
        if node.host is not None:
            shapes[node.id] = on_edge(node, shapes, drawing)
    return shapes


def _free_place(drawing: Drawing, node: Node, shapes: dict[str, Box]) -> Box:
    """Right of what leads to the node (else right of everything), in its lane, where nothing stands."""
    width, height = node.size
    pool = next((pool.shape for pool in drawing.pools if node in drawing.within(pool.process)), None)
    lane = shapes.get(node.lane or "") or (shapes.get(pool or "") if node.scope not in drawing.nodes else None)
    scope = shapes.get(node.scope)
    before = [
        shapes[each]
        for arrow in drawing.arrows
        if arrow.target == node.id
        for each in (drawing.nodes[arrow.source].host or arrow.source,)
        if each in shapes
    ]
    solid = [shapes[each.id] for each in drawing.nodes.values() if each.id in shapes and each.id != node.scope]
    solid = [box for box in solid if scope is None or not box.holds(scope)]
    rightmost = max((box.right for box in solid), default=lane.x if lane else 0.0)
    from_x = max((box.right for box in before), default=rightmost)
    if before:
        middle = before[0].centre.y
    else:
        middle = (lane or scope or Box(0, 0, 0, 0)).centre.y
    if lane is not None and not lane.y + height / 2 < middle < lane.bottom - height / 2:
        middle = lane.centre.y
    column = from_x + 3 * GRID + width / 2
    while True:
        for step in (0, 1, -1, 2, -2, 3, -3, 4, -4):
            centre = middle + step * 5 * GRID
            box = Box(snapped(column) - width / 2, centre - height / 2, width, height)
            fits = lane is None or (lane.y + GRID / 2 <= box.y and box.bottom <= lane.bottom - GRID / 2)
            if fits and not any(box.grown(GRID).overlaps(other) for other in solid if other not in (lane, scope)):
                return box
        column += 2 * GRID


def _widen(drawing: Drawing, node: Node, shapes: dict[str, Box]) -> None:
    """Let subprocess, lanes and pool reach round a new shape."""
    right = shapes[node.id].right + 2 * GRID
    scope = drawing.nodes.get(node.scope)
    while scope is not None:
        box = shapes[scope.id]
        height = max(box.height, shapes[node.id].bottom + GRID - box.y)
        shapes[scope.id] = Box(box.x, box.y, max(box.width, right - box.x), height)
        right = shapes[scope.id].right + 2 * GRID
        scope = drawing.nodes.get(scope.scope)
    for pool in drawing.pools:
        if node in drawing.within(pool.process):
            for each in (pool.shape, *(lane for lane, _ in pool.lanes)):
                if each in shapes:
                    box = shapes[each]
                    shapes[each] = Box(box.x, box.y, max(box.width, right - box.x), box.height)

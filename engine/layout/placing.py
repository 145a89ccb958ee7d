"""From columns and rows to places on the page: lanes as bands, subprocesses as frames around what they hold."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.layout.columns import Columns, columns_of
from engine.layout.drawing import EVENT_SIZE, GATEWAYS, Drawing, Node, Pool
from engine.layout.geometry import GRID, LABEL_WIDTH, Box, around, snapped, wrapped
from engine.layout.rows import Rows, rows_of

LEFT, TOP = 160, 80
#: Room at the left of a pool for its own name and its lanes' names.
NAMES = 60
ROW, STEP = 100, 180
WIDE, NARROW = 140, 100
GAP, LABEL_GAP = 60, 40
BAND, FRAME, CHANNEL = 40, 60, 40
LOWEST_BAND = 200
BETWEEN_POOLS = 80


@dataclass(slots=True)
class _Page:
    """Where columns and rows of one pool lie; frames are how deep subprocesses open above and below a lane's rows."""

    columns: Columns
    rows: Rows
    x: list[int] = field(default_factory=list)
    y: dict[tuple[str | None, int], int] = field(default_factory=dict)


def place(drawing: Drawing) -> dict[str, Box]:
    """The boxes of every shape of a drawing: pools, lanes and nodes."""
    shapes: dict[str, Box] = {}
    top = TOP
    for pool in drawing.pools:
        placed = _place_pool(drawing, pool, top)
        shapes |= placed
        if placed:
            top = snapped(around(placed.values()).bottom) + BETWEEN_POOLS
    return shapes


def _place_pool(drawing: Drawing, pool: Pool, top: int) -> dict[str, Box]:
    columns = columns_of(drawing, pool.process)
    page = _Page(columns, rows_of(drawing, pool, columns))
    right = _columns_across(drawing, pool, page)
    bands = _rows_down(drawing, pool, page, top)
    shapes: dict[str, Box] = {}
    if pool.shape is not None:
        height = sum(band for _, band in bands)
        shapes[pool.shape] = Box(LEFT, top, right - LEFT, height)
    y = top
    for lane, band in bands:
        if lane is not None:
            indent = 0 if pool.shape is None else NAMES // 2
            shapes[lane] = Box(LEFT + indent, y, right - LEFT - indent, band)
        y += band
    for node in drawing.within(pool.process):
        if node.id in columns.of:
            width, high = node.size
            centre_x = page.x[columns.of[node.id]]
            centre_y = page.y[node.lane, page.rows.of[node.id]]
            shapes[node.id] = Box(centre_x - width / 2, centre_y - high / 2, width, high)
    _frames(drawing, pool.process, shapes)
    _on_edges(drawing, pool, shapes)
    return shapes


def _columns_across(drawing: Drawing, pool: Pool, page: _Page) -> int:
    """Give each column its middle; the right side of the pool."""
    columns, x = page.columns, LEFT + (NAMES if pool.lanes else GRID * 2) + GRID
    labelled = _labelled_columns(drawing, page)
    for column in range(columns.count):
        here = [drawing.nodes[each] for each, at in columns.of.items() if at == column]
        opening = sum(1 for first, _ in columns.spans.values() if first == column)
        closing = sum(1 for _, last in columns.spans.values() if last == column)
        width = WIDE if any(node.kind not in GATEWAYS and node.size != EVENT_SIZE for node in here) else NARROW
        x += opening * FRAME // 2 + (GRID if opening else 0)
        page.x.append(snapped(x + width / 2))
        x = page.x[-1] + width // 2 + GAP + labelled.get(column, 0) + closing * FRAME // 2 + (GRID if closing else 0)
    return snapped(x) - GRID


def _labelled_columns(drawing: Drawing, page: _Page) -> dict[int, int]:
    """How much more room a column needs at its right for the words on the arrows that leave it."""
    room: dict[int, int] = {}
    for arrow in drawing.arrows:
        column = page.columns.of.get(arrow.source)
        if arrow.name and column is not None:
            longest = max(len(line) for line in wrapped(arrow.name))
            wanted = min(LABEL_WIDTH, longest * 6) - 25
            room[column] = max(room.get(column, 0), snapped(max(0, min(LABEL_GAP + GRID, wanted))))
    return room


def _rows_down(drawing: Drawing, pool: Pool, page: _Page, top: int) -> list[tuple[str | None, int]]:
    """Give each row its middle; the height of each lane's band."""
    bands: list[tuple[str | None, int]] = []
    y = top
    for lane in page.rows.lanes:
        above, below = _frames_at(drawing, pool, page, lane)
        first = y + BAND + above
        for row in range(page.rows.count[lane]):
            page.y[lane, row] = snapped(first + ROW / 2 + row * STEP)
        last = page.y[lane, page.rows.count[lane] - 1] + ROW // 2 + BAND + GRID + below
        band = max(snapped(last - y), LOWEST_BAND)
        if band > last - y:
            extra = snapped((band - (last - y)) / 2)
            for row in range(page.rows.count[lane]):
                page.y[lane, row] += extra
        bands.append((lane, band))
        y += band
    return bands


def _frames_at(drawing: Drawing, pool: Pool, page: _Page, lane: str | None) -> tuple[int, int]:
    """The room that subprocess frames need above the first row and below the last row of a lane."""
    above = below = 0
    for node in drawing.within(pool.process):
        if node.holds:
            inner = [each for each in drawing.within(node.id) if each.id in page.columns.of]
            lanes = [page.rows.lanes.index(each.lane) for each in inner]
            depth = 1 + max((_depth(drawing, each) for each in drawing.within(node.id) if each.holds), default=0)
            if lanes and page.rows.lanes[min(lanes)] == lane:
                above = max(above, depth * FRAME + CHANNEL)
            if lanes and page.rows.lanes[max(lanes)] == lane:
                below = max(below, depth * FRAME + CHANNEL)
    return above, below


def _depth(drawing: Drawing, node: Node) -> int:
    return 1 + max((_depth(drawing, each) for each in drawing.inside(node.id) if each.holds), default=0)


def _frames(drawing: Drawing, scope: str, shapes: dict[str, Box]) -> None:
    """Draw each subprocess around what it holds, the innermost first."""
    for node in drawing.inside(scope):
        if node.holds:
            _frames(drawing, node.id, shapes)
            inner = [shapes[each.id] for each in drawing.inside(node.id) if each.id in shapes]
            held = around(inner)
            x, y = snapped(held.x) - FRAME // 2 - GRID // 2, snapped(held.y) - FRAME
            width = snapped(held.right) + FRAME // 2 + GRID // 2 - x
            shapes[node.id] = Box(x, y, width, snapped(held.bottom) + FRAME - y)


def _on_edges(drawing: Drawing, pool: Pool, shapes: dict[str, Box]) -> None:
    """Put boundary events on the lower edge of their host, from its right."""
    for node in drawing.within(pool.process):
        if node.host in shapes and node.id not in shapes:
            shapes[node.id] = on_edge(node, shapes, drawing)


def on_edge(node: Node, shapes: dict[str, Box], drawing: Drawing) -> Box:
    """Where a boundary event stands on its host."""
    host = shapes[node.host or ""]
    size = EVENT_SIZE[0]
    beside = [each for each in drawing.nodes.values() if each.host == node.host and each.id in shapes]
    inset = 3 * GRID if drawing.nodes[node.host or ""].holds else GRID
    x = snapped(host.right - inset) - len(beside) * 5 * GRID
    return Box(max(x, host.x + GRID) - size / 2, host.bottom - size / 2, size, size)

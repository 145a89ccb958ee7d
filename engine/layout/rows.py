"""Which row of its lane each node stands in: straight on from what leads to it, where that is free."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from engine.layout.columns import Columns
from engine.layout.drawing import Drawing, Node, Pool

#: What it costs to leave the row of the step before, and to stand where another's straight line would run.
LEAVING, IN_THE_WAY = 10, 14


@dataclass(slots=True)
class Rows:
    """The row of every node within its lane, and how many rows each lane has; lanes in drawn order."""

    of: dict[str, int] = field(default_factory=dict)
    lanes: list[str | None] = field(default_factory=list)
    count: dict[str | None, int] = field(default_factory=dict)


def rows_of(drawing: Drawing, pool: Pool, columns: Columns) -> Rows:
    """The rows of one process."""
    lanes: list[str | None] = [lane for lane, _ in pool.lanes] or [None]
    rows = Rows(lanes=lanes, count=dict.fromkeys(lanes, 1))
    placing = _Placing(drawing, columns, rows)
    by_column: dict[int, list[Node]] = defaultdict(list)
    for node in drawing.within(pool.process):
        if node.id in columns.of:
            by_column[columns.of[node.id]].append(node)
    for column in sorted(by_column):
        placing.column(column, by_column[column])
    return rows


class _Placing:
    """Rows being given, column by column from the left."""

    def __init__(self, drawing: Drawing, columns: Columns, rows: Rows) -> None:
        self.drawing, self.columns, self.rows = drawing, columns, rows
        self.taken: dict[tuple[int, str | None], set[int]] = defaultdict(set)
        self.before: dict[str, list[Node]] = defaultdict(list)
        self.after: dict[str, list[Node]] = defaultdict(list)
        #: Steps that only a boundary event leads to stand below the usual way.
        led_to: dict[str, list[bool]] = {arrow.target: [] for arrow in drawing.arrows}
        for arrow in drawing.arrows:
            led_to[arrow.target].append(drawing.nodes[arrow.source].host is not None)
        self.aside = {target for target, boundary in led_to.items() if all(boundary)}
        for arrow in drawing.arrows:
            for source in self.standing_for(arrow.source, last=True):
                for target in self.standing_for(arrow.target, last=False):
                    if arrow.id not in columns.back:
                        self.before[target.id].append(source)
                        self.after[source.id].append(target)

    def standing_for(self, identity: str, *, last: bool) -> list[Node]:
        """The node itself; of a subprocess, its last or first node; of a boundary event, its host."""
        node = self.drawing.nodes[identity]
        while node.host is not None:
            node = self.drawing.nodes[node.host]
        while node.holds:
            inner = [each for each in self.drawing.inside(node.id) if each.host is None]
            wanted = "endEvent" if last else "startEvent"
            inner = [each for each in inner if each.kind == wanted] or inner
            if not inner:
                return []
            node = max(inner, key=lambda each: self.columns.of.get(each.id, 0)) if last else inner[0]
        return [node]

    def height(self, node: Node) -> tuple[int, int]:
        """Where a node stands, from the top."""
        return self.rows.lanes.index(node.lane), self.rows.of.get(node.id, 0)

    def column(self, column: int, nodes: list[Node]) -> None:
        """Give rows to the nodes of one column."""

        def order(node: Node) -> tuple[bool, bool, float, int]:
            placed = [self.height(each) for each in self.before[node.id] if each.id in self.rows.of]
            middle = sum(lane * 100 + row for lane, row in placed) / len(placed) if placed else 0.0
            ends = node.kind == "endEvent" and any(len(self.after[each.id]) > 1 for each in self.before[node.id])
            return node.id in self.aside, ends, middle, node.order

        for node in sorted(nodes, key=order):
            lane = node.lane
            row = min(range(self.rows.count[lane] + 1), key=lambda each: self.cost(node, column, each))
            self.rows.of[node.id] = row
            self.taken[column, lane].add(row)
            self.rows.count[lane] = max(self.rows.count[lane], row + 1)

    def cost(self, node: Node, column: int, row: int) -> tuple[float, int]:
        """How badly a row suits a node."""
        if row in self.taken[column, node.lane]:
            return float("inf"), row
        same_lane = [each for each in self.before[node.id] if each.lane == node.lane and each.id in self.rows.of]
        wanted = min((self.rows.of[each.id] for each in same_lane), default=0)
        cost = float(abs(row - wanted) * LEAVING)
        if row >= self.rows.count[node.lane]:
            cost += 1
        if node.id in self.aside and any(row < other for other in self.taken[column, node.lane]):
            cost += IN_THE_WAY
        for other in self.rows.of:
            source = self.drawing.nodes[other]
            if source.lane != node.lane or self.rows.of[other] != row or source in self.before[node.id]:
                continue
            if any(
                each.lane == node.lane and self.columns.of.get(each.id, 0) > column and self.columns.of[other] < column
                for each in self.after[other]
            ):
                cost += IN_THE_WAY
        return cost, row

"""Which column each node stands in: as far right as what leads to it, a subprocess with columns of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.layout.drawing import Drawing, Node


@dataclass(slots=True)
class Columns:
    """The column of every node, first and last column of those that hold others, and the arrows that go back."""

    of: dict[str, int] = field(default_factory=dict)
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    back: set[str] = field(default_factory=set)
    count: int = 0


def columns_of(drawing: Drawing, process: str) -> Columns:
    """The columns of one process."""
    columns = Columns()
    columns.count = _place(drawing, process, 0, columns)
    return columns


def _place(drawing: Drawing, scope: str, first: int, columns: Columns) -> int:
    """Give columns from `first` on to what stands directly in a scope; the next free column."""
    nodes = [node for node in drawing.inside(scope) if node.host is None]
    if not nodes:
        return first + 1
    ahead = _ahead(drawing, scope, nodes, columns.back)
    _part_subprocesses(nodes, ahead)
    ranks = _ranks(nodes, ahead)
    column = first
    for rank in range(max(ranks.values()) + 1):
        here = [node for node in nodes if ranks[node.id] == rank]
        widest = column + 1
        for node in here:
            if node.holds:
                end = _place(drawing, node.id, column, columns)
                columns.spans[node.id] = (column, end - 1)
                widest = max(widest, end)
            else:
                columns.of[node.id] = column
        column = widest
    return column


def _ahead(drawing: Drawing, scope: str, nodes: list[Node], back: set[str]) -> dict[str, list[str]]:
    """What follows each node without going back; arrows that go back are noted."""
    known = {node.id for node in nodes}
    out: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for arrow in drawing.arrows:
        if arrow.scope == scope:
            source = drawing.nodes[arrow.source].host or arrow.source
            if source in known and arrow.target in known:
                out[source].append((arrow.target, arrow.id))
    led_to = {target for follows in out.values() for target, _ in follows}
    state: dict[str, int] = {}
    for root in sorted(nodes, key=lambda node: (node.kind != "startEvent", node.id in led_to, node.order)):
        if root.id in state:
            continue
        stack = [(root.id, iter(out[root.id]))]
        state[root.id] = 1
        while stack:
            here, rest = stack[-1]
            step = next(rest, None)
            if step is None:
                state[here] = 2
                stack.pop()
            elif state.get(step[0]) == 1:
                back.add(step[1])
            elif step[0] not in state:
                state[step[0]] = 1
                stack.append((step[0], iter(out[step[0]])))
    return {
        node.id: list(dict.fromkeys(target for target, arrow in out[node.id] if arrow not in back)) for node in nodes
    }


def _reach(ahead: dict[str, list[str]], start: str) -> set[str]:
    seen, stack = set[str](), [start]
    while stack:
        for target in ahead[stack.pop()]:
            if target not in seen:
                seen.add(target)
                stack.append(target)
    return seen


def _part_subprocesses(nodes: Iterable[Node], ahead: dict[str, list[str]]) -> None:
    """Let nothing share a column with a subprocess: what runs beside it is drawn before it."""
    for node in nodes:
        if not node.holds:
            continue
        after = _reach(ahead, node.id)
        for other in ahead:
            if other != node.id and other not in after and node.id not in _reach(ahead, other):
                ahead[other].append(node.id)


def _ranks(nodes: list[Node], ahead: dict[str, list[str]]) -> dict[str, int]:
    """The longest way to each node."""
    waits = {node.id: 0 for node in nodes}
    for targets in ahead.values():
        for target in targets:
            waits[target] += 1
    ranks = {node.id: 0 for node in nodes}
    ready = [node.id for node in nodes if waits[node.id] == 0]
    while ready:
        here = ready.pop(0)
        for target in ahead[here]:
            ranks[target] = max(ranks[target], ranks[here] + 1)
            waits[target] -= 1
            if waits[target] == 0:
                ready.append(target)
    return ranks

"""Lines at right angles: each the cheapest way on a grid, round shapes, rarely bending, hardly ever crossing."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from engine.layout.drawing import GATEWAYS, Arrow, Drawing
from engine.layout.geometry import GRID, Box, Point, around

#: What a step, a bend, a crossing, a run along another line, and a run over words cost.
STEP, BEND, CROSSING, ALONG, OVER_WORDS, JOINED = 1.0, 4.0, 9.0, 60.0, 3.0, 0.4
#: What each step still to go is hoped to cost; a little too much finds the way sooner.
HOPE = 0.8
#: What part of a step's price is left where lines that belong together run as one.
TRUNK = 0.6
#: What it costs two answers to one question to run on as one: the sooner they part, the plainer.
ANSWERS = 1.5
#: What leaving or reaching a shape at a side costs: straight on, up or down, against the reading direction.
STRAIGHT, ASIDE, AGAINST = 0.0, 4.0, 16.0
#: What it costs to share a side with an arrow that goes the other way.
SHARED = 14.0
#: What it costs two answers to the same question to leave on the same side.
TOGETHER = 5.0
#: What it costs to leave a question straight on and then turn: the straight way belongs to the step beside it.
TURNING = 8.0
MARGIN = 6 * GRID

RIGHT, DOWN, LEFT, UP = range(4)
MOVES = ((1, 0), (0, 1), (-1, 0), (0, -1))
Cell = tuple[int, int]


@dataclass(slots=True)
class Used:
    """Which lines run along each unit of the grid, and which pass or turn at each point."""

    along: dict[tuple[Cell, bool], set[str]]
    at: dict[Cell, dict[str, tuple[bool, bool]]]
    sides: dict[tuple[str, int], dict[str, bool]]


class Router:
    """Draws the arrows of one drawing around the shapes that stand."""

    def __init__(self, drawing: Drawing, shapes: Mapping[str, Box], words: Iterable[Box]) -> None:
        self.drawing, self.shapes = drawing, shapes
        self.words = list(words)
        page = around(shapes.values()).grown(MARGIN)
        nodes = [shapes[each] for each in drawing.nodes if each in shapes]
        self.xs = _lines((box.centre.x for box in nodes), page.x, page.right)
        self.ys = _lines((box.centre.y for box in nodes), page.y, page.bottom)
        self.column = {x: at for at, x in enumerate(self.xs)}
        self.row = {y: at for at, y in enumerate(self.ys)}
        self.used = Used(defaultdict(set), defaultdict(dict), defaultdict(dict))
        self.paths: dict[str, list[Cell]] = {}
        self.solid: dict[Cell, set[str]] = defaultdict(set)
        for node in drawing.nodes.values():
            if node.id in shapes:
                for cell in self._cells(shapes[node.id].grown(GRID * 0.45)):
                    self.solid[cell].add(node.id)
        self.wordy = {cell for box in self.words for cell in self._cells(box.grown(4))}
        self.holders = {node.id: self._holders(node.id) for node in drawing.nodes.values()}
        self.ends_of = {arrow.id: (arrow.source, arrow.target) for arrow in drawing.arrows}

    def draw(self, arrows: Iterable[Arrow], rounds: int = 1) -> dict[str, list[Point]]:
        """The points of each arrow's line; each is drawn again once the others are there."""
        ordered = sorted(arrows, key=self._length)
        for _round in range(1 + rounds):
            for arrow in ordered:
                self._lift(arrow)
                path = self._way(arrow)
                if path:
                    self._lay(arrow, path)
        return {arrow.id: self._points(arrow) for arrow in ordered}

    # ------------------------------------------------------------------ the grid

    def _cells(self, box: Box) -> Iterable[Cell]:
        columns = [at for at, x in enumerate(self.xs) if box.x < x < box.right]
        rows = [at for at, y in enumerate(self.ys) if box.y < y < box.bottom]
        return [(column, row) for column in columns for row in rows]

    def _holders(self, identity: str) -> set[str]:
        """The element and the subprocesses around it."""
        found = {identity}
        while identity in self.drawing.nodes:
            identity = self.drawing.nodes[identity].scope
            found.add(identity)
        return found

    def _length(self, arrow: Arrow) -> tuple[float, str]:
        a, b = self.shapes[arrow.source].centre, self.shapes[arrow.target].centre
        box = self.shapes[arrow.target]
        level = abs(a.y - b.y) < 1 or (self.drawing.nodes[arrow.target].holds and box.y < a.y < box.bottom)
        order = 20_000 if b.x < a.x else 0 if level else 10_000
        return order + abs(a.x - b.x) + abs(a.y - b.y), arrow.id

    def _ends(self, identity: str) -> dict[Cell, set[int]]:
        """Where a line may begin or end at a shape, and towards which sides: its middle, or a frame's whole edge."""
        box, node = self.shapes[identity], self.drawing.nodes[identity]
        if not node.holds:
            middle = box.centre
            sides = {RIGHT, DOWN, LEFT, UP}
            if node.kind == "boundaryEvent":
                sides = {DOWN, LEFT, RIGHT}
            return {(self._near(self.xs, middle.x), self._near(self.ys, middle.y)): sides}
        left, right = self._near(self.xs, box.x), self._near(self.xs, box.right)
        top, bottom = self._near(self.ys, box.y), self._near(self.ys, box.bottom)
        ends: dict[Cell, set[int]] = defaultdict(set)
        for row in range(top + 2, bottom - 1):
            ends[left, row].add(LEFT)
            ends[right, row].add(RIGHT)
        for column in range(left + 2, right - 1):
            ends[column, top].add(UP)
            ends[column, bottom].add(DOWN)
        return ends

    @staticmethod
    def _near(lines: list[float], value: float) -> int:
        return min(range(len(lines)), key=lambda at: abs(lines[at] - value))

    # ------------------------------------------------------------------ one way

    def _way(self, arrow: Arrow) -> list[Cell]:
        """The cheapest path of an arrow, as cells."""
        free = self.holders[arrow.source] | self.holders[arrow.target] | {arrow.scope}
        ends = {arrow.source, arrow.target}
        if self.drawing.nodes[arrow.source].host is not None:
            ends.add(self.drawing.nodes[arrow.source].host or "")
        starts, goals = self._ends(arrow.source), self._ends(arrow.target)
        backward = self.shapes[arrow.target].centre.x <= self.shapes[arrow.source].centre.x
        frame = self.shapes.get(arrow.scope) if arrow.scope in self.drawing.nodes else None
        inside = set(self._cells(frame.grown(-GRID * 0.45))) if frame is not None else None
        best: dict[tuple[Cell, int], float] = {}
        came: dict[tuple[Cell, int], tuple[Cell, int] | None] = {}
        queue: list[tuple[float, int, Cell, int]] = []
        count = 0
        holds = self.drawing.nodes[arrow.source].holds
        for cell, sides in sorted(starts.items()):
            for side in sorted(sides):
                cost = self._leaving(arrow.source, side, backward, arrow, out=True)
                cost += self._aligned(cell, arrow.target, side) if holds else 0
                best[cell, side], came[cell, side] = cost, None
                heapq.heappush(queue, (cost, count, cell, side))
                count += 1
        first = (min(x for x, _ in goals), min(y for _, y in goals))
        last = (max(x for x, _ in goals), max(y for _, y in goals))
        done: dict[tuple[Cell, int], float] = {}
        finish: tuple[float, Cell, int] | None = None
        while queue:
            estimate, _, cell, side = heapq.heappop(queue)
            if (cell, side) in done:
                continue
            cost = best[cell, side]
            done[cell, side] = cost
            if finish is not None and estimate >= finish[0]:
                break
            if cell in goals and came[cell, side] is not None:
                arriving = (side + 2) % 4
                if arriving in goals[cell]:
                    total = cost + self._leaving(arrow.target, arriving, backward, arrow, out=False)
                    if finish is None or total < finish[0]:
                        finish = (total, cell, side)
                continue
            for turn in range(4):
                if turn == (side + 2) % 4 or (turn != side and (cell in starts or self._own(cell, ends))):
                    continue
                following = (cell[0] + MOVES[turn][0], cell[1] + MOVES[turn][1])
                step = self._step(arrow, cell, following, turn, side, free, ends, inside, goals)
                if step is None:
                    continue
                price = cost + step
                if price < best.get((following, turn), float("inf")):
                    best[following, turn] = price
                    came[following, turn] = (cell, side)
                    heapq.heappush(queue, (price + HOPE * _apart(following, first, last), count, following, turn))
                    count += 1
        if finish is None:
            return []
        path: list[Cell] = []
        at: tuple[Cell, int] | None = (finish[1], finish[2])
        while at is not None:
            path.append(at[0])
            at = came[at]
        return path[::-1]

    def _own(self, cell: Cell, ends: set[str]) -> bool:
        """Whether a cell lies in one of the two shapes a line joins: no bend there."""
        return any(each in ends and not self.drawing.nodes[each].holds for each in self.solid.get(cell, ()))

    def _aligned(self, cell: Cell, other: str, side: int) -> float:
        """A frame is best left at the height of what follows."""
        if side not in (LEFT, RIGHT):
            return 0.0
        return 0.2 * abs(self.ys[cell[1]] - self.shapes[other].centre.y) / GRID

    def _leaving(self, identity: str, side: int, backward: bool, arrow: Arrow, *, out: bool) -> float:
        straight, against = (RIGHT, LEFT) if out else (LEFT, RIGHT)
        cost = ASIDE
        if side == straight:
            cost = STRAIGHT if not backward else ASIDE
        elif side == against:
            cost = AGAINST
        node = self.drawing.nodes[identity]
        if out and node.kind not in GATEWAYS and side in (UP, DOWN) and not backward:
            cost += ASIDE
        if node.kind == "boundaryEvent" and out:
            cost = STRAIGHT if side == DOWN else ASIDE
        if out and node.kind in GATEWAYS and side == RIGHT:
            level = abs(self.shapes[arrow.target].centre.y - self.shapes[identity].centre.y) < 1
            cost += 0 if level or self.drawing.nodes[arrow.target].holds else TURNING
        if self.drawing.nodes[identity].holds:
            return cost
        others = [leaves for other, leaves in self.used.sides.get((identity, side), {}).items() if other != arrow.id]
        if (not out) in others:
            cost += SHARED
        elif out and others:
            cost += TOGETHER
        return cost

    def _step(
        self,
        arrow: Arrow,
        cell: Cell,
        following: Cell,
        turn: int,
        side: int,
        free: set[str],
        ends: set[str],
        inside: set[Cell] | None,
        goals: Mapping[Cell, set[int]],
    ) -> float | None:
        column, row = following
        if not (0 <= column < len(self.xs) and 0 <= row < len(self.ys)):
            return None
        if inside is not None and following not in inside:
            return None
        if not self._keeps_out(arrow, cell, following):
            return None
        for each in self.solid.get(following, ()):
            if each in ends:
                if self.drawing.nodes[each].holds and following not in goals and each != arrow.source:
                    return None
                if self.drawing.nodes[each].holds and each == arrow.source and self._within(following, each):
                    return None
            elif each not in free:
                return None
        level = turn in (RIGHT, LEFT)
        length = abs(self.xs[column] - self.xs[cell[0]]) + abs(self.ys[row] - self.ys[cell[1]])
        price = STEP * length / GRID
        if turn != side:
            price += BEND
        unit = (min(cell, following), level)
        beside = self.used.along.get(unit, ())
        strangers = sum(not self._joins(arrow, other) for other in beside)
        if strangers:
            price += ALONG * strangers
        elif any(self.ends_of[other][1] != arrow.target for other in beside):
            price += (ANSWERS if level else 0) * length / GRID
        elif beside:
            price -= (1 - TRUNK) * STEP * length / GRID
        for other, (passes_level, passes_upright) in self.used.at.get(following, {}).items():
            joins = self._joins(arrow, other)
            if (passes_upright and level) or (passes_level and not level):
                price += JOINED if joins else CROSSING
        if following in self.wordy:
            price += OVER_WORDS
        return price

    def _keeps_out(self, arrow: Arrow, cell: Cell, following: Cell) -> bool:
        """Whether a step neither comes back to the shape a line left nor leaves the one it has reached."""
        here, there = self.solid.get(cell, ()), self.solid.get(following, ())
        if not self.drawing.nodes[arrow.source].holds and arrow.source in there and arrow.source not in here:
            return False
        leaves = arrow.target in here and arrow.target not in there
        return not leaves or self.drawing.nodes[arrow.target].holds

    def _within(self, cell: Cell, frame: str) -> bool:
        box = self.shapes[frame]
        return box.x < self.xs[cell[0]] < box.right and box.y < self.ys[cell[1]] < box.bottom

    def _joins(self, arrow: Arrow, other: str) -> bool:
        """Whether two lines may run as one: they begin at the same question, or lead to the same step."""
        source, target = self.ends_of[other]
        return source == arrow.source or target == arrow.target

    # ------------------------------------------------------------------ lines laid

    def _lay(self, arrow: Arrow, path: list[Cell]) -> None:
        self.paths[arrow.id] = path
        for a, b in pairwise(path):
            level = a[1] == b[1]
            self.used.along[min(a, b), level].add(arrow.id)
            for end in (a, b):
                passes = self.used.at[end].get(arrow.id, (False, False))
                self.used.at[end][arrow.id] = (passes[0] or level, passes[1] or not level)
        self.used.sides[arrow.source, _direction(path[0], path[1])][arrow.id] = True
        self.used.sides[arrow.target, _direction(path[-1], path[-2])][arrow.id] = False

    def _lift(self, arrow: Arrow) -> None:
        path = self.paths.pop(arrow.id, [])
        for a, b in pairwise(path):
            self.used.along[min(a, b), a[1] == b[1]].discard(arrow.id)
            for end in (a, b):
                self.used.at[end].pop(arrow.id, None)
        for side in range(4):
            self.used.sides[arrow.source, side].pop(arrow.id, None)
            self.used.sides[arrow.target, side].pop(arrow.id, None)

    def keep(self, arrow: Arrow, points: list[Point]) -> None:
        """Let a line that a person drew stand, so that others keep clear of it."""
        cells = [(self._near(self.xs, point.x), self._near(self.ys, point.y)) for point in points]
        path = cells[:1]
        for cell in cells[1:]:
            while path[-1] != cell:
                here = path[-1]
                if here[0] != cell[0]:
                    path.append((here[0] + (1 if cell[0] > here[0] else -1), here[1]))
                else:
                    path.append((here[0], here[1] + (1 if cell[1] > here[1] else -1)))
        if len(path) > 1:
            self._lay(arrow, path)

    def _points(self, arrow: Arrow) -> list[Point]:
        """The corners of a line, cut off at the borders of the shapes it joins."""
        path = self.paths.get(arrow.id)
        if not path:
            return [self.shapes[arrow.source].centre, self.shapes[arrow.target].centre]
        points = [Point(self.xs[column], self.ys[row]) for column, row in path]
        corners = [points[0]]
        for before, here, after in zip(points, points[1:], points[2:], strict=False):
            if not (before.x == here.x == after.x or before.y == here.y == after.y):
                corners.append(here)
        corners.append(points[-1])
        if not self.drawing.nodes[arrow.source].holds:
            corners[0] = _border(self.shapes[arrow.source], corners[1])
        else:
            corners[0] = _edge(self.shapes[arrow.source], corners[0], _direction(path[0], path[1]))
        if not self.drawing.nodes[arrow.target].holds:
            corners[-1] = _border(self.shapes[arrow.target], corners[-2])
        else:
            corners[-1] = _edge(self.shapes[arrow.target], corners[-1], _direction(path[-1], path[-2]))
        return corners


def _lines(centres: Iterable[float], first: float, last: float) -> list[float]:
    """The grid's lines: evenly spaced, and one through each shape's middle."""
    lines = {round(first / GRID) * GRID + step * GRID for step in range(int((last - first) / GRID) + 2)}
    return sorted({float(line) for line in lines} | set(centres))


def _apart(cell: Cell, first: Cell, last: Cell) -> int:
    """At least how many steps a cell is from the cells between two corners."""
    across = max(0, first[0] - cell[0], cell[0] - last[0])
    return across + max(0, first[1] - cell[1], cell[1] - last[1])


def _direction(here: Cell, there: Cell) -> int:
    if there[0] != here[0]:
        return RIGHT if there[0] > here[0] else LEFT
    return DOWN if there[1] > here[1] else UP


def _border(box: Box, towards: Point) -> Point:
    """Where a level or upright line from the box's middle leaves it."""
    middle = box.centre
    if abs(towards.x - middle.x) >= abs(towards.y - middle.y):
        return Point(box.right if towards.x > middle.x else box.x, middle.y)
    return Point(middle.x, box.bottom if towards.y > middle.y else box.y)


def _edge(box: Box, point: Point, side: int) -> Point:
    """The point of a frame's edge beside a grid point."""
    if side in (LEFT, RIGHT):
        return Point(box.right if side == RIGHT else box.x, point.y)
    return Point(point.x, box.bottom if side == DOWN else box.y)

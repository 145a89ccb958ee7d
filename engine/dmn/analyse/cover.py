"""Which part of a table's input space no rule covers: exact, by a decision diagram that forgets dominated rules.

A box is one bit mask per column, saying which pieces of that column it allows. The space is a box as well. Columns are
taken one at a time; pieces that keep the same rules are one branch; rules that agree on, or are swallowed by another
in, the columns still to come are dropped, so that states meet again and are worked out once.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import and_, or_

from engine.dmn.pieces import bits, holders

Box = tuple[int, ...]

#: How many bits of masks may be made for the fuel of one state.
BITS = 10_000
#: How many masks of rules may be joined for the fuel of one state.
JOINED = 100


class OutOfFuel(Exception):
    """The question was too large to answer within the fuel given; nothing is known."""


class Fuel:
    """How many states may still be looked at, shared by the questions of one proof."""

    __slots__ = ("left",)

    def __init__(self, states: int) -> None:
        self.left = states

    def burn(self, states: int = 1) -> None:
        """Take some fuel. Raises OutOfFuel when there is none left."""
        self.left -= states
        if self.left < 0:
            raise OutOfFuel


def meet(one: Box, other: Box) -> Box | None:
    """Return the box both share, None when they share nothing."""
    shared = []
    for mine, theirs in zip(one, other, strict=True):
        both = mine & theirs
        if not both:
            return None
        shared.append(both)
    return tuple(shared)


class Crossing:
    """Which of some boxes share something with another one: each column knows which of them hold each piece.

    Raises OutOfFuel.
    """

    def __init__(self, boxes: Sequence[Box], fuel: Fuel) -> None:
        self._all = (1 << len(boxes)) - 1
        self._columns: list[tuple[list[int], dict[int, int]]] = []
        for cells in zip(*boxes, strict=True):
            pieces = max(cells).bit_length()
            fuel.burn(len(boxes) * pieces // BITS)
            self._columns.append((holders(cells, pieces), {}))
        self._fuel = fuel

    def __call__(self, box: Box) -> int:
        """Return them as a mask of their places."""
        found = self._all
        for (holding, known), cell in zip(self._columns, box, strict=bool(self._columns)):
            those = known.get(cell)
            if those is None:
                self._fuel.burn(cell.bit_count() // JOINED)
                those = known[cell] = reduce(or_, (holding[piece] for piece in bits(cell) if piece < len(holding)), 0)
            found &= those
            if not found:
                break
        return found


def uncovered(space: Box, boxes: Sequence[Box], fuel: Fuel, *, most: int = 100) -> list[Box]:
    """Return boxes that together are the space less all `boxes`: at most `most` of them, none when it is covered.

    The boxes returned do not overlap. Raises OutOfFuel.
    """
    if len(space) == 1:
        # What one column leaves is told by its cells together.
        fuel.burn(1 + len(boxes) // 1_000)
        left = space[0] & ~reduce(or_, (cell for (cell,) in boxes), 0)
        only: Box = (left,)
        return [only] if left else []
    inside = list({shared: None for box in boxes if (shared := meet(space, box)) is not None})
    fuel.burn(len(inside) ** 2 // 10_000)
    order = sorted(range(len(space)), key=lambda column: _spread(space, inside, column))
    diagram = _Diagram([space[column] for column in order], [[box[c] for c in order] for box in inside], fuel, most)
    found = diagram.gaps(0, (1 << len(inside)) - 1)
    place = sorted(range(len(order)), key=order.__getitem__)
    return [tuple(gap[at] for at in place) for gap in found]


def _spread(space: Box, boxes: Sequence[Box], column: int) -> tuple[int, int]:
    """Rank a column: those that most rules narrow come first, as they end most branches."""
    narrowed = sum(1 for box in boxes if box[column] != space[column])
    return -narrowed, len({box[column] for box in boxes})


class _Diagram:
    """One covering question with its columns in order."""

    def __init__(self, space: Sequence[int], boxes: Sequence[Sequence[int]], fuel: Fuel, most: int) -> None:
        self._space, self._fuel, self._most = space, fuel, most
        self._known: dict[tuple[int, int], tuple[Box, ...]] = {}
        self._branches = [_branches([box[at] for box in boxes], space[at]) for at in range(len(space))]
        self._swallowing = _swallowing(boxes, len(space), fuel)
        self._names = [_first_equals(boxes, at) for at in range(len(space) + 1)]

    def gaps(self, level: int, rules: int) -> tuple[Box, ...]:
        """Return what `rules` leave uncovered in the columns from `level` on."""
        if not rules:
            return (tuple(self._space[level:]),)
        if level == len(self._space):
            return ()
        rules = self._essential(level, rules)
        key = level, rules
        if key in self._known:
            return self._known[key]
        self._fuel.burn(1 + len(self._branches[level]) // 16)
        kept: dict[int, int] = {}
        for holding, pieces in self._branches[level]:
            kept[rules & holding] = kept.get(rules & holding, 0) | pieces
        rests: dict[tuple[Box, ...], int] = {}
        covered: list[int] = []
        for left in sorted(kept, key=int.bit_count):
            if any(less & left == less for less in covered):
                continue
            rest = self.gaps(level + 1, left)
            if rest:
                rests[rest] = rests.get(rest, 0) | kept[left]
            else:
                covered.append(left)
        found = tuple((pieces, *box) for rest, pieces in rests.items() for box in rest)[: self._most]
        self._known[key] = found
        return found

    def _essential(self, level: int, rules: int) -> int:
        """Drop every rule that another swallows in the columns to come; equals go by the name of the first."""
        swallowing, names = self._swallowing[level], self._names[level]
        named = 0
        for rule in bits(rules):
            named |= 1 << names[rule]
        # No two of these are equal, so none of them is swallowed only by a rule that is dropped as well.
        return sum(1 << rule for rule in bits(named) if not swallowing[rule] & named)


def _branches(cells: Sequence[int], space: int) -> list[tuple[int, int]]:
    """Return (rules that hold, pieces) for each group of pieces that the same rules hold."""
    groups: dict[int, int] = {}
    holding = holders(cells, space.bit_length())
    for piece in bits(space):
        groups[holding[piece]] = groups.get(holding[piece], 0) | 1 << piece
    return list(groups.items())


def _swallowing(boxes: Sequence[Sequence[int]], width: int, fuel: Fuel) -> list[list[int]]:
    """Return, per level and rule, which other rules hold everything it holds from that column on. Raises OutOfFuel."""
    everyone = (1 << len(boxes)) - 1
    levels = [[everyone ^ (1 << rule) for rule in range(len(boxes))]]
    for column in reversed(range(width)):
        cells = [box[column] for box in boxes]
        holding = holders(cells, max(cells, default=0).bit_length())
        wider = {}
        for cell in set(cells):
            fuel.burn(cell.bit_count() // JOINED)
            wider[cell] = reduce(and_, (holding[piece] for piece in bits(cell)), everyone)
        below = levels[-1]
        levels.append([below[rule] & wider[box[column]] for rule, box in enumerate(boxes)])
    levels.reverse()
    return levels


def _first_equals(boxes: Sequence[Sequence[int]], level: int) -> list[int]:
    """Return, per rule, the first rule that is the same from that column on."""
    first: dict[tuple[int, ...], int] = {}
    return [first.setdefault(tuple(box[level:]), rule) for rule, box in enumerate(boxes)]

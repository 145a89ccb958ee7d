"""Which part of a table's input space no rule covers: exact, by a decision diagram that forgets dominated rules.

A box is one bit mask per column, saying which pieces of that column it allows. The space is a box as well. Columns are
taken one at a time; pieces that keep the same rules are one branch; rules that agree on, or are swallowed by another
in, the columns still to come are dropped, so that states meet again and are worked out once.
"""

from __future__ import annotations

from collections.abc import Sequence

Box = tuple[int, ...]


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


def bits(mask: int) -> list[int]:
    """Return the positions of a mask's bits, lowest first."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found


def crossing(boxes: Sequence[Box]) -> list[int]:
    """Return, per box, which boxes after it share something with it, as a mask."""
    found = [(1 << len(boxes)) - (1 << at + 1) for at in range(len(boxes))]
    for column in range(len(boxes[0]) if boxes else 0):
        owners: dict[int, int] = {}
        for at, box in enumerate(boxes):
            owners[box[column]] = owners.get(box[column], 0) | 1 << at
        # Owners of different pieces are disjoint sets of boxes, so their sum is their union.
        sharing = {cell: sum(rules for other, rules in owners.items() if cell & other) for cell in owners}
        for at, box in enumerate(boxes):
            found[at] &= sharing[box[column]]
    return found


def uncovered(space: Box, boxes: Sequence[Box], fuel: Fuel, *, most: int = 100) -> list[Box]:
    """Return boxes that together are the space less all `boxes`: at most `most` of them, none when it is covered.

    The boxes returned do not overlap. Raises OutOfFuel.
    """
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
        self._swallowing = _swallowing(boxes, len(space))
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
    for piece in bits(space):
        bit = 1 << piece
        holding = 0
        for rule, cell in enumerate(cells):
            if cell & bit:
                holding |= 1 << rule
        groups[holding] = groups.get(holding, 0) | bit
    return list(groups.items())


def _swallowing(boxes: Sequence[Sequence[int]], width: int) -> list[list[int]]:
    """Return, per level and rule, which other rules hold everything it holds from that column on."""
    everyone = (1 << len(boxes)) - 1
    levels = [[everyone ^ (1 << rule) for rule in range(len(boxes))]]
    for column in reversed(range(width)):
        owners: dict[int, int] = {}
        for rule, box in enumerate(boxes):
            owners[box[column]] = owners.get(box[column], 0) | 1 << rule
        wider = {
            cell: sum(rules for other, rules in owners.items() if cell & other == cell)  # owners are disjoint
            for cell in owners
        }
        below = levels[-1]
        levels.append([below[rule] & wider[box[column]] for rule, box in enumerate(boxes)])
    levels.reverse()
    return levels


def _first_equals(boxes: Sequence[Sequence[int]], level: int) -> list[int]:
    """Return, per rule, the first rule that is the same from that column on."""
    first: dict[tuple[int, ...], int] = {}
    return [first.setdefault(tuple(box[level:]), rule) for rule, box in enumerate(boxes)]

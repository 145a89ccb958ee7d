"""States as sets of traits, for pathways that are too large to be gone through in every combination.

A trait is that a token stands at a place, what a rule to come makes of the variables, that a step which some ending
asks for was done or was not, which branch comes first. Any two traits that are found together in some state are gone
on from together at least once; three need not be. So there is an end: there are no more states than pairs.
A process that is called has the same traits wherever it is called from, and is seen once with each trait of its
callers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from tests.walks.standing import Frame

#: Where a trait stands, and what it is there.
Trait = tuple[tuple[str, ...], Any]


class Pairs:
    """The pairs of traits that states have shown so far."""

    def __init__(self) -> None:
        self._numbers: dict[Trait, int] = {}
        self._where: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        self._seen: set[tuple[int, int]] = set()

    def new(self, frames: tuple[Frame, ...], marks: Iterator[Trait]) -> bool:
        """Whether a state shows two traits together that none has shown before it."""
        traits: set[Trait] = {(("runs",), len(frames)), *marks}
        for frame in frames:
            self._of(frame, traits)
        numbers = sorted(self._numbers.setdefault(trait, len(self._numbers)) for trait in traits)
        before = len(self._seen)
        self._seen.update(combinations(numbers, 2))
        return len(self._seen) > before

    def _of(self, frame: Frame, traits: set[Trait]) -> None:
        said: dict[tuple[str, ...], Any] = {
            (frame.process, *map(str, where)): what for *where, what in (*frame.known, *frame.several)
        }
        # That something is not known yet is a trait as well.
        known = self._where[frame.process]
        known.update(said)
        traits.update((where, said.get(where)) for where in known)
        traits.add(((frame.process,), len(frame.rows)))
        for row in frame.rows:
            traits.add(((frame.process, row.name), (row.kept, row.outcomes)))
            if isinstance(row.inside, Frame):
                self._of(row.inside, traits)
            else:
                traits.add(((frame.process, row.name, "inside"), len(row.inside)))
                traits.update(((place,), "here") for place in row.inside)

"""Which states were gone on from: no two that stand alike, and in pairs only those that show something new together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.case.state import CaseState
from engine.history import JSON
from tests.walks.marks import Marks
from tests.walks.pairs import Pairs, Trait
from tests.walks.reading import Names
from tests.walks.settings import Settings
from tests.walks.standing import Standing
from tests.walks.ways import Judging, Way


class Gone:
    """The states of one authority that were gone on from.

    started  the pathways that life events start where nothing runs, as commands name them
    """

    def __init__(self, settings: Settings, standing: Standing, judge: Judging, started: Mapping[str, JSON]) -> None:
        self._standing, self._asked, self._judge = standing, judge.asked, judge
        self._marks = Marks(settings.prepared.values(), judge)
        named = [started.get(name) for name in ("life_event_pathway", "life_event_pathway_after_end")]
        self._started = [str(one["pathway"]) for one in named if isinstance(one, dict)]
        self._seen: set[tuple[int, bool]] = set()
        self._pairs = Pairs()

    def new(self, case: CaseState, way: Way, *, paired: bool) -> bool:
        """Whether no state was gone on from that makes this one superfluous; from now on there is one."""
        stands, done = self._standing.of(case), self._counts(case, way)
        here = hash((stands, done, way.ended, way.focus))
        happened = bool(way.life_event)
        if any((here, before) in self._seen for before in {False, happened}):
            return False
        self._seen.add((here, happened))
        return self._pairs.new(stands[0], self._traits(stands, done, way)) or not paired

    def _counts(self, case: CaseState, way: Way) -> Names:
        """What was done that some ending still to come asks for; once the plan has ended, what was done since too."""
        counts = self._marks.of(state for _, state in self._standing.states(case))
        counts = counts.union(*(self._marks.at_start(pathway) for pathway in self._started))
        counts |= self._judge.told_at_last(way.ended)
        return (way.completed & counts) | frozenset(f"{step} since" for step in way.since)

    def _traits(self, stands: tuple[Any, ...], done: Names, way: Way) -> Iterator[Trait]:
        """Traits of a state besides those of its pathways."""
        yield from ((("did", step), step in done) for each in self._asked for step in (each, f"{each} since"))
        yield from (((branch, "first"), one) for branch, one in way.focus)
        yield ("case",), (*stands[1:], way.ended, bool(way.life_event))

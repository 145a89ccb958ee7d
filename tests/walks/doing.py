"""Carries out commands on copies of states, for each kind of child that what they cause tells apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from engine.case.commands import handle
from engine.case.state import CaseState, decode, encode
from engine.errors import Refused
from engine.history import JSON, Command, Event, read_instant
from tests.walks.earlier import Earlier
from tests.walks.kinds import Kind, Kinds
from tests.walks.reading import Names, Reading
from tests.walks.settings import Settings
from tests.walks.standing import Standing, places_within
from tests.walks.unknown import Unknown
from tests.walks.ways import Judging, Step, Walked, Way

#: The facts as they stand.
AS_IT_STANDS = Kind("")


class Doing:
    """Carries out the commands of one authority's walk, and notes endings that rest on something unknown."""

    def __init__(
        self,
        settings: Settings,
        reading: Reading,
        standing: Standing,
        kinds: Kinds,
        judge: Judging,
        happens: Mapping[str, JSON],
    ) -> None:
        self._settings, self._standing, self._kinds, self._judge = settings, standing, kinds, judge
        self._unknown = Unknown(settings, reading, standing)
        self._earlier = Earlier(settings, reading, standing, kinds, happens)
        self._happened: set[tuple[Any, ...]] = set()
        self.walked = Walked("")

    def first(self, what: tuple[Any, ...]) -> bool:
        """Whether something is done for the first time."""
        new = what not in self._happened
        self._happened.add(what)
        return new

    def first_in(self, case: CaseState, what: tuple[Any, ...]) -> bool:
        """Whether something happens for the first time where a case stands; in pairs, at one of the places there."""
        if not self.walked.paired:
            return self.first((self._standing.shape(case, inside=False), *what))
        places = [place for _, state in self._standing.states(case) for place in places_within(state, state)]
        new = [self.first((place, *what)) for place in places]
        return any(new)

    def in_each_way(
        self,
        snapshot: bytes,
        way: Way,
        did: str,
        command: str,
        body: dict[str, Any],
        at: datetime | None = None,
        role: str | None = None,
        happened: str = "",
        kind: Kind = AS_IT_STANDS,
    ) -> Iterator[tuple[CaseState, Way]]:
        done = self.carry_out(snapshot, way, did, command, body, at, role, happened, kind)
        if done is None:
            return
        yield done
        if happened:
            return
        # Where what it caused read facts, it is done for each other kind of child that those rules tell apart.
        before = decode(snapshot)
        pending, tried = [done[1]], {""}
        names: Names = frozenset()
        while pending:
            read = names.union(*(self._standing.read_by(before, each.last) for each in pending))
            pending = []
            if read == names:
                return
            names, trace = read, [*self._trace(done[1].last)]
            facts = {**before.facts, **kind.facts}
            tried.add(self._standing.made_of(facts, names, read_instant(before.at)))
            if not self._tells(before, names, trace, bool(way.life_event)):
                return
            for other in self._kinds.apart(names):
                if other.made not in tried:
                    tried.add(other.made)
                    again = self.carry_out(snapshot, way, did, command, body, at, role, happened, other)
                    if again is not None:
                        pending.append(again[1])
                        yield again

    def carry_out(
        self,
        snapshot: bytes,
        way: Way,
        did: str,
        command: str,
        body: dict[str, Any],
        at: datetime | None,
        role: str | None,
        happened: str,
        kind: Kind,
    ) -> tuple[CaseState, Way] | None:
        """What a command makes of a case with the facts of a kind of child; None where it is refused."""
        case = _recorded(snapshot, kind)
        when = at or now(case)
        try:
            events = self.do(case, command, body, when, role)
        except Refused:
            return None
        further = self.further(way, f"[{kind.told}] {did}" if kind.told else did, events, happened)
        further = replace(further, step=Step(snapshot, kind.facts, command, body, at, role, way.step))
        if any(event.kind == "PlanEnded" for event in events):
            before = encode(_recorded(snapshot, kind)) if kind.facts else snapshot
            self._not_known(before, further, body, lambda other, changed: self.do(other, command, changed, when, role))
            self._no_longer_known(further)
        return case, further

    def do(self, case: CaseState, kind: str, body: dict[str, Any], at: datetime, role: str | None) -> tuple[Event, ...]:
        self.walked.commands += 1
        return self._do_again(case, kind, body, at, role)

    def further(self, way: Way, did: str, events: tuple[Event, ...], life_event: str = "") -> Way:
        done = {str(event.body["element"]) for event in events if event.kind == "StepCompleted"}
        done |= {str(event.body["letter"]) for event in events if event.kind == "LetterSent"}
        ended = next((str(event.body["outcome"]) for event in events if event.kind == "PlanEnded"), way.ended)
        return replace(
            way,
            did=(*way.did, did),
            last=events,
            completed=way.completed | (done & self._judge.asked),
            since=way.since | (done & self._judge.told_after(ended)),
            life_event=life_event or way.life_event,
            ended=ended,
        )

    # ------------------------------------------------------------------ pieces

    def _tells(self, case: CaseState, names: Names, trace: list[str], happened: bool) -> bool:
        """Whether a command came to something new from where a case stands; in pairs, to one thing among the rest."""
        if not self.walked.paired:
            return self.first((self._standing.shape(case, inside=True), names, repr(trace), happened))
        calls = self._standing.calls(case)
        new = [self.first((calls, names, each, happened)) for each in ("", *trace)]
        return any(new)

    def _trace(self, events: Sequence[Event]) -> Iterator[str]:
        """Each way that was passed, and what was put to each table; in pairs, each row of them that was met."""
        for event in events:
            if event.kind == "FlowTaken":
                yield repr((event.body["process"], event.body["flow"]))
            elif event.kind == "DecisionMade" and self.walked.paired:
                yield from map(repr, event.body["rules"])
            elif event.kind == "DecisionMade":
                yield repr((event.body["element"], event.body["inputs"]))

    def _not_known(
        self, snapshot: bytes, way: Way, body: Mapping[str, Any], again: Callable[[CaseState, Any], Sequence[Event]]
    ) -> None:
        """Note everything that may not be known without the ending being stopped."""
        for outcome, what, value in self._unknown.faults(snapshot, body, way.last, again):
            if not self._judge.excuses(outcome, what):
                told = f"{outcome}: the plan ends where {what} is not known; were it {value!r} it would not"
                self.walked.fault(told, way)

    def _no_longer_known(self, way: Way) -> None:
        """Note everything that may become unknown before an ending without its being stopped."""
        assert way.step is not None
        deciding = self._judge.deciding(way.ended)
        for what, value in self._earlier.faults(way.step, way.ended, deciding, self._do_again):
            if not self._judge.excuses(way.ended, what):
                told = f"{way.ended}: the plan ends where {what} is not known; were it {value!r} it would not"
                self.walked.fault(told, way)

    def _do_again(
        self, case: CaseState, kind: str, body: dict[str, Any], at: datetime | None, role: str | None
    ) -> tuple[Event, ...]:
        """Carry out a command; what is only held against an ending counts for no step of the walk."""
        by, version = role or "system", self._settings.authority.version
        command = Command(f"walk-{case.revision}", kind, at or now(case), by, role, version, body)
        return tuple(handle(case, command, self._settings, shown=False, anew=True).events)


def now(case: CaseState) -> datetime:
    """A minute after the last command."""
    return read_instant(case.at) + timedelta(minutes=1)


def _recorded(snapshot: bytes, kind: Kind) -> CaseState:
    """A case on which the facts of a kind of child were recorded before."""
    case = decode(snapshot)
    case.facts.update(kind.facts)
    return case

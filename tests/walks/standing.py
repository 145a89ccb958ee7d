"""Where a case stands, as far as it can still matter: two states that stand alike go on alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, NamedTuple

from engine.case.facts import FACTS, LIFE_EVENTS
from engine.case.facts import view as facts_view
from engine.case.handling import live
from engine.case.state import CaseState
from engine.case.telling import OWN_MESSAGES
from engine.clock import london_date
from engine.execution import State
from engine.execution.elements import Element
from engine.execution.scopes import Running
from engine.execution.tokens import STARTED, Token
from engine.feel import Environment, Expression
from engine.history import Event, read_instant
from tests.walks.joint import names_apart, settled
from tests.walks.places import Places, facts_in
from tests.walks.probes import BESIDE, MARK, Probes
from tests.walks.reading import Names, Reading, is_date
from tests.walks.settings import Settings
from tests.walks.trees import passes

#: Rules that hang on the day are read apart from what hangs on variables alone: for these any day will do.
ANY_DAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
#: What comes by itself, with its own facts.
NOT_ASKED = (*LIFE_EVENTS, "LifeEvent", *OWN_MESSAGES)


class Row(NamedTuple):
    """A token.

    kept      what it has of its own
    outcomes  those of the process that it called, where they are asked for
    inside    what runs inside; of a pathway that is walked by itself the places alone
    """

    name: str
    kept: tuple[Any, ...]
    outcomes: tuple[str, ...]
    inside: Frame | tuple[str, ...]


class Frame(NamedTuple):
    """A process: its tokens, and what may still be read of its variables, of each and of several together."""

    process: str
    rows: tuple[Row, ...]
    known: tuple[tuple[Any, ...], ...] = ()
    several: tuple[tuple[Any, ...], ...] = ()


class Standing:
    """Reads states of one authority.

    reading  what its expressions read
    walked   the pathways that are walked by themselves: called by another, they are looked at from outside
    """

    def __init__(self, settings: Settings, reading: Reading, walked: Collection[str]) -> None:
        self.settings, self.reading, self.walked = settings, reading, walked
        self.probes = Probes(Environment(now=ANY_DAY, extras={"calendar": settings.authority.calendar}))
        self._places: dict[str, Places] = {}
        self._last: tuple[CaseState | None, int, Any] = (None, 0, None)
        self._apart: dict[Names, tuple[Names, dict[int, set[str]]]] = {}
        self._read: dict[tuple[Names, str, date], tuple[tuple[Any, ...], tuple[Any, ...]]] = {}

    def of(self, case: CaseState) -> tuple[tuple[Frame, ...], str, bool]:
        """Everything of a state that may still steer: places, what may be read there, the plan, whether it is held.

        Not the facts: in any place anybody may record them anew, and each step is tried with all that it reads.
        """
        last, revision, found = self._last
        if last is case and revision == case.revision:
            return found  # type: ignore[no-any-return]
        today = london_date(read_instant(case.at))
        stands = [
            self._frame(state, state, places, today)
            for run, state in self.states(case)
            for places in [self.places_of(run.release)]
        ]
        found = (tuple(sorted(stands, key=repr)), case.facts["plan_status"], bool(case.held_tasks()))
        self._last = (case, case.revision, found)
        return found

    def made_of(self, facts: Mapping[str, Any], names: Names, at: datetime) -> str:
        """What is read of some facts, as the rules that read them make of it."""
        return repr(self._known({"case": facts_view(_once({**facts}), now=at)}, names, london_date(at)))

    def shape(self, case: CaseState, *, inside: bool) -> str:
        """The places alone.

        inside  whether those inside pathways that are walked by themselves count too
        """
        return repr([self._shape(state, state, inside=inside) for _, state in self.states(case)])

    def calls(self, case: CaseState) -> str:
        """The processes that run, as they called one another."""
        return repr(sorted({running.spec.id for _, state in self.states(case) for running in state.everywhere()}))

    def _shape(self, state: State, running: Running, *, inside: bool) -> list[Any]:
        found: list[Any] = []
        for token in drawn(running):
            inner = state.subprocesses.get(token.id)
            seen = inner is not None and (inside or inner.spec.id not in self.walked)
            found.append((token.task_spec.name, self._shape(state, inner, inside=inside) if inner and seen else ()))
        return twice(found)

    def reads(self, release: str, process: str, element: str) -> Names:
        """What of the case an element reads."""
        return self.places_of(release).reads(process, element)

    def read_by(self, case: CaseState, events: Iterable[Event]) -> Names:
        """What of the case was read by what was entered and left.

        case  with the pathways that ran before
        """
        found: set[str] = set()
        releases = {number: run.release for number, run in case.running.items()}
        for event in events:
            if event.kind == "PathwayStarted":
                releases[event.body["instance"]] = str(event.body["release"])
            elif event.kind in ("StepEntered", "StepCompleted"):
                release = releases[event.body["instance"]]
                found |= self.reads(release, str(event.body["process"]), str(event.body["element"]))
        return frozenset(found)

    @cached_property
    def read_at_all(self) -> Names:
        """Every fact that some expression reads of the case."""
        parts = self.reading.parts.get("case", set())
        return frozenset(f"case.{fact}" for fact in FACTS if parts is None or fact in parts)

    def facts_in(self, names: Names) -> frozenset[str]:
        """The facts that names of the case read."""
        return facts_in(names, self.probes)

    def from_outside(self, run: Any, state: State) -> frozenset[int]:
        """The tokens inside pathways that are walked by themselves, and are called here by one that goes on."""
        return frozenset(self._outside(state, state, self.places_of(run.release)))

    def _outside(self, state: State, running: Running, places: Places) -> Iterator[int]:
        only = self._just_ends(state, running, places)
        if only is not None:
            yield from self._outside(state, only, places)
            return
        for token in drawn(running):
            inner = state.subprocesses.get(token.id)
            if inner is not None and inner.spec.id in self.walked:
                yield from all_within(state, inner)
            elif inner is not None:
                yield from self._outside(state, inner, places)

    def states(self, case: CaseState) -> Iterator[tuple[Any, State]]:
        """Each pathway of the case that runs, with its tokens."""
        for run in case.running.values():
            state = live(run, self.settings.pathway(run.release)) if run.state == "running" else None
            if state is not None:
                yield run, state

    def steers(self, value: Any, today: date | None, entries: frozenset[str] | None = None) -> Any:
        """A value as far as it may steer: of a date whether it is to come, of a text that nothing compares with that
        there is one, of a list whether there is one in it or several, of a context what is read of it.

        today    None where no rule compares it: of a date then only that there is one
        entries  those that are read of a context; None for any that some expression reads of some context
        """
        if isinstance(value, dict):
            wanted = self.reading.words if entries is None else entries
            read = ((entry, self.steers(item, today)) for entry, item in sorted(value.items()) if entry in wanted)
            return tuple((entry, item) for entry, item in read if item is not None)
        if isinstance(value, list):
            # None, one or several: what is done again and again is walked a second time.
            return min(len(value), 2)
        if isinstance(value, str) and value not in self.reading.texts:
            if is_date(value):
                if today is None:
                    return "date"
                day = date.fromisoformat(value[:10])
                return "to come" if day > today else "here"
            return "text"
        return value

    def read_after(self, release: str, element: Element) -> Names:
        """What may be read of its answers once a step is done."""
        return self.places_of(release).read_after(element.process, element.id)

    def places_of(self, release: str) -> Places:
        """The places of a release, worked out once."""
        found = self._places.get(release)
        if found is None:
            found = self._places[release] = Places(self.settings.pathway(release), self.probes)
        return found

    # ------------------------------------------------------------------ pieces

    def _known(self, kept: Mapping[str, Any], names: Collection[str], today: date) -> tuple[Any, ...]:
        """Of some variables, what is read, and what rules make of them."""
        found: list[Any] = []
        wanted: dict[str, set[str]] = defaultdict(set)
        for each in names:
            head, _, entry = each.partition(".")
            if head not in kept:
                continue
            if entry[:1] == BESIDE:
                wanted[head] |= {name.partition(".")[2] for name in self.probes.split(each)}
            else:
                wanted[head].add(entry)
        for name, entries in sorted(wanted.items()):
            whole = "" in entries
            plain = frozenset(entry for entry in entries if entry and entry[0] != MARK)
            value = self.steers(kept[name], None, None if whole else plain) if whole or plain else None
            if value is not None and value != ():
                found.append((name, value))
            for entry in sorted(entry for entry in entries if entry[:1] == MARK):
                made = self.probes.of(entry, kept[name])
                found.append((name, entry, self._made(self.probes[entry].rule, made, today)))
        return tuple(found)

    def _made(self, rule: Any, value: Any, today: date) -> Any:
        """What a rule made of variables; a date that it only hands on is a date."""
        return self.steers(value, None if isinstance(rule, Expression) and passes(rule.tree) else today)

    def _just_ends(self, state: State, running: Running, places: Places) -> Running | None:
        """What runs inside a process that only waits for it and just ends after it; None where there is more."""
        own = list(drawn(running))
        inner, element = (
            (state.subprocesses.get(own[0].id), own[0].task_spec.element) if len(own) == 1 else (None, None)
        )
        if inner is None or element is None or inner.variables is None:
            return None
        ends = places.over_after(element.process, element.id)
        return inner if ends and not places.still_read(element.process, element.id, inside=True) else None

    def within_what_just_ends(self, run: Any, state: State) -> Running:
        """The process in which something is left to do: one that only waits for another and just ends is none."""
        running: Running = state
        while (inner := self._just_ends(state, running, self.places_of(run.release))) is not None:
            running = inner
        return running

    def _frame(self, state: State, running: Running, places: Places, today: date) -> Frame:
        """A process: its tokens and what may still be read of its variables; one that just ends is left out."""
        only = self._just_ends(state, running, places)
        if only is not None:
            return self._frame(state, only, places, today)
        names: set[str] = set()
        rows = self._rows(state, running, places, today, names)
        known, several = self._all_read(frozenset(names), running.variables or {}, today)
        return Frame(running.spec.id, rows, known, several)

    def _all_read(self, names: Names, kept: Mapping[str, Any], today: date) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """What is read of the variables of a process, of each and of several together; worked out once."""
        key = (names, repr(kept), today)
        found = self._read.get(key)
        if found is None:
            plain, beside = self._beside(names, kept)
            joints = self.probes.joints
            several = tuple((number, self._made(joints[number].rule, value, today)) for number, value in beside)
            found = self._read[key] = (self._known(kept, plain, today), several)
        return found

    def _beside(self, names: frozenset[str], kept: Mapping[str, Any]) -> tuple[frozenset[str], list[tuple[int, Any]]]:
        """What is read of single variables, and what rules that read several of them make of those that are known."""
        if names not in self._apart:
            self._apart[names] = names_apart(self.probes, names)
        plain, joints = self._apart[names]
        found: list[tuple[int, Any]] = []
        more: set[str] = set()
        for number, heads in sorted(joints.items()):
            if heads <= {"case"}:
                continue
            value, apart = settled(self.probes, self.probes.joints[number], heads, kept, self.probes.environment)
            found.append((number, value))
            more |= apart
        return plain | more, found

    def _rows(self, state: State, running: Running, places: Places, today: date, names: set[str]) -> tuple[Row, ...]:
        rows: list[Row] = []
        for token in drawn(running):
            element, inner = token.task_spec.element, state.subprocesses.get(token.id)
            begun = inner is not None or token._state == STARTED
            mine = places.still_read(element.process, element.id, inside=begun)
            names |= mine
            outcomes: tuple[str, ...] = ()
            if inner is not None and inner.variables is not None:
                if any(name.split(".")[0] == element.id for name in mine):
                    outcomes = (*sorted({*inner.outcomes}), *inner.outcomes[-1:])
            inside: Frame | tuple[str, ...] = ()
            if inner is not None and inner.spec.id in self.walked:
                inside = places_within(state, inner)
            elif inner is not None and inner.variables is not None:
                inside = self._frame(state, inner, places, today)
            elif inner is not None:
                inside = Frame(inner.spec.id, self._rows(state, inner, places, today, names))
            row = Row(token.task_spec.name, self._kept(token, today, inner is not None, mine), outcomes, inside)
            rows.append(row)
        return tuple(twice(rows))

    def _kept(self, token: Token, today: date, begun: bool, read: Collection[str]) -> tuple[Any, ...]:
        kept: Mapping[str, Any] = token.internal_data
        local = kept.get("local") or {}
        seen = self._known(local, read if begun else {name for name in local if name in self.reading.parts}, today)
        arm = kept.get("arm") or [""]
        several = (len(kept["items"]), kept["done"], repr(kept.get("out"))) if "items" in kept else ()
        return (kept.get("flow"), arm[0], seen, several)


def _once(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts that count how often something was done, as far as a second time: what is done again is walked once."""
    for name in ("reviews_held", "cla_reviews_since_plan"):
        if isinstance(facts.get(name), int):
            facts[name] = min(facts[name], 2)
    return facts


def twice(rows: Iterable[Any]) -> list[Any]:
    """Tokens in order, two of those that are alike in everything: what comes again and again is walked twice."""
    found: list[Any] = []
    for row in sorted(rows, key=repr):
        if found[-2:] != [row, row]:
            found.append(row)
    return found


def places_within(state: State, running: Running) -> tuple[str, ...]:
    """The places inside a process, however deep: where it calls itself again, they are the same again."""
    found: set[str] = set()
    pending = [running]
    while pending:
        within = pending.pop()
        for token in drawn(within):
            found.add(f"{token.task_spec.element.process} {token.task_spec.name}")
            if token.id in state.subprocesses:
                pending.append(state.subprocesses[token.id])
    return tuple(sorted(found))


def all_within(state: State, running: Running) -> Iterator[int]:
    """The tokens inside a process."""
    for token in drawn(running):
        yield token.id
        if token.id in state.subprocesses:
            yield from all_within(state, state.subprocesses[token.id])


def drawn(running: Running) -> Iterator[Token]:
    """The tokens of a process that stand at something drawn."""
    return (token for token in running.tasks.values() if getattr(token.task_spec, "element", None) is not None)

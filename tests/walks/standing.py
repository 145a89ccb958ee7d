"""Where a case stands, as far as it can still matter: two states that stand alike go on alike."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

from engine.case.facts import LIFE_EVENTS
from engine.case.handling import live
from engine.case.state import CaseState
from engine.clock import london_date
from engine.execution import State
from engine.execution.scopes import Running
from engine.execution.tokens import READY, STARTED, Token
from engine.history import read_instant
from tests.walks.places import Places
from tests.walks.reading import Reading
from tests.walks.settings import Settings

#: Which of several branches is walked first, per place where they part: (the place, the branch).
Focus = tuple[tuple[str, str], ...]


#: What comes by itself, with its own facts.
NOT_ASKED = (*LIFE_EVENTS, "LifeEvent", "PlanEnded")


class Standing:
    """Reads states of one authority.

    reading  what its expressions read
    walked   the pathways that are walked by themselves: called by another, they are looked at from outside
    """

    def __init__(self, settings: Settings, reading: Reading, walked: Collection[str]) -> None:
        self.settings, self.reading, self.walked = settings, reading, walked
        self._places: dict[str, Places] = {}

    def of(self, case: CaseState) -> tuple[Any, ...]:
        """Everything of a state that may still steer: places, what may be read there, the facts, what is held."""
        today = london_date(read_instant(case.at))
        read: set[str] = set()
        stands = [
            self._frame(state, state, places, today, read)
            for run, state in self.states(case)
            for places in [self._places_of(run.release)]
        ]
        facts = tuple((name, self.steers(value, today)) for name, value in case.facts.items() if f"case.{name}" in read)
        return (tuple(sorted(stands, key=repr)), facts, case.facts["plan_status"], bool(case.held_tasks()))

    def shape(self, case: CaseState) -> tuple[Any, ...]:
        """The places alone."""
        return tuple(
            sorted(token.task_spec.name for token in drawn(running))
            for _, state in self.states(case)
            for running in state.everywhere()
        )

    def read_next(self, case: CaseState, tokens: frozenset[int]) -> frozenset[str]:
        """The facts that the next step of some tokens may read."""
        found: set[str] = set()
        for run, state in self.states(case):
            places = self._places_of(run.release)
            for token in (token for running in state.everywhere() for token in drawn(running)):
                arm = token.internal_data.get("arm") or ["", ""]
                works = token._state == READY and ("work" in token.internal_data or "job" in token.internal_data)
                if token.id in tokens and (works or (arm[0] and arm[1] not in NOT_ASKED)):
                    element = token.task_spec.element
                    found |= places.read_next(element.process, element.id)
        return frozenset(name[5:] for name in found)

    def from_outside(self, run: Any, state: State) -> frozenset[int]:
        """The tokens inside pathways that are walked by themselves, and are called here by one that goes on."""
        return frozenset(self._outside(state, state, self._places_of(run.release)))

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

    def steers(self, value: Any, today: date, entries: frozenset[str] | None = None) -> Any:
        """A value as far as it may steer: of a date whether it is past, of a text that nothing compares with that
        there is one, of a context what is read of it.

        entries  those that are read of a context; None for any that some expression reads of some context
        """
        if isinstance(value, dict):
            wanted = self.reading.words if entries is None else entries
            read = ((entry, self.steers(item, today)) for entry, item in sorted(value.items()) if entry in wanted)
            return tuple((entry, item) for entry, item in read if item is not None)
        if isinstance(value, list):
            return len(value)
        if isinstance(value, str) and value not in self.reading.texts:
            if is_date(value):
                day = date.fromisoformat(value[:10])
                return "past" if day < today else "today" if day == today else "to come"
            return "text"
        return value

    # ------------------------------------------------------------------ pieces

    def _places_of(self, release: str) -> Places:
        found = self._places.get(release)
        if found is None:
            found = self._places[release] = Places(self.settings.pathway(release))
        return found

    def _known(self, kept: Mapping[str, Any], names: Collection[str], today: date) -> tuple[Any, ...]:
        """Of some variables, what is read."""
        found = []
        for name in sorted(kept.keys() & {each.split(".")[0] for each in names}):
            parts = frozenset(each.split(".", 1)[1] for each in names if each.startswith(f"{name}."))
            value = self.steers(kept[name], today, None if name in names else parts)
            if value is not None and value != ():
                found.append((name, value))
        return tuple(found)

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

    def _frame(self, state: State, running: Running, places: Places, today: date, read: set[str]) -> tuple[Any, ...]:
        """A process: its tokens and what may still be read of its variables; one that just ends is left out."""
        only = self._just_ends(state, running, places)
        if only is not None:
            return self._frame(state, only, places, today, read)
        names: set[str] = set()
        rows = self._rows(state, running, places, today, names, read)
        read |= names
        kept = running.variables or {}
        return (running.spec.id, rows, self._known(kept, names, today))

    def _rows(
        self, state: State, running: Running, places: Places, today: date, names: set[str], read: set[str]
    ) -> tuple[tuple[Any, ...], ...]:
        rows = []
        for token in drawn(running):
            element, inner = token.task_spec.element, state.subprocesses.get(token.id)
            begun = inner is not None or token._state == STARTED
            mine = places.still_read(element.process, element.id, inside=begun)
            names |= mine
            row: tuple[Any, ...] = (token.task_spec.name, self._kept(token, today, inner is not None, mine))
            if inner is not None and inner.variables is not None:
                asked = any(name.split(".")[0] == element.id for name in mine)
                row = (*row, (*sorted({*inner.outcomes}), *inner.outcomes[-1:]) if asked else ())
            if inner is not None and inner.spec.id in self.walked:
                row = (*row, places_within(state, inner))
            elif inner is not None and inner.variables is not None:
                row = (*row, self._frame(state, inner, places, today, read))
            elif inner is not None:
                row = (*row, self._rows(state, inner, places, today, names, read))
            rows.append(row)
        return tuple(sorted(rows, key=repr))

    def _kept(self, token: Token, today: date, begun: bool, read: Collection[str]) -> tuple[Any, ...]:
        kept: Mapping[str, Any] = token.internal_data
        local = kept.get("local") or {}
        seen = self._known(local, read if begun else {name for name in local if name in self.reading.parts}, today)
        arm = kept.get("arm") or [""]
        several = (len(kept["items"]), kept["done"], repr(kept.get("out"))) if "items" in kept else ()
        return (kept.get("flow"), arm[0], seen, several)


def branches(states: list[tuple[Any, State]], focus: Focus) -> Iterator[tuple[Focus, frozenset[int]]]:
    """Where branches run side by side, each of them to be walked on its own while the others wait: its tokens.

    focus  the branches that were chosen before; one that is over is chosen anew
    """
    ways: list[tuple[Focus, frozenset[int]]] = [((), frozenset())]
    names = {f"{run.pathway} {number}": state for number, (run, state) in enumerate(states)}
    chosen = dict(focus).get("", "")
    for name in [chosen] if chosen in names else names:
        start: Focus = (("", name),) if len(names) > 1 else ()
        yield from _into(names[name], names[name], name, dict(focus), start, ways[0][1])


def _into(
    state: State, running: Running, path: str, before: Mapping[str, str], focus: Focus, tokens: frozenset[int]
) -> Iterator[tuple[Focus, frozenset[int]]]:
    active: dict[str, Token] = {}
    for token in sorted(drawn(running), key=lambda each: each.id):
        works = token._state == READY and ("work" in token.internal_data or "job" in token.internal_data)
        if works or token.id in state.subprocesses:
            active.setdefault(token.task_spec.element.id, token)
    catching = frozenset(
        token.id
        for token in drawn(running)
        if "arm" in token.internal_data and token.task_spec.element.attached_to not in active
    )
    if not active:
        yield focus, tokens | catching
        return
    chosen = before.get(path, "")
    for name in [chosen] if chosen in active else active:
        token = active[name]
        mine: Focus = (*focus, (path, name)) if len(active) > 1 else focus
        edge = frozenset(
            other.id
            for other in drawn(running)
            if "arm" in other.internal_data and other.task_spec.element.attached_to == name
        )
        inner = state.subprocesses.get(token.id)
        seen = tokens | catching | edge | {token.id}
        if inner is None:
            yield mine, seen
        else:
            yield from _into(state, inner, f"{path}/{name}", before, mine, seen)


def places_within(state: State, running: Running) -> tuple[Any, ...]:
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


def is_date(value: Any) -> bool:
    """Whether a text is a date, with or without a time."""
    return isinstance(value, str) and len(value) >= 10 and value[4:5] == "-" and value[:4].isdigit()

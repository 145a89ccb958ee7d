"""Replay: a case executed again from its commands alone, on its pinned releases, and compared step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from typing import Protocol

import orjson

from engine.case.commands import handle
from engine.case.handling import Terms
from engine.case.state import CaseState, encode
from engine.errors import EngineError
from engine.frozen import frozen
from engine.history import JSON, Event, canonical_own
from engine.store import Store
from engine.store.rows import HistoryEntry


class TermsLibrary(Protocol):
    """Where replay finds the settings and releases that a command ran under."""

    def terms(self, authority: str, version: str | None = None) -> Terms: ...

    def changed(self, authority: str, release: str) -> str | None:
        """What is wrong with a kept release, None where it is as it was released."""

    def changed_settings(self, authority: str, version: str) -> str | None:
        """What is wrong with kept settings, None where they are as they were put in force."""


class OneRun:
    """A run over many cases: releases and settings are held against their hashes once in it, not once for each case."""

    def __init__(self, library: TermsLibrary) -> None:
        self._library = library
        self._found: dict[tuple[str, str], str | None] = {}
        self._settings: dict[tuple[str, str], str | None] = {}

    def terms(self, authority: str, version: str | None = None) -> Terms:
        """The settings and releases that a command ran under."""
        return self._library.terms(authority, version)

    def changed(self, authority: str, release: str) -> str | None:
        """What was wrong with a kept release when this run first came to it."""
        key = (authority, release)
        if key not in self._found:
            self._found[key] = self._library.changed(authority, release)
        return self._found[key]

    def changed_settings(self, authority: str, version: str) -> str | None:
        """What was wrong with kept settings when this run first came to them."""
        key = (authority, version)
        if key not in self._settings:
            self._settings[key] = self._library.changed_settings(authority, version)
        return self._settings[key]


@frozen
class Difference:
    """The first place where what is executed now is not what history says.

    what  'chain' (a row was changed, removed or added), 'refused' (the command does not run now),
          'events' (something else happens), 'state' (the same happens, and the case is left otherwise),
          'checkpoint' (a signed checkpoint remembers the case otherwise)
    """

    revision: int
    command: str
    what: str
    message: str


@frozen
class Replay:
    """The outcome of replaying one case: certified, or the first difference."""

    authority: str
    case_id: str
    commands: int
    difference: Difference | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def certified(self) -> bool:
        """Whether every step came out as recorded, on releases and under settings that are as they were kept."""
        return self.difference is None and not self.notes


@frozen
class ReplayedStep:
    """One command carried out again: the row it came from, what happens now, and the case after it."""

    entry: HistoryEntry
    events: tuple[Event, ...]
    case: CaseState


def recorded_events(entry: HistoryEntry) -> list[Event]:
    """What history says happened."""
    return [Event(kind, body) for kind, body in orjson.loads(entry.events)]


def steps(store: Store, library: TermsLibrary, authority: str, case_id: str) -> Iterator[ReplayedStep]:
    """Carry out a case's commands again, one at a time. Raises what the engine refuses."""
    case = CaseState(authority, case_id)
    for entry in store.history(authority, case_id):
        handling = handle(case, entry.command, library.terms(authority, entry.command.settings), shown=False)
        yield ReplayedStep(entry, tuple(handling.events), case)


def rebuild(store: Store, library: TermsLibrary, authority: str, case_id: str) -> CaseState:
    """The case as its history makes it: what a lost snapshot is replaced by."""
    case = CaseState(authority, case_id)
    for step in steps(store, library, authority, case_id):
        case = step.case
    return case


def replay(
    store: Store,
    library: TermsLibrary,
    authority: str,
    case_id: str,
    *,
    watch: Callable[[ReplayedStep], None] | None = None,
) -> Replay:
    """Execute a case again and compare every step with its history; nothing is written.

    The chain of rows is checked first. The recorded events are compared, never re-read to get anywhere.
    """
    chain, history, state_hash = store.verified_history(authority, case_id)
    if not chain.ok:
        return Replay(authority, case_id, 0, Difference(chain.revision or 0, "", "chain", chain.what))
    case = CaseState(authority, case_id)
    count = 0
    settings: dict[str, None] = {}
    for entry in history:
        kind = entry.command.kind
        settings[entry.command.settings] = None
        try:
            handling = handle(case, entry.command, library.terms(authority, entry.command.settings), shown=False)
        except EngineError as error:
            differs = Difference(entry.revision, kind, "refused", str(error))
            return Replay(authority, case_id, count, differs, _notes(library, case, settings))
        happened = canonical_own([[event.kind, event.body] for event in handling.events])
        if happened != entry.events:
            message = _first_difference(recorded_events(entry), handling.events)
            differs = Difference(entry.revision, kind, "events", message)
            return Replay(authority, case_id, count, differs, _notes(library, case, settings))
        if state_hash(encode(case)) != entry.state:
            message = "What happened is the same, but the case is left in another state."
            differs = Difference(entry.revision, kind, "state", message)
            return Replay(authority, case_id, count, differs, _notes(library, case, settings))
        count += 1
        if watch is not None:
            watch(ReplayedStep(entry, tuple(handling.events), case))
    return Replay(authority, case_id, count, None, _notes(library, case, settings))


def _notes(library: TermsLibrary, case: CaseState, settings: Iterable[str]) -> tuple[str, ...]:
    """What is wrong with the settings that a case's commands name and the releases that it runs on."""
    releases = dict.fromkeys(running.release for running in case.running.values())
    found = [library.changed_settings(case.authority, version) for version in settings]
    found += [library.changed(case.authority, release) for release in releases]
    return tuple(note for note in found if note is not None)


def _first_difference(recorded: list[Event], now: list[Event]) -> str:
    """The first event that differs, by kind and element: no content, which may name people."""
    for position, (was, would) in enumerate(zip(recorded, now, strict=False), 1):
        if was.kind != would.kind or dict(was.body) != dict(would.body):
            if _named(was) == _named(would):
                fields = ", ".join(_fields(was.body, would.body)) or "how it is written"
                return f"Event {position}, {_named(was)}, is still that, but not the same in: {fields}."
            return f"Event {position} was {_named(was)} and would now be {_named(would)}."
    return f"{len(recorded)} events were recorded and {len(now)} happen now."


def _fields(was: Mapping[str, JSON], would: Mapping[str, JSON]) -> Iterator[str]:
    """The names of what differs, as near as two levels tell; no values, which may name people."""
    for name in dict.fromkeys((*was, *would)):
        one, other = was.get(name), would.get(name)
        if isinstance(one, dict) and isinstance(other, dict):
            yield from (f"{name}.{each}" for each in dict.fromkeys((*one, *other)) if one.get(each) != other.get(each))
        elif one != other:
            yield name


def _named(event: Event) -> str:
    element = event.body.get("element") or event.body.get("flow") or event.body.get("task")
    rows = ", ".join(f"row {rule.get('row')} of {rule.get('table')}" for rule in event.body.get("rules", ()))
    said = f" by {rows or 'no row'}" if event.kind == "DecisionMade" else ""
    return f"{event.kind} at {element}{said}" if element else event.kind

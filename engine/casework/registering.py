"""The register that auditors read, and who looked at what.

The register lists every decision against a recommendation, override, moved date and late step with the reasons that
were given. Reasons stand in the cases alone: they are read there, and each look is recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from engine.case.confidential import Reader, Sight
from engine.casework.audit import MAY_READ
from engine.casework.catalogue import RECORDS_FACTS, moved_dates
from engine.casework.finding import Finding, Wanted
from engine.casework.looks import look_at
from engine.casework.people import Practitioner
from engine.casework.permissions import viewer_of
from engine.clock import london_date
from engine.errors import EngineError
from engine.execution import Pathway, Whereabouts
from engine.history import JSON, Event
from engine.replay import recorded_events
from engine.store.errors import is_lasting
from engine.store.finds import Listed
from engine.store.readings import Reading
from engine.store.vault import UNREAD

T = TypeVar("T")

#: Answers that give a reason have one of these in their names.
_REASONS = ("reason", "why", "evidence")
#: Where a person's own reason stands in what their command did. Why a pathway was withdrawn is said there by the engine
#: and not by a person: the manager's reason is the note beside it.
_SAYS_WHY = {"FactsRecorded": "why", "StepCorrected": "why", "PlanReinstated": "why", "NoteAdded": "text"}


@dataclass(frozen=True, slots=True)
class Moved:
    """A date that was moved: the fact, and its days before and after as whoever asks may see them."""

    fact: str
    before: JSON
    after: JSON


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the register: what, where, who in which role, how late, the reasons they gave, which dates moved."""

    case_id: str
    revision: int
    at: str
    word: str
    title: str
    by: str
    by_name: str
    role: str | None
    days: int | None
    clauses: tuple[str, ...]
    reasons: tuple[tuple[str, str], ...]
    moved: tuple[Moved, ...] = ()


@dataclass(frozen=True, slots=True)
class _Told:
    """What happened at one revision of a case, as whoever asks may see it.

    pathway  None where it stands in none, or in one that is not legible
    illegible  what of it was changed behind the store so that it cannot be read, '' where nothing was
    """

    events: tuple[Event, ...] = ()
    by: str = ""
    role: str | None = None
    pathway: Pathway | None = None
    illegible: str = ""
    #: The process in which each event's step stands, '' where that is not certain.
    places: tuple[str, ...] = ()


#: What is told of a line whose case does not open.
_UNREAD = _Told(illegible="The history of this case")


class Registering(Finding):
    """What people did otherwise than was foreseen, and what they looked at."""

    # ------------------------------------------------------------------ the register

    def register(
        self, by: Practitioner, word: str, *, since: date | None, until: date | None, skipping: int = 0, most: int = 50
    ) -> list[Entry]:
        """Decisions against a recommendation, overrides, moved dates and late steps, with the reasons given.

        Reasons are read in the cases themselves: each case's look is recorded, and what is kept from whoever asks is
        kept from them here too. The reasons of a case that does not open are left out, and said to be.
        """
        by.must_hold(*MAY_READ)
        period = Wanted(since=since, until=until).period()
        lines = self._store.finds.register(
            by.authority, word or None, viewer_of(by), period=period, skipping=skipping, most=most
        )
        cases = list(dict.fromkeys(line.case_id for line in lines))
        # Where no look can be recorded any more, no reason is shown.
        unrecorded = self.record_looks(by, cases, look_at("register"))
        cases = [case for case in cases if case not in unrecorded]
        told = {(case, revision): one for case in cases for revision, one in _legible(self._told(by, case, lines))}
        moved: dict[Listed, list[Moved]] = {}
        for place, one in (each for case in cases for each in _legible(self._moved(by, case, lines))):
            moved.setdefault(place, []).append(one)
        names = self._names(by.authority, {one.by for one in told.values()})
        return [
            _entry(line, told.get((line.case_id, line.revision), _UNREAD), names, moved.get(line, ())) for line in lines
        ]

    def _told(self, by: Practitioner, case_id: str, lines: list[Listed]) -> Iterator[tuple[int, _Told]]:
        """What happened at the revisions of a case that the register lists."""
        case = self.load(by.authority, case_id)
        sight = Sight.of(case.marks.values(), Reader.person(by.id, by.roles))
        wanted = {line.revision for line in lines if line.case_id == case_id}
        places = Whereabouts()
        for entry in self._store.history(by.authority, case_id, min(wanted) - 1):
            events = tuple(recorded_events(entry))
            where = places.take(events)
            if entry.revision in wanted:
                instance = next((event.body["instance"] for event in events if event.body.get("instance")), None)
                running = None if instance is None else case.running.get(instance)
                pathway = None if running is None else self._shelf.legible(by.authority, running.release)
                yield (
                    entry.revision,
                    _Told(
                        sight.of_value(events),
                        entry.command.by,
                        entry.command.role,
                        pathway,
                        "" if running is None or pathway is not None else "The release that it ran on",
                        where,
                    ),
                )
            if entry.revision >= max(wanted):
                break

    def _moved(self, by: Practitioner, case_id: str, lines: list[Listed]) -> Iterator[tuple[Listed, Moved]]:
        """Which dates were moved at the lines of a case that say that one was: read from its first command on."""
        wanted = {(one.revision, one.element): one for one in lines if one.case_id == case_id and one.word == "moved"}
        if not wanted:
            return
        sight = Sight.of(self.load(by.authority, case_id).marks.values(), Reader.person(by.id, by.roles))
        known: dict[str, JSON] = {}
        for entry in self._store.history(by.authority, case_id):
            for event in recorded_events(entry):
                if event.kind in RECORDS_FACTS:
                    facts, line = event.body["facts"], wanted.get((entry.revision, event.body.get("element") or ""))
                    if line is not None:
                        before, after = sight.facts(known), sight.facts(facts)
                        for name in moved_dates(known, event.body, london_date(entry.command.at)):
                            yield line, Moved(name, before[name], after[name])
                    known.update(facts)

    # ------------------------------------------------------------------ who looked

    def looked_at(self, by: Practitioner, person: str, *, skipping: int = 0, most: int = 50) -> list[Reading]:
        """What a person looked at, the latest first; looks at cases that whoever asks may not see are left out."""
        by.must_hold(*MAY_READ)
        return self._store.readings.by_person(by.authority, person, viewer_of(by), skipping=skipping, most=most)

    def lookers(self, by: Practitioner) -> list[tuple[str, str, int, str]]:
        """Everybody who looked at a case that may be seen: id, name, how often, and when last; by name."""
        by.must_hold(*MAY_READ)
        found = self._store.readings.people(by.authority, viewer_of(by))
        names = self._names(by.authority, [person for person, _, _ in found])
        return sorted(
            ((person, names.get(person, person), count, last) for person, count, last in found),
            key=lambda one: one[1],
        )

    def record_looks(self, by: Practitioner, cases: Iterable[str], what: str) -> frozenset[str]:
        """Record that somebody looked at many cases at once, or ('' among them) took out a list.

        Gives the cases of which no look can be recorded, since the record of them was changed behind the store.
        """
        role, at = next(iter(sorted(by.roles)), None), self._clock.now()
        return self._store.readings.record_all(by.authority, cases, person=by.id, role=role, what=what, at=at)


def _legible(told: Iterable[T]) -> Iterator[T]:
    """What can be told of a case: nothing past the first row that does not open. Other cases are told all the same.

    Raises StoreUnavailable where asking again may bring an answer.
    """
    try:
        yield from told
    except EngineError as error:
        # What is wrong with a case its own pages say, and its verification.
        if not is_lasting(error):
            raise


def _entry(line: Listed, told: _Told, names: Mapping[str, str], moved: Iterable[Moved]) -> Entry:
    pathway, element = told.pathway, line.element
    pairs = zip(told.events, told.places, strict=True)
    places = {place for event, place in pairs if event.body.get("element") == element}
    process = places.pop() if len(places) == 1 else ""
    clauses = "" if pathway is None else pathway.properties_of(element, process).get("casework:clauses", "")
    return Entry(
        line.case_id,
        line.revision,
        line.at,
        line.word,
        pathway.title_of(element, process) if pathway is not None and element else _in_words(element, told),
        told.by,
        names.get(told.by, told.by),
        told.role,
        line.days,
        tuple(clauses.split()),
        tuple(_reasons(told)),
        tuple(moved),
    )


def _reasons(told: _Told) -> Iterator[tuple[str, str]]:
    """What was given as a reason in a command: the question, and the answer."""
    if told.illegible:
        yield told.illegible, UNREAD
    for event, process in zip(told.events, told.places, strict=True):
        body = event.body
        if event.kind == "TaskCompleted":
            for name, answer in body["answers"].items():
                if isinstance(answer, str) and answer and any(word in name for word in _REASONS):
                    yield _question(told.pathway, body["element"], process, name), answer
        elif event.kind in _SAYS_WHY and body.get(_SAYS_WHY[event.kind]):
            yield "Why", str(body[_SAYS_WHY[event.kind]])


def _in_words(element: str, told: _Told) -> str:
    """An element whose title cannot be read, by its id; '' where there is no pathway that would have one."""
    return element.replace("_", " ").capitalize() if told.illegible else ""


def _question(pathway: Pathway | None, element: str, process: str, name: str) -> str:
    """The question that an answer answers, as the form of its step asks it."""
    found = None if pathway is None else pathway.element(element, process)
    if pathway is not None and found is not None and found.work is not None and found.work.form:
        asked = pathway.release.forms[found.work.form].fields.get(name)
        if asked is not None:
            return asked.title
    return name.replace("_", " ").capitalize()

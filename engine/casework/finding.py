"""What auditors find: cases by what happened in them, steps by their deadlines, the register, and who looked at what.

Everything is read from the catalogue, which is brought up to a case's last command before it answers; how many cases
it could not yet take is said with every answer. Nobody finds, or counts, a case that they may not see.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial

from engine.calendars import start_of_day
from engine.case.confidential import EVERYONE, PERSON, ROLE
from engine.casework.audit import MAY_READ, Audit
from engine.casework.catalogue import EDITION, Fold, Ground, party_word
from engine.casework.naming import in_words, name_of, tables_of
from engine.casework.people import Practitioner
from engine.casework.permissions import viewer_of
from engine.casework.timeliness import ClauseTimes, ElementTimes, by_clause, by_element
from engine.errors import EngineError, NotFound
from engine.execution import Pathway
from engine.history import instant
from engine.pathways import Release
from engine.replay import recorded_events
from engine.store.catalogue import Passage
from engine.store.finds import CaseStay, Hit, Matched, Period, Sought, StayQuery

#: The most lines that one file holds; a file that would hold more says so.
MOST_IN_A_FILE = 10_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What cases are found by; all that is said must hold.

    late      'any', 'week' (more than five days) or 'now' (a task is open past its due date)
    register  one of engine.casework.catalogue.REGISTER
    since, until  dates, both counted
    one_step  whether one and the same step must be all of it
    """

    outcome: str = ""
    clause: str = ""
    table: str = ""
    row: str = ""
    role: str = ""
    person: str = ""
    late: str = ""
    register: str = ""
    escalation: str = ""
    since: date | None = None
    until: date | None = None
    one_step: bool = False

    def sought(self) -> tuple[Sought, ...]:
        """The same in the catalogue's words."""
        found = [
            Sought((kind,), word)
            for kind, word in (
                ("outcome", self.outcome),
                ("role", self.role),
                ("person", self.person),
                ("register", self.register),
                ("escalation", self.escalation),
                ("row", f"{self.table} {self.row}" if self.table and self.row else ""),
            )
            if word
        ]
        if self.clause:
            found.append(Sought(("clause", "row_clause"), self.clause))
        if self.late in ("any", "week"):
            found.append(Sought(("register",), "late", at_least=6 if self.late == "week" else None))
        elif self.late == "now":
            found.append(Sought(("open",)))
        return tuple(found)

    def period(self) -> Period:
        """The days from midnight to midnight in London."""
        return Period(
            instant(start_of_day(self.since)) if self.since else "",
            instant(start_of_day(self.until + timedelta(days=1))) if self.until else "",
        )


@dataclass(frozen=True, slots=True)
class Choices:
    """What may be chosen to find cases by, each an id with what people call it."""

    outcomes: tuple[tuple[str, str], ...]
    clauses: tuple[tuple[str, str], ...]
    tables: tuple[tuple[str, str], ...]
    roles: tuple[tuple[str, str], ...]
    people: tuple[tuple[str, str], ...]
    escalations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A case that was found: what it is called, the step that its film opens at, and the steps it was found by."""

    case_id: str
    label: str
    revision: int
    at: str
    steps: tuple[Matched, ...]


@dataclass(frozen=True, slots=True)
class HeatMap:
    """A release of a pathway with what happened at each of its elements, and what they are called.

    every  whether all releases of the pathway are counted, on the picture of this one
    gone   how many elements something happened at in other releases that this one does not have
    """

    pathway: str
    title: str
    release: Release
    elements: tuple[ElementTimes, ...]
    titles: Mapping[tuple[str, str], str] = field(repr=False)
    every: bool = False
    gone: int = 0


class Finding(Audit):
    """The questions that auditors ask of all cases together."""

    # ------------------------------------------------------------------ keeping up

    def catch_up(self, authority: str, *, until: Callable[[], bool] = lambda: True, most: int = 500) -> int:
        """Catalogue cases that have gone on since they were last looked at; how many are still behind.

        until  asked before each case: whether there is still time; most  cases taken at once
        A case whose history cannot be read stays behind; verifying it says why.
        """
        ground, after, taken = self.ground(authority), "", 0
        while taken < most and (cases := self._store.catalogue.behind(authority, EDITION, after=after)):
            for after in cases:
                if taken >= most or not until():
                    return self._store.catalogue.count_behind(authority, EDITION)
                taken += self._catalogue(authority, after, ground)
        return self._store.catalogue.count_behind(authority, EDITION)

    def _catalogue(self, authority: str, case_id: str, ground: Ground) -> bool:
        """Make a case's catalogue from its history; False where that cannot be read."""
        try:
            fold, last = Fold(ground), 0
            for entry in self._store.history(authority, case_id):
                fold.take(entry.revision, entry.command, recorded_events(entry))
                last = entry.revision
        except EngineError:
            return False
        return self._store.catalogue.keep(authority, case_id, last, EDITION, fold.entries())

    def forget_catalogue(self, authority: str) -> None:
        """Throw the catalogue away, to be made again from history."""
        self._store.catalogue.forget(authority)

    # ------------------------------------------------------------------ finding cases

    def choices(self, by: Practitioner) -> Choices:
        """What may be chosen to find cases by: what was published, and what has happened in cases they may see."""
        by.must_hold(*MAY_READ)
        authority, viewer = self.authority(by.authority), viewer_of(by)
        words = partial(self._store.finds.words, by.authority, viewer=viewer)
        titles: dict[str, str] = {}
        tables: dict[str, str] = {}
        deployed = self._shelf.deployments(by.authority).values()
        for pathway in filter(None, (self._shelf.legible(by.authority, release) for release in deployed)):
            titles |= {one.id: one.label for one in pathway.elements.values() if one.id.isupper() and one.name}
            tables |= tables_of(pathway)
        titles["PLAN_REINSTATED"] = "Made active again"
        people = words(kind="person")
        names = self._names(by.authority, people)
        return Choices(
            tuple((one, titles.get(one, one)) for one in sorted({*titles, *words(kind="outcome")})),
            tuple((one.id, one.summary) for one in self._shelf.clauses(by.authority).values()),
            tuple(sorted(_apart(tables).items(), key=lambda one: one[1])),
            tuple((role, authority.role_title(role)) for role in sorted(words(kind="role"), key=authority.role_title)),
            tuple(sorted(((one, names.get(one, one)) for one in people), key=lambda one: one[1])),
            tuple(words(kind="escalation")),
        )

    def find(self, by: Practitioner, wanted: Wanted, *, skipping: int = 0, most: int = 50) -> list[Found]:
        """Cases in which everything wanted happened, the newest first. Raises Forbidden."""
        by.must_hold(*MAY_READ)
        hits, steps = self._hits(by, wanted, skipping, most)
        lines = {hit.case_id: self._store.lists.case(by.authority, hit.case_id) for hit in hits}
        found = []
        for hit in hits:
            line, here = lines[hit.case_id], steps.get((hit.case_id, hit.revision if wanted.one_step else 0), ())
            label = line.label if line is not None and line.label else hit.case_id
            found.append(Found(hit.case_id, label, hit.revision, hit.at, tuple(here)))
        return found

    def named(self, by: Practitioner, found: Iterable[Found]) -> dict[tuple[str, str], str]:
        """What the elements are called at which cases were found, by case and element id: as each case has it."""
        by.must_hold(*MAY_READ)
        wanted = {(one.case_id, step.element) for one in found for step in one.steps if step.element}
        names: dict[str, set[str]] = {}
        releases = self._store.finds.releases(by.authority, viewer_of(by)) if wanted else ()
        for pathway in filter(None, (self._shelf.legible(by.authority, release) for _, release, _ in releases)):
            for element in {element for _, element in wanted} & pathway.elements.keys():
                drawn = pathway.drawn(element)
                names.setdefault(element, set()).update(pathway.title_of(element, one.process) for one in drawn)
        own: dict[str, list[tuple[Passage, Pathway]]] = {}
        for case_id, element in wanted:
            if len(names.get(element, ())) > 1 and case_id not in own:
                # Called differently by other releases or processes: what the case went through says how.
                kept = self._store.catalogue.of_case(by.authority, case_id)
                ran = () if kept is None else kept[2].passages
                read = ((one, self._shelf.legible(by.authority, one.release)) for one in ran)
                own[case_id] = [(one, pathway) for one, pathway in read if pathway is not None]
        titles = {}
        for case_id, element in wanted:
            here = [name for one, pathway in own.get(case_id, ()) for name in _called(element, one, pathway)]
            called = dict.fromkeys(here or sorted(names.get(element, ())))
            titles[case_id, element] = " / ".join(called) or element.replace("_", " ")
        return titles

    def tables(self, by: Practitioner, found: Iterable[Found]) -> dict[str, str]:
        """What the tables are called by whose rows cases were found, by id; releases that cases ran on are asked."""
        by.must_hold(*MAY_READ)
        wanted = {step.word.rpartition(" ")[0] for one in found for step in one.steps if step.kind == "row"}
        titles: dict[str, str] = {}
        releases = self._store.finds.releases(by.authority, viewer_of(by)) if wanted else ()
        for pathway in filter(None, (self._shelf.legible(by.authority, release) for _, release, _ in releases)):
            titles = {one: title for one, title in tables_of(pathway).items() if one in wanted} | titles
        return _apart({one: titles.get(one) or in_words(one) for one in wanted})

    def _hits(
        self, by: Practitioner, wanted: Wanted, skipping: int, most: int
    ) -> tuple[list[Hit], dict[tuple[str, int], list[Matched]]]:
        sought, today, keys = wanted.sought(), self._today().isoformat(), _keys(by)
        hits = self._store.finds.cases(
            by.authority,
            sought,
            viewer_of(by),
            today=today,
            keys=keys,
            period=wanted.period(),
            one_step=wanted.one_step,
            skipping=skipping,
            most=most,
        )
        cases = list(dict.fromkeys(hit.case_id for hit in hits))
        steps: dict[tuple[str, int], list[Matched]] = {}
        seen: set[tuple[str, int, int]] = set()
        for step in self._store.finds.steps_of(
            by.authority, cases, sought, today=today, keys=keys, period=wanted.period()
        ):
            place = (step.case_id, step.revision if wanted.one_step else 0)
            if (*place, step.sought) not in seen:
                # Of several steps that are the same thing, the newest leads into the film.
                seen.add((*place, step.sought))
                steps.setdefault(place, []).append(step)
        return hits, steps

    # ------------------------------------------------------------------ steps and their deadlines

    def timeliness(self, by: Practitioner, *, since: date | None, until: date | None) -> tuple[ClauseTimes, ...]:
        """How the deadlines of each clause were kept by steps that opened in a period."""
        by.must_hold(*MAY_READ)
        today = self._today().isoformat()
        asked = StayQuery(with_due_date=True, period=Wanted(since=since, until=until).period(), today=today)
        return by_clause(self._store.finds.figures(by.authority, asked, viewer_of(by)), today)

    def today(self) -> date:
        """The day in London by which tasks are overdue."""
        return self._today()

    def steps(self, by: Practitioner, asked: StayQuery, *, skipping: int = 0, most: int = 50) -> list[CaseStay]:
        """The steps behind a figure, the newest first."""
        by.must_hold(*MAY_READ)
        return self._store.finds.stays(by.authority, asked, viewer_of(by), skipping=skipping, most=most)

    def ran(self, by: Practitioner) -> list[tuple[str, str, str, str, int]]:
        """Every pathway that cases ran on, by release: pathway, its title, the release, its version, how many cases."""
        by.must_hold(*MAY_READ)
        found = []
        for pathway, release, count in self._store.finds.releases(by.authority, viewer_of(by)):
            # As it was kept when it was released: one whose files were changed since hides no other.
            held = self._store.library.release(by.authority, release)
            found.append((pathway, held.title, release, held.version, count))
        return found

    def heat(
        self,
        by: Practitioner,
        pathway: str,
        release: str,
        *,
        since: date | None,
        until: date | None,
        every: bool = False,
    ) -> HeatMap:
        """What happened at each element of a pathway in a period, on one release. Raises NotFound.

        every  count all releases of the pathway, at the elements that this one still has
        """
        by.must_hold(*MAY_READ)
        if (pathway, release) not in {(one[0], one[2]) for one in self.ran(by)}:
            raise NotFound(f"No case that you may see ran on release {release[:80]} of {pathway[:80]}.")
        viewer, period = viewer_of(by), Wanted(since=since, until=until).period()
        first, last = (since or date.min).isoformat(), (until or date.max).isoformat()
        passed: dict[tuple[str, str], int] = {}
        counted = "" if every else release
        for passage in self._store.finds.passages(by.authority, pathway, counted, viewer):
            for day, places in passage.passed.items():
                if first <= day <= last:
                    for place, count in places.items():
                        process, _, element = place.partition(" ")
                        passed[process, element] = passed.get((process, element), 0) + count
        asked = StayQuery(pathway=pathway, release=counted, period=period)
        elements = by_element(passed, self._store.finds.figures(by.authority, asked, viewer))
        prepared = self._shelf.pathway(by.authority, release)
        titles = {
            (process.id, element.id): name_of(process, element)
            for process in prepared.processes.values()
            for element in process.elements.values()
        }
        arrows = {(process.id, flow.id) for process in prepared.processes.values() for flow in process.flows}
        here = tuple(one for one in elements if (one.process, one.element) in {*titles, *arrows})
        gone = len(elements) - len(here)
        return HeatMap(pathway, prepared.release.title, prepared.release, here, titles, every, gone)

    def titles(self, by: Practitioner, places: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str, str], str]:
        """What elements of releases are called, by release, process and element id."""
        by.must_hold(*MAY_READ)
        found = {}
        for release, process, element in set(places):
            pathway = self._shelf.legible(by.authority, release)
            title = pathway.title_of(element, process) if pathway else element.replace("_", " ")
            found[release, process, element] = title
        return found


def _called(element: str, passage: Passage, pathway: Pathway) -> Iterator[str]:
    """What an element is called in each process in which a case went through it on one pathway."""
    for place in dict.fromkeys(place for places in passage.passed.values() for place in places):
        process, _, passed = place.partition(" ")
        if passed == element:
            yield pathway.title_of(element, process)


def _keys(by: Practitioner) -> frozenset[str]:
    """What a mark calls whoever asks."""
    people = [(PERSON, by.id), (PERSON, EVERYONE), (ROLE, EVERYONE), *((ROLE, role) for role in by.roles)]
    return frozenset(party_word(kind, who) for kind, who in people)


def _apart(tables: Mapping[str, str]) -> dict[str, str]:
    """What tables are called, so that no two are called alike: each that would be has its id in words beside it."""
    times = Counter(tables.values())
    return {one: f"{title} ({in_words(one)})" if times[title] > 1 else title for one, title in tables.items()}

"""In-trays: what was put before a role, whose it is, since when and under which clause; and what it is about."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from engine.calendars import start_of_day
from engine.casework.dashboard import Dashboards
from engine.casework.listing import Wanted
from engine.casework.people import HEAD, Practitioner
from engine.casework.views import WorkItem
from engine.clock import london_date
from engine.errors import EngineError, NotFound
from engine.history import JSON, instant, read_instant
from engine.replay import recorded_events
from engine.store.lists import TrayLine
from engine.store.trays import TrayMark, TrayRow

#: More than ever waits for one person; what waits is put in order as a whole.
EVERY: Final = 10_000
#: Behind every date on which something was due.
_NOT_LATE: Final = "9999"
#: The source and code of a death that somebody reported and nobody has looked into.
_DEATH_REPORTED: Final = ("report", "ChildDied")
#: What may be asked for by the filter of an in-tray.
SOURCES = ("overdue", "diagram", "correction", "reinstatement", "report", "life_event", "incident")


@dataclass(frozen=True, slots=True)
class TrayItem:
    """A line of an in-tray in words. `days` is how many working days it has lain there; `clauses` are (id, summary).

    died, died_on  whether the child's death is recorded and not kept from whoever asks, and its ISO date where known
    """

    row: TrayRow
    title: str
    pathway: str
    holder: str | None
    days: int
    clauses: tuple[tuple[str, str], ...]
    died: bool = False
    died_on: str | None = None


@dataclass(frozen=True, slots=True)
class TrayPage:
    """Some of an in-tray; `following` is what to ask for the next page with."""

    items: tuple[TrayItem, ...]
    following: str | None


@dataclass(frozen=True, slots=True)
class Matter:
    """One matter with what it is about: a correction and what was decided on it, a reinstatement and its notices."""

    item: TrayItem
    why: str = ""
    was: Mapping[str, JSON] = field(default_factory=dict, repr=False)
    right: Mapping[str, JSON] = field(default_factory=dict, repr=False)
    decided: tuple[str, ...] = ()
    notices: tuple[Mapping[str, JSON], ...] = field(default=(), repr=False)
    answers: tuple[tuple[str, str, str], ...] = field(default=(), repr=False)


class Trays(Dashboards):
    """The looks of an in-tray."""

    def tray(
        self, by: Practitioner, *, source: str | None = None, answered: bool = False, after: str = "", most: int = 25
    ) -> TrayPage:
        """A page of what lies before the person's roles: a child's death, what is longest overdue, then the oldest.

        A death that was reported and cannot be taken as it stands is one until the Head has answered it. What was
        answered comes the newest first.
        """
        if source == "incident":
            return TrayPage(self._items(by, self._unmended(by, most)), None)
        if answered:
            kept, mark = self._store.trays, _mark(after)
            rows = kept.page(by.authority, by.roles, by.id, source=source, answered=True, after=mark, most=most + 1)
        else:
            rows = self._waiting(by, source, _mark(after))
        last = rows[most - 1] if len(rows) > most else None
        following = None if last is None else f"{last.raised_at}~{last.case_id}~{last.number}"
        items = self._items(by, rows[:most])
        return TrayPage(items, following)

    def _waiting(self, by: Practitioner, source: str | None, after: TrayMark | None) -> list[TrayRow]:
        """All that waits for an answer, in the order in which it is to be looked at; what stands behind a mark."""
        rows = self._store.trays.page(by.authority, by.roles, by.id, source=source, most=EVERY)
        died, today = self._deaths(by, {row.case_id for row in rows}), self._today().isoformat()

        def place(row: TrayRow) -> tuple[bool, str, str, str, int]:
            late = row.due_on is not None and row.open and row.due_on < today
            death = row.case_id in died or (row.source, row.code) == _DEATH_REPORTED
            return not death, str(row.due_on) if late else _NOT_LATE, *_mark_of(row)

        ordered = sorted(rows, key=place)
        marks = [_mark_of(row) for row in ordered]
        return ordered[marks.index(after) + 1 :] if after in marks else ordered

    def escalations(self, by: Practitioner, most: int = 200) -> list[TrayLine]:
        """What lies before the person's roles and is not answered, in the order of their tray.

        An overdue task that climbed to the same role twice is there twice, both where the tray shows it once.
        """
        places = {
            _stands_for(row.case_id, row.number, row.source, row.to, row.task): place
            for place, row in enumerate(self._waiting(by, None, None))
        }

        def place(line: TrayLine) -> int:
            row = line.row
            same = _stands_for(line.case_id, row.number, row.source, row.to_role, row.task)
            return places.get(same, len(places))

        every = self._store.lists.in_tray(by.authority, by.roles, person=by.id, most=EVERY)
        return sorted(every, key=place)[:most]

    def to_decide(self, by: Practitioner, most: int) -> list[WorkItem]:
        """Tasks that one of the person's own roles may take: where a child's death is told first, then the soonest due.

        A death is looked for among the ten times as many that are due first.
        """
        asked = {**(self._asked(by, "team", Wanted()) or {}), "roles": by.roles}
        lines = list(self._store.lists.worklist(by.authority, by.id, **asked, most=10 * most).lines)
        reported = self._store.trays.page(by.authority, by.roles, by.id, source="report", most=EVERY)
        told = {row.case_id for row in reported if (row.source, row.code) == _DEATH_REPORTED}
        told |= self._deaths(by, {line.case_id for line in lines} - told).keys()
        lines.sort(key=lambda line: line.case_id not in told)
        return self.work_items(by, lines[:most])

    def _deaths(self, by: Practitioner, cases: Collection[str]) -> dict[str, str | None]:
        """Those of some cases in which a death is recorded and not kept from this person, with its day."""
        found: dict[str, str | None] = {}
        for case_id in cases:
            try:
                case = self.load(by.authority, case_id)
            except EngineError:
                continue  # A case that was changed behind the store is told of on its own page.
            sight, on = self._sight(by, case), case.facts.get("date_of_death")
            if case.facts.get("deceased") is True and not sight.hides("deceased"):
                found[case_id] = str(on) if on is not None and not sight.hides("date_of_death") else None
        return found

    def unmended(self, by: Practitioner, most: int = 25) -> tuple[TrayItem, ...]:
        """Incidents that nobody has mended since before the last working day, for the Head."""
        return self._items(by, self._unmended(by, most))

    def _unmended(self, by: Practitioner, most: int) -> list[TrayRow]:
        if HEAD not in by.roles:
            return []
        today, calendar = london_date(self._clock.now()), self.authority(by.authority).calendar
        before = calendar.working_days_before(today, 1).on
        return self._store.trays.unmended(by.authority, by.id, before=instant(start_of_day(before)), most=most)

    def matter(self, by: Practitioner, case_id: str, number: int) -> Matter:
        """One matter before the person's roles, with what it is about. The look is recorded. Raises NotFound."""
        case = self._look(by, case_id, "escalation")
        raised = case.escalations.get(number)
        if raised is None or raised.to not in by.roles:
            raise NotFound(f"Escalation {number} of case {case_id} is not in your in-tray.")
        line = self._store.lists.case(by.authority, case_id)
        desk = case.desks.get(raised.task or 0)
        row = TrayRow(
            case_id,
            line.label if line is not None else None,
            number,
            raised.source,
            raised.to,
            raised.element,
            raised.task,
            raised.code,
            raised.clauses,
            raised.raised_at,
            raised.state,
            desk.assignee if desk is not None else None,
            None,
            desk is not None,
        )
        (item,) = self._items(by, [row])
        why, was, right, decided = "", dict[str, JSON](), dict[str, JSON](), list[str]()
        notices: list[Mapping[str, JSON]] = []
        answers: list[tuple[str, str, str]] = []
        names = self._titles_here(by.authority)
        for entry in self._store.history(by.authority, case_id):
            events = recorded_events(entry)
            put = any(event.kind == "EscalationRaised" and event.body["number"] == number for event in events)
            for event in events:
                body = event.body
                if put and event.kind == "StepCorrected":
                    why, was, right = body["why"], body["was"], body["answers"]
                    decided = [names.get(element, element.replace("_", " ")) for element in body["steered"]]
                elif put and event.kind in ("PlanReinstated", "LifeEventReported"):
                    why = body["why"]
                elif put and event.kind == "NoticeRecalled":
                    notices.append(body)
                elif event.kind == "EscalationAnswered" and body["number"] == number:
                    answers.append((entry.command.at.isoformat(), entry.command.by, body["answer"] or ""))
        return Matter(item, why, was, right, tuple(decided), tuple(notices), tuple(answers))

    def _items(self, by: Practitioner, rows: Sequence[TrayRow]) -> tuple[TrayItem, ...]:
        if not rows:
            return ()
        titles, known = self._titles_here(by.authority), self._shelf.clauses(by.authority)
        drawn = self._drawn_here(by.authority)
        names = self._names(by.authority, {row.holder for row in rows})
        died = self._deaths(by, {row.case_id for row in rows})
        today, calendar = london_date(self._clock.now()), self.authority(by.authority).calendar
        items = []
        for row in rows:
            element = row.element or ""
            since = london_date(read_instant(row.raised_at))
            title, part = self._place(by.authority, row, drawn.get(element, {}))
            items.append(
                TrayItem(
                    row,
                    title or titles.get(element) or _in_words(row),
                    part,
                    names.get(row.holder or "", row.holder),
                    calendar.working_days_between(min(since, today), today),
                    tuple((one, known[one].summary if one in known else "") for one in row.clauses.split()),
                    row.case_id in died,
                    died.get(row.case_id),
                )
            )
        return tuple(items)

    def _place(self, authority: str, row: TrayRow, drawn: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
        """What a row's step is called, and the process that draws it; '' each where several differ in it."""
        if len(drawn) > 1 and row.task is not None and row.open:
            process = self._process_of(authority, row.case_id, row.task)
            drawn = {process: drawn[process]} if process in drawn else drawn
        titles, parts = {title for title, _ in drawn.values()}, {part for _, part in drawn.values()}
        return titles.pop() if len(titles) == 1 else "", parts.pop() if len(parts) == 1 else ""

    def _drawn_here(self, authority: str) -> dict[str, dict[str, tuple[str, str]]]:
        """By element, the processes of today that draw it: what it is called there, and that process's own title."""
        found: dict[str, dict[str, tuple[str, str]]] = {}
        deployed = self._shelf.deployments(authority)
        titles = self._shelf.titles(authority)
        drawn = (self._shelf.legible(authority, release) for release in deployed.values())
        for pathway in filter(None, drawn):
            for process in pathway.processes.values():
                title = titles.get(process.id) or process.name or process.id.replace("_", " ")
                for element in process.elements.values():
                    found.setdefault(element.id, {})[process.id] = (element.name or "", title)
        return found


def _in_words(row: TrayRow) -> str:
    words = (row.element or row.code or row.source).replace("_", " ")
    return words[:1].upper() + words[1:]


def _stands_for(case_id: str, number: int, source: str, to: str, task: int | None) -> tuple[str, str, int | None]:
    """What two lines of one matter have in common: an overdue task is one matter to a role, whatever its rungs."""
    return (case_id, to, task) if source == "overdue" else (case_id, "", number)


def _mark_of(row: TrayRow) -> TrayMark:
    return row.raised_at, row.case_id, row.number


def _mark(text: str) -> TrayMark | None:
    """Where the last page ended, as an address carries it; nonsense begins at the beginning."""
    at, _, rest = text.partition("~")
    case_id, _, number = rest.rpartition("~")
    return (at[:40], case_id[:60], int(number)) if case_id and number.isdecimal() and len(number) < 9 else None

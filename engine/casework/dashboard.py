"""What the Head of Quality Assurance counts: figures by row and column, each with the cases it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from engine.authorities import Authority
from engine.calendars import start_of_day
from engine.casework.importing import Importing
from engine.casework.people import AUDITOR, SUPERVISING_ROLES, Practitioner
from engine.casework.permissions import viewer_of
from engine.casework.timeliness import clause_order
from engine.clock import london_date
from engine.errors import NotFound
from engine.history import instant, read_instant
from engine.store.figures import FIGURES, Count, Times
from engine.store.lists import CaseLine

#: What figures call it when a plan that had ended is made active again.
REINSTATED = "PLAN_REINSTATED"
#: How far back figures by month go.
MONTHS = 12
#: Days since which a plan's pathway has been under way, the longest first; and since which a task is late.
STARTED_BOUNDS, LATE_BOUNDS = (365, 183, 91), (28, 7)
AGES: Mapping[str, tuple[str, ...]] = {
    "plans": ("Over a year", "6 to 12 months", "3 to 6 months", "Up to 3 months"),
    "overdue": ("Over 4 weeks", "1 to 4 weeks", "Up to a week"),
    "in_tray": ("Over 4 weeks", "1 to 4 weeks", "Up to a week"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its rows and columns in their order, as ids with words, and how many each pair counts."""

    id: str
    rows: tuple[tuple[str, str], ...]
    columns: tuple[tuple[str, str], ...]
    numbers: Mapping[tuple[str, str], int]

    @property
    def total(self) -> int:
        """Everything that the figure counts."""
        return sum(self.numbers.values())

    def of_row(self, row: str) -> int:
        """What one row counts."""
        return sum(number for (one, _), number in self.numbers.items() if one == row)


@dataclass(frozen=True, slots=True)
class Counted:
    """What a number is made of: how many things in how many cases, and some of the cases, each with how many."""

    things: int
    cases: int
    lines: tuple[tuple[CaseLine, int], ...]


@dataclass(frozen=True, slots=True)
class Answering:
    """How long a role took to answer what was put before it, in working days: how many, half within, longest."""

    role: str
    title: str
    answered: int
    half_within: float
    longest: int


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Every figure of an authority on a day, counted for one person."""

    on: date
    figures: Mapping[str, Figure]
    answering: tuple[Answering, ...]


class Dashboards(Importing):
    """The figures of casework."""

    def dashboard(self, by: Practitioner) -> Dashboard:
        """Every figure, counted over the cases that the person may see. Raises Forbidden."""
        by.must_hold(*SUPERVISING_ROLES, AUDITOR)
        on, viewer = london_date(self._clock.now()), viewer_of(by)
        times, authority = _times(on), self.authority(by.authority)
        titles = self._titles_here(by.authority)
        figures = {}
        for name in FIGURES:
            counts = self._store.figures.counts(by.authority, name, times, viewer)
            figures[name] = _figure(name, counts, on, authority, titles)
        spans = self._store.figures.spans(by.authority, "answer", times, viewer)
        return Dashboard(on, figures, _answering(spans, authority))

    def counted_cases(
        self, by: Practitioner, figure: str, *, row: str | None, column: str | None, after: str = "", most: int = 50
    ) -> Counted:
        """What a number of a figure is made of: its cases by reference, past `after`. Raises NotFound."""
        by.must_hold(*SUPERVISING_ROLES, AUDITOR)
        if figure not in FIGURES:
            raise NotFound(f"There is no figure {figure[:40]}.")
        times = _times(london_date(self._clock.now()))
        found = self._store.figures.cases(
            by.authority, figure, times, viewer_of(by), row=row, column=column, after=after, most=most
        )
        lines = [(self._store.lists.case(by.authority, case), number) for case, number in found.lines]
        told = tuple((line, number) for line, number in lines if line is not None)
        return Counted(found.things, found.cases, told)

    def _titles_here(self, authority: str) -> dict[str, str]:
        """What pathways, their steps and their outcomes are called by what is deployed now."""
        steps: dict[str, str] = {REINSTATED: "Made active again"}
        pathways: dict[str, str] = {}
        for name, release in self._shelf.deployments(authority).items():
            pathway = self._shelf.legible(authority, release)
            if pathway is not None:
                steps |= {element.id: element.label for element in pathway.elements.values() if element.name}
                pathways[name] = pathway.release.title
        return steps | pathways


def _times(on: date) -> Times:
    first = date(on.year - 1, on.month, 1)
    return Times(
        today=on.isoformat(),
        since=instant(start_of_day(first)),
        started=tuple(instant(start_of_day(on - timedelta(days=days))) for days in STARTED_BOUNDS),
        due=tuple((on - timedelta(days=days)).isoformat() for days in LATE_BOUNDS),
    )


def _figure(name: str, counts: list[Count], on: date, authority: Authority, titles: Mapping[str, str]) -> Figure:
    numbers = {(count.row, count.column): count.number for count in counts}
    rows = list(dict.fromkeys(count.row for count in counts))
    if name in ("endings", "departures"):
        rows = _months(on)
    if name == "deadlines":
        rows.sort(key=clause_order)
    columns = sorted({count.column for count in counts})
    if name in AGES:
        named = [(str(position), words) for position, words in enumerate(AGES[name])]
        columns_said = tuple(named)
    elif name == "deadlines":
        columns_said = (("in time", "In time"), ("late", "Late"))
    else:
        columns_said = tuple((one, titles.get(one) or _words(one)) for one in columns)

    def said(row: str) -> str:
        if name == "plans":
            return titles.get(row, row.replace("_", " ")) if row else "Nothing under way"
        if name in ("overdue", "in_tray", "answers"):
            return " or ".join(authority.role_title(role) for role in row.split()) or "Anybody on the case"
        if name in ("endings", "departures"):
            return date.fromisoformat(f"{row}-01").strftime("%B %Y")
        return row or "No clause named"

    return Figure(name, tuple((row, said(row)) for row in rows), columns_said, numbers)


def _words(code: str) -> str:
    text = code.replace("_", " ")
    return text.capitalize() if code.isupper() or code.islower() else text


def _months(on: date) -> list[str]:
    """The months counted, the newest first."""
    first = on.year * 12 + on.month - 1
    return [f"{(first - back) // 12}-{(first - back) % 12 + 1:02d}" for back in range(MONTHS + 1)]


def _answering(spans: list[tuple[str, str, str]], authority: Authority) -> tuple[Answering, ...]:
    days: dict[str, list[int]] = {}
    for role, since, until in spans:
        began, ended = london_date(read_instant(since)), london_date(read_instant(until))
        days.setdefault(role, []).append(authority.calendar.working_days_between(began, ended))
    return tuple(
        Answering(role, authority.role_title(role), len(taken), median(taken), max(taken))
        for role, taken in sorted(days.items())
    )

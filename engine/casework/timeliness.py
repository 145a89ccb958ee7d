"""Figures over the times that pathways waited: how long at each element, and how near to each clause's deadline."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import ceil

from engine.store.finds import Figures

#: What became of a step that had a due date: done in time or late, left undone past it, not needed any more before it,
#: open past it, and open before it.
RESULTS = ("in time", "late", "not done", "not needed", "overdue", "still to come")


@dataclass(frozen=True, slots=True)
class Spread:
    """Some numbers of days: the least, the middle, nine tenths, the most; None where there are none."""

    least: int | None = None
    quarter: int | None = None
    median: float | None = None
    three_quarters: int | None = None
    ninety: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class ClauseTimes:
    """How the deadlines that a clause sets were kept.

    counts   how many steps came to each of RESULTS
    spread   days after the due date of the steps that were done; a negative number is before it
    unit     'working days', 'days', or 'days, some of them working days' where a clause has deadlines of both kinds
    """

    clause: str
    counts: Mapping[str, int]
    spread: Spread
    unit: str

    @property
    def total(self) -> int:
        """Every step with a due date under the clause."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class ElementTimes:
    """What happened at an element: how often it was passed, waited at and left, how many wait now, and how long."""

    process: str
    element: str
    passed: int
    ended: int = 0
    waiting: int = 0
    withdrawn: int = 0
    spread: Spread = field(default_factory=Spread)
    unit: str = ""


def spread(days: Iterable[int]) -> Spread:
    """How numbers of days are spread; nine tenths of them are at most `ninety` (nearest rank)."""
    ordered = sorted(days)
    if not ordered:
        return Spread()

    def rank(share: float) -> int:
        return ordered[max(ceil(share * len(ordered)) - 1, 0)]

    middle = len(ordered) // 2
    median = float(ordered[middle]) if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    return Spread(ordered[0], rank(0.25), median, rank(0.75), rank(0.9), ordered[-1])


def by_clause(stays: Iterable[Figures], today: str) -> tuple[ClauseTimes, ...]:
    """How each clause's deadlines were kept; a step that serves several clauses counts under each."""
    counts: dict[str, Counter[str]] = {}
    late: dict[str, list[int]] = {}
    units: dict[str, set[bool]] = {}
    for stay in stays:
        result = result_of(stay, today)
        if result is None:
            continue
        for clause in stay.clauses.split() or [""]:
            counts.setdefault(clause, Counter())[result] += 1
            units.setdefault(clause, set()).add(stay.in_working_days)
            if stay.ending == "done" and stay.late is not None:
                late.setdefault(clause, []).append(stay.late)
    return tuple(
        ClauseTimes(
            clause,
            {result: counts[clause][result] for result in RESULTS},
            spread(late.get(clause, ())),
            _unit(units[clause]),
        )
        for clause in sorted(counts, key=clause_order)
    )


def result_of(stay: Figures, today: str) -> str | None:
    """What became of a step with a due date, one of RESULTS; None where it has none."""
    if stay.due_on is None:
        return None
    if not stay.ending:
        return "overdue" if stay.due_on < today else "still to come"
    passed = (stay.late or 0) > 0
    if stay.ending == "done":
        return "late" if passed else "in time"
    return "not done" if passed else "not needed"


def by_element(passed: Mapping[tuple[str, str], int], stays: Iterable[Figures]) -> tuple[ElementTimes, ...]:
    """What happened at each element, by process and element.

    A wait is counted in working days where the element has a deadline in working days, else in calendar days.
    """
    took: dict[tuple[str, str], list[int]] = {}
    endings: dict[tuple[str, str], Counter[str]] = {}
    units: dict[tuple[str, str], set[bool]] = {}
    for stay in stays:
        place = (stay.process, stay.element)
        endings.setdefault(place, Counter())[stay.ending] += 1
        units.setdefault(place, set()).add(stay.in_working_days)
        if stay.ending == "done" and stay.days is not None:
            took.setdefault(place, []).append(stay.days)
    return tuple(
        ElementTimes(
            *place,
            passed.get(place, 0),
            endings.get(place, Counter())["done"],
            endings.get(place, Counter())[""],
            endings.get(place, Counter())["withdrawn"],
            spread(took.get(place, ())),
            _unit(units[place]) if place in units else "",
        )
        for place in sorted({*passed, *endings})
    )


def clauses_in_order(clauses: str) -> str:
    """Clause ids as a step or a matter names them, parted by spaces: each once, the same whatever their order was."""
    return " ".join(sorted(set(clauses.split()), key=clause_order))


def clause_order(clause: str) -> tuple[tuple[int, str], ...]:
    """CAM-5.4 comes before CAM-5.10."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", clause))


def _unit(units: set[bool]) -> str:
    if units == {True}:
        return "working days"
    return "days" if units == {False} else "days, some of them working days"

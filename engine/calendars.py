"""Working days, and due dates that can explain themselves.

No policy defines a working day. The reading built here (deadlines.md, calendar rules): Monday to Friday less
England's bank holidays and the authority's own closure days, in Europe/London; day 0 is the anchor whether or not
anybody works on it; a deadline is the end of day n; plain days, weeks and months are calendar time.

A calendar is an explicit list of dates. It is made once from the `holidays` library, kept under the hash of its
content and read back from what was kept, so that no upgrade of the library moves a deadline already given.
"""

from __future__ import annotations

import calendar as gregorian
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from types import MappingProxyType
from typing import Any

import orjson

from engine.clock import LONDON, end_of_day, london_date, start_of_day
from engine.errors import Refused, Unreadable

__all__ = [
    "LONDON",
    "Calendar",
    "DueDate",
    "NotOnCalendar",
    "age_on",
    "birthday",
    "eighteenth_birthday",
    "end_of_day",
    "england_calendar",
    "explain",
    "london_date",
    "spoken",
    "start_of_day",
]

#: The years whose bank holidays a new calendar lists.
FIRST_YEAR, LAST_YEAR = 2010, 2045
#: Which holidays the library knows a nation's bank holidays by.
NATIONS = {"england": "ENG"}
WEEKEND = (5, 6)


class NotOnCalendar(Refused):
    """A date lies outside the years whose holidays the calendar lists, or a count makes no sense."""


@dataclass(frozen=True, slots=True)
class DueDate:
    """A date, and why it is that date.

    explanation  rule ('working days after', 'working days before', 'days after', 'weeks after', 'months after'),
                 anchor (ISO date), count, unit, calendar (its version) and skipped: one entry for each bank holiday,
                 closure day or weekend passed over, {"date", "why"}, with "to" where it is more than one day.
    """

    on: date
    explanation: dict[str, Any]

    def sentence(self) -> str:
        """The explanation as a caseworker reads it."""
        return explain(self.on, self.explanation)


@dataclass(frozen=True, eq=False)
class Calendar:
    """The days on which one authority does not work, listed; `version` is the hash of that list.

    nation     whose bank holidays they are ('england')
    holidays   date to reason: bank holidays and the authority's closure days, nothing else
    closures   those of them that are the authority's own
    years      the first and last year listed; a count that leaves them is refused, never guessed
    """

    nation: str
    holidays: Mapping[date, str]
    closures: Mapping[date, str] = field(default_factory=dict)
    years: tuple[int, int] = (FIRST_YEAR, LAST_YEAR)
    version: str = field(init=False)
    _idle: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        set_once = object.__setattr__
        set_once(self, "closures", MappingProxyType(dict(sorted(self.closures.items()))))
        set_once(self, "holidays", MappingProxyType(dict(sorted({**self.holidays, **self.closures}.items()))))
        for on in self.holidays:
            self._check(on)
        set_once(self, "_idle", tuple(on.toordinal() for on in self.holidays if on.weekday() not in WEEKEND))
        content = orjson.dumps(self.to_document(), option=orjson.OPT_SORT_KEYS)
        set_once(self, "version", f"sha256:{sha256(content).hexdigest()}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Calendar) and self.version == other.version

    def __hash__(self) -> int:
        return hash(self.version)

    def is_working_day(self, on: date) -> bool:
        """Whether the authority works on this date. Raises NotOnCalendar outside the years listed."""
        self._check(on)
        return on.weekday() not in WEEKEND and on not in self.holidays

    def working_days_between(self, a: date, b: date) -> int:
        """How many working days after `a` the date `b` is: day 0 is `a`; negative when `b` comes first (SOU-9.5)."""
        self._check(a)
        self._check(b)
        return self._worked(b) - self._worked(a)

    def working_days_after(self, anchor: date, count: int) -> DueDate:
        """The date of day `count`, day 0 being the anchor (0 is the anchor itself). Raises NotOnCalendar."""
        self._check(anchor)
        self._check_count(count, "after")
        on, left = anchor, count
        while left:
            on = _shifted(on, 1)
            left -= self.is_working_day(on)
        return self._due(on, "working days after", anchor, count, "working days", self._skipped(anchor, on))

    def working_days_before(self, anchor: date, count: int) -> DueDate:
        """The latest date that leaves at least `count` working days before the anchor (SOU-9.5).

        It is the latest date for which `working_days_between(date, anchor) >= count`, so it may be a Sunday. With 0
        it is the anchor itself. Raises NotOnCalendar.
        """
        self._check(anchor)
        self._check_count(count, "before")
        on, left = anchor, count
        while left:
            left -= self.is_working_day(on)
            on = _shifted(on, -1)
        return self._due(on, "working days before", anchor, count, "working days", self._skipped(on, anchor))

    def calendar_days_after(self, anchor: date, count: int) -> DueDate:
        """The date `count` calendar days after the anchor; negative counts go back. Raises NotOnCalendar past 9999."""
        return self._due(_shifted(anchor, count), "days after", anchor, count, "days", [])

    def weeks_after(self, anchor: date, count: int) -> DueDate:
        """The same weekday `count` weeks after the anchor; negative counts go back. Raises NotOnCalendar."""
        return self._due(_shifted(anchor, 7 * count), "weeks after", anchor, count, "weeks", [])

    def months_after(self, anchor: date, count: int) -> DueDate:
        """The same day of the month `count` calendar months on, or that month's last day where it is shorter.

        Negative counts go back. Raises NotOnCalendar.
        """
        year, month = divmod(anchor.year * 12 + anchor.month - 1 + count, 12)
        if not date.min.year <= year <= date.max.year:
            raise NotOnCalendar(f"{count} months after {anchor} is no date. Use a smaller count.")
        last = gregorian.monthrange(year, month + 1)[1]
        on = date(year, month + 1, min(anchor.day, last))
        return self._due(on, "months after", anchor, count, "months", [])

    def to_document(self) -> dict[str, Any]:
        """What is kept under `version`: JSON only, every date written out."""
        return {
            "nation": self.nation,
            "years": list(self.years),
            "holidays": {on.isoformat(): why for on, why in self.holidays.items() if on not in self.closures},
            "closures": {on.isoformat(): why for on, why in self.closures.items()},
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Calendar:
        """The calendar that `to_document` wrote. Raises Unreadable when it is not one."""
        try:
            return cls(
                nation=document["nation"],
                holidays={date.fromisoformat(on): why for on, why in document["holidays"].items()},
                closures={date.fromisoformat(on): why for on, why in document["closures"].items()},
                years=(document["years"][0], document["years"][1]),
            )
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise Unreadable("A kept calendar cannot be read: it is not what was written.") from error

    def _worked(self, on: date) -> int:
        """Working days from the year 1 to this date, so that a difference of two is a count."""
        days = on.toordinal()
        weeks, rest = divmod(days, 7)  # day 1 of year 1 was a Monday
        return weeks * 5 + min(rest, 5) - bisect_right(self._idle, days)

    def _check(self, on: date) -> None:
        first, last = self.years
        if not first <= on.year <= last:
            raise NotOnCalendar(
                f"{on} is outside the years {first} to {last} whose holidays are known. Check the date."
            )

    @staticmethod
    def _check_count(count: int, word: str) -> None:
        if count < 0:
            other = "before" if word == "after" else "after"
            raise NotOnCalendar(f"{count} working days {word} a date cannot be counted. Count {other} it instead.")

    def _skipped(self, first: date, last: date) -> list[dict[str, str]]:
        """The days after `first`, up to `last`, on which nobody worked; a weekend is one entry."""
        skipped: list[dict[str, str]] = []
        for ordinal in range(first.toordinal() + 1, last.toordinal() + 1):
            on = date.fromordinal(ordinal)
            if on.weekday() not in WEEKEND:
                if on in self.holidays:
                    skipped.append({"date": on.isoformat(), "why": self.holidays[on]})
            elif on.weekday() == WEEKEND[1] and ordinal > first.toordinal() + 1:
                skipped[-1]["to"] = on.isoformat()
            else:
                skipped.append({"date": on.isoformat(), "why": "weekend"})
        return skipped

    def _due(self, on: date, rule: str, anchor: date, count: int, unit: str, skipped: list[dict[str, str]]) -> DueDate:
        return DueDate(
            on,
            {
                "rule": rule,
                "anchor": anchor.isoformat(),
                "count": count,
                "unit": unit,
                "calendar": self.version,
                "skipped": skipped,
            },
        )


def england_calendar(closures: Mapping[date, str] | None = None) -> Calendar:
    """England's bank holidays from 2010 to 2045, with an authority's closure days and their reasons."""
    return Calendar("england", _bank_holidays("england"), closures or {})


@cache
def _bank_holidays(nation: str) -> Mapping[date, str]:
    from holidays import country_holidays  # costs 0.1 s, and only the making of a calendar needs it

    listed = country_holidays("GB", subdiv=NATIONS[nation], years=range(FIRST_YEAR, LAST_YEAR + 1))
    return MappingProxyType({on: str(name) for on, name in sorted(listed.items())})


def _shifted(on: date, days: int) -> date:
    try:
        return on + timedelta(days=days)
    except OverflowError:
        raise NotOnCalendar(f"{days} days after {on} is no date. Use a smaller count.") from None


def birthday(birth: date, years: int) -> date:
    """The date on which a person born on `birth` turns `years`; someone born on 29 February, on 1 March."""
    try:
        return birth.replace(year=birth.year + years)
    except ValueError:
        if birth.year + years > date.max.year:
            raise NotOnCalendar(f"{years} years after {birth} is no date. Check the birth date.") from None
        return date(birth.year + years, 3, 1)


def eighteenth_birthday(birth: date) -> date:
    """The date on which a child turns 18; born on 29 February, on 1 March (deadlines.md, last row)."""
    return birthday(birth, 18)


def age_on(birth: date, on: date) -> int:
    """Whole years of age on a date; born on 29 February, a year older on 1 March. Negative before birth."""
    years = on.year - birth.year
    return years if on >= birthday(birth, years) else years - 1


def spoken(on: date) -> str:
    """A date as letters and pages print it: 2 March 2026."""
    return f"{on.day} {gregorian.month_name[on.month]} {on.year}"


def explain(on: date, explanation: Mapping[str, Any]) -> str:
    """A due date's explanation in one sentence, for the task page and the case's history."""
    anchor = date.fromisoformat(explanation["anchor"])
    count, word = explanation["count"], explanation["rule"].rsplit(" ", 1)[1]
    unit = explanation["unit"] if abs(count) != 1 else explanation["unit"].removesuffix("s")
    if unit == "months" and abs(count) >= 24 and count % 12 == 0:
        # An eighteenth birthday is eighteen years away, and not 216 months.
        count, unit = count // 12, "years"
    if count < 0:
        word = "before"
    sentence = f"{_weekday(on)} is {abs(count)} {unit} {word} {_weekday(anchor)}"
    if word == "before" and explanation["unit"] == "working days":
        sentence = f"{_weekday(on)} is the latest day that leaves {count} {unit} before {_weekday(anchor)}"
    passed = [item for item in explanation["skipped"] if item["why"] != "weekend"]
    weekends = len(explanation["skipped"]) - len(passed)
    reasons = [f"{item['why']} ({spoken(date.fromisoformat(item['date']))})" for item in passed]
    if weekends:
        reasons.insert(0, "1 weekend" if weekends == 1 else f"{weekends} weekends")
    return f"{sentence}, not counting {_listed(reasons)}." if reasons else f"{sentence}."


def _weekday(on: date) -> str:
    return f"{gregorian.day_name[on.weekday()]} {spoken(on)}"


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"

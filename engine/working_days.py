"""Calendar functions for FEEL: working days, ages and deadlines, as diagrams, tables, forms and letters write them.

    working days after(case.plan_start_date, 10)
    working days between(contacted_on, case.next_review_conference_date) >= 25

Each takes dates, dates and times (their London date) or ISO texts. They count on the authority's calendar, which is
handed in as `environment.extras["calendar"]`; those that give a date add to `environment.explanations` why it is that
date. An argument that will not do (null, a broken date, half a day) gives null and a diagnostic.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine.calendars import LONDON, Calendar, DueDate, NotOnCalendar, age_on, end_of_day
from engine.feel import Date, DateTime, Environment, ExtensionFunction, ExtensionRefusal, Extensions, kind_of


def _calendar(environment: Environment) -> Calendar:
    calendar = environment.extras.get("calendar")
    if not isinstance(calendar, Calendar):
        raise ExtensionRefusal("No calendar was handed in to count on.")
    return calendar


def _day(value: Any, name: str) -> date:
    """The London date of a FEEL date, a date and time or an ISO text. Raises ExtensionRefusal."""
    try:
        if isinstance(value, Date):
            return value.to_python()
        if isinstance(value, str) and len(value) == 10:
            return date.fromisoformat(value)
        if isinstance(value, DateTime | str):
            moment = value.to_python() if isinstance(value, DateTime) else datetime.fromisoformat(value)
            return (moment.astimezone(LONDON) if moment.tzinfo is not None else moment).date()
    except (ValueError, OverflowError):
        raise ExtensionRefusal(f"{name} is no date that can be counted with. Write it as 2026-03-02.") from None
    raise ExtensionRefusal(f"{name} takes a date and was given {kind_of(value)}.")


def _count(value: Any, name: str = "count") -> int:
    if not isinstance(value, Decimal):
        raise ExtensionRefusal(f"{name} takes a whole number and was given {kind_of(value)}.")
    if value != value.to_integral_value() or abs(value) > 1_000_000:
        raise ExtensionRefusal(f"{name} takes a whole number.")
    return int(value)


def _counted(count: Callable[[Calendar, date, int], DueDate]) -> Callable[[Environment, Any, Any], date]:
    """A function of a date and a count that gives a date and says why."""

    def call(environment: Environment, anchor: Any, number: Any) -> date:
        try:
            due = count(_calendar(environment), _day(anchor, "from"), _count(number))
        except NotOnCalendar as refused:
            raise ExtensionRefusal(str(refused)) from None
        environment.explanations.append({**due.explanation, "on": due.on.isoformat()})
        return due.on

    return call


def _between(environment: Environment, first: Any, last: Any) -> int:
    try:
        return _calendar(environment).working_days_between(_day(first, "from"), _day(last, "to"))
    except NotOnCalendar as refused:
        raise ExtensionRefusal(str(refused)) from None


def _is_working_day(environment: Environment, on: Any) -> bool:
    try:
        return _calendar(environment).is_working_day(_day(on, "on"))
    except NotOnCalendar as refused:
        raise ExtensionRefusal(str(refused)) from None


def _age_on(environment: Environment, birth: Any, on: Any) -> int:
    return age_on(_day(birth, "birth date"), _day(on, "on"))


def _end_of_day(environment: Environment, on: Any) -> datetime:
    try:
        return end_of_day(_day(on, "on"))
    except OverflowError:
        raise ExtensionRefusal("on is no date that can be counted with.") from None


#: What an analyst may read about each function: its use, what it gives, and an example with its value.
#: The examples run as tests.
DESCRIPTIONS: dict[str, tuple[str, str, str]] = {
    "working days after": (
        "The date of working day `count`; `from` is day 0, whether or not anybody works on it. Kept until its end.",
        'working days after(date("2026-03-30"), 10)',
        'date("2026-04-15")',
    ),
    "working days before": (
        "The latest date that leaves at least `count` working days before `from`.",
        'working days before(date("2026-04-20"), 25)',
        'date("2026-03-12")',
    ),
    "working days between": (
        "How many working days `to` comes after `from`, which is day 0; negative where it comes before.",
        'working days between(date("2026-03-12"), date("2026-04-20"))',
        "25",
    ),
    "is working day": (
        "Whether the authority works on a date: no weekend, bank holiday or closure day.",
        'is working day(date("2026-04-03"))',
        "false",
    ),
    "age on": (
        "Whole years of age on a date; a child born on 29 February is a year older on 1 March.",
        'age on(date("2008-02-29"), date("2026-02-28"))',
        "17",
    ),
    "days after": (
        "The date `count` calendar days on; negative counts go back.",
        'days after(date("2026-03-30"), 10)',
        'date("2026-04-09")',
    ),
    "weeks after": (
        "The date `count` weeks on; negative counts go back.",
        'weeks after(date("2026-03-02"), 6)',
        'date("2026-04-13")',
    ),
    "months after": (
        "The same day `count` calendar months on, or that month's last day where it is shorter.",
        'months after(date("2026-01-31"), 1)',
        'date("2026-02-28")',
    ),
    "end of day": (
        "The moment at which a London day is over: 00:00 of the next one.",
        'end of day(date("2026-03-29"))',
        'date and time("2026-03-29T23:00:00Z")',
    ),
}

_FUNCTIONS = (
    ExtensionFunction("working days after", ("from", "count"), _counted(Calendar.working_days_after)),
    ExtensionFunction("working days before", ("from", "count"), _counted(Calendar.working_days_before)),
    ExtensionFunction("working days between", ("from", "to"), _between),
    ExtensionFunction("is working day", ("on",), _is_working_day),
    ExtensionFunction("age on", ("birth date", "on"), _age_on),
    ExtensionFunction("days after", ("from", "count"), _counted(Calendar.calendar_days_after)),
    ExtensionFunction("weeks after", ("from", "count"), _counted(Calendar.weeks_after)),
    ExtensionFunction("months after", ("from", "count"), _counted(Calendar.months_after)),
    ExtensionFunction("end of day", ("on",), _end_of_day),
)

#: Handed to every compiler of FEEL in the product.
EXTENSIONS: Extensions = {function.name: function for function in _FUNCTIONS}

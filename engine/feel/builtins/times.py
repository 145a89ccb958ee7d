"""Built-in functions of dates and times (DMN 1.5, 10.3.4.6, 10.3.4.7 and 10.3.4.10)."""

from __future__ import annotations

from decimal import Decimal

from engine.feel import temporal
from engine.feel.builtins.registry import Refusal, builtin
from engine.feel.evaluation import Evaluation
from engine.feel.operators import same
from engine.feel.temporal import Date, DateTime, Time
from engine.feel.values import Range, Value

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def _day(value: Date | DateTime) -> Date:
    return value.date if isinstance(value, DateTime) else value


@builtin("day of year", "date")
def day_of_year(value: Date | DateTime) -> Value:
    """1 for the first of January."""
    day = _day(value)
    return Decimal(day.days - temporal.days_from_civil(day.year, 1, 1) + 1)


@builtin("day of week", "date")
def day_of_week(value: Date | DateTime) -> Value:
    """Monday to Sunday, in English."""
    return _DAYS[_day(value).weekday - 1]


@builtin("month of year", "date")
def month_of_year(value: Date | DateTime) -> Value:
    """January to December, in English."""
    return _MONTHS[_day(value).month - 1]


@builtin("week of year", "date")
def week_of_year(value: Date | DateTime) -> Value:
    """The week by ISO 8601: the first is the one that holds the first Thursday."""
    day = _day(value)
    thursday = day.days - day.weekday + 4
    year = temporal.civil_from_days(thursday)[0]
    return Decimal((thursday - temporal.days_from_civil(year, 1, 1)) // 7 + 1)


@builtin("now", "", pure=False, run=True)
def now(run: Evaluation) -> Value:
    """The time handed in with the evaluation."""
    moment = run.environment.now
    if moment is None:
        raise Refusal("no time was handed in.")
    return temporal.from_python(moment)


@builtin("today", "", pure=False, run=True)
def today(run: Evaluation) -> Value:
    """The date of the time handed in, in its own zone."""
    moment = run.environment.now
    if moment is None:
        raise Refusal("no time was handed in.")
    return Date(moment.year, moment.month, moment.day)


@builtin("is", "value1: any, value2: any")
def identical(left: Value, right: Value) -> Value:
    """Whether both are the same element of the same kind: a time zone counts, as = does not (table 81)."""
    return same_element(left, right, {})


def same_element(left: Value, right: Value, known: dict[tuple[int, int], bool]) -> bool:
    """Whether two values are the same element; `known` remembers every pair of containers already compared."""
    if type(left) is not type(right):
        return False
    if isinstance(left, Time | DateTime | Range):
        return bool(left == right)
    if not isinstance(left, list | dict):
        return same(left, right)
    pair = (id(left), id(right))
    if pair not in known:
        if isinstance(left, list):
            pairs = list(zip(left, right, strict=False))
            known[pair] = len(left) == len(right)
        else:
            pairs = [(item, right.get(name)) for name, item in left.items()]
            known[pair] = left.keys() == right.keys()
        known[pair] = known[pair] and all(same_element(one, other, known) for one, other in pairs)
    return known[pair]

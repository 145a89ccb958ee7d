"""Built-in functions that make values of one kind from another (DMN 1.5, 10.3.4.1)."""

from __future__ import annotations

import re
from decimal import Decimal

from engine.feel import temporal
from engine.feel.builtins.registry import Refusal, builtin
from engine.feel.evaluation import Evaluation
from engine.feel.printer import range_from_text, text_of
from engine.feel.temporal import Date, DateTime, DayTimeDuration, Time, YearMonthDuration
from engine.feel.values import NUMBERS, Value


def _read(what: str, text: str) -> Value:
    """A value from its text; texts have spaces around them in no lexical form."""
    try:
        return getattr(temporal, "read_" + what)(text)
    except ValueError as error:
        raise Refusal(f"the text is not a {what.replace('_', ' and ')}.", "conversion") from error


def _made(make: object, *parts: object) -> Value:
    try:
        return make(*parts)  # type: ignore[operator]  # one of our own classes
    except ValueError as error:
        raise Refusal("there is no such date or time.", "conversion") from error


def _integer(number: Decimal) -> int:
    if number != number.to_integral_value():
        raise Refusal("the parts of a date or time must be whole.")
    return int(number) if abs(number) < 10**12 else 10**12


@builtin("date", "from: string")
def date_from_text(text: str) -> Value:
    """A date from ISO text."""
    return _read("date", text)


@builtin("date", "from: date")
def date_from_moment(value: Date | DateTime) -> Value:
    """The date of a date and time."""
    return value.date if isinstance(value, DateTime) else value


@builtin("date", "year: number, month: number, day: number")
def date_from_parts(year: Decimal, month: Decimal, day: Decimal) -> Value:
    """A date from its parts."""
    return _made(Date, _integer(year), _integer(month), _integer(day))


@builtin("date and time", "from: string")
def moment_from_text(text: str) -> Value:
    """A date and time from ISO text; a date alone means its midnight."""
    return _read("date_time", text)


@builtin("date and time", "date, time")
def moment_from_parts(day: Date | DateTime, time: Time) -> Value:
    """A date (or that of a date and time) with a time of day."""
    return DateTime(day.date if isinstance(day, DateTime) else day, time)


@builtin("date and time", "date: date and time, timezone: string")
def moment_in_zone(moment: DateTime, zone: str) -> Value:
    """The same moment, shown in another zone."""
    if moment.local:
        raise Refusal("the date and time has no zone to begin with.")
    try:
        offset = temporal.zone_offset_at(zone, moment.instant)
        shown = moment.nanoseconds + offset * temporal.SECOND
        days, rest = divmod(shown, temporal.DAY * temporal.SECOND)
        return DateTime(Date.from_days(days), Time(0, 0, 0, 0, None, zone).at(rest))
    except ValueError as error:
        raise Refusal("there is no such zone.", "conversion") from error


_PARTS = "year: number, month: number, day: number, hour: number, minute: number, second: number"


@builtin("date and time", _PARTS)
def moment_from_numbers(
    year: Decimal, month: Decimal, day: Decimal, hour: Decimal, minute: Decimal, second: Decimal
) -> Value:
    """A local date and time from its parts."""
    return DateTime(date_from_parts(year, month, day), time_from_parts(hour, minute, second))


@builtin("date and time", _PARTS + ", offset: days and time duration~")
def moment_with_offset(
    year: Decimal,
    month: Decimal,
    day: Decimal,
    hour: Decimal,
    minute: Decimal,
    second: Decimal,
    offset: DayTimeDuration | None,
) -> Value:
    """A date and time from its parts, with an offset from UTC."""
    return DateTime(date_from_parts(year, month, day), time_from_parts(hour, minute, second, offset))


@builtin("date and time", _PARTS + ", timezone: string")
def moment_with_zone(
    year: Decimal, month: Decimal, day: Decimal, hour: Decimal, minute: Decimal, second: Decimal, zone: str
) -> Value:
    """A date and time from its parts, in a named zone."""
    clock = time_from_parts(hour, minute, second)
    named = _made(Time, clock.hour, clock.minute, clock.second, clock.nanosecond, None, zone)
    return DateTime(date_from_parts(year, month, day), named)


@builtin("time", "from: string")
def time_from_text(text: str) -> Value:
    """A time from ISO text."""
    return _read("time", text)


@builtin("time", "from: moment")
def time_from_moment(value: Time | DateTime) -> Value:
    """The time of a date and time."""
    return value.time if isinstance(value, DateTime) else value


@builtin("time", "from: day")
def time_from_date(value: Date) -> Value:
    """The midnight of a date, UTC."""
    del value
    return Time(0, 0, 0, 0, 0)


@builtin("time", "hour: number, minute: number, second: number, offset: days and time duration=~")
def time_from_parts(hour: Decimal, minute: Decimal, second: Decimal, offset: DayTimeDuration | None = None) -> Value:
    """A time from its parts; the second may have nine decimal places."""
    if not 0 <= second < 60:
        raise Refusal("there is no such date or time.", "conversion")
    whole = int(second)
    nano = int((second - whole) * temporal.SECOND)
    shift = None
    if offset is not None:
        if offset.nanoseconds % temporal.SECOND:
            raise Refusal("offset must be in whole seconds.")
        shift = offset.nanoseconds // temporal.SECOND
    return _made(Time, _integer(hour), _integer(minute), whole, nano, shift)


@builtin("duration", "from: string")
def duration_from_text(text: str) -> Value:
    """A duration from ISO text."""
    return _read("duration", text)


@builtin("duration", "from: temporal")
def duration_from_duration(value: Value) -> Value:
    """The duration itself."""
    if not isinstance(value, DayTimeDuration | YearMonthDuration):
        raise Refusal("from must be a string.")
    return value


@builtin("years and months duration", "from: date, to: date")
def months_between(start: Date | DateTime, end: Date | DateTime) -> Value:
    """The whole months from one date to another, negative where the second is earlier."""
    first = start.date if isinstance(start, DateTime) else start
    last = end.date if isinstance(end, DateTime) else end
    months = (last.year - first.year) * 12 + last.month - first.month
    if months > 0 and last.day < first.day:
        months -= 1
    elif months < 0 and last.day > first.day:
        months += 1
    return YearMonthDuration(months)


_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,5})?")


@builtin("number", "from: string, grouping separator: string=~, decimal separator: string=~")
def number(text: str, grouping: str | None = None, point: str | None = None) -> Value:
    """A number from text, with its own signs for grouping (space, comma, point) and for decimals (comma, point)."""
    if grouping not in (None, " ", ",", "."):
        raise Refusal("grouping separator must be a space, a comma or a point.")
    if point not in (None, ",", "."):
        raise Refusal("decimal separator must be a comma or a point.")
    if grouping is not None and grouping == point:
        raise Refusal("the two separators are the same.")
    if grouping is not None:
        text = text.replace(grouping, "")
    if point == ",":
        if "." in text:
            raise Refusal("the text is not a number.", "conversion")
        text = text.replace(",", ".")
    if len(text) > 7000 or not _NUMBER.fullmatch(text):
        raise Refusal("the text is not a number.", "conversion")
    return NUMBERS.create_decimal(text)


@builtin("string", "from: any", run=True)
def string(run: Evaluation, value: Value) -> Value:
    """The text of a value; a string is itself, null stays null."""
    if value is None:
        return None
    return text_of(value, run.limits.letters)


@builtin("range", "from: string")
def range_of_text(text: str) -> Value:
    """A range from its text, with literals for ends."""
    found = range_from_text(text)
    if found is None:
        raise Refusal("the text is not a range with literal ends in order.", "conversion")
    return found

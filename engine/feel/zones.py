"""The calendar for any year, and the offsets of named time zones."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SECOND = 1_000_000_000  # in nanoseconds
DAY = 86_400  # in seconds


def days_from_civil(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 in the proleptic Gregorian calendar, for any year."""
    year -= month <= 2
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def civil_from_days(days: int) -> tuple[int, int, int]:
    """The year, month and day of a count of days since 1970-01-01."""
    days += 719_468
    era = days // 146_097
    of_era = days - era * 146_097
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    shifted = (5 * of_year + 2) // 153
    day = of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + (3 if shifted < 10 else -9)
    return year + era * 400 + (month <= 2), month, day


def days_in_month(year: int, month: int) -> int:
    """How many days the month has."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


@lru_cache(maxsize=1024)
def zone_named(name: str) -> ZoneInfo:
    """The named zone. Raises ValueError where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("no such zone") from error


def zone_offset(name: str, days: int, in_day: int) -> int:
    """Seconds east of UTC of a local time in a zone: days since 1970 and seconds of the day.

    Years that Python lacks take the rules of one it knows.
    """
    year, month, day = civil_from_days(days)
    clock = (in_day // 3600, in_day // 60 % 60, in_day % 60)
    moment = dt.datetime(_known_year(year), month, day, *clock, tzinfo=zone_named(name))
    return whole_seconds(moment.utcoffset())


def zone_offset_at(name: str, instant: int) -> int:
    """Seconds east of UTC in a zone at a moment (seconds since 1970)."""
    days, in_day = divmod(instant, DAY)
    year, month, day = civil_from_days(days)
    moment = dt.datetime(_known_year(year), month, day, in_day // 3600, in_day // 60 % 60, in_day % 60, tzinfo=dt.UTC)
    return whole_seconds(moment.astimezone(zone_named(name)).utcoffset())


@lru_cache(maxsize=1024)
def standard_offset(name: str) -> int:
    """Seconds east of UTC of a zone's standard time."""
    moment = dt.datetime(2020, 1, 1, tzinfo=zone_named(name))
    return whole_seconds(moment.utcoffset()) - whole_seconds(moment.dst())


def _known_year(year: int) -> int:
    """A year within Python's range with the same leap rule and weekdays; before the first rule all are alike."""
    if 1 < year < 9999:
        return year
    return 2000 + year % 400 if year >= 9999 else 400 + year % 400


def whole_seconds(delta: dt.timedelta | None) -> int:
    """A timedelta in seconds, none where there is none."""
    return 0 if delta is None else delta.days * DAY + delta.seconds


def python_zone(offset: int | None, zone: str | None) -> dt.tzinfo | None:
    """Python's own zone of an offset in seconds or a name."""
    if zone is not None:
        return zone_named(zone)
    return None if offset is None else dt.timezone(dt.timedelta(seconds=offset))

"""Dates, times and durations: any year of nine digits, nanoseconds, offsets and named zones (DMN 1.5, 10.3.2.3.4-9).

Python's datetime knows the years 1 to 9999 and microseconds only, so these are our own. All are immutable and
hashable; str() gives ISO 8601 text, with `@Europe/London` after a time in a named zone.

What the values compare by is 10.3.2.3's value function, which counts whole seconds for times and date and times; the
fraction of a second is kept for arithmetic, text and is().
"""

from __future__ import annotations

import datetime as dt
import re

from engine.feel.durations import MAX_YEAR, DayTimeDuration, Temporal, YearMonthDuration, fraction, put
from engine.feel.zones import (
    DAY,
    SECOND,
    civil_from_days,
    days_from_civil,
    days_in_month,
    python_zone,
    standard_offset,
    whole_seconds,
    zone_named,
    zone_offset,
    zone_offset_at,
)

__all__ = [
    "DAY",
    "SECOND",
    "Date",
    "DateTime",
    "DayTimeDuration",
    "Temporal",
    "Time",
    "YearMonthDuration",
    "civil_from_days",
    "days_from_civil",
    "from_python",
    "read_date",
    "read_date_time",
    "read_duration",
    "read_temporal",
    "read_time",
    "zone_offset_at",
]

_MAX_OFFSET = 18 * 3600


class Date(Temporal):
    """A day. `days` counts from 1970-01-01. Raises ValueError for a day that does not exist."""

    __slots__ = ("day", "days", "month", "year")
    kind = "date"
    year: int
    month: int
    day: int
    days: int

    def __init__(self, year: int, month: int, day: int) -> None:
        if not -MAX_YEAR <= year <= MAX_YEAR or not 1 <= month <= 12 or not 1 <= day <= days_in_month(year, month):
            raise ValueError("no such date")
        put(self, "year", year)
        put(self, "month", month)
        put(self, "day", day)
        put(self, "days", days_from_civil(year, month, day))

    @classmethod
    def from_days(cls, days: int) -> Date:
        """The day that is so many days after 1970-01-01."""
        return cls(*civil_from_days(days))

    def __eq__(self, other: object) -> bool:
        return type(other) is Date and self.days == other.days

    def __hash__(self) -> int:
        return hash((Date, self.days))

    def __str__(self) -> str:
        return f"{_year(self.year)}-{self.month:02}-{self.day:02}"

    @property
    def value(self) -> int:
        """What dates compare by: days."""
        return self.days

    @property
    def weekday(self) -> int:
        """1 is Monday, 7 is Sunday."""
        return (self.days + 3) % 7 + 1

    def plus_months(self, months: int) -> Date:
        """The same day of another month, or that month's last day where it is shorter."""
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Date(year, month + 1, min(self.day, days_in_month(year, month + 1)))

    def to_python(self) -> dt.date:
        """Python's date. Raises ValueError outside the years 1 to 9999."""
        return dt.date(self.year, self.month, self.day)


class Time(Temporal):
    """A time of day, local or with an offset in seconds or with a named zone. Raises ValueError for no such time."""

    __slots__ = ("hour", "minute", "nanosecond", "offset", "second", "zone")
    kind = "time"
    hour: int
    minute: int
    second: int
    nanosecond: int
    offset: int | None
    zone: str | None

    def __init__(
        self,
        hour: int,
        minute: int,
        second: int,
        nanosecond: int = 0,
        offset: int | None = None,
        zone: str | None = None,
    ) -> None:
        if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60 and 0 <= nanosecond < SECOND):
            raise ValueError("no such time")
        if offset is not None and not -_MAX_OFFSET <= offset <= _MAX_OFFSET:
            raise ValueError("no such offset")
        if zone is not None:
            zone_named(zone)
        put(self, "hour", hour)
        put(self, "minute", minute)
        put(self, "second", second)
        put(self, "nanosecond", nanosecond)
        put(self, "offset", None if zone is not None else offset)
        put(self, "zone", zone)

    def _key(self) -> tuple[object, ...]:
        return (self.hour, self.minute, self.second, self.nanosecond, self.offset, self.zone)

    def __eq__(self, other: object) -> bool:
        return type(other) is Time and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __str__(self) -> str:
        return _clock(self.hour, self.minute, self.second, self.nanosecond) + _zone_text(self.offset, self.zone)

    @property
    def local(self) -> bool:
        """Whether neither offset nor zone is known."""
        return self.offset is None and self.zone is None

    @property
    def offset_seconds(self) -> int | None:
        """Seconds east of UTC; a named zone counts with its standard time, for a time of day has no date."""
        return self.offset if self.zone is None else standard_offset(self.zone)

    @property
    def nanoseconds(self) -> int:
        """Nanoseconds since midnight, on the clock it is written for."""
        return ((self.hour * 60 + self.minute) * 60 + self.second) * SECOND + self.nanosecond

    @property
    def value(self) -> int:
        """What times compare by: whole seconds since midnight UTC, or since midnight where local."""
        return (self.hour * 60 + self.minute) * 60 + self.second - (self.offset_seconds or 0)

    def at(self, nanoseconds: int) -> Time:
        """The time so many nanoseconds after midnight, turning over at midnight, in the same zone."""
        return Time(*_split(nanoseconds % (DAY * SECOND)), self.offset, self.zone)

    def to_python(self) -> dt.time:
        """Python's time, to the microsecond."""
        return dt.time(
            self.hour, self.minute, self.second, self.nanosecond // 1000, python_zone(self.offset, self.zone)
        )


class DateTime(Temporal):
    """A date and a time of day, local or with an offset or a named zone."""

    __slots__ = ("date", "instant", "time")
    kind = "date and time"
    date: Date
    time: Time
    instant: int

    def __init__(self, date: Date, time: Time) -> None:
        put(self, "date", date)
        put(self, "time", time)
        seconds = date.days * DAY + (time.hour * 60 + time.minute) * 60 + time.second
        offset = time.offset if time.zone is None else zone_offset(time.zone, date.days, seconds - date.days * DAY)
        put(self, "instant", seconds - (offset or 0))

    def __eq__(self, other: object) -> bool:
        return type(other) is DateTime and self.date == other.date and self.time == other.time

    def __hash__(self) -> int:
        return hash((self.date, self.time))

    def __str__(self) -> str:
        return f"{self.date}T{self.time}"

    @property
    def local(self) -> bool:
        """Whether neither offset nor zone is known."""
        return self.time.local

    @property
    def value(self) -> int:
        """What date and times compare by: whole seconds since 1970, UTC where the zone is known."""
        return self.instant

    @property
    def nanoseconds(self) -> int:
        """Nanoseconds since 1970, UTC where the zone is known."""
        return self.instant * SECOND + self.time.nanosecond

    @property
    def offset_seconds(self) -> int | None:
        """Seconds east of UTC at this moment, None where local."""
        if self.time.zone is None:
            return self.time.offset
        return self.date.days * DAY + (self.time.hour * 60 + self.time.minute) * 60 + self.time.second - self.instant

    def at(self, nanoseconds: int) -> DateTime:
        """The moment so many nanoseconds after 1970, shown in the same zone."""
        if self.time.zone is None:
            shown = nanoseconds + (self.time.offset or 0) * SECOND
        else:
            shown = nanoseconds + zone_offset_at(self.time.zone, nanoseconds // SECOND) * SECOND
        days, rest = divmod(shown, DAY * SECOND)
        return DateTime(Date.from_days(days), Time(*_split(rest), self.time.offset, self.time.zone))

    def plus_months(self, months: int) -> DateTime:
        """The same time of day, months later."""
        return DateTime(self.date.plus_months(months), self.time)

    def to_python(self) -> dt.datetime:
        """Python's datetime, to the microsecond. Raises ValueError outside the years 1 to 9999."""
        return dt.datetime.combine(self.date.to_python(), self.time.to_python())


# --- text

_DATE = re.compile(r"(-?(?:[1-9][0-9]{4,8}|[0-9]{4}))-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9})[0-9]*)?"
    r"(?:([zZ])|([+-])([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?|@([A-Za-z][A-Za-z0-9_+\-]*(?:/[A-Za-z0-9_+\-]+)*))?"
)
_DAY_TIME = re.compile(
    r"(-)?P(?:([0-9]{1,15})D)?(?:T(?=[0-9])(?:([0-9]{1,15})H)?(?:([0-9]{1,15})M)?"
    r"(?:([0-9]{1,20})(?:\.([0-9]{1,9})[0-9]*)?S)?)?"
)
_YEAR_MONTH = re.compile(r"(-)?P(?:([0-9]{1,12})Y)?(?:([0-9]{1,12})M)?")


def read_date(text: str) -> Date:
    """A date from ISO text, such as 2026-11-22. Raises ValueError."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError("not a date")
    return Date(int(match[1]), int(match[2]), int(match[3]))


def read_time(text: str) -> Time:
    """A time from ISO text, such as 10:30:00, 10:30:00.5+01:00 or 10:30:00@Europe/London. Raises ValueError."""
    time, turns_over = _read_clock(text)
    del turns_over  # 24:00:00 is the midnight that starts a day
    return time


def read_date_time(text: str) -> DateTime:
    """A date and time from ISO text; a date alone means its midnight. Raises ValueError."""
    date_text, separator, clock = text.partition("T")
    date = read_date(date_text)
    if not separator:
        return DateTime(date, Time(0, 0, 0))
    time, turns_over = _read_clock(clock)
    return DateTime(Date.from_days(date.days + 1) if turns_over else date, time)


def read_duration(text: str) -> DayTimeDuration | YearMonthDuration:
    """A duration from ISO text: P1Y2M, or P3DT4H5M6.7S. Raises ValueError, also where months and days mix."""
    match = _YEAR_MONTH.fullmatch(text)
    if match is not None and (match[2] is not None or match[3] is not None):
        months = int(match[2] or 0) * 12 + int(match[3] or 0)
        return YearMonthDuration(-months if match[1] else months)
    match = _DAY_TIME.fullmatch(text)
    if match is None or all(part is None for part in match.groups()[1:]):
        raise ValueError("not a duration")
    seconds = ((int(match[2] or 0) * 24 + int(match[3] or 0)) * 60 + int(match[4] or 0)) * 60 + int(match[5] or 0)
    nano = int((match[6] or "").ljust(9, "0")) if match[6] else 0
    length = seconds * SECOND + nano
    return DayTimeDuration(-length if match[1] else length)


def read_temporal(text: str) -> Date | Time | DateTime | DayTimeDuration | YearMonthDuration:
    """What stands in an @"..." literal (10.3.2.3.4). Raises ValueError."""
    if text.startswith(("P", "-P")):
        return read_duration(text)
    if "T" in text.partition("@")[0]:
        return read_date_time(text)
    return read_time(text) if ":" in text else read_date(text)


def from_python(value: object) -> Temporal:
    """Our own value of a Python date, time, datetime or timedelta."""
    if isinstance(value, dt.datetime):
        return DateTime(Date(value.year, value.month, value.day), _from_python_time(value.timetz(), value.utcoffset()))
    if isinstance(value, dt.date):
        return Date(value.year, value.month, value.day)
    if isinstance(value, dt.time):
        return _from_python_time(value, value.utcoffset())
    if isinstance(value, dt.timedelta):
        return DayTimeDuration(((value.days * DAY + value.seconds) * 1_000_000 + value.microseconds) * 1000)
    raise ValueError("not a date, time or duration")


def _from_python_time(value: dt.time, offset: dt.timedelta | None) -> Time:
    key = getattr(value.tzinfo, "key", None)
    seconds = None if offset is None else whole_seconds(offset)
    return Time(value.hour, value.minute, value.second, value.microsecond * 1000, seconds, key)


def _read_clock(text: str) -> tuple[Time, bool]:
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError("not a time")
    hour, minute, second = int(match[1]), int(match[2]), int(match[3])
    nano = int(match[4].ljust(9, "0")) if match[4] else 0
    offset = None
    if match[5]:
        offset = 0
    elif match[6]:
        if int(match[8]) > 59 or int(match[9] or 0) > 59:
            raise ValueError("no such offset")
        offset = (int(match[7]) * 60 + int(match[8])) * 60 + int(match[9] or 0)
        offset = -offset if match[6] == "-" else offset
    turns_over = hour == 24 and not (minute or second or nano)
    return Time(0 if turns_over else hour, minute, second, nano, offset, match[10]), turns_over


def _year(year: int) -> str:
    return f"{year:04}" if year >= 0 else f"-{-year:04}"


def _clock(hour: int, minute: int, second: int, nano: int) -> str:
    return f"{hour:02}:{minute:02}:{second:02}{fraction(nano)}"


def _zone_text(offset: int | None, zone: str | None) -> str:
    if zone is not None:
        return f"@{zone}"
    if offset is None:
        return ""
    if offset == 0:
        return "Z"
    minutes, seconds = divmod(abs(offset), 60)
    text = f"{'-' if offset < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}"
    return f"{text}:{seconds:02}" if seconds else text


def _split(nanoseconds: int) -> tuple[int, int, int, int]:
    seconds, nano = divmod(nanoseconds, SECOND)
    return seconds // 3600, seconds // 60 % 60, seconds % 60, nano

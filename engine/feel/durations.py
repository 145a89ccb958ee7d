"""The two kinds of duration, which are never comparable (DMN 1.5, 10.3.2.3.7 and 10.3.2.3.8)."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from engine.feel.zones import DAY, SECOND

MAX_YEAR = 999_999_999
_MAX_NANOSECONDS = 2 * MAX_YEAR * 366 * DAY * SECOND
_MAX_MONTHS = 2 * MAX_YEAR * 12


class Temporal:
    """What all dates, times and durations share: they never change."""

    __slots__ = ()
    kind: ClassVar[str]

    @property
    def value(self) -> int:
        """What values of the kind compare by."""
        raise NotImplementedError

    @property
    def local(self) -> bool:
        """Whether no offset and no zone is known; only times and date and times ever have one."""
        return True

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"A FEEL {self.kind} does not change.")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


#: Sets an attribute of a value that is being made.
put = object.__setattr__


def fraction(nano: int) -> str:
    """Nanoseconds as the fraction of a second in a text."""
    return f".{nano:09}".rstrip("0") if nano else ""


class DayTimeDuration(Temporal):
    """A length of time in nanoseconds: days, hours, minutes and seconds. Never comparable with months."""

    __slots__ = ("nanoseconds",)
    kind = "days and time duration"
    nanoseconds: int

    def __init__(self, nanoseconds: int) -> None:
        if not -_MAX_NANOSECONDS <= nanoseconds <= _MAX_NANOSECONDS:
            raise ValueError("no such duration")
        put(self, "nanoseconds", nanoseconds)

    def __eq__(self, other: object) -> bool:
        return type(other) is DayTimeDuration and self.nanoseconds == other.nanoseconds

    def __hash__(self) -> int:
        return hash((DayTimeDuration, self.nanoseconds))

    def __str__(self) -> str:
        days, hours, minutes, seconds, nano = self.parts
        clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
        if seconds or nano:
            clock += f"{seconds}{fraction(nano)}S"
        text = f"P{days}D" if days else "P"
        text += f"T{clock}" if clock else ""
        return ("-" if self.nanoseconds < 0 else "") + (text if text != "P" else "PT0S")

    @property
    def value(self) -> int:
        """What durations compare by: nanoseconds."""
        return self.nanoseconds

    @property
    def parts(self) -> tuple[int, int, int, int, int]:
        """Days, hours, minutes, seconds and nanoseconds, all without sign."""
        seconds, nano = divmod(abs(self.nanoseconds), SECOND)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        days, hours = divmod(hours, 24)
        return days, hours, minutes, seconds, nano

    def to_python(self) -> dt.timedelta:
        """Python's timedelta, to the microsecond. Raises OverflowError past its range."""
        return dt.timedelta(microseconds=self.nanoseconds // 1000)


class YearMonthDuration(Temporal):
    """A length of time in whole months: years and months. Never comparable with days."""

    __slots__ = ("months",)
    kind = "years and months duration"
    months: int

    def __init__(self, months: int) -> None:
        if not -_MAX_MONTHS <= months <= _MAX_MONTHS:
            raise ValueError("no such duration")
        put(self, "months", months)

    def __eq__(self, other: object) -> bool:
        return type(other) is YearMonthDuration and self.months == other.months

    def __hash__(self) -> int:
        return hash((YearMonthDuration, self.months))

    def __str__(self) -> str:
        years, months = divmod(abs(self.months), 12)
        text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return ("-" if self.months < 0 else "") + "P" + (text or "0M")

    @property
    def value(self) -> int:
        """What durations compare by: months."""
        return self.months

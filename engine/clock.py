"""Time is handed in: a clock says what the time is, and nothing below the outermost edge asks the machine."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from engine.errors import Refused, Unreadable

#: The zone in which every policy counts its days.
LONDON = ZoneInfo("Europe/London")


class Clock(Protocol):
    """Whoever knows the time; `now` is an aware UTC datetime."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""


class SystemClock:
    """The machine's own clock: used at the outermost edge and nowhere else."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC)


class ClockForwardOnly(Refused):
    """A demonstration's clock was asked to go back."""

    def __init__(self, now: datetime, to: datetime) -> None:
        super().__init__(
            f"The clock stands at {now.isoformat()} and cannot go back to {to.isoformat()}. Choose a later time."
        )
        self.now, self.to = now, to


class SettableClock:
    """A demonstration's or a scenario's clock: it stands still until it is moved, and it only moves forward."""

    def __init__(self, at: datetime) -> None:
        self._now = aware(at)

    def now(self) -> datetime:
        """The instant to which the clock was last moved, aware, in UTC."""
        return self._now

    def advance_to(self, at: datetime) -> None:
        """Move to `at`. Raises ClockForwardOnly when that is before the present instant."""
        to = aware(at)
        if to < self._now:
            raise ClockForwardOnly(self._now, to)
        self._now = to

    def advance_by(self, duration: timedelta) -> None:
        """Move on by an exact duration. Raises ClockForwardOnly when it is negative."""
        self.advance_to(self._now + duration)


def aware(at: datetime) -> datetime:
    """The same instant in UTC. Raises Unreadable for a time without an offset."""
    if at.tzinfo is None:
        raise Unreadable("A time without an offset was handed in. Use an aware time.")
    return at.astimezone(UTC)


def london_date(at: datetime) -> date:
    """The date on a London calendar at this instant."""
    return _london_date(at) if at.tzinfo is UTC else _london_date(aware(at))


@lru_cache(maxsize=256)
def _london_date(at: datetime) -> date:
    """A command asks several times for the date of its own time."""
    return at.astimezone(LONDON).date()


@lru_cache(maxsize=256)
def london_time(at: datetime) -> datetime:
    """An aware instant on London's clock."""
    return at.astimezone(LONDON)


def start_of_day(on: date) -> datetime:
    """The instant, in UTC, at which this London day begins (00:00)."""
    return datetime(on.year, on.month, on.day, tzinfo=LONDON).astimezone(UTC)


def end_of_day(on: date) -> datetime:
    """The instant, in UTC, at which this London day is over: a deadline on a date is kept until then.

    That is 00:00 of the next London day, so 23:59:59 is in time and the instant itself is late. On the days
    of the two clock changes the day is 23 or 25 hours long.
    """
    return start_of_day(on + timedelta(days=1))

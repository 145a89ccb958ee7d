"""Dates and times as people hand them in: ISO text, text as it was typed, or day, month and year apart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from engine.calendars import LONDON

#: Years that no answer leaves unless its field says so: a mistyped year (0206) is the commonest absurd answer.
FIRST_YEAR, LAST_YEAR = 1900, 2100

_TYPED = re.compile(r"^(\d{1,2})(?:[/.\-]| +)(\d{1,2}|[A-Za-z]{3,9})(?:[/.\-]| +)(\d{4})$")
_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})$")
_TIME = re.compile(r"^(\d{1,2})[:.](\d{2})(?::(\d{2}))?$")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class NotThatMoment(ValueError):
    """The text names no date or time; the message completes 'The answer ...'."""


def read_day(raw: Any) -> date:
    """The date handed in. Raises NotThatMoment."""
    if isinstance(raw, Mapping):
        missing = [part for part in ("day", "month", "year") if not str(raw.get(part) or "").strip()]
        if missing:
            raise NotThatMoment(f"must include a {' and a '.join(missing)}")
        raw = " ".join(str(raw[part]).strip() for part in ("day", "month", "year"))
    if not isinstance(raw, str):
        raise NotThatMoment("must be a real date, such as 27 3 2026")
    text = raw.strip()
    iso, typed = _ISO.match(text), _TYPED.match(text)
    parts = iso.groups() if iso else tuple(reversed(typed.groups())) if typed else None
    if parts is None:
        raise NotThatMoment("must be a real date, such as 27 3 2026")
    year, month, day = int(parts[0]), _month(parts[1]), int(parts[2])
    try:
        on = date(year, month, day)
    except ValueError:
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise NotThatMoment(f"must have a year from {FIRST_YEAR} to {LAST_YEAR}") from None
        raise NotThatMoment("must be a real date, such as 27 3 2026") from None
    if not FIRST_YEAR <= on.year <= LAST_YEAR:
        raise NotThatMoment(f"must have a year from {FIRST_YEAR} to {LAST_YEAR}")
    return on


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    short = text[:3].lower()
    return _MONTHS.index(short) + 1 if short in _MONTHS else 0


def read_clock(raw: Any) -> time:
    """The time of day handed in. Raises NotThatMoment."""
    if isinstance(raw, Mapping):
        raw = f"{raw.get('hour', '')}:{raw.get('minute', '')}"
    found = _TIME.match(raw.strip()) if isinstance(raw, str) else None
    try:
        if found is not None:
            return time(int(found[1]), int(found[2]), int(found[3] or 0))
    except ValueError:
        pass
    raise NotThatMoment("must be a time of day, such as 14:30")


def read_moment(raw: Any) -> datetime:
    """The date and time handed in, aware; without an offset it is London's. Raises NotThatMoment."""
    if isinstance(raw, Mapping):
        on = read_day(raw.get("date", raw))
        at = read_clock(raw.get("time", raw))
        return _in_london(datetime.combine(on, at))
    text = raw.strip() if isinstance(raw, str) else ""
    day, _, clock = text.partition("T") if "T" in text else text.rpartition(" ")
    offset = re.search(r"(Z|[+-]\d{2}:\d{2})$", clock)
    on = read_day(day)
    if offset is None:
        return _in_london(datetime.combine(on, read_clock(clock)))
    at = read_clock(re.sub(r"\.\d+$", "", clock[: offset.start()]))
    try:
        return datetime.fromisoformat(f"{datetime.combine(on, at).isoformat()}{offset[0]}").astimezone(LONDON)
    except ValueError:
        raise NotThatMoment("must be a time of day, such as 14:30") from None


def _in_london(local: datetime) -> datetime:
    """A London time; of two equal ones in October the earlier. Raises NotThatMoment for the hour skipped in March."""
    at = local.replace(tzinfo=LONDON)
    if at.astimezone(UTC).astimezone(LONDON).replace(tzinfo=None) != local:
        raise NotThatMoment(
            f"names a time that does not exist: the clocks go forward from {local:%H}:00 "
            f"to {local + timedelta(hours=1):%H}:00 that night"
        )
    return at

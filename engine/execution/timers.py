"""When a timer or a due date falls, worked out once and kept with its explanation.

A date alone is kept until that London day is over; a date and time is that instant; a time without an offset is
London's. Durations are exact, except that months and years are counted on London's calendar and clock.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.clock import LONDON, end_of_day
from engine.errors import Incident
from engine.execution.formulas import Formula
from engine.feel import Environment
from engine.history import JSON, instant

DURATION = re.compile(
    r"(?P<sign>-)?P(?=.)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
CYCLE = re.compile(r"R(?P<times>\d*)/(?:(?P<start>[^/]+)/)?(?P<period>P[^/]+)")
DATE_ONLY = re.compile(r"\d{4}-\d{2}-\d{2}")
ENDLESS = -1


def after(start: datetime, duration: str) -> datetime:
    """The instant `duration` (ISO 8601) after an aware instant, in UTC. Raises ValueError for other texts."""
    months, exact = _duration(duration)
    if months:
        local = start.astimezone(LONDON)
        year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
        day = min(local.day, monthrange(year, month + 1)[1])
        start = local.replace(year=year, month=month + 1, day=day)
    return start.astimezone(UTC) + exact


@lru_cache(maxsize=1024)
def _duration(text: str) -> tuple[int, timedelta]:
    """The months of a duration, and what is exact of it; diagrams name the same ones again and again."""
    found = DURATION.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not an ISO 8601 duration")
    sign = -1 if found["sign"] else 1
    part = {name: sign * float(number) for name, number in found.groupdict("0").items() if name != "sign"}
    exact = {name: part[name] for name in ("weeks", "days", "hours", "minutes", "seconds")}
    return int(part["years"]) * 12 + int(part["months"]), timedelta(**exact)


def read_moment(text: str) -> tuple[date | None, datetime]:
    """A date (kept until it is over) or a date and time, as ISO text. Raises ValueError for other texts."""
    text = text.strip()
    if DATE_ONLY.fullmatch(text):
        on = date.fromisoformat(text)
        return on, end_of_day(on)
    text, _, zone = text.partition("@")
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        try:
            at = at.replace(tzinfo=ZoneInfo(zone) if zone else LONDON)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{zone!r} is not a time zone") from error
    return None, at.astimezone(UTC)


def check_timer(kind: str, text: str) -> None:
    """Raise ValueError for a literal timer text that no clock could follow."""
    example = datetime(2026, 1, 5, 9, tzinfo=UTC)
    if kind == "date":
        read_moment(text)
    elif kind == "duration":
        after(example, text)
    else:
        _cycle(text, example)


def _cycle(text: str, now: datetime) -> tuple[datetime, int, str]:
    """First instant, how often after that (ENDLESS for ever), and the period of an ISO 8601 repetition."""
    found = CYCLE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not an ISO 8601 repetition such as R3/P1D")
    period = found["period"]
    first = after(now, period)
    if first <= now:
        raise ValueError(f"{text!r} does not move on")
    times = int(found["times"]) if found["times"] else ENDLESS
    if times == 0:
        raise ValueError(f"{text!r} never happens")
    if found["start"]:
        first = read_moment(found["start"])[1]
    return first, times - 1 if times != ENDLESS else ENDLESS, period


def _explained(
    formula: Formula,
    seen: Mapping[str, object],
    environment: Environment,
    here: str | None,
    *,
    optional: bool = False,
) -> tuple[str, JSON]:
    """A formula's text and, where a calendar function gave it, why; '' for null where it may be."""
    environment.explanations.clear()
    value = formula.json(seen, environment, here)
    why = environment.explanations[-1] if environment.explanations else None
    if value is None and optional:
        return "", None
    if not isinstance(value, str):
        raise Incident(
            f"{here}: {formula.text} gave no date, time or duration. Record what it reads, then try again.",
            element=here,
        )
    return value, why


def arm_timer(
    kind: str, when: Formula, seen: Mapping[str, object], environment: Environment, here: str | None
) -> tuple[list[JSON], JSON]:
    """What a waiting timer keeps: ["timer", instant, times left, period], and why it falls then."""
    text, why = _explained(when, seen, environment, here)
    assert environment.now is not None
    now = environment.now.astimezone(UTC)
    try:
        if kind == "cycle":
            at, left, period = _cycle(text, now)
            return ["timer", instant(at), left, period], why
        at = read_moment(text)[1] if kind == "date" else after(now, text)
    except (ValueError, OverflowError) as error:
        raise Incident(f"{here}: {when.text} gave no time to wait for.", element=here) from error
    return ["timer", instant(at)], why


def due_date(
    when: Formula, seen: Mapping[str, object], environment: Environment, here: str | None
) -> dict[str, JSON] | None:
    """A user task's due date: {"on", "at", "explanation"}. Null gives none: the ladder then says so."""
    text, why = _explained(when, seen, environment, here, optional=True)
    if not text:
        return None
    try:
        on, at = read_moment(text) if not DURATION.fullmatch(text.strip()) else (None, _from_now(text, environment))
    except (ValueError, OverflowError) as error:
        raise Incident(f"{here}: {when.text} gave no due date.", element=here) from error
    return {"on": on.isoformat() if on else None, "at": instant(at), "explanation": why}


def _from_now(text: str, environment: Environment) -> datetime:
    assert environment.now is not None
    return after(environment.now, text)

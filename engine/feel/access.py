"""What stands after a dot or in square brackets: entries, properties and items (DMN 1.5, tables 53 and 57)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from engine.feel import temporal
from engine.feel.entering import enter
from engine.feel.evaluation import Evaluation
from engine.feel.operators import refuse
from engine.feel.temporal import Date, DateTime, DayTimeDuration, Time, YearMonthDuration
from engine.feel.values import MISSING, Range, Value, kind_of


def path(value: Value, name: str, run: Evaluation | None, position: int) -> Value:
    """value.name: an entry of a context, of every context of a list, or a property of a value (table 53, 57)."""
    kind = type(value)
    if kind is dict:
        found = value.get(name, MISSING)
        if found is MISSING:
            return refuse(run, "missing entry", f"There is no entry {name}.", position)
        return found
    if kind is list:
        if run is not None:
            run.spend(1 + len(value) // 16, position)
        return [path(item, name, run, position) for item in value]
    if value is None:
        return refuse(run, "null", f"{name} was asked of null.", position)
    found = property_of(value, name)
    if found is MISSING:
        return refuse(run, "missing entry", f"A {kind_of(value)} has no {name}.", position)
    return found


def property_of(value: Value, name: str) -> Value:
    """The property of a date, time, duration or range, or MISSING (table 57)."""
    kind = type(value)
    if kind is Range:
        if name in ("start", "end"):
            return getattr(value, name)
        if name in ("start included", "end included"):
            return getattr(value, name.replace(" ", "_"))
        return MISSING
    if kind is YearMonthDuration:
        if name in ("years", "months"):
            size = abs(value.months)
            part = size // 12 if name == "years" else size % 12
            return Decimal(-part if value.months < 0 else part)
        return MISSING
    if kind is DayTimeDuration:
        if name in _DAY_TIME_PARTS:
            part = value.parts[_DAY_TIME_PARTS.index(name)]
            return Decimal(-part if value.nanoseconds < 0 else part)
        return MISSING
    if kind in (Date, DateTime):
        day = value if kind is Date else value.date
        if name in ("year", "month", "day", "weekday"):
            return Decimal(getattr(day, name))
        if kind is Date:
            return MISSING
    if kind in (DateTime, Time):
        clock = value if kind is Time else value.time
        if name in ("hour", "minute", "second"):
            return Decimal(getattr(clock, name))
        if name == "time offset":
            offset = value.offset_seconds
            return None if offset is None else DayTimeDuration(offset * temporal.SECOND)
        if name == "timezone":
            return clock.zone
    return MISSING


_DAY_TIME_PARTS = ("days", "hours", "minutes", "seconds")


def raw_path(value: Value, name: str, run: Evaluation | None, position: int) -> Value:
    """value.name on what the caller handed in, converting nothing that is only walked through."""
    if type(value) is dict or isinstance(value, Mapping):
        found = value.get(name, MISSING)
        if found is MISSING:
            return refuse(run, "missing entry", f"There is no entry {name}.", position)
        return found
    return path(enter(value, run, position), name, run, position)


def item_at(items: Value, number: Decimal, run: Evaluation | None, position: int) -> Value:
    """items[number], counting from 1, or from the end where negative."""
    if type(items) is not list:
        if items is None:
            return refuse(run, "null", "An item was asked of null.", position)
        items = [items]
    index = int(number) if abs(number) <= 10**9 else 0
    if index == 0 or abs(index) > len(items):
        return refuse(run, "missing entry", f"There is no item {number:f} in a list of {len(items)}.", position)
    return items[index - 1 if index > 0 else index]


def in_filter(item: Value, name: str) -> Value:
    """What a name in a filter means for this item: its entry of that name, or MISSING (10.3.2.5)."""
    if type(item) is dict:
        return item.get(name, MISSING)
    return MISSING

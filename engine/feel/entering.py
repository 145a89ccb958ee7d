"""The border of FEEL: JSON and Python values coming in, and FEEL values going out as JSON."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.errors import Unreadable
from engine.feel import temporal
from engine.feel.values import MISSING, NUMBERS, FeelFunction, Range, Value, kind_of

if TYPE_CHECKING:
    from engine.feel.evaluation import Evaluation

#: Kinds of value that need no conversion.
READY = frozenset(
    {
        type(None),
        bool,
        str,
        Decimal,
        Range,
        FeelFunction,
        temporal.Date,
        temporal.Time,
        temporal.DateTime,
        temporal.DayTimeDuration,
        temporal.YearMonthDuration,
    }
)
_INEXACT = 10**34


class NotConvertible(Unreadable):
    """A value that FEEL cannot hold, or that JSON cannot."""


def to_feel(value: Any) -> Value:
    """The FEEL value of a JSON or Python value; containers are copied only where something in them changes.

    int, float and Decimal become numbers of 34 digits; date, time, datetime and timedelta become our own. Raises
    NotConvertible for not-a-number, infinity and types FEEL does not have.
    """
    kind = type(value)
    if kind in READY:
        if kind is Decimal and not value.is_finite():
            raise NotConvertible("A number is not finite.")
        return value
    if kind is int:
        return Decimal(value) if -_INEXACT < value < _INEXACT else NUMBERS.create_decimal(value)
    if kind is float:
        if not math.isfinite(value):
            raise NotConvertible("A number is not finite.")
        return Decimal(int(value)) if value.is_integer() and abs(value) < 1e22 else Decimal(repr(value))
    if kind is list or kind is dict:
        return _container(value, {})
    return _foreign(value)


def _container(value: Any, known: dict[int, Value]) -> Value:
    """A list or dict with its items converted; one that stands in many places is converted once."""
    if id(value) not in known:
        known[id(value)] = value
        names = list(value) if type(value) is dict else None
        if names is not None and any(type(name) is not str for name in names):
            raise NotConvertible("A key is not text.")
        items = list(value.values()) if names is not None else value
        converted = [_container(item, known) if type(item) in (list, dict) else to_feel(item) for item in items]
        if any(new is not old for new, old in zip(converted, items, strict=True)):
            known[id(value)] = converted if names is None else dict(zip(names, converted, strict=True))
    return known[id(value)]


def _foreign(value: Any) -> Value:
    """The FEEL value of what JSON does not have."""
    if isinstance(value, dt.date | dt.time | dt.timedelta):
        return temporal.from_python(value)
    if isinstance(value, Mapping):
        return to_feel(dict(value))
    if isinstance(value, tuple):
        return to_feel(list(value))
    if isinstance(value, bool | int | float | str):
        base = next(base for base in (bool, int, float, str) if isinstance(value, base))
        return to_feel(base(value))
    if hasattr(value, "invoke"):
        return value
    raise NotConvertible(f"FEEL has no value of type {type(value).__name__}.")


def enter(value: Any, run: Evaluation | None, position: int) -> Value:
    """As to_feel, but null and a diagnostic where FEEL cannot hold the value."""
    if type(value) in READY and type(value) is not Decimal:
        return value
    try:
        return to_feel(value)
    except (NotConvertible, RecursionError) as error:
        if run is not None:
            nested = "A value nests too deep."
            run.note("conversion", str(error) if isinstance(error, NotConvertible) else nested, position)
        return None


def enter_name(value: Any, run: Evaluation | None, position: int, name: str) -> Value:
    """The value of a name read from the context; MISSING gives null and an 'unknown name' diagnostic."""
    if value is MISSING:
        if run is not None:
            run.note("unknown name", f"Nothing here is named {name}.", position)
        return None
    return enter(value, run, position)


def enter_entry(value: Any, run: Evaluation | None, position: int, name: str) -> Value:
    """As enter_name, for a name in a filter: MISSING means that the item has no such entry."""
    if value is MISSING:
        if run is not None:
            run.note("missing entry", f"There is no entry {name}.", position)
        return None
    return enter(value, run, position)


def to_json(value: Value) -> Any:
    """The JSON of a FEEL value, as variables keep it.

    Whole numbers within 64 bits become int, other numbers float where that is exact as written; dates, times and
    durations become ISO text. Raises NotConvertible for a number that JSON would change, a function, a range, and a
    value of more than 100,000 items.
    """
    return _to_json(value, [_LARGEST])


_LARGEST = 100_000


def _to_json(value: Value, left: list[int]) -> Any:
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    if kind is Decimal:
        return _number_to_json(value)
    if kind is list or kind is dict:
        left[0] -= len(value)
        if left[0] < 0:
            raise NotConvertible(f"A value of more than {_LARGEST} items cannot be kept as a variable.")
        if kind is list:
            return [_to_json(item, left) for item in value]
        return {name: _to_json(item, left) for name, item in value.items()}
    if isinstance(value, temporal.Temporal):
        return str(value)
    if kind is int or kind is float:
        return _to_json(to_feel(value), left)
    raise NotConvertible(f"A {kind_of(value)} cannot be kept as a variable.")


def _number_to_json(value: Decimal) -> int | float:
    if value.is_finite():
        if value.adjusted() < 20 and value == value.to_integral_value() and -(2**63) <= value < 2**63:
            return int(value)
        close = float(value)
        if math.isfinite(close) and Decimal(repr(close)) == value:
            return close
    raise NotConvertible("A number has more digits than a variable keeps. Round it, or keep it as text with string().")

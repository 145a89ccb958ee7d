"""FEEL's operators over values: total, three-valued, and never silent (DMN 1.5, 10.3.2.12 and tables 45 to 55).

Each gives null where the specification does and notes why. `run` is the evaluation under way, or None where nobody
asks why; `position` is where the operator stands in the text.
"""

from __future__ import annotations

from decimal import Decimal, DecimalException

from engine.feel import temporal
from engine.feel.diagnostics import Kind
from engine.feel.evaluation import Evaluation
from engine.feel.temporal import Date, DateTime, DayTimeDuration, Time, YearMonthDuration
from engine.feel.values import NUMBERS, Range, Value, kind_of


def refuse(run: Evaluation | None, kind: Kind, message: str, position: int) -> Value:
    """Note why a value is null, and give null."""
    if run is not None:
        run.note(kind, message, position)
    return None


def mismatch(run: Evaluation | None, sign: str, left: Value, right: Value, position: int) -> Value:
    if left is None or right is None:
        side = "left" if left is None else "right"
        return refuse(run, "null", f"The {side} side of `{sign}` is null.", position)
    return refuse(run, "type", f"`{sign}` does not work on {kind_of(left)} and {kind_of(right)}.", position)


# --- equality and order


def equal(left: Value, right: Value, run: Evaluation | None, position: int) -> bool | None:
    """left = right: null with values of different kinds, else true or false (table 51)."""
    if left is None or right is None:
        return left is None and right is None
    kind = type(left)
    if kind is not type(right):
        mismatch(run, "=", left, right, position)
        return None
    if kind is Decimal or kind is str or kind is bool:
        return bool(left == right)
    if kind is list or kind is dict:
        if run is not None:
            run.spend(min(len(left), len(right)) // 16, position)
        return _deeply_equal(left, right, {})
    if isinstance(left, temporal.Temporal):
        if kind in (Time, DateTime) and left.local != right.local:
            return False
        return bool(left.value == right.value)
    if kind is Range:
        return (
            left.operator == right.operator
            and left.start_included == right.start_included
            and left.end_included == right.end_included
            and same(left.start, right.start)
            and same(left.end, right.end)
        )
    return left is right  # functions


def _deeply_equal(left: Value, right: Value, known: dict[tuple[int, int], bool]) -> bool:
    """Whether two lists or contexts hold equal items; items of different kinds are not.

    `known` remembers every pair of containers already compared: a value may hold another in many places.
    """
    if left is right:
        return True
    pair = (id(left), id(right))
    if pair not in known:
        if type(left) is list:
            pairs = zip(left, right, strict=False)
            alike = len(left) == len(right)
        else:
            alike = left.keys() == right.keys()
            pairs = ((item, right.get(name)) for name, item in left.items())  # type: ignore[assignment]  # also pairs
        known[pair] = alike and all(
            _deeply_equal(one, other, known)
            if type(one) is type(other) and type(one) in (list, dict)
            else equal(one, other, None, 0) is True
            for one, other in pairs
        )
    return known[pair]


def unequal(left: Value, right: Value, run: Evaluation | None, position: int) -> bool | None:
    """left != right."""
    result = equal(left, right, run, position)
    return None if result is None else not result


def same(left: Value, right: Value) -> bool:
    """Whether two values are equal, where a difference of kind is simply a difference."""
    return equal(left, right, None, 0) is True


def order(left: Value, right: Value, sign: str, run: Evaluation | None, position: int) -> int | None:
    """-1, 0 or 1 as left is before, equal to or after right; None where they have no order."""
    kind = type(left)
    if kind is type(right):
        if kind is Decimal or kind is str:
            return -1 if left < right else int(left > right)
        if isinstance(left, temporal.Temporal):
            if kind in (Time, DateTime) and left.local != right.local:
                refuse(run, "type", f"`{sign}` needs a time zone on both sides or on neither.", position)
                return None
            mine, other = left.value, right.value
            return -1 if mine < other else int(mine > other)
    mismatch(run, sign, left, right, position)
    return None


def less(left: Value, right: Value, run: Evaluation | None, position: int) -> bool | None:
    """left < right: numbers, strings, dates, times and durations of one kind (table 52)."""
    if type(left) is Decimal and type(right) is Decimal:
        return left < right
    rank = order(left, right, "<", run, position)
    return None if rank is None else rank < 0


def less_equal(left: Value, right: Value, run: Evaluation | None, position: int) -> bool | None:
    """left <= right."""
    if type(left) is Decimal and type(right) is Decimal:
        return left <= right
    rank = order(left, right, "<=", run, position)
    return None if rank is None else rank <= 0


def greater(left: Value, right: Value, run: Evaluation | None, position: int) -> bool | None:
    """left > right."""
    if type(left) is Decimal and type(right) is Decimal:
        return left > right
    rank = order(left, right, ">", run, position)
    return None if rank is None else rank > 0


def greater_equal(left: Value, right: Value, run: Evaluation | None, position: int) -> bool | None:
    """left >= right."""
    if type(left) is Decimal and type(right) is Decimal:
        return left >= right
    rank = order(left, right, ">=", run, position)
    return None if rank is None else rank >= 0


def between(value: Value, low: Value, high: Value, run: Evaluation | None, position: int) -> bool | None:
    """value between low and high, both included: value >= low and value <= high."""
    return conjunction(
        (greater_equal(value, low, run, position), less_equal(value, high, run, position)), run, position
    )


COMPARISONS = {"=": equal, "!=": unequal, "<": less, "<=": less_equal, ">": greater, ">=": greater_equal}


# --- logic


def conjunction(operands: tuple[Value, ...], run: Evaluation | None, position: int) -> bool | None:
    """and over values already evaluated: false if one is false, true if all are true, else null (table 50)."""
    unknown = False
    for operand in operands:
        if operand is False:
            return False
        if operand is not True:
            unknown = True
    if unknown:
        _not_boolean(operands, "and", run, position)
        return None
    return True


def disjunction(operands: tuple[Value, ...], run: Evaluation | None, position: int) -> bool | None:
    """or over values already evaluated: true if one is true, false if all are false, else null (table 50)."""
    unknown = False
    for operand in operands:
        if operand is True:
            return True
        if operand is not False:
            unknown = True
    if unknown:
        _not_boolean(operands, "or", run, position)
        return None
    return False


def _not_boolean(operands: tuple[Value, ...], sign: str, run: Evaluation | None, position: int) -> None:
    for operand in operands:
        if operand is not None and type(operand) is not bool:
            refuse(run, "type", f"`{sign}` works on true and false, not on {kind_of(operand)}.", position)
            return
    refuse(run, "null", f"`{sign}` met null where true or false was needed.", position)


def undecided(condition: Value, run: Evaluation | None, position: int) -> None:
    """Note that the condition of an `if` was neither true nor false, so that `else` was taken."""
    if condition is None:
        refuse(run, "null", "The condition of `if` is null, so `else` was taken.", position)
    else:
        refuse(run, "type", f"The condition of `if` is {kind_of(condition)}, so `else` was taken.", position)


# --- arithmetic


def _overflow(run: Evaluation | None, sign: str, position: int) -> Value:
    return refuse(run, "arithmetic", f"`{sign}` goes past what can be computed.", position)


def add(left: Value, right: Value, run: Evaluation | None, position: int) -> Value:
    """left + right (tables 45 and 55): numbers, strings, durations, and a date or time with a duration."""
    kind, other = type(left), type(right)
    try:
        if kind is Decimal and other is Decimal:
            return NUMBERS.add(left, right)
        if kind is str and other is str:
            if run is not None:
                run.check_letters(len(left) + len(right), position)
                run.spend((len(left) + len(right)) // 1000, position)
            return left + right
        if other in (DayTimeDuration, YearMonthDuration) and kind is not other:
            return _shift(left, right, 1, "+", run, position)
        if kind in (DayTimeDuration, YearMonthDuration) and kind is not other:
            return _shift(right, left, 1, "+", run, position)
        if kind is other is DayTimeDuration:
            return DayTimeDuration(left.nanoseconds + right.nanoseconds)
        if kind is other is YearMonthDuration:
            return YearMonthDuration(left.months + right.months)
    except (DecimalException, ValueError):
        return _overflow(run, "+", position)
    return mismatch(run, "+", left, right, position)


def subtract(left: Value, right: Value, run: Evaluation | None, position: int) -> Value:
    """left - right (tables 45 and 55): numbers, durations, two dates or times, a date or time and a duration."""
    kind, other = type(left), type(right)
    try:
        if kind is Decimal and other is Decimal:
            return NUMBERS.subtract(left, right)
        if kind is other is DayTimeDuration:
            return DayTimeDuration(left.nanoseconds - right.nanoseconds)
        if kind is other is YearMonthDuration:
            return YearMonthDuration(left.months - right.months)
        if other in (DayTimeDuration, YearMonthDuration):
            return _shift(left, right, -1, "-", run, position)
        if kind in (Date, DateTime) and other in (Date, DateTime):
            if kind is other is Date:
                return DayTimeDuration((left.days - right.days) * temporal.DAY * temporal.SECOND)
            return _apart(_midnight(left), _midnight(right), run, position)
        if kind is other is Time:
            return _time_apart(left, right, run, position)
    except (DecimalException, ValueError):
        return _overflow(run, "-", position)
    return mismatch(run, "-", left, right, position)


def _midnight(value: Date | DateTime) -> DateTime:
    """A date as midnight UTC, which is how a date stands beside a date and time (10.3.2.3.5)."""
    return DateTime(value, Time(0, 0, 0, 0, 0)) if isinstance(value, Date) else value


def _apart(left: DateTime, right: DateTime, run: Evaluation | None, position: int) -> Value:
    if left.local != right.local:
        return refuse(run, "type", "`-` needs a time zone on both sides or on neither.", position)
    return DayTimeDuration(left.nanoseconds - right.nanoseconds)


def _time_apart(left: Time, right: Time, run: Evaluation | None, position: int) -> Value:
    if left.local != right.local:
        return refuse(run, "type", "`-` needs a time zone on both sides or on neither.", position)
    shift = ((left.offset_seconds or 0) - (right.offset_seconds or 0)) * temporal.SECOND
    return DayTimeDuration(left.nanoseconds - right.nanoseconds - shift)


def _shift(moment: Value, length: Value, sign: int, text: str, run: Evaluation | None, position: int) -> Value:
    """A date, time or date and time moved by a duration."""
    kind = type(moment)
    if type(length) is YearMonthDuration:
        if kind in (Date, DateTime):
            return moment.plus_months(sign * length.months)
    elif kind is Date:
        nano = moment.days * temporal.DAY * temporal.SECOND + sign * length.nanoseconds
        return Date.from_days(nano // (temporal.DAY * temporal.SECOND))
    elif kind in (DateTime, Time):
        return moment.at(moment.nanoseconds + sign * length.nanoseconds)
    if text == "+" and moment is None:
        return refuse(run, "null", "One side of `+` is null.", position)
    return mismatch(run, text, moment, length, position)


def multiply(left: Value, right: Value, run: Evaluation | None, position: int) -> Value:
    """left * right: numbers, and a duration with a number."""
    kind, other = type(left), type(right)
    try:
        if kind is Decimal and other is Decimal:
            return NUMBERS.multiply(left, right)
        if kind is Decimal and other in (DayTimeDuration, YearMonthDuration):
            left, right, kind, other = right, left, other, kind
        if kind is DayTimeDuration and other is Decimal:
            return DayTimeDuration(_whole(NUMBERS.multiply(Decimal(left.nanoseconds), right)))
        if kind is YearMonthDuration and other is Decimal:
            return YearMonthDuration(_whole(NUMBERS.multiply(Decimal(left.months), right)))
    except (DecimalException, ValueError, OverflowError):
        return _overflow(run, "*", position)
    return mismatch(run, "*", left, right, position)


def divide(left: Value, right: Value, run: Evaluation | None, position: int) -> Value:
    """left / right: numbers, a duration by a number, two durations of one kind."""
    kind, other = type(left), type(right)
    try:
        if kind is Decimal and other is Decimal:
            return NUMBERS.divide(left, right)
        if kind is DayTimeDuration and other is Decimal:
            return DayTimeDuration(_whole(NUMBERS.divide(Decimal(left.nanoseconds), right)))
        if kind is YearMonthDuration and other is Decimal:
            return YearMonthDuration(_whole(NUMBERS.divide(Decimal(left.months), right)))
        if kind is other and kind in (DayTimeDuration, YearMonthDuration):
            return NUMBERS.divide(Decimal(left.value), Decimal(right.value))
    except (DecimalException, ValueError, OverflowError):
        if (right if other is Decimal else right.value) == 0:
            return refuse(run, "arithmetic", "`/` divides by zero.", position)
        return _overflow(run, "/", position)
    return mismatch(run, "/", left, right, position)


def power(left: Value, right: Value, run: Evaluation | None, position: int) -> Value:
    """left ** right, numbers only."""
    if type(left) is Decimal and type(right) is Decimal:
        try:
            if not right and not left:
                return Decimal(1)
            return NUMBERS.power(left, right)
        except DecimalException:
            return _overflow(run, "**", position)
    return mismatch(run, "**", left, right, position)


def negate(value: Value, run: Evaluation | None, position: int) -> Value:
    """-value: a number or a duration."""
    kind = type(value)
    if kind is Decimal:
        return NUMBERS.minus(value)
    if kind is DayTimeDuration:
        return DayTimeDuration(-value.nanoseconds)
    if kind is YearMonthDuration:
        return YearMonthDuration(-value.months)
    if value is None:
        return refuse(run, "null", "`-` stands before null.", position)
    return refuse(run, "type", f"`-` does not work on {kind_of(value)}.", position)


def _whole(number: Decimal) -> int:
    """A number cut to a whole one, towards zero: durations have no smaller parts."""
    if number.adjusted() > 40:
        raise OverflowError("too long")
    return int(number)


ARITHMETIC = {"+": add, "-": subtract, "*": multiply, "/": divide, "**": power}

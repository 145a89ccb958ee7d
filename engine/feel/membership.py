"""Ranges, what they include, what a test lets pass, and what a loop goes through (DMN 1.5, tables 54 and 55)."""

from __future__ import annotations

from decimal import Decimal
from itertools import islice

from engine.feel import temporal
from engine.feel.evaluation import Evaluation
from engine.feel.operators import (
    COMPARISONS,
    equal,
    greater,
    greater_equal,
    less,
    less_equal,
    mismatch,
    order,
    refuse,
    same,
)
from engine.feel.temporal import Date
from engine.feel.values import Range, Value, kind_of


def interval(
    start: Value, end: Value, start_included: bool, end_included: bool, run: Evaluation | None, position: int
) -> Value:
    """[start..end]; null unless the ends are of one ordered kind."""
    if start is not None and end is not None and order(start, end, "..", run, position) is None:
        return None
    return Range(start, end, start_included=start_included, end_included=end_included)


def comparing(operator: str, value: Value, run: Evaluation | None, position: int) -> Value:
    """(< value) as a range."""
    if operator in ("=", "!="):
        return Range.comparing(operator, value)
    if value is None:
        return refuse(run, "null", f"`{operator}` compares with null.", position)
    if type(value) not in (Decimal, str) and not isinstance(value, temporal.Temporal):
        return refuse(run, "type", f"`{operator}` does not work on {kind_of(value)}.", position)
    return Range.comparing(operator, value)


def includes(span: Range, value: Value, run: Evaluation | None, position: int) -> bool | None:
    """Whether the range includes the value; null where they cannot be compared (table 54)."""
    if span.operator:
        return COMPARISONS[span.operator](value, span.end if span.open_start else span.start, run, position)
    above = (greater_equal if span.start_included else greater)(value, span.start, run, position)
    below = (less_equal if span.end_included else less)(value, span.end, run, position)
    if above is False or below is False:
        return False
    return True if above and below else None


def meets_test(value: Value, test: Value, run: Evaluation | None, position: int) -> bool | None:
    """value in test: equal to it, within it as a range, or one of its items (table 54)."""
    kind = type(test)
    if kind is Range:
        if value is not None and type(value) is Range:
            return same(value, test)
        return includes(test, value, run, position)
    if kind is list:
        if run is not None:
            run.spend(len(test) // 16, position)
        if type(value) is list and same(value, test):
            return True
        unknown = False
        for item in test:
            found = (
                includes(item, value, None, position)
                if type(item) is Range and type(value) is not Range
                else equal(value, item, None, position)
            )
            if found is True:
                return True
            if found is None and type(item) is Range:
                unknown = True
        return None if unknown else False
    if value is None or test is None:
        return value is None and test is None
    if type(value) is list and kind is not list:
        # 10.3.2.9.4: a list of one stands for its item.
        return equal(value[0], test, run, position) if len(value) == 1 else mismatch(run, "in", value, test, position)
    return equal(value, test, run, position)


def passes(value: Value, result: Value, condition: bool, run: Evaluation | None, position: int) -> bool | None:
    """Whether an input passes the test of a cell that is an expression (grammar rule 7 and 10.3.2.14).

    `condition` tells that it is one of its own (it reads ?, or compares): then its truth decides. Else it is a function
    call, whose true or false decides unless the input is true or false itself.
    """
    if condition:
        if type(result) is bool or result is None:
            return result
    elif type(result) is bool and value is not None and type(value) is not bool and type(value) is not list:
        return result
    return meets_test(value, result, run, position)


def spread(value: Value, run: Evaluation | None, position: int) -> Value:
    """The values that `in value` of for, some and every goes through; None where it cannot."""
    kind = type(value)
    if kind is list:
        found: list[Value] = value
        return found
    if value is None:
        return refuse(run, "null", "`in` goes through null.", position)
    if kind is Range:
        if value.operator or value.start is None or value.end is None:
            return refuse(run, "type", "`in` goes through a range without ends.", position)
        if order(value.start, value.end, "..", run, position) == 1:
            return refuse(run, "argument", "The range ends before it starts.", position)
        items = span(value.start, value.end, run, position)
        if items is None:
            return None
        return [item for item in items if includes(value, item, None, position)]
    return [value]


def span(start: Value, end: Value, run: Evaluation | None, position: int) -> Value:
    """start..end of a loop: whole numbers or days, upwards or downwards (grammar rule 46)."""
    if type(start) is type(end) is Decimal:
        if start != start.to_integral_value() or end != end.to_integral_value():
            return refuse(run, "argument", "`..` of a loop goes through whole numbers.", position)
        first, last, make = int(start), int(end), Decimal
    elif type(start) is type(end) is Date:
        first, last, make = start.days, end.days, Date.from_days  # type: ignore[assignment]  # two makers of values
    else:
        return mismatch(run, "..", start, end, position)
    if run is not None:
        run.check_length(abs(last - first) + 1, position)
    step = 1 if last >= first else -1
    return [make(number) for number in islice(range(first, last + step, step), 1_000_000)]

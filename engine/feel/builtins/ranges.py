"""Built-in functions that relate points and ranges (DMN 1.5, 10.3.4.9), after Allen's interval algebra."""

from __future__ import annotations

from engine.feel import membership, operators
from engine.feel.builtins.registry import Refusal, builtin
from engine.feel.operators import same
from engine.feel.values import Range, Value


def _before(left: Value, right: Value) -> bool:
    """left < right, refusing what has no order."""
    result = operators.less(left, right, None, 0)
    if result is None:
        raise Refusal("the values have no order.")
    return result


def _ends(span: Range) -> Range:
    if span.operator == "!=":
        raise Refusal("a range of everything but one value has no ends.")
    return span


def _start_before(left: Range, right: Range) -> int:
    """-1, 0 or 1 as left starts before, with or after right."""
    if left.open_start or right.open_start:
        return right.open_start - left.open_start
    if same(left.start, right.start):
        return right.start_included - left.start_included and (-1 if left.start_included else 1)
    return -1 if _before(left.start, right.start) else 1


def _end_before(left: Range, right: Range) -> int:
    """-1, 0 or 1 as left ends before, with or after right."""
    if left.open_end or right.open_end:
        return left.open_end - right.open_end
    if same(left.end, right.end):
        return left.end_included - right.end_included and (1 if left.end_included else -1)
    return -1 if _before(left.end, right.end) else 1


def _wholly_before(left: Range, right: Range) -> bool:
    """Whether left ends before right starts, sharing nothing."""
    if left.open_end or right.open_start:
        return False
    if same(left.end, right.start):
        return not (left.end_included and right.start_included)
    return _before(left.end, right.start)


def _has(span: Range, point: Value) -> bool:
    result = membership.includes(span, point, None, 0)
    if result is None:
        raise Refusal("the values have no order.")
    return result


def _as_range(value: Value) -> Range:
    if isinstance(value, Range):
        return _ends(value)
    if value is None or isinstance(value, bool | list | dict):
        raise Refusal("the values have no order.")
    return Range(value, value)


@builtin(
    "before", "point1: any, point2: any", "range: any, point: any", "point: any, range: any", "range1: any, range2: any"
)
def before(left: Value, right: Value) -> Value:
    """Whether the first is over before the second begins."""
    if not isinstance(left, Range) and not isinstance(right, Range):
        return _before(left, right)
    return _wholly_before(_as_range(left), _as_range(right))


@builtin(
    "after", "point1: any, point2: any", "range: any, point: any", "point: any, range: any", "range1: any, range2: any"
)
def after(left: Value, right: Value) -> Value:
    """Whether the first begins after the second is over."""
    return before(right, left)


@builtin("meets", "range1: range, range2: range")
def meets(left: Range, right: Range) -> Value:
    """Whether the first ends exactly where the second starts, both holding that point."""
    _ends(left), _ends(right)
    return (
        not left.open_end
        and not right.open_start
        and left.end_included
        and right.start_included
        and same(left.end, right.start)
    )


@builtin("met by", "range1: range, range2: range")
def met_by(left: Range, right: Range) -> Value:
    """Whether the second meets the first."""
    return meets(right, left)


@builtin("overlaps", "range1: range, range2: range")
def overlaps(left: Range, right: Range) -> Value:
    """Whether they share a point."""
    _ends(left), _ends(right)
    return not _wholly_before(left, right) and not _wholly_before(right, left)


@builtin("overlaps before", "range1: range, range2: range")
def overlaps_before(left: Range, right: Range) -> Value:
    """Whether the first starts before the second and ends within it."""
    return bool(overlaps(left, right)) and _start_before(left, right) < 0 and _end_before(left, right) <= 0


@builtin("overlaps after", "range1: range, range2: range")
def overlaps_after(left: Range, right: Range) -> Value:
    """Whether the first starts within the second, later than it does, and ends no earlier."""
    return bool(overlaps(left, right)) and _start_before(left, right) > 0 and _end_before(left, right) >= 0


@builtin("finishes", "point: any, range", "range1: range, range2: range")
def finishes(left: Value, right: Range) -> Value:
    """Whether the first ends with the second, and starts no earlier."""
    _ends(right)
    if not isinstance(left, Range):
        _has(right, left)
        return right.end_included and same(left, right.end)
    return _end_before(_ends(left), right) == 0 and _start_before(left, right) >= 0


@builtin("finished by", "range, point: any", "range1: range, range2: range")
def finished_by(left: Range, right: Value) -> Value:
    """Whether the second finishes the first."""
    return finishes(right, left)


@builtin("includes", "range, point: any", "range1: range, range2: range")
def includes(left: Range, right: Value) -> Value:
    """Whether the range holds the point, or the whole of the other range."""
    if not isinstance(right, Range):
        return _has(left, right)
    _ends(left), _ends(right)
    _wholly_before(left, right)
    return _start_before(left, right) <= 0 and _end_before(left, right) >= 0


@builtin("during", "point: any, range", "range1: range, range2: range")
def during(left: Value, right: Range) -> Value:
    """Whether the second includes the first."""
    return includes(right, left)


@builtin("starts", "point: any, range", "range1: range, range2: range")
def starts(left: Value, right: Range) -> Value:
    """Whether the first starts with the second, and ends no later."""
    _ends(right)
    if not isinstance(left, Range):
        _has(right, left)
        return right.start_included and same(left, right.start)
    return _start_before(_ends(left), right) == 0 and _end_before(left, right) <= 0


@builtin("started by", "range, point: any", "range1: range, range2: range")
def started_by(left: Range, right: Value) -> Value:
    """Whether the second starts the first."""
    return starts(right, left)


@builtin("coincides", "point1: any, point2: any", "range1: range, range2: range")
def coincides(left: Value, right: Value) -> Value:
    """Whether they are the same point, or the same range."""
    if isinstance(left, Range) and isinstance(right, Range):
        return _start_before(_ends(left), _ends(right)) == 0 and _end_before(left, right) == 0
    if isinstance(left, Range) or isinstance(right, Range):
        raise Refusal("both must be points, or both ranges.")
    if left is None or right is None:
        raise Refusal("a point is null.")
    return operators.equal(left, right, None, 0)

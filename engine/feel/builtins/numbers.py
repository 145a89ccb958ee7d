"""Built-in functions of numbers (DMN 1.5, 10.3.4.5)."""

from __future__ import annotations

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)

from engine.feel import temporal
from engine.feel.builtins.registry import Refusal, builtin
from engine.feel.values import NUMBERS, Value

_SCALES = (-6111, 6176)


def rounded(number: Decimal, scale: Decimal, how: str) -> Decimal:
    """The number at so many decimal places (10.3.4.5 allows -6111 to 6176)."""
    places = int(scale)
    if not _SCALES[0] <= places <= _SCALES[1]:
        raise Refusal(f"scale must lie between {_SCALES[0]} and {_SCALES[1]}.")
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= places:
        return number
    if number.adjusted() + places < -1:  # nothing of it is left but, perhaps, one unit
        number = Decimal((number.as_tuple().sign, (1,), -places - 2)) if number else number
    quantum = Decimal((0, (1,), -places))
    result = number.quantize(quantum, rounding=how, context=_WIDE)
    return result.quantize(Decimal(1), context=_WIDE) if places < 0 and result.adjusted() < 30 else result


_WIDE = NUMBERS.copy()
_WIDE.prec = 7000
_WIDE.Emin, _WIDE.Emax = -999999, 999999


@builtin("decimal", "n: number, scale: number")
def decimal(number: Decimal, scale: Decimal) -> Value:
    """The number at so many decimal places, halves to the even neighbour."""
    return rounded(number, scale, ROUND_HALF_EVEN)


@builtin("floor", "n: number, scale: number=")
def floor(number: Decimal, scale: Decimal = Decimal(0)) -> Value:
    """The greatest number of so many decimal places that is not above."""
    return rounded(number, scale, ROUND_FLOOR)


@builtin("ceiling", "n: number, scale: number=")
def ceiling(number: Decimal, scale: Decimal = Decimal(0)) -> Value:
    """The least number of so many decimal places that is not below."""
    return rounded(number, scale, ROUND_CEILING)


@builtin("round up", "n: number, scale: number")
def round_up(number: Decimal, scale: Decimal) -> Value:
    """Rounded away from zero."""
    return rounded(number, scale, ROUND_UP)


@builtin("round down", "n: number, scale: number")
def round_down(number: Decimal, scale: Decimal) -> Value:
    """Rounded towards zero."""
    return rounded(number, scale, ROUND_DOWN)


@builtin("round half up", "n: number, scale: number")
def round_half_up(number: Decimal, scale: Decimal) -> Value:
    """Rounded to the nearest, halves away from zero."""
    return rounded(number, scale, ROUND_HALF_UP)


@builtin("round half down", "n: number, scale: number")
def round_half_down(number: Decimal, scale: Decimal) -> Value:
    """Rounded to the nearest, halves towards zero."""
    return rounded(number, scale, ROUND_HALF_DOWN)


@builtin("abs", "n: number")
def absolute(number: Decimal) -> Value:
    """The number without its sign."""
    return NUMBERS.abs(number)


@builtin("abs", "n: temporal")
def absolute_duration(length: Value) -> Value:
    """The duration without its sign."""
    if isinstance(length, temporal.DayTimeDuration):
        return temporal.DayTimeDuration(abs(length.nanoseconds))
    if isinstance(length, temporal.YearMonthDuration):
        return temporal.YearMonthDuration(abs(length.months))
    raise Refusal("n must be a number or a duration.")


@builtin("modulo", "dividend: number, divisor: number")
def modulo(dividend: Decimal, divisor: Decimal) -> Value:
    """dividend - divisor * floor(dividend / divisor): the sign is the divisor's."""
    if not divisor:
        raise Refusal("divisor is zero.", "arithmetic")
    rest = _WIDE.remainder(dividend, divisor)
    return NUMBERS.plus(_WIDE.add(rest, divisor) if rest and (rest < 0) != (divisor < 0) else rest)


@builtin("sqrt", "number")
def sqrt(number: Decimal) -> Value:
    """The square root."""
    if number < 0:
        raise Refusal("number is negative.", "arithmetic")
    return NUMBERS.sqrt(number)


@builtin("log", "number")
def log(number: Decimal) -> Value:
    """The natural logarithm."""
    if number <= 0:
        raise Refusal("number is not positive.", "arithmetic")
    return NUMBERS.ln(number)


@builtin("exp", "number")
def exp(number: Decimal) -> Value:
    """e to the power of the number."""
    return NUMBERS.exp(number)


@builtin("odd", "number")
def odd(number: Decimal) -> Value:
    """Whether a whole number is odd."""
    return _remainder_of_two(number) == 1


@builtin("even", "number")
def even(number: Decimal) -> Value:
    """Whether a whole number is even."""
    return _remainder_of_two(number) == 0


def _remainder_of_two(number: Decimal) -> Decimal:
    if number != number.to_integral_value():
        raise Refusal("number must be whole.")
    return _WIDE.remainder(_WIDE.abs(number), Decimal(2))

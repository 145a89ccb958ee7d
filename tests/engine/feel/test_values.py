"""Values at the border and by themselves: JSON in and out, ranges, functions, types."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import IntEnum
from zoneinfo import ZoneInfo

import pytest

from engine.feel import (
    Date,
    FeelFunction,
    NotConvertible,
    Range,
    compile_expression,
    kind_of,
    to_feel,
    to_json,
    to_text,
)
from engine.feel.types import ANY, ContextType, FunctionType, ListType, Named, RangeType, Simple, Type, resolve, simple

NUMBER, STRING = Simple("number"), Simple("string")


class Level(IntEnum):
    """A number by another name."""

    HIGH = 3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (2.0, "2"),
        (0.1, "0.1"),
        (1e300, "1e300"),
        (2**200, "1606938044258990275541962092341163" + "0" * 27),
        (True, "true"),
        ("x", "x"),
        ([1, [2]], "[1, [2]]"),
        ((1, 2), "[1, 2]"),
        ({"a": 1.5}, "{a: 1.5}"),
        (date(2026, 11, 22), "2026-11-22"),
        (time(10, 0, tzinfo=UTC), "10:00:00Z"),
        (datetime(2026, 7, 1, 10, 0, 0, 5, ZoneInfo("Europe/London")), "2026-07-01T10:00:00.000005@Europe/London"),
        (datetime(2026, 7, 1), "2026-07-01T00:00:00"),
        (timedelta(days=1, microseconds=1), "P1DT0.000001S"),
        (Level.HIGH, "3"),
        (Range(Decimal(1), Decimal(2)), "[1..2]"),
    ],
)  # fmt: skip
def test_what_comes_in_becomes_a_feel_value(value, text):
    """JSON and Python values enter as FEEL's own, numbers exactly as they are written."""
    assert text == to_text(to_feel(value))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), object(), {1: 2}, [object()], b"x"])
def test_what_feel_cannot_hold_is_refused(value):
    """Not-a-number, infinity, other types and keys that are not text do not come in."""
    with pytest.raises(NotConvertible):
        to_feel(value)


def test_what_needs_no_conversion_is_not_copied():
    """A container of FEEL values is handed through as it is."""
    value = {"a": [Decimal(1), {"b": None}]}

    assert to_feel(value) is value


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1", 1),
        ("1.0", 1),
        ("-2 ** 3", -8),
        ("0.1", 0.1),
        ("1e30", 1e30),
        ("9223372036854775807", 2**63 - 1),
        ("null", None),
        ("true", True),
        ('"x"', "x"),
        ("[1, {a: 2.5}]", [1, {"a": 2.5}]),
        ('@"2026-11-22"', "2026-11-22"),
        ('@"2026-11-22T10:00:00Z"', "2026-11-22T10:00:00Z"),
        ('@"P1D"', "P1D"),
    ],
)
def test_a_feel_value_leaves_as_json(text, wanted):
    """Whole numbers leave as int, other numbers as float where nothing is lost, dates and durations as text."""
    value = to_json(compile_expression(text).value({}))

    assert (wanted, type(wanted)) == (value, type(value))


@pytest.mark.parametrize("text", ["1 / 3", "9223372036854775808", "1e400", "[1..2]", "function(x) x", "[1 / 3]"])
def test_what_json_would_change_is_refused(text):
    """A number with more digits than JSON keeps, a range and a function do not leave."""
    with pytest.raises(NotConvertible):
        to_json(compile_expression(text).value({}))


def test_python_numbers_leave_too():
    """A caller may hand in what never was a FEEL value, but nothing infinite leaves."""
    assert [1, 2.5] == to_json([1, 2.5])
    with pytest.raises(NotConvertible):
        to_json(Decimal("Infinity"))


def test_what_is_missing_says_so():
    """The stand-in for a missing entry is never taken for null."""
    from engine.feel.values import MISSING

    assert "MISSING" == repr(MISSING)


def test_a_range_is_walked_without_an_evaluation():
    """Whole numbers and days are listed also where nobody counts the steps."""
    from engine.feel.membership import span

    assert [1, 2, 3] == span(Decimal(1), Decimal(3), None, 0)


def test_a_range_does_not_change():
    """Ranges are values: equal by their ends, hashable, fixed."""
    span = Range(1, 5, end_included=False)

    assert span == Range(1, 5, end_included=False) != Range(1, 5)
    assert span != 5
    assert {span: 1}[Range(1, 5, end_included=False)] == 1
    assert "Range([1..5))" == repr(span)
    assert (True, True) == (Range.comparing("<", 5).open_start, Range.comparing(">", 5).open_end)
    with pytest.raises(AttributeError, match="does not change"):
        span.start = 2


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "null"),
        (True, "boolean"),
        (Decimal(1), "number"),
        (1, "number"),
        (1.5, "number"),
        ("x", "string"),
        ([], "list"),
        ({}, "context"),
        (Range(1, 2), "range"),
        (FeelFunction((), lambda run: 1), "function"),
        (Date(2026, 1, 1), "date"),
        (compile_expression("count").value({}), "function"),
        (object(), "object"),
    ],
)
def test_every_value_has_a_kind(value, kind):
    """The name that messages use."""
    assert kind == kind_of(value)


def test_a_mapping_is_a_context():
    """Whatever looks like a context is called one."""
    from types import MappingProxyType

    assert "context" == kind_of(MappingProxyType({}))


FUNCTION = FunctionType((NUMBER,), STRING)


@pytest.mark.parametrize(
    ("narrow", "wide", "conforms"),
    [
        (NUMBER, NUMBER, True),
        (NUMBER, ANY, True),
        (NUMBER, STRING, False),
        (ListType(NUMBER), ListType(ANY), True),
        (ListType(NUMBER), ListType(STRING), False),
        (ListType(NUMBER), Simple("list"), True),
        (ListType(NUMBER), ANY, True),
        (ListType(NUMBER), NUMBER, False),
        (ContextType((("a", NUMBER), ("b", STRING))), ContextType((("a", ANY),)), True),
        (ContextType((("a", NUMBER),)), ContextType((("b", ANY),)), False),
        (ContextType(()), Simple("context"), True),
        (RangeType(NUMBER), RangeType(ANY), True),
        (RangeType(NUMBER), RangeType(STRING), False),
        (RangeType(NUMBER), Simple("range"), True),
        (FUNCTION, FUNCTION, True),
        (FUNCTION, FunctionType((NUMBER,), ANY), True),
        (FunctionType((ANY,), STRING), FUNCTION, True),
        (FUNCTION, FunctionType((ANY,), STRING), False),
        (FUNCTION, FunctionType((), STRING), False),
        (FUNCTION, FunctionType((NUMBER,), NUMBER), False),
        (FUNCTION, Simple("function"), True),
        (FUNCTION, NUMBER, False),
    ],
)
def test_types_conform(narrow, wide, conforms):
    """Every value of the narrow type is one of the wide type (10.3.2.9.2)."""
    assert conforms is narrow.conforms_to(wide)


@pytest.mark.parametrize(
    ("kind", "value", "coerced"),
    [
        (NUMBER, Decimal(1), (True, Decimal(1))),
        (NUMBER, [Decimal(1)], (True, Decimal(1))),
        (NUMBER, [Decimal(1), Decimal(2)], (False, None)),
        (NUMBER, "x", (False, None)),
        (NUMBER, None, (True, None)),
        (ListType(NUMBER), Decimal(1), (True, [Decimal(1)])),
        (ListType(NUMBER), [Decimal(1)], (True, [Decimal(1)])),
        (ListType(NUMBER), [[Decimal(1)]], (True, [Decimal(1)])),
        (ListType(NUMBER), ["x"], (False, None)),
        (ListType(NUMBER), "x", (False, None)),
        (ListType(NUMBER), None, (True, None)),
    ],
)
def test_values_are_coerced(kind, value, coerced):
    """A list of one and its item stand for each other; null fits every type (10.3.2.9.4)."""
    assert coerced == kind.coerce(value)


def test_types_say_their_names():
    """A type reads as it is written, and tools' spellings are understood."""
    text = "context<a: list<number>, b: function<string, range<date>> -> Any>"

    assert text == str(compile_expression(f"x instance of {text}").tree.type)
    assert simple("dateTime") == simple("date and time")
    assert simple("integer") == NUMBER
    assert simple("tPlan") is None


def test_a_model_defines_types_of_its_own():
    """Names of types are put in place before anything is asked; one that nobody defines holds nothing."""

    class Age(Type):
        __slots__ = ()

        def holds(self, value):
            return isinstance(value, Decimal) and 0 <= value < 130

        def __str__(self):
            return "age in years"

    types = {"age in years": Age(), "my.Age": Age()}

    def ask(text):
        return compile_expression(text, types=types).value({})

    assert ask("17 instance of age in years") is True
    assert ask("170 instance of age in years") is False
    assert ask("[17] instance of list<age in years>") is True
    assert ask("{a: 17} instance of context<a: age in years>") is True
    assert ask("[1..2] instance of range<age in years>") is True
    assert ask("17 instance of my.Age") is True
    assert ask("(function(x: age in years) x)(170)") is None
    assert ask("(function(x: age in years) 1) instance of function<age in years> -> number") is True
    assert isinstance(resolve(Named("nobody"), types), Named)
    assert not Named("nobody").holds(1)
    assert "nobody" == str(Named("nobody"))
    assert Age().conforms_to(ANY)
    with pytest.raises(NotImplementedError):
        Type().holds(1)

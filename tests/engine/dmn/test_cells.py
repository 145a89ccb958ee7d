"""Cells against inputs of every kind, on the fast way and on the slow one."""

import pytest

from tests.engine.dmn.files import ask, said, table


def matches(cell: str, value: object, type_ref: str = "", **more: object) -> bool:
    logic = table([("x", type_ref)], ["r"], (cell, "true"), policy="COLLECT")
    return [True] == ask(logic, {"x": value, **more}).value


@pytest.mark.parametrize(
    ("cell", "type_ref", "inside", "outside"),
    [
        ("< 18", "number", [17, 17.9, -3], [18, 19, None]),
        ("[16..18)", "number", [16, 17.5], [15.99, 18, None]),
        ("(16..18]", "number", [16.01, 18], [16, 18.01]),
        ("1, 3, > 10", "number", [1, 3, 11], [2, 10, None]),
        ("not(1, 3)", "number", [2, 0], [1, 3]),
        ("? > 3 and ? <= 5", "number", [4, 5], [3, 6, None]),
        ("? between 3 and 5 or ? = 9", "number", [3, 5, 9], [2, 6]),
        ("not(? in (1, 2))", "number", [3], [1, 2]),
        ("5 > ?", "number", [4], [5]),
        ('"s20", "ico"', "string", ["s20", "ico"], ["co", "", None]),
        ('not("s20")', "string", ["co", ""], ["s20"]),
        ('["a", "b"]', "string", ["a", "b"], ["c"]),
        ('>= "b"', "string", ["b", "c", "ba"], ["a", "", None]),
        ('["b".."d"]', "string", ["b", "cz", "d"], ["a", "da"]),
        ("true", "boolean", [True], [False, None]),
        ("not(true)", "boolean", [False], [True]),
        ("null", "boolean", [None], [True, False]),
        ("? = null", "number", [None], [0]),
        ("? != null", "number", [0], [None]),
        ("-", "number", [1, None], []),
        ("", "number", [1, None], []),
        ('date("2026-01-01")', "date", ["2026-01-01"], ["2026-01-02", None]),
        ('< @"2026-01-01"', "date", ["2025-12-31"], ["2026-01-01"]),
        ('[@"08:00:00"..@"17:00:00")', "time", ["08:00:00", "16:59:59"], ["17:00:00", "07:59:59"]),
        ('> duration("PT1H")', "dayTimeDuration", ["PT2H", "P1D"], ["PT1H"]),
        ('>= @"P1Y"', "yearMonthDuration", ["P12M", "P2Y"], ["P11M"]),
        ('< @"2026-01-01T00:00:00Z"', "dateTime", ["2025-12-31T23:59:59Z"], ["2026-01-01T01:00:00+01:00"]),
        ('< @"2026-01-01T00:00:00Z"', "dateTime", [], ["2025-12-31T23:59:59"]),
        ('@"2026-01-01T00:00:00", < @"2026-01-01T00:00:00Z"', "dateTime", ["2026-01-01T00:00:00"], []),
        ("< other", "number", [1], [5, None]),
        ("other", "number", [3], [4]),
        ("several", "number", [7, 8], [9]),
        ('starts with(?, "s")', "string", ["s20"], ["co"]),
        ("count(?) > 1", "", [[1, 2]], [[1]]),
        ("list contains(?, 3)", "", [[3]], [[4]]),
        ("string length(?) > other", "string", ["long text"], ["abc"]),
        ("< 3", "", [2], [3, "text", True]),
        ('"a"', "", ["a"], [1, None]),
        ("? instance of number", "", [1], ["1"]),
    ],
)
def test_a_cell_takes_exactly_what_it_says(cell, type_ref, inside, outside):
    """A cell is met by the values its FEEL is true for, and by no others (grammar rules 12 to 15)."""
    known = {"other": 3, "several": [7, 8]}

    assert inside == [value for value in inside if matches(cell, value, type_ref, **known)]
    assert [] == [value for value in outside if matches(cell, value, type_ref, **known)]


def test_a_cell_that_meets_null_does_not_match_and_says_nothing():
    """An unknown input is a case of its own, not a fault of a cell that compares."""
    logic = table([("x", "number")], ["r"], ("< other", "1"), ("null", "2"))

    outcome = ask(logic, {"x": None, "other": 3})

    assert 2 == outcome.value
    assert () == outcome.diagnostics


def test_a_cell_that_reads_an_unknown_name_says_so():
    """A name nobody gave is told with its row and column."""
    logic = table([("x", "number")], ["r"], ("< limit", "1"), (">= 5", "2"), policy="FIRST")

    outcome = ask(logic, {"x": 6})

    assert 2 == outcome.value
    assert ['test.dmn: "d", row 1, column "x": Nothing here is named limit.'] == [
        line for line in said(outcome) if "limit" in line
    ]


def test_an_input_of_another_type_decides_nothing():
    """A text where a number is due gives null, whatever the cells say."""
    outcome = ask(table([("x", "number")], ["r"], ("-", "1")), {"x": "17"})

    assert outcome.value is None
    assert () == outcome.rules
    assert ['test.dmn: "d", column "x": The input should be number, and it is a string.'] == said(outcome)


def test_an_input_outside_its_values_decides_nothing():
    """Input values are what the column may have (8.2.4)."""
    logic = table([("x", "string", '"a", "b"')], ["r"], ("-", "1"))

    assert 1 == ask(logic, {"x": "a"}).value
    assert 1 == ask(logic, {"x": None}).value
    outcome = ask(logic, {"x": "c"})
    assert outcome.value is None
    assert ['test.dmn: "d", column "x": The input is not one of the values of its column: "a", "b".'] == said(outcome)


def test_a_list_of_input_values_is_checked_item_by_item():
    """A column of lists may hold lists of its input values."""
    logic = table([("x", "", '"a", "b"')], ["r"], ('list contains(?, "a")', "1"), policy="FIRST")

    assert 1 == ask(logic, {"x": ["a", "b"]}).value
    assert ask(logic, {"x": ["a", "c"]}).value is None


def test_whole_number_columns_refuse_fractions():
    """`integer` of modelling tools means whole numbers."""
    logic = table([("x", "integer")], ["r"], ("<= 17", "1"), (">= 18", "2"))

    assert 1 == ask(logic, {"x": 17}).value
    outcome = ask(logic, {"x": 17.5})
    assert outcome.value is None
    assert ['test.dmn: "d", column "x": The input should be whole number, and it is a number.'] == said(outcome)


def test_a_date_and_time_column_takes_a_date_as_its_midnight():
    """A date becomes midnight UTC where a date and time is due (10.3.2.9.4)."""
    logic = table([("date(x)", "dateTime")], ["r"], ('>= @"2026-01-01T00:00:00Z"', "1"), policy="FIRST")

    assert 1 == ask(logic, {"x": "2026-01-01"}).value

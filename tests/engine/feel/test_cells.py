"""The cells of decision tables: which inputs pass a test."""

from decimal import Decimal

import pytest

from engine.feel import Range, compile_unary_tests, interpreter
from engine.feel.temporal import read_date

DAY = read_date("2026-11-22")
CONTEXT = {"limit": 18, "open": ["new", "active"], "flag": True, "word": "x"}

CELLS = [
    ("-", [(None, True), (1, True), ("x", True)]),
    ("18", [(18, True), (18.0, True), (Decimal("18.0"), True), (17, False), (None, False), ("18", None), ([18], True)]),
    ("1.5", [(1.5, True), (1, False), (Decimal("1.50"), True)]),
    ("< 18", [(17, True), (17.5, True), (18, False), (Decimal(18), False), (None, None), ("x", None)]),
    ("<= 17.5", [(17, True), (17.5, True), (18, False)]),
    ("> limit", [(19, True), (18, False)]),
    ("= 5", [(5, True), (6, False), ("5", None)]),
    ("!= 5", [(5, False), (6, True), (None, True)]),
    ("= null", [(None, True), (1, False)]),
    ("!= null", [(None, False), (1, True)]),
    ("null", [(None, True), (False, False)]),
    ("[1..5]", [(1, True), (5, True), (6, False), (2.5, True), (Decimal(3), True), (None, None), ("x", None)]),
    ("(1..5)", [(1, False), (5, False), (2, True)]),
    ("[1.5..2.5]", [(2, True), (3, False)]),
    ("[5..1]", [(3, False)]),
    ("[limit..20]", [(18, True), (21, False)]),
    ('["a".."c"]', [("b", True), ("d", False)]),
    ("1, 2, [5..9]", [(2, True), (7, True), (3, False), (None, None)]),
    ('"x"', [("x", True), ("y", False), (None, False), (1, None)]),
    ('"x", "y"', [("y", True), ("z", False), (None, False)]),
    ('not("x")', [("x", False), ("y", True), (None, True)]),
    ('not("x", "y")', [("y", False), ("z", True)]),
    ("not(< 18)", [(17, False), (18, True), (None, None)]),
    ("not(null)", [(None, False), (1, True)]),
    ("true", [(True, True), (False, False), (None, False), (1, None)]),
    ("false", [(False, True), (None, False)]),
    ("not(true)", [(True, False), (False, True), (None, True)]),
    ('@"2026-11-22"', [(DAY, True), (read_date("2026-11-23"), False)]),
    ('> @"2026-11-01"', [(DAY, True)]),
    ('[@"2026-11-01"..@"2026-11-30"]', [(DAY, True)]),
    ('date("2026-11-22")', [(DAY, True), (read_date("2026-11-23"), False)]),
    ("open", [("new", True), ("closed", False)]),
    ("limit", [(18, True), (17, False)]),
    ("flag", [(True, True), (False, False), (1, None)]),
    ("? > 3 and ? < 6", [(5, True), (6, False), (None, None)]),
    ("? in [1..3]", [(2, True)]),
    ('contains(?, "b")', [("abc", True), ("x", False), (1, None)]),
    ("count(?) = 2", [([1, 2], True), ([1], False)]),
    ('starts with("abc", "a")', [("anything", True), (None, False), (True, True)]),
    ("upper case(word)", [("X", True), ("x", False)]),
    ("limit > 3", [("anything", True), (None, True)]),
    ("limit < 3", [("anything", False)]),
    ("if flag then 1 else 2", [(1, True), (2, False)]),
    ("[1, 2, 3]", [(2, True), (4, False), ([1, 2, 3], True)]),
    ("(< 5)", [(4, True), (5, False)]),
    ("? = 1 or ? = 2, 7", [(2, True), (7, True), (3, False)]),
    ("some x in ? satisfies x > 2", [([1, 3], True), ([1], False)]),
    ("?", [(1, True), (None, None), (True, True), (False, False)]),
    ("[1..3]", [(Range(Decimal(1), Decimal(3)), True)]),
    ("word.x", [(None, True), (1, False)]),
    ('{"?": 1, x: ?}.x', [(3, True), (4, True)]),
    ("not(word = ?) and true", [("y", True)]),
]


@pytest.mark.parametrize(("cell", "inputs"), CELLS, ids=[f"{number} {cell}" for number, (cell, _) in enumerate(CELLS)])
def test_a_cell_lets_pass_what_the_specification_says(cell, inputs):
    """An input passes, does not, or cannot be told (null); compiled and interpreted alike (grammar rules 7 to 15)."""
    tests = compile_unary_tests(cell, names=CONTEXT)
    for value, wanted in inputs:
        assert tests.evaluate(value, CONTEXT).value is wanted, value
        assert tests.matches(value, CONTEXT) is wanted, value
        assert interpreter.evaluate_unary_tests(cell, value, CONTEXT, names=CONTEXT).value is wanted, value


def test_a_cell_says_what_it_could_not_compare():
    """A null verdict has its reason."""
    outcome = compile_unary_tests("< 18").evaluate("young")

    assert "type: `<` does not work on string and number." == str(outcome.diagnostics[0])
    assert "conversion: FEEL has no value of type object." == str(
        compile_unary_tests("1").evaluate(object()).diagnostics[0]
    )

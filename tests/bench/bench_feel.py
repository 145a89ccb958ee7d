"""What FEEL costs: compiling, a simple condition, a cell, a path, a loop; each beside plain Python in the same run."""

from __future__ import annotations

import statistics
import timeit
from collections.abc import Callable, Iterator
from decimal import Decimal

from engine.feel import compile_expression, compile_unary_tests


def microseconds(action: Callable[[], object], number: int) -> float:
    """The median of nine rounds, of one call."""
    rounds = timeit.repeat(action, number=number, repeat=9)
    return round(statistics.median(rounds) / number * 1e6, 4)


def figures() -> Iterator[dict[str, object]]:
    """The budgets of the design, measured."""
    condition = compile_expression('a > 3 and b = "x"', names=("a", "b"))
    as_json, as_feel = {"a": 5, "b": "x"}, {"a": Decimal(5), "b": "x"}

    def plain() -> bool:
        return as_json["a"] > 3 and as_json["b"] == "x"

    yield _figure("a simple condition over JSON", lambda: condition.value(as_json), plain, 0.5)
    yield _figure("a simple condition over decimals", lambda: condition.value(as_feel), plain, 0.5)
    yield _figure("the same with its diagnostics", lambda: condition.evaluate(as_json), plain, None)

    choice = compile_expression('if a > 3 then "x" else "y"', names=("a",))
    yield _figure("a simple choice", lambda: choice.value(as_json), lambda: "x" if as_json["a"] > 3 else "y", 0.5)

    between, under, three = compile_unary_tests("[1..5]"), compile_unary_tests("< 18"), Decimal(3)
    yield _figure("a cell with a range", lambda: between.matches(three), lambda: 1 <= three <= 5, 0.2)
    yield _figure("a cell with a comparison over JSON", lambda: under.matches(17), lambda: three < 18, 0.2)

    words, word = compile_unary_tests('"open", "closed"'), "closed"
    yield _figure("a cell with two words", lambda: words.matches(word), lambda: word in ("open", "closed"), 0.3)

    deep, case = compile_expression("case.plan.status", names=("case",)), {"case": {"plan": {"status": "open"}}}
    yield _figure("a path", lambda: deep.value(case), lambda: case["case"]["plan"]["status"], 0.5)

    total = compile_expression("sum(for i in 1..1000 return i * 2)")
    yield _figure("a loop of a thousand", lambda: total.value({}), lambda: sum(i * 2 for i in range(1000)), None, 20)

    count = iter(range(10**9))

    def compiling() -> object:
        return compile_expression(f'a > {next(count)} and b = "x"', names=("a", "b"))

    def python() -> object:
        return compile(f'a > {next(count)} and b == "x"', "<plain>", "eval")

    yield _figure("compiling a simple condition", compiling, python, 300.0, 300)


def _figure(
    name: str, action: Callable[[], object], beside: Callable[[], object], at_most: float | None, number: int = 20_000
) -> dict[str, object]:
    value = microseconds(action, number)
    figure: dict[str, object] = {"name": name, "value": value, "unit": "us", "beside": microseconds(beside, number)}
    if at_most is not None:
        figure |= {"at_most": at_most, "kept": value <= at_most}
    return figure

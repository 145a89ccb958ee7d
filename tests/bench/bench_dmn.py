"""How long decisions take, in microseconds, medians beside a plain Python expression measured in the same run."""

from __future__ import annotations

import statistics
import time
import timeit
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from engine.dmn import Model, read_model
from engine.dmn.analyse import prove
from engine.feel import Environment
from tests.bench.figure import Figure

_HEAD = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="bench" namespace="urn:bench">'
_BANDS = ("none", "s20", "police_protection", "epo", "ico", "co", "other_order", "unborn", "returned", "abroad")


def table_file(rules: int) -> bytes:
    """Return a decision file with one UNIQUE table of three inputs: an age band, a text and a boolean."""
    rows = []
    for row in range(rules):
        band, text, flag = row // 20, _BANDS[row // 2 % 10], ("true", "false")[row % 2]
        tests = (f"[{band}..{band + 1})", f'"{text}"', flag)
        cells = "".join(f"<inputEntry><text>{test.replace('<', '&lt;')}</text></inputEntry>" for test in tests)
        rows.append(f'<rule id="r{row}">{cells}<outputEntry><text>"out {row}"</text></outputEntry></rule>')
    columns = "".join(
        f'<input><inputExpression typeRef="{kind}"><text>{name}</text></inputExpression></input>'
        for name, kind in (("age", "number"), ("legal_status", "string"), ("stable", "boolean"))
    )
    body = f'<decisionTable id="t">{columns}<output typeRef="string"/>{"".join(rows)}</decisionTable>'
    return f'{_HEAD}<decision id="d" name="d">{body}</decision></definitions>'.encode()


def long_table_file(rules: int) -> bytes:
    """Return a decision file with one FIRST table of one input, which names a number of its own in each row."""
    cells = [*(str(row) for row in range(rules)), "-"]
    rows = "".join(
        f"<rule><inputEntry><text>{cell}</text></inputEntry><outputEntry><text>{row}</text></outputEntry></rule>"
        for row, cell in enumerate(cells)
    )
    column = '<input><inputExpression typeRef="number"><text>age</text></inputExpression></input>'
    body = f'<decisionTable id="t" hitPolicy="FIRST">{column}<output typeRef="number"/>{rows}</decisionTable>'
    return f'{_HEAD}<decision id="d" name="d">{body}</decision></definitions>'.encode()


def median(call: Callable[[], object], *, number: int = 500, repeat: int = 15) -> float:
    """Return the median microseconds of processor time of one call, whatever else the machine is doing."""
    times = timeit.repeat(call, number=number, repeat=repeat, timer=time.process_time)
    return statistics.median(times) / number * 1e6


def _asked(model: Model, context: dict[str, Any]) -> Callable[[], object]:
    environment = Environment()
    return lambda: model.evaluate("d", context, environment)


def figures() -> Iterator[Figure]:
    """Give the medians; a plain Python expression of three comparisons is measured in the same run."""
    small, large = read_model(table_file(50), "bench.dmn"), read_model(table_file(500), "bench.dmn")
    age, status, stable = 1, "s20", True
    plain = median(lambda: 1 <= age < 2 and status == "s20" and stable is True)
    yield Figure("plain Python comparison", plain, "us")
    for rules, model, given, budget in (
        (50, small, {"age": age, "legal_status": status, "stable": stable}, 10.0),
        (500, large, {"age": 24, "legal_status": "abroad", "stable": False}, 30.0),
    ):
        detail = "inputs read, rules matched, record made"
        yield Figure(f"{rules}-rule table", median(_asked(model, given)), "us", at_most=budget, detail=detail)
    reading = median(lambda: read_model(table_file(50), "bench.dmn"), number=1, repeat=5)
    yield Figure("reading a 50-rule table", reading / 1000, "ms")
    for rules, model in ((50, small), (500, large)):
        proving = median(partial(prove, model, "d"), number=1, repeat=3)
        yield Figure(f"proving a {rules}-rule table", proving / 1000, "ms", at_most=1000.0)
    long = read_model(long_table_file(1_000), "bench.dmn")
    proving = median(partial(prove, long, "d"), number=1, repeat=3)
    yield Figure("proving 1,000 rules of one input", proving / 1000, "ms", at_most=1000.0)

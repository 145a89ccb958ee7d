"""How long decisions take, in microseconds, medians beside a plain Python expression measured in the same run."""

from __future__ import annotations

import statistics
import timeit
from collections.abc import Callable

from engine.dmn import Model, read_model
from engine.dmn.analyse import prove
from engine.feel import Environment

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


def median(call: Callable[[], object], *, number: int = 500, repeat: int = 15) -> float:
    """Return the median microseconds of one call."""
    return statistics.median(timeit.repeat(call, number=number, repeat=repeat)) / number * 1e6


def _asked(model: Model, context: dict[str, object]) -> Callable[[], object]:
    environment = Environment()
    return lambda: model.evaluate("d", context, environment)


def figures() -> dict[str, float]:
    """Return the medians by name, in microseconds; 'plain Python' is three comparisons of the same kind."""
    small, large = read_model(table_file(50), "bench.dmn"), read_model(table_file(500), "bench.dmn")
    age, status, stable = 1, "s20", True
    return {
        "plain Python": median(lambda: 1 <= age < 2 and status == "s20" and stable is True),
        "50-rule table": median(_asked(small, {"age": age, "legal_status": status, "stable": stable})),
        "500-rule table": median(_asked(large, {"age": 24, "legal_status": "abroad", "stable": False})),
        "reading a 50-rule table": median(lambda: read_model(table_file(50), "bench.dmn"), number=1, repeat=5),
        "proving a 50-rule table": median(lambda: prove(small, "d"), number=1, repeat=5),
        "proving a 500-rule table": median(lambda: prove(large, "d"), number=1, repeat=3),
    }


if __name__ == "__main__":
    for name, microseconds in figures().items():
        print(f"{name:28} {microseconds:12.2f} us")

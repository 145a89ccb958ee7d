"""python -m tests.tck DIR: run the kit's cases through the adapter, print the tally, exit 1 below the bar."""

from __future__ import annotations

import datetime as dt
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from engine.errors import EngineError
from engine.feel import Temporal
from engine.feel.temporal import from_python
from tests.tck.adapter import evaluate
from tests.tck.kit import Case, cases

#: The share that must pass, of all cases and of cases with a value. Java is never run, so its folder does not count.
BARS = {2: Decimal(100), 3: Decimal("99.5")}
NOT_COUNTED = frozenset({"0076-feel-external-java"})


@dataclass
class Tally:
    """How one level went."""

    cases: int = 0
    passed: int = 0
    valued: int = 0
    valued_passed: int = 0
    folders: dict[str, bool] = field(default_factory=lambda: defaultdict(lambda: True))

    def add(self, case: Case, passed: bool) -> None:
        """Count one case."""
        self.cases += 1
        self.passed += passed
        if case.has_value:
            self.valued += 1
            self.valued_passed += passed
        self.folders[case.folder] = self.folders[case.folder] and passed

    def line(self, level: int) -> str:
        """Return the printed line."""
        whole = sum(self.folders.values())
        return (
            f"level {level}: {self.passed}/{self.cases} cases ({share(self.passed, self.cases)}%), "
            f"{self.valued_passed}/{self.valued} with a value ({share(self.valued_passed, self.valued)}%), "
            f"{whole}/{len(self.folders)} folders"
        )

    def meets(self, bar: Decimal) -> bool:
        """Whether both shares reach the bar."""
        return min(share(self.passed, self.cases), share(self.valued_passed, self.valued)) >= bar


def share(part: int, whole: int) -> Decimal:
    """Return a percentage to two places, rounded down so that a bar is never met by rounding."""
    return Decimal(part * 10_000 // whole) / 100 if whole else Decimal(100)


def same(result: Any, expected: Any) -> bool:
    """Whether a result is the expected value; numbers as far as the kit writes them out."""
    if expected is None or result is None:
        return result is None and expected is None
    if isinstance(expected, list):
        return isinstance(result, list) and len(result) == len(expected) and all(map(same, result, expected))
    if isinstance(expected, dict):
        return (
            isinstance(result, dict)
            and result.keys() == expected.keys()
            and all(same(result[key], value) for key, value in expected.items())
        )
    if isinstance(expected, Decimal):
        if not isinstance(result, Decimal):
            return False
        return result == expected or abs(result - expected) <= max(Decimal("1e-8"), abs(expected) * Decimal("1e-12"))
    if isinstance(result, dt.timedelta):
        result = from_python(result)
    if isinstance(expected, Temporal):
        return type(result) is type(expected) and str(result) == str(expected)
    return type(result) is type(expected) and result == expected


def run(kit: Path) -> tuple[dict[int, Tally], list[str]]:
    """Return the tally per level and a line per failure."""
    tallies = {level: Tally() for level in BARS}
    failures = []
    for case in cases(kit):
        try:
            result: Any = evaluate(list(case.models), case.main, case.kind, case.name, case.inputs)
            if case.kind == "decisionService" and isinstance(result, dict) and case.node in result:
                if not same(result, case.expected):
                    result = result[case.node]
            passed = same(result, case.expected)
            told = f"expected {case.expected!r}, got {result!r}"
        except EngineError as error:
            passed, told = False, f"{type(error).__name__}: {error}"
        if not passed:
            failures.append(f"{case.folder} {case.id} {case.node}: {told}")
        if case.folder not in NOT_COUNTED:
            tallies[case.level].add(case, passed)
    return tallies, failures


def main(arguments: Sequence[str]) -> int:
    """Print the tally and the failures; return the exit code."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("Give the folder that holds the kit's TestCases: python -m tests.tck DIR")
        return 1
    tallies, failures = run(Path(arguments[0]))
    for failure in failures:
        print(failure)
    for level, tally in tallies.items():
        print(tally.line(level))
    if not all(tally.cases for tally in tallies.values()):
        print("The folder holds no cases of level 2 or 3.")
        return 1
    return 0 if all(tally.meets(BARS[level]) for level, tally in tallies.items()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Measure what the design sets budgets for: python -m tests.bench [WORD ...], one JSON line a figure.

Each bench_*.py in this folder has a function `figures()` that yields tests.bench.figure.Figure or plain mappings, as
they are measured. With words, only the modules whose names hold one of them run. A missed budget is shown, not an
error: machines differ, and no test may depend on how fast one is.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import platform
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.bench.figure import Figure


def main(words: list[str]) -> int:
    """Run the benches that are asked for; 1 when one of them broke or none was found."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))
    wanted = [name for name in names if not words or any(word in name for word in words)]
    if not wanted:
        print(f"No bench has {' or '.join(words)} in its name. There are: {', '.join(names)}.", file=sys.stderr)
        return 1
    _print(
        {
            "name": "machine",
            "detail": f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}",
        }
    )
    broken = 0
    for name in wanted:
        print(f"{time.strftime('%H:%M:%S')}  {name}", file=sys.stderr)
        gc.collect()
        try:
            figures: Iterable[Figure | Mapping[str, object]] = importlib.import_module(f"tests.bench.{name}").figures()
            for figure in figures:
                _print({"bench": name, **(figure.line() if isinstance(figure, Figure) else figure)})
        except Exception as error:
            broken += 1
            _print({"bench": name, "broken": f"{type(error).__name__}: {error}"})
    return 1 if broken else 0


def _print(line: Mapping[str, object]) -> None:
    print(json.dumps(line, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

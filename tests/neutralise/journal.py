"""What runs found, kept in a file: a run that was cut short goes on where it was."""

from __future__ import annotations

import json
from pathlib import Path

from tests.neutralise.rehearsal import Usual


class Journal:
    """One authority's findings, each under a mark of everything that it rests on: what has changed is sought anew."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._usual: dict[str, Usual] = {}
        self._found: dict[str, tuple[str, str, str]] = {}
        if file.is_file():
            for line in self._file.read_text(encoding="utf-8").splitlines():
                self._take(line)

    def _take(self, line: str) -> None:
        try:
            kept = json.loads(line)
        except json.JSONDecodeError:
            # The run was cut short while it wrote.
            return
        if kept["is"] == "usual":
            self._usual[kept["mark"]] = Usual(kept["passed"], frozenset(kept["visited"]), kept["seconds"])
        else:
            self._found[kept["mark"]] = (kept["outcome"], kept["by"], kept["seen"])

    def usual(self, mark: str) -> Usual | None:
        """What was usual of a scenario under that mark."""
        return self._usual.get(mark)

    def keep_usual(self, mark: str, usual: Usual) -> None:
        """Keep what is usual of a scenario."""
        self._write(
            {"is": "usual", "mark": mark, "passed": usual.passed, "visited": sorted(usual.visited)}
            | {"seconds": usual.seconds}
        )

    def finding(self, mark: str) -> tuple[str, str, str] | None:
        """Outcome of a place, what it is by, and the mark of the scenarios that it rests on."""
        return self._found.get(mark)

    def keep_finding(self, mark: str, outcome: str, by: str, seen: str) -> None:
        """Keep what came of a place."""
        self._write({"is": "finding", "mark": mark, "outcome": outcome, "by": by, "seen": seen})

    def _write(self, entry: dict[str, object]) -> None:
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

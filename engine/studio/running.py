"""A draft's scenarios, played on the draft a stretch at a time; what they said is kept with what it depends on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

import orjson

from engine.casework.people import ANALYST, Practitioner
from engine.casework.shelf import Shelf
from engine.coverage import Coverage
from engine.errors import EngineError, Finding, PathwayRefused
from engine.scenarios import Result, Stage, temporary_store
from engine.studio.studio import Drawing, Open
from engine.studio.workspace import Workspace

#: What results are kept as beside a draft.
RESULT = "result"
#: What a kept result tells of its visits: one kept before they named their process is played anew.
_TELLS = b"visits by process"


@dataclass(frozen=True, slots=True)
class Runs:
    """What a draft's scenarios said, as far as it still holds: a result depends on all that runs and on its own file.

    results  by the scenario's path; waiting: those not played since something they depend on changed
    """

    results: Mapping[str, Result] = field(default_factory=dict)
    waiting: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """How many scenarios there are."""
        return len(self.results) + len(self.waiting) + len(self.unreadable)

    @property
    def failed(self) -> dict[str, Result]:
        """Those that did not come out as they say."""
        return {path: result for path, result in self.results.items() if not result.passed}

    @property
    def passed(self) -> bool:
        """Whether every scenario was played and came out as it says."""
        return not self.waiting and not self.unreadable and not self.failed


class Running(Drawing):
    """Plays a draft's scenarios in a store of their own, which is gone afterwards."""

    def runs(self, opened: Open) -> Runs:
        """What the scenarios of a draft said, and which are still to be played."""
        scenarios, unreadable = opened.workspace.scenarios
        kept = self._drafts.notes(opened.draft.authority, opened.draft.number, RESULT)
        results: dict[str, Result] = {}
        waiting = []
        for path in scenarios:
            result = _read(path, kept.get(path), depends_on(opened.workspace, path))
            if result is None:
                waiting.append(path)
            else:
                results[path] = result
        return Runs(results, tuple(waiting), tuple(finding.file for finding in unreadable))

    def run(
        self,
        by: Practitioner,
        number: int,
        *,
        time: Callable[[], float],
        seconds: float,
        only: str | None = None,
    ) -> Runs:
        """Play waiting scenarios for about so many seconds, or one, waiting or not. Raises PathwayRefused."""
        by.must_hold(ANALYST)
        opened = self.open(by, number)
        found = self.runs(opened)
        scenarios = opened.workspace.scenarios[0]
        wanted = [only] if only is not None and only in scenarios else list(found.waiting)
        if not wanted:
            return found
        end, kept = time() + seconds, dict[str, bytes | None]()
        with staged(opened.workspace, self._clock.now()) as stage:
            for path in wanted:
                if kept and time() >= end:
                    break
                try:
                    result = stage.play(scenarios[path])
                except EngineError as error:
                    result = Result(path, scenarios[path].title, (), (str(error),), (), "", (), frozenset())
                kept[path] = _body(result, depends_on(opened.workspace, path))
        self._drafts.keep_notes(by.authority, number, RESULT, kept)
        return self.runs(opened)

    def coverage(self, opened: Open, runs: Runs | None = None) -> Coverage:
        """Where a draft carries each clause out, and which of its scenarios exercise it. Raises PathwayRefused."""
        return opened.workspace.coverage((runs or self.runs(opened)).results)


@contextmanager
def staged(workspace: Workspace, at: datetime, pathways: tuple[str, ...] | None = None) -> Iterator[Stage]:
    """A stage with a draft's settings and pathways (all, or those named) on it. Raises PathwayRefused."""
    releases = workspace.releases if pathways is None else {name: workspace.release(name) for name in pathways}
    with temporary_store() as store:
        shelf = Shelf(store)
        shelf.put_in_force(workspace.settings, at=at, by="studio", why="to try a draft")
        clauses = workspace.files.get(f"{workspace.authority}/clauses.csv")
        if clauses is not None:
            shelf.keep_clauses(workspace.authority, clauses, at=at, by="studio", why="to try a draft")
        refused: list[Finding] = []
        for release in releases.values():
            try:
                shelf.publish(release, at=at, by="studio", why="to try a draft")
            except PathwayRefused as error:
                refused += error.findings
        if refused:
            raise PathwayRefused(list(dict.fromkeys(refused)))
        yield Stage(store, shelf)


def depends_on(workspace: Workspace, path: str) -> str:
    """The name of everything that a scenario's result depends on."""
    return sha256(workspace.running.encode() + b"\0" + _TELLS + b"\0" + workspace.files[path]).hexdigest()


def _body(result: Result, key: str) -> bytes:
    said = [result.title, result.clauses, result.problems, result.outcomes, result.plan_status, result.open_tasks]
    return orjson.dumps([key, *said, sorted(result.visited), result.story])


def _read(path: str, body: bytes | None, key: str) -> Result | None:
    if body is None:
        return None
    kept_key, title, clauses, problems, outcomes, plan_status, open_tasks, visited, story = orjson.loads(body)
    if kept_key != key:
        return None
    return Result(
        path, title, tuple(clauses), tuple(problems), tuple(outcomes), plan_status, tuple(open_tasks),
        frozenset(visited), None, tuple(story),
    )  # fmt: skip

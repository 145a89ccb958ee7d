"""Plays an authority's scenarios on its pathways with one place at a time taken out."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from engine.authorities import read_authority
from engine.casework import Shelf
from engine.errors import EngineError
from engine.pathways import Release, find_releases, release_from_files
from engine.scenarios import Result, Scenario, Stage, find_scenarios, read_scenario
from engine.store import MasterKey, open_store
from tests.neutralise.bypass import NotSeparable
from tests.neutralise.places import Place, neutralised, places

PROCESSES = Path(__file__).resolve().parents[2] / "processes"
PUBLISHED = datetime(2026, 1, 1, 9, tzinfo=UTC)
#: Scenarios that are played on one place before it is said to survive: those that visit it, shortest first.
TRIES = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one place: killed (a scenario noticed), survived, or not separable."""

    place: Place
    outcome: str
    by: str = ""


def survey(authority: str, only: str = "") -> Iterator[Finding]:
    """Neutralise every clause-tagged place of an authority in turn."""
    with tempfile.TemporaryDirectory(prefix="neutralise-") as folder:
        store = open_store(
            f"sqlite:///{folder}/stage.db", master_key=MasterKey.create(Path(folder) / "keys"), create=True
        )
        try:
            yield from _Survey(authority, Stage(store, Shelf(store))).findings(only)
        finally:
            store.close()


class _Survey:
    def __init__(self, authority: str, stage: Stage) -> None:
        self.authority, self.stage = authority, stage
        self.begun = read_authority(PROCESSES / authority).message_pathways
        stage.shelf.deploy_authority(PROCESSES / authority, at=PUBLISHED, by="tests", why="to neutralise places of it")
        self.releases = {release.pathway: release for release in find_releases(PROCESSES / authority)}
        self.scenarios = {
            str(file): read_scenario(file.read_bytes(), str(file)) for file in find_scenarios(PROCESSES / authority)
        }
        self.results: dict[str, Result] = {}
        for file, scenario in self.scenarios.items():
            self.results[file] = stage.play(scenario, certify=False)

    def findings(self, only: str) -> Iterator[Finding]:
        """Each place once, in the order of the pathways."""
        found: dict[Place, None] = {}
        for release in self.releases.values():
            found.update(dict.fromkeys(places(release)))
        for place in found:
            if only in place.name:
                yield self._finding(place)

    def _finding(self, place: Place) -> Finding:
        visiting = [
            file for file, result in self.results.items() if place.visited_as in result.visited and result.passed
        ]
        # Those that name one of its clauses first: they were written for it.
        named = set(place.clauses)
        visiting.sort(key=lambda file: (not named & set(self.scenarios[file].clauses), len(self.scenarios[file].whens)))
        changed: dict[str, Release] = {}
        try:
            for pathway, release in self.releases.items():
                if place.file in release.files:
                    files = neutralised(release.files, place)
                    changed[pathway] = release_from_files(files, authority=self.authority, pathway=pathway)
        except NotSeparable:
            return Finding(place, "not separable")
        published: set[str] = set()
        try:
            for file in visiting[:TRIES]:
                scenario = self.scenarios[file]
                for pathway in self._played_by(scenario, changed) - published:
                    self.stage.shelf.publish(changed[pathway], at=PUBLISHED, by="tests", why=place.name)
                    published.add(pathway)
                if not self.stage.play(scenario, certify=False).passed:
                    return Finding(place, "killed", file)
        except EngineError as error:
            # The checker itself refuses a pathway without this place: it cannot be forgotten.
            return Finding(place, "killed", str(error)[:120])
        finally:
            for pathway in published:
                self.stage.shelf.publish(self.releases[pathway], at=PUBLISHED, by="tests", why="as it was")
        return Finding(place, "survived")

    def _played_by(self, scenario: Scenario, changed: dict[str, Release]) -> set[str]:
        """The pathways that a scenario may start; where something happens to the child, every shared one too."""
        started = {scenario.pathway, *(when.what for when in scenario.whens if when.does == "start")}
        started |= {self.begun.get(when.what, "") for when in scenario.whens if when.does == "message"}
        shared = {name for name, release in changed.items() if "/shared/" in release.processes[name]}
        return {name for name in changed if name in started} | shared

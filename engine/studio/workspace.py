"""A draft as the folder it would be: the published files with the draft's own over them, read exactly as from disk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from engine.authorities import Authority, clauses_from_csv, read_authority
from engine.coverage import Coverage, cover
from engine.errors import EngineError, Finding, PathwayRefused
from engine.pathways import Release, content_hash, find_releases, read_release
from engine.publication import check_release
from engine.scenarios import Result, Scenario, ScenarioUnreadable, read_scenario

#: The kinds of file a draft may hold, by where they stand in a pathway's folder.
KINDS: Mapping[str, str] = {
    "pathway.toml": "settings",
    ".bpmn": "diagram",
    ".dmn": "table",
    ".form": "form",
    ".md": "letter",
    ".toml": "scenario",
    ".csv": "clauses",
}


def kind_of(path: str) -> str | None:
    """Whether a path is a diagram, a table, a form, a letter, a scenario or settings; None where it is none of them."""
    place = PurePosixPath(path)
    if place.name in ("pathway.toml", "authority.toml"):
        return "settings"
    if place.suffix == ".toml":
        return "scenario" if place.parent.name == "scenarios" else None
    if place.suffix == ".md":
        return "letter" if place.parent.name == "letters" else None
    return KINDS.get(place.suffix)


@dataclass(frozen=True)
class Workspace:
    """An authority's folder as a draft makes it.

    files    every file by its path below processes/
    changed  the paths that the draft changed, added or took away
    """

    authority: str
    files: Mapping[str, bytes] = field(repr=False)
    changed: frozenset[str] = frozenset()

    @classmethod
    def of(cls, authority: str, published: Mapping[str, bytes], draft: Mapping[str, bytes | None]) -> Workspace:
        """The published folder with a draft's files over it."""
        files = {path: body for path, body in published.items() if draft.get(path, body) is not None}
        files.update({path: body for path, body in draft.items() if body is not None})
        changed = frozenset(path for path, body in draft.items() if published.get(path) != body)
        return cls(authority, dict(sorted(files.items())), changed)

    @cached_property
    def content(self) -> str:
        """The name of exactly this content: what is approved is what is published."""
        return content_hash(self.files, f"folder {self.authority}")

    @property
    def pathways(self) -> list[str]:
        """The ids of the authority's pathways, its shared pieces included; those common to all are not its own."""
        found = (PurePosixPath(path) for path in self.files if path.startswith(f"{self.authority}/"))
        return sorted({path.parent.name for path in found if path.name == "pathway.toml"})

    def home(self, pathway: str) -> str:
        """The folder of a pathway's own files."""
        for home in (f"{self.authority}/{pathway}", f"{self.authority}/shared/{pathway}"):
            if f"{home}/pathway.toml" in self.files:
                return home
        return f"{self.authority}/{pathway}"

    @contextmanager
    def on_disk(self) -> Iterator[Path]:
        """The folder of the authority without its scenarios, written out for as long as it is needed."""
        with tempfile.TemporaryDirectory(prefix="draft-") as folder:
            for path, body in self.files.items():
                if kind_of(path) == "scenario":
                    continue
                place = Path(folder) / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(body)
            yield Path(folder).resolve() / self.authority

    @cached_property
    def settings(self) -> Authority:
        """The authority's settings as written. Raises what reading them refuses."""
        with self.on_disk() as folder:
            return read_authority(folder)

    @cached_property
    def roles(self) -> frozenset[str] | None:
        """The roles that the settings name; None while they cannot be read, which `check_settings` says."""
        try:
            return frozenset(self.settings.roles)
        except EngineError:
            return None

    @cached_property
    def releases(self) -> dict[str, Release]:
        """Every pathway as a release. Raises PathwayRefused with all findings together."""
        with self.on_disk() as folder:
            return {release.pathway: release for release in find_releases(folder)}

    def release(self, pathway: str) -> Release:
        """One pathway as a release. Raises PathwayRefused."""
        with self.on_disk() as folder:
            return read_release(folder.parent, self.authority, pathway)

    def affected(self, deployed: Mapping[str, str]) -> dict[str, Release]:
        """The pathways that would change: those whose release is not the deployed one. Raises PathwayRefused."""
        return {name: release for name, release in self.releases.items() if deployed.get(name) != release.hash}

    def check(self, pathway: str) -> list[Finding]:
        """Everything that the checks and the table prover say of one pathway and what it calls."""
        try:
            return check_release(self.release(pathway), roles=self.roles)
        except PathwayRefused as refused:
            return list(refused.findings)
        except EngineError as error:
            return [Finding("refusal", self.home(pathway), None, None, str(error), "Correct it, then check again.")]

    def check_settings(self) -> list[Finding]:
        """What is wrong with the authority's settings, local values and clauses as written."""
        try:
            declared = {name: one for release in self.releases.values() for name, one in release.parameters.items()}
        except PathwayRefused:
            declared = {}
        found: list[Finding] = []
        try:
            settings = self.settings
            found += settings.check_parameters(declared) if declared else []
            path = f"{self.authority}/clauses.csv"
            if path in self.files:
                clauses_from_csv(self.files[path], path)
        except PathwayRefused as refused:
            found += refused.findings
        return found

    @property
    def sources(self) -> dict[str, bytes]:
        """The files that execute nothing: the settings as they are written, and the scenarios."""
        settings = f"{self.authority}/authority.toml"
        return {path: body for path, body in self.files.items() if path == settings or kind_of(path) == "scenario"}

    @cached_property
    def running(self) -> str:
        """The name of everything that executes or decides a date: what a scenario's result depends on beside itself."""
        held = {path: body for path, body in self.files.items() if kind_of(path) != "scenario"}
        return content_hash(held, f"running {self.authority}")

    @cached_property
    def scenarios(self) -> tuple[dict[str, Scenario], list[Finding]]:
        """The scenarios by path, and what cannot be read of them."""
        found: dict[str, Scenario] = {}
        unreadable = []
        for path, body in self.files.items():
            if kind_of(path) == "scenario":
                try:
                    found[path] = read_scenario(body, path)
                except ScenarioUnreadable as error:
                    unreadable.append(Finding("refusal", path, None, None, str(error), "Correct the scenario."))
        return found, unreadable

    def coverage(self, results: Mapping[str, Result]) -> Coverage:
        """Where each clause is carried out, and which of these scenario results exercise it. Raises PathwayRefused."""
        with self.on_disk() as folder:
            return cover(folder.parent, self.authority, self.releases.values(), results.values())

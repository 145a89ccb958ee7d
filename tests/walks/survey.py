"""The walks of an authority: each of its pathways, with the outcomes that its own diagram names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.authorities import read_authority
from engine.execution import Pathway, prepare
from engine.execution.throwing import outcome_of
from engine.pathways import find_releases
from tests.walks.walk import Judge, Settings, Walk, Walked, needs_caller


def walk_authority(folder: Path, judge: Judge, only: str | None = None) -> Iterator[tuple[Walked, set[str]]]:
    """Each pathway's walk, and the outcomes of its diagram that no way reached."""
    releases = {release.pathway: release for release in find_releases(folder)}
    prepared: dict[str, Pathway] = {release.hash: prepare(release) for release in releases.values()}
    authority = read_authority(folder)
    settings = Settings(authority, releases, prepared)
    life_event = releases.get(authority.life_event_pathway or "")
    for name, release in releases.items():
        process = prepared[release.hash].processes[name]
        if only in (None, name) and not needs_caller(process, authority):
            walked = Walk(settings, release, life_event, judge).go()
            yield walked, _outcomes(prepared[release.hash]) - walked.outcomes


def faults(walked: Walked) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Everything that may not be, each once."""
    yield from walked.faults.items()


def _outcomes(pathway: Pathway) -> set[str]:
    own = pathway.processes[pathway.id].elements.values()
    return {element.id for element in own if element.kind == "endEvent" and outcome_of(element.id) is not None}

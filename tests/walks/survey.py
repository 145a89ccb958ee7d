"""The walks of an authority: each of its pathways, with the outcomes that its own diagram names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.authorities import Authority, read_authority
from engine.case.life_events import BEFORE_IS_TOLD, DEATH_IS_TOLD, STOP_IS_TOLD
from engine.execution import Pathway, prepare
from engine.execution.elements import Process
from engine.execution.throwing import outcome_of
from engine.history import JSON
from engine.pathways import Release, find_releases
from engine.scenarios import find_scenarios, read_scenario
from tests.walks.judging import Judge
from tests.walks.settings import Settings
from tests.walks.walk import IN_FULL, Given, Walk
from tests.walks.ways import Walked


@dataclass(frozen=True)
class Share:
    """Pathways of one authority that are walked one after another: what one has seen, the next need not see again.

    pathways  those that are walked; None for all
    size      how much there is to draw: the largest are walked first
    """

    folder: Path
    pathways: tuple[str, ...] | None
    size: int


def shares(processes: Path, word: str) -> Iterator[Share]:
    """An authority, or one pathway of it, as AUTHORITY or AUTHORITY/PATHWAY names it, in shares that walk alone."""
    authority, _, pathway = word.partition("/")
    folder = processes / authority
    drawn = sum(len(content) for release in find_releases(folder) for content in release.files.values())
    yield Share(folder, (pathway,) if pathway else None, drawn)


def walk_share(
    share: Share, judge: Judge, in_full: int = IN_FULL, *, limited: bool = False
) -> Iterator[tuple[Walked, set[str]]]:
    """Each pathway's walk, and the outcomes that its own diagram names.

    in_full  commands in one pathway for which every state is gone on from
    limited  whether it stops where it takes long (walk.py)
    """
    releases = {release.pathway: release for release in find_releases(share.folder)}
    prepared: dict[str, Pathway] = {release.hash: prepare(release, sound=True) for release in releases.values()}
    authority = read_authority(share.folder)
    settings = Settings(authority, releases, prepared)
    alone = [
        name for name, each in releases.items() if not needs_caller(prepared[each.hash].processes[name], authority)
    ]
    started = _started_by_life_events(authority, releases)
    walk = Walk(settings, started, judge, given_by(share.folder), alone, in_full, limited=limited)
    for name in alone:
        if share.pathways is None or name in share.pathways:
            yield walk.go(releases[name]), _outcomes(prepared[releases[name].hash])


def needs_caller(process: Process, authority: Authority) -> bool:
    """Whether a process is started with something only a caller has: it is walked within its callers."""
    given = bool(process.properties.get("casework:inputs")) and "/shared/" in process.file
    return given and process.id not in (authority.life_event_pathway, authority.life_event_pathway_after_end)


def _started_by_life_events(authority: Authority, releases: Mapping[str, Release]) -> dict[str, JSON]:
    """What a life event starts where nothing runs, as a command's body names it."""
    named = {
        "life_event_pathway": releases.get(authority.life_event_pathway),
        "life_event_pathway_after_end": releases.get(authority.life_event_pathway_after_end),
    }
    started: dict[str, JSON] = {
        name: one and {"pathway": one.pathway, "release": one.hash} for name, one in named.items()
    }
    return {**started, DEATH_IS_TOLD: True, STOP_IS_TOLD: True, BEFORE_IS_TOLD: True}


def given_by(folder: Path) -> Given:
    """What the scenarios of an authority answer and say."""
    answers: dict[str, list[Any]] = defaultdict(list)
    payloads: dict[str, list[Any]] = defaultdict(list)
    for file in find_scenarios(folder):
        for when in read_scenario(file.read_bytes(), str(file)).whens:
            said = when.answers if when.does == "complete" else when.payload
            kept = (answers if when.does == "complete" else payloads)[when.what]
            if said and when.refused is None and said not in kept:
                kept.append(said)
    return Given(answers, payloads)


def faults(walked: Walked) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Everything that may not be, each once."""
    yield from walked.faults.items()


def _outcomes(pathway: Pathway) -> set[str]:
    own = pathway.processes[pathway.id].elements.values()
    return {element.id for element in own if element.kind == "endEvent" and outcome_of(element.id) is not None}

"""Histories recorded by earlier versions replay for ever: the same events, and the same state after every command."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
import zstandard

from engine.authorities import Authority
from engine.case.commands import handle
from engine.case.state import CaseState, encode
from engine.execution import Pathway, prepare
from engine.history import JSON, Command, read_instant
from engine.pathways import Release, release_from_files

HERE = Path(__file__).parent
NAMES = sorted(path.stem for path in HERE.glob("*.json"))


@dataclass
class Ground:
    """The settings and releases that a history was recorded on."""

    authority_id: str
    kept: dict[str, Any]

    @cached_property
    def releases(self) -> dict[str, Release]:
        """The releases by the name they were recorded under."""
        return {
            name: release_from_files(
                {path: text.encode() for path, text in kept["files"].items()},
                authority=self.authority_id,
                pathway=kept["pathway"],
            )
            for name, kept in self.kept["releases"].items()
        }

    @cached_property
    def pathways(self) -> dict[str, Pathway]:
        """Each release prepared to run."""
        return {name: prepare(release) for name, release in self.releases.items()}


@dataclass
class RecordedTerms:
    """What one recorded command was carried out under."""

    authority: Authority
    ground: Ground

    def pathway(self, release: str) -> Pathway:
        """The recorded release, prepared."""
        return self.ground.pathways[release]

    def parameters(self, release: str, on: date) -> dict[str, JSON]:
        """The values of its parameters."""
        return self.authority.parameters_for(self.ground.releases[release], on)


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_history_replays_to_the_same_events_and_states(name: str) -> None:
    """Every command of a recorded case gives the recorded events, and leaves the recorded state."""
    history = json.loads((HERE / f"{name}.json").read_text("utf-8"))
    ground = Ground(
        history["authority"], orjson.loads(zstandard.decompress((HERE / f"{name}.ground.zst").read_bytes()))
    )
    settings = {version: Authority.from_document(kept) for version, kept in ground.kept["settings"].items()}
    case = CaseState(history["authority"], history["case"])

    for row in history["commands"]:
        at = read_instant(row["at"])
        command = Command(row["id"], row["kind"], at, row["by"], row["role"], row["settings"], row["body"])
        handling = handle(case, command, RecordedTerms(settings[row["settings"]], ground))
        happened = [[event.kind, dict(event.body)] for event in handling.events]
        assert row["events"] == orjson.loads(orjson.dumps(happened)), (case.revision, row["kind"])
        assert row["state"] == sha256(encode(case)).hexdigest(), (case.revision, row["kind"])


@pytest.mark.parametrize("name", NAMES)
def test_recorded_releases_and_settings_keep_their_names(name: str) -> None:
    """A release and a settings document are named by their content, and by the same name for ever."""
    history = json.loads((HERE / f"{name}.json").read_text("utf-8"))
    ground = Ground(
        history["authority"], orjson.loads(zstandard.decompress((HERE / f"{name}.ground.zst").read_bytes()))
    )

    assert {release: release for release in ground.releases} == {
        recorded: release.hash for recorded, release in ground.releases.items()
    }
    assert set(ground.kept["settings"]) == {
        Authority.from_document(kept).version for kept in ground.kept["settings"].values()
    }


def test_there_are_recorded_histories() -> None:
    """The ring is not empty."""
    assert NAMES

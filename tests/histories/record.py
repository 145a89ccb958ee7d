"""Records a case as it is made by this version: `python -m tests.histories.record NAME SCENARIO`.

What is recorded stays as it is for ever: a later version that cannot replay it has changed what a released event, table
or due date means. A new kind of history is added beside the old ones; none is recorded again.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import zstandard

from engine.case.state import encode
from engine.casework import Shelf
from engine.history import instant
from engine.replay import recorded_events, steps
from engine.scenarios import Stage, read_scenario, temporary_store

HERE = Path(__file__).parent
PROCESSES = HERE.parents[1] / "processes"


def record(name: str, scenario_file: Path) -> None:
    """Play a scenario and keep its commands, events, states, settings and releases."""
    scenario = read_scenario(scenario_file.read_bytes(), scenario_file.name)
    with temporary_store() as store:
        stage = Stage(store, Shelf(store))
        folder = PROCESSES / scenario.authority
        stage.shelf.deploy_authority(folder, at=scenario.now, by="recorder", why="to record a history")
        result = stage.play(scenario)
        assert result.passed, result.problems
        rows: list[Mapping[str, Any]] = []
        settings: dict[str, Any] = {}
        releases: dict[str, Any] = {}
        for step in steps(store, stage.shelf, scenario.authority, result.case_id):
            command = step.entry.command
            kept = store.library.settings(scenario.authority, command.settings)
            assert kept is not None
            settings[command.settings] = orjson.loads(kept)
            for running in step.case.running.values():
                release = stage.shelf.release(scenario.authority, running.release)
                files = {path: content.decode() for path, content in release.files.items()}
                releases[running.release] = {"pathway": release.pathway, "files": files}
            rows.append(
                {
                    "id": command.id,
                    "kind": command.kind,
                    "at": instant(command.at),
                    "by": command.by,
                    "role": command.role,
                    "settings": command.settings,
                    "body": command.body,
                    "events": [[event.kind, event.body] for event in recorded_events(step.entry)],
                    "state": sha256(encode(step.case)).hexdigest(),
                }
            )
    history = {"authority": scenario.authority, "case": result.case_id, "commands": rows}
    (HERE / f"{name}.json").write_text(json.dumps(history, indent=1, ensure_ascii=False) + "\n", "utf-8")
    ground = zstandard.compress(orjson.dumps({"settings": settings, "releases": releases}), level=19)
    (HERE / f"{name}.ground.zst").write_bytes(ground)


if __name__ == "__main__":
    record(sys.argv[1], Path(sys.argv[2]))

"""Southwark's folder made small: real pathways, two scenarios, and the clauses that these exercise; with its people."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

from engine.casework import Casework, Practitioner, Shelf
from engine.clock import SettableClock
from engine.scenarios import read_scenario
from engine.store import Store, open_store
from engine.store.key_files import MasterKey
from engine.studio.running import staged
from engine.studio.workspace import Workspace
from tests.support.house import MONDAY, PASSWORD, ROOT
from webhooks.set_up.people import appoint

SOUTHWARK = ROOT / "processes" / "southwark"
STEPS = "southwark_executive_steps"
WINDOW = "southwark_objection_window"
LETTER_FORM = f"southwark/shared/{STEPS}/forms/write_to_agencies.form"
TABLE = f"southwark/shared/{WINDOW}/decisions/southwark_after_objection.dmn"
SILENCE = "southwark/southwark_executive_decision/scenarios/silence_is_no_objection.toml"
#: What the small copy of the folder keeps of its scenarios.
KEPT = ("silence_is_no_objection.toml", "letter_to_nobody.toml")
TODAY = MONDAY.date()


def draw_up(folder: Path) -> Path:
    """Publish it into a database in a folder, once for many tests."""
    shutil.copytree(SOUTHWARK, folder / "southwark")
    shutil.copytree(SOUTHWARK.parent / "common", folder / "common")
    for path in (folder / "southwark").rglob("scenarios/*.toml"):
        if path.name not in KEPT or "executive" not in str(path):
            path.unlink()
    _only_exercised(folder / "southwark")
    MasterKey.create(folder / "keys")
    store = open_store(f"sqlite:///{folder / 'house.db'}", keys=folder / "keys", create=True)
    shelf = Shelf(store)
    shelf.deploy_authority(folder / "southwark", at=MONDAY, by="tests", why="for tests")
    appoint(store, shelf.terms("southwark").authority, PASSWORD, at=MONDAY)
    store.close()
    return folder


def _only_exercised(folder: Path) -> None:
    """Call every clause context that the kept scenarios do not exercise: this copy is not the policy."""
    places = (place for part in (folder, folder.parent / "common") for place in part.rglob("*"))
    files = {p.relative_to(folder.parent).as_posix(): p.read_bytes() for p in places if p.is_file()}
    workspace = Workspace.of("southwark", files, {})
    with staged(workspace, MONDAY) as stage:
        results = {path: stage.play(one, certify=False) for path, one in workspace.scenarios[0].items()}
    exercised = {clause.clause.id for clause in workspace.coverage(results).clauses if clause.exercised}
    with (folder / "clauses.csv").open(encoding="utf-8", newline="") as read:
        head, *rows = list(csv.reader(read))
    rows = [row if row[0] in exercised else [*row[:2], "context-only", *row[3:]] for row in rows]
    with (folder / "clauses.csv").open("w", encoding="utf-8", newline="") as write:
        csv.writer(write).writerows([head, *rows])


class SmallSouthwark:
    """A copy of it for one test: its store, its casework, and who holds which role."""

    def __init__(self, drawn_up: Path, folder: Path) -> None:
        for part in drawn_up.glob("house.db*"):
            shutil.copy(part, folder)
        self.store: Store = open_store(f"sqlite:///{folder / 'house.db'}", keys=drawn_up / "keys")
        self.shelf, self.clock = Shelf(self.store), SettableClock(MONDAY)
        self.casework = Casework(self.store, self.shelf, self.clock)

    def login(self, role: str) -> str:
        """The name with which a holder of a role signs in."""
        people = self.store.people
        held = [one.person for one in people.all("southwark") if role in people.roles("southwark", one.person, TODAY)]
        return held[0]

    def start(self, case_id: str) -> str:
        """Begin the executive decision for a child of the scenario; the release it runs on."""
        scenario = read_scenario((SOUTHWARK.parent / SILENCE).read_bytes(), SILENCE)
        by = Practitioner("worker", "southwark", "Worker", frozenset({"social_worker"}))
        facts = {"name": "Sam Sample", **scenario.facts}
        self.casework.open_case(case_id, facts, by=by, command_id=f"open-{case_id}", pathway=scenario.pathway)
        return self.release_of(case_id)

    def release_of(self, case_id: str) -> str:
        """The release that a case runs on."""
        return next(iter(self.casework.load("southwark", case_id).running.values())).release

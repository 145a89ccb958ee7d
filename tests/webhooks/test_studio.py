"""An analyst changes Southwark's pathway in the browser, is told what is wrong, mends it; the Head publishes it."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from engine.casework import Casework, Practitioner, Shelf
from engine.clock import SettableClock
from engine.scenarios import read_scenario
from engine.store import Store, open_store
from engine.store.key_files import MasterKey
from engine.studio.running import staged
from engine.studio.workspace import Workspace
from tests.support.house import MONDAY, PASSWORD, ROOT
from tests.support.visitor import Page, Visitor
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


@pytest.fixture(scope="module")
def drawn_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Southwark's folder with two scenarios and the clauses that they exercise, published, with its people."""
    folder = tmp_path_factory.mktemp("studio")
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


class Office:
    """Southwark's store and its people's browsers."""

    def __init__(self, app: Flask, store: Store, casework: Casework, shelf: Shelf) -> None:
        self.app, self.store, self.casework, self.shelf = app, store, casework, shelf

    def visit(self, role: str) -> Visitor:
        """Somebody of a role, signed in."""
        people = self.store.people
        held = [one.person for one in people.all("southwark") if role in people.roles("southwark", one.person, TODAY)]
        visitor = Visitor(self.app)
        visitor.sign_in(held[0])
        return visitor


@pytest.fixture
def office(drawn_up: Path, compiled: Flask, tmp_path: Path) -> Iterator[Office]:
    """A copy of it for one test."""
    for part in drawn_up.glob("house.db*"):
        shutil.copy(part, tmp_path)
    store = open_store(f"sqlite:///{tmp_path / 'house.db'}", keys=drawn_up / "keys")
    shelf, clock = Shelf(store), SettableClock(MONDAY)
    casework = Casework(store, shelf, clock)
    compiled.extensions["casework"] = casework
    yield Office(compiled, store, casework, shelf)
    store.close()


def start(office: Office, case_id: str) -> str:
    """Begin the executive decision for a child of the scenario; the release it runs on."""
    scenario = read_scenario((SOUTHWARK.parent / SILENCE).read_bytes(), SILENCE)
    by = Practitioner("worker", "southwark", "Worker", frozenset({"social_worker"}))
    facts = {"name": "Sam Sample", **scenario.facts}
    office.casework.open_case(case_id, facts, by=by, command_id=f"open-{case_id}", pathway=scenario.pathway)
    return next(iter(office.casework.load("southwark", case_id).running.values())).release


def begin(analyst: Visitor, title: str = "A longer time for objections") -> str:
    """Begin a draft; its address."""
    return analyst.send(analyst.get("/studio").form("/studio/drafts"), {"title": title}).path


def run_all(analyst: Visitor, place: str, pathway: str) -> Page:
    """Run every scenario that waits, stretch after stretch."""
    page = analyst.get(f"{place}/{pathway}/scenarios")
    while page.root.xpath("//form[contains(@action, '/run')]"):
        page = analyst.send(page.form("/run"))
    return page


def set_window(analyst: Visitor, place: str, days: int) -> Page:
    """Let agencies object for so many working days: the question of the letter's form that computes the day."""
    page = analyst.get(f"{place}/{STEPS}/question?path={LETTER_FORM}&key=objection_deadline")
    value = f"=if sent_on = null then null else string(working days after(sent_on, {days}))"
    return analyst.send(page.form("/question"), {"own-value": value})


def test_the_story_of_a_change(office: Office):
    """Changed, told of the gap, mended, run, submitted, approved; a new case runs on it, an old one stays."""
    analyst = office.visit("analyst")
    old = start(office, "OLD")
    place = begin(analyst)
    page = set_window(analyst, place, 12)
    assert "The question is kept" in page.text

    page = analyst.get(f"{place}/{STEPS}/question?path={LETTER_FORM}&key=channel&new=yes")
    asked = {"name": "read_by", "kind": "One line of text", "words": "Who read the letter before it left?"}
    page = analyst.send(page.form("/question"), asked)
    assert "Who read the letter before it left?" in page.text

    row = f"path={TABLE}&decision=southwark_after_objection"
    page = analyst.get(f"{place}/{WINDOW}/row?{row}&row=5")
    page = analyst.send(page.form("/row"), {"cell-1": "false"})
    assert "Gap:" in page.text
    assert "The 10 working days are over" in page.text
    assert "Proved" not in page.text
    page = analyst.get(f"{place}/{WINDOW}/row?{row}&row=5&new=yes")
    page = analyst.send(page.form("/row"), {"cell-4": '"WAIT"', "said": "[reading] SOU-9.9: nothing is known"})
    assert "Proved" in page.text

    page = run_all(analyst, place, STEPS)
    assert "1 failed" in page.text, page.text
    page = analyst.get(f"{place}/{STEPS}/submit")
    assert "come out otherwise than they say" in page.text
    refused = analyst.send(page.form("/submit"), {"why": "The policy gives twelve days now."}, status=409)
    assert refused.problems()

    page = analyst.get(f"{place}/{STEPS}/scenario?path={SILENCE}")
    text = page.root.xpath("//textarea")[0].text.lstrip("\n")
    page = analyst.send(page.form("/scenario"), {"text": text.replace("2026-03-17", "2026-03-19")})
    assert "kept" in page.text
    page = run_all(analyst, place, STEPS)
    assert "0 failed" in page.text, analyst.get(f"{place}/{STEPS}/scenario?path={SILENCE}").text

    page = analyst.get(f"{place}/{STEPS}/submit")
    assert "Ready" in page.text, page.text
    page = analyst.send(page.form("/submit"), {"why": "The policy gives twelve days now."})
    assert "Approve" not in page.text
    submission = page.path

    head = office.visit("head_of_quality_assurance")
    page = head.get(submission)
    assert "12" in page.text
    assert "Who read the letter before it left?" in page.text
    page = head.send(page.form("/approve"))
    assert "Published" in page.text

    new = start(office, "NEW")
    assert new != old
    assert b"working days after(sent_on, 12)" in office.shelf.release("southwark", new).files[LETTER_FORM]
    assert b"working days after(sent_on, 10)" in office.shelf.release("southwark", old).files[LETTER_FORM]
    assert old == next(iter(office.casework.load("southwark", "OLD").running.values())).release
    versions = head.get("/studio/pathways/southwark_executive_decision/versions")
    assert "The policy gives twelve days now." in versions.text


def test_a_draft_is_tried_on_a_made_up_child_and_kept_as_a_scenario(office: Office):
    """The real forms, time and life events move it; what is refused is not kept; the run becomes a scenario."""
    analyst = office.visit("analyst")
    place = begin(analyst)
    page = analyst.get(f"{place}/southwark_executive_decision/trials")
    page = analyst.send(page.form("/trials"), {"sample": SILENCE})
    trial = page.path
    assert "To be done now" in page.text
    page = analyst.get(f"{trial}/request_executive_decision")
    refused = analyst.send(page.form("/request_executive_decision"), status=422)
    assert refused.problems()
    assert "What was done The pathway was started." in analyst.get(trial).text
    page = press(analyst, trial, "later", later="+1 working day")
    assert "3 March 2026" in page.text
    page = press(analyst, trial, "event", name="ChildDied", payload="occurred_on = 2026-03-02")
    assert "event ChildDied" in page.text
    page = press(analyst, trial, "back")
    assert "event ChildDied" not in page.text
    page = press(analyst, trial, "keep", title="One day later")
    assert 'advance = "+1 working day"' in page.source.replace("&#34;", '"')
    page = analyst.send(page.form("/run"))
    assert "Passed" in page.text, page.text


def press(visitor: Visitor, place: str, do: str, **fields: str) -> Page:
    """Press one of the buttons of a trial's page."""
    token = visitor.get(place).form().xpath(".//input[@name='csrf_token']")[0].get("value")
    answer = visitor.client.post(place, data={"csrf_token": token, "do": do, **fields}, follow_redirects=True)
    assert answer.status_code == 200, Page(answer).text
    return Page(answer)

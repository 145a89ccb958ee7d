"""An analyst changes Southwark's pathway in the browser, is told what is wrong, mends it; the Head publishes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from engine.casework import Casework, Shelf
from engine.clock import SettableClock
from engine.store import open_store
from engine.store.key_files import MasterKey
from tests.support import small_southwark
from tests.support.house import MONDAY, PASSWORD, ROOT
from tests.support.small_southwark import LETTER_FORM, SILENCE, STEPS, TABLE, WINDOW, SmallSouthwark
from tests.support.visitor import Page, Visitor
from webhooks.set_up.people import appoint


@pytest.fixture(scope="module")
def drawn_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Southwark's folder with two scenarios and the clauses that they exercise, published, with its people."""
    return small_southwark.draw_up(tmp_path_factory.mktemp("studio"))


class Office(SmallSouthwark):
    """Southwark's store and its people's browsers."""

    def __init__(self, drawn_up: Path, folder: Path, app: Flask) -> None:
        super().__init__(drawn_up, folder)
        self.app = app
        app.extensions["casework"] = self.casework

    def visit(self, role: str) -> Visitor:
        """Somebody of a role, signed in."""
        visitor = Visitor(self.app)
        visitor.sign_in(self.login(role))
        return visitor


@pytest.fixture
def office(drawn_up: Path, compiled: Flask, tmp_path: Path) -> Iterator[Office]:
    """A copy of it for one test."""
    office = Office(drawn_up, tmp_path, compiled)
    yield office
    office.store.close()


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
    """Let agencies object for so many working days: a number of the policy, by its name, within its bounds."""
    page = analyst.get(f"{place}/{STEPS}/parameters")
    (form,) = (one for one in page.root.forms if one.fields.get("name") == "objection_days")
    return analyst.send(form, {"value": str(days)})


def test_the_story_of_a_change(office: Office):
    """Changed, told of the gap, mended, run, submitted, approved; a new case runs on it, an old one stays."""
    analyst = office.visit("analyst")
    old = office.start("OLD")
    place = begin(analyst)
    page = set_window(analyst, place, 12)
    assert "The default is changed in this draft" in page.text
    assert "no local value, changed by a release only" in page.text
    told = analyst.get(f"{place}/southwark_executive_decision/checks").text
    assert "exercised by none of the scenarios that were run on this draft: SOU-" in told
    assert "Write one that visits" not in told
    assert "was 10 and is 12" not in told, "no words of the pathway say the number themselves"

    page = analyst.get(f"{place}/{STEPS}/question?path={LETTER_FORM}&key=channel&new=yes")
    asked = {"name": "read_by", "kind": "One line of text", "words": "Who read the letter before it left?"}
    page = analyst.send(page.form("/question"), asked)
    assert "Who read the letter before it left?" in page.text

    row = f"path={TABLE}&decision=southwark_after_objection"
    page = analyst.get(f"{place}/{WINDOW}/row?{row}&row=5")
    page = analyst.send(page.form("/row"), {"cell-1": "false"})
    assert "Gap:" in page.text
    gap = page.text.partition("Gap: ")[2].partition(" Add a row")[0]
    assert 1 == page.text.count(gap), "told once"
    assert "The time to object is over" in page.text
    assert "Proved" not in page.text
    page = analyst.get(f"{place}/{WINDOW}/row?{row}&row=5&new=yes")
    page = analyst.send(page.form("/row"), {"cell-4": '"WAIT"', "said": "[reading] SOU-9.9: nothing is known"})
    assert "Proved" in page.text

    page = run_all(analyst, place, STEPS)
    assert "1 failed" in page.text, page.text
    page = analyst.get(f"{place}/{STEPS}/submit")
    assert "1 scenario comes out otherwise than it says." in page.text
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

    new = office.start("LATER")
    assert new != old
    for release, days in ((new, 12), (old, 10)):
        assert office.shelf.release("southwark", release).parameters["objection_days"].default == days
    assert old == office.release_of("OLD")
    versions = head.get("/studio/pathways/southwark_executive_decision/versions")
    assert "The policy gives twelve days now." in versions.text
    assert "Versions of Executive decision to discontinue the plan" in versions.text
    assert "Drawn by " in versions.text and "(drawn by" not in versions.text


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
    assert "What was done Case opened" in analyst.get(trial).text
    page = press(analyst, trial, "later", later="+1 working day")
    assert "3 March 2026" in page.text
    page = press(analyst, trial, "event", name="ChildDied", payload="occurred_on = 2026-03-02")
    assert "Life event: The child died3 March 2026 at 9:00am, Social worker" in page.text
    assert "ChildDied" not in page.text and "social_worker" not in page.text
    page = press(analyst, trial, "back")
    assert "Life event: The child died" not in page.text
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


def test_failed_scenarios_keep_the_former_number_in_one_step_where_they_pass_by_it(office: Office):
    """A number of the policy that no authority may choose is pinned in the scenarios that pass by it."""
    analyst = office.visit("analyst")
    place = begin(analyst)
    set_window(analyst, place, 12)
    page = run_all(analyst, place, STEPS)
    assert "1 failed" in page.text
    page = analyst.get(f"{place}/{STEPS}/former")
    assert "“Working days in which agencies may object” (objection_days) was 10 and is 12" in page.text
    assert "Not tried with the former number yet." in page.text
    assert not page.root.xpath("//input[@name='keep']"), "what was not tried cannot be ticked"

    while page.root.xpath("//form[contains(@action, '/former/try')]"):
        page = analyst.send(page.form("/former/try"))
    (box,) = page.root.xpath("//input[@name='keep']")
    assert box.get("value") == SILENCE and box.get("checked") is not None
    form = page.root.xpath("//form[.//input[@name='keep']]")[0]
    refused = analyst.send(form, {"keep": ()}, status=409)
    assert "No scenario is ticked" in refused.text
    analyst.send(form)

    text = analyst.get(f"{place}/{STEPS}/scenario?path={SILENCE}").root.xpath("//textarea")[0].text
    assert "\n[given.parameters]\nobjection_days = 10\n\n[" in text
    page = run_all(analyst, place, STEPS)
    assert "0 failed" in page.text
    assert "Let several keep" not in page.text
    again = analyst.send(form, status=409)
    assert "was not seen to pass with the former number as it is now" in again.text


def test_a_scenario_that_fails_for_another_reason_is_not_offered_the_former_number(office: Office):
    """What fails with the former number too is told so, and has no box to tick."""
    analyst = office.visit("analyst")
    place = begin(analyst)
    set_window(analyst, place, 12)
    page = analyst.get(f"{place}/{STEPS}/scenario?path={SILENCE}")
    text = page.root.xpath("//textarea")[0].text.lstrip("\n")
    analyst.send(page.form("/scenario"), {"text": text.partition("[then]")[0] + '[then]\nplan_status = "NONE"\n'})
    run_all(analyst, place, STEPS)
    page = try_former(analyst, place)
    assert "It does not pass with the former number either" in page.text
    assert not page.root.xpath("//input[@name='keep']")


def test_a_scenario_whose_parameters_stand_between_braces_keeps_the_former_number_there(office: Office):
    """What was tried is told as it came out; where it cannot be written by itself, the page says what to write."""
    analyst = office.visit("analyst")
    place = begin(analyst)
    set_window(analyst, place, 12)
    give(analyst, place, "parameters = { late_contact_allowed = false }")
    page = try_former(analyst, place)
    (box,) = page.root.xpath("//input[@name='keep']")
    assert box.get("value") == SILENCE
    analyst.send(page.root.xpath("//form[.//input[@name='keep']]")[0])
    text = analyst.get(f"{place}/{STEPS}/scenario?path={SILENCE}").root.xpath("//textarea")[0].text
    assert "\nparameters = { objection_days = 10, late_contact_allowed = false }\n" in text

    give(analyst, place, "parameters.late_contact_allowed = false")
    page = try_former(analyst, place)
    assert "add objection_days = 10 to its parameters under [given] by hand" in page.text
    assert "It does not pass" not in page.text and not page.root.xpath("//input[@name='keep']")

    give(analyst, place, "parameters = { objection_days = 11 }")
    page = try_former(analyst, place)
    assert "It says itself what objection_days is, so the former number was not tried" in page.text


def give(analyst: Visitor, place: str, parameters: str) -> None:
    """Let the scenario give its parameters in these words, and run it."""
    page = analyst.get(f"{place}/{STEPS}/scenario?path={SILENCE}")
    lines = page.root.xpath("//textarea")[0].text.lstrip("\n").splitlines(keepends=True)
    text = "".join(line for line in lines if not line.startswith("parameters"))
    analyst.send(page.form("/scenario"), {"text": text.replace("[given]\n", f"[given]\n{parameters}\n")})
    run_all(analyst, place, STEPS)


def try_former(analyst: Visitor, place: str) -> Page:
    """Try the failed scenarios with the former number, to the end."""
    page = analyst.get(f"{place}/{STEPS}/former")
    while page.root.xpath("//form[contains(@action, '/former/try')]"):
        page = analyst.send(page.form("/former/try"))
    return page


def test_a_draft_whose_pathways_call_a_piece_common_to_all_can_be_submitted(compiled: Flask, tmp_path: Path):
    """A common piece belongs to no authority: it is checked as part of what calls it, never as a pathway alone."""
    MasterKey.create(tmp_path / "keys")
    store = open_store(f"sqlite:///{tmp_path / 'house.db'}", keys=tmp_path / "keys", create=True)
    shelf = Shelf(store)
    shelf.deploy_authority(ROOT / "processes" / "dorset", at=MONDAY, by="tests", why="for tests")
    appoint(store, shelf.terms("dorset").authority, PASSWORD, at=MONDAY)
    assert any(path.startswith("common/") and path.endswith(".bpmn") for path in shelf.folder("dorset"))
    compiled.extensions["casework"] = Casework(store, shelf, SettableClock(MONDAY))
    people = store.people
    drawing = [
        one.person for one in people.all("dorset") if "analyst" in people.roles("dorset", one.person, MONDAY.date())
    ]
    analyst = Visitor(compiled)
    analyst.sign_in(drawing[0])
    place = begin(analyst)
    for pathway in ("dorset_review_conference", "dorset_transfer"):
        page = analyst.get(f"{place}/{pathway}/submit")
        assert "after_discharge" not in page.text
    store.close()

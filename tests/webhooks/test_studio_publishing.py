"""What is approved is what was checked: bound to its content, by somebody else, all of it at once or none."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from engine.casework import Casework, Practitioner, Shelf
from engine.casework.permissions import OwnWork
from engine.clock import SettableClock
from engine.errors import Forbidden, Refused
from engine.execution.edition import edition
from engine.store import Store, open_store
from engine.store.errors import StoreRefused, StoreUnavailable
from engine.store.key_files import MasterKey
from engine.store.people import Holding
from engine.studio.making import Making
from engine.studio.new_pieces import new_pathway
from engine.studio.publishing import PublishedMoved
from engine.studio.workspace import Workspace
from tests.support.house import MONDAY, PASSWORD
from tests.support.visitor import Page, Visitor, filled
from webhooks.run import Place, publish_changes
from webhooks.set_up.people import appoint

SETTINGS = """name = "Village"
nation = "england"
life_event_pathway = "leave_area"
escalation_roles = ["head_of_quality_assurance"]

[policy]
title = "A policy for tests"
version = "1"

[roles]
social_worker = "Social worker"
conference_chair = "Conference chair"
head_of_quality_assurance = "Head of Quality Assurance"
analyst = "Business analyst"
approver = "Approver"
"""
CLAUSES = "id,section,tag,summary\nVIL-1,1,context-only,What the policy is about.\n"
FORM = "village/leave_area/forms/begin_leave_area.form"
WHY = "The policy asks for it now."
TODAY = MONDAY.date()


class Village:
    """A small council with one pathway, its studio, and its people."""

    def __init__(self, app: Flask, store: Store) -> None:
        self.app, self.store, self.shelf = app, store, Shelf(store)
        clock = SettableClock(MONDAY)
        app.extensions["casework"] = Casework(store, self.shelf, clock)
        self.studio = Making(store, self.shelf, clock)

    def person(self, role: str, number: int = 0) -> Practitioner:
        """A holder of a role, with every role they hold."""
        people = self.store.people
        held = [one.person for one in people.all("village") if role in people.roles("village", one.person, TODAY)]
        return Practitioner(held[number], "village", held[number], people.roles("village", held[number], TODAY))

    def visit(self, role: str, number: int = 0) -> Visitor:
        """Somebody of a role, signed in."""
        visitor = Visitor(self.app)
        visitor.sign_in(self.person(role, number).id)
        return visitor

    def draft(self, words: str) -> int:
        """A draft that changes the words of the form's question."""
        analyst = self.person("analyst")
        number = self.studio.begin(analyst, f"Ask {words}").number
        body = self.studio.open(analyst, number).body(FORM)
        self.studio.save(analyst, number, FORM, body.replace(b"What was done?", words.encode()), seen=0)
        return number

    def submitted(self, words: str = "Who was told?") -> int:
        """A submission of such a draft."""
        return self.studio.submit(self.person("analyst"), self.draft(words), WHY).number

    @property
    def published(self) -> dict[str, bytes]:
        """Every file as it is published."""
        return self.shelf.folder("village")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The village published and its people appointed, once."""
    folder = tmp_path_factory.mktemp("village")
    plain = {"village/authority.toml": SETTINGS.encode(), "village/clauses.csv": CLAUSES.encode()}
    pieces = new_pathway(Workspace.of("village", plain, {}), "leave_area", "Leave the area", "social_worker")
    for path, body in {**plain, **pieces}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(body)
    MasterKey.create(folder / "keys")
    store = open_store(f"sqlite:///{folder / 'house.db'}", keys=folder / "keys", create=True)
    shelf = Shelf(store)
    shelf.deploy_authority(folder / "village", at=MONDAY, by="tests", why="for tests")
    appoint(store, shelf.terms("village").authority, PASSWORD, at=MONDAY)
    store.close()
    return folder


@pytest.fixture
def village(built: Path, compiled: Flask, tmp_path: Path) -> Iterator[Village]:
    """A copy of it for one test."""
    for part in built.glob("house.db*"):
        (tmp_path / part.name).write_bytes(part.read_bytes())
    store = open_store(f"sqlite:///{tmp_path / 'house.db'}", keys=built / "keys")
    yield Village(compiled, store)
    store.close()


def test_what_is_carried_out_and_in_again_is_the_same_byte_for_byte(village: Village):
    """A zip carried into a draft changes nothing where nothing was changed, and exactly what was where it was."""
    visitor, number = village.visit("analyst"), village.studio.begin(village.person("analyst"), "Round trip").number
    whole = visitor.client.get("/studio/export").data
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        held = {name.removeprefix("processes/"): archive.read(name) for name in archive.namelist()}
    assert village.published == held
    assert "no files of" in carry_in(visitor, number, whole).text
    assert {} == village.studio.open(village.person("analyst"), number).files

    held[FORM] = held[FORM].replace(b"What was done?", b"Who was told?")
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w") as archive:
        for path, body in held.items():
            archive.writestr(f"processes/{path}", body)
    assert FORM in carry_in(visitor, number, changed.getvalue()).text
    out = visitor.client.get(f"/studio/drafts/{number}/export").data
    with zipfile.ZipFile(io.BytesIO(out)) as archive:
        assert held == {name.removeprefix("processes/"): archive.read(name) for name in archive.namelist()}


def carry_in(visitor: Visitor, number: int, content: bytes, shown: Page | None = None) -> Page:
    """Send a zip into a draft; `shown` is the page that said what is refused, where it is taken to be mended."""
    place = f"/studio/drafts/{number}/import"
    form = (shown or visitor.get(place)).form("/import")
    ticked = {"mend": "yes"} if shown is not None else {}
    data = {**filled(form, {}), **ticked, "zip": (io.BytesIO(content), "folder.zip")}
    return Page(visitor.client.post(place, data=data, content_type="multipart/form-data"))


def zipped(**files: bytes) -> bytes:
    """A zip of files below processes/village, named by their paths."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for path, body in files.items():
            archive.writestr(f"processes/village/{path}", body)
    return whole.getvalue()


def unsound(village: Village, path: str) -> bytes:
    """A file that can be read and that the checks refuse."""
    if path.endswith(".bpmn"):
        diagram = village.published["village/leave_area/pathway.bpmn"]
        return diagram.replace(b"</bpmn:process>", b'<bpmn:adHocSubProcess id="any_order" /></bpmn:process>')
    return b'name = "x"' if path == "authority.toml" else b"= ="


UNSOUND = [
    "leave_area/pathway.bpmn",
    "nowhere/pathway.bpmn",
    "authority.toml",
    "leave_area/pathway.toml",
    "leave_area/scenarios/x.toml",
    "nowhere/scenarios/x.toml",
    "clauses.csv",
]


def test_what_is_no_zip_is_refused_in_a_whole_sentence(village: Village):
    """Whoever carries in the wrong file is told that it is this file that cannot be read."""
    visitor, number = village.visit("analyst"), village.studio.begin(village.person("analyst"), "No zip").number

    assert "The file cannot be read as a zip." in carry_in(visitor, number, b"a letter").text


@pytest.mark.parametrize("path", UNSOUND)
def test_what_the_checks_refuse_of_a_zip_is_kept_only_to_be_mended(village: Village, path: str):
    """Nothing is kept before whoever carries it in was shown what is refused and said that they mend it."""
    visitor, number = village.visit("analyst"), village.studio.begin(village.person("analyst"), "Unsound").number
    content = zipped(**{path: unsound(village, path)})

    page = carry_in(visitor, number, content)

    assert 422 == page.status
    assert "Nothing was kept The checks refuse" in page.text
    assert path in page.text
    assert {} == village.studio.open(village.person("analyst"), number).files

    taken = carry_in(visitor, number, content, page)

    assert "To be mended" in taken.text
    opened = village.studio.open(village.person("analyst"), number)
    assert [f"village/{path}"] == list(opened.files)
    assert village.studio.readiness(opened).reasons


def test_a_zip_other_than_the_one_that_was_shown_is_shown_first(village: Village):
    """A box ticked for one folder takes no other one in."""
    visitor, number = village.visit("analyst"), village.studio.begin(village.person("analyst"), "Another").number
    shown = carry_in(visitor, number, zipped(**{"leave_area/scenarios/x.toml": b"= ="}))

    page = carry_in(visitor, number, zipped(**{"leave_area/scenarios/x.toml": b"= = ="}), shown)

    assert "Nothing was kept" in page.text
    assert {} == village.studio.open(village.person("analyst"), number).files


@pytest.mark.parametrize(
    ("path", "body"),
    [("leave_area/pathway.bpmn", b"<!DOCTYPE a><a/>"), ("leave_area/scenarios/y.toml", b"x = " + b"[" * 50_000)],
    ids=["document type", "depth"],
)
def test_a_hostile_file_is_not_taken_to_be_mended(village: Village, path: str, body: bytes):
    """What no draft keeps is not kept because a box is ticked."""
    visitor, number = village.visit("analyst"), village.studio.begin(village.person("analyst"), "Hostile").number
    shown = carry_in(visitor, number, zipped(**{"leave_area/scenarios/x.toml": b"= ="}))
    hostile = {"leave_area/scenarios/x.toml": b"= =", path: body}

    page = carry_in(visitor, number, zipped(**hostile), shown)

    assert "Nothing was kept 1 file of 2 cannot be taken" in page.text
    assert {} == village.studio.open(village.person("analyst"), number).files


def test_one_file_that_no_draft_keeps_leaves_the_whole_zip_out(village: Village):
    """Every file is judged, and nothing is kept where one of them is refused."""
    visitor, number = village.visit("analyst"), village.studio.begin(village.person("analyst"), "Hostile").number
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr(f"processes/{FORM}", village.published[FORM].replace(b"What", b"When"))
        archive.writestr("processes/village/leave_area/pathway.bpmn", b"<!DOCTYPE a><a/>")
        archive.writestr("processes/../../etc/passwd", b"x")
        archive.writestr("processes/elsewhere/pathway.toml", b"x")
    page = carry_in(visitor, number, whole.getvalue())
    assert "Nothing was kept 3 files of 4 cannot be taken" in page.text
    assert {} == village.studio.open(village.person("analyst"), number).files


def test_nobody_approves_what_they_drew_or_submitted(village: Village):
    """Also not with the right to publish: the page offers no button, and the request is refused."""
    analyst = village.person("analyst")
    number = village.submitted()
    village.store.people.hold(
        "village", Holding(analyst.id, "approver", "2020-01-01"), at=MONDAY, by="tests", why="for a test"
    )
    visitor = village.visit("analyst")
    page = visitor.get(f"/studio/submissions/{number}")
    assert "Approve and publish" not in page.text
    assert "You submitted this; somebody else approves it." in page.text
    sent = {"csrf_token": page.form().xpath(".//input[@name='csrf_token']")[0].get("value")}
    assert 403 == visitor.client.post(f"/studio/submissions/{number}/approve", data=sent).status_code
    with pytest.raises(Forbidden):
        village.studio.approve(village.person("analyst"), number, "")
    assert b"What was done?" in village.published[FORM]


@pytest.mark.parametrize("then", ["saved over", "taken away"])
def test_whoever_drew_a_part_does_not_approve_it_though_nothing_of_theirs_is_left(village: Village, then: str):
    """Every author of any version is barred, whatever roles they hold by then; the page says so in words."""
    analyst, head, number = village.person("analyst"), village.person("head_of_quality_assurance"), village.draft("A?")
    drew, scenario = replace(head, roles=frozenset({"analyst"})), "village/leave_area/scenarios/told.toml"
    if then == "saved over":
        theirs = village.studio.open(drew, number).body(FORM).replace(b"Ask", b"Tell")
        village.studio.save(drew, number, FORM, theirs + b"\n", seen=1)
        village.studio.save(analyst, number, FORM, theirs, seen=2)
    else:
        village.studio.save(drew, number, scenario, b'title = "Told"\n', seen=0)
        village.studio.remove(analyst, number, scenario, seen=1)
    waits = village.studio.submit(analyst, number, WHY).number
    visitor, place = village.visit("head_of_quality_assurance"), f"/studio/submissions/{waits}"
    page = visitor.get(place)
    assert "Approve and publish" not in page.text
    assert "You drew part of this; somebody else approves it." in page.text
    token = page.root.xpath("//input[@name='csrf_token']/@value")[0]
    refused = Page(visitor.client.post(f"{place}/approve", data={"csrf_token": token}))
    name = next(one.name for one in village.store.people.all("village") if one.person == head.id)
    assert (403, [f"{name} drew or submitted part of submission {waits}. Somebody else must approve it."]) == (
        refused.status,
        refused.problems(),
    )
    with pytest.raises(OwnWork):
        village.studio.approve(head, waits, "")
    village.studio.approve(village.person("approver"), waits, "")


def test_a_decided_submission_goes_on_saying_what_it_changed(village: Village):
    """Whoever asks later why a question reads as it does finds what was before and after, published or sent back."""
    head = village.person("head_of_quality_assurance")
    published, refused = village.submitted("Who was told?"), village.submitted("When was it?")
    village.studio.send_back(head, refused, "Ask who it was, not when.")
    village.studio.approve(head, published, "")
    visitor = village.visit("head_of_quality_assurance")
    page = visitor.get(f"/studio/submissions/{published}").text
    assert "What it changed" in page and "was What was done?" in page and "is now Who was told?" in page
    page = visitor.get(f"/studio/submissions/{refused}").text
    assert "What it would have changed" in page and "is now When was it?" in page


def test_an_approver_reads_which_advice_there_is_and_folds_the_scenarios(village: Village):
    """Advice that is only counted cannot be judged; many scenarios stand behind one line, what runs before them."""
    analyst, number = village.person("analyst"), village.draft("Who was told of {{ case.nam }}?")
    told = 'title = "Told"\n\n[given]\nauthority = "village"\npathway = "leave_area"\nnow = 2026-03-02T09:00:00Z\n'
    for each in range(4):
        path = f"village/leave_area/scenarios/told_{each}.toml"
        village.studio.save(analyst, number, path, f'{told}\n[then]\nplan_status = "ACTIVE"\n'.encode(), seen=0)
    village.studio.run(analyst, number, time=lambda: 0.0, seconds=1)
    put = village.studio.submit(analyst, number, WHY)
    page = village.visit("head_of_quality_assurance").get(f"/studio/submissions/{put.number}")
    assert "What the checks advise" in page.text and "It reads case.nam, which is no fact of a case" in page.text
    (folded,) = page.root.xpath("//details[not(@open)]")
    assert "Scenarios: 4 files" in folded.text_content() and "told_3.toml" in folded.text_content()
    assert "begin_leave_area.form" not in folded.text_content() and "@@" not in page.text


def test_a_long_list_of_scenarios_is_folded_and_says_which_steps_were_open(village: Village):
    """Of hundreds the first stand open, the others behind a line that counts them; steps are called by their names."""
    analyst, number = village.person("analyst"), village.draft("Who was told?")
    told = 'title = "Told"\n\n[given]\nauthority = "village"\npathway = "leave_area"\nnow = 2026-03-02T09:00:00Z\n'
    when = '\n[[when]]\ncomplete = "not_there"\n\n[then]\nplan_status = "ACTIVE"\n'
    for each in range(12):
        path = f"village/leave_area/scenarios/told_{each:02}.toml"
        village.studio.save(analyst, number, path, f"{told}{when}".encode(), seen=0)
    village.studio.run(analyst, number, time=lambda: 0.0, seconds=1)
    visitor, here = village.visit("analyst"), f"/studio/drafts/{number}/leave_area"
    page = visitor.get(f"{here}/scenarios")
    folded = [" ".join(one.text_content().split()) for one in page.root.xpath("//details[not(@open)]")]
    assert ["2 more that failed", "2 more of this pathway"] == [one.partition("Told")[0] for one in folded]
    page = visitor.get(f"{here}/scenario?path=village/leave_area/scenarios/told_00.toml")
    assert "task not_there is not open; open are Leave" in page.text and "(begin_leave_area)" in page.text
    assert "[" not in page.text.partition("is not open")[2].partition("What happened")[0]


def test_the_step_that_stopped_is_the_first_reason_why_a_scenario_failed(village: Village):
    """Where an expression fails, the step that could not be completed later on only follows from it."""
    analyst, number = village.person("analyst"), village.draft("Who was told?")
    diagram = "village/leave_area/pathway.bpmn"
    body = village.studio.open(analyst, number).body(diagram).decode()
    late = re.sub(r'dueDate="[^"]*"', 'dueDate="=case.nam + 1"', body, count=1)
    assert late != body
    village.studio.save(analyst, number, diagram, late.encode(), seen=0)
    scenario = "village/leave_area/scenarios/done.toml"
    told = 'title = "Done"\n\n[given]\nauthority = "village"\npathway = "leave_area"\nnow = 2026-03-02T09:00:00Z\n'
    when = '\n[[when]]\ncomplete = "begin_leave_area"\n\n[then]\nplan_status = "ACTIVE"\n'
    village.studio.save(analyst, number, scenario, f"{told}{when}".encode(), seen=0)
    runs = village.studio.run(analyst, number, time=lambda: 0.0, seconds=1)
    stopped, after = runs.failed[scenario].problems
    assert stopped.startswith("an incident was raised at begin_leave_area: ") and "=case.nam + 1" in stopped
    assert "is not open" in after


def test_a_reason_that_is_too_short_is_called_so(village: Village):
    """Whoever wrote something is not told that they wrote nothing."""
    number, analyst = village.draft("Who was told?"), village.person("analyst")
    with pytest.raises(Refused, match="Say why this is to be published"):
        village.studio.submit(analyst, number, "  ")
    with pytest.raises(Refused, match="too short. Say in at least 10 letters"):
        village.studio.submit(analyst, number, "Too early")


def test_nobody_waits_for_the_list_of_pathways_after_something_was_published(village: Village):
    """What the list says of a new release stands there before the approver’s page does."""
    number = village.submitted()
    village.studio.approve(village.person("head_of_quality_assurance"), number, "")
    for release in village.shelf.deployments("village").values():
        assert village.store.library.summary("village", release, edition()) is not None


def test_what_changed_after_it_was_submitted_is_not_approved(village: Village):
    """The approval is bound to the exact content: a file changed behind it, however it came about, is refused."""
    number = village.submitted()
    with village.store.database.engine.connect() as raw:
        raw.execute(sa.text("update draft_file set body = :body"), {"body": village.published[FORM] + b"\n"})
    head = village.visit("head_of_quality_assurance")
    refused = head.send(head.get(f"/studio/submissions/{number}").form("/approve"), status=409)
    assert any("checked on another state" in line for line in refused.problems())
    assert b"What was done?" in village.published[FORM]


def test_a_draft_based_on_an_older_state_is_neither_approved_nor_submitted_unseen(village: Village):
    """Of two drafts of one file the second is refused, told what moved, taken up by its author, and then goes."""
    head, analyst = village.person("head_of_quality_assurance"), village.person("analyst")
    first, second = village.submitted("Who was told?"), village.submitted("When was it?")
    third = village.draft("Where was it?")
    village.studio.approve(head, first, "")

    with pytest.raises(PublishedMoved):
        village.studio.approve(head, second, "")
    page = village.visit("head_of_quality_assurance").get(f"/studio/submissions/{second}")
    assert "It cannot be approved; send it back" in page.text
    assert "Send back" in page.text and "Approve and publish" not in page.text
    assert b"Who was told?" in village.published[FORM]

    visitor = village.visit("analyst")
    page = visitor.get(f"/studio/drafts/{third}")
    assert "Others published since this draft began" in page.text and FORM in page.text
    submit = visitor.get(f"/studio/drafts/{third}/leave_area/submit")
    assert visitor.send(submit.form("/submit"), {"why": WHY}, status=409).problems()
    visitor.send(page.form("/take-up"))
    number = village.studio.submit(analyst, third, WHY).number
    village.studio.approve(head, number, "")
    assert b"Where was it?" in village.published[FORM]


def test_of_two_who_save_at_once_the_second_sees_both_and_loses_nothing(village: Village):
    """What they typed is shown beside what is saved, and goes over it only when they say so."""
    number = village.studio.begin(village.person("analyst"), "Two at once").number
    mine, theirs = village.visit("analyst"), village.visit("analyst")
    place = f"/studio/drafts/{number}/file?path={FORM}"
    opened, also = mine.get(place), theirs.get(place)
    text = village.published[FORM].decode()
    theirs.send(also.form("/file"), {"text": text.replace("What was done?", "Theirs?")})
    page = mine.send(opened.form("/file"), {"text": text.replace("What was done?", "Mine?")}, status=409)
    assert "Mine?" in page.source and "Theirs?" in page.source
    (differs,) = page.root.xpath("//pre[@aria-labelledby='differs']")
    assert "Theirs?" in differs.xpath("string(del)") and "Mine?" in differs.xpath("string(ins)")
    mine.send(page.form("/file"))
    versions = village.studio.versions(village.person("analyst"), number, FORM)
    assert [b"Mine?" in (one.body or b"") for one in versions] == [True, False]


@pytest.mark.parametrize(("approved", "stands"), [(True, b"Who was told?"), (False, b"What is shipped now?")])
def test_what_was_approved_is_not_undone_by_a_start_of_the_service_with_other_files(
    village: Village, built: Path, tmp_path: Path, approved: bool, stands: bytes, capsys: pytest.CaptureFixture[str]
):
    """Files that changed are published at the next start, except over what people published themselves."""
    if approved:
        village.studio.approve(village.person("approver"), village.submitted(), "")
    shutil.copytree(built / "village", tmp_path / "processes" / "village")
    shipped = tmp_path / "processes" / FORM
    shipped.write_bytes(shipped.read_bytes().replace(b"What was done?", b"What is shipped now?"))
    place = Place(tmp_path)
    place.database, place.keys = tmp_path / "house.db", built / "keys"
    place.sign_ins.write_text('{"people": {"village": []}}')

    publish_changes(place, tmp_path / "processes")

    assert stands in village.published[FORM]
    assert approved == ("stay as they were published in the studio" in capsys.readouterr().out)


def test_publishing_that_breaks_on_the_way_leaves_nothing_half_published(village: Village):
    """The database gives up at the last write: what was published stays, and the submission is still to be decided."""
    number, before = village.submitted(), village.shelf.latest("village")
    head = village.person("head_of_quality_assurance")
    fault = "create trigger fault before insert on deployment begin select raise(abort, 'the disk is full'); end"
    with village.store.database.engine.connect() as raw:
        raw.execute(sa.text(fault))
    with pytest.raises((StoreRefused, StoreUnavailable)):
        village.studio.approve(head, number, "")
    assert before == Shelf(village.store).latest("village")
    assert "submitted" == village.studio.submission(head, number).submission.state
    assert b"What was done?" in village.published[FORM]

    with village.store.database.engine.connect() as raw:
        raw.execute(sa.text("drop trigger fault"))
    village.studio.approve(head, number, "")
    assert b"Who was told?" in village.published[FORM]

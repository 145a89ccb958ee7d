"""An auditor watches a case step by step, verifies it, and finds what was changed behind the store's back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from lxml import etree

from engine.case.confidential import EVERYTHING, ROLE, Party
from engine.casework import Casework, Shelf
from engine.casework.film import frames
from engine.casework.views import Entry
from engine.history import Event
from engine.store.checkpoint_faults import Fault
from engine.store.tables import CASE_FILE, CHECKPOINT, CHECKPOINT_HEAD, CONTENT, HISTORY, RELEASE_FILE
from tests.support.house import ROOT, House
from tests.support.visitor import Visitor
from webhooks import facts
from webhooks.known import Known
from webhooks.set_up.stories import usual_answers

Visit = Callable[..., Visitor]
CASE = "CAM-2026-0417"
GROUND = {"ground": "became_looked_after", "evidence": "Placed on Friday."}
STEPS = {
    "raise_discharge_ground": "social_worker",
    "notify_looked_after": "social_worker",
    "give_chair_view": "conference_chair",
    "give_iro_view": "iro",
    "weigh_risk": "iro_service_manager",
    "decide_cla_plan": "iro_service_manager",
}


@pytest.fixture
def case(house: House) -> str:
    """A case that came as far as the decision about a looked-after child."""
    house.open_case()
    house.start(CASE)
    for element, role in STEPS.items():
        answers = {"ground": "became_looked_after", "evidence": "Placed on Friday."}
        if element != "raise_discharge_ground":
            answers = usual_answers(element, house.casework.load("camden", CASE).facts, house.clock.now())
        house.complete(CASE, element, role, answers)
    return CASE


def test_the_first_frame_is_how_the_case_was_opened(visit: Visit, case):
    """A film begins with the first command and says who gave it, in which role, and what became known."""
    page = visit("auditor").get(f"/cases/{case}/film?frame=1")
    assert "Step 1 of" in page.text
    assert "Case opened" in page.text
    assert "Legal status" in page.text
    assert "Next" in page.links()
    assert "Back" not in page.links()


def test_a_frame_shows_the_table_with_the_row_that_decided(visit: Visit, case):
    """Where a table was asked, its inputs' values and the matched row are shown among all its rows."""
    page = visit("auditor").get(f"/cases/{case}/film?frame=3")
    matched = page.root.xpath("//tr[contains(@class, 'app-matched')]")
    assert len(matched) == 1
    assert "CAM-1.2" in matched[0].text_content()
    assert len(page.root.xpath("//table[contains(@class, 'app-decision')]//tbody/tr")) > 1


def test_what_became_known_is_told_in_the_words_of_the_form_with_its_name_beside(visit: Visit, case):
    """An answer stands below its question with the words of its option, a table's result below its step's name."""
    form = json.loads((ROOT / "processes/camden/camden_route/forms/raise_discharge_ground.form").read_bytes())
    diagram = etree.parse(ROOT / "processes/camden/camden_route/pathway.bpmn")
    asked = next(one for one in form["components"] if one.get("key") == "ground")
    chosen = next(one["label"] for one in asked["values"] if one["value"] == "became_looked_after")
    rows = {}
    for row in visit("auditor").get(f"/cases/{case}/film?frame=3").root.xpath("//details//tbody/tr"):
        rows[row.xpath("string(th/span)")] = " ".join(row.text_content().split())
    said = next(words for name, words in rows.items() if name.startswith("raise_discharge_ground, in: "))
    assert f"{asked['label'].rstrip(':')}" in said and f"{chosen} [ground]" in said
    assert said.startswith("Say why the plan might end")
    (step,) = (one for one in diagram.iter("{*}businessRuleTask") if one.find(".//{*}calledDecision") is not None)
    assert any(name.startswith("route, in: ") and words.startswith(step.get("name")) for name, words in rows.items())


def test_a_film_goes_to_a_day_and_never_beyond_its_last_step(visit: Visit, case):
    """A day, a number too high and nonsense all lead to a frame that is there."""
    auditor = visit("auditor")
    last = auditor.get(f"/cases/{case}/film").heading
    early, late = (auditor.get(f"/cases/{case}/film?on={day}").text for day in ("2020-01-01", "31/12/2099"))
    assert "Step 1 of" in early and "Nothing happened" not in early
    assert "Nothing happened in this case on 31 December 2099 or after it." in late
    for asked in ("frame=999", "frame=x", "on=2031-01-01", "on=nonsense"):
        page = auditor.get(f"/cases/{case}/film?{asked}")
        assert page.heading == last
        assert "Next" not in page.links()


def test_every_step_stands_in_one_table_too(visit: Visit, house: House, case):
    """The same film is one ordered list for a keyboard, a screen reader and paper."""
    page = visit("auditor").get(f"/cases/{case}/film/table")
    assert len(page.root.xpath("//li[contains(@class, 'app-frame')]")) == house.revision(case)


def test_a_case_as_recorded_is_certified_and_nothing_is_written_to_it(visit: Visit, house: House, case):
    """Verifying carries every command out again, keeps a certificate, and leaves the case as it was."""
    before = house.revision(case)
    auditor = visit("auditor")
    film = auditor.get(f"/cases/{case}/film")
    certificate = auditor.send(film.form("/verify"))
    assert "Certified" in certificate.text
    assert str(before) in certificate.text
    assert house.revision(case) == before
    assert "Certified" in auditor.get("/audit").text


def test_a_changed_row_is_named_with_its_case_and_step(visit: Visit, house: House, case):
    """A row of history changed behind the store's back is found, and the certificate says where."""
    with house.store.database.writing() as session:
        change = sa.update(HISTORY).where(HISTORY.c.case_id == case, HISTORY.c.revision == 3).values(role="iro")
        session.run(change, {})
    auditor = visit("auditor")
    page = auditor.send(auditor.get("/audit").form("/audit/verify"))
    while "Go on" in page.text:
        page = auditor.send(page.form())
    assert "Differs" in page.text
    row = page.root.xpath("//table//tbody/tr")[0].text_content()
    assert case in row
    assert "3" in row
    assert "this step was changed outside the service" in row
    assert f"/cases/{case}/film" in page.source


def test_a_film_of_a_changed_case_says_where_and_leads_to_its_verification(visit: Visit, house: House, case):
    """What differs stands in words beside what to do about it, and the button that verifies."""
    with house.store.database.writing() as session:
        change = sa.update(HISTORY).where(HISTORY.c.case_id == case, HISTORY.c.revision == 3).values(role="iro")
        session.run(change, {})
    auditor = visit("auditor")
    film = auditor.get(f"/cases/{case}/film")
    assert "Step 3: The history itself: this step was changed outside the service." in film.text
    assert "Commands carried out again None, because of what differs below" in auditor.send(film.form("/verify")).text
    assert "Until then it counts as active" in film.text
    assert "this step was changed outside the service" in auditor.get(f"/cases/{case}/film/table").text
    assert "Differs" in auditor.send(film.form("/verify")).text


@pytest.mark.parametrize("column", ["payload", "at", "revision"])
def test_a_row_made_into_text_that_is_none_is_told_with_its_place(visit: Visit, house: House, case, column: str):
    """`||` of bytes is text in SQLite: no page waits for a database that answers, and every case is verified."""
    house.open_case("CAM-2026-0418")
    change = f"update history set {column} = {column} || x'ff' where case_id = '{case}' and revision = 3"
    with house.store.database.writing() as session:
        session.cursor.execute(change)
    auditor = visit("auditor")
    for place in ("film", "film/table"):
        assert "Step 3: " in auditor.get(f"/cases/{case}/{place}", status=409).text
    assert f"Open the film of case {case}" in auditor.get(f"/cases/{case}", status=409).links()

    page = auditor.send(auditor.get("/audit").form("/audit/verify"))
    while "Go on" in page.text:
        page = auditor.send(page.form())

    assert "Differs" in page.text and "Cases 2" in page.text
    assert [case, "3"] == [cell.text_content() for cell in page.root.xpath("//table//tbody/tr/*")[:2]]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("update case_file set label = label || x'ff'", "What lists call the case by is not what the history says"),
        ("update case_file set revision = 'x'", "This case cannot be read"),
        ("update child_key set wrapped = wrapped || x'ff'", "The key of this case was changed outside the service"),
        ("delete from child_key", "This case cannot be read"),
    ],
)
def test_a_case_that_cannot_be_read_at_all_differs_and_the_next_is_verified(
    visit: Visit, house: House, case, change: str, told: str
):
    """Whatever was made of one case, a verification of all comes to its end and names that one alone."""
    house.open_case("CAM-2026-0418")
    with house.store.database.writing() as session:
        session.cursor.execute(f"{change} where case_id = '{case}'")
    auditor = visit("auditor")
    # What only lists call it by keeps nobody from the case.
    status = 200 if "label" in change else 409
    auditor.get(f"/cases/{case}", status=status)
    auditor.get(f"/cases/{case}/film", status=status)

    page = auditor.send(auditor.get("/audit").form("/audit/verify"))
    while "Go on" in page.text:
        page = auditor.send(page.form())

    assert told in page.text and "Differs" in page.text and "Cases 2" in page.text
    assert {case} == {row.text_content() for row in page.root.xpath("//table//tbody/tr/th")}


def test_a_case_whose_rows_were_swapped_says_so_and_is_verified_from_there(visit: Visit, house: House, case):
    """Nothing can be told of a history that does not open: where it was changed, what now, and the certificate."""
    with house.store.database.writing() as session:
        for old, new in ((3, 900), (4, 3), (900, 4)):
            here = sa.and_(HISTORY.c.case_id == case, HISTORY.c.revision == old)
            session.run(sa.update(HISTORY).where(here).values(revision=new), {})
    auditor = visit("auditor")
    for place in ("film", "film/table"):
        page = auditor.get(f"/cases/{case}/{place}", status=409)
        assert "Step 3: The history itself: steps were put in another order outside the service." in page.text
        assert "Ask your system administrator" in page.text
    certificate = auditor.send(page.form("/verify"))
    assert f"Case {case}" in certificate.text and "steps were put in another order" in certificate.text
    damaged = auditor.get(f"/cases/{case}", status=409)
    assert "Tell an auditor" not in damaged.text and "you can verify the case there" in damaged.text
    assert f"/cases/{case}/film" == damaged.links()[f"Open the film of case {case}"]
    assert "what it holds was changed outside the service." in damaged.text and "does not open" not in damaged.text
    assert "Tell an auditor" in visit("social_worker").get(f"/cases/{case}", status=409).text
    auditor.get("/cases/CAM-0000-0000/film", status=404)


def test_a_case_whose_release_was_changed_names_the_file_and_is_verified_from_there(visit: Visit, house: House, case):
    """Nobody reads a case on files that are not those it ran on: which file differs is said, and what to do now."""
    release = next(iter(house.casework.load("camden", case).running.values())).release
    path = next(one for one in house.store.library.release_files("camden", release) if one.endswith(".form"))
    held = sa.select(RELEASE_FILE.c.hash).where(RELEASE_FILE.c.release == release, RELEASE_FILE.c.path == path)
    auditor, worker = visit("auditor"), visit("social_worker")
    with house.store.database.writing() as session:
        session.run(sa.update(CONTENT).where(CONTENT.c.hash.in_(held)).values(body=b"{}"), {})
    # As any other process of the service sees it, which has not read the release before.
    auditor.app.extensions["casework"] = Casework(house.store, Shelf(house.store), house.clock)
    told = f"File {path} of release {release} of camden is not the file that was released."
    for place in ("film", "film/table"):
        page = auditor.get(f"/cases/{case}/{place}", status=409)
        assert told in page.text
        assert "so no step is shown here" in page.text
        assert "Until then it counts as active" in page.text
    certificate = auditor.send(page.form("/verify"))
    assert "Differs" in certificate.text and path in certificate.text

    page = auditor.get(f"/cases/{case}", status=409)
    assert told in page.text
    assert f"/cases/{case}/film" == page.links()[f"Open the film of case {case}"]
    page = worker.get(f"/cases/{case}", status=409)
    assert "The plan stays as it is. Tell an auditor" in page.text
    assert f"Open the film of case {case}" not in page.links()


def test_nothing_is_certified_while_a_signed_checkpoint_disagrees(visit: Visit, house: House, case):
    """A history that was rewritten whole is remembered by its checkpoint alone: one case and all of them differ."""
    house.store.write_checkpoints(at=house.clock.now())
    auditor = visit("auditor")
    assert "Certified" in auditor.send(auditor.get(f"/cases/{case}/film").form("/verify")).text
    with house.store.database.writing() as session:
        session.run(sa.delete(CHECKPOINT_HEAD).where(CHECKPOINT_HEAD.c.case_id == case), {})
    alone = auditor.send(auditor.get(f"/cases/{case}/film").form("/verify"))
    every = auditor.send(auditor.get("/audit").form("/audit/verify"))
    while "Go on" in every.text:
        every = auditor.send(every.form())
    for page in (alone, every):
        assert "Differs" in page.text and "does not fit the list of what it covers" in page.text
        assert "Certified" not in page.text and "heads changed" not in page.text


def test_the_certificate_of_one_case_speaks_of_that_case_alone(visit: Visit, house: House, case):
    """With every checkpoint taken away, each case's own certificate says so of that case and names no other."""
    other = house.open_case("CAM-2026-0001")
    auditor = visit("auditor")
    house.store.write_checkpoints(at=house.clock.now())
    whole = auditor.send(auditor.get(f"/cases/{case}/film").form("/verify"))
    assert "1 signed checkpoint that covers the case or who looked at it agrees with it" in whole.text
    assert "this verification has not read one" in whole.text
    with house.store.database.writing() as session:
        for table in (CHECKPOINT_HEAD, CHECKPOINT):
            session.run(sa.delete(table), {})
    last = house.revision(case)
    certificate = auditor.send(auditor.get(f"/cases/{case}/film").form("/verify"))
    assert "Differs" in certificate.text and other not in certificate.text
    assert f"The signed checkpoint that covered the history up to step {last} is gone." in certificate.text
    assert "this verification has not read one" in certificate.text


def test_a_film_says_where_a_signed_checkpoint_disagrees_and_leads_to_verification(visit: Visit, house: House, case):
    """A history that was cut so that it is whole again plays without a difference: only what was signed still knows."""
    auditor = visit("auditor")
    house.store.write_checkpoints(at=house.clock.now())
    last = house.revision(case)
    assert "no signed checkpoint of the case disagrees" in auditor.get(f"/cases/{case}/film").text
    with house.store.database.writing() as session:
        here, file = HISTORY.c.case_id == case, CASE_FILE.c.case_id == case
        (head,) = session.one(sa.select(HISTORY.c.hash).where(here, HISTORY.c.revision == 4), {}) or (b"",)
        session.run(sa.delete(HISTORY).where(here, HISTORY.c.revision > 4), {})
        session.run(sa.update(CASE_FILE).where(file).values(revision=4, head=head, snapshot=None), {})
    film = auditor.get(f"/cases/{case}/film")
    table = auditor.get(f"/cases/{case}/film/table")
    cut = f"Signed checkpoint 1 covers the history up to step {last}, which is not there any more"
    for page in (film, table):
        assert cut in page.text
        assert "came out as recorded" not in page.text
    certificate = auditor.send(film.form("/verify"))
    assert cut in certificate.text
    assert f"/cases/{case}/film" in certificate.source
    assert "Audit" in certificate.links()


def test_a_case_says_on_each_page_what_its_last_verification_found(visit: Visit, house: House, case):
    """A forged list replays without a difference: the film, the case and its status say what verification found."""
    auditor, worker = visit("auditor"), visit("social_worker")
    change = sa.update(CASE_FILE).where(CASE_FILE.c.case_id == case)
    with house.store.database.writing() as session:
        session.run(change.values(plan_status="ENDED"), {})
    certificate = auditor.send(auditor.get(f"/cases/{case}/film").form("/verify"))
    found = "Something in this case is not as it was recorded: verification 1 of"
    for place in ("", "/steps", "/film", "/film/table"):
        page = auditor.get(f"/cases/{case}{place}")
        assert found in page.text and f'href="{certificate.path}"' in page.source
    assert "The plan's status in lists is not what the history says." in auditor.get(f"/cases/{case}/film").text
    seen = worker.get(f"/cases/{case}")
    assert found in seen.text and "Ask an auditor" in seen.text and certificate.path not in seen.source
    with house.store.database.writing() as session:
        session.run(change.values(plan_status="ACTIVE"), {})
    every = auditor.send(auditor.get("/audit").form("/audit/verify"))
    assert found in worker.get(f"/cases/{case}").text
    while "Go on" in every.text:
        every = auditor.send(every.form())
    assert "not as it was recorded" not in worker.get(f"/cases/{case}").text


def test_an_ended_plan_is_not_called_certain_after_a_verification_that_differs(visit: Visit, house: House):
    """Where a history was cut or rewritten its end may be a lie: the case page says how the plan counts until then."""
    case = house.open_case(plan_status="ENDED", plan_end_date="2026-02-27")
    head, worker = house.person("head_of_quality_assurance"), visit("social_worker")
    assert "Not certain" not in worker.get(f"/cases/{case}").text
    made = house.casework.verify_case(head, case).verification
    cut = str(Fault(1, case, 3, "tail cut"))
    house.store.verifications.keep(replace(made, problems=(cut,)))
    page = worker.get(f"/cases/{case}")
    assert "Ended 27 February 2026Not certain: it counts as active until somebody has looked" in page.text


def test_what_a_checkpoint_shows_does_not_name_a_restricted_case(visit: Visit, house: House, case):
    """Whoever may not know of a case reads that one differs, and not which."""
    auditor, head = visit("auditor"), house.person("head_of_quality_assurance")
    every = auditor.send(auditor.get("/audit").form("/audit/verify"))
    while "Go on" in every.text:
        every = auditor.send(every.form())
    kept = house.store.verifications.latest("camden", 1)[0]
    house.store.verifications.keep(replace(kept, problems=(str(Fault(1, case, 3, "tail cut")),)))
    cut = "which is not there any more: its end was cut off outside the service."
    seen = auditor.get(every.path)
    assert f"Signed checkpoint 1 covers the history up to step 3, {cut}" in seen.text and case in seen.text
    theirs = [house.person(role).id for role in ("social_worker", "conference_chair", "iro")]
    house.casework.restrict_case(case, [head.id, *theirs], "A colleague's child.", by=head, command_id=house.key())
    again = auditor.get(every.path)
    assert f"Signed checkpoint 1 covers the history, {cut}" in again.text and "a restricted case" in again.text
    assert case not in again.text


def test_all_cases_are_verified_a_stretch_at_a_time(visit: Visit, house: House, case):
    """The page shows how far it has come and goes on until every case was looked at."""
    house.open_case("CAM-2026-0418")
    auditor = visit("auditor")
    page = auditor.send(auditor.get("/audit").form("/audit/verify"))
    assert "Under way" in page.text
    while "Go on" in page.text:
        page = auditor.send(page.form())
    assert "Certified" in page.text
    with house.store.database.reading() as session:
        cases = session.one(sa.select(sa.func.count()).select_from(CASE_FILE), {})
    assert f"Cases {cases[0]}" in page.text


@pytest.mark.parametrize("role", ["social_worker", "analyst"])
def test_the_film_is_for_those_who_audit(visit: Visit, case, role):
    """Who works cases or draws pathways does not audit them."""
    visit(role).get(f"/cases/{case}/film", status=403)


def test_a_step_shows_every_question_with_its_answer_and_which_went_unanswered(visit: Visit, case):
    """What somebody saw and answered is told in the form's own words, an empty answer too."""
    page = visit("auditor").get(f"/cases/{case}/film?frame=3")
    rows = {row.xpath("string(th)").strip(): row.xpath("string(td)").strip() for row in page.root.xpath("//tbody/tr")}
    assert "Placed on Friday." in rows.values()
    assert "Not answered" in rows.values()
    assert "The child has become looked after" in rows.values()


def test_a_date_names_each_day_that_it_left_out(visit: Visit, case):
    """How a date was counted is told with every day that does not count, and why."""
    page = visit("auditor").get(f"/cases/{case}/film?frame=8")
    assert "5 working days after Monday 2 March 2026" in page.text
    assert "Days left out: 7 March 2026 to 8 March 2026 (weekend)" in page.text


def test_the_row_that_decided_says_which_inputs_met_it(visit: Visit, case):
    """Each test of the matched row stands beside the value that met it."""
    page = visit("auditor").get(f"/cases/{case}/film?frame=3")
    met = page.root.xpath("//tr[contains(@class, 'app-matched')]/td[contains(@class, 'app-hit')]")
    assert [["true", "is Yes"]] == [[" ".join(part.text_content().split()) for part in cell] for cell in met]


def test_a_called_pathway_is_opened_below_the_step_that_called_it(visit: Visit, case):
    """The picture of what was called follows its caller's and names the step."""
    page = visit("auditor").get(f"/cases/{case}/film?frame=3")
    pictures = [" ".join(one.text_content().split()) for one in page.root.xpath("//div[@data-diagram]/../h3")]
    assert 2 <= len(pictures)
    assert "Opened from" not in pictures[0]
    assert "Opened from the step “Decision for a looked-after child”" in pictures[1]


def test_a_table_tells_no_row_where_an_input_is_kept_from_the_reader(visit: Visit, house: House, case):
    """Which row matched would tell what an input was."""
    head, auditor = house.person("head_of_quality_assurance"), visit("auditor")
    assert "Decided by row 7" in auditor.get(f"/cases/{case}/film?frame=3").text
    kept_from = [Party(ROLE, "auditor")]
    house.casework.mark_confidential(case, "deceased", kept_from, "Safety.", by=head, command_id=house.key())
    page = auditor.get(f"/cases/{case}/film?frame=3")
    assert "Decided by row" not in page.text
    assert "row 7" not in page.text
    assert "row 7" not in auditor.get(f"/cases/{case}/history").text
    assert "Which row matched is kept from you" in page.text
    assert [] == page.root.xpath("//tr[contains(@class, 'app-matched')]")


def test_a_day_that_cannot_be_read_is_said(visit: Visit, case):
    """A day is written as people write it; nonsense is told and not guessed at."""
    auditor = visit("auditor")
    assert "Step 1 of" in auditor.get(f"/cases/{case}/film?on=2/3/2026").text
    assert ["Write the day as in 27/3/2026."] == auditor.get(f"/cases/{case}/film?on=tomorrow").problems()


def test_a_day_that_does_not_exist_is_told_and_the_film_stays_where_it_is(visit: Visit, case):
    """Whoever asks for the 31st of February is told that there is none, and is not taken to another step."""
    auditor = visit("auditor")
    here = dict(auditor.get(f"/cases/{case}/film?frame=3").form("/film").form_values())
    page = auditor.get(f"/cases/{case}/film?" + urlencode({**here, "on": "31/2/2026"}))
    assert ["There is no day 31/2/2026. Write one that is in the calendar."] == page.problems()
    assert "Step 3 of" in page.text
    assert "Step 3 of" in auditor.get(f"/cases/{case}/film?frame=3&on=nonsense").text
    short = auditor.get(f"/cases/{case}/film?frame=3&on=27/3/26")
    assert ["Write the year with four figures, as in 27/3/2026."] == short.problems()
    assert "Step 1 of" in auditor.get(f"/cases/{case}/film?frame=3&on=2/3/2026").text


def test_only_what_was_asked_is_listed_with_its_answer(visit: Visit, house: House):
    """A question that was hidden from whoever answered is not said to have gone unanswered."""
    house.open_case()
    house.start(CASE)
    house.complete(CASE, "raise_discharge_ground", "social_worker", GROUND)
    usual = usual_answers("notify_looked_after", house.casework.load("camden", CASE).facts, house.clock.now())
    hidden = ("s20_stable", "plo_active")
    answers = {**usual, "legal_status": "co", **dict.fromkeys(hidden)}
    house.complete(CASE, "notify_looked_after", "social_worker", answers)
    (drawn,) = (ROOT / "processes/camden").rglob("notify_looked_after.form")
    form = json.loads(drawn.read_bytes())
    labels = {one["key"]: one["label"] for one in form["components"] if one.get("key") in usual}
    page = visit("auditor").get(f"/cases/{CASE}/film?frame={house.revision(CASE)}")
    told = {row.xpath("string(th/text())").strip() for row in page.root.xpath("//td[@data-label='Answer']/..")}
    assert {label for key, label in labels.items() if key not in hidden} <= told
    assert not {labels[key] for key in hidden} & told


def test_a_reminder_names_the_step_that_is_late_and_marks_it(visit: Visit, house: House):
    """What is late, why it was due on that day, for which clause, and where it is drawn."""
    house.open_case()
    house.start(CASE)
    house.complete(CASE, "raise_discharge_ground", "social_worker", GROUND)
    house.days_pass(30)
    house.casework.fire_timers("camden", CASE)
    told = house.casework.case(house.person("auditor"), CASE).timeline
    number = next(n for n, one in enumerate(told, 1) if any(e.body.get("rung") == "manager" for e in one.events))
    page = visit("auditor").get(f"/cases/{CASE}/film?frame={number}")
    (late,) = [" ".join(one.text_content().split()) for one in page.root.xpath("//section//li") if "Late:" in
               one.text_content()]  # fmt: skip
    assert "Tell the IRO service manager" in late and "Due " in late and "CAM-" in late
    marked = [json.loads(one.get("data-marks"))["moved"] for one in page.root.xpath("//div[@data-diagram]")]
    assert [["notify_looked_after"]] == marked
    assert "Moved in this step" not in page.text


def test_a_step_that_was_put_right_is_marked_and_listed(visit: Visit, house: House, case):
    """The frame of a correction shows which step it corrected, on that step's picture and among the steps."""
    task = next(
        event.body["task"]
        for one in house.casework.case(house.person("auditor"), case).timeline
        for event in one.events
        if event.kind == "TaskOpened" and event.body["element"] == "raise_discharge_ground"
    )
    manager = visit("iro_service_manager")
    form = manager.get(f"/cases/{case}/steps/{task}/correct").form("/correct")
    manager.send(form, {"evidence": "Placed on Monday.", "why_corrected": "The date was misread."})
    page = visit("auditor").get(f"/cases/{case}/film?frame={house.revision(case)}")
    steps = [" ".join(one.text_content().split()) for one in page.root.xpath("//section/ul/li")]
    assert any(one.startswith("Put right: Say why the plan might end") for one in steps)
    marked = [json.loads(one.get("data-marks"))["moved"] for one in page.root.xpath("//div[@data-diagram]")]
    assert ["raise_discharge_ground"] in marked


def test_what_a_table_was_asked_about_stands_there_in_words(visit: Visit, house: House, case):
    """An answer is told by the option that was chosen, a code in words, and nothing as nothing."""
    words = Known(house.casework.case(house.person("auditor"), case)).input
    form = json.loads((ROOT / "processes/camden/camden_route/forms/raise_discharge_ground.form").read_bytes())
    asked = next(one for one in form["components"] if one.get("key") == "ground")
    chosen = next(one["label"] for one in asked["values"] if one["value"] == "became_looked_after")
    assert chosen == words("became_looked_after")
    assert ["Not yet", "empty", "not known", "Yes", "Not yet, Ended"] == [
        words(one) for one in ("NOT_YET", "", None, True, ["NOT_YET", "ENDED"])
    ]
    assert facts.LEGAL_STATUSES["s20"] == words("s20")
    page = visit("auditor").get(f"/cases/{case}/film?frame=3")
    assert f"was {chosen}" in page.text and "was became_looked_after" not in page.text


def test_a_letter_stands_in_the_film_as_it_was_sent():
    """What was sent, to whom, when and how is told by the letter itself; a later step does not lose its words."""
    at = datetime(2026, 3, 2, tzinfo=UTC)
    to = [{"list": "parents", "to": "Mariana Sample"}]
    said = {"letter": "decision", "number": 4, "task": 9, "recipients": to}
    events = (
        Event("LetterDrafted", {**said, "text": "Dear Mariana,"}),
        Event("LetterApproved", {"letter": "decision", "number": 4, "task": 9}),
        Event("LetterSent", {**said, "text": "Dear Ms Sample,", "channel": "post", "sent_on": "2026-03-02"}),
        Event("LetterWithdrawn", {"letter": "decision", "number": 4, "why": "An error."}),
    )
    told = tuple(
        Entry(number, at, "amira", "Amira", "iro", "complete_task", (one,)) for number, one in enumerate(events, 1)
    )
    letters = [letter for frame in frames(told, {}, {}, EVERYTHING) for letter in frame.letters]
    assert [("drafted", "Dear Mariana,"), ("approved", "Dear Mariana,"), ("sent", "Dear Ms Sample,"),
            ("withdrawn", "Dear Ms Sample,")] == [(one.did, one.text) for one in letters]  # fmt: skip
    sent = letters[2]
    assert (tuple(to), "post", "2026-03-02") == (sent.recipients, sent.channel, sent.sent_on)

"""Tasks in the pages: lists, the form, and every way in which an answer is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.feel import Environment
from engine.forms import Form, read_form
from engine.history import JSON
from engine.pathways import Release, release_from_files
from tests.support.house import House
from tests.support.visitor import Visitor, date_typed, filled
from webhooks.form_pages import questions_of, shown_of

Visit = Callable[..., Visitor]

GROUND = {"ground": "became_looked_after", "evidence": "The child has lived with foster carers since Friday."}
AGREED = {"no_longer_at_risk": "true", "plan_no_longer_required": "true", "agree": "true", "reasons": "Settled."}


@dataclass(frozen=True)
class Asking:
    """A form that is asked of a case of which nothing is known."""

    form: Form | None
    scope: Mapping[str, Any] = field(default_factory=lambda: {"case": {"dob": None}})
    prefill: Mapping[str, JSON] = field(default_factory=dict)


@pytest.fixture
def raised(house: House) -> str:
    """The address of the first task of a new case."""
    case_id = house.open_case()
    house.start(case_id)
    return f"/cases/{case_id}/tasks/{house.task(case_id, 'raise_discharge_ground')}"


def test_a_completed_task_leads_to_the_next_one_of_the_same_person(visit: Visit, raised: str) -> None:
    """Whoever completes a task and may do the next one is taken there; the case moved on."""
    worker = visit("social_worker")

    page = worker.complete(worker.get(raised).form(), GROUND)

    assert "Tell the IRO service manager and the chair" == page.heading
    assert "Done: Say why the plan might end." in page.text


@pytest.mark.parametrize(
    ("result", "reads"), [("GO_ON", "The plan continues"), ("end_it", "The plan ends"), ("ASK_AGAIN", "ASK_AGAIN")]
)
def test_what_a_table_recommends_reads_as_the_form_calls_that_answer(result: str, reads: str) -> None:
    """A code of a table that is one of the form's own answers stands in its text in the words of that answer."""
    options = [{"label": "The plan continues", "value": "go_on"}, {"label": "The plan ends", "value": "end_it"}]
    parts = [
        {"type": "text", "id": "lead", "text": "Your answers speak for: {{ advice.result }}."},
        {"type": "radio", "id": "field", "key": "decision", "label": "Your decision", "values": options},
    ]
    form = read_form(json.dumps({"type": "default", "id": "f", "components": parts}).encode(), "f.form")

    lead, _ = shown_of(form, {"advice": {"result": result}}, Environment(datetime(2026, 3, 2, 9, tzinfo=UTC)))

    assert f"Your answers speak for: {reads}." == lead.label


@pytest.mark.parametrize(
    ("own", "optional"),
    [
        ({}, True),
        ({"properties": {"check": "=asked = null or asked = true", "message": "Consider it first."}}, True),
        ({"properties": {"check": "=asked = true", "message": "Consider it first."}}, False),
        ({"values": [{"label": "Yes", "value": True}, {"label": "Not known", "value": "unknown"}]}, False),
        ({"validate": {"required": True}}, False),
    ],
)
def test_only_a_question_that_may_be_left_blank_is_called_optional(own: dict[str, Any], optional: bool) -> None:
    """What is refused when blank is not marked optional, nor what can be answered with "Not known"."""
    yes_or_no = [{"label": "Yes", "value": True}, {"label": "No", "value": False}]
    part = {"type": "radio", "id": "field", "key": "asked", "label": "Was it considered?", "values": yes_or_no, **own}
    form = read_form(json.dumps({"type": "default", "id": "f", "components": [part]}).encode(), "f.form")

    (question,) = shown_of(form, {}, Environment(datetime(2026, 3, 2, 9, tzinfo=UTC)))

    assert optional is question.optional


def test_an_answer_that_follows_from_others_is_told_once_they_are_given_and_not_called_unknown_before() -> None:
    """What nobody answers is worked out from what was typed; until then the page says so, and never "Not known"."""
    said = {"type": "textfield", "id": "a", "key": "said", "label": "What was said?"}
    rule = {"value": '=if said = null then null else if said = "end" then true else false'}
    yes_or_no = [{"label": "Yes", "value": True}, {"label": "No", "value": False}]
    differs = {"type": "radio", "id": "b", "key": "differs", "label": "Does it differ?", "values": yes_or_no}
    born = {"type": "textfield", "id": "c", "key": "born", "label": "Born", "readonly": True}
    parts = [said, {**differs, "readonly": True, "properties": rule}, {**born, "properties": {"value": "=case.dob"}}]
    form = read_form(json.dumps({"type": "default", "id": "f", "components": parts}).encode(), "f.form")
    view, now = Asking(form), Environment(datetime(2026, 3, 2, 9, tzinfo=UTC))

    fresh, given, taken_back = (
        {one.name: one.typed or one.untold for one in questions_of(view, now, answers)}
        for answers in (None, {"said": "end"}, {"said": None})
    )

    assert ("Worked out from your answers when you continue", "Not known") == (fresh["differs"], fresh["born"])
    assert "Yes" == given["differs"]
    assert fresh["differs"] == taken_back["differs"]


def test_a_missing_answer_is_named_and_what_was_typed_is_kept(visit: Visit, house: House, raised: str) -> None:
    """A refused form names each problem at the top and beside its question, keeps the rest, and stores nothing."""
    worker, before = visit("social_worker"), house.revision("CAM-2026-0417")

    page = worker.send(worker.get(raised).form(), {"evidence": "Seen at the visit."}, status=422)

    assert ["Choose an answer to ‘Why might the plan end?’"] == page.problems()
    assert "#ground" == page.root.xpath("//*[contains(@class,'govuk-error-summary__list')]//a/@href")[0]
    assert page.root.xpath("//*[@id='ground']")
    assert "Seen at the visit." == page.root.xpath("//textarea[@id='evidence']")[0].text.strip()
    assert page.root.findtext(".//title").startswith("Error: ")
    assert before == house.revision("CAM-2026-0417")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"date_of_event-day": "31", "date_of_event-month": "2", "date_of_event-year": "2026"}, "must be a real date"),
        ({"date_of_event-day": "3", "date_of_event-month": "", "date_of_event-year": "2026"}, "must include a month"),
        ({"date_of_event-day": "1", "date_of_event-month": "1", "date_of_event-year": "0206"}, "must have a year from"),
        (date_typed("date_of_event", "2026-03-03"), "This date lies in the future."),
        ({"evidence": "x" * 30_000}, "must be 20000 characters or fewer"),
        ({"evidence": "a bell \x07 rings"}, "holds characters that cannot be kept"),
    ],
)
def test_an_absurd_answer_is_refused_in_words(
    visit: Visit, house: House, raised: str, typed: dict[str, str], sentence: str
) -> None:
    """No date that is none, no year of a typing mistake, no future, no book and no control characters are stored."""
    worker, before = visit("social_worker"), house.revision("CAM-2026-0417")

    page = worker.send(worker.get(raised).form(), {**GROUND, **typed}, status=422)

    assert sentence in " ".join(page.problems())
    assert before == house.revision("CAM-2026-0417")


def test_an_answer_that_was_not_offered_is_refused(visit: Visit, house: House, raised: str) -> None:
    """The server checks what a browser sends: an option that the form does not offer is no answer."""
    worker, before = visit("social_worker"), house.revision("CAM-2026-0417")
    data = {**filled(worker.get(raised).form(), GROUND), "ground": ["end_it_now"], "unasked": ["x"]}

    answer = worker.client.post(raised, data=data)

    assert 422 == answer.status_code
    assert before == house.revision("CAM-2026-0417")


def test_a_form_posted_twice_is_refused_kindly_the_second_time(visit: Visit, house: House, raised: str) -> None:
    """The same form sent again adds nothing, says so, and shows what was written."""
    worker = visit("social_worker")
    data = filled(worker.send(worker.get(raised).form(), GROUND).form(), {})
    worker.client.post(raised, data=data)
    after = house.revision("CAM-2026-0417")

    answer = worker.client.post(raised, data=data)

    assert 409 == answer.status_code
    assert "You have already sent this" in answer.text
    assert "Open case CAM-2026-0417" in answer.text
    assert GROUND["evidence"] in answer.text
    assert after == house.revision("CAM-2026-0417")


def test_a_button_pressed_twice_does_one_thing_and_says_so(visit: Visit, house: House) -> None:
    """Opening a case, starting a pathway, recording what happened: the second press is told that it was done."""
    worker = visit("social_worker")
    opening = filled(worker.get("/cases/new").form(), {"case_id": "CAM-2026-0900", "name": "Twice Pressed"})
    worker.client.post("/cases/new", data=opening)
    start = filled(worker.get("/cases/CAM-2026-0900/start").form(), {"pathway": "camden_route"})
    worker.client.post("/cases/CAM-2026-0900/start", data=start)
    place = "/cases/CAM-2026-0900/life-event"
    said = {"placement": "home", **date_typed("received_on", "2026-03-02")}
    moved = filled(worker.get(f"{place}?event=PlacementChanged").form(), said)
    assert 303 == worker.client.post(place, data=moved).status_code
    before = house.revision("CAM-2026-0900")

    for address, data in (("/cases/new", opening), ("/cases/CAM-2026-0900/start", start), (place, moved)):
        answer = worker.client.post(address, data=data)
        assert 409 == answer.status_code, address
        assert "You have already sent this" in answer.text, address
        assert 'name="form_key"' not in answer.text
    assert before == house.revision("CAM-2026-0900")


@pytest.mark.parametrize("part", ["day", "month", "year"])
def test_a_date_of_any_size_is_asked_again(visit: Visit, house: House, part: str) -> None:
    """Whatever is typed into a date is told to be none, and stands there again."""
    worker = visit("social_worker")
    typed = {"case_id": "CAM-2026-0901", "name": "Far Future", **date_typed("dob", "2019-02-03")}
    form = worker.get("/cases/new").form()

    for huge in ("99999999999", "9" * 5000):
        page = worker.send(form, {**typed, f"dob-{part}": huge}, status=409)
        assert page.problems()
        assert "Far Future" in page.source


def test_the_same_key_for_another_task_is_refused(visit: Visit, house: House, raised: str) -> None:
    """A form's key serves once in an authority, whatever it is sent with."""
    worker = visit("social_worker")
    house.open_case("CAM-2026-0500")
    house.start("CAM-2026-0500")
    other = f"/cases/CAM-2026-0500/tasks/{house.task('CAM-2026-0500', 'raise_discharge_ground')}"
    data = filled(worker.send(worker.get(raised).form(), GROUND).form(), {})
    worker.client.post(raised, data=data)
    after = house.revision("CAM-2026-0500")

    answer = worker.client.post(other, data=data)

    assert 409 == answer.status_code
    assert "You have already sent this" in answer.text
    assert after == house.revision("CAM-2026-0500")


def test_a_late_answer_is_told_that_the_task_is_gone(visit: Visit, house: House, raised: str) -> None:
    """A task withdrawn while somebody was writing is refused, with what they wrote to copy."""
    worker = visit("social_worker")
    data = filled(worker.get(raised).form(), GROUND)
    house.casework.record_life_event(
        "CAM-2026-0417",
        "ChildDied",
        {"date_of_death": "2026-03-01"},
        received_on="2026-03-02",
        by=house.person("social_worker"),
        command_id=house.key(),
    )
    after = house.revision("CAM-2026-0417")

    answer = worker.client.post(raised, data=data)

    assert 409 == answer.status_code
    assert "This task is no longer needed" in answer.text
    assert "was withdrawn by" in answer.text
    assert GROUND["evidence"] in answer.text
    assert "The child has become looked after" in answer.text
    assert GROUND["ground"] not in answer.text
    assert after == house.revision("CAM-2026-0417")


def test_the_wrong_role_sees_no_form_and_cannot_send_one(visit: Visit, house: House, raised: str) -> None:
    """A task belongs to its lane's role: another role may read it and is refused when it answers."""
    iro, before = visit("iro"), house.revision("CAM-2026-0417")
    page = iro.get(raised)
    token = page.root.xpath("//input[@name='csrf_token']/@value")[0]

    assert "This task is for:" in page.text
    answer = iro.client.post(raised, data={**GROUND, "csrf_token": token, "form_key": "x" * 24})

    assert 403 == answer.status_code
    assert before == house.revision("CAM-2026-0417")


def test_the_page_that_refuses_a_task_is_headed_as_the_reason_that_it_gives(visit: Visit, raised: str) -> None:
    """A task that is open, and not theirs, is not said to be open no longer; what they wrote is theirs to copy."""
    iro = visit("iro")
    token = iro.get(raised).root.xpath("//input[@name='csrf_token']/@value")[0]
    typed = {**GROUND, "csrf_token": token, "form_key": "x" * 24}

    kept = iro.client.post(f"{raised}/draft", data=typed)

    assert 403 == kept.status_code
    assert "You cannot do this" in kept.text
    assert "no longer open" not in kept.text
    assert GROUND["evidence"] in kept.text


def test_a_form_without_its_key_is_not_read(visit: Visit, house: House, raised: str) -> None:
    """Every form that changes a case carries a key; one without it, or with nonsense, is refused."""
    worker = visit("social_worker")
    data = filled(worker.get(raised).form(), GROUND)

    for key in ([], ["x"], ["<script>alert(1)</script>"]):
        assert 400 == worker.client.post(raised, data={**data, "form_key": key}).status_code


def test_a_draft_comes_back_and_decides_nothing(visit: Visit, house: House, raised: str) -> None:
    """Save and return later keeps what was typed, checked or not, for the same person; the case does not move."""
    worker, before = visit("social_worker"), house.revision("CAM-2026-0417")
    typed = {"evidence": "Half a thought", "date_of_event-day": "31", "date_of_event-month": "2"}

    worker.send(worker.get(raised).form(), typed, to=f"{raised}/draft")
    page = worker.get(raised)

    assert "Half a thought" == page.root.xpath("//textarea[@id='evidence']")[0].text.strip()
    assert ["31"] == page.root.xpath("//input[@id='date_of_event-day']/@value")
    assert before == house.revision("CAM-2026-0417")


def test_claim_and_release_move_a_task_between_the_lists(visit: Visit, raised: str) -> None:
    """A task of the team's is claimed onto one's own list, and given back."""
    worker = visit("social_worker", 1)
    team = worker.get("/tasks/team")

    assert "You have no open tasks." in worker.get("/tasks").text
    worker.send(team.form("/claim"))
    mine = worker.get("/tasks")
    assert "Say why the plan might end" in mine.text
    worker.send(mine.form("/release"))

    assert "You have no open tasks." in worker.get("/tasks").text


def test_a_task_claimed_by_another_keeps_their_name_and_not_their_form(visit: Visit, raised: str) -> None:
    """Two people at once: one has it, the other is told who."""
    first, second = visit("social_worker"), visit("social_worker", 1)
    first.send(first.get("/tasks/team").form("/claim"))

    page = second.get(raised)

    assert "This task is with Philippa Greenhalgh." in page.text
    assert not page.root.xpath("//textarea")


def test_conditional_questions_are_asked_as_the_answers_call_for_them(visit: Visit, house: House, raised: str) -> None:
    """The server says which questions the answers so far call for; nothing else knows the rule."""
    worker = visit("social_worker")
    page = worker.complete(worker.get(raised).form(), GROUND)
    form = page.form()

    away = worker.client.post(f"{page.path}/asked", data=filled(form, {"legal_status": "s20"})).get_json()
    home = worker.client.post(f"{page.path}/asked", data=filled(form, {"legal_status": "ico"})).get_json()

    assert {"s20_stable", "plo_active"} <= set(away["asked"])
    assert set() == {"s20_stable", "plo_active"} & set(home["asked"])


def test_a_due_date_says_why_it_is_that_date(visit: Visit, raised: str) -> None:
    """Beside every due date stands the rule that gave it and the days it skipped."""
    page = visit("social_worker").get(raised)

    assert "4 March 2026" in page.text
    assert "is 2 working days after Monday 2 March 2026" in page.text


def test_a_due_date_that_is_recorded_says_which_fact_it_is_and_whose(visit: Visit, house: House) -> None:
    """A date that nobody counted is a fact of the case: its name, who recorded it, and when."""
    case_id = house.open_case(legal_status="none", placement="home", cla_start_date=None)
    house.start(case_id, "camden_review_conference")
    report = {
        "ground": "no_longer_at_risk",
        "current_risk": "Low.",
        "legal_proceedings": False,
        "placed_at_home": True,
        "view": "End it.",
    }
    house.complete(case_id, "report_to_conference", "social_worker", report)
    place = f"/cases/{case_id}/tasks/{house.task(case_id, 'hold_review_conference')}"

    text = visit("conference_chair").get(place).text

    said = f"It is ‘Next review conference’. Recorded by {house.person('social_worker').name} on 2 March 2026."
    assert said in text
    assert "15 June 2026" in text


def test_a_task_that_is_due_at_once_says_so(visit: Visit, house: House) -> None:
    """Where nothing is to wait, the day is the one on which the task opened."""
    case_id = house.open_case()
    house.start(case_id, "camden_admin_removal")
    by = house.person("iro")
    house.casework.record_life_event(case_id, "ChildDied", {}, received_on=None, by=by, command_id=house.key())
    place = f"/cases/{case_id}/tasks/{house.task(case_id, 'notify_death_as_chair')}"

    text = visit("conference_chair").get(place).text

    assert "It is the day on which the task opened: nothing is to wait." in text


def test_an_overdue_task_is_first_and_says_by_how_much(visit: Visit, house: House, raised: str) -> None:
    """The list is ordered by what is due, and lateness is said in words."""
    house.days_pass(8)
    house.open_case("CAM-2026-0500")
    house.start("CAM-2026-0500")

    text = visit("social_worker").get("/tasks/team").text

    assert "All 2 tasks Overdue 1 tasks" in text
    assert text.index("CAM-2026-0417") < text.index("CAM-2026-0500")
    assert "Overdue by 4 working days" in text


def test_a_book_is_not_read(visit: Visit, house: House, raised: str) -> None:
    """A request of many megabytes is refused before it is read, with a page that says so."""
    worker, before = visit("social_worker"), house.revision("CAM-2026-0417")
    data = filled(worker.get(raised).form(), {**GROUND, "evidence": "x" * 5_000_000})

    answer = worker.client.post(raised, data=data)

    assert 413 == answer.status_code
    assert "That is too large" in answer.text
    assert "Go to your first page" in answer.text
    assert before == house.revision("CAM-2026-0417")


def test_a_case_that_cannot_go_on_says_so_and_is_mended_by_an_operator(visit: Visit, house: House) -> None:
    """An incident keeps the answers, tells the person and the operator, and goes on once its cause is mended."""
    house.open_case()
    house.shelf.publish(crossroads(), at=house.clock.now(), by="tests", why="for a test")
    house.start("CAM-2026-0417", "crossroads")
    place = f"/cases/CAM-2026-0417/tasks/{house.task('CAM-2026-0417', 'choose_way')}"
    worker = visit("social_worker")

    page = worker.send(worker.get(place).form(), {"way": "neither"})
    assert "The case could not go on by itself: the plan stays active" in page.text
    page = worker.send(page.form())
    assert "Your answers are kept, but the case could not go on by itself." in page.text
    assert "This case has stopped at a step" in worker.get("/cases/CAM-2026-0417").text
    assert "This step has stopped and is being mended." in worker.get(place).text

    operator = visit("system_admin")
    incidents = operator.get("/incidents")
    assert "Case CAM-2026-0417, incident" in incidents.text
    again = operator.send(incidents.form("/retry"))
    assert "It stopped again, for the reason shown." in again.text


def crossroads() -> Release:
    """A diagram whose gateway asks about an answer in a way that can be neither true nor false."""
    folder = Path(__file__).parent / "crossroads"
    files = {f"camden/crossroads/{file.name}": file.read_bytes() for file in sorted(folder.iterdir())}
    return release_from_files(files, authority="camden", pathway="crossroads")

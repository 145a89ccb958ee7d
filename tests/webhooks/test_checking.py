"""Before a task is completed: its answers are shown once more, what follows is told, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text
from werkzeug.datastructures import MultiDict

from engine.clock import SystemClock
from engine.history import Event
from tests.support.house import LOOKED_AFTER, House
from tests.support.visitor import Page, Visitor, date_typed, filled
from webhooks import sessions
from webhooks.checking import typed_for, written
from webhooks.following import told
from webhooks.questions import Question

Visit = Callable[..., Visitor]
CASE = "CAM-2026-0417"
GROUND = {"ground": "became_looked_after", "evidence": "The child has lived with foster carers since Friday."}
TOLD = {
    "cla_start_date": "2026-02-27",
    "legal_status": "s20",
    "placement": "away_foster",
    "care_planning_arrangements": True,
    "s20_stable": True,
    "plo_active": False,
    "care_proceedings": False,
    "notified_irosm_at": "2026-03-02T09:00:00+00:00",
    "notified_chair_at": "2026-03-02T09:00:00+00:00",
}


@pytest.fixture
def raised(house: House) -> str:
    """The address of the first task of a new case."""
    house.open_case()
    house.start(CASE)
    return f"/cases/{CASE}/tasks/{house.task(CASE, 'raise_discharge_ground')}"


def test_answers_are_shown_in_words_with_a_way_to_change_each(visit: Visit, house: House, raised: str) -> None:
    """Check your answers says each answer as people say it, leads back to each question, and stores nothing."""
    worker, before = visit("social_worker"), house.revision(CASE)

    page = worker.send(worker.get(raised).form(), GROUND)

    assert "Check your answers" == page.heading
    assert "The child has become looked after" in page.text
    assert f"{raised}#ground" in page.root.xpath("//a/@href")
    assert before == house.revision(CASE)


def test_what_follows_is_told_with_the_date_it_is_due_and_why(visit: Visit, raised: str) -> None:
    """The next step, whose it is, until when and why that date: what the case would do, not what a text says."""
    worker = visit("social_worker")

    page = worker.send(worker.get(raised).form(), GROUND)

    assert "Next: Tell the IRO service manager and the chair – for you, due" in page.text


def test_what_follows_is_named_as_on_the_drawing_and_never_by_an_id(visit: Visit, house: House) -> None:
    """An outcome, what is waited for and a letter are told by their names, before and after they come."""
    _at_the_end(visit, house)
    ended = {"episode_ref": "CPE-1", "end_date": "2026-03-02", "end_reason": "Administrative removal"}
    house.complete(CASE, "end_cp_episode", "conference_chair", ended)
    visitor = visit("social_worker")
    sending = visitor.get(f"/cases/{CASE}/tasks/{house.task(CASE, 'send_removal_letter')}")
    sent = {**date_typed("sent_on", "2026-03-02"), "channel": "post", "recipients_confirmed": "yes"}

    page = visitor.send(sending.form(), sent)

    assert "Outcome: Plan ended: away from home on an order." in page.text
    assert "From then on the case waits for: CLA review held." in page.text
    assert "can no longer be changed: A child protection plan ends." in page.text
    visitor.send(page.form())
    assert "A child protection plan ends" in visitor.get(f"/cases/{CASE}/letters").links()
    assert "Letter sent: A child protection plan ends" in visitor.get(f"/cases/{CASE}/history").text


def test_what_follows_names_what_is_no_longer_needed_and_calls_no_letter_a_draft_that_goes_out(house: House) -> None:
    """A letter that is drafted and sent by one answer is sent; a task that falls away is named as on the drawing."""
    house.open_case()
    house.start(CASE)
    worker = house.person("social_worker")
    view = house.casework.task(worker, CASE, house.task(CASE, "raise_discharge_ground"))
    drafted, sent = Event("LetterDrafted", {"letter": "notice"}), Event("LetterSent", {"letter": "notice"})

    assert ["The letter is kept as a draft for the next step: Notice."] == [
        line.text for line in told([drafted], view, worker)
    ]
    assert ["The letter is kept as sent and can no longer be changed: Notice."] == [
        line.text for line in told([drafted, sent], view, worker)
    ]
    gone = [Event("TaskWithdrawn", {"element": name, "task": 9}) for name in ("raise_discharge_ground", "of_another")]
    assert ["No longer needed: Say why the plan might end.", "Another open task of this case is no longer needed."] == [
        line.text for line in told(gone, view, worker)
    ]


def test_a_date_that_was_typed_is_shown_to_copy_as_people_write_it() -> None:
    """Day, month and year are one date in words; what is no date, and the time beside it, stay as they were typed."""
    sent = MultiDict(
        [
            *date_typed("sent_on", "2026-12-07").items(),
            *[("seen_at-day", "31"), ("seen_at-month", "2"), ("seen_at-year", "2026"), ("seen_at-time", "10:30")],
            *[(f"left_open-{part}", "") for part in ("day", "month", "year")],
        ]
    )
    at = {"day": "7", "month": "12", "year": "2026", "time": "9am"}
    questions = [Question("held_on", "moment", "Held on"), Question("open", "date", "Open")]

    assert [("Sent on", "7 December 2026"), ("Seen at", "31 2 2026 10:30")] == typed_for(None, sent)
    assert [("Held on", "7 December 2026 9am")] == written(questions, {"held_on": at, "open": dict.fromkeys(at, "")})


def test_going_back_to_change_an_answer_finds_what_was_typed(visit: Visit, raised: str) -> None:
    """The questions come back with the answers as they were sent, and say that they have not counted yet."""
    worker = visit("social_worker")
    worker.send(worker.get(raised).form(), GROUND)

    page = worker.get(raised)

    assert GROUND["evidence"] == page.root.xpath("//textarea[@id='evidence']")[0].text.strip()
    assert "It has not been sent." in page.text


def test_the_step_that_ends_a_plan_says_so_before_it_is_taken(visit: Visit, house: House) -> None:
    """Whoever takes the last step before the plan ends reads on which day it ends, before they take it."""
    page = _at_the_end(visit, house)

    assert "The child protection plan ends on 2 March 2026, decided on 2 March 2026." in page.text
    assert "ACTIVE" == house.casework.load("camden", CASE).facts["plan_status"]


def test_an_ending_that_the_guard_would_hold_back_is_told_before_it_is_tried(visit: Visit, house: House) -> None:
    """A fact that changed meanwhile holds the ending back, and the page says why before anything is sent."""
    page = _at_the_end(visit, house, {"legal_status": "none"})

    assert "The plan does not end, because something holds it back:" in page.text


def _at_the_end(visit: Visit, house: House, changed: dict[str, str] | None = None):  # type: ignore[no-untyped-def]
    house.open_case(legal_status="ico")
    done = house.casework.start_pathway(
        CASE,
        "camden_admin_removal",
        by=house.person("social_worker"),
        command_id=house.key(),
        variables={"reason": "ORDER_AWAY"},
    )
    assert any(event.kind == "TaskOpened" for event in done.events)
    decide = {"decision": "discharge", "reasons": "Met.", "decided_on": "2026-03-02"}
    house.complete(CASE, "decide_admin_removal", "iro_service_manager", decide)
    task = house.task(CASE, "draft_removal_letter")
    chair = house.person("conference_chair")
    view = house.casework.task(chair, CASE, task)
    assert view.form is not None
    known = {**view.form.initial(view.scope, house.casework.environment("camden")), **view.prefill}
    letter = {
        **known,
        "network_recipients": LOOKED_AFTER["current_agencies"],
        "parent_recipients": LOOKED_AFTER["parents"],
    }
    house.complete(CASE, "draft_removal_letter", "conference_chair", letter)
    if changed:
        by = house.person("social_worker")
        house.casework.record_facts(CASE, changed, "Corrected.", by=by, command_id=house.key())
    place = f"/cases/{CASE}/tasks/{house.task(CASE, 'end_cp_episode')}"
    visitor = visit("conference_chair")
    ended = {"episode_ref": "CPE-1", "end_date-day": "2", "end_date-month": "3", "end_date-year": "2026"}
    return visitor.send(visitor.get(place).form(), {**ended, "end_reason": "Administrative removal"})


def test_without_scripts_a_question_that_follows_is_asked_on_a_second_page(
    visit: Visit, house: House, raised: str
) -> None:
    """An answer that calls for more questions brings them on the next page, not as an error and not unseen."""
    worker = visit("social_worker")
    page = worker.complete(worker.get(raised).form(), GROUND)
    hidden = page.root.xpath("//*[@data-depends='s20_stable'][@hidden]")
    form = page.form()
    fields = {"legal_status": "s20", "care_planning_arrangements": "true", "care_proceedings": "false"}
    data = {**filled(form, fields), "legal_status": ["ico"], "seen": [""]}
    first = worker.client.post(page.path, data=data)
    second = worker.client.post(page.path, data={**data, "legal_status": ["s20"]})

    assert [] == hidden or hidden
    assert "more question" not in first.text
    assert 200 == second.status_code
    assert "more questions" in second.text
    assert "There is a problem" not in second.text


def test_of_two_people_at_once_one_wins_and_the_other_is_told_who(visit: Visit, house: House, raised: str) -> None:
    """The slower one is told who completed the task and when, and keeps what they wrote."""
    slow, quick = visit("social_worker"), visit("social_worker", 1)
    data = filled(slow.get(raised).form(), {**GROUND, "evidence": "Written by the slower of two people."})
    quick.complete(quick.get(raised).form(), GROUND)

    answer = slow.client.post(raised, data=data)

    assert 409 == answer.status_code
    assert f"was completed by {house.person('social_worker', 1).name} on 2 March 2026" in answer.text
    assert "Written by the slower of two people." in answer.text


def _kept(house: House) -> int:
    """How many drafts lie in the store."""
    with house.store.database.engine.connect() as looking:
        return int(looking.execute(text("select count(*) from draft")).scalar_one())


@pytest.mark.parametrize(
    "typed",
    [{}, {"evidence": "Half a thought"}, {**GROUND, **date_typed("date_of_event", "2026-02-30")}],
)
def test_a_refused_answer_is_shown_again_and_nothing_is_stored(
    visit: Visit, house: House, raised: str, typed: dict[str, str]
) -> None:
    """Missing or absurd answers leave no row behind; what was typed stands on the page that refuses them."""
    worker, before = visit("social_worker"), house.revision(CASE)
    page = worker.send(worker.get(raised).form(), typed, status=422)

    assert typed.get("evidence", "") == (page.root.xpath("//textarea[@id='evidence']")[0].text or "").strip()
    assert page.problems()
    assert 0 == _kept(house)
    assert before == house.revision(CASE)


def test_answers_that_are_looked_at_once_more_are_kept(visit: Visit, house: House, raised: str) -> None:
    """What was accepted and not yet sent is there again when the task is opened anew."""
    worker = visit("social_worker")
    worker.send(worker.get(raised).form(), GROUND)

    assert GROUND["evidence"] == worker.get(raised).root.xpath("//textarea[@id='evidence']")[0].text.strip()
    assert 1 == _kept(house)


@pytest.mark.parametrize("checked", [{}, {"checked": "yes"}])
def test_two_answers_to_a_question_of_one_are_refused(
    visit: Visit, house: House, raised: str, checked: dict[str, str]
) -> None:
    """Where a form comes with two values for one answer, nobody knows which was meant: neither is taken."""
    worker, before = visit("social_worker"), house.revision(CASE)
    form = worker.get(raised).form()
    data = filled(form, {**GROUND, "ground": ["became_looked_after", "died"]}) | checked

    page = Page(worker.client.post(raised, data=data, follow_redirects=True))

    assert 422 == page.status
    assert any("Give one answer to ‘" in one and "several were sent" in one for one in page.problems()), page.text
    assert before == house.revision(CASE)
    assert 0 == _kept(house)


def test_what_was_typed_when_the_session_ended_is_offered_after_signing_in(
    visit: Visit, house: House, raised: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person who was signed out while they wrote finds their words after signing in; nobody else does."""
    worker = visit("social_worker")
    data = filled(worker.get(raised).form(), {**GROUND, "evidence": "An hour of work."})
    later = SystemClock().now() + timedelta(hours=3)
    monkeypatch.setattr(sessions, "wall_clock", lambda: later)

    away = worker.client.post(raised, data=data, follow_redirects=True)
    assert "You were signed out after a time without a page." in away.text
    worker.sign_in(house.login("social_worker"))

    assert "An hour of work." == worker.get(raised).root.xpath("//textarea[@id='evidence']")[0].text.strip()
    assert "An hour of work." not in visit("social_worker", 1).get(raised).source


def test_a_fact_that_cannot_be_so_is_named_as_people_call_it(visit: Visit, house: House) -> None:
    """A day before the birth is refused by the question's name, and by no id of a fact."""
    house.open_case(CASE, dob="2016-05-04", cla_start_date=None)
    house.start(CASE)
    house.complete(CASE, "raise_discharge_ground", "social_worker", GROUND)
    worker, place = visit("social_worker"), f"/cases/{CASE}/tasks/{house.task(CASE, 'notify_looked_after')}"
    told = {"cla_start_date": "2015-01-01"}
    form = worker.get(place).form()
    moments = {
        **date_typed("notified_irosm_at", "2026-03-02"), "notified_irosm_at-time": "09:00",
        **date_typed("notified_chair_at", "2026-03-02"), "notified_chair_at-time": "09:00",
    }  # fmt: skip
    chosen = {"legal_status": "s20", "placement": "away_foster"}
    yes = {"care_planning_arrangements": "true", "s20_stable": "true", "plo_active": "false"}
    data = filled(form, date_typed("cla_start_date", told["cla_start_date"]))
    data |= {**moments, **chosen, **yes, "care_proceedings": "false", "checked": "yes"}

    page = Page(worker.client.post(place, data=data, follow_redirects=True))

    assert "‘Looked after since’ lies before the birth." in page.text
    assert "cla_start_date" not in page.text

"""A case's pages: at a glance, its steps, its letters, its history, and what is started or recorded in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from engine.case.facts import FactsRefused
from engine.casework import CaseView
from engine.casework.marks import marks
from engine.casework.views import PathwayView
from engine.history import Event
from tests.engine.execution.diagrams import (
    arrows,
    catch,
    diagram,
    end,
    event_gateway,
    message,
    of,
    process,
    signal,
    start,
    timer,
)
from tests.support.house import LOOKED_AFTER, MONDAY, House
from tests.support.visitor import Visitor, date_typed
from webhooks.diagrams import waits_in
from webhooks.waits import standing, waits

Visit = Callable[..., Visitor]
CASE = "CAM-2026-0417"


@pytest.fixture
def under_way(house: House) -> str:
    """A case whose first step was taken."""
    house.open_case()
    house.start(CASE)
    house.complete(
        CASE,
        "raise_discharge_ground",
        "social_worker",
        {"ground": "became_looked_after", "evidence": "Placed on Friday."},
    )
    return CASE


@pytest.fixture
def drafted(house: House, under_way: str) -> str:
    """A case whose removal was decided and whose letter was drafted."""
    from webhooks.set_up.stories import usual_answers

    roles = {
        "notify_looked_after": "social_worker",
        "give_chair_view": "conference_chair",
        "give_iro_view": "iro",
        "weigh_risk": "iro_service_manager",
        "decide_cla_plan": "iro_service_manager",
        "agree_care_plan_addition": "conference_chair",
        "agree_s20_removal": "cp_service_manager",
        "decide_admin_removal": "iro_service_manager",
        "draft_removal_letter": "conference_chair",
    }
    for element, role in roles.items():
        facts = house.casework.load("camden", CASE).facts
        answers = usual_answers(element, facts, house.clock.now()) or {}
        if element == "draft_removal_letter":
            answers |= {"reason_code": "S20_AWAY", "text": "# A plan ends\n\n<b>Sam</b> is placed away from home."}
            answers.pop("bereavement_checked")
        house.complete(CASE, element, role, answers)
    return CASE


def test_the_overview_says_what_is_to_be_done_and_why_by_then(visit: Visit, under_way: str) -> None:
    """The plan at a glance, the open tasks with whose they are and why their date is that date."""
    page = visit("iro").get(f"/cases/{under_way}")
    text = page.text

    for words in (
        "Sam Sample-Featherstonehaugh",
        "Child protection planActive",
        "Accommodated by agreement (section 20)",
        "Tell the IRO service manager and the chair",
        "Philippa Greenhalgh, Social worker",
    ):
        assert words in text
    agencies = page.root.xpath("//dt[normalize-space()='Agencies involved now']/following-sibling::dd[1]//li/text()")
    assert ["Kentish Town Primary School", "Health visiting service"] == agencies
    assert "Why this date" in visit("iro").get(f"/cases/{under_way}").text or "Due" in text


def test_every_look_at_a_case_is_recorded(visit: Visit, house: House, under_way: str) -> None:
    """Overview, steps, letters and history each leave a reading; the case itself does not change."""
    before = house.revision(CASE)
    visitor = visit("iro")
    for part in ("", "/steps", "/letters", "/history"):
        visitor.get(f"/cases/{under_way}{part}")

    readings = house.store.readings.of_case("camden", CASE)

    assert 4 == len([one for one in readings if one.person == house.person("iro").id])
    assert before == house.revision(CASE)


def test_the_table_of_steps_says_what_the_diagram_shows(visit: Visit, under_way: str) -> None:
    """Beside the diagram stands a table: each step, its state, who did it and when."""
    page = visit("auditor").get(f"/cases/{under_way}/steps")
    rows = [" ".join(row.text_content().split()) for row in page.root.xpath("//tbody/tr")]

    assert rows[0].startswith("Say why the plan might end")
    assert "Done Philippa Greenhalgh 2 March 2026 at 9:30am" in rows[0]
    assert "Open now" in rows[1]
    marks = page.root.xpath("//*[@data-diagram]/@data-marks")
    assert any("raise_discharge_ground" in one for one in marks)


def test_what_a_case_waits_for_stands_on_its_page_and_in_the_table_of_steps(
    visit: Visit, house: House, drafted: str
) -> None:
    """Where nobody has a task, the pathway waits for something: that is named; while people have tasks nothing is."""
    visitor = visit("social_worker")
    assert "Waited for" not in visitor.get(f"/cases/{drafted}").text + visitor.get(f"/cases/{drafted}/steps").text

    ending = {"episode_ref": "CPE-100", "end_date": "2026-03-02", "end_reason": "Removal, section 20"}
    house.complete(CASE, "end_cp_episode", "conference_chair", ending)
    sent = {"sent_on": "2026-03-02", "channel": "post", "recipients_confirmed": True}
    house.complete(CASE, "send_removal_letter", "social_worker", sent)

    after = "The plan has ended. Should this still come, it is acted on: CLA review held"
    assert f"Nothing is open in this case. {after}" in visitor.get(f"/cases/{drafted}").text
    rows = [" ".join(row.text_content().split()) for row in visitor.get(f"/cases/{drafted}/steps").root.xpath("//tr")]
    assert 1 == sum(row.startswith("CLA review held") and row.endswith("Waited for now") for row in rows)
    assert "Waiting started" in visitor.get(f"/cases/{drafted}/steps").text
    assert "Under way" not in visitor.get(f"/cases/{drafted}/steps").text


def test_a_conference_that_the_plan_gave_no_longer_counts_once_it_has_ended(
    visit: Visit, house: House, drafted: str
) -> None:
    """The day still stands in the record, and beside it stands that the plan ended; while it is active nothing does."""
    visitor = visit("social_worker")
    assert "no longer counts" not in visitor.get(f"/cases/{drafted}").text

    ending = {"episode_ref": "CPE-100", "end_date": "2026-03-02", "end_reason": "Removal, section 20"}
    house.complete(CASE, "end_cp_episode", "conference_chair", ending)

    page = visitor.get(f"/cases/{drafted}")
    assert "Next review conference15 June 2026It no longer counts: the plan ended on 2 March 2026" in page.text
    rows = [" ".join(row.text_content().split()) for row in page.root.xpath("//tr")]
    line = next(row for row in rows if "Next review conference" in row)
    assert "It no longer counts: the plan ended on 2 March 2026. Recorded by" in line
    assert "no longer counts" not in next(row for row in rows if "Next review as a looked-after child" in row)


EVENTS = diagram(
    message("told", None, "CLAReviewHeld"),
    message("ended", None, "PlanEnded"),
    message("facts", None, "FactsRecorded"),
    signal("stirred"),
    process(
        "p",
        *(start(), event_gateway("which"), end()),
        *(catch("outside", of("message", "told")), catch("plan_over", of("message", "ended"))),
        *(catch("record", of("message", "facts")), catch("stir", of("signal", "stirred"))),
        catch("conference", timer("=case.next_review_conference_date", "Date")),
        catch("birthday", timer("=months after(case.dob, 216)", "Date")),
        arrows(
            "s > which > outside > e",
            *(f"which > {each} > e" for each in ("plan_over", "record", "stir", "conference", "birthday")),
        ),
    ),
)


@pytest.mark.parametrize(
    ("plan", "awaited"),
    [("ACTIVE", ["outside", "conference", "birthday"]), ("ENDED", ["outside", "birthday"])],
    ids=["active", "ended"],
)
def test_only_what_can_still_come_from_outside_is_waited_for(plan: str, awaited: list[str]) -> None:
    """Messages from outside and days that count; no word of the engine to itself, no conference of a plan over."""
    run = PathwayView(
        *(1, "p", "A pathway", "r1", "running", MONDAY, (), {"p.bpmn": EVENTS.encode()}, "p.bpmn"),
        {"p": {"which": "open"}},
        {"p": "p.bpmn"},
    )
    case = CaseView(CASE, "", {"plan_status": plan}, {}, (), (), (), (), (run,), (), (), 1)

    assert awaited == [one.element for one in waits(case, run)]
    assert "Waiting" == standing(case, run).word
    assert "Listening" == standing(case, replace(run, elements={})).word


def test_a_choice_between_events_is_no_longer_open_when_none_of_them_waits() -> None:
    """What is stopped from outside clears its events; the gateway before them is not said to be left, and is left."""
    at = {"instance": 1, "task": 5}
    told = [
        Event("StepEntered", {**at, "process": "p", "element": "which"}),
        Event("TimerSet", {**at, "task": 6, "element": "birthday", "due": {}}),
        Event("MessageAwaited", {**at, "task": 7, "element": "outside", "name": "CLAReviewHeld", "key": "c"}),
    ]
    choices = {"which": frozenset({"birthday", "outside"})}
    cleared = [Event("MessageNoLongerAwaited", {**at, "task": 7, "element": "outside", "name": "CLAReviewHeld"})]

    assert {"p": {"which": "open"}} == marks(told, 1, choices)
    assert {"p": {"which": "open"}} == marks([*told, *cleared], 1, choices)
    assert {} == marks([*told, *cleared, Event("TimerCleared", {**at, "task": 6, "element": "birthday"})], 1, choices)


def test_a_case_of_which_nothing_more_is_known_says_so(visit: Visit, house: House) -> None:
    """No heading stands over nothing."""
    bare = dict.fromkeys(set(LOOKED_AFTER) - {"name"})
    house.open_case(**bare)

    text = visit("iro").get(f"/cases/{CASE}").text

    assert "What is known Nothing is recorded yet beyond what stands above." in text


def test_whoever_sends_a_letter_can_read_it_from_the_task(visit: Visit, house: House, drafted: str) -> None:
    """What somebody answers for stands one link away from where they answer; who writes a letter has it before them."""
    visitor = visit("social_worker")
    page = visitor.get(f"/cases/{drafted}/tasks/{house.task(CASE, 'send_removal_letter')}")

    letter = visitor.get(page.links()["Read the letter"])

    assert "is placed away from home." in letter.text and "A plan ends" in letter.text


def test_what_a_gateway_waits_for_is_what_comes_after_it() -> None:
    """Where the first of several events decides, each of them is named, not the gateway before them."""
    drawn = diagram(
        process(
            "p",
            *(start(), event_gateway("which"), catch("news", of("message", "m")), catch("late", timer("P1D")), end()),
            arrows("s > which > news > e", "which > late > e"),
        )
    )

    assert {"which": ("news", "late"), "news": ("news",), "late": ("late",)} == waits_in(drawn.encode())


def test_each_diagram_is_the_one_of_the_release(visit: Visit, house: House, under_way: str) -> None:
    """The diagram that the page draws is the file that runs; no other file is given out."""
    visitor = visit("iro")
    page = visitor.get(f"/cases/{under_way}/steps")
    for place in page.root.xpath("//*[@data-diagram]/@data-diagram"):
        answer = visitor.client.get(place)
        assert answer.data.startswith(b"<?xml")
        assert "application/xml; charset=utf-8" == answer.content_type
        beside = place.rsplit("/", 1)[0]
        assert 404 == visitor.client.get(f"{beside}/pathway.toml").status_code
    assert 404 == visitor.client.get("/diagrams/sha256:0/camden/camden_route/pathway.bpmn").status_code


def test_history_is_told_in_the_words_of_the_forms(visit: Visit, under_way: str) -> None:
    """What was answered stands under the question's own words, and what came of it under the table's name."""
    text = visit("iro").get(f"/cases/{under_way}/history").text

    assert "Completed: Say why the plan might end by Philippa Greenhalgh, Social worker" in text
    assert "Why might the plan end? The child has become looked after" in text
    assert "Which part of the policy applies?" in text
    assert "became_looked_after" not in text


def test_a_letter_is_read_as_written_and_nothing_in_it_runs(visit: Visit, drafted: str) -> None:
    """A letter's Markdown is shown; HTML typed into it is shown as typed."""
    visitor = visit("iro")
    letters = visitor.get(f"/cases/{drafted}/letters")
    place = letters.root.xpath("//tbody//a/@href")[0]

    page = visitor.get(place)

    assert "A plan ends" == page.root.xpath("//article//h2")[0].text
    assert not page.root.xpath("//article//b")
    assert "<b>Sam</b> is placed away from home." in page.text
    assert "Not sent yet" in page.text
    head = page.root.xpath("//article/p[contains(@class, 'app-letter__head')]")[0].text_content()
    assert head.startswith("London Borough of Camden") and 1 == head.count("London Borough of Camden")
    assert "Telephone: 0" in head and "Email: " in head
    assert f"Our reference: {drafted}" in page.text
    paper = visitor.client.get(f"{place}.pdf")
    assert paper.data.startswith(b"%PDF-")
    assert 404 == visitor.client.get(f"/cases/{drafted}/letters/99").status_code


def test_a_pathway_is_started_and_not_twice(visit: Visit, house: House) -> None:
    """Starting leads to the first task; the same pathway does not run twice in one case."""
    house.open_case()
    worker = visit("social_worker")
    start = {"pathway": "camden_route"}

    page = worker.send(worker.get(f"/cases/{CASE}/start").form("/start"), start)
    again = worker.send(worker.get(f"/cases/{CASE}/start").form("/start"), start, status=409)

    assert "Say why the plan might end" == page.heading
    assert "already runs" in again.text


def test_nothing_starts_where_nothing_was_chosen(visit: Visit, house: House) -> None:
    """A choice left open is asked again."""
    house.open_case()
    worker = visit("social_worker")

    page = worker.send(worker.get(f"/cases/{CASE}/start").form("/start"), {}, status=409)

    assert ["Choose which pathway to start."] == page.problems()


def test_a_life_event_is_recorded_with_the_day_it_was_received(visit: Visit, house: House, under_way: str) -> None:
    """What happened interrupts what is under way; the day received counts, not the day it is keyed."""
    worker = visit("social_worker")
    place = f"/cases/{under_way}/life-event"
    chosen = worker.client.get(place, query_string={"event": "LegalStatusChanged", "asked": "yes"})
    assert 200 == chosen.status_code
    form = worker.get(f"{place}?event=LegalStatusChanged&asked=yes").form("/life-event")

    page = worker.send(form, {**date_typed("received_on", "2026-02-27"), "legal_status": "ico"})

    assert "Recorded: the legal status changed." in page.text
    assert "ico" == house.casework.load("camden", CASE).facts["legal_status"]


@pytest.mark.parametrize(("event", "fact"), [("LegalStatusChanged", "legal_status"), ("PlacementChanged", "placement")])
def test_that_nobody_knows_to_what_it_changed_is_an_answer(
    visit: Visit, house: House, under_way: str, event: str, fact: str
) -> None:
    """A person can report a change without knowing to what, as a message can: the fact is known no more (SH-6)."""
    worker = visit("social_worker")
    assert house.casework.load("camden", CASE).facts[fact] is not None
    page = worker.get(f"/cases/{under_way}/life-event?event={event}&asked=yes")
    (not_known,) = page.root.xpath("//label[normalize-space()='Not known']/@for")
    (chosen,) = page.root.xpath(f"//*[@id='{not_known}']/@value")

    page = worker.send(page.form("/life-event"), {**date_typed("received_on", "2026-02-27"), fact: chosen})

    assert "Recorded" in page.text
    assert house.casework.load("camden", CASE).facts[fact] is None


def test_a_life_event_needs_its_answers(visit: Visit, house: House, under_way: str) -> None:
    """No event without a choice, no event without its day, none on a day that does not exist."""
    worker, before = visit("social_worker"), house.revision(CASE)
    place = f"/cases/{under_way}/life-event"
    assert ["Choose what happened."] == worker.get(f"{place}?asked=yes").problems()
    form = worker.get(f"{place}?event=PlacementChanged&asked=yes").form("/life-event")

    nothing = worker.send(form, {}, status=409)
    no_day = worker.send(form, {**date_typed("received_on", "2026-02-31"), "placement": "home"}, status=409)

    assert [
        "Enter a date in answer to ‘When was this received?’",
        "Choose an answer for ‘Placement’.",
    ] == nothing.problems()
    assert ["This must be a real date, such as 27 3 2026."] == no_day.problems()
    assert before == house.revision(CASE)


def test_a_case_is_opened_by_hand_once(visit: Visit, house: House) -> None:
    """The facts as known open a case; unknown ones stay unknown; a reference serves once."""
    worker = visit("social_worker")
    fields = {
        "case_id": "CAM-2026-0999",
        "name": "Baby Quayle",
        "unborn": "true",
        **date_typed("edd", "2026-05-20"),
        "current_agencies": "Midwifery\n\nHealth visiting service",
    }

    page = worker.send(worker.get("/cases/new").form("/cases/new"), fields)
    again = worker.send(worker.get("/cases/new").form("/cases/new"), fields, status=409)

    assert "Baby Quayle" == page.heading
    facts = house.casework.load("camden", "CAM-2026-0999").facts
    assert ["Midwifery", "Health visiting service"] == facts["current_agencies"]
    assert facts["legal_status"] is None
    assert "exists already" in again.text


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"case_id": "", "name": "X"}, "Give a reference of 3 to 40 letters"),
        ({"case_id": "../../etc", "name": "X"}, "Give a reference of 3 to 40 letters"),
        ({"case_id": "CAM-2026-0999", "name": ""}, "Give the child’s name"),
        (
            {"case_id": "CAM-2026-0999", "name": "X", **date_typed("dob", "2027-01-01")},
            "‘Date of birth’ lies in the future.",
        ),
        (
            {"case_id": "CAM-2026-0999", "name": "X", **date_typed("dob", "2016-02-30")},
            "‘Date of birth’ must be a real date",
        ),
    ],
)
def test_a_case_is_not_opened_on_absurd_facts(visit: Visit, fields: dict[str, str], problem: str) -> None:
    """Each absurd fact is named beside its question and nothing is opened."""
    worker = visit("social_worker")

    page = worker.send(worker.get("/cases/new").form("/cases/new"), fields, status=409)

    assert problem in page.problems()[0]


def test_a_case_is_found_by_name_and_the_name_is_in_no_address(visit: Visit, house: House) -> None:
    """Names travel in forms; lists are found by them and addresses never hold them."""
    house.open_case()
    iro = visit("iro")

    page = iro.send(iro.get("/cases").form("/find"), {"words": "sample-featherstonehaugh"})
    none = iro.send(iro.get("/cases").form("/find"), {"words": "Nobody"})
    nothing = iro.send(iro.get("/cases").form("/find"), {"words": "  "})

    assert CASE in page.text
    assert "/cases/find" == page.path
    assert "No case that you may see is found" in none.text
    assert "/cases" == nothing.path and CASE in nothing.text


def test_everything_that_is_missing_is_named_at_once(visit: Visit) -> None:
    """Nobody fills in one question only to be told of the next."""
    worker = visit("social_worker")

    page = worker.send(worker.get("/cases/new").form("/cases/new"), {}, status=409)

    assert ["Give a reference", "Give the child’s"] == [problem[:16] for problem in page.problems()]


def test_a_child_who_is_known_is_a_link_away(visit: Visit, house: House) -> None:
    """Who is told to open the case that is there finds the way to it beside the question."""
    house.open_case()
    worker, known = visit("social_worker"), house.casework.load("camden", "CAM-2026-0417").facts
    fields = {"case_id": "CAM-2026-0999", "name": str(known["name"]), **date_typed("dob", str(known["dob"]))}

    page = worker.send(worker.get("/cases/new").form("/cases/new"), fields, status=409)

    assert "/cases/CAM-2026-0417" == page.links()["Go to case CAM-2026-0417 instead"]


def test_a_character_that_no_text_has_is_refused_wherever_it_is_typed(visit: Visit, house: House) -> None:
    """NUL is no text to a database: whoever sends it reads that, and is not told to try again in a moment."""
    house.open_case(CASE)
    worker = visit("social_worker")
    page = worker.get(f"/cases/{CASE}/siblings")

    typed = worker.client.post(
        f"/cases/{CASE}/siblings", data={**dict(page.form("/siblings").fields), "other": "CAM-\0"}
    )
    asked = worker.client.get(f"/cases/{CASE}/life-event?event=A%00B")

    assert (400, 400) == (typed.status_code, asked.status_code)
    assert "Take it out and send it again" in typed.text
    worker.get(f"/cases/{CASE}/siblings")


def test_no_case_is_called_as_a_page_is(visit: Visit, app: Flask, house: House) -> None:
    """A case named as a page that stands beside it could never be opened again: no way in takes such a reference."""
    rules = [rule.rule.split("/") for rule in app.url_map.iter_rules() if rule.rule.startswith("/cases/")]
    words = {parts[2] for parts in rules if "<" not in parts[2]}
    worker = visit("social_worker")

    assert {"new", "find", "import"} <= words
    for word in words:
        fields = {"case_id": word, "name": "X"}
        page = worker.send(worker.get("/cases/new").form("/cases/new"), fields, status=409)
        assert [f"A page of this service is called ‘{word}’. Give the reference of the casework record."] == (
            page.problems()
        )
        with pytest.raises(FactsRefused):
            by = house.person("social_worker")
            house.casework.open_case(word, {"name": "X"}, by=by, command_id=f"open-{word}")


def test_the_page_that_opens_a_case_names_no_other_authority(visit: Visit) -> None:
    """How a reference is written is each authority's own: none is given as every other's example."""
    assert "CAM-" not in visit("social_worker").get("/cases/new").text

"""The case page in Southwark: an executive decision from its request to the time after the end, in words that hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from engine.casework.dating import Worked
from engine.history import JSON
from tests.support import house as houses
from tests.support.house import Blueprint, House
from tests.support.visitor import Page, Visitor
from webhooks.dates import why_worked
from webhooks.surroundings import recipients

Visit = Callable[..., Visitor]
CASE = "SOU-2026-0417"
#: The tenth and the eleventh working day after the letter went out on 2 March.
DAY_10, DAY_11 = "2026-03-16", "2026-03-17"
SCHOOL = "Rye Lane Primary School"
ASKED: dict[str, JSON] = {
    "safeguarding_plan": "Placed with foster carers under an interim care order.",
    "why_discontinue": "The care plan before the court covers what the plan did.",
    "order": "Interim care order",
    "contacted_on": "2026-03-02",
}
AGREED: dict[str, JSON] = {"agree": True, "reasons": "The order and the placement keep the child safe."}
AGENCIES: JSON = [SCHOOL, "Carelink"]
LETTER: dict[str, JSON] = {
    "agencies": AGENCIES,
    "agencies_recipients": AGENCIES,
    "sent_on": "2026-03-02",
    "objection_deadline": DAY_10,
    "text": "We propose that the plan ends. Objections must reach us by the end of 16 March 2026.",
    "channel": "secure_email",
}
CONTINGENCY: dict[str, JSON] = {"triggers": ["The interim care order is discharged"], "who": "The Coordinator"}
OBJECTION: dict[str, JSON] = {
    "from": SCHOOL,
    "received_on": DAY_10,
    "received_by": "Quality Assurance Unit",
    "text": "The school was not heard.",
    "in_writing": True,
    "addressed_to_cpc": True,
}


@pytest.fixture(scope="module")
def blueprint(tmp_path_factory: pytest.TempPathFactory) -> Blueprint:
    """Southwark's pathways published and its people appointed, once."""
    return houses.draw_up(tmp_path_factory.mktemp("blueprint"), "southwark")


def asked_for(house: House) -> None:
    """An executive decision was asked for; nobody agreed yet."""
    house.open_case(CASE)
    house.start(CASE, "southwark_executive_decision")
    house.complete(CASE, "request_executive_decision", "team_manager", ASKED)


def letter_sent(house: House) -> None:
    """Both agreed, and the letter went to the agencies on 2 March."""
    asked_for(house)
    house.complete(CASE, "agree_as_cpc", "conference_chair", AGREED)
    house.complete(CASE, "discuss_with_iro", "conference_chair", {"note": "Both files were read together."})
    house.complete(CASE, "agree_as_iro", "iro", AGREED)
    house.complete(CASE, "outline_care_plan", "conference_chair", {"care_plan_outline": "Foster care."})
    house.complete(CASE, "write_to_agencies", "conference_chair", LETTER)
    house.complete(CASE, "plan_contingency", "conference_chair", CONTINGENCY)


def day_11(house: House) -> None:
    house.clock.advance_to(datetime(2026, 3, 17, 9, 30, tzinfo=UTC))
    house.casework.fire_timers("southwark", CASE)


def conditions(page: Page) -> dict[str, list[str]]:
    """Each condition of the first ending that is shown: its state, how it stands, and who can clear it."""
    rows = page.root.xpath("(//*[contains(@class,'app-standing')])[1]//tbody/tr")
    return {
        " ".join(row.xpath("string(th)").split()): [
            " ".join(row.xpath(f"string(td[@data-label='{label}'])").split())
            for label in ("State", "As it stands", "Who can clear it")
        ]
        for row in rows
    }


def test_before_the_letter_is_sent_its_days_are_not_known_rather_than_not_met(visit: Visit, house: House) -> None:
    """SOU-9.5, 9.7, 9.9: what a later step will record is not known yet, in words that people use."""
    asked_for(house)

    page = visit("social_worker").get(f"/cases/{CASE}")
    told = conditions(page)

    assert "Not known yet" == told["The time to object is over"][0]
    assert "Not known yet" == told["Working days before the conference: 25 or more"][0]
    state, found, clears = told["Decided by those entitled to"]
    assert ("Not known yet", "Not answered yet") == (state, found)
    assert "Child Protection Coordinator" in clears and "Independent Reviewing Officer" in clears
    assert "What may stand against it" in page.text


def test_a_dispute_stands_against_the_ending_in_the_words_of_its_step(visit: Visit, house: House) -> None:
    """SOU-9.9, 9.13: the objection with its day, and the step that noted the dispute: never the name of a variable."""
    letter_sent(house)
    day_11(house)
    assert (
        "Met" == conditions(visit("social_worker").get(f"/cases/{CASE}"))["A written objection in time stands: no"][0]
    )
    house.complete(CASE, "record_objection", "conference_chair", OBJECTION)
    viewed: dict[str, JSON] = {"cpc_view_hold": True, "disputed": True, "reasons": "The school asks to be heard."}
    house.complete(CASE, "view_objection", "conference_chair", viewed)

    page = visit("social_worker").get(f"/cases/{CASE}")
    state, found, _ = conditions(page)["A written objection in time stands"]

    noted = "recorded at the step ‘Note that a dispute is open’ on 17 March 2026"
    assert ("Applies", f"Received on 16 March 2026; {noted}") == (state, found)
    assert "What stands against it" in page.text


def test_what_may_be_recorded_meanwhile_is_not_asked_for_before_the_ending(visit: Visit, house: House) -> None:
    """SOU-9.9: an objection is a possibility; only the step that discontinues the plan is still to be done."""
    letter_sent(house)
    day_11(house)

    page = visit("social_worker").get(f"/cases/{CASE}")
    still = page.root.xpath("//h3[starts-with(.,'Still to be done')]/following-sibling::ul[1]/li")

    assert "Record an objection that has come in" in page.text
    assert ["Discontinue the plan"] == [" ".join(one.text_content().split()).split(" – ")[0] for one in still][:1]
    assert not [one for one in still if "objection" in one.text_content()]


def test_once_the_plan_has_ended_nothing_more_is_waited_for(visit: Visit, house: House) -> None:
    """What is still taken after the end (an objection leads back to a conference) is told as that, not as awaited."""
    letter_sent(house)
    day_11(house)
    house.complete(CASE, "discontinue_plan", "qa_unit", {"end_date": DAY_11})

    page = visit("social_worker").get(f"/cases/{CASE}")

    assert "Ended 17 March 2026" in page.text
    assert "The plan has ended. Should any of these still come, it is acted on: An objection arrives" in page.text
    assert "Waited for" not in page.text


def test_a_task_of_two_roles_is_named_by_both_wherever_it_stands(visit: Visit, house: House) -> None:
    """SOU-9.6: the Coordinator and the IRO talk to each other, and each page says that either may write it down."""
    asked_for(house)
    house.complete(CASE, "agree_as_cpc", "conference_chair", AGREED)
    both = "Child Protection Coordinator (conference chair) or Independent Reviewing Officer (IRO)"
    worker, task = visit("social_worker"), house.task(CASE, "discuss_with_iro")

    case = worker.get(f"/cases/{CASE}").text
    assert f"Nobody yet, {both}" in case
    assert f"Discuss the case with the IRO – nobody yet, {both}" in case
    assert f"This task is for: {both}." in worker.get(f"/cases/{CASE}/tasks/{task}").text
    assert f"Discuss the case with the IRO{both}, SOU-9.6" in worker.get(f"/cases/{CASE}/steps").text
    assert f"Next: Discuss the case with the IRO ({both}" in worker.get(f"/cases/{CASE}/history").text


#: SOU-9.9, with the weekends that nobody works on.
TEN_DAYS = "Monday 16 March 2026 is 10 working days after Monday 2 March 2026, not counting 2 weekends."


def test_the_end_of_the_ten_days_says_how_it_was_counted_wherever_it_stands(visit: Visit, house: House) -> None:
    """SOU-9.9: nobody recorded that day, the form counted it; each page says from which day and what was left out."""
    letter_sent(house)
    spoken: dict[str, JSON] = {**OBJECTION, "in_writing": False, "received_on": "2026-03-02"}
    house.complete(CASE, "record_objection", "conference_chair", spoken)
    person, place = visit("conference_chair"), f"/cases/{CASE}"
    case, steps = person.get(place), person.get(f"{place}/steps")
    (line,) = case.root.xpath("//tr[contains(td[@data-label='What'], 'After this day')][contains(th, '16 March 2026')]")
    (waited,) = case.root.xpath("//li[contains(., 'after 16 March 2026')]")
    (step,) = steps.root.xpath(
        "//tr[normalize-space(td[@data-label='State'])='Waited for now'][contains(., '16 March')]"
    )
    task = person.get(f"{place}/tasks/{house.task(CASE, 'invite_to_write')}")
    film = visit("auditor").get(f"{place}/film/table")

    because = f"It is ‘Objection deadline’. {TEN_DAYS}"
    assert because == " ".join(line.xpath("string(td[@data-label='Why'])").split())
    assert because in " ".join(waited.xpath("string()").split())
    assert because in " ".join(step.xpath("string()").split())
    assert because in task.text
    assert f"Due 16 March 2026. {TEN_DAYS}" in film.text
    assert "‘Objection deadline’. Recorded by" not in case.text + task.text


def test_a_day_that_a_form_counted_and_that_cannot_be_counted_again_is_said_to_be_worked_out() -> None:
    """Where the counting cannot be shown with certainty nobody is said to have recorded the day."""
    worked = Worked(None, "Write to the agencies", "Grace Adeyemi", datetime(2026, 3, 2, 9, tzinfo=UTC))

    said = why_worked("2026-03-16", worked)

    assert "Worked out by the form of ‘Write to the agencies’ when Grace Adeyemi completed it on 2 March 2026." == said


def test_a_letters_list_is_called_as_the_case_page_calls_it() -> None:
    """One list, one name; a list that is no fact of the case goes by its own."""
    listed = [{"list": name, "to": "Primary school"} for name in ("icpc_invitees", "network", "recipients")]

    assert ["Agencies invited to the initial conference", "Network", ""] == [name for name, _ in recipients(listed)]

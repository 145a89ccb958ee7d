"""The case page: whether the plan can be ended, why each date is that date, what tables decided, and the letters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.case.facts import UNKNOWN_CASE, view
from engine.case.state import CaseState
from engine.casework import Shelf
from engine.casework.letterbox import Message
from engine.casework.standing import endings, guarded
from engine.errors import Forbidden
from engine.feel import Environment
from engine.store import open_store
from engine.store.key_files import MasterKey
from tests.support.house import LOOKED_AFTER, MONDAY, House
from tests.support.visitor import Page, Visitor
from webhooks.facts import label
from webhooks.words import coded

Visit = Callable[..., Visitor]
CASE = "CAM-2026-0417"
PROCESSES = Path(__file__).resolve().parents[2] / "processes"


def standing(page: Page) -> dict[str, str]:
    """Every condition of the panel with its state."""
    rows = page.root.xpath("//*[contains(@class,'app-standing')]//tbody/tr")
    return {
        " ".join(row.xpath("string(th)").split()): " ".join(row.xpath("string(td[@data-label='State'])").split())
        for row in rows
    }


def at_the_decision(house: House, **facts: object) -> None:
    """A case in which the IRO service manager is to decide on the removal."""
    house.open_case(CASE, legal_status="ico")
    by = house.person("social_worker")
    house.casework.start_pathway(
        CASE, "camden_admin_removal", by=by, command_id=house.key(), variables={"reason": "ORDER_AWAY"}
    )
    if facts:
        house.casework.record_facts(CASE, facts, "As seen.", by=by, command_id=house.key())


def test_a_plan_on_its_way_says_what_is_met_and_who_decides_the_rest(visit: Visit, house: House) -> None:
    """Each condition of the ground under way is met, not met or not known yet, and names who can clear it."""
    at_the_decision(house, living_outside_area=False)

    page = visit("social_worker").get(f"/cases/{CASE}")
    told = standing(page)

    assert "Not yet" in page.text
    assert ("Not known yet", "Met", "Met") == (
        told["Decided by the person entitled to"],
        told["Placed away from home"],
        told["Legal status: interim care order or care order"],
    )
    assert "IRO service manager" in page.text
    assert "CAM-2.1c" in page.text


def test_a_fact_that_stands_against_the_ending_says_so_at_once(visit: Visit, house: House) -> None:
    """What no longer holds is not met, the answer is no, and the plan continues."""
    at_the_decision(house, placement="home")

    page = visit("social_worker").get(f"/cases/{CASE}")

    assert "Not met" == standing(page)["Placed away from home"]
    assert "No 1 condition is not met. The plan continues." in page.text


def test_once_a_child_is_born_the_expected_day_is_told_no_more(visit: Visit, house: House) -> None:
    """The expected date of birth stands on the page of an unborn child, and is gone with the birth."""
    house.open_case(CASE, legal_status="none", cla_start_date=None, unborn=True, dob=None, edd="2026-03-20")
    by = house.person("social_worker")

    assert "Expected date of birth 20 March 2026" in visit("social_worker").get(f"/cases/{CASE}").text
    house.casework.record_facts(CASE, {"unborn": False, "dob": "2026-03-01"}, "Born.", by=by, command_id=house.key())
    assert "Expected date of birth" not in visit("social_worker").get(f"/cases/{CASE}").text


def test_an_unborn_child_is_not_said_to_have_an_unknown_eighteenth_birthday(visit: Visit, house: House) -> None:
    """What only a child who is born can have is said to come with the birth, in the panel too, and not as unknown."""
    house.open_case(CASE, legal_status="none", cla_start_date=None, unborn=True, dob=None, edd="2026-03-20")
    page = visit("social_worker").get(f"/cases/{CASE}")

    unknown = page.root.xpath("string(//details[contains(summary,'Not known yet')]/div)")
    states = [
        (" ".join(row.xpath("string(th)").split()), " ".join(row.xpath("string(td[@data-label='State'])").split()))
        for row in page.root.xpath("//*[contains(@class,'app-conditions')]//tbody/tr")
    ]

    assert "there is no eighteenth birthday to wait for" in page.text
    assert "Turned 18" not in unknown and "Looked after since" not in unknown
    assert [state for says, state in states if "18" in says] and "Not known yet" not in [
        state for says, state in states if "18" in says
    ]


def test_a_case_on_its_way_nowhere_shows_every_ground_and_answers_no(visit: Visit, house: House) -> None:
    """Where nothing leads to an ending, the answer is no and the authority's grounds are told one by one."""
    house.open_case(CASE)

    page = visit("social_worker").get(f"/cases/{CASE}")

    assert "Not now Nothing under way could end it. The plan continues." in page.text
    assert "Placed away from home under section 20" in page.text
    assert 5 <= len(page.root.xpath("//details[contains(@class,'app-way')]"))


def test_beside_a_death_the_panel_says_of_no_plan_that_it_continues(visit: Visit, house: House) -> None:
    """The plan of a child who has died has not ended, and no more is said of it."""
    house.open_case(CASE)
    by = house.person("social_worker")
    house.casework.record_facts(CASE, {"deceased": True}, "Died.", by=by, command_id=house.key())

    page = visit("social_worker").get(f"/cases/{CASE}")

    assert "The plan has not ended." in page.text
    assert "The plan continues" not in page.text


def test_two_reports_that_wait_are_told_apart(visit: Visit, house: House) -> None:
    """Each line of the panel names what was reported."""
    house.open_case(CASE)
    for number, event in enumerate(("ChildDied", "ChildTurned18")):
        message = Message("mosaic", "mosaic/north", f"m-{number}", event, CASE, None, {"date": "1999-01-01"})
        assert "set_aside" == house.casework.letterbox.receive("camden", message).state

    page = visit("social_worker").get(f"/cases/{CASE}")

    assert "(reported: ‘The child died’)" in page.text
    assert "(reported: ‘The child turned 18’)" in page.text


def test_an_ending_that_lies_behind_a_call_is_not_denied(visit: Visit, house: House) -> None:
    """A pathway that leads to an ending by what it calls is not said to lead to none, before it comes there."""
    house.open_case(CASE)
    house.start(CASE)

    page = visit("social_worker").get(f"/cases/{CASE}")

    assert "Nothing under way" not in page.text
    assert "The step that would end it has not been reached yet. The plan continues." in page.text
    assert "Decided by the person entitled to" in standing(page)


def test_every_date_says_why_it_is_that_date(visit: Visit, house: House) -> None:
    """Counted dates name rule, anchor and the days left out; recorded ones who recorded them and when."""
    house.open_case(CASE)
    house.start(CASE)

    text = visit("social_worker").get(f"/cases/{CASE}").text

    assert "Wednesday 4 March 2026 is 2 working days after Monday 2 March 2026." in text
    assert f"Recorded by {house.person('social_worker').name} on 2 March 2026." in text


def test_a_decision_of_a_table_says_which_row_gave_it_on_what(visit: Visit, house: House) -> None:
    """Beside the steps stands each table's answer, the row with its clause, and what it read."""
    house.open_case(CASE)
    house.start(CASE)
    house.complete(CASE, "raise_discharge_ground", "social_worker", {"ground": "became_looked_after", "evidence": "x"})

    text = visit("social_worker").get(f"/cases/{CASE}/steps").text

    assert "Row 7 of Camden route" in text
    assert "CAM-5.1" in text
    assert "What it read" in text


def test_a_letter_shows_who_did_what_with_it(visit: Visit, house: House) -> None:
    """A drafted letter says by whom and when, whose turn it is, and that it has not been sent."""
    at_the_decision(house)
    decide = {"decision": "discharge", "reasons": "Met.", "decided_on": "2026-03-02"}
    house.complete(CASE, "decide_admin_removal", "iro_service_manager", decide)
    chair, task = house.person("conference_chair"), house.task(CASE, "draft_removal_letter")
    form = house.casework.task(chair, CASE, task)
    assert form.form is not None
    known = {**form.form.initial(form.scope, house.casework.environment("camden")), **form.prefill}
    lists = {
        "network_recipients": LOOKED_AFTER["current_agencies"],
        "parent_recipients": LOOKED_AFTER["parents"],
    }
    house.complete(CASE, "draft_removal_letter", "conference_chair", {**known, **lists})
    number = next(iter(house.casework.load("camden", CASE).letters))

    text = visit("social_worker").get(f"/cases/{CASE}/letters/{number}").text

    assert f"Drafted by {chair.name}, 2 March 2026 at 9:30am" in text
    assert "Not sent yet" in text
    assert "CAM-2.3" in text


def test_a_corrected_answer_is_struck_with_who_put_it_right_and_why(visit: Visit, house: House) -> None:
    """History keeps the wrong answer, struck, beside who put it right, when and why, and the right one after it."""
    house.open_case(CASE)
    task = house.start(CASE)
    assert task
    number = house.task(CASE, "raise_discharge_ground")
    given = {"ground": "became_looked_after", "evidence": "Seen on Friday."}
    house.complete(CASE, "raise_discharge_ground", "social_worker", given)
    head = house.person("head_of_quality_assurance")
    right = {"evidence": "Seen on Thursday."}
    house.casework.correct_step(CASE, number, right, "The day was wrong.", by=head, command_id=house.key())

    page = visit("social_worker").get(f"/cases/{CASE}/history")

    assert ["What shows this? Seen on Friday."] == [" ".join(s.text_content().split()) for s in page.root.xpath("//s")]
    assert f"Corrected by {head.name} on 2 March 2026: The day was wrong." in page.text
    assert "Seen on Thursday." in page.text


def test_what_was_put_right_to_not_known_or_not_so_stands_in_the_history(visit: Visit, house: House) -> None:
    """A death taken back, and what is known no more, is what happened: the history says it beside who and why."""
    house.open_case(CASE, deceased=True, date_of_death="2026-02-27")
    by = house.person("social_worker")
    right = {"deceased": False, "date_of_death": None, "legal_status": None, "sibling_case_ids": []}
    house.casework.record_facts(CASE, right, "Another child.", by=by, command_id=house.key())

    text = visit("social_worker").get(f"/cases/{CASE}/history").text

    (recorded,) = (part for part in text.split("Facts recorded")[1:] if "Why: Another child." in part)
    told = recorded.partition("Why: Another child.")[0]
    for fact, said in (("deceased", "No"), ("date_of_death", "Not known"), ("legal_status", "Not known")):
        assert f"{label(fact)}: {said}" in told


@pytest.mark.parametrize("authority", sorted(path.parent.name for path in PROCESSES.glob("*/authority.toml")))
def test_every_authority_has_its_panel_without_a_line_of_code(authority: str, tmp_path: Path) -> None:
    """Whatever tables an authority wrote as its guard, each way it may end a plan is told with its conditions."""
    MasterKey.create(tmp_path / "keys")
    store = open_store(f"sqlite:///{tmp_path / 'a.db'}", keys=tmp_path / "keys", create=True)
    shelf = Shelf(store)
    shelf.deploy_authority(PROCESSES / authority, at=MONDAY, by="tests", why="for a test")
    pathways = [shelf.pathway(authority, release) for release in shelf.deployments(authority).values()]
    facts = {**view(dict(UNKNOWN_CASE), now=MONDAY), "case_id": "X", "authority": authority}
    environment = Environment(MONDAY, extras={"calendar": shelf.terms(authority).authority.calendar})

    found = endings(CaseState(authority, "X"), facts, {}, guarded(pathways), environment)
    store.close()

    assert found
    for ending in found:
        assert not ending.may_end
        assert ending.ways
        for way in ending.ways:
            assert way.conditions, way
            assert any(one.state != "met" for one in (*way.conditions, *ending.bars))


def test_what_a_table_answers_in_capitals_reads_as_words() -> None:
    """A verb of three letters is a word, too; the short name of an order stays as people write it."""
    assert ["Ask", "Not yet", "EPO"] == coded(["ASK", "NOT_YET", "EPO"])


def test_the_page_of_a_child_who_died_says_so(visit: Visit, house: House) -> None:
    """No page speaks of a dead child as of a living one: the death and its day stand in place of an age."""
    house.open_case(CASE, dob="2016-05-04")
    by = house.person("social_worker")
    assert "(aged 9)" in visit("social_worker").get(f"/cases/{CASE}").text
    told = {"date_of_death": "2026-03-01"}
    house.casework.record_life_event(CASE, "ChildDied", told, received_on=None, by=by, command_id=house.key())

    for place in ("", "/steps", "/history", "/letters"):
        page = visit("social_worker").get(f"/cases/{CASE}{place}")
        assert "Died 1 March 2026" in page.text
        assert "(aged " not in page.text
    page = visit("social_worker").get(f"/cases/{CASE}")
    assert "The death of this child is recorded. The plan is not ended yet: " in page.text
    assert "continues until somebody decides otherwise" not in page.text


def test_whoever_may_not_do_a_task_is_told_whose_it_is_by_the_roles_names(visit: Visit, house: House) -> None:
    """A refusal names roles as people call them, and no code."""
    house.open_case(CASE)
    house.start(CASE)
    task = house.task(CASE, "raise_discharge_ground")

    with pytest.raises(Forbidden) as refused:
        house.casework.complete_task(CASE, task, {}, by=house.person("auditor"), command_id=house.key())

    assert "social_worker" not in str(refused.value)
    assert "Social worker" in str(refused.value)

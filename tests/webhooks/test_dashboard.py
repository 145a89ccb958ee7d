"""The Head's figures: each number counted from cases that may be seen, and leading to them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.house import House
from tests.support.visitor import Page, Visitor

Visit = Callable[..., Visitor]
HEAD = "head_of_quality_assurance"
#: The first task of a Camden case is for either of two roles.
WHO = "Social worker or Conference chair"


@pytest.fixture
def late(house: House) -> str:
    """A case whose first task is overdue, and of which the Head was told."""
    case = house.open_case()
    house.start(case)
    house.days_pass(20)
    house.casework.fire_timers("camden", case)
    return case


def numbers(page: Page, section: str) -> dict[str, list[str]]:
    """A figure's table: its numbers by row."""
    rows = page.root.xpath(f"//section[@aria-labelledby='{section}']//table[1]/tbody/tr")
    return {
        " ".join(row.xpath("string(th)").split()): [
            " ".join(cell.xpath("string(.//text()[1])").split()) for cell in row.xpath("td")
        ]
        for row in rows[: len(rows)]
    }


def test_an_overdue_task_is_counted_where_it_belongs_and_leads_to_its_case(visit: Visit, late: str) -> None:
    """Role and age; the number is a link whose address says which number it is."""
    head = visit(HEAD)
    page = head.get("/dashboard")

    assert {WHO: ["0", "1", "0", "1"]} == numbers(page, "overdue")
    link = page.root.xpath("//section[@aria-labelledby='overdue']//td/a/@href")[0]
    cases = head.get(link)

    assert "figure=overdue" in link and "row=social_worker" in link
    assert [f"/cases/{late}"] == cases.root.xpath("//tbody//a/@href")
    assert f"{WHO}, 1 to 4 weeks" == cases.heading


def test_what_a_number_counts_tallies_with_the_cases_behind_it(visit: Visit, house: House, late: str) -> None:
    """A number of tasks that leads to fewer cases says so, and each case says how many of them it has."""
    house.start(late, "camden_cla_decision")
    alone = house.open_case("CAM-2026-0418")
    house.start(alone)
    house.days_pass(20)
    head = visit(HEAD)
    number = numbers(head.get("/dashboard"), "overdue")

    page = head.get("/dashboard/cases?figure=overdue")
    rows = [[" ".join(cell.text_content().split()) for cell in row] for row in page.root.xpath("//tbody/tr")]

    assert 3 == sum(int(row[-1]) for row in number.values())
    assert "3 tasks in 2 cases." in page.text
    assert [[late, "2"], [alone, "1"]] == [row[1:3] for row in rows]


def test_an_ending_of_a_plan_that_is_active_again_says_so_where_its_number_leads(visit: Visit, house: House) -> None:
    """An ending counts although the plan was made active again: its case is told apart from one that never ended."""
    case, today = house.open_case(), house.clock.now().date().isoformat()
    house.start(case, "camden_admin_removal")
    agreed = {"no_longer_at_risk": True, "plan_no_longer_required": True, "agree": True, "reasons": "Both are met."}
    house.complete(case, "agree_s20_removal", "cp_service_manager", agreed)
    decided = {"decision": "discharge", "reasons": "On the facts.", "decided_on": today}
    house.complete(case, "decide_admin_removal", "iro_service_manager", decided)
    drafted = {
        "reason_code": "S20_AWAY",
        "network_recipients": ["School"],
        "parent_recipients": ["Ada"],
        "text": "Ends.",
    }
    house.complete(case, "draft_removal_letter", "conference_chair", drafted)
    closed = {"episode_ref": "CP-1", "end_date": today, "end_reason": "Removal"}
    house.complete(case, "end_cp_episode", "conference_chair", closed)
    by = house.person(HEAD)
    house.casework.reinstate_plan(case, "Ended in error.", effective_on=None, by=by, command_id=house.key())

    page = visit(HEAD).get("/dashboard/cases?figure=endings")

    again = visit(HEAD).get("/dashboard/cases?figure=endings&column=PLAN_REINSTATED").text
    assert "1 plan made active again in 1 case." in again
    assert "2 endings and plans made active again in 1 case." in page.text
    assert ["Active again"] == page.root.xpath("//tbody//td[@data-label='Plan']/text()")


def test_a_plan_under_way_and_what_the_head_was_told_are_counted(visit: Visit, late: str) -> None:
    """Plans by pathway, and what lies before whom without an answer."""
    page = visit(HEAD).get("/dashboard")

    plans = numbers(page, "plans")
    assert [["1", "0", "0", "0", "1"]] == list(plans.values())
    assert {"Head of Quality Assurance", "IRO service manager"} == set(numbers(page, "in_tray"))
    assert "No plan ended in the last 12 months." in page.text


def test_a_deadline_missed_is_counted_by_its_clause(visit: Visit, house: House, late: str) -> None:
    """A task completed after its due date was late; the clause is the one that the step serves."""
    answers = {"ground": "became_looked_after", "evidence": "Placed on Friday."}
    house.complete(late, "raise_discharge_ground", "social_worker", answers)
    page = visit(HEAD).get("/dashboard")

    ((clause, counted),) = numbers(page, "deadlines").items()
    assert clause.startswith("CAM-1")
    assert ["0", "1", "1"] == counted


def test_an_answer_is_measured_in_working_days(visit: Visit, house: House, late: str) -> None:
    """From the day something was put before a role to the day it was answered."""
    case = house.casework.load("camden", late)
    number = next(one.number for one in case.escalations.values() if one.to == HEAD)
    house.days_pass(7)
    house.casework.answer_escalation(late, number, "Seen.", by=house.person(HEAD), command_id=house.key())

    text = visit(HEAD).get("/dashboard").text

    assert "How long answers took" in text


def test_a_restricted_case_is_counted_only_for_who_may_see_it(visit: Visit, house: House, late: str) -> None:
    """A restricted case is in no number of somebody who is not named in it, and behind none."""
    manager = visit("iro_service_manager")
    assert "1" == numbers(manager.get("/dashboard"), "overdue")[WHO][-1]
    named = [house.person(role).id for role in ("social_worker", "conference_chair", "iro", HEAD)]
    house.casework.restrict_case(late, named, "A colleague's child.", by=house.person(HEAD), command_id=house.key())

    assert {} == numbers(manager.get("/dashboard"), "overdue")
    assert late not in manager.get("/dashboard/cases?figure=overdue").text
    assert "1" == numbers(visit(HEAD).get("/dashboard"), "overdue")[WHO][-1]


def test_figures_are_for_those_who_supervise(visit: Visit, late: str) -> None:
    """A social worker sees no figures, and a figure that is none does not exist."""
    visit("social_worker").get("/dashboard", status=403)
    visit(HEAD).get("/dashboard/cases?figure=nothing", status=404)


def test_a_plot_says_what_it_shows_in_words(visit: Visit, late: str) -> None:
    """Whoever hears the page hears the plot in a sentence, and the table has every number."""
    page = visit(HEAD).get("/dashboard")

    labels = page.root.xpath("//*[@role='img']/@aria-label")

    assert f"Overdue tasks: 1 in all; the most, 1, for {WHO}. The table has every number." in labels
    assert [] == page.root.xpath("//main//svg[not(ancestor-or-self::*[@aria-hidden='true'])]")

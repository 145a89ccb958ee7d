"""The Head's in-tray and the operator's incidents."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.house import House
from tests.support.visitor import Visitor
from webhooks.words import a_date, clause_ids

Visit = Callable[..., Visitor]
CASE = "CAM-2026-0417"
HEAD = "head_of_quality_assurance"


@pytest.fixture
def overdue(house: House) -> str:
    """A case with a task so late that the Head is told."""
    house.open_case()
    house.start(CASE)
    house.days_pass(20)
    house.casework.fire_timers("camden", CASE)
    return CASE


def test_an_overdue_task_reaches_the_heads_in_tray(visit: Visit, overdue: str) -> None:
    """What, whose, since when and under which clause, without opening the case."""
    text = visit(HEAD).get("/in-tray").text

    assert "Sam Sample-Featherstonehaugh" in text
    assert "CAM-1.1" in text
    assert "New" in text


def test_the_in_tray_says_that_a_child_has_died(visit: Visit, house: House, overdue: str) -> None:
    """Whoever supervises reads of a death in their tray and on the matter's own page, without opening the case."""
    head = visit(HEAD)
    assert "The child died" not in head.get("/in-tray").text
    by = house.person("social_worker")
    house.casework.record_life_event(CASE, "ChildDied", {}, received_on=None, by=by, command_id=house.key())

    tray = head.get("/in-tray")
    places = tray.root.xpath("//tbody//th//a/@href")

    assert places
    assert "The child died on 22 March 2026." in tray.text
    assert "The child died on 22 March 2026." in head.get(next(one for one in places if "/in-tray/" in one)).text


def test_a_death_comes_first_in_the_in_tray_and_its_day_is_named(visit: Visit, house: House, overdue: str) -> None:
    """However long others have waited, and whatever pages they fill: a child's death is never the last line."""
    house.days_pass(3)
    house.open_case("CAM-2026-0418", name="Kai Example", child_ref="R418")
    house.start("CAM-2026-0418", "camden_admin_removal")
    by, died = house.person("social_worker"), {"date_of_death": house.clock.now().date().isoformat()}
    house.days_pass(20)
    house.casework.fire_timers("camden", "CAM-2026-0418")
    house.casework.record_life_event(
        "CAM-2026-0418", "ChildDied", died, received_on=None, by=by, command_id=house.key()
    )

    rows = visit(HEAD).get("/in-tray").root.xpath("//caption[contains(., 'Put before you')]/..//tbody/tr")
    page = house.casework.tray(house.person(HEAD), most=1)
    rest = house.casework.tray(house.person(HEAD), most=50, after=str(page.following))

    assert ["Kai Example"] == [one.row.label for one in page.items]
    assert page.items[0].row not in [one.row for one in rest.items]
    assert len(rows) == 1 + len(rest.items)
    assert f"The child died on {a_date(died['date_of_death'])}." in rows[0].text_content()


def test_what_a_childs_death_leaves_to_decide_comes_first(house: House) -> None:
    """Behind nothing that is merely due sooner."""
    house.open_case()
    house.start(CASE)
    house.days_pass(10)
    house.open_case("CAM-2026-0418", name="Kai Example", child_ref="R418")
    house.start("CAM-2026-0418")
    by = house.person("social_worker")
    before = [one.case_id for one in house.casework.to_decide(by, 50)]

    house.casework.record_life_event("CAM-2026-0418", "ChildDied", {}, received_on=None, by=by, command_id=house.key())
    after = [one.case_id for one in house.casework.to_decide(by, 50)]

    assert CASE == before[0]
    assert "CAM-2026-0418" == after[0]
    assert CASE in after


def test_a_task_that_climbed_to_the_same_role_twice_lies_there_once(visit: Visit, house: House) -> None:
    """Where the Head is the manager as well, the later line stands for both, also in the figures."""
    house.open_case()
    house.start(CASE, "camden_admin_removal")
    house.days_pass(20)
    house.casework.fire_timers("camden", CASE)
    rungs = [one.code for one in house.casework.load("camden", CASE).escalations.values() if one.to == HEAD]
    head = visit(HEAD)

    rows = head.get("/in-tray").root.xpath("//tbody/tr")

    assert ["manager", "head"] == rungs
    assert 1 == len(rows)
    assert "put before the Head of Quality Assurance" in rows[0].text_content()
    assert "Not answered yet (1)" in head.get("/dashboard").text


def test_an_escalation_is_acknowledged_and_then_answered(visit: Visit, house: House, overdue: str) -> None:
    """Acknowledged, it stays; answered in words, it leaves the tray and stays in history."""
    head = visit(HEAD)
    place = head.get("/in-tray").root.xpath("//tbody//th//a/@href")[0]

    tray = head.send(head.get(place).form("/acknowledge"))
    assert "Acknowledged" in tray.text
    tray = head.send(head.get(place).form(place), {"answer": "I have spoken to the manager."})

    assert "Your answer is kept with the case." in tray.text
    assert place not in tray.links().values()
    assert "Answer: I have spoken to the manager." in head.get(f"/cases/{overdue}/history").text
    answered = head.get("/in-tray?answered=yes")
    assert place in answered.links().values()
    assert [] == head.get(place).root.xpath("//main//form")


def test_an_answer_without_words_is_asked_again(visit: Visit, house: House, overdue: str) -> None:
    """An empty answer answers nothing."""
    head, before = visit(HEAD), house.revision(CASE)
    place = head.get("/in-tray").root.xpath("//tbody//th//a/@href")[0]

    page = head.send(head.get(place).form(place), {"answer": "  "}, status=409)

    assert ["Write your answer."] == page.problems()
    assert before == house.revision(CASE)


def test_incidents_are_for_operators(visit: Visit) -> None:
    """Where nothing has stopped, the page says so; a caseworker does not see it."""
    assert "There are no open incidents." in visit("system_admin").get("/incidents").text
    visit("social_worker").get("/incidents", status=403)


def test_the_tray_names_the_step_and_says_whose_it_is(visit: Visit, overdue: str) -> None:
    """What is late in the diagram's words, in which pathway, and who has the task."""
    text = visit(HEAD).get("/in-tray").text

    assert "Say why the plan might end" in text
    assert "Nobody has taken it" in text
    assert "raise_discharge_ground" not in text


def test_clauses_stand_in_the_order_of_their_numbers_and_none_is_broken() -> None:
    """However a diagram names them; an id is one word in every column."""
    whole = '<span class="app-clause-id">SOU-9.9</span> <span class="app-clause-id">SOU-9.13</span>'

    assert whole == clause_ids("SOU-9.13 SOU-9.9")
    assert "" == clause_ids(None)


def test_the_tray_is_narrowed_by_its_address(visit: Visit, overdue: str) -> None:
    """Why something is here stands in the address; what is of another kind is left out."""
    head = visit(HEAD)

    assert "Say why the plan might end" in head.get("/in-tray?what=overdue").text
    assert "Nothing of that kind is here." in head.get("/in-tray?what=correction").text
    assert "Say why the plan might end" in head.get("/in-tray?what=nonsense&after=nonsense").text


def test_a_long_tray_is_read_a_page_at_a_time(visit: Visit, house: House) -> None:
    """Twenty-five lines and a link to the rest; together they are everything, each once."""
    for number in range(27):
        house.open_case(f"CAM-T-{number:03d}", name=f"Child {number}", dob="2016-05-09", child_ref=None)
        house.start(f"CAM-T-{number:03d}")
    house.days_pass(20)
    for number in range(27):
        house.casework.fire_timers("camden", f"CAM-T-{number:03d}")
    head = visit(HEAD)

    first = head.get("/in-tray?what=overdue")
    second = head.get(first.links()["Later ones"])

    found = [page.root.xpath("//tbody//th//a/@href") for page in (first, second)]
    assert [25, 2] == [len(one) for one in found]
    assert 27 == len({*found[0], *found[1]})


def test_what_stopped_and_nobody_mended_reaches_the_head(visit: Visit, house: House) -> None:
    """An incident that is still open after a working day lies in the Head's tray; a manager does not see it."""
    house.open_case(care_planning_arrangements=None)
    house.casework.start_pathway(
        CASE,
        "camden_admin_removal",
        by=house.person("social_worker"),
        command_id=house.key(),
        variables={"case": "only the case itself writes it"},
    )
    assert ["open"] == [one.state for one in house.casework.load("camden", CASE).held.values()]
    house.days_pass(3)

    text = visit(HEAD).get("/in-tray").text

    assert "Stopped, and nobody has mended it" in text.partition("For you to know")[0]


def test_a_correction_shows_what_was_decided_on_the_wrong_answer(visit: Visit, house: House) -> None:
    """The manager reads what was wrong, what is right, why, and which steps were decided on it."""
    house.open_case()
    house.start(CASE)
    task = house.task(CASE, "raise_discharge_ground")
    answers = {"ground": "became_looked_after", "evidence": "Placed on Friday."}
    house.complete(CASE, "raise_discharge_ground", "social_worker", answers)
    manager = house.person("iro_service_manager")
    house.casework.correct_step(CASE, task, {"ground": "died"}, "Misread.", by=manager, command_id=house.key())
    escalation = next(iter(house.casework.load("camden", CASE).escalations.values()))

    tray = visit(escalation.to).get("/in-tray?what=correction")
    text = visit(escalation.to).get(tray.root.xpath("//tbody//th//a/@href")[0]).text

    assert "Decided and done while the wrong answer stood" in text
    assert "Misread." in text

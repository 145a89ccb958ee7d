"""Home: what is overdue first, narrowed by the address, searched without one, and tasks handed from one to another."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.house import House
from tests.support.visitor import Page, Visitor, filled

Visit = Callable[..., Visitor]


@pytest.fixture
def three_cases(house: House) -> None:
    """One case whose first task is overdue, one due this week, and one at a step of the IRO service manager."""
    house.open_case("CAM-2026-0001", name="Ada Overdue")
    house.start("CAM-2026-0001")
    house.days_pass(7)
    house.open_case("CAM-2026-0002", name="Ben Duesoon")
    house.start("CAM-2026-0002")
    house.open_case("CAM-2026-0003", name="Cleo Further", cla_start_date="2026-03-13")
    house.start("CAM-2026-0003", "camden_cla_decision")


def listed(page: Page) -> list[str]:
    """The children of a list, in order."""
    cells = page.root.xpath("//table//td[@data-label='Child']/a")
    return [" ".join(cell.text_content().split()) for cell in cells]


def test_what_is_overdue_comes_first_and_tabs_count_it(visit: Visit, three_cases: None) -> None:
    """The order is overdue, then due next; each tab says how many it holds and keeps its place in the address."""
    worker = visit("social_worker")

    team = worker.get("/tasks/team")
    late = worker.get("/tasks/team?due=overdue")
    week = worker.get("/tasks/team?due=week")

    assert "Ada Overdue" == listed(team)[0]
    assert "My team’s tasks (3 open)" == team.heading
    assert ["Ada Overdue"] == listed(late)
    assert ["Ben Duesoon", "Cleo Further"] == sorted(listed(week))
    assert ["page"] == late.root.xpath("//a[contains(@href,'due=overdue')]/@aria-current")
    assert "Overdue by 3 working days" in team.text


@pytest.mark.parametrize(
    ("narrowed", "found"),
    [
        ("role=iro_service_manager", []),
        ("pathway=camden_cla_decision", ["Cleo Further"]),
        ("unclaimed=yes", ["Ada Overdue", "Ben Duesoon"]),
        ("person=PERSON", ["Cleo Further"]),
        ("role=no_such_role", []),
        ("due=<script>", ["Ada Overdue", "Ben Duesoon", "Cleo Further"]),
    ],
)
def test_a_team_list_is_narrowed_by_its_address(
    visit: Visit, house: House, three_cases: None, narrowed: str, found: list[str]
) -> None:
    """Filters stand in the address, so that a list can be kept and sent; nonsense finds nothing or narrows nothing."""
    manager = visit("iro_service_manager")
    narrowed = narrowed.replace("PERSON", house.person("social_worker").id)

    page = manager.get(f"/tasks/team?{narrowed}")

    assert found == sorted(listed(page))


def test_a_filter_in_use_is_shown_and_taken_off(visit: Visit, three_cases: None) -> None:
    """Each filter in use stands above the list, and one link takes it off again."""
    manager = visit("iro_service_manager")

    page = manager.get("/tasks/team?unclaimed=yes&due=overdue")
    back = page.root.xpath("//ul[@aria-label='Filters in use']//a/@href")

    assert ["/tasks/team?due=overdue"] == back


def test_a_manager_sees_the_tasks_of_those_they_manage(visit: Visit, house: House, three_cases: None) -> None:
    """The ladder says whose manager somebody is; their team's list holds those roles, and claims none of theirs."""
    manager, chair = visit("iro_service_manager"), visit("conference_chair")

    assert "Cleo Further" in listed(manager.get("/tasks/team"))
    assert "Cleo Further" not in listed(chair.get("/tasks/team"))
    assert not manager.get("/tasks/team").root.xpath("//form[contains(@action,'/claim')]")


def test_a_task_is_found_by_the_childs_name_and_the_name_is_in_no_address(visit: Visit, three_cases: None) -> None:
    """Words travel in the form, as a child's name must not stand in an address or a log."""
    worker = visit("social_worker")

    page = worker.send(worker.get("/tasks").form("/tasks/find"), {"words": "duesoon"})
    nothing = worker.send(worker.get("/tasks").form("/tasks/find"), {"words": "nobody"})

    assert ["Ben Duesoon"] == listed(page)
    assert "/tasks/find" == page.path
    assert "No open task" in nothing.text


def test_a_task_is_handed_over_with_a_reason_to_a_holder_of_its_role(
    visit: Visit, house: House, three_cases: None
) -> None:
    """Whoever has a task gives it to a colleague of the same role and says why; the history keeps both."""
    worker, colleague = visit("social_worker"), house.person("social_worker", 1)
    place = f"/cases/CAM-2026-0003/tasks/{house.task('CAM-2026-0003', 'notify_looked_after')}"

    page = worker.get(f"{place}/hand-over")
    assert house.person("social_worker").name not in [
        label.text_content().strip() for label in page.root.xpath("//label")
    ]
    refused = worker.send(page.form("/hand-over"), {}, status=409)
    assert ["Choose who the task goes to.", "Say why you hand the task over."] == refused.problems()
    done = worker.send(page.form("/hand-over"), {"to": colleague.id, "why": "On leave from tomorrow."})

    assert f"The task is now with {colleague.name}." in done.text
    assert "On leave from tomorrow." in worker.get("/cases/CAM-2026-0003/history").text
    assert "Cleo Further" in listed(visit("social_worker", 1).get("/tasks"))


def test_nobody_is_handed_a_task_whose_role_they_do_not_hold(visit: Visit, house: House, three_cases: None) -> None:
    """Only those who hold the role are offered, and another name sent by hand is refused."""
    worker, iro = visit("social_worker"), house.person("iro")
    place = f"/cases/CAM-2026-0003/tasks/{house.task('CAM-2026-0003', 'notify_looked_after')}"
    data = {**filled(worker.get(f"{place}/hand-over").form("/hand-over"), {"why": "x"}), "to": [iro.id]}

    answer = worker.client.post(f"{place}/hand-over", data=data)

    assert 409 == answer.status_code
    assert "Choose who the task goes to." in answer.text

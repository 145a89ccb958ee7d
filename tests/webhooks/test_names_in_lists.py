"""A child's name stands in a list only for whoever may open the child's case, by whichever way they may."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from engine.casework.permissions import viewer_of
from tests.support.house import House
from tests.support.visitor import Visitor
from webhooks.api.described import OPERATIONS, PREFIX

Visit = Callable[..., Visitor]
CASE, NAME = "CAM-2026-0731", "Featherstonehaugh"


@pytest.fixture
def claimed(house: House) -> str:
    """A case that is allocated in every role, whose only task somebody has, long overdue, and which climbed."""
    house.open_case(CASE)
    house.start(CASE, "camden_cla_decision")
    for _ in range(12):
        house.days_pass(1)
        house.casework.fire_timers("camden", CASE)
    assert all(desk.assignee for desk in house.casework.load("camden", CASE).desks.values())
    assert house.casework.load("camden", CASE).escalations
    return CASE


def lists(app: Flask) -> list[str]:
    """Every page and download that is about no single case, from the application's own list, narrowed ones too."""
    pages = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or set()) and not rule.arguments]
    narrowed = [f"/tasks/team?{one}" for one in ("due=overdue", "role=social_worker", "pathway=camden_cla_decision")]
    figures = [f"/dashboard/cases?figure={one}" for one in ("overdue", "plans", "in_tray", "deadlines")]
    return [one for one in [*pages, *narrowed, *figures] if one != "/sign-out"]


def people(house: House) -> list[tuple[str, int]]:
    """Everybody who works here, as role and which of its holders."""
    by_role: dict[str, int] = {}
    found = []
    for one in house.staff:
        by_role[one.role] = by_role.get(one.role, -1) + 1
        found.append((one.role, by_role[one.role]))
    return found


def test_no_list_names_a_child_whose_case_may_not_be_opened(app: Flask, house: House, claimed: str) -> None:
    """Allocated or not, supervising or not: whoever may not open the case finds the name in no list or search."""
    opened, kept = set(), set()
    for role, number in people(house):
        visitor = Visitor(app)
        visitor.sign_in(house.login(role, number))
        may = house.store.lists.sees("camden", claimed, viewer_of(house.person(role, number)))
        looked = may or role in {other for other, _ in kept}
        (opened if may else kept).add((role, number))
        if looked:
            continue
        for address in lists(app):
            told = visitor.client.get(address, follow_redirects=True).get_data().decode("utf-8", "replace")
            assert NAME not in told, (role, number, address)
        for address, start in (("/tasks/find", "/tasks"), ("/cases/find", "/cases")):
            page = visitor.client.get(start)
            if page.status_code == 200:
                found = visitor.send(visitor.get(start).form("/find"), {"words": NAME})
                assert not [link for link in found.root.xpath("//main//a/@href") if claimed in link], (role, address)

    assert {("social_worker", 0), ("conference_chair", 0), ("iro", 0), ("iro_service_manager", 0)} <= opened
    assert {("social_worker", 1), ("iro", 1)} <= kept


def test_no_answer_of_the_api_names_it_either(app: Flask, house: House, claimed: str) -> None:
    """A colleague's own token reads no more than their pages."""
    admin, colleague = house.person("system_admin"), house.person("social_worker", 1)
    scopes = ["cases:read", "tasks:read"]
    token = house.casework.partnerships.issue_token(admin, "person", colleague.id, [], scopes, 9)
    for one in OPERATIONS:
        if one.method == "GET" and "{" not in one.path:
            for narrowed in ("", "?whose=team"):
                path = f"{PREFIX}{one.path}{narrowed}"
                answer = app.test_client().get(path, headers={"Authorization": f"Bearer {token}"})
                assert NAME not in answer.get_data().decode("latin-1"), path


def test_a_task_of_the_same_role_is_listed_where_the_case_is_ones_own(visit: Visit, house: House, claimed: str) -> None:
    """Whoever is allocated sees what anybody has to do in the case, and a manager sees it as before."""
    assert NAME in visit("social_worker").get("/tasks/team").text
    assert NAME in visit("head_of_quality_assurance").get("/tasks/team").text
    assert NAME not in visit("social_worker", 1).get("/tasks/team").text

"""A release that was changed behind the store stops the cases on it, and no page that tells of many."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from engine.casework import Casework, Shelf
from engine.store.tables import CONTENT, RELEASE_FILE
from tests.support.house import House
from tests.support.visitor import Visitor

Visit = Callable[..., Visitor]
CASE = "CAM-2026-0417"

PAGES = (
    ("social_worker", "/tasks"),
    ("social_worker", "/tasks/team"),
    ("social_worker", "/cases"),
    ("social_worker", "/cases/new"),
    ("head_of_quality_assurance", "/in-tray"),
    ("head_of_quality_assurance", "/dashboard"),
    ("auditor", "/audit"),
    ("auditor", "/audit/find?outcome=PLAN_CONTINUES"),
    ("auditor", "/audit/register"),
    ("auditor", "/audit/timeliness"),
)


@pytest.fixture
def changed(house: House) -> House:
    """Every diagram of Camden changed behind the store, as a process sees it that has not read one before."""
    drawn = RELEASE_FILE.c.path.like("%.bpmn")
    held = sa.select(RELEASE_FILE.c.hash).where(RELEASE_FILE.c.authority == "camden", drawn)
    house.open_case()
    house.start(CASE)
    with house.store.database.writing() as session:
        session.run(sa.update(CONTENT).where(CONTENT.c.hash.in_(held)).values(body=b"<definitions/>"), {})
    return house


@pytest.mark.parametrize(("role", "page"), PAGES)
def test_a_list_of_many_cases_is_shown_although_a_release_was_changed(
    visit: Visit, changed: House, role: str, page: str
) -> None:
    """One pathway that nobody may run any more hides no other child's overdue task."""
    visitor = visit(role)
    visitor.app.extensions["casework"] = Casework(changed.store, Shelf(changed.store), changed.clock)

    visitor.get(page)

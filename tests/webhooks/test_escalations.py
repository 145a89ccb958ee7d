"""The Head's in-tray and the operator's incidents."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.house import House
from tests.support.visitor import Visitor

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
    head.get(place, status=404)


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

"""What those who watch the service see: whether it works, its figures, and a line for each request, with ids only."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests.support.house import House
from tests.support.visitor import Visitor

Visit = Callable[..., Visitor]


def test_the_service_says_whether_it_can_work_and_nothing_else(app: Flask, house: House) -> None:
    """Anybody may ask; where the database is away the answer is an error."""
    answer = app.test_client().get("/ready")

    assert (200, {"status": "ready"}) == (answer.status_code, answer.get_json())


def test_figures_are_for_operators_and_tokens_of_that_scope(app: Flask, house: House, visit: Visit) -> None:
    """They are not public, and a token for cases does not open them."""
    assert 401 == app.test_client().get("/metrics", headers={"Accept": "application/json"}).status_code
    assert 403 == visit("social_worker").client.get("/metrics").status_code
    assert 200 == visit("system_admin").client.get("/metrics").status_code
    by = house.person("system_admin")
    for scope, status in (("metrics", 200), ("cases:read", 403)):
        token = house.casework.partnerships.issue_token(by, "system", "watcher", [], [scope], 30)
        answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {token}"})
        assert status == answer.status_code


def test_figures_count_what_waits(house: House, visit: Visit) -> None:
    """Cases, tasks, what is overdue, and how long the oldest thing has waited; no case is named."""
    house.open_case()
    house.start("CAM-2026-0417")
    visitor = visit("system_admin")
    house.days_pass(30)

    text = visitor.client.get("/metrics").text

    figures = dict(re.findall(r'^pathways_(\w+)\{authority="camden"\} ([\d.]+)$', text, re.MULTILINE))
    assert {"cases_open": "1.0", "tasks_open": "1.0", "tasks_overdue": "1.0"} == {
        name: figures[name] for name in ("cases_open", "tasks_open", "tasks_overdue")
    }
    late = re.search(r'oldest_due_seconds\{authority="camden",kind="timer"\} ([\d.e+]+)', text)
    assert late is not None
    assert float(late[1]) > 86_400
    assert "CAM-2026-0417" not in text
    assert 'endpoint="door.enter",method="POST",status="303"' in text


def test_a_request_has_an_id_that_its_log_line_carries(
    app: Flask, house: House, visit: Visit, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ids, kinds and counts: no name, no address asked for, no word that was typed."""
    house.open_case()
    visitor = visit("social_worker")
    capsys.readouterr()

    answer = visitor.client.get(
        "/cases/CAM-2026-0417?words=Featherstonehaugh", headers={"X-Request-ID": "abc-12345678"}
    )

    said = "".join(capsys.readouterr())
    assert "abc-12345678" == answer.headers["X-Request-ID"]
    assert "endpoint=cases.show" in said
    assert house.person("social_worker").id in said
    assert "Featherstonehaugh" not in said
    odd = visitor.client.get("/cases", headers={"X-Request-ID": "not an id\u00e9"})
    assert re.match(r"^[0-9a-f]{16}$", odd.headers["X-Request-ID"])

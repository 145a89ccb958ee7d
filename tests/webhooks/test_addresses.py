"""Addresses that hold what no database holds, asked of PostgreSQL, which keeps smaller numbers and stricter text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from engine.casework import Casework, Shelf
from engine.clock import SettableClock
from engine.store import open_store
from engine.store.key_files import MasterKey
from tests.support.house import MONDAY, PASSWORD, ROOT, House
from tests.support.visitor import Visitor
from webhooks.set_up.people import appoint

LARGE = ("2147483648", str(2**63 - 1))


@pytest.fixture
def office(postgres_url: str, tmp_path: Path) -> Iterator[House]:
    """Camden with its people on PostgreSQL."""
    MasterKey.create(tmp_path / "keys")
    store = open_store(postgres_url, keys=tmp_path / "keys")
    shelf = Shelf(store)
    shelf.deploy_authority(ROOT / "processes" / "camden", at=MONDAY, by="tests", why="for tests")
    staff = appoint(store, shelf.terms("camden").authority, PASSWORD, at=MONDAY - timedelta(days=400))
    clock = SettableClock(MONDAY)
    yield House(store, shelf, clock, Casework(store, shelf, clock), staff, "camden")
    store.close()


def test_no_address_is_a_fault_of_the_database(office: House) -> None:
    """A number too large for a column names nothing, and NUL is no text: words for whoever asks, never a fault."""
    app = office.app()
    app.config["PROPAGATE_EXCEPTIONS"] = False
    office.open_case()
    faults, asked = [], 0
    for role in ("analyst", "auditor", "social_worker"):
        visitor = Visitor(app)
        visitor.sign_in(office.login(role))
        for rule in app.url_map.iter_rules():
            if not rule.arguments or "GET" not in (rule.methods or ()) or rule.endpoint == "static":
                continue
            numbered = re.sub(r"<int:\w+>", "{0}", rule.rule)
            tried = [numbered.format(each) for each in LARGE] if "{0}" in numbered else []
            for place in (*tried, re.sub(r"<int:\w+>", "1", rule.rule).replace("<case_id>", "a%00b")):
                asked += 1
                answer = visitor.client.get(re.sub(r"<(\w+:)?\w+>", "camden_route", place))
                if answer.status_code >= 500:
                    faults.append((role, place, answer.status_code))

    assert asked > 300
    assert [] == faults

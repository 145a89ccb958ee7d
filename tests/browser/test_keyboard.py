"""A plan's administrative removal by people who use no mouse: from signing in to the letter that was sent."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext
from werkzeug.serving import make_server

from tests.support import house as houses
from tests.support.house import House
from tests.support.keyboard import Typist

NewContext = Callable[..., BrowserContext]

CASE = "CAM-2026-0417"
STEPS: tuple[tuple[str, str, dict[str, str]], ...] = (
    (
        "cp_service_manager",
        "Agree to the removal (section 20)",
        {"no_longer_at_risk": "true", "plan_no_longer_required": "true", "agree": "true", "reasons": "Both are met."},
    ),
    (
        "iro_service_manager",
        "Decide on the removal",
        {"decision": "discharge", "reasons": "The conditions are met.", "decided_on": "2026-03-02"},
    ),
    (
        "conference_chair",
        "Draft the letter to the network and the parents",
        {"network_recipients": "Kentish Town Primary School", "parent_recipients": "Mariana Sample"},
    ),
    (
        "conference_chair",
        "End the child protection episode on MOSAIC",
        {"episode_ref": "CPE-2026-11", "end_date": "2026-03-02", "end_reason": "Administrative removal"},
    ),
    (
        "social_worker",
        "Send the letter",
        {"sent_on": "2026-03-02", "channel": "post", "recipients_confirmed": "yes"},
    ),
)


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Iterator[House]:
    """Camden, with a case whose removal has begun."""
    built = houses.build(houses.draw_up(tmp_path_factory.mktemp("blueprint")), tmp_path)
    built.open_case(CASE)
    built.start(CASE, "camden_admin_removal")
    yield built
    built.store.close()


@pytest.fixture
def site(house: House) -> Iterator[str]:
    """The address of the pages, served by threads as in production."""
    server = make_server("127.0.0.1", 0, house.app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_plan_is_removed_without_a_mouse(house: House, site: str, new_context: NewContext) -> None:
    """Every step of five, by four people: what a mouse does, Tab, Enter, Space and the arrows do (2.1.1)."""
    people: dict[str, Typist] = {}
    for role, title, answers in STEPS:
        if role not in people:
            people[role] = Typist(new_context().new_page(), site, house.login(role))
            people[role].sign_in()
        people[role].do(CASE, title, answers)

    case = house.casework.load("camden", CASE)
    assert "ENDED" == case.facts["plan_status"]
    assert ["sent"] == [letter.state for letter in case.letters.values()]

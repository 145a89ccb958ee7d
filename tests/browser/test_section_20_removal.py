"""Camden's removal of a looked-after child's plan under section 20, by its five roles, in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from werkzeug.serving import make_server

from tests.support import house as houses
from tests.support.colleague import Colleague
from tests.support.house import House
from tests.support.removal import CASE, STEPS

NewContext = Callable[..., BrowserContext]
Accessible = Callable[..., None]
Screenshot = Callable[[Page, str], Path]


@pytest.fixture(scope="module")
def blueprint(tmp_path_factory: pytest.TempPathFactory) -> houses.Blueprint:
    """Camden's pathways published and its people appointed, once."""
    return houses.draw_up(tmp_path_factory.mktemp("blueprint"))


@pytest.fixture
def house(blueprint: houses.Blueprint, tmp_path: Path) -> Iterator[House]:
    """A database of this test's own."""
    built = houses.build(blueprint, tmp_path)
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


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_plan_is_removed_by_its_five_roles_and_the_letter_is_read(
    house: House,
    site: str,
    new_context: NewContext,
    accessible: Accessible,
    screenshot: Screenshot,
    scripts: bool,
) -> None:
    """From the ground raised to the letter read, each role at its own browser, with axe on every page."""
    house.open_case(CASE)
    people: dict[str, Colleague] = {}
    looked_at: set[str] = set()
    refused: list[str] = []
    for role in dict.fromkeys(role for role, _, _ in STEPS):
        page = new_context(java_script_enabled=scripts).new_page()
        page.on("pageerror", lambda error: refused.append(str(error)))
        page.on("console", lambda said: refused.append(said.text) if "Content Security" in said.text else None)
        looks = accessible if scripts else lambda page: None
        people[role] = Colleague(page, site, house.login(role), looks, looked_at)
        people[role].sign_in()
    worker = people["social_worker"]

    worker.open(f"/cases/{CASE}/start")
    worker.page.get_by_label("Which way may this plan end?").check()
    worker.page.get_by_role("button", name="Start").click()
    for role, title, answers in STEPS:
        people[role].do(CASE, title, answers)

    page = worker.open(f"/cases/{CASE}")
    expect(page.get_by_text("Ended 2 March 2026")).to_be_visible()
    page = worker.open(f"/cases/{CASE}/steps")
    expect(page.get_by_role("row", name="Decide on the removal").first).to_contain_text("Done")
    if scripts:
        expect(page.locator("[data-drawn=yes]").first).to_be_visible()
    worker.open(f"/cases/{CASE}/history")
    expect(page.get_by_text("The child protection plan ended on 2 March 2026").first).to_be_visible()
    page = worker.open(f"/cases/{CASE}/letters")
    page.get_by_role("table").get_by_role("link").first.click()
    worker.look()
    expect(page.get_by_role("article")).to_contain_text("placed away from home under section 20")
    address = page.get_by_role("button", name="Download as PDF").get_attribute("href")
    paper = page.request.get(f"{site}{address}")
    assert paper.body().startswith(b"%PDF-")
    screenshot(page, f"letter read {'with' if scripts else 'without'} scripts")
    assert [] == refused
    assert "ENDED" == house.casework.load("camden", CASE).facts["plan_status"]

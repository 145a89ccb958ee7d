"""Southwark's executive decision, an objection and the dispute before the Head, by its people in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from werkzeug.serving import make_server

from engine.history import JSON
from tests.support import house as houses
from tests.support.colleague import Colleague, answer
from tests.support.house import House

NewContext = Callable[..., BrowserContext]
Accessible = Callable[..., None]
Screenshot = Callable[[Page, str], Path]

CASE = "SOU-2026-0417"
#: The eleventh working day after the letter went out on 2 March.
DAY_11 = datetime(2026, 3, 17, 9, 30, tzinfo=UTC)
ASKED: dict[str, JSON] = {
    "safeguarding_plan": "Placed with foster carers under an interim care order; contact is supervised.",
    "why_discontinue": "The care plan before the court covers what the plan did.",
    "order": "Interim care order",
    "contacted_on": "2026-03-02",
}
AGREED: dict[str, JSON] = {"agree": True, "reasons": "The order and the placement keep the child safe."}
#: What every agency is to read in the letter (SOU-9.8a).
CARE_PLAN = "Foster care, supervised contact twice a week, final hearing in June."
CONTINGENCY: dict[str, JSON] = {"triggers": ["The interim care order is discharged"], "who": "The Coordinator"}


@pytest.fixture(scope="module")
def blueprint(tmp_path_factory: pytest.TempPathFactory) -> houses.Blueprint:
    """Southwark's pathways published and its people appointed, once."""
    return houses.draw_up(tmp_path_factory.mktemp("blueprint"), "southwark")


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


def agreed_by_both(house: House) -> None:
    """An executive decision that the coordinator agreed to and talked over with the IRO: the IRO's answer is due."""
    house.open_case(CASE)
    house.start(CASE, "southwark_executive_decision")
    house.complete(CASE, "request_executive_decision", "team_manager", ASKED)
    house.complete(CASE, "agree_as_cpc", "conference_chair", AGREED)
    house.complete(CASE, "discuss_with_iro", "conference_chair", {"note": "Both files were read together."})


def later(house: House, people: Mapping[str, Colleague], at: datetime) -> None:
    """Some days pass: what fell due happened, and everybody signs in anew."""
    house.clock.advance_to(at)
    house.casework.fire_timers("southwark", CASE)
    for colleague in people.values():
        colleague.page.context.clear_cookies()
        colleague.sign_in()


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_an_objection_keyed_on_day_11_and_received_on_day_10_goes_to_the_head_before_the_plan_ends(
    house: House,
    site: str,
    new_context: NewContext,
    accessible: Accessible,
    screenshot: Screenshot,
    scripts: bool,
) -> None:
    """The day it was received counts (SOU-9.9): it takes the ending out of the unit's hands, and the Head decides."""
    agreed_by_both(house)
    looked_at: set[str] = set()
    people = {
        role: Colleague(
            new_context(java_script_enabled=scripts).new_page(),
            site,
            house.login(role),
            accessible if scripts else lambda page: None,
            looked_at,
        )
        for role in ("social_worker", "iro", "conference_chair", "qa_unit", "head_of_quality_assurance")
    }
    coordinator, unit, head = people["conference_chair"], people["qa_unit"], people["head_of_quality_assurance"]
    for role in ("social_worker", "iro", "conference_chair"):
        people[role].sign_in()

    people["iro"].do(CASE, "Agree or not, as IRO", {"agree": "true", "reasons": "The care plan is sound."})
    coordinator.do(CASE, "Outline the Care Plan for the child", {"care_plan_outline": CARE_PLAN})
    coordinator.do(
        CASE,
        "Write to all agencies involved",
        {
            "agencies": "Rye Lane Primary School\nCarelink",
            "sent_on": "2026-03-02",
            "channel": "secure_email",
        },
    )
    house.complete(CASE, "plan_contingency", "conference_chair", CONTINGENCY)
    page = people["social_worker"].open(f"/cases/{CASE}")
    expect(page.get_by_role("row", name="The last day for objections is over")).to_be_visible()

    later(house, people, DAY_11)
    page = unit.open(f"/cases/{CASE}")
    page.get_by_role("link", name="Discontinue the plan").click()
    answer(page, "end_date", "2026-03-17")
    coordinator.do(
        CASE,
        "Record an objection that has come in",
        {
            "from": "Rye Lane Primary School",
            "received_on": "2026-03-16",
            "received_by": "Quality Assurance Unit",
            "text": "The school was not heard.",
            "in_writing": "true",
            "addressed_to_cpc": "true",
        },
    )
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("17 March 2026", exact=True)).to_be_visible()
    unit.look()
    screenshot(page, f"ending withdrawn by an objection {'with' if scripts else 'without'} scripts")
    assert "ACTIVE" == house.casework.load("southwark", CASE).facts["plan_status"]

    coordinator.do(
        CASE,
        "Weigh the objection",
        {"cpc_view_hold": "true", "disputed": "true", "reasons": "The school asks to be heard."},
    )
    coordinator.do(
        CASE,
        "Refer the dispute to the Head",
        {"parties": "Rye Lane Primary School\nThe team manager", "issue": "Whether the conference is held"},
    )
    page = head.open("/in-tray")
    page.get_by_role("link", name="Decide the dispute").click()
    answer(page, "decision", "proceed_executive")
    answer(page, "reasons", "The care plan answers the objection.")
    answer(page, "decided_on", "2026-03-17")
    head.look()
    screenshot(page, f"the Head decides {'with' if scripts else 'without'} scripts")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Complete the task").click()
    expect(page.get_by_text("Done: Decide the dispute.")).to_be_visible()

    unit.do(CASE, "Discontinue the plan", {"end_date": "2026-03-17"}, says="The child protection plan has ended")
    unit.do(
        CASE,
        "Notify the agencies invited to the Initial Conference",
        {
            "icpc_invitees_recipients": "Rye Lane Primary School\nHealth visiting service\nMetropolitan Police",
            "sent_on": "2026-03-17",
            "channel": "secure_email",
        },
    )
    page = people["social_worker"].open(f"/cases/{CASE}")
    expect(page.get_by_text("Ended 17 March 2026")).to_be_visible()
    people["social_worker"].open(f"/cases/{CASE}/history")
    screenshot(page, f"history of a dispute {'with' if scripts else 'without'} scripts")
    case = house.casework.load("southwark", CASE)
    assert ["consultation", "dispute_referral", "formal_notification"] == sorted(
        letter.letter for letter in case.letters.values()
    )
    assert "ENDED" == case.facts["plan_status"]
    (consultation,) = [letter for letter in case.letters.values() if letter.letter == "consultation"]
    assert CARE_PLAN in consultation.text

"""People who use no mouse: a plan's removal in Camden, and an objection with its dispute in Southwark, start to end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import BrowserContext, expect
from pytest import TempPathFactory
from werkzeug.serving import make_server

from engine.history import JSON
from tests.support import house as houses
from tests.support.house import House
from tests.support.keyboard import Typist
from tests.support.removal import CASE, STEPS

NewContext = Callable[..., BrowserContext]

SOUTHWARK = "SOU-2026-0417"
#: The eleventh working day after the letter went out on 2 March.
DAY_11 = datetime(2026, 3, 17, 9, 30, tzinfo=UTC)
#: What was done before the objection: by whom, and what they answered.
BEFORE: tuple[tuple[str, str, dict[str, JSON]], ...] = (
    (
        "request_executive_decision",
        "team_manager",
        {
            "safeguarding_plan": "Placed with foster carers under an interim care order.",
            "why_discontinue": "The care plan before the court covers what the plan did.",
            "order": "Interim care order",
            "contacted_on": "2026-03-02",
        },
    ),
    ("agree_as_cpc", "conference_chair", {"agree": True, "reasons": "The placement keeps the child safe."}),
    ("discuss_with_iro", "conference_chair", {"note": "Both files were read together."}),
    ("agree_as_iro", "iro", {"agree": True, "reasons": "The care plan is sound."}),
    ("outline_care_plan", "conference_chair", {"care_plan_outline": "Foster care, supervised contact."}),
    (
        "write_to_agencies",
        "conference_chair",
        {
            "agencies_recipients": ["Rye Lane Primary School", "Carelink"],
            "agencies": ["Rye Lane Primary School", "Carelink"],
            "text": "You may object within ten working days.",
            "sent_on": "2026-03-02",
            "channel": "secure_email",
        },
    ),
    ("plan_contingency", "conference_chair", {"triggers": ["The order is discharged"], "who": "The Coordinator"}),
)
#: An objection that was received on day 10 and is entered on day 11, the dispute, and the end.
DISPUTE: tuple[tuple[str, str, dict[str, str]], ...] = (
    (
        "conference_chair",
        "Record an objection that has come in",
        {
            "from": "Rye Lane Primary School",
            "received_on": "2026-03-16",
            "received_by": "Quality Assurance Unit",
            "text": "The school was not heard.",
            "in_writing": "true",
            "addressed_to_cpc": "true",
        },
    ),
    (
        "conference_chair",
        "Weigh the objection",
        {"cpc_view_hold": "true", "disputed": "true", "reasons": "The school asks to be heard."},
    ),
    (
        "conference_chair",
        "Refer the dispute to the Head",
        {"parties": "Rye Lane Primary School", "issue": "Whether the conference is held"},
    ),
    (
        "head_of_quality_assurance",
        "Decide the dispute",
        {
            "decision": "proceed_executive",
            "reasons": "The care plan answers the objection.",
            "decided_on": "2026-03-17",
        },
    ),
    ("qa_unit", "Discontinue the plan", {"end_date": "2026-03-17"}),
)


@contextmanager
def served(house: House) -> Iterator[str]:
    """The address of the pages, served by threads as in production."""
    server = make_server("127.0.0.1", 0, house.app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        house.store.close()


def typed_through(
    house: House, site: str, case_id: str, steps: tuple[tuple[str, str, dict[str, str]], ...], new_context: NewContext
) -> dict[str, Typist]:
    """Every step by whoever holds its role, each at a browser of their own."""
    people: dict[str, Typist] = {}
    for role, title, answers in steps:
        if role not in people:
            people[role] = Typist(new_context().new_page(), site, house.login(role))
            people[role].sign_in()
        people[role].do(case_id, title, answers)
    return people


def test_a_plan_is_removed_without_a_mouse(
    tmp_path_factory: TempPathFactory, tmp_path: Path, new_context: NewContext
) -> None:
    """From the ground to the letter, twelve steps by five people: Tab, Enter, Space, arrows and letters (2.1.1)."""
    house = houses.build(houses.draw_up(tmp_path_factory.mktemp("blueprint")), tmp_path)
    house.open_case(CASE)
    house.start(CASE)
    with served(house) as site:
        typed_through(house, site, CASE, STEPS, new_context)

        case = house.casework.load("camden", CASE)
        assert "ENDED" == case.facts["plan_status"]
        assert ["sent"] == [letter.state for letter in case.letters.values()]


def test_an_objection_and_its_dispute_are_taken_to_the_end_without_a_mouse(
    tmp_path_factory: TempPathFactory, tmp_path: Path, new_context: NewContext
) -> None:
    """Received on day 10, entered on day 11: weighed, referred, decided by the Head, and the plan ended (2.1.1)."""
    house = houses.build(houses.draw_up(tmp_path_factory.mktemp("blueprint"), "southwark"), tmp_path)
    house.open_case(SOUTHWARK)
    house.start(SOUTHWARK, "southwark_executive_decision")
    for element, role, answers in BEFORE:
        house.complete(SOUTHWARK, element, role, answers)
    house.clock.advance_to(DAY_11)
    house.casework.fire_timers("southwark", SOUTHWARK)
    with served(house) as site:
        people = typed_through(house, site, SOUTHWARK, DISPUTE, new_context)

        page = people["qa_unit"].page
        page.goto(f"{site}/cases/{SOUTHWARK}")
        expect(page.get_by_text("Ended 17 March 2026")).to_be_visible()
        referral = list(house.casework.load("southwark", SOUTHWARK).letters.values())[1]
        page.goto(f"{site}/cases/{SOUTHWARK}/letters/{referral.number}")
        expect(page.get_by_text("As sent on 17 March 2026")).to_be_visible()

"""Separation of duties on the pages: two steps or two roles that one person may not have are refused in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.casework import Practitioner
from engine.store.people import Holding
from tests.support import house as houses
from tests.support.house import House
from tests.support.visitor import Visitor

Visit = Callable[..., Visitor]
CASE = "SOU-2026-0101"


@pytest.fixture(scope="module")
def southwark(tmp_path_factory: pytest.TempPathFactory) -> houses.Blueprint:
    """Southwark's pathways published and its people appointed, once."""
    return houses.draw_up(tmp_path_factory.mktemp("southwark"), "southwark")


@pytest.fixture
def house(southwark: houses.Blueprint, tmp_path: Path) -> Iterator[House]:
    """A database of this test's own, in which the coordinator is appointed as an IRO as well."""
    built = houses.build(southwark, tmp_path)
    today = built.clock.now().date().isoformat()
    both = Holding(built.person("conference_chair").id, "iro", today)
    built.store.people.hold("southwark", both, at=built.clock.now(), by="tests", why="short of IROs")
    yield built
    built.store.close()


@pytest.fixture
def visit(house: House) -> Visit:
    """Somebody signed in as a holder of a role in Southwark."""
    app = house.app()

    def signed_in(role: str, number: int = 0) -> Visitor:
        visitor = Visitor(app)
        visitor.sign_in(house.login(role, number))
        return visitor

    return signed_in


def test_who_agreed_as_coordinator_does_not_agree_as_iro_and_is_told_who_may(visit: Visit, house: House) -> None:
    """SOU-9.7 asks two people: the page says whom the rule keeps out and who is left, and nothing else goes on."""
    by = house.person("team_manager")
    house.casework.open_case(CASE, houses.IN_COURT, by=by, command_id=house.key())
    house.casework.start_pathway(CASE, "southwark_executive_decision", by=by, command_id=house.key())
    asked = {
        "safeguarding_plan": "Placed with foster carers under an interim care order.",
        "why_discontinue": "The care plan covers everything.",
        "order": "Interim care order",
        "contacted_on": "2026-03-02",
    }
    house.complete(CASE, "request_executive_decision", "team_manager", asked)
    house.complete(
        CASE, "agree_as_cpc", "conference_chair", {"agree": True, "reasons": "The order keeps the child safe."}
    )
    house.complete(CASE, "discuss_with_iro", "conference_chair", {"note": "Both files were read."})
    place = f"/cases/{CASE}/tasks/{house.task(CASE, 'agree_as_iro')}"
    coordinator, name = visit("conference_chair"), house.person("conference_chair").name
    before = house.revision(CASE)

    page = coordinator.get(place)

    assert f"because {name} did ‘" in page.text
    assert "the two must be done by two people" in page.text
    assert house.person("iro").name in page.text
    assert not page.root.xpath("//main//form//textarea")
    token = page.root.xpath("//input[@name='csrf_token']/@value")[0]
    sent = {
        "csrf_token": token,
        "form_key": "a-key-that-was-not-used",
        "checked": "yes",
        "agree": "true",
        "reasons": "x",
    }
    assert 403 == coordinator.client.post(place, data=sent).status_code
    assert before == house.revision(CASE)


def test_one_person_is_not_made_both_on_a_case(visit: Visit, house: House) -> None:
    """Southwark's settings make the coordinator and the IRO of a case two people; the refusal names both roles."""
    chair = house.person("conference_chair")
    manager: Practitioner = house.person("team_manager")
    roles = {"conference_chair": chair.id, "iro": house.person("iro").id}
    house.casework.open_case(CASE, houses.IN_COURT, by=manager, command_id=house.key(), roles=roles)
    visitor = visit("team_manager")
    form = visitor.get(f"/cases/{CASE}/allocation").root.xpath("//form[.//select[@name='iro']]")[0]

    page = visitor.send(form, {"iro": chair.id}, status=409)

    assert (
        "cannot be Child Protection Coordinator (conference chair) and Independent Reviewing Officer (IRO) at once: in "
        "this authority these are two people on every case. Choose somebody else for one of them."
    ) in page.text
    assert roles == house.casework.load("southwark", CASE).roles
    page = visitor.send(form, {"iro": house.person("iro", 1).id, "form_key": "another-key-of-another-page"})
    assert house.person("iro", 1).name in page.text
    visitor.send(form, {"iro": "-", "form_key": "one-more-key-of-another-page"})
    assert "iro" not in house.casework.load("southwark", CASE).roles


def test_a_role_goes_to_nobody_who_does_not_hold_it(visit: Visit, house: House) -> None:
    """What was not offered is refused, and only those who supervise change who works on a case."""
    house.casework.open_case(CASE, houses.IN_COURT, by=house.person("team_manager"), command_id=house.key())
    visitor = visit("team_manager")
    form = visitor.get(f"/cases/{CASE}/allocation").root.xpath("//form[.//select[@name='iro']]")[0]

    for wrong in ("nobody.here", house.person("social_worker").id, ""):
        page = visitor.send(
            form, {"iro": wrong, "form_key": f"a-key-for-{wrong}-0000000000".replace(".", "-")}, status=409
        )
        assert ["Choose somebody who holds the role."] == page.problems()
    visit("conference_chair").get(f"/cases/{CASE}/allocation", status=403)

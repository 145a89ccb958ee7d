"""A restricted case that has work in every list is named in none of them to whom it is not shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from engine.store.verifications import Found
from engine.work import Work
from tests.support.house import House
from tests.support.receiving import Receiving, receiving
from tests.support.sending import a_system
from tests.support.visitor import Visitor
from webhooks.api.described import OPERATIONS, PREFIX
from webhooks.outbound import Outgoing, Post

Visit = Callable[..., Visitor]
CASE = "CAM-2026-0888"


@pytest.fixture
def deaf(house: House) -> Iterator[Receiving]:
    """A receiver that answers with errors."""
    house.store.upkeep.make_demonstration()
    with receiving() as found:
        found.answer = 500
        yield found


def a_worker(house: House) -> Work:
    """Somebody who does what is due."""
    hands = Post(Outgoing(), house.store, house.shelf, house.casework, house.clock)
    return Work(
        house.store,
        house.casework,
        house.clock,
        name="w",
        job_hands=hands.job_hands(),
        notice_hands=hands.notice_hands(),
    )


@pytest.fixture
def restricted(app: Flask, house: House, deaf: Receiving) -> str:
    """A case with an escalation, an incident, overdue tasks, messages given up, a dead letter, kept to four people."""
    house.open_case(CASE)
    house.start(CASE, "camden_admin_removal")
    admin, head = house.person("system_admin"), house.person("head_of_quality_assurance")
    house.casework.partnerships.add_receiver(admin, "deaf", "Deaf", deaf.address, [])
    named = [house.person(role).id for role in ("social_worker", "conference_chair", "iro")] + [head.id]
    house.casework.restrict_case(CASE, named, "A colleague's child.", by=head, command_id=house.key())
    work = a_worker(house)
    for _ in range(30):
        work.round()
        house.clock.advance_by(timedelta(days=1))
    by = house.person("iro")
    house.casework.record_life_event(CASE, "ChildDied", {}, received_on=None, by=by, command_id=house.key())
    for _ in range(14):
        work.round()
        house.clock.advance_by(timedelta(days=1))
    mosaic = a_system(app, house)
    assert 202 == mosaic.send(mosaic.event("NobodyWaits", CASE)).status_code
    assert house.store.upkeep.notices("camden", "dead")
    assert [line for line in house.store.upkeep.notices("camden", "ready") if line.problem]
    assert [held for held in house.casework.load("camden", CASE).held.values() if held.state == "open"]
    return CASE


def everything(app: Flask) -> list[str]:
    """Every page and list that is about no single case, from the application's own list, the API's among them."""
    pages = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or set()) and not rule.arguments]
    return [*pages, "/dashboard/cases?figure=overdue", "/systems/senders", "/systems/receivers/deaf"]


@pytest.mark.parametrize("role", ["system_admin", "auditor", "iro_service_manager"])
def test_no_list_names_it(app: Flask, house: House, visit: Visit, restricted: str, role: str) -> None:
    """Neither a page nor a download, the figures for machines among them, shows its reference or its child's name."""
    visitor, read = visit(role), 0
    for address in everything(app):
        answer = visitor.client.get(address, follow_redirects=True)
        said = answer.get_data().decode("utf-8", "replace")
        assert restricted not in said, address
        assert "Featherstonehaugh" not in said, address
        read += answer.status_code == 200
    assert read >= 8


def test_no_line_of_the_log_names_it(house: House, restricted: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What failed is logged without the case that it failed in, once that is restricted."""
    house.clock.advance_by(timedelta(days=1))
    a_worker(house).round()

    said = capsys.readouterr().out
    assert "notice not sent" in said
    assert restricted not in said


def test_no_verification_names_it(house: House, visit: Visit, restricted: str) -> None:
    """What differs is counted for everybody who verifies, and named to those alone who may see the case."""
    kept, differs = house.store.verifications, Found(restricted, 3, "command-3", "state", f"Case {restricted} differs.")
    named, role = visit("head_of_quality_assurance"), house.person("auditor").id
    for scope in ("", restricted):
        begun = kept.begin("camden", scope=scope, by=role, at=house.clock.now())
        kept.keep(replace(begun, differences=(differs,), cases=1).closed(0, (), house.clock.now()))

    auditor = visit("auditor")

    for number in (1, 2):
        page = auditor.get(f"/audit/verifications/{number}")
        assert restricted not in page.source
        assert "a restricted case" in page.text
        assert restricted in named.get(f"/audit/verifications/{number}").text
    assert restricted not in auditor.get("/audit").source


@pytest.mark.parametrize("role", ["system_admin", "auditor", "iro_service_manager"])
def test_no_token_names_it(app: Flask, house: House, restricted: str, role: str) -> None:
    """Every thing that the API reads, asked with every scope."""
    scopes = ["cases:read", "tasks:read"]
    admin = house.person("system_admin")
    token = house.casework.partnerships.issue_token(admin, "person", house.person(role).id, [], scopes, 9)
    for one in OPERATIONS:
        if one.method == "GET":
            path = PREFIX + one.path.format(case_id=restricted, task=1, number=1)
            answer = app.test_client().get(path, headers={"Authorization": f"Bearer {token}"})
            told = answer.get_data().decode("latin-1")
            assert "Featherstonehaugh" not in told, path
            assert answer.status_code in (403, 404) or restricted not in told, path


def test_an_operator_sends_its_messages_again_without_learning_of_it(
    house: House, visit: Visit, deaf: Receiving, restricted: str
) -> None:
    """What was given up stands under a name that tells nothing; it is sent again, or skipped, and neither is named."""
    admin = visit("system_admin")
    page = admin.get("/messages-out")
    assert "of a restricted case" in page.text
    dead = len(house.store.upkeep.notices("camden", "dead"))

    admin.send(page.form("/messages-out/again"))
    admin.send(admin.get("/messages-out").form("/skip"), {"why": f"Told by hand of {restricted}."})

    assert dead - 2 == len(house.store.upkeep.notices("camden", "dead"))
    done = admin.get("/messages-out/done")
    assert restricted not in done.source
    assert "a restricted case" in done.text
    assert any(restricted in duty.about for duty in house.store.duties.latest("camden", 5))

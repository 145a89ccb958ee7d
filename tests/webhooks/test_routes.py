"""The application's own list of routes: written down for those who check it, and closed to cases of others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from engine.casework import Practitioner
from tests.support.house import House
from tests.support.office import small_authority
from tests.support.visitor import Visitor
from tests.webhooks.test_access import CASEWORK_ROLES, FOR_PROGRAMS, SAMPLES, csrf_token
from webhooks import routes
from webhooks.access import audiences_of

Visit = Callable[..., Visitor]
RESTRICTED, NOWHERE, ELSEWHERE = "CAM-2026-0417", "CAM-2026-9999", "CAM-2026-7777"
#: What differs between two answers to the same request: tokens, keys, nonces and references.
_FRESH = re.compile(r'(nonce|value|content)="[^"]{16,}"|Quote [0-9a-f]{8}|CAM-2026-\d{4}')


def test_every_route_is_written_down() -> None:
    """docs/routes.md says of each route whom it is for and what it shows: run python -m webhooks.routes."""
    assert routes.table(routes.application()) == routes.DOCUMENT.read_text(encoding="utf-8")


def test_every_view_says_what_it_shows() -> None:
    """The document has a sentence for each route, taken from its view."""
    app = routes.application()

    silent = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and not app.view_functions[rule.endpoint].__doc__
    ]
    assert [] == silent


def case_routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Every route about a case that a browser opens, with each of its methods."""
    for rule in app.url_map.iter_rules():
        if "case_id" in rule.arguments and not audiences_of(app, rule.endpoint) & FOR_PROGRAMS:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method


def others_cases(house: House) -> None:
    """A restricted case of this authority, and a case of another authority under a reference like this one's."""
    house.open_case(RESTRICTED)
    house.start(RESTRICTED)
    head = house.person("head_of_quality_assurance")
    named = [house.person(role).id for role in ("social_worker", "conference_chair", "iro")]
    house.casework.restrict_case(RESTRICTED, [*named, head.id], "x", by=head, command_id=house.key())
    house.shelf.put_in_force(small_authority(id="sussex"), at=house.clock.now(), by="tests", why="for a test")
    stranger = Practitioner("stranger", "sussex", "Stranger", frozenset({"social_worker"}))
    facts = {"name": "Sam Sample-Featherstonehaugh"}
    house.casework.open_case(ELSEWHERE, facts, by=stranger, command_id=house.key())


@pytest.mark.parametrize("role", ["iro_service_manager", "social_worker", "minute_taking_service", "auditor"])
def test_a_case_that_is_not_theirs_cannot_be_told_from_one_that_is_not_there(
    app: Flask, house: House, visit: Visit, role: str
) -> None:
    """On every route and by every method, restricted and foreign cases answer word for word as no case at all."""
    visitor = visit(role, 1 if role == "social_worker" else 0)
    others_cases(house)
    token = csrf_token(visitor)
    for rule, method in case_routes(app):
        said = {}
        for case_id in (NOWHERE, RESTRICTED, ELSEWHERE):
            with app.test_request_context():
                values = {name: SAMPLES[name] for name in rule.arguments} | {"case_id": case_id}
                place = app.url_for(rule.endpoint, **values)
            data = {
                "csrf_token": token,
                "form_key": f"{'k' * 16}{len(said)}",
                "event": "ChildDied",
                "pathway": "camden_route",
            }
            answer = visitor.client.open(place, method=method, data=data)
            assert "Featherstonehaugh" not in answer.text, (rule.endpoint, case_id)
            said[case_id] = (answer.status_code, _FRESH.sub("", answer.text), answer.headers.get("Location", ""))
            answer.close()
        assert 1 == len({status for status, _, _ in said.values()}), (rule.endpoint, method, said)
        assert 1 == len({text for _, text, _ in said.values()}), (rule.endpoint, method)
        status = said[NOWHERE][0]
        assert status >= 400 or said[NOWHERE][2], (rule.endpoint, method, status)
    assert 1 == house.casework.load("sussex", ELSEWHERE).revision


@pytest.mark.parametrize("role", CASEWORK_ROLES)
def test_a_case_that_nobody_has_yet_shows_to_those_who_may_be_given_it(house: House, visit: Visit, role: str) -> None:
    """With no social worker, chair or IRO allocated, holders of these roles see it, and those who supervise."""
    house.open_case()
    head = house.person("head_of_quality_assurance")
    for one in ("social_worker", "conference_chair", "iro"):
        house.casework.allocate_role(RESTRICTED, one, None, by=head, command_id=house.key())
    sees = {"social_worker", "conference_chair", "iro", "iro_service_manager", "cp_service_manager"}

    answer = visit(role).client.get(f"/cases/{RESTRICTED}")

    assert (200 if role in sees | {"head_of_quality_assurance"} else 403) == answer.status_code


NOBODYS = (
    ("social_worker", "/cases/CAM-2026-9999/siblings"),
    ("social_worker", "/cases/CAM-2026-9999/birth"),
    ("social_worker", "/cases/CAM-2026-9999/reinstate"),
    ("head_of_quality_assurance", "/cases/CAM-2026-9999/allocation"),
    ("system_admin", "/dead-letters/1/attach"),
    ("system_admin", "/dead-letters/1/dismiss"),
    ("system_admin", "/people/nobody.here/cover"),
    ("system_admin", "/people/nobody.here/password"),
    ("system_admin", "/people/nobody.here/roles"),
    ("system_admin", "/incidents/CAM-2026-9999/1/error"),
    ("system_admin", "/incidents/CAM-2026-9999/1/skip"),
    ("analyst", "/studio/drafts/7/file"),
    ("analyst", "/studio/drafts/7/new-pathway"),
)


@pytest.mark.parametrize(("role", "place"), NOBODYS)
def test_a_form_about_what_is_not_there_is_answered_in_words(visit: Visit, role: str, place: str) -> None:
    """Where the page that would ask again cannot be shown either, what it says is the answer; never a fault."""
    visitor = visit(role)

    answer = visitor.client.post(place, data={"csrf_token": csrf_token(visitor), "form_key": "a-key-of-this-one-test"})

    assert answer.status_code in (400, 403, 404, 409), answer.text
    assert "Traceback" not in answer.text


def test_an_address_with_a_number_that_no_database_holds_is_none(visit: Visit) -> None:
    """It names nothing, and says so."""
    visit("analyst").get(f"/studio/drafts/{2**63}/camden_route/forms", status=404)
    visit("auditor").get(f"/cases/CAM-2026-0417/letters/{'9' * 5000}", status=404)
    answer = visit("auditor").client.delete("/audit")
    assert 405 == answer.status_code
    assert {"GET", "HEAD", "OPTIONS"} == set(answer.headers["Allow"].split(", "))

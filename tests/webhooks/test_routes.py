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

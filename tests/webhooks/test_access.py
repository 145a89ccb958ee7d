"""Who may open what: from the application's own list of routes, for every role."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule

from engine.history import instant
from engine.store.failed_sign_ins import FREE
from engine.store.people import Person
from tests.support.house import PASSWORD, SECRET, House
from tests.support.visitor import Page, Visitor
from webhooks.access import Audience, NobodyNamed, audiences_of
from webhooks.app import create_app
from webhooks.settings import Settings

Visit = Callable[..., Visitor]

#: What stands for a route's variables.
SAMPLES: dict[str, object] = {
    "case_id": "CAM-2026-0417",
    "task": 5,
    "number": 1,
    "instance": 1,
    "authority": "camden",
    "sender": "mosaic",
    "kinds": "senders",
    "name": "mosaic",
    "reference": "0" * 16,
    "topic": "PlanEnded",
    "token": "0" * 12,
    "filename": "pages.css",
    "release": "sha256:0",
    "file": "x.bpmn",
    "session": "0" * 64,
    "person": "nobody.here",
    "standing": "nobody.else",
    "role": "iro",
    "from_on": "2026-03-02",
    "pathway": "camden_route",
    "trial": 1,
    "element": "decide_removal",
}
CASEWORK_ROLES = (
    "social_worker",
    "conference_chair",
    "iro",
    "iro_service_manager",
    "cp_service_manager",
    "head_of_quality_assurance",
    "qa_transfer_officer",
    "qa_business_support",
    "minute_taking_service",
)
ROLES = (*CASEWORK_ROLES, "auditor", "analyst", "system_admin")
SUPERVISORS = ("head_of_quality_assurance", "iro_service_manager", "cp_service_manager")
#: Whom each audience holds, written out once more: a change in access.py must be made here too.
HOLDERS = {
    Audience.ANYONE: frozenset({*ROLES, None}),
    Audience.SIGNED_IN: frozenset(ROLES),
    Audience.ENTERING: frozenset(ROLES),
    Audience.CASEWORKERS: frozenset(CASEWORK_ROLES),
    Audience.HEAD: frozenset({"head_of_quality_assurance"}),
    Audience.OPERATORS: frozenset({"system_admin"}),
    Audience.AUDITORS: frozenset({"auditor"}),
    Audience.ANALYSTS: frozenset({"analyst"}),
    Audience.APPROVERS: frozenset({"head_of_quality_assurance"}),
    Audience.SUPERVISORS: frozenset(SUPERVISORS),
    Audience.MINDERS: frozenset({"system_admin", "head_of_quality_assurance"}),
    # No cookie opens these, whoever's it is: a token or a signature does.
    Audience.PROGRAMS: frozenset(),
    Audience.SENDERS: frozenset(),
}
FOR_PROGRAMS = {Audience.PROGRAMS, Audience.SENDERS}


def address(app: Flask, rule: Rule) -> str:
    """The address of a route with samples for its variables."""
    with app.test_request_context():
        return app.url_for(rule.endpoint, **{name: SAMPLES[name] for name in rule.arguments})


def test_every_route_says_whom_it_is_for(app: Flask) -> None:
    """A route without an audience would be closed to everybody; it is found here before anybody meets it."""
    for rule in app.url_map.iter_rules():
        assert audiences_of(app, rule.endpoint), rule.endpoint


def test_a_route_that_names_nobody_is_closed(house: House) -> None:
    """Forgetting to say whom a route is for opens it to no one."""
    app = house.app()
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")

    with pytest.raises(NobodyNamed):
        audiences_of(app, "forgotten")

    answer = app.test_client().get("/forgotten")
    assert 500 == answer.status_code
    assert "secret" not in answer.text


@pytest.mark.parametrize("role", [*ROLES, None], ids=lambda role: role or "nobody")
def test_every_route_admits_exactly_its_audiences(app: Flask, house: House, visit: Visit, role: str | None) -> None:
    """Each route, from the application's own list, lets in whom it names and turns everybody else away."""
    house.open_case()
    house.start("CAM-2026-0417")
    visitor = visit(role) if role else Visitor(app)
    # Signing out would end the walk: it comes last.
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint == "door.sign_out"):
        wanted = any(role in HOLDERS[audience] for audience in audiences_of(app, rule.endpoint))
        token = csrf_token(visitor)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            answer = visitor.client.open(address(app, rule), method=method, data={"csrf_token": token})
            led_to = answer.headers.get("Location", "")
            turned_away = answer.status_code == 401 or ("/sign-in" in led_to and "left=" not in led_to)
            turned_away |= answer.status_code == 403 and "Your roles do not include that" in answer.text
            answer.close()
            assert wanted != turned_away, (rule.endpoint, method, role, answer.status_code)


def change_sessions(house: House, **moments: datetime) -> None:
    """Let every session look as if it had begun, or been seen, at another moment."""
    with house.store.database.engine.begin() as connection:
        for column, moment in moments.items():
            connection.exec_driver_sql(f"update web_session set {column} = ?", (instant(moment),))


def csrf_token(visitor: Visitor) -> str:
    """A token of this visitor's session."""
    page = Page(visitor.client.get("/accessibility"))
    found = page.root.xpath("//input[@name='csrf_token']/@value")
    return (
        found[0] if found else Page(visitor.client.get("/sign-in")).root.xpath("//input[@name='csrf_token']/@value")[0]
    )


def test_no_form_is_taken_without_its_token(app: Flask, visit: Visit) -> None:
    """Every route that changes something refuses a request that another site could have made."""
    visitor = visit("head_of_quality_assurance")
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or set()) and not audiences_of(app, rule.endpoint) & FOR_PROGRAMS:
            answer = visitor.client.post(address(app, rule))
            assert 400 == answer.status_code, rule.endpoint
            assert "open too long" in answer.text


def test_a_wrong_password_never_says_whether_the_person_exists(app: Flask, house: House) -> None:
    """A stranger's name and a colleague's wrong password are answered with the same page."""
    answers = []
    for login in (house.login("iro"), "nobody.at.all"):
        visitor = Visitor(app)
        page = visitor.send(
            visitor.get("/sign-in").form(), {"login": login, "password": "not the password"}, status=403
        )
        answers.append((page.heading, page.problems()))

    assert answers[0] == answers[1]
    assert ["The authority, name or password is not right. Check them and try again."] == answers[0][1]


def test_too_many_wrong_passwords_make_the_right_one_wait(app: Flask, house: House) -> None:
    """After some failures even the right password is looked at later, so that guessing takes years."""
    visitor, login = Visitor(app), house.login("iro")
    for _ in range(FREE["account"]):
        visitor.send(visitor.get("/sign-in").form(), {"login": login, "password": "wrong wrong wrong"}, status=403)

    page = visitor.send(visitor.get("/sign-in").form(), {"login": login, "password": PASSWORD}, status=429)

    assert "Too many sign-ins failed." in page.problems()[0]


def test_signing_in_leads_where_a_person_was_going_and_nowhere_else(app: Flask, house: House) -> None:
    """The page asked for comes back after signing in; an address of another site never does."""
    for wanted, reached in (
        ("/cases", "/cases"),
        ("//evil.example/x", "/tasks"),
        ("https://evil.example", "/tasks"),
        ("/\\evil.example", "/tasks"),
    ):
        visitor = Visitor(app)
        form = visitor.get("/sign-in").form()
        token = form.fields["csrf_token"]
        data = {"csrf_token": token, "authority": "camden", "login": house.login("iro"), "password": PASSWORD}
        answer = visitor.client.post("/sign-in", data={**data, "next": wanted}, follow_redirects=True)
        assert reached == answer.request.path


def test_a_session_ends_after_an_hour_without_a_page(house: House, app: Flask, visit: Visit) -> None:
    """Whoever was away too long signs in again."""
    visitor = visit("social_worker")
    change_sessions(house, seen=datetime.now(UTC) - timedelta(minutes=61))
    page = visitor.get("/accessibility")
    with visitor.client.session_transaction() as session:
        assert "token" not in session
    assert not page.root.xpath("//button[normalize-space()='Sign out']")


def test_what_was_being_written_survives_a_session_that_ended(house: House, app: Flask, visit: Visit) -> None:
    """The form of somebody signed out meanwhile is not taken; after signing in again its words stand there."""
    case_id = house.open_case()
    house.start(case_id)
    place = f"/cases/{case_id}/tasks/{house.task(case_id, 'raise_discharge_ground')}"
    visitor = visit("social_worker")
    token = visitor.get(place).form().fields["csrf_token"]
    change_sessions(house, since=datetime.now(UTC) - timedelta(hours=11))

    answer = visitor.client.post(place, data={"csrf_token": token, "evidence": "A long thought about the child."})

    assert "/sign-in" in answer.headers["Location"]
    visitor.sign_in(house.login("social_worker"))
    assert "A long thought about the child." in visitor.get(place).source


def test_roles_taken_away_are_gone_at_the_next_page(house: House, visit: Visit) -> None:
    """The session holds no roles: each request reads the person afresh."""
    visitor = visit("iro")
    person = house.store.people.find("camden", house.person("iro").id)
    assert person is not None
    left = Person(person.person, person.sign_in, person.name, person.email, person.secret, active=False)
    house.store.people.put("camden", left, at=house.clock.now())

    answer = visitor.client.get("/tasks")

    assert "/sign-in" in answer.headers["Location"]


def test_a_case_of_nobody_and_of_another_authority_look_the_same(visit: Visit) -> None:
    """What is not this authority's does not exist."""
    page = visit("social_worker").get("/cases/SOU-2026-0001", status=404)

    assert "Page not found" == page.heading


def test_every_answer_carries_the_headers_that_protect(app: Flask) -> None:
    """Pages, files and errors alike: no frames, no sniffing, no foreign scripts, nothing kept."""
    client = app.test_client()
    for place in ("/sign-in", "/nothing-here", "/static/pages.css", "/tasks"):
        with client.get(place) as answer:
            headers = answer.headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert "nosniff" == headers["X-Content-Type-Options"]
        assert "same-origin" == headers["Referrer-Policy"]
    assert "no-store" == client.get("/sign-in").headers["Cache-Control"]
    cookie = app.test_client().get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_browser_that_asks_for_json_gets_a_problem_document(app: Flask) -> None:
    """The same map of errors serves programs: RFC 9457 instead of a page."""
    answer = app.test_client().get("/tasks", headers={"Accept": "application/json"})

    assert 401 == answer.status_code
    assert "application/problem+json" == answer.content_type
    assert {"type": "about:blank", "title": "Sign in", "status": 401, "detail": "Sign in to open this page."} == (
        answer.get_json(force=True)
    )


def test_a_fault_shows_a_reference_and_no_value(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """Something nobody foresaw says sorry and gives a number to quote; its words are nowhere."""
    from webhooks.access import allows

    def broken() -> str:
        raise KeyError("Sam Sample, born 2016-05-09")

    app = house.app()
    app.add_url_rule("/broken", "broken", allows(Audience.ANYONE)(broken))

    answer = app.test_client().get("/broken")

    assert 500 == answer.status_code
    assert "Quote " in answer.text
    assert "Sample" not in answer.text + capsys.readouterr().out


@pytest.mark.parametrize("address", ["/sign-in", "/no-such-page"])
def test_a_service_without_its_styles_says_what_to_build(house: House, tmp_path: Path, address: str) -> None:
    """Where the front end was never built no page can be shown: each address answers with what is to be done."""
    app = create_app(house.casework, Settings(secret=SECRET, secure=False, assets=tmp_path / "never built"))

    answer = app.test_client().get(address)

    assert answer.status_code == 503
    assert "Run: make assets" in answer.text

"""The JSON API: the same casework as the pages, and described by a document that is held against it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from engine.casework.partnerships import SCOPES
from tests.support.house import House
from tests.webhooks.test_access import HOLDERS, ROLES
from tests.webhooks.test_operations import open_incidents, worker_whose_mail_fails
from webhooks.access import Audience, audiences_of
from webhooks.api.described import OPERATIONS, PREFIX, document
from webhooks.api.written import DOCUMENT, written

CASE = "CAM-2026-0417"
ALL = tuple(SCOPES)


@dataclass
class Program:
    """A program that shows a token."""

    app: Flask
    house: House
    token: str

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Ask something; a command gets a key of its own unless it names one."""
        told = {"Authorization": f"Bearer {self.token}"}
        if method == "POST":
            told["Idempotency-Key"] = f"key-{self.house.key()}"
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        client = self.app.test_client()
        return client.open(PREFIX + path, method=method, json=body, headers=told)

    def get(self, path: str) -> Any:
        """Read something that is there."""
        answer = self.ask("GET", path)
        assert 200 == answer.status_code, answer.text
        return answer.get_json()


Programs = Callable[..., Program]


@pytest.fixture
def program(app: Flask, house: House) -> Programs:
    """A token for a person in a role: program('iro'), or for a system: program('auditor', system='reports')."""

    def issued(role: str, *scopes: str, system: str = "", days: int = 30) -> Program:
        by = house.person("system_admin")
        holder, name = ("system", system) if system else ("person", house.person(role).id)
        text = house.casework.partnerships.issue_token(
            by, holder, name, [role] if system else [], scopes or ALL[:4], days
        )
        return Program(app, house, text)

    return issued


@pytest.fixture
def under_way(house: House) -> str:
    """A case in which a pathway runs."""
    house.open_case()
    house.start(CASE)
    return CASE


GROUND = {"ground": "s20_away", "evidence": "Placed under section 20 since February, and settled."}


def test_a_case_goes_from_opening_to_a_completed_task(program: Programs, house: House) -> None:
    """A program opens a case, starts a pathway, reads what is asked and answers it, as its person."""
    worker = program("social_worker")
    roles = {"social_worker": house.person("social_worker").id}
    opened = worker.ask("POST", "/cases", {"case": "CAM-API-1", "facts": {"name": "New Child"}, "roles": roles})
    assert (201, '"1"') == (opened.status_code, opened.headers["ETag"])
    started = worker.ask("POST", "/cases/CAM-API-1/pathways", {"pathway": "camden_route"})
    assert "TaskOpened" in started.get_json()["events"]

    read = worker.get("/cases/CAM-API-1")
    (line,) = read["tasks"]
    task = worker.get(f"/cases/CAM-API-1/tasks/{line['task']}")
    assert {field["key"] for field in task["form"]["fields"]} >= {"ground"}
    place = f"/cases/CAM-API-1/tasks/{line['task']}"
    assert 204 == worker.ask("PUT", f"{place}/draft", {"answers": {"evidence": "So far"}}).status_code
    assert "So far" == worker.get(place)["draft"]["evidence"]
    wrong = worker.ask("POST", f"{place}/complete", {"answers": {"ground": "whim"}})
    assert 422 == wrong.status_code
    assert "ground" in {one["field"] for one in wrong.get_json(force=True)["problems"]}


def test_only_a_token_opens_the_api(program: Programs, app: Flask, visit: Any, under_way: str) -> None:
    """A cookie does not; an ended, expired, changed or missing token does not."""
    place = f"{PREFIX}/cases/{under_way}"
    assert 401 == visit("social_worker").client.get(place).status_code
    answer = app.test_client().get(place)
    assert (401, "Bearer", "application/problem+json") == (
        answer.status_code,
        answer.headers["WWW-Authenticate"],
        answer.content_type,
    )
    one = program("social_worker")
    assert 200 == one.ask("GET", f"/cases/{under_way}").status_code
    one.house.days_pass(31)
    assert 401 == one.ask("GET", f"/cases/{under_way}").status_code


def test_a_token_does_what_it_was_issued_for_and_no_more(program: Programs, under_way: str) -> None:
    """The scope is asked before anything is read."""
    reader = program("social_worker", "cases:read")

    assert 200 == reader.ask("GET", f"/cases/{under_way}").status_code
    assert 403 == reader.ask("GET", "/tasks").status_code
    refused = reader.ask("POST", f"/cases/{under_way}/facts", {"facts": {"child_ref": "X"}, "why": "so"})
    assert 403 == refused.status_code
    assert "cases:write" in refused.get_json(force=True)["detail"]


def test_a_token_opens_what_its_person_may_see(program: Programs, house: House, under_way: str) -> None:
    """Another social worker's case is theirs; another authority's is nobody's; a look is recorded."""
    before = len(list(house.store.readings.of_case("camden", under_way)))
    assert 200 == program("social_worker").ask("GET", f"/cases/{under_way}").status_code
    assert before + 1 == len(list(house.store.readings.of_case("camden", under_way)))
    assert 404 == program("social_worker").ask("GET", "/cases/SOU-2026-0001").status_code


def test_a_command_on_a_case_that_moved_on_is_refused(program: Programs, house: House, under_way: str) -> None:
    """If-Match: what was read must be what is changed."""
    worker = program("social_worker")
    tag = worker.ask("GET", f"/cases/{under_way}").headers["ETag"]
    body = {"facts": {"child_ref": "MOS-1"}, "why": "It was missing."}

    first = worker.ask("POST", f"/cases/{under_way}/facts", body, If_Match=tag)
    second = worker.ask("POST", f"/cases/{under_way}/facts", body, If_Match=tag)

    assert (200, 412) == (first.status_code, second.status_code)
    assert first.headers["ETag"] == worker.ask("GET", f"/cases/{under_way}").headers["ETag"]


def test_the_same_request_again_gets_the_same_answer(program: Programs, house: House, under_way: str) -> None:
    """Idempotency-Key: carried out once; another request under the key is refused; without a key nothing is done."""
    worker = program("social_worker")
    body = {"facts": {"child_ref": "MOS-1"}, "why": "It was missing."}
    first = worker.ask("POST", f"/cases/{under_way}/facts", body, Idempotency_Key="once-and-only")
    revision = house.revision(under_way)

    again = worker.ask("POST", f"/cases/{under_way}/facts", body, Idempotency_Key="once-and-only")
    other = worker.ask("POST", f"/cases/{under_way}/facts", {**body, "why": "?"}, Idempotency_Key="once-and-only")
    none = worker.ask("POST", f"/cases/{under_way}/facts", body, Idempotency_Key="")

    assert (200, first.get_json()) == (again.status_code, again.get_json())
    assert (422, 400) == (other.status_code, none.status_code)
    assert revision == house.revision(under_way)


def test_a_program_is_told_of_a_fact_that_no_pathway_knows(program: Programs, under_way: str) -> None:
    """What is misspelt is kept, as another system may have its own facts, and the answer says that nothing follows."""
    worker, path = program("social_worker"), f"/cases/{under_way}/facts"

    strange = worker.ask("POST", path, {"facts": {"plcement": "home"}, "why": "so"})
    known = worker.ask("POST", path, {"facts": {"child_ref": "MOS-1"}, "why": "so"})

    (warning,) = strange.get_json()["warnings"]
    assert 200 == strange.status_code and "plcement" in warning and "placement" in warning
    assert [] == known.get_json()["warnings"]


def test_lists_come_in_pages(program: Programs, house: House) -> None:
    """Each page gives the cursor of the next; together they hold everything once."""
    for number in range(5):
        house.open_case(f"CAM-PAGE-{number}", name=f"Child {number}", child_ref=f"P{number}")
        house.start(f"CAM-PAGE-{number}")
    worker = program("social_worker")
    for place, wanted in (("/cases", 5), ("/tasks?whose=team", 5), ("/cases/CAM-PAGE-1/history", 2)):
        found: list[Any] = []
        after = ""
        while True:
            page = worker.get(f"{place}{'&' if '?' in place else '?'}limit=2{after}")
            found += page["items"]
            if page["next"] is None:
                break
            after = f"&after={page['next']}"
        assert wanted == len(found) == len({json.dumps(one) for one in found}), place
    for bad in ("!", "e30", "WzFd", "LTE"):
        assert 400 == worker.ask("GET", f"/tasks?after={bad}").status_code


def test_what_is_kept_from_a_system_is_kept_from_its_token(program: Programs, house: House, under_way: str) -> None:
    """A restricted case does not exist for a system that is not named in it."""
    reports = program("auditor", "cases:read", system="reports")
    assert 200 == reports.ask("GET", f"/cases/{under_way}").status_code
    house.casework.restrict_case(
        under_way,
        [house.person(role).id for role in ("social_worker", "conference_chair", "iro", "head_of_quality_assurance")],
        "A colleague's family.",
        by=house.person("head_of_quality_assurance"),
        command_id=house.key(),
    )

    assert 404 == reports.ask("GET", f"/cases/{under_way}").status_code
    assert [] == reports.get("/cases")["items"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("[", 400),
        ("[]", 400),
        ('{"facts": 1}', 422),
        ('{"facts": {}, "why": "x", "more": 1}', 422),
        ('{"facts": {"parents": ["A\\u0000"]}, "why": "x"}', 422),
    ],
)
def test_a_body_that_is_not_what_was_asked_is_refused(
    program: Programs, under_way: str, body: str, status: int
) -> None:
    """In words, with the field; nothing is stored."""
    worker = program("social_worker")
    answer = worker.app.test_client().post(
        f"{PREFIX}/cases/{under_way}/facts",
        data=body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {worker.token}", "Idempotency-Key": "abcdefgh"},
    )

    assert (status, "application/problem+json") == (answer.status_code, answer.content_type)


def test_every_route_of_the_api_is_described_and_every_description_is_a_route(app: Flask) -> None:
    """The document says what there is: every path, method and scope, and who may ask."""
    routes = {
        (method, rule.rule.replace("<int:", "{").replace("<", "{").replace(">", "}"))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(PREFIX) and not rule.rule.endswith("openapi.json")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {(one.method, PREFIX + one.path) for one in OPERATIONS}

    assert routes == described
    assert {one.scope for one in OPERATIONS} <= set(SCOPES)
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(PREFIX) and not rule.rule.endswith("openapi.json"):
            assert frozenset({Audience.PROGRAMS}) == audiences_of(app, rule.endpoint)
            assert getattr(app.view_functions[rule.endpoint], "scope", None) in SCOPES


def test_the_document_is_served_to_anybody(app: Flask) -> None:
    """It says nothing of any case."""
    answer = app.test_client().get(f"{PREFIX}/openapi.json")

    assert json.loads(json.dumps(document())) == answer.get_json()
    assert "3.1.0" == answer.get_json()["openapi"]


def test_the_written_table_is_the_api_as_it_is() -> None:
    """docs/api.md is written anew with `python -m webhooks.api.written` when a route changes."""
    text = DOCUMENT.read_text("utf-8")

    assert text == written(text)


@pytest.fixture
def stopped(house: House) -> tuple[str, int]:
    """A case whose message to the serious incident procedure found nobody, and the number of its incident."""
    house.open_case()
    house.start(CASE, "camden_admin_removal")
    by = house.person("iro")
    house.casework.record_life_event(CASE, "ChildDied", {}, received_on=None, by=by, command_id=house.key())
    worker_whose_mail_fails(house).round()
    (number,) = open_incidents(house)
    return CASE, number


@pytest.mark.parametrize(("what", "given"), [("fact", {"fact": "child_ref", "value": "MOS777"}), ("skip", {})])
def test_incidents_are_repaired_as_on_the_page(
    program: Programs, house: House, stopped: tuple[str, int], what: str, given: dict[str, str]
) -> None:
    """A fact is supplied, or a routine notice skipped, with a reason on the record; nothing else mends a case."""
    case_id, number = stopped
    head, place = program("head_of_quality_assurance"), f"/cases/{case_id}/incidents/{number}"
    why, before = {"why": "They were told by telephone."}, house.revision(case_id)
    assert 409 == head.ask("POST", f"{place}/error", {"code": "nobody_home", **why}).status_code
    assert 422 == head.ask("POST", f"{place}/fact", {"fact": "plan_status", "value": "ENDED", **why}).status_code
    assert head.ask("POST", f"{place}/skip", {"why": " "}).status_code in (409, 422)
    assert before == house.revision(case_id)

    assert 200 == head.ask("POST", f"{place}/{what}", {**given, **why}).status_code

    *_, last = house.store.history("camden", case_id)
    assert ("repair_incident", "head_of_quality_assurance") == (last.command.kind, last.command.role)
    assert number not in open_incidents(house)
    assert house.casework.verify("camden", case_id).certified


@pytest.mark.parametrize("role", ["social_worker", "iro_service_manager", "auditor"])
def test_only_operators_and_the_head_repair(
    program: Programs, house: House, stopped: tuple[str, int], role: str
) -> None:
    """Whoever works the case or checks it repairs nothing over the API, as on the page."""
    case_id, number = stopped
    before = house.revision(case_id)
    asker = program(role)
    why = {"why": "It will do."}
    for what, body in (
        ("fact", {"fact": "child_ref", "value": "X", **why}),
        ("skip", why),
        ("error", {"code": "x", **why}),
    ):
        assert 403 == asker.ask("POST", f"/cases/{case_id}/incidents/{number}/{what}", body).status_code
    assert before == house.revision(case_id)


#: The page that shows or does the same as each thing of the API.
PAGES = {
    "cases": "cases.index",
    "case": "cases.show",
    "deadlines": "cases.show",
    "history": "cases.history",
    "letters": "cases.letters",
    "letter": "cases.letter",
    "letter_pdf": "cases.letter_pdf",
    "open_case": "cases.open_case",
    "record_facts": "cases.record_life_event",
    "record_life_event": "cases.record_life_event",
    "start_pathway": "cases.start",
    "escalations": "escalations.in_tray",
    "answer_escalation": "escalations.answer",
    "incidents": "incidents.index",
    "retry_incident": "incidents.retry",
    "supply_fact": "incidents.supply_fact",
    "skip_notice": "incidents.skip",
    "raise_error": "incidents.raise_error",
    "tasks": "tasks.mine",
    "task": "tasks.show",
    "claim": "tasks.claim",
    "release": "tasks.release",
    "complete": "tasks.complete",
    "draft": "tasks.save",
}
#: Says nothing of any case: which pathways there are stands on several pages.
OF_NO_CASE = {"pathways"}


def test_the_api_is_for_those_whom_the_pages_are_for(app: Flask) -> None:
    """Nothing is read or done with a token that the pages would not show or do in the same roles."""
    assert {one.name for one in OPERATIONS} == set(PAGES) | OF_NO_CASE
    for one in OPERATIONS:
        if one.name in PAGES:
            assert frozenset(one.whom) == audiences_of(app, PAGES[one.name]), one.name


@pytest.mark.parametrize("role", ROLES)
def test_every_route_of_the_api_with_every_scope_and_role(
    program: Programs, house: House, under_way: str, role: str
) -> None:
    """A token without the scope opens nothing of a route; with it, what the role may do and never a fault.

    What neither the person's roles nor a token's scope allow changes nothing.
    """
    tokens = {name: program(role, name) for name in ALL[:4]}
    before = house.revision(under_way)
    for one in OPERATIONS:
        path = one.path.format(case_id=under_way, task=1, number=1)
        body = {} if one.method != "GET" else None
        other = next(name for name in tokens if name != one.scope)
        assert 403 == tokens[other].ask(one.method, path, body).status_code, (role, other, one.path)
        answer = tokens[one.scope].ask(one.method, path, body)
        turned_away = answer.status_code == 403 and "Your roles do not include that" in answer.text
        assert turned_away == (not any(role in HOLDERS[audience] for audience in one.whom)), (role, one.path)
        assert answer.status_code < 500, (role, one.method, path)
        assert answer.status_code != 401
    assert before == house.revision(under_way)


def test_a_program_is_told_of_an_address_in_words_for_programs(program: Programs, under_way: str) -> None:
    """What is not there, and what is asked in a way that is not answered, name what there is, and no page to go to."""
    asking = program("social_worker")

    nowhere, wrong = asking.ask("GET", "/no-such-thing"), asking.ask("DELETE", f"/cases/{under_way}")
    unknown = asking.ask("GET", "/cases/SOU-2026-0001")

    assert [404, 405, 404] == [one.status_code for one in (nowhere, wrong, unknown)]
    assert ["Not found", "Method not allowed", "Not found"] == [
        one.get_json(force=True)["title"] for one in (nowhere, wrong, unknown)
    ]
    assert f"{PREFIX}/openapi.json" in nowhere.get_json(force=True)["detail"]
    assert "DELETE is not answered at this address, which takes GET" in wrong.get_json(force=True)["detail"]
    assert "GET" in wrong.headers["Allow"]
    assert not any("tasks." in one.text for one in (nowhere, wrong, unknown))

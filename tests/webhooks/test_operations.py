"""What operators see and do: dead letters, senders, receivers, tokens, messages out, incidents."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from engine.casework import Casework, Shelf
from engine.work import HandFailed, Work
from tests.support.house import House
from tests.support.sending import System, a_system
from tests.support.visitor import Page, Visitor

Visit = Callable[..., Visitor]
CASE = "CAM-2026-0417"


@pytest.fixture
def mosaic(app: Flask, house: House) -> System:
    """A system that Camden lets send messages, and a case to send them to."""
    house.open_case()
    return a_system(app, house)


def key_of(page: Page) -> str:
    """The key that a page shows."""
    return str(page.root.xpath("//textarea[@id='key']")[0].text)


@pytest.mark.parametrize("path", ["/cases", "/incidents", "/account"])
def test_settings_that_were_changed_stop_the_pages_in_words(house: House, visit: Visit, path: str) -> None:
    """Nobody works under settings that nobody put in force; whoever opens a page reads what is wrong."""
    cookie = visit("system_admin").client.get_cookie("discharge")
    assert cookie is not None
    with house.store.database.engine.begin() as connection:
        connection.exec_driver_sql("update settings set body = cast(replace(body, 'Camden', 'Kamden') as blob)")
    house.casework = Casework(house.store, Shelf(house.store), house.clock)
    visitor = Visitor(house.app())
    visitor.client.set_cookie("discharge", cookie.value)

    page = visitor.get(path, status=409)

    assert "no case may run under them" in page.text


@pytest.mark.parametrize("what", ["senders", "tokens"])
def test_a_key_is_shown_once_and_a_reload_makes_no_other(house: House, visit: Visit, what: str) -> None:
    """The page of a new key is a page of its own: loaded again it has nothing to show, and nothing was made."""
    visitor, admin = visit("system_admin"), house.person("system_admin")
    typed = {
        "senders": {"name": "mosaic", "title": "Mosaic"},
        "tokens": {"holder": "system", "name": "reports", "scopes": ["cases:read"], "days": "30"},
    }[what]
    page = visitor.send(visitor.get(f"/systems/{what}/new").form("/new"), typed)
    secret = key_of(page)
    duties = len(house.casework.partnerships.duties(admin))

    again = visitor.get("/systems/new-key")

    assert secret
    assert secret not in again.source
    assert "shown already" in again.text
    assert duties == len(house.casework.partnerships.duties(admin))
    assert secret not in visitor.get(f"/systems/{what}").source


def test_a_token_wished_for_twice_is_issued_once(house: House, visit: Visit) -> None:
    """A button pressed twice without scripts makes one token, and the second answer says what to do."""
    visitor, admin = visit("system_admin"), house.person("system_admin")
    form = visitor.get("/systems/tokens/new").form("/new")
    typed = {"holder": "system", "name": "reports", "scopes": ["cases:read"], "days": "30"}
    visitor.send(form, typed)

    again = visitor.send(form, typed, status=409)

    assert "You have already sent this" == again.heading
    assert "end it on the list of tokens" in again.text
    assert 1 == len(house.casework.partnerships.tokens(admin))


def test_a_new_key_is_shown_once_and_a_reload_changes_no_key(mosaic: System, house: House, visit: Visit) -> None:
    """The key that was shown goes on working when the page is loaded again."""
    visitor = visit("system_admin")
    first = visitor.get(f"/systems/senders/{mosaic.name}")
    shown = visitor.send(first.form("/key"), {"overlap": "0"})
    keys = house.store.partners.keys("camden", "sender", mosaic.name)

    visitor.get("/systems/new-key")

    assert key_of(shown)
    assert keys == house.store.partners.keys("camden", "sender", mosaic.name)


def test_a_dead_letter_is_attached_to_the_right_case(mosaic: System, house: House, visit: Visit) -> None:
    """The case receives it with its own day of receipt, in the name of the person who attached it, once."""
    mosaic.send(mosaic.event("PlacementChanged", "CAM-2026-0999", data={"placement": "home"}))
    house.days_pass(2)
    visitor = visit("system_admin")
    listed = visitor.get("/dead-letters")
    assert "No case here has this reference. " in listed.text
    assert "placement" not in listed.text

    page = visitor.get(next(href for text, href in listed.links().items() if text.startswith("Look at it")))
    assert "Placement At home" in page.text
    visitor.send(page.form("/attach"), {"case_id": "CAM-2026-0998", "why": "A slip of the pen"}, status=404)
    done = visitor.send(page.form("/attach"), {"case_id": CASE, "why": "A slip of the pen"})

    assert f"Case {CASE} has the message now." in done.text
    *_, last = house.store.history("camden", CASE)
    assert ("record_life_event", house.person("system_admin").id, "system_admin") == (
        last.command.kind,
        last.command.by,
        last.command.role,
    )
    assert b'"received_on":"2026-03-02"' in last.payload
    assert "home" == house.casework.load("camden", CASE).facts["placement"]
    assert "No message waits." in visitor.get("/dead-letters").text
    whats = [duty.what for duty in house.casework.partnerships.duties(house.person("system_admin"))]
    assert ["dead_letter_delivered", "dead_letter_read"] == [what for what in whats if what.startswith("dead")][:2]


def test_a_dead_letter_is_called_in_words_and_its_sender_by_its_title(
    mosaic: System, house: House, visit: Visit
) -> None:
    """Whoever minds them reads what a message tells and which system told it, on the list and on its own page."""
    titles = {
        "OpenCase": "Opening a case, from Mosaic",
        "ChildDied": "Child died, from Mosaic",
        "ChildTurned18": "Child turned 18, from Mosaic",
        "NobodyWaitsForThis": "Nobody waits for this, from Mosaic",
    }
    for name in titles:
        mosaic.send(mosaic.event(name, "CAM-2026-0999", id=f"m-{name}"))
    visitor = visit("system_admin")

    listed = visitor.get("/dead-letters")
    places = listed.root.xpath("//main//a[starts-with(normalize-space(), 'Look at it')]/@href")

    assert set(titles.values()) == {one.text_content() for one in listed.root.xpath("//main//h2")}
    assert set(titles.values()) == {visitor.get(place).heading for place in places}


def test_what_a_dead_letter_says_is_in_words(mosaic: System, visit: Visit) -> None:
    """A day is said as a day; what a sender wrote amiss stands as it came."""
    data = {"date": "2010-01-01", "dob": "yesterday", "placement": {"of": 1}}
    mosaic.send(mosaic.event("PlacementChanged", "CAM-2026-0999", data=data))
    visitor = visit("system_admin")
    listed = visitor.get("/dead-letters")

    page = visitor.get(next(href for text, href in listed.links().items() if text.startswith("Look at it")))

    assert "Date 1 January 2010" in page.text
    assert "Date of birth yesterday" in page.text
    assert '{"of": 1}' in page.text


def test_a_dead_letter_is_dismissed_with_a_reason(mosaic: System, house: House, visit: Visit) -> None:
    """Without a reason it goes on waiting."""
    mosaic.send(mosaic.event("NobodyWaitsForThis", CASE))
    visitor = visit("head_of_quality_assurance")
    listed = visitor.get("/dead-letters")
    page = visitor.get(next(href for text, href in listed.links().items() if text.startswith("Look at it")))

    again = visitor.send(page.form("/dismiss"), {}, status=409)
    assert ["Enter an answer to ‘Why does nothing need to be done?’"] == again.problems()
    done = visitor.send(page.form("/dismiss"), {"no": "It was a test of theirs."})

    assert "No message waits." in done.text
    (duty,) = [
        one
        for one in house.casework.partnerships.duties(house.person("system_admin"))
        if one.what == "dead_letter_dismissed"
    ]
    assert "It was a test of theirs." == duty.why


def test_a_sender_is_added_and_its_key_shown_once(house: House, app: Flask, visit: Visit) -> None:
    """The key works, stands on one page once, and on none after it."""
    visitor = visit("system_admin")
    page = visitor.get("/systems/senders/new")
    wrong = visitor.send(page.form("/new"), {"name": "Not A Name", "title": "Mosaic"}, status=409)
    assert ["Enter a short name of small letters, digits and hyphens."] == wrong.problems()
    added = visitor.send(page.form("/new"), {"name": "mosaic", "title": "Mosaic"})
    key = key_of(added)

    house.open_case()
    system = System(app, house, key)
    assert 202 == system.send(system.event("PlacementChanged", CASE, data={"placement": "home"})).status_code
    for place in ("/systems/senders", "/systems/senders/mosaic", "/messages-out/done"):
        assert key not in visitor.get(place).source
    shown = visitor.get("/systems/senders/mosaic")
    assert "/messages/camden/mosaic" in shown.text
    changed = visitor.send(shown.form("/key"), {"overlap": "1"})
    assert key != key_of(changed)
    ended = visitor.send(shown.form("/end"), {"why": "It was replaced."})
    assert "The sender mosaic has ended." in ended.text
    assert "It was replaced." in visitor.get("/messages-out/done").text


def test_a_receiver_has_a_safe_address(visit: Visit) -> None:
    """HTTPS to a named host, said in words where it is anything else."""
    visitor = visit("system_admin")
    page = visitor.get("/systems/receivers/new")
    fields = {"name": "mosaic", "title": "Mosaic", "address": "http://169.254.169.254/latest"}
    wrong = visitor.send(page.form("/new"), fields, status=409)
    assert ["Enter an address that begins with https://."] == wrong.problems()

    added = visitor.send(page.form("/new"), {**fields, "address": "https://record.camden.example/events"})

    assert key_of(added).startswith("whsec_")
    assert "https://record.camden.example/events" in visitor.get("/systems/receivers/mosaic").text


def test_a_token_is_issued_shown_once_and_ended(house: House, app: Flask, visit: Visit) -> None:
    """No system may complete tasks; an ended token opens nothing."""
    visitor = visit("system_admin")
    page = visitor.get("/systems/tokens/new")
    fields = {"holder": "system", "name": "reports", "roles": ["auditor"], "days": "30"}
    wrong = visitor.send(page.form("/new"), {**fields, "scopes": ["tasks:write"]}, status=409)
    assert ["Choose what it may do; only a person completes tasks."] == wrong.problems()
    issued = visitor.send(page.form("/new"), {**fields, "scopes": ["cases:read"]})
    text = key_of(issued)
    assert house.casework.partnerships.bearer(text) is not None

    listed = visitor.get("/systems/tokens")
    assert text not in listed.source
    visitor.send(listed.form("/end"), {})

    assert house.casework.partnerships.bearer(text) is None


def worker_whose_mail_fails(house: House) -> Work:
    """A worker whose hands cannot write to anybody."""

    def failing(order: object) -> dict[str, str]:
        raise HandFailed("nobody_to_write_to", "Nobody who holds the role mayor has a mail address.", again=False)

    return Work(
        house.store,
        house.casework,
        house.clock,
        name="w",
        job_hands={"mail": failing, "webhook": failing},
        notice_hands={"webhook": lambda notice: [], "document": lambda notice: None},
    )


@pytest.fixture
def stopped(house: House) -> str:
    """A case whose message to the serious incident procedure found nobody to go to."""
    case_id = house.open_case()
    house.start(case_id, "camden_admin_removal")
    by = house.person("iro")
    house.casework.record_life_event(case_id, "ChildDied", {}, received_on=None, by=by, command_id=house.key())
    one = worker_whose_mail_fails(house)
    one.round()
    assert open_incidents(house)
    return case_id


def open_incidents(house: House) -> list[int]:
    """The numbers of the open incidents."""
    return [line.row.number for line in house.casework.incidents(house.person("system_admin"))]


def test_a_routine_notice_is_skipped_with_a_reason(house: House, visit: Visit, stopped: str) -> None:
    """An incident says what stopped, where and since when; the case goes on, and its history says why."""
    visitor = visit("system_admin")
    (number,) = open_incidents(house)
    page = visitor.get(f"/incidents/{stopped}/{number}")
    assert "Hand over to the serious incident procedure" in page.text
    assert "A job that failed; it waits to be done anew." in page.text
    assert "Nobody who holds the role has a mail address." in page.text
    done = visitor.send(page.form("/skip"), {"why_skipped": "They were told by telephone."})

    assert "Done: the case goes on." in done.text
    assert [] == open_incidents(house)
    *_, last = house.store.history("camden", stopped)
    assert "repair_incident" == last.command.kind
    assert b"They were told by telephone." in last.payload
    assert house.casework.verify("camden", stopped).certified
    assert "Incident mended" in visit("social_worker").get(f"/cases/{stopped}/history").text


def test_without_a_reason_nothing_is_skipped(house: House, visit: Visit, stopped: str) -> None:
    """The page asks for it, and the incident stays."""
    visitor = visit("system_admin")
    (number,) = open_incidents(house)

    page = visitor.send(visitor.get(f"/incidents/{stopped}/{number}").form("/skip"), {}, status=409)

    assert "There is a problem" in page.text
    assert [number] == open_incidents(house)


def test_an_error_that_the_diagram_does_not_draw_changes_nothing(house: House, visit: Visit, stopped: str) -> None:
    """The operator is told so in words, and the incident stays as it was."""
    visitor = visit("system_admin")
    (number,) = open_incidents(house)
    before = house.revision(stopped)

    page = visitor.get(f"/incidents/{stopped}/{number}")
    refused = visitor.send(page.form("/error"), {"code": "nobody_home", "why_raised": "It will not come."}, status=409)

    assert "the diagram does not go on from there" in refused.text
    assert (before, [number]) == (house.revision(stopped), open_incidents(house))


def test_a_missing_fact_is_supplied_and_the_step_tried_again(house: House, visit: Visit, stopped: str) -> None:
    """Both in one command, with how it is known."""
    visitor = visit("system_admin")
    (number,) = open_incidents(house)
    page = visitor.get(f"/incidents/{stopped}/{number}?fact=child_ref")

    visitor.send(page.form("/fact"), {"child_ref": "MOS777", "why_known": "The social worker said so."})

    assert "MOS777" == house.casework.load("camden", stopped).facts["child_ref"]
    *_, last = house.store.history("camden", stopped)
    assert ("repair_incident", "system_admin") == (last.command.kind, last.command.role)


def test_a_plan_is_not_ended_by_mending(house: House, visit: Visit, stopped: str) -> None:
    """What only the ending step may write is not offered, and is refused where it is asked for."""
    visitor = visit("system_admin")
    (number,) = open_incidents(house)
    page = visitor.get(f"/incidents/{stopped}/{number}?fact=plan_status")
    assert not page.root.xpath("//option[@value='plan_status']")
    form = visitor.get(f"/incidents/{stopped}/{number}?fact=child_ref").form("/fact")

    answer = visitor.client.post(
        form.get("action"), data={**dict(form.form_values()), "fact_name": "plan_status", "plan_status": "ENDED"}
    )

    assert 404 == answer.status_code
    assert "ACTIVE" == house.casework.load("camden", stopped).facts["plan_status"]


def test_what_nobody_is_told_of_stands_where_an_operator_sees_it(house: House, visit: Visit) -> None:
    """It is not marked as sent; the page says what can be done."""
    house.open_case()
    house.start(CASE, "camden_admin_removal")
    house.clock.advance_by(timedelta(days=40))
    one = worker_whose_mail_fails(house)
    one.round()
    one.round()
    visitor = visit("system_admin")

    page = visitor.get("/messages-out")
    assert re.search(r"\(EscalationRaised\) \d+ messages? since", page.text)
    assert "No receiver is told of EscalationRaised." in page.text
    admin = house.person("system_admin")
    house.casework.partnerships.add_receiver(admin, "reports", "Reports", "https://reports.example/in", [])
    assert "Now there is: send them." in visitor.get("/messages-out").text
    done = visitor.send(page.form("/unaddressed/EscalationRaised/dismiss"), {"why": "No system wants these."})

    assert "dismissed, with your reason." in done.text
    assert "Everything has somebody to go to." in done.text


def test_whoever_keeps_the_service_running_proves_cases_and_reads_none(house: House, visit: Visit) -> None:
    """Operators see that a case stopped and whether it verifies; what happened in it is for auditors and the Head."""
    house.open_case()
    operator, auditor = visit("system_admin"), visit("auditor")
    for path in (f"/cases/{CASE}/film", f"/cases/{CASE}/film/table", "/audit/find", "/audit/register", "/audit/looks"):
        operator.get(path, status=403)
        auditor.get(path)

    home = operator.get("/audit")
    verified = operator.send(home.form("/verify"))

    assert not {"Find", "Register", "Who looked"} & home.links().keys()
    assert not [address for address in verified.links().values() if address.endswith("/film")]

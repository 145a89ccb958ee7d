"""Messages in: signed, taken once, and never lost."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.support.house import LOOKED_AFTER, House
from tests.support.sending import System, a_system

CASE = "CAM-2026-0417"
KNOWN = {"name": LOOKED_AFTER["name"], "dob": LOOKED_AFTER["dob"]}
UNBORN_18 = {"name": "Nobody yet", "unborn": True, "turned_18": True}
MOVED = {"placement": "home", "date": "2026-03-01"}


@pytest.fixture
def mosaic(app: Flask, house: House) -> System:
    """A system that Camden lets send messages, and a case to send them to."""
    house.open_case()
    return a_system(app, house)


def kinds(house: House, case_id: str = CASE) -> list[str]:
    """The kinds of commands in a case's history."""
    return [entry.command.kind for entry in house.store.history("camden", case_id)]


def test_a_life_event_is_recorded_and_reaches_everything_that_runs(mosaic: System, house: House) -> None:
    """The child's death, told by another system, interrupts the pathway that runs; who told it is on record."""
    house.start(CASE)

    answer = mosaic.send(mosaic.event("ChildDied", CASE, data={"date": "2026-03-01"}))

    assert (202, "taken", CASE) == (answer.status_code, answer.json["state"], answer.json["case"])
    *_, last = house.store.history("camden", CASE)
    assert ("record_life_event", "sender:mosaic", None) == (last.command.kind, last.command.by, last.command.role)
    case = house.casework.load("camden", CASE)
    assert (True, "2026-03-01") == (case.facts["deceased"], case.facts["date_of_death"])
    told = next(body for kind, body in json.loads(last.events) if kind == "LifeEventRecorded")
    assert [1] == [case.running[number].number for number in told["delivered_to"]]


def test_the_history_names_the_system_that_told_and_not_its_id(mosaic: System, house: House) -> None:
    """A system is called by its title; one of which nothing is kept any more, as a system by its short name."""
    mosaic.send(mosaic.event("ChildDied", CASE, data={"date": "2026-03-01"}))

    *_, last = house.casework.case(house.person("social_worker"), CASE).timeline
    names = house.casework._names("camden", {"sender:mosaic", "sender:gone-f361"})

    assert ("sender:mosaic", "Mosaic") == (last.by, last.by_name)
    assert "the system gone-f361" == names["sender:gone-f361"]


@pytest.mark.parametrize(
    "told",
    [
        {"data": {"date": "2026-02-27"}},
        {"data": {"date_of_death": "2026-02-27"}},
        {"data": {"occurred_on": "2026-02-27"}},
        {"time": "2026-02-27T14:00:00Z"},
    ],
    ids=str,
)
def test_a_child_died_on_the_day_that_the_message_says(mosaic: System, house: House, told: dict[str, Any]) -> None:
    """By whichever name it is told, the day of death is never the day on which the message came (docs/messages.md)."""
    mosaic.send(mosaic.event("ChildDied", CASE, **told))

    assert "2026-02-27" == house.casework.load("camden", CASE).facts["date_of_death"]


def test_another_day_of_death_told_later_comes_before_the_head(mosaic: System, house: House, visit: Any) -> None:
    """The first report stands, the second is in the history with its day, and a person decides which is right."""
    mosaic.send(mosaic.event("ChildDied", CASE, data={"occurred_on": "2026-02-27"}))

    before = len(house.casework.load("camden", CASE).escalations)
    mosaic.send(mosaic.event("ChildDied", CASE, id="m-2", data={"occurred_on": "2026-02-26"}))

    case = house.casework.load("camden", CASE)
    assert "2026-02-27" == case.facts["date_of_death"]
    assert ["ChildDied"] == [raised.code for raised in list(case.escalations.values())[before:]]
    page = visit("head_of_quality_assurance").get(f"/cases/{CASE}/history")
    assert "26 February 2026" in page.text and "27 February 2026" in page.text


def test_the_same_message_again_gets_the_same_answer_and_changes_nothing(mosaic: System, house: House) -> None:
    """A sender that did not hear our answer sends again; it may sign anew."""
    event = mosaic.event("PlacementChanged", CASE, data=MOVED)
    first = mosaic.send(event)
    before = kinds(house)

    house.clock.advance_by(timedelta(minutes=1))
    second = mosaic.send(event, webhook_id="w-2")

    assert (first.status_code, first.json) == (second.status_code, second.json)
    assert before == kinds(house)


def test_another_message_under_a_used_id_is_refused(mosaic: System, house: House) -> None:
    """The first one stands; the sender is told in words."""
    mosaic.send(mosaic.event("PlacementChanged", CASE, data=MOVED))
    before = kinds(house)

    answer = mosaic.send(mosaic.event("PlacementChanged", CASE, data={**MOVED, "placement": "away_kin"}))

    assert 409 == answer.status_code
    assert "application/problem+json" == answer.content_type
    assert "said something else" in answer.get_json(force=True)["detail"]
    assert before == kinds(house)


@pytest.mark.parametrize(
    "forged",
    [
        {"secret": "whsec_" + "QUFB" * 11},
        {"sign": "another body"},
        {"headers": {"webhook-signature": "v1,AAAA"}},
        {"headers": {"webhook-signature": ""}},
        {"headers": {"webhook-timestamp": "now"}},
        {"headers": {"webhook-timestamp": "999999999999"}},
        {"headers": {"webhook-id": "other"}},
    ],
    ids=["other key", "other body", "no signature", "empty", "no time", "after all time", "other id"],
)
def test_a_forged_message_is_refused(mosaic: System, house: House, forged: dict[str, Any]) -> None:
    """A message that its sender did not sign as it is changes nothing, and is not kept."""
    before = kinds(house)

    answer = mosaic.send(mosaic.event("ChildDied", CASE), **forged)

    assert 401 == answer.status_code
    assert "application/problem+json" == answer.content_type
    assert before == kinds(house)
    assert [] == house.store.inbox.dead_letters("camden")


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_stale_message_is_refused(mosaic: System, house: House, minutes: int) -> None:
    """A recording played again later, or signed ahead of time, is not taken."""
    mosaic.ahead = timedelta(minutes=minutes)

    answer = mosaic.send(mosaic.event("ChildDied", CASE))

    assert 401 == answer.status_code
    assert "five minutes" in answer.get_json(force=True)["detail"]
    assert "record_life_event" not in kinds(house)


def test_nobody_can_ask_whether_a_sender_exists(mosaic: System) -> None:
    """A stranger's name and authority are answered as a wrong key is."""
    answers = []
    for name, authority in (("mosaic", "camden"), ("nobody", "camden"), ("mosaic", "atlantis")):
        mosaic.name, mosaic.authority = name, authority
        answer = mosaic.send(mosaic.event("ChildDied", CASE), secret="whsec_" + "QUFB" * 11)
        answers.append((answer.status_code, answer.get_json(force=True)))

    assert answers[0] == answers[1] == answers[2]


def test_both_keys_work_while_one_is_changed_for_the_other(mosaic: System, house: House) -> None:
    """No message is lost when a key is changed; the old one ends at the hour agreed."""
    by = house.person("system_admin")
    new = house.casework.partnerships.rotate(by, "sender", "mosaic", overlap=timedelta(hours=1))
    event = mosaic.event("PlacementChanged", CASE, data=MOVED)

    assert 202 == mosaic.send(event).status_code
    assert 202 == mosaic.send({**event, "id": "m-2"}, secret=new).status_code
    house.clock.advance_by(timedelta(hours=1))
    assert 401 == mosaic.send({**event, "id": "m-3"}).status_code
    assert 202 == mosaic.send({**event, "id": "m-4"}, secret=new).status_code


def test_a_sender_that_was_ended_is_not_heard(mosaic: System, house: House) -> None:
    """Ending takes effect with the next message."""
    house.casework.partnerships.end(house.person("system_admin"), "sender", "mosaic", "it was replaced")

    assert 401 == mosaic.send(mosaic.event("ChildDied", CASE)).status_code


def test_a_message_that_is_too_large_is_not_read(mosaic: System) -> None:
    """It is turned away by its size, before its signature is looked at."""
    answer = mosaic.send(mosaic.event("ChildDied", CASE, data={"text": "x" * 300_000}), secret="whsec_" + "QUFB" * 11)

    assert 413 == answer.status_code
    assert "application/problem+json" == answer.content_type


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"specversion": "0.3"}, "specversion"),
        ({"id": 7}, "id is missing"),
        ({"id": "x" * 129}, "id is missing"),
        ({"type": "two words"}, "type is missing"),
        ({"source": ""}, "source is missing"),
        ({"time": "yesterday"}, "time must be"),
        ({"time": "2026-03-02T09:00:00"}, "time must be"),
        ({"data": ["a list"]}, "data must be"),
        ({"data_base64": "AAAA"}, "data_base64"),
        ({"subject": "../../etc"}, "subject must be"),
        ({"data": {"a": 2**70}}, "64 bits"),
    ],
    ids=str,
)
def test_what_is_no_cloud_event_is_refused_in_words(mosaic: System, change: dict[str, Any], said: str) -> None:
    """The sender's programmer is told what to mend; nothing is stored."""
    answer = mosaic.send(mosaic.event("ChildDied", CASE) | change)

    assert 400 == answer.status_code
    assert said in answer.get_json(force=True)["detail"]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[",
        "[]",
        '"text"',
        "nul",
        '{"type": "PlacementChanged", "type": "ChildDied"}',
        '{"id": "\\ud800"}',
        '{"id": NaN}',
        '{"a":' * 30 + "1" + "}" * 30,
    ],
)
def test_what_is_no_json_object_is_refused(mosaic: System, body: str) -> None:
    """Hostile or broken bodies are a 400, never a fault."""
    answer = mosaic.send_raw(body, {"Content-Type": "application/cloudevents+json"})

    assert 400 == answer.status_code


def test_data_that_nests_too_deep_is_refused(mosaic: System) -> None:
    """Nothing is kept that no form could hold."""
    deep: Any = 1
    for _ in range(30):
        deep = {"a": deep}

    assert 400 == mosaic.send(mosaic.event("ChildDied", CASE, data=deep)).status_code


def test_a_batch_is_refused_whole(mosaic: System, house: House) -> None:
    """Every message gets an answer of its own, so that none of a batch is half taken."""
    event = mosaic.event("ChildDied", CASE)

    answer = mosaic.send_raw(json.dumps([event]), {"Content-Type": "application/cloudevents-batch+json"})

    assert 415 == answer.status_code
    assert "one by one" in answer.get_json(force=True)["detail"]
    assert "record_life_event" not in kinds(house)


def binary(event: dict[str, Any]) -> dict[str, str]:
    """The attributes of an event as headers."""
    named = {f"ce-{name}": str(value) for name, value in event.items() if name != "data"}
    return {"Content-Type": "application/json"} | named


def test_binary_mode_is_for_those_who_were_allowed_it(app: Flask, house: House) -> None:
    """Its headers are not covered by the signature: an operator decides who may use it, and the id is bound to it."""
    house.open_case()
    allowed = a_system(app, house, binary=True)
    event = allowed.event("PlacementChanged", CASE, data=MOVED)
    body = json.dumps(MOVED)

    assert 400 == allowed.send_raw(body, binary(event), webhook_id="another").status_code
    assert 202 == allowed.send_raw(body, binary(event), webhook_id="m-1").status_code
    assert "home" == house.casework.load("camden", CASE).facts["placement"]
    changed = binary({**event, "type": "ChildDied"})
    assert 409 == allowed.send_raw(body, changed, webhook_id="m-1").status_code


def test_binary_mode_is_refused_to_others(mosaic: System, house: House) -> None:
    """A sender signs everything it says, unless an operator decided otherwise."""
    event = mosaic.event("PlacementChanged", CASE, data=MOVED)

    assert 415 == mosaic.send_raw(json.dumps(MOVED), binary(event), webhook_id="m-1").status_code


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"subject": "CAM-2026-9999"}, "case_unknown"),
        ({"subject": "SOU-2026-0001"}, "case_unknown"),
        ({"subject": None}, "unclear"),
        ({"type": "NobodyWaitsForThis"}, "nobody_waits"),
        ({"type": "OpenCase", "subject": "CAM-2026-9998", "data": {"facts": UNBORN_18}}, "contradicts"),
        ({"type": "OpenCase", "data": {"facts": {"name": "New Child"}}}, "case_exists"),
        ({"type": "OpenCase", "subject": "CAM-2026-9998"}, "facts_refused"),
        ({"type": "OpenCase", "subject": "CAM-2026-9998", "data": {"facts": KNOWN}}, "known_child"),
    ],
    ids=str,
)
def test_what_finds_no_case_is_kept_for_a_person(
    mosaic: System, house: House, change: dict[str, Any], reason: str
) -> None:
    """The sender need not send it again: a person sees it, with the reason, and the case is as it was."""
    before = kinds(house)
    event = mosaic.event("ChildDied", CASE) | change
    event = {name: value for name, value in event.items() if value is not None}

    answer = mosaic.send(event)
    again = mosaic.send(event)

    assert (202, "set_aside", reason) == (answer.status_code, answer.json["state"], answer.json["reason"])
    assert answer.json == again.json
    assert before == kinds(house)
    (letter,) = house.store.inbox.dead_letters("camden")
    assert (reason, "m-1", "mosaic mosaic/camden") == (letter.reason, letter.message, letter.source)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"type": "PlacementChanged", "data": {"placement": "on the moon"}}, "facts_refused"),
        ({"type": "ChildTurned18"}, "refused"),
        ({"data": {"date": "1999-01-01"}}, "contradicts"),
        ({"data": {"date": "2027-01-01"}}, "contradicts"),
        ({"type": "LegalStatusChanged", "data": {"unborn": True}}, "contradicts"),
        ({"data": {"received_on": "2026-13-01"}}, "unclear"),
        ({"data": {"received_on": "2027-01-01"}}, "unclear"),
    ],
    ids=str,
)
def test_a_life_event_that_cannot_be_is_in_the_case_as_reported(
    mosaic: System, house: House, change: dict[str, Any], reason: str
) -> None:
    """No fact changes and nothing that runs hears of it; the Head does at once, and a dead letter waits as well."""
    house.start(CASE)
    before = house.casework.load("camden", CASE)
    event = mosaic.event("ChildDied", CASE) | change

    answer = mosaic.send(event)
    again = mosaic.send(event)

    assert (202, "set_aside", reason) == (answer.status_code, answer.json["state"], answer.json["reason"])
    assert answer.json == again.json
    assert [reason] == [letter.reason for letter in house.store.inbox.dead_letters("camden")]
    *_, last = house.store.history("camden", CASE)
    assert ("report_life_event", "sender:mosaic") == (last.command.kind, last.command.by)
    told = next(body for kind, body in json.loads(last.events) if kind == "LifeEventReported")
    assert (event["type"], event["data"], "2026-03-02") == (told["name"], told["payload"], told["received_on"])
    case = house.casework.load("camden", CASE)
    assert (before.facts, before.running, before.desks) == (case.facts, case.running, case.desks)
    died = event["type"] == "ChildDied"
    to = ["head_of_quality_assurance", *(["iro_service_manager"] if died else [])]
    assert to == [raised.to for raised in case.escalations.values()]
    assert house.casework.verify("camden", CASE).certified


@pytest.mark.parametrize(
    ("message", "reported"),
    [
        ({"data": {"received_on": "10/03/2026"}}, True),
        ({"data": {"received_on": "2027-01-01"}}, True),
        ({"data": {"conference_held_on": "2026-02-20", "responsibility_accepted": True}}, True),
        ({"type": "WrittenObjection", "data": {"received_on": "10/03/2026"}}, False),
    ],
    ids=str,
)
def test_what_a_running_pathway_hears_and_cannot_read_holds_the_ending(
    mosaic: System, house: House, message: dict[str, Any], reported: bool
) -> None:
    """A date that cannot be read is no silence: the Head knows, and the step goes on waiting for the right one."""
    house.start(CASE, "camden_transfer_out")
    moved = {"new_la": "Barnet", "move_date": "2026-02-20", "permanent": True, "notified_receiving_on": "2026-03-02"}
    house.complete(CASE, "notify_receiving_authority", "social_worker", moved)
    before = house.casework.load("camden", CASE)

    answer = mosaic.send(mosaic.event("WrittenConfirmation", CASE) | message)

    case = house.casework.load("camden", CASE)
    assert "set_aside" == answer.json["state"]
    assert 1 == len(house.store.inbox.dead_letters("camden"))
    assert (before.running, before.held) == (case.running, case.held)
    assert (["report"] if reported else []) == [raised.source for raised in case.escalations.values()]


def test_a_message_that_its_step_could_not_go_on_with_is_refused_and_the_step_waits_on(
    mosaic: System, house: House
) -> None:
    """No incident holds the step that the right message still has to reach; a person hears of the wrong one."""
    house.start(CASE, "camden_transfer_out")
    moved = {"new_la": "Barnet", "move_date": "2026-02-20", "permanent": True, "notified_receiving_on": "2026-03-02"}
    house.complete(CASE, "notify_receiving_authority", "social_worker", moved)
    letter = house.task(CASE, "request_transfer")
    house.casework.finish_job("camden", CASE, letter, {}, command_id=house.key(), settles=None)
    house.clock.advance_by(timedelta(days=21))
    house.casework.fire_timers("camden", CASE)
    before = house.casework.load("camden", CASE)
    held = {"conference_held_on": "2026-03-20", "responsibility_accepted": True, "document_ref": "D1"}

    wrong = mosaic.send(mosaic.event("WrittenConfirmation", CASE, data={**held, "conference_held_on": "2026-02-30"}))
    after = house.casework.load("camden", CASE)
    right = mosaic.send(mosaic.event("WrittenConfirmation", CASE, id="m-2", data=held))

    assert ("set_aside", "refused") == (wrong.json["state"], wrong.json["reason"])
    assert (before.running, {}) == (after.running, after.held)
    assert ["report"] == [raised.source for raised in after.escalations.values() if raised.source == "report"]
    assert "taken" == right.json["state"]


def test_a_restricted_case_has_what_is_reported_of_it(mosaic: System, house: House) -> None:
    """Nobody outside learns that it is restricted, and nothing that is told of a child is lost for that."""
    head = house.person("head_of_quality_assurance")
    named = [*house.casework.load("camden", CASE).roles.values(), head.id]
    house.casework.restrict_case(CASE, named, "A colleague's family.", by=head, command_id=house.key())

    mosaic.send(mosaic.event("ChildDied", CASE, data={"date": "1999-01-01"}))

    assert "report_life_event" == kinds(house)[-1]


def test_a_report_that_the_dead_letter_missed_is_reported_once(mosaic: System, house: House) -> None:
    """The database fails between the two: the sender sends again, and both are there once."""
    event = mosaic.event("ChildDied", CASE, data={"date": "1999-01-01"})
    with house.store.database.engine.connect() as connection:
        connection.exec_driver_sql("alter table dead_letter rename to away")
        broken = mosaic.send(event)
        connection.exec_driver_sql("alter table away rename to dead_letter")

    assert 500 == broken.status_code
    assert "set_aside" == mosaic.send(event).json["state"]
    assert 1 == kinds(house).count("report_life_event")


def test_a_report_reads_as_one_on_the_case_and_in_the_in_tray(mosaic: System, house: House, visit: Any) -> None:
    """Whoever opens the case sees what was told and that it is no fact; the Head reads what to do now."""
    mosaic.send(mosaic.event("ChildDied", CASE, data={"date": "1999-01-01"}))
    (number, _) = house.casework.load("camden", CASE).escalations

    story = visit("social_worker").get(f"/cases/{CASE}/history").text
    tray = visit("head_of_quality_assurance").get(f"/in-tray/{CASE}/{number}").text

    assert "Reported, and not taken as fact: The child died" in story
    assert "1 January 1999" in story
    assert "not to be taken as it stands" in tray
    assert "no plan of this case ends" in tray


def test_a_reported_message_is_called_in_words_in_the_in_tray(mosaic: System, house: House, visit: Any) -> None:
    """What a pathway hears has no title of its own: its name is spelled out as the history spells it."""
    house.start(CASE, "camden_transfer_out")
    mosaic.send(mosaic.event("WrittenConfirmation", CASE))

    tray = visit("head_of_quality_assurance").get("/in-tray").text

    assert "Written confirmation for" in tray
    assert "WrittenConfirmation" not in tray


def test_a_death_that_was_only_reported_comes_first_as_well(mosaic: System, house: House, visit: Any) -> None:
    """Until somebody has looked it may be a death: before what is overdue and older, on the page and to programs."""
    house.start(CASE, "camden_admin_removal")
    house.days_pass(20)
    house.casework.fire_timers("camden", CASE)
    house.open_case("CAM-2026-0418", name="Kai Example", child_ref="R418")
    house.days_pass(1)
    mosaic.send(mosaic.event("ChildDied", "CAM-2026-0418", data={"date": "1999-01-01"}))

    head = "head_of_quality_assurance"
    rows = visit(head).get("/in-tray").root.xpath("//caption[contains(., 'Put before')]/..//th/a")
    told = [(one.case_id, one.row.source) for one in house.casework.escalations(house.person(head))]

    assert "The child died for Kai Example" == rows[0].text_content()
    assert ("CAM-2026-0418", "report") == told[0]
    assert len(rows) == len(set(told)) > 1


def test_a_message_opens_a_case(mosaic: System, house: House) -> None:
    """OpenCase: the facts as the other system knows them, and a pathway where it names one."""
    facts = {"name": "Alex Newcomer", "dob": "2019-04-01", "legal_status": "none", "placement": "home"}
    roles = {"social_worker": house.person("social_worker").id}
    data = {"facts": facts, "roles": roles, "pathway": "camden_route"}

    answer = mosaic.send(mosaic.event("OpenCase", "CAM-2026-0900", data=data))

    assert (202, "taken", "CAM-2026-0900") == (answer.status_code, answer.json["state"], answer.json["case"])
    case = house.casework.load("camden", "CAM-2026-0900")
    assert ("Alex Newcomer", roles) == (case.facts["name"], case.roles)
    assert ["camden_route"] == [running.pathway for running in case.running.values()]


def test_the_day_a_message_was_received_is_its_senders_where_it_says_so(mosaic: System, house: House) -> None:
    """The day of receipt, not the day of keying, decides whether something was in time."""
    mosaic.send(mosaic.event("PlacementChanged", CASE, data={**MOVED, "received_on": "2026-02-27"}))

    *_, last = house.store.history("camden", CASE)
    assert "2026-02-27" == json.loads(last.payload)["received_on"]


def test_what_happened_later_stays_true_when_the_earlier_arrives_late(mosaic: System, house: House) -> None:
    """Life events told out of order are all recorded and delivered; the newest fact stands."""
    later = mosaic.event("PlacementChanged", CASE, data={"placement": "away_kin", "date": "2026-03-01"})
    earlier = mosaic.event("PlacementChanged", CASE, id="m-2", time="2026-02-20T09:00:00Z", data={"placement": "home"})

    mosaic.send(later)
    answer = mosaic.send(earlier)

    assert "taken" == answer.json["state"]
    assert "away_kin" == house.casework.load("camden", CASE).facts["placement"]
    *_, last = house.store.history("camden", CASE)
    assert {"placement": "2026-03-01"} == json.loads(last.payload)["overtaken"]
    assert house.casework.verify("camden", CASE).certified


def test_a_service_that_cannot_store_says_so_and_takes_the_message_later(mosaic: System, house: House) -> None:
    """Where the database refuses, the sender gets an error it will try again after, and nothing is half taken."""
    event = mosaic.event("PlacementChanged", CASE, data=MOVED)
    with house.store.database.engine.connect() as connection:
        connection.exec_driver_sql("alter table inbound rename to away")
        broken = mosaic.send(event)
        before = kinds(house)
        connection.exec_driver_sql("alter table away rename to inbound")

    assert 500 == broken.status_code
    assert "record_life_event" not in before
    assert "taken" == mosaic.send(event).json["state"]


def test_a_session_opens_no_message(mosaic: System, house: House, visit: Any) -> None:
    """Only a signature does: a person's cookie is not looked at."""
    visitor = visit("system_admin")

    answer = visitor.client.post("/messages/camden/mosaic", data=b"{}")

    assert 401 == answer.status_code


def test_a_signature_of_another_senders_key_is_no_signature(mosaic: System, house: House) -> None:
    """A key belongs to one sender of one authority."""
    other = house.casework.partnerships.add_sender(house.person("system_admin"), "finance", "Finance")

    assert 401 == mosaic.send(mosaic.event("ChildDied", CASE), secret=other).status_code

"""What leaves the house: mail and signed webhooks, under a key that tells a repetition."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from engine.case.confidential import Party
from engine.casework.partnerships import NotAccepted
from engine.execution import JobWait
from engine.history import instant
from engine.work import HandFailed, JobOrder, Work
from tests.support.certificates import a_certificate
from tests.support.house import House
from tests.support.mail import Postbox
from tests.support.receiving import Receiving, receiving
from tests.support.visitor import Visitor
from webhooks.mail import MailServer
from webhooks.outbound import Outgoing, Post, read_outgoing
from webhooks.receivers import checked_address, send
from webhooks.words import a_moment

CASE = "CAM-2026-0417"


def order(kind: str, headers: dict[str, str], asked: dict[str, str] | None = None) -> JobOrder:
    """A job as a worker hands it over."""
    return JobOrder(
        "camden", "CAM-2026-0417", "camden:CAM-2026-0417:12", JobWait(12, "tell", kind, headers, asked or {}, 3)
    )


def post(house: House, outgoing: Outgoing) -> Post:
    """The hands of a worker of this house."""
    return Post(outgoing, house.store, house.shelf, house.casework, house.clock)


TELL = {"to_role": "iro_service_manager", "subject": "A plan continues", "text": "Please open the case."}


def test_mail_reaches_whoever_holds_the_role_and_names_no_child(house: House, postbox: Postbox, tmp_path: Path) -> None:
    """A real mail server takes it; the case's reference is all it says about the child."""
    house.open_case()
    hands = post(house, Outgoing(tmp_path, MailServer(postbox.host, postbox.port, "pathways@camden.example")))

    done = hands.mail(order("mail", TELL))

    assert 1 == done["recipients"]
    (message,) = postbox.messages
    assert "katarzyna.wisniewska@camden.example" == message["To"]
    assert "A plan continues" == message["Subject"]
    assert ["Please open the case.", "", "Case CAM-2026-0417"] == message.get_content().splitlines()
    assert "Sample" not in message.as_string()


def test_a_letter_job_makes_the_paper_of_what_a_person_sent(house: House, tmp_path: Path) -> None:
    """The machine sends no letter: it makes the paper of one that a person has sent, and fails where there is none."""
    case = house.open_case(legal_status="s20", placement="away_foster", s20_stable=True)
    hands = post(house, Outgoing(tmp_path))
    asked = order("letter", {"letter": "administrative_removal"})

    with pytest.raises(HandFailed, match="No letter administrative_removal has been sent"):
        hands.letter(asked)
    today = house.clock.now().date().isoformat()
    house.start(case, "camden_admin_removal")
    agreed = {"no_longer_at_risk": True, "plan_no_longer_required": True, "agree": True, "reasons": "Both are met."}
    house.complete(case, "agree_s20_removal", "cp_service_manager", agreed)
    decided = {"decision": "discharge", "reasons": "On the facts.", "decided_on": today}
    house.complete(case, "decide_admin_removal", "iro_service_manager", decided)
    drafted = {
        "reason_code": "S20_AWAY",
        "network_recipients": ["School"],
        "parent_recipients": ["The mother"],
        "text": "The plan ends under section 20.",
    }
    house.complete(case, "draft_removal_letter", "conference_chair", drafted)
    closed = {"episode_ref": "CP-1", "end_date": today, "end_reason": "Removal"}
    house.complete(case, "end_cp_episode", "conference_chair", closed)
    sent = {"sent_on": today, "channel": "post", "recipients_confirmed": True}
    house.complete(case, "send_removal_letter", "social_worker", sent)
    done = hands.letter(asked)

    paper = house.store.papers.read("camden", case, done["document"])
    assert ("application/pdf", b"%PDF") == (paper.media_type, paper.body[:4])


def test_mail_tried_again_carries_the_same_message_id(house: House, postbox: Postbox, tmp_path: Path) -> None:
    """A server that is busy is tried again later; a repetition can be told by its id."""
    hands = post(house, Outgoing(tmp_path, MailServer(postbox.host, postbox.port, "pathways@camden.example")))
    postbox.refuse = True
    with pytest.raises(HandFailed) as failed:
        hands.mail(order("mail", TELL))
    assert failed.value.again
    assert failed.value.down
    postbox.refuse = False

    hands.mail(order("mail", TELL))
    hands.mail(order("mail", TELL))

    assert 1 == len({message["Message-ID"] for message in postbox.messages})


def test_without_a_mail_server_the_mail_lies_ready_in_a_folder(house: House, tmp_path: Path) -> None:
    """Nothing is thrown away: the whole message waits for whoever carries it, once however often it is written."""
    hands = post(house, Outgoing(tmp_path / "post"))
    hands.mail(order("mail", TELL))
    hands.mail(order("mail", TELL))

    (file,) = (tmp_path / "post").iterdir()
    assert "A plan continues" == message_from_bytes(file.read_bytes())["Subject"]


def test_mail_to_a_role_that_nobody_holds_fails_aloud(house: House, tmp_path: Path) -> None:
    """A notice to nobody is no notice."""
    with pytest.raises(HandFailed, match="Nobody who holds the role mayor"):
        post(house, Outgoing(tmp_path)).mail(order("mail", {"to_role": "mayor"}))


def test_without_server_and_folder_no_mail_counts_as_sent(house: House) -> None:
    """An installation that was told of neither stops there, where an operator sees it."""
    with pytest.raises(HandFailed) as failed:
        post(house, Outgoing()).mail(order("mail", TELL))

    assert ("no_mail_server", False) == (failed.value.code, failed.value.again)


@pytest.fixture
def mosaic(house: House) -> Iterator[Receiving]:
    """A receiver on this machine, which only a demonstration may tell anything, and a case to be told of."""
    house.store.upkeep.make_demonstration()
    house.open_case()
    with receiving() as found:
        yield found


def told(house: House, mosaic: Receiving, *topics: str, name: str = "mosaic") -> str:
    """Add the receiver; its key."""
    by = house.person("system_admin")
    return house.casework.partnerships.add_receiver(by, name, name.title(), mosaic.address, topics)


INCIDENT = {"message": "SeriousIncident"}


def test_a_webhook_is_a_signed_cloud_event_with_the_same_id_every_time(house: House, mosaic: Receiving) -> None:
    """Whoever receives it can verify who sent it, and tell a repetition."""
    secret = told(house, mosaic)
    hands = post(house, Outgoing())
    mosaic.answer = 503
    with pytest.raises(HandFailed):
        hands.report(order("webhook", INCIDENT, {"case_id": CASE}))
    mosaic.answer = 204
    for _ in range(2):
        hands.report(order("webhook", INCIDENT, {"case_id": CASE}))

    assert 2 == len(mosaic.told)
    assert 1 == len({headers["webhook-id"] for headers, _ in mosaic.told})
    headers, body = mosaic.told[0]
    event = mosaic.events[0]
    assert ("SeriousIncident", CASE, {"case_id": CASE}) == (event["type"], event["subject"], event["data"])
    # The receiver judges it by the clock on its own wall, as one of a demonstration does.
    assert Webhook(secret).verify(body, headers)


def test_while_a_key_is_changed_messages_carry_both_signatures(house: House, mosaic: Receiving) -> None:
    """A receiver that has the old key, and one that has the new, both verify."""
    old = told(house, mosaic)
    by = house.person("system_admin")
    new = house.casework.partnerships.rotate(by, "receiver", "mosaic", overlap=timedelta(days=1))

    post(house, Outgoing()).report(order("webhook", INCIDENT))

    headers, body = mosaic.told[0]
    signed_at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    signed = {Webhook(key).sign(headers["webhook-id"], signed_at, body) for key in (old, new)}
    assert signed == set(headers["webhook-signature"].split())


@pytest.mark.parametrize(
    ("answer", "again", "down"),
    [(400, True, False), (500, True, True), (429, True, True), (410, False, False), (302, False, False)],
)
def test_whatever_is_no_success_is_none(house: House, mosaic: Receiving, answer: int, again: bool, down: bool) -> None:
    """An error of the other side never looks like success; one that says it is gone, or leads away, is not tried on."""
    told(house, mosaic)
    mosaic.answer, mosaic.headers = answer, {"Location": mosaic.address}

    with pytest.raises(HandFailed) as failed:
        post(house, Outgoing()).report(order("webhook", INCIDENT))

    assert (again, down) == (failed.value.again, failed.value.down)
    assert 1 == len(mosaic.told)


def test_a_message_for_nobody_does_not_count_as_sent(house: House) -> None:
    """A diagram's message that no receiver is told of stops there, where an operator sees it."""
    house.open_case()
    with pytest.raises(HandFailed) as failed:
        post(house, Outgoing()).report(order("webhook", INCIDENT))

    assert ("nobody_to_send_to", False) == (failed.value.code, failed.value.again)


def test_what_is_kept_from_a_system_is_not_told_to_it(house: House, mosaic: Receiving) -> None:
    """A fact marked as kept from a receiver never leaves in a message."""
    told(house, mosaic)
    by = house.person("social_worker")
    kept_from = [Party("system", "mosaic")]
    house.casework.mark_confidential(CASE, "placement", kept_from, "At risk.", by=by, command_id=house.key())

    post(house, Outgoing()).report(order("webhook", INCIDENT, {"placement": "away_foster", "case_id": CASE}))

    assert CASE == mosaic.events[0]["data"]["case_id"]
    assert "away_foster" not in mosaic.told[0][1]


@pytest.mark.parametrize(
    "address",
    [
        "http://record.council.example/events",
        "http://localhost.council.example/x",
        "https://user:secret@record.council.example/",
        "https:///events",
        "ftp://record.council.example/",
        "file:///etc/passwd",
        "https://record.council.example:99999/",
        "https://record.council.example/#part",
        "https://record council.example/",
        "https://[::1",
    ],
)
def test_an_address_that_is_not_safe_is_not_kept(address: str) -> None:
    """HTTPS to a named host and nothing else."""
    with pytest.raises(NotAccepted):
        checked_address(address, demonstration=True)


def test_only_a_demonstration_tells_this_machine_anything() -> None:
    """What only this machine can reach is not reached for anybody who can write an address."""
    assert "http://localhost:1/x" == checked_address("http://localhost:1/x", demonstration=True)
    with pytest.raises(NotAccepted):
        checked_address("http://localhost:1/x", demonstration=False)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "169.254.169.254", "0.0.0.0", "[::ffff:127.0.0.1]", "2130706433"]
)
def test_a_name_that_leads_to_this_machine_is_not_followed(house: House, host: str) -> None:
    """However it is written, and whatever a name server says."""
    with pytest.raises(HandFailed) as failed:
        send(f"https://{host}/", ["whsec_QUFB"], "k", "{}", house.clock.now(), demonstration=False)

    assert ("receiver_not_safe", False) == (failed.value.code, failed.value.again)


def test_a_receiver_shows_a_certificate_that_is_trusted(house: House, tmp_path: Path) -> None:
    """Encrypted to a stranger is not safe: the certificate is checked against the name."""
    shown, context = a_certificate(tmp_path)
    with receiving(context) as found:
        now = house.clock.now()
        with pytest.raises(HandFailed, match="SSLCertVerificationError"):
            send(found.address, ["whsec_QUFB"], "k", "{}", now, demonstration=True)
        trust = ssl.create_default_context(cafile=shown)
        send(found.address, ["whsec_QUFB"], "k", "{}", now, demonstration=True, trust=trust)

    assert ["k"] == [headers["webhook-id"] for headers, _ in found.told]


def worker(house: House, mail: MailServer | None) -> Work:
    """A worker of this house with the real hands."""
    hands = post(house, Outgoing(mail=mail))
    return Work(
        house.store,
        house.casework,
        house.clock,
        name="worker-1",
        job_hands=hands.job_hands(),
        notice_hands=hands.notice_hands(),
    )


def goes_round(house: House, one: Work, hours: float, minutes: int = 5) -> None:
    """A worker goes round every few minutes for so long."""
    for _ in range(int(hours * 60 / minutes)):
        one.round()
        house.clock.advance_by(timedelta(minutes=minutes))


def test_what_could_not_be_sent_for_an_hour_is_sent_once_when_the_others_are_back(
    house: House, mosaic: Receiving, postbox: Postbox
) -> None:
    """A mail server and a receiver down for an hour: nothing is lost, and each thing arrives once, under one id."""
    told(house, mosaic)
    with receiving() as finance:
        told(house, finance, name="finance")
        house.start(CASE, "camden_admin_removal")
        mosaic.answer, postbox.refuse = None, True
        one = worker(house, MailServer(postbox.host, postbox.port, "pathways@camden.example"))
        died = house.casework.record_life_event(
            CASE, "ChildDied", {"date": "2026-03-01"}, received_on=None, by=house.person("iro"), command_id=house.key()
        )
        assert died.events

        goes_round(house, one, 1)
        assert [] == mosaic.told
        assert finance.told
        mosaic.answer, postbox.refuse = 204, False
        goes_round(house, one, 2)

    for heard in (mosaic, finance):
        ids = [headers["webhook-id"] for headers, _ in heard.told]
        assert len(ids) == len(set(ids))
    assert {event["id"] for event in mosaic.events} == {event["id"] for event in finance.events}
    assert [] == house.store.upkeep.notices("camden", "dead")
    assert [] == house.store.upkeep.notices("camden", "ready")
    assert not [held for held in house.casework.load("camden", CASE).held.values() if held.state == "open"]


def test_an_event_tells_when_it_happened_and_reads_the_same_at_every_try(house: House, mosaic: Receiving) -> None:
    """What comes a day late tells of its own moment, and one id never stands over two bodies."""
    told(house, mosaic, "EscalationRaised")
    house.start(CASE, "camden_admin_removal")
    house.clock.advance_by(timedelta(days=40))
    one = worker(house, None)
    mosaic.answer = 503
    goes_round(house, one, 1, minutes=20)
    mosaic.answer = 204
    goes_round(house, one, 1, minutes=30)

    bodies: dict[str, list[str]] = {}
    for headers, body in mosaic.told:
        bodies.setdefault(headers["webhook-id"], []).append(body)
    happened = {entry.revision: instant(entry.command.at) for entry in house.store.history("camden", CASE)}
    assert bodies
    assert all(1 < len(texts) and 1 == len(set(texts)) for texts in bodies.values())
    assert all(event["time"] == happened[event["data"]["revision"]] for event in mosaic.events)


def test_a_message_of_a_diagram_reads_the_same_at_every_try(house: House, mosaic: Receiving) -> None:
    """Its moment is the one at which its step was reached, however late a worker comes by."""
    told(house, mosaic)
    hands = post(house, Outgoing())
    for _ in range(2):
        hands.report(order("webhook", INCIDENT, {"case_id": CASE}))
        house.clock.advance_by(timedelta(hours=1))

    assert 1 == len({body for _, body in mosaic.told})


def test_after_the_last_try_a_notice_waits_for_a_person(house: House, mosaic: Receiving) -> None:
    """A dead letter is shown, is tried again by a person, and arrives under its own id."""
    told(house, mosaic, "LetterSent", "EscalationRaised")
    one = worker(house, None)
    mosaic.answer = 500
    house.start(CASE, "camden_admin_removal")
    due = house.casework.load("camden", CASE)
    assert due.desks
    goes_round(house, one, 24 * 20, minutes=60 * 4)
    mosaic.answer = 204

    dead = house.store.upkeep.notices("camden", "dead")
    assert dead
    assert {"receiver_refused"} == {line.problem for line in dead}
    by = house.person("system_admin")
    before = len(mosaic.told)
    (handle,) = [one.handle for one in house.casework.partnerships.undelivered(by) if one.key == dead[0].key]
    house.casework.partnerships.send_again(by, handle)
    one.round()

    assert before + 1 <= len(mosaic.told)
    assert dead[0].key not in {line.key for line in house.store.upkeep.notices("camden", "dead")}
    assert "notice_sent_again" in [duty.what for duty in house.casework.partnerships.duties(by)]


def test_an_operator_reads_since_when_a_message_waits_when_it_is_tried_next_and_where_it_goes(
    house: House, mosaic: Receiving, visit: Callable[..., Visitor]
) -> None:
    """The receiver stands under what people call it; the times say whether anything must be done before Monday."""
    by = house.person("system_admin")
    house.casework.partnerships.add_receiver(by, "bi", "Reports of the council", mosaic.address, ["EscalationRaised"])
    mosaic.answer = 500
    house.start(CASE, "camden_admin_removal")
    house.clock.advance_by(timedelta(days=40))
    worker(house, None).round()
    raised, began = house.casework.load("camden", CASE).escalations, house.clock.now()
    house.clock.advance_by(timedelta(minutes=3))
    one = worker(house, None)
    one.round()
    one.round()
    admin = visit("system_admin")

    lines = house.casework.partnerships.on_the_way(by)
    rows = admin.get("/messages-out").root.xpath("//table[contains(., 'Next try')]/tbody/tr")
    said = [" ".join(row.text_content().split()) for row in rows]
    assert len(raised) == len(lines)
    for line, row in zip(lines, said, strict=True):
        assert "to Reports of the council" in row
        assert instant(began) == line.since
        assert line.next_try is not None
        assert instant(house.clock.now()) < line.next_try
        assert f"{a_moment(line.since)} 1{a_moment(line.next_try)}" in row

    house.clock.advance_by(timedelta(hours=1))
    assert "In the worker’s next round" in admin.get("/messages-out").text


def test_a_notice_that_nobody_is_told_of_is_not_marked_as_sent(house: House) -> None:
    """It stands apart until there is somebody, or an operator says that nobody need be told."""
    house.open_case()
    house.start(CASE, "camden_admin_removal")
    one = worker(house, None)
    goes_round(house, one, 24 * 12, minutes=60 * 6)

    (apart,) = house.store.deliveries.unaddressed("camden")
    assert "EscalationRaised" == apart.topic
    by = house.person("system_admin")
    assert apart.count == house.casework.partnerships.dismiss_unaddressed(by, apart.topic, "No system wants these.")
    assert [] == house.store.deliveries.unaddressed("camden")
    assert "No system wants these." == house.casework.partnerships.duties(by)[0].why


def test_a_server_that_is_not_there_is_tried_again(house: House) -> None:
    """Nobody listens on that port: another try may find it better."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(HandFailed) as failed:
        post(house, Outgoing(mail=MailServer("127.0.0.1", port, "a@camden.example"))).mail(order("mail", TELL))

    assert failed.value.down


def test_the_environment_says_how_the_outside_is_reached(tmp_path: Path) -> None:
    """The mail server and the folder of outgoing post come from the environment; a password may come from a file."""
    assert Outgoing() == read_outgoing({})
    (tmp_path / "password").write_text("quiet\n")
    environment = {
        "PATHWAYS_POST": str(tmp_path),
        "PATHWAYS_MAIL_HOST": "mail.example",
        "PATHWAYS_MAIL_TLS": "yes",
        "PATHWAYS_MAIL_USER": "pathways",
        "PATHWAYS_MAIL_PASSWORD_FILE": str(tmp_path / "password"),
        "PATHWAYS_MAIL_CA": str(tmp_path / "council.pem"),
    }
    server = MailServer(
        "mail.example",
        465,
        "discharge-pathways@mail.example",
        "tls",
        "pathways",
        "quiet",
        tmp_path / "council.pem",
    )

    assert Outgoing(tmp_path, server) == read_outgoing(environment)
    plain = read_outgoing({"PATHWAYS_MAIL_HOST": "mail.example", "PATHWAYS_MAIL_STARTTLS": "yes"}).mail
    assert plain is not None
    assert ("starttls", 25) == (plain.security, plain.port)

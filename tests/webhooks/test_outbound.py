"""What leaves the house: mail and signed webhooks, under a key that tells a repetition."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from engine.execution import JobWait
from engine.work import HandFailed, JobOrder
from tests.support.house import House
from tests.support.mail import Postbox
from webhooks.outbound import MailServer, Outgoing, Post, Receiver, read_outgoing

SECRET = "whsec_" + base64.b64encode(b"a secret for tests only!").decode()


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


class _Receiver(BaseHTTPRequestHandler):
    answer = 204
    received: list[tuple[dict[str, str], str]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.answer)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def receiving(answer: int = 204) -> Iterator[tuple[str, list[tuple[dict[str, str], str]]]]:
    """A system that is told things: its address, and what it was told."""
    told: list[tuple[dict[str, str], str]] = []
    handler = type("Receiver", (_Receiver,), {"answer": answer, "received": told})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", told
        server.shutdown()
        thread.join()


def test_a_webhook_is_a_signed_cloud_event_with_the_same_id_every_time(house: House, tmp_path: Path) -> None:
    """Whoever receives it can verify who sent it, and tell a repetition."""
    with receiving() as (address, told):
        hands = post(house, Outgoing(tmp_path, receivers=[Receiver(address, SECRET)]))
        for _ in range(2):
            hands.report(order("webhook", {"message": "SeriousIncident"}, {"case_id": "CAM-2026-0417"}))

    assert 1 == len({headers["webhook-id"] for headers, _ in told})
    headers, body = told[0]
    event = json.loads(body)
    assert ("SeriousIncident", "CAM-2026-0417") == (event["type"], event["subject"])
    assert {"case_id": "CAM-2026-0417"} == event["data"]
    # The receiver's clock is the test house's.
    signed = Webhook(SECRET).sign(headers["webhook-id"], house.clock.now(), body)
    assert signed == headers["webhook-signature"]


@pytest.mark.parametrize("answer", [400, 500])
def test_a_receiver_that_does_not_take_it_is_tried_again(house: House, tmp_path: Path, answer: int) -> None:
    """An error of the other side never looks like success."""
    with receiving(answer) as (address, _):
        hands = post(house, Outgoing(tmp_path, receivers=[Receiver(address, SECRET)]))
        with pytest.raises(HandFailed) as failed:
            hands.report(order("webhook", {"message": "SeriousIncident"}))
    assert failed.value.again


@pytest.mark.parametrize("host", ["council.example", "localhost.council.example", "127.0.0.1.council.example"])
def test_nothing_is_sent_in_clear_over_a_network(house: House, tmp_path: Path, host: str) -> None:
    """A receiver elsewhere is reached over HTTPS or not at all, whatever its name begins with."""
    hands = post(house, Outgoing(tmp_path, receivers=[Receiver(f"http://{host}/hook", SECRET)]))

    with pytest.raises(HandFailed) as failed:
        hands.report(order("webhook", {"message": "SeriousIncident"}))

    assert not failed.value.again


def test_the_environment_says_how_the_outside_is_reached(tmp_path: Path) -> None:
    """Mail server and receivers come from the environment; without them the folder serves."""
    assert Outgoing(tmp_path) == read_outgoing({}, tmp_path)
    environment = {
        "PATHWAYS_MAIL_HOST": "mail.example",
        "PATHWAYS_MAIL_PORT": "587",
        "PATHWAYS_MAIL_STARTTLS": "yes",
        "PATHWAYS_RECEIVERS": f"https://a.example/hook {SECRET}\n\nhttps://b.example/hook {SECRET}",
    }

    assert Outgoing(
        tmp_path,
        MailServer("mail.example", 587, "discharge-pathways@mail.example", True),
        (Receiver("https://a.example/hook", SECRET), Receiver("https://b.example/hook", SECRET)),
    ) == read_outgoing(environment, tmp_path)

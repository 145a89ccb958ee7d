"""What leaves the house: mail, signed webhooks, and the papers made from letters; each is done under its own key.

Where an installation names no mail server or no receiver, mail and webhooks are laid, complete and signed, into the
folder of outgoing post, from which another program may take them. Nothing is ever thrown away in silence.
"""

from __future__ import annotations

import base64
import smtplib
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import orjson
from standardwebhooks import Webhook

from engine.case.letters import recipients_of
from engine.casework import Casework, Shelf
from engine.clock import Clock, london_date
from engine.history import JSON, instant
from engine.letters import letter_pdf
from engine.store import Store
from engine.store.claims import Notice
from engine.store.rows import DocumentRow
from engine.work import HandFailed, JobHand, JobOrder, NoticeHand

#: Receivers on this machine may be told in clear; every other one over HTTPS.
IN_THE_HOUSE = frozenset({("http", "127.0.0.1"), ("http", "localhost")})
#: Seconds that a mail server or a receiver may take to answer.
PATIENCE = 15


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in, and who it comes from."""

    host: str
    port: int
    sender: str
    starttls: bool = False
    user: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class Receiver:
    """A system that is told what happens; `secret` is a Standard Webhooks secret, 'whsec_...'."""

    address: str
    secret: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """How this installation reaches the outside."""

    folder: Path
    mail: MailServer | None = None
    receivers: Sequence[Receiver] = ()


class Post:
    """The hands of a worker that reach outside."""

    def __init__(self, outgoing: Outgoing, store: Store, shelf: Shelf, casework: Casework, clock: Clock) -> None:
        self._outgoing, self._store, self._shelf = outgoing, store, shelf
        self._casework, self._clock = casework, clock

    def job_hands(self) -> Mapping[str, JobHand]:
        """By type of job."""
        return {"letter": self.letter, "mail": self.mail, "webhook": self.report}

    def notice_hands(self) -> Mapping[str, NoticeHand]:
        """By kind of notice."""
        return {"webhook": self.tell, "document": self.paper}

    # ------------------------------------------------------------------ mail

    def mail(self, order: JobOrder) -> Mapping[str, JSON]:
        """Write to everybody who holds a role: that something waits, and in which case; never about whom."""
        headers = order.job.headers
        role = headers.get("to_role", "")
        on = london_date(self._clock.now())
        people = [
            self._store.people.find(order.authority, holding.person)
            for holding in self._store.people.holdings(order.authority, on=on, role=role)
        ]
        addresses = sorted({person.email for person in people if person is not None and person.active and person.email})
        if not addresses:
            raise HandFailed("nobody_to_write_to", f"Nobody who holds the role {role} has a mail address.")
        message = EmailMessage()
        message["From"] = self._outgoing.mail.sender if self._outgoing.mail else "discharge-pathways@localhost"
        message["To"] = ", ".join(addresses)
        message["Subject"] = headers.get("subject", "A case waits for you")
        message["Date"] = format_datetime(self._clock.now())
        message["Message-ID"] = f"<{_short(order.key)}@discharge-pathways>"
        message.set_content(f"{headers.get('text', '')}\n\nCase {order.case_id}\n")
        self._hand_in(message, order.key)
        return {"sent_at": instant(self._clock.now()), "recipients": len(addresses)}

    def _hand_in(self, message: EmailMessage, key: str) -> None:
        server = self._outgoing.mail
        if server is None:
            self._lay_down(f"{_short(key)}.eml", message.as_bytes())
            return
        try:
            with smtplib.SMTP(server.host, server.port, timeout=PATIENCE) as smtp:
                if server.starttls:
                    smtp.starttls()
                if server.user:
                    smtp.login(server.user, server.password)
                smtp.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            raise HandFailed("mail_not_taken", f"The mail server did not take it ({type(error).__name__}).") from error

    # ------------------------------------------------------------------ webhooks

    def report(self, order: JobOrder) -> Mapping[str, JSON]:
        """Hand a message that a diagram sends to every receiver."""
        name = order.job.headers.get("message", order.job.element)
        self._send(order.authority, order.case_id, name, order.key, dict(order.job.input))
        return {"sent_at": instant(self._clock.now())}

    def tell(self, notice: Notice) -> None:
        """Tell every receiver what happened in a case."""
        if self._outgoing.receivers and notice.body is not None:
            claim = notice.claim
            self._send(claim.authority, claim.case_id, notice.topic, claim.key, orjson.loads(notice.body))

    def _send(self, authority: str, case_id: str, name: str, key: str, told: Mapping[str, JSON]) -> None:
        """One CloudEvent, signed for each receiver; the same key at every try."""
        event = {
            "specversion": "1.0",
            "id": key,
            "source": f"discharge-pathways/{authority}",
            "type": name,
            "subject": case_id,
            "time": instant(self._clock.now()),
            "datacontenttype": "application/json",
            "data": dict(told),
        }
        body = orjson.dumps(event).decode()
        if not self._outgoing.receivers:
            self._lay_down(f"{_short(key)}.json", body.encode())
        for receiver in self._outgoing.receivers:
            _post(receiver, key, body, self._clock.now())

    # ------------------------------------------------------------------ papers

    def paper(self, notice: Notice) -> None:
        """Keep a letter that was sent as the paper it was, under the child's key."""
        if notice.body is not None:
            asked = orjson.loads(notice.body)
            self._make_paper(notice.claim.authority, notice.claim.case_id, asked["letter"])

    def letter(self, order: JobOrder) -> Mapping[str, JSON]:
        """Make the paper of the newest letter of a kind that a person has sent; the machine sends none itself."""
        name = order.job.headers.get("letter", "")
        case = self._casework.load(order.authority, order.case_id)
        sent = [one.number for one in case.letters.values() if one.letter == name and one.state == "sent"]
        if not sent:
            raise HandFailed("no_letter_sent", f"No letter {name} has been sent in this case.", again=False)
        return {"document": self._make_paper(order.authority, order.case_id, sent[-1]), "number": sent[-1]}

    def _make_paper(self, authority: str, case_id: str, number: int) -> str:
        case = self._casework.load(authority, case_id)
        letter = case.letters[number]
        template = self._shelf.release(authority, case.running[letter.instance].release).letters[letter.letter]
        settings = self._shelf.terms(authority).authority
        made = letter_pdf(template, letter.text, recipients_of(letter), settings, sent_on=letter.sent_on)
        row = DocumentRow(f"letter-{letter.number}", "application/pdf", instant(self._clock.now()), made)
        self._store.papers.keep(authority, case_id, row)
        return row.document

    def _lay_down(self, name: str, content: bytes) -> None:
        self._outgoing.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        waiting = self._outgoing.folder / f".{name}"
        waiting.write_bytes(content)
        waiting.replace(self._outgoing.folder / name)


def _post(receiver: Receiver, key: str, body: str, at: datetime) -> None:
    signature = Webhook(receiver.secret).sign(key, at, body)
    headers = {
        "Content-Type": "application/cloudevents+json",
        "webhook-id": key,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
    }
    address = urlsplit(receiver.address)
    if address.scheme != "https" and (address.scheme, address.hostname) not in IN_THE_HOUSE:
        raise HandFailed("receiver_not_safe", "A receiver is not reached over HTTPS.", again=False)
    request = urllib.request.Request(receiver.address, body.encode(), headers, method="POST")  # noqa: S310 - checked
    try:
        urllib.request.urlopen(request, timeout=PATIENCE).close()  # noqa: S310 - checked above
    except urllib.error.HTTPError as error:
        error.close()
        raise HandFailed("receiver_refused", f"A receiver answered {error.code}.") from error
    except (OSError, urllib.error.URLError) as error:
        raise HandFailed("receiver_down", f"A receiver did not answer ({type(error).__name__}).") from error


def read_outgoing(environment: Mapping[str, str], folder: Path) -> Outgoing:
    """How the environment says the outside is reached: PATHWAYS_MAIL_HOST, _PORT, _FROM, _USER, _PASSWORD,
    _STARTTLS; PATHWAYS_RECEIVERS as 'address secret' pairs, one a line."""
    said: Callable[[str, str], str] = lambda name, default: environment.get(f"PATHWAYS_{name}", default)  # noqa: E731
    host = said("MAIL_HOST", "")
    mail = None
    if host:
        mail = MailServer(
            host,
            int(said("MAIL_PORT", "25")),
            said("MAIL_FROM", f"discharge-pathways@{host}"),
            said("MAIL_STARTTLS", "") == "yes",
            said("MAIL_USER", ""),
            said("MAIL_PASSWORD", ""),
        )
    receivers = tuple(
        Receiver(address, secret)
        for address, _, secret in (line.partition(" ") for line in said("RECEIVERS", "").splitlines() if line.strip())
    )
    return Outgoing(folder, mail, receivers)


def _short(key: str) -> str:
    return base64.b32encode(sha256(key.encode()).digest()[:15]).decode().lower()

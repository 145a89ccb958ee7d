"""What leaves the house: mail, signed webhooks, and the papers made from letters; each is done under its own key.

Where nobody is set to receive something it is not marked as sent: a job stops as an incident and a notice is set
apart, both where an operator sees them. An installation may name a folder of outgoing post, from which another
program takes what is laid there.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path

import orjson

from engine.case.confidential import Reader, Sight
from engine.case.letters import recipients_of
from engine.case.mailing import MAIL_HANDED_IN
from engine.case.state import CaseState, Letter
from engine.casework import Casework, Shelf
from engine.casework.papers import letter_paper
from engine.casework.posting import recalled
from engine.clock import Clock, SystemClock, london_date
from engine.history import JSON, instant
from engine.store import Store
from engine.store.claims import Notice
from engine.store.deliveries import TO
from engine.store.partners import Partner
from engine.store.rows import DocumentRow
from engine.work import HandFailed, JobHand, JobOrder, Kept, NoticeHand
from webhooks.mail import Attachment, MailServer, compose, hand_in
from webhooks.receivers import send


@dataclass(frozen=True, slots=True)
class Outgoing:
    """How this installation reaches the outside; `folder` is where post is laid that another program takes."""

    folder: Path | None = None
    mail: MailServer | None = None


class Post:
    """The hands of a worker that reach outside."""

    def __init__(self, outgoing: Outgoing, store: Store, shelf: Shelf, casework: Casework, clock: Clock) -> None:
        self._outgoing, self._store, self._shelf = outgoing, store, shelf
        self._casework, self._clock = casework, clock
        self._demonstration = store.upkeep.is_demonstration()

    def job_hands(self) -> Mapping[str, JobHand]:
        """By type of job."""
        return {"letter": self.letter, "mail": self.mail, "webhook": self.report}

    def notice_hands(self) -> Mapping[str, NoticeHand]:
        """By kind of notice."""
        return {"webhook": self.tell, "delivery": self.deliver, "document": self.paper, "mail": self.post_letter}

    # ------------------------------------------------------------------ mail

    def mail(self, order: JobOrder) -> Mapping[str, JSON]:
        """Write to everybody who holds a role: that something waits, and in which case; never about whom.

        Headers: to_role, subject, text; `attach` names a kind of letter, whose newest sent one goes along as a PDF.
        """
        headers = order.job.headers
        role, on = headers.get("to_role", ""), london_date(self._clock.now())
        held = [holding.person for holding in self._store.people.holdings(order.authority, on=on, role=role)]
        people = [self._store.people.find(order.authority, person) for person in sorted(set(held))]
        to = {one.email: one.person for one in people if one is not None and one.active and one.email}
        if not to:
            raise HandFailed("nobody_to_write_to", f"Nobody who holds the role {role} has a mail address.", again=False)
        text = f"{headers.get('text', '')}\n\nCase {order.case_id}\n"
        papers = self._attached(order, [(person, role) for person in to.values()])
        server = self._outgoing.mail
        message = compose(
            server.sender if server else "discharge-pathways@localhost",
            sorted(to),
            headers.get("subject", "A case waits for you"),
            text,
            message_id=f"<{_short(order.key)}@discharge-pathways>",
            at=self._clock.now(),
            attachments=papers,
        )
        self._hand_in(message, order.key)
        return {"sent_at": instant(self._clock.now()), "recipients": len(to)}

    def _attached(self, order: JobOrder, readers: Sequence[tuple[str, str]]) -> list[Attachment]:
        """The letter that a mail takes along, where every one of its readers may learn what it says."""
        name = order.job.headers.get("attach")
        if not name:
            return []
        case = self._casework.load(order.authority, order.case_id)
        letter = _newest_sent(case, name)
        whole = "\n".join([letter.text, *recipients_of(letter)])
        for person, role in readers:
            if Sight.of(case.marks.values(), Reader.person(person, [role])).disclosed_by(whole):
                raise HandFailed("would_disclose", "The letter says what is kept from a reader.", again=False)
        return [Attachment(f"letter-{letter.number}.pdf", self._printed(case, letter))]

    def _hand_in(self, message: EmailMessage, key: str) -> None:
        if self._outgoing.mail is not None:
            hand_in(self._outgoing.mail, message)
        elif self._outgoing.folder is not None:
            self._lay_down(self._outgoing.folder, f"{_short(key)}.eml", message.as_bytes())
        else:
            raise HandFailed("no_mail_server", "No mail server is set for this installation.", again=False)

    def post_letter(self, notice: Notice) -> Kept | None:
        """Mail a letter that a person sent to one of its recipients, as the paper that it is.

        Looked at again now: a letter that was recalled meanwhile, or tells what is kept from them since, stays here.
        """
        if notice.body is None:
            return None
        claim, asked = notice.claim, orjson.loads(notice.body)
        case = self._casework.load(claim.authority, claim.case_id)
        letter = case.letters[asked["letter"]]
        if recalled(self._store.history(claim.authority, claim.case_id), letter.number):
            raise HandFailed("letter_recalled", "The letter told of an ending that was an error.", again=False)
        if self._casework.sight_of_recipients(case, [asked]).disclosed_by(letter.text):
            raise HandFailed("would_disclose", "The letter says what is kept from its reader.", again=False)
        server, council = self._outgoing.mail, self._shelf.terms(case.authority).authority.name
        again = _short(f"{case.authority}:{case.case_id}:{asked['mail']}")
        message = compose(
            server.sender if server else "discharge-pathways@localhost",
            [asked["address"]],
            f"A letter from {council}",
            f"A letter from {council} to {asked['to']} comes with this message as a PDF.\n\n"
            "If it is not for you, please tell us and do not keep it.\n",
            message_id=f"<{again}@discharge-pathways>",
            at=self._clock.now(),
            # Their own copy alone: who else gets the letter, and where they live, is not theirs to read.
            attachments=[Attachment(f"letter-{letter.number}.pdf", self._printed(case, letter, only=[asked["to"]]))],
        )
        self._hand_in(message, claim.key)
        return Kept(MAIL_HANDED_IN, {"number": letter.number, "to": asked["to"], "mail": asked["mail"]})

    # ------------------------------------------------------------------ webhooks

    def report(self, order: JobOrder) -> Mapping[str, JSON]:
        """Hand a message that a diagram sends to every receiver that is told of it."""
        name = order.job.headers.get("message", order.job.element)
        told, receivers = dict(order.job.input), self._receivers(order.authority, name)
        if not receivers and self._outgoing.folder is None:
            raise HandFailed("nobody_to_send_to", f"No receiver is told of {name}.", again=False)
        case = self._casework.load(order.authority, order.case_id)
        if not receivers and self._outgoing.folder is not None:
            seen = Sight.of(case.marks.values(), Reader.system("post")).of_value(told)
            body = _event(order.authority, order.case_id, name, order.key, seen, _opened(case, order))
            self._lay_down(self._outgoing.folder, f"{_short(order.key)}.json", body.encode())
            return {"laid_in_post_at": instant(self._clock.now()), "receivers": 0}
        for receiver in receivers:
            # Those who were told before another one failed are not told again.
            if not self._store.deliveries.told(order.authority, order.key, receiver.partner):
                self._send(receiver, case, name, order.key, told, _opened(case, order))
                self._store.deliveries.remember(
                    order.authority, order.case_id, order.key, receiver.partner, name, self._clock.now()
                )
        return {"sent_at": instant(self._clock.now()), "receivers": len(receivers)}

    def tell(self, notice: Notice) -> Sequence[str] | None:
        """The receivers that are told of what happened; each delivery is then a notice of its own."""
        if notice.body is None:
            return None
        return [receiver.partner for receiver in self._receivers(notice.claim.authority, notice.topic)]

    def deliver(self, notice: Notice) -> None:
        """Tell one receiver what happened in a case."""
        if notice.body is None:
            return
        claim = notice.claim
        key, _, name = claim.key.rpartition(TO)
        receiver = self._store.partners.find(claim.authority, "receiver", name)
        if receiver is None or receiver.ended_at is not None:
            raise HandFailed("receiver_ended", "The receiver was ended before this reached it.", again=False)
        told = orjson.loads(notice.body)
        # Its history says when: the row of the outbox only says since when it waits.
        entry = next(self._store.history(claim.authority, claim.case_id, after=int(told["revision"]) - 1))
        case = self._casework.load(claim.authority, claim.case_id)
        self._send(receiver, case, notice.topic, key, told, instant(entry.command.at))

    def _receivers(self, authority: str, topic: str) -> list[Partner]:
        found = self._store.partners.all(authority, "receiver")
        return [one for one in found if one.ended_at is None and (not one.topics or topic in one.topics)]

    def _send(
        self, receiver: Partner, case: CaseState, name: str, key: str, told: Mapping[str, JSON], happened: str
    ) -> None:
        """One CloudEvent without what is kept from the receiver; at every try the same, under the same key."""
        authority = case.authority
        seen = Sight.of(case.marks.values(), Reader.system(receiver.partner)).of_value(dict(told))
        secrets = self._store.partners.secrets(authority, "receiver", receiver.partner, self._clock.now())
        body = _event(authority, case.case_id, name, key, seen, happened)
        # A receiver judges a signature's age by its own clock, which no demonstration moves.
        signed_at = SystemClock().now() if self._demonstration else self._clock.now()
        send(receiver.address, secrets, key, body, signed_at, demonstration=self._demonstration)

    # ------------------------------------------------------------------ papers

    def paper(self, notice: Notice) -> None:
        """Keep a letter that was sent as the paper it was, under the child's key."""
        if notice.body is not None:
            asked = orjson.loads(notice.body)
            case = self._casework.load(notice.claim.authority, notice.claim.case_id)
            self._keep_paper(case, case.letters[asked["letter"]])

    def letter(self, order: JobOrder) -> Mapping[str, JSON]:
        """Make the paper of the newest letter of a kind that a person has sent; the machine sends none itself."""
        case = self._casework.load(order.authority, order.case_id)
        letter = _newest_sent(case, order.job.headers.get("letter", ""))
        return {"document": self._keep_paper(case, letter), "number": letter.number}

    def _keep_paper(self, case: CaseState, letter: Letter) -> str:
        printed = self._printed(case, letter)
        row = DocumentRow(f"letter-{letter.number}", "application/pdf", instant(self._clock.now()), printed)
        self._store.papers.keep(case.authority, case.case_id, row)
        return row.document

    def _printed(self, case: CaseState, letter: Letter, *, only: Sequence[str] | None = None) -> bytes:
        return letter_paper(self._store, self._shelf, case, letter, only=only)

    @staticmethod
    def _lay_down(folder: Path, name: str, content: bytes) -> None:
        waiting = folder / f".{name}"
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            waiting.write_bytes(content)
            waiting.replace(folder / name)
        except OSError as error:
            raise HandFailed(
                "post_folder",
                f"Nothing could be laid in the folder of outgoing post ({type(error).__name__}).",
                down=True,
            ) from error


def _event(authority: str, case_id: str, name: str, key: str, told: Mapping[str, JSON], happened: str) -> str:
    """A CloudEvent's text; `happened` is the moment of what it tells of, not of the try."""
    event = {
        "specversion": "1.0",
        "id": key,
        "source": f"discharge-pathways/{authority}",
        "type": name,
        "subject": case_id,
        "time": happened,
        "datacontenttype": "application/json",
        "data": dict(told),
    }
    return orjson.dumps(event).decode()


def _opened(case: CaseState, order: JobOrder) -> str:
    """When a diagram's message became due: the moment at which its job was opened."""
    desk = case.desks.get(order.job.task)
    return case.at if desk is None else desk.opened


def _newest_sent(case: CaseState, name: str) -> Letter:
    sent = [one for one in case.letters.values() if one.letter == name and one.state == "sent"]
    if not sent:
        raise HandFailed("no_letter_sent", f"No letter {name} has been sent in this case.", again=False)
    return sent[-1]


def read_outgoing(environment: Mapping[str, str]) -> Outgoing:
    """How the environment says the outside is reached; docs/settings.md lists the names."""

    def said(name: str, default: str = "") -> str:
        return environment.get(f"PATHWAYS_{name}", default)

    folder = Path(said("POST")) if said("POST") else None
    host = said("MAIL_HOST")
    if not host:
        return Outgoing(folder)
    password = said("MAIL_PASSWORD")
    if said("MAIL_PASSWORD_FILE"):
        password = Path(said("MAIL_PASSWORD_FILE")).read_text("utf-8").strip()
    encrypted = "tls" if said("MAIL_TLS") == "yes" else "starttls" if said("MAIL_STARTTLS") == "yes" else "plain"
    mail = MailServer(
        host,
        int(said("MAIL_PORT", "465" if encrypted == "tls" else "25")),
        said("MAIL_FROM", f"discharge-pathways@{host}"),
        encrypted,  # type: ignore[arg-type]  # one of three words
        said("MAIL_USER"),
        password,
        Path(said("MAIL_CA")) if said("MAIL_CA") else None,
    )
    return Outgoing(folder, mail)


def _short(key: str) -> str:
    return base64.b32encode(sha256(key.encode()).digest()[:15]).decode().lower()

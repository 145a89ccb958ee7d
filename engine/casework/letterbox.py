"""Messages from other systems: each is taken once, and what nobody waits for is shown to a person.

A life event of a known case is always recorded and reaches everything that runs in it; an ordinary message reaches
the one step that waits for it; OpenCase opens a case. Whatever cannot be taken so is a dead letter, kept whole until
a person has attached it to the right case or dismissed it with a reason; where it is a life event of a known case, or
what a pathway of an active plan hears, the case has it too, as reported, and the Head knows at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Final, Literal

import orjson

from engine.case.confidential import Reader, Sight
from engine.case.facts import ACTIVE, LIFE_EVENTS, FactsRefused
from engine.case.handling import HeldByIncident
from engine.casework.actions import MessageUnmatched
from engine.casework.contradictions import Contradicts
from engine.casework.door import Asked, Door
from engine.casework.opening import PossibleDuplicates
from engine.casework.people import HEAD, SENDER, SYSTEM_ADMIN, Practitioner
from engine.casework.permissions import is_kept_from
from engine.casework.shelf import Shelf
from engine.clock import Clock, london_date
from engine.errors import EngineError, Forbidden, NotFound, Refused, Unreadable
from engine.history import JSON, canonical, instant
from engine.store import Store
from engine.store.errors import (
    CaseErased,
    CaseExists,
    CaseUnknown,
    DuplicateCommand,
    DuplicateMessage,
    StaleCase,
)
from engine.store.inbox import DeadLetter, DeadLetterUnknown
from engine.store.rows import InboundRow

if TYPE_CHECKING:
    from engine.casework.casework import Casework

OPEN_CASE: Final = "OpenCase"
_EARLIEST: Final = date(1990, 1, 1)

#: Why a message became a dead letter: the first kind that fits. Pages say it in words.
REASONS: Final[tuple[tuple[type[EngineError], str], ...]] = (
    (CaseUnknown, "case_unknown"),
    (CaseErased, "case_erased"),
    (CaseExists, "case_exists"),
    (PossibleDuplicates, "known_child"),
    (Contradicts, "contradicts"),
    (FactsRefused, "facts_refused"),
    (HeldByIncident, "held_by_incident"),
    (MessageUnmatched, "nobody_waits"),
    (Unreadable, "unclear"),
    (NotFound, "not_found"),
    (Refused, "refused"),
    (Forbidden, "refused"),
)


class MessageDiffers(Refused):
    """A message came a second time under its id and says something else; the first one stands."""

    def __init__(self, authority: str, message: str) -> None:
        super().__init__(
            f"Message {message[:128]} came to {authority} before and said something else. Nothing was changed. "
            "Give every message an id of its own."
        )
        self.authority, self.message = authority, message


class MessageUnclear(Unreadable):
    """A message was signed and readable, but does not say what it must."""


@dataclass(frozen=True, slots=True)
class Message:
    """A CloudEvent as its sender signed it; `time` is when it happened, as far as the sender says."""

    sender: str
    source: str
    id: str
    type: str
    subject: str | None
    time: str | None
    data: Mapping[str, JSON]

    @property
    def origin(self) -> str:
        """Whose ids are told apart: a sender may speak for several sources."""
        return f"{self.sender} {self.source}"

    def content(self) -> bytes:
        """The one byte form that is kept and compared."""
        attributes = {"source": self.source, "id": self.id, "type": self.type, "subject": self.subject}
        return canonical({**attributes, "sender": self.sender, "time": self.time, "data": dict(self.data)})


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message: taken by a case, or set aside for a person."""

    state: Literal["taken", "set_aside"]
    case_id: str | None
    received_at: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A dead letter as a person sees it; `reference` names it in an address, `system` is its sender's title."""

    reference: str
    letter: DeadLetter
    message: Message
    system: str


@dataclass(frozen=True, slots=True)
class Sender:
    """What a sender's signature is checked with; no secret at all where there is no such sender."""

    secrets: tuple[str, ...]
    binary: bool


class Letterbox:
    """What comes in from other systems."""

    def __init__(self, store: Store, shelf: Shelf, clock: Clock, door: Door, casework: Casework) -> None:
        self._store, self._shelf, self._clock = store, shelf, clock
        self._door, self._casework = door, casework

    def sender(self, authority: str, name: str, now: datetime) -> Sender:
        """A sender's keys that are valid at an instant."""
        found = self._store.partners.find(authority, "sender", name)
        if found is None or found.ended_at is not None:
            return Sender((), False)
        return Sender(tuple(self._store.partners.secrets(authority, "sender", name, now)), found.binary)

    def receive(self, authority: str, message: Message) -> Receipt:
        """Take a message whose signature was checked. The same one again gets the same answer.

        Raises MessageDiffers where its id came before with another content; StaleCase and StoreUnavailable where it
        should be sent again later.
        """
        now = self._clock.now()
        digest = self._store.answered.digest(authority, message.content())
        known = self._known(authority, message, digest)
        if known is not None:
            return known
        inbound = InboundRow(message.origin, message.id, instant(now), digest)
        by = Practitioner(f"{SENDER}{message.sender}", authority, message.sender, frozenset())
        try:
            self._deliver(message, by, None, now, inbound)
        except (DuplicateMessage, DuplicateCommand):
            pass
        except StaleCase:
            raise
        except (Refused, NotFound, Forbidden, Unreadable) as refusal:
            reason = next(word for kind, word in REASONS if isinstance(refusal, kind))
            self._report(authority, message, by, now, refusal)
            self._set_aside(authority, message, inbound, reason)
        answer = self._known(authority, message, digest)
        if answer is None:
            raise StaleCase(authority, message.subject or "-", 0)
        return answer

    def _known(self, authority: str, message: Message, digest: bytes) -> Receipt | None:
        found = self._store.inbox.received(authority, message.origin, message.id)
        if found is None:
            return None
        if found.digest != digest:
            raise MessageDiffers(authority, message.id)
        if found.case_id is not None:
            return Receipt("taken", found.case_id, found.received_at)
        letter = self._store.inbox.dead_letter(authority, message.origin, message.id)
        return Receipt("set_aside", None, found.received_at, letter.reason if letter else None)

    def _set_aside(self, authority: str, message: Message, inbound: InboundRow, reason: str) -> None:
        try:
            self._store.inbox.set_aside(authority, inbound, type=message.type, reason=reason, body=message.content())
        except DuplicateMessage:
            return

    def _report(self, authority: str, message: Message, by: Practitioner, now: datetime, refusal: EngineError) -> None:
        """What concerns a case and cannot be taken as it stands is in the case as reported, and the Head is told.

        It comes before the dead letter: a sender that hears no answer sends again, and it is reported once.
        """
        if not message.subject or not self._concerns(authority, message.subject, message.type):
            return
        try:
            received_on = _received_on(message, now)
        except MessageUnclear:
            received_on = london_date(now).isoformat()
        body: dict[str, JSON] = {
            "name": message.type,
            "payload": _told(message),
            "received_on": received_on,
            "why": str(refusal)[:1000],
        }
        command = f"reported:{message.origin}:{message.id}"
        asked = Asked(command, "report_life_event", body, by.id, from_outside=True)
        try:
            self._door.change(authority, message.subject, lambda case: asked)
        except (CaseUnknown, CaseErased, DuplicateCommand):
            return

    def _concerns(self, authority: str, case_id: str, name: str) -> bool:
        """Whether a message must not go unseen in its case: a life event, or what a pathway that runs there hears.

        Where a plan ends on silence, as after the days for objections (SOU-9.9), what came and could not be read is
        no silence.
        """
        if name in LIFE_EVENTS:
            return True
        try:
            case = self._casework.load(authority, case_id)
        except (CaseUnknown, CaseErased):
            return False
        running = [each.release for each in case.running.values() if each.state == "running"]
        return case.facts.get("plan_status") == ACTIVE and any(
            name in self._shelf.pathway(authority, release).messages for release in running
        )

    def _deliver(
        self, message: Message, by: Practitioner, role: str | None, now: datetime, inbound: InboundRow | None
    ) -> None:
        if not message.subject:
            raise MessageUnclear(f"Message {message.id} names no case. Put the case reference into its subject.")
        command = f"message:{message.origin}:{message.id}"
        if message.type == OPEN_CASE:
            # Somebody who minds dead letters opens it as the sender asked; the record names them.
            self._casework.open_by_message(message.subject, message.data, by=by, command_id=command, inbound=inbound)
            return
        day = _received_on(message, now)
        if message.type in LIFE_EVENTS:
            self._casework.record_life_event(
                message.subject,
                message.type,
                _told(message),
                received_on=day,
                by=by,
                command_id=command,
                inbound=inbound,
                minding=role,
            )
            return
        self._casework.receive_message(
            message.subject,
            message.type,
            dict(message.data),
            received_on=day,
            by=by,
            command_id=command,
            inbound=inbound,
            minding=role,
        )

    # ------------------------------------------------------------------ dead letters

    def waiting(self, by: Practitioner) -> list[Waiting]:
        """The dead letters that wait for a person, the oldest first, without what they say of a child.

        One for a restricted case waits for the people named in it, a Head of Quality Assurance among them.
        """
        self.minder_role(by)
        found = [self._opened(by, letter) for letter in self._store.inbox.dead_letters(by.authority)]
        return [one for one in found if not is_kept_from(self._store, by, one.message.subject)]

    def dead_letter(self, by: Practitioner, reference: str) -> Waiting:
        """One dead letter with all it says that this person may know; that it was looked at is recorded.

        Raises DeadLetterUnknown.
        """
        role, found = self.minder_role(by), self._find(by, reference)
        letter, subject = found.letter, found.message.subject
        self._duty(by, role, "dead_letter_read", letter)
        if subject is not None and self._store.lists.case(by.authority, subject) is not None:
            at = self._clock.now()
            self._store.readings.record(by.authority, subject, at=at, person=by.id, role=role, what="dead letter")
            try:
                case = self._door.load(by.authority, subject).case
            except CaseErased:
                return found
            sight = Sight.of(case.marks.values(), Reader.person(by.id, by.roles))
            found = replace(found, message=replace(found.message, data=sight.of_value(dict(found.message.data))))
        return found

    def attach(self, by: Practitioner, reference: str, case_id: str, why: str) -> None:
        """Deliver a dead letter to the case it was meant for, in the name of the person who says so.

        Raises what the case refuses; then the letter goes on waiting.
        """
        role, found = self.minder_role(by), self._find(by, reference)
        received, message = datetime.fromisoformat(found.letter.received_at), replace(found.message, subject=case_id)
        if message.type == OPEN_CASE:
            # Whoever opens it in spite of a child who seems to be known says why: in these words.
            message = replace(message, data={"why_again": why, **message.data})
        try:
            self._deliver(message, by, role, received, None)
        except DuplicateCommand:
            # It was delivered the last time somebody pressed the button, and only the letter was not settled.
            pass
        self._settle(by, found.letter, "delivered")
        self._duty(by, role, "dead_letter_delivered", found.letter, why, case_id)

    def dismiss(self, by: Practitioner, reference: str, why: str) -> None:
        """Say that a dead letter needs nothing done, and why."""
        role, found = self.minder_role(by), self._find(by, reference)
        self._settle(by, found.letter, "dismissed")
        self._duty(by, role, "dead_letter_dismissed", found.letter, why)

    def minder_role(self, by: Practitioner) -> str:
        """The role in which a person minds dead letters: an operator, the Head, or whom the authority names."""
        named = self._shelf.terms(by.authority).authority.dead_letter_roles
        return by.must_hold(SYSTEM_ADMIN, HEAD, *named)

    def _find(self, by: Practitioner, reference: str) -> Waiting:
        for letter in self._store.inbox.dead_letters(by.authority):
            if _reference(letter) == reference:
                found = self._opened(by, letter)
                if not is_kept_from(self._store, by, found.message.subject):
                    return found
        raise DeadLetterUnknown(by.authority, "-", reference[:64])

    def _opened(self, by: Practitioner, letter: DeadLetter) -> Waiting:
        kept = orjson.loads(letter.body or b"{}")
        names = ("sender", "source", "id", "type", "subject", "time", "data")
        message = Message(**{name: kept.get(name) for name in names})
        system = self._casework.system_title(by.authority, message.sender)
        return Waiting(_reference(letter), letter, message, system)

    def _settle(self, by: Practitioner, letter: DeadLetter, state: Literal["delivered", "dismissed"]) -> None:
        at = self._clock.now()
        self._store.inbox.settle(by.authority, letter.source, letter.message, state, at=at, by=by.id)

    def _duty(
        self, by: Practitioner, role: str, what: str, letter: DeadLetter, why: str = "", case_id: str | None = None
    ) -> None:
        about = f"{_reference(letter)}{f' {case_id}' if case_id else ''}"
        self._store.duties.record(by.authority, what, about, at=self._clock.now(), by=by.id, role=role, why=why)


def _reference(letter: DeadLetter) -> str:
    return sha256(f"{letter.source}\0{letter.message}".encode()).hexdigest()[:16]


def _told(message: Message) -> dict[str, JSON]:
    """What a life event says, and on which day it happened where its sender says when."""
    payload = dict(message.data)
    if message.time is not None:
        payload.setdefault("occurred_on", london_date(datetime.fromisoformat(message.time)).isoformat())
    return payload


def _received_on(message: Message, now: datetime) -> str:
    """The day on which a message counts as received: the day its sender received it, where it says so; else today.

    A day that cannot be is not guessed at: it decides whether an objection was in time. Raises MessageUnclear.
    """
    said, today = message.data.get("received_on"), london_date(now)
    if said is None:
        return today.isoformat()
    try:
        day = date.fromisoformat(said) if isinstance(said, str) and len(said) == 10 else None
    except ValueError:
        day = None
    if day is None or not _EARLIEST <= day <= today:
        raise MessageUnclear(f"Message {message.id} says it was received on a day that cannot be.")
    return day.isoformat()

"""Who may send messages, who is told what happens, and who holds a token: made and ended by operators, on record."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from engine.case.confidential import ACTING_SYSTEM
from engine.casework.notices import PUBLISHED
from engine.casework.people import CASE_ROLES, PRODUCT_ROLES, SYSTEM_ADMIN, Practitioner
from engine.casework.permissions import is_kept_from
from engine.casework.sign_in import SignIn
from engine.clock import Clock, london_date
from engine.errors import EngineError, FieldProblem, Refused
from engine.history import instant
from engine.one_line import is_a_name
from engine.store import Store
from engine.store.deliveries import TO, Unaddressed
from engine.store.duties import Duty
from engine.store.partners import Kind, Partner, PartnerKey
from engine.store.tokens import Holder, Token
from engine.store.upkeep import NoticeLine

_NAME: Final = re.compile(r"^[a-z][a-z0-9-]{1,39}$")
#: An old key goes on for at most this long beside a new one.
LONGEST_OVERLAP: Final = timedelta(days=30)
#: A token lasts at most this long.
LONGEST_TOKEN: Final = timedelta(days=366)

#: What a token may be used for, and what that means.
SCOPES: Final = {
    "cases:read": "read cases, their history, letters, dates, escalations and incidents",
    "cases:write": "open cases, record facts and life events, start pathways",
    "tasks:read": "read worklists and tasks",
    "tasks:write": "claim, release and complete tasks and keep drafts (a person only)",
    "metrics": "read the service's figures",
}
#: A decision about a child is a named person's: no system completes a task.
PERSONS_ONLY: Final = frozenset({"tasks:write"})


#: What is done about these may name a case, which stands between spaces and colons.
_ABOUT_CASES: Final = ("notice", "dead_letter")
_WORD: Final = re.compile(r"[\s:]")


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A notice that did not go out; `case_id` is None, and `key` says nothing, where the case is kept from the reader.

    handle    names it in a form
    receiver  what the system is called that it goes to, '' where it is no message to a system
    since     when it was to go out first, or anew where somebody sent it again
    next_try  when it is tried again, None where that is due already, or where it was given up
    """

    handle: str
    case_id: str | None
    key: str
    topic: str
    receiver: str
    problem: str | None
    settled_at: str | None
    attempts: int
    since: str
    next_try: str | None


class NotAccepted(Refused):
    """What was typed about a sender, receiver or token cannot be; each problem names its field."""

    def __init__(self, *problems: FieldProblem) -> None:
        super().__init__("This was not accepted: look at " + ", ".join(problem.field for problem in problems) + ".")
        self.problems = problems


class Partnerships:
    """Senders, receivers and tokens of an authority, for its operators."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock, self._sign_in = store, clock, SignIn(store)

    # ------------------------------------------------------------------ senders and receivers

    def all(self, by: Practitioner, kind: Kind) -> list[tuple[Partner, list[PartnerKey]]]:
        """Every sender or receiver with its keys; never a secret."""
        by.must_hold(SYSTEM_ADMIN)
        found = self._store.partners.all(by.authority, kind)
        return [(one, self._store.partners.keys(by.authority, kind, one.partner)) for one in found]

    def add_sender(self, by: Practitioner, name: str, title: str, *, binary: bool = False) -> str:
        """Let a system send messages; gives its key, which is never shown again."""
        return self._add(by, Partner("sender", name, title.strip(), binary=binary))

    def add_receiver(self, by: Practitioner, name: str, title: str, address: str, topics: Collection[str]) -> str:
        """Tell a system what happens; gives the key that our messages are signed with, never shown again."""
        unknown = set(topics) - set(PUBLISHED)
        if unknown:
            raise NotAccepted(FieldProblem("topics", "Choose from the events listed."))
        return self._add(by, Partner("receiver", name, title.strip(), address, tuple(sorted(topics))))

    def _add(self, by: Practitioner, partner: Partner) -> str:
        role = by.must_hold(SYSTEM_ADMIN)
        problems = []
        if not _NAME.fullmatch(partner.partner):
            problems.append(FieldProblem("name", "Enter a short name of small letters, digits and hyphens."))
        if not partner.title or len(partner.title) > 100 or not is_a_name(partner.title):
            problems.append(FieldProblem("title", "Enter what the system is called, in at most 100 characters."))
        if problems:
            raise NotAccepted(*problems)
        secret = self._store.partners.add(by.authority, partner, at=self._clock.now(), by=by.id)
        self._duty(by, role, f"{partner.kind}_added", partner.partner)
        return secret

    def rotate(self, by: Practitioner, kind: Kind, name: str, *, overlap: timedelta) -> str:
        """Give a sender or receiver a new key; the old ones work on for a while. Gives the new key, shown once."""
        role, now = by.must_hold(SYSTEM_ADMIN), self._clock.now()
        if not timedelta() <= overlap <= LONGEST_OVERLAP:
            raise NotAccepted(FieldProblem("overlap", "The old key may go on for at most 30 days."))
        secret = self._store.partners.rotate(by.authority, kind, name, at=now, old_until=now + overlap, by=by.id)
        self._duty(by, role, f"{kind}_key_changed", name)
        return secret

    def end(self, by: Practitioner, kind: Kind, name: str, why: str) -> None:
        """End a sender or receiver; its next message, or ours to it, is not sent or taken."""
        role = by.must_hold(SYSTEM_ADMIN)
        self._store.partners.end(by.authority, kind, name, at=self._clock.now(), by=by.id)
        self._duty(by, role, f"{kind}_ended", name, why)

    # ------------------------------------------------------------------ tokens

    def tokens(self, by: Practitioner) -> list[Token]:
        """Every token of the authority, without what opens anything."""
        by.must_hold(SYSTEM_ADMIN)
        return self._store.tokens.all(by.authority)

    def issue_token(
        self,
        by: Practitioner,
        holder: Holder,
        name: str,
        roles: Collection[str],
        scopes: Collection[str],
        days: int,
        *,
        key: str | None = None,
    ) -> str:
        """Issue a token to a person or a system; gives it, and it is never shown again.

        key  names the wish for it. Raises NotAccepted, and TokenIssued where the same wish came before.
        """
        role, now = by.must_hold(SYSTEM_ADMIN), self._clock.now()
        problems = []
        allowed = frozenset(SCOPES) if holder == "person" else frozenset(SCOPES) - PERSONS_ONLY
        if not scopes or not allowed.issuperset(scopes):
            problems.append(FieldProblem("scopes", "Choose what it may do; only a person completes tasks."))
        if not 1 <= days <= LONGEST_TOKEN.days:
            problems.append(FieldProblem("days", "A token lasts from 1 to 366 days."))
        if holder == "person":
            if self._sign_in.practitioner(by.authority, name, on=london_date(now)) is None:
                problems.append(FieldProblem("name", "Nobody of that id works here."))
            roles = ()
        else:
            if not _NAME.fullmatch(name):
                problems.append(FieldProblem("name", "Enter a short name of small letters, digits and hyphens."))
            if not frozenset((*CASE_ROLES, *PRODUCT_ROLES)).issuperset(roles):
                problems.append(FieldProblem("roles", "Choose from the roles listed."))
        if problems:
            raise NotAccepted(*problems)
        text, token = self._store.tokens.issue(
            by.authority,
            holder=holder,
            name=name,
            roles=tuple(sorted(roles)),
            scopes=tuple(sorted(scopes)),
            at=now,
            until=now + timedelta(days=days),
            by=by.id,
            key=key,
        )
        self._duty(by, role, "token_issued", f"{token.token} {holder} {name}")
        return text

    def end_token(self, by: Practitioner, token: str, why: str = "") -> None:
        """End a token at once."""
        role = by.must_hold(SYSTEM_ADMIN)
        self._store.tokens.end(by.authority, token, at=self._clock.now(), by=by.id)
        self._duty(by, role, "token_ended", token, why)

    def bearer(self, text: str) -> tuple[Practitioner, frozenset[str]] | None:
        """Who shows a token, and what it may be used for; None where it opens nothing.

        A person acts in the roles they hold today, so that a role taken away is gone at the next request.
        """
        now = self._clock.now()
        found = self._store.tokens.shown(text, now)
        if found is None:
            return None
        authority, token = found
        scopes = frozenset(token.scopes)
        if token.holder == "person":
            person = self._sign_in.practitioner(authority, token.name, on=london_date(now))
            return None if person is None else (person, scopes)
        return Practitioner(f"{ACTING_SYSTEM}{token.name}", authority, token.name, frozenset(token.roles)), scopes

    # ------------------------------------------------------------------ notices that did not go out

    def undelivered(self, by: Practitioner) -> list[Undelivered]:
        """The notices that were given up after their last try, the oldest first."""
        by.must_hold(SYSTEM_ADMIN)
        return self._seen(by, self._store.upkeep.notices(by.authority, "dead"))

    def on_the_way(self, by: Practitioner) -> list[Undelivered]:
        """The notices that failed and are tried again."""
        by.must_hold(SYSTEM_ADMIN)
        return self._seen(by, [line for line in self._store.upkeep.notices(by.authority, "ready") if line.problem])

    def _seen(self, by: Practitioner, lines: list[NoticeLine]) -> list[Undelivered]:
        """Notices as an operator sees them: of a case that is kept from them neither its reference nor its key."""
        titles = {one.partner: one.title for one in self._store.partners.all(by.authority, "receiver")}
        now, seen = instant(self._clock.now()), []
        for line in lines:
            kept, handle = is_kept_from(self._store, by, line.case_id), self._handle(by.authority, line.key)
            receiver = line.key.rpartition(TO)[2] if TO in line.key else ""
            seen.append(
                Undelivered(
                    handle,
                    None if kept else line.case_id,
                    handle if kept else line.key,
                    line.topic,
                    titles.get(receiver, receiver),
                    line.problem,
                    line.settled_at,
                    line.attempts,
                    line.ready_at,
                    line.next_at if line.next_at is not None and line.next_at > now else None,
                )
            )
        return seen

    def _handle(self, authority: str, key: str) -> str:
        """What names a notice in a form: it tells nothing, not even to somebody who guesses at references."""
        return self._store.answered.digest(authority, b"notice " + key.encode()).hex()[:24]

    def _dead(self, by: Practitioner, handle: str) -> str:
        """The key of a notice that was given up. Raises NoticeSettled where none of that handle waits."""
        for line in self._store.upkeep.notices(by.authority, "dead"):
            if self._handle(by.authority, line.key) == handle:
                return line.key
        raise NoticeSettled(handle)

    def unaddressed(self, by: Practitioner) -> list[Unaddressed]:
        """The notices that have nobody to go to, by kind of event."""
        by.must_hold(SYSTEM_ADMIN)
        return self._store.deliveries.unaddressed(by.authority)

    def send_again(self, by: Practitioner, handle: str) -> None:
        """Let a notice be tried again that was given up. Raises NoticeSettled where it was not."""
        role, now = by.must_hold(SYSTEM_ADMIN), self._clock.now()
        key = self._dead(by, handle)
        if not self._store.upkeep.resend(by.authority, key, at=now):
            raise NoticeSettled(handle)
        self._duty(by, role, "notice_sent_again", key)

    def skip_notice(self, by: Practitioner, handle: str, why: str) -> None:
        """Say that a notice that was given up need not go out any more, and why."""
        role, now = by.must_hold(SYSTEM_ADMIN), self._clock.now()
        key = self._dead(by, handle)
        if not self._store.deliveries.dismiss(by.authority, key, at=now):
            raise NoticeSettled(handle)
        self._duty(by, role, "notice_skipped", key, why)

    def send_unaddressed(self, by: Practitioner, topic: str) -> int:
        """Send the notices of one kind that had nobody to go to; gives how many."""
        role = by.must_hold(SYSTEM_ADMIN)
        sent = self._store.deliveries.send_unaddressed(by.authority, topic, at=self._clock.now())
        self._duty(by, role, "unaddressed_sent", f"{topic} {sent}")
        return sent

    def dismiss_unaddressed(self, by: Practitioner, topic: str, why: str) -> int:
        """Say that nobody need be told of these, and why; gives how many."""
        role = by.must_hold(SYSTEM_ADMIN)
        dismissed = self._store.deliveries.dismiss_unaddressed(by.authority, topic, at=self._clock.now())
        self._duty(by, role, "unaddressed_dismissed", f"{topic} {dismissed}", why)
        return dismissed

    def duties(self, by: Practitioner, most: int = 100) -> list[Duty]:
        """What was done outside cases, the newest first; a case that is kept from whoever asks is not named."""
        by.must_hold(SYSTEM_ADMIN)
        return [self._without_restricted(by, duty) for duty in self._store.duties.latest(by.authority, most)]

    def _without_restricted(self, by: Practitioner, duty: Duty) -> Duty:
        if not duty.what.startswith(_ABOUT_CASES):
            return duty
        words = [word for word in _WORD.split(duty.about) if is_kept_from(self._store, by, word)]
        if not words:
            return duty
        why = duty.why
        for word in words:
            why = why.replace(word, "a restricted case")
        return replace(duty, about=f"a restricted case ({self._handle(by.authority, duty.about)})", why=why)

    def _duty(self, by: Practitioner, role: str, what: str, about: str, why: str = "") -> None:
        self._store.duties.record(by.authority, what, about, at=self._clock.now(), by=by.id, role=role, why=why)


class NoticeSettled(EngineError):
    """The notice was sent, tried again or skipped meanwhile."""

    def __init__(self, key: str) -> None:
        super().__init__(f"Notice {key[:200]} no longer waits for anybody. Reload the list.")
        self.key = key

"""Messages from outside: each is received once, and one that nobody waits for is a dead letter that a person sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import sqlalchemy as sa

from engine.errors import NotFound
from engine.history import instant
from engine.store.database import Database, Row, RowTaken
from engine.store.errors import DuplicateMessage
from engine.store.keys import AuthorityKeys
from engine.store.rows import InboundRow
from engine.store.statements import KEEP_INBOUND, of, this_row
from engine.store.tables import DEAD_LETTER, INBOUND
from engine.store.vault import CaseKey

_BODY: Final = b"dead letter"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that met no subscription, or several; `reason` says which, `body` is the message as it came."""

    source: str
    message: str
    type: str
    reason: str
    received_at: str
    state: str
    settled_at: str | None
    settled_by: str | None
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Received:
    """A message that came before: when, which case took it (None: none did), and the keyed digest of what it said."""

    received_at: str
    case_id: str | None
    digest: bytes | None


_ADD: Final = sa.insert(DEAD_LETTER)
_SETTLE: Final = (
    sa.update(DEAD_LETTER)
    .where(this_row(DEAD_LETTER), DEAD_LETTER.c.state == "waiting")
    .values(
        state=sa.bindparam("state_now", type_=sa.Text()),
        settled_at=sa.bindparam("at", type_=sa.Text()),
        settled_by=sa.bindparam("by_whom", type_=sa.Text()),
    )
)
_CLEAR: Final = (
    sa.update(DEAD_LETTER)
    .where(DEAD_LETTER.c.settled_at < sa.bindparam("before", type_=sa.Text()), DEAD_LETTER.c.body.is_not(None))
    .values(body=None)
)
_RECEIVED: Final = sa.select(INBOUND.c.received_at, INBOUND.c.case_id, INBOUND.c.digest).where(this_row(INBOUND))
_COLUMNS: Final = tuple(DEAD_LETTER.c)[1:]
_ONE: Final = sa.select(*_COLUMNS).where(this_row(DEAD_LETTER))
_WAITING: Final = (
    sa.select(*_COLUMNS)
    .where(of(DEAD_LETTER.c.authority), of(DEAD_LETTER.c.state))
    .order_by(DEAD_LETTER.c.received_at, DEAD_LETTER.c.source, DEAD_LETTER.c.message)
)


class DeadLetterUnknown(NotFound):
    """There is no such dead letter waiting."""

    def __init__(self, authority: str, source: str, message: str) -> None:
        super().__init__(f"Dead letter {message} from {source} does not wait at {authority}. Reload the list.")
        self.authority, self.source, self.message = authority, source, message


class Inbox:
    """What came in from outside and was not an answer to anything."""

    def __init__(self, database: Database, keys: AuthorityKeys) -> None:
        self._database, self._keys = database, keys

    def received(self, authority: str, source: str, message: str) -> Received | None:
        """A message that came before, or None where it never came."""
        with self._database.reading() as session:
            row = session.one(_RECEIVED, {"authority": authority, "source": source, "message": message})
        return None if row is None else Received(row[0], row[1], None if row[2] is None else bytes(row[2]))

    def set_aside(self, authority: str, inbound: InboundRow, *, type: str, reason: str, body: bytes) -> None:  # noqa: A002  # CloudEvents' own word
        """Keep a message that cannot be delivered. Raises DuplicateMessage where it came before."""
        place = {"authority": authority, "source": inbound.source, "message": inbound.message}
        sealed = self._key(authority).seal(_BODY, 0, body)
        row = {
            "type": type,
            "reason": reason,
            "received_at": inbound.received_at,
            "state": "waiting",
            "settled_at": None,
            "settled_by": None,
            "body": sealed,
        }
        try:
            with self._database.writing() as session:
                kept = {"received_at": inbound.received_at, "case_id": None, "digest": inbound.digest}
                session.run(KEEP_INBOUND, place | kept)
                session.run(_ADD, place | row)
        except RowTaken as error:
            raise DuplicateMessage(authority, inbound.source, inbound.message) from error

    def dead_letters(self, authority: str, state: str = "waiting") -> list[DeadLetter]:
        """Dead letters in a state ('waiting', 'delivered', 'dismissed'), the oldest first."""
        with self._database.reading() as session:
            rows = session.all(_WAITING, {"authority": authority, "state": state})
        return [self._opened(authority, row) for row in rows]

    def dead_letter(self, authority: str, source: str, message: str) -> DeadLetter | None:
        """One dead letter, or None."""
        with self._database.reading() as session:
            row = session.one(_ONE, {"authority": authority, "source": source, "message": message})
        return None if row is None else self._opened(authority, row)

    def settle(
        self,
        authority: str,
        source: str,
        message: str,
        state: Literal["delivered", "dismissed"],
        *,
        at: datetime,
        by: str,
    ) -> None:
        """Say what a person did with a dead letter. Raises DeadLetterUnknown where it does not wait."""
        place = {"authority": authority, "source": source, "message": message}
        with self._database.writing() as session:
            if not session.run(_SETTLE, place | {"state_now": state, "at": instant(at), "by_whom": by}):
                raise DeadLetterUnknown(authority, source, message)

    def clear(self, before: datetime) -> int:
        """Empty the dead letters that were settled before a time; gives how many. What they were stays on record."""
        with self._database.writing() as session:
            return session.run(_CLEAR, {"before": instant(before)})

    def _key(self, authority: str) -> CaseKey:
        return CaseKey(self._keys.key(authority, "dead letters"), authority, "")

    def _opened(self, authority: str, row: Row) -> DeadLetter:
        sealed = row[8]
        body = None if sealed is None else self._key(authority).open(_BODY, 0, sealed)
        return DeadLetter(row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], body)

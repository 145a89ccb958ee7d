"""Requests that were answered under an idempotency key: the same one again gets the same answer, another is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final

import sqlalchemy as sa

from engine.history import instant
from engine.store.database import Database, RowTaken
from engine.store.keys import AuthorityKeys
from engine.store.statements import this_row
from engine.store.tables import ANSWERED


@dataclass(frozen=True, slots=True)
class Answered:
    """Where the first request under a key stands in history, and the keyed digest of what it asked."""

    digest: bytes
    case_id: str
    revision: int


_ONE: Final = sa.select(ANSWERED.c.digest, ANSWERED.c.case_id, ANSWERED.c.revision).where(this_row(ANSWERED))
_ADD: Final = sa.insert(ANSWERED)
_FORGET: Final = sa.delete(ANSWERED).where(ANSWERED.c.at < sa.bindparam("before", type_=sa.Text()))


class AnsweredRequests:
    """What was answered to whom, by key; a key is its caller's own."""

    def __init__(self, database: Database, keys: AuthorityKeys) -> None:
        self._database, self._keys = database, keys

    def digest(self, authority: str, content: bytes) -> bytes:
        """A keyed digest of a request or message: equal for equal content, and nothing to guess from."""
        key = self._keys.key(authority, "digests")
        return blake2b(content, key=key, digest_size=32).digest()

    def find(self, authority: str, key: str) -> Answered | None:
        """What was answered under a key, or None."""
        with self._database.reading() as session:
            row = session.one(_ONE, {"authority": authority, "key": key})
        return None if row is None else Answered(bytes(row[0]), row[1], row[2])

    def keep(self, authority: str, key: str, answered: Answered, *, at: datetime) -> None:
        """Remember an answer; whoever was first stays."""
        row = {
            "authority": authority,
            "key": key,
            "digest": answered.digest,
            "case_id": answered.case_id,
            "revision": answered.revision,
            "at": instant(at),
        }
        try:
            with self._database.writing() as session:
                session.run(_ADD, row)
        except RowTaken:
            return

    def forget(self, before: datetime) -> int:
        """Forget answers given before a time; gives how many. History still refuses the command a second time."""
        with self._database.writing() as session:
            return session.run(_FORGET, {"before": instant(before)})

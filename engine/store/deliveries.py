"""A notice on its way to each receiver, and those that have none: nothing is marked as sent that nobody was sent.

A notice becomes one row for each receiver, in one transaction, so that one receiver that is down keeps none of the
others waiting and is tried again alone. A notice without a receiver is set apart until a person says what becomes
of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from engine.history import instant
from engine.store.database import Database
from engine.store.errors import ClaimLost
from engine.store.rows import Claim
from engine.store.statements import QUEUE, of, this_row
from engine.store.tables import OUTBOX

#: Stands between a notice's key and the receiver's name.
TO: Final = ">"


@dataclass(frozen=True, slots=True)
class Unaddressed:
    """Notices of one kind of event that have nobody to go to: how many, and since when."""

    topic: str
    count: int
    since: str


_HELD: Final = sa.and_(this_row(OUTBOX), OUTBOX.c.token == bindparam("token_held", type_=sa.Text()))
_TAKE: Final = sa.select(OUTBOX.c.topic, OUTBOX.c.body).where(_HELD)
_PASSED_ON: Final = (
    sa.update(OUTBOX)
    .where(_HELD)
    .values(state="sent", settled_at=bindparam("at", type_=sa.Text()), token=None, lease_until=None, body=None)
)
_SET_APART: Final = (
    sa.update(OUTBOX)
    .where(_HELD)
    .values(
        state="unaddressed",
        settled_at=bindparam("at", type_=sa.Text()),
        problem="nobody_to_send_to",
        token=None,
        lease_until=None,
    )
)
_IS_SENT: Final = sa.select(OUTBOX.c.key).where(this_row(OUTBOX), OUTBOX.c.state == "sent")
_OF_TOPIC: Final = sa.and_(of(OUTBOX.c.authority), of(OUTBOX.c.topic), OUTBOX.c.state == "unaddressed")
_ADDRESSED: Final = (
    sa.update(OUTBOX)
    .where(_OF_TOPIC)
    .values(state="ready", ready_at=bindparam("at", type_=sa.Text()), settled_at=None, problem=None, attempts=0)
)
_DISMISSED: Final = (
    sa.update(OUTBOX).where(_OF_TOPIC).values(state="dismissed", settled_at=bindparam("at", type_=sa.Text()), body=None)
)
_SKIPPED: Final = (
    sa.update(OUTBOX)
    .where(this_row(OUTBOX), OUTBOX.c.state == "dead")
    .values(state="dismissed", settled_at=bindparam("at", type_=sa.Text()), body=None)
)


class Deliveries:
    """Where notices go."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def pass_on(self, claim: Claim, receivers: Sequence[str], at: datetime) -> None:
        """Make one delivery for each receiver of a claimed notice. Raises ClaimLost where it is not held."""
        place, now = _place(claim), instant(at)
        with self._database.writing() as session:
            row = session.one(_TAKE, place | {"token_held": claim.token})
            if row is None or not session.run(_PASSED_ON, place | {"token_held": claim.token, "at": now}):
                raise ClaimLost(claim.kind, claim.case_id, claim.key)
            for receiver in receivers:
                key = f"{claim.key}{TO}{receiver}"
                session.run(QUEUE, _row(claim.authority, claim.case_id, key, row[0], now, row[1]))

    def told(self, authority: str, key: str, receiver: str) -> bool:
        """Whether a receiver was told something that is sent under this key to several."""
        with self._database.reading() as session:
            return session.one(_IS_SENT, {"authority": authority, "key": f"{key}{TO}{receiver}"}) is not None

    def remember(self, authority: str, case_id: str, key: str, receiver: str, topic: str, at: datetime) -> None:
        """Keep that a receiver was told, so that it is not told again while others of the same job are tried."""
        row = _row(authority, case_id, f"{key}{TO}{receiver}", topic, instant(at), None)
        with self._database.writing() as session:
            session.run(QUEUE, row | {"state": "sent", "settled_at": instant(at)})

    def set_apart(self, claim: Claim, at: datetime) -> None:
        """Keep a claimed notice that has nobody to go to. Raises ClaimLost where it is not held."""
        with self._database.writing() as session:
            if not session.run(_SET_APART, _place(claim) | {"token_held": claim.token, "at": instant(at)}):
                raise ClaimLost(claim.kind, claim.case_id, claim.key)

    def unaddressed(self, authority: str) -> list[Unaddressed]:
        """The notices set apart, by kind of event."""
        query = (
            sa.select(OUTBOX.c.topic, sa.func.count(), sa.func.min(OUTBOX.c.ready_at))
            .where(OUTBOX.c.authority == authority, OUTBOX.c.state == "unaddressed")
            .group_by(OUTBOX.c.topic)
            .order_by(OUTBOX.c.topic)
        )
        with self._database.reading() as session:
            return [Unaddressed(*row) for row in session.search(query)]

    def send_unaddressed(self, authority: str, topic: str, *, at: datetime) -> int:
        """Let the notices set apart be tried, now that somebody may be told; gives how many."""
        with self._database.writing() as session:
            return session.run(_ADDRESSED, {"authority": authority, "topic": topic, "at": instant(at)})

    def dismiss_unaddressed(self, authority: str, topic: str, *, at: datetime) -> int:
        """Say that nobody need be told of these; gives how many."""
        with self._database.writing() as session:
            return session.run(_DISMISSED, {"authority": authority, "topic": topic, "at": instant(at)})

    def dismiss(self, authority: str, key: str, *, at: datetime) -> bool:
        """Say that a dead notice need not go out any more; False where it is not dead."""
        with self._database.writing() as session:
            return session.run(_SKIPPED, {"authority": authority, "key": key, "at": instant(at)}) == 1


def _place(claim: Claim) -> dict[str, str]:
    return {"authority": claim.authority, "key": claim.key}


def _row(authority: str, case_id: str, key: str, topic: str, at: str, body: bytes | None) -> dict[str, Any]:
    return {
        "authority": authority,
        "key": key,
        "case_id": case_id,
        "kind": "delivery",
        "topic": topic,
        "ready_at": at,
        "state": "ready",
        "settled_at": None,
        "problem": None,
        "lease_until": None,
        "token": None,
        "attempts": 0,
        "body": body,
    }

"""Leases on due timers, ready jobs and queued notices, so that many workers each take a row once.

A claim marks the row with a token and a time after which others may take it. Whoever settles shows the token: a
worker that slept past its lease finds another token, or no row, and its work is refused in the transaction that
would have doubled it. Claims go by the time that is handed in; a lease is long beside any difference of clocks.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Table, bindparam

from engine.history import instant
from engine.store import statements as sql
from engine.store.database import Database, Row, Session
from engine.store.errors import ClaimLost
from engine.store.rows import Claim, JobRow, TimerRow
from engine.store.sealing import fresh
from engine.store.statements import of, this_row
from engine.store.tables import CHILD_KEY, JOB, OUTBOX, TIMER
from engine.store.vault import OUTBOX as OUTBOX_BODY
from engine.store.vault import Vault

LEASE: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A timer that is due, claimed."""

    claim: Claim
    row: TimerRow


@dataclass(frozen=True, slots=True)
class ReadyJob:
    """A job that may be done now, claimed."""

    claim: Claim
    row: JobRow


@dataclass(frozen=True, slots=True)
class Notice:
    """An outgoing notice, claimed and opened; `claim.key` is its idempotency key. Body None: its case was erased."""

    claim: Claim
    kind: str
    topic: str
    body: bytes | None


def _claim(table: Table, due: sa.Column[str], *conditions: sa.ColumnElement[bool]) -> tuple[sa.Select[Any], Any, Any]:
    """Three statements: is any row due; claim the first ones on SQLite; claim them on PostgreSQL."""
    key = list(table.primary_key.columns)
    now = bindparam("now", type_=sa.Text())
    free = sa.or_(table.c.lease_until.is_(None), table.c.lease_until <= now)
    wanted = sa.select(*key).where(due <= now, free, *conditions).order_by(due)
    some = wanted.limit(bindparam("most", type_=sa.Integer()))
    values = {
        "lease_until": bindparam("lease_until_now", type_=sa.Text()),
        "token": bindparam("token_now", type_=sa.Text()),
        "attempts": table.c.attempts + 1,
    }
    embedded = sa.update(table).where(sa.tuple_(*key).in_(some)).values(values).returning(*table.c)
    # Without MATERIALIZED the planner may run the locking part again and lock more rows than asked for.
    first = some.with_for_update(skip_locked=True).cte("first").prefix_with("MATERIALIZED", dialect="postgresql")
    together = sa.and_(*(column == first.c[column.name] for column in key))
    server = sa.update(table).where(together).values(values).returning(*table.c)
    return wanted.limit(1), embedded, server


_not_held = sa.false()
_TIMERS: Final = _claim(TIMER, TIMER.c.at, TIMER.c.held == _not_held)
_NOTICES: Final = _claim(OUTBOX, OUTBOX.c.ready_at, OUTBOX.c.state == sa.literal_column("'ready'"))


@cache
def _jobs(types: tuple[str, ...] | None) -> tuple[sa.Select[Any], Any, Any]:
    """The statements for jobs of some types; kept, for a worker asks for the same ones for ever."""
    wanted = () if types is None else (sa.or_(sa.false(), *(JOB.c.type == type_ for type_ in types)),)
    return _claim(JOB, JOB.c.ready_at, JOB.c.held == _not_held, *wanted)


_KEY_OF_CASE: Final = sa.select(CHILD_KEY.c.key_id, CHILD_KEY.c.wrapped).where(
    of(CHILD_KEY.c.authority), of(CHILD_KEY.c.case_id)
)


def _held(table: Table) -> sa.ColumnElement[bool]:
    return sa.and_(this_row(table), table.c.token == bindparam("token_held", type_=sa.Text()))


_SENT: Final = (
    sa.update(OUTBOX)
    .where(_held(OUTBOX))
    .values(state="sent", settled_at=bindparam("at", type_=sa.Text()), token=None, lease_until=None, body=None)
)
_DEAD: Final = (
    sa.update(OUTBOX)
    .where(_held(OUTBOX))
    .values(
        state="dead",
        settled_at=bindparam("at", type_=sa.Text()),
        problem=bindparam("problem_now", type_=sa.Text()),
        token=None,
        lease_until=None,
    )
)


def _put_back(table: Table) -> sa.Update:
    return sa.update(table).where(_held(table)).values(token=None, lease_until=bindparam("until", type_=sa.Text()))


_PUT_BACK: Final = {
    "timer": _put_back(TIMER),
    "job": _put_back(JOB),
    "outbox": _put_back(OUTBOX).values(problem=bindparam("problem_now", type_=sa.Text())),
}


def _renew(table: Table) -> sa.Update:
    return sa.update(table).where(_held(table)).values(lease_until=bindparam("until", type_=sa.Text()))


_RENEW: Final = {"timer": _renew(TIMER), "job": _renew(JOB), "outbox": _renew(OUTBOX)}


class Claims:
    """Takes due rows for a worker and gives them back."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault

    def timers(self, now: datetime, *, most: int, lease: timedelta = LEASE) -> list[DueTimer]:
        """Up to `most` timers due at `now` that nobody holds, earliest first."""
        rows, until = self._take(_TIMERS, now, most, lease)
        found = []
        for row in sorted(rows, key=lambda row: (row[7], row[0], row[1], row[2])):
            authority, case_id, timer, instance, task, kind, element, at, held, _, token, attempts = row
            claim = Claim("timer", authority, case_id, timer, token, attempts, until)
            found.append(DueTimer(claim, TimerRow(timer, instance, task, kind, element, at, bool(held))))
        return found

    def jobs(
        self, now: datetime, *, most: int, types: Collection[str] | None = None, lease: timedelta = LEASE
    ) -> list[ReadyJob]:
        """Up to `most` jobs ready at `now` that nobody holds, the longest ready first; only of these types if given."""
        rows, until = self._take(_jobs(None if types is None else tuple(sorted(set(types)))), now, most, lease)
        found = []
        for row in sorted(rows, key=lambda row: (row[7], row[0], row[1], row[2])):
            authority, case_id, job, instance, element, type_, retries, ready_at, held, _, token, attempts = row
            claim = Claim("job", authority, case_id, str(job), token, attempts, until)
            found.append(ReadyJob(claim, JobRow(job, instance, element, type_, retries, ready_at, bool(held))))
        return found

    def notices(self, now: datetime, *, most: int, lease: timedelta = LEASE) -> list[Notice]:
        """Up to `most` notices ready at `now` that nobody holds, the longest ready first."""
        rows, until = self._take(_NOTICES, now, most, lease)
        found = []
        with self._database.reading() as session:
            for row in sorted(rows, key=lambda row: (row[5], row[0], row[1])):
                authority, key, case_id, kind, topic, _, _, _, _, _, token, attempts, sealed = row
                claim = Claim("outbox", authority, case_id, key, token, attempts, until)
                found.append(Notice(claim, kind, topic, self._body(session, authority, case_id, sealed)))
        return found

    def settle(self, claim: Claim, at: datetime) -> None:
        """Give up a claim whose work is done; a notice counts as sent. Raises ClaimLost where it is not held."""
        with self._database.writing() as session:
            settle(session, claim, instant(at))

    def put_back(self, claim: Claim, until: datetime, problem: str = "") -> None:
        """Give up a claim whose work failed: nobody takes the row before `until`. `problem` holds ids only."""
        values = _place(claim) | {"token_held": claim.token, "until": instant(until), "problem_now": problem}
        self._change(_PUT_BACK[claim.kind], claim, values)

    def renew(self, claim: Claim, until: datetime) -> None:
        """Hold on to a row for longer work."""
        self._change(_RENEW[claim.kind], claim, _place(claim) | {"token_held": claim.token, "until": instant(until)})

    def give_up(self, claim: Claim, at: datetime, problem: str) -> None:
        """Mark a notice as undeliverable: it waits for a person to send it again."""
        values = _place(claim) | {"token_held": claim.token, "at": instant(at), "problem_now": problem}
        self._change(_DEAD, claim, values)

    def _take(
        self, statements: tuple[sa.Select[Any], Any, Any], now: datetime, most: int, lease: timedelta
    ) -> tuple[Sequence[Row], str]:
        due, embedded, server = statements
        at, until = instant(now), instant(now + lease)
        with self._database.reading() as session:
            # A plain look first: a worker with nothing to do never takes SQLite's one write lock.
            if session.one(due, {"now": at}) is None:
                return (), until
        given = {"now": at, "most": most, "lease_until_now": until, "token_now": fresh(9).hex()}
        with self._database.writing() as session:
            return session.all(embedded if self._database.sqlite else server, given), until

    def _body(self, session: Session, authority: str, case_id: str, sealed: bytes | None) -> bytes | None:
        key = session.one(_KEY_OF_CASE, {"authority": authority, "case_id": case_id})
        if sealed is None or key is None:
            return None
        return self._vault.open(authority, case_id, key[0], key[1]).open(OUTBOX_BODY, 0, sealed)

    def _change(self, statement: sa.Update, claim: Claim, values: dict[str, Any]) -> None:
        with self._database.writing() as session:
            if session.run(statement, values) != 1:
                raise ClaimLost(claim.kind, claim.case_id, claim.key)


def settle(session: Session, claim: Claim, at: str) -> None:
    """Give up a claim in the transaction of the command that answers it. Raises ClaimLost where it is not held."""
    statement = {"timer": sql.SETTLE_TIMER, "job": sql.SETTLE_JOB, "outbox": _SENT}[claim.kind]
    if session.run(statement, _place(claim) | {"token_held": claim.token, "at": at}) != 1:
        raise ClaimLost(claim.kind, claim.case_id, claim.key)


def _place(claim: Claim) -> dict[str, Any]:
    place: dict[str, Any] = {"authority": claim.authority, "case_id": claim.case_id}
    if claim.kind == "timer":
        place["timer"] = claim.key
    elif claim.kind == "job":
        place["job"] = int(claim.key)
    else:
        place["key"] = claim.key
    return place

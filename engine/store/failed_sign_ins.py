"""Sign-ins that failed, counted in the database, so that every web process makes the same next one wait.

Accounts are counted under a digest of what was typed: a password typed into the wrong box is not kept, and a name
that nobody has is counted exactly as one that somebody has.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, Literal

import sqlalchemy as sa
from sqlalchemy import bindparam

from engine.history import instant, read_instant
from engine.store.database import Database, RowTaken
from engine.store.people_tables import FAILED_SIGN_IN
from engine.store.statements import of
from engine.store.tables import EVERYONE

Kind = Literal["account", "address"]
#: Failures of one account, and from one address, that cost nothing: people mistype, and an office shares an address.
FREE: Final[dict[Kind, int]] = {"account": 5, "address": 50}
#: The first wait, and the longest; each further failure doubles it.
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
#: Failures are forgotten after this long without another.
FORGOTTEN = timedelta(hours=1)

_TEXT: Final = sa.Text()
_ADD: Final = sa.insert(FAILED_SIGN_IN)
_KEY: Final = (of(FAILED_SIGN_IN.c.authority), of(FAILED_SIGN_IN.c.kind), of(FAILED_SIGN_IN.c.subject))
_FIND: Final = sa.select(FAILED_SIGN_IN.c.count, FAILED_SIGN_IN.c.last_at).where(*_KEY)
#: One statement, so that two processes never count one failure less.
_COUNT: Final = (
    sa.update(FAILED_SIGN_IN)
    .where(*_KEY)
    .values(
        count=sa.case((FAILED_SIGN_IN.c.last_at < bindparam("forgotten", type_=_TEXT), 1),
                      else_=FAILED_SIGN_IN.c.count + 1),
        last_at=bindparam("now", type_=_TEXT),
    )
)  # fmt: skip
_CLEAR: Final = sa.delete(FAILED_SIGN_IN).where(*_KEY)
_SWEEP: Final = sa.delete(FAILED_SIGN_IN).where(FAILED_SIGN_IN.c.last_at < bindparam("forgotten", type_=_TEXT))


class FailedSignIns:
    """Failures of every authority's accounts and of every address."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def failed(self, authority: str, sign_in: str, address: str, *, at: datetime) -> None:
        """Count a failure for what was typed and for where it came from; what is long past is swept away."""
        forgotten = instant(at - FORGOTTEN)
        for key in (_account(authority, sign_in), _address(address)):
            values = {**key, "now": instant(at), "forgotten": forgotten}
            for _ in range(2):
                try:
                    with self._database.writing() as session:
                        session.run(_SWEEP, {"forgotten": forgotten})
                        if not session.run(_COUNT, values):
                            session.run(_ADD, {**key, "count": 1, "last_at": instant(at)})
                except RowTaken:
                    # Another process counted the first failure at the same moment: count on from there.
                    continue
                break

    def wait(self, authority: str, sign_in: str, address: str, *, at: datetime) -> timedelta:
        """How long until the next try with this name from this address is looked at; zero where at once."""
        keys: tuple[tuple[Kind, dict[str, str]], ...] = (
            ("account", _account(authority, sign_in)),
            ("address", _address(address)),
        )
        longest = timedelta()
        with self._database.reading() as session:
            for kind, key in keys:
                row = session.one(_FIND, key)
                if row is not None:
                    longest = max(longest, _waits(kind, row[0], read_instant(row[1]), at))
        return longest

    def forget_account(self, authority: str, sign_in: str) -> bool:
        """Forget an account's failures: the right password was given, or an operator lifted the wait."""
        with self._database.writing() as session:
            return session.run(_CLEAR, _account(authority, sign_in)) == 1

    def forget_address(self, address: str) -> bool:
        """Forget an address's failures, as an operator may."""
        with self._database.writing() as session:
            return session.run(_CLEAR, _address(address)) == 1

    def waiting_addresses(self, *, at: datetime) -> list[tuple[str, timedelta]]:
        """The addresses that must wait now, and how long."""
        query = sa.select(FAILED_SIGN_IN.c.subject, FAILED_SIGN_IN.c.count, FAILED_SIGN_IN.c.last_at).where(
            FAILED_SIGN_IN.c.authority == EVERYONE, FAILED_SIGN_IN.c.kind == "address"
        )
        with self._database.reading() as session:
            rows = session.search(query.order_by(FAILED_SIGN_IN.c.subject))
        waits = [(row[0], _waits("address", row[1], read_instant(row[2]), at)) for row in rows]
        return [(address, wait) for address, wait in waits if wait]

    def account_waits(self, authority: str, sign_in: str, *, at: datetime) -> timedelta:
        """How long one account must wait, wherever it is tried from."""
        with self._database.reading() as session:
            row = session.one(_FIND, _account(authority, sign_in))
        return timedelta() if row is None else _waits("account", row[0], read_instant(row[1]), at)


def _account(authority: str, sign_in: str) -> dict[str, str]:
    plain = f"{authority}\n{sign_in.strip().lower()}"
    return {"authority": authority[:100], "kind": "account", "subject": sha256(plain.encode()).hexdigest()}


def _address(address: str) -> dict[str, str]:
    return {"authority": EVERYONE, "kind": "address", "subject": address[:60]}


def _waits(kind: Kind, count: int, last: datetime, now: datetime) -> timedelta:
    free = FREE[kind]
    if count < free or now - last > FORGOTTEN:
        return timedelta()
    wait = min(FIRST_WAIT * int(2 ** min(count - free, 10)), LONGEST_WAIT)
    return max(timedelta(), last + wait - now)

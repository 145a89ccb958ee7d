"""Who is signed in where: one row for each session, read at every request, ended at once for every process.

The browser holds a random token; the row is named by its digest, so that whoever reads the table can enter nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from engine.history import instant
from engine.store.database import Database
from engine.store.people_tables import WEB_SESSION
from engine.store.statements import of


@dataclass(frozen=True, slots=True)
class WebSession:
    """One sign-in of a person: since when, last seen when, from where; `ended_by` is who ended it, '' for time."""

    session: str
    person: str
    since: str
    seen: str
    address: str
    browser: str
    ended_at: str | None = None
    ended_by: str | None = None


_COLUMNS: Final = tuple(WEB_SESSION.c)[1:]
_ADD: Final = sa.insert(WEB_SESSION)
_FIND: Final = sa.select(*_COLUMNS).where(of(WEB_SESSION.c.authority), of(WEB_SESSION.c.session))
_SEEN: Final = (
    sa.update(WEB_SESSION)
    .where(of(WEB_SESSION.c.authority), of(WEB_SESSION.c.session), WEB_SESSION.c.ended_at.is_(None))
    .values(seen=bindparam("now", type_=sa.Text()))
)
_END: Final = (
    sa.update(WEB_SESSION)
    .where(of(WEB_SESSION.c.authority), of(WEB_SESSION.c.session), WEB_SESSION.c.ended_at.is_(None))
    .values(ended_at=bindparam("now", type_=sa.Text()), ended_by=bindparam("ender", type_=sa.Text()))
)
_END_ALL: Final = (
    sa.update(WEB_SESSION)
    .where(
        of(WEB_SESSION.c.authority),
        of(WEB_SESSION.c.person),
        WEB_SESSION.c.ended_at.is_(None),
        WEB_SESSION.c.session != bindparam("but", type_=sa.Text()),
    )
    .values(ended_at=bindparam("now", type_=sa.Text()), ended_by=bindparam("ender", type_=sa.Text()))
)


def digest(token: str) -> str:
    """What a session is called in the table."""
    return sha256(token.encode()).hexdigest()


class Sessions:
    """The sessions of every authority's people."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, authority: str, token: str, person: str, *, at: datetime, address: str, browser: str) -> str:
        """Begin a session under a token that only the browser keeps; gives the session's name."""
        now, name = instant(at), digest(token)
        row: dict[str, str | None] = {"authority": authority, "session": name, "person": person}
        row |= {"since": now, "seen": now}
        row |= {"address": address[:60], "browser": browser[:200], "ended_at": None, "ended_by": None}
        with self._database.writing() as session:
            session.run(_ADD, row)
        return name

    def find(self, authority: str, token: str) -> WebSession | None:
        """The session of a token, ended or not; None where there is none."""
        with self._database.reading() as session:
            row = session.one(_FIND, {"authority": authority, "session": digest(token)})
        return None if row is None else WebSession(*row)

    def seen(self, authority: str, name: str, *, at: datetime) -> None:
        """Note that a session is in use."""
        with self._database.writing() as session:
            session.run(_SEEN, {"authority": authority, "session": name, "now": instant(at)})

    def end(self, authority: str, name: str, *, at: datetime, by: str) -> bool:
        """End a session; False where it is over or there is none."""
        values = {"authority": authority, "session": name, "now": instant(at), "ender": by}
        with self._database.writing() as session:
            return session.run(_END, values) == 1

    def end_all(self, authority: str, person: str, *, at: datetime, by: str, but: str = "") -> int:
        """End every session of a person, except the one called `but`; how many ended."""
        values = {"authority": authority, "person": person, "now": instant(at), "ender": by, "but": but}
        with self._database.writing() as session:
            return session.run(_END_ALL, values)

    def of_person(self, authority: str, person: str, most: int = 20) -> list[WebSession]:
        """A person's sessions, the newest first, those that are over too."""
        query = (
            sa.select(*_COLUMNS)
            .where(WEB_SESSION.c.authority == authority, WEB_SESSION.c.person == person)
            .order_by(WEB_SESSION.c.since.desc(), WEB_SESSION.c.session)
            .limit(most)
        )
        with self._database.reading() as session:
            return [WebSession(*row) for row in session.search(query)]

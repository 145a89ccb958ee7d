"""The tables of those who act: people, their roles by date, absence cover, sessions, and sign-ins that failed."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, Index, Integer, Table

from engine.store.tables import METADATA, Word


def _table(name: str, *columns: Column[str] | Column[int] | Column[bool]) -> Table:
    return Table(name, METADATA, *columns, sqlite_with_rowid=False)


def _key(*names: str) -> list[Column[str]]:
    return [Column(name, Word, primary_key=True) for name in ("authority", *names)]


def _word(name: str, *, optional: bool = False) -> Column[str]:
    return Column(name, Word, nullable=optional)


def _yes_no(name: str, *, at_first_no: bool = False) -> Column[bool]:
    return Column(
        name, Boolean(create_constraint=False), nullable=False, server_default=sa.false() if at_first_no else None
    )


PERSON: Final = _table(
    "person",
    *_key("person"),
    _word("sign_in"),
    _word("name"),
    _word("email", optional=True),
    _word("secret", optional=True),
    _yes_no("active"),
    _word("recorded_at"),
    _yes_no("must_change", at_first_no=True),
    _word("subject", optional=True),
)
Index("person_sign_in", PERSON.c.authority, PERSON.c.sign_in, unique=True)

ROLE_HOLDING: Final = _table(
    "role_holding",
    *_key("person", "role", "from_on"),
    _word("until_on", optional=True),
    _word("covers", optional=True),
    _word("recorded_at"),
    _word("recorded_by"),
    _word("why"),
)
Index("role_holding_role", ROLE_HOLDING.c.authority, ROLE_HOLDING.c.role)

COVER: Final = _table(
    "cover",
    *_key("absent", "role", "person", "from_on"),
    _word("until_on"),
    _word("recorded_at"),
    _word("recorded_by"),
    _word("why"),
)
Index("cover_person", COVER.c.authority, COVER.c.person)

WEB_SESSION: Final = _table(
    "web_session",
    *_key("session"),
    _word("person"),
    _word("since"),
    _word("seen"),
    _word("address"),
    _word("browser"),
    _word("ended_at", optional=True),
    _word("ended_by", optional=True),
)
Index("web_session_person", WEB_SESSION.c.authority, WEB_SESSION.c.person, WEB_SESSION.c.since)

FAILED_SIGN_IN: Final = _table(
    "failed_sign_in",
    *_key("kind", "subject"),
    Column("count", Integer, nullable=False),
    _word("last_at"),
)
Index("failed_sign_in_last", FAILED_SIGN_IN.c.last_at)

"""Tokens that programs show instead of a password: issued to a person or a system, kept as a digest, ended at once."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from typing import Final, Literal

import sqlalchemy as sa

from engine.errors import NotFound, Refused
from engine.history import instant
from engine.store.database import Database, Row, RowTaken
from engine.store.sealing import fresh
from engine.store.statements import of, this_row
from engine.store.tables import TOKEN

Holder = Literal["person", "system"]


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its secret.

    holder  'person': acts as that person, in the roles they hold on the day; 'system': acts in the token's own roles
    name    the person's id, or what the system is called
    scopes  what may be done with it
    """

    token: str
    holder: Holder
    name: str
    roles: tuple[str, ...]
    scopes: tuple[str, ...]
    issued_at: str
    issued_by: str
    expires_at: str
    ended_at: str | None = None
    ended_by: str | None = None


class TokenUnknown(NotFound):
    """There is no such token that still works."""

    def __init__(self, authority: str, token: str) -> None:
        super().__init__(f"Token {token[:32]} of {authority} does not exist or has ended. Reload the list.")
        self.authority, self.token = authority, token


_COLUMNS: Final = tuple(TOKEN.c)[2:]
_ADD: Final = sa.insert(TOKEN)
_ONE: Final = sa.select(TOKEN.c.token, *_COLUMNS).where(this_row(TOKEN))
_ALL: Final = (
    sa.select(TOKEN.c.token, *_COLUMNS).where(of(TOKEN.c.authority)).order_by(TOKEN.c.issued_at, TOKEN.c.token)
)
_END: Final = (
    sa.update(TOKEN)
    .where(this_row(TOKEN), TOKEN.c.ended_at.is_(None))
    .values(ended_at=sa.bindparam("at", type_=sa.Text()), ended_by=sa.bindparam("by_whom", type_=sa.Text()))
)


class TokenIssued(Refused):
    """The same wish for a token came twice; the second made none."""

    def __init__(self, token: str) -> None:
        super().__init__(f"Token {token} was issued already, and what opens it was shown then.")
        self.token = token


class Tokens:
    """The tokens of each authority."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def issue(
        self,
        authority: str,
        *,
        holder: Holder,
        name: str,
        roles: tuple[str, ...],
        scopes: tuple[str, ...],
        at: datetime,
        until: datetime,
        by: str,
        key: str | None = None,
    ) -> tuple[str, Token]:
        """Make a token: as its holder shows it, which is said once, and as it is kept.

        key  what names the wish for it: wished for twice, it is made once. Raises TokenIssued the second time
        """
        token = fresh(6).hex() if key is None else sha256(f"{authority} {key}".encode()).hexdigest()[:12]
        secret = base64.urlsafe_b64encode(fresh(32)).decode().rstrip("=")
        row = {
            "authority": authority,
            "token": token,
            "digest": sha256(secret.encode()).digest(),
            "holder": holder,
            "name": name,
            "roles": " ".join(roles),
            "scopes": " ".join(scopes),
            "issued_at": instant(at),
            "issued_by": by,
            "expires_at": instant(until),
            "ended_at": None,
            "ended_by": None,
        }
        try:
            with self._database.writing() as session:
                session.run(_ADD, row)
        except RowTaken:
            raise TokenIssued(token) from None
        kept = Token(token, holder, name, roles, scopes, instant(at), by, instant(until))
        return f"dp.{authority}.{token}.{secret}", kept

    def shown(self, text: str, at: datetime) -> tuple[str, Token] | None:
        """The authority and token that a text shows, where it is right, has not expired and was not ended."""
        parts = text.split(".")
        if len(parts) != 4 or parts[0] != "dp" or not text.isascii() or len(text) > 200:
            return None
        _, authority, token, secret = parts
        with self._database.reading() as session:
            row = session.one(_ONE, {"authority": authority, "token": token})
        digest = sha256(secret.encode()).digest()
        if row is None or not compare_digest(bytes(row[1]), digest):
            return None
        found = _token(row)
        return (authority, found) if found.ended_at is None and instant(at) < found.expires_at else None

    def all(self, authority: str) -> list[Token]:
        """Every token of an authority, the oldest first."""
        with self._database.reading() as session:
            return [_token(row) for row in session.all(_ALL, {"authority": authority})]

    def end(self, authority: str, token: str, *, at: datetime, by: str) -> None:
        """End a token: the next request with it is refused. Raises TokenUnknown."""
        place = {"authority": authority, "token": token}
        with self._database.writing() as session:
            if not session.run(_END, place | {"at": instant(at), "by_whom": by}):
                raise TokenUnknown(authority, token)


def _token(row: Row) -> Token:
    token, _, holder, name, roles, scopes, issued_at, issued_by, expires_at, ended_at, ended_by = row
    held, may = tuple(roles.split()), tuple(scopes.split())
    return Token(token, holder, name, held, may, issued_at, issued_by, expires_at, ended_at, ended_by)

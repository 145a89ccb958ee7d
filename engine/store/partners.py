"""The systems that messages come from and go to: senders and receivers of an authority, each with its keys.

A key is a Standard Webhooks secret. It is shown once, when it is made, and kept sealed under the authority's key.
Two keys may be valid at once, so that one is changed without a message lost.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import sqlalchemy as sa

from engine.errors import NotFound, Refused
from engine.history import instant
from engine.store.database import Database, Row, RowTaken
from engine.store.keys import AuthorityKeys
from engine.store.sealing import fresh
from engine.store.statements import of, this_row
from engine.store.tables import NEVER, PARTNER, PARTNER_KEY
from engine.store.vault import CaseKey

Kind = Literal["sender", "receiver"]

_SECRET: Final = b"partner key"
#: Bytes of a secret: Standard Webhooks asks for 24 to 64.
_LENGTH: Final = 32


@dataclass(frozen=True, slots=True)
class Partner:
    """A system outside: a sender of messages, or a receiver of notices.

    address  where a receiver is reached; empty for a sender
    topics   the events a receiver is told of; empty for all
    binary   whether a sender may put a message's attributes into headers, which its signature does not cover
    """

    kind: Kind
    partner: str
    title: str
    address: str = ""
    topics: tuple[str, ...] = ()
    binary: bool = False
    recorded_at: str = ""
    recorded_by: str = ""
    ended_at: str | None = None
    ended_by: str | None = None


@dataclass(frozen=True, slots=True)
class PartnerKey:
    """A key of a partner, without its secret; valid from an instant until an instant (NEVER where it is the newest)."""

    number: int
    from_at: str
    until_at: str
    made_by: str


class PartnerUnknown(NotFound):
    """There is no such sender or receiver."""

    def __init__(self, authority: str, kind: Kind, partner: str) -> None:
        super().__init__(f"{authority} has no {kind} {partner[:64]}. Check its name.")
        self.authority, self.kind, self.partner = authority, kind, partner


class PartnerExists(Refused):
    """The name is taken; names of ended partners are not used again, for history holds them."""

    def __init__(self, authority: str, kind: Kind, partner: str) -> None:
        super().__init__(f"{authority} has, or had, a {kind} called {partner[:64]}. Choose another name.")
        self.authority, self.kind, self.partner = authority, kind, partner


class PartnerEnded(Refused):
    """The sender or receiver was ended; it gets no new key."""

    def __init__(self, authority: str, kind: Kind, partner: str) -> None:
        super().__init__(f"The {kind} {partner[:64]} of {authority} has ended. Add another one.")
        self.authority, self.kind, self.partner = authority, kind, partner


_COLUMNS: Final = tuple(PARTNER.c)[1:]
_ADD: Final = sa.insert(PARTNER)
_ONE: Final = sa.select(*_COLUMNS).where(this_row(PARTNER))
_ALL: Final = sa.select(*_COLUMNS).where(of(PARTNER.c.authority), of(PARTNER.c.kind)).order_by(PARTNER.c.partner)
_END: Final = (
    sa.update(PARTNER)
    .where(this_row(PARTNER), PARTNER.c.ended_at.is_(None))
    .values(ended_at=sa.bindparam("at", type_=sa.Text()), ended_by=sa.bindparam("by_whom", type_=sa.Text()))
)
_THESE: Final = sa.and_(of(PARTNER_KEY.c.authority), of(PARTNER_KEY.c.kind), of(PARTNER_KEY.c.partner))
_KEYS: Final = sa.select(*tuple(PARTNER_KEY.c)[3:]).where(_THESE).order_by(PARTNER_KEY.c.number)
_ADD_KEY: Final = sa.insert(PARTNER_KEY)
_CUT: Final = (
    sa.update(PARTNER_KEY)
    .where(_THESE, PARTNER_KEY.c.until_at > sa.bindparam("until", type_=sa.Text()))
    .values(until_at=sa.bindparam("until", type_=sa.Text()))
)


class Partners:
    """The senders and receivers of each authority."""

    def __init__(self, database: Database, keys: AuthorityKeys) -> None:
        self._database, self._keys = database, keys

    def add(self, authority: str, partner: Partner, *, at: datetime, by: str) -> str:
        """Keep a new partner and make its first key; gives the secret, which is never shown again.

        Raises PartnerExists.
        """
        place = {"authority": authority, "kind": partner.kind, "partner": partner.partner}
        row = place | {
            "title": partner.title,
            "address": partner.address,
            "topics": " ".join(partner.topics),
            "binary": partner.binary,
            "recorded_at": instant(at),
            "recorded_by": by,
            "ended_at": None,
            "ended_by": None,
        }
        secret, key = self._new_key(place, 1, at, by)
        try:
            with self._database.writing() as session:
                session.run(_ADD, row)
                session.run(_ADD_KEY, key)
        except RowTaken as error:
            raise PartnerExists(authority, partner.kind, partner.partner) from error
        return secret

    def all(self, authority: str, kind: Kind) -> list[Partner]:
        """Every partner of a kind by name, the ended ones too."""
        with self._database.reading() as session:
            return [_partner(row) for row in session.all(_ALL, {"authority": authority, "kind": kind})]

    def find(self, authority: str, kind: Kind, partner: str) -> Partner | None:
        """One partner, or None."""
        with self._database.reading() as session:
            row = session.one(_ONE, {"authority": authority, "kind": kind, "partner": partner})
        return None if row is None else _partner(row)

    def keys(self, authority: str, kind: Kind, partner: str) -> list[PartnerKey]:
        """A partner's keys, the oldest first, without their secrets."""
        place = {"authority": authority, "kind": kind, "partner": partner}
        with self._database.reading() as session:
            return [PartnerKey(row[0], row[1], row[2], row[3]) for row in session.all(_KEYS, place)]

    def secrets(self, authority: str, kind: Kind, partner: str, at: datetime) -> list[str]:
        """The secrets valid at an instant, the newest first; none where the partner ended or never was."""
        found = self.find(authority, kind, partner)
        if found is None or found.ended_at is not None:
            return []
        place, now = {"authority": authority, "kind": kind, "partner": partner}, instant(at)
        with self._database.reading() as session:
            rows = session.all(_KEYS, place)
        box = self._box(authority)
        valid = [row for row in rows if row[1] <= now < row[2]]
        return [box.open(_SECRET, row[0], row[4]).decode() for row in reversed(valid)]

    def rotate(self, authority: str, kind: Kind, partner: str, *, at: datetime, old_until: datetime, by: str) -> str:
        """Make a new key, valid at once; the older ones end at `old_until`. Gives the secret, never shown again.

        Raises PartnerUnknown and PartnerEnded.
        """
        place = {"authority": authority, "kind": kind, "partner": partner}
        found = self.find(authority, kind, partner)
        if found is None:
            raise PartnerUnknown(authority, kind, partner)
        if found.ended_at is not None:
            raise PartnerEnded(authority, kind, partner)
        number = max(key.number for key in self.keys(authority, kind, partner)) + 1
        secret, key = self._new_key(place, number, at, by)
        with self._database.writing() as session:
            session.run(_CUT, place | {"until": instant(old_until)})
            session.run(_ADD_KEY, key)
        return secret

    def end(self, authority: str, kind: Kind, partner: str, *, at: datetime, by: str) -> None:
        """End a partner and all its keys at once. Raises PartnerUnknown and PartnerEnded."""
        place = {"authority": authority, "kind": kind, "partner": partner}
        if self.find(authority, kind, partner) is None:
            raise PartnerUnknown(authority, kind, partner)
        with self._database.writing() as session:
            if not session.run(_END, place | {"at": instant(at), "by_whom": by}):
                raise PartnerEnded(authority, kind, partner)
            session.run(_CUT, place | {"until": instant(at)})

    def _new_key(self, place: dict[str, str], number: int, at: datetime, by: str) -> tuple[str, dict[str, object]]:
        secret = "whsec_" + base64.b64encode(fresh(_LENGTH)).decode()
        sealed = self._box(place["authority"]).seal(_SECRET, number, secret.encode())
        span = {"number": number, "from_at": instant(at), "until_at": NEVER, "made_by": by}
        return secret, place | span | {"sealed": sealed}

    def _box(self, authority: str) -> CaseKey:
        return CaseKey(self._keys.key(authority, "partners"), authority, "")


def _partner(row: Row) -> Partner:
    kind, partner, title, address, topics, binary, recorded_at, recorded_by, ended_at, ended_by = row
    told = tuple(topics.split())
    return Partner(kind, partner, title, address, told, bool(binary), recorded_at, recorded_by, ended_at, ended_by)

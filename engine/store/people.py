"""Who may act: people of an authority and the roles they hold, dated, with absence cover on the record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import sqlalchemy as sa

from engine.errors import NotFound, Refused
from engine.history import instant
from engine.store.database import Database, Row, RowTaken
from engine.store.statements import of
from engine.store.tables import CASE_ACCESS, PERSON, ROLE_HOLDING


class SignInTaken(Refused):
    """Two people of an authority cannot sign in under one name."""

    def __init__(self, authority: str, person: str) -> None:
        super().__init__(f"The sign-in of person {person} of {authority} is taken. Choose another.")
        self.authority, self.person = authority, person


class PersonUnknown(NotFound):
    """There is no such person in this authority."""

    def __init__(self, authority: str, person: str) -> None:
        super().__init__(f"Person {person} does not exist for {authority}. Check the id.")
        self.authority, self.person = authority, person


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff. `secret` is a password's hash, None where an identity provider signs them in."""

    person: str
    sign_in: str
    name: str
    email: str | None = None
    secret: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class Holding:
    """A role that a person holds from a day until a day (both included); `covers` names the person stood in for."""

    person: str
    role: str
    from_on: str
    until_on: str | None = None
    covers: str | None = None


_COLUMNS: Final = (PERSON.c.person, PERSON.c.sign_in, PERSON.c.name, PERSON.c.email, PERSON.c.secret, PERSON.c.active)
_ADD: Final = sa.insert(PERSON)
_CHANGE: Final = (
    sa.update(PERSON)
    .where(of(PERSON.c.authority), of(PERSON.c.person))
    .values({n: sa.bindparam(n, type_=PERSON.c[n].type) for n in ("sign_in", "name", "email", "secret", "active")})
)
_BY_ID: Final = sa.select(*_COLUMNS).where(of(PERSON.c.authority), of(PERSON.c.person))
_BY_SIGN_IN: Final = sa.select(*_COLUMNS).where(of(PERSON.c.authority), of(PERSON.c.sign_in))
_ADD_HOLDING: Final = sa.insert(ROLE_HOLDING)
_END_HOLDING: Final = (
    sa.update(ROLE_HOLDING)
    .where(of(ROLE_HOLDING.c.authority), of(ROLE_HOLDING.c.person), of(ROLE_HOLDING.c.role), of(ROLE_HOLDING.c.from_on))
    .values(until_on=sa.bindparam("until_on", type_=sa.Text()))
)
_HOLDINGS: Final = sa.select(
    ROLE_HOLDING.c.person, ROLE_HOLDING.c.role, ROLE_HOLDING.c.from_on, ROLE_HOLDING.c.until_on, ROLE_HOLDING.c.covers
)


class People:
    """The people of each authority and what they may be."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, authority: str, person: Person, *, at: datetime) -> None:
        """Add a person or change their details. Raises SignInTaken."""
        row = {"authority": authority, "recorded_at": instant(at)} | {
            name: getattr(person, name) for name in ("person", "sign_in", "name", "email", "secret", "active")
        }
        try:
            with self._database.writing() as session:
                if not session.run(_CHANGE, row):
                    session.run(_ADD, row)
        except RowTaken as error:
            raise SignInTaken(authority, person.person) from error

    def find(self, authority: str, person: str) -> Person | None:
        """A person by id, or None."""
        with self._database.reading() as session:
            row = session.one(_BY_ID, {"authority": authority, "person": person})
        return None if row is None else _person(row)

    def by_sign_in(self, authority: str, sign_in: str) -> Person | None:
        """A person by the name they sign in with, or None."""
        with self._database.reading() as session:
            row = session.one(_BY_SIGN_IN, {"authority": authority, "sign_in": sign_in})
        return None if row is None else _person(row)

    def all(self, authority: str) -> list[Person]:
        """Everybody of an authority, by id."""
        query = sa.select(*_COLUMNS).where(PERSON.c.authority == authority).order_by(PERSON.c.person)
        with self._database.reading() as session:
            return [_person(row) for row in session.search(query)]

    def hold(self, authority: str, holding: Holding, *, at: datetime, by: str, why: str) -> bool:
        """Give a person a role from a day on; False where that was recorded before. Raises PersonUnknown."""
        if self.find(authority, holding.person) is None:
            raise PersonUnknown(authority, holding.person)
        row = {name: getattr(holding, name) for name in ("person", "role", "from_on", "until_on", "covers")}
        row |= {"authority": authority, "recorded_at": instant(at), "recorded_by": by, "why": why}
        try:
            with self._database.writing() as session:
                session.run(_ADD_HOLDING, row)
        except RowTaken:
            return False
        return True

    def end_holding(self, authority: str, holding: Holding, until: date) -> bool:
        """Let a role end on a day; False where the person does not hold it."""
        row = {"person": holding.person, "role": holding.role, "from_on": holding.from_on}
        with self._database.writing() as session:
            return session.run(_END_HOLDING, row | {"authority": authority, "until_on": until.isoformat()}) == 1

    def holdings(
        self, authority: str, *, on: date | None = None, person: str | None = None, role: str | None = None
    ) -> list[Holding]:
        """Who holds what: all that was ever recorded, or what counts on a day."""
        query = _HOLDINGS.where(ROLE_HOLDING.c.authority == authority)
        if person is not None:
            query = query.where(ROLE_HOLDING.c.person == person)
        if role is not None:
            query = query.where(ROLE_HOLDING.c.role == role)
        if on is not None:
            day = on.isoformat()
            lasting = sa.or_(ROLE_HOLDING.c.until_on.is_(None), ROLE_HOLDING.c.until_on >= day)
            query = query.where(ROLE_HOLDING.c.from_on <= day, lasting)
        query = query.order_by(ROLE_HOLDING.c.role, ROLE_HOLDING.c.person, ROLE_HOLDING.c.from_on)
        with self._database.reading() as session:
            return [Holding(*row) for row in session.search(query)]

    def roles(self, authority: str, person: str, on: date) -> tuple[str, ...]:
        """The roles a person holds on a day."""
        return tuple(dict.fromkeys(holding.role for holding in self.holdings(authority, on=on, person=person)))

    def on_case(self, authority: str, case_id: str) -> list[tuple[str, str]]:
        """Who works on a case: (person, role)."""
        query = (
            sa.select(CASE_ACCESS.c.person, CASE_ACCESS.c.role)
            .where(CASE_ACCESS.c.authority == authority, CASE_ACCESS.c.case_id == case_id)
            .order_by(CASE_ACCESS.c.person, CASE_ACCESS.c.role)
        )
        with self._database.reading() as session:
            return [(row[0], row[1]) for row in session.search(query)]

    def cases_of(self, authority: str, people: Iterable[str]) -> list[str]:
        """The cases on which any of these people work."""
        query = (
            sa.select(CASE_ACCESS.c.case_id)
            .where(CASE_ACCESS.c.authority == authority, CASE_ACCESS.c.person.in_(sorted(set(people))))
            .distinct()
            .order_by(CASE_ACCESS.c.case_id)
        )
        with self._database.reading() as session:
            return [str(row[0]) for row in session.search(query)]


def _person(row: Row) -> Person:
    person, sign_in, name, email, secret, active = row
    return Person(person, sign_in, name, email, secret, bool(active))

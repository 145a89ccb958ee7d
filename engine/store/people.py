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
from engine.store.people_tables import COVER, PERSON, ROLE_HOLDING
from engine.store.statements import of
from engine.store.tables import CASE_ACCESS


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
    """A member of staff.

    secret       a password's hash, None where only an identity provider signs them in
    must_change  somebody else knows the password: it is changed at the next sign-in
    subject      what the identity provider calls them for good, once it has named them: '<issuer> <sub>'
    """

    person: str
    sign_in: str
    name: str
    email: str | None = None
    secret: str | None = None
    active: bool = True
    must_change: bool = False
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Cover:
    """Somebody stands in for an absent person in one role, from a day until a day, both included."""

    absent: str
    role: str
    person: str
    from_on: str
    until_on: str
    why: str = ""
    recorded_by: str = ""


@dataclass(frozen=True, slots=True)
class Holding:
    """A role that a person holds from a day until a day (both included); `covers` names the person stood in for."""

    person: str
    role: str
    from_on: str
    until_on: str | None = None
    covers: str | None = None


_NAMES: Final = ("person", "sign_in", "name", "email", "secret", "active", "must_change", "subject")
_COLUMNS: Final = tuple(PERSON.c[name] for name in _NAMES)
_ADD: Final = sa.insert(PERSON)
_CHANGE: Final = (
    sa.update(PERSON)
    .where(of(PERSON.c.authority), of(PERSON.c.person))
    .values({name: sa.bindparam(name, type_=PERSON.c[name].type) for name in _NAMES[1:]})
)
_BY_ID: Final = sa.select(*_COLUMNS).where(of(PERSON.c.authority), of(PERSON.c.person))
_BY_SIGN_IN: Final = sa.select(*_COLUMNS).where(of(PERSON.c.authority), of(PERSON.c.sign_in))
_ADD_HOLDING: Final = sa.insert(ROLE_HOLDING)
_END_HOLDING: Final = (
    sa.update(ROLE_HOLDING)
    .where(of(ROLE_HOLDING.c.authority), of(ROLE_HOLDING.c.person), of(ROLE_HOLDING.c.role), of(ROLE_HOLDING.c.from_on))
    .values(until_on=sa.bindparam("until_on", type_=sa.Text()))
)
_COVER_NAMES: Final = ("absent", "role", "person", "from_on", "until_on", "why", "recorded_by")
_ADD_COVER: Final = sa.insert(COVER)
_END_COVER: Final = (
    sa.update(COVER)
    .where(of(COVER.c.authority), of(COVER.c.absent), of(COVER.c.role), of(COVER.c.person), of(COVER.c.from_on))
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
        row = {"authority": authority, "recorded_at": instant(at)} | {name: getattr(person, name) for name in _NAMES}
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
        """The roles a person holds on a day, those of the people they cover included."""
        own = (holding.role for holding in self.holdings(authority, on=on, person=person))
        lent = (cover.role for cover in self.covers(authority, on=on, person=person))
        return tuple(dict.fromkeys([*own, *lent]))

    def cover(self, authority: str, cover: Cover, *, at: datetime) -> bool:
        """Record that somebody stands in for another; False where that was recorded before. Raises PersonUnknown."""
        for one in (cover.absent, cover.person):
            if self.find(authority, one) is None:
                raise PersonUnknown(authority, one)
        row = {name: getattr(cover, name) for name in _COVER_NAMES}
        try:
            with self._database.writing() as session:
                session.run(_ADD_COVER, row | {"authority": authority, "recorded_at": instant(at)})
        except RowTaken:
            return False
        return True

    def end_cover(self, authority: str, cover: Cover, until: date) -> bool:
        """Let a cover end on a day; a day before it began means that it never was. False where there is none."""
        row = {name: getattr(cover, name) for name in ("absent", "role", "person", "from_on")}
        with self._database.writing() as session:
            return session.run(_END_COVER, row | {"authority": authority, "until_on": until.isoformat()}) == 1

    def covers(
        self, authority: str, *, on: date | None = None, person: str | None = None, absent: str | None = None
    ) -> list[Cover]:
        """Who stands in for whom: all that was ever recorded, or what counts on a day.

        It counts only while the absent person holds the role: nobody stands in for what another does not hold.
        """
        query = sa.select(*(COVER.c[name] for name in _COVER_NAMES)).where(COVER.c.authority == authority)
        if person is not None:
            query = query.where(COVER.c.person == person)
        if absent is not None:
            query = query.where(COVER.c.absent == absent)
        if on is not None:
            day = on.isoformat()
            held = (
                sa.select(sa.literal(1))
                .where(
                    ROLE_HOLDING.c.authority == COVER.c.authority,
                    ROLE_HOLDING.c.person == COVER.c.absent,
                    ROLE_HOLDING.c.role == COVER.c.role,
                    ROLE_HOLDING.c.from_on <= day,
                    sa.or_(ROLE_HOLDING.c.until_on.is_(None), ROLE_HOLDING.c.until_on >= day),
                )
                .exists()
            )
            query = query.where(COVER.c.from_on <= day, COVER.c.until_on >= day, held)
        query = query.order_by(COVER.c.from_on, COVER.c.absent, COVER.c.role, COVER.c.person)
        with self._database.reading() as session:
            return [Cover(*row) for row in session.search(query)]

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
    person, sign_in, name, email, secret, active, must_change, subject = row
    return Person(person, sign_in, name, email, secret, bool(active), bool(must_change), subject)

"""Who looked at which case: a chain of its own for each case, apart from the case's revisions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from engine.history import instant
from engine.store.chain import reading_link, readings_genesis
from engine.store.database import Database, RowTaken, Session
from engine.store.errors import StoreUnavailable, Undecipherable
from engine.store.statements import this_case
from engine.store.tables import CASE_FILE, READING, READING_HEAD
from engine.store.visibility import Viewer, visible

_ATTEMPTS: Final = 20


@dataclass(frozen=True, slots=True)
class Reading:
    """Somebody looked: `what` is a page or an export ('case', 'history', 'letter 3'), never its contents."""

    case_id: str
    number: int
    at: str
    person: str
    role: str | None
    what: str


_HEAD: Final = sa.select(READING_HEAD.c.number, READING_HEAD.c.hash).where(this_case(READING_HEAD))
_LAST: Final = sa.select(sa.func.max(READING.c.number)).where(this_case(READING))
_FIRST_HEAD: Final = sa.insert(READING_HEAD)
_MOVE_HEAD: Final = (
    sa.update(READING_HEAD)
    .where(this_case(READING_HEAD), READING_HEAD.c.number == bindparam("expected", type_=sa.Integer()))
    .values(number=bindparam("number_now", type_=sa.Integer()), hash=bindparam("hash_now", type_=sa.LargeBinary()))
)
_ADD: Final = sa.insert(READING)
_COLUMNS: Final = (
    READING.c.case_id, READING.c.number, READING.c.at, READING.c.person, READING.c.role, READING.c.what,
)  # fmt: skip


def _may_be_told(viewer: Viewer) -> sa.ColumnElement[bool]:
    """A look at a list, or at a case that the viewer sees."""
    here = sa.and_(CASE_FILE.c.authority == READING.c.authority, CASE_FILE.c.case_id == READING.c.case_id)
    return sa.or_(
        READING.c.case_id == "", sa.select(sa.literal(1)).select_from(CASE_FILE).where(here, visible(viewer)).exists()
    )


class Readings:
    """Records every look at a case; lists that concern no single case are recorded under the case id ''."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, authority: str, case_id: str, *, person: str, role: str | None, what: str, at: datetime) -> int:
        """Record that somebody looked; gives the reading's number. Raises Undecipherable where the record is broken."""
        for _ in range(_ATTEMPTS):
            try:
                with self._database.writing() as session:
                    number = self._record(session, authority, case_id, person, role, what, instant(at))
            except RowTaken:
                number = 0
            if number:
                return number
        if self._is_broken(authority, case_id):
            raise Undecipherable("record of looks", authority, case_id)
        raise StoreUnavailable("too many people look at one case at once")

    def of_case(self, authority: str, case_id: str) -> list[Reading]:
        """Who looked at a case, the first first."""
        query = sa.select(*_COLUMNS).where(READING.c.authority == authority, READING.c.case_id == case_id)
        with self._database.reading() as session:
            return [Reading(*row) for row in session.search(query.order_by(READING.c.number))]

    def of_person(self, authority: str, person: str, most: int = 1000) -> list[Reading]:
        """What a person looked at, the latest first."""
        query = sa.select(*_COLUMNS).where(READING.c.authority == authority, READING.c.person == person)
        query = query.order_by(READING.c.at.desc(), READING.c.case_id, READING.c.number.desc()).limit(most)
        with self._database.reading() as session:
            return [Reading(*row) for row in session.search(query)]

    def record_all(
        self, authority: str, cases: Iterable[str], *, person: str, role: str | None, what: str, at: datetime
    ) -> frozenset[str]:
        """Record one look at each of several cases, all in one transaction; gives those whose record is broken.

        Of those no look can be recorded: what is in them is told to nobody.
        """
        wanted, broken = list(dict.fromkeys(cases)), frozenset[str]()
        for _ in range(_ATTEMPTS):
            try:
                with self._database.writing() as session:
                    for case_id in wanted:
                        if case_id not in broken and not self._record(
                            session, authority, case_id, person, role, what, instant(at)
                        ):
                            raise RowTaken(case_id)
            except RowTaken:
                broken = frozenset(case_id for case_id in wanted if self._is_broken(authority, case_id))
                continue
            return broken
        raise StoreUnavailable("too many people look at the same cases at once")

    def by_person(
        self, authority: str, person: str, viewer: Viewer, *, skipping: int = 0, most: int = 50
    ) -> list[Reading]:
        """What a person looked at, the latest first, as far as the viewer may see the cases."""
        query = sa.select(*_COLUMNS).where(
            READING.c.authority == authority, READING.c.person == person, _may_be_told(viewer)
        )
        query = query.order_by(READING.c.at.desc(), READING.c.case_id, READING.c.number.desc())
        with self._database.reading() as session:
            return [Reading(*row) for row in session.search(query.offset(skipping).limit(most))]

    def people(self, authority: str, viewer: Viewer) -> list[tuple[str, int, str]]:
        """Everybody who looked at something that the viewer may be told of: how often, and when last."""
        query = (
            sa.select(READING.c.person, sa.func.count(), sa.func.max(READING.c.at))
            .where(READING.c.authority == authority, _may_be_told(viewer))
            .group_by(READING.c.person)
            .order_by(READING.c.person)
        )
        with self._database.reading() as session:
            return [(str(row[0]), int(row[1]), str(row[2])) for row in session.search(query)]

    def _is_broken(self, authority: str, case_id: str) -> bool:
        """Whether the newest look that a case's record names is no number, or others stand behind it."""
        place = {"authority": authority, "case_id": case_id}
        with self._database.looking() as session:
            head, last = session.one(_HEAD, place), session.one(_LAST, place)
        newest, number = (0 if head is None else head[0]), (0 if last is None else last[0] or 0)
        return not isinstance(newest, int) or newest < number

    def _record(
        self, session: Session, authority: str, case_id: str, person: str, role: str | None, what: str, at: str
    ) -> int:
        """Add to the chain; 0 where somebody else did at the same moment."""
        place = {"authority": authority, "case_id": case_id}
        head = session.one(_HEAD, place)
        expected, previous = (0, readings_genesis(authority, case_id)) if head is None else (head[0], head[1])
        if not isinstance(expected, int):
            return 0
        number = expected + 1
        hashed = reading_link(previous, authority, case_id, number, at, person, role, what)
        if head is None:
            session.run(_FIRST_HEAD, place | {"number": number, "checkpointed": 0, "hash": hashed})
        elif not session.run(_MOVE_HEAD, place | {"expected": expected, "number_now": number, "hash_now": hashed}):
            return 0
        row = {"number": number, "at": at, "person": person, "role": role, "what": what, "hash": hashed}
        session.run(_ADD, place | row)
        return number

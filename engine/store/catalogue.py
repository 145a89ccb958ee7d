"""The catalogue as the store keeps it: a case's entries replaced whole, and which cases are behind their history.

It is made from history and may be thrown away at any time (docs/adr/0006-catalogue.md).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, Final

import orjson
import sqlalchemy as sa

from engine.store.catalogue_tables import CATALOGUE, MENTION, PASSAGE, STAY
from engine.store.database import Database, Row, RowTaken
from engine.store.statements import of, this_case
from engine.store.tables import CASE_FILE


@dataclass(frozen=True, slots=True)
class Mention:
    """A word under which a step of a case is found.

    kind      outcome, clause, row_clause, row, role, person, register, escalation or kept
    word      a clause id, 'table 3' for a row, a role, a person id, an outcome, what the register calls it
    element   the element it stands with, '' where it stands with none
    days      how many days late, where it is about lateness
    """

    kind: str
    word: str
    revision: int
    at: str
    element: str = ""
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """A time that a pathway waited at an element.

    kind             task, job, timer or message
    opened, ended    revisions; ended None while it waits
    in_working_days  whether its deadline, and so `days` and `late`, are counted in working days
    ending           'done', 'withdrawn' or '' while it waits
    days, late       how long it took; how many days after its due date it ended (negative: before)
    """

    number: int
    kind: str
    pathway: str
    release: str
    process: str
    element: str
    role: str
    clauses: str
    opened_at: str
    opened: int
    due_on: str | None
    in_working_days: bool
    ended_at: str | None = None
    ended: int | None = None
    ending: str = ""
    person: str = ""
    days: int | None = None
    late: int | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """How often a pathway of a case went through its elements: by London date, 'process element' and number."""

    instance: int
    pathway: str
    release: str
    started_at: str
    passed: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Catalogued:
    """Everything that the catalogue holds of a case."""

    mentions: tuple[Mention, ...] = ()
    stays: tuple[Stay, ...] = ()
    passages: tuple[Passage, ...] = ()


_FIELDS: Final = {row: tuple(f.name for f in fields(row)) for row in (Mention, Stay, Passage)}
_READ: Final = {row: attrgetter(*names) for row, names in _FIELDS.items()}
_ADD: Final = {Mention: sa.insert(MENTION), Stay: sa.insert(STAY), Passage: sa.insert(PASSAGE)}
_CLEAR: Final = tuple(sa.delete(table).where(this_case(table)) for table in (CATALOGUE, MENTION, STAY, PASSAGE))
_HEAD: Final = sa.insert(CATALOGUE)
_ALL: Final = {
    row: sa.select(*(table.c[name] for name in _FIELDS[row])).where(this_case(table))
    for row, table in ((Mention, MENTION), (Stay, STAY), (Passage, PASSAGE))
}


class Catalogue:
    """What cases are found by."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def behind(self, authority: str, edition: int, *, after: str = "", most: int = 100) -> list[str]:
        """Cases past `after` whose history has gone on since they were catalogued, or whose entries are of another
        edition.
        """
        query = _behind(sa.select(CASE_FILE.c.case_id), authority, edition).where(CASE_FILE.c.case_id > after)
        query = query.order_by(CASE_FILE.c.case_id).limit(most)
        with self._database.reading() as session:
            return [str(row[0]) for row in session.search(query)]

    def count_behind(self, authority: str, edition: int) -> int:
        """How many cases are behind."""
        with self._database.reading() as session:
            rows = session.search(_behind(sa.select(sa.func.count()), authority, edition))
        return int(rows[0][0])

    def keep(self, authority: str, case_id: str, revision: int, edition: int, entries: Catalogued) -> bool:
        """Put a case's entries in the place of those there were; False where somebody else did so just now."""
        place = {"authority": authority, "case_id": case_id}
        try:
            with self._database.writing() as session:
                for statement in _CLEAR:
                    session.run(statement, place)
                session.run(_HEAD, place | {"revision": revision, "edition": edition})
                session.many(_ADD[Mention], [place | _row(one) for one in entries.mentions])
                session.many(_ADD[Stay], [place | _row(one) for one in entries.stays])
                session.many(
                    _ADD[Passage],
                    [place | _row(one) | {"passed": orjson.dumps(one.passed)} for one in entries.passages],
                )
        except RowTaken:
            return False
        return True

    def of_case(self, authority: str, case_id: str) -> tuple[int, int, Catalogued] | None:
        """What is kept of a case: up to which revision, by which edition, and the entries; None where nothing is."""
        place = {"authority": authority, "case_id": case_id}
        with self._database.looking() as session:
            head = session.one(_ONE, place)
            found = {row: session.all(statement, place) for row, statement in _ALL.items()}
        if head is None:
            return None
        stays = sorted(map(stay_of, found[Stay]), key=lambda one: one.number)
        passages = map(passage_of, found[Passage])
        mentions = sorted((Mention(*row) for row in found[Mention]), key=_order)
        entries = Catalogued(tuple(mentions), tuple(stays), tuple(sorted(passages, key=lambda one: one.instance)))
        return int(head[0]), int(head[1]), entries

    def forget(self, authority: str) -> None:
        """Throw every entry of an authority away; they are made again from history."""
        with self._database.writing() as session:
            for table in (CATALOGUE, MENTION, STAY, PASSAGE):
                session.run(sa.delete(table).where(of(table.c.authority)), {"authority": authority})


_ONE: Final = sa.select(CATALOGUE.c.revision, CATALOGUE.c.edition).where(this_case(CATALOGUE))


def stay_of(row: Row) -> Stay:
    """A stay as its table holds it, after the authority and the case."""
    number, kind, pathway, release, process, element, role, clauses, opened_at, opened, due_on, working, *ended = row
    return Stay(
        number,
        kind,
        pathway,
        release,
        process,
        element,
        role,
        clauses,
        opened_at,
        opened,
        due_on,
        bool(working),
        *ended,
    )


def passage_of(row: Row) -> Passage:
    """A passage as its table holds it, after the authority and the case."""
    instance, pathway, release, started_at, passed = row
    return Passage(instance, pathway, release, started_at, orjson.loads(passed))


def _order(one: Mention) -> tuple[str, str, int]:
    return one.kind, one.word, one.revision


def _row(one: Mention | Stay | Passage) -> dict[str, Any]:
    return dict(zip(_FIELDS[type(one)], _READ[type(one)](one), strict=True))


def _behind(query: sa.Select[Any], authority: str, edition: int) -> sa.Select[Any]:
    known = sa.and_(
        CATALOGUE.c.authority == CASE_FILE.c.authority,
        CATALOGUE.c.case_id == CASE_FILE.c.case_id,
        CATALOGUE.c.revision == CASE_FILE.c.revision,
        CATALOGUE.c.edition == edition,
    )
    return (
        query.select_from(CASE_FILE.outerjoin(CATALOGUE, known))
        .where(CASE_FILE.c.authority == authority, CASE_FILE.c.erased_at.is_(None), CATALOGUE.c.case_id.is_(None))
    )  # fmt: skip

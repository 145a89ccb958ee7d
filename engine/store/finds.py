"""Finds cases and steps by the catalogue; nobody finds what they may not see.

A case that keeps something from whoever asks is not found by the rows of its tables: which row matched would tell it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from engine.store.catalogue import Passage, Stay, passage_of, stay_of
from engine.store.catalogue_tables import MENTION, PASSAGE, STAY
from engine.store.database import Database
from engine.store.tables import CASE_FILE
from engine.store.visibility import Viewer, visible

#: Kinds of mentions that would tell what is kept from somebody.
TELLING: Final = frozenset({"row", "row_clause"})


@dataclass(frozen=True, slots=True)
class Sought:
    """One thing that a step must be found by.

    kinds    of mentions, any of them; ('open',) for tasks that are open past their due date
    word     the word; None for every word of these kinds
    at_least how many days late, where that is asked
    """

    kinds: tuple[str, ...]
    word: str | None = None
    at_least: int | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """From an instant up to before another; '' leaves an end open."""

    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A case that was found, its newest step that did it, and how many steps did."""

    case_id: str
    revision: int
    at: str


@dataclass(frozen=True, slots=True)
class Matched:
    """A step by which a case was found: which of the things sought it is, and the word and element."""

    case_id: str
    sought: int
    revision: int
    at: str
    kind: str
    word: str
    element: str
    days: int | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the register."""

    case_id: str
    revision: int
    at: str
    word: str
    element: str
    days: int | None


@dataclass(frozen=True, slots=True)
class CaseStay:
    """A stay, and whose it is."""

    case_id: str
    stay: Stay


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one stay, what figures are made of (engine.store.catalogue.Stay says what each is)."""

    process: str
    element: str
    clauses: str
    in_working_days: bool
    ending: str
    days: int | None
    late: int | None
    due_on: str | None


@dataclass(frozen=True, slots=True)
class StayQuery:
    """Which stays: all that is said must hold; an empty text says nothing.

    result  'in time', 'late', 'not done', 'overdue' (open past `today`), 'open' or 'ended'
    """

    pathway: str = ""
    release: str = ""
    process: str = ""
    element: str = ""
    clause: str = ""
    result: str = ""
    with_due_date: bool = False
    period: Period = Period()
    today: str = ""


class Finds:
    """Questions to the catalogue."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def cases(
        self,
        authority: str,
        sought: Sequence[Sought],
        viewer: Viewer,
        *,
        today: str,
        keys: frozenset[str],
        period: Period,
        one_step: bool = False,
        skipping: int = 0,
        most: int = 50,
    ) -> list[Hit]:
        """Cases in which everything that is sought is found, the newest step first.

        keys      what `kept` mentions call whoever asks ('person:amira', 'role:auditor')
        one_step  whether one and the same step must be everything; else the case's steps together
        """
        if not sought:
            newest = sa.select(CASE_FILE.c.case_id, CASE_FILE.c.revision, CASE_FILE.c.changed_at).where(
                CASE_FILE.c.authority == authority,
                CASE_FILE.c.erased_at.is_(None),
                *_within(CASE_FILE.c.changed_at, period),
                visible(viewer),
            )
            newest = newest.order_by(CASE_FILE.c.changed_at.desc(), CASE_FILE.c.case_id)
            with self._database.reading() as session:
                return [Hit(*row) for row in session.search(newest.offset(skipping).limit(most))]
        found = sa.union_all(
            *(_matching(authority, one, today, keys, period, sa.literal(number)) for number, one in enumerate(sought))
        ).subquery()
        by_step = [found.c.case_id, found.c.revision] if one_step else [found.c.case_id]
        newest_first = sa.func.max(found.c.at)
        hits = (
            sa.select(found.c.case_id, sa.func.max(found.c.revision).label("revision"), newest_first.label("at"))
            .group_by(*by_step)
            .having(sa.func.count(sa.distinct(found.c.sought)) == len(sought))
            .subquery()
        )
        query = (
            sa.select(hits.c.case_id, hits.c.revision, hits.c.at)
            .select_from(
                hits.join(CASE_FILE, sa.and_(CASE_FILE.c.authority == authority, CASE_FILE.c.case_id == hits.c.case_id))
            )
            .where(CASE_FILE.c.erased_at.is_(None), visible(viewer))
            .order_by(hits.c.at.desc(), hits.c.case_id, hits.c.revision.desc())
            .offset(skipping)
            .limit(most)
        )
        with self._database.reading() as session:
            return [Hit(*row) for row in session.search(query)]

    def steps_of(
        self,
        authority: str,
        cases: Sequence[str],
        sought: Sequence[Sought],
        *,
        today: str,
        keys: frozenset[str],
        period: Period,
    ) -> list[Matched]:
        """Every step of these cases that is something sought, the newest first."""
        if not cases or not sought:
            return []
        query = sa.union_all(
            *(
                _matching(authority, one, today, keys, period, sa.literal(number), cases)
                for number, one in enumerate(sought)
            )
        ).subquery()
        with self._database.reading() as session:
            rows = session.search(sa.select(*query.c).order_by(query.c.at.desc(), query.c.revision.desc()))
        return [Matched(case, number, revision, at, *rest) for number, case, revision, at, *rest in rows]

    def words(self, authority: str, kind: str, viewer: Viewer) -> list[str]:
        """Every word of a kind that a case which may be seen is found by."""
        every = (
            sa.select(MENTION.c.word).where(MENTION.c.authority == authority, MENTION.c.kind == kind).distinct()
        ).subquery()
        # The first case that may be seen is enough: a word has thousands, and nearly all of them may be.
        seen = (
            sa.select(sa.literal(1))
            .select_from(_beside(MENTION))
            .where(
                MENTION.c.authority == authority,
                MENTION.c.kind == kind,
                MENTION.c.word == every.c.word,
                visible(viewer),
            )
            .exists()
        )
        with self._database.reading() as session:
            rows = session.search(sa.select(every.c.word).where(seen).order_by(every.c.word))
        return [str(row[0]) for row in rows]

    def register(
        self, authority: str, word: str | None, viewer: Viewer, *, period: Period, skipping: int = 0, most: int = 50
    ) -> list[Listed]:
        """Lines of the register, the newest first."""
        conditions = [MENTION.c.authority == authority, MENTION.c.kind == "register", *_within(MENTION.c.at, period)]
        if word is not None:
            conditions.append(MENTION.c.word == word)
        columns = (
            MENTION.c.case_id, MENTION.c.revision, MENTION.c.at, MENTION.c.word, MENTION.c.element, MENTION.c.days,
        )  # fmt: skip
        query = (
            sa.select(*columns)
            .select_from(_beside(MENTION))
            .where(*conditions, visible(viewer))
            .order_by(MENTION.c.at.desc(), MENTION.c.case_id, MENTION.c.word, MENTION.c.element)
            .offset(skipping)
            .limit(most)
        )
        with self._database.reading() as session:
            return [Listed(*row) for row in session.search(query)]

    def stays(
        self, authority: str, asked: StayQuery, viewer: Viewer, *, skipping: int = 0, most: int | None = None
    ) -> list[CaseStay]:
        """Stays that are everything asked, the newest first."""
        query = (
            sa.select(*tuple(STAY.c)[1:])
            .select_from(_beside(STAY))
            .where(STAY.c.authority == authority, *_of_stay(asked), visible(viewer))
            .order_by(STAY.c.opened_at.desc(), STAY.c.case_id, STAY.c.number)
            .offset(skipping)
            .limit(most)
        )
        with self._database.reading() as session:
            rows = session.search(query)
        return [CaseStay(row[0], stay_of(row[1:])) for row in rows]

    def figures(self, authority: str, asked: StayQuery, viewer: Viewer) -> list[Figures]:
        """What figures are made of, for every stay that is everything asked."""
        columns = (
            STAY.c.process, STAY.c.element, STAY.c.clauses, STAY.c.in_working_days, STAY.c.ending, STAY.c.days,
            STAY.c.late, STAY.c.due_on,
        )  # fmt: skip
        query = (
            sa.select(*columns)
            .select_from(_beside(STAY))
            .where(STAY.c.authority == authority, *_of_stay(asked), visible(viewer))
        )
        with self._database.reading() as session:
            rows = session.search(query)
        return [Figures(row[0], row[1], row[2], bool(row[3]), row[4], row[5], row[6], row[7]) for row in rows]

    def passages(self, authority: str, pathway: str, release: str, viewer: Viewer) -> list[Passage]:
        """How often cases went through the elements of a release, '' for every release of the pathway."""
        columns = (PASSAGE.c.instance, PASSAGE.c.pathway, PASSAGE.c.release, PASSAGE.c.started_at, PASSAGE.c.passed)
        conditions = [PASSAGE.c.authority == authority, PASSAGE.c.pathway == pathway]
        if release:
            conditions.append(PASSAGE.c.release == release)
        query = sa.select(*columns).select_from(_beside(PASSAGE)).where(*conditions, visible(viewer))
        with self._database.reading() as session:
            return [passage_of(row) for row in session.search(query)]

    def releases(self, authority: str, viewer: Viewer) -> list[tuple[str, str, int]]:
        """Pathways that cases ran on, each release of them, and how many cases."""
        query = (
            sa.select(PASSAGE.c.pathway, PASSAGE.c.release, sa.func.count())
            .select_from(_beside(PASSAGE))
            .where(PASSAGE.c.authority == authority, visible(viewer))
            .group_by(PASSAGE.c.pathway, PASSAGE.c.release)
            .order_by(PASSAGE.c.pathway, sa.func.min(PASSAGE.c.started_at).desc())
        )
        with self._database.reading() as session:
            return [(str(row[0]), str(row[1]), int(row[2])) for row in session.search(query)]


def _beside(table: sa.Table) -> sa.FromClause:
    here = sa.and_(table.c.authority == CASE_FILE.c.authority, table.c.case_id == CASE_FILE.c.case_id)
    return table.join(CASE_FILE, here)


def _within(at: sa.Column[Any], period: Period) -> list[sa.ColumnElement[bool]]:
    return [
        *([at >= period.since] if period.since else []),
        *([at < period.until] if period.until else []),
    ]


def _matching(
    authority: str,
    sought: Sought,
    today: str,
    keys: frozenset[str],
    period: Period,
    number: Any,
    cases: Sequence[str] | None = None,
) -> sa.Select[Any]:
    """The steps that are one thing sought: its number, case, revision, time, kind, word, element and days."""
    if sought.kinds == ("open",):
        columns = [STAY.c.case_id, STAY.c.opened.label("revision"), STAY.c.opened_at.label("at"),
                   sa.literal("open").label("kind"), STAY.c.due_on.label("word"), STAY.c.element,
                   sa.null().cast(sa.Integer).label("days")]  # fmt: skip
        query = sa.select(number.label("sought"), *columns).where(
            STAY.c.authority == authority,
            STAY.c.ending == "",
            STAY.c.due_on < today,
            *_within(STAY.c.opened_at, period),
        )
        return query.where(STAY.c.case_id.in_(cases)) if cases is not None else query
    columns = [MENTION.c.case_id, MENTION.c.revision, MENTION.c.at, MENTION.c.kind, MENTION.c.word, MENTION.c.element,
               MENTION.c.days]  # fmt: skip
    query = sa.select(number.label("sought"), *columns).where(
        MENTION.c.authority == authority, MENTION.c.kind.in_(sought.kinds), *_within(MENTION.c.at, period)
    )
    if sought.word is not None:
        query = query.where(MENTION.c.word == sought.word)
    if sought.at_least is not None:
        query = query.where(MENTION.c.days >= sought.at_least)
    if cases is not None:
        query = query.where(MENTION.c.case_id.in_(cases))
    if TELLING & set(sought.kinds):
        kept = MENTION.alias("kept")
        kept_from_them = (
            sa.select(sa.literal(1))
            .select_from(kept)
            .where(
                kept.c.authority == MENTION.c.authority,
                kept.c.kind == "kept",
                kept.c.word.in_(sorted(keys)),
                kept.c.case_id == MENTION.c.case_id,
            )
            .exists()
        )
        query = query.where(sa.or_(MENTION.c.kind.not_in(sorted(TELLING)), sa.not_(kept_from_them)))
    return query


def _of_stay(asked: StayQuery) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = _within(STAY.c.opened_at, asked.period)
    for column, wanted in (
        (STAY.c.pathway, asked.pathway),
        (STAY.c.release, asked.release),
        (STAY.c.process, asked.process),
        (STAY.c.element, asked.element),
    ):
        if wanted:
            conditions.append(column == wanted)
    if asked.clause:
        # Clauses are kept with a space between them.
        padded = sa.literal(" ") + STAY.c.clauses + sa.literal(" ")
        conditions.append(padded.contains(f" {asked.clause} ", autoescape=True))
    if asked.with_due_date:
        conditions.append(STAY.c.due_on.is_not(None))
    due = STAY.c.due_on.is_not(None)
    results = {
        "in time": [due, STAY.c.ending == "done", STAY.c.late <= 0],
        "late": [due, STAY.c.ending == "done", STAY.c.late > 0],
        "not done": [due, STAY.c.ending == "withdrawn", STAY.c.late > 0],
        "not needed": [due, STAY.c.ending == "withdrawn", STAY.c.late <= 0],
        "overdue": [STAY.c.ending == "", STAY.c.due_on < asked.today],
        "still to come": [STAY.c.ending == "", STAY.c.due_on >= asked.today],
        "open": [STAY.c.ending == ""],
        "ended": [STAY.c.ending == "done"],
    }
    return conditions + results.get(asked.result, [])

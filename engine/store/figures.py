"""Figures across the cases of one authority, each with the cases it is made of; nobody counts what they may not see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from engine.store.database import Database
from engine.store.milestone_table import MILESTONE
from engine.store.tables import CASE_FILE, ESCALATION, INSTANCE, TASK
from engine.store.trays import not_climbed_on
from engine.store.visibility import Viewer, visible

KEEP_MILESTONE: Final = sa.insert(MILESTONE)


@dataclass(frozen=True, slots=True)
class Times:
    """The moments between which ages fall, as texts that sort: the oldest bound first.

    today   the London date of today: what was due before it is overdue
    since   the earliest moment of what is counted by month
    started, due   bounds of ages, the longest ago first
    """

    today: str
    since: str
    started: tuple[str, ...]
    due: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """How often two things came together: a row and a column of a figure."""

    row: str
    column: str
    number: int


@dataclass(frozen=True, slots=True)
class Behind:
    """What a count is made of: how many things in how many cases, and some of the cases, each with how many."""

    things: int
    cases: int
    lines: tuple[tuple[str, int], ...]


def _bucket(column: sa.ColumnElement[str], bounds: tuple[str, ...]) -> sa.ColumnElement[str]:
    """Which age: '0' for the longest ago, counting up to the newest."""
    return sa.case(
        *((column < bound, sa.literal(str(position))) for position, bound in enumerate(bounds)),
        else_=sa.literal(str(len(bounds))),
    )


def _plans(times: Times) -> tuple[sa.FromClause, list[Any], sa.ColumnElement[str], sa.ColumnElement[str]]:
    running = sa.and_(
        INSTANCE.c.authority == CASE_FILE.c.authority,
        INSTANCE.c.case_id == CASE_FILE.c.case_id,
        INSTANCE.c.state == "running",
    )
    row = sa.func.coalesce(INSTANCE.c.pathway, "")
    age = _bucket(sa.func.coalesce(INSTANCE.c.started_at, CASE_FILE.c.opened_at), times.started)
    return CASE_FILE.outerjoin(INSTANCE, running), [CASE_FILE.c.plan_status == "ACTIVE"], row, age


def _beside(table: sa.Table) -> sa.FromClause:
    here = sa.and_(table.c.authority == CASE_FILE.c.authority, table.c.case_id == CASE_FILE.c.case_id)
    return CASE_FILE.join(table, here)


def _overdue(times: Times) -> tuple[sa.FromClause, list[Any], sa.ColumnElement[str], sa.ColumnElement[str]]:
    late = [TASK.c.due_on.is_not(None), TASK.c.due_on < times.today]
    roles = sa.case((TASK.c.candidates != "", TASK.c.candidates), else_=sa.func.coalesce(TASK.c.role, ""))
    return _beside(TASK), late, roles, _bucket(TASK.c.due_on, times.due)


def _in_tray(times: Times) -> tuple[sa.FromClause, list[Any], sa.ColumnElement[str], sa.ColumnElement[str]]:
    waiting = [ESCALATION.c.state != "answered", not_climbed_on()]
    return _beside(ESCALATION), waiting, ESCALATION.c.to_role, _bucket(ESCALATION.c.raised_at, times.due)


def _past(
    kind: str, row: sa.Column[Any], column: sa.Column[Any]
) -> Callable[[Times], tuple[sa.FromClause, list[Any], sa.ColumnElement[str], sa.ColumnElement[str]]]:
    def figure(times: Times) -> tuple[sa.FromClause, list[Any], sa.ColumnElement[str], sa.ColumnElement[str]]:
        return _beside(MILESTONE), [MILESTONE.c.kind == kind, MILESTONE.c.at >= times.since], row, column

    return figure


#: Each figure: where it is read, what is counted, by which row and column.
FIGURES: Final[Mapping[str, Callable[[Times], Any]]] = {
    "plans": _plans,
    "overdue": _overdue,
    "endings": _past("ending", MILESTONE.c.month, MILESTONE.c.what),
    "deadlines": _past("task", MILESTONE.c.clauses, MILESTONE.c.result),
    "in_tray": _in_tray,
    "answers": _past("answer", MILESTONE.c.role, MILESTONE.c.result),
    "departures": _past("departure", MILESTONE.c.month, MILESTONE.c.what),
}


class Figures:
    """Counts, and the cases behind each count."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def counts(self, authority: str, figure: str, times: Times, viewer: Viewer) -> list[Count]:
        """A figure's counts by row and column, in their order."""
        source, conditions, row, column = FIGURES[figure](times)
        query = (
            sa.select(row.label("row"), column.label("column"), sa.func.count())
            .select_from(source)
            .where(CASE_FILE.c.authority == authority, *conditions, visible(viewer))
            .group_by(sa.literal_column("1"), sa.literal_column("2"))
            .order_by(sa.literal_column("1"), sa.literal_column("2"))
        )
        with self._database.reading() as session:
            return [Count(str(found[0]), str(found[1]), int(found[2])) for found in session.search(query)]

    def cases(
        self,
        authority: str,
        figure: str,
        times: Times,
        viewer: Viewer,
        *,
        row: str | None,
        column: str | None,
        after: str = "",
        most: int = 50,
    ) -> Behind:
        """What a count is made of: how much it counts in how many cases, and its cases past `after`, each once."""
        source, conditions, rows, columns = FIGURES[figure](times)
        if row is not None:
            conditions.append(rows == row)
        if column is not None:
            conditions.append(columns == column)
        counted = [CASE_FILE.c.authority == authority, *conditions, visible(viewer)]
        whole = sa.select(sa.func.count(), sa.func.count(CASE_FILE.c.case_id.distinct()))
        query = (
            sa.select(CASE_FILE.c.case_id, sa.func.count())
            .select_from(source)
            .where(*counted, CASE_FILE.c.case_id > after)
            .group_by(CASE_FILE.c.case_id)
            .order_by(CASE_FILE.c.case_id)
            .limit(most)
        )
        with self._database.reading() as session:
            ((things, cases),) = session.search(whole.select_from(source).where(*counted))
            lines = tuple((str(case), int(number)) for case, number in session.search(query))
            return Behind(int(things), int(cases), lines)

    def spans(
        self, authority: str, kind: str, times: Times, viewer: Viewer, most: int = 5_000
    ) -> list[tuple[str, str, str]]:
        """Role, since when and until when of milestones of a kind, the newest first: how long things took."""
        query = (
            sa.select(MILESTONE.c.role, MILESTONE.c.since, MILESTONE.c.at)
            .select_from(_beside(MILESTONE))
            .where(
                CASE_FILE.c.authority == authority,
                MILESTONE.c.kind == kind,
                MILESTONE.c.at >= times.since,
                visible(viewer),
            )
            .order_by(MILESTONE.c.at.desc())
            .limit(most)
        )
        with self._database.reading() as session:
            return [(str(found[0]), str(found[1]), str(found[2])) for found in session.search(query)]

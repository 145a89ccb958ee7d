"""Which cases a person sees at all: the one filter that lists, search, in-trays and single pages all pass through.

A restricted case is seen by the people named in it and by nobody else. Any other case is seen by those who work on it,
who have or may take an open task of it, who may be allocated a role that nobody holds there yet, and who supervise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from engine.store.statements import of
from engine.store.tables import CASE_ACCESS, CASE_FILE, HISTORY, TASK, TASK_CANDIDATE


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person as cases see them.

    person      their own id: what a restriction names
    people      they and those they cover today
    roles       the roles whose queues they take tasks from
    open_roles  roles in which they may be allocated to a case that has nobody in it
    every_case  they supervise, or check what was done
    """

    person: str
    people: frozenset[str]
    roles: frozenset[str] = frozenset()
    open_roles: frozenset[str] = frozenset()
    every_case: bool = False


def _here(table: sa.Table) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.authority == CASE_FILE.c.authority, table.c.case_id == CASE_FILE.c.case_id)


def _any(table: sa.Table, *conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.select(sa.literal(1)).select_from(table).where(_here(table), *conditions).exists()


def may_be_listed(person: str) -> sa.ColumnElement[bool]:
    """A restricted case stands in a list only for the people named in it; asks nothing else."""
    return sa.or_(CASE_FILE.c.restricted == sa.false(), _any(CASE_ACCESS, CASE_ACCESS.c.person == person))


def visible(viewer: Viewer) -> sa.ColumnElement[bool]:
    """Whether the case file of the query is one that the person sees."""
    if viewer.every_case:
        return may_be_listed(viewer.person)
    people, roles = sorted(viewer.people), sorted(viewer.roles)
    nobody = [
        sa.not_(_any(CASE_ACCESS, CASE_ACCESS.c.role == role)) for role in sorted(viewer.open_roles & viewer.roles)
    ]
    working = sa.or_(
        _any(CASE_ACCESS, CASE_ACCESS.c.person.in_(people)),
        _any(TASK, sa.or_(TASK.c.assignee.in_(people), sa.and_(TASK.c.assignee.is_(None), TASK.c.role.in_(roles)))),
        _any(TASK_CANDIDATE, TASK_CANDIDATE.c.role.in_(roles)),
        *nobody,
    )
    return sa.and_(may_be_listed(viewer.person), working)


#: Whether a person did something in a case: what they did there they may look at again.
DID_SOMETHING: Final[sa.Select[Any]] = (
    sa.select(sa.literal(1))
    .where(of(HISTORY.c.authority), of(HISTORY.c.case_id), HISTORY.c.by_whom == bindparam("person", type_=sa.Text()))
    .limit(1)
)

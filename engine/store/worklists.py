"""The statements that worklists are put together from, each in the order of due dates and from one index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final, Literal

import sqlalchemy as sa
from sqlalchemy import bindparam

from engine.store.database import Row
from engine.store.statements import of
from engine.store.tables import CASE_ACCESS, CASE_FILE, CHILD_KEY, TASK, TASK_CANDIDATE

#: Where a page of a worklist ended: the due instant, case and task of its last line.
WorkMark = tuple[str, str, int]

Whose = Literal["mine", "queue", "both", "team", "seen"]

NAMED: Final = (CASE_FILE.c.label, CHILD_KEY.c.key_id, CHILD_KEY.c.wrapped)


def with_case(table: sa.Table) -> sa.Join:
    """The rows of a table beside their case file and its key."""
    file = sa.and_(CASE_FILE.c.authority == table.c.authority, CASE_FILE.c.case_id == table.c.case_id)
    key = sa.and_(CHILD_KEY.c.authority == table.c.authority, CHILD_KEY.c.case_id == table.c.case_id)
    return table.join(CASE_FILE, file).outerjoin(CHILD_KEY, key)


_PERSON: Final = bindparam("person", type_=sa.Text())


def may_see(person: sa.ColumnElement[str] = _PERSON) -> sa.ColumnElement[bool]:
    """A restricted case is listed only for people who work on it."""
    return sa.or_(CASE_FILE.c.restricted == sa.false(), works_on_it(person))


def works_on_it(person: sa.ColumnElement[str] = _PERSON) -> sa.ColumnElement[bool]:
    return (
        sa.select(sa.literal(1))
        .where(
            CASE_ACCESS.c.authority == CASE_FILE.c.authority,
            CASE_ACCESS.c.case_id == CASE_FILE.c.case_id,
            CASE_ACCESS.c.person == person,
        )
        .exists()
    )


_OWN_CASES: Final = sa.select(CASE_ACCESS.c.case_id).where(of(CASE_ACCESS.c.authority), of(CASE_ACCESS.c.person))

#: From so many own cases on, the tasks of all the role in their order of dates soon give a page of the person's own;
#: below it, their own cases are few beside the role's tasks. Measured by tests/bench/bench_pages.py.
MANY_CASES: Final = 2_000

#: Nothing, or one row where a person works on so many cases.
HAS_MANY_CASES: Final = _OWN_CASES.order_by(CASE_ACCESS.c.case_id).offset(MANY_CASES - 1).limit(1)


def _role(table: sa.Table, own_cases: bool) -> sa.ColumnElement[str]:
    """The role column; among a person's few own cases as a value that no index on all the role's tasks applies to."""
    return table.c.role.concat("") if own_cases else table.c.role


@cache
def work(
    whose: str,
    pathway: bool,
    element: bool,
    due_before: bool,
    own_cases: bool,
    marked: bool,
    held_by: bool = False,
    *,
    counted: bool = False,
) -> sa.Select[Any]:
    """One branch of a worklist, in the order of due dates; `counted` gives only which tasks it holds."""
    source = with_case(TASK)
    own_cases = own_cases or whose == "own team"
    role = bindparam("role", type_=sa.Text())
    conditions = [TASK.c.authority == bindparam("authority", type_=sa.Text()), may_see()]
    order: Sequence[sa.Column[Any]] = (TASK.c.due_at, TASK.c.case_id, TASK.c.task)
    if whose == "mine":
        conditions.append(TASK.c.assignee == _PERSON)
    elif whose == "queue":
        conditions += [_role(TASK, own_cases) == role, TASK.c.assignee.is_(None)]
    elif whose in ("team", "own team", "many own team"):
        conditions.append(_role(TASK, own_cases or held_by) == role)
        if whose == "many own team":
            conditions.append(works_on_it())
    elif whose == "held team":
        conditions += [_role(TASK, True) == role, TASK.c.assignee == _PERSON]
    else:
        order = (TASK_CANDIDATE.c.due_at, TASK_CANDIDATE.c.case_id, TASK_CANDIDATE.c.task)
        source = source.join(
            TASK_CANDIDATE,
            sa.and_(*(TASK_CANDIDATE.c[n] == TASK.c[n] for n in ("authority", "case_id", "task"))),
        )
        conditions += [
            TASK_CANDIDATE.c.authority == bindparam("authority", type_=sa.Text()),
            _role(TASK_CANDIDATE, own_cases or held_by) == role,
        ]
        if whose == "candidate queue":
            conditions.append(TASK.c.assignee.is_(None))
    if held_by:
        conditions.append(TASK.c.assignee == bindparam("held_by", type_=sa.Text()))
    if pathway:
        conditions.append(of(TASK.c.pathway))
    if element:
        conditions.append(of(TASK.c.element))
    if due_before:
        conditions.append(order[0] < bindparam("due_before", type_=sa.Text()))
    if own_cases:
        conditions.append(TASK.c.case_id.in_(_OWN_CASES))
    if marked:
        mark = (bindparam(n, type_=c.type) for n, c in zip(("mark_due", "mark_case", "mark_task"), order, strict=True))
        conditions.append(sa.tuple_(*order) > sa.tuple_(*mark))
    if counted:
        keys = sa.select(TASK.c.case_id, TASK.c.task).select_from(source)
        return keys.where(*conditions).limit(bindparam("most", type_=sa.Integer()))
    return (
        sa.select(*TASK.c, CASE_FILE.c.plan_status, CASE_FILE.c.restricted, *NAMED)
        .select_from(source)
        .where(*conditions)
        .order_by(*order)
        .limit(bindparam("most", type_=sa.Integer()))
    )


def branches_of(whose: Whose, roles: Iterable[str], *, many_cases: bool) -> list[tuple[str, str | None]]:
    """The statements that a worklist is put together from, each with its role; `many_cases` as HAS_MANY_CASES says."""
    own_team = "many own team" if many_cases else "own team"
    names = {
        "queue": ("queue", "candidate queue"),
        "both": ("queue", "candidate queue"),
        "team": ("team", "candidate team"),
        # Whoever has or may take a task, or works on the case, may open it.
        "seen": ("queue", "held team", own_team, "candidate team"),
    }
    branches: list[tuple[str, str | None]] = [("mine", None)] if whose in {"mine", "both"} else []
    return branches + [(branch, role) for role in sorted(set(roles)) for branch in names.get(whose, ())]


def mark_of(row: Row) -> WorkMark:
    return row[13], row[1], row[2]

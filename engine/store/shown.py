"""Writes the difference between what a case showed and what it shows: no side table is read to do it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Table

from engine.store.database import Database, Row, Session
from engine.store.rows import (
    AccessRow,
    EscalationRow,
    IncidentRow,
    InstanceRow,
    JobRow,
    LetterRow,
    MessageRow,
    Rows,
    TaskRow,
    TimerRow,
)
from engine.store.statements import ADD_CANDIDATE, CLEAR_CANDIDATES, DROP_DRAFTS, this_case, this_row
from engine.store.tables import (
    CASE_ACCESS,
    ESCALATION,
    INCIDENT,
    INSTANCE,
    JOB,
    LETTER,
    MESSAGE,
    NEVER,
    TASK,
    TIMER,
)
from engine.store.vault import BlindIndex

Columns = dict[str, Any]

#: Of a lease, the last columns of a row: until when, whose, and how often.
_UNCLAIMED: Final[Row] = (None, None, 0)


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of row: its name in Rows, a case's row as columns, its statements, what a new row ends with."""

    name: str
    values: Callable[[Any], Row]
    columns: Callable[[str, str, Any], Columns]
    add: sa.Insert
    change: sa.Update
    remove: sa.Delete
    at_first: Row


def _kind(name: str, table: Table, row: type, at_first: Row = ()) -> _Kind:
    kept = {f.name for f in fields(row)}
    names = tuple(column.name for column in table.c if column.name in kept)
    key = {column.name for column in table.primary_key.columns}
    read, columns_of = attrgetter(*names), ("authority", "case_id", *names)

    def columns(authority: str, case_id: str, one: Any) -> Columns:
        return dict(zip(columns_of, (authority, case_id, *read(one)), strict=True))

    change = sa.update(table).where(this_row(table))
    values = {n: sa.bindparam(n, type_=table.c[n].type) for n in names if n not in key}
    return _Kind(
        name=name,
        values=read,
        columns=columns,
        add=sa.insert(table),
        change=change.values(values) if values else change,
        remove=sa.delete(table).where(this_row(table)),
        at_first=at_first,
    )


def _in_order(table: Table) -> sa.Select[Any]:
    return sa.select(*table.c).where(this_case(table)).order_by(*table.primary_key.columns)


_TASKS: Final = _kind("tasks", TASK, TaskRow)
_MESSAGES: Final = _kind("messages", MESSAGE, MessageRow)
_MESSAGE_CHANGE: Final = _MESSAGES.change.values(key_token=sa.bindparam("key_token", type_=sa.LargeBinary()))
_OTHERS: Final = (
    _kind("timers", TIMER, TimerRow, _UNCLAIMED),
    _kind("jobs", JOB, JobRow, _UNCLAIMED),
    _kind("incidents", INCIDENT, IncidentRow),
    _kind("escalations", ESCALATION, EscalationRow),
    _kind("letters", LETTER, LetterRow),
    _kind("instances", INSTANCE, InstanceRow),
    _kind("access", CASE_ACCESS, AccessRow),
)
#: Those rows of a case, in that order.
_OTHER_ROWS: Final = attrgetter(*(kind.name for kind in _OTHERS))


_TABLES: Final = (TASK, TIMER, MESSAGE, JOB, INCIDENT, ESCALATION, LETTER, INSTANCE, CASE_ACCESS)
_READ: Final = {table.name: _in_order(table) for table in _TABLES}


def read_rows(database: Database, authority: str, case_id: str) -> Rows:
    """What the side tables hold of a case, to compare with what it should show. A message's key comes back as None."""
    place = {"authority": authority, "case_id": case_id}
    with database.looking() as session:
        found = {name: session.all(statement, place) for name, statement in _READ.items()}
    return Rows(
        tasks={row[2]: task_row(row) for row in found["task"]},
        timers={
            row[2]: TimerRow(row[2], row[3], row[4], row[5], row[6], row[7], bool(row[8])) for row in found["timer"]
        },
        messages={row[2]: MessageRow(row[2], row[3], row[4], row[5], None, row[7]) for row in found["message"]},
        jobs={row[2]: JobRow(row[2], row[3], row[4], row[5], row[6], row[7], bool(row[8])) for row in found["job"]},
        incidents={row[2]: IncidentRow(*row[2:]) for row in found["incident"]},
        escalations={row[2]: EscalationRow(*row[2:]) for row in found["escalation"]},
        letters={row[2]: LetterRow(*row[2:]) for row in found["letter"]},
        instances={row[2]: InstanceRow(*row[2:]) for row in found["instance"]},
        access={(row[2], row[3]): AccessRow(row[2], row[3]) for row in found["case_access"]},
    )


def task_row(row: Row) -> TaskRow:
    """A task as its table holds it, after the authority and the case."""
    task, instance, pathway, element, title, kind, role, candidates, assignee, opened, due_on, due_at, rung, held = row[
        2:16
    ]
    return TaskRow(
        task, instance, pathway, element, title, kind, role, tuple(candidates.split()), assignee, opened, due_on,
        None if due_at == NEVER else due_at, rung, bool(held),
    )  # fmt: skip


def write_difference(
    session: Session, authority: str, case_id: str, before: Rows, after: Rows, index: BlindIndex
) -> None:
    """Add, change and remove the rows of a case by id, in the transaction of the command that caused it."""
    if before.tasks is not after.tasks:
        _write_tasks(session, authority, case_id, before.tasks, after.tasks)
    if before.messages is not after.messages:
        _write_messages(session, authority, case_id, before.messages, after.messages, index)
    for kind, was, now in zip(_OTHERS, _OTHER_ROWS(before), _OTHER_ROWS(after), strict=True):
        if was is now or was == now:
            continue
        for number, row in was.items():
            if number not in now:
                session.send(kind.remove, kind.columns(authority, case_id, row))
        for number, row in now.items():
            old = was.get(number)
            if old is None:
                session.put(kind.add, (authority, case_id, *kind.values(row), *kind.at_first))
            elif old is not row and old != row:
                session.send(kind.change, kind.columns(authority, case_id, row))


def _write_tasks(
    session: Session, authority: str, case_id: str, was: Mapping[int, TaskRow], now: Mapping[int, TaskRow]
) -> None:
    for task, row in was.items():
        if task not in now:
            closed = {"authority": authority, "case_id": case_id, "task": task}
            session.send(_TASKS.remove, closed)
            session.send(DROP_DRAFTS, closed)
            if row.candidates:
                session.send(CLEAR_CANDIDATES, closed)
    for task, row in now.items():
        old = was.get(task)
        if old is row or old == row:
            continue
        due_at = NEVER if row.due_at is None else row.due_at
        if old is None:
            opened = (
                authority, case_id, task, row.instance, row.pathway, row.element, row.title, row.kind, row.role,
                " ".join(row.candidates), row.assignee, row.opened, row.due_on, due_at, row.rung, row.held,
            )  # fmt: skip
            session.put(_TASKS.add, opened)
        else:
            changed = {"candidates": " ".join(row.candidates), "due_at": due_at}
            session.send(_TASKS.change, _TASKS.columns(authority, case_id, row) | changed)
            if old.candidates:
                session.send(CLEAR_CANDIDATES, {"authority": authority, "case_id": case_id, "task": task})
        for role in dict.fromkeys(row.candidates):
            session.put(ADD_CANDIDATE, (authority, case_id, task, role, due_at))


def _write_messages(
    session: Session,
    authority: str,
    case_id: str,
    was: Mapping[int, MessageRow],
    now: Mapping[int, MessageRow],
    index: BlindIndex,
) -> None:
    for task in was:
        if task not in now:
            session.send(_MESSAGES.remove, {"authority": authority, "case_id": case_id, "task": task})
    for task, row in now.items():
        old = was.get(task)
        if old is row or old == row:
            continue
        columns = _MESSAGES.columns(authority, case_id, row)
        columns["key_token"] = None if row.key is None else index.token("message key", row.key)
        session.send(_MESSAGES.add if old is None else _MESSAGE_CHANGE, columns)

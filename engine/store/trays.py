"""What lies in a role's in-tray, a page at a time: which open task it is about, and whose that is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from engine.store.database import Database
from engine.store.tables import CASE_FILE, CHILD_KEY, ESCALATION, INCIDENT, TASK
from engine.store.vault import Vault
from engine.store.visibility import may_be_listed

#: Where a page of a tray ended: the moment, case and number of its last line.
TrayMark = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class TrayRow:
    """One matter before a role, or one incident that nobody has mended.

    source  'incident' for an incident, else what put it before the role
    holder  who has the open task it is about; None where nobody has it, or it is done
    open    whether the task it is about is still open
    """

    case_id: str
    label: str | None
    number: int
    source: str
    to: str
    element: str | None
    task: int | None
    code: str | None
    clauses: str
    raised_at: str
    state: str
    holder: str | None
    due_on: str | None
    open: bool


def not_climbed_on() -> sa.ColumnElement[bool]:
    """Not an overdue task that was put before the same role again since: the later line stands for both."""
    later = ESCALATION.alias("later")
    same = ("authority", "case_id", "task", "to_role", "source")
    again = sa.select(sa.literal(1)).where(
        *(later.c[name] == ESCALATION.c[name] for name in same), later.c.number > ESCALATION.c.number
    )
    return sa.or_(ESCALATION.c.source != "overdue", sa.not_(again.correlate(ESCALATION).exists()))


class Trays:
    """In-trays of one authority."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault

    def page(
        self,
        authority: str,
        roles: Iterable[str],
        person: str,
        *,
        source: str | None = None,
        answered: bool = False,
        after: TrayMark | None = None,
        most: int = 25,
    ) -> list[TrayRow]:
        """A page of what was put before these roles, the oldest first; what was answered the newest first."""
        order = (ESCALATION.c.raised_at, ESCALATION.c.case_id, ESCALATION.c.number)
        states = ("answered",) if answered else ("open", "acknowledged")
        where = [
            ESCALATION.c.authority == authority,
            ESCALATION.c.state.in_(states),
            ESCALATION.c.to_role.in_(sorted(set(roles))),
            may_be_listed(person),
            not_climbed_on(),
        ]
        if source is not None:
            where.append(ESCALATION.c.source == source)
        if after is not None:
            past = sa.tuple_(*order) < sa.tuple_(*after) if answered else sa.tuple_(*order) > sa.tuple_(*after)
            where.append(past)
        here = sa.and_(TASK.c.authority == ESCALATION.c.authority, TASK.c.case_id == ESCALATION.c.case_id)
        query = (
            sa.select(
                *(ESCALATION.c[name] for name in ("case_id", "number", "source", "to_role", "element", "task")),
                *(ESCALATION.c[name] for name in ("code", "clauses", "raised_at", "state")),
                *(TASK.c.assignee, TASK.c.due_on, TASK.c.task.label("open_task")),
                *(CASE_FILE.c.label, CHILD_KEY.c.key_id, CHILD_KEY.c.wrapped),
            )
            .select_from(_with_case(ESCALATION).outerjoin(TASK, sa.and_(here, TASK.c.task == ESCALATION.c.task)))
            .where(*where)
            .order_by(*(column.desc() if answered else column.asc() for column in order))
            .limit(most)
        )
        with self._database.reading() as session:
            rows = session.search(query)
        return [
            TrayRow(
                str(row[0]),
                self._vault.called(authority, str(row[0]), row[14], row[15], row[13]),
                *(row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9]),
                *(row[10], row[11], row[12] is not None),
            )
            for row in rows
        ]

    def unmended(self, authority: str, person: str, *, before: str, most: int = 25) -> list[TrayRow]:
        """Incidents raised before a moment that are still open, the oldest first."""
        query = (
            sa.select(
                *(INCIDENT.c[name] for name in ("case_id", "number", "element", "raised_at", "state")),
                *(CASE_FILE.c.label, CHILD_KEY.c.key_id, CHILD_KEY.c.wrapped),
            )
            .select_from(_with_case(INCIDENT))
            .where(
                INCIDENT.c.authority == authority,
                INCIDENT.c.state == "open",
                INCIDENT.c.raised_at < before,
                may_be_listed(person),
            )
            .order_by(INCIDENT.c.raised_at, INCIDENT.c.case_id, INCIDENT.c.number)
            .limit(most)
        )
        with self._database.reading() as session:
            rows = session.search(query)
        return [
            TrayRow(
                case_id=str(row[0]),
                label=self._vault.called(authority, str(row[0]), row[6], row[7], row[5]),
                number=row[1],
                source="incident",
                to="",
                element=row[2],
                task=None,
                code=None,
                clauses="",
                raised_at=row[3],
                state=row[4],
                holder=None,
                due_on=None,
                open=True,
            )
            for row in rows
        ]


def _with_case(table: sa.Table) -> sa.Join:
    file = sa.and_(CASE_FILE.c.authority == table.c.authority, CASE_FILE.c.case_id == table.c.case_id)
    key = sa.and_(CHILD_KEY.c.authority == table.c.authority, CHILD_KEY.c.case_id == table.c.case_id)
    return table.join(CASE_FILE, file).outerjoin(CHILD_KEY, key)

"""What people see across cases: worklists, in-trays, incidents, case lists and search, each from an index."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from engine.store.database import Database, Row, Session
from engine.store.keys import AuthorityKeys
from engine.store.rows import EscalationRow, IncidentRow, MessageRow, TaskRow
from engine.store.shown import task_row
from engine.store.statements import of
from engine.store.tables import (
    BLIND_INDEX,
    CASE_ACCESS,
    CASE_FILE,
    CHILD_KEY,
    ESCALATION,
    INCIDENT,
    MESSAGE,
)
from engine.store.vault import Vault, words
from engine.store.visibility import DID_SOMETHING, Viewer, may_be_listed, visible
from engine.store.worklists import (
    HAS_MANY_CASES,
    NAMED,
    Whose,
    WorkMark,
    branches_of,
    mark_of,
    may_see,
    with_case,
    work,
    works_on_it,
)


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case in a list. The label is None where the case was erased, its reference and why where it does not open."""

    case_id: str
    label: str | None
    status: str
    plan_status: str
    restricted: bool
    revision: int
    opened_at: str
    changed_at: str


@dataclass(frozen=True, slots=True)
class WorkLine:
    """A task in a list, with what its case is called."""

    case_id: str
    label: str | None
    plan_status: str
    restricted: bool
    task: TaskRow


@dataclass(frozen=True, slots=True)
class WorkPage:
    """Some of a worklist; `following` is the mark to ask for the next page with, None on the last one."""

    lines: tuple[WorkLine, ...]
    following: WorkMark | None


@dataclass(frozen=True, slots=True)
class TrayLine:
    """A line of an in-tray."""

    case_id: str
    label: str | None
    row: EscalationRow


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """An incident in a list."""

    case_id: str
    label: str | None
    row: IncidentRow


_CASE_COLUMNS: Final = (
    CASE_FILE.c.case_id,
    CASE_FILE.c.status,
    CASE_FILE.c.plan_status,
    CASE_FILE.c.restricted,
    CASE_FILE.c.revision,
    CASE_FILE.c.opened_at,
    CASE_FILE.c.changed_at,
    *NAMED,
)
_CASES: Final = CASE_FILE.outerjoin(
    CHILD_KEY, sa.and_(CHILD_KEY.c.authority == CASE_FILE.c.authority, CHILD_KEY.c.case_id == CASE_FILE.c.case_id)
)
_ONE_CASE: Final = (
    sa.select(*_CASE_COLUMNS).select_from(_CASES).where(of(CASE_FILE.c.authority), of(CASE_FILE.c.case_id))
)
_FOUND_BY_WORD: Final = sa.select(BLIND_INDEX.c.case_id).where(of(BLIND_INDEX.c.authority), of(BLIND_INDEX.c.token))
_HAS_ACCESS: Final = sa.select(CASE_ACCESS.c.role).where(
    of(CASE_ACCESS.c.authority), of(CASE_ACCESS.c.case_id), of(CASE_ACCESS.c.person)
)
_AWAITED: Final = (
    sa.select(MESSAGE.c.case_id, MESSAGE.c.task, MESSAGE.c.instance, MESSAGE.c.element, MESSAGE.c.depth)
    .where(of(MESSAGE.c.authority), of(MESSAGE.c.name), of(MESSAGE.c.key_token))
    .order_by(MESSAGE.c.case_id, MESSAGE.c.task)
)


class Lists:
    """Reads across the cases of one authority at a time."""

    def __init__(self, database: Database, vault: Vault, keys: AuthorityKeys) -> None:
        self._database, self._vault, self._keys = database, vault, keys

    def worklist(
        self,
        authority: str,
        person: str,
        roles: Iterable[str],
        *,
        whose: Whose = "both",
        pathway: str | None = None,
        element: str | None = None,
        due_before: str | None = None,
        own_cases: bool = False,
        held_by: str | None = None,
        after: WorkMark | None = None,
        most: int = 50,
    ) -> WorkPage:
        """A page of open tasks, the soonest due first and those without a due date last.

        whose       'mine' assigned to the person; 'queue' unassigned and open to the roles; 'both'; 'team' every task
                    of the roles, whoever has it; 'seen' those of them whose case the person may open by what they do
        due_before  an instant: only tasks overdue at it
        own_cases   only cases on which the person works
        held_by     only tasks that this person has, whoever asks
        Restricted cases are listed only for people who work on them.
        """
        given: dict[str, Any] = {
            "authority": authority,
            "person": person,
            "pathway": pathway,
            "element": element,
            "due_before": due_before,
            "held_by": held_by,
        }
        given |= {"most": most + 1}
        if after is not None:
            given |= {"mark_due": after[0], "mark_case": after[1], "mark_task": after[2]}
        asked = (pathway, element, due_before, own_cases or None, after, held_by)
        flags = tuple(one is not None for one in asked)
        with self._database.reading() as session:
            branches = branches_of(whose, roles, many_cases=_many_cases(session, whose, given))
            lists = [session.all(work(branch, *flags), given | {"role": role}) for branch, role in branches]
        rows: list[Row] = []
        last: WorkMark | None = None
        for row in heapq.merge(*lists, key=mark_of):
            mark = mark_of(row)
            if mark != last:
                rows.append(row)
                last = mark
            if len(rows) > most:
                break
        lines = tuple(self._work_line(authority, row) for row in rows[:most])
        return WorkPage(lines, mark_of(rows[most - 1]) if len(rows) > most else None)

    def count_work(
        self,
        authority: str,
        person: str,
        roles: Iterable[str],
        *,
        whose: Whose = "both",
        pathway: str | None = None,
        due_before: str | None = None,
        held_by: str | None = None,
        after: WorkMark | None = None,
        most: int = 200,
    ) -> int:
        """How many tasks a worklist holds, counted up to `most` + 1."""
        given: dict[str, Any] = {"authority": authority, "person": person, "pathway": pathway}
        given |= {"due_before": due_before, "held_by": held_by, "most": most + 1}
        if after is not None:
            given |= {"mark_due": after[0], "mark_case": after[1], "mark_task": after[2]}
        flags = (pathway is not None, False, due_before is not None, False, after is not None, held_by is not None)
        found: set[tuple[str, int]] = set()
        with self._database.reading() as session:
            for branch, role in branches_of(whose, roles, many_cases=_many_cases(session, whose, given)):
                rows = session.all(work(branch, *flags, counted=True), given | {"role": role})
                found.update((row[0], row[1]) for row in rows)
                if len(found) > most:
                    return most + 1
        return len(found)

    def cases(
        self,
        authority: str,
        *,
        person: str | None = None,
        viewer: Viewer | None = None,
        own_cases: bool = False,
        status: str | None = None,
        plan_status: str | None = None,
        after: str = "",
        most: int = 50,
    ) -> list[CaseLine]:
        """A page of case files by reference, past `after`; restricted ones only for people who work on them.

        viewer  only cases that this person sees at all
        Neither `person` nor `viewer` is for the product itself (checks and exports), which sees every case.
        """
        query = sa.select(*_CASE_COLUMNS).select_from(_CASES).where(
            CASE_FILE.c.authority == authority, CASE_FILE.c.case_id > after
        )  # fmt: skip
        if status is not None:
            query = query.where(CASE_FILE.c.status == status)
        if plan_status is not None:
            query = query.where(CASE_FILE.c.plan_status == plan_status)
        if person is not None:
            query = query.where(works_on_it(sa.literal(person)) if own_cases else may_see(sa.literal(person)))
        if viewer is not None:
            query = query.where(visible(viewer))
        with self._database.reading() as session:
            rows = session.search(query.order_by(CASE_FILE.c.case_id).limit(most))
        return [self._case_line(authority, row) for row in rows]

    def case(self, authority: str, case_id: str) -> CaseLine | None:
        """One case as lists show it, or None."""
        with self._database.reading() as session:
            row = session.one(_ONE_CASE, {"authority": authority, "case_id": case_id})
        return None if row is None else self._case_line(authority, row)

    def open_label(self, authority: str, case_id: str) -> str | None:
        """What lists call a case by, None where it is called by nothing. Raises Undecipherable and KeyMissing."""
        with self._database.reading() as session:
            row = session.one(_ONE_CASE, {"authority": authority, "case_id": case_id})
        if row is None or None in row[7:]:
            return None
        sealed, key_id, wrapped = row[7:]
        return self._vault.label(authority, case_id, key_id, wrapped, sealed)

    def is_restricted(self, authority: str, case_id: str) -> bool:
        """Whether a case is restricted, also of one whose label does not open any more; none is not."""
        here = sa.and_(CASE_FILE.c.authority == authority, CASE_FILE.c.case_id == case_id)
        with self._database.reading() as session:
            found = session.search(sa.select(CASE_FILE.c.restricted).where(here))
        return bool(found and found[0][0])

    def sees(self, authority: str, case_id: str, viewer: Viewer) -> bool:
        """Whether a person sees a case at all: now, or because of what they did in it, unless it is restricted."""
        here = sa.and_(CASE_FILE.c.authority == authority, CASE_FILE.c.case_id == case_id)
        with self._database.reading() as session:
            if session.search(sa.select(CASE_FILE.c.case_id).where(here, visible(viewer))):
                return True
            if not session.search(sa.select(CASE_FILE.c.case_id).where(here, may_be_listed(viewer.person))):
                return False
            place = {"authority": authority, "case_id": case_id, "person": viewer.person}
            return session.one(DID_SOMETHING, place) is not None

    def search(self, authority: str, kind: str, text: str) -> list[str]:
        """References of the cases indexed under every word of the text, e.g. kind 'name', text 'sam smith'."""
        index = self._keys.index(authority)
        found: set[str] | None = None
        with self._database.reading() as session:
            for word in words(text):
                rows = session.all(_FOUND_BY_WORD, {"authority": authority, "token": index.token(kind, word)})
                here = {str(row[0]) for row in rows}
                found = here if found is None else found & here
        return sorted(found or ())

    def roles_on(self, authority: str, case_id: str, person: str) -> list[str]:
        """The roles in which a person works on a case; empty where they do not."""
        place = {"authority": authority, "case_id": case_id, "person": person}
        with self._database.reading() as session:
            return sorted(row[0] for row in session.all(_HAS_ACCESS, place))

    def in_tray(
        self,
        authority: str,
        roles: Iterable[str],
        *,
        person: str | None = None,
        states: Sequence[str] = ("open", "acknowledged"),
        most: int = 200,
    ) -> list[TrayLine]:
        """Escalations to these roles, the oldest first; those of restricted cases only for a person named in them.

        `person` None is for the product itself.
        """
        query = (
            sa.select(*ESCALATION.c, *NAMED)
            .select_from(with_case(ESCALATION))
            .where(
                ESCALATION.c.authority == authority,
                ESCALATION.c.state.in_(states),
                ESCALATION.c.to_role.in_(sorted(set(roles))),
                sa.true() if person is None else may_be_listed(person),
            )
            .order_by(ESCALATION.c.raised_at, ESCALATION.c.case_id, ESCALATION.c.number)
            .limit(most)
        )
        with self._database.reading() as session:
            rows = session.search(query)
        return [TrayLine(row[1], self._label(authority, row[1], row[11:]), EscalationRow(*row[2:11])) for row in rows]

    def incidents(
        self, authority: str, *, person: str | None = None, state: str = "open", most: int = 200
    ) -> list[IncidentLine]:
        """Incidents in a state, the oldest first; those of restricted cases only for a person named in them.

        `person` None is for the product itself.
        """
        query = (
            sa.select(*INCIDENT.c, *NAMED)
            .select_from(with_case(INCIDENT))
            .where(
                INCIDENT.c.authority == authority,
                INCIDENT.c.state == state,
                sa.true() if person is None else may_be_listed(person),
            )
            .order_by(INCIDENT.c.raised_at, INCIDENT.c.case_id, INCIDENT.c.number)
            .limit(most)
        )
        with self._database.reading() as session:
            rows = session.search(query)
        return [IncidentLine(row[1], self._label(authority, row[1], row[8:]), IncidentRow(*row[2:8])) for row in rows]

    def awaiting(self, authority: str, name: str, key: str) -> list[tuple[str, MessageRow]]:
        """Who waits for a message with this correlation key: cases and their subscriptions."""
        token = self._keys.index(authority).token("message key", key)
        with self._database.reading() as session:
            rows = session.all(_AWAITED, {"authority": authority, "name": name, "key_token": token})
        return [(row[0], MessageRow(row[1], row[2], row[3], name, key, row[4])) for row in rows]

    def _label(self, authority: str, case_id: str, named: Row) -> str | None:
        sealed, key_id, wrapped = named
        return self._vault.called(authority, case_id, key_id, wrapped, sealed)

    def _case_line(self, authority: str, row: Row) -> CaseLine:
        case_id, status, plan_status, restricted, revision, opened_at, changed_at, *named = row
        label = self._label(authority, case_id, named)
        return CaseLine(case_id, label, status, plan_status, bool(restricted), revision, opened_at, changed_at)

    def _work_line(self, authority: str, row: Row) -> WorkLine:
        plan_status, restricted, *named = row[16:]
        return WorkLine(row[1], self._label(authority, row[1], named), plan_status, bool(restricted), task_row(row))


def _many_cases(session: Session, whose: Whose, given: dict[str, Any]) -> bool:
    """Whether the person works on so many cases that `many own team` is the shorter way; asked for that list alone."""
    return whose == "seen" and session.one(HAS_MANY_CASES, given) is not None

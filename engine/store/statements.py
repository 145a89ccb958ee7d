"""The statements of the hot path, each with the sentence it carries out; rarer ones stand beside their use.

All take named values; `authority` and `case_id` always say whose rows are meant.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from sqlalchemy import Column, Table, bindparam

from engine.store.tables import (
    AUTHORITY_KEY,
    BLIND_INDEX,
    CASE_FILE,
    CHILD_KEY,
    DOCUMENT,
    DRAFT,
    HISTORY,
    INBOUND,
    JOB,
    OUTBOX,
    TASK_CANDIDATE,
    TIMER,
)


def of(column: Column[object]) -> sa.ColumnElement[bool]:
    """The column equals the value of its own name."""
    return column == bindparam(column.name, type_=column.type)


def this_case(table: Table) -> sa.ColumnElement[bool]:
    """The rows of one case."""
    return sa.and_(of(table.c.authority), of(table.c.case_id))


def this_row(table: Table) -> sa.ColumnElement[bool]:
    """The one row of that key."""
    return sa.and_(*(of(column) for column in table.primary_key.columns))


def _given(name: str, like: Column[object]) -> sa.BindParameter[object]:
    return bindparam(name, type_=like.type)


#: A case's revision, its newest hash, snapshot and wrapped key.
LOAD: Final = (
    sa.select(
        CASE_FILE.c.revision,
        CASE_FILE.c.status,
        CASE_FILE.c.plan_status,
        CASE_FILE.c.restricted,
        CASE_FILE.c.head,
        CASE_FILE.c.snapshot,
        CASE_FILE.c.erased_at,
        CHILD_KEY.c.key_id,
        CHILD_KEY.c.wrapped,
    )
    .select_from(
        CASE_FILE.outerjoin(
            CHILD_KEY,
            sa.and_(CHILD_KEY.c.authority == CASE_FILE.c.authority, CHILD_KEY.c.case_id == CASE_FILE.c.case_id),
        )
    )
    .where(this_case(CASE_FILE))
)

#: Open a case file.
OPEN_CASE: Final = sa.insert(CASE_FILE)

#: Keep a child's wrapped key.
KEEP_KEY: Final = sa.insert(CHILD_KEY)

#: Cases that have grown since their newest checkpoint.
GROWN: Final = CASE_FILE.c.checkpointed <= sa.literal_column("0")

#: Move a case to its next revision, if nobody did before and it was not erased. The newest hash says which case it is:
#: whoever had it in memory while another history took its place is refused like anybody who comes too late.
_MOVED: Final = (
    sa.update(CASE_FILE)
    .where(
        this_case(CASE_FILE),
        CASE_FILE.c.revision == _given("expected", CASE_FILE.c.revision),
        CASE_FILE.c.head == _given("head_before", CASE_FILE.c.head),
        CASE_FILE.c.erased_at.is_(None),
    )
    .values(
        revision=_given("revision_now", CASE_FILE.c.revision),
        status=_given("status_now", CASE_FILE.c.status),
        plan_status=_given("plan_status_now", CASE_FILE.c.plan_status),
        restricted=_given("restricted_now", CASE_FILE.c.restricted),
        changed_at=_given("at", CASE_FILE.c.changed_at),
        head=_given("head_now", CASE_FILE.c.head),
        label=sa.func.coalesce(_given("label_now", CASE_FILE.c.label), CASE_FILE.c.label),
        snapshot=_given("snapshot_now", CASE_FILE.c.snapshot),
    )
)
#: A case that has grown since its newest checkpoint: no index moves.
MOVE_CASE: Final = _MOVED.where(GROWN)
#: Any case: from now on it has.
MOVE_CASE_ON: Final = _MOVED.values(checkpointed=-sa.func.abs(CASE_FILE.c.checkpointed))

#: Append to history.
APPEND: Final = sa.insert(HISTORY)

#: Where a command stands in history.
FIND_COMMAND: Final = sa.select(HISTORY.c.case_id, HISTORY.c.revision).where(
    of(HISTORY.c.authority), of(HISTORY.c.command)
)

#: A stretch of a case's history, oldest first.
READ_HISTORY: Final = (
    sa.select(*HISTORY.c)
    .where(this_case(HISTORY), HISTORY.c.revision > _given("after", HISTORY.c.revision))
    .order_by(HISTORY.c.revision)
    .limit(bindparam("most", type_=sa.Integer))
)

#: Put a replayed snapshot back where it was lost.
PUT_BACK_SNAPSHOT: Final = (
    sa.update(CASE_FILE)
    .where(this_case(CASE_FILE), CASE_FILE.c.revision == _given("expected", CASE_FILE.c.revision))
    .values(snapshot=_given("snapshot_now", CASE_FILE.c.snapshot))
)

#: Forget the snapshots of an authority.
DROP_SNAPSHOTS: Final = (
    sa.update(CASE_FILE).where(of(CASE_FILE.c.authority), CASE_FILE.c.snapshot.is_not(None)).values(snapshot=None)
)

#: Queue a notice.
QUEUE: Final = sa.insert(OUTBOX)

#: Keep a document.
KEEP_DOCUMENT: Final = sa.insert(DOCUMENT)

#: Remember a message from outside.
KEEP_INBOUND: Final = sa.insert(INBOUND)

#: Forget under which words a case is found, all (it looks through the authority's) or one of them, and say them anew.
CLEAR_INDEX: Final = sa.delete(BLIND_INDEX).where(this_case(BLIND_INDEX))
FORGET_WORD: Final = sa.delete(BLIND_INDEX).where(this_row(BLIND_INDEX))
ADD_INDEX: Final = sa.insert(BLIND_INDEX)

#: The roles that may take a task.
CLEAR_CANDIDATES: Final = sa.delete(TASK_CANDIDATE).where(this_case(TASK_CANDIDATE), of(TASK_CANDIDATE.c.task))
ADD_CANDIDATE: Final = sa.insert(TASK_CANDIDATE)

#: What people had filled in of a task that is no longer open.
DROP_DRAFTS: Final = sa.delete(DRAFT).where(this_case(DRAFT), of(DRAFT.c.task))

#: An authority's own keys.
AUTHORITY_KEYS: Final = sa.select(AUTHORITY_KEY.c.key_id, AUTHORITY_KEY.c.wrapped).where(
    of(AUTHORITY_KEY.c.authority), of(AUTHORITY_KEY.c.purpose)
)
KEEP_AUTHORITY_KEY: Final = sa.insert(AUTHORITY_KEY)


def _settle(table: Table) -> sa.Update:
    return (
        sa.update(table)
        .where(this_row(table), table.c.token == _given("token_held", table.c.token))
        .values(token=None, lease_until=None)
    )


#: Give up a claim in the transaction that carries it out; touches no row when another worker took it meanwhile.
SETTLE_TIMER: Final = _settle(TIMER)
SETTLE_JOB: Final = _settle(JOB)

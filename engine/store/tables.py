"""The tables: every key starts with the authority, so that one schema can be spread by authority without change.

Columns hold ids, roles, dates and digests in plain; what could name a child or a parent is sealed (Octets).
Instants are text that sorts as time does; `NEVER` sorts after every instant. What belongs to the whole database
rather than to one authority is filed under `EVERYONE`.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, Index, Integer, MetaData, Table

from engine.store.octets import Octets

NEVER: Final = "never"
EVERYONE: Final = "*"

METADATA: Final = MetaData()

#: Text compared byte by byte on every database, so that lists come in the same order everywhere.
Word: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _key(*names: str) -> list[Column[str]]:
    return [Column(name, Word, primary_key=True) for name in ("authority", *names)]


def _number(name: str) -> Column[int]:
    return Column(name, Integer, primary_key=True, autoincrement=False)


def _word(name: str, *, optional: bool = False) -> Column[str]:
    return Column(name, Word, nullable=optional)


def _whole(name: str, *, optional: bool = False) -> Column[int]:
    return Column(name, Integer, nullable=optional)


def _yes_no(name: str) -> Column[bool]:
    return Column(name, Boolean(create_constraint=False), nullable=False)


def _bytes(name: str, *, optional: bool = False) -> Column[bytes]:
    return Column(name, Octets, nullable=optional)


def _table(name: str, *columns: Column[str] | Column[int] | Column[bool] | Column[bytes]) -> Table:
    return Table(name, METADATA, *columns, sqlite_with_rowid=False)


def _lease() -> list[Column[str] | Column[int]]:
    """Columns that only a claim and its settlement touch."""
    return [_word("lease_until", optional=True), _word("token", optional=True), _whole("attempts")]


# --- the case --------------------------------------------------------------------------------------------------------

#: On SQLite a case file is a row that does not move, however long its snapshot grows: a commit writes one page of it.
#: `checkpointed` is how many of its rows its newest checkpoint covers, and less than nothing once it has grown since:
#: the first row after a checkpoint moves it into the index, and no later one does.
CASE_FILE: Final = Table(
    "case_file",
    METADATA,
    *_key("case_id"),
    _whole("revision"),
    _word("status"),
    _word("plan_status"),
    _yes_no("restricted"),
    _word("opened_at"),
    _word("changed_at"),
    _whole("checkpointed"),
    _word("erased_at", optional=True),
    _bytes("head"),
    _bytes("label", optional=True),
    _bytes("snapshot", optional=True),
)
Index(
    "case_file_behind",
    CASE_FILE.c.authority,
    CASE_FILE.c.case_id,
    sqlite_where=CASE_FILE.c.checkpointed <= sa.literal_column("0"),
    postgresql_where=CASE_FILE.c.checkpointed <= sa.literal_column("0"),
)

CHILD_KEY: Final = _table("child_key", *_key("case_id"), _word("key_id"), _bytes("wrapped"))

AUTHORITY_KEY: Final = _table("authority_key", *_key("purpose"), _word("key_id"), _bytes("wrapped"))

#: Rows of history come one after the other: on SQLite they lie in the order they came, which keeps a commit short.
HISTORY: Final = Table(
    "history",
    METADATA,
    *_key("case_id"),
    _number("revision"),
    _whole("format"),
    _word("command"),
    _word("at"),
    _word("kind"),
    _word("by_whom"),
    _word("role", optional=True),
    _word("settings"),
    _bytes("commitment"),
    _bytes("state"),
    _bytes("hash"),
    _bytes("payload", optional=True),
)
Index("history_command", HISTORY.c.authority, HISTORY.c.command, unique=True)

READING: Final = _table(
    "reading",
    *_key("case_id"),
    _number("number"),
    _word("at"),
    _word("person"),
    _word("role", optional=True),
    _word("what"),
    _bytes("hash"),
)
Index("reading_person", READING.c.authority, READING.c.person, READING.c.at)

READING_HEAD: Final = _table("reading_head", *_key("case_id"), _whole("number"), _whole("checkpointed"), _bytes("hash"))
Index(
    "reading_head_changed",
    READING_HEAD.c.authority,
    READING_HEAD.c.case_id,
    sqlite_where=READING_HEAD.c.number > READING_HEAD.c.checkpointed,
    postgresql_where=READING_HEAD.c.number > READING_HEAD.c.checkpointed,
)

#: By word alone: whoever writes knows under which words a case was found, and an opening writes fewer pages.
BLIND_INDEX: Final = _table(
    "blind_index", Column("authority", Word, primary_key=True), Column("token", Octets, primary_key=True),
    Column("case_id", Word, primary_key=True),
)  # fmt: skip

DOCUMENT: Final = _table(
    "document", *_key("case_id", "document"), _word("media_type"), _word("at"), _whole("size"), _bytes("body")
)

DRAFT: Final = _table(
    "draft", *_key("case_id"), _number("task"), Column("person", Word, primary_key=True), _word("saved_at"),
    _bytes("body"),
)  # fmt: skip

CASE_ACCESS: Final = _table("case_access", *_key("case_id", "person", "role"))
Index("case_access_person", CASE_ACCESS.c.authority, CASE_ACCESS.c.person, CASE_ACCESS.c.case_id)

# --- what a case shows -----------------------------------------------------------------------------------------------

TASK: Final = _table(
    "task",
    *_key("case_id"),
    _number("task"),
    _whole("instance"),
    _word("pathway"),
    _word("element"),
    _word("title"),
    _word("kind"),
    _word("role", optional=True),
    _word("candidates"),
    _word("assignee", optional=True),
    _word("opened"),
    _word("due_on", optional=True),
    _word("due_at"),
    _word("rung", optional=True),
    _yes_no("held"),
)
Index(
    "task_mine",
    TASK.c.authority,
    TASK.c.assignee,
    TASK.c.due_at,
    TASK.c.case_id,
    TASK.c.task,
    sqlite_where=TASK.c.assignee.is_not(None),
    postgresql_where=TASK.c.assignee.is_not(None),
)
Index("task_role", TASK.c.authority, TASK.c.role, TASK.c.due_at, TASK.c.case_id, TASK.c.task, TASK.c.assignee)

TASK_CANDIDATE: Final = _table(
    "task_candidate", *_key("case_id"), _number("task"), Column("role", Word, primary_key=True), _word("due_at")
)
Index(
    "task_candidate_queue",
    TASK_CANDIDATE.c.authority,
    TASK_CANDIDATE.c.role,
    TASK_CANDIDATE.c.due_at,
    TASK_CANDIDATE.c.case_id,
    TASK_CANDIDATE.c.task,
)

TIMER: Final = _table(
    "timer",
    *_key("case_id", "timer"),
    _whole("instance", optional=True),
    _whole("task", optional=True),
    _word("kind"),
    _word("element", optional=True),
    _word("at"),
    _yes_no("held"),
    *_lease(),
)
Index("timer_due", TIMER.c.at, TIMER.c.authority, TIMER.c.case_id, TIMER.c.timer)

MESSAGE: Final = _table(
    "message",
    *_key("case_id"),
    _number("task"),
    _whole("instance"),
    _word("element"),
    _word("name"),
    _bytes("key_token", optional=True),
    _whole("depth"),
)
Index("message_awaited", MESSAGE.c.authority, MESSAGE.c.name, MESSAGE.c.key_token)

JOB: Final = _table(
    "job",
    *_key("case_id"),
    _number("job"),
    _whole("instance"),
    _word("element"),
    _word("type"),
    _whole("retries"),
    _word("ready_at"),
    _yes_no("held"),
    *_lease(),
)
Index("job_ready", JOB.c.ready_at, JOB.c.authority, JOB.c.case_id, JOB.c.job)

INCIDENT: Final = _table(
    "incident",
    *_key("case_id"),
    _number("number"),
    _whole("instance", optional=True),
    _word("element", optional=True),
    _word("message"),
    _word("raised_at"),
    _word("state"),
)
Index("incident_state", INCIDENT.c.authority, INCIDENT.c.state, INCIDENT.c.raised_at)

ESCALATION: Final = _table(
    "escalation",
    *_key("case_id"),
    _number("number"),
    _word("source"),
    _word("to_role"),
    _word("element", optional=True),
    _whole("task", optional=True),
    _word("code", optional=True),
    _word("clauses"),
    _word("raised_at"),
    _word("state"),
)
Index("escalation_tray", ESCALATION.c.authority, ESCALATION.c.state, ESCALATION.c.to_role, ESCALATION.c.raised_at)

LETTER: Final = _table(
    "letter",
    *_key("case_id"),
    _number("number"),
    _word("letter"),
    _whole("instance"),
    _whole("task", optional=True),
    _word("state"),
    _word("at"),
)

INSTANCE: Final = _table(
    "instance",
    *_key("case_id"),
    _number("instance"),
    _word("pathway"),
    _word("release"),
    _word("state"),
    _word("started_at"),
)

# --- in and out ------------------------------------------------------------------------------------------------------

OUTBOX: Final = _table(
    "outbox",
    *_key("key"),
    _word("case_id"),
    _word("kind"),
    _word("topic"),
    _word("ready_at"),
    _word("state"),
    _word("settled_at", optional=True),
    _word("problem", optional=True),
    *_lease(),
    _bytes("body", optional=True),
)
Index(
    "outbox_ready",
    OUTBOX.c.ready_at,
    OUTBOX.c.authority,
    OUTBOX.c.key,
    sqlite_where=OUTBOX.c.state == sa.literal_column("'ready'"),
    postgresql_where=OUTBOX.c.state == sa.literal_column("'ready'"),
)
Index("outbox_state", OUTBOX.c.authority, OUTBOX.c.state, OUTBOX.c.ready_at)
Index("outbox_case", OUTBOX.c.authority, OUTBOX.c.case_id)

INBOUND: Final = _table(
    "inbound",
    *_key("source", "message"),
    _word("received_at"),
    _word("case_id", optional=True),
    _bytes("digest", optional=True),
)
Index("inbound_case", INBOUND.c.authority, INBOUND.c.case_id)

DEAD_LETTER: Final = _table(
    "dead_letter",
    *_key("source", "message"),
    _word("type"),
    _word("reason"),
    _word("received_at"),
    _word("state"),
    _word("settled_at", optional=True),
    _word("settled_by", optional=True),
    _bytes("body", optional=True),
)
Index("dead_letter_state", DEAD_LETTER.c.authority, DEAD_LETTER.c.state, DEAD_LETTER.c.received_at)

PARTNER: Final = _table(
    "partner", *_key("kind", "partner"), _word("title"), _word("address"), _word("topics"), _yes_no("binary"),
    _word("recorded_at"), _word("recorded_by"), _word("ended_at", optional=True), _word("ended_by", optional=True),
)  # fmt: skip

PARTNER_KEY: Final = _table(
    "partner_key", *_key("kind", "partner"), _number("number"), _word("from_at"), _word("until_at"), _word("made_by"),
    _bytes("sealed"),
)  # fmt: skip

TOKEN: Final = _table(
    "token", *_key("token"), _bytes("digest"), _word("holder"), _word("name"), _word("roles"), _word("scopes"),
    _word("issued_at"), _word("issued_by"), _word("expires_at"), _word("ended_at", optional=True),
    _word("ended_by", optional=True),
)  # fmt: skip

ANSWERED: Final = _table("answered", *_key("key"), _bytes("digest"), _word("case_id"), _whole("revision"), _word("at"))
Index("answered_at", ANSWERED.c.at)

DUTY: Final = _table(
    "duty", *_key(), _number("number"), _word("at"), _word("by_whom"), _word("role", optional=True), _word("what"),
    _word("about"), _bytes("why"),
)  # fmt: skip

# --- what cases run on -----------------------------------------------------------------------------------------------

CONTENT: Final = _table("content", *_key("hash"), _bytes("body"))

RELEASE: Final = _table(
    "release", *_key("release"), _word("pathway"), _word("title"), _word("version"), _word("recorded_at"),
    _word("recorded_by"),
)  # fmt: skip

RELEASE_FILE: Final = _table("release_file", *_key("release", "path"), _word("hash"))

DEPLOYMENT: Final = _table(
    "deployment", *_key("pathway"), _number("number"), _word("release"), _word("at"), _word("by_whom"), _word("why")
)

SETTINGS: Final = _table("settings", *_key("hash"), _bytes("body"), _word("recorded_at"))
IN_FORCE: Final = _table(
    "in_force", *_key(), _number("number"), _word("settings"), _word("at"), _word("by_whom"), _word("why")
)

# --- proof and housekeeping ------------------------------------------------------------------------------------------

CHECKPOINT: Final = _table(
    "checkpoint", *_key(), _number("number"), _word("at"), _bytes("previous"), _whole("cases"), _whole("rows"),
    _whole("heads"), _bytes("root"), _word("signer"), _bytes("hash"), _bytes("signature"),
)  # fmt: skip

CHECKPOINT_HEAD: Final = _table(
    "checkpoint_head", *_key("chain", "case_id"), _number("checkpoint"), _whole("place"), _bytes("head")
)
Index("checkpoint_head_number", CHECKPOINT_HEAD.c.authority, CHECKPOINT_HEAD.c.checkpoint)

ERASURE: Final = _table("erasure", *_key("case_id"), _word("at"), _word("by_whom"), _word("why"))

MASTER_KEY: Final = _table("master_key", *_key("key_id"), _bytes("proof"), _word("state"))

WORKER: Final = _table("worker", *_key("worker"), _word("started_at"), _word("seen_at"), _word("doing"))

META: Final = _table("meta", *_key("name"), _word("value"))

CLOCK_ADVANCE: Final = _table(
    "clock_advance", *_key(), _number("number"), _word("from_at"), _word("to_at"), _word("by_whom")
)

"""The first schema: every table of the store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Word = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "authority_key",
        sa.Column("authority", Word, nullable=False),
        sa.Column("purpose", Word, nullable=False),
        sa.Column("key_id", Word, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "purpose"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "blind_index",
        sa.Column("authority", Word, nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("case_id", Word, nullable=False),
        sa.PrimaryKeyConstraint("authority", "token", "case_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("blind_index_case", "blind_index", ["authority", "case_id"], unique=False)
    op.create_table(
        "case_access",
        sa.Column("authority", Word, nullable=False),
        sa.Column("case_id", Word, nullable=False),
        sa.Column("person", Word, nullable=False),
        sa.Column("role", Word, nullable=False),
        sa.PrimaryKeyConstraint("authority", "case_id", "person", "role"),
        sqlite_with_rowid=False,
    )
    op.create_index("case_access_person", "case_access", ["authority", "person", "case_id"], unique=False)
    op.create_table(
        "case_file",
        sa.Column("authority", Word, nullable=False),
        sa.Column("case_id", Word, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("status", Word, nullable=False),
        sa.Column("plan_status", Word, nullable=False),
        sa.Column("restricted", sa.Boolean(), nullable=False),
        sa.Column("opened_at", Word, nullable=False),
        sa.Column("changed_at", Word, nullable=False),
        sa.Column("checkpointed", sa.Integer(), nullable=False),
        sa.Column("erased_at", Word, nullable=True),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("label", sa.LargeBinary(), nullable=True),
        sa.Column("snapshot", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("authority", "case_id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "case_file_changed",
        "case_file",
        ["authority", "case_id"],
        unique=False,
        sqlite_where=sa.text("revision > checkpointed"),
        postgresql_where=sa.text("revision > checkpointed"),
    )
    op.create_table(
        "checkpoint",
        sa.Column("authority", Word, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", Word, nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("heads", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("signer", Word, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "checkpoint_head",
        sa.Column("authority", Word, nullable=False),
        sa.Column("chain", Word, nullable=False),
        sa.Column("case_id", Word, nullable=False),
        sa.Column("checkpoint", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "chain", "case_id", "checkpoint"),
        sqlite_with_rowid=False,
    )
    op.create_index("checkpoint_head_number", "checkpoint_head", ["authority", "checkpoint"], unique=False)
    op.create_table(
        "child_key",
        sa.Column("authority", Word, nullable=False),
        sa.Column("case_id", Word, nullable=False),
        sa.Column("key_id", Word, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "case_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("child_key_wrapped_by", "child_key", ["key_id"], unique=False)
    op.create_table(
        "clock_advance",
        sa.Column("authority", Word, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("from_at", Word, nullable=False),
        sa.Column("to_at", Word, nullable=False),
        sa.Column("by_whom", Word, nullable=False),
        sa.PrimaryKeyConstraint("authority", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "content",
        sa.Column("authority", Word, nullable=False),
        sa.Column("hash", Word, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "hash"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "dead_letter",
        sa.Column("authority", Word, nullable=False),
        sa.Column("source", Word, nullable=False),
        sa.Column("message", Word, nullable=False),
        sa.Column("type", Word, nullable=False),
        sa.Column("reason", Word, nullable=False),
        sa.Column("received_at", Word, nullable=False),
        sa.Column("state", Word, nullable=False),
        sa.Column("settled_at", Word, nullable=True),
        sa.Column("settled_by", Word, nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("authority", "source", "message"),
        sqlite_with_rowid=False,
    )
    op.create_index("dead_letter_state", "dead_letter", ["authority", "state", "received_at"], unique=False)
    op.create_table(
        "deployment",
        sa.Column("authority", Word, nullable=False),
        sa.Column("pathway", Word, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("release", Word, nullable=False),
        sa.Column("at", Word, nullable=False),
        sa.Column("by_whom", Word, nullable=False),
        sa.Column("why", Word, nullable=False),
        sa.PrimaryKeyConstraint("authority", "pathway", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "document",
        sa.Column("authority", Word, nullable=False),
        sa.Column("case_id", Word, nullable=False),
        sa.Column("document", Word, nullable=False),
        sa.Column("media_type", Word, nullable=False),
        sa.Column("at", Word, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "case_id", "document"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "draft",
        sa.Column("authority", Word, nullable=False),
        sa.Column("case_id", Word, nullable=False),
        sa.Column("task", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person", Word, nullable=False),
        sa.Column("saved_at", Word, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "case_id", "task", "person"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "erasure",
        sa.Column("authority", Word, nullable=False),
        sa.Column("case_id", Word, nullable=False),
        sa.Column("at", Word, nullable=False),
        sa.Column("by_whom", Word, nullable=False),
        sa.Column("why", Word, nullable=False),
        sa.PrimaryKeyConstraint("authority", "case_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "escalation",
        sa.Column("authority", Word, nullable=False),
        sa.Column("case_id", Word, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", Word, nullable=False),
        sa.Column("to_role", Word, nullable=False),
        sa.Column("element", Word, nullable=True),
        sa.Column("task", sa.Integer(), nullable=True),
        sa.Column("code", Word, nullable=True),
        sa.Column("clauses", Word, nullable=False),
        sa.Column("raised_at", Word, nullable=False),
        sa.Column("state", Word, nullable=False),
        sa.PrimaryKeyConstraint("authority", "case_id", "number"),
        sqlite_with_rowid=False,
    )
    op.create_index("escalation_tray", "escalation", ["authority", "state", "to_role", "raised_at"], unique=False)
    op.create_table(
        "history",
        sa.Column("authority", Word, nullable=False),
        sa.Column("case_id", Word, nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("format", sa.Integer(), nullable=False),
        sa.Column("command", Word, nullable=False),
        sa.Column("at", Word, nullable=False),
        sa.Column("kind", Word, nullable=False),
        sa.Column("by_whom", Word, nullable=False),
        sa.Column("role", Word, nullable=True),
        sa.Column("settings", Word, nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("authority", "case_id", "revision"),
        sqlite_with_rowid=False,
    )
    op.create_index("history_command", "history", ["authority", "command"], unique=True)
    op.create_table(
        "in_force",
        sa.Column("authority", Word, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("settings", Word, nullable=False),
        sa.Column("at", Word, nullable=False),
        sa.Column("by_whom", Word, nullable=False),
        sa.Column("why", Word, nullable=False),
        sa.PrimaryKeyConstraint("authority", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "inbound",
        sa.Column("authority", Word, nullable=False),
        sa.Column("source", Word, nullable=False),
        sa.Column("message", Word, nullable=False),
        sa.Column("received_at", Word, nullable=False),
        sa.Column("case_id", Word, nullable=True),
        sa.PrimaryKeyConstraint("authority", "source", "message"),
        sqlite_with_rowid=False,
    )
    op.create_index("inbound_case", "inbound", ["authority", "case_id"], unique=False)
    op.create_table(
        "incident",
        sa.Column("authority", Word, nullable=False),
        sa.Column("case_id", Word, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("instance", sa.Integer(), nullable=True),
        sa.Column("element", Word, nullable=True),
        sa.Column("message", Word, nullable=False),
        sa.Column("raised_at", Word, nullable=False),
        sa.Column("state", Word, nullable=False),
        sa.PrimaryKeyConstraint("authority", "case_id", "number"),
        sqlite_with_rowid=False,
    )
    op.create_index("incident_state", "incident", ["authority", "state", "raised_at"], unique=False)
    op.create_table(
        "instance",
        sa.Column("authority", Word, nullable=False),
        sa.Column("case_id", Word, nullable=False),
        sa.Column("instance", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pathway", Word, nullable=False),
        sa.Column("release", Word, nullable=False),
        sa.Column("state", Word, nullable=False),
        sa.Column("started_at", Word, nullable=False),
        sa.PrimaryKeyConstraint("authority", "case_id", "instance"),
        sqlite_with_rowid=False,
    )
    op.create_index("instance_release", "instance", ["authority", "release", "state"], unique=False)
    op.create_table(
        "job",
        sa.Column("authority", Word, nullable=False),
        sa.Column("case_id", Word, nullable=False),
        sa.Column("job", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("instance", sa.Integer(), nullable=False),
        sa.Column("element", Word, nullable=False),
        sa.Column("type", Word, nullable=False),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("ready_at", Word, nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("lease_until", Word, nullable=True),
        sa.Column("token", Word, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "case_id", "job"),
        sqlite_with_rowid=False,
    )
    op.create_index("job_ready", "job", ["ready_at", "authority", "case_id", "job"], unique=False)
    op.create_table(
        "letter",
        sa.Column("authority", Word, nullable=False),
        sa.Column("case_id", Word, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("letter", Word, nullable=False),
        sa.Column("instance", sa.Integer(), nullable=False),
        sa.Column("task", sa.Integer(), nullable=True),
        sa.Column("state", Word, nullable=False),
        sa.Column("at", Word, nullable=False),
        sa.PrimaryKeyConstraint("authority", "case_id", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "master_key",
        sa.Column("authority", Word, nullable=False),
        sa.Column("key_id", Word, nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.Column("state", Word, nullable=False),
        sa.PrimaryKeyConstraint("authority", "key_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "message",
        sa.Column("authority", Word, nullable=False),
        sa.Column("case_id", Word, nullable=False),
        sa.Column("task", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("instance", sa.Integer(), nullable=False),
        sa.Column("element", Word, nullable=False),
        sa.Column("name", Word, nullable=False),
        sa.Column("key_token", sa.LargeBinary(), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "case_id", "task"),
        sqlite_with_rowid=False,
    )
    op.create_index("message_awaited", "message", ["authority", "name", "key_token"], unique=False)
    op.create_table(
        "meta",
        sa.Column("authority", Word, nullable=False),
        sa.Column("name", Word, nullable=False),
        sa.Column("value", Word, nullable=False),
        sa.PrimaryKeyConstraint("authority", "name"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "outbox",
        sa.Column("authority", Word, nullable=False),
        sa.Column("key", Word, nullable=False),
        sa.Column("case_id", Word, nullable=False),
        sa.Column("kind", Word, nullable=False),
        sa.Column("topic", Word, nullable=False),
        sa.Column("ready_at", Word, nullable=False),
        sa.Column("state", Word, nullable=False),
        sa.Column("settled_at", Word, nullable=True),
        sa.Column("problem", Word, nullable=True),
        sa.Column("lease_until", Word, nullable=True),
        sa.Column("token", Word, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("authority", "key"),
        sqlite_with_rowid=False,
    )
    op.create_index("outbox_case", "outbox", ["authority", "case_id"], unique=False)
    op.create_index(
        "outbox_ready",
        "outbox",
        ["ready_at", "authority", "key"],
        unique=False,
        sqlite_where=sa.text("state = 'ready'"),
        postgresql_where=sa.text("state = 'ready'"),
    )
    op.create_index("outbox_state", "outbox", ["authority", "state", "ready_at"], unique=False)
    op.create_table(
        "person",
        sa.Column("authority", Word, nullable=False),
        sa.Column("person", Word, nullable=False),
        sa.Column("sign_in", Word, nullable=False),
        sa.Column("name", Word, nullable=False),
        sa.Column("email", Word, nullable=True),
        sa.Column("secret", Word, nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", Word, nullable=False),
        sa.PrimaryKeyConstraint("authority", "person"),
        sqlite_with_rowid=False,
    )
    op.create_index("person_sign_in", "person", ["authority", "sign_in"], unique=True)
    op.create_table(
        "reading",
        sa.Column("authority", Word, nullable=False),
        sa.Column("case_id", Word, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", Word, nullable=False),
        sa.Column("person", Word, nullable=False),
        sa.Column("role", Word, nullable=True),
        sa.Column("what", Word, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "case_id", "number"),
        sqlite_with_rowid=False,
    )
    op.create_index("reading_person", "reading", ["authority", "person", "at"], unique=False)
    op.create_table(
        "reading_head",
        sa.Column("authority", Word, nullable=False),
        sa.Column("case_id", Word, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("checkpointed", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "case_id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "reading_head_changed",
        "reading_head",
        ["authority", "case_id"],
        unique=False,
        sqlite_where=sa.text("number > checkpointed"),
        postgresql_where=sa.text("number > checkpointed"),
    )
    op.create_table(
        "release",
        sa.Column("authority", Word, nullable=False),
        sa.Column("release", Word, nullable=False),
        sa.Column("pathway", Word, nullable=False),
        sa.Column("title", Word, nullable=False),
        sa.Column("version", Word, nullable=False),
        sa.Column("recorded_at", Word, nullable=False),
        sa.Column("recorded_by", Word, nullable=False),
        sa.PrimaryKeyConstraint("authority", "release"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "release_file",
        sa.Column("authority", Word, nullable=False),
        sa.Column("release", Word, nullable=False),
        sa.Column("path", Word, nullable=False),
        sa.Column("hash", Word, nullable=False),
        sa.PrimaryKeyConstraint("authority", "release", "path"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "role_holding",
        sa.Column("authority", Word, nullable=False),
        sa.Column("person", Word, nullable=False),
        sa.Column("role", Word, nullable=False),
        sa.Column("from_on", Word, nullable=False),
        sa.Column("until_on", Word, nullable=True),
        sa.Column("covers", Word, nullable=True),
        sa.Column("recorded_at", Word, nullable=False),
        sa.Column("recorded_by", Word, nullable=False),
        sa.Column("why", Word, nullable=False),
        sa.PrimaryKeyConstraint("authority", "person", "role", "from_on"),
        sqlite_with_rowid=False,
    )
    op.create_index("role_holding_role", "role_holding", ["authority", "role"], unique=False)
    op.create_table(
        "settings",
        sa.Column("authority", Word, nullable=False),
        sa.Column("hash", Word, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", Word, nullable=False),
        sa.PrimaryKeyConstraint("authority", "hash"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "task",
        sa.Column("authority", Word, nullable=False),
        sa.Column("case_id", Word, nullable=False),
        sa.Column("task", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("instance", sa.Integer(), nullable=False),
        sa.Column("pathway", Word, nullable=False),
        sa.Column("element", Word, nullable=False),
        sa.Column("title", Word, nullable=False),
        sa.Column("kind", Word, nullable=False),
        sa.Column("role", Word, nullable=True),
        sa.Column("candidates", Word, nullable=False),
        sa.Column("assignee", Word, nullable=True),
        sa.Column("opened", Word, nullable=False),
        sa.Column("due_on", Word, nullable=True),
        sa.Column("due_at", Word, nullable=False),
        sa.Column("rung", Word, nullable=True),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "case_id", "task"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "task_mine",
        "task",
        ["authority", "assignee", "due_at", "case_id", "task"],
        unique=False,
        sqlite_where=sa.text("assignee IS NOT NULL"),
        postgresql_where=sa.text("assignee IS NOT NULL"),
    )
    op.create_index(
        "task_queue",
        "task",
        ["authority", "role", "due_at", "case_id", "task"],
        unique=False,
        sqlite_where=sa.text("assignee IS NULL"),
        postgresql_where=sa.text("assignee IS NULL"),
    )
    op.create_index("task_team", "task", ["authority", "role", "due_at", "case_id", "task"], unique=False)
    op.create_table(
        "task_candidate",
        sa.Column("authority", Word, nullable=False),
        sa.Column("case_id", Word, nullable=False),
        sa.Column("task", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("role", Word, nullable=False),
        sa.Column("due_at", Word, nullable=False),
        sa.PrimaryKeyConstraint("authority", "case_id", "task", "role"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "task_candidate_queue", "task_candidate", ["authority", "role", "due_at", "case_id", "task"], unique=False
    )
    op.create_table(
        "timer",
        sa.Column("authority", Word, nullable=False),
        sa.Column("case_id", Word, nullable=False),
        sa.Column("timer", Word, nullable=False),
        sa.Column("instance", sa.Integer(), nullable=True),
        sa.Column("task", sa.Integer(), nullable=True),
        sa.Column("kind", Word, nullable=False),
        sa.Column("element", Word, nullable=True),
        sa.Column("at", Word, nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("lease_until", Word, nullable=True),
        sa.Column("token", Word, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "case_id", "timer"),
        sqlite_with_rowid=False,
    )
    op.create_index("timer_due", "timer", ["at", "authority", "case_id", "timer"], unique=False)
    op.create_table(
        "worker",
        sa.Column("authority", Word, nullable=False),
        sa.Column("worker", Word, nullable=False),
        sa.Column("started_at", Word, nullable=False),
        sa.Column("seen_at", Word, nullable=False),
        sa.Column("doing", Word, nullable=False),
        sa.PrimaryKeyConstraint("authority", "worker"),
        sqlite_with_rowid=False,
    )

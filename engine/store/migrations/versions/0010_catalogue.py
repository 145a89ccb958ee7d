"""What auditors find cases by: made from history by the first look after this, and then kept up to date."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

Word = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _word(name: str, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, Word, nullable=optional)


def _whole(name: str, *, optional: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), autoincrement=False, nullable=optional)


def upgrade() -> None:
    """Create the tables, empty."""
    op.create_table(
        "catalogue",
        _word("authority"),
        _word("case_id"),
        _whole("revision"),
        _whole("edition"),
        sa.PrimaryKeyConstraint("authority", "case_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "mention",
        *map(_word, ("authority", "kind", "word", "case_id")),
        _whole("revision"),
        _word("element"),
        _word("at"),
        _whole("days", optional=True),
        sa.PrimaryKeyConstraint("authority", "kind", "word", "case_id", "revision", "element"),
        sqlite_with_rowid=False,
    )
    op.create_index("mention_case", "mention", ["authority", "case_id"], unique=False)
    op.create_table(
        "stay",
        *map(_word, ("authority", "case_id")),
        _whole("number"),
        *map(_word, ("kind", "pathway", "release", "process", "element", "role", "clauses", "opened_at")),
        _whole("opened"),
        _word("due_on", optional=True),
        sa.Column("in_working_days", sa.Boolean(create_constraint=False), nullable=False),
        _word("ended_at", optional=True),
        _whole("ended", optional=True),
        _word("ending"),
        _word("person"),
        _whole("days", optional=True),
        _whole("late", optional=True),
        sa.PrimaryKeyConstraint("authority", "case_id", "number"),
        sqlite_with_rowid=False,
    )
    op.create_index("stay_element", "stay", ["authority", "pathway", "element"], unique=False)
    op.create_table(
        "passage",
        *map(_word, ("authority", "case_id")),
        _whole("instance"),
        *map(_word, ("pathway", "release", "started_at")),
        sa.Column("passed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "case_id", "instance"),
        sqlite_with_rowid=False,
    )
    op.create_index("passage_release", "passage", ["authority", "pathway", "release"], unique=False)

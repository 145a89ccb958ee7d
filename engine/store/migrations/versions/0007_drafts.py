"""Drafts of pathways, every saved version of their files, and what was submitted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

Word = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the tables of those who draw pathways."""
    op.create_table(
        "pathway_draft",
        sa.Column("authority", Word, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", Word, nullable=False),
        sa.Column("state", Word, nullable=False),
        sa.Column("base", sa.LargeBinary(), nullable=False),
        sa.Column("opened_by", Word, nullable=False),
        sa.Column("opened_at", Word, nullable=False),
        sa.Column("changed_by", Word, nullable=False),
        sa.Column("changed_at", Word, nullable=False),
        sa.PrimaryKeyConstraint("authority", "number"),
        sqlite_with_rowid=False,
    )
    op.create_index("pathway_draft_state", "pathway_draft", ["authority", "state"], unique=False)
    op.create_table(
        "draft_file",
        sa.Column("authority", Word, nullable=False),
        sa.Column("draft", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("path", Word, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("by_whom", Word, nullable=False),
        sa.Column("at", Word, nullable=False),
        sa.PrimaryKeyConstraint("authority", "draft", "path", "version"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "submission",
        sa.Column("authority", Word, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("draft", sa.Integer(), nullable=False),
        sa.Column("content", Word, nullable=False),
        sa.Column("found", sa.LargeBinary(), nullable=False),
        sa.Column("why", Word, nullable=False),
        sa.Column("by_whom", Word, nullable=False),
        sa.Column("at", Word, nullable=False),
        sa.Column("state", Word, nullable=False),
        sa.Column("decided_by", Word, nullable=True),
        sa.Column("decided_at", Word, nullable=True),
        sa.Column("said", Word, nullable=True),
        sa.PrimaryKeyConstraint("authority", "number"),
        sqlite_with_rowid=False,
    )
    op.create_index("submission_state", "submission", ["authority", "state"], unique=False)

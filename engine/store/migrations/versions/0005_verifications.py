"""Verifications are kept, so that an auditor finds the last one and what it said."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

Word = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table of verifications."""
    op.create_table(
        "verification",
        sa.Column("authority", Word, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("scope", Word, nullable=False),
        sa.Column("by_whom", Word, nullable=False),
        sa.Column("at", Word, nullable=False),
        sa.Column("finished_at", Word, nullable=True),
        sa.Column("after", Word, nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("commands", sa.Integer(), nullable=False),
        sa.Column("found", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "number"),
        sqlite_with_rowid=False,
    )

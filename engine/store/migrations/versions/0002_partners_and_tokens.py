"""Senders, receivers and their keys, tokens, what was answered and done; a message's digest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

Word = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the tables of those who speak to cases from outside, and of what was done about it."""
    op.add_column("inbound", sa.Column("digest", sa.LargeBinary(), nullable=True))
    op.create_table(
        "partner",
        sa.Column("authority", Word, nullable=False),
        sa.Column("kind", Word, nullable=False),
        sa.Column("partner", Word, nullable=False),
        sa.Column("title", Word, nullable=False),
        sa.Column("address", Word, nullable=False),
        sa.Column("topics", Word, nullable=False),
        sa.Column("binary", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", Word, nullable=False),
        sa.Column("recorded_by", Word, nullable=False),
        sa.Column("ended_at", Word, nullable=True),
        sa.Column("ended_by", Word, nullable=True),
        sa.PrimaryKeyConstraint("authority", "kind", "partner"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "partner_key",
        sa.Column("authority", Word, nullable=False),
        sa.Column("kind", Word, nullable=False),
        sa.Column("partner", Word, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("from_at", Word, nullable=False),
        sa.Column("until_at", Word, nullable=False),
        sa.Column("made_by", Word, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "kind", "partner", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "token",
        sa.Column("authority", Word, nullable=False),
        sa.Column("token", Word, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("holder", Word, nullable=False),
        sa.Column("name", Word, nullable=False),
        sa.Column("roles", Word, nullable=False),
        sa.Column("scopes", Word, nullable=False),
        sa.Column("issued_at", Word, nullable=False),
        sa.Column("issued_by", Word, nullable=False),
        sa.Column("expires_at", Word, nullable=False),
        sa.Column("ended_at", Word, nullable=True),
        sa.Column("ended_by", Word, nullable=True),
        sa.PrimaryKeyConstraint("authority", "token"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "answered",
        sa.Column("authority", Word, nullable=False),
        sa.Column("key", Word, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("case_id", Word, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", Word, nullable=False),
        sa.PrimaryKeyConstraint("authority", "key"),
        sqlite_with_rowid=False,
    )
    op.create_index("answered_at", "answered", ["at"], unique=False)
    op.create_table(
        "duty",
        sa.Column("authority", Word, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", Word, nullable=False),
        sa.Column("by_whom", Word, nullable=False),
        sa.Column("role", Word, nullable=True),
        sa.Column("what", Word, nullable=False),
        sa.Column("about", Word, nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "number"),
        sqlite_with_rowid=False,
    )

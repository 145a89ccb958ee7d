"""What is kept beside a draft's files: what its scenarios said, and the steps of trials."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

Word = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table of what is kept beside a draft."""
    op.create_table(
        "draft_note",
        sa.Column("authority", Word, nullable=False),
        sa.Column("draft", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", Word, nullable=False),
        sa.Column("name", Word, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "draft", "kind", "name"),
        sqlite_with_rowid=False,
    )

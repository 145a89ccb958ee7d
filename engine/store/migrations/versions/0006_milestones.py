"""What figures are made of: deadlines kept and missed, endings, answers to escalations, decisions against advice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

Word = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table; cases of before begin to be counted with their next command."""
    op.create_table(
        "milestone",
        sa.Column("authority", Word, nullable=False),
        sa.Column("case_id", Word, nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", Word, nullable=False),
        sa.Column("at", Word, nullable=False),
        sa.Column("month", Word, nullable=False),
        sa.Column("what", Word, nullable=False),
        sa.Column("pathway", Word, nullable=False),
        sa.Column("role", Word, nullable=False),
        sa.Column("clauses", Word, nullable=False),
        sa.Column("since", Word, nullable=False),
        sa.Column("result", Word, nullable=False),
        sa.PrimaryKeyConstraint("authority", "case_id", "revision", "position"),
        sqlite_with_rowid=False,
    )
    op.create_index("milestone_kind", "milestone", ["authority", "kind", "at"], unique=False)

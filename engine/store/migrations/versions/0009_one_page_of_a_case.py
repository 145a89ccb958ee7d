"""A command writes one page of its case file, and no index of it but after a checkpoint."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

Word = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Lay out case files anew where they are SQLite's; cases that grew since their checkpoint are told by its sign."""
    op.drop_index("case_file_changed", "case_file")
    if op.get_bind().dialect.name == "sqlite":
        op.create_table(
            "case_file_in_place",
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
        )
        op.execute("insert into case_file_in_place select * from case_file")
        op.drop_table("case_file")
        op.rename_table("case_file_in_place", "case_file")
    op.execute("update case_file set checkpointed = -checkpointed where checkpointed > 0 and revision > checkpointed")
    op.create_index(
        "case_file_behind",
        "case_file",
        ["authority", "case_id"],
        unique=False,
        sqlite_where=sa.text("checkpointed <= 0"),
        postgresql_where=sa.text("checkpointed <= 0"),
    )

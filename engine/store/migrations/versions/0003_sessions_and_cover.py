"""Sessions on the server's side, failed sign-ins that every process counts, absence cover; passwords to be changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

Word = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the tables of sessions, failures and cover; a person learns two things more."""
    op.add_column("person", sa.Column("must_change", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("person", sa.Column("subject", Word, nullable=True))
    op.create_table(
        "cover",
        sa.Column("authority", Word, nullable=False),
        sa.Column("absent", Word, nullable=False),
        sa.Column("role", Word, nullable=False),
        sa.Column("person", Word, nullable=False),
        sa.Column("from_on", Word, nullable=False),
        sa.Column("until_on", Word, nullable=False),
        sa.Column("recorded_at", Word, nullable=False),
        sa.Column("recorded_by", Word, nullable=False),
        sa.Column("why", Word, nullable=False),
        sa.PrimaryKeyConstraint("authority", "absent", "role", "person", "from_on"),
        sqlite_with_rowid=False,
    )
    op.create_index("cover_person", "cover", ["authority", "person"], unique=False)
    op.create_table(
        "web_session",
        sa.Column("authority", Word, nullable=False),
        sa.Column("session", Word, nullable=False),
        sa.Column("person", Word, nullable=False),
        sa.Column("since", Word, nullable=False),
        sa.Column("seen", Word, nullable=False),
        sa.Column("address", Word, nullable=False),
        sa.Column("browser", Word, nullable=False),
        sa.Column("ended_at", Word, nullable=True),
        sa.Column("ended_by", Word, nullable=True),
        sa.PrimaryKeyConstraint("authority", "session"),
        sqlite_with_rowid=False,
    )
    op.create_index("web_session_person", "web_session", ["authority", "person", "since"], unique=False)
    op.create_table(
        "failed_sign_in",
        sa.Column("authority", Word, nullable=False),
        sa.Column("kind", Word, nullable=False),
        sa.Column("subject", Word, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", Word, nullable=False),
        sa.PrimaryKeyConstraint("authority", "kind", "subject"),
        sqlite_with_rowid=False,
    )
    op.create_index("failed_sign_in_last", "failed_sign_in", ["last_at"], unique=False)

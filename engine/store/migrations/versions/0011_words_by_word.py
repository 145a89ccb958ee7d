"""The words that cases are found by are kept in one order: an opening writes fewer pages."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Drop the other order."""
    op.drop_index("blind_index_case", "blind_index")

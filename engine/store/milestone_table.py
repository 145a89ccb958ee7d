"""The table of milestones: what figures are made of, kept with the command that it belongs to."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Index, Integer, Table

from engine.store.tables import METADATA, Word

MILESTONE: Final = Table(
    "milestone",
    METADATA,
    Column("authority", Word, primary_key=True),
    Column("case_id", Word, primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("kind", Word, nullable=False),
    Column("at", Word, nullable=False),
    Column("month", Word, nullable=False),
    Column("what", Word, nullable=False),
    Column("pathway", Word, nullable=False),
    Column("role", Word, nullable=False),
    Column("clauses", Word, nullable=False),
    Column("since", Word, nullable=False),
    Column("result", Word, nullable=False),
    sqlite_with_rowid=False,
)
Index("milestone_kind", MILESTONE.c.authority, MILESTONE.c.kind, MILESTONE.c.at)

"""The table of verifications."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Integer, Table

from engine.store.octets import Octets
from engine.store.tables import METADATA, Word

VERIFICATION: Final = Table(
    "verification",
    METADATA,
    Column("authority", Word, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("scope", Word, nullable=False),
    Column("by_whom", Word, nullable=False),
    Column("at", Word, nullable=False),
    Column("finished_at", Word, nullable=True),
    Column("after", Word, nullable=False),
    Column("cases", Integer, nullable=False),
    Column("commands", Integer, nullable=False),
    Column("found", Octets, nullable=False),
    sqlite_with_rowid=False,
)

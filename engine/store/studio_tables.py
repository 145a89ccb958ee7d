"""The tables of those who draw pathways: drafts, every saved version of their files, and what was submitted."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Index, Integer, Table

from engine.store.octets import Octets
from engine.store.tables import METADATA, Word


def _table(name: str, *columns: Column[str] | Column[int] | Column[bytes]) -> Table:
    return Table(name, METADATA, Column("authority", Word, primary_key=True), *columns, sqlite_with_rowid=False)


def _number(name: str) -> Column[int]:
    return Column(name, Integer, primary_key=True, autoincrement=False)


PATHWAY_DRAFT: Final = _table(
    "pathway_draft",
    _number("number"),
    Column("title", Word, nullable=False),
    Column("state", Word, nullable=False),
    Column("base", Octets, nullable=False),
    Column("opened_by", Word, nullable=False),
    Column("opened_at", Word, nullable=False),
    Column("changed_by", Word, nullable=False),
    Column("changed_at", Word, nullable=False),
)
Index("pathway_draft_state", PATHWAY_DRAFT.c.authority, PATHWAY_DRAFT.c.state)

DRAFT_FILE: Final = _table(
    "draft_file",
    Column("draft", Integer, primary_key=True, autoincrement=False),
    Column("path", Word, primary_key=True),
    _number("version"),
    Column("body", Octets, nullable=True),
    Column("by_whom", Word, nullable=False),
    Column("at", Word, nullable=False),
)

SUBMISSION: Final = _table(
    "submission",
    _number("number"),
    Column("draft", Integer, nullable=False),
    Column("content", Word, nullable=False),
    Column("found", Octets, nullable=False),
    Column("why", Word, nullable=False),
    Column("by_whom", Word, nullable=False),
    Column("at", Word, nullable=False),
    Column("state", Word, nullable=False),
    Column("decided_by", Word, nullable=True),
    Column("decided_at", Word, nullable=True),
    Column("said", Word, nullable=True),
)
Index("submission_state", SUBMISSION.c.authority, SUBMISSION.c.state)

DRAFT_NOTE: Final = _table(
    "draft_note",
    Column("draft", Integer, primary_key=True, autoincrement=False),
    Column("kind", Word, primary_key=True),
    Column("name", Word, primary_key=True),
    Column("body", Octets, nullable=False),
)

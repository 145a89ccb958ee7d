"""The tables of the catalogue: what auditors find cases by. Ids, roles, dates and counts; made from history alone."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, Index, Integer, Table

from engine.store.octets import Octets
from engine.store.tables import METADATA, Word


def _key(*names: str) -> list[Column[str]]:
    return [Column(name, Word, primary_key=True) for name in ("authority", *names)]


def _number(name: str) -> Column[int]:
    return Column(name, Integer, primary_key=True, autoincrement=False)


def _word(name: str, *, optional: bool = False) -> Column[str]:
    return Column(name, Word, nullable=optional)


def _whole(name: str, *, optional: bool = False) -> Column[int]:
    return Column(name, Integer, nullable=optional)


#: Up to which revision a case is catalogued, and by which edition of the rules.
CATALOGUE: Final = Table(
    "catalogue", METADATA, *_key("case_id"), _whole("revision"), _whole("edition"), sqlite_with_rowid=False
)

#: One word under which a step of a case is found.
MENTION: Final = Table(
    "mention",
    METADATA,
    *_key("kind", "word", "case_id"),
    _number("revision"),
    Column("element", Word, primary_key=True),
    _word("at"),
    _whole("days", optional=True),
    sqlite_with_rowid=False,
)
Index("mention_case", MENTION.c.authority, MENTION.c.case_id)

#: One time that a pathway waited at an element, and until when.
STAY: Final = Table(
    "stay",
    METADATA,
    *_key("case_id"),
    _number("number"),
    _word("kind"),
    _word("pathway"),
    _word("release"),
    _word("process"),
    _word("element"),
    _word("role"),
    _word("clauses"),
    _word("opened_at"),
    _whole("opened"),
    _word("due_on", optional=True),
    Column("in_working_days", Boolean(create_constraint=False), nullable=False),
    _word("ended_at", optional=True),
    _whole("ended", optional=True),
    _word("ending"),
    _word("person"),
    _whole("days", optional=True),
    _whole("late", optional=True),
    sqlite_with_rowid=False,
)
Index("stay_element", STAY.c.authority, STAY.c.pathway, STAY.c.element)

#: How often a pathway went through each element, day by day.
PASSAGE: Final = Table(
    "passage",
    METADATA,
    *_key("case_id"),
    _number("instance"),
    _word("pathway"),
    _word("release"),
    _word("started_at"),
    Column("passed", Octets, nullable=False),
    sqlite_with_rowid=False,
)
Index("passage_release", PASSAGE.c.authority, PASSAGE.c.pathway, PASSAGE.c.release)

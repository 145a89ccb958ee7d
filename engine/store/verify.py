"""Holds a case's history against itself: which row was changed, removed, swapped or cut off, by revision.

A rewrite that leaves the chain whole is found by the checkpoints, not here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from engine.frozen import frozen
from engine.store import statements as sql
from engine.store.chain import FORMAT, HistoryRow, genesis, reading_link, readings_genesis
from engine.store.database import Database, Row
from engine.store.errors import CaseUnknown, KeyMissing, Undecipherable
from engine.store.sealing import expand
from engine.store.statements import this_case
from engine.store.tables import CASE_FILE, CHILD_KEY, HISTORY, READING, READING_HEAD
from engine.store.vault import PAYLOAD, CaseKey, Vault

_STRETCH: Final = 500
#: What is told of a child's key that was changed, so that nothing it sealed opens.
NO_KEY: Final = "key changed"

_CASE: Final = (
    sa.select(CASE_FILE.c.revision, CASE_FILE.c.head, CASE_FILE.c.erased_at, CHILD_KEY.c.key_id, CHILD_KEY.c.wrapped)
    .select_from(
        CASE_FILE.outerjoin(
            CHILD_KEY,
            sa.and_(CHILD_KEY.c.authority == CASE_FILE.c.authority, CHILD_KEY.c.case_id == CASE_FILE.c.case_id),
        )
    )
    .where(this_case(CASE_FILE))
)
#: The same with the beginning of its history beside it: one statement sees one moment, and most histories end in it.
_WITH_HISTORY: Final = (
    sa.select(
        *(*HISTORY.c, CASE_FILE.c.revision, CASE_FILE.c.head, CASE_FILE.c.erased_at),
        *(CHILD_KEY.c.key_id, CHILD_KEY.c.wrapped),
    )
    .select_from(
        CASE_FILE.outerjoin(
            CHILD_KEY,
            sa.and_(CHILD_KEY.c.authority == CASE_FILE.c.authority, CHILD_KEY.c.case_id == CASE_FILE.c.case_id),
        ).outerjoin(
            HISTORY,
            sa.and_(
                *(HISTORY.c.authority == CASE_FILE.c.authority, HISTORY.c.case_id == CASE_FILE.c.case_id),
                HISTORY.c.revision > 0,
            ),
        )
    )
    .where(this_case(CASE_FILE))
    .order_by(HISTORY.c.revision)
    .limit(_STRETCH)
)
_COLUMNS: Final = len(HISTORY.c)
_READINGS: Final = sa.select(*READING.c).where(this_case(READING)).order_by(READING.c.number)
_READING_HEAD: Final = sa.select(READING_HEAD.c.number, READING_HEAD.c.hash).where(this_case(READING_HEAD))


@frozen
class ChainReport:
    """What verifying a chain found: ok, or the first revision that is wrong and what is wrong with it.

    what  'row changed', 'row removed', 'rows swapped', 'tail cut', 'payload changed', 'payload removed',
          'row added', 'case file changed', 'format unknown', 'key changed' (of no revision: 0) or '' when ok
    """

    authority: str
    case_id: str
    ok: bool
    rows: int
    revision: int | None = None
    what: str = ""


@frozen
class Verified:
    """A case's history as verifying its chain went through it: each row with its payload opened on the way.

    key  the child's key, None where it is gone; then, and where the chain is not whole, `opened` is empty
    """

    report: ChainReport
    opened: tuple[tuple[HistoryRow, bytes], ...]
    key: CaseKey | None


def verify_chain(database: Database, vault: Vault, authority: str, case_id: str) -> ChainReport:
    """Verify a case's whole history: its chain, and its payloads where the child's key still exists.

    Raises CaseUnknown; every fault of the rows is in the report.
    """
    return verify_history(database, vault, authority, case_id).report


def verify_history(database: Database, vault: Vault, authority: str, case_id: str) -> Verified:
    """Verify as `verify_chain` does, and give what was read. Raises CaseUnknown."""
    case, rows = _read(database, authority, case_id)
    revision, head, erased_at, key_id, wrapped = case
    key = None
    if erased_at is None and wrapped is not None:
        try:
            key = vault.open(authority, case_id, key_id, wrapped)
        except (Undecipherable, KeyMissing):
            # Without it no payload opens: what is wrong with the plain columns is told first.
            first = check_rows(authority, case_id, rows, None, []) or _check_head(rows, revision, head) or (0, NO_KEY)
            return Verified(ChainReport(authority, case_id, False, len(rows), *first), (), None)
    plains: list[bytes] = []
    found = check_rows(authority, case_id, rows, key, plains) or _check_head(rows, revision, head)
    if found is None:
        report = ChainReport(authority, case_id, ok=True, rows=len(rows))
        return Verified(report, tuple(zip(rows, plains, strict=key is not None)), key)
    report = ChainReport(authority, case_id, ok=False, rows=len(rows), revision=found[0], what=found[1])
    return Verified(report, (), key)


def _read(database: Database, authority: str, case_id: str) -> tuple[Row, list[HistoryRow]]:
    """The case file with its key, and its whole history, as they are at one moment. Raises CaseUnknown."""
    place = {"authority": authority, "case_id": case_id}
    with database.reading() as session:
        found = session.all(_WITH_HISTORY, place)
    if not found:
        raise CaseUnknown(authority, case_id)
    if len(found) < _STRETCH:
        if found[0][2] is None:
            return found[0][_COLUMNS:], []
        return found[0][_COLUMNS:], [HistoryRow._make(row[:_COLUMNS]) for row in found]
    with database.looking() as session:
        case = session.one(_CASE, place)
        if case is None:
            raise CaseUnknown(authority, case_id)
        rows: list[HistoryRow] = []
        while True:
            after = rows[-1].revision if rows else 0
            stretch = session.all(sql.READ_HISTORY, place | {"after": after, "most": _STRETCH})
            rows += map(HistoryRow._make, stretch)
            if len(stretch) < _STRETCH:
                return case, rows


def verify_readings(database: Database, authority: str, case_id: str) -> ChainReport:
    """Verify who looked at a case: `revision` of the report is the number of the reading."""
    place = {"authority": authority, "case_id": case_id}
    with database.looking() as session:
        rows = session.all(_READINGS, place)
        head = session.one(_READING_HEAD, place)
    previous = readings_genesis(authority, case_id)
    found: tuple[int, str] | None = None
    for expected, row in enumerate(rows, 1):
        number, at, person, role, what, hashed = row[2:]
        if number != expected:
            found = (expected, "row removed")
        elif reading_link(previous, authority, case_id, number, at, person, role, what) != hashed:
            found = (number, "row changed")
        if found is not None:
            break
        previous = hashed
    if found is None:
        last = (len(rows), previous if rows else None)
        if head is None:
            found = (1, "tail cut") if rows else None
        elif not isinstance(head[0], int):
            found = (max(len(rows), 1), "row changed")
        elif head[0] > last[0]:
            found = (last[0] + 1, "tail cut")
        elif (head[0], head[1]) != last:
            found = (head[0] + 1, "row added") if head[0] < last[0] else (head[0], "row changed")
    if found is None:
        return ChainReport(authority, case_id, ok=True, rows=len(rows))
    return ChainReport(authority, case_id, ok=False, rows=len(rows), revision=found[0], what=found[1])


def check_rows(
    authority: str, case_id: str, rows: Sequence[HistoryRow], key: CaseKey | None, plains: list[bytes]
) -> tuple[int, str] | None:
    """The first row of a history that is wrong, and how; None where the chain is whole.

    Rows are those of the history table, by revision; `key` None leaves the payloads closed, else they go to `plains`.
    """
    previous = genesis(authority, case_id)
    for expected, row in enumerate(rows, 1):
        if row.revision != expected:
            return expected, "row removed"
        if row.format != FORMAT:
            return expected, "format unknown"
        if row.hash_after(previous) != row.hash:
            return expected, "rows swapped" if _belongs_elsewhere(rows, row) else "row changed"
        fault = "" if key is None else _payload_fault(row, key, plains)
        if fault:
            return expected, fault
        previous = row.hash
    return None


def _check_head(rows: Sequence[HistoryRow], revision: int, head: bytes) -> tuple[int, str] | None:
    """The case file must point at the newest row."""
    if revision > len(rows):
        return len(rows) + 1, "tail cut"
    if revision < len(rows):
        return revision + 1, "row added"
    return None if rows and rows[-1].hash == head else (revision, "case file changed")


def _belongs_elsewhere(rows: Sequence[HistoryRow], row: HistoryRow) -> bool:
    """Whether the row is whole, but was written for another place of the chain."""
    hashes = {other.hash for other in rows} | {genesis(row.authority, row.case_id)}
    return any(
        row.hash_after(previous, revision) == row.hash for revision in range(1, len(rows) + 2) for previous in hashes
    )


def _payload_fault(row: HistoryRow, key: CaseKey, plains: list[bytes]) -> str:
    if row.payload is None:
        return "payload removed"
    try:
        plain = expand(key.open(PAYLOAD, row.revision, row.payload))
    except Undecipherable:
        return "payload changed"
    plains.append(plain)
    return "" if key.commitment(plain) == row.commitment else "payload changed"

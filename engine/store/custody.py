"""Children's keys over the years: wrapped anew when the master key changes, backed up, rehearsed, and erased.

docs/operations-keys.md says who does this, when, and in what order.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson
import sqlalchemy as sa
from sqlalchemy import Table, bindparam

from engine.errors import Unreadable
from engine.history import instant
from engine.store.catalogue_tables import CATALOGUE, MENTION, PASSAGE, STAY
from engine.store.database import Database, RowTaken, Session
from engine.store.errors import CaseErased, CaseStillOpen, CaseUnknown, KeyFileRefused, KeyMissing, Undecipherable
from engine.store.key_files import MasterKey
from engine.store.keys import record_master_key
from engine.store.statements import KEEP_AUTHORITY_KEY, KEEP_KEY, this_case, this_row
from engine.store.tables import (
    AUTHORITY_KEY,
    BLIND_INDEX,
    CASE_ACCESS,
    CASE_FILE,
    CHILD_KEY,
    DOCUMENT,
    DRAFT,
    ERASURE,
    ESCALATION,
    EVERYONE,
    INCIDENT,
    INSTANCE,
    JOB,
    LETTER,
    MASTER_KEY,
    MESSAGE,
    OUTBOX,
    TASK,
    TASK_CANDIDATE,
    TIMER,
)

_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Custody:
    """How a key file fared against the keys of a database: how many there are, and which did not open."""

    keys: int
    unopened: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Every key opened."""
        return not self.unopened


def _behind(table: Table) -> sa.Select[Any]:
    return sa.select(*table.c).where(table.c.key_id != bindparam("key_id", type_=sa.Text())).limit(_BATCH)


def _rewrap(table: Table) -> sa.Update:
    return (
        sa.update(table)
        .where(this_row(table), table.c.wrapped == bindparam("wrapped_before", type_=sa.LargeBinary()))
        .values(key_id=bindparam("key_id", type_=sa.Text()), wrapped=bindparam("wrapped", type_=sa.LargeBinary()))
    )


_CHILDREN_BEHIND: Final = _behind(CHILD_KEY)
_REWRAP_CHILD: Final = _rewrap(CHILD_KEY)
_AUTHORITIES_BEHIND: Final = _behind(AUTHORITY_KEY)
_REWRAP_AUTHORITY: Final = _rewrap(AUTHORITY_KEY)
_RETIRE: Final = (
    sa.update(MASTER_KEY).where(MASTER_KEY.c.key_id != bindparam("held", type_=sa.Text())).values(state="retired")
)
_HAS_MASTER_KEY: Final = sa.select(MASTER_KEY.c.key_id).where(this_row(MASTER_KEY))
_ALL_CHILDREN: Final = sa.select(*CHILD_KEY.c).order_by(CHILD_KEY.c.authority, CHILD_KEY.c.case_id)
_ALL_AUTHORITIES: Final = sa.select(*AUTHORITY_KEY.c).order_by(AUTHORITY_KEY.c.authority, AUTHORITY_KEY.c.purpose)

_STATUS: Final = sa.select(CASE_FILE.c.status, CASE_FILE.c.erased_at).where(this_case(CASE_FILE))
_MARK_ERASED: Final = (
    sa.update(CASE_FILE)
    .where(this_case(CASE_FILE), CASE_FILE.c.erased_at.is_(None), CASE_FILE.c.status != "OPEN")
    .values(erased_at=bindparam("at", type_=sa.Text()), label=None, snapshot=None)
)
_RECORD_ERASURE: Final = sa.insert(ERASURE)
_IS_ERASED: Final = sa.select(ERASURE.c.at).where(this_row(ERASURE))
#: When a case was erased as its file and as the record of it say, and the key that should be gone.
_ERASED: Final = (
    sa.select(CASE_FILE.c.erased_at, ERASURE.c.at, CHILD_KEY.c.key_id)
    .select_from(
        CASE_FILE.join(
            ERASURE, sa.and_(ERASURE.c.authority == CASE_FILE.c.authority, ERASURE.c.case_id == CASE_FILE.c.case_id)
        ).outerjoin(
            CHILD_KEY,
            sa.and_(CHILD_KEY.c.authority == CASE_FILE.c.authority, CHILD_KEY.c.case_id == CASE_FILE.c.case_id),
        )
    )
    .where(this_case(CASE_FILE))
)
_CLEAR_NOTICES: Final = sa.update(OUTBOX).where(this_case(OUTBOX)).values(body=None)
#: What goes with the key. History stays: its payloads can no longer be opened and its chain still verifies.
_GOES: Final = tuple(
    sa.delete(table).where(this_case(table))
    for table in (
        CHILD_KEY, BLIND_INDEX, DRAFT, DOCUMENT, TASK, TASK_CANDIDATE, TIMER, MESSAGE, JOB, INCIDENT, ESCALATION,
        LETTER, INSTANCE, CASE_ACCESS, CATALOGUE, MENTION, STAY, PASSAGE,
    )
)  # fmt: skip


def erase(database: Database, authority: str, case_id: str, *, at: datetime, by: str, why: str) -> None:
    """Destroy a child's key and everything that names them; the chain of their history still verifies.

    `why` is a reference (a retention rule, a court order's number), never free text about the child. Raises
    CaseUnknown, CaseStillOpen or CaseErased. Backups of the keys forget the child when they are next made.
    """
    place = {"authority": authority, "case_id": case_id}
    with database.writing() as session:
        case = session.one(_STATUS, place)
        if case is None:
            raise CaseUnknown(authority, case_id)
        if case[1] is not None:
            raise CaseErased(authority, case_id)
        if not session.run(_MARK_ERASED, place | {"at": instant(at)}):
            raise CaseStillOpen(authority, case_id)
        for statement in _GOES:
            session.run(statement, place)
        session.run(_CLEAR_NOTICES, place)
        session.run(_RECORD_ERASURE, place | {"at": instant(at), "by_whom": by, "why": why})


def was_erased(database: Database, authority: str, case_id: str) -> bool:
    """Whether a case that counts as erased was: it is recorded, for that moment, and the child's key is gone."""
    with database.reading() as session:
        row = session.one(_ERASED, {"authority": authority, "case_id": case_id})
    return row is not None and row[0] == row[1] and row[2] is None


def rotate(database: Database, master: MasterKey) -> int:
    """Wrap every key anew under the first master key of the file; gives how many were.

    Safe beside running processes that hold both keys, and to run again after a stop. Only when no key is left behind
    is the older master key marked as retired, after which it may leave the file.
    """
    with database.writing() as session:
        if session.one(_HAS_MASTER_KEY, {"authority": EVERYONE, "key_id": master.id}) is None:
            record_master_key(session, master)
    count = 0
    while True:
        done = 0
        with database.writing() as session:
            for row in session.all(_CHILDREN_BEHIND, {"key_id": master.id}):
                authority, case_id, key_id, wrapped = row
                key = master.unwrap(key_id, wrapped, authority, case_id)
                done += session.run(
                    _REWRAP_CHILD,
                    {
                        "authority": authority,
                        "case_id": case_id,
                        "key_id": master.id,
                        "wrapped": master.wrap(key, authority, case_id),
                        "wrapped_before": wrapped,
                    },
                )
            for row in session.all(_AUTHORITIES_BEHIND, {"key_id": master.id}):
                authority, purpose, key_id, wrapped = row
                key = master.unwrap(key_id, wrapped, authority, "authority key", purpose)
                done += session.run(
                    _REWRAP_AUTHORITY,
                    {
                        "authority": authority,
                        "purpose": purpose,
                        "key_id": master.id,
                        "wrapped": master.wrap(key, authority, "authority key", purpose),
                        "wrapped_before": wrapped,
                    },
                )
        count += done
        if not done:
            break
    with database.writing() as session:
        behind = session.all(_CHILDREN_BEHIND, {"key_id": master.id})
        if not behind and not session.all(_AUTHORITIES_BEHIND, {"key_id": master.id}):
            session.run(_RETIRE, {"held": master.id})
    return count


def rehearse(database: Database, master: MasterKey) -> Custody:
    """Try a key file (the one from the backup) on every key of a database; nothing is changed."""
    keys, unopened = 0, []
    for authority, name, key_id, wrapped, place in _every_key(database):
        keys += 1
        try:
            master.unwrap(key_id, wrapped, *place)
        except (KeyMissing, Undecipherable):
            unopened.append(f"{authority} {name}")
    return Custody(keys, tuple(unopened))


def back_up_keys(database: Database, path: Path) -> int:
    """Write every wrapped key to a new file of its own, readable by its owner; gives how many.

    The file is useless without the master key. It must not be kept longer than erasure is promised to take.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise KeyFileRefused(f"The file {path.name} exists. Name a new one for each backup.") from error
    count = 0
    with os.fdopen(handle, "wb") as file:
        for authority, name, key_id, wrapped, place in _every_key(database):
            line = {"authority": authority, "of": name, "child": len(place) == 2, "key_id": key_id}
            file.write(orjson.dumps(line | {"wrapped": base64.b64encode(wrapped).decode()}) + b"\n")
            count += 1
        file.flush()
        os.fsync(file.fileno())
    return count


def restore_keys(database: Database, path: Path) -> int:
    """Put back the wrapped keys that a database has lost; gives how many. A child that was erased stays erased."""
    count = 0
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            kept = orjson.loads(line)
            authority, name, key_id = str(kept["authority"]), str(kept["of"]), str(kept["key_id"])
            wrapped, child = base64.b64decode(kept["wrapped"], validate=True), bool(kept["child"])
        except (ValueError, KeyError, TypeError) as error:
            raise Unreadable(f"Line {number} of {path.name} is not a wrapped key. Take another backup.") from error
        try:
            with database.writing() as session:
                count += _restore(session, authority, name, key_id, wrapped, child=child)
        except RowTaken:
            # It was not lost.
            continue
    return count


def _restore(session: Session, authority: str, name: str, key_id: str, wrapped: bytes, *, child: bool) -> int:
    row = {"authority": authority, "key_id": key_id, "wrapped": wrapped}
    if not child:
        return session.run(KEEP_AUTHORITY_KEY, row | {"purpose": name})
    if session.one(_IS_ERASED, {"authority": authority, "case_id": name}) is not None:
        return 0
    return session.run(KEEP_KEY, row | {"case_id": name})


def _every_key(database: Database) -> Iterator[tuple[str, str, str, bytes, tuple[str, ...]]]:
    """Authority, whose key, the master key's id, the wrapped key and the place it is bound to."""
    with database.looking() as session:
        authorities, children = session.all(_ALL_AUTHORITIES), session.all(_ALL_CHILDREN)
    for authority, purpose, key_id, wrapped in authorities:
        yield authority, purpose, key_id, wrapped, (authority, "authority key", purpose)
    for authority, case_id, key_id, wrapped in children:
        yield authority, case_id, key_id, wrapped, (authority, case_id)

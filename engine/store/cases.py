"""Load a case, append one command with everything it changed, and read its history."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any, Final

import orjson

from engine.frozen import frozen
from engine.history import Command, instant, read_instant
from engine.store import statements as sql
from engine.store.chain import FORMAT, HistoryRow, genesis, link
from engine.store.claims import settle
from engine.store.database import Database, RowTaken, Session
from engine.store.errors import (
    CaseErased,
    CaseExists,
    CaseUnknown,
    ChildKeyLost,
    DuplicateCommand,
    DuplicateMessage,
    DuplicateNotice,
    StaleCase,
    StoreRefused,
    Undecipherable,
)
from engine.store.figures import KEEP_MILESTONE
from engine.store.keys import AuthorityKeys
from engine.store.rows import Entry, HistoryEntry, MilestoneRow, StoredCase
from engine.store.sealing import expand, pack, squeeze
from engine.store.shown import write_difference
from engine.store.vault import (
    DOCUMENT,
    LABEL,
    OUTBOX,
    PAYLOAD,
    SNAPSHOT,
    BlindIndex,
    CaseKey,
    Vault,
)

_body_length = struct.Struct(">I")
_STRETCH: Final = 500
_COUNTED: Final = tuple(one.name for one in fields(MilestoneRow))


@frozen
class _Ready:
    """An entry with everything sealed and hashed, so that its transaction only writes."""

    entry: Entry
    revision: int
    key: CaseKey
    key_id: str
    wrapped: bytes
    new_key: bytes | None
    index: BlindIndex
    #: What the case file is from now on, and its row of history in the order of the table.
    case: dict[str, Any]
    history: tuple[Any, ...]


class Cases:
    """The one table that history lives in, and the case files that point at its newest row."""

    def __init__(self, database: Database, vault: Vault, keys: AuthorityKeys) -> None:
        self._database, self._vault, self._keys = database, vault, keys

    def load(self, authority: str, case_id: str, known: bytes | None = None) -> StoredCase | None:
        """The case as it stands; None where there is none. Raises CaseErased and ChildKeyLost.

        A snapshot that was lost or does not open comes back as None: replay the history and `put_back` the result.
        Where the newest hash is the `known` one, the caller has the case and the snapshot stays closed.
        """
        with self._database.reading() as session:
            row = session.one(sql.LOAD, {"authority": authority, "case_id": case_id})
        if row is None:
            return None
        revision, status, plan_status, restricted, head, sealed, erased_at, key_id, wrapped = row
        _check_key(authority, case_id, erased_at, wrapped)
        snapshot = None
        if sealed is not None and head != known:
            key = self._vault.open(authority, case_id, key_id, wrapped)
            try:
                snapshot = expand(key.open(SNAPSHOT, revision, sealed))
            except Undecipherable:
                # The snapshot is only a cache of replay: one that does not open is as good as lost.
                snapshot = None
        return StoredCase(
            authority, case_id, revision, status, plan_status, snapshot, head, bool(restricted), wrapped, key_id
        )

    def append(self, entry: Entry) -> int:
        """Write one command and everything it changed, or nothing; gives the new revision.

        Raises StaleCase, CaseExists, DuplicateCommand, DuplicateMessage, DuplicateNotice, ClaimLost or CaseErased.
        """
        return self._append((entry,))[0].revision

    def append_all(self, entries: Sequence[Entry]) -> list[int]:
        """Write several cases' commands in one transaction: all of them or none. No case may come twice."""
        return [one.revision for one in self._append(entries)]

    def carry(self, entry: Entry) -> StoredCase:
        """Write as `append` does; gives the case as it stands from now on, with its snapshot closed."""
        one = self._append((entry,))[0]
        return StoredCase(
            entry.authority, entry.case_id, one.revision, entry.status, entry.plan_status, None,
            one.case["head_now"], entry.restricted, one.wrapped, one.key_id,
        )  # fmt: skip

    def _append(self, entries: Sequence[Entry]) -> list[_Ready]:
        ready = [self._seal(entry) for entry in entries]
        now = entries[0]

        def write(session: Session) -> None:
            nonlocal now
            for one in ready:
                now = one.entry
                self._write(session, one)

        try:
            self._database.write(write)
        except RowTaken as error:
            raise self._taken(now, error) from error
        except StaleCase:
            # The usual reason that a case moved on is this very command, sent twice.
            self._refuse_repeat(now)
            # Or it was erased meanwhile, which says more than that it moved on.
            self.key(now.authority, now.case_id)
            raise
        return ready

    def find_command(self, authority: str, command: str) -> tuple[str, int] | None:
        """The case and revision at which a command id was carried out, or None."""
        with self._database.reading() as session:
            row = session.one(sql.FIND_COMMAND, {"authority": authority, "command": command})
        return None if row is None else (row[0], row[1])

    def history(self, authority: str, case_id: str, after: int = 0) -> Iterator[HistoryEntry]:
        """Every command of a case past revision `after`, oldest first, opened.

        Raises CaseUnknown, CaseErased, and Undecipherable where a payload was changed; `verify_chain` says more.
        """
        key = self.key(authority, case_id)
        place = {"authority": authority, "case_id": case_id, "most": _STRETCH}
        while True:
            with self._database.reading() as session:
                rows = session.all(sql.READ_HISTORY, place | {"after": after})
            for row in rows:
                yield opened(HistoryRow(*row), key)
            if len(rows) < _STRETCH:
                return
            after = rows[-1][2]

    def key(self, authority: str, case_id: str) -> CaseKey:
        """The child's key, opened. Raises CaseUnknown and CaseErased."""
        with self._database.reading() as session:
            row = session.one(sql.LOAD, {"authority": authority, "case_id": case_id})
        if row is None:
            raise CaseUnknown(authority, case_id)
        _check_key(authority, case_id, row[6], row[8])
        return self._vault.open(authority, case_id, row[7], row[8])

    def put_back(
        self, authority: str, case_id: str, revision: int, snapshot: bytes, state: bytes | None = None
    ) -> None:
        """Keep a snapshot that replay rebuilt, if it is the state that history recorded at that revision.

        Raises StaleCase where the case moved on, StoreRefused where the snapshot is another state.
        """
        key = self.key(authority, case_id)
        place = {"authority": authority, "case_id": case_id}
        with self._database.reading() as session:
            row = session.one(sql.READ_HISTORY, place | {"after": revision - 1, "most": 1})
        if row is None or row[2] != revision:
            raise StaleCase(authority, case_id, revision)
        if HistoryRow(*row).state != key.state_hash(snapshot if state is None else state):
            raise StoreRefused(f"the snapshot of case {case_id} is not its state at revision {revision}")
        sealed = key.seal(SNAPSHOT, revision, pack(snapshot))
        with self._database.writing() as session:
            if not session.run(sql.PUT_BACK_SNAPSHOT, place | {"expected": revision, "snapshot_now": sealed}):
                raise StaleCase(authority, case_id, revision)

    def keeps(self, authority: str, case_id: str, revision: int, snapshot: bytes) -> bool:
        """Whether the snapshot kept at a revision is this one; one that was dropped is made again, and is no other."""
        with self._database.reading() as session:
            row = session.one(sql.LOAD, {"authority": authority, "case_id": case_id})
        if row is None or row[0] != revision or row[5] is None or row[8] is None:
            return True
        try:
            kept = self._vault.open(authority, case_id, row[7], row[8]).open(SNAPSHOT, revision, row[5])
        except Undecipherable:
            return False
        return expand(kept) == snapshot

    def drop_snapshots(self, authority: str) -> int:
        """Forget every snapshot of an authority; gives how many. Each case is replayed when it is next loaded."""
        with self._database.writing() as session:
            return session.run(sql.DROP_SNAPSHOTS, {"authority": authority})

    def _seal(self, entry: Entry) -> _Ready:
        """Everything that needs no lock: keys, encryption, commitments and the row's hash."""
        authority, case_id, command = entry.authority, entry.case_id, entry.command
        new_key = None
        if entry.expected_revision == 0:
            new_key, key = self._vault.new(authority, case_id)
            head, key_id, wrapped = genesis(authority, case_id), self._vault.master.id, new_key
        else:
            head, key_id, wrapped = self._basis(entry)
            key = self._vault.open(authority, case_id, key_id, wrapped)
        revision = entry.expected_revision + 1
        at = instant(command.at)
        plain = _body_length.pack(len(entry.payload)) + entry.payload + entry.events
        commitment = key.commitment(plain)
        state = key.state_hash(entry.snapshot if entry.state is None else entry.state)
        hashed = link(
            head, authority, case_id, revision, command.id, at, command.kind, command.by, command.role,
            command.settings, commitment, state, key.place,
        )  # fmt: skip
        history = (
            authority, case_id, revision, FORMAT, command.id, at, command.kind, command.by, command.role,
            command.settings, commitment, state, hashed, key.seal(PAYLOAD, revision, squeeze(plain)),
        )  # fmt: skip
        case = {
            "authority": authority,
            "case_id": case_id,
            "expected": entry.expected_revision,
            "revision_now": revision,
            "status_now": entry.status,
            "plan_status_now": entry.plan_status,
            "restricted_now": entry.restricted,
            "at": at,
            "head_before": head,
            "head_now": hashed,
            "label_now": None if entry.label is None else key.seal(LABEL, 0, entry.label.encode()),
            "snapshot_now": key.seal(SNAPSHOT, revision, pack(entry.snapshot)),
        }
        return _Ready(entry, revision, key, key_id, wrapped, new_key, self._keys.index(authority), case, history)

    def _basis(self, entry: Entry) -> tuple[bytes, str, bytes]:
        """The newest hash and the child's wrapped key: from the loaded case where it is handed in, else read."""
        authority, case_id, loaded = entry.authority, entry.case_id, entry.loaded
        if loaded is not None and (loaded.authority, loaded.case_id, loaded.revision) == (
            authority, case_id, entry.expected_revision,
        ):  # fmt: skip
            return loaded.head, loaded.key_id, loaded.sealed_key
        with self._database.reading() as session:
            row = session.one(sql.LOAD, {"authority": authority, "case_id": case_id})
        if row is None:
            raise CaseUnknown(authority, case_id)
        _check_key(authority, case_id, row[6], row[8])
        if row[0] != entry.expected_revision:
            self._refuse_repeat(entry)
            raise StaleCase(authority, case_id, entry.expected_revision)
        return row[4], row[7], row[8]

    def _write(self, session: Session, ready: _Ready) -> None:
        entry = ready.entry
        authority, case_id = entry.authority, entry.case_id
        place, case, at = {"authority": authority, "case_id": case_id}, ready.case, ready.case["at"]
        if ready.new_key is not None:
            opened = (
                authority, case_id, ready.revision, entry.status, entry.plan_status, entry.restricted, at, at, 0, None,
                case["head_now"], case["label_now"], case["snapshot_now"],
            )  # fmt: skip
            session.put(sql.OPEN_CASE, opened)
            session.put(sql.KEEP_KEY, (authority, case_id, self._vault.master.id, ready.new_key))
        elif session.run(sql.MOVE_CASE, case) != 1 and session.run(sql.MOVE_CASE_ON, case) != 1:
            raise StaleCase(authority, case_id, entry.expected_revision)
        session.put(sql.APPEND, ready.history)
        if entry.settles is not None:
            settle(session, entry.settles, at)
        write_difference(session, authority, case_id, entry.rows_before, entry.rows_after, ready.index)
        for notice in entry.outbox:
            session.send(
                sql.QUEUE,
                place
                | {
                    "key": notice.key,
                    "kind": notice.kind,
                    "topic": notice.topic,
                    "ready_at": notice.ready_at,
                    "state": "ready",
                    "settled_at": None,
                    "problem": None,
                    "lease_until": None,
                    "token": None,
                    "attempts": 0,
                    "body": ready.key.seal(OUTBOX, 0, notice.body),
                },
            )
        for stone in entry.milestones:
            counted = {name: getattr(stone, name) for name in _COUNTED}
            session.send(KEEP_MILESTONE, place | counted | {"revision": ready.revision})
        for paper in entry.documents:
            session.send(
                sql.KEEP_DOCUMENT,
                place
                | {
                    "document": paper.document,
                    "media_type": paper.media_type,
                    "at": paper.at,
                    "size": len(paper.body),
                    "body": ready.key.seal(DOCUMENT, 0, paper.body),
                },
            )
        if entry.index is not None:
            self._write_words(session, ready, entry.index)
        if entry.inbound is not None:
            inbound = entry.inbound
            session.send(
                sql.KEEP_INBOUND,
                place
                | {
                    "source": inbound.source,
                    "message": inbound.message,
                    "received_at": inbound.received_at,
                    "digest": inbound.digest,
                },
            )

    def _write_words(self, session: Session, ready: _Ready, index: tuple[tuple[str, str], ...]) -> None:
        """Say under which words the case is found from now on, and no longer under those of before."""
        entry = ready.entry
        place = {"authority": entry.authority, "case_id": entry.case_id}
        now = {token for kind, text in index for token in ready.index.tokens(kind, text)}
        if ready.new_key is None and entry.index_before is None:
            session.send(sql.CLEAR_INDEX, place)
        elif ready.new_key is None:
            was = {token for kind, text in entry.index_before or () for token in ready.index.tokens(kind, text)}
            session.many(sql.FORGET_WORD, [place | {"token": token} for token in sorted(was | now)])
        session.many(sql.ADD_INDEX, [place | {"token": token} for token in sorted(now)])

    def _refuse_repeat(self, entry: Entry) -> None:
        found = self.find_command(entry.authority, entry.command.id)
        if found is not None:
            raise DuplicateCommand(entry.authority, entry.command.id, *found)

    def _taken(self, entry: Entry, error: RowTaken) -> Exception:
        """Which rule a taken key breaks."""
        authority, case_id, constraint = entry.authority, entry.case_id, error.constraint
        if constraint in {"case_file.authority, case_file.case_id", "case_file_pkey"}:
            self._refuse_repeat(entry)
            return CaseExists(authority, case_id)
        if constraint in {"history.authority, history.command", "history_command"}:
            found = self.find_command(authority, entry.command.id)
            return DuplicateCommand(authority, entry.command.id, *(found or (None, None)))
        if constraint.startswith(("inbound.", "inbound_")) and entry.inbound is not None:
            return DuplicateMessage(authority, entry.inbound.source, entry.inbound.message)
        if constraint.startswith(("outbox.", "outbox_")):
            return DuplicateNotice(authority, case_id)
        return StoreRefused(f"row taken: {constraint}")


def _check_key(authority: str, case_id: str, erased_at: str | None, wrapped: bytes | None) -> None:
    """Say why a case has no key, where it has none."""
    if erased_at is not None:
        raise CaseErased(authority, case_id)
    if wrapped is None:
        raise ChildKeyLost(authority, case_id)


def opened(row: HistoryRow, key: CaseKey) -> HistoryEntry:
    """A history row with its payload decrypted."""
    if row.payload is None:
        raise Undecipherable("payload", row.authority, row.case_id, row.revision)
    plain = expand(key.open(PAYLOAD, row.revision, row.payload))
    try:
        return as_entry(row, plain)
    except (TypeError, ValueError) as error:
        # A moment that is none, say: somebody changed the row beside what it holds.
        raise Undecipherable("row", row.authority, row.case_id, row.revision) from error


def as_entry(row: HistoryRow, plain: bytes) -> HistoryEntry:
    """A history row with its decrypted payload, read."""
    end = 4 + _body_length.unpack_from(plain)[0]
    payload, events = plain[4:end], plain[end:]
    command = Command(
        row.command, row.kind, read_instant(row.at), row.by_whom, row.role, row.settings, orjson.loads(payload)
    )
    return HistoryEntry(
        row.authority, row.case_id, row.revision, command, payload, events, row.commitment, row.state, row.hash
    )

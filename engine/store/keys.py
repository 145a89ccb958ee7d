"""Keys that are not a child's own: what proves the master key to a database, and each authority's keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import sqlalchemy as sa

from engine.store.database import Database, RowTaken, Session
from engine.store.errors import KeyMissing, Undecipherable
from engine.store.key_files import MasterKey
from engine.store.sealing import fresh
from engine.store.statements import AUTHORITY_KEYS, KEEP_AUTHORITY_KEY
from engine.store.tables import EVERYONE, MASTER_KEY
from engine.store.vault import BlindIndex, Vault

_PROOF: Final = b"this master key opens this database"

_ALL_MASTER_KEYS: Final = sa.select(MASTER_KEY.c.key_id, MASTER_KEY.c.proof, MASTER_KEY.c.state).order_by(
    MASTER_KEY.c.key_id
)
_ADD_MASTER_KEY: Final = sa.insert(MASTER_KEY)


def prove_master_key(database: Database, master: MasterKey) -> None:
    """Hold the key file against the database: every key that wraps something in it must be in the file.

    A database without any takes the file's first key. Raises KeyMissing or Undecipherable.
    """
    with database.reading() as session:
        rows = session.all(_ALL_MASTER_KEYS)
    for key_id, proof, state in rows:
        if state == "retired":
            continue
        if master.unwrap(key_id, proof, EVERYONE, "master key") != _PROOF:
            raise Undecipherable("master key proof", EVERYONE, key_id)
    if not any(key_id == master.id for key_id, _, _ in rows):
        try:
            with database.writing() as session:
                record_master_key(session, master)
        except RowTaken:
            # Another process began with the same key at the same moment.
            pass


def refuse_where_written(database: Database) -> None:
    """Raise KeyMissing where the database was written under a master key: a new one would open nothing of it."""
    with database.reading() as session:
        rows = session.all(_ALL_MASTER_KEYS)
    for key_id, _, state in rows:
        if state != "retired":
            raise KeyMissing(key_id, ())


def record_master_key(session: Session, master: MasterKey) -> None:
    """Remember, in the database, which key wraps: a value that only it opens."""
    proof = master.wrap(_PROOF, EVERYONE, "master key")
    session.run(_ADD_MASTER_KEY, {"authority": EVERYONE, "key_id": master.id, "proof": proof, "state": "in use"})


class AuthorityKeys:
    """Keys of an authority as a whole, wrapped by the master key and made at first use."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault
        self._indexes: dict[str, BlindIndex] = {}
        database.when_taken_back.append(self._indexes.clear)

    def index(self, authority: str) -> BlindIndex:
        """The authority's blind index."""
        found = self._indexes.get(authority)
        if found is None:
            found = self._indexes[authority] = BlindIndex(self.key(authority, "index"))
        return found

    def key(self, authority: str, purpose: str) -> bytes:
        """The authority's key for a purpose; made, in a transaction of its own, where there is none."""
        return self._find(authority, purpose) or self._make(authority, purpose, lambda: fresh(32))

    def _find(self, authority: str, purpose: str) -> bytes | None:
        with self._database.reading() as session:
            row = session.one(AUTHORITY_KEYS, {"authority": authority, "purpose": purpose})
        return None if row is None else self._vault.master.unwrap(row[0], row[1], authority, "authority key", purpose)

    def _make(self, authority: str, purpose: str, new: Callable[[], bytes]) -> bytes:
        key = new()
        wrapped = self._vault.master.wrap(key, authority, "authority key", purpose)
        row = {"authority": authority, "purpose": purpose, "key_id": self._vault.master.id, "wrapped": wrapped}
        try:
            with self._database.writing() as session:
                session.run(KEEP_AUTHORITY_KEY, row)
        except RowTaken:
            # Another process made it first: its key is the authority's.
            key = self._find(authority, purpose) or key
        return key

"""Keys that are not a child's own: the master key's file, what it proves, and each authority's keys."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from engine.store.database import Database, RowTaken, Session
from engine.store.errors import KeyFileRefused, KeyMissing, Undecipherable
from engine.store.statements import AUTHORITY_KEYS, KEEP_AUTHORITY_KEY
from engine.store.tables import EVERYONE, MASTER_KEY
from engine.store.vault import BlindIndex, MasterKey, Vault, fresh, master_key_id

_HEADING: Final = "Discharge Pathways master key 1"
_PROOF: Final = b"this master key opens this database"

_ALL_MASTER_KEYS: Final = sa.select(MASTER_KEY.c.key_id, MASTER_KEY.c.proof, MASTER_KEY.c.state).order_by(
    MASTER_KEY.c.key_id
)
_ADD_MASTER_KEY: Final = sa.insert(MASTER_KEY)


def create_master_key(path: Path) -> MasterKey:
    """Write a new master key file, readable by its owner only. Raises KeyFileRefused where the file exists."""
    return _write_key_file(path, (fresh(32),), replace=False)


def read_master_key(path: Path) -> MasterKey:
    """Read a master key file. Raises KeyFileRefused where it is missing, open to others or not a key file."""
    return MasterKey(*_read_key_file(path))


def add_master_key(path: Path) -> MasterKey:
    """Put a new key first in an existing file, so that it wraps from now on and the older ones still open."""
    return _write_key_file(path, (fresh(32), *_read_key_file(path)), replace=True)


def drop_old_master_keys(path: Path) -> MasterKey:
    """Keep only the first key of a file: the last step of a rotation, after every child's key was wrapped anew."""
    return _write_key_file(path, _read_key_file(path)[:1], replace=True)


def _read_key_file(path: Path) -> tuple[bytes, ...]:
    try:
        mode = path.stat().st_mode
        lines = path.read_text("ascii").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileRefused(f"The key file {path.name} cannot be read. Bring it back from its own backup.") from error
    if mode & 0o077:
        raise KeyFileRefused(f"The key file {path.name} is open to others. Set its mode to 0600 and change the key.")
    if lines[0] != _HEADING:
        raise KeyFileRefused(f"The file {path.name} is not a master key file. Name the right one.")
    keys = []
    for line in lines[1:]:
        if not line.strip():
            continue
        key_id, _, text = line.partition(" ")
        try:
            key = base64.b64decode(text, validate=True)
        except ValueError:
            key = b""
        if len(key) != 32 or master_key_id(key) != key_id:
            raise KeyFileRefused(f"Key {key_id} in {path.name} is damaged. Bring the file back from its own backup.")
        keys.append(key)
    if not keys:
        raise KeyFileRefused(f"The key file {path.name} holds no key. Bring it back from its own backup.")
    return tuple(keys)


def _write_key_file(path: Path, keys: tuple[bytes, ...], *, replace: bool) -> MasterKey:
    lines = [_HEADING, *(f"{master_key_id(key)} {base64.b64encode(key).decode()}" for key in keys), ""]
    target = path.with_name(path.name + ".new") if replace else path
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise KeyFileRefused(
            f"The file {target.name} exists. A key is never overwritten; move it away first."
        ) from error
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write("\n".join(lines))
        file.flush()
        os.fsync(file.fileno())
    if replace:
        target.replace(path)
    return MasterKey(*keys)


def prove_master_key(database: Database, master: MasterKey) -> None:
    """Hold the key file against the database: every key that wraps something in it must be in the file.

    A database without any takes the file's first key. Raises KeyMissing or Undecipherable.
    """
    with database.reading() as session:
        rows = session.all(_ALL_MASTER_KEYS)
    for key_id, proof, state in rows:
        if state == "retired":
            continue
        if key_id not in master.ids:
            raise KeyMissing(key_id, master.ids)
        if master.unwrap(key_id, proof, EVERYONE, "master key") != _PROOF:
            raise Undecipherable("master key proof", EVERYONE, key_id)
    if not any(key_id == master.id for key_id, _, _ in rows):
        try:
            with database.writing() as session:
                record_master_key(session, master)
        except RowTaken:
            # Another process began with the same key at the same moment.
            pass


def record_master_key(session: Session, master: MasterKey) -> None:
    """Remember, in the database, which key wraps: a value that only it opens."""
    proof = master.wrap(_PROOF, EVERYONE, "master key")
    session.run(_ADD_MASTER_KEY, {"authority": EVERYONE, "key_id": master.id, "proof": proof, "state": "in use"})


class AuthorityKeys:
    """Keys of an authority as a whole, wrapped by the master key and made at first use."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault
        self._indexes: dict[str, BlindIndex] = {}

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

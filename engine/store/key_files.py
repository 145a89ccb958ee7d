"""The two keys that live in files of their own: the master key that wraps, and the key that signs checkpoints.

A key folder holds `master.key` and `checkpoint.key`. They are made by an explicit command, read by their owner only,
never overwritten, and backed up apart from the database (docs/operations-keys.md).
"""

from __future__ import annotations

import base64
import os
from hashlib import blake2b
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from engine.store.errors import KeyFileRefused, KeyMissing, Undecipherable
from engine.store.sealing import NONCE, SEALED, framed_often, fresh

MASTER: Final = "master.key"
CHECKPOINT: Final = "checkpoint.key"
_MASTER_HEADING: Final = "Discharge Pathways master key 1"
_SIGNING_HEADING: Final = "Discharge Pathways signing key 1"
#: Stands before a checkpoint's hash where it is signed, so that the key signs nothing else.
SIGNED: Final = b"Discharge Pathways checkpoint\x00"


class MasterKey:
    """The key or keys that wrap children's keys: the first wraps, the others only open what they wrapped before."""

    __slots__ = ("_boxes", "ids")

    def __init__(self, *keys: bytes) -> None:
        if not keys or any(len(key) != 32 for key in keys):
            raise ValueError("A master key has 32 bytes.")
        self._boxes = {master_key_id(key): AESGCM(key) for key in keys}
        self.ids = tuple(self._boxes)

    @classmethod
    def create(cls, folder: Path) -> MasterKey:
        """Make a key folder with a new master key and a new signing key. Raises KeyFileRefused where it has one."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = fresh(32)
        _write_master_keys(folder / MASTER, (key,))
        _write(folder / CHECKPOINT, [_SIGNING_HEADING, base64.b64encode(fresh(32)).decode()])
        return cls(key)

    @classmethod
    def read(cls, folder: Path) -> MasterKey:
        """The master key of a folder. Raises KeyFileRefused where it is missing, open to others or damaged."""
        return cls(*_read_master_keys(folder / MASTER))

    @classmethod
    def add(cls, folder: Path) -> MasterKey:
        """Put a new key first, so that it wraps from now on and the older ones still open: begins a rotation."""
        keys = (fresh(32), *_read_master_keys(folder / MASTER))
        _write_master_keys(folder / MASTER, keys, replace=True)
        return cls(*keys)

    @classmethod
    def drop_older(cls, folder: Path) -> MasterKey:
        """Keep only the first key: ends a rotation, after every child's key was wrapped anew."""
        keys = _read_master_keys(folder / MASTER)[:1]
        _write_master_keys(folder / MASTER, keys, replace=True)
        return cls(*keys)

    @property
    def id(self) -> str:
        """The id of the key that wraps."""
        return self.ids[0]

    def newest(self) -> MasterKey:
        """The first key alone, as it will be when the older ones are dropped."""
        alone = object.__new__(MasterKey)
        alone.ids, alone._boxes = self.ids[:1], {self.id: self._boxes[self.id]}
        return alone

    def wrap(self, key: bytes, *place: str) -> bytes:
        """Wrap a key under the first master key, bound to its place."""
        nonce = fresh(NONCE)
        return SEALED + nonce + self._boxes[self.id].encrypt(nonce, key, b"key " + framed_often(*place))

    def unwrap(self, key_id: str, wrapped: bytes, *place: str) -> bytes:
        """Unwrap a key; KeyMissing where its master key is not held, Undecipherable where it was changed."""
        box = self._boxes.get(key_id)
        if box is None:
            raise KeyMissing(key_id, self.ids)
        try:
            return box.decrypt(wrapped[1:13], wrapped[13:], b"key " + framed_often(*place))
        except (InvalidTag, ValueError) as error:
            raise Undecipherable("key", place[0], place[-1]) from error


def master_key_id(key: bytes) -> str:
    """A short name for a master key that gives nothing of it away."""
    return blake2b(key, digest_size=6, person=b"master key id").hexdigest()


class SigningKey:
    """The Ed25519 key that signs checkpoints. Kept apart from the master key, best by another person."""

    __slots__ = ("_key", "signer")

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.signer = self._key.public_key().public_bytes_raw().hex()

    @classmethod
    def read(cls, folder: Path) -> SigningKey:
        """The signing key of a folder. Raises KeyFileRefused where it is missing, open to others or damaged."""
        path = folder / CHECKPOINT
        lines = _read(path, _SIGNING_HEADING)
        seed = _decoded(lines[0]) if len(lines) == 1 else b""
        if len(seed) != 32:
            raise KeyFileRefused(f"The key file {path.name} is damaged. Bring it back from its own backup.")
        return cls(seed)

    def sign(self, hashed: bytes) -> bytes:
        """The signature of a checkpoint's hash."""
        return self._key.sign(SIGNED + hashed)


def _read_master_keys(path: Path) -> tuple[bytes, ...]:
    keys = []
    for line in _read(path, _MASTER_HEADING):
        key_id, _, text = line.partition(" ")
        key = _decoded(text)
        if len(key) != 32 or master_key_id(key) != key_id:
            raise KeyFileRefused(f"A key in {path.name} is damaged. Bring the file back from its own backup.")
        keys.append(key)
    if not keys:
        raise KeyFileRefused(f"The key file {path.name} holds no key. Bring it back from its own backup.")
    return tuple(keys)


def _write_master_keys(path: Path, keys: tuple[bytes, ...], *, replace: bool = False) -> None:
    lines = [_MASTER_HEADING, *(f"{master_key_id(key)} {base64.b64encode(key).decode()}" for key in keys)]
    if not replace:
        _write(path, lines)
        return
    anew = path.with_name(path.name + ".new")
    _write(anew, lines)
    anew.replace(path)


def _read(path: Path, heading: str) -> list[str]:
    """The lines of a key file after its heading."""
    try:
        mode = path.stat().st_mode
        lines = path.read_text("ascii").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileRefused(f"The key file {path.name} cannot be read. Bring it back from its own backup.") from error
    if mode & 0o077:
        raise KeyFileRefused(f"The key file {path.name} is open to others. Set its mode to 0600 and change the key.")
    if lines[0] != heading:
        raise KeyFileRefused(f"The file {path.name} is not the key file it should be. Name the right folder.")
    return [line for line in lines[1:] if line.strip()]


def _write(path: Path, lines: list[str]) -> None:
    """Write a new file that only its owner reads, and wait until the disk has it."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise KeyFileRefused(f"The file {path.name} exists. A key is never overwritten; move it away first.") from error
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write("\n".join([*lines, ""]))
        file.flush()
        os.fsync(file.fileno())


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""

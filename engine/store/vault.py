"""What is encrypted and how: a key for each child, wrapped by a master key, and keyed commitments that go with it.

The format is for ever and is written down in docs/adr/0003-history-format.md. A sealed value is

    version byte 1 | 12 byte random nonce | AES-256-GCM ciphertext and tag

and its associated data says what it is and where it belongs, so that nothing sealed can be moved to another place.
"""

from __future__ import annotations

import os
import struct
import threading
import unicodedata
from collections import OrderedDict
from hashlib import blake2b
from typing import Final

import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from engine.store.errors import KeyMissing, Undecipherable

SEALED: Final = b"\x01"
NONCE: Final = 12

#: What a sealed value is: part of its associated data.
PAYLOAD: Final = b"payload"
SNAPSHOT: Final = b"snapshot"
LABEL: Final = b"label"
OUTBOX: Final = b"outbox"
DOCUMENT: Final = b"document"
DRAFT: Final = b"draft"

_ABSENT: Final = b"\xff\xff\xff\xff"
_length = struct.Struct(">I")


def fresh(size: int) -> bytes:
    """Random bytes from the operating system: the store's only source of keys, nonces and lease tokens."""
    return os.urandom(size)


def framed(*fields: str | bytes | int | None) -> bytes:
    """Fields in one unambiguous byte form: each is a 4 byte big-endian length and its bytes; None is length 2**32 - 1.

    Text is UTF-8 and a whole number is its decimal text.
    """
    parts = []
    for item in fields:
        if item is None:
            parts.append(_ABSENT)
            continue
        raw = item if isinstance(item, bytes) else str(item).encode()
        parts.append(_length.pack(len(raw)))
        parts.append(raw)
    return b"".join(parts)


class _Squeeze(threading.local):
    """One zstd compressor and decompressor a thread: they are not safe to share."""

    def __init__(self) -> None:
        self.compress = zstandard.ZstdCompressor(level=1, write_checksum=False).compress
        self.expand = zstandard.ZstdDecompressor().decompress


_squeeze = _Squeeze()


def squeeze(plain: bytes) -> bytes:
    """Compress as sealed payloads and snapshots are."""
    return _squeeze.compress(plain)


def expand(packed: bytes) -> bytes:
    """Undo `squeeze`."""
    return _squeeze.expand(packed, max_output_size=1 << 30)


class CaseKey:
    """A child's key, opened: seals, opens and commits. It is never written and never shown."""

    __slots__ = ("_box", "_commit", "_state", "authority", "case_id", "place")

    def __init__(self, key: bytes, authority: str, case_id: str) -> None:
        self.authority, self.case_id = authority, case_id
        self.place = framed(authority, case_id)
        self._box = AESGCM(blake2b(key=key, digest_size=32, person=b"sealing").digest())
        self._commit = blake2b(key=key, digest_size=32, person=b"commitment").digest()
        self._state = blake2b(key=key, digest_size=32, person=b"state").digest()

    def seal(self, what: bytes, revision: int, plain: bytes) -> bytes:
        """Encrypt `plain` as the thing `what` of this case; what has no revision of its own uses 0."""
        nonce = fresh(NONCE)
        return SEALED + nonce + self._box.encrypt(nonce, plain, b"%b %d " % (what, revision) + self.place)

    def open(self, what: bytes, revision: int, sealed: bytes) -> bytes:
        """Decrypt; raises Undecipherable where a byte was changed or the value belongs elsewhere."""
        try:
            if sealed[:1] != SEALED:
                raise InvalidTag
            return self._box.decrypt(sealed[1:13], sealed[13:], b"%b %d " % (what, revision) + self.place)
        except (InvalidTag, ValueError) as error:
            raise Undecipherable(what.decode(), self.authority, self.case_id, revision) from error

    def commitment(self, plain: bytes) -> bytes:
        """What a history row says about its payload without giving anything to guess from once the key is gone."""
        return blake2b(plain, key=self._commit, digest_size=32).digest()

    def state_hash(self, state: bytes) -> bytes:
        """The keyed hash of a case's canonical state."""
        return blake2b(state, key=self._state, digest_size=32).digest()


class MasterKey:
    """The key or keys that wrap children's keys: the first wraps, the others only open what they wrapped before."""

    __slots__ = ("_boxes", "ids")

    def __init__(self, *keys: bytes) -> None:
        if not keys or any(len(key) != 32 for key in keys):
            raise ValueError("A master key has 32 bytes.")
        self._boxes = {master_key_id(key): AESGCM(key) for key in keys}
        self.ids = tuple(self._boxes)

    @property
    def id(self) -> str:
        """The id of the key that wraps."""
        return self.ids[0]

    def wrap(self, key: bytes, *place: str) -> bytes:
        """Wrap a key under the first master key, bound to its place."""
        nonce = fresh(NONCE)
        return SEALED + nonce + self._boxes[self.id].encrypt(nonce, key, b"key " + framed(*place))

    def unwrap(self, key_id: str, wrapped: bytes, *place: str) -> bytes:
        """Unwrap a key; KeyMissing where its master key is not held, Undecipherable where it was changed."""
        box = self._boxes.get(key_id)
        if box is None:
            raise KeyMissing(key_id, self.ids)
        try:
            return box.decrypt(wrapped[1:13], wrapped[13:], b"key " + framed(*place))
        except (InvalidTag, ValueError) as error:
            raise Undecipherable("key", place[0], place[-1]) from error


def master_key_id(key: bytes) -> str:
    """A short name for a master key that gives nothing of it away."""
    return blake2b(key, digest_size=6, person=b"master key id").hexdigest()


class Vault:
    """Opens children's keys and keeps the recently used ones in memory."""

    def __init__(self, master: MasterKey, keep: int = 4096) -> None:
        self.master = master
        self._keep = keep
        self._open: OrderedDict[bytes, CaseKey] = OrderedDict()
        self._lock = threading.Lock()

    def new(self, authority: str, case_id: str) -> tuple[bytes, CaseKey]:
        """A fresh key for a child: as stored (wrapped by the current master key) and opened."""
        key = fresh(32)
        return self.master.wrap(key, authority, case_id), CaseKey(key, authority, case_id)

    def open(self, authority: str, case_id: str, key_id: str, wrapped: bytes) -> CaseKey:
        """The child's key, from memory where it was used lately."""
        found = self._open.get(wrapped)
        if found is None or found.case_id != case_id or found.authority != authority:
            found = CaseKey(self.master.unwrap(key_id, wrapped, authority, case_id), authority, case_id)
            with self._lock:
                self._open[wrapped] = found
                while len(self._open) > self._keep:
                    self._open.popitem(last=False)
        return found


class BlindIndex:
    """Turns what people search for into tokens that tell nothing without the authority's index key."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = blake2b(key=key, digest_size=32, person=b"blind index").digest()

    def token(self, kind: str, text: str) -> bytes:
        """The token of one word or reference, exactly as written."""
        return blake2b(framed(kind, text), key=self._key, digest_size=16).digest()

    def tokens(self, kind: str, text: str) -> set[bytes]:
        """A token for each word of a text, folded as `words` does."""
        return {self.token(kind, word) for word in words(text)}


def words(text: str) -> list[str]:
    """The words of a text as people search for them: lower case, without accents, punctuation apart."""
    flat = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(
        c if c.isalnum() or c == "-" else " " for c in flat if not unicodedata.combining(c) and c not in "'’"
    )
    return kept.split()

"""The bytes everything sealed and hashed is made of: framing, compression and randomness."""

from __future__ import annotations

import os
import struct
import threading
from functools import lru_cache
from typing import Final

import zstandard

SEALED: Final = b"\x01"
NONCE: Final = 12
_ABSENT: Final = b"\xff\xff\xff\xff"
_length = struct.Struct(">I").pack
#: The lengths of nearly all that is framed, made once.
_SHORT: Final = tuple(_length(size) for size in range(256))
_HASH: Final = _SHORT[32]
#: The beginning of a frame that holds bytes as they are, and how many: a page of the database has room for them.
_FRAME: Final = b"\x28\xb5\x2f\xfd\x60"
_LEAST_PACKED: Final = 256
_MOST_PACKED: Final = 2048
_two_bytes, _three_bytes = struct.Struct("<H").pack, struct.Struct("<I").pack


def fresh(size: int) -> bytes:
    """Random bytes from the operating system: the store's only source of keys, nonces and lease tokens."""
    return os.urandom(size)


def framed(*fields: str | bytes | int | None) -> bytes:
    """Fields in one unambiguous byte form: each is a 4 byte big-endian length and its bytes; None is length 2**32 - 1.

    Text is UTF-8 and a whole number is its decimal text.
    """
    parts: list[bytes] = []
    for item in fields:
        if item is None:
            parts.append(_ABSENT)
            continue
        raw = item if isinstance(item, bytes) else str(item).encode()
        size = len(raw)
        parts += (_SHORT[size] if size < 256 else _length(size), raw)
    return b"".join(parts)


@lru_cache(maxsize=1024)
def framed_often(*fields: str | None) -> bytes:
    """Fields that many rows have alike, as `framed` has them, framed once."""
    return framed(*fields)


def framed_text(text: str) -> bytes:
    """One text as `framed` has it."""
    raw = text.encode()
    size = len(raw)
    return (_SHORT[size] if size < 256 else _length(size)) + raw


def framed_hash(hashed: bytes) -> bytes:
    """A hash as `framed` has it; nearly all are of 32 bytes."""
    return _HASH + hashed if type(hashed) is bytes and len(hashed) == 32 else framed(hashed)


class _Squeeze(threading.local):
    """One zstd compressor and decompressor a thread: they are not safe to share."""

    def __init__(self) -> None:
        # Half the time of level 1 and a tenth more bytes; any level's frames are read alike.
        self.compress = zstandard.ZstdCompressor(level=-1, write_checksum=False).compress
        self.expand = zstandard.ZstdDecompressor().decompress


_squeeze = _Squeeze()


def squeeze(plain: bytes) -> bytes:
    """Compress as sealed payloads and snapshots are."""
    return _squeeze.compress(plain)


def pack(plain: bytes) -> bytes:
    """As `squeeze`, for what is written anew at every command: what is short lies in its frame as it is.

    That spares a fiftieth of a command. RFC 8878, 3.1.1: a frame of one segment, its size in two bytes, one raw block.
    """
    size = len(plain)
    if not _LEAST_PACKED <= size <= _MOST_PACKED:
        return squeeze(plain)
    return b"".join((_FRAME, _two_bytes(size - _LEAST_PACKED), _three_bytes(size << 3 | 1)[:3], plain))


def expand(packed: bytes) -> bytes:
    """Undo `squeeze` and `pack`."""
    return _squeeze.expand(packed, max_output_size=1 << 30)

"""The file of signed checkpoints that is kept outside the database, best on storage that can only be added to.

The database has each checkpoint first. What the file lacks is appended from there, so that a stop in between, or a file
that cannot be written for a while, loses nothing: the next worker that comes by adds what was missed.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO, Any, Final

import orjson
import sqlalchemy as sa

from engine.store.checkpoints import HEADS, Checkpoint, Head
from engine.store.database import Database
from engine.store.errors import CheckpointFileRefused
from engine.store.statements import of
from engine.store.tables import CHECKPOINT

#: So many lines of an authority at once, so that a file that is begun late keeps no worker from its timers.
MOST_LINES: Final = 500

_NEWEST: Final = sa.select(CHECKPOINT.c.authority, sa.func.max(CHECKPOINT.c.number)).group_by(CHECKPOINT.c.authority)
_AFTER: Final = (
    sa.select(*CHECKPOINT.c)
    .where(of(CHECKPOINT.c.authority), CHECKPOINT.c.number > sa.bindparam("after", type_=sa.Integer()))
    .order_by(CHECKPOINT.c.number)
    .limit(MOST_LINES)
)
_KINDS: Final = {field.name: str(field.type) for field in fields(Checkpoint)}


@dataclass(frozen=True, slots=True)
class Kept:
    """What such a file holds: its checkpoints in their order, and the numbers of lines that are none.

    A line that breaks off counts only where no later line says the whole of it.
    """

    checkpoints: tuple[Checkpoint, ...]
    unread: tuple[int, ...]


class CheckpointFile:
    """The file that workers append to; any number of them may, on one machine or on several."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0
        self._which: tuple[int, int] | None = None
        self._last: dict[str, int] = {}

    def catch_up(self, database: Database) -> int:
        """Append what the database has and the file has not, and wait until the disk has it; how many lines.

        Raises CheckpointFileRefused: nothing is lost then, the next call tries again.
        """
        try:
            with self._path.open("a+b") as file:
                return self._append(database, file) if _mine(file) else 0
        except OSError as error:
            raise CheckpointFileRefused(str(error.strerror or type(error).__name__)) from error

    def _append(self, database: Database, file: IO[bytes]) -> int:
        torn = self._read_on(file)
        lines = self._missing(database)
        if lines:
            # What broke off stays as a line of its own: nothing that stands in the file is ever changed.
            file.write((b"\n" if torn else b"") + b"".join(lines))
            file.flush()
            os.fsync(file.fileno())
        return len(lines)

    def _read_on(self, file: IO[bytes]) -> bool:
        """Read what was added since the last look; whether the last line breaks off."""
        now = os.fstat(file.fileno())
        if self._which != (now.st_dev, now.st_ino) or now.st_size < self._read:
            self._which, self._read, self._last = (now.st_dev, now.st_ino), 0, {}
        file.seek(self._read)
        for line in file:
            if not line.endswith(b"\n"):
                return True
            self._read += len(line)
            kept = _checkpoint(line)
            if kept is not None:
                self._last[kept.authority] = max(kept.number, self._last.get(kept.authority, 0))
        return False

    def _missing(self, database: Database) -> list[bytes]:
        lines = []
        with database.looking() as session:
            for authority, newest in session.all(_NEWEST):
                after = self._last.get(authority, 0)
                if newest <= after:
                    continue
                for row in session.all(_AFTER, {"authority": authority, "after": after}):
                    one = Checkpoint(*row)
                    here = {"authority": authority, "checkpoint": one.number}
                    lines.append(_line(one, [Head(*head) for head in session.all(HEADS, here)]))
        return lines


def read_checkpoint_file(path: Path) -> Kept:
    """The checkpoints of such a file. Raises OSError where it cannot be read at all."""
    found: list[Checkpoint] = []
    unread: dict[int, bytes] = {}
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            kept = _checkpoint(line)
            if kept is not None:
                found.append(kept)
                unread = {at: part for at, part in unread.items() if not line.startswith(part)}
            elif line.strip():
                unread[number] = line.rstrip(b"\n")
    return Kept(tuple(found), tuple(unread))


def _line(checkpoint: Checkpoint, heads: Sequence[Head]) -> bytes:
    line: dict[str, Any] = {
        name: value.hex() if isinstance(value := getattr(checkpoint, name), bytes) else value for name in _KINDS
    }
    line["chains"] = [[head.chain, head.case_id, head.place, head.head.hex()] for head in heads]
    return orjson.dumps(line) + b"\n"


def _checkpoint(line: bytes) -> Checkpoint | None:
    """The checkpoint of a line; None where it is none."""
    try:
        said = orjson.loads(line)
        if not all(type(said[name]) is (int if kind == "int" else str) for name, kind in _KINDS.items()):
            return None
        held: dict[str, Any] = {n: bytes.fromhex(said[n]) if kind == "bytes" else said[n] for n, kind in _KINDS.items()}
        return Checkpoint(**held)
    except (ValueError, KeyError, TypeError):
        return None


def _mine(file: IO[bytes]) -> bool:
    """Whether no other worker appends just now. Where storage knows no locks a line may stand there twice: no harm."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True

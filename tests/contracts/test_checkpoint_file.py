"""The file of checkpoints outside the database: nothing is lost on the way to it, and what differs is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import orjson
import pytest
import sqlalchemy as sa

from engine.store import Fault, Store
from engine.store.checkpoint_file import CheckpointFile, read_checkpoint_file
from engine.store.checkpoints import checkpoints
from engine.store.errors import CheckpointFileRefused
from engine.store.tables import CASE_FILE, CHECKPOINT, CHECKPOINT_HEAD
from tests.contracts.building import CAMDEN, NINE, an_entry
from tests.contracts.looking import change


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file is to be."""
    return tmp_path / "checkpoints.jsonl"


@pytest.fixture
def written(store: Store, path: Path) -> Store:
    """Three checkpoints, each appended to the file."""
    file = CheckpointFile(path)
    for revision in range(3):
        store.append(an_entry(revision=revision))
        store.write_checkpoints(at=NINE, export=file)
    return store


def numbers(path: Path) -> list[int]:
    """The numbers of the checkpoints in the file, in their order."""
    return [one.number for one in read_checkpoint_file(path).checkpoints]


def faults(store: Store, path: Path) -> list[tuple[int, str]]:
    """What the file and the database have against each other."""
    return [(fault.checkpoint, fault.what) for fault in store.verify_checkpoints(CAMDEN, exported=path).problems]


def test_the_file_holds_every_checkpoint_once(written: Store, path: Path) -> None:
    """A line each, with what it covers, and none again where nothing grew or another worker comes by."""
    written.write_checkpoints(at=NINE, export=CheckpointFile(path))

    assert [*read_checkpoint_file(path).checkpoints] == checkpoints(written.database, CAMDEN)
    assert [orjson.loads(line)["chains"][0][:3] for line in path.read_bytes().splitlines()] == [
        ["history", "CAM-1", revision] for revision in (1, 2, 3)
    ]
    assert written.verify_checkpoints(CAMDEN, exported=path).ok


def test_what_was_signed_before_there_was_a_file_is_appended_to_it(store: Store, path: Path) -> None:
    """Whoever names a file late, or whose worker was stopped between database and file, has every checkpoint in it."""
    file = CheckpointFile(path)
    for revision in range(3):
        store.append(an_entry(revision=revision))
        store.write_checkpoints(at=NINE, export=file if revision == 0 else None)
    assert faults(store, path) == [(2, "not in the file, and so are the next 1")]

    assert store.write_checkpoints(at=NINE, export=file) == []

    assert numbers(path) == [1, 2, 3]
    assert store.verify_checkpoints(CAMDEN, exported=path).ok


def test_a_file_that_cannot_be_added_to_loses_no_checkpoint(store: Store, path: Path) -> None:
    """The database has it, the refusal says what to do, and it is appended once the file can be."""
    file = CheckpointFile(path)
    path.mkdir()
    store.append(an_entry())

    with pytest.raises(CheckpointFileRefused, match="Nothing is lost"):
        store.write_checkpoints(at=NINE, export=file)

    assert len(checkpoints(store.database, CAMDEN)) == 1
    path.rmdir()
    store.write_checkpoints(at=NINE, export=file)
    assert numbers(path) == [1]


@pytest.mark.parametrize("by_another", [False, True])
def test_a_line_that_broke_off_is_written_again_whole(written: Store, path: Path, by_another: bool) -> None:
    """A machine that stopped in the middle of a line leaves a part of it; the whole line follows, and all is well."""
    file = CheckpointFile(path)
    file.catch_up(written.database)
    *whole, last = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(whole) + last[:40])
    assert written.verify_checkpoints(CAMDEN, exported=path).unread == (3,)

    written.write_checkpoints(at=NINE, export=CheckpointFile(path) if by_another else file)

    assert path.read_bytes() == b"".join(whole) + last[:40] + b"\n" + last
    assert written.verify_checkpoints(CAMDEN, exported=path).ok


def test_a_line_that_is_no_checkpoint_is_named(written: Store, path: Path) -> None:
    """Whatever stood there, nobody can tell: it is not passed over, whichever kind of rubbish it is."""
    rubbish = [b"null", b"[]", b'{"authority": 1}', b"\xff", b"{" * 100000]
    path.write_bytes(path.read_bytes() + b"\n".join(rubbish) + b"\n")

    report = written.verify_checkpoints(CAMDEN, exported=path)

    assert (report.ok, report.unread, report.problems) == (False, (4, 5, 6, 7, 8), ())


def test_the_file_shows_checkpoints_that_were_cut_off(written: Store, path: Path) -> None:
    """Somebody who removes a checkpoint and what the cases remember of it is found out by the file alone."""
    change(written, sa.delete(CHECKPOINT).where(CHECKPOINT.c.number > 1))
    change(written, sa.delete(CHECKPOINT_HEAD).where(CHECKPOINT_HEAD.c.checkpoint > 1))
    assert Fault(2, "CAM-1", 3, "checkpoint removed") in written.verify_checkpoints(CAMDEN).problems
    change(written, sa.update(CASE_FILE).values(checkpointed=-1))
    assert written.verify_checkpoints(CAMDEN).ok

    assert faults(written, path) == [(2, "in the file and not in the database, and so are the next 1")]


def test_a_checkpoint_signed_anew_in_the_place_of_another_is_found(written: Store, path: Path) -> None:
    """It verifies by itself, and is not the one that the file has; the file keeps both words apart."""
    change(written, sa.delete(CHECKPOINT).where(CHECKPOINT.c.number == 3))
    change(written, sa.delete(CHECKPOINT_HEAD).where(CHECKPOINT_HEAD.c.checkpoint == 3))
    change(written, sa.update(CASE_FILE).values(checkpointed=-2))
    written.write_checkpoints(at=NINE.replace(hour=11), export=CheckpointFile(path))
    assert written.verify_checkpoints(CAMDEN).ok

    assert faults(written, path) == [(3, "not as in the file")]


def test_a_line_changed_in_the_file_is_told_from_a_changed_database(written: Store, path: Path) -> None:
    """A line that its own signature does not vouch for says nothing against the database."""
    was = read_checkpoint_file(path).checkpoints[1]
    path.write_bytes(
        path.read_bytes().replace(was.root.hex().encode(), replace(was, root=b"0" * 32).root.hex().encode())
    )

    assert faults(written, path) == [(2, "changed in the file")]

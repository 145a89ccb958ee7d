"""The worker as its environment starts it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from engine.store import StoreUnavailable, create_keys, open_store
from engine.store.checkpoint_file import read_checkpoint_file
from tests.contracts.building import CAMDEN, an_entry
from webhooks.serving import open_office
from webhooks.worker import Worker


def test_a_worker_appends_checkpoints_to_the_file_that_its_environment_names(tmp_path: Path) -> None:
    """Named, the file has each checkpoint; not named, the database alone has them."""
    environment = {"PATHWAYS_DATABASE": f"sqlite:///{tmp_path / 'cases.db'}", "PATHWAYS_KEYS": str(tmp_path / "keys")}
    create_keys(environment["PATHWAYS_DATABASE"], tmp_path / "keys")
    open_store(environment["PATHWAYS_DATABASE"], keys=tmp_path / "keys", create=True).append(an_entry())
    office, path = open_office(environment), tmp_path / "checkpoints.jsonl"

    Worker(office, environment, "without").round()
    assert (office.store.verify_checkpoints(CAMDEN).checkpoints, path.exists()) == (1, False)
    Worker(office, environment | {"PATHWAYS_CHECKPOINT_FILE": str(path)}, "with").round()

    assert [one.number for one in read_checkpoint_file(path).checkpoints] == [1]


def test_what_another_process_kept_from_writing_writes_once_that_has_let_go(tmp_path: Path) -> None:
    """A database held too long costs the page and the round that waited for it, and none after them."""
    path = tmp_path / "cases.db"
    environment = {"PATHWAYS_DATABASE": f"sqlite:///{path}", "PATHWAYS_KEYS": str(tmp_path / "keys")}
    create_keys(environment["PATHWAYS_DATABASE"], tmp_path / "keys")
    open_store(environment["PATHWAYS_DATABASE"], keys=tmp_path / "keys", create=True).close()
    office = open_office(environment)
    worker, library = Worker(office, environment, "one"), office.store.library
    with office.store.database.reading() as session:
        session.cursor.execute("pragma busy_timeout = 1")

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin immediate")
        with pytest.raises(StoreUnavailable, match="SQLITE_BUSY"):
            library.keep(CAMDEN, b"held")
        assert worker.round() == 0
        assert [] == office.store.upkeep.workers()
        other.execute("commit")

    assert library.content(CAMDEN, library.keep(CAMDEN, b"free")) == b"free"
    worker.round()
    assert ["one"] == [line.worker for line in office.store.upkeep.workers()]
    office.store.close()

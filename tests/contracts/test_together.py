"""Writes that are committed together: one wait for the disk, and each still whole or nothing by itself."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from engine.store import DuplicateCommand, OutboxRow, StaleCase, Store
from tests.contracts.building import CAMDEN, KILLED, an_entry, at, ending_of, in_child, next_entry, with_id
from tests.contracts.conftest import opened
from tests.contracts.looking import everything


def test_writes_in_a_block_are_there_when_it_ends(store: Store) -> None:
    """Each sees the ones before it; nobody else sees any before the end."""
    seen: list[object] = []

    def look() -> None:
        other = opened(store.database.url.render_as_string(hide_password=False))
        seen.append(other.load(CAMDEN, "CAM-1"))
        other.close()

    with store.together():
        for _ in range(3):
            store.append(next_entry(store))
        onlooker = threading.Thread(target=look)
        onlooker.start()
        onlooker.join()
        assert store.verify_chain(CAMDEN, "CAM-1").ok

    assert seen == [None]
    assert [entry.revision for entry in store.history(CAMDEN, "CAM-1")] == [1, 2, 3]


def test_a_write_that_is_refused_leaves_the_others(store: Store) -> None:
    """A stale or repeated command in the block takes back its own rows only."""
    with store.together():
        store.append(an_entry("CAM-1"))
        with pytest.raises(DuplicateCommand):
            store.append(with_id(an_entry("CAM-2"), "CAM-1:1"))
        store.append(an_entry("CAM-1", 1))
        with pytest.raises(StaleCase):
            store.append(with_id(an_entry("CAM-1", 1), "another"))
        store.append(an_entry("CAM-3"))

    assert [line.case_id for line in store.lists.cases(CAMDEN)] == ["CAM-1", "CAM-3"]
    assert all(store.verify_chain(CAMDEN, case_id).ok for case_id in ("CAM-1", "CAM-3"))


def test_what_is_raised_out_of_a_block_takes_everything_back(store: Store) -> None:
    """Also keys that were made in it: what is written later is found by search all the same."""
    before = everything(store)

    with pytest.raises(KeyboardInterrupt), store.together():
        store.append(an_entry("CAM-1", outbox=(OutboxRow("mail", "n-1", "t", b"{}", at()),)))
        raise KeyboardInterrupt

    assert everything(store) == before
    store.append(an_entry("CAM-1"))
    again = opened(store.database.url.render_as_string(hide_password=False))
    assert again.lists.search(CAMDEN, "name", "sam") == ["CAM-1"]
    again.close()


def test_blocks_inside_blocks_are_one(store: Store) -> None:
    """Whoever is called from a block need not know of it."""
    with store.together():
        store.append(an_entry("CAM-1"))
        with store.together():
            store.append(an_entry("CAM-2"))

    assert len(store.lists.cases(CAMDEN)) == 2


def test_a_process_killed_in_a_block_leaves_nothing_of_it(database_url: str) -> None:
    """Nothing in the block was acknowledged, so nothing is lost by it."""

    def work() -> None:
        mine = opened(database_url)
        mine.append(an_entry("CAM-0"))
        with mine.together():
            mine.append(an_entry("CAM-1"))
            mine.append(an_entry("CAM-2"))
            os.kill(os.getpid(), signal.SIGKILL)

    assert ending_of(in_child(work)) == KILLED
    store = opened(database_url)
    assert [line.case_id for line in store.lists.cases(CAMDEN)] == ["CAM-0"]
    store.close()

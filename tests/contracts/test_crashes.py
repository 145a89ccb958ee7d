"""A process may be killed at any statement: what was committed stays, what was not is gone, and nothing is half."""

from __future__ import annotations

import itertools
import os
import signal
from functools import partial
from typing import Any

import pytest

from engine.history import canonical
from engine.store import DocumentRow, InboundRow, OutboxRow, Store
from engine.store.database import Database, Session
from engine.store.shown import read_rows
from tests.contracts.building import CAMDEN, KILLED, an_entry, at, ending_of, in_child, next_entry, shows_at
from tests.contracts.conftest import MASTER, SIGNING, opened
from tests.contracts.looking import everything
from tests.contracts.test_append import without_keys

COMMANDS = 4


class Mortal(Database):
    """A database whose process is killed, as by a power cut, when it is about to run one statement too many."""

    def __init__(self, url: str, statements: int, *, afterwards: bool) -> None:
        super().__init__(url)
        self.left, self.afterwards = statements, afterwards

    def own_cursor(self) -> Any:
        return _Mortal(self, super().own_cursor())

    def _fresh(self) -> Any:
        return _Mortal(self, super()._fresh())


class _Mortal:
    """Stands before a connection and its cursors, and counts."""

    def __init__(self, database: Mortal, real: Any) -> None:
        self._database, self._real = database, real

    def cursor(self) -> _Mortal:
        return _Mortal(self._database, self._real.cursor())

    def execute(self, *statement: Any) -> None:
        self._database.left -= 1
        if self._database.left < 0 and not self._database.afterwards:
            os.kill(os.getpid(), signal.SIGKILL)
        self._real.execute(*statement)
        if self._database.left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def work(store: Store) -> None:
    """Give the case commands that write to every kind of table."""
    while (loaded := store.load(CAMDEN, "CAM-1")) is None or loaded.revision < COMMANDS:
        number = 1 if loaded is None else loaded.revision + 1
        store.append(
            next_entry(
                store,
                outbox=(OutboxRow("webhook", f"n-{number}", "t", b"{}", at()),),
                documents=(DocumentRow(f"d-{number}", "text/plain", at(), b"d"),),
                inbound=InboundRow("mosaic", f"m-{number}", at()),
            )
        )


def assert_whole(store: Store) -> int:
    """Everything in the database follows from the case's revision; gives the revision."""
    loaded = store.load(CAMDEN, "CAM-1")
    revision = 0 if loaded is None else loaded.revision
    rows = everything(store)
    if loaded is not None:
        assert store.verify_chain(CAMDEN, "CAM-1").ok
        assert loaded.snapshot == canonical({"case": "CAM-1", "revision": revision})
    assert [row[2] for row in rows["history"]] == list(range(1, revision + 1))
    assert read_rows(store.database, CAMDEN, "CAM-1") == without_keys(shows_at(revision))
    for table in ("outbox", "document", "inbound"):
        assert len(rows[table]) == revision
    assert len(rows["child_key"]) == min(revision, 1)
    return revision


@pytest.mark.parametrize("afterwards", [False, True], ids=["before", "after"])
def test_a_process_killed_at_any_statement_leaves_a_whole_case(database_url: str, afterwards: bool) -> None:
    """Killed before or after each statement in turn, inside and between commits: all of a command is there, or none."""

    def live(statements: int) -> None:
        work(Store(Mortal(database_url, statements, afterwards=afterwards), MASTER, SIGNING))

    seen = set()
    for statements in itertools.count():
        ending = ending_of(in_child(partial(live, statements)))
        store = opened(database_url)
        seen.add(assert_whole(store))
        store.close()
        if ending == 0:
            break
        assert ending == KILLED
    assert {0, COMMANDS} <= seen


def test_a_process_killed_while_it_hurries_loses_nothing_it_was_told(database_url: str) -> None:
    """What append returned for is there after SIGKILL; at most the one command in flight may be there besides."""
    told, tell = os.pipe()

    def hurry() -> None:
        mine = opened(database_url)
        for revision in range(100_000):
            mine.append(an_entry(revision=revision))
            os.write(tell, b".")

    child = in_child(hurry)
    count = 0
    while count < 25:
        count += len(os.read(told, 64))
    os.kill(child, signal.SIGKILL)
    assert ending_of(child) == KILLED
    os.close(tell)
    while some := os.read(told, 4096):
        count += len(some)
    os.close(told)

    store = opened(database_url)
    revision = len(list(store.history(CAMDEN, "CAM-1")))
    assert count <= revision <= count + 1
    assert store.verify_chain(CAMDEN, "CAM-1").ok
    store.close()


def test_an_error_inside_a_transaction_takes_everything_back(store: Store) -> None:
    """Not only the database can fail: whatever is raised in the block, the transaction is gone."""
    store.append(an_entry())
    before = everything(store)

    def fail(session: Session) -> None:
        store.cases._write(session, store.cases._seal(an_entry(revision=1, rows_after=shows_at(3))))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), store.database.writing() as session:
        fail(session)

    assert everything(store) == before
    assert store.append(an_entry(revision=1)) == 2

"""Writes handed in while the disk is busy are committed together; each is still whole or nothing by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from engine.store import StoreUnavailable
from engine.store.database import Database, RowTaken, Session
from engine.store.statements import KEEP_INBOUND
from tests.contracts.building import CAMDEN

COUNT = "select count(*) from inbound"


def a_message(number: int) -> Callable[[Session], None]:
    """A write of one row."""
    row = {"authority": CAMDEN, "source": "s", "message": f"m{number}", "received_at": "t"} | dict.fromkeys(
        ("case_id", "digest")
    )
    return lambda session: session.send(KEEP_INBOUND, row)


class Disk:
    """A database whose first write waits until others have been handed in."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.outcomes: dict[int, str] = {}
        self._busy, self._go_on = threading.Event(), threading.Event()
        self._threads: list[threading.Thread] = []

    def _hand_in(self, number: int, work: Callable[[Session], None]) -> None:
        try:
            self.database.write(work)
            self.outcomes[number] = "written"
        except BaseException as error:
            self.outcomes[number] = type(error).__name__

    def _slowly(self, session: Session) -> None:
        self._busy.set()
        assert self._go_on.wait(20)

    def hands_in(self, *works: Callable[[Session], None]) -> None:
        """Hand in works while a write is under way, each from its own thread, and wait for all."""
        self._start(0, self._slowly)
        assert self._busy.wait(20)
        gathering = self.database.gathering
        assert gathering is not None
        for number, work in enumerate(works, 1):
            self._start(number, work)
            while gathering.gathered < number:
                self._threads[-1].join(0.001)
        self._go_on.set()
        for thread in self._threads:
            thread.join(20)

    def _start(self, number: int, work: Callable[[Session], None]) -> None:
        thread = threading.Thread(target=self._hand_in, args=(number, work))
        thread.start()
        self._threads.append(thread)

    def count(self) -> int:
        """How many rows another connection sees."""
        with self.database.engine.connect() as connection:
            return int(connection.exec_driver_sql(COUNT).scalar_one())


@pytest.fixture
def disk(sqlite_url: str) -> Disk:
    """A file with every table."""
    return Disk(Database(sqlite_url))


def test_writes_that_gathered_are_in_one_commit(disk: Disk) -> None:
    """Nobody else sees one of them before all are on the disk."""
    seen: list[int] = []
    disk.hands_in(a_message(1), a_message(2), lambda session: seen.append(disk.count()), a_message(3))

    assert disk.outcomes == {0: "written", 1: "written", 2: "written", 3: "written", 4: "written"}
    assert (seen, disk.count()) == ([0], 3)


def test_a_write_that_is_refused_takes_none_of_the_others_with_it(disk: Disk) -> None:
    """A row taken twice is told to whoever came second, and what that write had done before it is taken back."""

    def twice(session: Session) -> None:
        a_message(7)(session)
        a_message(1)(session)

    disk.hands_in(a_message(1), twice, a_message(3))

    assert disk.outcomes == {0: "written", 1: "written", 2: RowTaken.__name__, 3: "written"}
    assert disk.count() == 2


def test_a_transaction_that_is_given_up_is_told_to_everybody_in_it(disk: Disk) -> None:
    """Where a full disk or its like ends the transaction, nothing of it is on the disk and nobody is told it were."""
    disk.hands_in(a_message(1), lambda session: session.cursor.execute("rollback"), a_message(3))

    assert disk.outcomes == {0: "written"} | dict.fromkeys((1, 2, 3), StoreUnavailable.__name__)
    assert disk.count() == 0


def test_a_thread_that_is_stopped_in_the_middle_leaves_nobody_waiting(disk: Disk) -> None:
    """Who leads may be stopped by its server: the others are told that nothing was written, and the next one leads."""

    def stopped(session: Session) -> None:
        raise SystemExit

    disk.hands_in(stopped, a_message(2))

    assert disk.outcomes == {0: "written", 1: SystemExit.__name__, 2: StoreUnavailable.__name__}
    disk.database.write(a_message(3))
    assert disk.count() == 1

"""Writes that threads of one process hand in while the disk is busy with the ones before are committed together.

A commit waits for the disk, and a wait is as long for ten commands as for one. Each write stays whole or nothing by
itself, and nobody is answered before the commit that holds his write is on the disk.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from engine.store.errors import StoreUnavailable

#: The most writes of one commit: readers go on meanwhile, other processes' writers wait.
MOST = 64


class Transactions(Protocol):
    """Where gathered writes go (engine.store.database)."""

    def alone(self) -> AbstractContextManager[Any]:
        """One transaction; committed at its end."""

    def part(self, session: Any) -> AbstractContextManager[Any]:
        """One write inside a transaction, whole or nothing by itself. Raises StoreUnavailable where that is over."""


class _Write:
    """What one thread hands in, and what became of it."""

    __slots__ = ("error", "leads", "turn", "work")

    def __init__(self, work: Callable[[Any], None]) -> None:
        self.work = work
        self.error: BaseException | None = None
        #: Told to carry out what has gathered meanwhile, its own write first.
        self.leads = False
        self.turn = threading.Lock()
        self.turn.acquire()


class Gathering:
    """Whoever comes first writes; who comes while the disk is waited for is in the next commit, whoever carries it."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._lock = threading.Lock()
        self._gathered: list[_Write] = []
        self._led = False

    @property
    def gathered(self) -> int:
        """How many writes wait for the next commit."""
        return len(self._gathered)

    def write(self, work: Callable[[Any], None]) -> None:
        """Carry out `work` in a transaction and return when the disk has it. Raises what it raises.

        Raises StoreUnavailable where the commit failed that it was part of: then nothing of it is written.
        """
        with self._lock:
            if self._led:
                mine = _Write(work)
                self._gathered.append(mine)
            else:
                self._led, mine = True, None
        if mine is None:
            # Nobody writes, so nobody has gathered: the usual case.
            try:
                with self._transactions.alone() as session:
                    work(session)
            finally:
                self._hand_on()
            return
        # Opened by whoever leads: with the write done, or with the lead handed on.
        mine.turn.acquire()
        if mine.leads:
            self._lead(mine)
        if mine.error is not None:
            raise mine.error

    def _lead(self, mine: _Write) -> None:
        with self._lock:
            writes = [mine, *self._gathered[: MOST - 1]]
            del self._gathered[: MOST - 1]
        try:
            if len(writes) == 1:
                with self._transactions.alone() as session:
                    mine.work(session)
            else:
                self._together(writes)
        finally:
            self._hand_on()
            for write in writes[1:]:
                write.turn.release()

    def _hand_on(self) -> None:
        """Let the one who has waited longest lead from now on, where anybody waits."""
        with self._lock:
            if not self._gathered:
                self._led = False
                return
            following = self._gathered.pop(0)
            following.leads = True
        following.turn.release()

    def _together(self, writes: list[_Write]) -> None:
        try:
            with self._transactions.alone() as session:
                for write in writes:
                    try:
                        with self._transactions.part(session):
                            write.work(session)
                    except Exception as error:  # noqa: BLE001 - raised to whoever handed it in
                        write.error = error
        except BaseException as error:
            # Nothing is on the disk, whatever its own part came to.
            for write in writes:
                write.error = StoreUnavailable(f"the commit it was part of failed: {type(error).__name__}")
            if not isinstance(error, Exception):
                raise

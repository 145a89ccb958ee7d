"""A demonstration's clock: the machine's, moved forward by hand, stopping at everything that falls due on the way."""

from __future__ import annotations

import heapq
from datetime import datetime, timedelta
from time import monotonic
from typing import NamedTuple

import structlog

from engine.case.timers import next_timer
from engine.casework import Casework, Shelf
from engine.clock import SystemClock
from engine.errors import EngineError
from engine.store import Store

log = structlog.get_logger(__name__)

#: Seconds after which a process asks again how far the clock was moved by another.
FRESH = 0.5
#: Timers of one case fired in one advance; more would mean that time does not pass in it.
MOST_OF_A_CASE = 500


class DemonstrationClock:
    """The machine's clock and how far a demonstration has been moved ahead of it, as its database says."""

    def __init__(self, store: Store) -> None:
        self._store, self._machine = store, SystemClock()
        self._offset, self._read_at = timedelta(), float("-inf")

    def now(self) -> datetime:
        """The demonstration's present instant, aware, in UTC."""
        if monotonic() - self._read_at > FRESH:
            self.look_again()
        return self._machine.now() + self._offset

    def look_again(self) -> None:
        """Ask the database how far the clock was moved."""
        self._offset, self._read_at = self._store.upkeep.clock_offset(), monotonic()

    def move_to(self, at: datetime, by: str) -> None:
        """Move forward; recorded. Raises ClockRefused where the database is no demonstration."""
        if at > self.now():
            self._store.upkeep.advance_clock(self.now(), at, by=by)
            self.look_again()


class Advanced(NamedTuple):
    """How many timers fired on the way, and the cases that stood still since they do not open: authority and id."""

    fired: int
    unread: tuple[tuple[str, str], ...] = ()


class Demonstration:
    """What only a demonstration can do."""

    def __init__(self, store: Store, shelf: Shelf, casework: Casework, clock: DemonstrationClock) -> None:
        self._store, self._shelf, self._casework, self.clock = store, shelf, casework, clock

    def advance(self, to: datetime, *, by: str) -> Advanced:
        """Let time pass until `to`. Each timer stops the clock at its own instant, in order.

        A case that does not open stands still, and time passes for all others.
        """
        unread: set[tuple[str, str]] = set()
        waiting = [
            (due, authority.id, line.case_id)
            for authority in self._casework.authorities()
            for line in self._store.lists.cases(authority.id, status="OPEN", most=100_000)
            if (due := self._next(authority.id, line.case_id, unread)) is not None and due <= to
        ]
        heapq.heapify(waiting)
        fired: dict[str, int] = {}
        while waiting:
            due, authority_id, case_id = heapq.heappop(waiting)
            if fired.get(case_id, 0) >= MOST_OF_A_CASE:
                continue
            self.clock.move_to(due, by)
            fired[case_id] = fired.get(case_id, 0) + self._fire(authority_id, case_id)
            following = self._next(authority_id, case_id, unread)
            if following is not None and due < following <= to:
                heapq.heappush(waiting, (following, authority_id, case_id))
        self.clock.move_to(to, by)
        return Advanced(sum(fired.values()), tuple(sorted(unread)))

    def _next(self, authority: str, case_id: str, unread: set[tuple[str, str]]) -> datetime | None:
        """When a case's next timer is due; None where it has none, or does not open, which is noted."""
        case = self._casework.legible(authority, case_id)
        if case is None:
            unread.add((authority, case_id))
            log.warning("does not open, and stands still", authority=authority, case=case_id)
            return None
        return next_timer(case, self._shelf.terms(authority))

    def _fire(self, authority: str, case_id: str) -> int:
        try:
            return self._casework.fire_timers(authority, case_id)
        except EngineError as error:
            log.info("not fired", case=case_id, kind=type(error).__name__)
            return 0

"""Sign-ins that fail make the next one wait: longer each time, per name and per address, without saying who exists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic

from engine.errors import Forbidden

#: Failures that cost nothing: a person mistypes, and a whole office may share an address.
FREE_BY_NAME, FREE_BY_ADDRESS = 5, 50
FIRST_WAIT, LONGEST_WAIT = 30.0, 900.0
#: A failure is forgotten after this many seconds without another.
FORGOTTEN = 3600.0
#: More names than this are never remembered at once; the oldest go first.
MOST = 10_000


class TooManyTries(Forbidden):
    """Too many sign-ins failed here; the next is looked at later."""

    def __init__(self, seconds: float) -> None:
        minutes = max(1, round(seconds / 60))
        super().__init__(f"Too many sign-ins failed. Wait {minutes} minute{'s' if minutes > 1 else ''} and try again.")
        self.seconds = seconds


@dataclass(slots=True)
class _Failures:
    count: int
    last: float


class Patience:
    """What one process remembers of failed sign-ins; each process of an installation has its own."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock, self._lock = clock, Lock()
        self._failures: dict[str, _Failures] = {}

    def check(self, name: str, address: str) -> None:
        """Raise TooManyTries while the name or the address must wait."""
        with self._lock:
            wait = max(self._wait("name " + name, FREE_BY_NAME), self._wait("address " + address, FREE_BY_ADDRESS))
        if wait > 0:
            raise TooManyTries(wait)

    def failed(self, name: str, address: str) -> None:
        """Remember that a sign-in with this name from this address failed."""
        now = self._clock()
        with self._lock:
            for key in ("name " + name, "address " + address):
                known = self._failures.pop(key, None)
                count = known.count + 1 if known is not None and now - known.last < FORGOTTEN else 1
                self._failures[key] = _Failures(count, now)
            while len(self._failures) > MOST:
                del self._failures[next(iter(self._failures))]

    def succeeded(self, name: str) -> None:
        """Forget the failures of a name; those of the address stay, one good sign-in excuses no others."""
        with self._lock:
            self._failures.pop("name " + name, None)

    def _wait(self, key: str, free: int) -> float:
        known = self._failures.get(key)
        if known is None or known.count < free:
            return 0.0
        wait = min(FIRST_WAIT * 2.0 ** min(known.count - free, 10), LONGEST_WAIT)
        return known.last + wait - self._clock()

"""Sign-ins that fail make the next one wait: longer each time, per name and per address, without saying who exists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic

from engine.errors import Forbidden

#: Failures that cost nothing; a person mistypes.
FREE = 5
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

    def check(self, *keys: str) -> None:
        """Raise TooManyTries while any of these must wait."""
        with self._lock:
            waits = [self._wait(key) for key in keys]
        if max(waits, default=0.0) > 0:
            raise TooManyTries(max(waits))

    def failed(self, *keys: str) -> None:
        """Remember that a sign-in under these keys failed."""
        now = self._clock()
        with self._lock:
            for key in keys:
                known = self._failures.pop(key, None)
                count = known.count + 1 if known is not None and now - known.last < FORGOTTEN else 1
                self._failures[key] = _Failures(count, now)
            while len(self._failures) > MOST:
                del self._failures[next(iter(self._failures))]

    def succeeded(self, *keys: str) -> None:
        """Forget the failures of these keys."""
        with self._lock:
            for key in keys:
                self._failures.pop(key, None)

    def _wait(self, key: str) -> float:
        known = self._failures.get(key)
        if known is None or known.count < FREE:
            return 0.0
        wait = min(FIRST_WAIT * 2.0 ** (known.count - FREE), LONGEST_WAIT)
        return known.last + wait - self._clock()

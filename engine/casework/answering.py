"""Requests of programs under an idempotency key: the first is carried out, a repetition gets the same answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import orjson

from engine.casework.door import Done, only_at
from engine.casework.people import Practitioner
from engine.clock import Clock
from engine.errors import Refused
from engine.store import Store
from engine.store.answered import Answered


class KeyReused(Refused):
    """A request came under a key that another request had; nothing was carried out."""

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another request. Give every request a key of its own.")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command did: the case, its revision after it, and the kinds of what happened, in order."""

    case_id: str
    revision: int
    events: tuple[str, ...]


class Answering:
    """Carries out what programs ask, once for each key."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def once(
        self,
        by: Practitioner,
        case_id: str,
        key: str,
        content: bytes,
        expected: int | None,
        act: Callable[[str], Done],
    ) -> Answer:
        """Carry a request out under its key, or give the answer that its first time got.

        content   everything that was asked; a key that comes back with something else raises KeyReused
        expected  the revision that the asker saw, where they said so: another one raises CaseMoved
        """
        authority, place = by.authority, f"{by.id}:{key}"
        digest = self._store.answered.digest(authority, content)
        known = self._store.answered.find(authority, place)
        if known is not None:
            if known.digest != digest:
                raise KeyReused
            return self._answer(authority, known.case_id, known.revision)
        with only_at(expected):
            done = act(f"api:{place}")
        self._store.answered.keep(authority, place, Answered(digest, case_id, done.revision), at=self._clock.now())
        return self._answer(authority, case_id, done.revision)

    def _answer(self, authority: str, case_id: str, revision: int) -> Answer:
        entry = next(iter(self._store.history(authority, case_id, revision - 1)))
        return Answer(case_id, revision, tuple(kind for kind, _ in orjson.loads(entry.events)))

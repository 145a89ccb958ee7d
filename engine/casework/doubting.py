"""What the last verification of a case kept against it, for every page of the case; nothing is verified for that."""

from __future__ import annotations

from dataclasses import dataclass

from engine.store import Store
from engine.store.verifications import Found


@dataclass(frozen=True, slots=True)
class Doubted:
    """The last verification of a case, where it found something that is not as it was recorded.

    differences  what differs, each with its step where there is one
    problems     what signed checkpoints show to be wrong, as they were written down
    """

    verification: int
    at: str
    differences: tuple[Found, ...]
    problems: tuple[str, ...]


def doubted(store: Store, authority: str, case_id: str) -> Doubted | None:
    """What the last verification found against a case; None where it found nothing, or there was none."""
    last = store.verifications.last_of(authority, case_id)
    if last is None or not (last.differences or last.problems):
        return None
    return Doubted(last.number, last.at, last.differences, last.problems)

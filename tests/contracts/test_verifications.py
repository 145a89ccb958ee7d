"""Which verification is a case's last: its own or one of all that came as far as it, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from engine.store import Store
from engine.store.verifications import Found

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
DIFFERS = tuple(Found(case, 3, "", "shown", "Something.") for case in ("CAM-1", "CAM-2"))


def test_the_last_verification_of_a_case_is_the_newest_that_looked_at_it(store: Store) -> None:
    """One that has not come as far as a case yet says nothing of it; what another case has is left out."""
    kept = store.verifications
    assert kept.last_of("camden", "CAM-1") is None
    every = kept.begin("camden", scope="", by="an auditor", at=NINE)
    assert kept.last_of("camden", "CAM-1") is None
    kept.keep(replace(every, after="CAM-1", differences=DIFFERS[:1]))
    assert [kept.last_of("camden", case) is None for case in ("CAM-1", "CAM-2")] == [False, True]
    kept.keep(replace(every, after="CAM-2", differences=DIFFERS).closed(1, ("Checkpoint 1: case CAM-2: x.",), NINE))
    (one, two) = (kept.last_of("camden", case) for case in ("CAM-1", "CAM-2"))
    assert one is not None and (one.differences, one.problems) == (DIFFERS[:1], ())
    assert two is not None and (two.differences, len(two.problems)) == (DIFFERS[1:], 1)

    own = kept.begin("camden", scope="CAM-1", by="an auditor", at=NINE)
    assert kept.last_of("camden", "CAM-1") == one
    kept.keep(own.closed(1, (), NINE))
    last = kept.last_of("camden", "CAM-1")
    assert last is not None and (last.number, last.differences) == (own.number, ())
    assert kept.last_of("camden", "CAM-2") == two
    assert kept.last_of("sussex", "CAM-1") is None

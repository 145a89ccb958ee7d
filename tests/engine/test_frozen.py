"""Facts made by @frozen: values by which they are told apart, and room for nothing else."""

from __future__ import annotations

from dataclasses import field

import pytest

from engine.frozen import frozen


@frozen
class Visit:
    """A fact to try it on."""

    child: str
    on: str = "2026-01-05"
    notes: tuple[str, ...] = field(default=(), repr=False)


def test_facts_with_the_same_values_are_the_same() -> None:
    """A fact is its values: equal, with one place in a set, and shown without what is not to be shown."""
    assert {Visit("c1")} == {Visit("c1"), Visit(child="c1", on="2026-01-05", notes=())}
    assert Visit("c1") != Visit("c2")
    assert "Visit(child='c1', on='2026-01-05')" == repr(Visit("c1", notes=("private",)))


def test_a_fact_has_room_for_nothing_else() -> None:
    """What a fact does not name cannot be hung on it."""
    with pytest.raises(AttributeError):
        Visit("c1").seen = True  # type: ignore[attr-defined]  # that is what is tried

"""The day on which a letter went out."""

from __future__ import annotations

import pytest

from engine.case.state import Letter


@pytest.mark.parametrize(
    ("state", "said", "day"),
    [
        ("drafted", None, None),
        ("approved", "2026-03-01", None),
        ("sent", "2026-03-01", "2026-03-01"),
        ("sent", None, "2026-07-02"),
        ("withdrawn", "2026-03-01", None),
    ],
)
def test_a_letter_went_out_on_the_day_that_was_said_or_else_when_it_was_sent(
    state: str, said: str | None, day: str | None
) -> None:
    """A step that asks for no day sends on its own day, in London; what was not sent has none."""
    letter = Letter(1, "notice", 1, None, state, "2026-07-01T23:30:00Z", "", [], sent_on=said)  # type: ignore[arg-type]

    assert day == letter.sent_day

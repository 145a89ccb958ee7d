"""Failed sign-ins make the next one wait."""

from __future__ import annotations

import pytest

from webhooks.patience import FIRST_WAIT, FORGOTTEN, FREE_BY_ADDRESS, FREE_BY_NAME, LONGEST_WAIT, Patience, TooManyTries


class Watch:
    """A stopwatch that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_name_waits_longer_after_each_failure() -> None:
    """The wait doubles from half a minute to a quarter of an hour, and ends."""
    watch = Watch()
    patience = Patience(watch)
    for _ in range(FREE_BY_NAME - 1):
        patience.failed("a", "1.1.1.1")
    patience.check("a", "1.1.1.1")

    patience.failed("a", "1.1.1.1")
    with pytest.raises(TooManyTries) as refused:
        patience.check("a", "1.1.1.1")
    assert FIRST_WAIT == refused.value.seconds
    watch.now += FIRST_WAIT
    patience.check("a", "1.1.1.1")

    for _ in range(20):
        patience.failed("a", "1.1.1.1")
    with pytest.raises(TooManyTries) as refused:
        patience.check("a", "1.1.1.1")
    assert LONGEST_WAIT == refused.value.seconds


def test_a_colleague_at_the_same_address_may_still_sign_in() -> None:
    """An office shares an address: one person's mistakes do not shut the others out, a flood does."""
    patience = Patience(Watch())
    for number in range(FREE_BY_ADDRESS):
        patience.check("b", "1.1.1.1")
        patience.failed(f"a{number}", "1.1.1.1")

    with pytest.raises(TooManyTries):
        patience.check("b", "1.1.1.1")
    patience.check("b", "2.2.2.2")


def test_success_and_time_forget() -> None:
    """The right password, or an hour, ends it."""
    watch = Watch()
    patience = Patience(watch)
    for _ in range(FREE_BY_NAME):
        patience.failed("a", "1.1.1.1")
    patience.succeeded("a")
    patience.check("a", "1.1.1.1")
    for _ in range(FREE_BY_NAME - 1):
        patience.failed("a", "1.1.1.1")
    watch.now += FORGOTTEN
    patience.failed("a", "1.1.1.1")

    patience.check("a", "1.1.1.1")

"""What a command says is kept as JSON, or refused where JSON would change it."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Unreadable
from engine.history import as_kept, canonical

KEPT = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc1", max_size=3), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


class Ward(Enum):
    """A place, as code would name it."""

    SEVEN_B = "Ward 7B"


@given(KEPT)
def test_what_json_holds_is_kept_in_its_one_byte_form_and_comes_back_as_it_was(value: object) -> None:
    """The engine sees exactly what history will hold, and history holds exactly what was said."""
    assert (canonical(value), value) == as_kept(value)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (float("nan"), "A number is not finite"),
        ({"weight": float("inf")}, "A number is not finite"),
        (2**63, "more than 64 bits"),
        ([-(2**63) - 1], "more than 64 bits"),
        (2**64, "more than 64 bits"),
        ({1: "one"}, "A key is not text"),
        ({"days": (1, 2)}, "A value of type tuple"),
        ({"weight": Decimal("71.2")}, "A value of type Decimal"),
        ([Ward.SEVEN_B], "A value of type Ward"),
        (b"bytes", "A value of type bytes"),
    ],
)
def test_what_json_would_change_is_refused_and_never_kept(value: object, says: str) -> None:
    """A value that would come back as another one is not kept (docs/adr/0003-history-format.md)."""
    with pytest.raises(Unreadable, match=says):
        as_kept(value)

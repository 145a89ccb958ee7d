"""The figures of an authority in a browser: no number is cut off."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

#: Whatever hides or scrolls a part of itself, but for what is said to screen readers alone: its words, cut at 60.
_CUT = """() => [...document.querySelectorAll('main *')]
  .filter(one => getComputedStyle(one).overflowX !== 'visible' && !one.closest('.govuk-visually-hidden, svg'))
  .filter(one => one.scrollWidth > one.clientWidth + 1)
  .map(one => (one.getAttribute('aria-label') || one.className) + ': ' + one.textContent.trim().slice(0, 60))"""


@pytest.mark.parametrize("authority", ["southwark", "camden"])
def test_no_number_of_the_figures_is_cut_off_at_1280_pixels(
    sign_in: Callable[..., Page], screenshot: Callable[[Page, str], Path], authority: str
) -> None:
    """A column that is cut shows 30 as 3: every table has the room that its numbers need."""
    page = sign_in("head_of_quality_assurance", authority)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/".join(page.url.split("/")[:3]) + "/dashboard")
    expect(page.get_by_role("heading", level=1)).to_have_text("Figures")

    assert [] == page.evaluate(_CUT)
    screenshot(page, f"figures of {authority}")

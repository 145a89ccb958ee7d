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


#: The references, clause ids and days of tables that stand in more than one line.
_BROKEN = r"""() => {
  const day = /\b\d{1,2} (?:Jan|Febr|March|April|May|June|July|Aug|Sept|Oct|Nov|Dec)[a-z]* \d{4}/g;
  const reference = /\b[A-Z]{3}-[0-9][0-9A-Za-z.-]*/g, broken = new Set();
  for (const table of document.querySelectorAll('main table')) {
    const words = document.createTreeWalker(table, NodeFilter.SHOW_TEXT);
    while (words.nextNode()) {
      const said = words.currentNode;
      if (said.parentElement.closest('.govuk-visually-hidden, .app-prose')) continue;
      for (const found of [...said.data.matchAll(day), ...said.data.matchAll(reference)]) {
        const place = document.createRange();
        place.setStart(said, found.index);
        place.setEnd(said, found.index + found[0].length);
        const lines = new Set([...place.getClientRects()].filter(one => one.width).map(one => Math.round(one.top)));
        if (lines.size > 1) broken.add(found[0]);
      }
    }
  }
  return [...broken];
}"""


@pytest.mark.parametrize("page_of", ["/audit/steps", "/in-tray", "/audit/find?role=conference_chair"])
def test_no_reference_and_no_day_is_broken_in_a_table_of_a_wide_page(
    sign_in: Callable[..., Page], page_of: str
) -> None:
    """At 1280 pixels each stands in one line; at half of that, and at 320, nothing is pushed off the screen."""
    page = sign_in("head_of_quality_assurance", "southwark")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/".join(page.url.split("/")[:3]) + page_of)
    expect(page.get_by_role("table").first).to_be_visible()

    assert [] == page.evaluate(_BROKEN)
    for width in (1024, 640, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert width >= page.evaluate("document.documentElement.scrollWidth")

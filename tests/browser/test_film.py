"""What a film shows of a long picture: a slice of it around what the step moved, of whole steps."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

#: Steps, events and questions of every picture that reach beyond its edge: which, by their ids.
CUT = """() => [...document.querySelectorAll('[data-drawn=yes]')].flatMap((place) => {
  const edge = place.querySelector('svg').getBoundingClientRect();
  return [...place.querySelectorAll('g.djs-shape')].filter((one) => {
    const box = one.querySelector('.djs-visual').getBoundingClientRect();
    if (!one.querySelector('.djs-visual > rect, .djs-visual > circle, .djs-visual > polygon')) return false;
    if (box.width > edge.width / 2 || box.height > edge.height / 2) return false;
    const meets = box.right > edge.left && box.left < edge.right && box.bottom > edge.top && box.top < edge.bottom;
    const slack = 4;
    return meets && (box.left < edge.left - slack || box.right > edge.right + slack
      || box.top < edge.top - slack || box.bottom > edge.bottom + slack);
  }).map((one) => one.dataset.elementId);
})"""


def test_a_slice_of_the_picture_cuts_no_step(sign_in: Callable[..., Page]) -> None:
    """Whoever watches a film sees every step of the slice whole, with its words, and not half of one at the edge."""
    page = sign_in("auditor", "southwark")
    page.goto(re.sub(r"(https?://[^/]+).*", r"\1/audit/find?role=conference_chair", page.url))
    page.get_by_role("table").get_by_role("link").first.click()
    page.wait_for_url(re.compile("/film"))
    film = page.url.partition("?")[0]
    sliced = 0
    for number in (2, 4, 6):
        page.goto(f"{film}?frame={number}")
        expect(page.locator("[data-diagram]:not([data-drawn])")).to_have_count(0)
        assert [] == page.evaluate(CUT), f"frame {number}"
        sliced += page.locator("[data-drawn=yes] g.djs-shape.mark-moved").count()
    assert sliced > 0


def test_a_printed_table_loses_no_column_at_the_edge_of_the_paper(sign_in: Callable[..., Page]) -> None:
    """Every step on paper shows each table whole, to the column that says whose rule each row is."""
    page = sign_in("auditor", "southwark")
    page.goto(re.sub(r"(https?://[^/]+).*", r"\1/audit/find?role=conference_chair", page.url))
    page.get_by_role("table").get_by_role("link").first.click()
    page.wait_for_url(re.compile("/film"))
    page.goto(f"{page.url.partition('?')[0]}/table")
    page.set_viewport_size({"width": 700, "height": 990})  # A4 with its margins, in the pixels of print
    page.emulate_media(media="print")
    edges = "(tables) => tables.map((one) => one.getBoundingClientRect().right)"
    found = page.locator(".app-decision").evaluate_all(edges)
    assert found
    assert max(found) <= 700

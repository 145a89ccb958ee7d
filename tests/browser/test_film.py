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

#: Of every picture: how many shapes that moved stand outside what is seen, how many the page says, and how many moved.
OUTSIDE = """() => [...document.querySelectorAll('[data-drawn=yes]')].map((place) => {
  const edge = place.querySelector('svg').getBoundingClientRect();
  const moved = [...place.querySelectorAll('g.djs-shape.mark-moved')].map((one) => one.querySelector('.djs-visual'));
  const outside = moved.map((one) => one.getBoundingClientRect()).filter((box) => box.left < edge.left - 3
    || box.right > edge.right + 3 || box.top < edge.top - 3 || box.bottom > edge.bottom + 3).length;
  const said = place.parentElement.querySelector('.diagram-outside')?.textContent || '';
  return [outside, said.startsWith('The one') ? 1 : Number.parseInt(said || '0', 10), moved.length];
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


def test_whatever_a_step_moved_stands_in_the_picture_or_the_page_says_how_much_does_not(
    sign_in: Callable[..., Page],
) -> None:
    """No step moves unseen: what the slice leaves out is counted above it, and its other parts are a press away."""
    page = sign_in("auditor", "southwark")
    page.goto(re.sub(r"(https?://[^/]+).*", r"\1/audit/find?role=conference_chair", page.url))
    page.get_by_role("table").get_by_role("link").first.click()
    page.wait_for_url(re.compile("/film"))
    film = page.url.partition("?")[0]
    for width, wide in ((1280, True), (320, False)):
        page.set_viewport_size({"width": width, "height": 900})
        left_out = 0
        for number in (2, 4, 6):
            page.goto(f"{film}?frame={number}")
            expect(page.locator("[data-diagram]:not([data-drawn])")).to_have_count(0)
            for outside, said, moved in page.evaluate(OUTSIDE):
                assert outside == said, f"frame {number} at {width}: {outside} of {moved} outside, {said} told"
                assert not wide or outside < moved or not moved, f"frame {number}: nothing that moved is seen"
                left_out += outside
        assert wide or left_out, "nothing was left out on the narrow page: choose frames that move more"
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{film}?frame=6")
    expect(page.locator("[data-diagram]:not([data-drawn])")).to_have_count(0)
    page.set_viewport_size({"width": 320, "height": 900})
    page.wait_for_function(f"() => ({OUTSIDE})().every(([outside, said]) => outside === said)")
    expect(page.locator(".diagram-outside:not(:empty)").first).to_be_visible()
    further = page.get_by_role("button", name="Next part").first
    before = page.evaluate("() => document.querySelector('g.viewport').getAttribute('transform')")
    further.click()
    assert before != page.evaluate("() => document.querySelector('g.viewport').getAttribute('transform')")


def test_a_film_that_is_opened_for_print_draws_its_picture(sign_in: Callable[..., Page]) -> None:
    """A page that begins as paper has its picture, and nothing goes wrong in drawing it."""
    page = sign_in("auditor", "southwark")
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.goto(re.sub(r"(https?://[^/]+).*", r"\1/audit/find?role=conference_chair", page.url))
    page.get_by_role("table").get_by_role("link").first.click()
    page.wait_for_url(re.compile("/film"))
    page.emulate_media(media="print")
    page.goto(f"{page.url.partition('?')[0]}?frame=2")
    expect(page.locator("[data-diagram][data-drawn=yes]").first).to_be_visible()
    expect(page.locator("[data-drawn=no]")).to_have_count(0)
    assert wrong == []


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


#: Words of a table, short enough for any column, whose letters stand on more than one line.
BROKEN = """(cells) => cells.flatMap((cell) => {
  const found = [], walk = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  for (let text = walk.nextNode(); text; text = walk.nextNode()) {
    if (text.parentElement.closest('.govuk-visually-hidden, code')) continue;
    for (const word of text.data.matchAll(/[A-Za-z]{2,10}/g)) {
      const range = document.createRange();
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map((one) => Math.round(one.top))).size > 1) found.push(word[0]);
    }
  }
  return found;
})"""


def test_no_short_word_of_a_printed_table_is_broken(sign_in: Callable[..., Page]) -> None:
    """'matched', 'before' and 'working days' stand whole on paper, and no table runs beyond the sheet for that."""
    page = sign_in("auditor")
    page.goto(re.sub(r"(https?://[^/]+).*", r"\1/audit/find?table=camden_route_table&row=7", page.url))
    page.get_by_role("table").get_by_role("link").first.click()
    page.wait_for_url(re.compile("/film"))
    film = f"{page.url.partition('?')[0]}/table"
    timeliness = re.sub(r"(https?://[^/]+).*", r"\1/audit/timeliness", page.url)
    for place, cells in (
        (timeliness, ".app-times :is(td, th)"),
        (film, ".app-decision:not(.app-decision--many) :is(td, th)"),
        (film, ".app-decision :is(thead th, tbody th)"),
    ):
        page.goto(place)
        page.set_viewport_size({"width": 700, "height": 990})  # A4 with its margins, in the pixels of print
        page.emulate_media(media="print")
        assert [] == page.locator(cells).evaluate_all(BROKEN), (place, cells)
        edges = "(tables) => tables.map((one) => one.getBoundingClientRect().right)"
        assert max(page.locator(".app-times, .app-decision").evaluate_all(edges)) <= 700, place


def test_a_printed_picture_is_cut_off_nowhere(sign_in: Callable[..., Page]) -> None:
    """On paper a film's and a heat map's picture are as wide as on the screen, only smaller, and stand on the sheet."""
    page = sign_in("auditor", "southwark")
    page.goto(re.sub(r"(https?://[^/]+).*", r"\1/audit/find?role=conference_chair", page.url))
    page.get_by_role("table").get_by_role("link").first.click()
    page.wait_for_url(re.compile("/film"))
    film = f"{page.url.partition('?')[0]}?frame=2"
    heat = re.sub(r"(https?://[^/]+).*", r"\1/audit/heat", page.url)
    page.goto(heat)
    page.get_by_role("main").locator("a[href*='release=']").first.click()
    page.wait_for_url(re.compile("release="))
    for place in (page.url, film):
        page.goto(place)
        page.set_viewport_size({"width": 1280, "height": 900})
        picture = page.locator("[data-diagram][data-drawn=yes]").first
        expect(picture).to_be_visible()
        wide = picture.evaluate("(one) => one.clientWidth")
        page.set_viewport_size({"width": 700, "height": 990})  # A4 with its margins, in the pixels of print
        page.emulate_media(media="print")
        expect(picture).to_be_visible()
        edges = picture.evaluate("(one) => [one.clientWidth, one.getBoundingClientRect().right]")
        assert wide * 0.95 <= edges[0] and edges[1] <= 700, place
        page.emulate_media(media="screen")


def test_words_of_any_length_never_push_a_narrow_film_sideways(sign_in: Callable[..., Page]) -> None:
    """A reference of 36 letters in a heading, a line or a list stays on a screen of 320 pixels."""
    page = sign_in("auditor", "southwark")
    page.goto(re.sub(r"(https?://[^/]+).*", r"\1/audit/find?role=conference_chair", page.url))
    page.get_by_role("table").get_by_role("link").first.click()
    page.wait_for_url(re.compile("/film"))
    page.set_viewport_size({"width": 320, "height": 900})
    for place in ("?frame=4", "/table"):
        page.goto(page.url.partition("?")[0] + place)
        lines = page.locator("main :is(h1, h2, h3, p, li, summary span)")
        assert lines.evaluate_all("(lines) => lines.map((one) => one.append(' ' + 'm'.repeat(36))).length") > 5
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, place


def playing(page: Page) -> str:
    """Play a film from its second step, in the page's own time; the address of that step."""
    page.goto(re.sub(r"(https?://[^/]+).*", r"\1/audit/find?role=conference_chair", page.url))
    page.get_by_role("table").get_by_role("link").first.click()
    page.wait_for_url(re.compile("/film"))
    film = page.url.partition("?")[0]
    page.clock.install()
    page.goto(f"{film}?frame=2&play=yes")
    expect(page.locator("[data-next]")).to_be_visible()
    return film


def test_a_film_that_plays_goes_on_by_itself_and_stands_still_from_the_press_of_stop_on(
    sign_in: Callable[..., Page],
) -> None:
    """Stop counts from the press, also while the page that it asks for is still on its way."""
    page = sign_in("auditor", "southwark")
    film = playing(page)
    page.clock.run_for(4_500)
    page.wait_for_url(f"{film}?frame=3&play=yes")
    expect(page.locator("[data-next]")).to_be_visible()
    asked_for: list[str] = []
    page.on("request", lambda request: asked_for.append(request.url))
    # The page that Stop asks for does not come: the network took the press and gives nothing back.
    page.evaluate("document.addEventListener('click', (press) => press.preventDefault())")
    page.get_by_role("link", name="Stop").click()
    page.clock.run_for(20_000)
    # A page that was asked for would have been asked for before this one.
    page.evaluate("() => fetch('/health').then(() => true)")
    assert f"{film}?frame=4&play=yes" not in asked_for
    page.goto(f"{film}?frame=3&play=yes")
    page.get_by_role("link", name="Stop").click()
    page.wait_for_url(f"{film}?frame=3")
    expect(page.get_by_role("link", name="Play")).to_be_visible()


def test_a_film_does_not_go_on_by_itself_where_the_device_asks_for_less_motion(sign_in: Callable[..., Page]) -> None:
    """What moves by itself stands still for whoever asked for that (WCAG 2.2, 2.2.2), and the page says so."""
    page = sign_in("auditor", "southwark", reduced_motion="reduce")
    film = playing(page)
    expect(page.locator("[data-next]")).to_contain_text("This device asks for less motion")
    asked_for: list[str] = []
    page.on("request", lambda request: asked_for.append(request.url))
    page.clock.run_for(20_000)
    assert f"{film}?frame=3&play=yes" not in asked_for
    assert page.url == f"{film}?frame=2&play=yes"

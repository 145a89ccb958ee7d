"""Shipped diagrams are drawn in a real browser, under the strictest content policy, with the maker's mark."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "webhooks" / "static" / "build"
POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

PROCESSES = ROOT / "processes"
DIAGRAMS = sorted(PROCESSES.rglob("*.bpmn"))


class _Shelf(SimpleHTTPRequestHandler):
    """Serves the built files and the pathways as the service does, without the service."""

    def __init__(self, *args, pages: dict[str, str], **more) -> None:
        self.pages = pages
        super().__init__(*args, **more)

    def do_GET(self) -> None:
        page = self.pages.get(self.path)
        if page is None:
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page.encode())

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, *args) -> None:
        pass


#: Whether an element has become so many pixels wide, and whether it is again as wide as it was.
WIDER = "([element, width]) => element.getBoundingClientRect().width > width"
AS_WIDE = "([element, width]) => Math.abs(element.getBoundingClientRect().width - width) < width / 100"


@pytest.fixture
def shelf() -> Iterator[Callable[[str], str]]:
    """Put a page's body on a shelf of this machine; gives its address."""
    names = {
        plain: name
        for plain, name in json.loads((BUILT / "manifest.json").read_text()).items()
        if "-editor" not in plain  # only pages of the studio load the editors
    }
    pages: dict[str, str] = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Shelf, pages=pages, directory=str(ROOT)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def put(body: str) -> str:
        built = {plain: f"/webhooks/static/build/{name}" for plain, name in names.items()}
        styles = "".join(
            f'<link rel="stylesheet" href="{href}">' for plain, href in built.items() if plain.endswith("css")
        )
        scripts = "".join(
            f'<script type="module" src="{src}"></script>' for plain, src in built.items() if plain.endswith("js")
        )
        pages["/page"] = (
            f'<!doctype html><html lang="en-GB" class="govuk-template"><head><title>A drawing</title>{styles}'
            f'<link rel="icon" href="{built["icon.svg"]}"></head><body class="govuk-template__body">'
            f'<main class="govuk-main-wrapper"><h1 class="govuk-heading-l">A drawing</h1>{body}</main>'
            f"{scripts}</body></html>"
        )
        return f"http://127.0.0.1:{server.server_port}/page"

    yield put
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("authority", sorted({diagram.relative_to(PROCESSES).parts[0] for diagram in DIAGRAMS}))
def test_every_shipped_diagram_is_drawn(page: Page, shelf, screenshot, accessible, authority):
    """The picture that runs is the picture that people see, named for a screen reader, and nothing is blocked."""
    for diagram in (each for each in DIAGRAMS if each.is_relative_to(PROCESSES / authority)):
        place = f'<div class="diagram" data-name="The picture" data-diagram="/{diagram.relative_to(ROOT)}"></div>'
        page.goto(shelf(place))
        page.locator("[data-drawn=yes]").wait_for()
        expect(page.get_by_role("img", name="The picture"), str(diagram)).to_have_count(1)
        expect(page.locator(".djs-shape").nth(2), str(diagram)).to_be_attached()
        screenshot(page, f"diagram {diagram.parent.name}")
    # What stands around a picture is the same for each: it is looked at closely once.
    accessible(page)


def test_marks_show_without_colour(page: Page, shelf, screenshot):
    """An open and a done step differ by their line, not by colour alone (WCAG 2.2, 1.4.1)."""
    diagram = DIAGRAMS[0]
    page.goto(shelf(f'<div class="diagram" data-diagram="/{diagram.relative_to(ROOT)}"></div>'))
    page.locator("[data-drawn=yes]").wait_for()
    steps = page.evaluate("[...document.querySelectorAll('.djs-shape[data-element-id]')].map(e => e.dataset.elementId)")
    tasks = [step for step in steps if not step.endswith("_label")][-2:]
    marks = json.dumps({"open": [tasks[0]], "done": [tasks[1]], "stopped": ["not_in_this_diagram"]})

    page.goto(shelf(f"<div class='diagram' data-diagram='/{diagram.relative_to(ROOT)}' data-marks='{marks}'></div>"))
    page.locator("[data-drawn=yes]").wait_for()
    line = "e => getComputedStyle(e.querySelector('.djs-visual > :first-child'))"
    opened = page.locator(f".mark-open[data-element-id={tasks[0]}]").evaluate(f"{line}.strokeWidth")
    done = page.locator(f".mark-done[data-element-id={tasks[1]}]").evaluate(f"{line}.strokeDasharray")
    assert ("5px", "8px, 3px") == (opened, done)
    screenshot(page, "diagram with marks")


def test_a_diagram_is_made_larger_from_the_keyboard(page: Page, shelf):
    """Whoever cannot use a wheel has buttons (WCAG 2.2, 2.1.1)."""
    page.goto(shelf(f'<div class="diagram" data-diagram="/{DIAGRAMS[0].relative_to(ROOT)}"></div>'))
    page.locator("[data-drawn=yes]").wait_for()
    task = page.locator(".djs-shape[data-element-id]").nth(3)
    before = task.bounding_box()

    page.get_by_role("button", name="Larger").focus()
    page.keyboard.press("Enter")
    page.wait_for_function(WIDER, arg=[task.element_handle(), before["width"] * 1.2])
    page.get_by_role("button", name="Whole picture").press("Enter")
    page.wait_for_function(AS_WIDE, arg=[task.element_handle(), before["width"]])


def test_the_makers_mark_is_seen(page: Page, shelf):
    """The licence of the diagram viewer asks that its mark stays visible, and nothing covers it."""
    page.goto(shelf(f'<div class="diagram" data-diagram="/{DIAGRAMS[0].relative_to(ROOT)}"></div>'))
    page.locator("[data-drawn=yes]").wait_for()

    mark = page.locator("a.bjs-powered-by")
    mark.scroll_into_view_if_needed()
    expect(mark).to_be_visible()
    assert mark.evaluate(
        "e => { const b = e.getBoundingClientRect();"
        " return e.contains(document.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2)) }"
    )


def test_a_diagram_that_cannot_be_fetched_says_so(page: Page, shelf):
    """Where the picture cannot be drawn, a sentence leads to the table of steps."""
    page.goto(shelf('<div class="diagram" data-diagram="/there/is/none.bpmn"></div>'))

    page.locator("[data-drawn=no]").wait_for()
    expect(page.get_by_text("The steps are listed in the table.")).to_be_visible()

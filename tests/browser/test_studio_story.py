"""An analyst without file access changes Southwark's objection window in a browser, and somebody else publishes it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect
from werkzeug.serving import make_server

from tests.support import small_southwark
from tests.support.house import PASSWORD, SECRET
from tests.support.small_southwark import LETTER_FORM, SILENCE, STEPS, TABLE, WINDOW, SmallSouthwark
from webhooks.app import create_app
from webhooks.settings import Settings

# The checks, proofs and scenarios of a whole folder are done before some of these pages answer.
expect.set_options(timeout=60_000)


class Served(SmallSouthwark):
    """Southwark being served, and its people's browsers."""

    address = ""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Southwark's folder made small, served by threads."""
    drawn_up = small_southwark.draw_up(tmp_path_factory.mktemp("drawn-up"))
    council = Served(drawn_up, tmp_path_factory.mktemp("served"))
    app = create_app(council.casework, Settings(secret=SECRET, secure=False))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    council.address = f"http://127.0.0.1:{server.server_port}"
    yield council
    server.shutdown()
    thread.join()
    server.server_close()
    council.store.close()


@pytest.fixture
def enter(served: Served, new_context: Callable[..., BrowserContext]) -> Iterator[Callable[..., Page]]:
    """A browser of somebody's own, signed in; nothing may be said on its console as an error."""
    said: list[str] = []

    def sign_in(role: str, *, refused: str = "nothing") -> Page:
        # A browser says itself on the console what was refused: where a test asks for that, it names the address.
        context = new_context()
        context.set_default_timeout(60_000)
        context.on(
            "console",
            lambda one: said.append(one.text) if one.type == "error" and refused not in one.location["url"] else None,
        )
        page = context.new_page()
        page.goto(f"{served.address}/sign-in")
        page.locator("#login").fill(served.login(role))
        page.locator("#password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        return page

    yield sign_in
    assert [] == said


#: The words of a table's cells that stand on more than one line.
BROKEN = """[...document.querySelectorAll('.app-decision code')].flatMap(cell => {
  const text = cell.firstChild, range = document.createRange(), found = [];
  for (const word of text.data.matchAll(/\\w+/g)) {
    range.setStart(text, word.index);
    range.setEnd(text, word.index + word[0].length);
    if (range.getClientRects().length > 1) found.push(word[0]);
  }
  return found;
})"""


def press(page: Page, words: str) -> None:
    """Press a button once it is there, and wait for the page that follows."""
    button = page.get_by_role("button", name=words).first
    expect(button).to_be_enabled()
    with page.expect_navigation():
        button.click()


def address(page: Page, pattern: str) -> str:
    """The page's address, once it is one of these."""
    expect(page).to_have_url(re.compile(pattern))
    return page.url


def written(field: Locator, words: str) -> str:
    """What stands in a field, once these words do."""
    expect(field).to_have_value(re.compile(re.escape(words)))
    return field.input_value()


def run_all(page: Page, said: str) -> None:
    """Run every scenario that waits; the pages between follow by themselves, until the list says this of all."""
    page.get_by_role("button", name="Run those that wait").first.click(no_wait_after=True)
    # As long as a machine takes that does much else meanwhile.
    expect(page.get_by_role("status").first).to_contain_text(f"{said}, 0 to be run", timeout=300_000)


def looked_at(page: Page, accessible: Callable[..., None], screenshot: Callable[[Page, str], Path], name: str) -> None:
    """axe finds nothing, nothing leaves the screen at 320 pixels, and the picture is kept."""
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 900})
        expect(page.locator("html[data-ready]")).to_be_attached()
        expect(page.locator("[data-diagram]:not([data-drawn])")).to_have_count(0)
        expect(page.locator("[data-drawn=no]")).to_have_count(0)
        accessible(page)
        screenshot(page, f"studio {name} {width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.set_viewport_size({"width": 1280, "height": 900})


def test_an_objection_window_is_changed_tried_submitted_approved_and_used(served, enter, accessible, screenshot):
    """Told of the gap, mended, tried, submitted, approved by another; a new case runs on it, an old one stays."""
    old = served.start("OLD")
    page = enter("analyst")
    page.get_by_role("link", name="Studio").first.click()
    page.get_by_label("What is a new draft to change?").fill("A longer time for objections")
    press(page, "Begin a draft")
    draft = address(page, r"/studio/drafts/\d+$")
    looked_at(page, accessible, screenshot, "draft")

    # Twelve working days instead of ten, and a question more.
    page.goto(f"{draft}/{STEPS}/parameters")
    page.get_by_label("Default of Working days in which agencies may object").fill("12")
    press(page, "Change the default of Working days in which agencies may object")
    page.goto(f"{draft}/southwark_executive_decision/checks")
    # No words of the pathway say the number themselves, so that none is left behind.
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("was 10 and is 12")).to_have_count(0)
    looked_at(page, accessible, screenshot, "former number")
    page.goto(f"{draft}/{STEPS}/question?path={LETTER_FORM}&key=channel&new=yes")
    page.get_by_label("Name of the answer").fill("read_by")
    page.get_by_label("Kind of answer").select_option("One line of text")
    page.get_by_label("The question").fill("Who read the letter before it left?")
    press(page, "Keep the question")
    expect(page.locator(".app-preview")).to_contain_text("Who read the letter before it left?")

    # A row narrowed leaves a gap, which is told; the row that closes it is added.
    row = f"{draft}/{WINDOW}/row?path={TABLE}&decision=southwark_after_objection"
    page.goto(f"{row}&row=5")
    page.locator("[name=cell-1]").fill("false")
    press(page, "Keep the row")
    expect(page.get_by_role("status").first).to_contain_text("Gap:")
    looked_at(page, accessible, screenshot, "gap")
    page.goto(f"{row}&row=5&new=yes")
    page.locator("[name=cell-4]").fill('"WAIT"')
    page.locator("[name=said]").fill("[reading] SOU-9.9: nothing is known")
    press(page, "Keep the row")
    expect(page.get_by_role("status").first).to_contain_text("Proved")

    # A step named anew, in the outline, is what the pictures will show.
    page.goto(f"{draft}/{STEPS}/step?step=request_executive_decision")
    page.get_by_label("Words on the diagram").fill("Ask for an executive decision, in writing")
    press(page, "Keep the step")

    # Tried on a made-up child, with the real form.
    page.goto(f"{draft}/southwark_executive_decision/trials")
    page.get_by_label("A child as in the scenario").select_option(SILENCE)
    press(page, "Begin a trial")
    expect(page.get_by_role("heading", name="To be done now")).to_be_visible()
    press(page, "Let it pass")
    expect(page.get_by_role("status").first).to_contain_text("3 March 2026")
    looked_at(page, accessible, screenshot, "trial")
    page.get_by_role("link", name="Ask for an executive decision, in writing").click()
    expect(page.get_by_role("button", name="Complete it in this trial")).to_be_visible()
    looked_at(page, accessible, screenshot, "trial task")

    # The scenario that says ten days is told of, and changed with the rule.
    page.goto(f"{draft}/{STEPS}/scenarios")
    run_all(page, "1 failed")
    page.goto(f"{draft}/{STEPS}/scenario?path={SILENCE}")
    text = page.locator("textarea#text")
    text.fill(written(text, "2026-03-17").replace("2026-03-17", "2026-03-19"))
    press(page, "Keep")
    page.goto(f"{draft}/{STEPS}/scenarios")
    run_all(page, "0 failed")

    page.goto(f"{served.address}/studio")
    page.get_by_label("What is a new draft to change?").fill("Something that others publish under it")
    press(page, "Begin a draft")
    other = address(page, r"/studio/drafts/\d+$")

    page.goto(f"{draft}/{STEPS}/compare")
    expect(page.locator("[data-diagram] .mark-changed").first).to_be_attached()
    looked_at(page, accessible, screenshot, "comparison")
    page.goto(f"{draft}/{STEPS}/submit")
    page.get_by_label("Why is this to be published?").fill("The policy gives twelve days now.")
    press(page, "Submit for approval")
    submission = address(page, r"/studio/submissions/\d+$")
    expect(page.get_by_role("button", name="Approve and publish")).to_have_count(0)

    head = enter("head_of_quality_assurance")
    head.goto(submission)
    expect(head.get_by_text("Who read the letter before it left?").first).to_be_visible()
    looked_at(head, accessible, screenshot, "submission")
    press(head, "Approve and publish")
    expect(head.get_by_text("Published. New cases start on it")).to_be_visible()

    expect(head.get_by_role("heading", name="What it changed")).to_be_visible()
    looked_at(head, accessible, screenshot, "submission decided")
    page.goto(other)
    expect(page.get_by_text("Others published since this draft began")).to_be_visible()
    looked_at(page, accessible, screenshot, "draft that others published under")

    new = served.start("LATER")
    assert new != old and old == served.release_of("OLD")
    for release, days in ((new, 12), (old, 10)):
        assert served.shelf.release("southwark", release).parameters["objection_days"].default == days


def test_what_goes_and_what_comes_is_marked_on_the_pictures(served, enter, accessible, screenshot):
    """A removed step is shown on the published picture, an added one on the draft’s; never by colour alone."""
    page = enter("analyst")
    page.goto(f"{served.address}/studio")
    page.get_by_label("What is a new draft to change?").fill("Fewer steps")
    press(page, "Begin a draft")
    draft = address(page, r"/studio/drafts/\d+$")
    page.goto(f"{draft}/{STEPS}/step?step=request_executive_decision")
    page.get_by_label("Id", exact=True).fill("tell_the_school")
    page.get_by_label("What is to be done").fill("Tell the school")
    press(page, "Add it")
    page.goto(f"{draft}/{STEPS}/step?step=request_executive_decision")
    press(page, "Remove this step")
    page.goto(f"{draft}/{STEPS}/compare")
    expect(page.locator("[data-diagram*='state=published'] .mark-removed").first).to_be_attached()
    expect(page.locator("[data-diagram]:not([data-diagram*='state=published']) .mark-added").first).to_be_attached()
    looked_at(page, accessible, screenshot, "pictures")

    page.goto(f"{draft.rpartition('?')[0] or draft}/diagram-in")
    looked_at(page, accessible, screenshot, "diagram in")
    page.goto(f"{draft}/new-pathway")
    looked_at(page, accessible, screenshot, "new pathway")


def test_a_letter_reads_beside_what_is_typed(served, enter, accessible, screenshot):
    """The preview follows the typing: not a letter of it is lost, an error stands there in words, nothing is saved."""
    page = enter("analyst")
    page.goto(f"{served.address}/studio")
    page.get_by_label("What is a new draft to change?").fill("Plainer words")
    press(page, "Begin a draft")
    draft = address(page, r"/studio/drafts/\d+$")
    page.goto(f"{draft}/{STEPS}/letters")
    page.get_by_role("link", name="consultation").first.click()
    text, shown = page.get_by_label("The letter"), page.locator("[data-read]")
    before = written(text, "{=")
    text.focus()
    page.keyboard.press("Control+End")
    page.keyboard.type("\n\nWe ask you about {= case.name} today.", delay=20)
    expect(shown).to_contain_text("We ask you about Sam Sample today.")
    expect(page.locator("[data-reading]")).to_have_text("As typed.")
    expect(text).to_be_focused()
    page.keyboard.type("\n\nAnd {= case.", delay=20)
    expect(shown).to_contain_text("Refused")
    page.keyboard.type("name} once more.", delay=20)
    expect(shown).to_contain_text("And Sam Sample once more.")
    expect(shown).not_to_contain_text("Refused")
    added = "\n\nWe ask you about {= case.name} today.\n\nAnd {= case.name} once more."
    assert before + added == text.input_value()
    looked_at(page, accessible, screenshot, "letter as it is typed")

    # Another page does not take the text along unasked.
    asked: list[str] = []
    page.on("dialog", lambda one: (asked.append(one.type), one.dismiss()))
    page.get_by_role("link", name="All letters").click()
    page.wait_for_function("() => true")
    assert ["beforeunload"] == asked
    assert "We ask you about" in text.input_value()
    press(page, "Keep the letter")
    page.get_by_role("link", name="All letters").click()
    expect(page).to_have_url(re.compile("/letters$"))
    assert ["beforeunload"] == asked, "what is kept is left without a question"


def test_a_preview_that_does_not_come_says_so_and_keeps_the_text(served, enter):
    """Where the service does not render it, the page says that the preview is not what is typed; the text stays."""
    page = enter("analyst", refused="/letter/reads")
    page.goto(f"{served.address}/studio")
    page.get_by_label("What is a new draft to change?").fill("Plainer words still")
    press(page, "Begin a draft")
    page.goto(f"{address(page, r'/studio/drafts/[0-9]+$')}/{STEPS}/letters")
    page.get_by_role("link", name="consultation").first.click()
    expect(page.locator("[data-reading]")).to_have_text("Follows what you type.")
    page.evaluate("document.querySelector('form[data-reads] [name=path]').value = 'southwark/gone.md'")
    page.get_by_label("The letter").fill("Dear colleague")
    expect(page.locator("[data-reading]")).to_contain_text("This is not how it reads now: Draft")
    expect(page.locator("[data-reading]")).to_contain_text("What you typed is still here")
    expect(page.get_by_label("The letter")).to_have_value("Dear colleague")


def test_a_table_breaks_no_word_and_a_letter_scrolls_for_whoever_only_reads_it(served, enter, accessible, screenshot):
    """A value broken inside the word is misread; a letter longer than its frame is read without a mouse (2.1.1)."""
    page = enter("analyst")
    page.goto(f"{served.address}/studio")
    page.get_by_label("What is a new draft to change?").fill("A table and a letter to be read")
    press(page, "Begin a draft")
    draft = address(page, r"/studio/drafts/\d+$")
    page.goto(f"{draft}/{WINDOW}/table?path={TABLE}&decision=southwark_after_objection")
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert [] == page.evaluate(BROKEN), width
    looked_at(page, accessible, screenshot, "table")

    head = enter("head_of_quality_assurance")
    head.goto(f"{draft}/{STEPS}/letters")
    head.locator("ul.app-things a").first.click()
    head.set_viewport_size({"width": 1280, "height": 400})
    live = head.locator(".app-live")
    expect(live).to_be_visible()
    assert live.evaluate("part => part.scrollHeight > part.clientHeight")
    accessible(head)

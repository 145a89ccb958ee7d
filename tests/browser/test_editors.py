"""The editors of the studio in a real browser: unchanged files stay as they are, and nothing that is drawn is lost."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from werkzeug.serving import make_server

from engine.casework import Practitioner, Shelf
from engine.casework.published import sum_up_one
from engine.execution.allowed import ALLOWED, DRAWING
from engine.store import open_store
from engine.studio.house_style import in_house_style
from engine.studio.publishing import Studio
from tests.support import house as houses
from tests.support.house import PASSWORD, ROOT, House

# A save waits for a pause of whoever draws, and the checks and proofs of a whole pathway are done before it answers.
expect.set_options(timeout=30_000)

PROCESSES = ROOT / "processes"
PATHWAY = "camden_admin_removal"
HOME = f"camden/{PATHWAY}"
DIAGRAM, TABLE = f"{HOME}/pathway.bpmn", f"{HOME}/decisions/camden_admin_eligibility.dmn"
FORM = f"{HOME}/forms/agree_s20_removal.form"
#: What opens a file in the editor of its kind and gives it back as it would be saved.
AGAIN = {
    "bpmn": "async text => { const {modeler} = document.querySelector('.app-editor');"
    " await modeler.importXML(text); return (await modeler.saveXML({format: true})).xml; }",
    "dmn": "async text => { const {modeler} = document.querySelector('.app-editor');"
    " await modeler.importXML(text); return (await modeler.saveXML({format: true})).xml; }",
    "form": "async text => { const {editor} = document.querySelector('.app-editor');"
    " await editor.importSchema(JSON.parse(text)); return JSON.stringify(editor.saveSchema(), null, 2); }",
}
RENAME = (
    "([id, name]) => { const {modeler} = document.querySelector('.app-editor');"
    " modeler.get('modeling').updateProperties(modeler.get('elementRegistry').get(id), {name}); }"
)


class Workshop:
    """Camden's house being served, with a draft and a second analyst."""

    def __init__(self, address: str, house: House, draft: int) -> None:
        self.address, self.house, self.draft = address, house, draft

    @property
    def studio(self) -> Studio:
        return Studio(self.house.store, self.house.shelf, self.house.clock)

    @property
    def analyst(self) -> Practitioner:
        return self.house.person("analyst")

    def body(self, path: str) -> bytes:
        return self.studio.open(self.analyst, self.draft).body(path)

    def version(self, path: str) -> int:
        return self.studio.open(self.analyst, self.draft).version(path)


@pytest.fixture(scope="module")
def blueprint(tmp_path_factory: pytest.TempPathFactory) -> houses.Blueprint:
    """A database with Camden published, looked at by the worker as any is, and its people appointed."""
    drawn_up = houses.draw_up(tmp_path_factory.mktemp("blueprint"))
    store = open_store(f"sqlite:///{drawn_up.folder / 'house.db'}", keys=drawn_up.folder / "keys")
    shelf = Shelf(store)
    while sum_up_one(store, shelf):
        pass
    store.close()
    return drawn_up


@pytest.fixture
def workshop(blueprint: houses.Blueprint, tmp_path: Path) -> Iterator[Workshop]:
    """A house of this test's own, served by threads, with one empty draft."""
    house = houses.build(blueprint, tmp_path)
    draft = Studio(house.store, house.shelf, house.clock).begin(house.person("analyst"), "A test’s draft")
    server = make_server("127.0.0.1", 0, house.app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Workshop(f"http://127.0.0.1:{server.server_port}", house, draft.number)
    server.shutdown()
    thread.join()
    server.server_close()
    house.store.close()


@pytest.fixture
def analyst(workshop: Workshop, new_context: Callable[..., BrowserContext]) -> Iterator[Callable[[], Page]]:
    """A browser of an analyst, signed in; nothing may be said on its console as an error or a warning."""
    said: list[str] = []

    def enter() -> Page:
        context = new_context()
        context.on("console", lambda one: said.append(one.text) if one.type in ("error", "warning") else None)
        page = context.new_page()
        page.goto(f"{workshop.address}/sign-in")
        if page.locator("select#authority").count():
            page.locator("#authority").select_option("camden")
        page.locator("#login").fill(workshop.house.login("analyst"))
        page.locator("#password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        return page

    yield enter
    # A refusal to save over somebody else's version is an answer (409), which browsers tell of as an error.
    assert [] == [one for one in said if "409" not in one]


def open_editor(page: Page, workshop: Workshop, path: str) -> None:
    """Open the editor of a file and wait until it can be drawn in."""
    page.goto(f"{workshop.address}/studio/drafts/{workshop.draft}/{PATHWAY}/editor?path={path}")
    page.locator("html[data-editor=ready]").wait_for(state="attached")


def test_every_shipped_file_opened_and_saved_stays_as_it_is(workshop, analyst):
    """Who only looks changes nothing: not an id, not an order, not a quotation mark, in any diagram, table or form."""
    page = analyst()
    changed = []
    for path in (DIAGRAM, TABLE, FORM):
        open_editor(page, workshop, path)
        kind = path.rpartition(".")[2]
        shipped = sorted(PROCESSES.rglob(f"*.{kind}"))
        assert len(shipped) > 30
        for file in shipped:
            before = file.read_bytes()
            saved = page.evaluate(AGAIN[kind], before.decode("utf-8"))
            if in_house_style(file.name, saved.encode("utf-8"), before) != before:
                changed.append(str(file.relative_to(PROCESSES)))
    assert [] == changed


@pytest.mark.parametrize("path", [DIAGRAM, TABLE, FORM])
def test_each_editor_opens_accessible_with_its_makers_mark(workshop, analyst, accessible, screenshot, path):
    """The mark of bpmn.io stays fully visible (its licence); axe finds nothing; only here styles may stand inline."""
    page = analyst()
    open_editor(page, workshop, path)
    mark = page.locator("a.bjs-powered-by, a.fjs-powered-by-link, .powered-by a, a[href*='bpmn.io']").first
    expect(mark).to_be_visible()
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    assert box is not None and box["width"] > 20 and box["height"] > 10
    middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    assert page.evaluate(
        "([x, y]) => Boolean(document.elementFromPoint(x, y).closest(\"a[href*='bpmn.io'], .fjs-powered-by\"))", middle
    )
    screenshot(page, f"editor {path.rpartition('.')[2]}")
    accessible(page)


def test_a_changed_name_is_saved_by_itself_as_one_changed_line(workshop, analyst):
    """After a pause the diagram is kept; whoever compares versions sees the line that changed and no other."""
    page = analyst()
    open_editor(page, workshop, DIAGRAM)
    before = workshop.body(DIAGRAM)
    page.evaluate(RENAME, ["decide_admin_removal", "Decide on the removal, with reasons"])
    expect(page.locator("[data-status=saved]")).to_be_visible()
    after = workshop.body(DIAGRAM)
    lines = set(after.decode().splitlines()) - set(before.decode().splitlines())
    assert 1 == len(lines) and "Decide on the removal, with reasons" in lines.pop()
    assert len(before.splitlines()) == len(after.splitlines())
    assert 1 == workshop.version(DIAGRAM)


def test_two_analysts_at_once_are_told_and_lose_nothing(workshop, analyst, screenshot):
    """Who saves second sees both versions and chooses; the other's version stays kept."""
    first, second = analyst(), analyst()
    for page in (first, second):
        open_editor(page, workshop, DIAGRAM)
    first.evaluate(RENAME, ["decide_admin_removal", "As the first says"])
    expect(first.locator("[data-status=saved]")).to_be_visible()
    second.evaluate(RENAME, ["decide_admin_removal", "As the second says"])
    expect(second.get_by_role("heading", name="Two people changed this file")).to_be_visible()
    expect(second.locator(".app-both li")).to_contain_text("has “As the first says”, you have “As the second says”")
    expect(second.get_by_label("Yours")).to_have_value(re.compile("As the second says"))
    expect(second.get_by_label("Theirs")).to_have_value(re.compile("As the first says"))
    screenshot(second, "editor two at once")
    assert b"As the first says" in workshop.body(DIAGRAM)
    second.get_by_role("button", name="Keep yours as the newest version").click()
    expect(second.locator("[data-status=saved]")).to_be_visible()
    assert b"As the second says" in workshop.body(DIAGRAM)
    versions = workshop.studio.versions(workshop.analyst, workshop.draft, DIAGRAM)
    assert 2 == len(versions) and b"As the first says" in (versions[1].body or b"")


def test_what_a_closed_tab_had_not_saved_is_offered_again(workshop, analyst):
    """A tab closed before the pause was over takes nothing with it."""
    page = analyst()
    open_editor(page, workshop, DIAGRAM)
    page.evaluate(RENAME, ["decide_admin_removal", "Typed and not saved"])
    expect(page.locator("html[data-kept-here]")).to_be_attached()
    page.close()
    again = page.context.new_page()
    open_editor(again, workshop, DIAGRAM)
    assert 0 == workshop.version(DIAGRAM)
    again.get_by_role("button", name="Take them up again").click()
    expect(again.locator("[data-status=saved]")).to_be_visible()
    assert b"Typed and not saved" in workshop.body(DIAGRAM)


def test_a_tab_closed_in_the_middle_of_a_word_asks_and_loses_nothing(workshop, analyst):
    """A panel's field tells the editor of a word only after a while: it counts from its first letter on."""
    page = analyst()
    open_editor(page, workshop, DIAGRAM)
    page.evaluate(
        "() => { const {modeler} = document.querySelector('.app-editor');"
        " modeler.get('selection').select(modeler.get('elementRegistry').get('decide_admin_removal')); }"
    )
    page.locator("[data-group-id=group-casework] .bio-properties-panel-group-header-title").click()
    field = page.locator("[data-entry-id=casework-help] textarea")
    expect(field).to_be_visible()
    field.focus()
    with page.expect_event("dialog") as asked:
        page.on("dialog", lambda dialog: dialog.accept())
        # The letter and the closing come in one breath, before any field has waited.
        page.evaluate("() => { document.execCommand('insertText', false, 'Typed at the very last. '); }")
        page.close(run_before_unload=True)
    assert "beforeunload" == asked.value.type
    again = page.context.new_page()
    open_editor(again, workshop, DIAGRAM)
    expect(again.locator("[data-left]")).to_be_visible()
    again.get_by_role("button", name="Take them up again").click()
    expect(again.locator("[data-status=saved]")).to_be_visible()
    assert b"Typed at the very last." in workshop.body(DIAGRAM)


def test_nothing_that_would_not_run_is_offered(workshop, analyst):
    """The replace menu of every kind of step leads only to what the engine's allow-list knows."""
    page = analyst()
    open_editor(page, workshop, DIAGRAM)
    offered: dict[str, list[str]] = page.evaluate(
        "() => { const {modeler} = document.querySelector('.app-editor'), menu = modeler.get('popupMenu');"
        " const found = {};"
        " for (const element of modeler.get('elementRegistry').getAll()) {"
        "   if (element.labelTarget || !element.parent) continue;"
        "   found[element.type] = [...(found[element.type] || []),"
        "     ...Object.keys(menu._getEntries(element, menu._getProviders('bpmn-replace')))]; }"
        " return found; }"
    )
    refused = [
        f"{kind}: {entry}"
        for kind, entries in offered.items()
        for entry in set(entries)
        if any(word in entry for word in ("complex", "ad-hoc", "transaction", "compensation", "conditional-", "cancel"))
        and entry != "replace-with-conditional-flow"
    ]
    assert [] == refused
    assert "replace-with-service-task" in offered["bpmn:UserTask"]
    assert any("timer" in entry for entry in offered["bpmn:BoundaryEvent"])
    assert {"userTask", "boundaryEvent"} <= set(ALLOWED) and "textAnnotation" in DRAWING


def test_a_row_taken_out_of_a_table_leaves_a_gap_that_is_told(workshop, analyst, screenshot):
    """The prover speaks after every save, in words, below the table."""
    page = analyst()
    open_editor(page, workshop, TABLE)
    expect(page.locator("[data-proofs] [data-sound=true]")).to_be_visible()
    page.evaluate(
        "() => { const viewer = document.querySelector('.app-editor').modeler.getActiveViewer();"
        " const rows = viewer.get('sheet').getRoot().rows; viewer.get('modeling').removeRow(rows[rows.length - 1]); }"
    )
    expect(page.locator("[data-status=saved]")).to_be_visible()
    expect(page.locator("[data-proofs] [data-sound=false]")).to_be_visible()
    expect(page.locator(".app-finding[data-severity=refusal]").first).to_be_visible()
    screenshot(page, "editor gap")


def test_a_changed_question_is_shown_as_people_will_see_it(workshop, analyst):
    """The preview is the server's own page of the form as it stands in the editor, before it is saved and after."""
    page = analyst()
    open_editor(page, workshop, FORM)
    expect(page.locator("[data-shown] .govuk-radios").first).to_be_visible()
    page.locator(".fjs-form-field-textarea").first.click()
    page.locator(".bio-properties-panel-group-header-title", has_text="Casework").click()
    page.locator("#bio-properties-panel-casework-answer").select_option("list")
    expect(page.locator("[data-shown]")).to_contain_text("Write each on a line of its own")
    expect(page.locator("[data-status=saved]")).to_be_visible()
    kept: dict[str, Any] = json.loads(workshop.body(FORM))
    assert ["list"] == [one["properties"].get("answer") for one in kept["components"] if one["type"] == "textarea"]
    assert "exporter" not in kept and all("layout" not in one for one in kept["components"])


def test_a_step_is_kept_from_the_doers_of_several_others(workshop, analyst):
    """Each is picked from the steps of the diagram and joins those that stand there; none takes another's place."""
    page = analyst()
    open_editor(page, workshop, DIAGRAM)
    page.evaluate(
        "() => { const {modeler} = document.querySelector('.app-editor');"
        " modeler.get('selection').select(modeler.get('elementRegistry').get('end_cp_episode')); }"
    )
    page.locator("[data-group-id=group-casework] .bio-properties-panel-group-header-title").click()
    kept_from = page.locator("[data-entry-id=casework-not_same_person_as] input")
    page.locator("#bio-properties-panel-casework-add-apart").select_option("draft_removal_letter")
    expect(kept_from).to_have_value("draft_removal_letter")
    page.locator("#bio-properties-panel-casework-add-apart").select_option("decide_admin_removal")
    expect(kept_from).to_have_value("draft_removal_letter decide_admin_removal")
    expect(page.locator("[data-status=saved]")).to_be_visible()
    assert b'"casework:not_same_person_as" value="draft_removal_letter decide_admin_removal"' in workshop.body(DIAGRAM)


def test_a_step_of_the_process_itself_may_also_be_carried_out_when_the_pathway_is_taken_back(workshop, analyst):
    """It is offered where it is heeded; on a step inside another the engine would refuse it."""
    page = analyst()
    open_editor(page, workshop, DIAGRAM)
    page.evaluate(
        "() => { const {modeler} = document.querySelector('.app-editor'), factory = modeler.get('bpmnFactory');"
        " const pool = modeler.get('elementRegistry').find(one => one.type === 'bpmn:Participant');"
        " const kept = factory.create('zeebe:TaskDefinition', {type: 'record_facts'});"
        " const holder = factory.create('bpmn:ExtensionElements', {values: [kept]});"
        " const businessObject = factory.create('bpmn:ServiceTask', {name: 'Note it', extensionElements: holder});"
        " const task = modeler.get('elementFactory').createShape({type: 'bpmn:ServiceTask', businessObject});"
        " modeler.get('modeling').createShape(task, {x: pool.x + 300, y: pool.y + 60}, pool);"
        " modeler.get('selection').select(task); }"
    )
    page.locator("[data-group-id=group-casework] .bio-properties-panel-group-header-title").click()
    page.locator("#bio-properties-panel-casework-when_taken_back").select_option("yes")
    expect(page.locator("[data-status=saved]")).to_be_visible()
    assert b'"casework:when_taken_back" value="yes"' in workshop.body(DIAGRAM)
    page.evaluate(
        "() => { const {modeler} = document.querySelector('.app-editor');"
        " modeler.get('selection').select(modeler.get('elementRegistry').get('record_checked_fact')); }"
    )
    expect(page.locator("[data-entry-id=casework-label]")).to_be_attached()
    expect(page.locator("#bio-properties-panel-casework-when_taken_back")).to_have_count(0)


def test_what_the_checks_find_stands_on_the_element(workshop, analyst, screenshot):
    """A form that is not there: a mark on the task and the mend below, gone when it is mended."""
    page = analyst()
    open_editor(page, workshop, DIAGRAM)
    set_form = (
        "form => { const {modeler} = document.querySelector('.app-editor');"
        " const element = modeler.get('elementRegistry').get('check_fact'), bo = element.businessObject;"
        " const held = bo.extensionElements.values.find(one => one.$type === 'zeebe:FormDefinition');"
        " modeler.get('modeling').updateModdleProperties(element, held, {formId: form}); }"
    )
    mark = page.locator("[data-container-id=check_fact] .app-mark")
    expect(mark).to_have_count(0)
    page.evaluate(set_form, "no_such_form")
    expect(mark).to_be_visible()
    expect(mark).to_have_attribute("data-severity", "refusal")
    expect(page.locator(".app-finding", has_text="no_such_form").first).to_contain_text("Add forms/no_such_form.form")
    screenshot(page, "editor finding")
    page.evaluate(set_form, "")
    expect(page.locator(".app-finding", has_text="Its form is not chosen").first).to_be_visible()
    expect(mark).to_be_visible()
    page.evaluate(set_form, "check_fact")
    expect(mark).to_have_count(0)


def test_an_expression_is_completed_from_what_can_be_read(workshop, analyst):
    """Typing the first letters of a fact, a parameter or an answer offers it, with what it is."""
    page = analyst()
    open_editor(page, workshop, DIAGRAM)
    page.evaluate(
        "() => { const {modeler} = document.querySelector('.app-editor');"
        " modeler.get('selection').select(modeler.get('elementRegistry').get('decide_admin_removal')); }"
    )
    page.locator("[data-group-id=group-assignmentDefinition] .bio-properties-panel-group-header-title").click()
    field = page.locator("[data-entry-id=taskScheduleDueDate] .cm-content")
    field.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" + parameters.days_to_ag", delay=20)
    expect(page.locator(".cm-tooltip-autocomplete")).to_contain_text("days_to_agree")


def test_the_engine_judges_what_is_written_in_a_field(workshop, analyst, screenshot):
    """A right expression is never called wrong, the engine's own functions included; a wrong one says what is wrong."""
    page = analyst()
    open_editor(page, workshop, DIAGRAM)
    page.evaluate(
        "() => { const {modeler} = document.querySelector('.app-editor');"
        " modeler.get('selection').select(modeler.get('elementRegistry').get('decide_admin_removal')); }"
    )
    entry = page.locator("[data-entry-id=taskScheduleDueDate]")
    wrong = entry.locator(".bio-properties-panel-error, .cm-lintRange-error")
    with page.expect_response(re.compile("/editor/expression$")):
        page.locator("[data-group-id=group-assignmentDefinition] .bio-properties-panel-group-header-title").click()
    expect(entry.locator(".cm-content")).to_contain_text("working days after(")
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(wrong).to_have_count(0)
    entry.locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" + working days be", delay=20)
    expect(page.locator(".cm-tooltip-autocomplete")).to_contain_text("working days between")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("months after(today(), 2) + ")
    expect(entry.locator(".bio-properties-panel-error")).to_have_text("The text ends where a value should stand.")
    expect(entry.locator(".cm-lintRange-error")).to_have_text("+")
    screenshot(page, "editor expression")
    page.keyboard.press("Control+A")
    with page.expect_response(re.compile("/editor/expression$")):
        page.keyboard.insert_text("months after(today(), 2)")
    expect(wrong).to_have_count(0)


def test_nobody_is_taken_out_of_a_field_while_they_type(workshop, analyst):
    """What is saved by itself meanwhile leaves the field, and every letter, to whoever writes in it."""
    page = analyst()
    open_editor(page, workshop, DIAGRAM)
    page.evaluate(
        "() => { const {modeler} = document.querySelector('.app-editor');"
        " modeler.get('selection').select(modeler.get('elementRegistry').get('decide_admin_removal')); }"
    )
    page.locator("[data-group-id=group-general] .bio-properties-panel-group-header-title").click()
    name = page.locator("#bio-properties-panel-name")
    expect(name).to_be_visible()
    page.evaluate(RENAME, ["agree_s20_removal", "A change that waits to be saved"])
    expect(page.locator("[data-status=unsaved]")).to_be_visible()
    name.fill("")
    # Slower than the rest after which a save comes by itself: several of them would fall into these letters.
    name.press_sequentially("Decide, in writing, with reasons", delay=130)
    expect(name).to_have_value("Decide, in writing, with reasons")
    expect(name).to_be_focused()
    expect(page.locator("[data-status=saved]")).to_be_visible()
    assert b'name="Decide, in writing, with reasons"' in workshop.body(DIAGRAM)


def test_the_canvas_of_a_narrow_screen_can_be_drawn_on(workshop, analyst, screenshot):
    """At 320 pixels the picture and the whole palette have their room, and the panel stands below them."""
    page = analyst()
    page.set_viewport_size({"width": 320, "height": 640})
    open_editor(page, workshop, DIAGRAM)
    canvas, palette, panel = page.locator(".djs-container"), page.locator(".djs-palette"), page.locator("[data-panel]")
    expect(palette).to_be_visible()
    boxes = [one.bounding_box() for one in (canvas, palette, panel)]
    drawn, tools, below = (box for box in boxes if box is not None)
    assert drawn["height"] >= 400
    assert tools["y"] >= drawn["y"] and tools["y"] + tools["height"] <= drawn["y"] + drawn["height"]
    assert below["y"] >= drawn["y"] + drawn["height"] - 1
    screenshot(page, "editor narrow")


def test_the_form_editors_panel_is_whole_at_1280_pixels(workshop, analyst, screenshot):
    """Palette, questions and properties stand beside each other, and the preview below them, with nothing cut off."""
    page = analyst()
    page.set_viewport_size({"width": 1280, "height": 900})
    open_editor(page, workshop, FORM)
    page.locator(".fjs-form-field-textarea").first.click()
    expect(page.locator(".bio-properties-panel-group-header-title").first).to_be_visible()
    expect(page.locator("[data-shown] .govuk-radios").first).to_be_visible()
    panel = page.locator(".fjs-properties-container").bounding_box()
    preview = page.locator(".app-editor__preview").bounding_box()
    assert panel is not None and preview is not None
    assert panel["x"] + panel["width"] <= 1280 and panel["width"] >= 250
    assert preview["y"] >= panel["y"] + panel["height"] - 1
    screenshot(page, "editor form whole")

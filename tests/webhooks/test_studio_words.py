"""The pages of a draft say what a table, a letter, a parameter and a step are called, and nothing that is not so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.casework import Practitioner
from engine.studio.form_sheet import questions
from engine.studio.making import Making
from engine.studio.outline import steps
from engine.studio.table_sheet import set_row, sheets
from tests.support.house import House
from tests.support.visitor import Visitor
from webhooks.studio.room import title_of

Visit = Callable[..., Visitor]
PATHWAY = "camden_admin_removal"
HOME = f"camden/{PATHWAY}"
DIAGRAM = f"{HOME}/pathway.bpmn"
TABLE = f"{HOME}/decisions/camden_admin_eligibility.dmn"
FORM = f"{HOME}/forms/agree_s20_removal.form"
LETTER = f"{HOME}/letters/administrative_removal.md"


@pytest.fixture
def making(house: House) -> Making:
    return Making(house.store, house.shelf, house.clock)


@pytest.fixture
def analyst(house: House) -> Practitioner:
    return house.person("analyst")


@pytest.fixture
def draft(making: Making, analyst: Practitioner) -> int:
    return making.begin(analyst, "A test’s draft").number


def test_the_second_of_two_savers_is_told_the_name_of_the_thing_and_of_the_person(
    visit: Visit, making: Making, analyst: Practitioner, draft: int
):
    """A path and a sign-in say nothing to whoever saves; what was saved meanwhile is one press away."""
    visitor, opened = visit("analyst"), making.open(analyst, draft)
    (sheet,) = sheets(opened.body(TABLE))
    row = visitor.get(f"/studio/drafts/{draft}/{PATHWAY}/row?path={TABLE}&decision={sheet.decision}&row=1")
    letter = visitor.get(f"/studio/drafts/{draft}/{PATHWAY}/letter?path={LETTER}")
    cells = [*sheet.rows[0].inputs, *sheet.rows[0].outputs]
    making.save(analyst, draft, TABLE, set_row(opened.body(TABLE), sheet.decision, 1, cells, "theirs"), seen=0)
    making.save(analyst, draft, LETTER, opened.body(LETTER) + b"\nTheirs.\n", seen=0)
    task = next(one for one in steps(opened.body(DIAGRAM)) if one.task)
    step = visitor.get(f"/studio/drafts/{draft}/{PATHWAY}/step?step={task.id}")
    making.save(analyst, draft, DIAGRAM, opened.body(DIAGRAM) + b"\n", seen=0)
    key = questions(opened.body(FORM))[0].key
    question = visitor.get(f"/studio/drafts/{draft}/{PATHWAY}/question?path={FORM}&key={key}")
    making.save(analyst, draft, FORM, opened.body(FORM) + b"\n", seen=0)
    for form, path, what in (
        (row.form("/row"), TABLE, f"The table “{sheet.question}”"),
        (letter.form("/letter"), LETTER, "The letter “Administrative removal”"),
        (question.form("/question"), FORM, "The form “Agree s20 removal”"),
        (step.form("/step"), DIAGRAM, f"The diagram of “{title_of(opened, PATHWAY)}”"),
    ):
        refused = visitor.send(form, {"said": "mine"} if path == TABLE else {}, status=409)
        assert f"{what} was saved by {analyst.name} since you opened it." in refused.text
        assert (
            f"{path.rpartition('/')[2]} was saved" not in refused.text and f"by {analyst.id} since" not in refused.text
        )
        assert refused.root.xpath(f"//a[text()='See what is saved now.'][contains(@href, '{path.rpartition('/')[2]}')]")


def test_a_parameter_beyond_its_bounds_is_called_by_its_words_and_leads_to_its_field(visit: Visit, draft: int):
    """An id is no name of what was typed."""
    visitor = visit("analyst")
    page = visitor.get(f"/studio/drafts/{draft}/{PATHWAY}/parameters")
    (form,) = (one for one in page.root.forms if one.fields.get("name") == "days_to_agree")
    page = visitor.send(form, {"value": "61"}, status=409)
    said = "“Working days for the Child Protection service manager to agree” is more than 60. Choose from 0 to 60."
    (link,) = page.root.xpath("//*[contains(@class, 'govuk-error-summary')]//li/a")
    assert link.text_content().strip() == said
    (field,) = page.root.xpath(f"//input[@id='{link.get('href').removeprefix('#')}']")
    assert field.get("value") == "61" and "govuk-input--error" in field.get("class")


def test_nothing_of_a_table_is_proved_while_a_cell_cannot_be_read(
    visit: Visit, making: Making, analyst: Practitioner, draft: int
):
    """Such a cell fits nothing: what is proved of the other rows would be taken for the whole table."""
    visitor, body = visit("analyst"), making.open(analyst, draft).body(TABLE)
    (sheet,) = sheets(body)
    spoilt = [*sheet.rows[0].inputs, *sheet.rows[0].outputs[:-1], '"ELIGIBLE']
    making.save(analyst, draft, TABLE, set_row(body, sheet.decision, 1, spoilt, "x"), seen=0)
    page = visitor.get(f"/studio/drafts/{draft}/{PATHWAY}/table?path={TABLE}&decision={sheet.decision}")
    assert "Not proved" in page.text and "Refused" in page.text
    assert not page.root.xpath("//*[contains(@class, 'govuk-tag--green')]")
    assert 'Write `"` where it ends. A quote inside it is written \\".' in page.text
    (picture,) = page.root.xpath("//ul[@class='app-findings']//pre")
    assert picture.text.splitlines() == ['"ELIGIBLE', "^"]


def test_an_arrow_to_a_step_without_words_leads_where_the_heading_of_that_step_says(
    visit: Visit, making: Making, analyst: Practitioner, draft: int
):
    """A gateway that joins has no words: its id is written as words wherever it is named."""
    body = making.open(analyst, draft).body(DIAGRAM)
    nameless = next(one for one in steps(body) if not one.name and "_" in one.id)
    page = visit("analyst").get(f"/studio/drafts/{draft}/{PATHWAY}/outline")
    lists = " ".join(" ".join(one.text_content().split()) for one in page.root.xpath("//main//li/ul/li"))
    assert f"to {nameless.id}" not in lists
    assert f"to {nameless.id.replace('_', ' ').capitalize()}" in lists


def test_why_a_task_has_no_due_date_is_written_on_its_page(
    visit: Visit, making: Making, analyst: Practitioner, draft: int
):
    """What the checks ask of a new task has a field in the outline; a form that does not send it changes nothing."""
    visitor = visit("analyst")
    task = next(one for one in steps(making.open(analyst, draft).body(DIAGRAM)) if one.task)

    def kept() -> str | None:
        body = making.open(analyst, draft).body(DIAGRAM)
        return next(one for one in steps(body) if one.id == task.id).no_due_date

    page = visitor.get(f"/studio/drafts/{draft}/{PATHWAY}/step?step={task.id}")
    assert "Why it has no due date" in page.text
    form = page.form("/step")
    visitor.send(form, {"due": "", "no_due_date": "It waits for the court."})
    assert kept() == "It waits for the court."
    page = visitor.get(f"/studio/drafts/{draft}/{PATHWAY}/step?step={task.id}")
    form = page.form("/step")
    field = form.xpath(".//input[@name='no_due_date']")[0]
    field.getparent().remove(field)
    visitor.send(form, {"help": "Look again."})
    assert kept() == "It waits for the court."


def test_a_refused_change_of_a_step_shows_what_was_typed(
    visit: Visit, making: Making, analyst: Practitioner, draft: int
):
    """Two at once on one step: the second is told whose words stand there now, and keeps what they typed."""
    visitor = visit("analyst")
    task = next(one for one in steps(making.open(analyst, draft).body(DIAGRAM)) if one.task)
    mine = visitor.get(f"/studio/drafts/{draft}/{PATHWAY}/step?step={task.id}").form("/step")
    theirs = visitor.get(f"/studio/drafts/{draft}/{PATHWAY}/step?step={task.id}").form("/step")
    visitor.send(theirs, {"help": "Ring the school."})
    again = visitor.send(mine, {"name": "Ask the nurse", "help": "Ring the nurse."}, status=409)
    assert "since you opened it" in again.text
    assert again.root.xpath("//input[@id='name']/@value") == ["Ask the nurse"]
    assert again.root.xpath("string(//textarea[@id='help'])").strip() == "Ring the nurse."


@pytest.mark.parametrize("role", ["analyst", "head_of_quality_assurance"])
def test_whoever_looks_reaches_every_part_that_scrolls_by_the_keyboard(
    visit: Visit, making: Making, analyst: Practitioner, draft: int, role: str
):
    """A letter, a table or a file is longer than its frame also for those who may not change it (WCAG 2.2, 2.1.1)."""
    (sheet,) = sheets(body := making.open(analyst, draft).body(TABLE))
    spoilt = [*sheet.rows[0].inputs, *sheet.rows[0].outputs[:-1], '"ELIGIBLE']
    making.save(analyst, draft, TABLE, set_row(body, sheet.decision, 1, spoilt, "x"), seen=0)
    visitor, seen = visit(role), set[str]()
    for place in (f"letter?path={LETTER}", f"table?path={TABLE}&decision={sheet.decision}", "compare", "checks"):
        page = visitor.get(f"/studio/drafts/{draft}/{PATHWAY}/{place}")
        for part in page.root.xpath("//*[@class='app-live' or @class='app-scroll' or @class='app-lines']"):
            assert part.get("tabindex") == "0" and part.get("role") == "region", (place, part.get("class"))
            assert part.get("aria-label") or page.root.xpath(f"//*[@id='{part.get('aria-labelledby')}']")
            seen.add(part.get("class"))
    assert seen == {"app-live", "app-scroll", "app-lines"}

"""A row that was changed behind the store takes away its own case, and no page that tells of others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.casework import Casework, Shelf
from engine.casework.opening import NewCase, PossibleDuplicates
from engine.store.tables import CASE_FILE, CHILD_KEY, CONTENT, HISTORY, RELEASE_FILE
from tests.support.house import SECRET, House
from tests.support.visitor import Visitor
from tests.webhooks.test_finding import lines, walk
from webhooks.app import create_app
from webhooks.demonstration import Demonstration, DemonstrationClock
from webhooks.settings import Settings

Visit = Callable[..., Visitor]
SPOILT, SOUND = "CAM-2026-0417", "CAM-2026-0418"
UNREAD = "cannot be read: verify this case"
NAMES = ("label", "key")


def change(house: House, statement: sa.Update) -> None:
    """Change rows behind the store, as a process sees them that has opened nothing yet."""
    with house.store.database.writing() as session:
        session.run(statement, {})
    house.store.vault._open.clear()


def spoil_name(house: House, what: str) -> None:
    """Change the sealed name of the first case, or the key that opens it."""
    if what == "label":
        change(house, sa.update(CASE_FILE).where(CASE_FILE.c.case_id == SPOILT).values(label=b"spoilt"))
    else:
        change(house, sa.update(CHILD_KEY).where(CHILD_KEY.c.case_id == SPOILT).values(wrapped=b"spoilt"))


@pytest.fixture
def two(house: House) -> House:
    """Two children's cases, decided against a recommendation, so that every list has both."""
    for case, name in ((SPOILT, "Mo Sample"), (SOUND, "Kai Example")):
        house.open_case(case, child_ref=case[-4:], name=name)
        walk(house, case, decision="continue", differs_from_recommendation=True, reasons="Because of the school.")
    house.start(SPOILT, "camden_transfer_out")
    house.start(SOUND, "camden_transfer_out")
    house.days_pass(40)
    for case in (SPOILT, SOUND):
        house.casework.fire_timers("camden", case)
    house.casework.catch_up("camden")
    return house


@pytest.mark.parametrize("what", NAMES)
@pytest.mark.parametrize(
    ("role", "page"),
    [
        ("social_worker", "/cases"),
        ("social_worker", "/tasks"),
        ("social_worker", "/tasks/team"),
        ("head_of_quality_assurance", "/in-tray"),
        ("head_of_quality_assurance", "/dashboard"),
        ("auditor", "/cases"),
        ("auditor", "/audit/find?register=departure"),
    ],
)
def test_a_list_calls_a_case_whose_name_does_not_open_by_its_reference(
    visit: Visit, two: House, what: str, role: str, page: str
) -> None:
    """One spoilt name or key hides no other child's line, and its own line says what to do."""
    spoil_name(two, what)

    shown = visit(role).get(page).text

    if page != "/dashboard":
        assert f"{SPOILT} {UNREAD}" in shown
        assert "Kai Example" in shown


@pytest.mark.parametrize("what", NAMES)
def test_whoever_may_not_see_a_restricted_case_does_not_see_its_line_either(
    visit: Visit, two: House, what: str
) -> None:
    """A name that does not open tells nobody of a case that is restricted to others."""
    head, case = two.person("head_of_quality_assurance"), two.casework.load("camden", SPOILT)
    named = {head.id, *case.roles.values(), *(desk.assignee for desk in case.desks.values() if desk.assignee)}
    two.casework.restrict_case(SPOILT, sorted(named), "A relative works here.", by=head, command_id=two.key())
    spoil_name(two, what)

    for page in ("/cases", "/audit/find?register=departure", "/audit/register"):
        assert SPOILT not in visit("auditor").get(page).text
    assert f"{SPOILT} {UNREAD}" in visit("head_of_quality_assurance").get("/cases").text


@pytest.mark.parametrize("what", NAMES)
def test_a_case_whose_name_does_not_open_is_verified_from_its_film(visit: Visit, two: House, what: str) -> None:
    """The certificate of that one case can be had, and names what differs."""
    spoil_name(two, what)
    auditor = visit("auditor")
    film = auditor.get(f"/cases/{SPOILT}/film", status=409 if what == "key" else 200)

    certificate = auditor.send(film.form("/verify"))

    assert f"Case {SPOILT}" in certificate.text and "Differs" in certificate.text
    assert ("The key of this case" if what == "key" else "What lists call the case by") in certificate.text


@pytest.mark.parametrize("what", ["payload", "key"])
def test_the_register_gives_the_reasons_of_every_case_that_opens(visit: Visit, two: House, what: str) -> None:
    """The lines of a damaged case stay, with what to do in the place of their reasons; so it is in the file."""
    if what == "key":
        spoil_name(two, what)
    else:
        change(two, sa.update(HISTORY).where(HISTORY.c.case_id == SPOILT).values(payload=b"spoilt"))
    auditor = visit("auditor")

    page = auditor.get("/audit/register?what=departure").text
    file = lines(auditor, "/audit/register.csv?what=departure")

    assert f"The history of this case {UNREAD}" in page and "Because of the school." in page
    reasons = {line[0]: line[-1] for line in file}
    assert f"The history of this case {UNREAD}" == reasons[SPOILT]
    assert "Because of the school." in reasons[SOUND]


def test_a_changed_release_hides_no_line_of_the_register_and_no_other_release_of_the_heat_map(
    visit: Visit, two: House
) -> None:
    """What happened on it is told with the reasons given; what its steps are called cannot be read."""
    release = next(iter(two.casework.load("camden", SPOILT).running.values())).release
    held = sa.select(RELEASE_FILE.c.hash).where(RELEASE_FILE.c.release == release)
    auditor = visit("auditor")
    change(two, sa.update(CONTENT).where(CONTENT.c.hash.in_(held)).values(body=b"changed"))
    auditor.app.extensions["casework"] = Casework(two.store, Shelf(two.store), two.clock)

    register, heat = auditor.get("/audit/register?what=departure"), auditor.get("/audit/heat")

    assert f"The release that it ran on {UNREAD}" in register.text and "Because of the school." in register.text
    assert 2 <= len(heat.root.xpath("//table[@id='ran']/tbody/tr"))
    auditor.get(f"/audit/heat?release={release}", status=409)


@pytest.mark.parametrize("number", ["0", "number || 'x'"])
def test_a_case_of_which_no_look_can_be_recorded_is_verified_and_shown_to_nobody(
    visit: Visit, two: House, number: str
) -> None:
    """A broken record of looks is named with its look; no reason is shown that nobody could know was read."""
    auditor = visit("auditor")
    for case in (SPOILT, SOUND):
        auditor.get(f"/cases/{case}")
    with two.store.database.writing() as session:
        session.cursor.execute(f"update reading_head set number = {number} where case_id = '{SPOILT}'")

    film = auditor.get(f"/cases/{SPOILT}/film", status=409)
    certificate = auditor.send(film.form("/verify"))
    register = auditor.get("/audit/register?what=departure").text

    assert "The record of who looked" in film.text
    assert f"Case {SPOILT}" in certificate.text and "The record of who looked" in certificate.text
    assert f"The history of this case {UNREAD}" in register and "Because of the school." in register
    auditor.get(f"/cases/{SPOILT}", status=409)


def test_a_search_for_tasks_names_a_case_that_does_not_open_and_shows_those_of_others(visit: Visit, two: House) -> None:
    """Nobody takes the list for whole: the case that is left out of it stands there by its reference."""
    worker = visit("social_worker")
    two.open_case("CAM-2026-0419", child_ref="419", name="Mo Example")
    two.start("CAM-2026-0419")
    spoil_name(two, "key")

    both, alone = (worker.send(worker.get("/tasks/team").form("/tasks/find"), {"words": name}) for name in WORDS)

    for page in (both, alone):
        assert f"{SPOILT} {UNREAD}" in page.text and "Its tasks are not in this list." in page.text
    assert "Mo Example" in both.text
    assert "No open task" not in alone.text and "those that can be read have no open task" in alone.text


#: What finds the damaged case together with another, and alone.
WORDS = ("Mo", "Mo Sample")


def test_a_brothers_case_that_does_not_open_is_named_on_the_case_page(visit: Visit, two: House) -> None:
    """The page of one child is shown, whatever became of the file of another, and a link stands in both or in none."""
    by = two.person("social_worker")
    two.casework.link_siblings(SOUND, SPOILT, by=by, command_id=two.key())
    two.open_case("CAM-2026-0419", child_ref="419", name="Mo Example")
    spoil_name(two, "key")
    worker = visit("social_worker")

    page = worker.get(f"/cases/{SOUND}")
    refused = worker.send(worker.get("/cases/CAM-2026-0419/siblings").form("/siblings"), {"other": SPOILT}, status=409)

    assert f"{SPOILT} {UNREAD}" in page.text
    assert SPOILT in refused.text
    assert not two.casework.load("camden", "CAM-2026-0419").facts.get("sibling_case_ids")


def test_a_namesake_whose_case_does_not_open_is_told_of_and_counts_as_no_other_child(visit: Visit, two: House) -> None:
    """It was not compared: whoever opens a case is told so, whichever birth date they give, and may say why."""
    spoil_name(two, "key")
    by, worker = two.person("social_worker"), visit("social_worker")
    said = set()
    for born in ("2016-05-09", "2011-11-11"):
        with pytest.raises(PossibleDuplicates) as refused:
            two.casework.enter_case(
                NewCase("CAM-2026-0500", {"name": "Mo Sample", "dob": born}), by=by, command_id=two.key()
            )
        said.add(str(refused.value))

    typed = {"case_id": "CAM-2026-0500", "name": "Mo Sample"}
    page = worker.send(worker.get("/cases/new").form("/cases/new"), typed, status=409)

    told = (
        f"This looks like a child who is known already: {SPOILT}. {SPOILT} {UNREAD}. Whether it is the same child "
        "could not be compared; ask an auditor first. Open that case, or say why this is another child or another plan."
    )
    assert {told} == said
    assert f"{SPOILT} {UNREAD}" in page.text
    two.casework.enter_case(
        NewCase("CAM-2026-0500", {"name": "Mo Sample"}), by=by, command_id=two.key(), why_again="A cousin."
    )


def test_an_import_refuses_the_row_of_a_case_that_does_not_open_and_no_other(two: House) -> None:
    """Every row is told of; the damaged one with what to do."""
    spoil_name(two, "key")
    table = (
        "case_id,name,dob,plan_start_date\n"
        f"{SPOILT},Mo Sample,2016-05-09,2025-06-02\nCAM-2026-0501,Ada Other,2016-05-10,2025-06-02\n"
    )

    rows = two.casework.rehearse_import(table.encode(), by=two.person("head_of_quality_assurance")).rows

    assert ["refused", "ready"] == [row.state for row in rows]
    assert [f"is open already, and {UNREAD}."] == [problem.message for problem in rows[0].problems]


def test_a_demonstrations_clock_goes_on_past_a_case_that_does_not_open(two: House) -> None:
    """Time passes for every other case, and the page says that one stood still."""
    two.store.upkeep.make_demonstration()
    clock = DemonstrationClock(two.store)
    casework = Casework(two.store, Shelf(two.store), clock)
    shown = Demonstration(two.store, two.shelf, casework, clock)
    spoil_name(two, "key")
    visitor = Visitor(create_app(casework, Settings(secret=SECRET, secure=False), shown))
    visitor.sign_in(two.login("social_worker"))
    before = clock.now()

    page = visitor.send(visitor.get("/clock").form("/clock"), {"how_far": "7"})

    assert "1 case cannot be read and stood still" in page.text
    assert clock.now() > before + timedelta(days=5)

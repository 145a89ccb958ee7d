"""Pages that put right, and pages by which cases begin."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest

from tests.support.house import LOOKED_AFTER, House
from tests.support.visitor import Visitor, date_typed
from webhooks.corrections import active_again

Visit = Callable[..., Visitor]
CASE = "CAM-2026-0417"
HEAD = "head_of_quality_assurance"


@pytest.fixture
def raised(house: House) -> int:
    """A case whose first step was taken; the step's number."""
    house.open_case()
    house.start(CASE)
    task = house.task(CASE, "raise_discharge_ground")
    answers = {"ground": "became_looked_after", "evidence": "Placed on Friday."}
    house.complete(CASE, "raise_discharge_ground", "social_worker", answers)
    return task


def test_a_step_is_corrected_on_its_own_form_with_a_reason(visit: Visit, house: House, raised: int) -> None:
    """What was answered stands in the form; the history shows that it was corrected, and why."""
    manager, place = visit("iro_service_manager"), f"/cases/{CASE}/steps/{raised}/correct"
    page = manager.get(place)
    assert "Placed on Friday." in page.root.xpath("string(//textarea[@name='evidence'])")

    again = manager.send(page.form("/correct"), {"evidence": "Placed on Monday."}, status=409)
    assert ["Say why."] == again.problems()
    assert "Placed on Monday." in again.root.xpath("string(//textarea[@name='evidence'])")
    history = manager.send(
        again.form("/correct"), {"evidence": "Placed on Monday.", "why_corrected": "The date was misread."}
    )

    assert "Step corrected" in history.text
    assert "The date was misread." in history.text
    assert "Placed on Monday." in manager.get(place).root.xpath("string(//textarea[@name='evidence'])")


def test_a_step_before_the_end_is_put_before_the_head_and_nothing_is_said_to_hold_an_ending(
    visit: Visit, house: House
) -> None:
    """An ended plan cannot be held any more: the page names who was told, and that the plan stays ended."""
    decided = _a_plan_that_ended(house)
    head, place = visit(HEAD), f"/cases/{CASE}/steps/{decided}/correct"
    page = head.get(place)
    assert "the Head of Quality Assurance is told, and it stays ended unless it is made active again" in page.text

    after = head.send(page.form("/correct"), {"reasons": "Met, as of Monday.", "why_corrected": "Left out."}).text

    assert "has been put before the Head of Quality Assurance. The plan stays ended unless it is made active" in after
    assert "cannot be ended" not in after
    assert "the manager" not in page.text


def _a_plan_that_ended(house: House) -> int:
    """A removal carried out to the end of the plan; the number of the task that decided it."""
    house.open_case(legal_status="ico")
    by, why = house.person("social_worker"), {"reason": "ORDER_AWAY"}
    house.casework.start_pathway(CASE, "camden_admin_removal", by=by, command_id=house.key(), variables=why)
    decided = house.task(CASE, "decide_admin_removal")
    decision = {"decision": "discharge", "reasons": "Met.", "decided_on": "2026-03-02"}
    house.complete(CASE, "decide_admin_removal", "iro_service_manager", decision)
    view = house.casework.task(house.person("conference_chair"), CASE, house.task(CASE, "draft_removal_letter"))
    assert view.form is not None
    letter = {**view.form.initial(view.scope, house.casework.environment("camden")), **view.prefill}
    to = {"network_recipients": LOOKED_AFTER["current_agencies"], "parent_recipients": LOOKED_AFTER["parents"]}
    house.complete(CASE, "draft_removal_letter", "conference_chair", {**letter, **to})
    ended = {"episode_ref": "CPE-1", "end_date": "2026-03-02", "end_reason": "Administrative removal"}
    house.complete(CASE, "end_cp_episode", "conference_chair", ended)
    return decided


def test_who_may_not_correct_is_told_who_may(visit: Visit, raised: int) -> None:
    """A social worker sees the step, and whom to ask."""
    page = visit("social_worker").get(f"/cases/{CASE}/steps/{raised}/correct")

    who = "Only the Child Protection service manager or the Head of Quality Assurance or the IRO service manager"
    assert who in page.text
    assert f"/cases/{CASE}/history" == page.links()["the history of this case"]
    assert [] == page.root.xpath("//form[contains(@action, '/correct')]")


def test_a_pathway_is_withdrawn_with_a_reason(visit: Visit, house: House, raised: int) -> None:
    """Those who supervise take a pathway back; its tasks are gone."""
    manager, place = visit("iro_service_manager"), f"/cases/{CASE}/pathways/1/withdraw"
    visit("social_worker").get(place, status=403)
    assert ["Say why."] == manager.send(manager.get(place).form("/withdraw"), status=409).problems()

    manager.send(manager.get(place).form("/withdraw"), {"why": "Started in the wrong case."})

    assert {} == house.casework.load("camden", CASE).desks
    manager.get(place, status=404)


def _reasons_in_the_register(house: House, visit: Visit, word: str) -> list[str]:
    """The reasons of the register's one line of a kind, as the page gives them and as its file does."""
    house.casework.catch_up("camden")
    auditor = visit("auditor")
    page = auditor.get(f"/audit/register?what={word}").root.xpath("//td[@data-label='Reasons given']")
    file = auditor.client.get(f"/audit/register.csv?what={word}").get_data(as_text=True)
    (told,) = [" ".join(one.text_content().split()) for one in page]
    (row,) = csv.DictReader(io.StringIO(file.removeprefix("\ufeff"), newline=""))
    return [told, row["Reasons"]]


def test_the_register_gives_the_reason_of_a_reinstatement_and_none_that_nobody_gave(visit: Visit, house: House) -> None:
    """What the service says of a pathway that it takes back with the ending is no reason of the Head's."""
    _a_plan_that_ended(house)
    head = visit(HEAD)
    head.send(head.get(f"/cases/{CASE}/reinstate").form("/reinstate"), {"why": "Ended by mistake."})
    assert "withdrawn" in {one.state for one in house.casework.load("camden", CASE).running.values()}

    assert ["Why Ended by mistake."] * 2 == _reasons_in_the_register(house, visit, "reinstated")


def test_the_register_gives_the_managers_reason_for_taking_a_pathway_back(
    visit: Visit, house: House, raised: int
) -> None:
    """A pathway that was withdrawn stands there with what the manager wrote, and not with the service's own words."""
    manager = visit("iro_service_manager")
    page = manager.get(f"/cases/{CASE}/pathways/1/withdraw")
    manager.send(page.form("/withdraw"), {"why": "Started in the wrong case."})

    assert ["Why Started in the wrong case."] * 2 == _reasons_in_the_register(house, visit, "withdrawn")


def test_only_an_ended_plan_can_be_made_active_again(visit: Visit, raised: int) -> None:
    """An active plan has no such page."""
    visit(HEAD).get(f"/cases/{CASE}/reinstate", status=404)


TABLE = """case_id,name,dob,plan_start_date,legal_status
CAM-9001,Ada Imported,2017-03-04,02/06/2025,s20
CAM-9002,Ben Imported,,2025-06-02,s21
"""


def test_one_letter_is_told_of_as_one() -> None:
    """A plan that is active again says how many letters are to be put right, as a person would say it."""
    assert "1 letter that told of its end must be" in active_again(1)
    assert "2 letters that told of its end must be" in active_again(2)
    assert "The plan is active again." == active_again(0)


def test_an_import_is_seen_before_it_is_run(visit: Visit, house: House) -> None:
    """Every refused row says why; the button opens the others, and a second look shows them as open."""
    head = visit(HEAD)
    assert "Choose the file" in head.send(head.get("/cases/import").form("/import"), status=409).text

    seen = head.send(head.get("/cases/import").form("/import"), {"table": TABLE})
    assert "1 row is ready, 1 cannot go in, none is open already" in seen.text
    assert "Column legal_status must be one of" in seen.text
    done = head.send(seen.form("/run"))

    assert "1 of 1 case is open." in done.text
    assert "Ada Imported" == house.casework.load("camden", "CAM-9001").facts["name"]
    assert (
        "No row is ready, 1 cannot go in, 1 is open already"
        in head.send(head.get("/cases/import").form("/import"), {"table": TABLE}).text
    )
    visit("social_worker").get("/cases/import", status=403)


def test_a_table_that_is_refused_whole_stands_in_the_box_again(visit: Visit, house: House) -> None:
    """What was pasted is put right where it stands; nothing of it is opened."""
    head, broken = visit(HEAD), f"{TABLE}CAM-9003,Cy <Imported>\n"

    again = head.send(head.get("/cases/import").form("/import"), {"table": broken}, status=400)

    assert "Line 4 has 2 cells, and the heading 5" in again.text
    assert broken == again.root.xpath("string(//textarea[@id='table'])")
    assert "1 row is ready" in head.send(again.form("/import"), {"table": TABLE}).text


def test_a_known_child_is_told_of_before_a_case_is_opened(visit: Visit, house: House) -> None:
    """The page names the case that is there and asks why; with a reason the second one is opened."""
    house.open_case()
    worker = visit("social_worker")
    typed = {"case_id": "CAM-2026-0999", "name": "Sam Sample-Featherstonehaugh", **date_typed("dob", "2016-05-09")}

    page = worker.send(worker.get("/cases/new").form("/new"), typed, status=409)

    assert f"This looks like a child who is known already: {CASE}." in page.problems()[0]
    worker.send(page.form("/new"), {"why_again": "Registered again."})
    assert "CAM-2026-0999" == house.casework.load("camden", "CAM-2026-0999").case_id


def test_a_birth_of_two_opens_a_linked_case(visit: Visit, house: House) -> None:
    """The page asks for the day and the names; the second child's case names the first."""
    house.open_case(dob=None, unborn=True, legal_status="none", placement=None, cla_start_date=None)
    worker, place = visit("social_worker"), f"/cases/{CASE}/birth"
    page = worker.send(worker.get(place).form("/birth"), {"name": "Ada"}, status=409)
    assert ["Give the date of birth."] == page.problems()

    worker.send(
        page.form("/birth"),
        {**date_typed("dob", "2026-03-01"), "name_2": "Ben", "case_2": "CAM-2026-0418"},
    )

    assert ("2026-03-01", False) == tuple(house.casework.load("camden", CASE).facts[f] for f in ("dob", "unborn"))
    assert [CASE] == house.casework.load("camden", "CAM-2026-0418").facts["sibling_case_ids"]
    worker.get(place, status=404)


def test_brothers_and_sisters_are_linked_on_a_page(visit: Visit, house: House) -> None:
    """Both cases name each other; a case that is not there is said so."""
    house.open_case()
    house.open_case("CAM-2026-0500", name="Kim Sample", dob="2014-01-01")
    worker, place = visit("social_worker"), f"/cases/{CASE}/siblings"
    assert ["Give the other case’s reference."] == worker.send(
        worker.get(place).form("/siblings"), status=409
    ).problems()

    worker.send(worker.get(place).form("/siblings"), {"other": "CAM-2026-0500"})

    assert [CASE] == house.casework.load("camden", "CAM-2026-0500").facts["sibling_case_ids"]
    page = worker.get(f"/cases/{CASE}")
    assert "/cases/CAM-2026-0500" == page.links()["Kim Sample"]


def test_a_linked_case_says_no_name_to_whom_it_is_not_shown(visit: Visit, house: House) -> None:
    """Of a restricted case there is nothing, on no page and in no history; whoever is named in it reads its name."""
    house.open_case()
    by = house.person("social_worker")
    for number in ("0500", "0600"):
        house.open_case(f"CAM-2026-{number}", name=f"Kim {number}", dob="2014-01-01")
        house.casework.link_siblings(CASE, f"CAM-2026-{number}", by=by, command_id=house.key())
    roles = ("social_worker", "conference_chair", "iro", "head_of_quality_assurance")
    named = [house.person(role).id for role in roles]
    head = house.person("head_of_quality_assurance")
    house.casework.restrict_case("CAM-2026-0600", named, "A colleague's child.", by=head, command_id=house.key())

    manager = visit("iro_service_manager")
    page, told = manager.get(f"/cases/{CASE}"), manager.get(f"/cases/{CASE}/history")
    seen = visit("iro").get(f"/cases/{CASE}")

    assert "Kim 0500 (CAM-2026-0500)" in page.text
    assert [] == [each for each in (page, told) if "0600" in each.source]
    assert "Kim 0600 (CAM-2026-0600)" in seen.text

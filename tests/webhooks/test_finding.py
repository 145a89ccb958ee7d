"""An auditor finds cases by what happened in them, reads how deadlines were kept, and takes lists out as files."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from engine.case.confidential import ROLE, Party
from engine.casework.finding import Wanted
from engine.casework.permissions import viewer_of
from engine.store.readings import Reading
from engine.studio.workspace import Workspace
from tests.support import house as houses
from tests.support.house import Blueprint, House
from tests.support.visitor import Page, Visitor
from webhooks.set_up.stories import usual_answers
from webhooks.sheets import cell
from webhooks.sittings import sittings

Visit = Callable[..., Visitor]
FIRST, SECOND = "CAM-2026-0417", "CAM-2026-0418"
STEPS = {
    "raise_discharge_ground": "social_worker",
    "notify_looked_after": "social_worker",
    "give_chair_view": "conference_chair",
    "give_iro_view": "iro",
    "weigh_risk": "iro_service_manager",
    "decide_cla_plan": "iro_service_manager",
}
WHY = "=cmd|' /C calc'!A0 I decide otherwise, because of the school's report."


def walk(house: House, case: str, until: str = "decide_cla_plan", **last: object) -> None:
    """Take a case of a looked-after child as far as a step."""
    house.start(case)
    for element, role in STEPS.items():
        if element == "raise_discharge_ground":
            answers = {"ground": "became_looked_after", "evidence": "Placed on Friday."}
        else:
            answers = usual_answers(element, house.casework.load("camden", case).facts, house.clock.now())
        if element == until:
            house.complete(case, element, role, {**answers, **last})
            return
        house.complete(case, element, role, answers)


@pytest.fixture(scope="module")
def walked(blueprint: Blueprint, tmp_path_factory: pytest.TempPathFactory) -> tuple[Blueprint, datetime]:
    """Two cases: in the second the decision differs from what was recommended, and everything took a week."""
    folder = tmp_path_factory.mktemp("walked")
    shutil.copytree(blueprint.folder / "keys", folder / "keys")
    house = houses.build(blueprint, folder)
    house.open_case(FIRST)
    walk(house, FIRST)
    house.days_pass(1)
    house.open_case(SECOND, child_ref="MOS101", name="Kai Example")
    house.days_pass(7)
    walk(house, SECOND, decision="continue", differs_from_recommendation=True, reasons=WHY)
    house.casework.catch_up("camden")
    house.store.close()
    return replace(blueprint, folder=folder), house.clock.now()


@pytest.fixture
def house(walked: tuple[Blueprint, datetime], tmp_path: Path) -> Iterator[House]:
    """A copy of the two cases for each test."""
    built = houses.build(walked[0], tmp_path)
    built.clock.advance_by(walked[1] - built.clock.now())
    built.count = 1000
    yield built
    built.store.close()


@pytest.fixture
def cases(house: House) -> House:
    """The house with its two cases."""
    return house


def found(page: Page) -> list[str]:
    """The references of the cases that a page lists, in its order."""
    return [row.xpath("string(.//th//span[@class='app-under'])") for row in page.root.xpath("//table//tbody/tr")]


def lines(visitor: Visitor, address: str) -> list[list[str]]:
    """The cells of a file, without its head."""
    answer = visitor.client.get(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"), newline="")))[1:]


def test_cases_are_found_by_everything_that_is_asked_together(visit: Visit, cases: House) -> None:
    """Filters stand in the address and are combined by AND, the newest case first."""
    auditor = visit("auditor")
    for asked, expected in {
        "": [SECOND, FIRST],
        "role=iro": [SECOND, FIRST],
        "register=departure": [SECOND],
        "table=camden_route_table&row=7": [SECOND, FIRST],
        "table=camden_route_table&row=8": [],
        "clause=CAM-5.4": [SECOND, FIRST],
        "outcome=PLAN_CONTINUES_CLA": [SECOND],
        "register=departure&role=iro": [SECOND],
        "register=departure&role=iro&one_step=yes": [],
        "register=departure&role=iro_service_manager&one_step=yes": [SECOND],
        "late=week": [SECOND],
        "until=2026-03-02": [FIRST],
        "since=3/3/2026&role=iro": [SECOND],
        "since=2027-01-01": [],
    }.items():
        assert expected == found(auditor.get(f"/audit/find?{asked}")), asked


def test_a_hit_leads_into_the_film_at_the_step_that_was_found(visit: Visit, cases: House) -> None:
    """Whoever finds a case by a decision sees that decision at once."""
    auditor = visit("auditor")
    page = auditor.get("/audit/find?register=departure")
    (address,) = [to for words, to in page.links().items() if words.startswith("Decided against a recommendation")]
    assert "Completed: Decide whether the plan continues" in auditor.get(address).text


def test_a_table_is_called_by_the_question_that_it_answers(visit: Visit, cases: House) -> None:
    """Nobody who audits knows a table by the id of its file: the choices, the heading, each hit and the file say it."""
    auditor, asks = visit("auditor"), "Which part of the policy decides whether this plan may end?"
    page = auditor.get("/audit/find?table=camden_route_table&row=7")
    assert asks in [one.text for one in page.root.xpath("//select[@id='table']/option")]
    assert f"Row 7 of “{asks}”" == page.root.xpath("string(//h2[@id='results'])")
    assert {f"Row 7 of “{asks}” matched"} == {
        line[3] for line in lines(auditor, "/audit/find.csv?table=camden_route_table&row=7")
    }
    assert any(words.startswith(f"Row 7 of “{asks}” matched") for words in page.links())
    film = auditor.get(next(to for words, to in page.links().items() if "matched" in words))
    assert asks in film.root.xpath("string(//table[contains(@class, 'app-decision')]/caption)")
    assert "camden route" not in page.text and "Camden route" not in film.text
    assert "Row 7 of “gone”" == auditor.get("/audit/find?table=gone_table&row=7").root.xpath(
        "string(//h2[@id='results'])"
    )


def test_what_cannot_be_read_is_said_and_finds_nothing(visit: Visit, cases: House) -> None:
    """A day or a row that makes no sense is no filter that quietly does nothing."""
    auditor = visit("auditor")
    for since, said in (
        ("soon", "Write the day as in 27/3/2026."),
        ("31/2/2026", "There is no day 31/2/2026. Write one that is in the calendar."),
    ):
        page = auditor.get(f"/audit/find?since={since}&table=camden_route_table&row=x")
        assert [said, "Write the number of the row, such as 3."] == page.problems()
        assert [] == found(page)


@pytest.mark.parametrize("page", ["find", "register", "timeliness", "heat"])
def test_what_a_page_does_not_know_is_said_and_no_link_takes_it_up(visit: Visit, cases: House, page: str) -> None:
    """A name that is mistyped, or a word of the router's own, is no filter that quietly does nothing."""
    found_here = visit("auditor").get(f"/audit/{page}?_external=1&lateness=any")
    assert [
        f"The address asks for “{name}”, which this page does not know. Ask by what stands below."
        for name in ("_external", "lateness")
    ] == found_here.problems()
    assert [] == [to for to in found_here.links().values() if "lateness" in to or "_external" in to or "://" in to]


def test_an_answer_that_does_not_exist_finds_nothing_and_is_said(visit: Visit, cases: House) -> None:
    """Neither the page nor its file takes everything for what was asked."""
    auditor = visit("auditor")
    for asked in ("find?late=always", "find?register=nothing", "register?what=nothing", "heat?release=sha256:nothing"):
        page = auditor.get(f"/audit/{asked}")
        assert 1 == len(page.problems()), asked
        assert [] == page.root.xpath("//td//a"), asked
    for asked in ("find.csv?lateness=any", "find.csv?since=31/2/2026", "register.csv?what=nothing"):
        page = auditor.get(f"/audit/{asked}")
        assert f"/audit/{asked.partition('.')[0]}" == page.path.partition("?")[0], asked
        assert 1 == len(page.problems()), asked


@pytest.mark.parametrize("page", ["find", "register", "timeliness", "heat"])
def test_a_period_that_ends_before_it_begins_is_said(visit: Visit, cases: House, page: str) -> None:
    """An empty answer does not let a mistyped day pass for “nothing happened”."""
    asked = visit("auditor").get(f"/audit/{page}?since=3/4/2026&until=3/3/2026")
    said = "The period ends on 3 March 2026, before it begins on 3 April 2026. Change one of the days."
    assert [said] == asked.problems()


@pytest.mark.parametrize("name", ["outcome", "clause", "role", "person", "escalation"])
def test_an_answer_that_nothing_offers_is_said_to_be_none(visit: Visit, cases: House, name: str) -> None:
    """Nothing is found by what does not exist, and that is another thing than nothing having happened."""
    page = visit("auditor").get(f"/audit/find?{name}=NONSENSE")
    assert ["“NONSENSE” is none of the answers here. Choose one."] == page.problems()


def test_a_step_is_called_here_as_it_is_everywhere_else(visit: Visit, cases: House) -> None:
    """Found steps bear the names of the diagram, on the page and in its file, and not their ids in words."""
    auditor = visit("auditor")
    pathways = [cases.shelf.pathway("camden", one) for one in cases.shelf.deployments("camden").values()]
    for element in ("decide_cla_plan", "notify_looked_after"):
        drawn = next(one for one in pathways if element in one.elements)
        clause, name = drawn.properties_of(element)["casework:clauses"].split()[0], drawn.title_of(element)
        assert f"{clause}: {name}" in auditor.get(f"/audit/find?clause={clause}").text
        assert f"{clause}: {name}" in str(lines(auditor, f"/audit/find.csv?clause={clause}"))


def test_what_was_escalated_is_told_in_words(visit: Visit, cases: House) -> None:
    """A rung of a ladder is said as what happened, and not by its code."""
    cases.start(cases.open_case("CAM-2026-0419", child_ref="MOS103", name="Ash Example"))
    cases.days_pass(40)
    cases.casework.fire_timers("camden", "CAM-2026-0419")
    cases.casework.catch_up("camden")
    page = visit("auditor").get("/audit/find?escalation=manager")
    words = "A task was overdue, and put before whoever manages it"
    offered = {one.get("value"): one.text for one in page.root.xpath("//select[@name='escalation']/option")}
    assert offered["manager"] == words
    assert f"Escalated: {words}: Say why the plan might end" in page.text
    assert not {"Head", "Manager"} & set(offered.values())


def test_every_moment_of_a_file_is_written_as_one_that_sorts(visit: Visit, cases: House) -> None:
    """A spreadsheet reads each day and moment alike, in all of the lists."""
    auditor = visit("auditor")
    moments = [
        *(line[2] for address in ("find.csv", "register.csv") for line in lines(auditor, f"/audit/{address}")),
        *(cell for line in lines(auditor, "/audit/steps.csv") for cell in (line[4], line[6]) if cell),
    ]
    assert len(moments) > 10
    assert [] == [one for one in moments if not re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", one)]


def test_one_sitting_is_told_once_and_every_look_of_it_stays_recorded(visit: Visit, cases: House) -> None:
    """Stepping through a film is one line that says how often; each look is in the record, the case's once for each."""
    auditor, person = visit("auditor"), cases.person("auditor")
    for frame in (1, 2, 3):
        auditor.get(f"/cases/{FIRST}/film?frame={frame}")
    recorded = [one.what for one in cases.store.readings.of_person("camden", person.id) if one.case_id == FIRST]
    assert ["film"] * 3 == recorded
    for address in (f"/cases/{FIRST}/looks", f"/audit/looks/{person.id}"):
        rows = [" ".join(one.text_content().split()) for one in auditor.get(address).root.xpath("//tbody/tr")]
        (told,) = [row for row in rows if "Film" in row]
        assert "3 times" in told


def test_looks_half_an_hour_apart_are_two_sittings() -> None:
    """A list of looks, the latest first: a longer pause, another page or another person begins a line of its own."""

    def look(at: str, person: str = "ines", what: str = "film") -> Reading:
        return Reading("CAM-1", 1, f"2026-03-02T{at}:00.000000Z", person, "auditor", what)

    looks = [look("11:00"), look("10:58", "amir"), look("10:40"), look("10:20", what="case"), look("09:30")]
    assert [("ines", "film", 2), ("amir", "film", 1), ("ines", "case", 1), ("ines", "film", 1)] == [
        (one.person, one.what, one.times) for one in sittings(looks)
    ]


def test_a_restricted_case_is_neither_found_nor_counted(visit: Visit, cases: House) -> None:
    """Nobody learns of a restricted case from a list, a figure, the register, a file or who looked."""
    auditor = visit("auditor")
    assert SECOND in auditor.get("/audit/register").text
    house, head = cases, cases.person("head_of_quality_assurance")
    working = set(house.casework.load("camden", SECOND).roles.values())
    working |= {desk.assignee for desk in house.casework.load("camden", SECOND).desks.values() if desk.assignee}
    house.casework.restrict_case(SECOND, sorted({head.id, *working}), "A relative.", by=head, command_id=house.key())

    assert [FIRST] == found(auditor.get("/audit/find"))
    assert [] == found(auditor.get("/audit/find?register=departure"))
    for address in ("/audit/register", "/audit/steps", f"/audit/looks/{house.person('auditor').id}"):
        text = auditor.get(address).text
        assert SECOND not in text
        assert FIRST in text
    for file in ("find", "steps", "register"):
        assert {FIRST} == {line[0] for line in lines(auditor, f"/audit/{file}.csv")}
    assert "3 working days" not in auditor.get("/audit/timeliness?clause=CAM-5.3").text
    assert [] != found(visit("head_of_quality_assurance").get("/audit/find?register=departure"))


def test_a_fact_kept_from_auditors_is_not_told_by_the_row_that_matched(visit: Visit, cases: House) -> None:
    """Which row of a table matched would tell what is kept: such a case is not found by rows."""
    head = cases.person("head_of_quality_assurance")
    kept_from = [Party(ROLE, "auditor")]
    cases.casework.mark_confidential(SECOND, "placement", kept_from, "Safety.", by=head, command_id=cases.key())
    row = "/audit/find?table=camden_route_table&row=7"
    assert [FIRST] == found(visit("auditor").get(row))
    assert [SECOND, FIRST] == found(visit("head_of_quality_assurance").get(row))


def test_the_register_gives_the_reasons_and_keeps_what_is_kept(visit: Visit, cases: House) -> None:
    """A decision against a recommendation stands there with its reasons, as far as the reader may know them."""
    auditor = visit("auditor")
    page = auditor.get("/audit/register?what=departure")
    assert "because of the school's report" in page.text
    assert "Decide whether the plan continues" in page.text
    head = cases.person("head_of_quality_assurance")
    cases.casework.mark_confidential(
        SECOND, "decide_cla_plan.reasons", [Party(ROLE, "auditor")], "Safety.", by=head, command_id=cases.key()
    )
    assert "school's report" not in auditor.get("/audit/register?what=departure").text
    assert "school's report" not in str(lines(auditor, "/audit/register.csv?what=departure"))


def test_reading_and_taking_out_the_register_is_recorded_with_each_case(visit: Visit, cases: House) -> None:
    """A list that shows what stands in cases is a look at each of them; a file is a look of its own."""
    auditor, person = visit("auditor"), cases.person("auditor").id
    assert 1 == len(lines(auditor, "/audit/register.csv?what=departure"))
    looks = [(one.case_id, one.what) for one in cases.store.readings.of_person("camden", person)]
    assert [("", "register, as a file of 1 line"), (SECOND, "register (register csv)")] == looks


def test_no_cell_of_a_file_runs_as_a_formula(visit: Visit, cases: House) -> None:
    """What somebody wrote into a case must not run in an auditor's spreadsheet."""
    ((*_, reasons),) = lines(visit("auditor"), "/audit/register.csv?what=departure")
    assert reasons.startswith("Reasons")
    for dangerous in ("=1+1", "+44", "-2", "@SUM(A1)", "\t=1", "  =1", "\r=1", "＝1"):
        assert cell(dangerous) == f"'{dangerous}"
    assert [cell(3), cell(-3), cell("a=b"), cell(None)] == [3, -3, "a=b", ""]


def test_a_moved_date_stands_in_the_register_with_why(visit: Visit, cases: House) -> None:
    """A date that was one day and is another is told, a birth date put right is not."""
    by = cases.person("social_worker")
    moved = {"next_review_conference_date": "2026-06-22", "dob": "2016-05-10"}
    cases.casework.record_facts(FIRST, moved, by=by, command_id=cases.key(), why="The chair is away.")
    page = visit("auditor").get("/audit/register?what=moved")
    assert 1 == len(page.root.xpath("//table//tbody/tr"))
    assert "The chair is away." in page.text
    told = "Next review conference: from 15 June 2026 to 22 June 2026"
    assert f"A date was moved{told}" == page.root.xpath("string(//table//tbody/tr/th)").strip()
    ((*_, dates, reasons),) = lines(visit("auditor"), "/audit/register.csv?what=moved")
    assert (dates, reasons) == (told, "Why The chair is away.")


def test_a_moved_date_that_is_kept_from_the_reader_is_told_to_be(visit: Visit, cases: House) -> None:
    """The register says that a date was moved, and neither day to whom they are kept from; a later move is its own."""
    by, head = cases.person("social_worker"), cases.person("head_of_quality_assurance")
    for day in ("2026-06-22", "2026-06-29"):
        moved = {"next_review_conference_date": day}
        cases.casework.record_facts(FIRST, moved, by=by, command_id=cases.key(), why="The chair is away.")
    auditor, address = visit("auditor"), "/audit/register.csv?what=moved"
    assert [
        "Next review conference: from 22 June 2026 to 29 June 2026",
        "Next review conference: from 15 June 2026 to 22 June 2026",
    ] == sorted((line[-2] for line in lines(auditor, address)), reverse=True)
    cases.casework.mark_confidential(
        FIRST, "next_review_conference_date", [Party(ROLE, "auditor")], "Safety.", by=head, command_id=cases.key()
    )
    kept = "Next review conference: from when to when is kept from you"
    assert [kept, kept] == [line[-2] for line in lines(auditor, address)]


def test_each_figure_of_timeliness_leads_to_its_steps(visit: Visit, cases: House) -> None:
    """The number in the table is the number of steps behind it."""
    auditor = visit("auditor")
    page = auditor.get("/audit/timeliness")
    shown = 0
    for link in page.root.xpath("//table//td/a"):
        steps = auditor.get(link.get("href"))
        number = int(link.text)
        assert number == len(steps.root.xpath("//table//tbody/tr")), link.get("href")
        shown += number
        if shown > 30:
            break
    assert shown > 10


def test_the_heat_map_and_its_table_say_the_same(visit: Visit, cases: House) -> None:
    """Every badge on the picture is a row of the table, and a wait is counted in working days where its deadline is."""
    auditor = visit("auditor")
    (address,) = [to for to in auditor.get("/audit/heat").links().values() if "release=" in to]
    page = auditor.get(address)
    diagram = page.root.xpath("//*[@data-badges]")[0]
    assert '"raise_discharge_ground": "2\\u00d7' in diagram.get("data-badges")
    row = next(one for one in page.root.xpath("//table//tbody/tr") if "Say why" in one.xpath("string(th)"))
    cells = [one.text_content().strip().split()[0] for one in row.xpath("td")]
    assert ["2", "2", "0", "0"] == cells[:4]
    assert "working days" in row.text_content()
    assert "Nothing went through" in auditor.get(f"{address}&until=2020-01-01").text


def test_a_nameless_gateway_is_called_by_the_step_it_stands_beside(visit: Visit, cases: House) -> None:
    """Nobody reads the id of a drawing: the table of a heat map says what a gateway without a name does there."""
    auditor = visit("auditor")
    address = next(to for to in auditor.get("/audit/heat").links().values() if "release=" in to)
    titles, nameless = set(), set()
    for picture in [address, *(to for to in auditor.get(address).links().values() if "picture=" in to)]:
        titles |= {one.text_content().strip() for one in auditor.get(picture).root.xpath("//table//tbody//th")}
    for release in cases.shelf.deployments("camden").values():
        for one in cases.shelf.pathway("camden", release).elements.values():
            if one.kind.endswith("Gateway") and not one.name:
                nameless |= {one.id, one.id.replace("_", " ")}
    assert not titles & nameless
    assert any(one.startswith(("Several ways begin", "All ways are over", "Ways meet")) for one in titles)


def test_a_release_that_seldom_ran_leads_to_the_others_of_its_pathway(visit: Visit, cases: House) -> None:
    """It says how often it ran; the release that ran most, and all of them on its picture, are one link away."""
    auditor, diagram = visit("auditor"), "camden/camden_route/pathway.bpmn"
    folder = cases.shelf.folder("camden")
    other = folder[diagram].replace(b"discharge_considered", b"plan_might_end")
    newer = Workspace.of("camden", folder, {diagram: other}).release("camden_route")
    cases.shelf.publish(newer, at=cases.clock.now(), by="tests", why="for tests")
    cases.start(cases.open_case("CAM-2026-0419", child_ref="MOS102", name="Ash Example"))
    cases.casework.catch_up("camden")

    page = auditor.get(f"/audit/heat?release={newer.hash}")
    assert "which ran 1 time in cases" in page.text
    assert "Other releases of it ran 2 times" in page.text
    assert ': "1×' in shown(page)
    most = auditor.get(next(to for words, to in page.links().items() if words.startswith("show the one that ran most")))
    assert "which ran 2 times in cases" in most.text and ': "2×' in shown(most)

    every = auditor.get(page.links()["count all releases together on this picture"])
    assert "All 2 releases, which ran 3 times in cases" in every.text
    assert 'raise_discharge_ground": "3×' in shown(every)
    assert "plan_might_end" in shown(every) and "discharge_considered" not in shown(every)
    assert "1 step or arrow of other releases does not stand on it any more" in every.text
    row = next(one for one in every.root.xpath("//table//tbody/tr") if "Say why" in one.xpath("string(th)"))
    steps = auditor.get(row.xpath("td[3]//a/@href")[0])
    assert 1 == len(steps.root.xpath("//tbody/tr")), "what waits now in every release"


def shown(page: Page) -> str:
    """What stands on the elements of the picture."""
    return str(json.loads(page.root.xpath("//*[@data-badges]")[0].get("data-badges"))).replace("'", '"')


def test_what_a_person_looked_at_is_listed_for_auditors(visit: Visit, cases: House) -> None:
    """Who looked is asked by person too, and the question is for those who audit."""
    worker = visit("social_worker")
    worker.get(f"/cases/{FIRST}")
    auditor, person = visit("auditor"), cases.person("social_worker").id
    assert cases.person("social_worker").name in auditor.get("/audit/looks").text
    assert FIRST in auditor.get(f"/audit/looks/{person}").text
    auditor.get("/audit/looks/nobody.at.all", status=404)


def test_the_audit_pages_are_for_those_who_audit(visit: Visit, house: House) -> None:
    """Who works cases or draws pathways finds nothing here."""
    for role in ("social_worker", "analyst"):
        visitor = visit(role)
        for page in ("find", "find.csv", "register", "register.csv", "timeliness", "timeliness.csv", "steps", "heat",
                     "steps.csv", "looks", "looks/nobody"):  # fmt: skip
            visitor.get(f"/audit/{page}", status=403)


def test_another_authoritys_cases_do_not_exist_here(cases: House) -> None:
    """An auditor of one authority asks about that authority alone."""
    assert 0 == cases.casework.catch_up("camden")
    by = cases.person("auditor")
    other = type(by)(by.id, "southwark", by.name, by.roles)
    assert [] == cases.store.finds.words("southwark", "role", viewer_of(other))
    assert [] == cases.store.finds.releases("southwark", viewer_of(other))
    assert 2 == len(cases.casework.find(by, Wanted()))

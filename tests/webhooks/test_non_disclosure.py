"""What must not be seen, tried on every outlet: pages, forms, letters, papers, lists, searches, posts and webhooks."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from engine.case.confidential import Party, Reader
from engine.casework import Practitioner
from engine.store.people import Cover
from tests.support.house import House
from tests.support.visitor import Page, Visitor, date_typed

Visit = Callable[..., Visitor]
ADDRESS = "12 Acacia Avenue, Kentish Town, London NW5 2AB"
SECRETS = ("Acacia", "NW5 2AB", "threatened the carers")
CASE = "CAM-2026-0888"
HEAD = "head_of_quality_assurance"


def told(house: House, *kept_from: Party) -> str:
    """A case with an address that has been marked, spread over facts, notes, answers and corrections."""
    house.open_case(CASE, placement_address=ADDRESS)
    house.start(CASE)
    by = house.person("social_worker")
    house.casework.add_note(CASE, "Visited at 12 Acacia Ave. All well.", by=by, command_id=house.key())
    answers = {"ground": "became_looked_after", "evidence": "Lives at 12 Acacia Avenue since March."}
    house.complete(CASE, "raise_discharge_ground", "social_worker", answers)
    house.casework.mark_confidential(
        CASE, "placement_address", kept_from, "He threatened the carers.", by=by, command_id=house.key()
    )
    return CASE


def pages_of_a_case(app: Flask, house: House) -> list[str]:
    """The address of every page that shows a case, from the application's own list."""
    tasks = house.casework.load("camden", CASE).desks
    letters = house.casework.load("camden", CASE).letters
    found = []
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if "GET" in (rule.methods or set()) and "case_id" in rule.arguments and "/api" not in rule.rule:
                for number in [*tasks, *letters, 1]:
                    values = {name: CASE if name == "case_id" else number for name in rule.arguments}
                    found.append(app.url_for(rule.endpoint, **values))
    return sorted(set(found))


def test_no_page_of_a_case_tells_what_is_kept_from_its_reader(app: Flask, house: House, visit: Visit) -> None:
    """A chair from whom the address is kept walks through every page of the case and never reads it."""
    told(house, Party("role", "conference_chair"))
    chair, worker = visit("conference_chair"), visit("social_worker")
    read = 0
    for address in pages_of_a_case(app, house):
        answer = chair.client.get(address, follow_redirects=True)
        for secret in SECRETS:
            assert secret not in answer.text, address
        read += answer.status_code == 200
    assert read >= 6
    assert "Acacia" in worker.get(f"/cases/{CASE}/history").text
    said = chair.get(f"/cases/{CASE}/history").text
    assert "(kept from you)" in said
    assert "withheld:" not in said


def test_a_page_that_nobody_thought_of_withholds_all_the_same(app: Flask, house: House, visit: Visit) -> None:
    """The net under every page about a case catches what a view took from elsewhere, in HTML and in JSON."""
    from webhooks.access import Audience, allows

    told(house, Party("person", house.person("iro").id))
    fresh = house.app()
    fresh.add_url_rule(
        "/x/<case_id>", "x", allows(Audience.SIGNED_IN)(lambda case_id: f"<p>At 12 Acacia<br>Avenue {case_id}")
    )
    fresh.add_url_rule("/y/<case_id>", "y", allows(Audience.SIGNED_IN)(lambda case_id: {"placement_address": ADDRESS}))
    barred, other = Visitor(fresh), Visitor(fresh)
    barred.sign_in(house.login("iro"))
    other.sign_in(house.login("social_worker"))

    assert "Acacia" not in barred.client.get(f"/x/{CASE}").text
    assert {"placement_address": "[[withheld: placement_address]]"} == barred.client.get(f"/y/{CASE}").get_json()
    assert "Acacia" in other.client.get(f"/x/{CASE}").text


#: The house's cases open on this day; a step was taken then, whatever else happened to the child.
TODAY, KEPT_DAY = "2026-03-02", "2 March 2026"


def test_a_day_that_is_kept_from_a_reader_closes_no_page_and_does_not_black_out_when_steps_were_taken(
    app: Flask, house: House, visit: Visit
) -> None:
    """Due dates that count from the kept day say so; the history still says when everything was done."""
    house.open_case(CASE, cla_start_date=TODAY, next_review_conference_date=None)
    house.start(CASE, "camden_review_conference")
    by, chair = house.person("social_worker"), visit("conference_chair")
    asked = f"/cases/{CASE}"
    assert KEPT_DAY in chair.get(asked).text

    house.casework.mark_confidential(
        CASE, "cla_start_date", [Party("role", "conference_chair")], "why", by=by, command_id=house.key()
    )

    for address in pages_of_a_case(app, house):
        answer = chair.client.get(address, follow_redirects=True)
        assert answer.status_code < 500, address
        assert "withheld:" not in answer.text, address
        without_moments = re.sub(r'<time datetime="[^"]*T[^"]*">[^<]*</time>', "", answer.text)
        assert KEPT_DAY not in without_moments, address
        assert TODAY not in without_moments, address
    assert f"{KEPT_DAY} at " in chair.get(f"{asked}/history").text
    assert "It was counted from a day that is kept from you." in chair.get(asked).text


def test_the_age_is_kept_with_the_birth_date(house: House, visit: Visit) -> None:
    """Whoever must not know when a child was born is not told how old the child is either."""
    house.open_case(CASE)
    house.start(CASE)
    chair, by = visit("conference_chair"), house.person("social_worker")
    assert "(aged " in chair.get(f"/cases/{CASE}").text

    house.casework.mark_confidential(
        CASE, "dob", [Party("role", "conference_chair")], "why", by=by, command_id=house.key()
    )

    told_now = chair.get(f"/cases/{CASE}").text
    assert "(aged " not in told_now
    assert "Born" in told_now


def pages_of_no_case(app: Flask) -> list[str]:
    """The address of every page that is about no single case: lists, dashboards, in-trays and the rest."""
    return [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or set()) and not rule.arguments and "/api" not in rule.rule
    ]


def a_sent_letter(house: House, kept_from: Party) -> dict[str, Any]:
    """A letter as the case would hold it, with its recipients."""
    return {
        "recipients": [{"list": "parent_recipients", "to": kept_from.who}],
        "text": f"The child lives at {ADDRESS}.",
    }


def test_a_letter_is_drafted_without_and_refused_with_what_its_reader_must_not_know(house: House) -> None:
    """Typed by hand it is refused, without the words themselves and without the name of what is kept."""
    from engine.case.disclosure import WouldDisclose

    told(house, Party("parent", "Mariana Sample"))
    case = house.casework.load("camden", CASE)
    letter = a_sent_letter(house, Party("parent", "Mariana Sample"))

    with pytest.raises(WouldDisclose) as refused:
        house.casework.check_discloses_nothing(case, letter["text"], letter["recipients"])

    assert "(placement_address)" in refused.value.marks[0]
    assert "placement" not in str(refused.value)
    assert not any(secret in str(refused.value) for secret in SECRETS)
    school = [{"list": "network_recipients", "to": "Kentish Town Primary School"}]
    house.casework.check_discloses_nothing(case, letter["text"], school)


def test_another_system_is_told_nothing_that_is_kept_from_it(house: House) -> None:
    """A webhook's or the API's reader is a system, and may be an agency."""
    told(house, Party("system", "mosaic"))
    case = house.casework.load("camden", CASE)

    assert house.casework.sight_of(case, Reader.system("mosaic")).of_value({"note": f"at {ADDRESS}"}) == {
        "note": "at [[withheld: placement_address]]"
    }
    assert house.casework.sight_of(case, Reader.system("other")).whole


# ---------------------------------------------------------------------- restricted cases


def restricted(house: House) -> tuple[Practitioner, Practitioner]:
    """A restricted case, and two of the people named in it: the social worker and the Head."""
    house.open_case(CASE)
    house.start(CASE)
    head = house.person("head_of_quality_assurance")
    named = [house.person(role).id for role in ("social_worker", "conference_chair", "iro")] + [head.id]
    house.casework.restrict_case(CASE, named, "A colleague's child.", by=head, command_id=house.key())
    return house.person("social_worker"), head


OTHERS = ("iro_service_manager", "cp_service_manager", "auditor", "qa_business_support", "system_admin", "analyst")


@pytest.mark.parametrize("role", OTHERS)
def test_a_restricted_case_shows_to_nobody_who_is_not_named(app: Flask, house: House, visit: Visit, role: str) -> None:
    """No page, list, search, in-tray or incident tells that it exists; nothing can be done in it."""
    restricted(house)
    visitor = visit(role)
    for address in [*pages_of_a_case(app, house), *pages_of_no_case(app)]:
        answer = visitor.client.get(address, follow_redirects=True)
        # A folder to download is no text: its bytes are looked through as they are.
        said = answer.get_data().decode("utf-8", "replace")
        assert "Featherstonehaugh" not in said, address
        if CASE in address:
            assert answer.status_code in (403, 404), (address, answer.status_code)
        else:
            assert CASE not in said, address
    if role not in ("system_admin", "analyst"):
        page = visitor.get("/cases")
        found = visitor.send(page.form("/find"), {"words": "Featherstonehaugh"})
        assert CASE not in found.text


def test_a_restricted_case_looks_like_one_that_does_not_exist(house: House, visit: Visit) -> None:
    """The same answer for a case that is not there, word for word."""
    restricted(house)
    visitor = visit("iro_service_manager")
    texts = {visitor.get(f"/cases/{case}", status=404).text.replace(case, "X") for case in (CASE, "CAM-2026-9999")}

    assert 1 == len(texts)


def test_a_restricted_case_shows_to_those_named(house: House, visit: Visit) -> None:
    """The people named work it as before, and its escalations reach the Head who is named."""
    restricted(house)

    assert "Featherstonehaugh" in visit("social_worker").get(f"/cases/{CASE}").text
    head = visit("head_of_quality_assurance")
    assert CASE in head.get("/cases").text
    head.send(head.get(f"/cases/{CASE}/restriction").form("/lift"), {"why": "It was another family."})
    assert "Featherstonehaugh" in visit("iro_service_manager").get(f"/cases/{CASE}").text


def test_the_last_head_who_sees_a_restricted_case_is_not_let_go(house: House, visit: Visit) -> None:
    """Its escalations would be seen by nobody: another is named first, and the case itself is not told."""
    _, head = restricted(house)
    admin = visit("system_admin")

    page = admin.send(admin.get(f"/people/{head.id}").form("/deactivate"), {"why": "Retires"}, status=409)

    assert "the only Head of Quality Assurance named in 1 restricted case" in page.text
    assert CASE not in page.text
    found = house.store.people.find("camden", head.id)
    assert found is not None
    assert found.active


def test_covering_a_colleague_does_not_open_their_restricted_cases(house: House, visit: Visit) -> None:
    """Cover lends ordinary work; a restriction names people, and nobody else comes in by standing in."""
    restricted(house)
    absent, standing = house.person("iro"), house.person("iro", 1)
    today = house.clock.now().date().isoformat()
    house.store.people.cover("camden", Cover(absent.id, "iro", standing.id, today, today), at=house.clock.now())

    visit("iro", 1).get(f"/cases/{CASE}", status=404)


def test_a_supervisor_marks_and_restricts_from_the_pages(house: House, visit: Visit) -> None:
    """Both are ordinary forms: what, from whom and why; who may see; problems are said where they are."""
    house.open_case(CASE, placement_address=ADDRESS)
    head = visit("head_of_quality_assurance")
    form = head.get(f"/cases/{CASE}/confidential").form("/confidential")
    assert head.send(form, {}, status=409).problems()
    typed = {
        "fact": "placement_address",
        "kept_from": ["parent:Mariana Sample"],
        "why": "Threats.",
        "also": "The Acacia home",
    }
    page = head.send(form, typed)
    assert "Address of the placement" in page.text
    assert "Mariana Sample" in page.text
    (mark,) = house.casework.load("camden", CASE).marks.values()
    assert {"The Acacia home", ADDRESS} == set(mark.texts)

    page = head.get(f"/cases/{CASE}/restriction")
    few = {"people": [house.person("social_worker").id], "why": "A colleague's child"}
    refused = head.send(page.form("/restriction"), few, status=409)
    assert "Head of Quality Assurance" in refused.text
    worker, working = house.person("social_worker"), set(house.casework.load("camden", CASE).roles.values())
    without = {"people": sorted({house.person(HEAD).id, *working} - {worker.id}), "why": "A colleague's child"}
    refused = head.send(page.form("/restriction"), without, status=409)
    assert f"{worker.name} works on case {CASE}. Name them too" in refused.text
    assert (
        f"and {worker.name} work on case"
        in head.send(page.form("/restriction"), {**without, "people": [house.person(HEAD).id]}, status=409).text
    )
    head.send(head.get(f"/cases/{CASE}/confidential").form("/lift"), {"why": "The father has died."})
    assert house.casework.load("camden", CASE).marks[mark.number].lifted is not None


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        ("placement_address", "Address of the placement"),
        ("entry:parents:Mariana Sample", "Parents and carers: Mariana Sample"),
    ],
)
def test_what_is_kept_from_somebody_already_is_refused_by_its_words(
    house: House, visit: Visit, fact: str, words: str
) -> None:
    """Marked twice: the refusal calls it as the question did, and leads there."""
    house.open_case(CASE, placement_address=ADDRESS)
    head, typed = visit(HEAD), {"fact": fact, "kept_from": ["agency:*"], "why": "Threats."}
    marked = head.send(head.get(f"/cases/{CASE}/confidential").form("/confidential"), typed)

    again = head.send(marked.form("/confidential"), typed, status=409)

    assert [f"‘{words}’ is kept from these already."] == again.problems()
    assert ["#fact"] == again.root.xpath("//*[contains(@class, 'error-summary')]//a/@href")


def test_what_may_be_kept_from_somebody_is_called_as_the_task_calls_it(house: House, visit: Visit) -> None:
    """An answer by its task's title and its question, before it is marked and after; no name of a variable."""
    house.open_case(CASE)
    house.start(CASE)
    house.complete(
        CASE, "raise_discharge_ground", "social_worker", {"ground": "became_looked_after", "evidence": "Seen."}
    )
    head = visit(HEAD)
    page = head.get(f"/cases/{CASE}/confidential")
    words = {one.get("value"): one.text_content().strip() for one in page.root.xpath("//select[@id='fact']/option")}
    form = house.casework.case(house.person(HEAD), CASE).pathways[0].forms["raise_discharge_ground"]

    assert f"Say why the plan might end: {form.fields['evidence'].title}" == words["raise_discharge_ground.evidence"]
    typed = {"fact": "raise_discharge_ground.evidence", "kept_from": ["parent:*"], "why": "Threats."}
    marked = head.send(page.form("/confidential"), typed)
    assert words["raise_discharge_ground.evidence"] in marked.root.xpath(
        "string(//main//*[contains(@class, 'summary-card__title')])"
    )


# ---------------------------------------------------------------------- who looked


def test_every_look_is_recorded_and_shown_to_those_who_check(house: House, visit: Visit) -> None:
    """Which page, by whom and in which role; the auditor and the supervisors read it, and are recorded too."""
    house.open_case(CASE)
    visit("social_worker").get(f"/cases/{CASE}/history")
    auditor = visit("auditor")

    page = auditor.get(f"/cases/{CASE}/looks")

    assert "History" in {cell.text_content().strip() for cell in page.root.xpath("//td[@data-label='At what']")}
    assert house.person("social_worker").name in page.text
    again = auditor.get(f"/cases/{CASE}/looks").text
    assert "Who looked" in again and "(looks)" not in again
    visit("social_worker").get(f"/cases/{CASE}/looks", status=403)
    assert house.store.verify_readings("camden", CASE).ok


def test_a_caseworker_sees_the_cases_they_work_on_and_no_others(house: House, visit: Visit) -> None:
    """Another social worker neither opens nor finds a case that is a colleague's; a supervisor does."""
    house.open_case(CASE)
    other = visit("social_worker", 1)

    assert "not yours to see" in other.get(f"/cases/{CASE}", status=403).text
    assert CASE not in other.get("/cases").text
    assert CASE not in other.send(other.get("/cases").form("/find"), {"words": "Featherstonehaugh"}).text
    assert CASE in visit("iro_service_manager").get("/cases").text


def test_absence_cover_lends_the_tasks_and_says_for_whom(house: House, visit: Visit) -> None:
    """Whoever stands in finds the task in their own list, does it, and history says whose it was."""
    house.open_case(CASE)
    house.start(CASE)
    absent, standing = house.person("social_worker"), house.person("social_worker", 1)
    task = house.task(CASE, "raise_discharge_ground")
    house.casework.claim_task(CASE, task, by=absent, command_id=house.key())
    admin = visit("system_admin")
    page = admin.get(f"/people/{absent.id}")
    today = house.clock.now().date()
    typed = {
        "cover_role": "social_worker",
        "cover_person": standing.id,
        "cover_why": "Leave",
        **date_typed("cover_until", today.isoformat()),
    }
    assert "stands in for" in admin.send(page.form("/cover"), typed).text

    visitor = visit("social_worker", 1)
    assert CASE in visitor.get("/tasks").source
    by = house.casework.practitioner("camden", standing.id)
    assert by is not None
    answers = {"ground": "became_looked_after", "evidence": "x"}
    house.casework.complete_task(CASE, task, answers, by=by, command_id=house.key())

    last = list(house.store.history("camden", CASE))[-1].command
    assert (standing.id, absent.id) == (last.by, last.body["covering"])
    house.days_pass(2)
    assert CASE not in visit("social_worker", 1).get("/tasks").source


def test_a_page_of_people_asks_for_reasons_and_keeps_roles_apart(house: House, visit: Visit) -> None:
    """An auditor is not made a chair, nobody promotes themselves, and every change says why."""
    admin = visit("system_admin")
    auditor = house.person("auditor").id
    page = admin.get(f"/people/{auditor}")

    apart = admin.send(page.form("/roles"), {"role": "conference_chair", "why": "short of chairs"}, status=409)
    assert f"{house.person('auditor').name} cannot be Conference chair and Auditor at once" in apart.text
    assert admin.send(page.form("/roles"), {"role": "auditor"}, status=409).problems()
    mine: Page = admin.get(f"/people/{house.person('system_admin').id}")
    assert not [form for form in mine.root.forms if (form.get("action") or "").endswith("/roles")]

    admin.send(admin.get("/people/new").form("/new"), {"name": "New Person", "sign_in": "new.person"})
    page = admin.send(admin.get("/people/new.person").form("/roles"), {"role": "iro", "why": "appointed"})
    assert "Independent reviewing officer" in page.text
    assert ["role given", "person added"] == [duty.what for duty in house.store.duties.latest("camden", 2)]

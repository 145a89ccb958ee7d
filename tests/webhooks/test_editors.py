"""What the drawing editors send is looked at before it is kept, and only their pages may set styles of their own."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from engine.studio.publishing import Studio
from tests.support.house import House
from tests.support.visitor import Visitor

PATHWAY = "camden_admin_removal"
DIAGRAM = f"camden/{PATHWAY}/pathway.bpmn"
LETTER = "camden/camden_admin_removal/letters/administrative_removal.md"
HEAD = b'<?xml version="1.0" encoding="UTF-8"?>'
MODEL = b'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'
HOSTILE = {
    "an entity bomb": HEAD + b'<!DOCTYPE a [<!ENTITY b "' + b"x" * 99 + b'"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>',
    "an entity from elsewhere": HEAD + b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "a document type": HEAD + b"<!DOCTYPE definitions><definitions " + MODEL + b"/>",
    "50 MB": HEAD + b"<definitions>" + b" " * 50_000_000 + b"</definitions>",
    "half a million elements": HEAD + b"<definitions " + MODEL + b">" + b"<task/>" * 500_000 + b"</definitions>",
    "no XML": b"<definitions",
    "no text": b"\xff\xfe\x00<",
}


@pytest.fixture
def studio(house: House) -> Studio:
    return Studio(house.store, house.shelf, house.clock)


@pytest.fixture
def draft(studio: Studio, house: House) -> int:
    return studio.begin(house.person("analyst"), "A test’s draft").number


def keep(visitor: Visitor, draft: int, body: str, seen: int = 0, path: str = DIAGRAM):
    page = visitor.get(f"/studio/drafts/{draft}/{PATHWAY}/editor?path={DIAGRAM}")
    token = page.root.xpath("//@data-token")[0]
    return visitor.client.post(
        f"/studio/drafts/{draft}/{PATHWAY}/editor/kept",
        json={"path": path, "body": body, "seen": seen},
        headers={"Accept": "application/json", "X-CSRFToken": token},
    )


def test_a_hostile_diagram_is_refused_in_words_and_not_kept(visit: Callable[..., Visitor], house, studio, draft):
    """Nothing is expanded, fetched or stored, whatever an editor or somebody in its place sends."""
    visitor = visit("analyst")
    for name, body in HOSTILE.items():
        answer = keep(visitor, draft, body.decode("latin-1"))
        assert answer.status_code in (400, 413, 422), name
        said = answer.get_data(as_text=True)
        assert "root:" not in said and len(said) < 20_000, name
    assert {} == studio.open(house.person("analyst"), draft).files


def test_an_unchanged_diagram_makes_no_version(visit: Callable[..., Visitor], house, studio, draft):
    """Who saves what is there already changes nothing, and the checks answer."""
    body = studio.open(house.person("analyst"), draft).body(DIAGRAM)
    answer = keep(visit("analyst"), draft, body.decode("utf-8"))
    assert 200 == answer.status_code
    assert 0 == answer.json["seen"] and [] == [one for one in answer.json["findings"] if one["severity"] == "refusal"]
    assert {} == studio.open(house.person("analyst"), draft).files


def test_nobody_saves_over_a_version_they_have_not_seen(visit: Callable[..., Visitor], house, studio, draft):
    """The second of two savers is refused; the first one's version stays."""
    visitor, by = visit("analyst"), house.person("analyst")
    body = studio.open(by, draft).body(DIAGRAM).decode("utf-8")
    assert 200 == keep(visitor, draft, body.replace("Decide on the removal", "First")).status_code
    assert 409 == keep(visitor, draft, body.replace("Decide on the removal", "Second")).status_code
    assert b"First" in studio.open(by, draft).body(DIAGRAM)


def test_only_an_editor_may_set_styles_of_its_own(visit: Callable[..., Visitor], draft):
    """The policy of every other page stays strict, and scripts stay strict on the editors too."""
    visitor = visit("analyst")
    editor = visitor.get(f"/studio/drafts/{draft}/{PATHWAY}/editor?path={DIAGRAM}").headers["Content-Security-Policy"]
    other = visitor.get(f"/studio/drafts/{draft}").headers["Content-Security-Policy"]
    assert "style-src 'self' 'unsafe-inline'" in editor and "unsafe" not in editor.replace(
        "style-src 'self' 'unsafe", ""
    )
    assert "unsafe" not in other and "data:" not in other


def test_an_expression_is_judged_by_the_engine_that_runs_it(visit: Callable[..., Visitor], draft):
    """The engine's functions of several words are right in a field; what it cannot read is marked, with the mend."""
    visitor = visit("analyst")
    page = visitor.get(f"/studio/drafts/{draft}/{PATHWAY}/editor?path={DIAGRAM}")
    token = page.root.xpath("//@data-token")[0]

    def judged(text: str, **more: object):
        return visitor.client.post(
            page.root.xpath("//@data-expression")[0],
            json={"path": DIAGRAM, "text": text, **more},
            headers={"Accept": "application/json", "X-CSRFToken": token},
        )

    assert [] == judged("working days between(case.plan_start_date, today()) >= 25").json["remarks"]
    assert [] == judged('not("A", "B")', tests=True).json["remarks"]
    assert [] == judged("-", tests=True).json["remarks"]
    (remark,) = judged("working days between(case.plan_start_date").json["remarks"]
    assert "(" == "working days between(case.plan_start_date"[remark["start"] : remark["end"]]
    assert "never closed" in remark["message"] and remark["mend"]
    (remark,) = judged("case.plan_start_dat < today()").json["remarks"]
    assert "advice" == remark["severity"] and "Is case.plan_start_date meant?" in remark["mend"]
    assert 400 <= judged(7).status_code < 500  # type: ignore[arg-type]
    offered = json.loads(page.root.xpath("//@data-functions")[0])
    assert {"working days between", "count", "end of day"} <= {one["name"] for one in offered}
    assert not {"get or else", "uuid"} & {one["name"] for one in offered}


def test_a_misspelt_fact_in_a_letter_is_told_and_nothing_is_promised(visit: Callable[..., Visitor], draft):
    """The preview says what no case will ever fill in, the checks say it too; what answers bring is told apart."""
    visitor, home = visit("analyst"), f"/studio/drafts/{draft}/{PATHWAY}"
    page = visitor.get(f"{home}/letter?path={LETTER}")
    text = page.root.xpath("//textarea")[0].text.lstrip("\n")
    wrong = f"{text}\n\nOf {{= case.nam}}, in {{= case.placement_address}}, and {{= case.plan_end_reason}}.\n"
    page = visitor.send(page.form("/letter"), {"text": wrong})
    assert "Blank here and in every case: case.nam; case.placement_address" in page.text
    assert "case.nam" not in page.text.partition("filled in a case by earlier answers:")[2]
    assert "case.plan_end_reason" in page.text.partition("filled in a case by earlier answers:")[2]
    assert "Is case.name meant?" in page.text
    told = visitor.get(f"{home}/checks").text
    assert "It reads case.nam, which is no fact of a case" in told
    assert "case.plan_end_reason" not in told


def test_a_form_is_shown_with_the_numbers_of_the_policy(visit: Callable[..., Visitor], draft):
    """A question that names a parameter reads in its preview as it will for people, not as something unknown."""
    visitor = visit("analyst")
    path = f"camden/{PATHWAY}/forms/agree_s20_removal.form"
    page = visitor.get(f"/studio/drafts/{draft}/{PATHWAY}/editor?path={path}")
    text = {"type": "text", "id": "days", "text": "Agree within {{ parameters.days_to_agree }} working days."}
    asked = {"path": path, "body": json.dumps({"id": "f", "type": "default", "components": [text]})}
    answer = visitor.client.post(
        page.root.xpath("//@data-preview")[0],
        json=asked,
        headers={"Accept": "application/json", "X-CSRFToken": page.root.xpath("//@data-token")[0]},
    )
    assert "working days" in answer.json["html"] and "not known" not in answer.json["html"]

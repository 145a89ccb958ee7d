"""The policy clause by clause: what each asks for, where it is carried out, and a scenario that shows it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.authorities import read_clauses
from tests.support.house import ROOT, House
from tests.support.visitor import Visitor
from webhooks.words import a_date

Visit = Callable[..., Visitor]


@pytest.mark.parametrize("role", ["social_worker", "auditor", "analyst", "head_of_quality_assurance"])
def test_every_clause_stands_on_the_page_for_whoever_is_signed_in(visit: Visit, role):
    """No clause is left out, whoever reads."""
    page = visit(role).get("/policy")
    clauses = set(read_clauses(ROOT / "processes" / "camden"))
    assert {
        section.get("aria-labelledby") for section in page.root.xpath("//main//section[@aria-labelledby]")
    } == clauses


def test_a_clause_says_where_it_is_carried_out_and_whose_rule_that_is(visit: Visit):
    """CAM-2.2: the IRO service manager decides; the step, its label and a scenario are named."""
    clause = visit("auditor").get("/policy").root.xpath("//section[@aria-labelledby='CAM-2.2']")[0].text_content()
    assert "Decide" in clause
    assert "policy" in clause
    assert "scenario" in clause


def test_one_section_can_be_read_alone(visit: Visit):
    """The address narrows the page to a section, and nonsense shows everything."""
    visitor = visit("auditor")
    everything = len(visitor.get("/policy").root.xpath("//section"))
    some = len(visitor.get("/policy?section=2").root.xpath("//section"))
    assert 0 < some < everything
    assert len(visitor.get("/policy?section=none").root.xpath("//section")) == everything


def test_a_row_of_a_table_is_named_by_the_step_that_asks_it(visit: Visit):
    """People read which question a table answers, and which of its rows, and never its id."""
    page = visit("auditor").get("/policy")

    assert "Is it one of the four reasons? – row 1" in page.text
    assert "#1" not in page.text
    assert "May this plan end now? – row 1" in page.text
    assert "Camden may end plan" not in page.text


def test_the_page_says_whose_policy_it_is_and_of_which_day(visit: Visit, house: House):
    """A printed policy is laid beside another one: every sheet says which council's it is and from when."""
    page, day = visit("auditor").get("/policy"), a_date(house.clock.now())

    assert f"As London Borough of Camden carries it out on {day}." in page.text
    (head,) = page.root.xpath("//*[@class='app-paper__head']")
    assert f"London Borough of Camden – the policy, clause by clause – as carried out on {day}" == head.text_content()
    (head,) = visit("auditor").get("/policy?section=2").root.xpath("//*[@class='app-paper__head']")
    assert "clause by clause, section 2 – as carried out" in head.text_content()


def test_no_place_of_a_clause_is_told_twice(visit: Visit):
    """A question that two forms ask in the same words is one line: nobody could tell the two apart."""
    for section in visit("auditor").get("/policy").root.xpath("//section"):
        for kind in section.xpath(".//dl/dd/ul"):
            told = [" ".join(one.text_content().split()) for one in kind.xpath("li")]
            assert len(told) == len(set(told)), (section.get("aria-labelledby"), told)

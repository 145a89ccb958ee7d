"""The policy clause by clause: what each asks for, where it is carried out, and a scenario that shows it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.authorities import read_clauses
from tests.support.house import ROOT
from tests.support.visitor import Visitor

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

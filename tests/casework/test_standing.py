"""Can this plan be ended: a guard taken apart on a case that is not fully known, whoever wrote the guard."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.case.state import CaseState
from engine.casework.endings import Condition, Ending
from engine.casework.standing import endings
from engine.casework.weighing import Note, note_of
from engine.dmn.model import Rule
from engine.execution import prepare
from engine.feel import Environment
from tests.engine.execution.diagrams import (
    arrows,
    diagram,
    end,
    job,
    lanes,
    mapping,
    process,
    release,
    start,
    tag,
    user,
)

NOW = Environment(datetime(2026, 3, 2, 9, tzinfo=UTC))
FACTS: dict[str, Any] = {"plan_status": "ACTIVE", "legal_status": "ico", "placement": "away_foster", "deceased": False}

#: Each row: what stands beside it, what it tests, and what it gives.
_ROWS = (
    (
        "[policy] TST-9.10; cleared by head_of_quality_assurance",
        ("true", "", ""),
        ("false", '"A written objection stands."'),
    ),
    ("[reading] TST-9.9 [policy] TST-9.8", ("", "true", "true"), ("true", "null")),
    ("[product] Anything else keeps the plan", ("", "", ""), ("false", '"Something is not established."')),
)
_COLUMNS = (("Objection", "valid_objection"), ("Order in force", "order_stands"), ("Agreed", "agreed"))


def one_table(beside: Mapping[str, str] | None = None) -> str:
    """A guard of one table, as most authorities write it: rows that hold the ending back, and one that lets it be.

    beside  what is written beside a column, by its label
    """
    inputs = "".join(
        f'<input label="{label}"><description>{(beside or {}).get(label, "")}</description>'
        f'<inputExpression typeRef="boolean"><text>{name}</text></inputExpression></input>'
        for label, name in _COLUMNS
    )
    rules = "".join(
        f"<rule><description>{note}</description>"
        + "".join(f"<inputEntry><text>{test}</text></inputEntry>" for test in tests)
        + "".join(f"<outputEntry><text>{value}</text></outputEntry>" for value in gives)
        + "</rule>"
        for note, tests, gives in _ROWS
    )
    outputs = '<output name="may_end" typeRef="boolean"/><output name="blocker" typeRef="string"/>'
    table = f'<decisionTable hitPolicy="FIRST">{inputs}{outputs}{rules}</decisionTable>'
    decided = f'<decision id="may_end" name="may_end"><variable name="may_end"/>{table}</decision>'
    space = 'xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"'
    return f'<definitions {space} id="d" name="d" namespace="https://test/guard">{decided}</definitions>'


def guarded(beside: Mapping[str, str] | None = None, more: Mapping[str, str] | None = None) -> Any:
    """A pathway whose only ending asks that table: an objection by message, an order on record, an agreement asked.

    more  what the ending is handed otherwise
    """
    inputs = {
        "outcome": '="PLAN_ENDED"',
        "decided_on": "=agree.on",
        "effective_on": "=agree.on",
        "reason": '="R"',
        "valid_objection": '=objection != null and objection.effect = "VALID"',
        "order_stands": '=case.legal_status = "ico" or case.legal_status = "co"',
        "agreed": "=agree != null and agree.agree = true",
        **(more or {}),
    }
    headers = tag("zeebe:taskHeaders", tag("zeebe:header", key="guard", value="may_end"))
    ending = job("end_it", "end_plan", headers, mapping(inputs))
    sent = job("note_letter", "record_facts", mapping({"letter_sent_on": "=send.sent_on"}))
    steps = [start(), user("agree", name="Agree"), user("send", name="Send"), sent, ending, end()]
    body = [
        lanes(iro="s agree end_it e", qa_unit="send"),
        *steps,
        arrows("s > agree > send > note_letter > end_it > e"),
    ]
    return prepare(release(diagram(process("p", *body)), tables={"guard": one_table(beside)}, by_task=True))


def asked(beside: Mapping[str, str] | None = None, more: Mapping[str, str] | None = None, **facts: Any) -> Ending:
    """How that guard stands on a case."""
    (found,) = endings(CaseState("area", "C1"), {**FACTS, **facts}, {}, [guarded(beside, more)], NOW)
    return found


def said(ending: Ending) -> dict[str, Condition]:
    """The conditions by what they are called."""
    return {one.words or one.title: one for one in ending.conditions}


def test_every_condition_of_a_single_table_is_told() -> None:
    """Rows that hold the ending back are bars, the cells of the row that lets it through are what must be true."""
    told = said(asked())

    assert {"A written objection stands.": "met", "Order in force": "met", "Agreed": "unknown"} == {
        name: one.state for name, one in told.items()
    }
    assert ("TST-9.10",) == told["A written objection stands."].clauses
    assert ("head_of_quality_assurance",) == told["A written objection stands."].clears
    assert ("reading", ("iro",)) == (told["Agreed"].label, told["Agreed"].clears)


def test_what_stands_beside_a_column_names_the_clause_of_its_conditions() -> None:
    """A condition names its column's clauses, of which those that its row carries out too; else those of its row."""
    plain = said(asked())
    beside = {"Order in force": "TST-9.3 TST-9.8; cleared by qa_unit", "Agreed": "[product] TST-9.7"}
    told = said(asked(beside))

    assert (("TST-9.9", "TST-9.8"), "reading") == (plain["Agreed"].clauses, plain["Agreed"].label)
    order, agreed = told["Order in force"], told["Agreed"]
    assert (("TST-9.8",), "policy", ("qa_unit",)) == (order.clauses, order.label, order.clears)
    assert (("TST-9.7",), "product", ("iro",)) == (agreed.clauses, agreed.label, agreed.clears)


@pytest.mark.parametrize(("status", "state"), [("ico", "met"), ("s20", "unmet"), (None, "unknown")])
def test_a_fact_is_met_unmet_or_not_known(status: str | None, state: str) -> None:
    """An unknown fact is unknown even where the table's own expression would make it false."""
    assert state == said(asked(legal_status=status))["Order in force"].state


def test_an_unknown_fact_that_cannot_change_the_answer_is_no_gap() -> None:
    """A condition is unknown only where some value of what is not recorded would change it."""
    assert "met" == said(asked(placement=None))["Order in force"].state


@pytest.mark.parametrize(
    "source",
    [
        "=today() > date(case.letter_sent_on)",
        "=case.letters_counted >= 10",
        "=count(case.letters_listed) > 0",
        "=count(case.parents) > 0",
    ],
)
def test_a_fact_that_a_step_will_record_is_not_known_until_then(source: str) -> None:
    """A day, a number or a list that only a pathway records makes nothing unmet before it is there."""
    assert "unknown" == said(asked(more={"order_stands": source}))["Order in force"].state


def test_what_a_pathway_says_of_a_fact_before_its_step_is_known() -> None:
    """Where an ending is told in so many words what holds until a step has recorded its fact, so it stands."""
    provided = "=if case.letter_stopped = null then true else case.letter_stopped = false"
    unsaid = "=case.letter_stopped != true"

    assert "met" == said(asked(more={"order_stands": provided}))["Order in force"].state
    assert "unknown" == said(asked(more={"order_stands": unsaid}))["Order in force"].state


_OUTSIDE = "(case.living_outside_area = true or case.moved_out_of_area = null or case.moved_out_of_area = true)"
_ASKED = f"{_OUTSIDE} or (case.living_outside_area = null and lives_elsewhere != false)"


@pytest.mark.parametrize(
    ("source", "moved", "state", "taken"),
    [
        (_OUTSIDE, False, "met", ("living_outside_area",)),
        (_OUTSIDE, None, "unknown", ()),
        (_OUTSIDE, True, "unmet", ()),
        (_ASKED, False, "unknown", ()),
    ],
)
def test_a_fact_that_the_guard_takes_from_another_stands_as_the_guard_reads_it(
    source: str, moved: bool | None, state: str, taken: tuple[str, ...]
) -> None:
    """Whether the child lives outside is answered by that nobody moved away, unless the guard has it asked."""
    bar = said(asked(more={"valid_objection": f"={source}"}, moved_out_of_area=moved))["A written objection stands."]

    assert (state, taken) == (bar.state, bar.taken)


def test_who_gives_a_fact_that_a_step_records_can_clear_it() -> None:
    """Of a fact that no catalogue holds, those are named whose answer a step records as it."""
    told = said(asked(more={"order_stands": "=today() > date(case.letter_sent_on)"}))["Order in force"]

    assert (("qa_unit",), ("letter_sent_on",)) == (told.clears, told.facts)


@pytest.mark.parametrize(
    ("written", "note"),
    [
        ("[policy] CAM-2.1a: nothing keeps a plan", Note("nothing keeps a plan", ("CAM-2.1a",), "policy", ())),
        ("CAM-2.1d CAM-2.1e", Note("", ("CAM-2.1d", "CAM-2.1e"), "", ())),
        ("[reading] SOU-9.9; cleared by qa_unit, iro", Note("", ("SOU-9.9",), "reading", ("qa_unit", "iro"))),
        (
            "[policy] SOU-9.9 [reading] SOU-9.5: two labels",
            Note("two labels", ("SOU-9.9", "SOU-9.5"), "policy", (), (("SOU-9.5", "reading"),)),
        ),
        ("Anything else keeps the plan", Note("Anything else keeps the plan", (), "", ())),
        ("", Note()),
    ],
)
def test_what_stands_beside_a_row_is_read(written: str, note: Note) -> None:
    """A row's note is its label, its clauses, our own words and who clears it, each where it is written."""
    assert note == note_of(Rule(1, None, (), (), {}, written))


def test_an_annotation_column_names_who_clears_a_row() -> None:
    """Where a table has annotation columns, the one called 'cleared by' holds the roles and nothing else does."""
    rule = Rule(1, None, (), (), {"note": "[policy] DAR-3.1", "cleared by": "conference_chair"}, None)

    assert Note("", ("DAR-3.1",), "policy", ("conference_chair",)) == note_of(rule)

"""Steps that two people do: whoever did one of several steps is kept from another, by whichever way it came there."""

from __future__ import annotations

import dataclasses

import pytest

from engine.casework import Practitioner
from engine.errors import Forbidden, PathwayRefused
from engine.execution import check
from engine.pathways import Release
from tests.engine.execution.diagrams import (
    arrows,
    call,
    diagram,
    end,
    lanes,
    many,
    process,
    properties,
    release,
    rule,
    start,
    table,
    user,
    xor,
)
from tests.support.office import MANAGER, OPERATOR, TestOffice, somebody


def agreed_and_referred(apart: str = "agree refer", forms: str = "agree") -> Release:
    """Two people agree in a process that is called, one refers; who did neither decides, or sends it round again."""
    body = [
        lanes(social_worker="s to_agree refer decide again e"),
        start(),
        call("to_agree", "inner"),
        user("refer"),
        user("decide", properties(not_same_person_as=apart), name="Decide"),
        xor("again", "e"),
        end(),
        arrows("s > to_agree > refer > decide > again > e", "again > refer", when={"again_refer": "=decide.again"}),
    ]
    inner = [
        start("s2"),
        user(forms, marker=many(collection="=[1, 2]"), name="Agree"),
        end("e2"),
        arrows(f"s2 > {forms} > e2"),
    ]
    return release(diagram(process("p", *body), process("inner", *inner)), by_task=True)


def _as(name: str) -> Practitioner:
    return somebody("social_worker", name)


def _to_the_decision(office: TestOffice) -> None:
    office.publish(agreed_and_referred())
    office.case()
    office.complete("agree", by=_as("ann"))
    office.complete("agree", by=_as("bea"))
    office.complete("refer", by=_as("cyd"))


@pytest.mark.parametrize(("name", "step"), [("ann", "agree"), ("bea", "agree"), ("cyd", "refer")])
def test_whoever_did_one_of_several_steps_is_kept_out(office: TestOffice, name: str, step: str) -> None:
    """Each step that is named keeps out all who did it: also in a called process, and several side by side."""
    _to_the_decision(office)

    with pytest.raises(Forbidden, match=f"somebody other than whoever did {step}: {name} did"):
        office.complete("decide", {"again": False}, by=_as(name))

    office.complete("decide", {"again": False}, by=_as("dan"))
    assert "ended" == office.now().running[1].state


def test_a_step_that_comes_round_again_is_kept_from_those_of_every_round(office: TestOffice) -> None:
    """Whoever referred in an earlier round has not become somebody else because a colleague refers in this one."""
    _to_the_decision(office)
    office.complete("decide", {"again": True}, by=_as("dan"))
    office.complete("refer", by=_as("eve"))

    for name in ("cyd", "eve"):
        with pytest.raises(Forbidden, match="whoever did refer"):
            office.complete("decide", {"again": False}, by=_as(name))
    office.complete("decide", {"again": False}, by=_as("dan"))


def test_a_step_is_not_handed_over_to_whoever_it_is_kept_from(office: TestOffice) -> None:
    """A colleague's hand-over is no way round: the rule holds for whoever would take the step on."""
    _to_the_decision(office)
    office.appoint(_as("cyd"), _as("dan"))
    task, manager = office.open_tasks()["decide"], MANAGER

    with pytest.raises(Forbidden, match="cyd did"):
        office.casework.hand_over_task("C1", task, "cyd", by=manager, command_id=office.key())

    office.casework.hand_over_task("C1", task, "dan", by=manager, command_id=office.key())
    assert "dan" == office.now().desks[task].assignee


def test_whoever_a_step_is_kept_from_may_give_it_back(office: TestOffice) -> None:
    """A case's allocated worker gets its steps by themselves: one that they may not do is not stuck with them."""
    office.publish(agreed_and_referred())
    office.case()
    office.complete("agree", by=_as("ann"))
    office.complete("agree", by=_as("cyd"))
    task = office.open_tasks()["refer"]
    office.casework.claim_task("C1", task, by=_as("bea"), command_id=office.key())
    office.casework.allocate_role("C1", "social_worker", "cyd", by=MANAGER, command_id=office.key())
    office.complete("refer", by=_as("bea"))
    task = office.open_tasks()["decide"]
    assert "cyd" == office.now().desks[task].assignee

    office.casework.release_task("C1", task, by=_as("cyd"), command_id=office.key())

    assert office.now().desks[task].assignee is None


def test_an_operator_who_lets_answers_go_on_did_not_give_them(office: TestOffice) -> None:
    """Answers that an incident held are those of whoever gave them, not of whoever mended the cause."""
    body = [
        lanes(social_worker="s report choose check e"),
        start(),
        user("report"),
        rule("choose", "choose", "chosen"),
        user("check", properties(not_same_person_as="report")),
        end(),
        arrows("s > report > choose > check > e"),
    ]
    rows = [(["true"], ["true"])]
    held = release(
        diagram(process("p", *body)),
        by_task=True,
        tables={"choose": table("choose", ["case.mended"], ["chosen"], rows, policy="UNIQUE")},
    )
    office.publish(held)
    office.case()
    office.complete("report", by=_as("ann"))
    incident = next(iter(office.now().held))
    office.casework.record_facts("C1", {"mended": True}, "now known", by=_as("ann"), command_id=office.key())
    office.casework.retry_incident("C1", incident, by=OPERATOR, command_id=office.key())

    with pytest.raises(Forbidden, match="whoever did report: ann did"):
        office.complete("check", by=_as("ann"))


def test_the_page_tells_who_did_what_and_who_is_left(office: TestOffice) -> None:
    """Whoever is kept out is told the steps they did; others are told whom the step is not for."""
    _to_the_decision(office)
    office.appoint(*(_as(name) for name in ("ann", "bea", "cyd", "dan")))
    task = office.open_tasks()["decide"]

    kept = office.casework.task(_as("ann"), "C1", task).apart
    free = office.casework.task(_as("dan"), "C1", task).apart

    assert kept is not None and free is not None
    assert kept.blocks and (("ann", ("Agree",)),) == kept.did
    assert (("ann", ("Agree",)), ("bea", ("Agree",)), ("cyd", ("refer",))) == free.did
    assert not free.blocks and ("dan",) == free.free


def test_a_step_kept_apart_from_what_nobody_does_is_refused() -> None:
    """A misspelt step would keep nobody out, and nobody would be told: it is refused with the mend."""
    for apart in ("agre", ",", "decide", "to_agree"):
        refused = [one.place for one in check(agreed_and_referred(apart)) if one.severity == "refusal"]
        assert ["decide"] == refused, apart
    assert not [one for one in check(agreed_and_referred("agree, refer")) if one.severity == "refusal"]


def test_a_piece_may_name_the_steps_of_those_who_call_it_where_they_exist() -> None:
    """One of several steps is enough where nothing else is known; where all pathways are, each is one of theirs."""
    shared = agreed_and_referred("refer ask_elsewhere")

    assert not [one for one in check(shared) if one.severity == "refusal"]
    assert not [one for one in check(shared, tasks={"ask_elsewhere"}) if one.severity == "refusal"]
    (said,) = [one for one in check(shared, tasks={"ask"}) if one.severity == "refusal"]
    assert "ask_elsewhere" in said.message and "decide" == said.place


def test_a_step_kept_apart_from_nobody_is_not_published(office: TestOffice) -> None:
    """The check is no advice: such a pathway never comes into force."""
    with pytest.raises(PathwayRefused, match="keeps nobody out"):
        office.publish(dataclasses.replace(agreed_and_referred("agre")))

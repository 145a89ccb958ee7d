"""What a pathway put on the case while it ran goes with it when a person takes it back."""

from __future__ import annotations

from typing import Any

import pytest

from engine.execution import check
from tests.engine.execution.diagrams import (
    arrows,
    call,
    diagram,
    end,
    job,
    many,
    mapping,
    process,
    properties,
    release,
    start,
    sub,
    user,
)
from tests.engine.execution.story import Run

OPENED = {"waits_open": "=(if case.waits_open = null then 0 else case.waits_open) + 1", "held_by": "=who"}
CLOSED = {"waits_open": "=case.waits_open - 1", "held_by": "=if case.waits_open - 1 = 0 then null else who"}


def counted(name: str, *before: str) -> str:
    """A process that counts itself in on the case, waits for a person, and counts itself out."""
    return process(
        name,
        start(f"{name}_s"),
        job(f"{name}_in", "record_facts", mapping(OPENED)),
        *before,
        job(f"{name}_out", "record_facts", mapping(CLOSED), properties(when_taken_back="yes")),
        end(f"{name}_e"),
        arrows(f"{name}_s > {name}_in > {name}_wait > {name}_out > {name}_e"),
    )


def begun(*diagrams: str, **case: Any) -> Run:
    return Run(release(*diagrams), {"who": "p-17"}, case={"case_id": "C1", "plan_status": "ACTIVE", **case})


def test_what_a_pathway_put_on_the_case_goes_with_it() -> None:
    """The marked step is carried out once more, on the case and the variables as they are now."""
    run = begun(diagram(counted("p", user("p_wait"))), waits_open=None, held_by=None)
    assert {"waits_open": 1, "held_by": "p-17"}.items() <= run.case.items()

    run.withdraw("begun by mistake")

    assert {"waits_open": 0, "held_by": None}.items() <= run.case.items()
    assert [("FactsChanged", "p_out"), ("PathwayWithdrawn", None)] == run.kinds("FactsChanged", "PathwayWithdrawn")[-2:]


def test_what_others_put_there_stays() -> None:
    """A count that others have raised falls by one."""
    run = begun(diagram(counted("p", user("p_wait"))), waits_open=2, held_by=None)

    run.withdraw("begun by mistake")

    assert {"waits_open": 2, "held_by": "p-17"}.items() <= run.case.items()


def test_what_a_called_pathway_put_there_goes_too() -> None:
    """Whatever is under way inside is let go first, each with the variables that it was called with."""
    outer = counted("p", call("p_wait", "q", mapping({"who": '="q-4"'})))
    run = begun(diagram(outer), diagram(counted("q", user("q_wait"))), waits_open=None, held_by=None)
    assert {"waits_open": 2, "held_by": "q-4"}.items() <= run.case.items()

    run.withdraw("begun by mistake")

    assert {"waits_open": 0, "held_by": None}.items() <= run.case.items()
    assert ["p_in", "q_in", "q_out", "p_out"] == [body["element"] for body in run.bodies("FactsChanged")]


def test_a_called_pathway_that_is_over_is_let_go_no_more() -> None:
    """What has run to its end has taken its marks back by itself."""
    waits = call("p_wait", "q", mapping({"who": "=who"}), marker=many("=[1, 2]", "one", sequential=True))
    run = begun(diagram(counted("p", waits)), diagram(counted("q", user("q_wait"))), waits_open=None, held_by=None)
    run.do("q_wait")
    assert run.case["waits_open"] == 2

    run.withdraw("begun by mistake")

    assert run.case["waits_open"] == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            (start(), user("a", properties(when_taken_back="yes")), end(), arrows("s > a > e")),
            "It is to be carried out when the pathway is taken back, and it does not record facts.",
        ),
        (
            (
                start(),
                sub(
                    "a",
                    start("s2"),
                    job("b", "record_facts", mapping({"x": "=1"}), properties(when_taken_back="yes")),
                    end("e2"),
                    arrows("s2 > b > e2"),
                ),
                end(),
                arrows("s > a > e"),
            ),
            "It is to be carried out when the pathway is taken back, and it belongs to a part of the pathway only.",
        ),
        (
            (
                start(),
                job("a", "record_facts", mapping({"plan_status": '="ENDED"'}), properties(when_taken_back="yes")),
                end(),
                arrows("s > a > e"),
            ),
            "It would write whether the plan has ended when the pathway is taken back.",
        ),
        (
            (
                start(),
                job("a", "record_facts", mapping({"x": "=1"}), properties(when_taken_back="no")),
                end(),
                arrows("s > a > e"),
            ),
            "It does not say whether it is carried out when the pathway is taken back.",
        ),
    ],
)
def test_a_mark_that_would_not_be_heeded_is_refused(content: tuple[str, ...], said: str) -> None:
    """What would not execute as drawn is refused, with the step and the mend."""
    found = [finding for finding in check(release(diagram(process("p", *content)))) if finding.severity == "refusal"]

    assert [said] == [finding.message for finding in found]
    assert all("when_taken_back" in finding.mend or "ends the plan" in finding.mend for finding in found)

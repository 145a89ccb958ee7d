"""What a file draws and nobody executes is not judged as if it ran."""

from __future__ import annotations

import pytest

from engine.case.facts import LIFE_EVENTS
from engine.case.life_events import LIFE_EVENT
from engine.case.telling import OWN_MESSAGES
from engine.execution import check, prepare
from engine.execution.structure import TOLD_BY_THE_CASE
from tests.engine.execution.diagrams import (
    arrows,
    boundary,
    catch,
    diagram,
    end,
    message,
    of,
    process,
    release,
    start,
    sub,
    tag,
    user,
)

RUNS = process("p", start(), user("a"), end(), arrows("s > a > e"))
#: An ad-hoc subprocess, a complex gateway, a call and an arrow to nothing: none of it could run.
SKETCHED = (
    tag("bpmn:startEvent", id="s2")
    + tag("bpmn:adHocSubProcess", id="later")
    + tag("bpmn:complexGateway", id="somehow")
    + tag("bpmn:callActivity", id="elsewhere")
    + arrows("s2 > nothing")
)


@pytest.mark.parametrize("order", ["before", "behind"])
def test_a_sketch_beside_what_runs_is_not_judged(order: str) -> None:
    """BPMN 2.0.2, 10.3.1: a process that is not executable documents; it is never run, wherever it stands."""
    sketch = process("drawn_only", SKETCHED, executable=False)
    found = release(diagram(*((sketch, RUNS) if order == "before" else (RUNS, sketch))))

    assert [] == [str(finding) for finding in check(found) if finding.severity == "refusal"]
    assert {"drawn_only"}.isdisjoint(prepare(found).processes)


def test_the_same_drawing_is_refused_where_it_would_run() -> None:
    """Only what nobody executes is passed over."""
    found = release(diagram(RUNS, process("runs_too", SKETCHED)))

    assert 3 < len([finding for finding in check(found) if finding.severity == "refusal"])


def test_what_the_case_itself_tells_may_be_awaited_inside_and_on_the_edge() -> None:
    """A life event goes to the outermost step that waits for it, and recorded facts to each: nobody is asked which."""
    assert {*LIFE_EVENTS, LIFE_EVENT, *OWN_MESSAGES} == TOLD_BY_THE_CASE

    def heard(name: str, key: str = "=ref") -> list[str]:
        inner = sub("a", start("s2"), catch("c", of("message", "m")), arrows("s2 > c"))
        drawn = process(
            "p", start(), inner, boundary("x", "a", of("message", "n")), end(), arrows("s > a > e", "x > e")
        )
        both = release(diagram(drawn, message("m", name=name), message("n", key, name=name)))
        return [str(finding) for finding in check(both) if finding.severity == "refusal"]

    assert ["area/p/d0.bpmn: x: c waits inside a"] == [found[:35] for found in heard("News")]
    assert [] == heard("News", "=another")
    assert [] == heard("FactsRecorded") == heard("ChildDied")

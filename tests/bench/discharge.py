"""One pathway twice: drawn for this engine, and for stock SpiffWorkflow with Python in its diagram and its table."""

from __future__ import annotations

from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser
from SpiffWorkflow.util.task import TaskState

from engine.pathways import Release
from tests.engine.execution.diagrams import (
    arrows,
    boundary,
    diagram,
    end,
    lanes,
    parallel,
    process,
    release,
    rule,
    script,
    start,
    table,
    tag,
    timer,
    user,
    xor,
)

START = {"reference": 9434765919, "ward": "Ward 7B", "name": "Made-up Person", "born": "2012-03-07", "team": "A81001"}
ANSWERS: dict[str, dict[str, Any]] = {
    "task_a": {
        "mobility": 2,
        "alone": "yes",
        "assessor": "worker1",
        "notes": "needs help with stairs; family visits at the weekend",
        "weight": 71.2,
        "height": 168,
        "known": ["school"],
        "falls": 1,
        "wishes": "mild",
        "equipment": ["frame", "chair"],
    },
    "task_b": {"package": "support", "provider": "Provider 12", "begins": "2026-11-25", "calls": 3},
    "task_c": {"transport": "car", "booked": "2026-11-24T10:00", "crew": 2},
}
ROWS = [(["< 3", "-"], ['"supported"']), ([">= 3", '"yes"'], ['"supported"']), ([">= 3", '"no"'], ['"home"'])]
CHAINS = (
    "start > task_a > rule > gw > merge > fork > task_c > join > end",
    "gw > task_b > merge",
    "overdue > merge",
    "fork > task_d > join",
)


def ours(authority: str) -> Release:
    """The pathway as this engine runs it."""
    body = (
        lanes(social_worker="start task_a rule gw task_b overdue merge fork task_c task_d join end"),
        start("start"),
        user("task_a"),
        rule("rule", "route", "route"),
        xor("gw", "merge"),
        user("task_b"),
        boundary("overdue", "task_b", timer("P14D")),
        xor("merge"),
        parallel("fork"),
        user("task_c"),
        script("task_d", '="GP-" + string(reference)', "notified"),
        parallel("join"),
        end("end"),
        arrows(*CHAINS, when={"gw_task_b": '=route = "supported"'}),
    )
    tables = {"route": table("route", ["mobility", "alone"], ["route"], ROWS, policy="UNIQUE")}
    return release(diagram(process("p", *body)), tables=tables)


class Stock:
    """The same with stock SpiffWorkflow, in memory, nothing stored."""

    def __init__(self) -> None:
        parser = SpiffBpmnParser()
        parser.add_bpmn_xml(etree.fromstring(_stock_diagram().encode()))
        parser.add_dmn_xml(etree.fromstring(_stock_table().encode()))
        self._spec, self._inner = parser.get_spec("p"), parser.get_subprocess_specs("p")

    def whole(self) -> None:
        """One instance from its start to its end."""
        running = BpmnWorkflow(self._spec, self._inner)
        running.get_next_task(state=TaskState.READY).data.update(START)
        running.do_engine_steps()
        for name, answers in ANSWERS.items():
            task = running.get_next_task(state=TaskState.READY, spec_name=name)
            task.data.update(answers)
            task.run()
            running.refresh_waiting_tasks()
            running.do_engine_steps()
        assert running.is_completed()


def _stock_diagram() -> str:
    called = "<spiffworkflow:calledDecisionId>route</spiffworkflow:calledDecisionId>"
    body = (
        start("start"),
        user("task_a"),
        tag("bpmn:businessRuleTask", tag("bpmn:extensionElements", called), id="rule"),
        xor("gw", "merge"),
        user("task_b"),
        boundary("overdue", "task_b", timer('"P14D"')),
        xor("merge"),
        parallel("fork"),
        user("task_c"),
        '<bpmn:scriptTask id="task_d"><bpmn:script>notified = "GP-" + str(reference)</bpmn:script></bpmn:scriptTask>',
        parallel("join"),
        end("end"),
        arrows(*CHAINS, when={"gw_task_b": 'route == "supported"'}),
    )
    text = (
        diagram(process("p", *body)).replace("<zeebe:userTask></zeebe:userTask>", "").replace("<zeebe:userTask/>", "")
    )
    namespace = 'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" id="definitions"'
    return text.replace('id="definitions"', namespace)


def _stock_table() -> str:
    text = table("route", ["mobility", "alone"], ["route"], ROWS, policy="UNIQUE").replace(
        "<text>-</text>", "<text></text>"
    )
    root = etree.fromstring(text.encode())
    for number, element in enumerate(root.iter(etree.Element)):
        if element.get("id") is None:
            element.set("id", f"e{number}")
        if etree.QName(element).localname in ("inputExpression", "output"):
            element.set("typeRef", "string")
    return etree.tostring(root).decode()

"""Asks at start-up whether SpiffWorkflow is the one that was proved, and whether a small pathway still runs on it."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import version
from typing import Any

import orjson
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.calendars import Calendar
from engine.errors import EngineError
from engine.execution.apply import apply
from engine.execution.instructions import Circumstances, CompleteTask, FireTimer, Instruction, Start
from engine.execution.pathway import prepare
from engine.execution.snapshot import decode, encode
from engine.execution.waits import waits
from engine.pathways import release_from_files

PROVED = "3.2.0"
#: Everything of SpiffWorkflow that a subclass here replaces or calls, as it was when it was proved.
RELIED_ON: dict[tuple[type[Any], str], str] = {
    (Task, "_set_state"): "(self, value: int) -> None",
    (Task, "_inherit_data"): "(self) -> None",
    (Task, "_ready"): "(self) -> None",
    (Task, "run"): "(self) -> Optional[bool]",
    (Task, "cancel"): "(self) -> None",
    (Task, "complete"): "(self) -> None",
    (BpmnTaskSpec, "_predict"): "(self, my_task, seen=None, looked_ahead=0, mask=3)",
    (BpmnTaskSpec, "_update"): "(self, my_task)",
    (BpmnTaskSpec, "_update_hook"): "(self, my_task)",
    (BpmnTaskSpec, "_run"): "(self, my_task)",
    (BpmnTaskSpec, "_run_hook"): "(self, my_task)",
    (BpmnTaskSpec, "_on_complete"): "(self, my_task)",
    (BpmnTaskSpec, "_on_complete_hook"): "(self, my_task)",
    (BpmnTaskSpec, "_on_cancel"): "(self, my_task)",
    (BpmnTaskSpec, "connect"): "(self, taskspec)",
    (BpmnProcessSpec, "__init__"): "(self, name=None, description=None, filename=None, svg=None)",
    (BpmnWorkflow, "_task_completed_notify"): "(self, task: SpiffWorkflow.task.Task) -> None",
    (BpmnSubWorkflow, "_task_completed_notify"): "(self, task: SpiffWorkflow.task.Task) -> None",
    (BpmnSubWorkflow, "cancel"): "(self, success: bool = False) -> list[SpiffWorkflow.task.Task]",
    (BpmnParser, "add_bpmn_xml"): "(self, bpmn, filename=None)",
    (BpmnParser, "_add_processes"): "(self, bpmn, filename=None)",
    (BpmnParser, "_find_dependencies"): "(self, process)",
    (BpmnParser, "get_spec"): "(self, process_id, required=True)",
    (ProcessParser, "_parse"): "(self)",
    (ProcessParser, "create_spec"): "(self)",
    (ProcessParser, "add_tasks"): "(self)",
    (ProcessParser, "parse_node"): "(self, node)",
    (ProcessParser, "get_spec"): "(self)",
    (TaskParser, "parse_node"): "(self)",
    (TaskParser, "create_task"): "(self)",
}
STATES = {"FUTURE": 4, "WAITING": 8, "READY": 16, "STARTED": 32, "COMPLETED": 64, "CANCELLED": 256}

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
NODES = """
<bpmn:startEvent id="begin"/><bpmn:parallelGateway id="fork"/><bpmn:userTask id="one"/>
<bpmn:subProcess id="inner"><bpmn:startEvent id="inner_begin"/><bpmn:userTask id="two"/><bpmn:endEvent id="inner_end"/>
{inner}</bpmn:subProcess>
<bpmn:boundaryEvent id="late" attachedToRef="inner">
<bpmn:timerEventDefinition><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>
<bpmn:exclusiveGateway id="merge"/><bpmn:parallelGateway id="join"/><bpmn:endEvent id="DONE"/>
"""
INNER = "inner_begin>two two>inner_end"
OUTER = "begin>fork fork>one fork>inner inner>merge late>merge merge>join one>join join>DONE"


def _arrows(pairs: str) -> str:
    ends = (pair.split(">") for pair in pairs.split())
    return "".join(
        f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}"/>'
        for source, target in ends
    )


def _diagram() -> bytes:
    """A fork, a subprocess with a timer on its edge, and a join."""
    drawn = NODES.format(inner=_arrows(INNER)) + _arrows(OUTER)
    process = f'<bpmn:process id="selftest" isExecutable="true">{drawn}</bpmn:process>'
    return f'<bpmn:definitions xmlns:bpmn="{BPMN}" id="d" targetNamespace="t">{process}</bpmn:definitions>'.encode()


class SelfTestFailed(EngineError):
    """The installed SpiffWorkflow is not the one that the pathways were proved on; the engine does not start."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} Install SpiffWorkflow=={PROVED} as pyproject.toml says.")


@lru_cache(maxsize=1)
def verify() -> None:
    """Raise SelfTestFailed unless SpiffWorkflow is as it was proved and a small pathway runs; asked once a process."""
    found = version("SpiffWorkflow")
    if found != PROVED:
        raise SelfTestFailed(f"SpiffWorkflow {found} is installed, and {PROVED} was proved.")
    check_names(RELIED_ON)
    for name, value in STATES.items():
        if getattr(TaskState, name, None) != value:
            raise SelfTestFailed(f"SpiffWorkflow's task state {name} is not {value}.")
    run_one()


def check_names(relied_on: dict[tuple[type[Any], str], str]) -> None:
    """Every name that is overridden or called still exists, with the parameters it had. Raises SelfTestFailed."""
    for (owner, name), expected in relied_on.items():
        member = getattr(owner, name, None)
        signature = "nothing" if member is None else str(inspect.signature(member))
        if signature != expected:
            raise SelfTestFailed(f"SpiffWorkflow's {owner.__name__}.{name} is {signature}, not {expected}.")


def run_one() -> None:
    """A fork, a subprocess and a timer, read back after every step. Raises SelfTestFailed where it does not end."""
    pathway = prepare(release_from_files({"self/selftest/d.bpmn": _diagram()}, authority="self", pathway="selftest"))
    calendar = Calendar("england", {})
    state, next_id, hour = None, 1, 0

    def tell(instruction: Instruction) -> None:
        nonlocal state, next_id
        now = datetime(2026, 1, 5 + hour // 24, hour % 24, tzinfo=UTC)
        step = apply(pathway, state, instruction, Circumstances(now, {}, {}, calendar, next_id, 1, "self-test"))
        kept = orjson.dumps(encode(step.state))
        state, next_id = decode(pathway, orjson.loads(kept)), step.next_id
        if orjson.dumps(encode(state)) != kept:
            raise SelfTestFailed("A state that was read back differs.")

    tell(Start())
    assert state is not None
    tell(CompleteTask(next(each.task for each in waits(state).tasks if each.element == "one")))
    hour = 24
    tell(FireTimer(waits(state).timers[0].task))
    if not state.ended or state.outcomes != ["DONE"]:
        raise SelfTestFailed("A pathway with a fork, a subprocess and a timer does not come to its end.")

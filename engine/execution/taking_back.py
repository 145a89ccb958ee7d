"""A pathway that a person takes back takes with it what it had put on the case: the steps that a diagram marks so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.errors import Finding
from engine.execution.elements import Element, Process
from engine.execution.engine_steps import PLAN_FACTS
from engine.execution.scopes import Scope, State, results

#: The property of a `record_facts` step that is carried out also when its pathway is taken back.
WHEN_TAKEN_BACK = "casework:when_taken_back"
CARRIED_OUT = "yes"


def let_go(state: State) -> None:
    """Carry out the marked steps of every process under way, the innermost first, on the case as it is now.

    Each reads what its process can read; a fact of whether or when the plan ended is never among them (SH-6).
    """
    turn, processes = state.turn, state.pathway.processes
    for running in reversed(tuple(state.everywhere())):
        process = processes.get(running.spec.id)
        if process is None or running.variables is None:
            continue
        for step in process.elements.values():
            if WHEN_TAKEN_BACK in step.properties:
                seen = Scope([running.variables], turn.roots, running.spec.declared)
                facts = results(step.inputs, seen, turn.environment, step.id)
                turn.say("FactsChanged", element=step.id, facts=facts)
                turn.change_case(facts)


def check_taken_back(processes: Iterable[Process]) -> list[Finding]:
    """Refusals of marks that would not be heeded: on another kind of step, inside a subprocess, or with other words."""
    return [
        Finding("refusal", element.file, element.id, element.name, message, mend)
        for process in processes
        for element in process.elements.values()
        if WHEN_TAKEN_BACK in element.properties
        for message, mend in _amiss(element)
    ]


def _amiss(element: Element) -> Iterator[tuple[str, str]]:
    if element.job is None or element.job.type != "record_facts":
        yield (
            "It is to be carried out when the pathway is taken back, and it does not record facts.",
            "Set when_taken_back on a service task of type record_facts, or take it away.",
        )
    elif element.scope != element.process or element.loop is not None:
        yield (
            "It is to be carried out when the pathway is taken back, and it belongs to a part of the pathway only.",
            "Set when_taken_back on a step of the process itself that is done once.",
        )
    elif any(line.target[0].startswith(PLAN_FACTS) for line in element.inputs):
        yield (
            "It would write whether the plan has ended when the pathway is taken back.",
            "Leave that to the step that ends the plan.",
        )
    if element.properties[WHEN_TAKEN_BACK] != CARRIED_OUT:
        yield (
            "It does not say whether it is carried out when the pathway is taken back.",
            f"Write {CARRIED_OUT} in when_taken_back, or take it away.",
        )

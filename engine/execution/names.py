"""Which names a process writes: not yet written they read as null, and anything else is unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.execution.elements import Element, Process
from engine.execution.formulas import Formula
from engine.forms import Form

LOOP_NAMES = frozenset(
    {
        "loopCounter",
        "numberOfInstances",
        "numberOfActiveInstances",
        "numberOfCompletedInstances",
        "numberOfTerminatedInstances",
    }
)
#: Elements that bring answers, results or payloads, kept under their own id where answers are kept by task.
BRINGS = frozenset({"userTask", "serviceTask", "sendTask", "receiveTask", "subProcess", "callActivity"})


def written(element: Element, forms: Mapping[str, Form], *, by_task: bool) -> frozenset[str]:
    """The names this element writes outside itself, as far as the diagram and its form say."""
    names = {line.target[0] for line in element.outputs}
    if element.decision is not None:
        names.add(element.decision.result)
    if element.calculation is not None:
        names.add(element.calculation.result)
    if element.loop is not None:
        return frozenset(names | ({element.loop.output} if element.loop.output else set()))
    event = element.trigger is not None and element.trigger.kind in ("message", "signal", "error", "escalation")
    if by_task:
        if element.kind in BRINGS or event or element.job is not None:
            names.add(element.id)
    else:
        if element.job is not None and element.job.type == "end_plan":
            names.add(element.id)
        if not element.outputs:
            names |= asked(element, forms)
    return frozenset(name for name in names if name)


def declared_names(
    processes: Mapping[str, Process], forms: Mapping[str, Form], *, by_task: bool
) -> dict[str, frozenset[str]]:
    """The names known in each process: its own, those it is handed, and those its calls hand back."""
    names: dict[str, set[str]] = {}
    for process in processes.values():
        own = set(process.properties.get("casework:inputs", "").split())
        for element in process.elements.values():
            own |= written(element, forms, by_task=by_task)
            own |= {line.target[0] for line in element.inputs}
            own |= local_names(element, forms, by_task=by_task)
        names[process.id] = own
    calls = [
        (process.id, element)
        for process in processes.values()
        for element in process.elements.values()
        if element.called is not None and element.called.process in names
    ]
    growing = True
    while growing:
        growing = False
        for caller, element in calls:
            assert element.called is not None
            inner = names[element.called.process]
            handed = {line.target[0] for line in element.inputs}
            if element.called.all_in:
                handed |= names[caller]
            back = inner if element.called.all_out and not element.outputs else set()
            if not handed <= inner or not back <= names[caller]:
                growing = True
                inner |= handed
                names[caller] |= back
    return {process: frozenset(found) for process, found in names.items()}


def local_names(element: Element, forms: Mapping[str, Form], *, by_task: bool) -> set[str]:
    """Names that only this element's own mappings see."""
    found: set[str] = set()
    if element.loop is not None:
        found |= LOOP_NAMES | ({element.loop.item} if element.loop.item else set())
        found.add(element.id)
    return found if by_task else found | asked(element, forms)


def asked(element: Element, forms: Mapping[str, Form]) -> frozenset[str]:
    """The answers that a user task's form asks for."""
    form = forms.get(element.work.form or "") if element.work is not None else None
    return frozenset() if form is None else frozenset(form.fields)


def formulas(element: Element) -> Iterable[tuple[str, Formula]]:
    """Every expression of an element, with what it is for."""
    for which, lines in (("input mapping", element.inputs), ("output mapping", element.outputs)):
        for line in lines:
            yield which, line.source
    if element.work is not None:
        for what, formula in (
            ("due date", element.work.due),
            ("assignee", element.work.assignee),
            ("candidate groups", element.work.groups),
            ("priority", element.work.priority),
        ):
            if formula is not None:
                yield what, formula
    if element.job is not None and element.job.retries is not None:
        yield "number of tries", element.job.retries
    if element.calculation is not None:
        yield "script", element.calculation.expression
    if element.trigger is not None:
        if element.trigger.key is not None:
            yield "correlation key", element.trigger.key
        if element.trigger.when is not None:
            yield "timer", element.trigger.when
    if element.loop is not None:
        yield "input collection", element.loop.collection
        if element.loop.output_item is not None:
            yield "output element", element.loop.output_item
        if element.loop.until is not None:
            yield "completion condition", element.loop.until

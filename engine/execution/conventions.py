"""House conventions: what makes a diagram readable for those who work by it. Advice for a guest, rule for our own."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from engine.dmn import Model
from engine.errors import Finding
from engine.execution.elements import Element, Process, SequenceFlow
from engine.execution.names import declared_names, formulas
from engine.execution.scopes import ROOT_NAMES
from engine.execution.throwing import outcome_of
from engine.forms import Form

WORD = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LABELS = ("policy", "reading", "product")
#: Elements that carry a rule, so that people may ask whose it is.
RULED = frozenset(
    {"userTask", "sendTask", "serviceTask", "businessRuleTask", "boundaryEvent", "intermediateCatchEvent"}
)
#: Elements whose picture says enough without a name.
SPEAKING = frozenset({"parallelGateway", "startEvent", "subProcess"})


def check_conventions(
    processes: Mapping[str, Process], forms: Mapping[str, Form], models: Mapping[str, Model], *, by_task: bool
) -> list[Finding]:
    """Advice on every process of a release."""
    declared = declared_names(processes, forms, by_task=by_task)
    found: list[Finding] = []
    for process in processes.values():
        found.extend(_lanes(process))
        known = declared[process.id] | set(ROOT_NAMES)
        leaving: dict[str, list[SequenceFlow]] = {}
        for flow in process.flows:
            leaving.setdefault(flow.source, []).append(flow)
        for element in process.elements.values():
            out = leaving.get(element.id, [])
            found.extend(_words(element, out))
            found.extend(_responsibility(element))
            handed_back = declared.get(element.called.process, frozenset()) if element.called else frozenset()
            found.extend(_reading(element, out, known | handed_back, models))
    for model in dict.fromkeys(models.values()):
        found.extend(_rows(model))
    return found


def _rows(model: Model) -> Iterator[Finding]:
    """Every row that decides something says whose rule it is, as every element does."""
    for element, rule in (
        (table.element, rule) for logic in model.logic for table in model.tables(logic.id) for rule in table.facts.rules
    ):
        said = " ".join(rule.said)
        if not any(f"[{label}]" in said for label in LABELS):
            yield Finding(
                "advice",
                model.file,
                f"{element}#{rule.row}",
                None,
                f"Row {rule.row} does not say whose rule it is.",
                "Begin its annotation with [policy], [reading] or [product], and name the clauses.",
            )


def _advice(element: Element, message: str, mend: str) -> Finding:
    return Finding("advice", element.file, element.id, element.name, message, mend)


def _lanes(process: Process) -> Iterator[Finding]:
    """A lane is a role."""
    for lane, title in process.lanes.items():
        if not WORD.fullmatch(lane):
            yield Finding(
                "advice",
                process.file,
                process.id,
                process.name,
                f"The lane {title} has the id {lane}.",
                "Give it the id of its role in authority.toml.",
            )


def roles_wanted(processes: Mapping[str, Process]) -> Iterator[tuple[Element, str]]:
    """Each role that a task is for, with the task: its candidates where the diagram names them, else its lane.

    A pathway that is called and has no lanes works in its caller's.
    """
    for process in processes.values():
        for element in process.elements.values():
            called = processes.get(element.called.process) if element.called else None
            groups = element.work.groups if element.work is not None else None
            if groups is not None:
                named = groups.text.split(",") if groups.expression is None else ()
                yield from ((element, name.strip()) for name in named if name.strip())
            elif element.lane is not None and (element.work is not None or (called is not None and not called.lanes)):
                yield element, element.lane


def unstaffed(processes: Mapping[str, Process], roles: Collection[str]) -> list[Finding]:
    """The tasks for what is no role of the authority: nobody would see them, and nobody be told."""
    return [
        Finding(
            "refusal",
            element.file,
            element.id,
            element.name,
            f"It is for {role}, which is no role of the authority, so that nobody could do it.",
            "Give its lane the id of a role in authority.toml, or add the role there.",
        )
        for element, role in roles_wanted(processes)
        if role not in roles
    ]


def _words(element: Element, out: list[SequenceFlow]) -> Iterator[Finding]:
    """Ids are words, ends are outcomes, questions have a name and a default answer."""
    is_outcome = element.kind == "endEvent" and outcome_of(element.id) is not None
    if not is_outcome and not WORD.fullmatch(element.id):
        yield _advice(element, f"The id {element.id} is no word.", "Write lower-case words, such as decide_removal.")
    joins = element.kind.endswith("Gateway") and len(out) < 2
    if element.name is None and element.kind not in SPEAKING and not joins:
        yield _advice(element, "It has no name that people could read.", "Write what is done, asked or reached.")
    if element.kind in ("task", "manualTask"):
        yield _advice(
            element,
            "It is passed at once: nobody is asked, and nothing is kept.",
            "Make it a user task, if it is work.",
        )
    if element.kind == "exclusiveGateway" and len(out) > 1 and not any(flow.default for flow in out):
        yield _advice(
            element, "This question has no default answer.", "Make the arrow that keeps the plan the default."
        )


def _responsibility(element: Element) -> Iterator[Finding]:
    """Every task has a role and a due date or a reason; every rule has its label and its clauses."""
    if element.work is not None:
        if element.work.form_left_open:
            yield _advice(element, "Its form is not chosen.", "Choose a form, or take the empty form away.")
        if element.lane is None and element.work.groups is None:
            yield _advice(element, "It stands in no lane, so it has no role.", "Put it in the lane of its role.")
        if element.work.due is None and not element.properties.get("casework:no_due_date"):
            yield _advice(
                element,
                "It has no due date and does not say why.",
                "Write its due date, or why it has no due date (casework:no_due_date).",
            )
    if element.kind in RULED:
        label = element.properties.get("casework:label")
        if label not in LABELS:
            yield _advice(
                element,
                "It does not say whose rule it is.",
                "Choose its label: policy, reading or product (casework:label).",
            )
        elif label != "product" and not element.properties.get("casework:clauses"):
            yield _advice(
                element,
                "It names no clause of the policy.",
                "Name its clauses, such as CAM-2.3 (casework:clauses).",
            )


def _reading(
    element: Element, out: list[SequenceFlow], known: frozenset[str], models: Mapping[str, Model]
) -> Iterator[Finding]:
    """What is read was written somewhere."""
    reads = [(what, formula.names) for what, formula in formulas(element)]
    reads += [(f"condition of {flow.id}", flow.condition.names) for flow in out if flow.condition is not None]
    asked = element.decision.decision if element.decision is not None else ""
    if element.job is not None and element.job.type == "end_plan":
        asked = element.job.headers.get("guard", "").strip()
    if asked in models:
        reads.append((f"decision {asked}", models[asked].reads(asked)))
    for what, name in dict.fromkeys((what, name) for what, names in reads for name in sorted(names - known)):
        yield _advice(
            element,
            f"Its {what} reads {name}, which nothing in the diagram writes.",
            "Correct the name, map it in, or name it in the process's property casework:inputs.",
        )

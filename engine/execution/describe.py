"""A prepared pathway as plain facts, for lists, scenarios, drawings and documentation."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from engine.dmn.model import DecisionTable
from engine.execution.elements import Element
from engine.execution.pathway import Pathway
from engine.execution.throwing import outcome_of
from engine.history import JSON

#: The line of a letter's head that names its clauses.
HEAD_CLAUSES = re.compile(r'^clauses\s*=\s*"([^"\n]*)"', re.MULTILINE)


def describe(pathway: Pathway) -> dict[str, JSON]:
    """What the pathway consists of: every id a scenario may use.

    processes  id, name, file, lanes, starts, and elements with all that they say
    tasks      user tasks with role, form and its fields
    decisions  with the rows of their tables; forms with the task that shows them; letters
    jobs, calls, messages, timers, signals, escalations, ends, roles, clauses
    """
    elements = [each for process in pathway.processes.values() for each in process.elements.values()]
    return {
        "pathway": pathway.id,
        "authority": pathway.release.authority,
        "release": pathway.release.hash,
        "title": pathway.release.title,
        "version": pathway.release.version,
        "answers": pathway.release.answers,
        "processes": [
            {
                "id": process.id,
                "name": process.name,
                "file": process.file,
                "lanes": dict(process.lanes),
                "starts": [each.id for each in process.elements.values() if _is_start(each, process.id)],
                "flows": [
                    {
                        "id": flow.id,
                        "from": flow.source,
                        "to": flow.target,
                        "condition": flow.condition.text if flow.condition is not None else None,
                        "default": flow.default,
                    }
                    for flow in process.flows
                ],
            }
            for process in pathway.processes.values()
        ],
        "elements": [_element(each) for each in elements],
        "tasks": [_task(each, pathway) for each in elements if each.work is not None],
        "jobs": [
            {"element": each.id, "type": each.job.type, "headers": dict(each.job.headers)}
            for each in elements
            if each.job is not None
        ],
        "decisions": [_decision(name, pathway) for name in sorted(pathway.models)],
        "forms": [_form(each, pathway) for each in elements if each.work is not None and each.work.form],
        "letters": [_letter(path, pathway) for path in pathway.release.files if path.endswith(".md")],
        "calls": sorted({each.called.process for each in elements if each.called is not None}),
        "messages": sorted(_names(elements, "message")),
        "signals": sorted(_names(elements, "signal")),
        "timers": [
            {"element": each.id, "kind": each.trigger.timer, "when": each.trigger.when.text}
            for each in elements
            if each.trigger is not None and each.trigger.when is not None
        ],
        "escalations": [
            {
                "element": each.id,
                "code": each.trigger.code,
                "name": each.trigger.name,
                "role": each.properties.get("casework:escalation"),
            }
            for each in elements
            if each.trigger is not None and each.trigger.kind == "escalation"
        ],
        "ends": [
            {"element": each.id, "process": each.process, "outcome": outcome_of(each.id), "name": each.name}
            for each in elements
            if each.kind == "endEvent"
        ],
        "roles": sorted({lane for process in pathway.processes.values() for lane in process.lanes}),
        "clauses": sorted({clause for each in elements for clause in _clauses(each).split()}),
    }


def _is_start(element: Element, process: str) -> bool:
    return element.kind == "startEvent" and element.scope == process


def _names(elements: list[Element], kind: str) -> set[str]:
    return {each.trigger.name for each in elements if each.trigger is not None and each.trigger.kind == kind}


def _clauses(element: Element) -> str:
    return " ".join(element.properties.get("casework:clauses", "").split())


def _element(element: Element) -> dict[str, JSON]:
    return {
        "id": element.id,
        "name": element.name,
        "kind": element.kind,
        "process": element.process,
        "scope": element.scope,
        "lane": element.lane,
        "attached_to": element.attached_to,
        "trigger": element.trigger.kind if element.trigger is not None else None,
        "interrupting": element.interrupting,
        "multi_instance": element.loop is not None,
        "clauses": _clauses(element),
        "label": element.properties.get("casework:label", ""),
        "properties": dict(element.properties),
    }


def _task(element: Element, pathway: Pathway) -> dict[str, JSON]:
    assert element.work is not None
    form = pathway.release.forms.get(element.work.form or "")
    return {
        "element": element.id,
        "name": element.name,
        "process": element.process,
        "role": element.lane,
        "candidates": element.work.groups.text if element.work.groups is not None else None,
        "form": element.work.form,
        "fields": [] if form is None else form.describe()["fields"],
        "due": element.work.due.text if element.work.due is not None else None,
        "no_due_date": element.properties.get("casework:no_due_date"),
        "letter": element.properties.get("casework:letter"),
        "letter_step": element.properties.get("casework:letter_step"),
        "clauses": _clauses(element),
        "label": element.properties.get("casework:label", ""),
    }


def _decision(name: str, pathway: Pathway) -> dict[str, JSON]:
    """A decision and, where it is a table, its rows with what is noted beside them."""
    decision = pathway.models[name].decision(name)
    rules = decision.logic.rules if isinstance(decision.logic, DecisionTable) else ()
    return {
        "id": decision.id,
        "name": decision.name,
        "rows": [
            {"row": rule.row, "annotation": " ".join([*rule.annotations.values(), rule.description or ""]).strip()}
            for rule in rules
        ],
    }


def _form(element: Element, pathway: Pathway) -> dict[str, JSON]:
    assert element.work is not None and element.work.form is not None
    fields = pathway.release.forms[element.work.form].describe()["fields"]
    return {
        "id": element.work.form,
        "task": element.id,
        "fields": [{**field, "clauses": " ".join(field.get("clauses", []))} for field in fields],
    }


def _letter(path: str, pathway: Pathway) -> dict[str, JSON]:
    """A letter and the clauses that its head names; engine.letters reads the rest."""
    name = PurePosixPath(path).stem
    text = pathway.release.files[path].decode("utf-8", "replace")
    found = HEAD_CLAUSES.search(text.partition("\n+++")[0])
    drawn = (each for one in pathway.elements for each in pathway.drawn(one))
    tasks = dict.fromkeys(each.id for each in drawn if each.properties.get("casework:letter") == name)
    return {"id": name, "file": path, "clauses": found[1] if found else "", "tasks": list(tasks)}

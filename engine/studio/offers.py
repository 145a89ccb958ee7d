"""What there is to pick from in a draft, as one document: the editors offer this and nothing that would not run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from lxml import etree

from engine.authorities import clauses_from_csv
from engine.errors import EngineError
from engine.execution import allowed
from engine.execution.conventions import LABELS
from engine.execution.diagram import ENGINE_STEPS
from engine.forms import Field, read_form
from engine.forms.fields import fields_of
from engine.history import JSON
from engine.letters import read_letter
from engine.pathways import BUILT_IN_JOBS
from engine.pathways.references import read_decisions
from engine.studio.canonical import read_xml
from engine.studio.workspace import Workspace, kind_of

#: The steps that a letter goes through, each a task of its own.
LETTER_STEPS = {"draft": "It is drafted here", "approve": "It is approved here", "send": "It is sent here"}
#: Event definitions that begin a process by themselves; the others begin only an event subprocess.
BEGINNINGS = ("messageEventDefinition", "signalEventDefinition")


def offers(workspace: Workspace, path: str) -> dict[str, JSON]:
    """Everything that a file of a draft may refer to, and the engine's own allow-list.

    forms, decisions, pathways, roles, clauses, letters, jobs  each a list of {id, title}
    variables                                                  {name, info} of what is read here
    elements, zeebe                                            what may be drawn, and what it may carry
    """
    near = sorted(workspace.files, key=lambda each: (_far(each, path), each))
    forms, variables = _forms(workspace, near)
    return {
        "forms": forms,
        "decisions": _decisions(workspace, near),
        "pathways": _processes(workspace, near),
        "roles": _roles(workspace),
        "clauses": _clauses(workspace),
        "letters": _letters(workspace, near),
        "letterSteps": [{"id": step, "title": words} for step, words in LETTER_STEPS.items()],
        "labels": list(LABELS),
        "jobs": _jobs(workspace),
        "variables": [*_facts(workspace), *variables],
        "elements": {
            name: {"attributes": sorted(one.attributes), "children": sorted(one.children), "zeebe": sorted(one.zeebe)}
            for name, one in allowed.ALLOWED.items()
        },
        "zeebe": {name: sorted(attributes) for name, attributes in allowed.ZEEBE_ATTRIBUTES.items()},
        "drawing": sorted(allowed.DRAWING),
        "beginnings": list(BEGINNINGS),
    }


def _far(path: str, here: str) -> int:
    """0 for a file of the same pathway, 1 for a shared one, 2 for another pathway's."""
    home = str(PurePosixPath(here).parent)
    return 0 if path.startswith(f"{home}/") else 1 if "/shared/" in path else 2


def _once(found: Iterable[tuple[str, str]]) -> list[JSON]:
    known: dict[str, str] = {}
    for name, title in found:
        known.setdefault(name, title)
    return [{"id": name, "title": title} for name, title in known.items()]


def _forms(workspace: Workspace, near: list[str]) -> tuple[list[JSON], list[JSON]]:
    listed: list[tuple[str, str]] = []
    variables: list[JSON] = []
    for path in near:
        if kind_of(path) != "form":
            continue
        try:
            form = read_form(workspace.files[path], path)
        except EngineError:
            continue
        listed.append((form.id, path))
        for field, _ in fields_of(form.layout):
            variables.append({"name": f"{form.id}.{field.key}", "info": f"{_kind(field)}: {field.title}"})
    return _once(listed), variables


def _kind(field: Field) -> str:
    return field.subtype or field.type


def _decisions(workspace: Workspace, near: list[str]) -> list[JSON]:
    def found() -> Iterator[tuple[str, str]]:
        for path in near:
            if kind_of(path) == "table":
                try:
                    for decision in sorted(read_decisions(workspace.files[path]).decisions):
                        yield decision, path
                except (EngineError, ValueError, etree.XMLSyntaxError):
                    continue

    return _once(found())


def _processes(workspace: Workspace, near: list[str]) -> list[JSON]:
    def found() -> Iterator[tuple[str, str]]:
        for path in near:
            if kind_of(path) == "diagram":
                try:
                    root = read_xml(workspace.files[path])
                except ValueError:
                    continue
                for process in root.iter(allowed.bpmn("process")):
                    yield str(process.get("id", "")), str(process.get("name") or path)

    return _once(found())


def _roles(workspace: Workspace) -> list[JSON]:
    try:
        return _once(workspace.settings.roles.items())
    except EngineError:
        return []


def _clauses(workspace: Workspace) -> list[JSON]:
    path = f"{workspace.authority}/clauses.csv"
    try:
        clauses = clauses_from_csv(workspace.files.get(path, b""), path)
    except EngineError:
        return []
    return [{"id": clause.id, "title": clause.summary} for clause in clauses.values()]


def _letters(workspace: Workspace, near: list[str]) -> list[JSON]:
    def found() -> Iterator[tuple[str, str]]:
        for path in near:
            if kind_of(path) == "letter":
                name = PurePosixPath(path).stem
                try:
                    yield name, read_letter(workspace.files[path], path).title
                except EngineError:
                    yield name, path

    return _once(found())


def _jobs(workspace: Workspace) -> list[JSON]:
    declared: set[str] = set()
    try:
        declared = {job for release in workspace.releases.values() for job in release.jobs}
    except EngineError:
        pass
    built_in = {"letter": "Sends a letter", "mail": "Sends a mail", "webhook": "Tells another system"}
    own = {"end_plan": "Ends the plan, if its guard lets it", "record_facts": "Writes facts of the case"}
    listed = [*((job, built_in.get(job, job)) for job in sorted(BUILT_IN_JOBS | declared))]
    return _once([*listed, *((step, own.get(step, step)) for step in sorted(ENGINE_STEPS))])


def _facts(workspace: Workspace) -> list[JSON]:
    """The case's facts and the authority's settings, which every expression may read."""
    try:
        declared = {
            name: parameter.label
            for release in workspace.releases.values()
            for name, parameter in release.parameters.items()
        }
    except EngineError:
        declared = {}
    found: list[JSON] = [{"name": "case", "info": "What is known of the case, such as case.legal_status"}]
    return found + [{"name": f"parameters.{name}", "info": label} for name, label in sorted(declared.items())]

"""A release made ready to run: read, checked, every expression compiled, the spec graph built; shared by threads."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException

from engine.dmn import DmnError, Model, read_model
from engine.errors import Finding, PathwayRefused
from engine.execution.conventions import check_conventions, roles_wanted, unstaffed
from engine.execution.diagram import Diagram
from engine.execution.elements import Element, Process
from engine.execution.formulas import EXTENSIONS
from engine.execution.graphs import LateGraphs
from engine.execution.names import declared_names
from engine.execution.nodes import Known
from engine.execution.parsing import PathwayParser
from engine.execution.reader import Findings, order_arrows, read_again, read_xml, screen
from engine.execution.scopes import PathwaySpec
from engine.execution.separation import apart_from_nobody, kept_apart, steps_apart
from engine.execution.soundness import check_soundness
from engine.execution.structure import check_structure
from engine.execution.taking_back import check_taken_back
from engine.forms import Form
from engine.forms.reading import form_id
from engine.pathways import BUILT_IN_JOBS, BY_TASK, Release
from engine.pathways.references import read_decisions


@dataclass(frozen=True, eq=False)
class Pathway:
    """A prepared release; nothing in it changes any more.

    id         its main process
    processes  every process of the release, by id
    spec       the main process's graph; inner: those of everything it runs, by key
    models     decision id to the model that holds it
    """

    release: Release
    processes: Mapping[str, Process] = field(repr=False)
    spec: PathwaySpec = field(repr=False)
    inner: Mapping[str, PathwaySpec] = field(repr=False)
    models: Mapping[str, Model] = field(repr=False)

    @property
    def id(self) -> str:
        """The main process's id."""
        return self.release.pathway

    @property
    def roles(self) -> dict[str, str]:
        """The roles that its tasks are for, each with the title of its lane."""
        titles = {lane: title for process in self.processes.values() for lane, title in process.lanes.items()}
        return {role: titles.get(role) or role for _, role in roles_wanted(self.processes)}

    def unstaffed(self, roles: Collection[str]) -> list[Finding]:
        """The tasks that none of these roles could do."""
        return unstaffed(self.processes, roles)

    def apart_from_nobody(self) -> list[Finding]:
        """The steps that are kept apart from what nobody does, as far as this release tells."""
        return apart_from_nobody(self.processes)

    @cached_property
    def apart(self) -> Mapping[str, tuple[str, ...]]:
        """Each step that somebody else must do, with the steps whose doers may not do it."""
        return kept_apart(self.processes)

    @cached_property
    def elements(self) -> Mapping[str, Element]:
        """Every element by id; of one that several processes draw, only what they all say of it (`element`)."""
        return {element: _agreed(drawn) for element, drawn in self._drawn.items()}

    @cached_property
    def shared(self) -> frozenset[str]:
        """The ids that several processes of the release use: which element is meant, only its process tells."""
        return frozenset(element for element, drawn in self._drawn.items() if len(drawn) > 1)

    @cached_property
    def _drawn(self) -> Mapping[str, list[Element]]:
        """Every element by id, the main process's last."""
        found: dict[str, list[Element]] = {}
        for process in sorted(self.processes.values(), key=lambda each: each.id == self.id):
            for element in process.elements.values():
                found.setdefault(element.id, []).append(element)
        return found

    def element(self, element: str, process: str = "") -> Element | None:
        """The element of that id in a process; without one, what every process that uses the id says of it."""
        own = self.processes.get(process)
        found = own.elements.get(element) if own is not None else None
        return found if found is not None else self.elements.get(element)

    def drawn(self, element: str) -> tuple[Element, ...]:
        """Each element of that id, of whichever process."""
        return tuple(self._drawn.get(element, ()))

    def taken_before(self, element: str) -> Element | None:
        """The element that commands took for this id, whatever its process, before they looked in its own."""
        found = self._drawn.get(element)
        return found[-1] if found else None

    @cached_property
    def messages(self) -> frozenset[str]:
        """The names of every message that a step of the release hears or throws."""
        drawn = (each.trigger for process in self.processes.values() for each in process.elements.values())
        return frozenset(trigger.name for trigger in drawn if trigger is not None and trigger.kind == "message")

    @cached_property
    def thrown(self) -> frozenset[str]:
        """The names of every signal that a step of the release throws (BPMN 2.0.2, 10.5.1)."""
        drawn = (each for process in self.processes.values() for each in process.elements.values())
        throwing = (each.trigger for each in drawn if each.kind in ("intermediateThrowEvent", "endEvent"))
        return frozenset(trigger.name for trigger in throwing if trigger is not None and trigger.kind == "signal")

    def model_of(self, decision: str) -> Model:
        """The decision model that holds this decision."""
        return self.models[decision]

    def title_of(self, element: str, process: str = "") -> str:
        """What people call this element: its name, else its id in words."""
        found = self.element(element, process)
        return found.name if found is not None and found.name else element.replace("_", " ")

    def help_of(self, element: str, process: str = "") -> str:
        """What the diagram's documentation says of this element, '' where it says nothing."""
        found = self.element(element, process)
        return found.documentation if found is not None else ""

    def properties_of(self, element: str, process: str = "") -> Mapping[str, str]:
        """The element's own facts (casework:clauses, casework:label and their like)."""
        found = self.element(element, process)
        return found.properties if found is not None else {}

    def apart_from(self, element: str, process: str = "") -> tuple[str, ...]:
        """The steps whose doers may not do this one; where its process is not known, as any process says."""
        own = self.processes.get(process)
        if own is not None and element in own.elements:
            return steps_apart(own.elements[element].properties)
        return self.apart.get(element, ())


def _agreed(drawn: list[Element]) -> Element:
    """What is certain of an id that several processes use: where they differ, nothing is said but all its names."""
    last = drawn[-1]
    if len(drawn) == 1:
        return last
    works, shared = [one.work for one in drawn if one.work is not None], drawn[0].properties.items()
    work = works[0] if len(works) == len(drawn) else None
    if work is not None:
        forms, dates = {one.form for one in works}, {one.due for one in works}
        work = replace(work, form=work.form if len(forms) == 1 else None, due=work.due if len(dates) == 1 else None)
    return replace(
        last,
        name=" / ".join(dict.fromkeys(filter(None, (one.name for one in drawn)))) or None,
        documentation=last.documentation if len({one.documentation for one in drawn}) == 1 else "",
        properties=dict(item for item in shared if all(item in one.properties.items() for one in drawn)),
        lane=last.lane if len({one.lane for one in drawn}) == 1 else None,
        trigger=last.trigger if len({one.trigger for one in drawn}) == 1 else None,
        work=work,
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """A release as far as it could be read."""

    processes: Mapping[str, Process]
    models: Mapping[str, Model]
    forms: Mapping[str, Form]
    roots: list[tuple[str, object]]
    findings: list[Finding]

    @property
    def refusals(self) -> list[Finding]:
        """What would not execute as drawn."""
        return [finding for finding in self.findings if finding.severity == "refusal"]


def read_release(release: Release) -> Reading:
    """Read every diagram and table of a release, with everything that would not execute as drawn."""
    found: list[Finding] = []
    models = read_models(release, found)
    forms = _forms(release, found)
    known = Known(
        forms=_form_ids(release),
        decisions=frozenset(models) | frozenset(read_decision_ids(release)),
        processes=frozenset(release.processes),
        jobs=frozenset(BUILT_IN_JOBS) | release.jobs,
    )
    processes: list[Process] = []
    roots: list[tuple[str, object]] = []
    for path, content in release.diagrams.items():
        findings = Findings(path)
        root = read_xml(content, findings)
        if root is not None:
            screen(root, findings)
            order_arrows(root)
            read = Diagram(root, findings, known).read()
            processes.extend(read)
            roots.append((path, root))
        found.extend(findings.found)
    found.extend(check_structure(processes))
    found.extend(check_taken_back(processes))
    by_id = {process.id: process for process in processes}
    if not any(finding.severity == "refusal" for finding in found):
        found.extend(check_soundness(processes, forms, by_task=release.answers == BY_TASK))
    return Reading(by_id, models, forms, roots, found)


def read_decision_ids(release: Release) -> set[str]:
    """The ids of every decision in the release's files, those included that could not be read."""
    return {each for content in release.decision_files.values() for each in read_decisions(content).decisions}


def read_models(release: Release, found: list[Finding]) -> dict[str, Model]:
    """Every decision model of a release, imported ones before those that import them."""
    waiting = {path: read_decisions(content) for path, content in release.decision_files.items()}
    read: dict[str, Model] = {}
    models: dict[str, Model] = {}
    while waiting:
        present = {declared.namespace for declared in waiting.values()}
        ready = [path for path, declared in waiting.items() if not declared.imports & (present - {declared.namespace})]
        for path in ready or list(waiting):
            declared = waiting.pop(path)
            try:
                model = (
                    read_model(release.decision_files[path], path, imports=read, extensions=EXTENSIONS)
                    if declared.imports
                    else _model(release.decision_files[path], path)
                )
            except DmnError as error:
                found.append(error.finding)
                continue
            found.extend((*model.findings, *model.strange_calls))
            read[declared.namespace] = model
            models.update(dict.fromkeys(declared.decisions, model))
    return models


@lru_cache(maxsize=512)
def _model(content: bytes, path: str) -> Model:
    """A decision file that imports nothing; releases that share it share the model."""
    return read_model(content, path, extensions=EXTENSIONS)


def _forms(release: Release, found: list[Finding]) -> Mapping[str, Form]:
    try:
        return release.forms
    except PathwayRefused as refused:
        found.extend(refused.findings)
        return {}


def _form_ids(release: Release) -> frozenset[str]:
    """The ids of every form in the release's files, those included that could not be read."""
    return frozenset(form_id(text, path) for path, text in release.files.items() if path.endswith(".form"))


def check(
    release: Release,
    *,
    conventions: bool = False,
    roles: Collection[str] | None = None,
    tasks: Collection[str] | None = None,
) -> list[Finding]:
    """What there is to say about a release: refusals, and advice; with `conventions` the advice is refusal too.

    roles  those of its authority, where they are known: a task for any other is refused
    tasks  the user tasks of its authority's other pathways, where they are known: a step may be kept apart from them
    """
    reading = read_release(release)
    found = [*reading.findings]
    found += apart_from_nobody(reading.processes, tasks)
    if roles is not None:
        found += unstaffed(reading.processes, roles)
    found += check_conventions(reading.processes, reading.forms, reading.models, by_task=release.answers == BY_TASK)
    if not reading.refusals:
        try:
            _build(release, reading)
        except PathwayRefused as refused:
            found.extend(refused.findings)
    return [replace(each, severity="refusal") for each in found] if conventions else found


def check_alone(path: str, content: bytes) -> list[Finding]:
    """Why a diagram is no part of any pathway: it cannot be read, or it draws nothing that executes."""
    findings = Findings(path)
    root = read_xml(content, findings)
    if root is not None:
        screen(root, findings)
    if not findings.found:
        findings.refuse(None, "It draws no executable process.", "Tick Executable in it, or take the file away.")
    return findings.found


class LateModels(Mapping[str, Model]):
    """The decision models of a sound release, each file read when one of its decisions is first asked for."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._declared = {path: read_decisions(content) for path, content in release.decision_files.items()}
        self._path = {name: path for path, declared in self._declared.items() for name in declared.decisions}

    def __getitem__(self, decision: str) -> Model:
        path = self._path[decision]
        if self._declared[path].imports:
            return self._imported[decision]
        return _model(self._release.decision_files[path], path)

    @cached_property
    def _imported(self) -> Mapping[str, Model]:
        return read_models(self._release, [])

    def __iter__(self) -> Iterator[str]:
        return iter(self._path)

    def __len__(self) -> int:
        return len(self._path)


class LateForms(Mapping[str, Form]):
    """The forms of a sound release, read when one of them is first asked for."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self.ids = _form_ids(release)

    def __getitem__(self, form: str) -> Form:
        return self._release.forms[form]

    def __iter__(self) -> Iterator[str]:
        return iter(self._release.forms)

    def __len__(self) -> int:
        return len(self.ids)


def _prepare_sound(release: Release) -> Pathway:
    """Read what a sound release runs by; its tables, forms and graphs wait until somebody asks for them."""
    models, forms = LateModels(release), LateForms(release)
    known = Known(
        forms=forms.ids,
        decisions=frozenset(models),
        processes=frozenset(release.processes),
        jobs=frozenset(BUILT_IN_JOBS) | release.jobs,
    )
    processes: dict[str, Process] = {}
    for path, content in release.diagrams.items():
        root = read_again(content)
        order_arrows(root)
        processes.update((read.id, read) for read in Diagram(root, Findings(path), known, sound=True).read())
    by_task = release.answers == BY_TASK
    declared = declared_names(processes, forms, by_task=by_task)
    graphs = LateGraphs(processes, release.diagrams, declared, by_task=by_task)
    return Pathway(release, processes, graphs[release.pathway], graphs, models)


def prepare(release: Release, *, sound: bool = False) -> Pathway:
    """Make a release ready to run. Raises PathwayRefused with every finding where it would not execute as drawn.

    sound  this very engine has prepared these very files before: they are not checked again
    """
    if sound:
        return _prepare_sound(release)
    reading = read_release(release)
    if reading.refusals:
        raise PathwayRefused(reading.refusals)
    return _build(release, reading)


def _build(release: Release, reading: Reading) -> Pathway:
    by_task = release.answers == BY_TASK
    declared = declared_names(reading.processes, reading.forms, by_task=by_task)
    parser = PathwayParser(reading.processes, declared, by_task)
    try:
        for path, root in reading.roots:
            parser.add_bpmn_xml(root, path)
        specs = parser.specs()
    except ValidationException as error:
        raise PathwayRefused(
            [
                Finding(
                    "refusal",
                    str(error.file_name or release.pathway),
                    error.id,
                    None,
                    f"It cannot be parsed: {error}.",
                    "Draw it again.",
                )
            ]
        ) from error
    return Pathway(release, reading.processes, specs[release.pathway], specs, reading.models)

"""One diagram drawn elsewhere, judged element by element before anything of it is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import MappingProxyType

from lxml import etree

from engine.errors import Finding, PathwayRefused
from engine.execution.allowed import BPMN, DRAWING, NODES, ZEEBE
from engine.execution.reader import Findings, read_xml
from engine.layout import DiagramUnreadable, tidy
from engine.pathways import BY_TASK, MERGED, Release
from engine.pathways.folder import main_processes
from engine.pathways.limits import FILE_BYTES
from engine.pathways.manifest import Manifest, read_manifest
from engine.pathways.references import read_diagram
from engine.publication import check_release
from engine.studio.canonical import HEAD, local, written_json
from engine.studio.diagram_facts import KINDS
from engine.studio.new_pieces import NAMED, manifest
from engine.studio.workspace import Workspace, kind_of

#: What a finding may be about beside a step: named in the verdict where something is said of it.
_PARTS = NODES | frozenset(
    {"process", "participant", "lane", "sequenceFlow", "message", "signal", "error", "escalation"}
)
#: The largest diagram that is given a picture as it arrives; a larger one would keep whoever waits waiting.
PLACED = 150
_SHAPE = "{http://www.omg.org/spec/BPMN/20100524/DI}BPMNShape"

#: What else of a diagram may have a verdict, in words.
_CALLED = {
    **KINDS,
    "task": "step for the reader",
    "manualTask": "step for the reader",
    "adHocSubProcess": "ad-hoc group of steps",
    "transaction": "transaction",
    "complexGateway": "complex gateway",
    "process": "the process itself",
    "participant": "pool",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one element: it runs, or why it does not and the mend; and what the house still asks of it."""

    id: str
    name: str
    kind: str
    refused: tuple[Finding, ...] = ()
    advised: tuple[Finding, ...] = ()

    @property
    def runs(self) -> bool:
        """Whether it executes as drawn."""
        return not self.refused


@dataclass(frozen=True)
class Arrival:
    """A diagram as a draft would keep it, with the verdict on each of its elements.

    files     what a draft would keep: the diagram, the forms that stood in it, and pathway.toml where it is new
    verdicts  every step, and every other element of which something is to be said
    whole     what is said of the file, its tables or what it calls, and of no element
    drawn     how many elements are only to be looked at: notes, data objects, groups
    """

    pathway: str
    path: str
    files: Mapping[str, bytes]
    verdicts: tuple[Verdict, ...]
    whole: tuple[Finding, ...]
    drawn: int

    @property
    def runs(self) -> bool:
        """Whether everything executes as drawn."""
        return all(one.runs for one in self.verdicts) and not any(one.severity == "refusal" for one in self.whole)

    @property
    def refused(self) -> list[Verdict]:
        """The elements that do not run."""
        return [one for one in self.verdicts if not one.runs]


def arrival(workspace: Workspace, body: bytes, *, name: str = "", into: str = "") -> Arrival:
    """The verdict on a diagram as a new pathway called `name`, or as the diagram of the pathway `into`.

    Without a name the diagram's own process gives it. Raises PathwayRefused where the file cannot be read at all, or
    where it is not clear which pathway it is to be.
    """
    filename = "The diagram"
    if len(body) > FILE_BYTES:
        mend = "Remove embedded pictures, or split the diagram into called processes."
        raise _refusal(f"The file has {len(body):,} bytes, and one may have {FILE_BYTES:,}.", mend)
    findings = Findings(filename)
    root = read_xml(body, findings)
    if root is None:
        raise PathwayRefused(findings.found)
    process = _main(root, body, name or into)
    pathway = into or name or _word(process.get("id", ""))
    if into and into not in workspace.pathways:
        raise _refusal(f"There is no pathway {into[:80]} in this draft.", "Choose one that there is.")
    if not into and not NAMED.match(pathway):
        raise _refusal(
            f"A pathway cannot be called {pathway[:80]!a}.",
            "Give it an id of lower-case words joined by _, such as leave_the_area.",
        )
    if not into and pathway in workspace.pathways:
        raise _refusal(
            f"There is a pathway {pathway} already.", "Give the new one another id, or choose to replace it."
        )
    home = workspace.home(pathway)
    path = f"{home}/pathway.bpmn"
    taken = {PurePosixPath(one).stem for one in workspace.files if one.endswith(".form")}
    forms = {f"{home}/forms/{form}.form": content for form, content in _forms_out(root, taken).items()}
    unseen = _unseen(root)
    written = _written(root, body, process.get("id", ""), pathway, changed=bool(forms))
    files = {path: _placed(written) if unseen and len(unseen) <= PLACED else written, **forms}
    answers = MERGED
    if not into:
        title = " ".join((process.get("name") or pathway.replace("_", " ")).split())[:200]
        answers = _answers_of(workspace, body)
        files[f"{home}/pathway.toml"] = manifest(title, "", answers=answers)
    after = Workspace.of(workspace.authority, {**workspace.files, **files}, {})
    found = judged(after, pathway, path)
    if answers == BY_TASK:
        message = "It calls a pathway that keeps each task’s answers under the task’s id, and so does this one now."
        mend = "Where a condition reads an answer by its name alone, write task.answer."
        found.append(Finding("advice", path, None, None, message, mend))
    if len(unseen) > PLACED:
        mend = "Place them in the editor it comes from, or run pathways tidy on the file."
        found.append(Finding("advice", path, None, None, f"{len(unseen)} of its steps have no shape to be seen.", mend))
    return Arrival(pathway, path, files, *_by_element(root, process.get("id", ""), pathway, path, found))


def _answers_of(workspace: Workspace, body: bytes) -> str:
    """How a new pathway keeps its answers: as the pathways that it calls do, else each as a variable (Camunda 8)."""
    called = {call.process for call in read_diagram(body).calls} & set(workspace.pathways)
    kept = set()
    for name in called:
        path = f"{workspace.home(name)}/pathway.toml"
        with suppress(PathwayRefused):
            kept.add(read_manifest(workspace.files[path], path).answers)
    return BY_TASK if kept == {BY_TASK} else MERGED


def judged(workspace: Workspace, pathway: str, path: str, *, conventions: bool = False) -> list[Finding]:
    """Everything the checks say of a pathway, of each element even where something it calls or names is missing.

    conventions  what the house asks of its own is refusal too, as for publishing
    """
    try:
        release = workspace.release(pathway)
    except PathwayRefused as refused:
        try:
            alone = _alone(workspace, pathway, path)
        except PathwayRefused:
            return list(refused.findings)
        # What the house asks for is told once everything is there: without what it calls, half of it would be wrong.
        said = [finding for finding in check_release(alone, conventions=False) if finding.severity == "refusal"]
        places = {finding.place for finding in said if finding.file == path}
        missed = [one for one in refused.findings if one.file != path or one.place not in places]
        return list(dict.fromkeys([*missed, *said]))
    return list(dict.fromkeys(check_release(release, conventions=conventions)))


def _alone(workspace: Workspace, pathway: str, path: str) -> Release:
    """A release of a pathway's own folder and the shared files, as far as it goes: to be judged, never to be run.

    Raises PathwayRefused where its settings cannot be read: they say how everything else is read.
    """
    settings = f"{workspace.home(pathway)}/pathway.toml"
    said = read_manifest(workspace.files[settings], settings) if settings in workspace.files else Manifest()
    near = (f"{workspace.home(pathway)}/", *(f"{workspace.authority}/shared/{kind}/" for kind in _SHARED))
    files = {p: b for p, b in workspace.files.items() if p.startswith(near) and kind_of(p) != "scenario"}
    processes = {
        process: file
        for file, content in workspace.files.items()
        if file.endswith(".bpmn")
        for process, _name, _version in read_diagram(content).processes
    }
    processes |= {process: path for process, _name, _version in read_diagram(workspace.files[path]).processes}
    return Release(
        workspace.authority, pathway, "", MappingProxyType(files), said.title, said.purpose, said.version,
        said.answers, said.parameters, said.jobs, processes,
    )  # fmt: skip


_SHARED = ("forms", "decisions", "letters")


def _main(root: etree._Element, body: bytes, named: str) -> etree._Element:
    """The process that is to be the pathway: the one named so, the only one that no other calls, or the only one."""
    processes = [one for one in root.findall(f"{{{BPMN}}}process") if one.get("id")]
    if not processes:
        raise _refusal("The file draws no process with an id.", "Save it from a BPMN editor.")
    by_id = {one.get("id", ""): one for one in processes}
    if named in by_id:
        return by_id[named]
    candidates = main_processes({"diagram.bpmn": body}) or tuple(by_id)
    if len(candidates) > 1:
        raise _refusal(
            f"Several processes could be the pathway: {', '.join(candidates[:10])}.",
            "Write the id of the one that is meant, or put each into a file of its own.",
        )
    return by_id[candidates[0]]


def _word(identity: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", identity.lower()).strip("_")[:64]


def _forms_out(root: etree._Element, taken: set[str]) -> dict[str, bytes]:
    """Take the forms that Camunda's editor puts into a diagram out of it, by id; each task names its form's file."""
    found: dict[str, bytes] = {}
    tasks = [one for one in root.iter(f"{{{ZEEBE}}}formDefinition") if one.get("formKey")]
    for held in list(root.iter(f"{{{ZEEBE}}}userTaskForm")):
        asking = [one for one in tasks if one.get("formKey") == f"camunda-forms:bpmn:{held.get('id', '')}"]
        try:
            schema = json.loads(held.text or "")
        except (ValueError, RecursionError):
            continue
        parent = held.getparent()
        if not asking or not isinstance(schema, dict) or parent is None:
            continue
        name = _word(str(schema.get("id") or held.get("id") or ""))
        name = name if NAMED.match(name) else "form"
        used = {*found, *taken}
        name = next(free for free in (name, *(f"{name}_{at}" for at in range(2, len(used) + 3))) if free not in used)
        found[name] = written_json({**schema, "id": name})
        for one in asking:
            del one.attrib["formKey"]
            one.set("formId", name)
        parent.remove(held)
    return found


def _written(root: etree._Element, body: bytes, process: str, pathway: str, *, changed: bool) -> bytes:
    """The file in UTF-8, its main process called as the pathway is; byte for byte as it came where it is so already."""
    if process == pathway and not changed:
        try:
            body.decode("utf-8")
        except UnicodeDecodeError:
            return _text(root)
        return body.removeprefix(b"\xef\xbb\xbf")
    for element in root.iter(etree.Element):
        for attribute in ("id", "processRef", "bpmnElement"):
            if element.get(attribute) == process:
                element.set(attribute, pathway)
        if local(element) == "calledElement" and element.get("processId") == process:
            element.set("processId", pathway)
    return _text(root)


def _unseen(root: etree._Element) -> list[str]:
    """The steps that run and that no picture of the file shows."""
    shown = {shape.get("bpmnElement") for shape in root.iter(_SHAPE)}
    return [one.get("id", "") for one in _elements(root) if local(one) in NODES and one.get("id") not in shown]


def _placed(content: bytes) -> bytes:
    """The file with a shape for each step: what runs and cannot be seen, nobody could check or change."""
    try:
        return tidy(content)
    except DiagramUnreadable:
        return content


def _text(root: etree._Element) -> bytes:
    return HEAD.encode() + etree.tostring(root, encoding="unicode").encode("utf-8") + b"\n"


def _by_element(
    root: etree._Element, process: str, pathway: str, path: str, found: Iterable[Finding]
) -> tuple[tuple[Verdict, ...], tuple[Finding, ...], int]:
    said: dict[str, list[Finding]] = {}
    whole = []
    ids = {one.get("id") for one in _elements(root) if local(one) not in DRAWING}
    for finding in found:
        if finding.file == path and finding.place in ids and finding.place is not None:
            said.setdefault(finding.place, []).append(finding)
        else:
            whole.append(finding)
    verdicts = []
    for element in _elements(root):
        identity, kind = element.get("id", ""), local(element)
        about = said.pop(identity, [])
        if kind in DRAWING or not (about or kind in NODES):
            continue
        refused = tuple(one for one in about if one.severity == "refusal")
        advised = tuple(one for one in about if one.severity != "refusal")
        name = " ".join(element.get("name", "").split())
        verdicts.append(Verdict(identity, name, _CALLED.get(kind, kind), refused, advised))
    drawn = sum(1 for one in _elements(root) if local(one) in DRAWING and local(one) != "documentation")
    return tuple(verdicts), tuple(whole), drawn


def _elements(root: etree._Element) -> Iterator[etree._Element]:
    """The elements of the diagram in order, without its shapes."""
    for element in root.iter(etree.Element):
        if element.tag.startswith(f"{{{BPMN}}}") and element.get("id"):
            yield element


def _refusal(message: str, mend: str) -> PathwayRefused:
    return PathwayRefused([Finding("refusal", "The diagram", None, None, message, mend)])

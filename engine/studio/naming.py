"""What a pathway is called: its title, purpose and version, the words on its picture; its id, while nobody has it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from lxml import etree

from engine.errors import PathwayRefused, Refused
from engine.pathways.manifest import read_manifest
from engine.pathways.references import read_diagram
from engine.studio.canonical import local, read_xml, written_xml
from engine.studio.new_pieces import named
from engine.studio.referring import Reference, naming_pathways, references
from engine.studio.workspace import Workspace, kind_of

#: The lines of a file that name a pathway: of settings, and of a scenario. What stands in [messages] names one, too.
_NAMING = re.compile(r'^(\s*(?:life_event_pathway|life_event_pathway_after_end|pathway|start)\s*=\s*)"([^"]*)"', re.M)
_ANY = re.compile(r'^(\s*[A-Za-z0-9_-]+\s*=\s*)"([^"]*)"', re.M)
_MESSAGES = re.compile(r"^\s*\[\s*messages\s*\][^\n]*\n(?:(?!\s*\[).*(?:\n|\Z))*", re.M)
Files = dict[str, bytes | None]


@dataclass(frozen=True, slots=True)
class Called:
    """What people call a pathway; `drawn` is the name on the frame of its picture."""

    title: str
    purpose: str
    version: str
    drawn: str


def called(workspace: Workspace, pathway: str) -> Called:
    """What a pathway is called now. Raises PathwayRefused where its settings cannot be read."""
    path = f"{workspace.home(pathway)}/pathway.toml"
    said = read_manifest(workspace.files[path], path)
    return Called(said.title, said.purpose, said.version, _drawn(workspace, pathway))


def recalled(workspace: Workspace, pathway: str, wanted: Called) -> Files:
    """The files that change where a pathway is called otherwise; its id stays. Raises Refused, PathwayRefused."""
    title, purpose, version, drawn = (
        " ".join(one.split()) for one in (wanted.title, wanted.purpose, wanted.version, wanted.drawn)
    )
    if not 3 <= len(title) <= 120:
        raise Refused("Say in 3 to 120 characters what the pathway is about.")
    if not re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}", version):
        raise Refused("Give the version as figures with points, such as 1.1.0.")
    if len(purpose) > 4000 or len(drawn) > 200:
        raise Refused("A purpose has at most 4,000 characters, the words on the picture at most 200.")
    path = f"{workspace.home(pathway)}/pathway.toml"
    text = workspace.files[path].decode("utf-8")
    before = read_manifest(text.encode("utf-8"), path)
    for key, was, now in (
        ("title", before.title, title),
        ("purpose", before.purpose, purpose),
        ("version", before.version, version),
    ):
        if " ".join(was.split()) != now:
            text = _with_line(text, path, key, now)
    changed: Files = {path: text.encode("utf-8")}
    diagram = _diagram(workspace, pathway)
    if drawn and diagram in workspace.files and drawn != _drawn(workspace, pathway):
        root = read_xml(workspace.files[diagram])
        for element in root.iter(etree.Element):
            is_process = local(element) == "process" and element.get("id") == pathway
            if is_process or (local(element) == "participant" and element.get("processRef") == pathway):
                element.set("name", drawn)
        changed[diagram] = written_xml(root, workspace.files[diagram])
    return {one: now for one, now in changed.items() if workspace.files.get(one) != now}


def naming(workspace: Workspace, pathway: str) -> list[Reference]:
    """Every place outside a pathway's own folder that names it: calls and settings before scenarios."""
    home = workspace.home(pathway)
    found = references(workspace, _diagram(workspace, pathway))
    others = (one for one in found if not one.file.startswith(f"{home}/"))
    return sorted(others, key=lambda one: kind_of(one.file) == "scenario")


def given_id(workspace: Workspace, pathway: str, name: str) -> Files:
    """The files that change where a pathway that nobody has yet is given another id, with all that names it.

    Raises Refused, also where something that names it cannot be changed here.
    """
    name = named(name, "pathway")
    home = workspace.home(pathway)
    target = str(PurePosixPath(home).with_name(name))
    if name in workspace.pathways or any(path.startswith(f"{target}/") for path in workspace.files):
        raise Refused(f"There is a pathway {name} already. Choose another id.")
    changed: Files = {}
    for path, body in workspace.files.items():
        own = path.startswith(f"{home}/")
        after = _renamed_in(path, body, pathway, name)
        if own:
            changed[path] = None
            changed[target + path.removeprefix(home)] = after
        elif after != body:
            if not path.startswith(f"{workspace.authority}/"):
                raise Refused(f"{path} names it too, and belongs to no single authority. Keep the id.")
            changed[path] = after
    files = {path: body for path, body in {**workspace.files, **changed}.items() if body is not None}
    left = list(_still_naming(Workspace.of(workspace.authority, files, {}), pathway))
    if left:
        raise Refused(f"{', '.join(left[:5])} would still name {pathway}. Change that in the text of the file first.")
    return changed


def _drawn(workspace: Workspace, pathway: str) -> str:
    body = workspace.files.get(_diagram(workspace, pathway), b"<none/>")
    names = {process: name for process, name, _version in read_diagram(body).processes}
    return " ".join((names.get(pathway) or "").split())


def _diagram(workspace: Workspace, pathway: str) -> str:
    """The file of a pathway's own folder that draws its process."""
    home = workspace.home(pathway)
    for path, body in workspace.files.items():
        if path.startswith(f"{home}/") and path.endswith(".bpmn"):
            if any(process == pathway for process, _name, _version in read_diagram(body).processes):
                return path
    return f"{home}/pathway.bpmn"


def _with_line(text: str, path: str, key: str, value: str) -> str:
    """The settings with one line of their head changed, or added after the title, and nothing else. Raises Refused."""
    written = f"{key} = {json.dumps(value, ensure_ascii=False)}".replace("\x7f", "\\u007F")
    lines = text.split("\n")
    head = next((at for at, line in enumerate(lines) if line.lstrip().startswith("[")), len(lines))
    at = next((at for at in range(head) if re.match(rf"\s*{key}\s*=", lines[at])), None)
    if at is None:
        lines.insert(1 if head else 0, written)
    else:
        after = re.sub(r"^[^#]*", "", lines[at]) if lines[at].count('"') == 2 else ""
        lines[at] = f"{written} {after}".rstrip()
    changed = "\n".join(lines)
    try:
        kept = getattr(read_manifest(changed.encode("utf-8"), path), key)
    except PathwayRefused:
        kept = None
    if kept != value:
        raise Refused(f"The {key} does not stand in a line of its own in {path}. Change it in the text of the file.")
    return changed


def _renamed_in(path: str, body: bytes, pathway: str, name: str) -> bytes:
    if path.endswith(".bpmn") and pathway.encode() in body:
        root = read_xml(body)
        return written_xml(root, body) if _rename_process(root, pathway, name) else body
    if path.endswith(".toml") and pathway.encode() in body:
        text = body.decode("utf-8", "replace")

        def change(found: re.Match[str]) -> str:
            return f'{found[1]}"{name}"' if found[2] == pathway else found[0]

        if kind_of(path) == "scenario":
            return _NAMING.sub(change, text).encode("utf-8")
        if path.endswith("/authority.toml"):
            text = _NAMING.sub(change, text)
            return _MESSAGES.sub(lambda block: _ANY.sub(change, block[0]), text).encode("utf-8")
    return body


def _rename_process(root: etree._Element, pathway: str, name: str) -> bool:
    """Whether anything in a diagram named the process, which is called otherwise now."""
    found = False
    for element in root.iter(etree.Element):
        for attribute in _holding(element):
            if element.get(attribute) == pathway:
                element.set(attribute, name)
                found = True
    return found


def _holding(element: etree._Element) -> Iterator[str]:
    """The attributes of an element that hold the id of a process."""
    tag = local(element)
    if tag == "process":
        yield "id"
    elif tag == "participant":
        yield "processRef"
    elif tag == "calledElement":
        yield "processId"
    elif tag in ("BPMNPlane", "BPMNShape"):
        yield "bpmnElement"


def _still_naming(workspace: Workspace, pathway: str) -> Iterator[str]:
    """Files that name a pathway which is not there any more."""
    for path, body in workspace.files.items():
        if any(name == pathway for _reference, name in naming_pathways(path, body)):
            yield path

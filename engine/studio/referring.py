"""What names a form, letter, table or pathway: told before it is renamed or taken away, and changed with its name."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from lxml import etree

from engine.errors import EngineError, Refused
from engine.forms import form_id
from engine.pathways.references import read_decisions, read_diagram
from engine.studio.canonical import local, read_xml, written_json, written_xml
from engine.studio.new_pieces import LONGEST, NAMED
from engine.studio.workspace import Workspace, kind_of

#: Attributes of a diagram that name another file: element, attribute, and the kind of what is named.
_NAMES: Mapping[tuple[str, str], str] = {
    ("formDefinition", "formId"): "form",
    ("calledDecision", "decisionId"): "table",
    ("calledElement", "processId"): "diagram",
}


@dataclass(frozen=True, slots=True)
class Reference:
    """One place that names something: the file, and the step there ('' where it is no step)."""

    file: str
    place: str
    name: str


def named_by(workspace: Workspace, path: str) -> frozenset[str]:
    """What a file defines that others name: its form, its letter, its decisions, its processes."""
    body, kind = workspace.files.get(path), kind_of(path)
    if body is None:
        return frozenset()
    if kind == "form":
        try:
            return frozenset({form_id(body, path)})
        except EngineError:
            return frozenset()
    if kind == "letter":
        return frozenset({PurePosixPath(path).stem})
    if kind == "table":
        return read_decisions(body).decisions
    if kind == "diagram":
        return frozenset(process for process, _name, _version in read_diagram(body).processes)
    return frozenset()


def references(workspace: Workspace, path: str) -> list[Reference]:
    """Everything that names what a file defines, in files other than itself."""
    wanted, kind = named_by(workspace, path), kind_of(path)
    found: list[Reference] = []
    for file, body in workspace.files.items():
        if file != path and wanted:
            found += [reference for reference, name in _naming(file, body, kind or "") if name in wanted]
    return list(dict.fromkeys(found))


def naming_pathways(file: str, body: bytes) -> Iterator[tuple[Reference, str]]:
    """Each place of a file that names a pathway, and which: calls, settings, scenarios."""
    yield from _naming(file, body, "diagram")


def renamed(workspace: Workspace, path: str, name: str) -> dict[str, bytes | None]:
    """The files that change where a form, letter, table or scenario is given another id. Raises Refused.

    What names it names it by its new id; nothing else of any file changes.
    """
    kind, place = kind_of(path), PurePosixPath(path)
    if kind not in ("form", "letter", "table", "scenario") or path not in workspace.files:
        raise Refused("A form, a letter, a table or a scenario can be renamed.")
    if not NAMED.match(name) or len(name) > LONGEST:
        raise Refused(f"Give the {kind} an id of lower-case words joined by _, such as tell_the_school.")
    target = str(place.with_name(name + place.suffix))
    if target in workspace.files:
        raise Refused(f"There is a {kind} {name} already. Choose another id.")
    held = named_by(workspace, path)
    if kind == "table" and len(held) != 1:
        raise Refused("This file holds several tables. Change their ids in the text of the file.")
    body, old = workspace.files[path], next(iter(held), place.stem)
    changed: dict[str, bytes | None] = {path: None, target: _defines(kind, body, old, name)}
    for file in {one.file for one in references(workspace, path)}:
        if not file.startswith(f"{workspace.authority}/"):
            raise Refused(f"{file} names it too, and belongs to no single authority. Keep the id.")
        changed[file] = _names(kind, workspace.files[file], old, name)
    return changed


def _naming(file: str, body: bytes, kind: str) -> Iterator[tuple[Reference, str]]:
    if file.endswith(".bpmn"):
        yield from _in_diagram(file, body, kind)
    elif file.endswith(".dmn") and kind == "table":
        for needed in re.findall(rb'href="[^"#]*#([^"]+)"', body):
            yield Reference(file, "", ""), needed.decode("utf-8", "replace")
    elif file.endswith(".toml") and kind == "diagram":
        yield from _in_settings(file, body)


def _in_diagram(file: str, body: bytes, kind: str) -> Iterator[tuple[Reference, str]]:
    try:
        root = read_xml(body)
    except ValueError:
        return
    for element in root.iter(etree.Element):
        for attribute, name in _named_in(element, kind):
            del attribute
            step = next((one for one in element.iterancestors() if one.get("id")), None)
            if step is not None:
                yield Reference(file, step.get("id", ""), " ".join(step.get("name", "").split())), name


def _named_in(element: etree._Element, kind: str) -> Iterator[tuple[str, str]]:
    """The attributes of an element that name something of a kind, and what they name."""
    tag = local(element)
    for (holder, attribute), named in _NAMES.items():
        if tag == holder and named == kind and element.get(attribute):
            yield attribute, element.get(attribute, "")
    if kind == "table" and tag == "header" and element.get("key") == "guard":
        yield "value", element.get("value", "").strip()
    if kind == "letter" and tag == "property" and element.get("name") == "casework:letter":
        yield "value", element.get("value", "").strip()


def _in_settings(file: str, body: bytes) -> Iterator[tuple[Reference, str]]:
    try:
        document = tomllib.loads(body.decode("utf-8"))
    except ValueError:
        return
    if kind_of(file) == "scenario":
        title, whens = str(document.get("title", "")), document.get("when", [])
        given = document.get("given", {})
        yield Reference(file, "", title), str(given.get("pathway", "")) if isinstance(given, dict) else ""
        for when in whens if isinstance(whens, list) else []:
            if isinstance(when, dict) and "start" in when:
                yield Reference(file, "", title), str(when["start"])
    elif file.endswith("/authority.toml"):
        yield Reference(file, "", ""), str(document.get("life_event_pathway", ""))
        yield Reference(file, "", ""), str(document.get("life_event_pathway_after_end", ""))
        for table, key in (("corrections", "pathway"), ("messages", "")):
            held = document.get(table, {})
            for name, value in held.items() if isinstance(held, dict) else []:
                if key in ("", name):
                    yield Reference(file, "", ""), str(value)


def _defines(kind: str, body: bytes, old: str, name: str) -> bytes:
    """A file that defines something, under its new id."""
    if kind == "form":
        schema = json.loads(body)
        return written_json({key: (name if key == "id" else value) for key, value in schema.items()})
    if kind == "table":
        root = read_xml(body)
        for element in root.iter(etree.Element):
            if local(element) == "decision" and element.get("id") == old:
                element.set("id", name)
                for variable in [one for one in element if local(one) == "variable" and one.get("name") == old]:
                    variable.set("name", name)
                if element.get("name") == old:
                    element.set("name", name)
            elif element.get("dmnElementRef") == old:
                element.set("dmnElementRef", name)
        return written_xml(root, body)
    return body


def _names(kind: str, body: bytes, old: str, name: str) -> bytes:
    """A file that names something, by its new id."""
    if kind == "table" and b"<decision" in body:
        return re.sub(rb'(href="[^"#]*#)' + re.escape(old.encode()) + b'"', rb"\g<1>" + name.encode() + b'"', body)
    root = read_xml(body)
    for element in root.iter(etree.Element):
        for attribute, named in list(_named_in(element, kind)):
            if named == old:
                element.set(attribute, name)
    return written_xml(root, body)


__all__ = ["Reference", "named_by", "naming_pathways", "references", "renamed"]

"""Every place of an authority's releases that carries a clause, and the release's files without it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from engine.coverage import clause_ids
from engine.execution import prepare
from engine.pathways import Release
from tests.neutralise.bypass import without, without_letter

#: What a form may hold against an answer beside that one is required.
CHECKS = ("check", "earliest", "latest")
KINDS = ("element", "row", *CHECKS, "required", "letter")


@dataclass(frozen=True, slots=True)
class Place:
    """One clause-tagged element, table row, field check or letter, in one file."""

    kind: str  # one of KINDS
    file: str
    id: str
    clauses: tuple[str, ...]
    #: A bare id on purpose: who only visits a namesake is played in vain, and who waits on a border is not left out.
    visited_as: str

    @property
    def name(self) -> str:
        """How the place is written in a list of survivors."""
        return f"{self.kind} {self.id}"


def places(release: Release) -> Iterator[Place]:
    """Every clause-tagged place of a release that has been checked."""
    pathway = prepare(release, sound=True)
    asks: dict[str, str] = {}
    for process in pathway.processes.values():
        for element in process.elements.values():
            if element.work is not None and element.work.form is not None:
                asks[element.work.form] = element.id
            named = tuple(clause_ids(element.properties.get("casework:clauses", "")))
            if named:
                yield Place("element", element.file, element.id, named, element.id)
    for decision, model in pathway.models.items():
        file = release.decisions[decision]
        for table in model.tables(decision):
            for rule in table.facts.rules:
                named = tuple(clause_ids(" ".join(rule.said)))
                if named:
                    yield Place("row", file, f"{table.element}#{rule.row}", named, f"{table.element}#{rule.row}")
    for path, content in release.files.items():
        if path.endswith(".form"):
            yield from _checks(path, content, asks)
    for letter in release.letters.values():
        if letter.clauses:
            file = next(path for path in release.files if path.endswith(f"/letters/{letter.id}.md"))
            yield Place("letter", file, letter.id, tuple(letter.clauses), f"letter:{letter.id}")


def neutralised(files: Mapping[str, bytes], place: Place) -> dict[str, bytes]:
    """A release's files without the place. Raises NotSeparable."""
    changed = dict(files)
    if place.kind == "element":
        changed[place.file] = without(files[place.file], place.id)
    elif place.kind == "row":
        changed[place.file] = _without_row(files[place.file], *place.id.rsplit("#", 1))
    elif place.kind == "letter":
        for path, content in files.items():
            if path.endswith(".bpmn") and place.id.encode() in content:
                changed[path] = without_letter(content, place.id)
    else:
        changed[place.file] = _without_check(files[place.file], place)
    return changed


def _checks(path: str, content: bytes, asks: Mapping[str, str]) -> Iterator[Place]:
    form = json.loads(content)
    for component in _components(form):
        properties = component.get("properties", {})
        named = tuple(clause_ids(properties.get("clauses", "")))
        if not named:
            continue
        where = f"{form['id']}.{component.get('key', component.get('id'))}"
        visited = asks.get(form["id"], form["id"])
        for kind in CHECKS:
            if kind in properties:
                yield Place(kind, path, where, named, visited)
        if component.get("validate", {}).get("required"):
            yield Place("required", path, where, named, visited)


def _without_check(content: bytes, place: Place) -> bytes:
    form = json.loads(content)
    key = place.id.split(".", 1)[1]
    for component in _components(form):
        if component.get("key", component.get("id")) == key:
            if place.kind == "required":
                component["validate"].pop("required")
            else:
                component["properties"].pop(place.kind)
            if place.kind == "check":
                component["properties"].pop("message", None)
    return json.dumps(form).encode()


def _components(form: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for component in form.get("components", ()):
        yield component
        yield from _components(component)


def _without_row(content: bytes, table: str, row: str) -> bytes:
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False))
    for found in root.iter("{*}decisionTable"):
        above = found.getparent()
        if table in (found.get("id"), above.get("id") if above is not None else None):
            rules = found.findall("{*}rule")
            found.remove(rules[int(row) - 1])
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))

"""What changed between two states of a folder, in the words of those who read diagrams: a value for pages and films."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import unified_diff
from pathlib import PurePosixPath
from typing import Any

from lxml import etree

from engine.studio.canonical import local, read_xml
from engine.studio.diagram_facts import UNMARKED, as_lines, beside_steps, facts_of
from engine.studio.form_sheet import questions
from engine.studio.table_sheet import Sheet, sheets
from engine.studio.workspace import kind_of

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
Facts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Aspect:
    """One thing that changed: what it is called, and how it was and is ('' where it was or is not there)."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """One step, arrow, row, question, letter, parameter or scenario that was added, removed or changed."""

    state: str
    what: str
    file: str
    id: str
    title: str
    aspects: tuple[Aspect, ...] = ()
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that changed, by file; `marks` are the ids on each diagram, as the picture takes them."""

    changes: tuple[Change, ...] = ()
    marks: Mapping[str, Mapping[str, list[str]]] = field(default_factory=dict)

    @property
    def files(self) -> list[str]:
        """The files that changed, in order."""
        return sorted({change.file for change in self.changes})

    def of(self, file: str) -> list[Change]:
        """What changed in one file."""
        return [change for change in self.changes if change.file == file]


def compare(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Comparison:
    """What `after` changes of `before`."""
    changes: list[Change] = []
    marks: dict[str, dict[str, list[str]]] = {}
    for path in sorted({*before, *after}):
        old, new = before.get(path), after.get(path)
        if old == new:
            continue
        kind = kind_of(path) or "file"
        found = list(_READERS.get(kind, _whole)(path, old, new))
        if not found:
            found = [Change(CHANGED, kind, path, "", _stem(path), (Aspect("Layout or spacing", "", "changed"),))]
        changes += found
        if kind == "diagram":
            marks[path] = {
                state: [one.id for one in found if one.state == state and one.id and one.what not in UNMARKED]
                for state in (ADDED, REMOVED, CHANGED)
            }
    return Comparison(tuple(changes), marks)


def _stem(path: str) -> str:
    return PurePosixPath(path).stem.replace("_", " ")


def _by_facts(
    path: str, old: Mapping[str, tuple[str, str, Facts]], new: Mapping[str, tuple[str, str, Facts]]
) -> Iterator[Change]:
    """Changes of things that have an id, a kind, a title and facts."""
    for identity in dict.fromkeys([*old, *new]):
        was, now = old.get(identity), new.get(identity)
        if was is None and now is not None:
            yield Change(ADDED, now[0], path, identity, now[1], tuple(Aspect(k, "", v) for k, v in now[2].items() if v))
        elif now is None and was is not None:
            yield Change(REMOVED, was[0], path, identity, was[1])
        elif was is not None and now is not None and was != now:
            names = dict.fromkeys([*was[2], *now[2]])
            aspects = tuple(
                Aspect(name, was[2].get(name, ""), now[2].get(name, ""))
                for name in names
                if was[2].get(name, "") != now[2].get(name, "")
            )
            if aspects:
                yield Change(CHANGED, now[0], path, identity, now[1], aspects)


def _diagrams(path: str, old: bytes | None, new: bytes | None) -> Iterator[Change]:
    yield from _by_facts(path, facts_of(old), facts_of(new))
    yield from _rest(path, old, new, beside_steps)


def _tables(path: str, old: bytes | None, new: bytes | None) -> Iterator[Change]:
    was = {sheet.decision: sheet for sheet in sheets(old or b"")}
    now = {sheet.decision: sheet for sheet in sheets(new or b"")}
    for decision in dict.fromkeys([*was, *now]):
        if decision not in was or decision not in now:
            state = ADDED if decision in now else REMOVED
            yield Change(state, "table", path, decision, (now.get(decision) or was[decision]).question)
            continue
        before, after = was[decision], now[decision]
        if before.hit_policy != after.hit_policy:
            change = Aspect("How rows decide", before.hit_policy, after.hit_policy)
            yield Change(CHANGED, "table", path, decision, after.question, (change,))
        yield from _by_facts(path, dict(_columns(before)), dict(_columns(after)))
        yield from _by_facts(path, dict(_rows(before, after)), dict(_rows(after, before)))
    yield from _rest(path, old, new, _beside_rows)


def _rest(
    path: str, old: bytes | None, new: bytes | None, told: Callable[[etree._Element], Iterator[str]]
) -> Iterator[Change]:
    """What else a file says, line by line: who approves reads whatever runs; the drawing alone goes without saying."""
    if old is not None and new is not None:
        lines = tuple(unified_diff([*told(read_xml(old))], [*told(read_xml(new))], lineterm="", n=0))[2:]
        if lines:
            yield Change(CHANGED, "file", path, "", f"What else {_stem(path)} says", lines=lines)


def _beside_rows(root: etree._Element) -> Iterator[str]:
    """What a file of tables says beside headings and rows: other expressions, what is needed, which values may come."""
    for element in root.iterchildren("*"):
        if local(element) != "DMNDI":
            yield from as_lines(element, _TOLD)


#: What of a table is told in words: the elements left out, and the attributes left out of others.
_TOLD: Mapping[str, frozenset[str] | None] = {
    "rule": None,
    "inputExpression": None,
    "input": frozenset({"label"}),
    "output": frozenset({"label", "name", "typeRef"}),
    "decisionTable": frozenset({"hitPolicy"}),
}


def _columns(sheet: Sheet) -> Iterator[tuple[str, tuple[str, str, Facts]]]:
    for kind, columns in (("input", sheet.inputs), ("output", sheet.outputs)):
        for position, column in enumerate(columns, 1):
            facts = {"Heading": column.title, "Reads or gives": column.expression, "Type": column.type}
            yield f"{sheet.decision} {kind} {position}", (f"{kind} column", column.title, facts)


def _rows(sheet: Sheet, other: Sheet) -> Iterator[tuple[str, tuple[str, str, Facts]]]:
    shared = {row.id for row in other.rows if row.id}
    order = [row.id for row in sheet.rows if row.id in shared]
    for row in sheet.rows:
        facts = {"Said of it": row.said}
        facts |= {c.title: cell or "any" for c, cell in zip(sheet.inputs, row.inputs, strict=False)}
        facts |= {f"Gives {c.title}": cell for c, cell in zip(sheet.outputs, row.outputs, strict=False)}
        if row.id in shared:
            # Rows that were only pushed down by a new one did not move; rows that changed places did.
            facts["Place among the rows that stay"] = str(order.index(row.id) + 1)
        yield row.id or f"{sheet.decision} row {row.number}", ("row", f"Row {row.number} of {sheet.question}", facts)


def _forms(path: str, old: bytes | None, new: bytes | None) -> Iterator[Change]:
    def told(content: bytes | None) -> dict[str, tuple[str, str, Facts]]:
        found: dict[str, tuple[str, str, Facts]] = {}
        for asked in questions(content or b"{}"):
            facts = {
                "Question": asked.label,
                "Help": asked.description,
                "Kind of answer": asked.kind,
                "Must be answered": "yes" if asked.required else "no",
                "Shown only": "yes" if asked.readonly else "no",
                "Answers": asked.options.replace("\n", "; "),
                "Hidden where": asked.hide,
                **{name.capitalize(): value for name, value in asked.own.items()},
            }
            found[asked.key] = ("question", asked.label or asked.key, facts)
        return found

    found = list(_by_facts(path, told(old), told(new)))
    order = [[asked.key for asked in questions(content or b"{}")] for content in (old, new)]
    stays = [[key for key in keys if key in order[0] and key in order[1]] for keys in order]
    whole = [{k: v for k, v in json.loads(content or b"{}").items() if k != "components"} for content in (old, new)]
    if old is not None and new is not None and whole[0] != whole[1]:
        was, now = (dict(_flat(each)) for each in whole)
        found += _by_facts(path, {"": ("form", _stem(path), was)}, {"": ("form", _stem(path), now)})
    if stays[0] != stays[1]:
        found.append(Change(CHANGED, "form", path, "", _stem(path), (Aspect("Order", *map(", ".join, stays)),)))
    if not found:
        yield from _whole(path, old, new)
    yield from found


def _settings(path: str, old: bytes | None, new: bytes | None) -> Iterator[Change]:
    def told(content: bytes | None) -> dict[str, tuple[str, str, Facts]]:
        try:
            document = tomllib.loads((content or b"").decode("utf-8"))
        except ValueError:
            return {}
        declared = document.pop("parameters", {})
        found: dict[str, tuple[str, str, Facts]] = {"": ("settings", _stem(path), dict(_flat(document)))}
        for name, one in declared.items() if isinstance(declared, dict) else ():
            label = one.get("label", name) if isinstance(one, dict) else name
            found[name] = ("parameter", str(label), dict(_flat(one)))
        return found

    yield from _by_facts(path, told(old), told(new))


def _flat(anything: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(anything, dict):
        for key, value in anything.items():
            yield from _flat(value, f"{name}.{key}" if name else str(key))
    elif isinstance(anything, list):
        for position, value in enumerate(anything, 1):
            yield from _flat(value, f"{name} {position}")
    else:
        yield name or "value", json.dumps(anything, ensure_ascii=False, default=str).strip('"')


def _whole(path: str, old: bytes | None, new: bytes | None) -> Iterator[Change]:
    """A letter, scenario or list: line by line."""
    kind = kind_of(path) or "file"
    if old is None or new is None:
        yield Change(ADDED if old is None else REMOVED, kind, path, "", _stem(path))
        return
    was, now = (content.decode("utf-8", "replace").splitlines() for content in (old, new))
    lines = tuple(unified_diff(was, now, lineterm="", n=1))[2:]
    if lines:
        yield Change(CHANGED, kind, path, "", _stem(path), lines=lines)


_Reader = Callable[[str, bytes | None, bytes | None], Iterator[Change]]
_READERS: Mapping[str, _Reader] = {"diagram": _diagrams, "table": _tables, "form": _forms, "settings": _settings}

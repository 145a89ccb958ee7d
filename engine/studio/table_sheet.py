"""A decision table as rows that people edit: added, changed, moved and removed in its own file."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from engine.errors import NotFound, Refused
from engine.studio.canonical import add_child, local, made, read_xml, remove_child, written_xml


@dataclass(frozen=True, slots=True)
class Column:
    """An input or output: its heading, what it reads or is called, and its type."""

    title: str
    expression: str
    type: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells as written, the inputs' first, and what a person wrote beside it."""

    number: int
    id: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    said: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a file."""

    decision: str
    question: str
    hit_policy: str
    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...]
    rows: tuple[Row, ...]


def sheets(content: bytes) -> list[Sheet]:
    """Every table of a decision file, in order; none where it cannot be read."""
    try:
        root = read_xml(content)
    except ValueError:
        return []
    return [_sheet(table) for table in _tables(root)]


def set_row(content: bytes, decision: str, row: int, cells: Sequence[str], said: str) -> bytes:
    """The file with one row's cells, inputs and then outputs, and its words changed. Raises NotFound, Refused."""
    root = read_xml(content)
    rule = _rule(root, decision, row)
    _fill(rule, cells, said)
    return written_xml(root, content)


def add_row(content: bytes, decision: str, after: int, cells: Sequence[str], said: str) -> bytes:
    """The file with a new row below the row of that number, 0 for the top. Raises NotFound, Refused."""
    root = read_xml(content)
    table = _table(root, decision)
    rules = _children(table, "rule")
    if not 0 <= after <= len(rules):
        raise NotFound(f"Table {decision} has no row {after}.")
    rule = _blank(table, decision)
    _fill(rule, cells, said)
    others = [child for child in table if local(child) != "rule" and local(child) in _BEFORE]
    at = table.index(rules[after - 1]) + 1 if after else (table.index(others[-1]) + 1 if others else 0)
    add_child(table, rule, at)
    return written_xml(root, content)


def move_row(content: bytes, decision: str, row: int, to: int) -> bytes:
    """The file with a row at another place. Raises NotFound."""
    root = read_xml(content)
    rule, table = _rule(root, decision, row), _table(root, decision)
    rules = _children(table, "rule")
    if not 1 <= to <= len(rules):
        raise NotFound(f"Table {decision} has no row {to}.")
    at = table.index(rules[to - 1])
    moved = deepcopy(rule)
    remove_child(rule)
    add_child(table, moved, at)
    return written_xml(root, content)


def remove_row(content: bytes, decision: str, row: int) -> bytes:
    """The file without a row. Raises NotFound."""
    root = read_xml(content)
    remove_child(_rule(root, decision, row))
    return written_xml(root, content)


#: What stands before the rows of a table.
_BEFORE = frozenset({"description", "extensionElements", "input", "output", "annotation"})


def _sheet(table: etree._Element) -> Sheet:
    inputs = []
    for column in _children(table, "input"):
        expression = next(iter(_children(column, "inputExpression")), None)
        text = _text(expression, "text") if expression is not None else ""
        kind = expression.get("typeRef", "") if expression is not None else ""
        inputs.append(Column(column.get("label") or text, text, kind))
    outputs = []
    for column in _children(table, "output"):
        name = column.get("name") or ""
        outputs.append(Column(column.get("label") or name or "Result", name, column.get("typeRef", "")))
    rows = []
    for number, rule in enumerate(_children(table, "rule"), 1):
        cells = [tuple(_text(e, "text") for e in _children(rule, kind)) for kind in ("inputEntry", "outputEntry")]
        rows.append(Row(number, rule.get("id", ""), cells[0], cells[1], _text(rule, "description")))
    owner = table.getparent()
    assert owner is not None
    return Sheet(
        _decision_of(table),
        _text(owner, "question") or owner.get("name", ""),
        table.get("hitPolicy", "UNIQUE"),
        tuple(inputs),
        tuple(outputs),
        tuple(rows),
    )


def _tables(root: etree._Element) -> list[etree._Element]:
    return [e for e in root.iter(etree.Element) if local(e) == "decisionTable" and _decision_of(e)]


def _decision_of(table: etree._Element) -> str:
    for above in table.iterancestors():
        if local(above) in ("decision", "businessKnowledgeModel"):
            return str(above.get("id", ""))
    return ""


def _table(root: etree._Element, decision: str) -> etree._Element:
    for table in _tables(root):
        if _decision_of(table) == decision:
            return table
    raise NotFound(f"No table decides {decision[:80]} in this file.")


def _rule(root: etree._Element, decision: str, row: int) -> etree._Element:
    rules = _children(_table(root, decision), "rule")
    if not 1 <= row <= len(rules):
        raise NotFound(f"Table {decision} has no row {row}.")
    return rules[row - 1]


def _blank(table: etree._Element, decision: str) -> etree._Element:
    """A row with an empty cell for each column, under ids that nothing in the file has."""
    root = table.getroottree().getroot()
    taken = {element.get("id") for element in root.iter(etree.Element)}
    number = len(_children(table, "rule")) + 1
    while f"{decision}_row{number}" in taken:
        number += 1
    row = f"{decision}_row{number}"
    rule = made(table, "rule", id=row)
    rule.append(made(table, "description"))
    for kind, entry, short in (("input", "inputEntry", "in"), ("output", "outputEntry", "out")):
        for position in range(1, len(_children(table, kind)) + 1):
            cell = made(table, entry, id=f"{row}_{short}{position}")
            cell.append(made(table, "text"))
            rule.append(cell)
    return rule


def _fill(rule: etree._Element, cells: Sequence[str], said: str) -> None:
    entries = [*_children(rule, "inputEntry"), *_children(rule, "outputEntry")]
    if len(cells) != len(entries):
        raise Refused(f"The row has {len(entries)} cells, and {len(cells)} came.")
    for entry, cell in zip(entries, cells, strict=True):
        _child(entry, "text").text = cell.strip()
    described = next(iter(_children(rule, "description")), None)
    if described is None and said.strip():
        described = made(rule, "description")
        add_child(rule, described, 0)
    if described is not None:
        described.text = said.strip()


def _child(element: etree._Element, tag: str) -> etree._Element:
    found = _children(element, tag)
    if found:
        return found[0]
    child = made(element, tag)
    element.append(child)
    return child


def _children(element: etree._Element, tag: str) -> list[etree._Element]:
    return [child for child in element if local(child) == tag]


def _text(element: etree._Element, tag: str) -> str:
    return "".join(child.text or "" for child in _children(element, tag))

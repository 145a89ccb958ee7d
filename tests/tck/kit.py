"""Reads the kit's test files: which model, which invocable, which inputs, which result is expected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree

from engine.feel.temporal import read_date, read_date_time, read_duration, read_time

_KIT = "{http://www.omg.org/spec/DMN/20160719/testcase}"
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_READERS = {
    "decimal": Decimal,
    "double": Decimal,
    "float": Decimal,
    "integer": Decimal,
    "int": Decimal,
    "long": Decimal,
    "boolean": lambda text: text.strip() in ("true", "1"),
    "date": read_date,
    "time": read_time,
    "dateTime": read_date_time,
    "duration": read_duration,
}


@dataclass(frozen=True)
class Case:
    """One result node of one test case."""

    level: int
    folder: str
    file: str
    id: str
    node: str
    models: tuple[str, ...]
    main: str
    kind: str
    name: str
    inputs: dict[str, Any]
    expected: Any

    @property
    def has_value(self) -> bool:
        """Whether a value is expected, not null."""
        return self.expected is not None


def cases(kit: Path) -> Iterator[Case]:
    """Give every case of levels 2 and 3 below a folder."""
    for level in (2, 3):
        for file in sorted(kit.glob(f"**/compliance-level-{level}/*/*.xml")):
            yield from _file_cases(file, level)


def _file_cases(file: Path, level: int) -> Iterator[Case]:
    root = etree.parse(str(file), etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
    model = (root.findtext(f"{_KIT}modelName") or "").strip()
    models = tuple(str(path) for path in sorted(file.parent.glob("*.dmn")))
    for case in root.iter(f"{_KIT}testCase"):
        inputs = {}
        for node in case.findall(f"{_KIT}inputNode"):
            namespace = node.get("namespace")
            name = node.get("name") or ""
            inputs[f"{{{namespace}}}{name}" if namespace else name] = _value(node)
        kind = case.get("type") or "decision"
        for node in case.findall(f"{_KIT}resultNode"):
            name = node.get("name") or ""
            expected = node.find(f"{_KIT}expected")
            yield Case(
                level=level,
                folder=file.parent.name,
                file=str(file),
                id=case.get("id") or "",
                node=name,
                models=models,
                main=str(file.parent / model),
                kind=kind,
                name=(case.get("invocableName") or name) if kind != "decision" else name,
                inputs=inputs,
                expected=_value(expected) if expected is not None else None,
            )


def _value(node: Any) -> Any:
    if node.get(f"{_XSI}nil") == "true":
        return None
    components = node.findall(f"{_KIT}component")
    if components:
        return {child.get("name"): _value(child) for child in components}
    listed = node.find(f"{_KIT}list")
    if listed is not None:
        if listed.get(f"{_XSI}nil") == "true":
            return None
        return [_value(item) for item in listed.findall(f"{_KIT}item")]
    value = node.find(f"{_KIT}value")
    if value is None or value.get(f"{_XSI}nil") == "true":
        return None
    kind = (value.get(f"{_XSI}type") or "string").rpartition(":")[2]
    text = value.text or ""
    reader = _READERS.get(kind)
    return reader(text.strip()) if reader is not None else text

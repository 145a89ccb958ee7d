"""What an editor saves, as the house writes it: unchanged content keeps its bytes, a changed cell is a changed line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import orjson
from lxml import etree

from engine.errors import Finding, PathwayRefused
from engine.studio.canonical import HEAD, read_xml, written_json

#: What the specifications take for granted: an editor leaves it out, a file may say it, and both mean the same.
DEFAULTS: Mapping[str, str] = {
    "isInterrupting": "true",
    "cancelActivity": "true",
    "isSequential": "false",
    "triggeredByEvent": "false",
    "startQuantity": "1",
    "completionQuantity": "1",
    "isForCompensation": "false",
    "instantiate": "false",
    "parallelMultiple": "false",
    "isClosed": "false",
    "processType": "None",
    "gatewayDirection": "Unspecified",
    "eventGatewayType": "Exclusive",
    "bindingType": "latest",
    "hitPolicy": "UNIQUE",
    "preferredOrientation": "Rule-as-Row",
    "associationDirection": "None",
    "implementation": "##unspecified",
    "textFormat": "text/plain",
    "isCollection": "false",
}
_LABEL = "{http://www.omg.org/spec/BPMN/20100524/DI}BPMNLabel"
_PLANE = "{http://www.omg.org/spec/BPMN/20100524/DI}BPMNPlane"
#: What the form editor notes for itself and nothing here reads.
_OF_THE_EDITOR = ("exporter",)
#: A page asks one question below the other: columns and outlines would be kept and never seen.
_LOOKS = frozenset({"layout", "showOutline"})
_IN_QUOTES: Mapping[str, str] = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
_Attributes = dict[str, str]


def in_house_style(path: str, body: bytes, before: bytes | None) -> bytes:
    """The body to keep of a file that an editor saved; `before` is the file as it was opened, None for a new one.

    Nothing is changed in what it says. Raises PathwayRefused where it cannot be read.
    """
    try:
        if path.endswith((".bpmn", ".dmn")):
            return _xml(body, before)
        if path.endswith(".form"):
            return _form(body, before)
    except (ValueError, RecursionError) as error:
        finding = Finding("refusal", path, None, None, f"This is {error}.", "Save it from the editor again.")
        raise PathwayRefused([finding]) from None
    return body


# ---------------------------------------------------------------------- diagrams and tables


def _xml(body: bytes, before: bytes | None) -> bytes:
    root = read_xml(body)
    try:
        old = None if before is None else read_xml(before)
    except ValueError:
        old = None
    _drop_empty_labels(root, old)
    _order_shapes(root, old)
    if old is not None and before is not None and _same(root, old):
        return before
    known = _Known(old, before or b"")
    parts = [HEAD]
    _write(root, {}, parts, known, 0)
    return ("".join(parts) + "\n").encode("utf-8")


def _drop_empty_labels(root: etree._Element, old: etree._Element | None) -> None:
    """Take away labels without a place, which an editor adds to whatever is renamed."""
    if old is not None and any(len(label) == 0 for label in old.iter(_LABEL)):
        return
    for label in [each for each in root.iter(_LABEL) if len(each) == 0]:
        parent = label.getparent()
        if parent is not None:
            parent.remove(label)


def _order_shapes(root: etree._Element, old: etree._Element | None) -> None:
    """Put the shapes of a drawing in the order they had: an editor sorts them, and the order says nothing."""
    planes = {} if old is None else {str(plane.get("id")): plane for plane in old.iter(_PLANE)}
    for plane in root.iter(_PLANE):
        was = planes.get(str(plane.get("id")))
        if was is not None:
            known = {shape.get("id"): place for place, shape in enumerate(_children(was))}
            plane[:] = sorted(_children(plane), key=lambda shape: known.get(shape.get("id"), len(known)))


def _children(element: etree._Element) -> list[etree._Element]:
    return list(element.iterchildren("*"))


def _text(element: etree._Element) -> str:
    text = element.text or ""
    return "" if not text.strip() and len(element) else text


def _facts(element: etree._Element) -> _Attributes:
    """Attributes as they count: those that say what is so anyway are left out."""
    return {
        str(name): str(value)
        for name, value in element.attrib.items()
        if not (str(name) in DEFAULTS and DEFAULTS[str(name)] == value)
    }


def _same(one: etree._Element, other: etree._Element) -> bool:
    """Whether two trees say the same: order of attributes, prefixes and white space between elements aside."""
    mine, theirs = _children(one), _children(other)
    return (
        one.tag == other.tag
        and _facts(one) == _facts(other)
        and _text(one).strip() == _text(other).strip()
        and len(mine) == len(theirs)
        and all(_same(each, its) for each, its in zip(mine, theirs, strict=True))
    )


class _Known:
    """The file as it was: how its elements were written, found again by their ids and places."""

    def __init__(self, root: etree._Element | None, content: bytes) -> None:
        # The drawing is written by the layout, with a space; what stands before it as its author wrote it.
        written = re.split(rb"<(?:\w+:)?BPMNDiagram\b", content)[0]
        self.gap = "" if written.count(b" />") < written.count(b"/>") / 2 else " "
        self.quoted = b"&quot;" in content and b"='" not in content
        self.long_texts = b"<text></text>" in content or b"<text" not in content
        self.spaces: dict[str, str | None] = {}
        self.elements: dict[tuple[str, str], etree._Element] = {}
        self.declared: dict[tuple[str, str], Mapping[Any, str]] = {}
        for key, element in _places(root):
            self.elements[key] = element
            parent = element.getparent()
            inherited: Mapping[Any, str] = {} if parent is None else parent.nsmap
            self.declared[key] = {p: s for p, s in element.nsmap.items() if inherited.get(p) != s}
            for prefix, space in element.nsmap.items():
                self.spaces.setdefault(space, prefix)

    def attribute(self, value: str) -> str:
        """An attribute's value between the quotation marks that the file uses."""
        if self.quoted:
            return f'"{escape(value, dict(_IN_QUOTES))}"'
        return quoteattr(value)


def _places(root: etree._Element | None) -> Iterator[tuple[tuple[str, str], etree._Element]]:
    """Every element with the key by which it is found in another version of the file."""
    if root is None:
        return
    waiting = [(root, "")]
    while waiting:
        element, place = waiting.pop()
        key = _key(element, place)
        yield key, element
        count: dict[str, int] = {}
        for child in _children(element):
            nth = count[child.tag] = count.get(child.tag, 0) + 1
            waiting.append((child, f"{key[1]}/{child.tag}[{nth}]"))


def _key(element: etree._Element, place: str) -> tuple[str, str]:
    identity = element.get("id")
    return (str(element.tag), f"#{identity}" if identity else place)


def _write(
    element: etree._Element,
    outer: Mapping[str | None, str],
    parts: list[str],
    known: _Known,
    depth: int,
    place: str = "",
) -> None:
    key = _key(element, place)
    old = known.elements.get(key)
    here = dict(outer)
    added: dict[str | None, str] = {}

    def prefix_of(space: str, *, named: bool = False) -> str | None:
        if space in here.values() and not (named and here.get(None) == space):
            return next(p for p, s in here.items() if s == space)
        own = known.spaces.get(space, next((p for p, s in element.nsmap.items() if s == space), None))
        here[own] = added[own] = space
        return own

    for prefix, space in known.declared.get(key, {}).items():
        if here.get(prefix) != space:
            here[prefix] = added[prefix] = space
    if depth == 0:
        for prefix, space in element.nsmap.items():
            if space not in known.spaces and prefix not in here:
                here[prefix] = added[prefix] = space
    name = _named(str(element.tag), prefix_of)
    facts = "".join(
        f" {_named(one, prefix_of, True)}={known.attribute(value)}" for one, value in _ordered(element, old)
    )
    spaces = "".join(f" xmlns{':' + p if p else ''}={quoteattr(s)}" for p, s in added.items())
    children, text = _children(element), _text(element)
    margin = "  " * depth
    if etree.QName(element).localname == "BPMNDiagram":
        known.gap = " "
    if not children and not text:
        written_out = known.long_texts and etree.QName(element).localname == "text"
        parts.append(f"{margin}<{name}{spaces}{facts}" + (f"></{name}>" if written_out else f"{known.gap}/>"))
        return
    if not children:
        parts.append(f"{margin}<{name}{spaces}{facts}>{escape(text)}</{name}>")
        return
    parts.append(f"{margin}<{name}{spaces}{facts}>\n")
    count: dict[str, int] = {}
    for child in children:
        nth = count[child.tag] = count.get(child.tag, 0) + 1
        _write(child, here, parts, known, depth + 1, f"{key[1]}/{child.tag}[{nth}]")
        parts.append("\n")
    parts.append(f"{margin}</{name}>")


def _ordered(element: etree._Element, old: etree._Element | None) -> list[tuple[str, str]]:
    """The attributes in the order they had, with what goes without saying where it was said; new ones after them."""
    now = {str(name): str(value) for name, value in element.attrib.items()}
    if old is None:
        return list(now.items())
    found: list[tuple[str, str]] = []
    for key, was in old.attrib.items():
        name = str(key)
        if name in now:
            found.append((name, now.pop(name)))
        elif name in DEFAULTS and DEFAULTS[name] == was:
            found.append((name, str(was)))
    return found + list(now.items())


def _named(tag: str, prefix_of: Any, attribute: bool = False) -> str:
    if not tag.startswith("{"):
        return tag
    space, _, local = tag[1:].partition("}")
    if space == "http://www.w3.org/XML/1998/namespace":
        return f"xml:{local}"
    prefix = prefix_of(space, named=attribute)
    return f"{prefix}:{local}" if prefix else local


# ---------------------------------------------------------------------- forms


def _form(body: bytes, before: bytes | None) -> bytes:
    new = _read(body)
    old: Any = None
    if before is not None:
        try:
            old = _read(before)
        except ValueError:
            old = None
    kept = _schema(new, old if isinstance(old, dict) else {})
    return before if before is not None and kept == old else written_json(kept)


def _read(body: bytes) -> dict[str, Any]:
    try:
        schema = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"no JSON (line {error.lineno})") from None
    if not isinstance(schema, dict):
        raise ValueError("no form")
    return schema


def _schema(new: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    facts = {name: value for name, value in new.items() if name not in _OF_THE_EDITOR or name in old}
    if "schemaVersion" in old:
        facts["schemaVersion"] = old["schemaVersion"]
    was = dict(_components(old.get("components")))
    facts["components"] = [_component(each, was) for each in new.get("components") or []]
    return _in_order(facts, old)


def _components(listed: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for each in listed if isinstance(listed, list) else []:
        if isinstance(each, dict):
            for name in ("key", "id"):
                if isinstance(each.get(name), str):
                    yield f"{name} {each[name]}", each
            yield from _components(each.get("components"))


def _component(new: Any, was: Mapping[str, Mapping[str, Any]]) -> Any:
    if not isinstance(new, dict):
        return new
    old = was.get(f"id {new.get('id')}") or was.get(f"key {new.get('key')}") or {}
    facts = dict(new)
    for name in _LOOKS.difference(old):
        facts.pop(name, None)
    if old and "id" not in old:
        facts.pop("id", None)
    if isinstance(new.get("components"), list):
        facts["components"] = [_component(each, was) for each in new["components"]]
    return _in_order(facts, old)


def _in_order(facts: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    ordered = {name: facts[name] for name in old if name in facts}
    ordered.update({name: value for name, value in facts.items() if name not in ordered})
    return ordered

"""Files as the house writes them, so that one changed cell is one changed line for whoever compares versions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def read_xml(content: bytes) -> etree._Element:
    """The root of a screened file, with its white space. Raises ValueError where it is no XML."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"no XML that can be read (line {error.lineno})") from None


def written_xml(root: etree._Element, like: bytes) -> bytes:
    """The tree as text; `like` is the file as it was, whose way of closing empty elements is kept."""
    gap = " " if like.count(b" />") >= like.count(b"/>") / 2 else ""
    parts = [HEAD]
    _write(root, {}, parts, gap)
    return ("".join(parts) + "\n").encode("utf-8")


def _write(element: etree._Element, outer: Mapping[str | None, str], parts: list[str], gap: str) -> None:
    if isinstance(element, etree._Comment | etree._ProcessingInstruction):
        parts.append(etree.tostring(element, with_tail=False, encoding="unicode"))
        return
    known = element.nsmap
    name = _named(element.tag, known)
    spaces = "".join(
        f" xmlns{':' + prefix if prefix else ''}={quoteattr(space)}"
        for prefix, space in known.items()
        if outer.get(prefix) != space
    )
    prefixed = {prefix: space for prefix, space in known.items() if prefix}
    facts = "".join(f" {_named(str(key), prefixed)}={quoteattr(str(value))}" for key, value in element.attrib.items())
    if len(element) == 0 and not element.text and etree.QName(element).localname != "text":
        parts.append(f"<{name}{spaces}{facts}{gap}/>")
        return
    parts.append(f"<{name}{spaces}{facts}>{escape(element.text or '')}")
    for child in element:
        _write(child, known, parts, gap)
        parts.append(escape(child.tail or ""))
    parts.append(f"</{name}>")


def _named(tag: str, known: Mapping[Any, str]) -> str:
    if not tag.startswith("{"):
        return tag
    space, _, local = tag[1:].partition("}")
    if space == "http://www.w3.org/XML/1998/namespace":
        return f"xml:{local}"
    prefix = next(prefix for prefix, known_space in known.items() if known_space == space)
    return f"{prefix}:{local}" if prefix else local


def written_json(schema: Any) -> bytes:
    """A form as text."""
    return (json.dumps(schema, indent=2, ensure_ascii=False) + "\n").encode("utf-8")


def add_child(parent: etree._Element, child: etree._Element, at: int | None = None) -> None:
    """Put an element, with all inside it, among its siblings, indented as they are."""
    depth = sum(1 for _ in parent.iterancestors()) + 1
    _indent(child, depth)
    inner, outer = "\n" + "  " * depth, "\n" + "  " * (depth - 1)
    index = len(parent) if at is None else at
    if len(parent) == 0:
        parent.text = inner
    parent.insert(index, child)
    child.tail = inner if index < len(parent) - 1 else outer
    if index == len(parent) - 1 and index > 0:
        parent[index - 1].tail = inner


def remove_child(child: etree._Element) -> None:
    """Take an element away and close the gap."""
    parent = child.getparent()
    assert parent is not None
    index, tail = parent.index(child), child.tail
    if index == len(parent) - 1:
        if index:
            parent[index - 1].tail = tail
        else:
            parent.text = None
    parent.remove(child)


def _indent(element: etree._Element, depth: int) -> None:
    if len(element):
        element.text = "\n" + "  " * (depth + 1)
        for child in element:
            _indent(child, depth + 1)
            child.tail = "\n" + "  " * (depth + 1)
        element[-1].tail = "\n" + "  " * depth


def made(like: etree._Element, tag: str, **facts: str) -> etree._Element:
    """A new element of the same namespace and prefixes as another."""
    space = etree.QName(like).namespace
    name = f"{{{space}}}{tag}" if space else tag
    # lxml takes None for the default prefix, which its stubs do not say.
    element = etree.Element(name, nsmap=like.nsmap)  # type: ignore[arg-type]
    for key, value in facts.items():
        element.set(key, value)
    return element


def local(element: etree._Element) -> str:
    """The name of an element without its namespace, '' for comments."""
    return "" if isinstance(element, etree._Comment | etree._ProcessingInstruction) else etree.QName(element).localname

"""Reads a diagram's XML so that a hostile or foreign file is refused at once, and the rest names its place."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from engine.errors import Finding
from engine.execution.allowed import (
    ALLOWED,
    BINDINGS,
    BPMN,
    DRAWING,
    DRAWING_NAMESPACES,
    FIXED,
    FOREIGN,
    NODES,
    UNSUPPORTED,
    UNSUPPORTED_ATTRIBUTES,
    UNSUPPORTED_ZEEBE,
    XSI,
    ZEEBE,
    ZEEBE_ATTRIBUTES,
    ZEEBE_CHILDREN,
    bpmn,
)
from engine.pathways.references import leave_sketches_out

MOST_BYTES = 5_000_000
MOST_XML_ELEMENTS = 60_000
DEEPEST = 50
MOST_NODES = 2_000
MOST_SETTINGS = 100
ENCODINGS = {"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "windows-1252"}
ENCODING = re.compile(rb"""^(?:\xef\xbb\xbf)?<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
#: Parts of an element that have ids of their own, and that nobody sees in the picture.
PARTS = ("Definition", "Characteristics", "Expression", "Condition", "timeDate", "timeDuration", "timeCycle", "laneSet")


class Findings:
    """What a check found so far in one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._found: dict[Finding, None] = {}

    @property
    def found(self) -> list[Finding]:
        """Everything found so far, in order."""
        return list(self._found)

    def refuse(self, place: etree._Element | None, message: str, mend: str) -> None:
        """It would not execute as drawn."""
        owner = place
        while owner is not None and not _can_be_seen(owner):
            owner = owner.getparent()
        identity = owner.get("id") if owner is not None else None
        name = " ".join(owner.get("name", "").split()) or None if owner is not None else None
        self._found.setdefault(Finding("refusal", self.file, identity, name, message, mend))


def _can_be_seen(element: etree._Element) -> bool:
    """Whether people find this element in the picture by its id."""
    name = local(element)
    return bool(name) and name != "definitions" and bool(element.get("id")) and not name.endswith(PARTS)


def local(element: etree._Element) -> str:
    """A BPMN element's own name; '' for elements of other namespaces."""
    return element.tag[len(BPMN) + 2 :] if element.tag.startswith(f"{{{BPMN}}}") else ""


def child(element: etree._Element, tag: str) -> etree._Element | None:
    """The first child with that tag."""
    return next(element.iterchildren(tag), None)


def namespace_of(name: str) -> str:
    """The namespace of a tag or attribute as the XML reader names it; '' for none."""
    return name[1:].partition("}")[0] if name.startswith("{") else ""


def _attributes(element: etree._Element) -> list[tuple[str, str]]:
    return [(str(key), str(value)) for key, value in element.attrib.items()]


def read_xml(content: bytes, findings: Findings) -> etree._Element | None:
    """The root of a diagram, or None after a refusal: too large, a DOCTYPE, another encoding, no XML, no BPMN."""
    if len(content) > MOST_BYTES:
        findings.refuse(
            None,
            f"The file has {len(content):,} bytes, and a diagram may have {MOST_BYTES:,}.",
            "Remove embedded pictures, or split the diagram into called processes.",
        )
        return None
    declared = ENCODING.match(content)
    if b"\0" in content[:4] or (declared and declared[1].decode("ascii").lower() not in ENCODINGS):
        findings.refuse(None, "The file is not written in UTF-8.", "Save it as UTF-8.")
        return None
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        findings.refuse(None, "The file declares a DOCTYPE or entities.", "Remove the DOCTYPE and everything in it.")
        return None
    if content.count(b"<") > 4 * MOST_XML_ELEMENTS:
        # Not even read: half a million elements take longer to read than to refuse.
        _too_large(findings)
        return None
    try:
        root = read_again(content)
    except (etree.XMLSyntaxError, ValueError) as error:
        if "depth" in str(error):
            _too_large(findings)  # The parser's own limit, far above ours.
            return None
        line = getattr(error, "lineno", None)
        where = f" (line {line})" if line else ""
        findings.refuse(None, f"The file is not well-formed XML{where}.", "Save it again from the editor.")
        return None
    if root.tag != bpmn("definitions"):
        findings.refuse(None, "The file is XML, but no BPMN 2.0 diagram.", "Save it from a BPMN editor.")
        return None
    return root if _small_enough(root, findings) else None


def read_again(content: bytes) -> etree._Element:
    """The root of a diagram of which it is known that it can be read (else it raises what lxml does).

    A sketch beside what is executed is left out: it never runs.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    root = etree.fromstring(content, parser)
    leave_sketches_out(root)
    return root


def order_arrows(root: etree._Element) -> None:
    """Put the arrows of each exclusive gateway into the order in which it lists them: so its conditions are asked.

    BPMN 2.0.2, 13.4.2: conditions are evaluated in order, and a flow node's outgoing arrows are an ordered collection.
    Where the list and the drawn arrows are not the same ones, the arrows stay in the order in which they are written.
    """
    leaving: dict[etree._Element, dict[str | None, list[etree._Element]]] = {}
    for flow in root.iter(bpmn("sequenceFlow")):
        scope = flow.getparent()
        if scope is not None:
            leaving.setdefault(scope, {}).setdefault(flow.get("sourceRef"), []).append(flow)
    for gateway in root.iter(bpmn("exclusiveGateway")):
        listed = [(each.text or "").strip() for each in gateway.iterchildren(bpmn("outgoing"))]
        scope = gateway.getparent()
        if len(listed) < 2 or scope is None:
            continue
        arrows = leaving.get(scope, {}).get(gateway.get("id"), [])
        drawn = {flow.get("id"): flow for flow in arrows}
        if listed == list(drawn) or sorted(listed) != sorted(str(flow.get("id")) for flow in arrows):
            continue
        places = [etree.Comment("") for _ in arrows]
        for arrow, place in zip(arrows, places, strict=True):
            scope.replace(arrow, place)
        for place, name in zip(places, listed, strict=True):
            scope.replace(place, drawn[name])


def _too_large(findings: Findings) -> None:
    findings.refuse(
        None,
        f"The diagram is too large: it may have {MOST_NODES:,} tasks, events and gateways, "
        f"{MOST_XML_ELEMENTS:,} XML elements and a depth of {DEEPEST}.",
        "Split it into called processes.",
    )


def _small_enough(root: etree._Element, findings: Findings) -> bool:
    count = nodes = 0
    level: list[etree._Element] = [root]
    depth = 0
    while level:
        depth += 1
        count += len(level)
        nodes += sum(1 for element in level if local(element) in NODES)
        if depth > DEEPEST or count > MOST_XML_ELEMENTS or nodes > MOST_NODES:
            _too_large(findings)
            return False
        if any(len(element.attrib) > MOST_SETTINGS for element in level):
            findings.refuse(
                None, f"An element has more than {MOST_SETTINGS} settings.", "Remove those that no editor wrote."
            )
            return False
        level = [child for element in level for child in element]
    return True


def screen(root: etree._Element, findings: Findings) -> None:
    """Hold the whole diagram against the allow-list."""
    stack = [root]
    ids: dict[str, etree._Element] = {}
    while stack:
        element = stack.pop()
        tag = etree.QName(element)
        if tag.namespace in DRAWING_NAMESPACES:
            continue
        if tag.namespace != BPMN:
            _refuse_tag(element, findings)
            continue
        identity = element.get("id")
        if identity is not None:
            if identity in ids:
                findings.refuse(element, f"The id {identity} is used twice.", "Give one of them another id.")
            ids[identity] = element
        if tag.localname in DRAWING:
            continue
        allowed = ALLOWED[tag.localname]
        _screen_attributes(element, allowed.attributes, findings)
        following = []
        for child in element:
            name = local(child)
            if name == "extensionElements":
                _screen_extensions(element, child, allowed.zeebe, findings)
            elif etree.QName(child).namespace == BPMN and name not in allowed.children:
                _refuse_tag(child, findings)
            else:
                following.append(child)
        stack.extend(reversed(following))


def _refuse_tag(element: etree._Element, findings: Findings) -> None:
    tag = etree.QName(element)
    if tag.namespace in FOREIGN:
        message = f"The {FOREIGN[tag.namespace]} extension {tag.localname} does not run here."
        findings.refuse(element, message, "Remove it, or write it again for Camunda 8.")
    elif tag.namespace == BPMN:
        message, mend = UNSUPPORTED.get(
            tag.localname, (f"The BPMN element {tag.localname} does not run here.", "Remove it.")
        )
        findings.refuse(element, message, mend)
    elif tag.namespace == ZEEBE:
        message, mend = UNSUPPORTED_ZEEBE.get(
            tag.localname, (f"The extension zeebe:{tag.localname} does not run here.", "Remove it.")
        )
        findings.refuse(element, message, mend)
    else:
        findings.refuse(
            element,
            f"The element {tag.localname} of the namespace {tag.namespace or '(none)'} does not run here.",
            "Remove it.",
        )


def _screen_attributes(element: etree._Element, allowed: frozenset[str], findings: Findings) -> None:
    name = local(element)
    for key, value in _attributes(element):
        namespace, attribute = namespace_of(key), etree.QName(key)
        if not namespace:
            if key not in allowed:
                _refuse_attribute(element, name, key, findings)
            elif key == "isForCompensation" and value not in FIXED[key]:
                findings.refuse(element, *UNSUPPORTED["compensateEventDefinition"])
            elif key in FIXED and value not in FIXED[key]:
                findings.refuse(element, f"The setting {key}={value} does not run here.", "Remove the setting.")
            elif key == "language" and "feel" not in value.lower():
                findings.refuse(element, f"The language {value} does not run here.", "Write FEEL.")
        elif namespace in FOREIGN and attribute.localname != "diagramRelationId":
            findings.refuse(
                element,
                f"The {FOREIGN[namespace]} setting {attribute.localname} does not run here.",
                "Remove it, or write it again for Camunda 8.",
            )
        elif namespace == ZEEBE and not attribute.localname.startswith("modelerTemplate"):
            findings.refuse(element, f"The setting zeebe:{attribute.localname} does not run here.", "Remove it.")
        elif namespace not in {*DRAWING_NAMESPACES, *FOREIGN, ZEEBE, XSI}:
            findings.refuse(
                element,
                f"The setting {attribute.localname} of the namespace {namespace} does not run here.",
                "Remove it.",
            )


def _refuse_attribute(element: etree._Element, name: str, attribute: str, findings: Findings) -> None:
    tasks = "task" if attribute == "default" else name
    message, mend = UNSUPPORTED_ATTRIBUTES.get(
        (tasks, attribute), (f"The setting {attribute} does not run here.", "Remove the setting.")
    )
    findings.refuse(element, message, mend)


def _screen_extensions(
    host: etree._Element, extensions: etree._Element, allowed: frozenset[str], findings: Findings
) -> None:
    seen: set[str] = set()
    for extension in extensions:
        tag = etree.QName(extension)
        if tag.namespace in DRAWING_NAMESPACES:
            continue
        if tag.namespace != ZEEBE or tag.localname not in allowed or tag.localname not in ZEEBE_ATTRIBUTES:
            _refuse_tag(extension, findings)
            continue
        if tag.localname in seen:
            findings.refuse(host, f"The extension zeebe:{tag.localname} stands twice.", "Remove one of them.")
        seen.add(tag.localname)
        for each in _with_children(extension, findings):
            _screen_zeebe(host, each, findings)


def _with_children(extension: etree._Element, findings: Findings) -> Iterator[etree._Element]:
    yield extension
    inner = ZEEBE_CHILDREN.get(etree.QName(extension).localname, set())
    for child in extension:
        if child.tag in {f"{{{ZEEBE}}}{name}" for name in inner}:
            yield child
        else:
            _refuse_tag(child, findings)


def _screen_zeebe(host: etree._Element, extension: etree._Element, findings: Findings) -> None:
    name = etree.QName(extension).localname
    for key, value in _attributes(extension):
        if key not in ZEEBE_ATTRIBUTES[name]:
            if value.strip():
                _refuse_attribute(extension, name, etree.QName(key).localname, findings)
        elif key == "bindingType" and value not in BINDINGS:
            findings.refuse(
                host, f"The binding {value} does not run here.", "Choose latest: a release always uses its own files."
            )

"""Hostile or foreign XML stops here: no document types, entities or network, a size limit, known namespaces only."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.dmn.errors import DmnError, Place

#: The largest decision file that is read, in bytes.
MAX_BYTES = 4_000_000

#: The model namespaces of DMN 1.1, 1.2, 1.3, 1.4, 1.5 and 1.6.
MODEL_NAMESPACES = frozenset(
    {
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
        "https://www.omg.org/spec/DMN/20240513/MODEL/",
    }
)

#: The expression language namespaces of the same versions; any of them, or none, means FEEL.
FEEL_NAMESPACES = frozenset(
    {
        "http://www.omg.org/spec/FEEL/20140401",
        "http://www.omg.org/spec/DMN/20180521/FEEL/",
        "https://www.omg.org/spec/DMN/20191111/FEEL/",
        "https://www.omg.org/spec/DMN/20211108/FEEL/",
        "https://www.omg.org/spec/DMN/20230324/FEEL/",
        "https://www.omg.org/spec/DMN/20240513/FEEL/",
        "feel",
        "FEEL",
        "",
    }
)


class Node:
    """One DMN element of the file, seen without its namespace; foreign elements and comments do not show."""

    __slots__ = ("_element", "tag")

    def __init__(self, element: etree._Element) -> None:
        self._element = element
        self.tag = etree.QName(element).localname

    def __iter__(self) -> Iterator[Node]:
        """Go through the DMN children in order."""
        for child in self._element:
            if etree.QName(child).namespace in MODEL_NAMESPACES:
                yield Node(child)

    def child(self, *tags: str) -> Node | None:
        """Return the first child with one of the tags, if any."""
        return next((child for child in self if child.tag in tags), None)

    def children(self, *tags: str) -> tuple[Node, ...]:
        """Return the children with one of the tags."""
        return tuple(child for child in self if child.tag in tags)

    def get(self, name: str) -> str | None:
        """Return an attribute, trimmed; None when absent or empty."""
        value = self._element.get(name)
        return value.strip() or None if value is not None else None

    def words(self, name: str) -> str | None:
        """Return the text of a child element such as <text> or <description>, as written; None when absent."""
        child = self.child(name)
        return "".join(map(str, child._element.itertext())) if child is not None else None

    def type_ref(self) -> str | None:
        """Return the type named by the attribute, or by the child element as item definitions have it."""
        return self.get("typeRef") or ((self.words("typeRef") or "").strip() or None)

    @property
    def prefixes(self) -> dict[str, str]:
        """Return the namespace prefixes in force here, which DMN 1.1 uses in type names."""
        return {prefix: uri for prefix, uri in self._element.nsmap.items() if prefix}


def parse(content: bytes, file: str) -> Node:
    """Return the <definitions> of a decision file. Raises DmnError when it is not one or is not safe to read."""
    place = Place(file)
    if len(content) > MAX_BYTES:
        raise DmnError(place, f"The file is larger than {MAX_BYTES:,} bytes.", "Split it and import the parts.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise DmnError(
            place, f"The file is not well-formed XML at line {error.lineno}.", "Export it again from the editor."
        ) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise DmnError(place, "The file declares a document type, which could pull in other files.", "Remove it.")
    name = etree.QName(root)
    if name.localname != "definitions" or name.namespace not in MODEL_NAMESPACES:
        raise DmnError(
            place,
            f'The file starts with <{name.localname}> of "{name.namespace or ""}", not with DMN <definitions>.',
            "Save it as DMN 1.1 to 1.5.",
        )
    return Node(root)

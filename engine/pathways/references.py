"""What a diagram or a decision file defines and what it refers to: enough to find everything a pathway needs.

This is no check of the diagram: a file that cannot be read here defines and refers to nothing, and the reader that
prepares the pathway says what is wrong with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"


@dataclass(frozen=True, slots=True)
class Call:
    """A call activity and the process it calls."""

    element: str
    name: str | None
    process: str


@dataclass(frozen=True, slots=True)
class Diagram:
    """What a .bpmn file defines and refers to, by id.

    processes  the executable processes with the name and version tag each carries
    calls      the processes that it calls by a fixed id
    forms, decisions, letters  what its elements name
    """

    processes: tuple[tuple[str, str, str], ...] = ()
    calls: tuple[Call, ...] = ()
    forms: frozenset[str] = frozenset()
    decisions: frozenset[str] = frozenset()
    letters: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Decisions:
    """What a .dmn file defines and which models it imports, by id and namespace."""

    decisions: frozenset[str] = frozenset()
    namespace: str = ""
    imports: frozenset[str] = frozenset()


def leave_sketches_out(root: etree._Element) -> None:
    """Take the processes that nobody executes out of a file that draws an executable one too.

    BPMN 2.0.2, 10.3.1: what is not executable documents, and is never run; so it is not judged as if it were.
    """
    processes = root.findall(f"{BPMN}process")
    sketches = [process for process in processes if process.get("isExecutable") != "true"]
    if len(sketches) < len(processes):
        for sketch in sketches:
            root.remove(sketch)


@lru_cache(maxsize=64)
def read_diagram(content: bytes) -> Diagram:
    """What a .bpmn file defines and refers to; nothing where it is no XML."""
    root = root_of(content)
    if root is None:
        return Diagram()
    leave_sketches_out(root)
    processes, calls = [], []
    forms, decisions, letters = set(), set(), set()
    for process in root.iter(f"{BPMN}process"):
        if process.get("isExecutable") == "true" and process.get("id"):
            tag = process.find(f"{BPMN}extensionElements/{ZEEBE}versionTag")
            version = "" if tag is None else tag.get("value", "")
            processes.append((process.get("id", ""), process.get("name", ""), version))
    for element in root.iter(f"{BPMN}callActivity"):
        called = element.find(f"{BPMN}extensionElements/{ZEEBE}calledElement")
        if called is not None and called.get("processId") and not called.get("processId", "").startswith("="):
            calls.append(Call(element.get("id", ""), element.get("name"), called.get("processId", "")))
    for found in root.iter(f"{ZEEBE}formDefinition"):
        forms.add(found.get("formId", ""))
    for found in root.iter(f"{ZEEBE}calledDecision"):
        decisions.add(found.get("decisionId", ""))
    for found in root.iter(f"{ZEEBE}header"):
        if found.get("key") == "guard":
            decisions.add(found.get("value", ""))
    for found in root.iter(f"{ZEEBE}property"):
        if found.get("name") == "casework:letter":
            letters.add(found.get("value", ""))
    return Diagram(
        tuple(processes), tuple(calls), frozenset(forms - {""}), frozenset(decisions - {""}), frozenset(letters - {""})
    )


@lru_cache(maxsize=64)
def read_decisions(content: bytes) -> Decisions:
    """What a .dmn file defines and imports; nothing where it is no XML."""
    root = root_of(content)
    if root is None:
        return Decisions()
    ids, imports = set(), set()
    for element in root.iter("{*}decision"):
        ids.add(element.get("id", ""))
    for element in root.iter("{*}import"):
        imports.add(element.get("namespace", ""))
    return Decisions(frozenset(ids - {""}), root.get("namespace", ""), frozenset(imports - {""}))


def root_of(content: bytes) -> etree._Element | None:
    """The root of a diagram or a table; None where it is no XML."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def arrow_names(content: bytes) -> dict[str, str]:
    """What stands on the arrows of a .bpmn file, by their ids; nothing where it is no XML."""
    root = root_of(content)
    flows = root.iter(f"{BPMN}sequenceFlow") if root is not None else ()
    return {flow.get("id", ""): flow.get("name", "") for flow in flows if flow.get("name")}

"""What is written in diagrams and tables, text by text, with the place that a person knows it by; nothing is judged."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from lxml import etree

from engine.pathways.references import root_of


def formulas_drawn(diagram: bytes) -> Iterator[tuple[str, str | None, str | None]]:
    """Each text of a diagram that begins with `=`, and the id and name of the element that holds it."""
    root = root_of(diagram)
    for element in () if root is None else root.iter("{*}*"):
        texts = [text for text in (*element.attrib.values(), element.text or "") if text.lstrip().startswith("=")]
        if not texts or _local(element) == "documentation":
            continue
        owner = _owner(element)
        for text in texts:
            yield text, owner.get("id"), owner.get("name")


def recorded(diagram: bytes) -> frozenset[str]:
    """The facts that the steps of a diagram record."""
    root = root_of(diagram)
    steps = () if root is None else root.iter("{*}serviceTask")
    return frozenset(
        line.get("target", "")
        for step in steps
        if any(job.get("type") == "record_facts" for job in step.iter("{*}taskDefinition"))
        for line in step.iterfind(".//{*}ioMapping/{*}input")
    )


def lists_gone_through(diagram: bytes) -> Iterator[tuple[str, str | None, str | None]]:
    """The list of each multi-instance as it is written, and the id and name of the element that it is done for."""
    root = root_of(diagram)
    for marker in () if root is None else root.iter("{*}loopCharacteristics"):
        owner = _owner(marker)
        yield marker.get("inputCollection", ""), owner.get("id"), owner.get("name")


def conditions(diagram: bytes) -> tuple[str, ...]:
    """The condition of each arrow that has one."""
    root = root_of(diagram)
    return () if root is None else tuple(each.text or "" for each in root.iter("{*}conditionExpression"))


@lru_cache(maxsize=1_024)
def user_tasks(diagram: bytes) -> frozenset[str]:
    """The ids of everything in a diagram that a person does."""
    root = root_of(diagram)
    return frozenset() if root is None else frozenset(task.get("id", "") for task in root.iter("{*}userTask"))


def cells(decisions: bytes) -> Iterator[tuple[str, bool, str | None]]:
    """Each expression of a file of tables, whether it is the entry of an input, and the decision that it stands in."""
    root = root_of(decisions)
    for element in () if root is None else root.iter("{*}text"):
        holder = element.getparent()
        if holder is None or _local(holder) in ("annotationEntry", "textAnnotation"):
            continue
        decision = next(element.iterancestors("{*}decision", "{*}businessKnowledgeModel"), None)
        yield element.text or "", _local(holder) == "inputEntry", None if decision is None else decision.get("id")


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname


def _owner(element: etree._Element) -> etree._Element:
    """What is drawn and holds this: the element itself, or the nearest around it that has an id and may have a name."""
    around = element
    while "EventDefinition" in _local(around) or around.get("id") is None or _local(around) == "conditionExpression":
        outer = around.getparent()
        if outer is None:
            return element
        around = outer
    return around

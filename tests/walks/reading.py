"""What may still be read from a place of a diagram: everything else that a state holds steers nothing any more."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from engine.execution import Pathway
from engine.execution.elements import Element, Process
from engine.feel import Expression, nodes
from engine.forms import Field

Names = frozenset[str]
NOTHING: Names = frozenset()
#: Facts that follow from others.
DERIVED: Mapping[str, tuple[str, ...]] = {
    "age": ("dob", "turned_18"),
    "looked_after": ("legal_status", "cla_start_date"),
}
_THROWS = ("intermediateThrowEvent", "endEvent")
_TEXT = re.compile(r'"([^"\n]*)"')
_NUMBER = re.compile(r"(?<![\w.\"-])\d{1,3}(?![\w.\"-])")


class Reading:
    """What the expressions of some releases read: the parts of each variable, the facts, the texts they compare with.

    parts     per variable the entries that are read of it; None where the whole of it is
    thrown    the signals that diagrams throw: nobody outside says them
    texts     every text that an expression or a cell compares with, and every whole number below a thousand
    """

    def __init__(self, pathways: Iterable[Pathway]) -> None:
        self.parts: dict[str, set[str] | None] = defaultdict(set)
        self.words: set[str] = set()
        self.texts: set[str] = set()
        self.numbers: set[int] = set()
        self.thrown: set[str] = set()
        told: set[bytes] = set()
        for pathway in pathways:
            for process in pathway.processes.values():
                for source in _expressions(process):
                    self._take(source)
                for element in process.elements.values():
                    if element.kind in _THROWS and element.trigger is not None and element.trigger.kind == "signal":
                        self.thrown.add(element.trigger.name)
            for form in pathway.release.forms.values():
                for field in form.fields.values():
                    for expression in of_field(field):
                        self._take(expression)
            for decision, model in pathway.models.items():
                self.words |= model.reads(decision)
                content = pathway.release.decision_files[pathway.release.decisions[decision]]
                if content not in told:
                    told.add(content)
                    self._said(re.sub(r"<description>.*?</description>", "", content.decode(), flags=re.DOTALL))

    def reads(self, variable: str, entry: str) -> bool:
        """Whether some expression reads an entry of a variable."""
        parts = self.parts.get(variable, set())
        return entry in self.words if parts is None else entry in parts

    def _take(self, expression: Expression) -> None:
        self._walk(expression.tree)
        self._said(expression.text)

    def _said(self, text: str) -> None:
        plain = text.replace("&#34;", '"').replace("&quot;", '"')
        self.texts.update(_TEXT.findall(plain))
        self.numbers.update(int(number) for number in _NUMBER.findall(plain))

    def _walk(self, node: Any) -> None:
        if isinstance(node, nodes.Path):
            self.words.add(node.name)
            if isinstance(node.operand, nodes.Name):
                parts = self.parts[node.operand.name]
                if parts is not None:
                    parts.add(node.name)
                return
        if isinstance(node, nodes.Compare) and isinstance(node.right, nodes.Null) and isinstance(node.left, nodes.Name):
            return
        if isinstance(node, nodes.Name):
            self.words.add(node.name)
            self.parts[node.name] = None
        for inner in _inside(node):
            self._walk(inner)


def _inside(node: Any) -> Iterator[Any]:
    if is_dataclass(node) and not isinstance(node, type):
        for field in fields(node):
            yield from _nodes(getattr(node, field.name))


def _nodes(value: Any) -> Iterator[Any]:
    if isinstance(value, nodes.Node):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _nodes(item)
    elif is_dataclass(value) and not isinstance(value, type):
        yield from _inside(value)


def of_field(field: Field) -> Iterator[Expression]:
    """What a question's own rules read."""
    for expression in (field.check, field.hide, field.value, field.earliest, field.latest, field.options_from):
        if expression is not None:
            yield expression


def _expressions(process: Process) -> Iterator[Expression]:
    """Every expression that may steer: due dates and who is asked do not."""
    for element in process.elements.values():
        for _, expression in steering(element):
            yield expression
    for flow in process.flows:
        if flow.condition is not None and flow.condition.expression is not None:
            yield flow.condition.expression


def steering(element: Element) -> Iterator[tuple[str, Expression]]:
    found = [("in", line.source) for line in element.inputs] + [("out", line.source) for line in element.outputs]
    if element.calculation is not None:
        found.append(("own", element.calculation.expression))
    if element.trigger is not None and element.trigger.when is not None:
        found.append(("own", element.trigger.when))
    if element.loop is not None:
        loop = (element.loop.collection, element.loop.output_item, element.loop.until)
        found += [("own", each) for each in loop if each is not None]
    for which, formula in found:
        if formula.expression is not None:
            yield which, formula.expression


def without(names: Names, heads: Names) -> Names:
    """The names that are not of some variables."""
    return frozenset(name for name in names if name.split(".")[0] not in heads)


def facts_behind(fact: str) -> tuple[str, ...]:
    """The facts that one follows from, itself included."""
    return (fact, *DERIVED.get(fact, ()))


def names_in(many: Iterable[Names]) -> Names:
    """All of them together."""
    return frozenset().union(*many)


def is_date(value: Any) -> bool:
    """Whether a text is a date, with or without a time."""
    return isinstance(value, str) and len(value) >= 10 and value[4:5] == "-" and value[:4].isdigit()

"""Reads the parts that nodes of a diagram share: extensions, properties, mappings, markers and expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches

from lxml import etree

from engine.execution.allowed import ZEEBE, bpmn, zeebe
from engine.execution.elements import Assignment, Loop
from engine.execution.formulas import FUNCTIONS, FeelError, Formula, read_formula
from engine.execution.reader import Findings, child
from engine.execution.scopes import ROOT_NAMES

NAME = re.compile(r"[^\W\d]\w*")
EXTENSIONS, COMPLETION, PROPERTY = bpmn("extensionElements"), bpmn("completionCondition"), zeebe("property")

#: How expressions of another language begin, which other editors write where we read FEEL.
_FOREIGN = ("${", "#{")
#: What FEEL in the field looks like, by what the field is called; anything else is a condition.
_EXAMPLES = {
    "due date": "=working days after(today(), 10)",
    "assignee": "=case.lead_social_worker",
    "candidate groups": '=["social_worker", "team_manager"]',
    "priority": "=50",
    "number of tries": "=3",
    "correlation key": "=case.case_id",
    "input collection": "=case.core_group",
}


def _in_feel(what: str) -> str:
    return f"Write it anew in FEEL, as in {_EXAMPLES.get(what, '=ok = true')}."


@dataclass(frozen=True, slots=True)
class Known:
    """What a diagram may refer to: ids of forms, decisions, processes and job types in its release."""

    forms: frozenset[str] = frozenset()
    decisions: frozenset[str] = frozenset()
    processes: frozenset[str] = frozenset()
    jobs: frozenset[str] = frozenset()


@dataclass(slots=True)
class NodeReader:
    """One file being read, and what was found wrong in it; a part that cannot be read is a finding, never an error.

    sound  this very file was read before and nothing was wrong: its expressions wait until they are asked for
    """

    root: etree._Element
    findings: Findings
    known: Known
    sound: bool = False
    by_id: dict[str, etree._Element] = field(default_factory=dict)
    #: The node whose extensions were looked through last, and what was found: a node is asked for many of them.
    _extended: etree._Element | None = None
    _extensions: dict[str, list[etree._Element]] = field(default_factory=dict)

    def _all(self, node: etree._Element, name: str) -> list[etree._Element]:
        """A node's extensions of that name."""
        if node is not self._extended:
            found: dict[str, list[etree._Element]] = {}
            for extensions in node.iterchildren(EXTENSIONS):
                for each in extensions.iterchildren(f"{{{ZEEBE}}}*"):
                    found.setdefault(each.tag[len(ZEEBE) + 2 :], []).append(each)
            self._extended, self._extensions = node, found
        return self._extensions.get(name, [])

    def _one(self, node: etree._Element, name: str) -> etree._Element | None:
        found = self._all(node, name)
        return found[0] if found else None

    def _value(self, node: etree._Element, extension: str, attribute: str) -> str | None:
        """An extension's attribute; None where it is missing or empty."""
        found = self._one(node, extension)
        return None if found is None else (found.get(attribute) or "").strip() or None

    def _lines(self, node: etree._Element, extension: str, which: str) -> Iterator[etree._Element]:
        """The lines of that kind in an extension that is a list."""
        for found in self._all(node, extension):
            yield from found.iterchildren(zeebe(which))

    def _properties(self, node: etree._Element) -> dict[str, str]:
        found = {}
        for properties in self._all(node, "properties"):
            for line in properties.iterchildren(PROPERTY):
                if name := line.get("name"):
                    found[name] = line.get("value", "")
        return found

    def _formula(self, node: etree._Element, extension: str, attribute: str, what: str) -> Formula | None:
        text = self._value(node, extension, attribute)
        return None if text is None else self._compile(node, text, what)

    def _feel(self, node: etree._Element, text: str | None, what: str) -> Formula:
        """An expression where nothing but FEEL makes sense."""
        body = (text or "").strip()
        if not body.startswith("="):
            mend = _in_feel(what) if body.startswith(_FOREIGN) else "Write '=' before it."
            self.findings.refuse(node, f"The {what} {_short(body)} is no expression.", mend)
            return Formula(body, None)
        return self._compile(node, body, what)

    def _compile(self, node: etree._Element, text: str, what: str) -> Formula:
        if self.sound:
            return Formula.late(text)
        if text.strip().startswith(_FOREIGN):
            self.findings.refuse(
                node, f"The {what} {_short(text)} is no FEEL and would be taken for these very words.", _in_feel(what)
            )
            return Formula(text, None)
        try:
            formula = read_formula(text)
            # What a case holds are values: a function that is not there when the diagram is read never is.
            for name in sorted(formula.expression.calls) if formula.expression is not None else ():
                near = get_close_matches(name, FUNCTIONS, n=1, cutoff=0.7)
                mend = f"Write {near[0]}, if that is meant." if near else "Correct the name, or write it without."
                self.findings.refuse(node, f"The {what} calls {name}, and there is no function of that name.", mend)
            return formula
        except FeelError as error:
            self.findings.refuse(
                node,
                f"The {what} is not FEEL: {error.message} (line {error.line}, column {error.column})\n{error.caret}\n",
                error.mend or "Correct the expression.",
            )
            return Formula(text, None)

    def _check_name(self, node: etree._Element, name: str | None, what: str) -> None:
        if name is None:
            self.findings.refuse(node, f"The {what} is missing.", "Give it a name.")
        elif not NAME.fullmatch(name):
            self.findings.refuse(node, f"The {what} {_short(name)} is no name.", "Write letters, digits and _.")
        elif name in ROOT_NAMES:
            self.findings.refuse(
                node, f"The {what} would write {name}, which only the case itself writes.", "Choose another name."
            )

    def _loop(self, node: etree._Element, marker: etree._Element) -> Loop | None:
        collection = self._value(marker, "loopCharacteristics", "inputCollection")
        if collection is None:
            self.findings.refuse(node, "The multi-instance marker has no input collection.", "Name a list in FEEL.")
            return None
        item = self._value(marker, "loopCharacteristics", "inputElement")
        output = self._value(marker, "loopCharacteristics", "outputCollection")
        output_item = self._value(marker, "loopCharacteristics", "outputElement")
        if (output is None) != (output_item is None):
            self.findings.refuse(
                node,
                "The multi-instance marker has only one of output collection and output element.",
                "Write both or neither.",
            )
        for name, what in ((item, "input element"), (output, "output collection")):
            if name is not None:
                self._check_name(node, name, what)
        condition = child(marker, COMPLETION)
        until = condition.text if condition is not None and (condition.text or "").strip() else None
        return Loop(
            sequential=marker.get("isSequential") == "true",
            collection=self._feel(node, collection, "input collection"),
            item=item,
            output=output,
            output_item=self._feel(node, output_item, "output element") if output_item else None,
            until=self._feel(node, until, "completion condition") if until else None,
        )

    def _assignments(self, node: etree._Element, which: str) -> tuple[Assignment, ...]:
        found = []
        for line in self._lines(node, "ioMapping", which):
            source, target = line.get("source", ""), line.get("target", "").strip()
            path = tuple(target.split("."))
            if not source.strip():
                self.findings.refuse(
                    node, f"The {which} mapping to {target or '?'} has no source.", "Write its source."
                )
                continue
            if not all(NAME.fullmatch(part) for part in path):
                self.findings.refuse(
                    node,
                    f"The {which} mapping writes to {target or 'nothing'}, which is no name.",
                    "Write letters, digits and _, with a dot between levels.",
                )
                continue
            self._check_name(node, path[0], f"{which} mapping")
            found.append(Assignment(self._compile(node, source, f"{which} mapping"), path))
        return tuple(found)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."

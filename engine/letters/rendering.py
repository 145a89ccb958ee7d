"""A template and a case become the text of a letter, which a person then edits; what is missing stays visible.

A value that is null, or kept from someone the letter goes to, is never printed. A marker stands in its place, and
nobody can approve or send a letter while one is left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from engine.errors import Refused
from engine.feel import Environment, Expression, UnaryTests, kind_of, nodes
from engine.forms.words import shown
from engine.letters.template import LetterTemplate, Paragraph

_MARKER = re.compile(r"\[\[(to be completed|withheld): ([^\]]*)\]\]")
_ALWAYS = re.compile(r"([\\`*<\[\]])")
_EMPHASIS = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_ENTITY = re.compile(r"&(?=[#\w])")
_AT_LINE_START = re.compile(r"^(\s*)(#{1,6}(?=\s|$)|[>=~]|[-+](?=\s|-|$))", re.MULTILINE)
_NUMBERED = re.compile(r"^(\s*\d{1,9})([.)])(?=\s|$)", re.MULTILINE)


class LetterIncomplete(Refused):
    """A letter still holds markers where something is missing or withheld."""

    def __init__(self, letter: str, blanks: tuple[str, ...]) -> None:
        super().__init__(
            f"Letter {letter} is not complete: {'; '.join(blanks)}. "
            "Replace what stands between [[ and ]], or remove it."
        )
        self.letter, self.blanks = letter, blanks


@dataclass(frozen=True, slots=True)
class Blank:
    """A place where a value should stand and does not.

    expression  what the template asks for
    withheld    the recipient lists it is kept from; empty where it is simply not known
    """

    expression: str
    withheld: tuple[str, ...] = ()

    @property
    def marker(self) -> str:
        """What stands in the text instead."""
        name = re.sub(r"[\[\]\s]+", " ", self.expression).strip()
        if self.withheld:
            return f"[[withheld: {name}, from {', '.join(self.withheld)}]]"
        return f"[[to be completed: {name}]]"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A drafted letter: Markdown, and what is missing from it."""

    text: str
    blanks: tuple[Blank, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.blanks


def render(
    template: LetterTemplate,
    scope: Mapping[str, Any],
    environment: Environment | None = None,
    withheld: Mapping[str, frozenset[str]] | None = None,
) -> Rendered:
    """Draft the letter for one case.

    scope     what expressions read: `case`, `parameters` and the variables in reach
    withheld  fact (such as 'case.placement_address') to the recipient lists that must never learn it
    """
    drafting = _Drafting(template, scope, environment, withheld or {})
    texts = [text for paragraph in template.paragraphs if (text := drafting.paragraph(paragraph)) is not None]
    return Rendered("\n\n".join(texts), tuple(dict.fromkeys(drafting.blanks)))


def blanks_in(text: str) -> tuple[str, ...]:
    """What the markers still in a text ask for."""
    return tuple(dict.fromkeys(f"{kind}: {what}" for kind, what in _MARKER.findall(text)))


def fill_in(text: str, answers: Mapping[str, Any], first: Mapping[str, Any]) -> str:
    """A letter's text with the answers of its own step where it waits for them, such as a day given beside it.

    first  what stood in the questions before anybody answered: said where one is left empty
    """

    def answer(marker: re.Match[str]) -> str:
        kind, name = marker.groups()
        value = first.get(name) if answers.get(name) is None else answers[name]
        return as_markdown(shown(value)) if kind == "to be completed" and _printable(value) else marker.group()

    return _MARKER.sub(answer, text)


def check_complete(letter: str, text: str) -> None:
    """Raise LetterIncomplete where a marker is left in a letter's text, or the text is empty."""
    blanks = blanks_in(text) or (() if text.strip() else ("to be completed: its text",))
    if blanks:
        raise LetterIncomplete(letter, blanks)


class _Drafting:
    def __init__(
        self,
        template: LetterTemplate,
        scope: Mapping[str, Any],
        environment: Environment | None,
        withheld: Mapping[str, frozenset[str]],
    ) -> None:
        self.scope, self.environment, self.blanks = scope, environment, list[Blank]()
        lists = {_plain(name): name for name in template.recipients}
        self.kept_from = {
            fact: tuple(sorted(lists[_plain(name)] for name in names if _plain(name) in lists))
            for fact, names in withheld.items()
        }

    def paragraph(self, paragraph: Paragraph) -> str | None:
        """The text of a paragraph, None where its condition is false."""
        if paragraph.condition is not None:
            held = self._withheld(paragraph.condition)
            verdict = None if held else paragraph.condition.value(self.scope, self.environment)
            if verdict is False:
                return None
            if verdict is not True:
                return self._blank(Blank(f"whether {paragraph.condition.text}", held))
        return "".join(part if isinstance(part, str) else self._value(part) for part in paragraph.parts)

    def _value(self, expression: Expression) -> str:
        held = self._withheld(expression)
        if held:
            return self._blank(Blank(expression.text, held))
        value = expression.value(self.scope, self.environment)
        if not _printable(value):
            return self._blank(Blank(expression.text))
        return as_markdown(shown(value))

    def _blank(self, blank: Blank) -> str:
        self.blanks.append(blank)
        return blank.marker

    def _withheld(self, expression: Expression) -> tuple[str, ...]:
        """The lists from which anything that the expression reads is kept."""
        reads = facts_read(expression)
        kept: dict[str, None] = {}
        for fact, lists in self.kept_from.items():
            if any(read == fact or read.startswith(f"{fact}.") or fact.startswith(f"{read}.") for read in reads):
                kept.update(dict.fromkeys(lists))
        return tuple(kept)


def facts_read(expression: Expression | UnaryTests) -> frozenset[str]:
    """The paths that an expression reads, such as 'case.name'; a name used whole stands for all below it."""
    return frozenset(_paths(expression.tree))


def _paths(node: nodes.Node) -> Iterator[str]:
    path = _path(node)
    if path is not None:
        yield path
        return
    for field in fields(node):
        yield from _paths_in(getattr(node, field.name))


def _paths_in(value: Any) -> Iterator[str]:
    if isinstance(value, nodes.Node):
        yield from _paths(value)
    elif isinstance(value, tuple):
        for item in value:
            yield from _paths_in(item)


def _path(node: nodes.Node) -> str | None:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Path):
        before = _path(node.operand)
        return None if before is None else f"{before}.{node.name}"
    return None


def _plain(name: str) -> str:
    return name.removesuffix("_recipients")


def _printable(value: Any) -> bool:
    """Whether a value says something: not null, not empty, and nothing inside it is null."""
    if value is None or value == "" or value == []:
        return False
    if isinstance(value, list):
        return all(_printable(item) for item in value)
    if isinstance(value, Mapping):
        return all(_printable(item) for item in value.values())
    return kind_of(value) not in ("function", "range")


def as_markdown(text: str) -> str:
    """A value's text so that Markdown shows it as it is: nothing in it is a heading, a link, a list or HTML."""
    text = "\n".join(line.strip() for line in text.replace("\r\n", "\n").split("\n"))
    text = _ALWAYS.sub(r"\\\1", text)
    text = _ENTITY.sub(r"\\&", _EMPHASIS.sub(r"\\_", text))
    return _NUMBERED.sub(r"\1\\\2", _AT_LINE_START.sub(r"\1\\\2", text))

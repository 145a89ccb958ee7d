"""The names of a decision file that can only be read whole: `first-name` is no subtraction where a file declares it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from engine.dmn.model import Definitions, ItemDefinition, OutputClause, Variable
from engine.feel.lexer import KEYWORDS


def special_names(facts: Definitions) -> frozenset[str]:
    """Return every name in the file that has signs or keywords in it.

    Names of elements, of components of types, and of what logic names: entries, columns, parameters and outputs.
    """
    elements = (element.name for element in facts.elements)
    given = _given((facts.types, facts.elements))
    return frozenset(name for names in (elements, given) for name in names if not _is_words(name))


def _given(facts: object) -> Iterator[str]:
    if isinstance(facts, Variable | OutputClause):
        yield from (facts.name,) if facts.name else ()
    elif isinstance(facts, tuple):
        for part in facts:
            yield from _given(part)
    elif isinstance(facts, ItemDefinition):
        yield facts.name
        yield from _given(facts.components)
    elif is_dataclass(facts):
        for field in fields(facts):
            yield from _given(getattr(facts, field.name))


def _is_words(name: str) -> bool:
    """Whether a name is words and numbers with spaces between, which need no help to be read."""
    return all((part.isidentifier() and part not in KEYWORDS) or part.isdigit() for part in name.split(" "))

"""What a form asks: its fields, in groups and between passages of text, in the order of the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.feel import Expression
from engine.forms.words import Words
from engine.history import JSON

#: The field types of form-js that ask something; datetime has the subtypes date, time and datetime.
ASKING = ("textfield", "textarea", "number", "datetime", "checkbox", "radio", "select", "checklist", "taglist")
CHOOSING = ("radio", "select", "checklist", "taglist")
CHOOSING_SEVERAL = ("checklist", "taglist")


@dataclass(frozen=True, slots=True)
class Option:
    """One answer offered; a value is a text, a number, true or false."""

    value: JSON
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """One question.

    key          the answer's name
    type         one of ASKING; subtype is 'date', 'time' or 'datetime' for a datetime, else ''
    label, help  what the question says and what helps to answer it
    options      the answers offered; options_from gives them for a case instead
    others       whether answers beyond the options may be added (taglist)
    as_list      whether a textarea's answer is a list of texts, one a line
    minimum, maximum, decimals, increment   of numbers
    shortest, longest, pattern, pattern_message, kind   of texts; kind is '', 'email' or 'phone'
    earliest, latest   of dates: FEEL that gives a date; None bounds only the year
    unknown      the option value that means null: the person chose "not known"
    fixed        shown and not asked: the answer is what `value` gives
    value        FEEL for what stands there at first (and for good where fixed)
    default      a fixed text or number that stands there at first
    hide         FEEL; where true the field is not asked and its answer is null
    check, message   FEEL over the answers, `case` and `parameters` that must be true, and what to say otherwise
    clauses, tag     which clauses the question serves, and whether it is policy, reading or product
    prefix, suffix   words beside the input
    """

    key: str
    type: str
    label: Words
    help: Words
    subtype: str = ""
    required: bool = False
    options: tuple[Option, ...] = ()
    options_from: Expression | None = None
    others: bool = False
    as_list: bool = False
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    decimals: int | None = None
    increment: Decimal | None = None
    shortest: int | None = None
    longest: int | None = None
    pattern: str | None = None
    pattern_message: str = ""
    kind: str = ""
    earliest: Expression | None = None
    latest: Expression | None = None
    zone: str = "offset"
    unknown: str | None = None
    fixed: bool = False
    value: Expression | None = None
    default: JSON = None
    hide: Expression | None = None
    check: Expression | None = None
    message: str = ""
    clauses: tuple[str, ...] = ()
    tag: str = ""
    prefix: str = ""
    suffix: str = ""

    @property
    def title(self) -> str:
        """The question as messages name it."""
        return self.label.source.strip() if self.label.plain and self.label.source.strip() else self.key

    def describe(self) -> dict[str, Any]:
        """What somebody who writes a scenario must know about the field. JSON."""
        told: dict[str, Any] = {
            "key": self.key,
            "type": self.subtype or self.type,
            "label": self.title,
            "required": self.required,
        }
        if self.options:
            told["options"] = [option.value for option in self.options]
        if self.options_from is not None:
            told["options_from"] = self.options_from.text
        told |= {name: True for name in ("others", "as_list", "fixed") if getattr(self, name)}
        for name in ("minimum", "maximum"):
            bound = getattr(self, name)
            if bound is not None:
                told[name] = int(bound) if bound == bound.to_integral_value() else float(bound)
        told |= {name: getattr(self, name) for name in ("shortest", "longest") if getattr(self, name) is not None}
        for name in ("earliest", "latest", "hide", "check", "value"):
            expression = getattr(self, name)
            if expression is not None:
                told[name] = expression.text
        told |= {name: getattr(self, name) for name in ("pattern", "unknown", "message", "tag") if getattr(self, name)}
        if self.clauses:
            told["clauses"] = list(self.clauses)
        return told


@dataclass(frozen=True, slots=True)
class Passage:
    """Text to read between the questions, in Markdown."""

    words: Words
    hide: Expression | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line, or some space, between the questions."""


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that belong together, under a heading."""

    label: Words
    items: tuple[Item, ...]
    hide: Expression | None = None


Item = Field | Passage | Line | Group


def fields_of(items: Sequence[Item]) -> Iterator[tuple[Field, tuple[Expression, ...]]]:
    """Every field in the order of the page, with the conditions that hide it or a group it stands in."""
    for item in items:
        if isinstance(item, Field):
            yield item, () if item.hide is None else (item.hide,)
        elif isinstance(item, Group):
            outer = () if item.hide is None else (item.hide,)
            for inner, conditions in fields_of(item.items):
                yield inner, (*outer, *conditions)

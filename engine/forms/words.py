"""Words that hold values: a text in which `{{ FEEL }}` stands for what the expression gives, and how values read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine.calendars import LONDON, spoken
from engine.errors import Unreadable
from engine.feel import (
    Date,
    DateTime,
    DayTimeDuration,
    Environment,
    Expression,
    FeelError,
    Temporal,
    Time,
    YearMonthDuration,
    compile_expression,
)
from engine.working_days import EXTENSIONS

NOT_KNOWN = "not known"

_ISO_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_ISO_MOMENT = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?$")
#: As FEEL writes a moment whose zone has a name; its hour is London's already.
_IN_LONDON = "@" + LONDON.key
#: A date within a sentence that an expression put together, and how an expression makes a text of one.
_DATE_WITHIN = re.compile(r"(?<![\w/.-])\d{4}-\d{2}-\d{2}(?![\w/-])")
_WRITES_OUT = "string("

#: What a person does to answer, by how the question is asked.
_ANSWERING = {
    "one": "Choose an answer",
    "several": "Choose at least one answer",
    "date": "Enter a date",
    "time": "Enter a time",
    "moment": "Enter a date and a time",
    "number": "Enter a number",
    "lines": "Enter at least one line",
}


def left_open(title: str, asked: str = "") -> str:
    """What is said of a question that must be answered and was not; `asked` is one, several, date, lines and so on."""
    what = _ANSWERING.get(asked, "Enter an answer")
    if title.endswith("?"):
        return f"{what} to ‘{title}’" if what.endswith("answer") else f"{what} in answer to ‘{title}’"
    return f"{what} for ‘{title}’."


class ExpressionUnclosed(Unreadable):
    """An expression was opened in a text and not closed."""

    def __init__(self, position: int) -> None:
        super().__init__("An expression is opened here and not closed.")
        self.position = position


def closing(text: str, start: int) -> int:
    """The index just past the brace that closes the one at `start`; braces in FEEL strings do not count.

    Raises ExpressionUnclosed.
    """
    depth, position = 0, start
    while position < len(text):
        letter = text[position]
        if letter == '"':
            position += 1
            while position < len(text) and text[position] != '"':
                position += 2 if text[position] == "\\" else 1
        elif letter == "{":
            depth += 1
        elif letter == "}":
            depth -= 1
            if depth == 0:
                return position + 1
        position += 1
    raise ExpressionUnclosed(start)


@dataclass(frozen=True, slots=True)
class Words:
    """A text as its author wrote it, and its parts: plain text and expressions in turn."""

    source: str
    parts: tuple[str | Expression, ...]

    @property
    def plain(self) -> bool:
        """Whether the text is the same in every case."""
        return all(isinstance(part, str) for part in self.parts)

    @property
    def names(self) -> frozenset[str]:
        """The names its expressions read."""
        return frozenset[str]().union(*(part.names for part in self.parts if not isinstance(part, str)))

    def render(
        self,
        context: Mapping[str, Any],
        environment: Environment | None = None,
        called: Mapping[str, str] | None = None,
    ) -> str:
        """The text for one case; what is null reads 'not known'.

        called  what a value is called that has words of its own, by the value in small letters
        """

        def said(part: Expression) -> str:
            value = part.value(context, environment)
            words = called.get(value.lower()) if called and isinstance(value, str) else None
            if words is not None:
                return words
            # Only what an expression wrote out is put in words: a text that somebody typed stays as they typed it.
            return _dates_in_words(value) if isinstance(value, str) and _WRITES_OUT in part.text else shown(value)

        return "".join(part if isinstance(part, str) else said(part) for part in self.parts)


def read_words(text: str, names: Iterable[str] = ()) -> Words:
    """The words of a form's text. Raises FeelError or ExpressionUnclosed where an expression cannot be read."""
    parts: list[str | Expression] = []
    position = 0
    while (start := text.find("{{", position)) >= 0:
        end = closing(text, start)
        if start > position:
            parts.append(text[position:start])
        inner = text[start + 2 : end - 2]
        if text[end - 2 : end] != "}}" or inner.lstrip().startswith(("#", "/")):
            raise FeelError(inner, 0, "This is no expression.", "Write {{ a FEEL expression }}; blocks are not known.")
        parts.append(compile_expression(inner.strip(), names=names, extensions=EXTENSIONS))
        position = end
    if position < len(text):
        parts.append(text[position:])
    return Words(text, tuple(parts))


def shown(value: Any) -> str:
    """A value as people read it: 2 March 2026, Yes, 15, a list with commas; null is 'not known'."""
    if value is None:
        return NOT_KNOWN
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, str):
        return _shown_text(value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, Temporal):
        return _shown_temporal(value)
    if isinstance(value, list | tuple):
        return listed([shown(item) for item in value])
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {shown(item)}" for name, item in value.items())
    return str(value)


def listed(texts: Sequence[str]) -> str:
    """Texts one after the other with commas; with semicolons where one of them holds a comma, as agencies' names do."""
    return ("; " if any(", " in text for text in texts) else ", ").join(texts)


def _dates_in_words(text: str) -> str:
    return _DATE_WITHIN.sub(lambda found: _shown_text(found[0]), _shown_text(text))


def _shown_text(text: str) -> str:
    try:
        if _ISO_DATE.match(text):
            return spoken(date.fromisoformat(text))
        moment = text.removesuffix(_IN_LONDON)
        if _ISO_MOMENT.match(moment):
            return _shown_moment(datetime.fromisoformat(moment))
    except ValueError:
        pass
    return text


def _shown_moment(at: datetime) -> str:
    local = at.astimezone(LONDON) if at.tzinfo is not None else at
    return f"{spoken(local.date())} at {local:%H:%M}"


def _shown_temporal(value: Temporal) -> str:
    if isinstance(value, Date):
        return spoken(value.to_python())
    if isinstance(value, DateTime):
        return _shown_moment(value.to_python())
    if isinstance(value, Time):
        return f"{value.to_python():%H:%M}"
    if isinstance(value, YearMonthDuration):
        years, months = divmod(abs(value.months), 12)
        return _amounts(value.months < 0, (years, "year"), (months, "month"))
    assert isinstance(value, DayTimeDuration)
    seconds = int(value.to_python().total_seconds())
    minutes, over = divmod(abs(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return _amounts(seconds < 0, (days, "day"), (hours, "hour"), (minutes, "minute"), (over, "second"))


def _amounts(before: bool, *amounts: tuple[int, str]) -> str:
    said = [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in amounts if count]
    return (" ".join(said) or f"0 {amounts[-1][1]}s") + (" before" if before else "")

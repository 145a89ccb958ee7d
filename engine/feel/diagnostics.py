"""What FEEL has to say: refusals of a text before it runs, and notes beside a value after it ran."""

from __future__ import annotations

from typing import Literal

from engine.errors import EngineError, Unreadable
from engine.feel.values import Value
from engine.frozen import frozen

Kind = Literal[
    "unknown name",  # the context does not hold this name at all
    "missing entry",  # a context has no such entry, a list no such position
    "null",  # an operator or a condition met null
    "type",  # an operator met a value of a kind it does not work on
    "argument",  # a function refused its arguments
    "conversion",  # a text or a JSON value could not become a FEEL value
    "arithmetic",  # division by zero, overflow, a root of a negative number
    "function",  # what was called is not a function
    "limit",  # the evaluation was stopped
]


@frozen
class Diagnostic:
    """One reason why a value is null, or was not what it seems; position counts characters of the text from 0.

    The message holds names from the expression and kinds of values, never the values themselves.
    """

    kind: Kind
    message: str
    position: int = 0

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}"


@frozen
class Outcome:
    """A value and everything there was to say about it, in the order it happened."""

    value: Value
    diagnostics: tuple[Diagnostic, ...] = ()


class FeelError(Unreadable):
    """A text that is not FEEL: where it stops making sense, and what to write instead.

    text      the whole text
    position  0-based character; line and column count from 1
    caret     two lines: the author's line and a caret below the place
    message   what is wrong; mend: what to write instead
    """

    def __init__(self, text: str, position: int, message: str, mend: str = "") -> None:
        position = max(0, min(position, len(text)))
        start = text.rfind("\n", 0, position) + 1
        end = text.find("\n", position)
        line_text = text[start:] if end < 0 else text[start:end]
        self.text, self.position, self.message, self.mend = text, position, message, mend
        self.line = text.count("\n", 0, position) + 1
        self.column = position - start + 1
        self.caret = _picture(line_text, position - start)
        super().__init__(f"{message} {mend}".strip() + f" (line {self.line}, column {self.column})\n{self.caret}")


class LimitReached(EngineError):
    """An evaluation went past one of its limits and was stopped; the outcome is null with a 'limit' diagnostic."""

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.message, self.position = message, position


def _picture(line: str, offset: int, width: int = 100) -> str:
    """The author's line, cut to a readable width, with a caret under the offset."""
    line = line.replace("\t", " ")
    if len(line) > width:
        left = max(0, min(offset - width // 2, len(line) - width))
        line, offset = line[left : left + width], offset - left
    return f"{line}\n{' ' * offset}^"

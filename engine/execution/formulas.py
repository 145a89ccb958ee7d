"""Texts in a diagram that become values: FEEL after a leading '=', anything else as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, cast

from engine.errors import Incident, Unreadable
from engine.feel import (
    Diagnostic,
    Environment,
    Expression,
    FeelError,
    compile_expression,
    kind_of,
    to_json,
)
from engine.feel.builtins import BUILTINS
from engine.history import JSON, PLAIN
from engine.working_days import EXTENSIONS

#: Every function that an expression of a diagram may call.
FUNCTIONS: Final = tuple(sorted({*BUILTINS, *EXTENSIONS}))
#: How deep a variable may nest: what is kept is written and read by others, who have limits of their own.
DEEPEST_VALUE = 100


#: A formula that nobody has asked for yet.
_LATE: Final = object()


class Formula:
    """One text of a diagram, compiled once; two of the same text are equal."""

    __slots__ = ("_expression", "text")

    def __init__(self, text: str, expression: Expression | None) -> None:
        self.text = text
        self._expression: object = expression

    @classmethod
    def late(cls, text: str) -> Formula:
        """A text that compiled before, and is compiled again when it is first asked for."""
        found = cls(text, None)
        if text.lstrip().startswith("="):
            found._expression = _LATE
        return found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Formula) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Formula({self.text!r})"

    @property
    def expression(self) -> Expression | None:
        """What it says in FEEL; None for a literal."""
        if self._expression is _LATE:
            self._expression = read_formula(self.text).expression
        return cast("Expression | None", self._expression)

    @property
    def names(self) -> frozenset[str]:
        """The names it reads."""
        expression = self.expression
        return expression.names if expression is not None else frozenset()

    def value(self, scope: Mapping[str, object], environment: Environment, element: str | None) -> object:
        """The FEEL value. Raises Incident, naming the element, for everything FEEL had to say."""
        expression = self.expression
        if expression is None:
            return self.text
        outcome = expression.evaluate(scope, environment)
        if outcome.diagnostics:
            self._complain(outcome.diagnostics, element)
        return outcome.value

    def json(self, scope: Mapping[str, object], environment: Environment, element: str | None) -> JSON:
        """The value as it may be kept. Raises Incident where JSON cannot hold it."""
        if self._expression is None:
            return self.text
        value = self.value(scope, environment, element)
        try:
            return value if value is None or type(value) is str else ordered(to_json(value))
        except Unreadable as error:
            raise Incident(f"{element}: {self.text} gave what cannot be kept: {error}", element=element) from error

    def true_or_false(self, scope: Mapping[str, object], environment: Environment, element: str | None) -> bool:
        """The answer of a condition. Raises Incident for anything but true and false."""
        value = self.value(scope, environment, element)
        if value is True or value is False:
            return value
        raise Incident(
            f"{element}: the condition {self.text} gave {kind_of(value)}, not true or false. "
            "Nothing was decided; record what it reads, then try again.",
            element=element,
        )

    def _complain(self, diagnostics: tuple[Diagnostic, ...], element: str | None) -> None:
        raise Incident(
            f"{element}: {self.text} could not be worked out ({diagnostics[0]}). "
            "Nothing was decided; record what it reads, then try again.",
            element=element,
        )


def ordered(value: JSON, level: int = 0) -> JSON:
    """The same value with every context's entries in the order of their names, as it will be read back.

    Raises Unreadable for a value that nests deeper than can be kept.
    """
    if level > DEEPEST_VALUE:
        raise Unreadable(f"A value nests more than {DEEPEST_VALUE} deep and cannot be kept.")
    if type(value) is dict:
        return {name: ordered(value[name], level + 1) for name in sorted(value)}
    if type(value) is list:
        if level < DEEPEST_VALUE and PLAIN.issuperset(map(type, value)):
            return value.copy()
        return [ordered(item, level + 1) for item in value]
    return value


@lru_cache(maxsize=8_192)
def read_formula(text: str) -> Formula:
    """Compile one text of a diagram, and the same text once only. Raises FeelError for what is no FEEL."""
    body = text.strip()
    if not body.startswith("="):
        return Formula(text, None)
    return Formula(text, compile_expression(body[1:], extensions=EXTENSIONS))


__all__ = ["EXTENSIONS", "FUNCTIONS", "FeelError", "Formula", "ordered", "read_formula"]

"""The values FEEL computes with: 34-digit numbers, ranges and functions beside Python's own text, lists and contexts.

DMN 1.5, 10.3.2.1 and 10.3.2.3. In Python: null is None, a boolean is bool, a number is decimal.Decimal, a string is
str, a list is list, a context is dict with text keys; dates, times and durations are in engine.feel.temporal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.feel.evaluation import Evaluation
    from engine.feel.types import Type

#: A FEEL value. The language is dynamically typed, so its values have no narrower Python type.
Value = Any

#: IEEE 754 decimal128, as 10.3.2.3.1 asks. It is never the thread's context: nobody can change it from outside.
NUMBERS = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    capitals=1,
    clamp=0,
    flags=[],
    traps=[InvalidOperation, DivisionByZero, Overflow],
)

ZERO = Decimal(0)
ONE = Decimal(1)


class Missing:
    """Stands for a name or an entry that is not there, which null does not."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


MISSING = Missing()


class Range:
    """An interval of comparable values (10.3.2.7). Immutable.

    `operator` is '' for a written interval such as [1..5], else the comparison it was written with: '<', '<=', '>',
    '>=', '=' or '!='. Where the operator leaves an end open, that end is None and not included.
    """

    __slots__ = ("end", "end_included", "operator", "start", "start_included")

    start: Value
    start_included: bool
    end: Value
    end_included: bool
    operator: str

    def __init__(
        self, start: Value, end: Value, *, start_included: bool = True, end_included: bool = True, operator: str = ""
    ) -> None:
        put = object.__setattr__
        put(self, "start", start)
        put(self, "start_included", start_included)
        put(self, "end", end)
        put(self, "end_included", end_included)
        put(self, "operator", operator)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("A FEEL range does not change.")

    def _key(self) -> tuple[Value, ...]:
        return (self.start, self.start_included, self.end, self.end_included, self.operator)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Range) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash((self.start_included, self.end_included, self.operator))

    def __repr__(self) -> str:
        opening, closing = "(["[self.start_included], ")]"[self.end_included]
        return f"Range({self.operator}{opening}{self.start}..{self.end}{closing})"

    @classmethod
    def comparing(cls, operator: str, value: Value) -> Range:
        """The range of everything that stands in `operator` to the value: (< 10), (>= 5), (= 3), (!= 3)."""
        if operator in ("<", "<="):
            return cls(None, value, start_included=False, end_included=operator == "<=", operator=operator)
        if operator in (">", ">="):
            return cls(value, None, start_included=operator == ">=", end_included=False, operator=operator)
        return cls(value, value, start_included=operator == "=", end_included=operator == "=", operator=operator)

    @property
    def open_start(self) -> bool:
        """Whether nothing bounds the range from below."""
        return self.operator in ("<", "<=")

    @property
    def open_end(self) -> bool:
        """Whether nothing bounds the range from above."""
        return self.operator in (">", ">=")


@dataclass(frozen=True, slots=True)
class FeelFunction:
    """A function as a value (10.3.2.13): written in FEEL, built in, or made by a model from business knowledge.

    parameters  their names, in order
    body        called with the evaluation under way and one value per parameter
    types       what each parameter takes (None takes anything) or () for no checks
    result      the type of what it gives, or None
    """

    parameters: tuple[str, ...]
    body: Callable[..., Value]
    name: str = ""
    types: tuple[Type | None, ...] = ()
    result: Type | None = None

    def invoke(self, evaluation: Evaluation, arguments: Sequence[Value], position: int = 0) -> Value:
        """Call with positional values. A wrong number or kind of arguments gives null and a diagnostic."""
        if len(arguments) != len(self.parameters):
            wanted = len(self.parameters)
            evaluation.note(
                "argument",
                f"{self.name or 'The function'} takes {wanted} argument{'' if wanted == 1 else 's'} "
                f"and was given {len(arguments)}.",
                position,
            )
            return None
        if self.types:
            arguments = list(arguments)
            for number, wanted_type in enumerate(self.types):
                if wanted_type is not None:
                    fits, fitted = wanted_type.coerce(arguments[number])
                    if not fits:
                        evaluation.note(
                            "argument",
                            f"{self.parameters[number]} of {self.name or 'the function'} takes {wanted_type} "
                            f"and was given {kind_of(arguments[number])}.",
                            position,
                        )
                        return None
                    arguments[number] = fitted
        evaluation.enter_call(position)
        try:
            value = self.body(evaluation, *arguments)
        finally:
            evaluation.leave_call()
        if self.result is not None:
            fits, value = self.result.coerce(value)
            if not fits:
                evaluation.note("type", f"{self.name or 'The function'} did not give {self.result}.", position)
                return None
        return value

    def invoke_named(self, evaluation: Evaluation, arguments: Mapping[str, Value], position: int = 0) -> Value:
        """Call with named values; a parameter that is not named is null."""
        for name in arguments:
            if name not in self.parameters:
                evaluation.note("argument", f"{self.name or 'The function'} has no parameter {name}.", position)
                return None
        for name in self.parameters:
            if name not in arguments:
                evaluation.note("argument", f"{self.name or 'The function'} was not given {name}.", position)
                return None
        return self.invoke(evaluation, [arguments[name] for name in self.parameters], position)


def kind_of(value: Value) -> str:
    """The FEEL name of a value's kind, as messages use it: 'number', 'days and time duration', 'null'."""
    from engine.feel import temporal

    if value is None:
        return "null"
    kind = type(value)
    named = _KINDS.get(kind)
    if named is not None:
        return named
    if isinstance(value, temporal.Temporal):
        return value.kind
    if isinstance(value, Mapping):
        return "context"
    return "function" if hasattr(value, "invoke") else kind.__name__


_KINDS: dict[type, str] = {
    bool: "boolean",
    Decimal: "number",
    int: "number",
    float: "number",
    str: "string",
    list: "list",
    dict: "context",
    Range: "range",
    FeelFunction: "function",
}

"""The tree of an expression: one small frozen class per thing the grammar can say (DMN 1.5, 10.3.1.2).

A node's position is where it stands in the text, for diagnostics; two trees are equal when they say the same,
wherever it stood.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from engine.feel.types import Type


@dataclass(frozen=True, slots=True)
class Node:
    """Any expression."""

    position: int = field(default=0, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number literal, its sign included."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class String(Node):
    """A string literal, escapes resolved."""

    value: str


@dataclass(frozen=True, slots=True)
class Boolean(Node):
    """true or false."""

    value: bool


@dataclass(frozen=True, slots=True)
class Null(Node):
    """null."""


@dataclass(frozen=True, slots=True)
class At(Node):
    """@"2026-11-22": a date, time or duration literal, as written."""

    text: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A name, its parts one space apart."""

    name: str


@dataclass(frozen=True, slots=True)
class Input(Node):
    """? - the value a unary test is about."""


@dataclass(frozen=True, slots=True)
class Negate(Node):
    """-x."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """x + y, with operator + - * / or **."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """x < y, with operator = != < <= > or >=."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    """x between low and high."""

    operand: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """x in (tests)."""

    operand: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """x instance of T."""

    operand: Node
    type: Type


@dataclass(frozen=True, slots=True)
class And(Node):
    """x and y and ..."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    """x or y or ..."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class If(Node):
    """if condition then yes else no."""

    condition: Node
    yes: Node
    no: Node


@dataclass(frozen=True, slots=True)
class Iterator(Node):
    """name in source, or name in source..end."""

    name: str
    source: Node
    end: Node | None = None


@dataclass(frozen=True, slots=True)
class For(Node):
    """for iterators return body."""

    iterators: tuple[Iterator, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """some (or every) iterators satisfies condition."""

    every: bool
    iterators: tuple[Iterator, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class Path(Node):
    """x.name."""

    operand: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """x[condition], or x[2]."""

    operand: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """f(x, y)."""

    function: Node
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class NamedCall(Node):
    """f(a: x, b: y)."""

    function: Node
    arguments: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    """[x, y]."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextOf(Node):
    """{a: x, b: y}."""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class FunctionOf(Node):
    """function(a: T, b) body. An external one is read and gives null: nothing outside FEEL is run."""

    parameters: tuple[tuple[str, Type | None], ...]
    body: Node
    external: bool = False


@dataclass(frozen=True, slots=True)
class Interval(Node):
    """[x..y], (x..y), ]x..y[."""

    start_included: bool
    start: Node
    end: Node
    end_included: bool


@dataclass(frozen=True, slots=True)
class Comparing(Node):
    """< x as a test, (< x) as a range; operator = != < <= > or >=."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Tests(Node):
    """The unary tests of a decision table's cell. No tests at all is `-`: anything."""

    tests: tuple[Node, ...]
    negated: bool = False

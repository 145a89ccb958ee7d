"""What a cell compares its input with: the constants at which its answer may change, or why it cannot be told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.feel import nodes
from engine.feel.temporal import read_date, read_date_time, read_duration, read_temporal, read_time
from engine.feel.values import Value

#: Functions of one text whose result never changes.
_CONSTRUCTORS = {
    "date": read_date,
    "time": read_time,
    "date and time": read_date_time,
    "duration": read_duration,
}


class NotConstant(Exception):
    """The cell's answer depends on more than its input and constants; the text says on what."""


@dataclass(frozen=True, slots=True)
class Constants:
    """The constants a cell compares its input with, and whether it asks for the order of texts."""

    values: tuple[Value, ...]
    ordered_texts: bool


def constants_of(cell: nodes.Tests) -> Constants:
    """Return the constants of a cell built only of comparisons with constants. Raises NotConstant."""
    found: list[Value] = []
    ordered = False
    for test in cell.tests:
        ordered = _test(test, found) or ordered
    return Constants(tuple(found), ordered and any(type(value) is str for value in found))


def literal(node: nodes.Node) -> Value:
    """Return the value of a constant. Raises NotConstant for anything else."""
    match node:
        case nodes.Number(value=value) | nodes.String(value=value) | nodes.Boolean(value=value):
            return value
        case nodes.Null():
            return None
        case nodes.At(text=text):
            return _read(read_temporal, text)
        case nodes.Call(function=nodes.Name(name=name), arguments=(nodes.String(value=text),)) if name in _CONSTRUCTORS:
            return _read(_CONSTRUCTORS[name], text)
        case _:
            raise NotConstant(_reason(node))


def _read(reader: object, text: str) -> Value:
    try:
        return reader(text)  # type: ignore[operator]  # one of the readers above
    except ValueError as error:
        raise NotConstant("a date, time or duration that does not exist") from error


def _test(node: nodes.Node, found: list[Value]) -> bool:
    """Collect one test's constants; return whether it compares by order."""
    match node:
        case nodes.Comparing(operator=operator, operand=operand):
            found.append(literal(operand))
            return operator not in ("=", "!=")
        case nodes.Interval(start=start, end=end):
            found += [literal(start), literal(end)]
            return True
        case nodes.ListOf(items=items):
            return _any(_test(item, found) for item in items)
        case nodes.Input():
            return False
        case _ if _mentions_input(node):
            return _condition(node, found)
        case _:
            found.append(literal(node))
            return False


def _condition(node: nodes.Node, found: list[Value]) -> bool:
    """Collect the constants of a condition about `?`."""
    match node:
        case nodes.And(operands=operands) | nodes.Or(operands=operands):
            return _any(_condition(operand, found) for operand in operands)
        case nodes.Compare(operator=operator, left=left, right=right):
            if isinstance(left, nodes.Input):
                found.append(literal(right))
            elif isinstance(right, nodes.Input):
                found.append(literal(left))
            else:
                raise NotConstant(_reason(left if _mentions_input(left) else right))
            return operator not in ("=", "!=")
        case nodes.Between(operand=nodes.Input(), low=low, high=high):
            found += [literal(low), literal(high)]
            return True
        case nodes.In(operand=nodes.Input(), tests=tests):
            return _any(_test(test, found) for test in tests)
        case nodes.Call(function=nodes.Name(name="not"), arguments=(operand,)):
            return _condition(operand, found)
        case _:
            raise NotConstant(_reason(node))


def _any(answers: Iterable[bool]) -> bool:
    """Whether one is true, after going through all of them: each collects constants on its way."""
    return any(list(answers))


def _mentions_input(node: object) -> bool:
    if isinstance(node, nodes.Input):
        return True
    if isinstance(node, tuple):
        return any(map(_mentions_input, node))
    if isinstance(node, nodes.Node):
        return any(_mentions_input(getattr(node, name)) for name in node.__dataclass_fields__)
    return False


def _reason(node: nodes.Node) -> str:
    match node:
        case nodes.Name(name=name):
            return f"the variable {name}"
        case nodes.Path():
            return "another variable"
        case nodes.Call(function=nodes.Name(name=name)) | nodes.NamedCall(function=nodes.Name(name=name)):
            return f"the function {name}"
        case nodes.Arithmetic(operator=operator):
            return f"a computation with {operator}"
        case nodes.Input():
            return "the input as a whole"
        case _:
            return "an expression that is no constant"

"""Writes a tree as text, so that reading it again gives the same tree; and a value as string() shows it."""

from __future__ import annotations

import re
from decimal import Decimal

from engine.feel import nodes, operators, temporal
from engine.feel.diagnostics import FeelError, LimitReached
from engine.feel.values import NUMBERS, FeelFunction, Range, Value

_TIGHT = {"+": 4, "-": 4, "*": 5, "/": 5, "**": 6}


def print_tree(tree: nodes.Node) -> str:
    """The text of an expression or of unary tests. Given the same names, it parses to an equal tree."""
    return _print(tree, 0)


def _print(tree: nodes.Node, binding: int) -> str:
    """The text of a tree where operators that bind more loosely than `binding` need brackets."""
    text, power = _text(tree)
    return f"({text})" if power < binding else text


def _text(tree: nodes.Node) -> tuple[str, int]:
    match tree:
        case nodes.Number(value=value):
            return number_text(value), 7 if value.is_signed() else 10
        case nodes.String(value=value):
            return quoted(value), 10
        case nodes.Boolean(value=value):
            return "true" if value else "false", 10
        case nodes.Null():
            return "null", 10
        case nodes.At(text=text):
            return "@" + quoted(text), 10
        case nodes.Name(name=name):
            return name, 10
        case nodes.Input():
            return "?", 10
        case nodes.Negate(operand=operand):
            inner = _print(operand, 7)
            # A minus before a digit would make a signed number of it.
            return f"-({inner})" if inner[0] in "0123456789." else f"-{inner}", 7
        case nodes.Arithmetic(operator=sign, left=left, right=right):
            power = _TIGHT[sign]
            return f"{_print(left, power)} {sign} {_print(right, power + 1)}", power
        case nodes.Compare(operator=sign, left=left, right=right):
            return f"{_print(left, 3)} {sign} {_print(right, 4)}", 3
        case nodes.Between(operand=operand, low=low, high=high):
            return f"{_print(operand, 3)} between {_print(low, 4)} and {_print(high, 4)}", 3
        case nodes.In(operand=operand, tests=tests):
            return f"{_print(operand, 3)} in ({', '.join(map(_test, tests))})", 3
        case nodes.InstanceOf(operand=operand, type=kind):
            return f"{_print(operand, 8)} instance of {kind}", 8
        case nodes.And(operands=operands):
            return " and ".join(_print(item, 3) for item in operands), 2
        case nodes.Or(operands=operands):
            return " or ".join(_print(item, 2) for item in operands), 1
        case nodes.If(condition=condition, yes=yes, no=no):
            return f"if {_print(condition, 0)} then {_print(yes, 0)} else {_print(no, 0)}", 0
        case nodes.For(iterators=iterators, body=body):
            return f"for {_iterators(iterators)} return {_print(body, 0)}", 0
        case nodes.Quantified(every=every, iterators=iterators, condition=condition):
            word = "every" if every else "some"
            return f"{word} {_iterators(iterators)} satisfies {_print(condition, 0)}", 0
        case nodes.Path(operand=operand, name=name):
            return f"{_postfixed(operand)}.{name}", 9
        case nodes.Filter(operand=operand, condition=condition):
            return f"{_postfixed(operand)}[{_print(condition, 0)}]", 9
        case nodes.Call(function=function, arguments=arguments):
            return f"{_postfixed(function)}({', '.join(map(_test, arguments))})", 9
        case nodes.NamedCall(function=function, arguments=named):
            inside = ", ".join(f"{name}: {_print(value, 0)}" for name, value in named)
            return f"{_postfixed(function)}({inside})", 9
        case nodes.ListOf(items=items):
            return f"[{', '.join(map(_test, items))}]", 10
        case nodes.ContextOf(entries=entries):
            return "{" + ", ".join(f"{quoted(name)}: {_print(value, 0)}" for name, value in entries) + "}", 10
        case nodes.FunctionOf(parameters=parameters, body=body, external=external):
            names = ", ".join(name if kind is None else f"{name}: {kind}" for name, kind in parameters)
            return f"function({names}) {'external ' if external else ''}{_print(body, 0)}", 0
        case nodes.Interval(start_included=low, start=start, end=end, end_included=high):
            return f"{'[' if low else '('}{_print(start, 0)}..{_print(end, 0)}{']' if high else ')'}", 10
        case nodes.Comparing(operator=sign, operand=operand):
            return f"({sign} {_print(operand, 4)})", 10
        case nodes.Tests(tests=tests, negated=negated):
            inside = ", ".join(map(_test, tests)) or "-"
            return f"not({inside})" if negated else inside, 0
        case _:
            raise TypeError(f"no text for {type(tree).__name__}")


def _postfixed(operand: nodes.Node) -> str:
    """What a path, filter or call stands behind; a signed number may, everything looser is bracketed."""
    return _print(operand, 7 if isinstance(operand, nodes.Number) else 9)


def _test(test: nodes.Node) -> str:
    return _print(test, 0)


def _iterators(iterators: tuple[nodes.Iterator, ...]) -> str:
    return ", ".join(
        f"{item.name} in {_print(item.source, 0)}" + ("" if item.end is None else f"..{_print(item.end, 0)}")
        for item in iterators
    )


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def quoted(text: str) -> str:
    """A string literal that reads as this text."""
    return '"' + "".join(_ESCAPES.get(letter, letter) for letter in text) + '"'


def number_text(value: Decimal) -> str:
    """A number as FEEL writes it: digits and a point, with an exponent only where it would need over 60 zeros."""
    if not value:
        return "0" if value.as_tuple().exponent in range(7000) else f"{abs(value):f}"
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and (exponent > 60 or value.adjusted() < -60):
        return str(value).replace("E", "e").replace("e+", "e")
    return f"{value:f}"


def text_of(value: Value, longest: int = 1_000_000) -> str:
    """What string() gives (table 59): values within lists and contexts as they would be written.

    Raises LimitReached for a text of more than `longest` characters, before it is made.
    """
    return value if isinstance(value, str) else _inner(value, [longest])


def _inner(value: Value, left: list[int]) -> str:
    """The text of a value within others; `left` is how many characters may still be written."""
    if isinstance(value, list):
        left[0] -= 2 * len(value) + 2
        _check(left)
        return "[" + ", ".join([_inner(item, left) for item in value]) + "]"
    if isinstance(value, dict):
        left[0] -= 4 * len(value) + 2
        _check(left)
        return "{" + ", ".join([f"{_key(name)}: {_inner(item, left)}" for name, item in value.items()]) + "}"
    text = _leaf(value)
    left[0] -= len(text)
    _check(left)
    return text


def _check(left: list[int]) -> None:
    if left[0] < 0:
        raise LimitReached("The text of a value would be too long.")


def _leaf(value: Value) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Range):
        return _range_text(value)
    if isinstance(value, FeelFunction):
        return f"function({', '.join(value.parameters)})"
    return str(value)


_PLAIN_KEY = re.compile(r"[^\W\d]\w*(?: [^\W\d]\w*)*")


def _key(name: str) -> str:
    return name if _PLAIN_KEY.fullmatch(name) else quoted(name)


def _range_text(span: Range) -> str:
    if span.operator:
        return f"({span.operator} {_end(span.end if span.open_start else span.start)})"
    return (
        f"{'[' if span.start_included else '('}{_end(span.start)}..{_end(span.end)}{']' if span.end_included else ')'}"
    )


def _end(value: Value) -> str:
    return '@"' + str(value) + '"' if isinstance(value, temporal.Temporal) else _leaf(value)


_RANGE = re.compile(r"\s*([\[\](])(.*?)\.\.(.*)([\[\])])\s*", re.DOTALL)


def range_from_text(text: str) -> Range | None:
    """The range that range(from) makes (10.3.4.1): literal ends of one kind, in order; an open side has no end."""
    match = _RANGE.fullmatch(text)
    if match is None or len(text) > 1000:
        return None
    opening, low, high, closing = match.groups()
    start, end = _literal(low), _literal(high)
    if start is _NOT_LITERAL or end is _NOT_LITERAL:
        return None
    low_in, high_in = opening == "[", closing == "]"
    if start is _OPEN or end is _OPEN:
        if start is end or (start is _OPEN and low_in) or (end is _OPEN and high_in):
            return None
        if start is _OPEN:
            return None if end is None else Range.comparing("<=" if high_in else "<", end)
        return None if start is None else Range.comparing(">=" if low_in else ">", start)
    if operators.less_equal(start, end, None, 0) is not True:
        return None
    return Range(start, end, start_included=low_in, end_included=high_in)


_NOT_LITERAL, _OPEN = object(), object()
_CONSTRUCTORS = ("date", "time", "date and time", "duration")


def _literal(text: str) -> Value:
    """The value of a literal end, _OPEN for no text, _NOT_LITERAL for anything else."""
    from engine.feel.parser import parse_expression

    if not text.strip():
        return _OPEN
    try:
        tree = parse_expression(text)
    except FeelError:
        return _NOT_LITERAL
    match tree:
        case nodes.Number(value=value):
            return NUMBERS.plus(value)
        case nodes.String(value=value):
            return value
        case nodes.At(text=inner):
            return _temporal(temporal.read_temporal, inner)
        case nodes.Call(function=nodes.Name(name=name), arguments=(nodes.String(value=inner),)) if (
            name in _CONSTRUCTORS
        ):
            return _temporal(getattr(temporal, "read_" + name.replace("date and time", "date_time")), inner)
        case _:
            return _NOT_LITERAL


def _temporal(read: object, text: str) -> Value:
    try:
        return read(text)  # type: ignore[operator]  # one of temporal's readers
    except ValueError:
        return _NOT_LITERAL

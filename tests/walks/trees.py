"""Expressions as trees: which variables a part of one reads, and whether its value hangs on them alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from engine.feel import nodes
from engine.feel.printer import print_tree

#: What is worked out from its parts, each of them by itself: no part names anything for another.
PARTS = (
    nodes.And, nodes.Or, nodes.If, nodes.Compare, nodes.Between, nodes.In, nodes.InstanceOf, nodes.Arithmetic,
    nodes.Negate, nodes.Call, nodes.NamedCall, nodes.ListOf, nodes.Path, nodes.Tests, nodes.Comparing, nodes.Interval,
)  # fmt: skip
#: Functions whose value another day is another.
_OF_THE_DAY = ("today", "now")


def parts_of(node: Any) -> Iterator[nodes.Node]:
    """The parts of a node, whatever it is."""
    if is_dataclass(node) and not isinstance(node, type):
        for field in fields(node):
            yield from _nodes(getattr(node, field.name))


def _nodes(value: Any) -> Iterator[nodes.Node]:
    if isinstance(value, nodes.Node):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _nodes(item)
    elif is_dataclass(value) and not isinstance(value, type):
        yield from parts_of(value)


def free(node: nodes.Node, known: frozenset[str]) -> frozenset[str]:
    """Of the names that an expression takes from outside, those that this part of it reads."""
    if isinstance(node, nodes.Name):
        return frozenset({node.name}) & known
    return frozenset().union(*(free(part, known) for part in parts_of(node)))


def pure(node: nodes.Node) -> bool:
    """Whether the value hangs on variables alone, not on the day."""
    if isinstance(node, nodes.Call | nodes.NamedCall) and isinstance(node.function, nodes.Name):
        if node.function.name in _OF_THE_DAY:
            return False
    return all(pure(part) for part in parts_of(node))


_PRINTED: dict[int, tuple[nodes.Node, str]] = {}


def print_once(node: nodes.Node) -> str:
    """The text of a node; the same node's is written once."""
    found = _PRINTED.get(id(node))
    if found is None:
        found = _PRINTED[id(node)] = (node, print_tree(node))
    return found[1]


def with_source(node: Any, name: str, source: nodes.Node) -> Any:
    """The same tree with an expression in a name's place, entries of contexts that stand there read at once."""
    if isinstance(node, nodes.Name):
        return source if node.name == name else node
    if isinstance(node, nodes.Path):
        return entry_of(with_source(node.operand, name, source), node.name)
    if isinstance(node, tuple):
        return tuple(with_source(each, name, source) for each in node)
    if isinstance(node, nodes.Call):
        # A function's own name is no variable.
        return nodes.Call(node.function, with_source(node.arguments, name, source))
    if is_dataclass(node) and not isinstance(node, type):
        parts = {each.name: with_source(getattr(node, each.name), name, source) for each in fields(node) if each.init}
        return replace(node, **parts)
    return node


def entry_of(node: nodes.Node, entry: str) -> nodes.Node:
    """An entry of what an expression gives, read where the expression writes it."""
    match node:
        case nodes.Call(function=nodes.Name(name="context put"), arguments=(inner, nodes.String(value=key), value)):
            return value if key == entry else entry_of(inner, entry)
        case nodes.ContextOf(entries=entries):
            known = dict(entries)
            return known.get(entry, nodes.Null())
        case _:
            return nodes.Path(node, entry)


def passes(node: nodes.Node) -> bool:
    """Whether a rule hands a value on and asks nothing of it."""
    if isinstance(node, nodes.If):
        return passes(node.yes) and passes(node.no)
    return isinstance(node, nodes.Name | nodes.Path | nodes.Null | nodes.String)

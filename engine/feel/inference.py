"""What a function written in FEEL gives, where its body tells: so that `instance of function<...> -> T` can answer."""

from __future__ import annotations

from collections.abc import Mapping

from engine.feel import nodes, temporal, types
from engine.feel.types import Type

_BOOLEAN, _NUMBER, _STRING = types.Simple("boolean"), types.Simple("number"), types.Simple("string")


def result_of(body: nodes.Node, names: Mapping[str, Type | None]) -> Type | None:
    """The type of an expression, given the types of names; None where only running it would tell."""
    match body:
        case nodes.Number():
            return _NUMBER
        case nodes.String():
            return _STRING
        case nodes.Boolean() | nodes.Compare() | nodes.Between() | nodes.In() | nodes.InstanceOf():
            return _BOOLEAN
        case nodes.And() | nodes.Or() | nodes.Quantified():
            return _BOOLEAN
        case nodes.At(text=text):
            return _of_literal(text)
        case nodes.Name(name=name):
            return names.get(name)
        case nodes.Negate(operand=operand):
            return _NUMBER if result_of(operand, names) == _NUMBER else None
        case nodes.Arithmetic(operator=sign, left=left, right=right):
            both = result_of(left, names)
            if both != result_of(right, names):
                return None
            return both if both == _NUMBER or (both == _STRING and sign == "+") else None
        case nodes.If(yes=yes, no=no):
            first = result_of(yes, names)
            return first if first == result_of(no, names) else None
        case nodes.ListOf(items=items):
            kinds = {result_of(item, names) for item in items}
            only = kinds.pop() if len(kinds) == 1 else None
            return types.ListType(only) if only is not None else None
        case _:
            return None


def _of_literal(text: str) -> Type | None:
    try:
        return types.Simple(temporal.read_temporal(text).kind)
    except ValueError:
        return None

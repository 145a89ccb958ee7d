"""Python code in small: the few kinds of `ast` node that compiled expressions are made of."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import Any

AT: dict[str, Any] = {"lineno": 1, "col_offset": 0}
LOAD, STORE = ast.Load(), ast.Store()


@lru_cache(maxsize=2048)
def ref(name: str) -> ast.expr:
    """A name of ours, read."""
    return ast.Name(name, LOAD, **AT)


def constant(value: Any) -> ast.expr:
    """A constant; author text enters code in no other way."""
    return ast.Constant(value, **AT)


def called(function: str, *arguments: ast.expr) -> ast.expr:
    """A call of one of the functions the code is given."""
    return ast.Call(ref(function), list(arguments), [], **AT)


def choose(test: ast.expr, yes: ast.expr, no: ast.expr) -> ast.expr:
    """yes if test else no."""
    return ast.IfExp(test, yes, no, **AT)


def compared(left: ast.expr, sign: ast.cmpop, right: ast.expr) -> ast.expr:
    """left sign right."""
    return ast.Compare(left, [sign], [right], **AT)


def same_as(left: ast.expr, right: ast.expr) -> ast.expr:
    """left is right."""
    return ast.Compare(left, [ast.Is()], [right], **AT)


def kept_as(name: str, value: ast.expr) -> ast.expr:
    """The value, kept under a name of ours."""
    return ast.NamedExpr(ast.Name(name, STORE, **AT), value, **AT)


def tuple_of(items: list[ast.expr]) -> ast.expr:
    """A tuple."""
    return ast.Tuple(items, LOAD, **AT)


def function_of(parameters: list[str], body: ast.expr) -> ast.expr:
    """A lambda."""
    arguments = ast.arguments([], [ast.arg(name, None, None, **AT) for name in parameters], None, [], [], None, [])
    return ast.Lambda(arguments, body, **AT)

"""Turns a tree into a Python function: the only module that compiles anything.

The code is built as Python `ast` nodes. Nothing of the author's text becomes code: names and literals go in as
constants, every identifier is made here, and the code runs with no built-ins, on the operators of this package alone.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from engine.feel import access, membership, nodes, operators, runtime
from engine.feel.conditions import ConditionWriter
from engine.feel.diagnostics import FeelError
from engine.feel.entering import READY, enter, enter_entry, enter_name
from engine.feel.evaluation import Evaluation
from engine.feel.inference import result_of
from engine.feel.printer import print_tree
from engine.feel.pycode import (
    AT,
    called,
    choose,
    constant,
    function_of,
    kept_as,
    ref,
    same_as,
    tuple_of,
)
from engine.feel.types import Named, Type, instance_of, resolve
from engine.feel.values import MISSING, FeelFunction, Value
from engine.feel.writer import Frame

Code = Callable[..., Value]

RUNTIME: dict[str, object] = {
    "__builtins__": {},
    "type": type,
    "Decimal": Decimal,
    "str": str,
    "int": int,
    "bool": bool,
    "dict": dict,
    "READY": READY,
    "MISSING": MISSING,
    "enter": enter,
    "enter_name": enter_name,
    "enter_entry": enter_entry,
    "equal": operators.equal,
    "unequal": operators.unequal,
    "less": operators.less,
    "less_equal": operators.less_equal,
    "greater": operators.greater,
    "greater_equal": operators.greater_equal,
    "between": operators.between,
    "conjunction": operators.conjunction,
    "disjunction": operators.disjunction,
    "undecided": operators.undecided,
    "add": operators.add,
    "subtract": operators.subtract,
    "multiply": operators.multiply,
    "divide": operators.divide,
    "power": operators.power,
    "negate": operators.negate,
    "interval": membership.interval,
    "comparing": membership.comparing,
    "meets_test": membership.meets_test,
    "includes": membership.includes,
    "passes": membership.passes,
    "path": access.path,
    "raw_path": access.raw_path,
    "item_at": access.item_at,
    "in_filter": access.in_filter,
    "spread": membership.spread,
    "call": runtime.call,
    "call_named": runtime.call_named,
    "function_named": runtime.function_named,
    "make_function": runtime.make_function,
    "each": runtime.each,
    "each_knowing": runtime.each_knowing,
    "quantified": runtime.quantified,
    "filtered": runtime.filtered,
    "loop_span": runtime.loop_span,
    "repeated_key": runtime.repeated_key,
    "bad_literal": runtime.bad_literal,
    "unknown_type": runtime.unknown_type,
    "instance_of": instance_of,
}
_ARITHMETIC = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "**": "power"}
_FOLDED = frozenset({"date", "time", "date and time", "duration", "number"})


#: A text of so many characters never nests too deep for Python, so that its function may wait for its first use.
SHORT = 250


class Compiled:
    """A function of (context, evaluation or None), or of (input, context, evaluation or None) for unary tests.

    code       the function; that of a short text is made when it is first called, and takes its place here
    names      the top-level names it reads
    calls      the functions it calls that neither the text nor FEEL brings, each as a name, or as a path from a name
    needs_run  whether it must be given an evaluation even when nobody reads the diagnostics
    """

    __slots__ = ("_write", "calls", "code", "names", "needs_run")

    code: Code
    names: frozenset[str]
    calls: frozenset[str]
    needs_run: bool

    def __init__(self, write: Callable[[], tuple[ast.Expression, _Compiler]], text: str) -> None:
        self._write = write
        if not 0 < len(text) <= SHORT:
            function, compiler = self._written()
            try:
                self.code = _function(function, compiler.globals)
            except (RecursionError, MemoryError, ValueError) as error:
                mend = "Split it into several context entries."
                raise FeelError(text, 0, "The expression is too large.", mend) from error

    def __getattr__(self, name: str) -> Any:
        """Whatever is asked for first: everything is worked out then, and stays."""
        if name not in ("calls", "code", "names", "needs_run"):
            raise AttributeError(name)
        self._written()
        return getattr(self, name)

    def _written(self) -> tuple[ast.Expression, _Compiler]:
        function, compiler = self._write()

        def first(*given: Any) -> Value:
            self.code = _function(function, compiler.globals)
            return self.code(*given)

        self.names, self.calls = frozenset(compiler.read), frozenset(compiler.calls)
        self.needs_run, self.code = compiler.needs_run, first
        return function, compiler


def compile_tree(
    tree: nodes.Node,
    names: frozenset[str] = frozenset(),
    functions: Mapping[str, FeelFunction] | None = None,
    types: Mapping[str, Type] | None = None,
    text: str = "",
) -> Compiled:
    """The function of a tree. `names` hides built-in functions of the same name; `functions` adds others.

    Raises FeelError where the tree is too large for Python.
    """

    def write() -> tuple[ast.Expression, _Compiler]:
        compiler = _Compiler(names, functions or {}, types or {}, RUNTIME)
        tests = isinstance(tree, nodes.Tests)
        if tests:
            compiler.frames.append(Frame({"?": "input"}))
        body = compiler.tests(tree) if isinstance(tree, nodes.Tests) else compiler.code(tree)
        return ast.Expression(function_of((["input"] if tests else []) + ["ctx", "run"], body)), compiler

    return Compiled(write, text)


def _function(function: ast.Expression, names: dict[str, Any]) -> Code:
    made: Code = eval(compile(function, "<feel>", "eval"), names)  # noqa: S307 - built from our own nodes only
    return made


class _Compiler(ConditionWriter):
    """Writes everything else: arithmetic, loops, filters, calls and functions."""

    def code(self, node: nodes.Node) -> ast.expr:
        """The Python expression that gives a node's value."""
        return _WRITERS[type(node)](self, node)

    def folded(self, made: ast.expr) -> ast.expr:
        """The value of code over constants, computed now where that gives one without a note."""
        run = Evaluation()
        value = eval(compile(ast.Expression(made), "<feel>", "eval"), self.globals, {"run": run})  # noqa: S307 - as above
        return made if value is None or run.diagnostics else self.held(value)

    def negate(self, node: nodes.Negate) -> ast.expr:
        return called("negate", self.code(node.operand), *self.where(node))

    def arithmetic(self, node: nodes.Arithmetic) -> ast.expr:
        if node.operator == "+":
            self.needs_run = True  # strings grow
        return called(_ARITHMETIC[node.operator], self.code(node.left), self.code(node.right), *self.where(node))

    def conditional(self, node: nodes.If) -> ast.expr:
        kept = self.fresh()
        condition = kept_as(kept, self.code(node.condition))
        # `undecided` notes and gives None, which is as false as False.
        otherwise = ast.BoolOp(
            ast.Or(),
            [same_as(ref(kept), constant(False)), called("undecided", ref(kept), *self.where(node)), constant(True)],
            **AT,
        )
        return choose(
            same_as(condition, constant(True)),
            self.code(node.yes),
            choose(otherwise, self.code(node.no), constant(None)),
        )

    def instance(self, node: nodes.InstanceOf) -> ast.expr:
        kind = resolve(node.type, self.types)
        if isinstance(kind, Named):
            return called("unknown_type", *self.where(node), constant(kind.name))
        return called("instance_of", self.code(node.operand), self.held(kind))

    def interval(self, node: nodes.Interval) -> ast.expr:
        ends = (constant(node.start_included), constant(node.end_included))
        made = called("interval", self.code(node.start), self.code(node.end), *ends, *self.where(node))
        if all(isinstance(end, nodes.Number | nodes.String | nodes.At) for end in (node.start, node.end)):
            return self.folded(made)
        return made

    def comparing(self, node: nodes.Comparing) -> ast.expr:
        made = called("comparing", constant(node.operator), self.code(node.operand), *self.where(node))
        return self.folded(made) if isinstance(node.operand, nodes.Number | nodes.String | nodes.At) else made

    def filter(self, node: nodes.Filter) -> ast.expr:
        operand = self.code(node.operand)
        if isinstance(node.condition, nodes.Number):
            return called("item_at", operand, self.code(node.condition), *self.where(node))
        self.needs_run = True
        item = self.fresh()
        self.frames.append(Frame(item=item))
        condition = self.code(node.condition)
        self.frames.pop()
        return called("filtered", operand, function_of([item], condition), *self.where(node))

    def iterators(self, iterators: tuple[nodes.Iterator, ...]) -> tuple[list[ast.expr], list[str]]:
        """The sources as functions of the variables before them, and the variables; their frames stay open."""
        self.needs_run = True
        sources: list[ast.expr] = []
        variables: list[str] = []
        for item in iterators:
            source = self.code(item.source)
            if item.end is None:
                made = called("spread", source, *self.where(item))
            else:
                made = called("loop_span", source, self.code(item.end), *self.where(item))
            sources.append(function_of(list(variables), made))
            variable = self.fresh()
            variables.append(variable)
            self.frames.append(Frame({item.name: variable}))
        return sources, variables

    def loop(self, node: nodes.For) -> ast.expr:
        sources, variables = self.iterators(node.iterators)
        partial = self.fresh()
        self.frames.insert(len(self.frames) - len(variables), Frame({"partial": partial}))
        body = self.code(node.body)
        del self.frames[len(self.frames) - len(variables) - 1 :]
        knows = any(isinstance(item, ast.Name) and item.id == partial for item in ast.walk(body))
        function = function_of([*variables, partial], body)
        return called("each_knowing" if knows else "each", tuple_of(sources), function, *self.where(node))

    def quantified(self, node: nodes.Quantified) -> ast.expr:
        sources, variables = self.iterators(node.iterators)
        condition = function_of(variables, self.code(node.condition))
        del self.frames[len(self.frames) - len(variables) :]
        return called("quantified", constant(node.every), tuple_of(sources), condition, *self.where(node))

    def function(self, node: nodes.FunctionOf) -> ast.expr:
        self.needs_run = True
        names = constant(tuple(name for name, _ in node.parameters))
        kinds = tuple(None if kind is None else resolve(kind, self.types) for _, kind in node.parameters)
        if node.external:
            return called("make_function", names, self.held(()), constant(None))
        variables = {name: self.fresh() for name, _ in node.parameters}
        self.frames.append(Frame(variables))
        body = function_of(["run", *variables.values()], self.code(node.body))
        self.frames.pop()
        result = result_of(node.body, dict(zip((name for name, _ in node.parameters), kinds, strict=True)))
        return called("make_function", names, self.held(kinds if any(kinds) else ()), body, self.held(result))

    def call(self, node: nodes.Call) -> ast.expr:
        self.needs_run = True
        function, name = self.called(node.function)
        arguments = tuple_of([self.code(argument) for argument in node.arguments])
        made = called("call", function, arguments, *self.where(node), constant(name))
        literals = all(isinstance(argument, nodes.Number | nodes.String) for argument in node.arguments)
        if name in _FOLDED and literals and node.arguments and self.builtin(node.function) is not None:
            return self.folded(made)
        return made

    def named_call(self, node: nodes.NamedCall) -> ast.expr:
        self.needs_run = True
        function, name = self.called(node.function)
        names = constant(tuple(name for name, _ in node.arguments))
        arguments = tuple_of([self.code(argument) for _, argument in node.arguments])
        return called("call_named", function, names, arguments, *self.where(node), constant(name))

    def called(self, node: nodes.Node) -> tuple[ast.expr, str]:
        """What is called, and its name where it has one."""
        function = self.builtin(node)
        name = node.name if isinstance(node, nodes.Name) else ""
        if function is not None:
            return self.held(function), name
        hidden = self.given(name)
        if hidden is not None:
            return called("function_named", self.code(node), self.held(hidden)), name
        if self.is_outer(_root(node)):
            self.calls.add(print_tree(node))
        return self.code(node), name


def _root(node: nodes.Node) -> nodes.Node:
    """What a path begins with; anything else is its own beginning."""
    while isinstance(node, nodes.Path):
        node = node.operand
    return node


_WRITERS: dict[type[nodes.Node], Callable[[_Compiler, Any], ast.expr]] = {
    nodes.Number: _Compiler.number,
    nodes.String: _Compiler.string,
    nodes.Boolean: _Compiler.boolean,
    nodes.Null: _Compiler.null,
    nodes.At: _Compiler.at,
    nodes.Name: _Compiler.name,
    nodes.Input: _Compiler.input,
    nodes.Negate: _Compiler.negate,
    nodes.Arithmetic: _Compiler.arithmetic,
    nodes.Compare: _Compiler.compare,
    nodes.Between: _Compiler.between,
    nodes.In: _Compiler.membership,
    nodes.InstanceOf: _Compiler.instance,
    nodes.And: _Compiler.conjunction,
    nodes.Or: _Compiler.disjunction,
    nodes.If: _Compiler.conditional,
    nodes.For: _Compiler.loop,
    nodes.Quantified: _Compiler.quantified,
    nodes.Path: _Compiler.path,
    nodes.Filter: _Compiler.filter,
    nodes.Call: _Compiler.call,
    nodes.NamedCall: _Compiler.named_call,
    nodes.ListOf: _Compiler.list_of,
    nodes.ContextOf: _Compiler.context_of,
    nodes.FunctionOf: _Compiler.function,
    nodes.Interval: _Compiler.interval,
    nodes.Comparing: _Compiler.comparing,
}

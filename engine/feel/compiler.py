"""Turns a tree into a Python function: the only module that compiles anything.

The code is built as Python `ast` nodes. Nothing of the author's text becomes code: names and literals go in as
constants, every identifier is made here, and the code runs with no built-ins, on the operators of this package alone.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from engine.feel import nodes, operators, runtime, temporal
from engine.feel.builtins import BUILTINS
from engine.feel.diagnostics import FeelError
from engine.feel.entering import READY, enter, enter_name
from engine.feel.evaluation import Evaluation
from engine.feel.types import Named, Type, instance_of, resolve
from engine.feel.values import MISSING, NUMBERS, FeelFunction, Value

Code = Callable[..., Value]

_AT: dict[str, Any] = {"lineno": 1, "col_offset": 0}
_LOAD, _STORE = ast.Load(), ast.Store()
_RUNTIME: dict[str, object] = {
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
    "interval": operators.interval,
    "comparing": operators.comparing,
    "meets_test": operators.meets_test,
    "includes": operators.includes,
    "passes": operators.passes,
    "path": operators.path,
    "raw_path": operators.raw_path,
    "item_at": operators.item_at,
    "in_filter": operators.in_filter,
    "spread": operators.spread,
    "call": runtime.call,
    "call_named": runtime.call_named,
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
_COMPARE: dict[str, tuple[str, ast.cmpop]] = {
    "=": ("equal", ast.Eq()),
    "!=": ("unequal", ast.NotEq()),
    "<": ("less", ast.Lt()),
    "<=": ("less_equal", ast.LtE()),
    ">": ("greater", ast.Gt()),
    ">=": ("greater_equal", ast.GtE()),
}
_ARITHMETIC = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "**": "power"}
_FOLDED = frozenset({"date", "time", "date and time", "duration", "number"})
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


@dataclass(slots=True)
class Compiled:
    """A function of (context, evaluation or None), or of (input, context, evaluation or None) for unary tests.

    names      the top-level names it reads
    needs_run  whether it must be given an evaluation even when nobody reads the diagnostics
    """

    code: Code
    names: frozenset[str]
    needs_run: bool


@dataclass(slots=True)
class Frame:
    """Names of one place: variables held by Python names of ours, or the entries of a filter's item."""

    variables: dict[str, str] = field(default_factory=dict)
    item: str | None = None


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
    compiler = _Compiler(names, functions or {}, types or {})
    tests = isinstance(tree, nodes.Tests)
    if tests:
        compiler.frames.append(Frame({"?": "input"}))
    body = compiler.tests(tree) if isinstance(tree, nodes.Tests) else compiler.code(tree)
    function = ast.Expression(_lambda((["input"] if tests else []) + ["ctx", "run"], body))
    try:
        code = eval(compile(function, "<feel>", "eval"), compiler.globals)  # noqa: S307 - built from our own nodes only
    except (RecursionError, MemoryError, ValueError) as error:
        raise FeelError(text, 0, "The expression is too large.", "Split it into several context entries.") from error
    return Compiled(code, frozenset(compiler.read), compiler.needs_run)


# --- Python, in small


@lru_cache(maxsize=2048)
def _name(name: str) -> ast.expr:
    return ast.Name(name, _LOAD, **_AT)


def _constant(value: Any) -> ast.expr:
    return ast.Constant(value, **_AT)


def _call(function: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(_name(function), list(arguments), [], **_AT)


def _choose(test: ast.expr, yes: ast.expr, no: ast.expr) -> ast.expr:
    return ast.IfExp(test, yes, no, **_AT)


def _compare(left: ast.expr, sign: ast.cmpop, right: ast.expr) -> ast.expr:
    return ast.Compare(left, [sign], [right], **_AT)


def _is(left: ast.expr, right: ast.expr) -> ast.expr:
    return ast.Compare(left, [ast.Is()], [right], **_AT)


def _keep(name: str, value: ast.expr) -> ast.expr:
    return ast.NamedExpr(ast.Name(name, _STORE, **_AT), value, **_AT)


def _tuple(items: list[ast.expr]) -> ast.expr:
    return ast.Tuple(items, _LOAD, **_AT)


def _lambda(parameters: list[str], body: ast.expr) -> ast.expr:
    arguments = ast.arguments([], [ast.arg(name, None, None, **_AT) for name in parameters], None, [], [], None, [])
    return ast.Lambda(arguments, body, **_AT)


class _Compiler:
    """One compilation: the names in scope, the constants, and what was read."""

    def __init__(self, names: frozenset[str], functions: Mapping[str, FeelFunction], types: Mapping[str, Type]) -> None:
        self.names, self.functions, self.types = names, functions, types
        self.globals = dict(_RUNTIME)
        self.frames: list[Frame] = []
        self.read: set[str] = set()
        self.needs_run = False
        self.count = 0
        self.probing = False  # within an explicit test for null, where a missing entry is no news

    def fresh(self) -> str:
        self.count += 1
        return f"v{self.count}"

    def held(self, value: Any) -> ast.expr:
        """A value the code refers to, under a name of ours."""
        name = f"k{len(self.globals)}"
        self.globals[name] = value
        return _name(name)

    def where(self, node: nodes.Node) -> tuple[ast.expr, ast.expr]:
        """The last two arguments of every operator: the evaluation and the position."""
        return _name("run"), _constant(node.position)

    def code(self, node: nodes.Node) -> ast.expr:
        """The Python expression that gives a node's value."""
        return _WRITERS[type(node)](self, node)

    # --- literals

    def number(self, node: nodes.Number) -> ast.expr:
        return self.held(NUMBERS.plus(node.value))

    def string(self, node: nodes.String) -> ast.expr:
        return _constant(node.value)

    def boolean(self, node: nodes.Boolean) -> ast.expr:
        return _constant(node.value)

    def null(self, node: nodes.Null) -> ast.expr:
        return _constant(None)

    def at(self, node: nodes.At) -> ast.expr:
        try:
            return self.held(temporal.read_temporal(node.text))
        except ValueError:
            return _call("bad_literal", *self.where(node))

    # --- names and paths

    def local(self, name: str) -> tuple[str | None, list[str]]:
        """The variable of that name, if any, and the filter items that come before it, innermost first."""
        items: list[str] = []
        for frame in reversed(self.frames):
            if name in frame.variables:
                return frame.variables[name], items
            if frame.item is not None:
                items.append(frame.item)
        return None, items

    def name(self, node: nodes.Name) -> ast.expr:
        variable, items = self.local(node.name)
        if variable is not None:
            found = _name(variable)
        elif node.name == "item" and items:
            found = _name(items[0])
        else:
            found = self.outer(node)
        for item in reversed(items):
            kept = self.fresh()
            entry = _keep(kept, _call("in_filter", _name(item), _constant(node.name)))
            found = _choose(_is(entry, _name("MISSING")), found, _name(kept))
        return found

    def outer(self, node: nodes.Name) -> ast.expr:
        """A name that the text does not bring in: a function, or read from the context."""
        function = None if node.name in self.names else self.functions.get(node.name) or BUILTINS.get(node.name)
        kept = self.fresh()
        if function is not None:
            read = self.fetch(node.name)
            return _choose(
                _is(_keep(kept, read), _name("MISSING")),
                self.held(function),
                _call("enter", _name(kept), *self.where(node)),
            )
        self.read.add(node.name)
        entered = _call("enter_name", _name(kept), *self.where(node), _constant(node.name))
        return self.ready(kept, self.fetch(node.name), entered)

    def ready(self, kept: str, value: ast.expr, entered: ast.expr) -> ast.expr:
        """A value from outside, kept under a name: most need no conversion, and whole numbers an easy one."""
        kind = self.fresh()
        ready = _compare(_keep(kind, _call("type", _keep(kept, value))), ast.In(), _name("READY"))
        whole = _choose(_is(_name(kind), _name("int")), _call("Decimal", _name(kept)), entered)
        return _choose(ready, _name(kept), whole)

    def fetch(self, name: str) -> ast.expr:
        """What the context holds under a name, as it is, or MISSING."""
        get = ast.Attribute(_name("ctx"), "get", _LOAD, **_AT)
        return ast.Call(get, [_constant(name), _name("MISSING")], [], **_AT)

    def is_outer(self, node: nodes.Node) -> bool:
        """Whether a node is a name read from the context and nowhere else."""
        if not isinstance(node, nodes.Name) or (node.name not in self.names and node.name in BUILTINS):
            return False
        if node.name in self.functions and node.name not in self.names:
            return False
        variable, items = self.local(node.name)
        return variable is None and not items

    def path(self, node: nodes.Path) -> ast.expr:
        steps = [node]
        while isinstance(steps[-1].operand, nodes.Path):
            steps.append(steps[-1].operand)
        root = steps[-1].operand
        run: ast.expr = _constant(None) if self.probing else _name("run")
        if isinstance(root, nodes.Name) and self.is_outer(root):
            self.read.add(root.name)
            kept = self.fresh()
            missing = _call("enter_name", _name(kept), *self.where(root), _constant(root.name))
            value = _choose(_is(_keep(kept, self.fetch(root.name)), _name("MISSING")), missing, _name(kept))
            for step in reversed(steps):
                value = _call("raw_path", value, _constant(step.name), run, _constant(step.position))
            kept = self.fresh()
            return self.ready(kept, value, _call("enter", _name(kept), *self.where(node)))
        return _call("path", self.code(node.operand), _constant(node.name), run, _constant(node.position))

    # --- operators

    def negate(self, node: nodes.Negate) -> ast.expr:
        return _call("negate", self.code(node.operand), *self.where(node))

    def arithmetic(self, node: nodes.Arithmetic) -> ast.expr:
        if node.operator == "+":
            self.needs_run = True  # strings grow
        return _call(_ARITHMETIC[node.operator], self.code(node.left), self.code(node.right), *self.where(node))

    def compare(self, node: nodes.Compare) -> ast.expr:
        left, right, sign = node.left, node.right, node.operator
        if isinstance(left, nodes.Number | nodes.String | nodes.Boolean | nodes.Null):
            left, right, sign = right, left, _TURNED[sign]
        if isinstance(right, nodes.Null) and sign in ("=", "!="):
            held, self.probing = self.probing, True
            value = self.code(left)
            self.probing = held
            return _compare(value, ast.Is() if sign == "=" else ast.IsNot(), _constant(None))
        return self.against(left, sign, right, node)

    def against(self, left: nodes.Node, sign: str, right: nodes.Node, node: nodes.Node) -> ast.expr:
        """left sign right, with the ordinary kinds compared in place."""
        if isinstance(right, nodes.Number):
            return self.against_number(left, sign, right.value, node)
        if isinstance(right, nodes.String) and sign in ("=", "!="):
            return self.against_string(left, sign, right.value, node)
        function = _COMPARE[sign][0]
        return _call(function, self.code(left), self.code(right), *self.where(node))

    def against_number(self, left: nodes.Node, sign: str, number: Decimal, node: nodes.Node) -> ast.expr:
        function, operator = _COMPARE[sign]
        value = NUMBERS.plus(number)
        constant, kept = self.held(value), self.fresh()
        if self.is_outer(left):
            assert isinstance(left, nodes.Name)
            self.read.add(left.name)
            fetched = _keep(kept, self.fetch(left.name))
            entered = _call("enter_name", _name(kept), *self.where(left), _constant(left.name))
            slow = _call(function, entered, constant, *self.where(node))
            kind = self.fresh()
            if value == value.to_integral_value() and value.adjusted() < 18:
                fast = _compare(_name(kept), operator, _constant(int(value)))
                slow = _choose(_is(_name(kind), _name("int")), fast, slow)
            test = _is(_keep(kind, _call("type", fetched)), _name("Decimal"))
            return _choose(test, _compare(_name(kept), operator, constant), slow)
        test = _is(_call("type", _keep(kept, self.code(left))), _name("Decimal"))
        slow = _call(function, _name(kept), constant, *self.where(node))
        return _choose(test, _compare(_name(kept), operator, constant), slow)

    def against_string(self, left: nodes.Node, sign: str, text: str, node: nodes.Node) -> ast.expr:
        function, operator = _COMPARE[sign]
        kept = self.fresh()
        if self.is_outer(left):
            assert isinstance(left, nodes.Name)
            self.read.add(left.name)
            value = self.fetch(left.name)
            entered = _call("enter_name", _name(kept), *self.where(left), _constant(left.name))
        else:
            value, entered = self.code(left), _name(kept)
        test = _is(_call("type", _keep(kept, value)), _name("str"))
        slow = _call(function, entered, _constant(text), *self.where(node))
        return _choose(test, _compare(_name(kept), operator, _constant(text)), slow)

    def between(self, node: nodes.Between) -> ast.expr:
        return _call("between", self.code(node.operand), self.code(node.low), self.code(node.high), *self.where(node))

    def logic(self, operands: tuple[nodes.Node, ...], deciding: bool, node: nodes.Node) -> ast.expr:
        """and and or: stop at the operand that decides; else tell what the others were."""
        kept = [self.fresh() for _ in operands]
        slow = _call(
            "disjunction" if deciding else "conjunction", _tuple([_name(name) for name in kept]), *self.where(node)
        )
        all_other = ast.BoolOp(ast.And(), [_is(_name(name), _constant(not deciding)) for name in kept], **_AT)
        tests = [
            _is(_keep(name, self.code(item)), _constant(deciding)) for name, item in zip(kept, operands, strict=True)
        ]
        return _choose(
            ast.BoolOp(ast.Or(), tests, **_AT), _constant(deciding), _choose(all_other, _constant(not deciding), slow)
        )

    def conjunction(self, node: nodes.And) -> ast.expr:
        return self.logic(node.operands, False, node)

    def disjunction(self, node: nodes.Or) -> ast.expr:
        return self.logic(node.operands, True, node)

    def conditional(self, node: nodes.If) -> ast.expr:
        kept = self.fresh()
        condition = _keep(kept, self.code(node.condition))
        # `undecided` notes and gives None, which is as false as False.
        otherwise = ast.BoolOp(
            ast.Or(),
            [_is(_name(kept), _constant(False)), _call("undecided", _name(kept), *self.where(node)), _constant(True)],
            **_AT,
        )
        return _choose(
            _is(condition, _constant(True)),
            self.code(node.yes),
            _choose(otherwise, self.code(node.no), _constant(None)),
        )

    def instance(self, node: nodes.InstanceOf) -> ast.expr:
        kind = resolve(node.type, self.types)
        if isinstance(kind, Named):
            return _call("unknown_type", *self.where(node), _constant(kind.name))
        return _call("instance_of", self.code(node.operand), self.held(kind))

    def interval(self, node: nodes.Interval) -> ast.expr:
        ends = (_constant(node.start_included), _constant(node.end_included))
        made = _call("interval", self.code(node.start), self.code(node.end), *ends, *self.where(node))
        if all(isinstance(end, nodes.Number | nodes.String | nodes.At) for end in (node.start, node.end)):
            return self.folded(made)
        return made

    def comparing(self, node: nodes.Comparing) -> ast.expr:
        made = _call("comparing", _constant(node.operator), self.code(node.operand), *self.where(node))
        return self.folded(made) if isinstance(node.operand, nodes.Number | nodes.String | nodes.At) else made

    def folded(self, made: ast.expr) -> ast.expr:
        """The value of code over constants, computed now where that gives one without a note."""
        run = Evaluation()
        value = eval(compile(ast.Expression(made), "<feel>", "eval"), self.globals, {"run": run})  # noqa: S307 - as above
        return made if value is None or run.diagnostics else self.held(value)

    # --- tests

    def membership(self, node: nodes.In) -> ast.expr:
        kept = self.fresh()
        self.frames.append(Frame({"?": kept}))
        tests = [self.test(test, kept) for test in node.tests]
        self.frames.pop()
        first = _keep(kept, self.code(node.operand))
        return _choose(
            ast.BoolOp(ast.Or(), [_is(first, _name("MISSING")), _constant(True)], **_AT),
            self.any_of(tests, node),
            _constant(None),
        )

    def any_of(self, tests: list[ast.expr], node: nodes.Node) -> ast.expr:
        """Whether one of several tests passes: true, else null if one is null, else false."""
        if len(tests) == 1:
            return tests[0]
        kept = [self.fresh() for _ in tests]
        passed = [_is(_keep(name, test), _constant(True)) for name, test in zip(kept, tests, strict=True)]
        failed = ast.BoolOp(ast.And(), [_is(_name(name), _constant(False)) for name in kept], **_AT)
        return _choose(
            ast.BoolOp(ast.Or(), passed, **_AT), _constant(True), _choose(failed, _constant(False), _constant(None))
        )

    def test(self, node: nodes.Node, variable: str) -> ast.expr:
        """Whether the value of a Python variable of ours passes one test."""
        value = nodes.Input(position=node.position)
        if isinstance(node, nodes.Comparing):
            if isinstance(node.operand, nodes.Null) and node.operator in ("=", "!="):
                return _compare(_name(variable), ast.Is() if node.operator == "=" else ast.IsNot(), _constant(None))
            return self.against(value, node.operator, node.operand, node)
        if isinstance(node, nodes.Null):
            return _is(_name(variable), _constant(None))
        if isinstance(node, nodes.Number | nodes.String):
            fast = self.against(value, "=", node, node)
            assert isinstance(fast, ast.IfExp)
            slow = _call("meets_test", _name(variable), self.code(node), *self.where(node))
            return _choose(fast.test, fast.body, slow)
        if isinstance(node, nodes.Interval):
            return self.within(node, variable)
        if isinstance(node, nodes.ListOf | nodes.At):
            return _call("meets_test", _name(variable), self.code(node), *self.where(node))
        boolean = _constant(is_condition(node))
        return _call("passes", _name(variable), self.code(node), boolean, *self.where(node))

    def within(self, node: nodes.Interval, variable: str) -> ast.expr:
        """Whether a variable lies in an interval; between two numbers it is compared in place."""
        slow = _call("meets_test", _name(variable), self.code(node), *self.where(node))
        low, high = node.start, node.end
        if isinstance(low, nodes.Number) and isinstance(high, nodes.Number) and low.value <= high.value:
            signs: list[ast.cmpop] = [
                ast.LtE() if node.start_included else ast.Lt(),
                ast.LtE() if node.end_included else ast.Lt(),
            ]
            ends = [self.held(NUMBERS.plus(low.value)), _name(variable), self.held(NUMBERS.plus(high.value))]
            fast = ast.Compare(ends[0], signs, ends[1:], **_AT)
            return _choose(_is(_call("type", _name(variable)), _name("Decimal")), fast, slow)
        return slow

    def tests(self, node: nodes.Tests) -> ast.expr:
        """A cell: the input is converted once, then tested."""
        if not node.tests:
            return _constant(True)
        raw = self.fresh()
        entered = self.ready(raw, _name("input"), _call("enter", _name(raw), *self.where(node)))
        kept = self.fresh()
        self.frames[-1].variables["?"] = kept
        verdict = self.any_of([self.test(test, kept) for test in node.tests], node)
        if node.negated:
            name = self.fresh()
            verdict = _choose(
                _is(_keep(name, verdict), _constant(True)),
                _constant(False),
                _choose(_is(_name(name), _constant(False)), _constant(True), _constant(None)),
            )
        first = ast.BoolOp(ast.Or(), [_is(_keep(kept, entered), _name("MISSING")), _constant(True)], **_AT)
        whole = _choose(first, verdict, _constant(None))
        return whole if node.negated or len(node.tests) > 1 else self.at_once(node.tests[0], whole)

    def at_once(self, node: nodes.Node, otherwise: ast.expr) -> ast.expr:
        """One test against whole numbers decides at once for a number; `otherwise` knows every other input."""
        match node:
            case nodes.Number(value=value):
                steps = [("=", value)]
            case nodes.Comparing(operator=sign, operand=nodes.Number(value=value)):
                steps = [(_TURNED[sign], value)]
            case nodes.Interval(start=nodes.Number(value=low), end=nodes.Number(value=high)) if low <= high:
                steps = [("<=" if node.start_included else "<", low), ("<=" if node.end_included else "<", high)]
            case _:
                return otherwise
        if any(number != number.to_integral_value() or number.adjusted() > 18 for _, number in steps):
            return otherwise
        kind = self.fresh()

        def tested(numbers: list[ast.expr]) -> ast.expr:
            signs = [_COMPARE[sign][1] for sign, _ in steps]
            line = [numbers[0], _name("input"), *numbers[1:]]
            return ast.Compare(line[0], signs, line[1:], **_AT)

        exact = tested([self.held(number) for _, number in steps])
        whole = tested([_constant(int(number)) for _, number in steps])
        first = _is(_keep(kind, _call("type", _name("input"))), _name("Decimal"))
        return _choose(first, exact, _choose(_is(_name(kind), _name("int")), whole, otherwise))

    def input(self, node: nodes.Input) -> ast.expr:
        variable, _ = self.local("?")
        if variable is None:
            return self.outer(nodes.Name("?", position=node.position))
        return _name(variable)

    # --- containers, loops, functions

    def list_of(self, node: nodes.ListOf) -> ast.expr:
        return ast.List([self.code(item) for item in node.items], _LOAD, **_AT)

    def context_of(self, node: nodes.ContextOf) -> ast.expr:
        keys = [name for name, _ in node.entries]
        for name in keys:
            if keys.count(name) > 1:
                self.needs_run = True
                return _call("repeated_key", *self.where(node), _constant(name))
        frame = Frame()
        self.frames.append(frame)
        values: list[ast.expr] = []
        for name, entry in node.entries:
            kept = self.fresh()
            if isinstance(entry, nodes.FunctionOf):
                frame.variables[name] = kept  # a function may call itself
            values.append(_keep(kept, self.code(entry)))
            frame.variables[name] = kept
        self.frames.pop()
        return ast.Dict([_constant(name) for name in keys], values, **_AT)

    def filter(self, node: nodes.Filter) -> ast.expr:
        operand = self.code(node.operand)
        if isinstance(node.condition, nodes.Number):
            return _call("item_at", operand, self.code(node.condition), *self.where(node))
        self.needs_run = True
        item = self.fresh()
        self.frames.append(Frame(item=item))
        held, self.probing = self.probing, False
        condition = self.code(node.condition)
        self.probing = held
        self.frames.pop()
        return _call("filtered", operand, _lambda([item], condition), *self.where(node))

    def iterators(self, iterators: tuple[nodes.Iterator, ...]) -> tuple[list[ast.expr], list[str]]:
        """The sources as functions of the variables before them, and the variables; their frames stay open."""
        self.needs_run = True
        sources: list[ast.expr] = []
        variables: list[str] = []
        for item in iterators:
            source = self.code(item.source)
            if item.end is None:
                made = _call("spread", source, *self.where(item))
            else:
                made = _call("loop_span", source, self.code(item.end), *self.where(item))
            sources.append(_lambda(list(variables), made))
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
        function = _lambda([*variables, partial], body)
        return _call("each_knowing" if knows else "each", _tuple(sources), function, *self.where(node))

    def quantified(self, node: nodes.Quantified) -> ast.expr:
        sources, variables = self.iterators(node.iterators)
        condition = _lambda(variables, self.code(node.condition))
        del self.frames[len(self.frames) - len(variables) :]
        return _call("quantified", _constant(node.every), _tuple(sources), condition, *self.where(node))

    def function(self, node: nodes.FunctionOf) -> ast.expr:
        self.needs_run = True
        names = _constant(tuple(name for name, _ in node.parameters))
        kinds = tuple(None if kind is None else resolve(kind, self.types) for _, kind in node.parameters)
        if node.external:
            return _call("make_function", names, self.held(()), _constant(None))
        variables = {name: self.fresh() for name, _ in node.parameters}
        self.frames.append(Frame(variables))
        held, self.probing = self.probing, False
        body = _lambda(["run", *variables.values()], self.code(node.body))
        self.probing = held
        self.frames.pop()
        return _call("make_function", names, self.held(kinds if any(kinds) else ()), body)

    def call(self, node: nodes.Call) -> ast.expr:
        self.needs_run = True
        function, name = self.called(node.function)
        arguments = _tuple([self.code(argument) for argument in node.arguments])
        made = _call("call", function, arguments, *self.where(node), _constant(name))
        literals = all(isinstance(argument, nodes.Number | nodes.String) for argument in node.arguments)
        if name in _FOLDED and literals and node.arguments and self.builtin(node.function) is not None:
            return self.folded(made)
        return made

    def named_call(self, node: nodes.NamedCall) -> ast.expr:
        self.needs_run = True
        function, name = self.called(node.function)
        names = _constant(tuple(name for name, _ in node.arguments))
        arguments = _tuple([self.code(argument) for _, argument in node.arguments])
        return _call("call_named", function, names, arguments, *self.where(node), _constant(name))

    def called(self, node: nodes.Node) -> tuple[ast.expr, str]:
        """What is called, and its name where it has one."""
        function = self.builtin(node)
        name = node.name if isinstance(node, nodes.Name) else ""
        if function is not None:
            return self.held(function), name
        return self.code(node), name

    def builtin(self, node: nodes.Node) -> FeelFunction | None:
        """The built-in or extension function that a name means here, unless something nearer has the name."""
        if not isinstance(node, nodes.Name) or node.name in self.names:
            return None
        variable, _ = self.local(node.name)
        if variable is not None:
            return None
        return self.functions.get(node.name) or BUILTINS.get(node.name)


def is_condition(node: nodes.Node) -> bool:
    """Whether a cell is a condition of its own: it reads ?, or is built with comparisons or logic."""
    conditions = (nodes.Compare, nodes.Between, nodes.In, nodes.InstanceOf, nodes.And, nodes.Or, nodes.Quantified)
    return isinstance(node, conditions) or reads_input(node)


def reads_input(node: nodes.Node) -> bool:
    """Whether ? stands somewhere in the tree."""
    stack: list[object] = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, nodes.Input):
            return True
        if isinstance(item, nodes.Node):
            stack.extend(getattr(item, name) for name in item.__dataclass_fields__)
        elif isinstance(item, tuple):
            stack.extend(item)
    return False


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

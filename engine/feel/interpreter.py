"""Evaluates a tree by walking it: slow, plain and independent of the compiler, which must agree with it.

It is the reference that compiled expressions are tested against; nothing else uses it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from engine.feel import access, membership, nodes, operators, parser, temporal
from engine.feel.builtins import BUILTINS
from engine.feel.conditions import is_condition, may_be_condition
from engine.feel.diagnostics import LimitReached, Outcome
from engine.feel.entering import enter
from engine.feel.evaluation import Environment, Evaluation
from engine.feel.inference import result_of
from engine.feel.limits import LIMITS, Limits
from engine.feel.types import Named, Type, instance_of, resolve
from engine.feel.values import MISSING, NUMBERS, FeelFunction, Value


@dataclass(slots=True)
class Scope:
    """The names of one place, inside those of another."""

    variables: dict[str, Value] = field(default_factory=dict)
    item: Value = MISSING
    outside: Scope | None = None


@dataclass(slots=True)
class Interpreter:
    """One evaluation over one context."""

    context: Mapping[str, Any]
    run: Evaluation
    names: frozenset[str] = frozenset()
    types: Mapping[str, Type] = field(default_factory=dict)

    def value(self, node: nodes.Node, scope: Scope) -> Value:
        """What a node gives in a scope."""
        run, at = self.run, node.position
        match node:
            case nodes.Number(value=number):
                return NUMBERS.plus(number)
            case nodes.String(value=text) | nodes.Boolean(value=text):
                return text
            case nodes.Null():
                return None
            case nodes.At(text=text):
                return self._literal(text, at)
            case nodes.Name(name=name):
                return self.name(name, scope, at)
            case nodes.Input():
                return self.name("?", scope, at)
            case nodes.Negate(operand=operand):
                return operators.negate(self.value(operand, scope), run, at)
            case nodes.Arithmetic(operator=sign, left=left, right=right):
                return operators.ARITHMETIC[sign](self.value(left, scope), self.value(right, scope), run, at)
            case nodes.Compare(operator=sign, left=left, right=right):
                return operators.COMPARISONS[sign](self.value(left, scope), self.value(right, scope), run, at)
            case nodes.Between(operand=operand, low=low, high=high):
                ends = self.value(low, scope), self.value(high, scope)
                return operators.between(self.value(operand, scope), *ends, run, at)
            case nodes.In(operand=operand, tests=tests):
                return self.tests(self.value(operand, scope), tests, scope)
            case nodes.InstanceOf(operand=operand, type=kind):
                kind = resolve(kind, self.types)
                return None if isinstance(kind, Named) else instance_of(self.value(operand, scope), kind)
            case nodes.And(operands=operands):
                return operators.conjunction(tuple(self.value(item, scope) for item in operands), run, at)
            case nodes.Or(operands=operands):
                return operators.disjunction(tuple(self.value(item, scope) for item in operands), run, at)
            case nodes.If(condition=condition, yes=yes, no=no):
                return self.value(yes if self.value(condition, scope) is True else no, scope)
            case nodes.For(iterators=iterators, body=body):
                return self._for(iterators, body, scope)
            case nodes.Quantified(every=every, iterators=iterators, condition=condition):
                return self._quantified(every, iterators, condition, scope)
            case nodes.Path(operand=operand, name=name):
                return access.path(self.value(operand, scope), name, run, at)
            case nodes.Filter(operand=operand, condition=condition):
                return self._filter(self.value(operand, scope), condition, scope)
            case nodes.Call(function=function, arguments=arguments):
                found = self._function(function, scope)
                given = [self.value(item, scope) for item in arguments]
                return found.invoke(run, given, at) if found is not None else None
            case nodes.NamedCall(function=function, arguments=named):
                found = self._function(function, scope)
                by_name = {name: self.value(item, scope) for name, item in named}
                return found.invoke_named(run, by_name, at) if found is not None else None
            case nodes.ListOf(items=items):
                return [self.value(item, scope) for item in items]
            case nodes.ContextOf(entries=entries):
                return self._context(entries, scope)
            case nodes.FunctionOf():
                return self._made(node, scope)
            case nodes.Interval(start=start, end=end):
                ends = self.value(start, scope), self.value(end, scope)
                return membership.interval(*ends, node.start_included, node.end_included, run, at)
            case nodes.Comparing(operator=sign, operand=operand):
                return membership.comparing(sign, self.value(operand, scope), run, at)
            case _:
                raise TypeError(f"no meaning for {type(node).__name__}")

    def name(self, name: str, scope: Scope | None, at: int) -> Value:
        """What a name means: the nearest variable or entry of a filtered item, then the context, then a function."""
        nearest: Value = MISSING
        while scope is not None:
            if name in scope.variables:
                return scope.variables[name]
            if scope.item is not MISSING:
                if isinstance(scope.item, dict) and name in scope.item:
                    return scope.item[name]
                nearest = scope.item if nearest is MISSING else nearest
            scope = scope.outside
        if name == "item" and nearest is not MISSING:
            return nearest
        found = self.context.get(name, MISSING)
        if found is MISSING and name not in self.names:
            return BUILTINS.get(name)
        return None if found is MISSING else enter(found, self.run, at)

    def tests(self, value: Value, tests: tuple[nodes.Node, ...], scope: Scope) -> bool | None:
        """Whether a value passes one of several tests: true, else null if one is null, else false."""
        inner = Scope({"?": value}, outside=scope)
        verdicts = [self._test(value, test, inner) for test in tests]
        if True in verdicts:
            return True
        return None if None in verdicts else False

    def _test(self, value: Value, test: nodes.Node, scope: Scope) -> bool | None:
        if isinstance(test, nodes.Comparing):
            other = self.value(test.operand, scope)
            return operators.COMPARISONS[test.operator](value, other, self.run, test.position)
        result = self.value(test, scope)
        if is_condition(test) or may_be_condition(test):
            return membership.passes(value, result, is_condition(test), self.run, test.position)
        return membership.meets_test(value, result, self.run, test.position)

    def _literal(self, text: str, at: int) -> Value:
        try:
            return temporal.read_temporal(text)
        except ValueError:
            self.run.note("conversion", "not a literal", at)
            return None

    def _function(self, node: nodes.Node, scope: Scope) -> FeelFunction | None:
        if isinstance(node, nodes.Name) and node.name in BUILTINS and node.name not in self.names:
            around: Scope | None = scope
            while around is not None and node.name not in around.variables:
                around = around.outside
            if around is None:
                return BUILTINS[node.name]
        found = self.value(node, scope)
        if isinstance(found, FeelFunction):
            return found
        return BUILTINS.get(node.name) if isinstance(node, nodes.Name) else None

    def _made(self, node: nodes.FunctionOf, scope: Scope) -> FeelFunction:
        names = tuple(name for name, _ in node.parameters)
        kinds = tuple(None if kind is None else resolve(kind, self.types) for _, kind in node.parameters)

        def body(run: Evaluation, *values: Value) -> Value:
            if node.external:
                return None
            return self.value(node.body, Scope(dict(zip(names, values, strict=True)), outside=scope))

        if node.external:
            return FeelFunction(names, body)
        result = result_of(node.body, dict(zip(names, kinds, strict=True)))
        return FeelFunction(names, body, "", kinds if any(kinds) else (), result)

    def _context(self, entries: tuple[tuple[str, nodes.Node], ...], scope: Scope) -> Value:
        if len({name for name, _ in entries}) < len(entries):
            return None
        made: dict[str, Value] = {}
        inner = Scope(outside=scope)
        for name, entry in entries:
            made[name] = self.value(entry, inner)
            if name != "?":
                inner.variables[name] = made[name]
        return made

    def _filter(self, value: Value, condition: nodes.Node, scope: Scope) -> Value:
        if value is None:
            return None
        items = value if isinstance(value, list) else [value]
        first = self.value(condition, Scope(item=items[0] if items else None, outside=scope))
        if isinstance(first, Decimal):
            return access.item_at(items, first, self.run, condition.position)
        kept = []
        for item in items:
            self.run.spend(1, condition.position)
            if self.value(condition, Scope(item=item, outside=scope)) is True:
                kept.append(item)
        return kept

    def _rounds(self, iterators: tuple[nodes.Iterator, ...], scope: Scope, done: Callable[[], None]) -> Iterator[Scope]:
        if not iterators:
            self.run.spend(1)
            yield scope
            return
        first, *others = iterators
        source = self.value(first.source, scope)
        if first.end is None:
            items = membership.spread(source, self.run, first.position)
        else:
            items = membership.span(source, self.value(first.end, scope), self.run, first.position)
        if items is None:
            done()
            return
        for item in items:
            yield from self._rounds(tuple(others), Scope({first.name: item}, outside=scope), done)

    def _for(self, iterators: tuple[nodes.Iterator, ...], body: nodes.Node, scope: Scope) -> Value:
        made: list[Value] = []
        broken: list[bool] = []
        for inner in self._rounds(iterators, scope, lambda: broken.append(True)):
            if broken:
                return None
            self.run.check_length(len(made) + 1)
            if all(item.name != "partial" for item in iterators):
                inner.variables["partial"] = list(made)
            made.append(self.value(body, inner))
        return None if broken else made

    def _quantified(
        self, every: bool, iterators: tuple[nodes.Iterator, ...], condition: nodes.Node, scope: Scope
    ) -> Value:
        broken: list[bool] = []
        verdicts: list[Value] = []
        for inner in self._rounds(iterators, scope, lambda: broken.append(True)):
            if broken:
                return None
            verdict = self.value(condition, inner)
            if verdict is (not every):
                return not every
            verdicts.append(verdict)
        if broken:
            return None
        return every if all(verdict is every for verdict in verdicts) else None


def evaluate(
    text: str,
    context: Mapping[str, Any],
    environment: Environment | None = None,
    *,
    names: Iterable[str] = (),
    types: Mapping[str, Type] | None = None,
    limits: Limits = LIMITS,
) -> Outcome:
    """The outcome of an expression, by walking its tree. Raises FeelError for a text that is not FEEL."""
    known = frozenset(names)
    tree = parser.parse_expression(text, known, limits)
    return walk(tree, context, environment, names=known, types=types, limits=limits)


def evaluate_unary_tests(
    text: str,
    value: Any,
    context: Mapping[str, Any],
    environment: Environment | None = None,
    *,
    names: Iterable[str] = (),
    limits: Limits = LIMITS,
) -> Outcome:
    """The outcome of a cell for an input, by walking its tree. Raises FeelError for a text that is not FEEL."""
    known = frozenset(names)
    tree = parser.parse_unary_tests(text, known, limits)
    run = Evaluation(environment, limits)
    verdict: Value = True
    try:
        if tree.tests:
            entered = enter(value, run, 0)
            verdict = Interpreter(context, run, known).tests(entered, tree.tests, Scope())
            if tree.negated and verdict is not None:
                verdict = not verdict
    except (LimitReached, RecursionError) as stop:
        run.note("limit", str(stop))
        verdict = None
    return Outcome(verdict, tuple(run.diagnostics))


def walk(
    tree: nodes.Node,
    context: Mapping[str, Any],
    environment: Environment | None = None,
    *,
    names: frozenset[str] = frozenset(),
    types: Mapping[str, Type] | None = None,
    limits: Limits = LIMITS,
) -> Outcome:
    """The outcome of a tree."""
    run = Evaluation(environment, limits)
    value: Value = None
    try:
        value = Interpreter(context, run, names, types or {}).value(tree, Scope())
    except (LimitReached, RecursionError) as stop:
        run.note("limit", str(stop))
    return Outcome(value, tuple(run.diagnostics))

"""Writes comparisons, logic and tests as Python code, with the ordinary kinds of value compared in place."""

from __future__ import annotations

import ast
from decimal import Decimal

from engine.feel import nodes
from engine.feel.pycode import (
    AT,
    called,
    choose,
    compared,
    constant,
    kept_as,
    ref,
    same_as,
    tuple_of,
)
from engine.feel.values import NUMBERS
from engine.feel.writer import Frame, Writer

COMPARE: dict[str, tuple[str, ast.cmpop]] = {
    "=": ("equal", ast.Eq()),
    "!=": ("unequal", ast.NotEq()),
    "<": ("less", ast.Lt()),
    "<=": ("less_equal", ast.LtE()),
    ">": ("greater", ast.Gt()),
    ">=": ("greater_equal", ast.GtE()),
}
TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


class ConditionWriter(Writer):
    """Writes what gives true, false or null."""

    def compare(self, node: nodes.Compare) -> ast.expr:
        left, right, sign = node.left, node.right, node.operator
        if isinstance(left, nodes.Number | nodes.String | nodes.Boolean | nodes.Null):
            left, right, sign = right, left, TURNED[sign]
        if isinstance(right, nodes.Null) and sign in ("=", "!="):
            if isinstance(left, nodes.Path):
                value = self.path(left, quiet=True)
            else:
                value = self.name(left, quiet=True) if isinstance(left, nodes.Name) else self.code(left)
            return compared(value, ast.Is() if sign == "=" else ast.IsNot(), constant(None))
        return self.against(left, sign, right, node)

    def against(self, left: nodes.Node, sign: str, right: nodes.Node, node: nodes.Node) -> ast.expr:
        """left sign right, with the ordinary kinds compared in place."""
        if isinstance(right, nodes.Number):
            return self.against_number(left, sign, right.value, node)
        if isinstance(right, nodes.String) and sign in ("=", "!="):
            return self.against_constant(left, sign, right.value, "str", node)
        if isinstance(right, nodes.Boolean) and sign in ("=", "!="):
            return self.against_constant(left, sign, right.value, "bool", node)
        function = COMPARE[sign][0]
        return called(function, self.code(left), self.code(right), *self.where(node))

    def against_number(self, left: nodes.Node, sign: str, number: Decimal, node: nodes.Node) -> ast.expr:
        function, operator = COMPARE[sign]
        value = NUMBERS.plus(number)
        wanted, kept = self.held(value), self.fresh()
        if self.is_outer(left):
            assert isinstance(left, nodes.Name)
            self.read.add(left.name)
            fetched = kept_as(kept, self.fetch(left.name))
            entered = called("enter_name", ref(kept), *self.where(left), constant(left.name))
            slow = called(function, entered, wanted, *self.where(node))
            kind = self.fresh()
            if value == value.to_integral_value() and value.adjusted() < 18:
                fast = compared(ref(kept), operator, constant(int(value)))
                slow = choose(same_as(ref(kind), ref("int")), fast, slow)
            test = same_as(kept_as(kind, called("type", fetched)), ref("Decimal"))
            return choose(test, compared(ref(kept), operator, wanted), slow)
        test = same_as(called("type", kept_as(kept, self.code(left))), ref("Decimal"))
        slow = called(function, ref(kept), wanted, *self.where(node))
        return choose(test, compared(ref(kept), operator, wanted), slow)

    def against_constant(
        self, left: nodes.Node, sign: str, wanted: str | bool, kind: str, node: nodes.Node
    ) -> ast.expr:
        function, operator = COMPARE[sign]
        kept = self.fresh()
        if self.is_outer(left):
            assert isinstance(left, nodes.Name)
            self.read.add(left.name)
            value = self.fetch(left.name)
            entered = called("enter_name", ref(kept), *self.where(left), constant(left.name))
        else:
            value, entered = self.code(left), ref(kept)
        test = same_as(called("type", kept_as(kept, value)), ref(kind))
        slow = called(function, entered, constant(wanted), *self.where(node))
        return choose(test, compared(ref(kept), operator, constant(wanted)), slow)

    def between(self, node: nodes.Between) -> ast.expr:
        return called("between", self.code(node.operand), self.code(node.low), self.code(node.high), *self.where(node))

    def logic(self, operands: tuple[nodes.Node, ...], deciding: bool, node: nodes.Node) -> ast.expr:
        """and and or: stop at the operand that decides; else tell what the others were."""
        kept = [self.fresh() for _ in operands]
        slow = called(
            "disjunction" if deciding else "conjunction", tuple_of([ref(name) for name in kept]), *self.where(node)
        )
        all_other = ast.BoolOp(ast.And(), [same_as(ref(name), constant(not deciding)) for name in kept], **AT)
        tests = [
            same_as(kept_as(name, self.code(item)), constant(deciding))
            for name, item in zip(kept, operands, strict=True)
        ]
        return choose(
            ast.BoolOp(ast.Or(), tests, **AT), constant(deciding), choose(all_other, constant(not deciding), slow)
        )

    def conjunction(self, node: nodes.And) -> ast.expr:
        return self.logic(node.operands, False, node)

    def disjunction(self, node: nodes.Or) -> ast.expr:
        return self.logic(node.operands, True, node)

    def membership(self, node: nodes.In) -> ast.expr:
        kept = self.fresh()
        self.frames.append(Frame({"?": kept}))
        tests = [self.test(test, kept) for test in node.tests]
        self.frames.pop()
        first = kept_as(kept, self.code(node.operand))
        return choose(
            ast.BoolOp(ast.Or(), [same_as(first, ref("MISSING")), constant(True)], **AT),
            self.any_of(tests, node),
            constant(None),
        )

    def any_of(self, tests: list[ast.expr], node: nodes.Node) -> ast.expr:
        """Whether one of several tests passes: true, else null if one is null, else false."""
        if len(tests) == 1:
            return tests[0]
        kept = [self.fresh() for _ in tests]
        passed = [same_as(kept_as(name, test), constant(True)) for name, test in zip(kept, tests, strict=True)]
        failed = ast.BoolOp(ast.And(), [same_as(ref(name), constant(False)) for name in kept], **AT)
        return choose(
            ast.BoolOp(ast.Or(), passed, **AT), constant(True), choose(failed, constant(False), constant(None))
        )

    def test(self, node: nodes.Node, variable: str) -> ast.expr:
        """Whether the value of a Python variable of ours passes one test."""
        value = nodes.Input(position=node.position)
        if isinstance(node, nodes.Comparing):
            if isinstance(node.operand, nodes.Null) and node.operator in ("=", "!="):
                return compared(ref(variable), ast.Is() if node.operator == "=" else ast.IsNot(), constant(None))
            return self.against(value, node.operator, node.operand, node)
        if isinstance(node, nodes.Null):
            return same_as(ref(variable), constant(None))
        if isinstance(node, nodes.Number | nodes.String | nodes.Boolean):
            fast = self.against(value, "=", node, node)
            assert isinstance(fast, ast.IfExp)
            slow = called("meets_test", ref(variable), self.code(node), *self.where(node))
            return choose(fast.test, fast.body, slow)
        if isinstance(node, nodes.Interval):
            return self.within(node, variable)
        condition = is_condition(node)
        if condition or may_be_condition(node):
            return called("passes", ref(variable), self.code(node), constant(condition), *self.where(node))
        return called("meets_test", ref(variable), self.code(node), *self.where(node))

    def within(self, node: nodes.Interval, variable: str) -> ast.expr:
        """Whether a variable lies in an interval; between two numbers it is compared in place."""
        slow = called("meets_test", ref(variable), self.code(node), *self.where(node))
        low, high = node.start, node.end
        if isinstance(low, nodes.Number) and isinstance(high, nodes.Number) and low.value <= high.value:
            signs: list[ast.cmpop] = [
                ast.LtE() if node.start_included else ast.Lt(),
                ast.LtE() if node.end_included else ast.Lt(),
            ]
            ends = [self.held(NUMBERS.plus(low.value)), ref(variable), self.held(NUMBERS.plus(high.value))]
            fast = ast.Compare(ends[0], signs, ends[1:], **AT)
            return choose(same_as(called("type", ref(variable)), ref("Decimal")), fast, slow)
        return slow

    def tests(self, node: nodes.Tests) -> ast.expr:
        """A cell: the input is converted once, then tested."""
        if not node.tests:
            return constant(True)
        raw = self.fresh()
        entered = self.ready(raw, ref("input"), called("enter", ref(raw), *self.where(node)))
        kept = self.fresh()
        self.frames[-1].variables["?"] = kept
        verdict = self.any_of([self.test(test, kept) for test in node.tests], node)
        if node.negated:
            name = self.fresh()
            verdict = choose(
                same_as(kept_as(name, verdict), constant(True)),
                constant(False),
                choose(same_as(ref(name), constant(False)), constant(True), constant(None)),
            )
        first = ast.BoolOp(ast.Or(), [same_as(kept_as(kept, entered), ref("MISSING")), constant(True)], **AT)
        whole = choose(first, verdict, constant(None))
        return whole if node.negated or len(node.tests) > 1 else self.at_once(node.tests[0], whole)

    def at_once(self, node: nodes.Node, otherwise: ast.expr) -> ast.expr:
        """One test against whole numbers decides at once for a number; `otherwise` knows every other input."""
        match node:
            case nodes.Number(value=value):
                steps = [("=", value)]
            case nodes.Comparing(operator=sign, operand=nodes.Number(value=value)):
                steps = [(TURNED[sign], value)]
            case nodes.Interval(start=nodes.Number(value=low), end=nodes.Number(value=high)) if low <= high:
                steps = [("<=" if node.start_included else "<", low), ("<=" if node.end_included else "<", high)]
            case _:
                return otherwise
        if any(number != number.to_integral_value() or number.adjusted() > 18 for _, number in steps):
            return otherwise
        kind = self.fresh()

        def tested(numbers: list[ast.expr]) -> ast.expr:
            signs = [COMPARE[sign][1] for sign, _ in steps]
            line = [numbers[0], ref("input"), *numbers[1:]]
            return ast.Compare(line[0], signs, line[1:], **AT)

        exact = tested([self.held(number) for _, number in steps])
        whole = tested([constant(int(number)) for _, number in steps])
        first = same_as(kept_as(kind, called("type", ref("input"))), ref("Decimal"))
        return choose(first, exact, choose(same_as(ref(kind), ref("int")), whole, otherwise))

    def input(self, node: nodes.Input) -> ast.expr:
        variable, _ = self.local("?")
        if variable is None:
            return self.outer(nodes.Name("?", position=node.position))
        return ref(variable)


def is_condition(node: nodes.Node) -> bool:
    """Whether a cell is a condition of its own: it reads ?, or is built with comparisons or logic."""
    conditions = (nodes.Compare, nodes.Between, nodes.In, nodes.InstanceOf, nodes.And, nodes.Or, nodes.Quantified)
    return isinstance(node, conditions) or reads_input(node)


def may_be_condition(node: nodes.Node) -> bool:
    """Whether a cell may turn out to be a condition: a function may answer, or give a value to compare with."""
    return isinstance(node, nodes.Call | nodes.NamedCall | nodes.If)


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

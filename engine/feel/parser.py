"""Reads a text into a tree: a Pratt parser over the grammar of DMN 1.5, 10.3.1.2.

Operators bind, from loose to tight: or; and; comparisons, between, in; + -; * /; **; a leading -; instance of;
paths, filters and calls. As the specification has it, -3 ** 2 is 9 and 3 ** 4 ** 5 is (3 ** 4) ** 5.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from engine.feel import mends, nodes
from engine.feel.clauses import ClauseParser
from engine.feel.diagnostics import FeelError
from engine.feel.lexer import KEYWORDS, LITERALS, Token, run_of_words
from engine.feel.limits import LIMITS, Limits
from engine.feel.names import BUILTIN_NAMES, read_declared, read_string

_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_OR, _AND, _COMPARISON, _SUM, _PRODUCT, _POWER, _SIGN, _INSTANCE, _POSTFIX = range(1, 10)
_BINDING = {
    "or": _OR,
    "and": _AND,
    "between": _COMPARISON,
    "in": _COMPARISON,
    "instance": _INSTANCE,
    "+": _SUM,
    "-": _SUM,
    "*": _PRODUCT,
    "/": _PRODUCT,
    "**": _POWER,
    "[": _POSTFIX,
    "(": _POSTFIX,
    ".": _POSTFIX,
} | dict.fromkeys(_COMPARISONS, _COMPARISON)


def parse_expression(text: str, names: Iterable[str] = (), limits: Limits = LIMITS) -> nodes.Node:
    """The tree of an expression. `names` are those in scope; raises FeelError with a caret."""
    parser = Parser(text, names, limits)
    tree = parser.expression()
    parser.expect_end()
    return tree


def parse_unary_tests(text: str, names: Iterable[str] = (), limits: Limits = LIMITS) -> nodes.Tests:
    """The tree of a decision table's cell (grammar rules 12 to 15). Raises FeelError with a caret."""
    parser = Parser(text, names, limits)
    tree = parser.unary_tests()
    parser.expect_end()
    return tree


class Parser(ClauseParser):
    """Reads one text. Public methods are the grammar's entry points."""

    # --- expressions

    def expression(self, binding: int = 0) -> nodes.Node:
        """An expression whose operators bind more tightly than `binding`."""
        self.depth += 1
        if self.depth > self.limits.depth:
            raise self.too_deep()
        tree = self._prefix()
        chained = 0
        while True:
            token = self.stream[self.index]
            power = _BINDING.get(token.text, 0) if token.kind in ("sign", "word") else 0
            if power <= binding or (power == _POSTFIX and self._closes_interval(token)):
                break
            tree = self._infix(tree, token, power)
            chained += 1
            if self.depth + chained > self.limits.depth:
                raise self.too_deep()
        self.depth -= 1
        return tree

    def _infix(self, left: nodes.Node, token: Token, power: int) -> nodes.Node:
        sign, position = token.text, token.start
        if sign in ("and", "or"):
            operands = [left]
            while self.take(sign):
                operands.append(self.expression(power))
            return (nodes.And if sign == "and" else nodes.Or)(tuple(operands), position=position)
        self.index += 1
        if sign == "[":
            return self._filter(left, token)
        if sign == "(":
            return self._call(left, token)
        if sign == ".":
            return nodes.Path(left, self.member(), position=position)
        if sign in _COMPARISONS:
            return nodes.Compare(sign, left, self.expression(power), position=position)
        if sign == "between":
            low = self.expression(_COMPARISON)
            if not self.take("and"):
                raise self.unexpected("`and`, between the two ends of `between`,")
            return nodes.Between(left, low, self.expression(_COMPARISON), position=position)
        if sign == "in":
            return nodes.In(left, self._tests_of_in(), position=position)
        if sign == "instance":
            if not self.take("of"):
                raise self.unexpected("`of`, after `instance`,")
            return nodes.InstanceOf(left, self.type(), position=position)
        return nodes.Arithmetic(sign, left, self.expression(power), position=position)

    def _prefix(self) -> nodes.Node:
        token = self.stream[self.index]
        kind, text, position = token.kind, token.text, token.start
        if kind == "word":
            return self._word(token)
        if kind == "number":
            self.index += 1
            return nodes.Number(self._number(token), position=position)
        if kind == "string":
            self.index += 1
            return nodes.String(read_string(self.text, token), position=position)
        if kind == "at":
            self.index += 1
            return nodes.At(read_string(self.text, token), position=position)
        if kind == "sign":
            if text == "(":
                return self._bracket(token)
            if text == "[":
                return self._square(token)
            if text == "{":
                return self._context(token)
            if text == "]":
                self.index += 1
                return self._interval(False, self.expression(), token)
            if text == "-":
                self.index += 1
                following = self.token
                if following.kind == "number":
                    self.index += 1
                    return nodes.Number(-self._number(following), position=position)
                return nodes.Negate(self.expression(_SIGN - 1), position=position)
            if text == "?":
                self.index += 1
                return nodes.Input(position=position)
        raise self.unexpected("a value")

    def _number(self, token: Token) -> Decimal:
        try:
            value = Decimal(token.text)
        except InvalidOperation:
            value = Decimal("Infinity")
        if not value.is_finite() or value.adjusted() > 6144:
            raise FeelError(self.text, token.start, "The number is too large.", "34 digits are kept.")
        return value

    def _word(self, token: Token) -> nodes.Node:
        text, position = token.text, token.start
        special, end = self.scope.longest(self.text, position, text)
        if special and self.step_to(end):
            return nodes.Name(special, position=position)
        if text in LITERALS and text not in self.scope:
            following = self.stream[self.index + 1]
            if following.kind != "word" or following.text in KEYWORDS:
                self.index += 1
                return (
                    nodes.Null(position=position)
                    if text == "null"
                    else nodes.Boolean(text == "true", position=position)
                )
        if text == "if":
            return self.conditional(token)
        if text == "for":
            return self.loop(token)
        if text in ("some", "every"):
            return self.quantified(token)
        if text == "function" and self.stream[self.index + 1].text == "(":
            return self.function(token)
        if text in KEYWORDS:
            raise self.unexpected("a value")
        for name in BUILTIN_NAMES.get(text, ()):  # names such as "date and time" hold keywords
            words = name.split(" ")
            ahead = self.stream[self.index : self.index + len(words) + 1]
            if [item.text for item in ahead[:-1]] == words and ahead[-1].text == "(":
                self.index += len(words)
                return nodes.Name(name, position=position)
        return nodes.Name(self._run(), position=position)

    def _run(self) -> str:
        """The name made by the words from here on: as many as are known together, else all of them."""
        start = self.index
        end = run_of_words(self.stream, start)
        words = [item.text for item in self.stream[start:end]]
        if " ".join(words) not in self.scope:
            for count in range(len(words) - 1, 0, -1):
                if " ".join(words[:count]) in self.scope:
                    self.index = start + count
                    return " ".join(words[:count])
            for index in range(start, end):
                known = mends.habit(self.stream, index, self.text)
                if known is not None:
                    raise FeelError(self.text, *known)
        self.index = end
        return " ".join(words)

    # --- brackets

    def _bracket(self, opening: Token) -> nodes.Node:
        self.index += 1
        token = self.token
        if token.kind == "sign" and token.text in _COMPARISONS:
            self.index += 1
            operand = self._inside(_COMPARISON)
            self.close(")", opening)
            return nodes.Comparing(token.text, operand, position=opening.start)
        tree = self._inside()
        if self.at(".."):
            return self._interval(False, tree, opening)
        self.close(")", opening)
        return tree

    def _inside(self, binding: int = 0) -> nodes.Node:
        """An expression inside brackets, where [ cannot close an interval begun outside them."""
        held, self._closable = self._closable, 0
        tree = self.expression(binding)
        self._closable = held
        return tree

    def _square(self, opening: Token) -> nodes.Node:
        self.index += 1
        if self.take("]"):
            return nodes.ListOf((), position=opening.start)
        items = [self._test()]
        if self.at("..") and not isinstance(items[0], nodes.Comparing):
            return self._interval(True, items[0], opening)
        while self.take(","):
            items.append(self._test())
        self.close("]", opening)
        return nodes.ListOf(tuple(items), position=opening.start)

    def _interval(self, start_included: bool, start: nodes.Node, opening: Token) -> nodes.Node:
        if not self.take(".."):
            raise self.unexpected("`..`, between the ends of a range,")
        self._closable += 1
        end = self.expression()
        self._closable -= 1
        token = self.token
        if token.text not in ("]", ")", "[") or token.kind != "sign":
            if token.kind == "end":
                raise FeelError(
                    self.text, opening.start, f"The `{opening.text}` of the range is never closed.", "Write `]` or `)`."
                )
            raise self.unexpected("the bracket that closes the range")
        self.index += 1
        return nodes.Interval(start_included, start, end, token.text == "]", position=opening.start)

    def _closes_interval(self, token: Token) -> bool:
        """Whether [ ends an interval such as [1..10[ rather than filtering its end."""
        if not self._closable or token.text != "[":
            return False
        following = self.stream[self.index + 1]
        return following.kind in ("end", "bad") or (
            (following.kind == "sign" and following.text not in ("(", "[", "{", "-", "?"))
            or (following.kind == "word" and following.text in KEYWORDS)
        )

    def _context(self, opening: Token) -> nodes.Node:
        self.index += 1
        entries: list[tuple[str, nodes.Node]] = []
        while not self.at("}"):
            token = self.token
            if token.kind == "string":
                self.index += 1
                key = read_string(self.text, token)
            else:
                key = self.declared(":", "the name of an entry and `:`")
            if not self.take(":"):
                raise self.unexpected(f"`:`, after the entry {key},")
            # A key that stands twice makes the context null when it is evaluated (10.3.2.6).
            entries.append((key, self._inside()))
            self.scope.enter(key)
            if not self.take(","):
                break
        self.scope.leave(len(entries))
        self.close("}", opening)
        return nodes.ContextOf(tuple(entries), position=opening.start)

    def _filter(self, operand: nodes.Node, opening: Token) -> nodes.Node:
        condition = self._inside()
        self.close("]", opening)
        return nodes.Filter(operand, condition, position=opening.start)

    def _call(self, function: nodes.Node, opening: Token) -> nodes.Node:
        if self.take(")"):
            return nodes.Call(function, (), position=function.position)
        if self._named_argument():
            named: list[tuple[str, nodes.Node]] = []
            while True:
                name = self.declared(":", "the name of an argument")
                self.index += 1
                if any(name == other for other, _ in named):
                    raise self.fail(f"The argument {name} is given twice.", "Give it once.")
                named.append((name, self._inside()))
                if not self.take(","):
                    break
            self.close(")", opening)
            return nodes.NamedCall(function, tuple(named), position=function.position)
        arguments = [self._test()]
        while self.take(","):
            arguments.append(self._test())
        self.close(")", opening)
        return nodes.Call(function, tuple(arguments), position=function.position)

    def _named_argument(self) -> bool:
        return self.token.kind == "word" and read_declared(self.text, self.token.start, ":") is not None

    # --- tests

    def _tests_of_in(self) -> tuple[nodes.Node, ...]:
        """What stands after `in`: one test, or several in brackets."""
        opening = self.token
        if self.at("("):
            start = self.index
            self.index += 1
            held, self._closable = self._closable, 0
            tests = [self._test()]
            while self.take(","):
                tests.append(self._test())
            self._closable = held
            if self.at(")") and (len(tests) > 1 or _BINDING.get(self.stream[self.index + 1].text, 0) <= _COMPARISON):
                self.index += 1
                return tuple(tests)
            if len(tests) > 1:
                self.close(")", opening)
            self.index = start
        if self.token.kind == "sign" and self.token.text in _COMPARISONS:
            return (self._comparing(),)
        return (self.expression(_COMPARISON),)

    def _test(self) -> nodes.Node:
        """A positive unary test: a comparison without its left side, or an expression."""
        token = self.token
        if token.kind == "sign" and token.text in _COMPARISONS:
            held, self._closable = self._closable, 0
            tree = self._comparing()
            self._closable = held
            return tree
        return self._inside()

    def _comparing(self) -> nodes.Node:
        token = self.token
        self.index += 1
        return nodes.Comparing(token.text, self.expression(_COMPARISON), position=token.start)

    def unary_tests(self) -> nodes.Tests:
        """`-`, tests with commas between, or not(tests)."""
        token = self.token
        if token.kind == "end":
            raise FeelError(self.text, 0, "The cell is empty.", "Write `-` where any value will do.")
        if token.text == "-" and self.stream[self.index + 1].kind == "end":
            self.index += 1
            return nodes.Tests(())
        if token.text == "not" and self._closing_of(self.index + 1) == len(self.stream) - 2:
            self.index += 2
            tests = self._several()
            self.close(")", self.stream[1])
            return nodes.Tests(tests, negated=True)
        return nodes.Tests(self._several())

    def _several(self) -> tuple[nodes.Node, ...]:
        tests = [self._test()]
        while self.take(","):
            tests.append(self._test())
        return tuple(tests)

    def _closing_of(self, index: int) -> int:
        """The index of the bracket that closes the round bracket at index, or -1."""
        if self.stream[index].text != "(":
            return -1
        depth = 0
        for place in range(index, len(self.stream)):
            token = self.stream[place]
            if token.kind == "sign":
                depth += (token.text in "([{") - (token.text in ")]}")
                if depth == 0:
                    return place
        return -1

"""Walks through FEEL at random: compiled and interpreted agree, printed trees read the same, mutated texts never crash.

`run` is what `make fuzz` calls; `walk` does an exact number of rounds, as the tests do.
"""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from decimal import Decimal

from engine.feel import (
    Environment,
    FeelError,
    FeelFunction,
    Limits,
    Value,
    compile_expression,
    compile_unary_tests,
    interpreter,
    parser,
)
from engine.feel.printer import print_tree, text_of

NAMES = ("a", "b", "s", "flag", "xs", "people", "due date", "first-name", "nothing", "order")
CONTEXT = {
    "a": 5,
    "b": 2.5,
    "s": "plan",
    "flag": True,
    "xs": [3, 1, 2, None],
    "people": [{"age": 17, "name": "A"}, {"age": 3, "name": "B"}, {"name": "C", "age": None}],
    "due date": "2026-11-22",
    "first-name": "Ada",
    "nothing": None,
    "order": {"item": 3, "lines": [{"price": 1}, {"price": 2}]},
}
NOW = Environment(now=datetime(2026, 11, 22, 9, 0, tzinfo=UTC))
SMALL = Limits(steps=3000, items=500, letters=5000, calls=40)
PLAIN = Environment(now=NOW.now)


class Grower:
    """Grows expressions from a seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.variables: list[str] = []

    def pick(self, *texts: str) -> str:
        return self.chance.choice(texts)

    def leaf(self) -> str:
        choice = self.chance.randrange(9)
        if choice == 0:
            return self.pick("0", "1", "-1", "2", "3.5", "10", "1e3", "-0.25", "007", ".5")
        if choice == 1:
            return self.pick('"plan"', '""', '"x"', '"2026-11-22"', '"a\\"b"', '"PT1H"', '"[a-c]+"', '"\\u00e9"')
        if choice == 2:
            return self.pick("true", "false", "null")
        if choice == 3:
            return self.pick(
                '@"2026-11-22"', '@"PT36H"', '@"P1Y2M"', '@"10:00:00Z"', '@"2026-11-22T10:00:00@Europe/London"'
            )
        if choice == 4 and self.variables:
            return self.chance.choice(self.variables)
        if choice == 5:
            return self.pick("[1..3]", "(1..5)", "[1, 2, 3]", "{x: 1, y: 2}", "(< 3)", '["a".."d"]', "(!= 1)")
        return self.pick(*NAMES, "missing", "item", "partial", "count")

    def number(self, depth: int) -> str:
        """An expression that is mostly a number, so that walks get further than the first null."""
        if depth <= 0:
            return self.pick(
                "0", "1", "2.5", "-3", "a", "b", "people[1].age", "order.item", "count(xs)", *self.variables
            )
        one, two = self.number(depth - 1), self.number(depth - 1)
        kind = self.chance.randrange(6)
        if kind < 2:
            return f"({one} {self.pick('+', '-', '*', '/')} {two})"
        if kind == 2:
            return f"(if {self.condition(depth - 1)} then {one} else {two})"
        if kind == 3:
            return f"{self.pick('sum', 'max', 'count', 'mean')}([{one}, {two}])"
        if kind == 4:
            return f"{{p: {one}, q: p + {two}}}.q"
        return f"(for i in 1..3 return i + {one})[{self.pick('1', '-1', 'item > 2')}][1]"

    def condition(self, depth: int) -> str:
        """An expression that is mostly true or false."""
        one, two = self.number(depth - 1), self.number(depth - 1)
        kind = self.chance.randrange(7)
        if kind < 2 or depth <= 0:
            return f"({one} {self.pick('=', '!=', '<', '<=', '>', '>=')} {two})"
        if kind == 2:
            return f"({self.condition(depth - 1)} {self.pick('and', 'or')} {self.condition(depth - 1)})"
        if kind == 3:
            return f"not({self.condition(depth - 1)})"
        if kind == 4:
            return f"({one} in ({self.pick('>', '<=')} {two}, [1..{two}], 3))"
        if kind == 5:
            return f"({self.pick('some', 'every')} i in [{one}, {two}] satisfies i > {self.number(0)})"
        return f"({one} between {two} and {self.number(0)})"

    def grow(self, depth: int) -> str:
        if depth <= 0:
            return self.leaf()
        if self.chance.random() < 0.3:
            return self.number(depth) if self.chance.random() < 0.5 else self.condition(depth)
        one = lambda: self.grow(depth - 1 - self.chance.randrange(2))  # noqa: E731 - a word for a word
        kind = self.chance.randrange(24)
        if kind < 4:
            return f"({one()} {self.pick('+', '-', '*', '/', '**')} {one()})"
        if kind < 7:
            return f"({one()} {self.pick('=', '!=', '<', '<=', '>', '>=')} {one()})"
        if kind < 9:
            return f"({one()} {self.pick('and', 'or')} {one()} {self.pick('and', 'or')} {one()})"
        if kind == 9:
            return f"if {one()} then {one()} else {one()}"
        if kind == 10:
            return f"({one()} between {one()} and {one()})"
        if kind == 11:
            return f"({one()} in ({one()}, {self.pick('<', '>=', '!=')} {one()}))"
        if kind == 12:
            return f"({one()} in {self.pick('> 2', '[1..4]', '(1, 2)', 'null', 'xs', '(? > 1)', '[1, [2..3]]')})"
        if kind == 13:
            kind_name = self.pick(
                "number", "string", "list<number>", "context<age: number>", "range<Any>", "date", "Any"
            )
            return f"({one()} instance of {kind_name})"
        if kind in (14, 15):
            return self.loop(depth)
        if kind == 16:
            return f"({one()}).{self.pick('x', 'age', 'lines', 'price', 'year', 'start included', 'days', 'name')}"
        if kind == 17:
            return f"({one()})[{self.pick('1', '-1', 'item > 1', 'age > 5', 'true', 'a', one())}]"
        if kind == 18:
            return f"[{one()}, {one()}]"
        if kind == 19:
            return self.context(depth)
        if kind == 20:
            return self.function(depth)
        if kind == 21:
            return f"-({one()})"
        return self.call(one)

    def within(self, name: str, depth: int) -> str:
        self.variables.append(name)
        text = self.grow(depth - 1)
        self.variables.pop()
        return text

    def loop(self, depth: int) -> str:
        name = self.pick("i", "j", "a", "each one")
        source = self.pick(self.grow(depth - 1), "1..3", "3..1", "xs", "people", "[1..3]")
        if self.chance.random() < 0.5:
            other = self.pick("", f", k in {self.pick('xs', '1..2', name)}")
            return f"(for {name} in {source}{other} return {self.within(name, depth)})"
        word = self.pick("some", "every")
        return f"({word} {name} in {source} satisfies {self.within(name, depth)})"

    def context(self, depth: int) -> str:
        first = self.grow(depth - 1)
        return f"{{p: {first}, q: {self.within('p', depth)}}}{self.pick('', '.q', '.r')}"

    def function(self, depth: int) -> str:
        body = self.within("p", depth)
        kind = self.pick("", ": number", ": list<Any>")
        return f"(function(p{kind}) {body})({self.pick(self.grow(depth - 1), 'p: ' + self.grow(depth - 1))})"

    def call(self, one: object) -> str:
        name, count = self.chance.choice(CALLS)
        arguments = ", ".join(self.grow(1) for _ in range(count))
        return f"{name}({arguments})"

    def mutated(self, text: str) -> str:
        """The text with a few characters changed, dropped, doubled or swapped with other pieces."""
        letters = list(text)
        for _ in range(self.chance.randrange(1, 4)):
            place = self.chance.randrange(len(letters) + 1)
            act = self.chance.randrange(4)
            if act == 0 and place < len(letters):
                del letters[place]
            elif act == 1:
                letters.insert(place, self.pick(*PIECES))
            elif act == 2 and place < len(letters):
                letters[place] = self.pick(*PIECES)
            else:
                letters[place:place] = letters[place : place + 12]
        return "".join(letters)


CALLS = (
    ("count", 1), ("sum", 1), ("min", 2), ("max", 1), ("mean", 1), ("string", 1), ("not", 1), ("abs", 1), ("floor", 1),
    ("round up", 2), ("decimal", 2), ("modulo", 2), ("append", 2), ("concatenate", 2), ("distinct values", 1),
    ("flatten", 1), ("reverse", 1), ("index of", 2), ("list contains", 2), ("sublist", 2), ("union", 2), ("sort", 1),
    ("contains", 2), ("substring", 2), ("upper case", 1), ("matches", 2), ("replace", 3), ("split", 2), ("date", 1),
    ("time", 1), ("date and time", 1), ("duration", 1), ("number", 1), ("get value", 2), ("get entries", 1), ("is", 2),
    ("years and months duration", 2), ("before", 2), ("includes", 2), ("overlaps", 2), ("coincides", 2), ("all", 1),
    ("any", 1), ("today", 0), ("now", 0), ("day of week", 1), ("string join", 2), ("context put", 3), ("range", 1),
    ("median", 1), ("mode", 1), ("stddev", 1), ("product", 1), ("insert before", 3), ("remove", 2), ("exp", 1),
    ("list replace", 3), ("context merge", 1), ("odd", 1), ("sqrt", 1), ("log", 1), ("nobody", 1), ("finishes", 2),
)  # fmt: skip
PIECES = (
    "(", ")", "[", "]", "{", "}", ",", ":", ".", "..", "=", "==", "<", ">", "!", "!=", "&&", "||", "'", '"', "\\", "@",
    "if ", " then ", " else ", "for ", " in ", " return ", "some ", " satisfies ", "function(", "not(", "?", "-", "**",
    "1", "e", "null", " and ", " or ", "instance of ", "list<", "\n", "\t", "//", "/*", "*/", "é", "\U0001f40e", "\x00",
    " between ", "°", "«", "0", "9" * 40, "1e9999", "\ud800",
)  # fmt: skip


def shape(value: Value) -> object:
    """A value as something that compares exactly; functions are all alike."""
    if isinstance(value, FeelFunction):
        return "function"
    if isinstance(value, list):
        return [shape(item) for item in value]
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    if isinstance(value, Decimal):
        return ("number", value)
    return (type(value).__name__, text_of(value))


def agree(text: str) -> None:
    """Compiled equals interpreted, and the printed tree reads as the same tree."""
    try:
        compiled = compile_expression(text, names=NAMES, limits=SMALL)
    except FeelError:
        return
    printed = print_tree(compiled.tree)
    assert parser.parse_expression(printed, NAMES, Limits(text=10**6, depth=400)) == compiled.tree, (text, printed)
    first = compiled.evaluate(CONTEXT, NOW)
    second = interpreter.walk(compiled.tree, CONTEXT, NOW, names=frozenset(NAMES), limits=SMALL)
    if any(note.kind == "limit" for note in first.diagnostics + second.diagnostics):
        return
    assert shape(first.value) == shape(second.value), (text, first, second)
    assert shape(compiled.value(CONTEXT, NOW)) == shape(first.value), text


def agree_on_tests(text: str) -> None:
    """Cells compiled equal cells interpreted, over inputs of every kind."""
    try:
        tests = compile_unary_tests(text, names=NAMES, limits=SMALL)
    except FeelError:
        return
    printed = print_tree(tests.tree)
    assert parser.parse_unary_tests(printed, NAMES, Limits(text=10**6, depth=400)) == tests.tree, (text, printed)
    for value in (None, 1, 2.5, Decimal(3), "plan", True, [1, 2], {"x": 1}):
        first = tests.evaluate(value, CONTEXT, NOW)
        second = interpreter.evaluate_unary_tests(text, value, CONTEXT, NOW, names=NAMES, limits=SMALL)
        if any(note.kind == "limit" for note in first.diagnostics + second.diagnostics):
            continue
        assert first.value is second.value, (text, value, first, second)
        assert tests.matches(value, CONTEXT, NOW) is first.value, (text, value)


def withstand(text: str) -> bool:
    """A hostile text is read or refused with a place and a mend; it is never anything else. True where refused."""
    try:
        compile_expression(text, names=NAMES, limits=SMALL).evaluate(CONTEXT, NOW)
    except FeelError as error:
        assert error.line >= 1 and error.column >= 1 and error.message and "^" in error.caret
        return True
    return False


def walk(count: int, seed: int = 0) -> dict[str, int]:
    """So many rounds, each with one expression, one cell and one mutated text; raises where a promise is broken."""
    refused = 0
    for number in range(count):
        grower = Grower(seed * 1_000_003 + number)
        text = grower.grow(grower.chance.randrange(1, 5))
        try:
            agree(text)
            agree_on_tests(grower.pick(text, f"{text}, {grower.grow(1)}", f"not({text})", f"> {grower.leaf()}", "-"))
            refused += withstand(grower.mutated(text))
        except Exception as error:
            error.add_note(f"seed {seed}, round {number}: {text}")
            raise
    return {"expressions": count, "mutated": count, "refused": refused}


def run(seconds: float, seed: int) -> str:
    """Walk for about so many seconds; what was walked through, in one line."""
    end = time.monotonic() + seconds
    rounds = refused = 0
    while time.monotonic() < end:
        found = walk(200, seed + rounds)
        rounds += found["expressions"]
        refused += found["refused"]
    return f"{rounds} expressions compiled and interpreted alike, {rounds} mutated texts, {refused} of them refused"

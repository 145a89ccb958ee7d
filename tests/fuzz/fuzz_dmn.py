"""Walks through decision tables at random: tables agree with an oracle, proofs with every input, mutants never crash.

`run` is what `make fuzz` calls; `walk` does an exact number of rounds, as the tests do.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from typing import Any

from lxml import etree

from engine.dmn import DmnError, Model, read_model
from engine.dmn.analyse import Proof, prove, prove_all
from engine.feel import Environment

_HEAD = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="walk" namespace="urn:walk">'
_POLICIES = {
    "UNIQUE": "U",
    "ANY": "A",
    "PRIORITY": "P",
    "FIRST": "F",
    "RULE ORDER": "R",
    "OUTPUT ORDER": "O",
    "COLLECT": "C",
}
_RESULTS = ("a", "b", "c")


@dataclass(frozen=True)
class Cell:
    """A cell as written, and what it should say of a value, worked out without FEEL."""

    text: str
    takes: Callable[[Any], bool]


@dataclass(frozen=True)
class Kind:
    """A kind of column: its type, its constants, and every value that could matter, null included."""

    type_ref: str
    values: str
    constants: Sequence[Any]
    grid: Sequence[Any]
    ordered: bool


def _dates(*days: int) -> list[str]:
    return [(date(2026, 1, 1) + timedelta(day)).isoformat() for day in days]


KINDS = (
    Kind("boolean", "", (True, False), (True, False, None), False),
    Kind("string", '"s20", "ico", "co"', ("s20", "ico", "co"), ("s20", "ico", "co", None), False),
    Kind("string", "", ("s20", "ico"), ("s20", "ico", "neither", "", None), False),
    Kind("number", "", (0, 16, 18), (-1, 0, 7.5, 16, 17, 18, 18.0001, None), True),
    Kind("integer", "", (16, 17, 18), (15, 16, 17, 18, 19, None), True),
    Kind("date", "", _dates(0, 1, 10), (*_dates(-1, 0, 1, 2, 9, 10, 11), None), True),
)


def written(value: Any) -> str:
    """Return a constant as FEEL."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'@"{value}"' if value.startswith("202") else f'"{value}"'
    return str(value)


@dataclass(frozen=True)
class Table:
    """A table as generated: what is written, and what it should do."""

    kinds: tuple[Kind, ...]
    rows: tuple[tuple[Cell, ...], ...]
    results: tuple[str, ...]
    policy: str
    default: str | None

    def xml(self) -> bytes:
        """Return the decision file."""
        columns = "".join(
            f'<input><inputExpression typeRef="{kind.type_ref}"><text>x{at}</text></inputExpression>'
            + (f"<inputValues><text>{escape(kind.values, quote=False)}</text></inputValues>" if kind.values else "")
            + "</input>"
            for at, kind in enumerate(self.kinds)
        )
        default = f'<defaultOutputEntry><text>"{self.default}"</text></defaultOutputEntry>' if self.default else ""
        output = f'<output typeRef="string"><outputValues><text>"b", "a", "c"</text></outputValues>{default}</output>'
        rules = "".join(
            "<rule>"
            + "".join(f"<inputEntry><text>{escape(cell.text, quote=False)}</text></inputEntry>" for cell in row)
            + f'<outputEntry><text>"{result}"</text></outputEntry></rule>'
            for row, result in zip(self.rows, self.results, strict=True)
        )
        body = f'<decisionTable id="t" hitPolicy="{self.policy}">{columns}{output}{rules}</decisionTable>'
        return f'{_HEAD}<decision id="d" name="d">{body}</decision></definitions>'.encode()

    def hits(self, values: Sequence[Any]) -> list[int]:
        """Return the rows that take the values, from 1."""
        return [
            at
            for at, row in enumerate(self.rows, 1)
            if all(cell.takes(value) for cell, value in zip(row, values, strict=True))
        ]

    def expected(self, hits: Sequence[int]) -> Any:
        """Return what the hit policy makes of the hits."""
        results = [self.results[hit - 1] for hit in hits]
        ranked = sorted(results, key="bac".index)
        if self.policy in ("RULE ORDER", "COLLECT", "OUTPUT ORDER"):
            if not hits and self.default:
                return [self.default]
            return ranked if self.policy == "OUTPUT ORDER" else results
        if not hits:
            return self.default
        if self.policy == "UNIQUE":
            return results[0] if len(results) == 1 else None
        if self.policy == "ANY":
            return results[0] if len(set(results)) == 1 else None
        return ranked[0] if self.policy == "PRIORITY" else results[0]


class Grower:
    """Grows tables from a seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def table(self) -> Table:
        """Return a table of up to three inputs and six rules."""
        kinds = tuple(self.chance.choice(KINDS) for _ in range(self.chance.randint(1, 3)))
        count = self.chance.randint(0, 6)
        return Table(
            kinds,
            tuple(tuple(self.cell(kind) for kind in kinds) for _ in range(count)),
            tuple(self.chance.choice(_RESULTS) for _ in range(count)),
            self.chance.choice(tuple(_POLICIES)),
            self.chance.choice((None, None, None, "c")),
        )

    def cell(self, kind: Kind) -> Cell:
        """Return a cell for a column."""
        one, other = self.chance.choice(kind.constants), self.chance.choice(kind.constants)
        low, high = sorted((one, other))
        first, second = written(low), written(high)
        cells = [
            Cell("-", lambda value: True),
            Cell("null", lambda value: value is None),
            Cell("not(null)", lambda value: value is not None),
            Cell(written(one), lambda value: value == one),
            Cell(f"{first}, {second}", lambda value: value in (low, high)),
            Cell(f"not({first}, {second})", lambda value: value not in (low, high)),
            Cell(f"{first}, null", lambda value: value in (low, None)),
            Cell(f"? != {first}", lambda value: value != low),
        ]
        if kind.ordered:
            cells += [
                Cell(f"< {first}", lambda value: value is not None and value < low),
                Cell(f">= {first}", lambda value: value is not None and value >= low),
                Cell(f"[{first}..{second}]", lambda value: value is not None and low <= value <= high),
                Cell(f"({first}..{second})", lambda value: value is not None and low < value < high),
                Cell(f"not(> {first})", lambda value: value is not None and value <= low),
                Cell(f"? < {first} or ? > {second}", lambda value: value is not None and (value < low or value > high)),
                Cell(f"? between {first} and {second}", lambda value: value is not None and low <= value <= high),
            ]
        return self.chance.choice(cells)


def check_table(table: Table, chance: random.Random) -> Proof:
    """Raise AssertionError where the table, or its proof, says other than every input of the grid does.

    The oracle looks at the whole grid; the table is asked for a part of it.
    """
    model = read_model(table.xml(), "walk.dmn")
    assert () == model.errors, model.errors
    proof = prove(model, "d")
    assert proof.undecided_reason is None, proof.undecided_reason
    deciding: set[int] = set()
    shared: set[tuple[int, int]] = set()
    empty = False
    grid = list(itertools.product(*(kind.grid for kind in table.kinds)))
    asked = set(chance.sample(range(len(grid)), min(len(grid), 60)))
    for at, values in enumerate(grid):
        hits = table.hits(values)
        empty = empty or not hits
        deciding.update(_deciding(table, hits))
        shared.update(itertools.combinations(hits, 2))
        if at not in asked:
            continue
        outcome = model.evaluate("d", {f"x{column}": value for column, value in enumerate(values)})
        recorded = hits[:1] if table.policy == "FIRST" else hits
        assert recorded == [rule.row for rule in outcome.rules], (table.xml(), values, hits, outcome)
        assert table.expected(hits) == outcome.value, (table.xml(), values, hits, outcome)
    _check_proof(table, model, proof, empty=empty, deciding=deciding, shared=shared)
    return proof


def _deciding(table: Table, hits: Sequence[int]) -> Sequence[int]:
    if table.policy == "FIRST":
        return hits[:1]
    if table.policy == "PRIORITY":
        best = min(("bac".index(table.results[hit - 1]) for hit in hits), default=None)
        return [hit for hit in hits if "bac".index(table.results[hit - 1]) == best]
    return hits


def _check_proof(
    table: Table,
    model: Model,
    proof: Proof,
    *,
    empty: bool,
    deciding: set[int],
    shared: set[tuple[int, int]],
) -> None:
    where = table.xml(), proof
    assert proof.complete is not (empty and not table.default), where
    for gap in proof.gaps:
        assert () == model.evaluate("d", gap.example).rules, (where, gap)
    forbidden = {
        (one, other)
        for one, other in shared
        if table.policy == "UNIQUE" or (table.policy == "ANY" and table.results[one - 1] != table.results[other - 1])
    }
    assert forbidden == {overlap.rules for overlap in proof.overlaps}, (where, forbidden)
    for overlap in proof.overlaps:
        assert set(overlap.rules) <= {rule.row for rule in model.evaluate("d", overlap.example).rules}, (where, overlap)
    dead = set(range(1, len(table.rows) + 1)) - deciding
    assert dead == {rule.rule for rule in proof.unreachable}, (where, dead)
    for rule in proof.unreachable:
        if rule.example is not None:
            met = {matched.row for matched in model.evaluate("d", rule.example).rules}
            # Under FIRST the table is read no further than the rule that decides instead.
            assert met & set(rule.by) and (rule.rule in met) is not (table.policy == "FIRST"), (where, rule)


_BOXES = (
    '<inputData id="i" name="i"><variable name="i" typeRef="tI"/></inputData><itemDefinition name="tI"><typeRef>number'
    "</typeRef><allowedValues><text>[0..9]</text></allowedValues></itemDefinition>"
    '<businessKnowledgeModel id="k" name="k"><encapsulatedLogic><formalParameter name="n"/><conditional><if>'
    "<literalExpression><text>n > 1</text></literalExpression></if><then><literalExpression><text>n * k(n - 1)</text>"
    "</literalExpression></then><else><literalExpression><text>1</text></literalExpression></else></conditional>"
    '</encapsulatedLogic></businessKnowledgeModel><decisionService id="s" name="s"><outputDecision href="#d"/>'
    '<inputData href="#i"/></decisionService><decision id="d" name="d"><informationRequirement>'
    '<requiredInput href="#i"/></informationRequirement><knowledgeRequirement><requiredKnowledge href="#k"/>'
    "</knowledgeRequirement><context>"
    '<contextEntry><variable name="a"/><invocation><literalExpression><text>k</text></literalExpression><binding>'
    '<parameter name="n"/><literalExpression><text>i</text></literalExpression></binding></invocation></contextEntry>'
    '<contextEntry><variable name="b"/><for iteratorVariable="x"><in><list><literalExpression><text>a</text>'
    "</literalExpression></list></in><return><literalExpression><text>x + count(partial)</text></literalExpression>"
    '</return></for></contextEntry><contextEntry><filter><in><relation><column name="c"/><row><literalExpression><text>'
    "1</text></literalExpression></row></relation></in><match><literalExpression><text>c = 1</text></literalExpression>"
    "</match></filter></contextEntry></context></decision>"
)
_PARTS = (
    b"<", b">", b'"', b"&lt;", b"#d", b"#k", b"text", b"decision", b"..", b"not(", b"?", b"- ", b"null", b"\x00",
    b"\xff", b"COLLECT", b"typeRef", b"<!DOCTYPE a>", b"tI", b"name", b"&#1;", b"&x;", b"]", b" for x in ", b"d", b"k",
)  # fmt: skip


def mutate(content: bytes, chance: random.Random) -> bytes:
    """Return the file with some of its bytes or some of its elements changed."""
    return _mutate_bytes(content, chance) if chance.random() < 0.3 else _mutate_elements(content, chance)


_TEXTS = (
    "-", "", "null", "not(", "< 3", "? > x1", "d()", "k(k)", "s(i: 1)", "[1..", "for x in 1..9 return x", "{a: i}", "d",
    "i", "x0.x1", '"s20", "ico"', "not(null)", "today()", "[1, [2]]", "1 / 0", "tI", "#d", "#k", "every", "string",
    "date", "tLoop", "COLLECT", "PRIORITY", "SUM", "true",
)  # fmt: skip


def _mutate_elements(content: bytes, chance: random.Random) -> bytes:
    """Remove, copy, swap and rewrite elements, so that the file stays XML."""
    root = etree.fromstring(content)
    for _ in range(chance.randint(1, 5)):
        elements = [element for element in root.iter() if element is not root]
        if not elements:
            break
        one, other = chance.choice(elements), chance.choice(elements)
        parent = one.getparent()
        assert parent is not None
        change = chance.randrange(5)
        if change == 0:
            parent.remove(one)
        elif change == 1 and one not in other.iter() and other not in one.iter():
            other.append(deepcopy(one))
        elif change == 2:
            one.text, other.text = other.text, one.text
        elif change == 3 and one.attrib:
            one.set(chance.choice(sorted(one.attrib)), chance.choice(_TEXTS))
        else:
            one.text = chance.choice(_TEXTS)
    return etree.tostring(root)


def _mutate_bytes(content: bytes, chance: random.Random) -> bytes:
    """Cut, double or put in a few bytes."""
    for _ in range(chance.randint(1, 4)):
        at, length = chance.randrange(len(content)), chance.randrange(1, 30)
        part = content[at : at + length]
        other = chance.randrange(len(content))
        change = chance.randrange(4)
        if change == 0:
            content = content[:at] + content[at + length :]
        elif change == 1:
            content = content[:other] + part + content[other:]
        else:
            put = chance.choice(_PARTS)
            content = content[:at] + put + content[at + (len(put) if change == 3 else 0) :]
        content = content or b"<"
    return content


def check_mutant(content: bytes) -> bool:
    """Read, ask and prove what may be no decision file; return whether it was read. Only DmnError is expected."""
    try:
        model = read_model(content, "mutant.dmn")
    except DmnError:
        return False
    for decision in model.decisions:
        model.evaluate(decision.id, {"i": 3, "x0": True, "x1": 17, "x2": None}, Environment())
    for service in model.services:
        model.evaluate_service(service.id, {"i": 3})
    for knowledge in model.knowledge:
        model.invoke(knowledge.id, {"n": 3})
    prove_all(model, fuel=5_000)
    list(map(str, model.findings))
    return True


def walk(count: int, seed: int = 0) -> dict[str, int]:
    """Walk through so many tables and as many mutants; return what was seen. Raises when a promise is broken."""
    found = {"tables": 0, "complete": 0, "mutants": 0, "read": 0}
    for round_ in range(count):
        grower = Grower(seed * 1_000_003 + round_)
        table = grower.table()
        found["tables"] += 1
        found["complete"] += check_table(table, grower.chance).complete is True
        file = table.xml() if round_ % 2 else f"{_HEAD}{_BOXES}</definitions>".encode()
        found["mutants"] += 1
        found["read"] += check_mutant(mutate(file, grower.chance))
    return found


def run(seconds: float, seed: int) -> str:
    """Walk for about so many seconds; what was walked through, in one line."""
    end = time.monotonic() + seconds
    rounds = read = complete = 0
    while time.monotonic() < end:
        found = walk(50, seed + rounds)
        rounds += found["tables"]
        read += found["read"]
        complete += found["complete"]
    return f"{rounds} tables decided and proved as every input says, {complete} complete; {rounds} mutants, {read} read"

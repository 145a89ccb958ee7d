"""What rules make of variables: an expression, or the rows of a table that values leave.

Two values of which every rule that is still to come makes the same are the same to the walk. A name that is read is
written `hold_review` for the whole of a variable, `hold_review.quorate` for an entry, `hold_review.#3` for what rule 3
makes of it alone, and `hold_review.~4` where rule 4 reads it beside others (tests.walks.joint).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from engine.execution.formulas import EXTENSIONS
from engine.feel import Environment, Expression, NotConvertible, compile_expression, nodes, to_json
from tests.walks.trees import PARTS, entry_of, free, parts_of, print_once, pure, with_source

#: How a probe, and a rule that reads several variables, stand among the entries of a variable.
MARK, BESIDE = "#", "~"
#: Rules that are handed over under other names are read through until they are this long.
LONGEST = 500


@dataclass(frozen=True)
class Column:
    """One column of a table: what is worked out for it, and which rows each value meets.

    given     what is made of the variable before the column reads it
    asked     the column's own expression, over `name`
    """

    given: Expression
    name: str
    asked: Expression
    cells: tuple[Any, ...]

    def rows(self, value: Any, environment: Environment) -> int:
        """The rows that a value of `given` meets, one bit each."""
        seen = self.asked.value({self.name: value}, environment)
        return sum(1 << row for row, cell in enumerate(self.cells) if cell.matches(seen) is True)


@dataclass(frozen=True, eq=False)
class Probe:
    """What is made of one variable.

    name      what the variable is called in its expressions
    entries   what is read of it; None where the whole
    rule      an expression, or the columns of a table
    """

    number: int
    name: str
    entries: frozenset[str] | None
    rule: Expression | tuple[Column, ...]

    def of(self, value: Any, environment: Environment) -> Any:
        """What the rule makes of a value: JSON, or the rows that it leaves."""
        known = {self.name: value}
        if isinstance(self.rule, Expression):
            return _json(self.rule.value(known, environment))
        rows = -1
        for column in self.rule:
            rows &= column.rows(column.given.value(known, environment), environment)
        return rows


@dataclass(frozen=True, eq=False)
class Joint:
    """A rule that reads several variables: an expression, or a table (tests.walks.joint).

    split  what it reads of each alone
    """

    number: int
    heads: frozenset[str]
    rule: Any
    split: frozenset[str]


class Probes:
    """Every probe of an authority's releases, each once, with what it made of values."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self._known: dict[Any, Probe] = {}
        self._all: list[Probe] = []
        self._made: dict[tuple[Any, ...], Any] = {}
        self._names: dict[tuple[str, frozenset[str]], frozenset[str]] = {}
        self._carried: dict[tuple[str, str], frozenset[str]] = {}
        self._joints: dict[Any, Joint] = {}
        self.joints: list[Joint] = []

    def __getitem__(self, entry: str) -> Probe:
        return self._all[int(entry[1:])]

    def of(self, entry: str, value: Any) -> Any:
        """What the probe of that name makes of a value; worked out once."""
        probe = self[entry]
        if probe.entries is not None and isinstance(value, Mapping):
            value = {name: value.get(name) for name in sorted(probe.entries)}
        asked = (probe.number, repr(value))
        if asked not in self._made:
            self._made[asked] = probe.of(value, self.environment)
        return self._made[asked]

    def together(self, joint: Joint, values: Mapping[str, Any]) -> Any:
        """What an expression makes of several variables; worked out once."""
        asked = (joint.number, repr(_read_of(joint.rule, values)), "together")
        if asked not in self._made:
            self._made[asked] = _json(joint.rule.value(values, self.environment))
        return self._made[asked]

    def rows(self, column: Column, values: Mapping[str, Any]) -> int:
        """The rows that a column leaves for several variables; worked out once."""
        asked = (id(column), repr(_read_of(column.given, values)), "rows")
        if asked not in self._made:
            self._made[asked] = column.rows(column.given.value(values, self.environment), self.environment)
        found: int = self._made[asked]
        return found

    def names(self, expression: Expression) -> frozenset[str]:
        """What an expression reads: probes where a part of it reads one variable alone, else entries, else wholes."""
        key = (expression.text, expression.names)
        if key not in self._names:
            self._names[key] = frozenset(self._in(expression.tree, expression.names))
        return self._names[key]

    def there(self, expression: Expression) -> frozenset[str]:
        """What is read where it only matters whether an expression gives anything."""
        return self.names(compiled(f"({expression.text}) != null"))

    def columns(self, heads: Mapping[str, list[Column]]) -> Iterator[str]:
        """The names of probes of some columns of one table, per variable."""
        for head, columns in sorted(heads.items()):
            key = (head, tuple((column.given.text, column.asked.text, column.cells) for column in columns))
            reads = [entries_of(column.given.tree, head) for column in columns]
            whole = any(each is None for each in reads)
            entries = None if whole else frozenset().union(*(each for each in reads if each is not None))
            yield f"{head}.{MARK}{self._probe(key, head, entries, tuple(columns)).number}"

    def joint(self, key: Any, heads: frozenset[str], rule: Any, split: frozenset[str]) -> frozenset[str]:
        """The names of a rule that reads several variables.

        split  what it reads of each of them alone, for where the others are not known
        """
        if key not in self._joints:
            self._joints[key] = Joint(len(self.joints), heads, rule, split)
            self.joints.append(self._joints[key])
        return frozenset(f"{head}.{BESIDE}{self._joints[key].number}" for head in heads)

    def split(self, name: str) -> frozenset[str]:
        """A name of a rule that reads several variables, as what it reads of this one alone."""
        head, _, entry = name.partition(".")
        joint = self.joints[int(entry[1:])]
        if head in joint.heads:
            return frozenset(each for each in joint.split if each.split(".")[0] == head)
        # Handed over under another name: it may be any of them.
        return frozenset(head + each[len(each.split(".")[0]) :] for each in joint.split if each[:5] != "case.")

    def carried(self, name: str, source: Expression) -> frozenset[str]:
        """What a name reads where its variable is handed over: in what stands around, as the mapping reads it."""
        if (source.text, name) not in self._carried:
            self._carried[source.text, name] = frozenset(self._carry(name, source))
        return self._carried[source.text, name]

    def _carry(self, name: str, source: Expression) -> Iterator[str]:
        head, _, entry = name.partition(".")
        if isinstance(source.tree, nodes.Name) and (entry[:1] != BESIDE or source.tree.name == head):
            yield source.tree.name + name[len(head) :]
        elif not entry or head in source.names:
            # What is made of itself, in a process that calls itself, would grow for ever.
            yield from self.names(source)
        elif entry[:1] == BESIDE:
            yield from self._carry_joint(name, source)
        elif entry[:1] != MARK:
            yield from self.names(_written(entry_of(source.tree, entry)))
        elif isinstance(rule := self[entry].rule, Expression):
            made = with_source(rule.tree, self[entry].name, source.tree)
            yield from self.names(_written(made) if len(print_once(made)) < LONGEST else source)
        elif any(len(column.given.text) > LONGEST for column in rule):
            yield from self.names(source)
        else:
            heads: dict[str, list[Column]] = defaultdict(list)
            for column in rule:
                given = _written(with_source(column.given.tree, self[entry].name, source.tree))
                if len(given.names) == 1 and pure(given.tree):
                    heads[next(iter(given.names))].append(replace(column, given=given))
                else:
                    yield from self.names(given)
            yield from self.columns(heads)

    def _carry_joint(self, name: str, source: Expression) -> Iterator[str]:
        """A rule that reads several variables, where one is handed over: what it reads of that one and of the facts."""
        head, _, entry = name.partition(".")
        joint = self.joints[int(entry[1:])]
        known = {head, "case"}
        if head not in joint.heads or not isinstance(source.tree, nodes.Name):
            for each in self.split(name):
                yield from self.carried(each, source)
        elif isinstance(joint.rule, Expression):
            if joint.heads <= known:
                yield from self.names(_written(with_source(joint.rule.tree, head, source.tree)))
            else:
                for each in self.split(name):
                    yield from self.carried(each, source)
        else:
            columns: list[Column | None] = []
            split: set[str] = set()
            for column in joint.rule.columns:
                reads = column.given.names if column is not None else frozenset()
                if column is None or not reads <= known:
                    columns.append(None)
                    if head in reads:
                        split |= self._alone(column.given, head)
                    continue
                given = _written(with_source(column.given.tree, head, source.tree))
                columns.append(replace(column, given=given))
                split |= self._alone(column.given, head)
            now = frozenset().union(*(self.carried(each, source) for each in split))
            now |= frozenset().union(*(self._alone(column.given, "case") for column in columns if column is not None))
            heads = frozenset().union(*(column.given.names for column in columns if column is not None))
            rule = replace(joint.rule, columns=tuple(columns))
            apart = frozenset(each for each in now if f".{BESIDE}" not in each)
            yield from self.joint(("table", rule), heads, rule, apart)
            # What hangs on others too is read of this one alone.
            for column, kept in zip(joint.rule.columns, columns, strict=True):
                if kept is None and column is not None and head in column.given.names:
                    for each in self._alone(column.given, head):
                        yield from self.carried(each, source)

    def _alone(self, given: Expression, head: str) -> frozenset[str]:
        """What an expression reads of one variable alone."""
        return frozenset(
            each for each in self._in(given.tree, given.names, together=False) if each.split(".")[0] == head
        )

    def _in(self, node: nodes.Node, known: frozenset[str], *, together: bool = True) -> Iterator[str]:
        heads = free(node, known)
        if not heads:
            return
        plain = isinstance(node, nodes.Name) or (isinstance(node, nodes.Path) and isinstance(node.operand, nodes.Name))
        if together and len(heads) > 1 and pure(node) and not plain:
            text = print_once(node)
            alone = frozenset(self._in(node, known, together=False))
            yield from self.joint(("rule", text, heads), heads, compiled(text), alone)
        elif isinstance(node, nodes.And | nodes.Or) and len(heads) > 1:
            for part in _gathered(node, known):
                yield from self._in(part, known, together=together)
        elif len(heads) == 1 and not plain and pure(node):
            (head,) = heads
            rule = compiled(print_once(node))
            probe = self._probe((head, rule.text), head, entries_of(node, head), rule)
            yield f"{head}.{MARK}{probe.number}"
        elif isinstance(node, nodes.Path) and isinstance(node.operand, nodes.Name):
            yield f"{node.operand.name}.{node.name}"
        elif isinstance(node, nodes.Name):
            yield node.name
        elif isinstance(node, PARTS):
            for part in parts_of(node):
                yield from self._in(part, known, together=together)
        else:
            yield from _plainly(node, heads)

    def _probe(self, key: Any, name: str, entries: frozenset[str] | None, rule: Any) -> Probe:
        if key not in self._known:
            self._known[key] = Probe(len(self._all), name, entries, rule)
            self._all.append(self._known[key])
        return self._known[key]


@cache
def compiled(text: str) -> Expression:
    """A part of an expression, on its own."""
    return compile_expression(text, extensions=EXTENSIONS)


def _written(node: nodes.Node) -> Expression:
    return compiled(print_once(node))


def entries_of(node: nodes.Node, head: str) -> frozenset[str] | None:
    """The entries of a variable that are read; None where the whole of it is. Whether there is any reads nothing."""
    found: set[str] = set()
    return frozenset(found) if _entries(node, head, found) else None


def _entries(node: nodes.Node, head: str, found: set[str]) -> bool:
    if isinstance(node, nodes.Path) and isinstance(node.operand, nodes.Name):
        if node.operand.name == head:
            found.add(node.name)
        return True
    if isinstance(node, nodes.Compare) and isinstance(node.right, nodes.Null) and isinstance(node.left, nodes.Name):
        return True
    if isinstance(node, nodes.Name):
        return node.name != head
    apart = [_entries(part, head, found) for part in parts_of(node)]
    return all(apart)


def _read_of(rule: Expression, values: Mapping[str, Any]) -> dict[str, Any]:
    """Of some variables, what an expression reads."""
    found: dict[str, Any] = {}
    for head, value in values.items():
        entries = _ENTRIES.get((rule.text, head), ...)
        if entries is ...:
            entries = _ENTRIES[rule.text, head] = entries_of(rule.tree, head)
        partly = entries is not None and isinstance(value, Mapping)
        found[head] = {name: value.get(name) for name in sorted(entries)} if partly else value
    return found


_ENTRIES: dict[tuple[str, str], Any] = {}


def _plainly(node: nodes.Node, heads: Iterable[str]) -> Iterator[str]:
    if isinstance(node, nodes.Path) and isinstance(node.operand, nodes.Name):
        if node.operand.name in heads:
            yield f"{node.operand.name}.{node.name}"
    elif isinstance(node, nodes.Name):
        if node.name in heads:
            yield node.name
    else:
        for part in parts_of(node):
            yield from _plainly(part, heads)


def _json(value: Any) -> Any:
    try:
        return to_json(value)
    except NotConvertible:
        return repr(value)


def _gathered(node: nodes.And | nodes.Or, known: frozenset[str]) -> Iterator[nodes.Node]:
    """The operands of and, or: those that read one variable alone as one, since their order does not matter."""
    alone: dict[str, list[nodes.Node]] = defaultdict(list)
    for operand in node.operands:
        heads = free(operand, known)
        if len(heads) == 1 and pure(operand):
            alone[next(iter(heads))].append(operand)
        else:
            yield operand
    for operands in alone.values():
        yield type(node)(tuple(operands)) if len(operands) > 1 else operands[0]

"""A decision table weighed on a case that is not fully known: every cell met, unmet or unknown, row by row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any, Final, Literal

from engine.case.facts import DERIVED, FACTS, LEGAL_STATUSES, PLACEMENTS
from engine.casework.knowing import received
from engine.dmn import Model
from engine.dmn.columns import Cell, Column
from engine.dmn.model import Rule
from engine.dmn.tables import Table
from engine.feel import Environment, to_feel, to_json
from engine.history import JSON

State = Literal["met", "unmet", "unknown"]

#: Unknown facts of one column are tried together up to so many combinations; beyond that each is tried alone.
MOST_TRIES = 64
#: A fact that is not recorded, and the one whose 'no' answers it where a rule reads it so: the plan is made where the
#: child lives. A rule that wants it asked all the same reads what is not recorded otherwise than 'no'.
ANSWERED_BY: Mapping[str, str] = {"living_outside_area": "moved_out_of_area"}
_FACT = re.compile(r"\bcase\.([a-z][a-z0-9_]*)")
_LABEL = re.compile(r"\[(policy|reading|product)\]\s*")
_CLAUSE = re.compile(r"\b[A-Z]{3}-[A-Za-z0-9.]*[A-Za-z0-9]\b")
_LEADING = re.compile(rf"^(?:(?:{_CLAUSE.pattern})[\s,]*)*:?\s*")
_CLEARED = re.compile(r"[;.]?\s*cleared by ([a-z][a-z0-9_, ]*)\.?\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Note:
    """What stands beside a row: '[policy] CAM-2.1a: in our words; cleared by iro, social_worker', any part of it.

    labels  the clauses that stand behind a later label than the first, each with that one
    """

    words: str = ""
    clauses: tuple[str, ...] = ()
    label: str = ""
    clears: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()


def note_of(rule: Rule) -> Note:
    """Read a row's description and annotations; a column called 'cleared by' names the roles by itself."""
    clears = [text for name, text in rule.annotations.items() if name.strip().lower() == "cleared by"]
    texts = [text for name, text in rule.annotations.items() if name.strip().lower() != "cleared by"]
    return _read(" ".join([rule.description or "", *texts]), clears)


def _read(written: str, clears: list[str]) -> Note:
    whole = " ".join(written.split())
    _, *labelled = _LABEL.split(whole)
    label = labelled[0] if labelled else ""
    parts = zip(labelled[::2], labelled[1::2], strict=True)
    labels = tuple((clause, other) for other, part in parts if other != label for clause in _CLAUSE.findall(part))
    whole = _LABEL.sub("", whole)
    cleared = _CLEARED.search(whole)
    if cleared is not None:
        clears.append(cleared[1])
        whole = whole[: cleared.start()]
    roles = tuple(dict.fromkeys(re.findall(r"[a-z][a-z0-9_]+", " ".join(clears))))
    clauses = tuple(dict.fromkeys(_CLAUSE.findall(whole)))
    return Note(_LEADING.sub("", whole).strip(" ;"), clauses, label, roles, labels)


def _closer(row: Note, column: Note) -> Note:
    """What a row says of one of its cells: of the clauses of the cell's column those that the row carries out too."""
    clauses = tuple(clause for clause in column.clauses if clause in row.clauses) or column.clauses or row.clauses
    labels = {dict(row.labels).get(clause, row.label) for clause in clauses} if column.clauses else {row.label}
    label = labels.pop() if len(labels) == 1 else row.label
    return Note(column.words or row.words, clauses, column.label or label, row.clears or column.clears)


@dataclass(frozen=True, slots=True)
class Weighed:
    """One closed cell: its column's title, its tests as written, what stands there now, and how that compares.

    facts   the case's facts that decide it; names  what else it reads: answers of tasks, results of decisions
    waits   whether some of those names hold nothing yet
    note    what its row says of it, more closely where its column says something itself
    """

    column: int
    title: str
    wanted: str
    value: JSON
    state: State
    facts: tuple[str, ...]
    names: tuple[str, ...]
    waits: bool
    note: Note
    cell: Cell
    #: The days on which the messages came that it speaks of.
    received: tuple[str, ...] = ()
    #: Facts that are not recorded and that the rule takes from another.
    taken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its closed cells, whether it applies as far as is known, its note, and its constant results."""

    number: int
    cells: tuple[Weighed, ...]
    state: State
    note: Note
    gives: Mapping[str, Any]


#: Where a name that the guard reads comes from: the text that works it out, and the names that text reads.
Source = tuple[str, frozenset[str]]


class Scales:
    """Weighs the tables of one decision model on one case.

    given    the context of the decision with these facts of the case put in the place of unknown ones
    sources  where the names come from that the caller works out
    known    what the other names hold now; a name that is missing or null holds nothing yet
    came     the days on which came in the valid messages that are held under a name
    """

    def __init__(
        self,
        model: Model,
        decision: str,
        facts: Mapping[str, JSON],
        given: Callable[[Mapping[str, JSON]], Mapping[str, Any]],
        environment: Environment,
        *,
        sources: Mapping[str, Source],
        known: Mapping[str, JSON],
        came: Mapping[str, tuple[str, ...]],
    ) -> None:
        self._model, self._decision, self._facts, self._given = model, decision, facts, given
        self._environment, self._sources, self._known, self._came = environment, sources, known, came
        self._required = {name for each in model.decisions for name in (each.name, each.variable)}
        self._asked: dict[str, Mapping[str, Mapping[str, Any]]] = {}
        outcome = model.evaluate(decision, given({}), environment)
        self.result: JSON = to_json(outcome.value)
        self._asked[repr(())] = outcome.inputs

    def rows(self, table: Table) -> Iterator[Row]:
        """Every row of a table as it stands on this case."""
        for at, rule in enumerate(table.facts.rules):
            note = note_of(rule)
            cells = tuple(
                self._weigh(table, column, position, column.cells[at], note)
                for position, column in enumerate(table.columns)
                if not column.cells[at].open
            )
            states = {cell.state for cell in cells}
            state: State = "unmet" if "unmet" in states else "unknown" if "unknown" in states else "met"
            gives = {
                output.name: entry.value
                for output, entry in zip(table.outputs, table.entries[at], strict=True)
                if entry.constant
            }
            yield Row(rule.row, cells, state, note, gives)

    def table(self, decision: str) -> Table | None:
        """The outermost table of a decision, None where it is decided otherwise."""
        found = self._model.tables(decision)
        return found[0] if found else None

    def requires(self, column: Column) -> str | None:
        """The decision whose result a column is, None for any other column."""
        path = column.path
        return path[0] if path is not None and len(path) == 1 and path[0] in self._required else None

    def _weigh(self, table: Table, column: Column, position: int, cell: Cell, row: Note) -> Weighed:
        facts, names = self._reads(column)
        value = self._value(table, column, ())
        waits = any(self._known.get(name) is None for name in names)
        answers = {self._matches(cell, value)}
        missing = [name for name in facts if self._facts.get(name) is None]
        if answers == {True}:
            missing = [name for name in missing if not self._provided(column, name)]
        taken = tuple(name for name in missing if self._answered(table, column, name, value))
        missing = [name for name in missing if name not in taken]
        answers.update(self._matches(cell, self._value(table, column, change)) for change in self._changes(missing))
        state: State = "unknown" if len(answers) > 1 else "met" if answers == {True} else "unmet"
        note = _closer(row, _read(column.clause.description or "", []))
        title, days = column.clause.title, received(names, self._came)
        # A message that came, or a fact that is so, stands against it whatever is still waited for.
        stands = days or any(self._facts.get(name) is True for name in facts)
        if state == "unmet" and to_json(value) is True and stands:
            waits = False
        return Weighed(position, title, cell.text, to_json(value), state, facts, names, waits, note, cell, days, taken)

    def _answered(self, table: Table, column: Column, fact: str, value: Any) -> bool:
        """Whether the rule reads a fact that is not recorded as 'no', and another fact on record says that 'no'."""
        other = ANSWERED_BY.get(fact)
        said = other is not None and self._facts.get(other) is False
        return said and bool(value == self._value(table, column, ((fact, False),)))

    def _provided(self, column: Column, fact: str) -> bool:
        """Whether a fact that only a pathway's own steps record is asked for in so many words as long as none has."""
        if fact in FACTS or fact in DERIVED:
            return False
        written = [column.clause.text, *(self._sources[name][0] for name in column.reads if name in self._sources)]
        return any(re.search(rf"\bcase\.{fact}\s*=\s*null\b", text) for text in written)

    def passes(self, weighed: Weighed, value: Any) -> bool:
        """Whether another value would meet a cell."""
        return self._matches(weighed.cell, value)

    def _matches(self, cell: Cell, value: Any) -> bool:
        if cell.tests is None:
            return False
        return cell.tests.matches(value, self._given({}), self._environment) is True

    def _value(self, table: Table, column: Column, change: tuple[tuple[str, Any], ...]) -> Any:
        inputs = self._asked.get(repr(change))
        if inputs is None:
            outcome = self._model.evaluate(self._decision, self._given(dict(change)), self._environment)
            inputs = self._asked[repr(change)] = outcome.inputs
        return to_feel(inputs.get(table.id, {}).get(column.clause.text))

    def _changes(self, missing: list[str]) -> Iterator[tuple[tuple[str, Any], ...]]:
        """What the unknown facts might turn out to be: together where that is few, else one at a time."""
        unborn = self._facts.get("unborn") is True
        values = [_BEFORE_BIRTH[name] if unborn and name in _BEFORE_BIRTH else _might_be(name) for name in missing]
        if not missing:
            return
        if prod(map(len, values)) <= MOST_TRIES:
            yield from (tuple(zip(missing, chosen, strict=True)) for chosen in product(*values))
            return
        yield from (((name, value),) for name, options in zip(missing, values, strict=True) for value in options)

    def _reads(self, column: Column) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The facts of the case and the other names behind a column, those of what its caller works out included."""
        facts, names = set(_FACT.findall(column.clause.text)), set[str]()
        for name in column.reads - {"case", "parameters"}:
            source = self._sources.get(name)
            if source is None:
                names |= set() if name in self._required else {name}
                continue
            facts.update(_FACT.findall(source[0]))
            names |= source[1] - {"case", "parameters"}
        return tuple(sorted(facts)), tuple(sorted(names))


#: What these can only be as long as a child is not born (engine.case.clashes holds that against the record, too).
_BEFORE_BIRTH: Final[Mapping[str, tuple[JSON, ...]]] = {"turned_18": (False,), "age": (0,)}


def _might_be(fact: str) -> tuple[JSON, ...]:
    """Values that a fact could turn out to have: every one of a short list, else one of each kind that matters."""
    if fact == "legal_status":
        return LEGAL_STATUSES
    if fact == "placement":
        return PLACEMENTS
    if fact == "age":
        return (0, 17, 18)
    kind = FACTS.get(fact)
    if kind is None:
        # Steps of a pathway record facts of their own, whose kind stands nowhere.
        return (True, False, 0, 100, "1990-01-01", "2090-01-01", ["x"])
    if kind.holds(True):
        return (True, False)
    if kind.holds(0):
        return (0, 1, 100)
    if kind.holds([]):
        return ([], ["x"])
    return ("1990-01-01", "2090-01-01") if kind.holds("2000-01-01") and not kind.holds("x") else ("x", "")

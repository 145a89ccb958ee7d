"""One evaluation of a decision under way: what was given, what is known, which rules matched, what there was to say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field
from types import MappingProxyType
from typing import Any, NamedTuple

from engine.dmn.errors import Place
from engine.feel.evaluation import Environment, Evaluation
from engine.feel.values import Value
from engine.frozen import frozen

#: How many tables and remarks one evaluation keeps; a loop over a table stops being recorded after that.
KEPT = 1_000


@frozen
class Remark:
    """One reason why a value is null, or not what it seems, and where in the decision file it happened.

    kind      as in engine.feel.Diagnostic, or 'no rule', 'several rules', 'different results', 'input value',
              'output value', 'external function', 'no logic'
    message   names and kinds only, never values
    position  0-based character in the FEEL text of the place, 0 where there is none
    """

    kind: str
    message: str
    place: Place
    position: int = 0

    @property
    def decision(self) -> str | None:
        """Return the name of the decision, knowledge model or service."""
        return self.place.element

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


@frozen
class MatchedRule:
    """A rule that matched: the element that holds the table, the table's id, the row from 1, and its annotations."""

    decision: str
    table: str
    row: int
    rule_id: str | None
    annotations: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class TableRecord(NamedTuple):
    """One evaluation of one table: every input expression with its value, and the rules that matched them."""

    decision: str
    table: str
    inputs: Mapping[str, Value]
    rules: tuple[MatchedRule, ...]


class DecisionOutcome(NamedTuple):
    """What a decision gave, from which rules on which values, and everything there was to say on the way.

    value        a FEEL value; None where it could not be decided, and then `diagnostics` says why
    tables       every table that was evaluated, in the order they finished
    diagnostics  empty when nothing was refused, converted or missing
    """

    value: Value
    tables: tuple[TableRecord, ...] = ()
    diagnostics: tuple[Remark, ...] = ()

    @property
    def rules(self) -> tuple[MatchedRule, ...]:
        """Return every rule that matched, of all tables."""
        return tuple(rule for table in self.tables for rule in table.rules)

    @property
    def inputs(self) -> Mapping[str, Mapping[str, Value]]:
        """Return per table id the value of each input expression; the last evaluation of a table counts."""
        return {table.table: table.inputs for table in self.tables}


class Run:
    """One evaluation; a decision service runs its decisions in a fork, with values of its own.

    given    what the caller handed in, by name
    ways     inputs of imported files, with the ways their names may be written: (import, ..., name)
    names    the inputs of the file that is asked, whose plain names are theirs alone
    values   what requirement nodes came to, by node
    """

    __slots__ = ("evaluation", "given", "names", "remarks", "tables", "values", "ways")

    def __init__(
        self,
        given: Mapping[str, Any],
        environment: Environment | None,
        ways: Mapping[Any, Sequence[Sequence[str]]] = MappingProxyType({}),
        names: Collection[str] = (),
    ) -> None:
        self.ways, self.names = ways, names
        self.evaluation = Evaluation(environment)
        self.given = given
        self.values: dict[Any, Value] = {}
        self.tables: list[TableRecord] = []
        self.remarks: list[Remark] = []

    def fork(self, values: Mapping[Any, Value], given: Mapping[str, Any]) -> Run:
        """Return a run that shares notes and fuel with this one, but knows only these values."""
        inner = Run.__new__(Run)
        inner.evaluation, inner.given, inner.tables, inner.remarks = self.evaluation, given, self.tables, self.remarks
        inner.ways, inner.names = self.ways, self.names
        inner.values = dict(values)
        return inner

    def remark(self, kind: str, message: str, place: Place, position: int = 0) -> None:
        """Keep one thing worth saying."""
        if len(self.remarks) < KEPT:
            self.remarks.append(Remark(kind, message, place, position))

    def collect(self, place: Place, since: int, *, but: Iterable[str] = ()) -> None:
        """Move the notes FEEL made since then here, with the place they belong to."""
        notes = self.evaluation.diagnostics
        for note in notes[since:]:
            if note.kind not in but:
                self.remark(note.kind, note.message, place, note.position)
        del notes[since:]

    def record(self, table: TableRecord) -> None:
        """Keep the record of one table."""
        if len(self.tables) < KEPT:
            self.tables.append(table)

    def outcome(self, value: Value) -> DecisionOutcome:
        """Return what came of the run."""
        return DecisionOutcome(value, tuple(self.tables), tuple(self.remarks))

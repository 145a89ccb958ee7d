"""Decision tables at run time: every column narrows a bit mask of rules, and the hit policy speaks last (DMN 1.5, 8).

The hits are always complete: several rules under UNIQUE, or none where one is needed, give null and a remark.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from engine.dmn.columns import Cell, Column
from engine.dmn.errors import Place
from engine.dmn.model import DecisionTable, OutputClause
from engine.dmn.run import MatchedRule, Run, TableRecord
from engine.dmn.texts import Step, fitted, nothing
from engine.feel import UnaryTests
from engine.feel.durations import DayTimeDuration, YearMonthDuration
from engine.feel.operators import add, less, same
from engine.feel.types import Type
from engine.feel.values import MISSING, Value

#: What has a sum.
_SUMMED = frozenset({Decimal, int, DayTimeDuration, YearMonthDuration})


@dataclass(frozen=True, slots=True)
class Entry:
    """One output cell: the step that gives its value, and that value where it is constant."""

    step: Step
    constant: bool = False
    value: Value = None


@dataclass(frozen=True, slots=True)
class Output:
    """One output column, compiled: which values it may have, in order of priority, and its default."""

    clause: OutputClause
    name: str
    kind: Type | None
    allowed: Cell | None
    ranking: tuple[UnaryTests, ...]
    default: Entry | None

    def rank(self, value: Value) -> int:
        """Return the place of a value in the column's order of priority; a value not named comes last."""
        for place, tests in enumerate(self.ranking):
            if tests.matches(value):
                return place
        return len(self.ranking)


class Table:
    """A decision table, compiled once."""

    def __init__(
        self,
        facts: DecisionTable,
        columns: Sequence[Column],
        outputs: Sequence[Output],
        entries: Sequence[Sequence[Entry]],
        place: Place,
    ) -> None:
        self.facts, self.place = facts, place
        self.columns, self.outputs, self.entries = tuple(columns), tuple(outputs), tuple(map(tuple, entries))
        self.element = place.element or ""
        self.id = facts.id or self.element
        self._everything = (1 << len(facts.rules)) - 1
        self._titles = tuple(column.clause.text for column in columns)
        self._matched = tuple(
            MatchedRule(self.element, self.id, rule.row, rule.id, MappingProxyType(dict(rule.annotations)))
            for rule in facts.rules
        )
        self._readable = all(column.readable for column in columns)
        self._decide = _POLICIES[facts.hit_policy]
        self._first_only = facts.hit_policy == "F"
        self._ready = [
            self._combined([entry.value for entry in row]) if all(entry.constant for entry in row) else MISSING
            for row in self.entries
        ]

    @property
    def has_default(self) -> bool:
        """Whether an output has a default, so that the table has a result where no rule matches."""
        return any(output.default is not None for output in self.outputs)

    def __call__(self, run: Run, scope: dict[str, Value]) -> Value:
        """Evaluate: give the result by the hit policy, and record inputs and matched rules."""
        rules = self._everything
        values = []
        sound = self._readable
        for column in self.columns:
            value = column.step(run, scope)
            if value is not None and type(value) is not column.native:
                value, fits = column.checked(run, value)
                sound = sound and fits
            values.append(value)
            find = column.finders.get(type(value))
            if find is not None and not column.varying:
                rules &= find(value)
            elif rules and sound:
                rules = column.narrow(run, scope, value, rules)
        hits = []
        if sound:
            while rules:
                bit = rules & -rules
                rules ^= bit
                hits.append(bit.bit_length() - 1)
        matched = self._matched
        if self._first_only:
            # Under FIRST (8.2.8) the table is read no further than the first rule that matches.
            del hits[1:]
        run.record(
            TableRecord(
                self.element,
                self.id,
                dict(zip(self._titles, values, strict=True)),
                tuple([matched[hit] for hit in hits]),
            )
        )
        return self._decide(self, run, scope, hits) if sound else None

    # --- outputs

    def result(self, run: Run, scope: dict[str, Value], rule: int) -> Value:
        """Return what one rule gives: a value, or a context of the named outputs."""
        ready = self._ready[rule]
        if ready is not MISSING:
            return dict(ready) if type(ready) is dict else ready
        return self._assembled(run, scope, self.entries[rule], f"row {rule + 1}")

    def default(self, run: Run, scope: dict[str, Value]) -> Value:
        """Return what the defaults give; an output without one is null."""
        absent = Entry(nothing)
        return self._assembled(run, scope, [output.default or absent for output in self.outputs], "default")

    def _assembled(self, run: Run, scope: dict[str, Value], entries: Sequence[Entry], where: str) -> Value:
        values = [
            entry.value if entry.constant else self._checked(run, output, entry.step(run, scope), where)
            for output, entry in zip(self.outputs, entries, strict=True)
        ]
        return self._combined(values)

    def _combined(self, values: Sequence[Value]) -> Value:
        if len(values) == 1:
            return values[0]
        return {output.name: value for output, value in zip(self.outputs, values, strict=True)}

    def _checked(self, run: Run, output: Output, value: Value, where: str) -> Value:
        place = self.place.within(where, f'column "{output.clause.title}"')
        if output.kind is not None:
            value = fitted(run, value, output.kind, place)
        allowed = output.allowed.tests if output.allowed is not None else None
        if value is None or allowed is None:
            return value
        if all(allowed.matches(item) for item in (value if type(value) is list else [value])):
            return value
        run.remark("output value", "The result is not one of the values of its column.", place)
        return None

    def ranks(self, value: Value) -> tuple[int, ...]:
        """Return how high a result stands by the output values of its columns, the highest being least."""
        if len(self.outputs) == 1:
            return (self.outputs[0].rank(value),)
        return tuple(output.rank(value[output.name]) for output in self.outputs if output.ranking)

    # --- hit policies: each takes the rules that matched, in the order of the table

    def _without_rule(self, run: Run, scope: dict[str, Value]) -> Value:
        if self.has_default:
            return self.default(run, scope)
        run.remark("no rule", "No rule matches and there is no default.", self.place)
        return None

    def _several(self, run: Run, hits: Sequence[int], kind: str, reason: str) -> Value:
        rows = ", ".join(str(hit + 1) for hit in hits)
        run.remark(kind, f"Rules {rows} all match{reason}.", self.place)

    def _unique(self, run: Run, scope: dict[str, Value], hits: Sequence[int]) -> Value:
        if len(hits) == 1:
            return self.result(run, scope, hits[0])
        if not hits:
            return self._without_rule(run, scope)
        return self._several(run, hits, "several rules", ", and hit policy UNIQUE allows one")

    def _any(self, run: Run, scope: dict[str, Value], hits: Sequence[int]) -> Value:
        if not hits:
            return self._without_rule(run, scope)
        results = [self.result(run, scope, hit) for hit in hits]
        if all(same(results[0], other) for other in results[1:]):
            return results[0]
        return self._several(run, hits, "several rules", " with different results, and hit policy ANY allows one")

    def _first(self, run: Run, scope: dict[str, Value], hits: Sequence[int]) -> Value:
        return self.result(run, scope, hits[0]) if hits else self._without_rule(run, scope)

    def _priority(self, run: Run, scope: dict[str, Value], hits: Sequence[int]) -> Value:
        if not hits:
            return self._without_rule(run, scope)
        ranked = [(self.ranks(result), result) for result in (self.result(run, scope, hit) for hit in hits)]
        highest = min(rank for rank, _ in ranked)
        first, *others = [result for rank, result in ranked if rank == highest]
        if all(same(first, other) for other in others):
            return first
        return self._several(run, hits, "several rules", " with different results of the same priority")

    def _in_rule_order(self, run: Run, scope: dict[str, Value], hits: Sequence[int]) -> Value:
        if not hits and self.has_default:
            return _listed(self.default(run, scope))
        return [self.result(run, scope, hit) for hit in hits]

    def _in_output_order(self, run: Run, scope: dict[str, Value], hits: Sequence[int]) -> Value:
        if not hits:
            return self._in_rule_order(run, scope, hits)
        return sorted((self.result(run, scope, hit) for hit in hits), key=self.ranks)

    def _collect(self, run: Run, scope: dict[str, Value], hits: Sequence[int]) -> Value:
        aggregation = self.facts.aggregation
        if not aggregation:
            return self._in_rule_order(run, scope, hits)
        if not hits and self.has_default:
            return self.default(run, scope)
        if aggregation == "#":
            return Decimal(len(hits))
        if not hits:
            return self._without_rule(run, scope)
        results = [self.result(run, scope, hit) for hit in hits]
        if len(self.outputs) == 1:
            return self._aggregate(run, results)
        return {output.name: self._aggregate(run, [row[output.name] for row in results]) for output in self.outputs}

    def _aggregate(self, run: Run, results: Sequence[Value]) -> Value:
        # Texts that stand one behind the other, and a day that a duration is added to, are no sum (10.3.4.4).
        fits = self.facts.aggregation != "+" or all(type(each) in _SUMMED for each in results)
        total = results[0] if fits else None
        for value in results[1:]:
            if total is None:
                break
            if self.facts.aggregation == "+":
                total = add(total, value, None, 0)
            else:
                lower = less(value, total, None, 0)
                keep = lower is (self.facts.aggregation == ">")
                total = None if lower is None else total if keep else value
        if total is None:
            run.remark("type", f"The results cannot be aggregated with {self.facts.aggregation}.", self.place)
        return total


def _listed(value: Value) -> list[Value]:
    return value if type(value) is list else [value]


_POLICIES: Mapping[str, Callable[[Table, Run, dict[str, Value], Sequence[int]], Value]] = {
    "U": Table._unique,
    "A": Table._any,
    "P": Table._priority,
    "F": Table._first,
    "R": Table._in_rule_order,
    "O": Table._in_output_order,
    "C": Table._collect,
}

"""What a decision reads of the variables of a pathway: of each, the rows of its tables that a value leaves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache

from engine.dmn import Model
from engine.dmn.model import Decision, DecisionTable, KnowledgeModel
from engine.execution.formulas import EXTENSIONS, Formula
from engine.feel import Expression, UnaryTests, compile_unary_tests
from tests.walks.joint import Rows
from tests.walks.probes import BESIDE, Column, Probes, compiled
from tests.walks.reading import NOTHING
from tests.walks.trees import free, pure

#: Columns whose kind says one of these read a text as something else than it is kept as.
_READ_ANEW = ("date", "time", "duration")


def names_of_decision(
    probes: Probes, model: Model, decision: str, given: Mapping[str, Formula]
) -> Iterator[frozenset[str]]:
    """The names that a decision reads, in the variables that stand around the element that asks it.

    given  what the element's input mappings give the decision, by name
    """
    reads = model.reads(decision)
    for logic in model.logic:
        table = _table(logic)
        if table is None:
            yield from (_through(probes, name, given) for name in reads if _names(logic, name))
            continue
        heads: dict[str, list[Column]] = defaultdict(list)
        beside: list[Column | None] = []
        split: set[str] = set()
        for number, clause in enumerate(table.inputs):
            asked = compiled(clause.text)
            cells = tuple(_cell(rule.tests[number]) for rule in table.rules)
            wanted = asked.names & reads
            anew = any(kind in (clause.type_ref or "").lower() for kind in _READ_ANEW)
            column = None
            if len(wanted) == 1 and asked.names == wanted and not anew and _constant(cells):
                (name,) = wanted
                column = _column(asked, name, cells, given)
            beside.append(column)
            if column is not None and len(column.given.names) == 1:
                heads[next(iter(column.given.names))].append(column)
                continue
            read = probes.names(asked) if wanted.isdisjoint(given) else NOTHING
            read = read.union(*(_through(probes, name, given) for name in wanted & given.keys()))
            if column is not None:
                split |= {each for name in read for each in (probes.split(name) if f".{BESIDE}" in name else (name,))}
            else:
                yield read
        split |= {*probes.columns(heads)}
        tests = tuple(tuple(_cell(test) for test in rule.tests) for rule in table.rules)
        gives = tuple(repr([entry.text for entry in rule.entries]) for rule in table.rules)
        rows = Rows(tuple(beside), tests, table.hit_policy, gives)
        every = frozenset().union(*(column.given.names for column in beside if column is not None))
        yield probes.joint(("table", rows), every, rows, frozenset(split))
        written = (compiled(entry.text).names for rule in table.rules for entry in rule.entries if entry.text.strip())
        yield from (_through(probes, name, given) for names in written for name in names & reads)


def _column(asked: Expression, name: str, cells: tuple[UnaryTests, ...], given: Mapping[str, Formula]) -> Column | None:
    """A column, as what it reads of variables; None where it reads none or the day."""
    source, last = (given[name].expression, asked) if name in given else (asked, compiled("answer"))
    if source is None or not source.names or not pure(source.tree) or not pure(asked.tree):
        return None
    return Column(source, name if name in given else "answer", last, cells)


def _through(probes: Probes, name: str, given: Mapping[str, Formula]) -> frozenset[str]:
    """A name that a decision reads, as the element that asks it knows it."""
    if name not in given:
        return frozenset({name})
    source = given[name].expression
    return frozenset() if source is None else probes.names(source)


def _table(logic: Decision | KnowledgeModel) -> DecisionTable | None:
    found = logic.logic if isinstance(logic, Decision) else None
    return found if isinstance(found, DecisionTable) else None


def _names(logic: Decision | KnowledgeModel, name: str) -> bool:
    """Whether logic that is no table says a name."""
    return name in repr(logic)


def _constant(cells: tuple[UnaryTests, ...]) -> bool:
    return all(not cell.names and not free(cell.tree, cell.names) and pure(cell.tree) for cell in cells)


@cache
def _cell(text: str) -> UnaryTests:
    return compile_unary_tests(text.strip() or "-", extensions=EXTENSIONS)

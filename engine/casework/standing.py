"""Can this plan be ended? Each condition of the authority's own guard, met, unmet or unknown, and who can clear it.

Nothing here knows a policy. The guard is the decision that the diagrams' `end_plan` steps name; its tables are taken
apart on the case as it stands:

bar      a row that would hold the ending back: it must not apply
way      a row that would let the plan end: every one of its cells must hold. Several such rows are several ways

A column that is the result of another decision stands for that decision's own bars and ways. What a person still has
to answer is unknown, and so is every fact that is not recorded and could change the result, unless the guard itself
takes it from another fact that is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.case.facts import DERIVED, FACTS
from engine.case.handling import live
from engine.case.state import CaseState, Running
from engine.casework.ahead import NEVER_A_STOP, Found, ahead, needed
from engine.casework.endings import Condition, Ending, Way
from engine.casework.knowing import Known, known_at, worked_out
from engine.casework.weighing import Note, Row, Scales, Source, State, Weighed
from engine.dmn.tables import Table
from engine.execution import Pathway, Waits, waits
from engine.execution.elements import Element
from engine.feel import Environment
from engine.history import JSON

_WORST: Mapping[State, int] = {"met": 0, "unknown": 1, "unmet": 2}


def endings(
    case: CaseState,
    facts: Mapping[str, JSON],
    pathways: Mapping[int, Pathway],
    others: Sequence[Pathway],
    environment: Environment,
) -> tuple[Ending, ...]:
    """Every ending that a running pathway is on its way to, the nearest first; else each guard of the `others` once.

    facts  the case as expressions read it: `case.<name>`

    Of several endings on the same grounds that are not reached yet the nearest is told.
    """
    found: list[tuple[Found, int, Pathway, Running, Waits]] = []
    for number, running in case.running.items():
        state = live(running, pathways[number]) if running.state == "running" else None
        if state is None:
            continue
        waiting, pathway = waits(state), pathways[number]
        found += [(one, number, pathway, running, waiting) for one in ahead(pathway, state, waiting, _steps(pathway))]
    found.sort(key=lambda each: (each[0].cost[:2], not each[0].reached, each[0].cost))
    on_change = any(not one.by_itself for one, *_ in found)
    coming = [each for each in found if each[0].by_itself]
    nearest = [each for each in coming if each[0].straight] or coming
    told: dict[tuple[Any, ...], Ending] = {}
    for one, number, pathway, running, waiting in nearest:
        state = live(running, pathway)
        assert state is not None
        known = known_at(pathway, state, waiting, one, facts, environment)
        ending = _ending(pathway, one.element, facts, known, environment, number, waiting)
        ending = replace(ending, tasks=needed(pathway, state, waiting, one.element))
        grounds = (ending.guard, *(way.ground or way.words for way in ending.ways))
        if one.reached:
            told[grounds, number, one.element.process, one.element.id] = ending
        elif not any(shown[0] == grounds for shown in told):
            told[grounds, None, "", ""] = replace(ending, reached=False)
    if told:
        more = len(nearest) < len(coming)
        return tuple(replace(one, under_way=more, on_change=on_change) for one in told.values())
    by_guard: dict[str, Ending] = {}
    for pathway in others:
        for element in _steps(pathway):
            one_of = _ending(pathway, element, facts, Known(), environment, None, Waits())
            other = by_guard.get(one_of.guard)
            first = replace(one_of, element=None, title=None, ways=()) if other is None else other
            by_guard[one_of.guard] = _with_ways(first, one_of)
    return tuple(replace(one, on_change=on_change) for one in by_guard.values())


def guarded(pathways: Iterable[Pathway]) -> tuple[Pathway, ...]:
    """Those pathways that are needed to ask every step that ends a plan once."""
    found: dict[tuple[str, str], Pathway] = {}
    for pathway in pathways:
        for element in _steps(pathway):
            found.setdefault((element.process, element.id), pathway)
    return tuple(dict.fromkeys(found.values()))


def _with_ways(known: Ending, other: Ending) -> Ending:
    """The ways of two steps with one guard: each as the step knows it that is sure to end on its ground."""
    ways = {_asks(way): way for way in known.ways if not way.other}
    for way in other.ways:
        mine = ways.get(_asks(way))
        if not way.other and (mine is None or (way.chosen and not mine.chosen)):
            ways[_asks(way)] = way
    return replace(known, ways=tuple(ways.values()))


def _asks(way: Way) -> tuple[str, ...]:
    """What a way asks for: two steps with one guard have the same ways, and know different things of them."""
    return (way.ground, *(f"{one.title} {one.wanted}" for one in way.conditions))


def _steps(pathway: Pathway) -> Iterator[Element]:
    for process in pathway.processes.values():
        for element in process.elements.values():
            if element.job is not None and element.job.type == "end_plan" and _guard(element) in pathway.models:
                yield element


def _guard(element: Element) -> str:
    assert element.job is not None
    return element.job.headers.get("guard", "").strip()


def _ending(
    pathway: Pathway,
    element: Element,
    facts: Mapping[str, JSON],
    known: Known,
    environment: Environment,
    instance: int | None,
    waiting: Waits,
) -> Ending:
    guard = _guard(element)
    scales = Scales(
        pathway.model_of(guard),
        guard,
        facts,
        lambda change: _given(element, {**facts, **change}, known.values, environment),
        environment,
        sources=_sources(element),
        known=known.values,
        came=known.came,
    )
    bars, ways = _taken_apart(scales, guard, "may_end", pathway, element)
    return Ending(
        guard,
        instance,
        element.id,
        pathway.title_of(element.id, element.process),
        _lets(scales.result),
        tuple(bars),
        tuple(replace(way, called=_called(way.ground, pathway)) for way in _ways_left(ways)),
        (),
        tuple(dict.fromkeys(message.name for message in waiting.messages if message.name not in NEVER_A_STOP)),
        part=pathway.processes[element.process].name or "",
    )


def _called(ground: str, pathway: Pathway) -> str:
    """What the forms of a pathway call the value that a way's ground is, '' where none offers it."""
    value = ground.strip().strip('"')
    for form in pathway.release.forms.values():
        for field in form.fields.values():
            for option in field.options:
                if value and option.value == value:
                    return option.label
    return ""


def _lets(result: JSON) -> bool:
    rows = result if isinstance(result, list) else [result]
    return bool(rows) and all(isinstance(row, dict) and row.get("may_end") is True for row in rows)


def _given(
    element: Element, facts: Mapping[str, JSON], known: Mapping[str, JSON], environment: Environment
) -> dict[str, Any]:
    """What the guard would be handed now: the step's input mappings on these facts; what cannot be said yet is null."""
    given: dict[str, Any] = {**known, "case": dict(facts)}
    for line in element.inputs:
        given[line.target[0]] = worked_out(line, given, environment)
    return given


def _sources(element: Element) -> dict[str, Source]:
    return {line.target[0]: (line.source.text, line.source.names) for line in element.inputs}


@dataclass(frozen=True, slots=True)
class _Open:
    """A way before it is told apart from the others: its row, its own cells, and what is said about it."""

    row: Row
    cells: tuple[tuple[int, str, Condition], ...]
    note: Note


def _taken_apart(
    scales: Scales, decision: str, output: str | None, pathway: Pathway, element: Element, wanted: Weighed | None = None
) -> tuple[list[Condition], list[_Open]]:
    """The bars and ways of one decision: which rows give what is wanted of it, and which give anything else."""
    table = scales.table(decision)
    if table is None:
        return [], []
    name = output if output in {one.name for one in table.outputs} else table.outputs[0].name
    rows = list(scales.rows(table))
    bars: list[Condition] = []
    ways: list[_Open] = []
    decided = False
    for row in rows:
        if row.gives.get(name, _ABSENT) is not _ABSENT and _is_wanted(row.gives[name], wanted, table, scales):
            inner_bars, inner_ways, cells = _cells(scales, table, row, pathway, element)
            bars += inner_bars
            ways += inner_ways or [_Open(row, cells, row.note)]
            # Under FIRST nothing below a row that applies is read any more.
            decided = decided or (table.facts.hit_policy == "F" and row.state == "met" and bool(row.cells))
        elif row.cells and not decided and not any(scales.requires(table.columns[c.column]) for c in row.cells):
            bars.append(_bar(row, table, pathway, element))
    if any(not way.cells for way in ways):
        ways = [way for way in ways if not way.cells][:1]
    return _one_by_one(bars, ways)


_ABSENT = object()


def _is_wanted(value: Any, wanted: Weighed | None, table: Table, scales: Scales) -> bool:
    """Whether a row's result is what is asked of the decision: true, or what the cell that reads it asks for."""
    return value is True if wanted is None else scales.passes(wanted, value)


def _cells(
    scales: Scales, table: Table, row: Row, pathway: Pathway, element: Element
) -> tuple[list[Condition], list[_Open], tuple[tuple[int, str, Condition], ...]]:
    """What a row that lets the plan end asks: of other decisions their bars and ways, of every other column a cell."""
    bars: list[Condition] = []
    ways: list[_Open] = []
    own: list[tuple[int, str, Condition]] = []
    for cell in row.cells:
        required = scales.requires(table.columns[cell.column])
        if required is not None and scales.table(required) is not None:
            inner = _taken_apart(scales, required, None, pathway, element, cell)
            bars += inner[0]
            ways += [way for way in inner[1] if way.cells]
            continue
        own.append((cell.column, cell.wanted, _asked(cell, pathway, element)))
    if own and ways:
        ways = [replace(way, cells=(*own, *way.cells)) for way in ways]
    return bars, ways, tuple(own)


def _asked(cell: Weighed, pathway: Pathway, element: Element) -> Condition:
    """A cell that must hold; what somebody has yet to answer is not unmet but unknown."""
    state: State = "unknown" if cell.state == "unmet" and cell.waits else cell.state
    return Condition(
        state,
        cell.title,
        cell.wanted,
        cell.value,
        "",
        cell.note.clauses,
        cell.note.label or _label(element),
        cell.note.clears or _answering(cell.names, pathway) or _recording(cell.facts, pathway),
        cell.facts,
        cell.received,
        cell.taken,
    )


def _bar(row: Row, table: Table, pathway: Pathway, element: Element) -> Condition:
    """A row that would hold the ending back: where it applies the condition is not met."""
    says = next((str(value) for value in row.gives.values() if type(value) is str and value), row.note.words)
    state: State = {"met": "unmet", "unmet": "met", "unknown": "unknown"}[row.state]  # type: ignore[assignment]
    deciding = next((cell for cell in row.cells if cell.state == row.state), row.cells[0])
    names = tuple(name for cell in row.cells for name in cell.names)
    facts = tuple(dict.fromkeys(fact for cell in row.cells for fact in cell.facts))
    return Condition(
        state,
        deciding.title,
        deciding.wanted,
        deciding.value,
        says or f"Row {row.number} of {table.element}",
        row.note.clauses,
        row.note.label or ("product" if not row.note.clauses else _label(element)),
        row.note.clears or _answering(names, pathway) or _recording(facts, pathway),
        facts,
        tuple(sorted({day for cell in row.cells for day in cell.received})),
        tuple(dict.fromkeys(fact for cell in row.cells for fact in cell.taken)),
    )


def _label(element: Element) -> str:
    return element.properties.get("casework:label", "")


def _answering(names: Sequence[str], pathway: Pathway) -> tuple[str, ...]:
    """The roles in whose lanes the tasks stand whose answers are read."""
    tasks = (one for name in names for one in pathway.drawn(name))
    return tuple(dict.fromkeys(one.lane for one in tasks if one.work is not None and one.lane))


def _recording(facts: Iterable[str], pathway: Pathway) -> tuple[str, ...]:
    """The roles whose answers become facts that only steps of a pathway record."""
    own = frozenset(facts) - FACTS.keys() - DERIVED
    names: list[str] = []
    for process in pathway.processes.values() if own else ():
        for element in process.elements.values():
            if element.job is not None and element.job.type == "record_facts":
                names += [
                    name for line in element.inputs if line.target[0] in own for name in sorted(line.source.names)
                ]
    return _answering(names, pathway)


def _one_by_one(bars: list[Condition], ways: list[_Open]) -> tuple[list[Condition], list[_Open]]:
    """A cell that a bar speaks of already is said once, in the bar's words and as it stands worst."""
    titles = {bar.title: position for position, bar in enumerate(bars)}
    if len(ways) != 1:
        return bars, ways
    kept = []
    for column, wanted, condition in ways[0].cells:
        position = titles.get(condition.title)
        if position is None:
            kept.append((column, wanted, condition))
        elif _WORST[condition.state] > _WORST[bars[position].state]:
            bars[position] = replace(bars[position], state=condition.state)
    return bars, [replace(ways[0], cells=tuple(kept))]


def _ways_left(ways: list[_Open]) -> Iterator[Way]:
    """The ways by what tells them apart; those on another ground than the one known are left out where one is left."""
    ground = _telling_apart(ways)
    found: list[Way] = []
    for way in ways:
        mine = next((one for _, _, one in way.cells if one.title == ground), None)
        rest = tuple(one for _, _, one in way.cells if one.title != ground)
        chosen, other = mine is not None and mine.state == "met", mine is not None and mine.state == "unmet"
        named = mine.wanted if mine is not None else ""
        found.append(Way(way.note.words, named, way.note.clauses, way.note.label, rest, chosen, other))
    taken = [way for way in found if not way.other]
    yield from taken or found


def _telling_apart(ways: list[_Open]) -> str | None:
    """The column in which every way asks for a text, and not all for the same: what the plan would end on."""
    best: tuple[int, str] | None = None
    for title in dict.fromkeys(one.title for _, _, one in ways[0].cells) if len(ways) > 1 else ():
        wanted = [next((text.strip() for _, text, one in way.cells if one.title == title), "") for way in ways]
        different = len(set(wanted))
        if different > (best[0] if best else 1) and all(text.startswith('"') for text in wanted):
            best = (different, title)
    return None if best is None else best[1]

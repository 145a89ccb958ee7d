"""An authority's policy clause by clause: what it asks for, where it is carried out, and which scenarios show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.authorities import Clause
from engine.coverage import places_of
from engine.execution import Pathway
from engine.scenarios import ScenarioUnreadable, read_scenario

#: How a kind of place is called, in the order in which a page tells of them.
KINDS = ("element", "row", "field", "letter")


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """One place that carries a clause out.

    kind   element, row, field or letter
    name   what people call it; pathway: the title of the pathway it stands in, '' for a shared table, form or letter
    label  policy, reading or product
    """

    kind: str
    id: str
    name: str
    pathway: str
    label: str


@dataclass(frozen=True, slots=True)
class ClauseEntry:
    """A clause with its places and the titles of the scenarios that name it."""

    clause: Clause
    places: tuple[CarriedOut, ...]
    scenarios: tuple[str, ...]


def clause_book(
    clauses: Mapping[str, Clause], pathways: Iterable[Pathway], sources: Mapping[str, bytes]
) -> list[ClauseEntry]:
    """Every clause of an authority in the policy's order.

    pathways  what is in force, prepared
    sources  the authority's published files that execute nothing; its scenarios among them
    """
    found: dict[str, dict[tuple[str, str, str], CarriedOut]] = {name: {} for name in clauses}
    for pathway in pathways:
        names, steps = _names(pathway), _steps(pathway)
        for clause, place in places_of(pathway.release, pathway):
            if clause in found:
                # Two processes may use one id: the step that serves the clause is the one of its own.
                step = steps.get((place.pathway, place.id)) if place.kind == "element" else None
                name, title = step or names.get(place.id) or _row(place.id, names)
                carried = CarriedOut(place.kind, place.id, name, title, place.label)
                found[clause].setdefault((place.kind, "" if step is None else place.pathway, place.id), carried)
    shown = _shown(sources)
    return [
        ClauseEntry(
            clause,
            _told_once(sorted(found[name].values(), key=lambda one: (KINDS.index(one.kind), one.pathway, one.name))),
            tuple(sorted(shown.get(name, ()))),
        )
        for name, clause in clauses.items()
    ]


def _told_once(places: Iterable[CarriedOut]) -> tuple[CarriedOut, ...]:
    """Places without those that a reader cannot tell apart, such as one question that two forms ask."""
    return tuple({(one.kind, one.name, one.pathway, one.label): one for one in places}.values())


def _steps(pathway: Pathway) -> dict[tuple[str, str], tuple[str, str]]:
    """Process and id of a step to its name and the title of its pathway."""
    return {
        (process.id, element.id): (element.name or element.id.replace("_", " "), process.name or process.id)
        for process in pathway.processes.values()
        for element in process.elements.values()
    }


def _names(pathway: Pathway) -> dict[str, tuple[str, str]]:
    """Id of a table, a field or a letter to its name.

    A table is called as the step is that asks it, else by the question that it answers.
    """
    release = pathway.release
    names: dict[str, tuple[str, str]] = {}
    for process in pathway.processes.values():
        for element in process.elements.values():
            if element.decision is not None and element.name:
                names.setdefault(element.decision.decision, (element.name, ""))
    for model in pathway.models.values():
        for decision in model.decisions:
            # What only other tables ask is called by the question that it answers.
            names.setdefault(decision.id, (decision.asks, ""))
    for form in release.forms.values():
        for key, field in form.fields.items():
            names[f"{form.id}.{key}"] = (field.title, "")
    for letter in release.letters.values():
        names[letter.id] = (letter.title, "")
    return names


def _row(place: str, names: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    """'camden_may_end_plan#3' in words: the table, and which of its rows."""
    table, _, row = place.partition("#")
    name, _ = names.get(table) or (table.replace("_", " ").capitalize(), "")
    return (f"{name} – row {row}" if row else name), ""


def _shown(sources: Mapping[str, bytes]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path, body in sources.items():
        if "/scenarios/" not in path:
            continue
        try:
            scenario = read_scenario(body, path)
        except ScenarioUnreadable:
            # What cannot be read shows nothing; the checks before publishing say so.
            continue
        for clause in scenario.clauses:
            found.setdefault(clause, set()).add(scenario.title)
    return found

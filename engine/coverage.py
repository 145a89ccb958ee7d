"""Clause traceability both ways: where each clause is carried out, and which scenarios exercise that place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.authorities import Clause, read_clauses
from engine.execution import Pathway, prepare
from engine.pathways import Release
from engine.scenarios import Result

_CLAUSE = re.compile(r"\b[A-Z]{3}-[A-Z]?\d+(?:\.\d+)*[a-z]?\d?\b")
_LABEL = re.compile(r"\[(policy|reading|product)\]")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a clause is carried out: an element, a table's row, a form's field or a letter."""

    kind: str
    pathway: str
    id: str
    #: What a scenario visits when it exercises the place: one of these. An element counts in its own process only.
    visited_as: tuple[str, ...]
    label: str = ""


@dataclass(slots=True)
class ClauseCoverage:
    """One clause of a policy: its places, and the scenarios that visit one of them."""

    clause: Clause
    places: list[Place] = field(default_factory=list)
    scenarios: list[str] = field(default_factory=list)

    @property
    def carried_out(self) -> bool:
        """Whether the clause stands somewhere that runs."""
        return bool(self.places)

    @property
    def exercised(self) -> bool:
        """Whether a scenario visits one of its places."""
        return bool(self.scenarios)


@dataclass(frozen=True, slots=True)
class Coverage:
    """An authority's clauses, and the clause ids that pathways name and the policy does not have."""

    authority: str
    clauses: tuple[ClauseCoverage, ...]
    unknown: tuple[tuple[str, Place], ...]

    @property
    def unexercised(self) -> list[ClauseCoverage]:
        """Clauses that are carried out somewhere and that no scenario exercises."""
        wanted = (entry for entry in self.clauses if not entry.clause.context_only)
        return [entry for entry in wanted if entry.carried_out and not entry.exercised]

    @property
    def misplaced(self) -> list[str]:
        """What no further run of scenarios mends, a sentence each: clauses nowhere carried out, and unknown ones."""
        tried = {entry.clause.id for entry in self.unexercised}
        return [gap for gap in self.gaps if gap.partition(" ")[0] not in tried]

    @property
    def gaps(self) -> list[str]:
        """What is missing, a sentence each: clauses nowhere carried out, or that no scenario exercises."""
        found = []
        for entry in self.clauses:
            if entry.clause.context_only:
                continue
            if not entry.carried_out:
                found.append(f"{entry.clause.id} is carried out nowhere. Name it on an element, row, field or letter.")
            elif not entry.exercised:
                places = ", ".join(sorted({place.id for place in entry.places}))
                found.append(f"{entry.clause.id} is exercised by no scenario. Write one that visits {places}.")
        found += [f"{clause} at {place.id} is no clause of {self.authority}." for clause, place in self.unknown]
        return found


def clause_ids(text: str) -> list[str]:
    """The clause ids named in a text, in order."""
    return list(dict.fromkeys(_CLAUSE.findall(text)))


def label_in(text: str, clause: str) -> str:
    """The label that a clause stands behind in a row's annotation: policy, reading or product; '' where it has none."""
    named = next((each.start() for each in _CLAUSE.finditer(text) if each[0] == clause), 0)
    found = _LABEL.findall(text[:named]) or _LABEL.findall(text)[:1]
    return found[-1] if found else ""


def places_of(release: Release, pathway: Pathway | None = None) -> Iterator[tuple[str, Place]]:
    """Every clause that a release names, with the place that names it. `pathway` where it is prepared already."""
    pathway = pathway or prepare(release)
    asked_at: dict[str, tuple[str, ...]] = {}
    for process in pathway.processes.values():
        for element in process.elements.values():
            here = f"{process.id}/{element.id}"
            if element.work is not None and element.work.form is not None:
                asked_at[element.work.form] = (*asked_at.get(element.work.form, ()), here)
            label = element.properties.get("casework:label", "")
            for clause in clause_ids(element.properties.get("casework:clauses", "")):
                yield clause, Place("element", process.id, element.id, (here,), label)
    for decision, model in pathway.models.items():
        for table in model.tables(decision):
            for rule in table.facts.rules:
                said = " ".join(rule.said)
                for clause in clause_ids(said):
                    name = f"{table.element}#{rule.row}"
                    yield clause, Place("row", decision, name, (name,), label_in(said, clause))
    for form in release.forms.values():
        for key, field_ in form.fields.items():
            for clause in field_.clauses:
                yield clause, Place("field", form.id, f"{form.id}.{key}", asked_at.get(form.id, ()), field_.tag)
    for letter in release.letters.values():
        for clause in letter.clauses:
            yield clause, Place("letter", letter.id, letter.id, (f"letter:{letter.id}",), letter.label)


def cover(processes: Path, authority: str, releases: Iterable[Release], results: Iterable[Result]) -> Coverage:
    """An authority's clauses, where its releases carry them out and which scenario results exercise them."""
    known = {clause.id: ClauseCoverage(clause) for clause in read_clauses(processes / authority).values()}
    visits: dict[tuple[str, Place], set[str]] = {}
    for release in releases:
        for clause, place in places_of(release):
            # Two releases may ask one form at different steps.
            visits.setdefault((clause, replace(place, visited_as=())), set()).update(place.visited_as)
    unknown = []
    for (clause, bare), where in visits.items():
        place = replace(bare, visited_as=tuple(sorted(where)))
        if clause in known:
            known[clause].places.append(place)
        else:
            unknown.append((clause, place))
    for result in results:
        for entry in known.values():
            if any(not result.visited.isdisjoint(place.visited_as) for place in entry.places):
                entry.scenarios.append(result.title)
    return Coverage(authority, tuple(known.values()), tuple(unknown))

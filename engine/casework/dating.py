"""Where a date of a case comes from: counted by a form, a fact with whoever recorded it, or the day itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from engine import replay
from engine.case.facts import view as facts_view
from engine.case.handling import live
from engine.case.state import CaseState
from engine.casework.shelf import Shelf
from engine.clock import LONDON, london_date
from engine.errors import EngineError
from engine.execution import Pathway, TaskWait, Whereabouts, scope
from engine.execution.elements import Element
from engine.feel import Environment, Expression, to_json
from engine.history import JSON, Event
from engine.pathways import Release
from engine.replay import recorded_events
from engine.store import Store
from engine.store.rows import HistoryEntry

#: The names of an authority's people, by id.
Naming = Callable[[str, set[str | None]], dict[str, str]]


@dataclass(frozen=True, slots=True)
class Worked:
    """A day that a form worked out, and nobody gave.

    explanation   why it is that day (engine.calendars.DueDate); None where that cannot be told with certainty
    step, by, at  the step with the form, and who completed it when
    """

    explanation: Mapping[str, Any] | None
    step: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """A due date that is no counting of days: the fact that it is taken from, and who wrote that down when.

    fact    '' where it is the day on which the task opened
    worked  where a form worked that fact out
    """

    fact: str
    value: JSON
    by: str = ""
    at: datetime | None = None
    worked: Worked | None = None


@dataclass(frozen=True, slots=True)
class _Done:
    """A completed step as history has it."""

    entry: HistoryEntry
    instance: int
    task: int
    answers: Mapping[str, JSON]


_FACT: Final = re.compile(r"\bcase\.([a-z][a-z0-9_]*)")
_ANSWER: Final = re.compile(r"(?<![\w.])([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)\b")
_TODAY: Final = re.compile(r"^=?\s*today\(\)\s*$")
#: The functions that count to a day and say why it is that day (engine.working_days).
_COUNTING: Final = re.compile(r"\b(?:working\s+days|days|weeks|months)\s+(?:after|before)\s*\(")


def taken_from(store: Store, shelf: Shelf, case: CaseState, wait: TaskWait, names: Naming) -> Taken | None:
    """What a task's due date is taken from; None where it was counted, and where several facts or none are named."""
    pathway = shelf.pathway(case.authority, case.running[case.desks[wait.task].instance].release)
    found = pathway.element(wait.element, wait.process)
    when = found.work.due if found is not None and found.work is not None else None
    due = wait.due or {}
    if when is None or not due.get("on") or "rule" in (due.get("explanation") or {}):
        return None
    if _TODAY.match(when.text):
        return Taken("", None)
    named = set(_FACT.findall(when.text))
    if len(named) != 1 or case.facts.get(next(iter(named))) is None:
        return None
    fact = named.pop()
    origins = Origins(store, shelf, case, names)
    recorded = origins.recorded(fact)
    if recorded is None:
        return Taken(fact, case.facts[fact])
    entry = recorded[0]
    by = origins.name_of(entry.command.by)
    return Taken(fact, case.facts[fact], by, entry.command.at, origins.worked_out().get(fact))


class Origins:
    """Where the facts of one case come from, as its history tells it."""

    def __init__(self, store: Store, shelf: Shelf, case: CaseState, names: Naming) -> None:
        self._store, self._shelf, self._case, self._names = store, shelf, case, names

    @cached_property
    def _history(self) -> list[tuple[HistoryEntry, list[Event], tuple[str, ...]]]:
        """Each command with what happened, and the process in which each event's step stands."""
        kept, places = self._store.history(self._case.authority, self._case.case_id), Whereabouts()
        read = ((entry, recorded_events(entry)) for entry in kept)
        return [(entry, events, places.take(events)) for entry, events in read]

    def name_of(self, person: str) -> str:
        """What somebody is called, else their id."""
        return self._names(self._case.authority, {person}).get(person, person)

    def recorded(self, fact: str) -> tuple[HistoryEntry, Event, str] | None:
        """The last command that wrote a fact down as it stands, what it did, and in which process."""
        for entry, events, places in reversed(self._history):
            for event, process in zip(events, places, strict=True):
                held = event.body.get("facts") or event.body.get("payload") or {}
                if isinstance(held, Mapping) and fact in held and held[fact] == self._case.facts[fact]:
                    return entry, event, process
        return None

    def worked_out(self) -> dict[str, Worked]:
        """The days among the facts that stand as a form counted them, by fact.

        The form's own formula is read once more with what it read then, on the calendar and parameters of then. Only
        where the same day comes out again is it told why.
        """
        found: dict[str, Worked] = {}
        for number, running in self._case.running.items():
            pathway = self._shelf.pathway(self._case.authority, running.release)
            release = self._shelf.release(self._case.authority, running.release)
            for recorder, fact, given in _counted_facts(pathway, release):
                recorded = self.recorded(fact) if isinstance(self._case.facts.get(fact), str) else None
                if recorded is None or not _wrote(recorded[1], number, recorder.id):
                    continue
                if recorded[2] not in ("", recorder.process):
                    continue
                for (step, key), counted in given.items():
                    done = self._completed(recorded[0].revision, number, step)
                    if done is not None and done.answers.get(key) == self._case.facts[fact]:
                        try:
                            why = self._why(done, key, counted)
                        except EngineError:
                            why = None  # What it was counted with is not as it was kept: Verify says what differs.
                        told_by = self.name_of(done.entry.command.by)
                        found[fact] = Worked(
                            why, pathway.title_of(step, recorder.process), told_by, done.entry.command.at
                        )
        return found

    def _completed(self, until: int, number: int, step: str) -> _Done | None:
        """The last completion of a step up to a revision."""
        for entry, events, _ in reversed(self._history):
            for event in reversed(events) if entry.revision <= until else ():
                body = event.body
                if event.kind == "TaskCompleted" and (body["instance"], body["element"]) == (number, step):
                    return _Done(entry, number, body["task"], body["answers"])
        return None

    def _why(self, done: _Done, key: str, counted: Expression) -> Mapping[str, Any] | None:
        """Why a formula gave its day, as it did when its step was completed; None where it does not any more."""
        command, release = done.entry.command, self._case.running[done.instance].release
        terms = self._shelf.terms(self._case.authority, command.settings)
        known: dict[str, Any] = {"parameters": terms.parameters(release, london_date(command.at))}
        if counted.names - done.answers.keys() - known.keys():
            known |= self._in_reach(done)
        environment = Environment(now=command.at.astimezone(LONDON), extras={"calendar": terms.authority.calendar})
        again = to_json(counted.value({**known, **done.answers}, environment))
        because = (one for one in reversed(environment.explanations) if one["on"] == done.answers[key])
        return next(because, None) if again == done.answers[key] else None

    def _in_reach(self, done: _Done) -> dict[str, Any]:
        """What a step could read besides when it was completed: the case is carried out again up to there."""
        before = CaseState(self._case.authority, self._case.case_id)
        for step in replay.steps(self._store, self._shelf, before.authority, before.case_id):
            before = step.case
            if step.entry.revision >= done.entry.revision - 1:
                break
        running = before.running[done.instance]
        state = live(running, self._shelf.pathway(before.authority, running.release))
        facts = facts_view(before.facts, now=done.entry.command.at)
        inside = scope(state, done.task) if state is not None and done.task in before.desks else {}
        return {**inside, "case": {"case_id": before.case_id, "authority": before.authority, **facts}}


def _counted_facts(
    pathway: Pathway, release: Release
) -> Iterator[tuple[Element, str, dict[tuple[str, str], Expression]]]:
    """Each recording of a fact from answers that a form counts: the step, the fact, and their formulas by answer."""
    for element in (element for process in pathway.processes.values() for element in process.elements.values()):
        for line in element.inputs if element.job is not None and element.job.type == "record_facts" else ():
            read = _ANSWER.findall(line.source.text)
            pairs = ((pair, _formula(pathway, release, element.process, *pair)) for pair in read)
            counted = {pair: formula for pair, formula in pairs if formula is not None}
            if counted and len(line.target) == 1:
                yield element, line.target[0], counted


def _formula(pathway: Pathway, release: Release, process: str, step: str, key: str) -> Expression | None:
    """What counts an answer of a step that nobody can give otherwise; None where it is given, or not counted."""
    element = pathway.element(step, process)
    form = release.forms.get((element.work.form or "") if element is not None and element.work is not None else "")
    field = form.fields.get(key) if form is not None else None
    if field is None or not field.fixed or field.value is None or not _COUNTING.search(field.value.text):
        return None
    return field.value


def _wrote(event: Event, number: int, recorder: str) -> bool:
    """Whether a fact was written down by that step of that pathway."""
    return event.kind == "FactsChanged" and (event.body["instance"], event.body["element"]) == (number, recorder)

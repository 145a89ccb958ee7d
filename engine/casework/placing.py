"""A case's history command by command, with the process in which each of its steps stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from engine.case.handling import live
from engine.case.state import CaseState
from engine.casework.shelf import Shelf
from engine.casework.views import Entry
from engine.execution import Pathway, TaskWait, Whereabouts, whose
from engine.history import Event
from engine.replay import recorded_events
from engine.store.rows import HistoryEntry


def standing_in(case: CaseState, shelf: Shelf) -> dict[int, str]:
    """The process of everything that stands open in a case now, by its number."""
    found: dict[int, str] = {}
    for running in case.running.values():
        state = live(running, shelf.pathway(case.authority, running.release)) if running.state == "running" else None
        found |= whose(state) if state is not None else {}
    return found


def timeline(
    entries: Iterator[HistoryEntry],
    names: Mapping[str, str],
    kept: Callable[[str], bool] = lambda _: False,
    standing: Mapping[int, str] = MappingProxyType({}),
) -> tuple[Entry, ...]:
    """Every command of a case with what happened, oldest first.

    kept  whether another case is kept from the reader: one that looked like the same child's is then not named
    standing  by task, the process of what stands open now: of what waits on the border of a step events do not tell it
    """
    places = Whereabouts()
    places.know(standing)
    return tuple(
        Entry(
            entry.revision,
            entry.command.at,
            entry.command.by,
            names.get(entry.command.by, entry.command.by),
            entry.command.role,
            entry.command.kind,
            tuple(_naming(event, kept) for event in events),
            places.take(events),
        )
        for entry, events in ((one, recorded_events(one)) for one in entries)
    )


def _naming(event: Event, kept: Callable[[str], bool]) -> Event:
    if event.kind != "DuplicateConsidered":
        return event
    return replace(event, body={**event.body, "cases": [one for one in event.body["cases"] if not kept(one)]})


def placed(events: Sequence[Event], standing: Mapping[int, str]) -> tuple[Event, ...]:
    """Events that nobody keeps, each with the process in which its step stands; `standing` as it was before them."""
    places = Whereabouts()
    places.know(standing)
    return _with(zip(events, places.take(events), strict=True))


def with_places(entry: Entry) -> Entry:
    """An entry whose events say in which process their steps stand, where that is certain."""
    return replace(entry, events=_with(entry.placed()))


def _with(found: Iterable[tuple[Event, str]]) -> tuple[Event, ...]:
    return tuple(
        replace(event, body={**event.body, "process": process}) if process else event for event, process in found
    )


def ends_plan(pathway: Pathway, wait: TaskWait) -> bool:
    """Whether the very next step after this one is the one that ends the plan."""
    process = pathway.processes[wait.process]
    after = (process.elements.get(flow.target) for flow in process.flows if flow.source == wait.element)
    return any(one is not None and one.job is not None and one.job.type == "end_plan" for one in after)

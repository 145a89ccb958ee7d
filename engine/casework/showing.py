"""Whether what people work by - tasks, dates, letters, in-trays, the plan's status in lists - is what history says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from operator import attrgetter
from typing import Any, Final

from engine.case.handling import live
from engine.case.rows import OpenWork, case_rows, pathway_rows
from engine.case.state import CaseState
from engine.casework.shelf import Shelf
from engine.clock import london_date
from engine.execution import waits
from engine.history import read_instant
from engine.replay import recorded_events
from engine.store import Store
from engine.store.rows import Rows
from engine.store.shown import read_rows

#: What somebody acts on, of each kind of row; what only words it (a title) may change with the software.
_ACTED_ON: Final[Mapping[str, tuple[str, ...]]] = {
    "tasks": ("instance", "element", "role", "candidates", "assignee", "due_on", "due_at"),
    "timers": ("instance", "task", "kind", "at"),
    "jobs": ("instance", "element", "type"),
    "messages": ("instance", "element", "name", "depth"),
    "letters": ("letter", "state"),
    "escalations": ("source", "to_role", "state"),
    "incidents": ("element", "state"),
    "instances": ("pathway", "release", "state"),
    "access": ("person", "role"),
}
#: What a row of each kind is; a date is told by its own kind. {} is what its step or pathway is called.
_CALLED: Final[Mapping[str, str]] = {
    "tasks": "The open task {}",
    "overdue": "The date after which {} counts as overdue",
    "drawn": "The date of {}",
    "retry": "The time of the next try of {}",
    "birthday": "The date of the child’s 18th birthday",
    "jobs": "The work {}, which this service does by itself",
    "messages": "The message that {} waits for",
    "letters": "The letter {}",
    "escalations": "The in-tray entry about {}",
    "incidents": "What is held at {}",
    "instances": "The pathway {}",
    "access": "Who works on the case: one of them",
}
#: What it is that differs, where a row is there and not as history has it; every other column says where it belongs.
_DIFFERS: Final[Mapping[str, str]] = {
    "role": "whose role it is for",
    "candidates": "whose role it is for",
    "to_role": "whose in-tray it stands in",
    "assignee": "who has it",
    "due_on": "when it is due",
    "due_at": "when it is due",
    "at": "when that is",
    "state": "how far it has come",
}
_OPENS: Final = frozenset({"TaskOpened", "JobOpened", "TimerSet", "MessageAwaited"})


def shown_otherwise(store: Store, shelf: Shelf, case: CaseState) -> str:
    """Where the tables that people work by differ from the case as its history makes it; '' where they agree.

    case  as it is after its last command, replayed
    A case that goes on meanwhile is not judged: its next verification sees it.
    """
    line = store.lists.case(case.authority, case.case_id)
    if line is None or line.revision != case.revision:
        return ""
    if line.plan_status != case.facts["plan_status"]:
        return "The plan's status in lists is not what the history says."
    if line.restricted != (case.restriction is not None):
        return "Whether the case is restricted is not what the history says."
    found, wanted = read_rows(store.database, case.authority, case.case_id), _rows(shelf, case)
    after = store.lists.case(case.authority, case.case_id)
    if after is None or after.revision != case.revision:
        return ""
    for kind, acted_on in _ACTED_ON.items():
        for one, other in _differing(getattr(wanted, kind), getattr(found, kind), acted_on):
            called = _called(store, shelf, case, kind, other if one is None else one)
            if other is None:
                return f"{called} is missing from what people see, although the history has it."
            if one is None:
                return f"{called} stands in what people see, although the history has no such thing."
            return f"{called} is not as in the history: {_how(one, other, acted_on)}."
    return ""


def _rows(shelf: Shelf, case: CaseState) -> Rows:
    shown = []
    for number, running in case.running.items():
        pathway = shelf.pathway(case.authority, running.release)
        if running.state == "running" and (state := live(running, pathway)) is not None:
            shown.append(pathway_rows(case, number, pathway, waits(state), OpenWork()))
    return case_rows(case, OpenWork()).rows(shown)


def _differing(
    wanted: Mapping[Any, Any], found: Mapping[Any, Any], acted_on: Iterable[str]
) -> Iterator[tuple[Any | None, Any | None]]:
    """Rows as history has them beside the same as people see them, where the two differ; None where there is none."""
    read = attrgetter(*acted_on)
    for number in [*wanted, *(other for other in found if other not in wanted)]:
        one, other = wanted.get(number), found.get(number)
        if one is None or other is None or read(one) != read(other):
            yield one, other


def _called(store: Store, shelf: Shelf, case: CaseState, kind: str, row: Any) -> str:
    """What a row is, by the name of its step and the number of the command that opened it."""
    places = (getattr(row, name, None) for name in ("element", "pathway", "letter"))
    token = getattr(row, "job" if kind == "jobs" else "task", None)
    opened = None if token is None else _opened(store, case, token)
    title = f"‘{_title(shelf, case, next(filter(None, places), 'the case itself'))}’"
    step = "" if opened is None else f" (opened in step {opened})"
    return _CALLED[row.kind if kind == "timers" else kind].format(title + step)


def _title(shelf: Shelf, case: CaseState, place: str) -> str:
    """What an element, a pathway or a letter is called; its id in words where no pathway of the case has it."""
    names: dict[str, str] = {}
    for running in case.running.values():
        pathway = shelf.pathway(case.authority, running.release)
        names |= {letter.id: letter.title for letter in pathway.release.letters.values()}
        names |= {element: pathway.title_of(element) for element in pathway.elements}
        names[running.pathway] = pathway.release.title
    return names.get(place) or place.replace("_", " ")


def _opened(store: Store, case: CaseState, token: int) -> int | None:
    """The command that opened a step, None where history opened none of that number."""
    found = (
        entry.revision
        for entry in store.history(case.authority, case.case_id)
        if any(one.kind in _OPENS and one.body.get("task") == token for one in recorded_events(entry))
    )
    return next(found, None)


def _how(one: Any, other: Any, acted_on: Iterable[str]) -> str:
    """What of a row differs, and the day that history has where it is one."""
    names = [name for name in acted_on if getattr(one, name) != getattr(other, name)]
    parts = dict.fromkeys(_DIFFERS.get(name, "where it belongs") for name in names)
    day = next((_day(getattr(one, name)) for name in names if name in ("due_on", "due_at", "at")), "")
    return " and ".join(parts) + (f"; the history says {day}" if day else "")


def _day(held: str | None) -> str:
    """The day of a date or of an instant; '' where history has none."""
    return held or "" if held is None or len(held) == len("2026-03-09") else london_date(read_instant(held)).isoformat()

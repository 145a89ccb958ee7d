"""Whether what people work by - tasks, dates, letters, in-trays, the plan's status in lists - is what history says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any, Final

from engine.case.handling import live
from engine.case.rows import OpenWork, case_rows, pathway_rows
from engine.case.state import CaseState
from engine.casework.shelf import Shelf
from engine.execution import waits
from engine.store import Store
from engine.store.rows import Rows
from engine.store.shown import read_rows

#: What somebody acts on, of each kind of row; what only words it (a title) may change with the software.
_ACTED_ON: Final[tuple[tuple[str, str, Callable[[Any], object]], ...]] = (
    ("tasks", "open task", attrgetter("instance", "element", "role", "candidates", "assignee", "due_on", "due_at")),
    ("timers", "date", attrgetter("instance", "task", "kind", "at")),
    ("jobs", "job", attrgetter("instance", "element", "type")),
    ("messages", "awaited message", attrgetter("instance", "element", "name", "depth")),
    ("letters", "letter", attrgetter("letter", "state")),
    ("escalations", "in-tray entry", attrgetter("source", "to_role", "state")),
    ("incidents", "incident", attrgetter("element", "state")),
    ("instances", "pathway", attrgetter("pathway", "release", "state")),
    ("access", "person's access", attrgetter("person", "role")),
)


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
    differing = (
        (what, number)
        for kind, what, acted_on in _ACTED_ON
        for number in _differing(getattr(wanted, kind), getattr(found, kind), acted_on)
    )
    for what, number in differing:
        return f"What people see of {what} {number} is not what the history says."
    return ""


def _rows(shelf: Shelf, case: CaseState) -> Rows:
    shown = []
    for number, running in case.running.items():
        pathway = shelf.pathway(case.authority, running.release)
        if running.state == "running" and (state := live(running, pathway)) is not None:
            shown.append(pathway_rows(case, number, pathway, waits(state), OpenWork()))
    return case_rows(case, OpenWork()).rows(shown)


def _differing(
    wanted: Mapping[Any, Any], found: Mapping[Any, Any], acted_on: Callable[[Any], object]
) -> Iterable[object]:
    for number in [*wanted, *(other for other in found if other not in wanted)]:
        one, other = wanted.get(number), found.get(number)
        if one is None or other is None or acted_on(one) != acted_on(other):
            yield number if isinstance(number, int | str) else number[1]

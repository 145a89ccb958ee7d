"""Where a due date comes from that was not counted: a fact of the case with whoever recorded it, or the day itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from engine.case.state import CaseState
from engine.execution import Pathway, TaskWait
from engine.history import JSON
from engine.replay import recorded_events
from engine.store import Store


@dataclass(frozen=True, slots=True)
class Taken:
    """A due date that is no counting of days: the fact that it is taken from, and who wrote that down when.

    fact  '' where it is the day on which the task opened
    """

    fact: str
    value: JSON
    by: str = ""
    at: datetime | None = None


_FACT: Final = re.compile(r"\bcase\.([a-z][a-z0-9_]*)")
_TODAY: Final = re.compile(r"^=?\s*today\(\)\s*$")


def taken_from(
    store: Store,
    case: CaseState,
    pathway: Pathway,
    wait: TaskWait,
    names: Callable[[str, set[str | None]], dict[str, str]],
) -> Taken | None:
    """What a task's due date is taken from; None where it was counted, and where several facts or none are named."""
    found = pathway.elements.get(wait.element)
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
    for entry in reversed(list(store.history(case.authority, case.case_id))):
        for event in recorded_events(entry):
            held = event.body.get("facts") or event.body.get("payload") or {}
            if isinstance(held, Mapping) and held.get(fact) == case.facts[fact]:
                by = entry.command.by
                return Taken(fact, case.facts[fact], names(case.authority, {by}).get(by, by), entry.command.at)
    return Taken(fact, case.facts[fact])

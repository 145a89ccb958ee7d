"""What completing a task would do, found out by doing it on a copy of the case that nobody keeps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from engine.case.commands import handle
from engine.case.handling import Terms
from engine.case.state import CaseState
from engine.history import JSON, Command, Event, read_instant


def foresee(
    case: CaseState,
    terms: Terms,
    settings: str,
    task: int,
    answers: Mapping[str, JSON],
    *,
    now: datetime,
    by: str,
    role: str,
) -> tuple[Event, ...]:
    """What would happen now if a task were completed with these answers. `case` is used up and thrown away.

    Nothing is stored and nothing leaves; what happens to the case meanwhile may still change it.
    Raises whatever the command would refuse.
    """
    at = max(now, read_instant(case.at)) if case.at else now
    body: dict[str, JSON] = {"task": task, "answers": dict(answers)}
    command = Command("foreseen", "complete_task", at, by, role, settings, body)
    return tuple(handle(case, command, terms, shown=False, anew=True).events)

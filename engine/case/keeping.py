"""What a pathway's events mean for the case: desks, facts, letters, escalations, and who did which step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from engine.calendars import end_of_day, start_of_day
from engine.case import facts as case_facts
from engine.case import letters
from engine.case.state import Desk, Running
from engine.execution import Pathway
from engine.history import JSON, Event, instant, read_instant

if TYPE_CHECKING:
    from engine.case.handling import Handling

HEAD = "head_of_quality_assurance"


def keep(handling: Handling, running: Running, pathway: Pathway, event: Event) -> None:
    """Change the case as an event of one of its pathways says; it is one of KEPT."""
    _KEEP[event.kind](handling, running, pathway, event.body)


def _task_opened(handling: Handling, running: Running, pathway: Pathway, body: Mapping[str, JSON]) -> None:
    desk = Desk(running.number, body["element"], handling.at, handling.case.roles.get(body["role"] or ""))
    due = body.get("due")
    if due and due.get("on"):
        desk.ladder = _ladder(handling, date.fromisoformat(due["on"]))
    handling.case.desks[body["task"]] = desk


def _job_opened(handling: Handling, running: Running, pathway: Pathway, body: Mapping[str, JSON]) -> None:
    handling.case.desks[body["task"]] = Desk(running.number, body["element"], handling.at)


def _task_completed(handling: Handling, running: Running, pathway: Pathway, body: Mapping[str, JSON]) -> None:
    handling.case.desks.pop(body["task"], None)
    running.doers[body["element"]] = handling.command.by
    letters.after_task(handling, running, pathway, body["element"], body["task"], body["answers"])


def _task_withdrawn(handling: Handling, running: Running, pathway: Pathway, body: Mapping[str, JSON]) -> None:
    handling.case.desks.pop(body["task"], None)
    letters.after_withdrawal(handling, running, pathway, body["element"], body["task"])


def _job_closed(handling: Handling, running: Running, pathway: Pathway, body: Mapping[str, JSON]) -> None:
    handling.case.desks.pop(body["task"], None)


def _facts_changed(handling: Handling, running: Running, pathway: Pathway, body: Mapping[str, JSON]) -> None:
    handling.case.facts.update(body["facts"])


def _plan_ended(handling: Handling, running: Running, pathway: Pathway, body: Mapping[str, JSON]) -> None:
    handling.case.facts.update(
        plan_status=case_facts.ENDED,
        plan_end_date=body["effective_on"],
        plan_end_decided_on=body["decided_on"],
        plan_end_outcome=body["outcome"],
        plan_end_reason=body["reason"],
    )


def _ending_held(handling: Handling, running: Running, pathway: Pathway, body: Mapping[str, JSON]) -> None:
    letters.after_ending_held(handling, running)


def _end_reached(handling: Handling, running: Running, pathway: Pathway, body: Mapping[str, JSON]) -> None:
    if body["outcome"]:
        running.outcomes.append(body["outcome"])


def _pathway_ended(handling: Handling, running: Running, pathway: Pathway, body: Mapping[str, JSON]) -> None:
    running.close("ended")


def _pathway_withdrawn(handling: Handling, running: Running, pathway: Pathway, body: Mapping[str, JSON]) -> None:
    running.close("withdrawn")


def _escalated(handling: Handling, running: Running, pathway: Pathway, body: Mapping[str, JSON]) -> None:
    handling.escalate(
        "diagram", body.get("role") or HEAD, body["element"], None, body["code"], body.get("clauses") or ""
    )


def _ladder(handling: Handling, due: date) -> list[list[str]]:
    """The rungs still to come for a task due on a date (SH-5, [product]).

    Nobody is reminded of what has just opened; but a manager or Head whose time has come already, because the task was
    late when it opened, is told at once.
    """
    ladder, calendar = handling.terms.authority.overdue, handling.terms.authority.calendar
    rungs: list[tuple[str, datetime]] = []
    if ladder.remind is not None:
        day = calendar.working_days_before(due, ladder.remind).on
        while ladder.prompt and not calendar.is_working_day(day):
            # The latest day that leaves the working days may be a Sunday, on which nobody reads a reminder.
            day -= timedelta(days=1)
        rungs.append(("remind", start_of_day(day)))
    if ladder.manager is not None:
        rungs.append(("manager", end_of_day(calendar.working_days_after(due, ladder.manager).on)))
    if ladder.head is not None:
        rungs.append(("head", end_of_day(calendar.working_days_after(due, ladder.head).on)))
    now = handling.command.at
    coming = [(rung, at) for rung, at in rungs if at > now or (ladder.prompt and rung != "remind")]
    climbed: list[list[str]] = []
    for rung, at in sorted(coming, key=lambda item: item[1]):
        # Two rungs at one instant are two commands, and a command is named by its instant.
        text = instant(at)
        climbed.append([rung, text if not climbed or climbed[-1][1] < text else _next_instant(climbed[-1][1])])
    return climbed


def _next_instant(text: str) -> str:
    return instant(read_instant(text) + timedelta(microseconds=1))


_Keep = Callable[["Handling", Running, Pathway, Mapping[str, JSON]], None]
_KEEP: dict[str, _Keep] = {
    "TaskOpened": _task_opened,
    "TaskCompleted": _task_completed,
    "TaskWithdrawn": _task_withdrawn,
    "JobOpened": _job_opened,
    "JobFinished": _job_closed,
    "JobFailed": _job_closed,
    "JobWithdrawn": _job_closed,
    "FactsChanged": _facts_changed,
    "PlanEnded": _plan_ended,
    "EndingHeld": _ending_held,
    "EndReached": _end_reached,
    "PathwayEnded": _pathway_ended,
    "PathwayWithdrawn": _pathway_withdrawn,
    "Escalated": _escalated,
}

#: The events that change the case.
KEPT = frozenset(_KEEP)

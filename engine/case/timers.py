"""Which of a case's timers are due: its diagrams' own, its tasks' overdue ladders, its child's birthday."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from engine.calendars import start_of_day
from engine.case.facts import birthday_timer
from engine.case.handling import Terms, live
from engine.case.rows import BIRTHDAY, overdue_timer
from engine.case.state import CaseState
from engine.execution import waits
from engine.history import instant, read_instant


@dataclass(frozen=True, slots=True, order=True)
class DueTimer:
    """A timer that is due: since when, its id, and the pathway it belongs to (0 for the case's own)."""

    at: str
    timer: str
    instance: int


#: Turns of a pathway round its own dates, none of which brought it further in time, until it is held.
TURNS = 500


class Turns:
    """Counts how often a pathway has come round to a date that was due at once, while one command waits.

    began  the instant at which the first timer was looked at
    due    what was due then: all of that had its day, however much it is

    A cycle that catches up on days gone by brings its pathway further with each turn, and is not counted.
    """

    def __init__(self, began: str, due: Iterable[DueTimer]) -> None:
        self._began, self._there = began, {one.timer for one in due}
        self._last: dict[int, str] = {}
        self._turns: dict[int, int] = {}

    def without_rest(self, due: DueTimer) -> bool:
        """Whether this date only sends its pathway round once more, as the TURNS before it did."""
        if due.timer in self._there:
            return False
        before = self._last.get(due.instance)
        self._last[due.instance] = due.at
        if before is not None and (due.at <= before or due.at >= self._began):
            self._turns[due.instance] = self._turns.get(due.instance, 0) + 1
        return self._turns.get(due.instance, 0) > TURNS


def due_timers(case: CaseState, terms: Terms, now: datetime) -> list[DueTimer]:
    """Every timer of the case that is due at `now`, the longest overdue first; held ones wait for their incident."""
    limit, held = instant(now), case.held_tasks()
    due: list[DueTimer] = []
    for number, running in case.running.items():
        if running.state == "running" and running.wakes is not None and running.wakes <= limit:
            pathway = terms.pathway(running.release)
            state = live(running, pathway)
            timers = waits(state).timers if state is not None else ()
            mine = (timer for timer in timers if timer.at <= limit and timer.task not in held)
            due.extend(DueTimer(timer.at, str(timer.task), number) for timer in mine)
    for task, desk in case.desks.items():
        if desk.ladder and desk.ladder[0][1] <= limit and task not in held:
            due.append(DueTimer(desk.ladder[0][1], overdue_timer(task), desk.instance))
    birthday = birthday_timer(case.facts)
    if birthday is not None and instant(start_of_day(birthday)) <= limit:
        due.append(DueTimer(instant(start_of_day(birthday)), BIRTHDAY, 0))
    return sorted(due)


def next_timer(case: CaseState, terms: Terms) -> datetime | None:
    """When the case's next timer is due, None where it waits for no time at all."""
    held = case.held_tasks()
    found: list[str] = []
    for running in case.running.values():
        if running.state == "running" and running.wakes is not None:
            state = live(running, terms.pathway(running.release))
            timers = waits(state).timers if state is not None else ()
            found.extend(timer.at for timer in timers if timer.task not in held)
    found.extend(desk.ladder[0][1] for task, desk in case.desks.items() if desk.ladder and task not in held)
    birthday = birthday_timer(case.facts)
    if birthday is not None:
        found.append(instant(start_of_day(birthday)))
    return read_instant(min(found)) if found else None

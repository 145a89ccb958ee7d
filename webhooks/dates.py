"""Every date of a case that matters from now on, each with why it is that date and not another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from engine.calendars import LONDON, eighteenth_birthday
from engine.case.confidential import is_withheld
from engine.casework import CaseView
from engine.casework.dating import Taken, Worked
from engine.clock import london_date
from engine.history import WORKER, Event, read_instant
from webhooks import diagrams, facts
from webhooks.facts import ENDS_WITH_PLAN
from webhooks.story import Names
from webhooks.words import a_date, why_this_date

#: Facts that are dates to come: when they are due somebody meets.
MEETINGS = ("next_review_conference_date", "next_cla_review_date", "edd")


#: Why a date is that date, where nothing was counted and no fact gave it.
AT_ONCE = "It is the day on which the task opened: nothing is to wait."
AS_DRAWN = "As the diagram says."

#: A step: the process in which it stands, '' where that is not known, and its element.
Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """One date: what falls on it, why, and the days left out in counting."""

    on: date
    what: str
    why: str
    task: int | None = None


def lines(case: CaseView, names: Names, today: date) -> list[Line]:
    """The dates of a case, the earliest first."""
    found = [*_tasks(case), *_timers(case, names), *_facts(case, today), *_birthday(case, today)]
    return sorted(found, key=lambda line: (line.on, line.what))


def due_explanations(case: CaseView) -> dict[int, Mapping[str, Any]]:
    """Why each task is due when it is, by task, as it was said when the task opened."""
    return {
        event.body["task"]: event.body["due"]["explanation"]
        for entry in case.timeline
        for event in entry.events
        if event.kind == "TaskOpened" and (event.body.get("due") or {}).get("explanation")
    }


def _tasks(case: CaseView) -> Iterator[Line]:
    explanations, places = due_explanations(case), {step.task: (step.process, step.element) for step in case.steps}
    opened = {step.task: london_date(step.opened) for step in case.steps}
    for task in case.open_tasks:
        if task.due_on is not None:
            why = why_this_date(task.due_on, explanations.get(task.task)) or _taken(case, places.get(task.task))
            if not why:
                at_once = opened.get(task.task) == task.due_on
                why = (
                    "It is the day on which the task opened: nothing is to wait." if at_once else "As the diagram says."
                )
            yield Line(task.due_on, f"Due: {task.title}", why, task.task)


def timers_set(case: CaseView) -> Iterator[tuple[int, Place, date, Mapping[str, Any]]]:
    """Timers that are set, neither fired nor cleared, and still count: instance, place, last day, explanation.

    A task's own ladder is no date of the case, and a day that the plan gave is none once the plan has ended.
    """
    waiting: dict[tuple[int, int], tuple[Event, str]] = {}
    for entry in case.timeline:
        for event, process in entry.placed():
            key = (event.body.get("instance", 0), event.body.get("task") or 0)
            if event.kind == "TimerSet":
                waiting[key] = event, process
            elif event.kind in ("TimerFired", "TimerCleared"):
                waiting.pop(key, None)
    running = {run.instance for run in case.pathways if run.state == "running"}
    for (instance, _), (event, process) in waiting.items():
        due: Mapping[str, Any] = event.body.get("due") or {}
        place = process, str(event.body.get("element") or "")
        if instance in running and due.get("at") and not (plan_over(case) and _read(case, place) & ENDS_WITH_PLAN):
            explanation = due.get("explanation") or {}
            named = explanation.get("on")
            on = date.fromisoformat(named) if named and not is_withheld(named) else _last_day(due["at"])
            yield instance, place, on, explanation


def plan_over(case: CaseView) -> bool:
    """Whether the plan has ended."""
    return case.facts.get("plan_status") == "ENDED"


def _drawings(case: CaseView, process: str) -> list[bytes]:
    """The drawings of a process; every drawing of the case where the process of a step is not known."""
    own = [one.diagrams[one.processes[process]] for one in case.pathways if process in one.processes]
    return own or [content for one in case.pathways for content in one.diagrams.values()]


def _read(case: CaseView, place: Place) -> frozenset[str]:
    """The facts that the timer of an element reads; none where that is not certain: the day is then shown."""
    drawn = (diagrams.timers_in(content) for content in _drawings(case, place[0]))
    found = {timers[place[1]] for timers in drawn if place[1] in timers}
    return found.pop() if len(found) == 1 else frozenset()


def _timers(case: CaseView, names: Names) -> Iterator[Line]:
    for _, (process, element), on, explanation in timers_set(case):
        called, why = names.element(element, process), why_timer(case, (process, element), on, explanation)
        yield Line(on, f"After this day: {called}", why)


def why_timer(case: CaseView, place: Place, on: date, explanation: Mapping[str, Any]) -> str:
    """Why a timer falls on its day, in a sentence."""
    return why_this_date(on, explanation) or _taken(case, place) or AS_DRAWN


def _last_day(at: str) -> date:
    """The day that is over at an instant: at midnight, the day before."""
    return (read_instant(at) - timedelta(microseconds=1)).astimezone(LONDON).date()


def why_taken(taken: Taken, on: date) -> str:
    """A due date that is taken from a fact, or from the day the task opened, in a sentence."""
    if not taken.fact:
        return AT_ONCE
    if is_withheld(taken.value):
        return ""
    who = "the service" if taken.by == WORKER else taken.by
    recorded = f" Recorded by {who} on {a_date(taken.at)}." if taken.at is not None and who else ""
    if isinstance(taken.worked, Worked):
        recorded = f" {why_worked(taken.value, taken.worked)}"
    if taken.fact == "dob":
        return f"The child turns 18: 18 years after {a_date(str(taken.value))}.{recorded}"
    if str(taken.value)[:10] == on.isoformat():
        return f"It is ‘{facts.label(taken.fact)}’.{recorded}"
    return f"It is worked out from ‘{facts.label(taken.fact)}’: {facts.say(taken.fact, taken.value)}.{recorded}"


def why_worked(on: date | str | None, worked: Worked) -> str:
    """Why a form worked out the day that it did, in a sentence; where that cannot be told, that it did so."""
    when = f"when {worked.by} completed it on {a_date(worked.at)}"
    return why_this_date(on, worked.explanation) or f"Worked out by the form of ‘{worked.step}’ {when}."


def _taken(case: CaseView, place: Place | None) -> str:
    """Which fact of the case a date was taken from, and whose record that is; '' where none is, or several might."""
    process, element = place or ("", "")
    named = {diagrams.dated_by(content).get(element) for content in _drawings(case, process) if element} - {None}
    name = named.pop() if len(named) == 1 else None
    if name is None or case.facts.get(name) is None:
        return ""
    return f"It is ‘{facts.label(name)}’. {_recorded(case, name, case.facts[name])}"


def _facts(case: CaseView, today: date) -> Iterator[Line]:
    for name in MEETINGS:
        value = case.facts.get(name)
        try:
            on = date.fromisoformat(str(value))
        except ValueError:
            continue
        if name == "edd" and case.facts.get("dob"):
            continue
        if on >= today or not plan_over(case):
            over = no_longer_counts(case) if name in ENDS_WITH_PLAN else ""
            yield Line(on, facts.label(name), f"{over}{'. ' if over else ''}{_recorded(case, name, value)}")


def no_longer_counts(case: CaseView) -> str:
    """What stands beside a day that the plan gave, once the plan has ended; '' while it is active."""
    ended = a_date(case.facts.get("plan_end_date"))
    return f"It no longer counts: the plan ended on {ended}" if plan_over(case) else ""


def _recorded(case: CaseView, name: str, value: Any) -> str:
    """Who wrote a fact down, and when; of a day that a form worked out, why it is that day."""
    worked = case.worked.get(name)
    if isinstance(worked, Worked):
        return why_worked(value, worked)
    for entry in reversed(case.timeline):
        for event in entry.events:
            changed = event.body.get("facts") or event.body.get("payload") or {}
            if isinstance(changed, Mapping) and changed.get(name) == value:
                who = entry.by_name if entry.by != "worker" else "the service"
                return f"Recorded by {who} on {a_date(entry.at)}."
    return "As recorded."


def _birthday(case: CaseView, today: date) -> Iterator[Line]:
    try:
        born = date.fromisoformat(str(case.facts.get("dob")))
    except ValueError:
        return
    on = eighteenth_birthday(born)
    over = case.facts.get("deceased") or case.facts.get("plan_status") != "ACTIVE"
    if not over and (on.year - today.year) <= 1:
        why = f"18 years after {a_date(born)}."
        if (born.month, born.day) == (2, 29):
            why = f"Born on 29 February, a child turns 18 on 1 March: 18 years after {a_date(born)}."
        yield Line(on, "The child turns 18", why)

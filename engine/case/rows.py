"""What a case's open work looks like in the store's side tables, by number."""

from __future__ import annotations

from engine.calendars import start_of_day
from engine.case.facts import birthday_timer
from engine.case.state import CaseState
from engine.execution import Pathway, Waits
from engine.history import instant
from engine.store.rows import (
    AccessRow,
    EscalationRow,
    IncidentRow,
    InstanceRow,
    JobRow,
    LetterRow,
    MessageRow,
    Rows,
    TaskRow,
    TimerRow,
)

BIRTHDAY = "birthday"
#: How somebody named in a restriction has access to a case; no role of any policy.
NAMED = "named"


def overdue_timer(task: int) -> str:
    """The id of the timer of a task's overdue ladder."""
    return f"overdue:{task}"


class OpenWork:
    """Rows in the making."""

    __slots__ = (
        *("access", "escalations", "incidents", "instances", "jobs"),
        *("letters", "messages", "tasks", "timers", "_together"),
    )

    def __init__(self) -> None:
        self.tasks: dict[int, TaskRow] = {}
        self.timers: dict[str, TimerRow] = {}
        self.messages: dict[int, MessageRow] = {}
        self.jobs: dict[int, JobRow] = {}
        self.incidents: dict[int, IncidentRow] = {}
        self.escalations: dict[int, EscalationRow] = {}
        self.letters: dict[int, LetterRow] = {}
        self.instances: dict[int, InstanceRow] = {}
        self.access: dict[tuple[str, str], AccessRow] = {}
        #: What was last asked of `rows`, and the answer: what a command leaves is what the next one finds.
        self._together: tuple[list[OpenWork], Rows] | None = None

    def rows(self, pathways: list[OpenWork]) -> Rows:
        """The rows as the store takes them, those of some of the case's pathways among them."""
        known = self._together
        if known is not None and known[0] == pathways:
            return known[1]
        tasks, timers, messages, jobs = self.tasks, self.timers, self.messages, self.jobs
        for work in pathways:
            # A dict itself where the other one is empty: no row is added once they are shown.
            if work.tasks:
                tasks = {**tasks, **work.tasks} if tasks else work.tasks
            if work.timers:
                timers = {**timers, **work.timers} if timers else work.timers
            if work.messages:
                messages = {**messages, **work.messages} if messages else work.messages
            if work.jobs:
                jobs = {**jobs, **work.jobs} if jobs else work.jobs
        rows = Rows(
            tasks,
            timers,
            messages,
            jobs,
            self.incidents,
            self.escalations,
            self.letters,
            self.instances,
            self.access,
        )
        self._together = pathways, rows
        return rows


def case_rows(case: CaseState, into: OpenWork) -> OpenWork:
    """Add what belongs to the case as a whole: ladders, the birthday, letters, incidents, escalations, pathways."""
    held = case.held_tasks()
    for task, desk in case.desks.items():
        if desk.ladder and task not in held:
            at = desk.ladder[0][1]
            name = overdue_timer(task)
            into.timers[name] = TimerRow(name, desk.instance, task, "overdue", desk.element, at, False)
    birthday = birthday_timer(case.facts)
    if birthday is not None:
        at = instant(start_of_day(birthday))
        into.timers[BIRTHDAY] = TimerRow(BIRTHDAY, None, None, "birthday", None, at, False)
    for incident in case.held.values():
        into.incidents[incident.number] = IncidentRow(
            incident.number, incident.instance, incident.element, incident.message, incident.raised_at, incident.state
        )
    for raised in case.escalations.values():
        into.escalations[raised.number] = EscalationRow(
            raised.number,
            raised.source,
            raised.to,
            raised.element,
            raised.task,
            raised.code,
            raised.clauses,
            raised.raised_at,
            raised.state,
        )
    for letter in case.letters.values():
        into.letters[letter.number] = LetterRow(
            letter.number, letter.letter, letter.instance, letter.task, letter.state, letter.at
        )
    for running in case.running.values():
        into.instances[running.number] = InstanceRow(
            running.number, running.pathway, running.release, running.state, running.started_at
        )
    for role, person in case.roles.items():
        into.access[person, role] = AccessRow(person, role)
    for person in case.restriction.people if case.restriction is not None else ():
        into.access[person, NAMED] = AccessRow(person, NAMED)
    return into


def pathway_rows(case: CaseState, number: int, pathway: Pathway, waits: Waits, into: OpenWork) -> OpenWork:
    """Add what one running pathway waits for: its tasks, jobs, timers and messages."""
    held = case.held_tasks()
    running = case.running[number]
    for task in waits.tasks:
        desk = case.desks.get(task.task)
        due = task.due or {}
        into.tasks[task.task] = TaskRow(
            task=task.task,
            instance=number,
            pathway=running.pathway,
            element=task.element,
            title=pathway.title_of(task.element, task.process),
            kind="user",
            role=task.role,
            candidates=tuple(task.candidates),
            assignee=desk.assignee if desk else None,
            opened=desk.opened if desk else case.at,
            due_on=due.get("on"),
            due_at=due.get("at"),
            rung=desk.rung if desk else "",
            held=task.task in held,
        )
    for job in waits.jobs:
        opened = case.desks[job.task].opened if job.task in case.desks else case.at
        into.jobs[job.task] = JobRow(job.task, number, job.element, job.type, job.retries, opened, job.task in held)
    for timer in waits.timers:
        name = str(timer.task)
        into.timers[name] = TimerRow(name, number, timer.task, "drawn", timer.element, timer.at, timer.task in held)
    for message in waits.messages:
        into.messages[message.task] = MessageRow(
            message.task, number, message.element, message.name, message.key, message.depth
        )
    return into

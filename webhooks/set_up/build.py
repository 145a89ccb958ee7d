"""Builds the demonstration: settings and pathways published, people appointed, cases opened and taken some way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from engine.authorities import Authority
from engine.calendars import LONDON, Calendar
from engine.case.timers import next_timer
from engine.casework import Casework, Done, Practitioner, Shelf
from engine.clock import SettableClock, SystemClock, london_date
from engine.errors import EngineError
from engine.store import Store
from webhooks.set_up import children
from webhooks.set_up.children import Child
from webhooks.set_up.people import Colleague, appoint, holders
from webhooks.set_up.southwark import southwark_stories
from webhooks.set_up.stories import TODAY, Story, camden_stories, plain_stories, usual_answers
from webhooks.set_up.systems import connect

#: No story takes more steps than this.
MOST_STEPS = 40
Tell = Callable[[str], None]


@dataclass(slots=True)
class _Open:
    """A step that waits: what it is and who may take it."""

    element: str
    roles: tuple[str, ...]


def build(store: Store, processes: Path, password: str, tell: Tell) -> dict[str, tuple[Colleague, ...]]:
    """Set up a fresh demonstration; the people by authority. The database must be empty."""
    store.upkeep.make_demonstration()
    shelf, now = Shelf(store), SystemClock().now()
    staff = {}
    for folder in sorted(path.parent for path in processes.glob("*/authority.toml")):
        tell(f"Pathways of {folder.name}")
        shelf.deploy_authority(folder, at=now, by="set-up", why="the demonstration was set up")
        authority = shelf.terms(folder.name).authority
        colleagues = appoint(store, authority, password, at=now - timedelta(days=400))
        staff[authority.id] = colleagues
        _connect(Casework(store, shelf, SettableClock(now)), authority, colleagues)
        startable = tuple(name for name, _ in shelf.startable(authority.id))
        told = _stories(startable)
        tell(f"{len(told)} cases of {authority.name}")
        for number, (child, story) in enumerate(_cast(authority.id, told, authority.calendar, now)):
            _Teller(store, shelf, authority, colleagues, number, now).tell(child, story)
    return staff


def _connect(casework: Casework, authority: Authority, colleagues: tuple[Colleague, ...]) -> None:
    for person in holders(colleagues).get("system_admin", [])[:1]:
        operator = casework.practitioner(authority.id, person)
        if operator is not None:
            connect(casework, operator)


def _stories(startable: tuple[str, ...]) -> tuple[Story, ...]:
    if "camden_route" in startable:
        return camden_stories()
    return southwark_stories() if "southwark_executive_decision" in startable else plain_stories(startable)


def _began(story: Story, calendar: Calendar, today: date) -> date:
    """The working day on which a story's case was opened."""
    return calendar.working_days_before(today, story.started + 1).on


def _cast(authority: str, told: tuple[Story, ...], calendar: Calendar, now: datetime) -> list[tuple[Child, Story]]:
    today = london_date(now)
    cast = []
    for number, (child, story) in enumerate(zip(children.children(authority, today, len(told)), told, strict=True)):
        match story.kind:
            case "s20" | "ico" | "co":
                child = children.looked_after(child, story.kind, number, _began(story, calendar, today))
            case "in court":
                child = children.in_court(child, number, _began(story, calendar, today))
            case "unborn":
                child = children.unborn(child, today)
            case "nearly eighteen":
                child = children.nearly_eighteen(child, today)
        cast.append((child, story))
    return cast


class _Teller:
    """Tells one story by a clock of its own, which starts in the past and ends before now."""

    def __init__(
        self,
        store: Store,
        shelf: Shelf,
        authority: Authority,
        colleagues: tuple[Colleague, ...],
        number: int,
        now: datetime,
    ) -> None:
        self._authority, self._number, self._now = authority, number, now
        self._names = {one.person: one.name for one in colleagues}
        self._holders = holders(colleagues)
        self._clock = SettableClock(now - timedelta(days=200))
        self._casework = Casework(store, shelf, self._clock)
        self._terms = shelf.terms(authority.id)
        self._open: dict[int, _Open] = {}
        self._jobs: list[int] = []
        self._given: set[str] = set()
        self._count = 0

    def tell(self, child: Child, story: Story) -> None:
        """Open the case, and take it as far as the story goes."""
        self._case_id = child.case_id
        began = _began(story, self._authority.calendar, london_date(self._now))
        self._clock.advance_to(datetime.combine(began, time(9, self._number % 50), LONDON))
        worker = self._person("social_worker")
        roles = {role: self._holder(role) for role in self._holders if role in _ALLOCATED}
        self._casework.open_case(child.case_id, child.facts, by=worker, command_id=self._key(), roles=roles)
        if story.event is not None:
            name, payload = story.event
            self._keep(
                self._casework.record_life_event(
                    child.case_id,
                    name,
                    payload,
                    received_on=london_date(self._clock.now()).isoformat(),
                    by=worker,
                    command_id=self._key(),
                )
            )
        if story.pathway is not None:
            self._keep(self._casework.start_pathway(child.case_id, story.pathway, by=worker, command_id=self._key()))
            self._take_steps(story, child.facts)
        self._let_time_pass()

    def _take_steps(self, story: Story, facts: Mapping[str, Any]) -> None:
        for _ in range(MOST_STEPS):
            self._finish_jobs()
            waiting = sorted(self._open.items())
            if story.until == "" or any(step.element == story.until for _, step in waiting):
                return
            if not any(self._take(task, step, story, facts) for task, step in waiting) and not self._wait():
                return

    def _take(self, task: int, step: _Open, story: Story, facts: Mapping[str, Any]) -> bool:
        """Take one step on the next working day; False where the story has no answer, or gave its own before."""
        own = None if step.element in self._given else story.answers.get(step.element)
        if own is None and usual_answers(step.element, facts, self._clock.now()) is None:
            return False
        self._pass_a_working_day()
        answers = usual_answers(step.element, facts, self._clock.now()) or {}
        today = london_date(self._clock.now()).isoformat()
        self._given.add(step.element)
        own = {name: today if value == TODAY else value for name, value in (own or {}).items()}
        return self._complete(task, step, {**answers, **own})

    def _wait(self) -> bool:
        """Nobody can do anything: let pass what falls due next; False where that lies ahead of us."""
        due = next_timer(self._casework.load(self._authority.id, self._case_id), self._terms)
        if due is None or due >= self._now:
            return False
        self._clock.advance_to(max(due, self._clock.now()))
        self._casework.fire_timers(self._authority.id, self._case_id)
        desks = self._casework.load(self._authority.id, self._case_id).desks
        worker = self._person("social_worker")
        self._open = {
            item.task: _Open(desks[item.task].element, tuple(item.roles))
            for item in self._casework.tasks_of(worker, self._case_id)
        }
        return True

    def _complete(self, task: int, step: _Open, answers: Mapping[str, Any]) -> bool:
        person = self._person(next(role for role in step.roles if role in self._holders))
        view = self._casework.task(person, self._case_id, task)
        if view.form is not None:
            known = {**view.form.initial(view.scope, self._casework.environment(self._authority.id)), **view.prefill}
            known = {key: value for key, value in known.items() if value is not None}
            answers = {key: value for key, value in {**known, **answers}.items() if key in view.form.fields}
        try:
            done = self._casework.complete_task(self._case_id, task, answers, by=person, command_id=self._key())
        except EngineError:
            return False  # the story waits here: the step asks for more than a story knows
        self._keep(done)
        return True

    def _keep(self, done: Done) -> None:
        for event in done.events:
            body = event.body
            if event.kind == "TaskOpened":
                self._open[body["task"]] = _Open(body["element"], tuple(body["candidates"] or ()) or (body["role"],))
            elif event.kind in ("TaskCompleted", "TaskWithdrawn"):
                self._open.pop(body["task"], None)
            elif event.kind == "JobOpened":
                self._jobs.append(body["task"])

    def _finish_jobs(self) -> None:
        """What lies in the past was done then; what opens at the story's end is left to the worker."""
        while self._jobs:
            job = self._jobs.pop()
            self._keep(
                self._casework.finish_job(
                    self._authority.id, self._case_id, job, {}, command_id=self._key(), settles=None
                )
            )

    def _pass_a_working_day(self) -> None:
        calendar: Calendar = self._authority.calendar
        on = calendar.working_days_after(london_date(self._clock.now()), 1).on
        hour = 9 + (self._number + self._count) % 7
        at = datetime.combine(on, time(hour, 12 + self._number % 40), LONDON)
        self._clock.advance_to(max(self._clock.now(), min(at, self._now - timedelta(minutes=1))))

    def _let_time_pass(self) -> None:
        """Up to now, with everything that fell due on the way happening at its time."""
        for _ in range(MOST_STEPS):
            due = next_timer(self._casework.load(self._authority.id, self._case_id), self._terms)
            if due is None or due >= self._now:
                return
            self._clock.advance_to(max(due, self._clock.now()))
            self._casework.fire_timers(self._authority.id, self._case_id)

    def _holder(self, role: str) -> str:
        people = self._holders[role]
        return people[self._number % len(people)]

    def _person(self, role: str) -> Practitioner:
        person = self._holder(role if role in self._holders else next(iter(self._holders)))
        return Practitioner(person, self._authority.id, self._names[person], frozenset({role}))

    def _key(self) -> str:
        self._count += 1
        return f"set-up:{self._case_id}:{self._count}"


#: The roles that a case is allocated to by name; the others' tasks wait in the role's queue.
_ALLOCATED = frozenset({"social_worker", "conference_chair", "iro", "team_manager"})

"""Runs a pathway through a story, and holds three promises after every step.

What history says is open is what `waits` says; what is read back from its bytes is the same; and, told again from the
start, the story gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from engine.calendars import Calendar, england_calendar
from engine.execution import (
    Circumstances,
    CompleteTask,
    DeliverMessage,
    FailJob,
    FinishJob,
    FireTimer,
    Instruction,
    Pathway,
    Start,
    State,
    Waits,
    Withdraw,
    apply,
    decode,
    encode,
    prepare,
    waits,
)
from engine.history import Event, canonical, read_instant
from engine.pathways import Release

CALENDAR: Calendar = england_calendar()
MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
#: Which event opens, and which close, each kind of waiting.
OPENS = {"TaskOpened": "tasks", "JobOpened": "jobs", "TimerSet": "timers", "MessageAwaited": "messages"}
CLOSES = {
    "TaskCompleted": "tasks",
    "TaskWithdrawn": "tasks",
    "JobFinished": "jobs",
    "JobWithdrawn": "jobs",
    "TimerCleared": "timers",
    "MessageNoLongerAwaited": "messages",
}


@dataclass
class Run:
    """One pathway being told."""

    release: Release
    variables: Mapping[str, Any] = field(default_factory=dict)
    reload: bool = False
    case: dict[str, Any] = field(default_factory=lambda: {"case_id": "C1", "plan_status": "ACTIVE"})
    parameters: dict[str, Any] = field(default_factory=dict)
    begin: str | None = None
    now: datetime = MONDAY

    def __post_init__(self) -> None:
        self.pathway: Pathway = prepare(self.release)
        self.state: State | None = None
        self.next_id = 1
        self.events: list[Event] = []
        self.signals: list[str] = []
        self.log: list[tuple[Instruction, Circumstances]] = []
        self.bytes: list[bytes] = []
        self.rows: list[Any] | None = None
        self.open_by_history: dict[str, set[int]] = {"tasks": set(), "jobs": set(), "timers": set(), "messages": set()}
        self.tell(Start(dict(self.variables), self.begin))

    # ------------------------------------------------------------------ telling

    def tell(self, instruction: Instruction) -> list[Event]:
        circumstances = Circumstances(
            self.now, dict(self.case), dict(self.parameters), CALENDAR, self.next_id, 7, "someone", "role"
        )
        self.log.append((instruction, circumstances))
        step = apply(self.pathway, self.state, instruction, circumstances)
        self.state, self.next_id = step.state, step.next_id
        self.events += step.events
        self.signals += step.signals
        self._check_history(step.events)
        if self.rows is not None:
            assert canonical(self.rows) == self.bytes[-1], "what was kept earlier has moved with the state"
        self.rows = encode(step.state)
        kept = canonical(self.rows)
        self.bytes.append(kept)
        if self.reload:
            self.rows = orjson.loads(kept)
        read = decode(prepare(self.release) if self.reload else self.pathway, self.rows)
        assert canonical(encode(read)) == kept, "what was read back differs"
        if self.reload:
            self.pathway, self.state = read.pathway, read
        for event in step.events:
            assert event.body["instance"] == 7
            orjson.dumps(event.body)
            if event.kind == "FactsChanged":
                self.case.update(event.body["facts"])
            if event.kind == "PlanEnded":
                self.case["plan_status"] = "ENDED"
        return step.events

    def _check_history(self, events: list[Event]) -> None:
        for event in events:
            task = event.body.get("task")
            if event.kind in OPENS:
                self.open_by_history[OPENS[event.kind]].add(task)
            elif event.kind in CLOSES:
                self.open_by_history[CLOSES[event.kind]].discard(task)
        now = self.waits
        assert {each.task for each in now.tasks} == self.open_by_history["tasks"]
        assert {each.task for each in now.jobs} == self.open_by_history["jobs"]
        # A timer that fired or a message that came is over unless it may happen again.
        assert {each.task for each in now.timers} <= self.open_by_history["timers"]
        assert {each.task for each in now.messages if not each.signal} <= self.open_by_history["messages"]

    # ------------------------------------------------------------------ looking

    @property
    def waits(self) -> Waits:
        assert self.state is not None
        return waits(self.state)

    @property
    def open(self) -> list[str]:
        """Elements of open tasks and jobs, by name."""
        return sorted(each.element for each in (*self.waits.tasks, *self.waits.jobs))

    @property
    def timers(self) -> list[str]:
        return sorted(each.element for each in self.waits.timers)

    @property
    def messages(self) -> list[str]:
        return sorted(each.element for each in self.waits.messages)

    @property
    def ended(self) -> bool:
        assert self.state is not None
        return self.state.ended

    @property
    def values(self) -> dict[str, Any]:
        assert self.state is not None and self.state.variables is not None
        return self.state.variables

    def kinds(self, *wanted: str) -> list[tuple[str, Any]]:
        """(kind, element) of the events of these kinds, in order."""
        return [(each.kind, each.body.get("element")) for each in self.events if each.kind in wanted]

    def bodies(self, kind: str) -> list[dict[str, Any]]:
        return [dict(each.body) for each in self.events if each.kind == kind]

    # ------------------------------------------------------------------ saying it shortly

    def task(self, element: str, nth: int = 0) -> int:
        found = [each.task for each in (*self.waits.tasks, *self.waits.jobs) if each.element == element]
        assert len(found) > nth, f"{element} is not open; open are {self.open}"
        return found[nth]

    def do(self, element: str, nth: int = 0, /, **answers: Any) -> list[Event]:
        self.now += timedelta(hours=1)
        return self.tell(CompleteTask(self.task(element, nth), answers))

    def finish(self, element: str, nth: int = 0, /, **result: Any) -> list[Event]:
        self.now += timedelta(minutes=1)
        return self.tell(FinishJob(self.task(element, nth), result))

    def fail(self, element: str, code: str | None = None, /, **variables: Any) -> list[Event]:
        self.now += timedelta(minutes=1)
        return self.tell(FailJob(self.task(element), code, "it went wrong", variables))

    def fire(self, element: str) -> list[Event]:
        """Wait until the element's timer is due, and fire it."""
        wait = next((each for each in self.waits.timers if each.element == element), None)
        assert wait is not None, f"no timer {element}; set are {self.timers}"
        self.now = max(self.now, read_instant(wait.at))
        return self.tell(FireTimer(wait.task))

    def send(self, name: str, key: str = "", /, **payload: Any) -> list[Event]:
        found = [each for each in self.waits.messages if (each.name, each.key) == (name, key)]
        assert found, f"nobody waits for {name} {key}; awaited are {self.waits.messages}"
        return self.tell(DeliverMessage(found[0].task, name, payload))

    def withdraw(self, why: str = "mistake") -> list[Event]:
        return self.tell(Withdraw(why))


@dataclass(frozen=True)
class Story:
    """A pathway and what happens on it; `told` asserts on the way."""

    name: str
    release: Callable[[], Release]
    told: Callable[[Run], None]
    variables: Mapping[str, Any]
    begin: str | None
    case: Mapping[str, Any]

    def run(self, *, reload: bool) -> Run:
        run = Run(self.release(), self.variables, reload, begin=self.begin, case={"case_id": "C1", **self.case})
        self.told(run)
        return run


STORIES: dict[str, Story] = {}


def story(
    release: Release | Callable[[], Release],
    variables: Mapping[str, Any] | None = None,
    *,
    begin: str | None = None,
    case: Mapping[str, Any] | None = None,
) -> Callable[[Callable[[Run], None]], Callable[[Run], None]]:
    """Register a function as a story: its name is the sentence, its docstring the rule."""
    made = release if callable(release) else lambda: release

    def register(told: Callable[[Run], None]) -> Callable[[Run], None]:
        assert told.__doc__, f"{told.__name__} says no rule"
        assert told.__name__ not in STORIES
        STORIES[told.__name__] = Story(
            told.__name__, made, told, variables or {}, begin, {"plan_status": "ACTIVE", **(case or {})}
        )
        return told

    return register


def replay(run: Run) -> list[bytes]:
    """The story told again from its instructions alone, on a freshly prepared pathway."""
    pathway, state, found = prepare(run.release), None, []
    for instruction, circumstances in run.log:
        state = apply(pathway, state, instruction, circumstances).state
        found.append(canonical(encode(state)))
    return found

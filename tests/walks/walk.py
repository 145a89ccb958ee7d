"""Walks every way through one pathway, in memory: a state is looked at once, whatever led to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from engine.authorities import Authority
from engine.case.commands import handle
from engine.case.facts import LIFE_EVENTS
from engine.case.facts import view as facts_view
from engine.case.handling import live
from engine.case.state import CaseState, decode, encode
from engine.case.timers import DueTimer
from engine.clock import LONDON, london_date
from engine.errors import Refused
from engine.execution import Pathway, TaskWait, Waits, scope, waits
from engine.execution.elements import Process
from engine.feel import Environment
from engine.history import JSON, Command, Event, instant, read_instant
from engine.pathways import Release
from tests.walks.values import Answers, Vocabulary, children

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
#: What may happen to a child while the pathway waits, with what the message says of it.
HAPPENS: Mapping[str, dict[str, JSON]] = {
    "ChildDied": {},
    "PlacementChanged": {"placement": "home"},
    "LegalStatusChanged": {"legal_status": "none", "placement": "home"},
    "RemovedFromS20": {},
    "MovedOutOfArea": {},
    "LeftUK": {},
}
#: A pathway whose ways are more than this is not exhausted, and says so.
MOST = 40_000
#: Rounds of one pathway: how often a way may come to the same step before it is left.
ROUNDS = 2


class Settings:
    """What commands are carried out under, without a store (engine.case.handling.Terms)."""

    def __init__(self, authority: Authority, releases: Mapping[str, Release], prepared: Mapping[str, Pathway]) -> None:
        self.authority = authority
        self._releases = {release.hash: release for release in releases.values()}
        self._prepared = prepared

    def pathway(self, release: str) -> Pathway:
        """The prepared pathway of a release."""
        return self._prepared[release]

    def release(self, release: str) -> Release:
        """The release of that hash."""
        return self._releases[release]

    def parameters(self, release: str, on: date) -> Mapping[str, JSON]:
        """The values of its local parameters on a day."""
        return self.authority.parameters_for(self._releases[release], on)


@dataclass(frozen=True)
class Way:
    """How a state was reached: what was done, what the last of it caused, and the steps completed on the way."""

    did: tuple[str, ...] = ()
    last: tuple[Event, ...] = ()
    completed: frozenset[str] = frozenset()
    life_event: str = ""
    #: Which kind of child it is (tests.walks.values.CHILDREN).
    child: int = 0

    def and_then(self, did: str, events: tuple[Event, ...], life_event: str = "") -> Way:
        """The way one command further."""
        done = {str(event.body["element"]) for event in events if event.kind == "StepCompleted"}
        return Way((*self.did, did), events, self.completed | done, self.life_event or life_event, self.child)


@dataclass
class Walked:
    """What was seen on all ways through a pathway."""

    pathway: str
    states: int = 0
    commands: int = 0
    exhausted: bool = True
    outcomes: set[str] = field(default_factory=set)
    faults: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: Endings whose guard read something unknown: outcome, table, rows and inputs, with the first way there.
    unknown: dict[tuple[str, str, tuple[int, ...], tuple[str, ...]], tuple[str, ...]] = field(default_factory=dict)

    def fault(self, what: str, way: Way) -> None:
        """Note something that may not be, with the first way that led to it."""
        self.faults.setdefault(what, way.did)


#: Looks at a state and the way to it, and notes what may not be.
Judge = Callable[[CaseState, Way, Walked], None]


def needs_caller(process: Process, authority: Authority) -> bool:
    """Whether a process is started with something only a caller has: it is walked within its callers."""
    given = bool(process.properties.get("casework:inputs")) and "/shared/" in process.file
    return given and process.id != authority.life_event_pathway


class Walk:
    """All ways through one pathway of one authority."""

    def __init__(self, settings: Settings, release: Release, life_event: Release | None, judge: Judge) -> None:
        self.settings, self.release, self.judge = settings, release, judge
        processes = settings.pathway(release.hash).processes.values()
        self._own = [each for each in processes if each.id == release.pathway or needs_caller(each, settings.authority)]
        self.vocabulary = Vocabulary(release, tuple(each.file for each in self._own))
        self.life_event = None if life_event is None else {"pathway": life_event.pathway, "release": life_event.hash}
        self.walked = Walked(release.pathway)
        self._seen: set[int] = set()
        self._happened: set[tuple[Any, int, str]] = set()
        self._answers: dict[tuple[str, str], Answers] = {}

    def go(self) -> Walked:
        """Walk on until nothing new is found."""
        waiting: list[tuple[bytes, Way]] = []
        for child, facts in children(self.vocabulary, BEGIN):
            body: dict[str, JSON] = {
                "facts": {"name": "Sam Sample", **facts},
                "start": {"pathway": self.release.pathway, "release": self.release.hash, "variables": {}},
            }
            case = CaseState(self.settings.authority.id, "WALK-1")
            try:
                events = self._do(case, "open_case", body, BEGIN, "social_worker")
            except Refused:
                continue
            told = ", ".join(f"{name}={value}" for name, value in facts.items() if name in self.vocabulary.words)
            self._arrive(case, Way(child=child).and_then(told, events), waiting)
        while waiting:
            if self.walked.commands > MOST:
                self.walked.exhausted = False
                break
            snapshot, way = waiting.pop()
            for case, further in self._steps(snapshot, way):
                self._arrive(case, further, waiting)
        return self.walked

    # ------------------------------------------------------------------ one state

    def _arrive(self, case: CaseState, way: Way, waiting: list[tuple[bytes, Way]]) -> None:
        self.walked.outcomes.update(outcome for run in case.running.values() for outcome in run.outcomes)
        self.judge(case, way, self.walked)
        here = self._signature(case, way)
        if here in self._seen:
            return
        self._seen.add(here)
        self.walked.states += 1
        open_ = [found for _, found in self._waits(case)]
        running = [run for run in case.running.values() if run.state == "running"]
        for run, found in zip(running, open_, strict=True):
            if not (found.tasks or found.jobs or found.timers or found.messages) and not case.held_tasks():
                self.walked.fault(f"{run.pathway} waits for nobody and nothing", way)
        if any(way.did.count(did) > ROUNDS for did in set(way.did[-3:])):
            return
        if not any(held.state == "open" for held in case.held.values()):
            waiting.append((encode(case), way))

    def _signature(self, case: CaseState, way: Way) -> int:
        """What tells this state from others; inside a called pathway, which is walked on its own, only the place."""
        places = self._places(case)
        waiting = [task.element for _, found in self._waits(case) for task in found.tasks]
        if waiting and not any(self._is_own(element) for element in waiting):
            outcomes = tuple(outcome for run in case.running.values() for outcome in run.outcomes)
            return hash((places, outcomes, way.child, bool(way.life_event), case.facts["plan_status"]))
        stands = []
        for run in case.running.values():
            found = self._waits_of(case, run.number)
            state = live(run, self.settings.pathway(run.release)) if run.tokens is not None else None
            known = sorted(
                f"{name}={self._steers(value)}"
                for task in found.tasks[:1]
                for name, value in (scope(state, task.task) if state is not None else {}).items()
                if name in self.vocabulary.words
            )
            stands.append((tuple(run.outcomes), tuple(known)))
        facts = tuple(
            f"{name}={value}"
            for name, value in case.facts.items()
            if name in self.vocabulary.words and isinstance(value, bool | str | None) and not _is_date(value)
        )
        return hash((places, tuple(stands), facts, bool(way.life_event), bool(case.held_tasks())))

    def _places(self, case: CaseState) -> tuple[Any, ...]:
        """Where each pathway of the case stands."""
        stands = []
        for run in case.running.values():
            found = self._waits_of(case, run.number)
            places = [task.element for task in found.tasks] + [job.element for job in found.jobs]
            places += [timer.element for timer in found.timers]
            places += [each.element for each in found.messages]
            stands.append((run.pathway, run.state, tuple(sorted(places))))
        return tuple(stands)

    def _steps(self, snapshot: bytes, way: Way) -> Iterator[tuple[CaseState, Way]]:
        """Everything that may come next: the first open task in every way, each message, the next date, life."""
        case = decode(snapshot)
        jobs = [(number, job) for number, found in self._waits(case) for job in found.jobs]
        if jobs:
            _, job = jobs[0]
            yield from self._try(snapshot, way, f"job {job.element}", "finish_job", {"job": job.task, "result": {}})
            return
        tasks = [(number, task) for number, found in self._waits(case) for task in found.tasks]
        if tasks:
            yield from self._complete(snapshot, way, case, *min(tasks, key=lambda each: each[1].task))
        for number, found in self._waits(case):
            for message in found.messages:
                if message.name in (*LIFE_EVENTS, "LifeEvent", "PlanEnded") or message.signal:
                    continue
                for payload in self._payloads(case, number, message.element):
                    body = {
                        "instance": number, "task": message.task, "name": message.name, "payload": payload,
                        "received_on": london_date(read_instant(case.at)).isoformat(),
                    }  # fmt: skip
                    yield from self._try(snapshot, way, f"message {message.name} {payload}", "receive_message", body)
        due = self._next_drawn_timer(case)
        if due is not None:
            body = {"timer": due.timer, "instance": due.instance}
            yield from self._try(snapshot, way, "the date comes", "fire_timer", body, read_instant(due.at))
        if not way.life_event and case.facts["plan_status"] == "ACTIVE":
            places = self._places(case)
            for name, payload in HAPPENS.items():
                if (places, way.child, name) in self._happened:
                    continue
                self._happened.add((places, way.child, name))
                told = {
                    "name": name, "payload": payload, "life_event_pathway": self.life_event,
                    "received_on": london_date(read_instant(case.at)).isoformat(),
                }  # fmt: skip
                yield from self._try(snapshot, way, name, "record_life_event", told, happened=name)

    def _complete(
        self, snapshot: bytes, way: Way, case: CaseState, number: int, task: TaskWait
    ) -> Iterator[tuple[CaseState, Way]]:
        run = case.running[number]
        role = sorted(task.candidates)[0] if task.candidates else task.role or "social_worker"
        if task.form is None:
            body: dict[str, JSON] = {"task": task.task, "answers": {}}
            yield from self._try(snapshot, way, task.element, "complete_task", body, role=role)
            return
        now = self._now(case)
        state = live(run, self.settings.pathway(run.release))
        assert state is not None
        given = {
            **scope(state, task.task),
            "case": {"case_id": case.case_id, "authority": case.authority, **facts_view(case.facts, now=now)},
            "parameters": self.settings.parameters(run.release, london_date(now)),
        }
        environment = Environment(now=now.astimezone(LONDON), extras={"calendar": self.settings.authority.calendar})
        answers = self._answers_to(run.release, task.form)
        some = False
        for checked in answers.taken(given, environment, few=not self._is_own(task.element) or bool(way.life_event)):
            some = True
            steers = {key: checked[key] for key in answers.steering if key in checked}
            body = {"task": task.task, "answers": checked}
            yield from self._try(snapshot, way, f"{task.element} {steers}", "complete_task", body, role=role)
        if not some:
            self.walked.fault(f"no answers to {task.element} were found that its form takes", way)

    # ------------------------------------------------------------------ pieces

    def _try(
        self,
        snapshot: bytes,
        way: Way,
        did: str,
        kind: str,
        body: dict[str, Any],
        at: datetime | None = None,
        role: str | None = None,
        happened: str = "",
    ) -> Iterator[tuple[CaseState, Way]]:
        case = decode(snapshot)
        try:
            events = self._do(case, kind, body, at or self._now(case), role)
        except Refused:
            return
        yield case, way.and_then(did, events, happened)

    def _do(
        self, case: CaseState, kind: str, body: dict[str, Any], at: datetime, role: str | None
    ) -> tuple[Event, ...]:
        self.walked.commands += 1
        command = Command(
            f"walk-{case.revision}", kind, at, role or "system", role, self.settings.authority.version, body
        )
        return tuple(handle(case, command, self.settings, shown=False).events)

    def _now(self, case: CaseState) -> datetime:
        return read_instant(case.at) + timedelta(minutes=1)

    def _waits(self, case: CaseState) -> Iterator[tuple[int, Waits]]:
        for number, run in case.running.items():
            if run.state == "running":
                yield number, self._waits_of(case, number)

    def _waits_of(self, case: CaseState, number: int) -> Waits:
        run = case.running[number]
        if run.state != "running" or run.tokens is None:
            return Waits()
        state = live(run, self.settings.pathway(run.release))
        return Waits() if state is None else waits(state)

    def _next_drawn_timer(self, case: CaseState) -> DueTimer | None:
        found = [
            DueTimer(timer.at, str(timer.task), number) for number, each in self._waits(case) for timer in each.timers
        ]
        if not found:
            return None
        first = min(found)
        return first if first.at > case.at else DueTimer(instant(self._now(case)), first.timer, first.instance)

    def _payloads(self, case: CaseState, number: int, element: str) -> Iterator[dict[str, JSON]]:
        """What a message may say: nothing, and everything that the diagram reads of it as yes, and as no."""
        pathway = self.settings.pathway(case.running[number].release)
        read = sorted(
            {
                name
                for assignment in (pathway.elements[element].outputs if element in pathway.elements else ())
                for name in assignment.source.names
            }
        )
        today = london_date(read_instant(case.at)).isoformat()
        yield {}
        if read:
            yield {name: today if name.endswith("_on") else True for name in read}
            yield {name: today if name.endswith("_on") else False for name in read}

    def _steers(self, value: Any) -> Any:
        """A value as far as it may steer: what nothing reads does not, nor does free text, a date or a time."""
        if isinstance(value, dict):
            read = ((name, item) for name, item in value.items() if name in self.vocabulary.words)
            return tuple(sorted((name, str(self._steers(item))) for name, item in read))
        if isinstance(value, str) and (" " in value or _is_date(value)):
            return "text"
        return value if not isinstance(value, list) else len(value)

    def _is_own(self, element: str) -> bool:
        """Whether a step stands in the pathway's own diagram, or in a piece that is nothing without its caller."""
        return any(element in process.elements for process in self._own)

    def _answers_to(self, release: str, form: str) -> Answers:
        found = self._answers.get((release, form))
        if found is None:
            read = self.settings.release(release).forms[form]
            found = self._answers[release, form] = Answers(read, self.vocabulary, self.settings.pathway(release))
        return found


def _is_date(value: Any) -> bool:
    return isinstance(value, str) and len(value) >= 10 and value[4:5] == "-" and value[:4].isdigit()

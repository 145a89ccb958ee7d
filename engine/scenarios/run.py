"""Plays a scenario: opens the case, lets people and time act, and compares with what the scenario expects."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from engine.authorities import Authority
from engine.case.state import CaseState
from engine.case.timers import next_timer
from engine.casework import Casework, Practitioner, Shelf
from engine.clock import LONDON, SettableClock, london_date
from engine.errors import EngineError
from engine.execution import Waits, decode, waits
from engine.history import JSON, Event
from engine.replay import Replay, recorded_events, replay
from engine.scenarios.expectations import Seen, raised, unmet
from engine.scenarios.files import Scenario, When, explain, moment
from engine.scenarios.visits import visited
from engine.store import Store

#: A scenario that has not come to rest after so many timers and jobs runs in a circle.
ROUNDS = 2_000


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a scenario; `problems` is empty where everything was as expected."""

    file: str
    title: str
    clauses: tuple[str, ...]
    problems: tuple[str, ...]
    outcomes: tuple[str, ...]
    plan_status: str
    open_tasks: tuple[str, ...]
    visited: frozenset[str]  # as engine/scenarios/visits.py writes it
    replay: Replay | None = None
    story: tuple[str, ...] = field(default=())
    case_id: str = ""

    @property
    def passed(self) -> bool:
        """Whether everything was as the scenario expects, and replay certified it."""
        return not self.problems


class Stage:
    """Where scenarios of one authority are played: a store and the authority's published pathways."""

    def __init__(self, store: Store, shelf: Shelf) -> None:
        self.store, self.shelf = store, shelf
        self._count = 0

    def play(self, scenario: Scenario, *, certify: bool = True) -> Result:
        """Play one scenario from its start to its end, and have replay certify it."""
        self._count += 1
        play = Play(self, scenario, f"{scenario.case_id}-{self._count}")
        if not scenario.parameters:
            return play.result(certify=certify)
        usual = self.shelf.terms(scenario.authority).authority
        self.shelf.put_in_force(self._with(scenario, usual), at=scenario.now, by="scenario", why="[given.parameters]")
        try:
            return play.result(certify=certify)
        finally:
            self.shelf.put_in_force(usual, at=scenario.now, by="scenario", why="the scenario is over")

    def perform(self, scenario: Scenario) -> Play:
        """Play a scenario and stay where it ended, to look at the case and go on; nothing is expected of it."""
        self._count += 1
        play = Play(self, scenario, f"{scenario.case_id}-{self._count}")
        play.perform()
        return play

    def _with(self, scenario: Scenario, usual: Authority) -> Authority:
        """The authority's settings with the local values that a scenario gives. Raises ScenarioStopped."""
        declared = {
            name: parameter
            for hash_ in self.shelf.deployments(scenario.authority).values()
            for name, parameter in self.shelf.release(scenario.authority, hash_).parameters.items()
        }
        changed = usual
        for name, value in scenario.parameters.items():
            if name not in declared:
                raise ScenarioStopped(f"{scenario.file}: no pathway of {scenario.authority} declares parameter {name}.")
            since = london_date(scenario.now)
            # A scenario may say for which number of the policy it holds, also where no authority may choose it.
            changed = changed.with_value(replace(declared[name], local=True), value, since, "given by a scenario")
        return changed


class Play:
    """One scenario being played: its case, its clock, and what happened so far."""

    def __init__(self, stage: Stage, scenario: Scenario, case_id: str) -> None:
        self.stage, self.scenario, self.case_id = stage, scenario, case_id
        self.clock = SettableClock(scenario.now)
        self.casework = Casework(stage.store, stage.shelf, self.clock)
        self.problems: list[str] = []
        self.events: list[Event] = []
        self.story: list[str] = []
        self.commands = 0
        self.stopped = False

    # ------------------------------------------------------------------ playing

    def perform(self) -> None:
        """Open the case and do everything that the scenario says, up to where it stops."""
        self._set_up()
        for when in self.scenario.whens:
            if not self.stopped:
                self._step(when)

    def result(self, *, certify: bool) -> Result:
        """Play, check and certify."""
        self.perform()
        case = self._case()
        if not self.stopped:
            seen = Seen(
                case,
                tuple(task for found in self._waits(case).values() for task in found.tasks),
                tuple(message.name for found in self._waits(case).values() for message in found.messages),
                visited(self.events),
                lambda name: self.casework.load(self.scenario.authority, f"{self.case_id}-{name}").facts,
            )
            self.problems += unmet(self.scenario.then, seen)
        else:
            self.problems[:0] = raised(case)  # Why the story could not go on stands first.
        certificate = None
        if certify and case.revision:
            certificate = replay(self.stage.store, self.stage.shelf, self.scenario.authority, self.case_id)
            if certificate.difference is not None:
                self.problems.append(
                    f"replay differs at revision {certificate.difference.revision}: {certificate.difference.message}"
                )
        return Result(
            self.scenario.file,
            self.scenario.title,
            self.scenario.clauses,
            tuple(self.problems),
            tuple(o for running in case.running.values() for o in running.outcomes),
            str(case.facts["plan_status"]),
            tuple(self._opened(case)),
            visited(self.events),
            certificate,
            tuple(self.story),
            self.case_id,
        )

    def _set_up(self) -> None:
        opener = self._person("social_worker", None)
        try:
            for name, other in self.scenario.others.items():
                self.casework.open_case(
                    f"{self.case_id}-{name}", {"name": name, **other}, by=opener, command_id=self._command()
                )
            # In one command, so that a child who is 18 already goes the way that the scenario names.
            done = self.casework.open_case(
                self.case_id,
                {"name": "Sam Sample", "child_ref": "SAMPLE", **self.scenario.facts},
                by=opener,
                command_id=self._command(),
                roles=self.scenario.roles,
                pathway=self.scenario.pathway,
                variables=self.scenario.variables,
            )
            self.events.extend(done.events)
            self._advance(self.clock.now())
        except EngineError as error:
            self._stop(f"the case could not be set up: {explain(error)}")

    def _step(self, when: When) -> None:
        calendar = self.stage.shelf.terms(self.scenario.authority).authority.calendar
        if when.at is not None:
            try:
                target = moment(when.at, self.clock.now(), calendar, self.scenario.file)
            except EngineError as error:
                self._stop(f"step {when.position}: {error}")
                return
            if target < self.clock.now():
                self._stop(f"step {when.position}: {target.isoformat()} lies before the clock.")
                return
            self._advance(target)
        if when.does == "advance":
            return
        said = f"{self._now()} {when.by or ''} {when.does} {when.what}".replace("  ", " ")
        before = self._case().revision
        try:
            self._act(when)
        except EngineError as error:
            # What was due had happened before the step was refused, and goes on as it would have without the step.
            self._collect(before)
            self._advance(self.clock.now())
            words = explain(error)
            self.story.append(f"{said}: refused: {words}")
            if when.refused is None:
                self._stop(f"step {when.position} ({when.does} {when.what}) was refused: {words}")
            elif when.refused.lower() not in f"{words} {type(error).__name__} {self._clauses(when)}".lower():
                self.problems.append(
                    f"step {when.position} was refused for another reason than {when.refused!r}: {words}"
                )
            return
        self.story.append(said)
        if when.refused is not None:
            self.problems.append(f"step {when.position} ({when.does} {when.what}) was to be refused and was not.")
        self._advance(self.clock.now())

    def _act(self, when: When) -> None:
        case = self._case()
        if when.does == "complete":
            task = self._find_task(case, when.what, when.number)
            by = self._person(when.by or self._role_of(case, task), when.person)
            # A letter that the scenario does not word is sent as its template drafts it, as on the page.
            answers = {**self.casework.letter_draft(case, task), **when.answers}
            done = self.casework.complete_task(self.case_id, task, answers, by=by, command_id=self._command())
        elif when.does == "start":
            by = self._person(when.by or "social_worker", when.person)
            done = self.casework.start_pathway(
                self.case_id, when.what, by=by, command_id=self._command(), variables=when.variables
            )
        elif when.does == "record":
            by = self._person(when.by or "social_worker", when.person)
            done = self.casework.record_facts(self.case_id, when.payload, when.what, by=by, command_id=self._command())
        elif when.does == "reinstate":
            by = self._person(when.by or "head_of_quality_assurance", when.person)
            done = self.casework.reinstate_plan(
                self.case_id, when.what, effective_on=None, by=by, command_id=self._command()
            )
        elif when.does == "fail_job":
            done = self.casework.fail_job(
                self.scenario.authority,
                self.case_id,
                self._find_job(case, when.what),
                when.code,
                "failed in a scenario",
                command_id=self._command(),
                settles=None,
            )
        else:
            by = self._person(when.by or "social_worker", when.person)
            deliver = self.casework.record_life_event if when.does == "event" else self.casework.receive_message
            done = deliver(
                self.case_id,
                when.what,
                when.payload,
                received_on=when.received_on,
                by=by,
                command_id=self._command(),
            )
        self.events.extend(done.events)

    def _advance(self, target: datetime) -> None:
        """Let time pass, stopping at each timer that is due on the way, in order; what it leads to is done at once."""
        self._finish_jobs()
        for _ in range(ROUNDS):
            case = self._case()
            due = next_timer(case, self.stage.shelf.terms(self.scenario.authority))
            if due is None or due > target:
                break
            if due > self.clock.now():
                self.clock.advance_to(due)
            before = self._case().revision
            self.casework.fire_timers(self.scenario.authority, self.case_id)
            self._collect(before)
            self._finish_jobs()
        else:
            self._stop("time does not pass: timers fire again and again.")
            return
        if target > self.clock.now():
            self.clock.advance_to(target)

    def _collect(self, before: int) -> None:
        """Take in what timers did, from history."""
        if self._case().revision > before:
            for entry in self.stage.store.history(self.scenario.authority, self.case_id, before):
                self.events.extend(recorded_events(entry))

    def _finish_jobs(self) -> None:
        """Jobs (letters, mail, webhooks) succeed at once, as a worker's would."""
        for _ in range(ROUNDS):
            case = self._case()
            job = next(
                (j.task for w in self._waits(case).values() for j in w.jobs if j.task not in case.held_tasks()), None
            )
            if job is None or self._keeps_failing(case, job):
                return
            done = self.casework.finish_job(
                self.scenario.authority, self.case_id, job, {}, command_id=self._command(), settles=None
            )
            self.events.extend(done.events)
        self._stop("jobs follow jobs without end.")

    def _keeps_failing(self, case: CaseState, job: int) -> bool:
        """Whether the scenario itself says that this job fails."""
        element = case.desks[job].element
        return any(when.does == "fail_job" and when.what == element for when in self.scenario.whens)

    # ------------------------------------------------------------------ looking

    @property
    def case(self) -> CaseState:
        """The case as it stands."""
        return self._case()

    def waiting(self) -> list[Waits]:
        """What each running pathway of the case waits for."""
        return list(self._waits(self._case()).values())

    def _case(self) -> CaseState:
        try:
            return self.casework.load(self.scenario.authority, self.case_id)
        except EngineError:
            return CaseState(self.scenario.authority, self.case_id)

    def _waits(self, case: CaseState) -> dict[int, Waits]:
        return {
            number: waits(decode(self.stage.shelf.pathway(case.authority, running.release), running.tokens))
            for number, running in case.running.items()
            if running.state == "running" and running.tokens is not None
        }

    def _opened(self, case: CaseState) -> list[str]:
        return sorted(task.element for w in self._waits(case).values() for task in w.tasks)

    def _find_task(self, case: CaseState, element: str, number: int | None) -> int:
        found = [task.task for w in self._waits(case).values() for task in w.tasks if task.element == element]
        if not found:
            raise ScenarioStopped(f"task {element} is not open; open are {', '.join(self._opened(case)) or 'none'}.")
        if number is None:
            return found[0]
        numbers = {self.item(case, task)[0]: task for task in found}
        if number not in numbers:
            raise ScenarioStopped(f"task {element} is not open with number {number}.")
        return numbers[number]

    def item(self, case: CaseState, task: int) -> tuple[int | None, JSON]:
        """Which item of a list an open task, or a group around it, stands for, from 1; (None, None) for none."""
        waiting = ((number, wait) for number, found in self._waits(case).items() for wait in found.tasks)
        running, wait = next((case.running[number], wait) for number, wait in waiting if wait.task == task)
        pathway = self.stage.shelf.pathway(case.authority, running.release)
        loop, place = None, pathway.element(wait.element, wait.process)
        while place is not None and loop is None:
            loop, place = place.loop, pathway.processes[wait.process].elements.get(place.scope)
        if loop is None:
            return None, None
        known = self.casework.scope_of(case, task)
        return known.get("loopCounter"), known.get(loop.item or "")

    def _find_job(self, case: CaseState, element: str) -> int:
        found = [job.task for w in self._waits(case).values() for job in w.jobs if job.element == element]
        if not found:
            raise ScenarioStopped(f"job {element} is not open.")
        return found[0]

    def _clauses(self, when: When) -> str:
        """The clauses that a task and the questions of its form serve: a refusal may be expected by its clause."""
        case = self._case()
        for number, found in self._waits(case).items():
            for task in found.tasks:
                if task.element == when.what:
                    release = self.stage.shelf.release(case.authority, case.running[number].release)
                    pathway = self.stage.shelf.pathway(case.authority, release.hash)
                    fields = release.forms[task.form].fields.values() if task.form else ()
                    named = [pathway.properties_of(task.element, task.process).get("casework:clauses", "")]
                    return " ".join([*named, *(clause for field_ in fields for clause in field_.clauses)])
        return ""

    def _role_of(self, case: CaseState, task: int) -> str:
        wait = next(t for w in self._waits(case).values() for t in w.tasks if t.task == task)
        return wait.role or (wait.candidates[0] if wait.candidates else "social_worker")

    def _person(self, role: str, person: str | None) -> Practitioner:
        name = person or role
        return Practitioner(name, self.scenario.authority, name, frozenset({role}))

    def _command(self) -> str:
        self.commands += 1
        return f"{self.case_id}:{self.commands}"

    def _now(self) -> str:
        return self.clock.now().astimezone(LONDON).strftime("%a %d %b %Y %H:%M")

    def _stop(self, problem: str) -> None:
        self.problems.append(problem)
        self.stopped = True


class ScenarioStopped(EngineError):
    """A scenario asks for something that is not there."""

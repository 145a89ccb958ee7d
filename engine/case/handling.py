"""One command at work on one case: pathways are stepped, and what happened is kept as events and as open work."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Protocol, TypeVar

from engine.authorities import Authority
from engine.calendars import london_date
from engine.case import facts as case_facts
from engine.case import keeping
from engine.case.keeping import HEAD
from engine.case.rows import OpenWork, case_rows, pathway_rows
from engine.case.state import CaseState, Held, Raised, Running
from engine.errors import Incident, Refused
from engine.execution import (
    CONTRADICTED,
    CORRECTION_OPEN,
    PLAN_ENDED,
    REPORT_OPEN,
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
    stands_still,
    waits,
    wakes,
    whose,
)
from engine.execution.elements import Element
from engine.history import JSON, Command, Event
from engine.store.rows import Rows

#: In a command's body: a pathway that it would leave waiting for nothing stops before that.
MUST_GO_ON = "must_go_on"
#: In a command's body: of an id that several processes use, what its own process draws is meant.
BY_PROCESS = "by_process"
#: In the body of a timer's command: the date comes again as soon as it has come, and is held.
COMES_AGAIN = "comes_again"

T = TypeVar("T")
Source = Literal["diagram", "overdue", "incident", "life_event", "correction", "reinstatement", "report"]

__all__ = ["HEAD", "Handling", "HeldByIncident", "TaskNotOpen", "Terms", "Touched", "live"]

#: What a case shows of which nobody asks; no row is added to it.
_UNSHOWN = OpenWork()

_INSTRUCTIONS: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (Start, CompleteTask, FinishJob, FailJob, FireTimer, DeliverMessage, Withdraw)
}


class TaskNotOpen(Refused):
    """The task was completed or withdrawn before this request arrived."""

    def __init__(self, case_id: str, task: int) -> None:
        super().__init__(f"Task {task} of case {case_id} is not open. Reload the case to see what is open.")
        self.case_id, self.task = case_id, task


class HeldByIncident(Refused):
    """What was asked for waits for somebody to look at an incident first."""

    def __init__(self, case_id: str, task: int) -> None:
        super().__init__(
            f"Step {task} of case {case_id} is held by an incident; the answers given are kept. "
            "An operator must look at the incident first."
        )
        self.case_id, self.task = case_id, task


class Terms(Protocol):
    """What a command is carried out under: the authority's settings in force and the pathways by release."""

    @property
    def authority(self) -> Authority: ...

    def pathway(self, release: str) -> Pathway: ...

    def parameters(self, release: str, on: date) -> Mapping[str, JSON]: ...


@dataclass(slots=True)
class Touched:
    """A pathway that the command moved: its tokens in memory, and the rows of what it waited for before."""

    pathway: Pathway
    state: State | None
    before: OpenWork

    @property
    def waits(self) -> Waits | None:
        """What it waits for now."""
        return None if self.state is None else waits(self.state)


def live(running: Running, pathway: Pathway) -> State | None:
    """A pathway's tokens in memory, decoded once for all who look; None where it has not started or is over."""
    if running.live is None and running.tokens is not None:
        running.live = decode(pathway, running.tokens)
    found: State | None = running.live
    return found


class Handling:
    """One command at work; after it, `events` is what happened and `rows_before`/`rows_after` the open work."""

    def __init__(
        self, case: CaseState, command: Command, terms: Terms, *, shown: bool = True, anew: bool = False
    ) -> None:
        self.case, self.command, self.terms = case, command, terms
        self._by_process = anew or bool(command.body.get(BY_PROCESS))
        self._shown = shown
        self.events: list[Event] = []
        self.at = case.at
        #: Whether a pathway was left that waits for nothing.
        self.stands_still = False
        #: Whether it mattered that a step was looked up in its own process: the command must say so, to be replayed.
        self.looked_in_process = False
        self._process_of: dict[int, str] = {}
        self._touched: dict[int, Touched] = {}
        self._case_rows_before: OpenWork = (case.shown or case_rows(case, OpenWork())) if shown else _UNSHOWN

    # ------------------------------------------------------------------ open work before and after

    def rows_before(self) -> Rows:
        """The rows of everything the command touched, as they stood."""
        return self._case_rows_before.rows([touched.before for touched in self._touched.values()])

    def rows_after(self) -> Rows:
        """The rows of everything the command touched, as they stand now."""
        whole: OpenWork = case_rows(self.case, OpenWork())
        self.case.shown = whole
        shown: list[OpenWork] = []
        for number, touched in self._touched.items():
            state = touched.state
            if state is not None and self.case.running[number].state == "running":
                state.shown = pathway_rows(self.case, number, touched.pathway, waits(state), OpenWork())
                shown.append(state.shown)
        return whole.rows(shown)

    def touch(self, number: int) -> Touched:
        """Bring a pathway's tokens into memory, noting what it waited for before anything changes."""
        touched = self._touched.get(number)
        if touched is None:
            running = self.case.pathway(number)
            pathway = self.terms.pathway(running.release)
            state, before = live(running, pathway), _UNSHOWN
            if self._shown and state is not None:
                before = state.shown or pathway_rows(self.case, number, pathway, waits(state), OpenWork())
            touched = self._touched[number] = Touched(pathway, state, before)
        return touched

    def waiting(self, number: int) -> Waits | None:
        """What a pathway waits for now, None where it has not started or has ended."""
        found = self.touch(number).waits
        return found if self.case.running[number].state == "running" else None

    # ------------------------------------------------------------------ pathways

    def start(self, pathway: str, release: str, variables: Mapping[str, JSON]) -> Running:
        """Start a pathway of this case on a release."""
        number = self.case.take_number()
        running = Running(number, pathway, release, self.at, variables=dict(variables))
        self.case.running[number] = running
        self.step(number, Start(dict(variables)))
        return running

    def step(self, number: int, instruction: Instruction, task: int | None = None) -> bool:
        """Move one pathway to its next stop; an incident holds the instruction whole and changes nothing else."""
        running = self.case.pathway(number)
        touched = self.touch(number)
        if touched.pathway.shared and touched.state is not None:
            self._process_of |= whose(touched.state, touched.pathway.shared)
        try:
            step = apply(touched.pathway, touched.state, instruction, self._circumstances(running, number))
            kept = [place for place, event in enumerate(step.events) if event.kind in keeping.KEPT]
            for place in kept:
                if step.events[place].kind == "FactsChanged":
                    self._check_step_facts(number, step.events[place])
            self._check_goes_on(number, step.state)
        except Incident as incident:
            # Tokens in memory were changed in place; `tokens` is how they stood.
            running.live = None
            touched.state = live(running, touched.pathway)
            self.hold(number, instruction, incident, task)
            return False
        touched.state = running.live = step.state
        self.case.next_id = step.next_id
        running.tokens = encode(step.state)
        running.wakes = wakes(step.state)
        told, ending = 0, None
        if touched.pathway.shared:
            entered = (event.body for event in step.events if event.kind == "StepEntered")
            self._process_of |= {body["task"]: body["process"] for body in entered}
        for place in kept:
            # What the case makes of an event is told right after it.
            self.events += step.events[told : place + 1]
            told, event = place + 1, step.events[place]
            keeping.keep(self, running, touched.pathway, event)
            if event.kind == "PlanEnded" and ending is None:
                ending = event.body
        self.events += step.events[told:]
        for signal in step.signals:
            self._pass_on(signal, number)
        if ending is not None:
            self._tell_plan_ended(ending, number, step.told)
        return True

    def process_of(self, task: int) -> str:
        """The process of a task that this command moved, where its id alone does not tell; '' where it does."""
        return self._process_of.get(task, "")

    def drawn(self, pathway: Pathway, element: str, process: str, read: Callable[[Element | None], T]) -> T:
        """What the diagram says of a step in its process.

        A command recorded before replays as it was carried out: on the element that the id was then taken for.
        """
        right = read(pathway.element(element, process))
        if element not in pathway.shared:
            return right
        before = read(pathway.taken_before(element))
        self.looked_in_process = self.looked_in_process or before != right
        return right if self._by_process else before

    def _tell_plan_ended(self, ending: Mapping[str, JSON], ender: int, beside: tuple[int, ...]) -> None:
        """Whatever else runs in the case hears in the same command that the plan has ended, where it waits for that.

        In the pathway that ended the plan only the branches beside the ending are told, never what holds it.
        """
        told = {name: ending[name] for name in ("outcome", "decided_on", "effective_on")}
        payload = {**told, "received_on": london_date(self.command.at).isoformat()}
        for number in [ender, *(other for other in self.case.running if other != ender)]:
            tried: set[int] = set()
            while True:
                waiting = self.waiting(number)
                awaited = [m for m in waiting.messages if m.name == PLAN_ENDED and not m.signal] if waiting else []
                message = min(
                    (m for m in awaited if m.task not in tried and (number != ender or m.task in beside)),
                    key=lambda m: (m.depth, m.task),
                    default=None,
                )
                if message is None:
                    break
                tried.add(message.task)
                self.step(number, DeliverMessage(message.task, PLAN_ENDED, payload), message.task)

    def _pass_on(self, signal: str, thrower: int) -> None:
        """A signal thrown in one pathway reaches every other one of the case that waits for it."""
        for number, running in list(self.case.running.items()):
            waiting = self.waiting(number) if number != thrower and running.state == "running" else None
            for wait in list(waiting.messages) if waiting else ():
                if wait.signal and wait.name == signal:
                    self.step(number, DeliverMessage(wait.task, signal, {}), wait.task)

    def try_again(self, incident: Held) -> bool:
        """Carry out what an incident holds, under today's settings; False where it is held again."""
        kind, fields = incident.instruction
        if kind == FailJob.__name__ and incident.task is not None:
            # What failed is not failed again: the job waits for its worker anew.
            return self._release_job(incident, incident.task)
        instruction: Instruction = _INSTRUCTIONS[kind](**fields)
        if incident.instance is None:
            raise Refused(f"Incident {incident.number} holds no step to try again.")
        self.touch(incident.instance)
        incident.state = "resolved"
        done = self.step(incident.instance, instruction, incident.task)
        if done:
            self.note("IncidentResolved", number=incident.number, how="tried again")
        return done

    def _release_job(self, incident: Held, job: int) -> bool:
        desk = self.case.desks[job]
        self.touch(desk.instance)
        incident.state = "resolved"
        desk.opened = self.at
        self.note("IncidentResolved", number=incident.number, how="the job waits again")
        return True

    def _circumstances(self, running: Running, number: int) -> Circumstances:
        on = london_date(self.command.at)
        now = self.command.at
        seen = {
            "case_id": self.case.case_id,
            "authority": self.case.authority,
            **self.case.facts,
            **case_facts.derived(self.case.facts, now=now),
        }
        for raised in self.case.escalations.values():
            if raised.state != "answered" and raised.to == HEAD and raised.source == "report":
                seen[REPORT_OPEN] = True
            elif raised.state != "answered" and raised.source == "correction":
                seen[CORRECTION_OPEN] = True
        if self.command.body.get(CONTRADICTED):
            seen[CONTRADICTED] = self.command.body[CONTRADICTED]
        return Circumstances(
            now=now,
            case=seen,
            parameters=self.terms.parameters(running.release, on),
            calendar=self.terms.authority.calendar,
            next_id=self.case.next_id,
            instance=number,
            by=self.command.by,
            role=self.command.role,
            derive=lambda facts: case_facts.view(facts, now=now),
        )

    def _check_step_facts(self, number: int, event: Event) -> None:
        try:
            case_facts.check_facts(event.body["facts"], now=self.command.at)
        except case_facts.FactsRefused as refused:
            raise Incident(str(refused), element=event.body["element"], instance=number) from refused

    def _check_goes_on(self, number: int, state: State) -> None:
        """A pathway that would wait for nothing is not left standing: somebody is told, and the answers are kept.

        The command says that it must not be. One recorded before anybody asked replays as it was carried out.
        """
        place = stands_still(state)
        if place is None:
            return
        if not self.command.body.get(MUST_GO_ON):
            self.stands_still = True
            return
        raise Incident(
            "After this step the pathway would stand still for ever: it has not ended, and no task, date or message "
            "could move it. The diagram needs mending; the answers are kept.",
            element=place or None,
            instance=number,
        )

    def hold(self, number: int, instruction: Instruction, incident: Incident, task: int | None) -> None:
        """Keep an instruction whole until somebody has looked at why it cannot be carried out."""
        held = Held(
            self.case.take_number(),
            number,
            incident.element,
            str(incident),
            self.at,
            [type(instruction).__name__, dataclasses.asdict(instruction)],
            task,
        )
        self.case.held[held.number] = held
        self.note(
            "IncidentRaised",
            number=held.number,
            instance=number,
            element=held.element,
            message=held.message,
            held=held.instruction,
        )

    # ------------------------------------------------------------------ what events mean for the case

    def note(self, kind: str, **body: JSON) -> None:
        """Record that something happened."""
        self.events.append(Event(kind, body))

    def escalate(
        self, source: Source, to: str, element: str | None, task: int | None, code: str | None, clauses: str
    ) -> Raised:
        """Put something before a role, to be acknowledged and answered."""
        raised = Raised(self.case.take_number(), source, to, element, task, code, clauses, self.at)
        self.case.escalations[raised.number] = raised
        self.note(
            "EscalationRaised",
            number=raised.number,
            source=source,
            element=element,
            task=task,
            to=to,
            code=code,
            clauses=clauses,
        )
        return raised

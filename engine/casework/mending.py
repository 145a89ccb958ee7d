"""What an operator can do about an incident beside trying again: on the record of the case, with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.case.handling import live
from engine.case.repairs import FACTS, RAISE_ERROR, ROUTINE, SKIP
from engine.case.state import CaseState, Held
from engine.casework.door import Asked, Done, Door
from engine.casework.people import HEAD, SYSTEM_ADMIN, Practitioner
from engine.casework.permissions import admit, check_sees
from engine.casework.shelf import Shelf
from engine.clock import Clock
from engine.errors import FieldProblem, NotFound, Refused
from engine.execution import JobWait, waits, whose
from engine.history import JSON
from engine.store import Store


class MendRefused(Refused):
    """What was typed to mend an incident cannot be; each problem names its field."""

    def __init__(self, *problems: FieldProblem) -> None:
        super().__init__("This was not accepted: look at " + ", ".join(problem.field for problem in problems) + ".")
        self.problems = problems


#: What an incident holds back, by the kind of its instruction.
_HOLDS = {
    "Start": "The start of the pathway.",
    "CompleteTask": "A task that somebody completed, with their answers.",
    "FinishJob": "The result of a job.",
    "FailJob": "A job that failed; it waits to be done anew.",
    "FireTimer": "A moment that has come.",
    "DeliverMessage": "A message that was received.",
    "Withdraw": "A withdrawal.",
}


@dataclass(frozen=True, slots=True)
class IncidentView:
    """An incident as a page shows it; `job` is the job it holds, where it holds one."""

    case_id: str
    number: int
    state: str
    message: str
    raised_at: str
    step: str
    pathway: str
    holds: str
    job: JobWait | None
    #: What a failed job said went wrong, as its code; '' where no job failed.
    code: str = ""

    @property
    def routine(self) -> bool:
        """Whether it holds a routine notice, which may be skipped."""
        return self.job is not None and self.job.type in ROUTINE


class Mending:
    """Incidents, looked at and mended one at a time."""

    def __init__(self, store: Store, shelf: Shelf, clock: Clock, door: Door) -> None:
        self._store, self._shelf, self._clock, self._door = store, shelf, clock, door

    def incident(self, by: Practitioner, case_id: str, number: int) -> IncidentView:
        """An incident in words; that it was looked at is recorded. Raises NotFound."""
        role = by.must_hold(SYSTEM_ADMIN, HEAD)
        check_sees(self._store, by, case_id)
        case = self._door.load(by.authority, case_id).case
        held = case.held.get(number)
        if held is None:
            raise NotFound(f"Case {case_id} has no incident {number}.")
        at = self._clock.now()
        self._store.readings.record(by.authority, case_id, at=at, person=by.id, role=role, what="incident")
        job = self._job(case, held)
        if held.instance is None:
            return IncidentView(
                case_id, number, held.state, held.message, held.raised_at, "the case", "the case", "", None
            )
        running = case.running[held.instance]
        pathway = self._shelf.pathway(by.authority, running.release)
        state = live(running, pathway)
        places = whose(state, {held.element}) if state is not None and held.element else {}
        step = pathway.title_of(held.element, places.get(held.task or 0, "")) if held.element else "its start"
        title = self._shelf.release(by.authority, running.release).title
        kind, fields = held.instruction
        holds = _HOLDS.get(str(kind), "A step.")
        code = str(fields.get("code", "")) if kind == "FailJob" else ""
        return IncidentView(case_id, number, held.state, held.message, held.raised_at, step, title, holds, job, code)

    def supply_fact(
        self, case_id: str, number: int, fact: str, value: JSON, why: str, *, by: Practitioner, command_id: str
    ) -> Done:
        """Record the fact that was missing, and try the step again in the same command."""
        return self._repair(case_id, number, FACTS, {"facts": {fact: value}}, why, by, command_id)

    def skip_notice(self, case_id: str, number: int, why: str, *, by: Practitioner, command_id: str) -> Done:
        """Let a case go on without a routine notice that could not be sent. Raises RepairRefused for anything else."""
        return self._repair(case_id, number, SKIP, {}, why, by, command_id)

    def raise_error(self, case_id: str, number: int, code: str, why: str, *, by: Practitioner, command_id: str) -> Done:
        """Let the diagram take the way it draws for this error. Raises RepairRefused where it draws none."""
        if not code.strip():
            raise MendRefused(FieldProblem("code", "Enter the code of the error that the diagram catches."))
        return self._repair(case_id, number, RAISE_ERROR, {"code": code.strip()}, why, by, command_id)

    def _repair(
        self,
        case_id: str,
        number: int,
        how: str,
        given: Mapping[str, JSON],
        why: str,
        by: Practitioner,
        command_id: str,
    ) -> Done:
        role = by.must_hold(SYSTEM_ADMIN, HEAD)
        if len(why.strip()) < 3:
            raise MendRefused(FieldProblem("why", "Enter why, for the record of the case."))
        check_sees(self._store, by, case_id)
        body = {**given, "incident": number, "how": how, "why": why.strip()}
        asked = Asked(command_id, "repair_incident", body, by.id, role)

        def prepare(case: CaseState) -> Asked:
            admit(case, by.id, from_outside=False)
            return asked

        return self._door.change(by.authority, case_id, prepare)

    def _job(self, case: CaseState, held: Held) -> JobWait | None:
        if held.instance is None or held.task is None:
            return None
        running = case.running[held.instance]
        state = live(running, self._shelf.pathway(case.authority, running.release))
        return next((job for job in waits(state).jobs if job.task == held.task), None) if state is not None else None

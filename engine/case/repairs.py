"""What an operator may do about an incident beside trying again: always on the record, never past the diagram."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from engine.case import facts as case_facts
from engine.case.state import Held
from engine.case.telling import facts_recorded
from engine.errors import NotFound, Refused
from engine.execution import FailJob, FinishJob, JobWait
from engine.history import JSON

if TYPE_CHECKING:
    from engine.case.handling import Handling

#: Jobs that tell somebody something and decide nothing: only these may be skipped. A letter is not one of them.
ROUTINE: Final = frozenset({"mail", "webhook"})

FACTS, SKIP, RAISE_ERROR = "facts", "skip", "raise_error"


class RepairRefused(Refused):
    """An incident cannot be repaired that way; nothing was changed."""


def repair_incident(handling: Handling) -> None:
    """An incident is repaired: a fact is supplied, a routine notice skipped, or its error raised ([product])."""
    body = handling.command.body
    incident = handling.case.held.get(body["incident"])
    if incident is None:
        raise NotFound(f"Case {handling.case.case_id} has no incident {body['incident']}.")
    if incident.state != "open":
        raise Refused(f"Incident {incident.number} of case {handling.case.case_id} is resolved already.")
    {FACTS: _supply, SKIP: _skip, RAISE_ERROR: _raise_error}[body["how"]](handling, incident)


def held_job(handling: Handling, incident: Held) -> JobWait | None:
    """The job that an incident holds, where it holds one."""
    if incident.instance is None or incident.task is None:
        return None
    waiting = handling.waiting(incident.instance)
    return next((job for job in waiting.jobs if job.task == incident.task), None) if waiting else None


def _supply(handling: Handling, incident: Held) -> None:
    facts = case_facts.check_facts(handling.command.body["facts"], now=handling.command.at)
    before = dict(handling.case.facts)
    handling.case.facts.update(facts)
    handling.note("FactsRecorded", facts=facts, why=handling.command.body["why"])
    facts_recorded(handling, before)
    handling.try_again(incident)


def _skip(handling: Handling, incident: Held) -> None:
    job = held_job(handling, incident)
    if job is None or job.type not in ROUTINE:
        raise RepairRefused(
            f"Incident {incident.number} of case {handling.case.case_id} holds no routine notice. "
            "Only a mail or a webhook may be skipped; mend the cause and try again."
        )
    _resolve(handling, incident, "the notice was skipped", FinishJob(job.task, {"skipped": True}))


def _raise_error(handling: Handling, incident: Held) -> None:
    job, code = held_job(handling, incident), handling.command.body["code"]
    if job is None:
        raise RepairRefused(
            f"Incident {incident.number} of case {handling.case.case_id} holds no job. "
            "An error is raised at a job only; mend the cause and try again."
        )
    told: dict[str, JSON] = {}
    _resolve(
        handling,
        incident,
        "its error was raised",
        FailJob(job.task, code, "Raised while an incident was mended.", told),
    )


def _resolve(handling: Handling, incident: Held, how: str, instruction: FinishJob | FailJob) -> None:
    assert incident.instance is not None
    incident.state = "resolved"
    if not handling.step(incident.instance, instruction, incident.task):
        raise RepairRefused(
            f"Incident {incident.number} of case {handling.case.case_id} would stop again: the diagram does not go on "
            "from there. Nothing was changed."
        )
    handling.note("IncidentResolved", number=incident.number, how=how)


COMMANDS: Final[dict[str, Callable[[Handling], None]]] = {"repair_incident": repair_incident}

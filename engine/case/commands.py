"""Every command there is: what it checks, what it changes. `handle` is the fold that history replays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.case import correcting, life_events, mailing, repairs, telling, withholding
from engine.case import facts as case_facts
from engine.case.handling import COMES_AGAIN, HEAD, Handling, HeldByIncident, TaskNotOpen, Terms
from engine.case.rows import BIRTHDAY
from engine.case.state import CaseState, Desk
from engine.errors import Incident, NotFound, Refused
from engine.execution import CompleteTask, DeliverMessage, FailJob, FinishJob, FireTimer, whose
from engine.execution.elements import Element
from engine.history import Command, instant


def handle(case: CaseState, command: Command, terms: Terms, *, shown: bool = True, anew: bool = False) -> Handling:
    """Carry out one command on a case held in memory. Raises Refused, and then the case must be thrown away.

    shown  whether anybody will ask for the rows of open work before and after
    anew   whether it is carried out for the first time: where it then looked in a step's own process, it must say so
    """
    at = instant(command.at)
    if at < case.at:
        raise Refused(f"Case {case.case_id} has moved on to a later time than this command's. Send it again.")
    try:
        carry_out = COMMANDS[command.kind]
    except KeyError:
        raise Refused(f"{command.kind[:64]} is not a command of a case.") from None
    if (case.revision == 0) != (command.kind == "open_case"):
        raise Refused(f"Case {case.case_id} is {'not open yet' if case.revision == 0 else 'open already'}.")
    case.at = at
    case.revision += 1
    handling = Handling(case, command, terms, shown=shown, anew=anew)
    carry_out(handling)
    withholding.remember(handling)
    return handling


# ---------------------------------------------------------------------- the case and its facts


def record_facts(handling: Handling) -> None:
    """Facts are recorded or put right, with why; never the plan's status."""
    body = handling.command.body
    facts = case_facts.check_facts(body["facts"], now=handling.command.at)
    before = dict(handling.case.facts)
    handling.case.facts.update(facts)
    handling.note("FactsRecorded", facts=facts, why=body.get("why", ""))
    telling.facts_recorded(handling, before)


def allocate_role(handling: Handling) -> None:
    """A role of this case gets a holder (None: back to the role's queue); open tasks nobody claimed follow."""
    body, case = handling.command.body, handling.case
    role, person = body["role"], body["person"]
    before = case.roles.get(role)
    if person is None:
        case.roles.pop(role, None)
    else:
        case.roles[role] = person
    for number, running in case.running.items():
        waiting = handling.waiting(number) if running.state == "running" else None
        for task in waiting.tasks if waiting else ():
            desk = case.desks.get(task.task)
            if desk is not None and task.role == role and desk.assignee in (None, before):
                desk.assignee = person
    handling.note("RoleAllocated", role=role, person=person)


def add_note(handling: Handling) -> None:
    """Somebody writes a note on the case."""
    handling.note("NoteAdded", text=handling.command.body["text"])


# ---------------------------------------------------------------------- pathways and tasks


def start_pathway(handling: Handling) -> None:
    """A pathway starts on the release deployed now, and stays on it."""
    body = handling.command.body
    handling.start(body["pathway"], body["release"], body.get("variables", {}))


def complete_task(handling: Handling) -> None:
    """A task is completed once, and the case moves to its next stop."""
    task = handling.command.body["task"]
    desk = _desk(handling, task)
    handling.step(desk.instance, CompleteTask(task, dict(handling.command.body["answers"])), task)


def claim_task(handling: Handling) -> None:
    """A person takes a task from the role's queue."""
    task = handling.command.body["task"]
    desk = _desk(handling, task)
    if desk.assignee not in (None, handling.command.by):
        raise Refused(f"Task {task} has been claimed by somebody else. Ask them to release or hand it over.")
    desk.assignee = handling.command.by
    handling.note("TaskClaimed", task=task, person=handling.command.by)


def release_task(handling: Handling) -> None:
    """A person puts a task back into the role's queue."""
    task = handling.command.body["task"]
    desk = _desk(handling, task)
    desk.assignee = None
    handling.note("TaskReleased", task=task, person=handling.command.by)


def hand_over_task(handling: Handling) -> None:
    """A task goes to another person."""
    task, to = handling.command.body["task"], handling.command.body["to"]
    desk = _desk(handling, task)
    desk.assignee = to
    why = {"why": handling.command.body["why"]} if handling.command.body.get("why") else {}
    handling.note("TaskHandedOver", task=task, person=handling.command.by, to=to, **why)


def _desk(handling: Handling, task: int) -> Desk:
    desk = handling.case.desks.get(task)
    if desk is None:
        raise TaskNotOpen(handling.case.case_id, task)
    if task in handling.case.held_tasks():
        raise HeldByIncident(handling.case.case_id, task)
    handling.touch(desk.instance)
    return desk


# ---------------------------------------------------------------------- time, messages, jobs


def fire_timer(handling: Handling) -> None:
    """A timer is due: a drawn one moves its pathway, an overdue one climbs a rung, the birthday is a life event."""
    name = handling.command.body["timer"]
    if name == BIRTHDAY:
        day = case_facts.birthday_timer(handling.case.facts)
        if day is None:
            raise Refused(f"Case {handling.case.case_id} waits for no birthday.")
        life_events.happened(handling, "ChildTurned18", {}, day.isoformat())
    elif name.startswith("overdue:"):
        _overdue(handling, int(name.removeprefix("overdue:")))
    else:
        _drawn_timer(handling, handling.command.body["instance"], int(name))


def _drawn_timer(handling: Handling, number: int, task: int) -> None:
    if task in handling.case.held_tasks():
        raise HeldByIncident(handling.case.case_id, task)
    waiting = handling.waiting(number)
    due = next((timer for timer in waiting.timers if timer.task == task), None) if waiting else None
    if due is None or due.at > handling.at:
        raise Refused(f"Timer {task} of case {handling.case.case_id} is not due.")
    if handling.command.body.get(COMES_AGAIN):
        handling.touch(number)
        handling.hold(
            number,
            FireTimer(task),
            Incident(
                "This date comes again as soon as it has come, so that the pathway would turn round for ever. "
                "The diagram needs mending; nothing is lost.",
                element=due.element,
                instance=number,
            ),
            task,
        )
    else:
        handling.step(number, FireTimer(task), task)


def _overdue(handling: Handling, task: int) -> None:
    desk = _desk(handling, task)
    if not desk.ladder or desk.ladder[0][1] > handling.at:
        raise Refused(f"Task {task} of case {handling.case.case_id} has no overdue step due.")
    rung, _ = desk.ladder.pop(0)
    desk.rung = rung
    handling.note("OverdueReached", task=task, rung=rung)
    if rung != "remind":
        touched = handling.touch(desk.instance)
        process = whose(touched.state, {desk.element}).get(task, "") if touched.state is not None else ""
        role, clauses = handling.drawn(touched.pathway, desk.element, process, _lane_and_clauses)
        to = HEAD if rung == "head" else handling.terms.authority.overdue.manager_of(role)
        handling.escalate("overdue", to, desk.element, task, rung, clauses)


def _lane_and_clauses(element: Element | None) -> tuple[str | None, str]:
    """Whose lane a step stands in, and the clauses that it serves."""
    return (None, "") if element is None else (element.lane, element.properties.get("casework:clauses", ""))


def receive_message(handling: Handling) -> None:
    """A message reaches the one step that waits for it; the day it was received is kept, not the day it was keyed."""
    body = handling.command.body
    number, task = _began(handling, body) if "start" in body else (body["instance"], body["task"])
    if body["name"] in telling.OWN_MESSAGES:
        raise Refused(f"{body['name']} {telling.OWN_MESSAGES[body['name']]}, and by nobody else.")
    if task in handling.case.held_tasks():
        raise HeldByIncident(handling.case.case_id, task)
    waiting = handling.waiting(number)
    if waiting is None or all(message.task != task for message in waiting.messages):
        raise Refused(f"Case {handling.case.case_id} no longer waits for message {body['name']}.")
    payload = {**body["payload"], "received_on": body["received_on"]}
    handling.step(number, DeliverMessage(task, body["name"], payload), task)


def _began(handling: Handling, body: Mapping[str, Any]) -> tuple[int, int]:
    """Begin the pathway of a message that no step waited for; the pathway and the step that waits for it there."""
    start = body["start"]
    number = handling.start(start["pathway"], start["release"], {}).number
    waiting = handling.waiting(number)
    found = [message.task for message in waiting.messages if message.name == body["name"]] if waiting else []
    if len(found) != 1:
        raise Refused(f"Pathway {start['pathway']} does not begin by waiting for message {body['name']}.")
    return number, found[0]


def finish_job(handling: Handling) -> None:
    """A worker's result comes back."""
    body = handling.command.body
    desk = _desk(handling, body["job"])
    handling.step(desk.instance, FinishJob(body["job"], body.get("result", {})), body["job"])


def fail_job(handling: Handling) -> None:
    """A job failed for good: the diagram catches the error, or an incident tells a person."""
    body = handling.command.body
    desk = _desk(handling, body["job"])
    instruction = FailJob(body["job"], body["code"], body["message"], body.get("variables", {}))
    handling.step(desk.instance, instruction, body["job"])


# ---------------------------------------------------------------------- incidents and escalations


def retry_incident(handling: Handling) -> None:
    """An operator has mended the cause: what was held is carried out now."""
    number = handling.command.body["incident"]
    incident = handling.case.held.get(number)
    if incident is None:
        raise NotFound(f"Case {handling.case.case_id} has no incident {number}.")
    if incident.state != "open":
        raise Refused(f"Incident {number} of case {handling.case.case_id} is resolved already.")
    handling.try_again(incident)


def answer_escalation(handling: Handling) -> None:
    """Somebody acknowledges an escalation, or answers it with words."""
    body = handling.command.body
    raised = handling.case.escalations.get(body["escalation"])
    if raised is None:
        raise NotFound(f"Case {handling.case.case_id} has no escalation {body['escalation']}.")
    if raised.state == "answered":
        raise Refused(f"Escalation {raised.number} of case {handling.case.case_id} is answered already.")
    raised.answer = body.get("answer") or raised.answer
    raised.state = "answered" if body.get("answer") else "acknowledged"
    handling.note("EscalationAnswered", number=raised.number, answer=body.get("answer"))


COMMANDS: dict[str, Callable[[Handling], None]] = {
    "record_facts": record_facts,
    "allocate_role": allocate_role,
    "add_note": add_note,
    "start_pathway": start_pathway,
    "complete_task": complete_task,
    "claim_task": claim_task,
    "release_task": release_task,
    "hand_over_task": hand_over_task,
    "fire_timer": fire_timer,
    "receive_message": receive_message,
    "finish_job": finish_job,
    "fail_job": fail_job,
    "retry_incident": retry_incident,
    "answer_escalation": answer_escalation,
    **life_events.COMMANDS,
    **correcting.COMMANDS,
    **repairs.COMMANDS,
    **withholding.COMMANDS,
    **mailing.COMMANDS,
}

"""What was wrong is put right by a new command, never by editing: a step's answers, a pathway, a plan's ending."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from engine.calendars import london_date
from engine.case import facts as case_facts
from engine.case import letters
from engine.case.handling import HEAD, Handling
from engine.case.state import Letter
from engine.errors import Refused
from engine.execution import Correct, Withdraw
from engine.history import JSON


def correct_step(handling: Handling) -> None:
    """A completed step's answers are put right where they are still held.

    `steered` names what was decided on them since. Where there is anything, a manager is told, and until somebody has
    said how to go on no plan ends. Nothing that was decided is undone by itself.
    """
    body = handling.command.body
    number = body["instance"]
    running = handling.case.pathway(number)
    said = ("instance", "task", "element", "answers", "was", "why", "steered")
    handling.note("StepCorrected", **{name: body[name] for name in said})
    if running.state == "running" and running.tokens is not None:
        handling.step(number, Correct(body["element"], body["was"], body["answers"]))
    if body["steered"]:
        # A command recorded before it named the process is read as it was then.
        pathway, process = handling.touch(number).pathway, body.get("process")
        drawn = pathway.taken_before(body["element"]) if process is None else pathway.element(body["element"], process)
        clauses = "" if drawn is None else drawn.properties.get("casework:clauses", "")
        handling.escalate("correction", body["to"], body["element"], body["task"], "correction", clauses)


def withdraw_pathway(handling: Handling) -> None:
    """A person takes a whole pathway back: its tasks, timers and unsent letters go, and what it holds is let go."""
    body, case = handling.command.body, handling.case
    number = body["instance"]
    running = case.pathway(number)
    if running.state != "running":
        raise Refused(f"Pathway {number} of case {case.case_id} is {running.state} already.")
    _take_back(handling, number, body["why"])
    handling.note("NoteAdded", text=body["reasons"])


def _take_back(handling: Handling, number: int, why: str) -> None:
    case, running = handling.case, handling.case.pathway(number)
    for incident in case.held.values():
        if incident.instance == number and incident.state == "open":
            incident.state = "resolved"
            handling.note("IncidentResolved", number=incident.number, how="its pathway was withdrawn")
    if running.tokens is None:
        # It was held at its very start and never ran.
        handling.note("PathwayWithdrawn", why=why, instance=number)
        running.close("withdrawn")
    else:
        handling.step(number, Withdraw(why))
    for letter in case.letters.values():
        if letter.instance == number and letter.state in letters.UNSENT:
            letters.withdraw(handling, letter, "its pathway was withdrawn")


def reinstate_plan(handling: Handling) -> None:
    """A plan ended in error is active again: what said otherwise is taken back, and a person reviews what to do now.

    The eighteenth birthday is a timer again, because the plan is active; life events find it so.
    """
    body, case = handling.command.body, handling.case
    facts = case.facts
    if facts.get("plan_status") != case_facts.ENDED:
        raise Refused(f"The plan of case {case.case_id} has not ended.")
    seen = case_facts.view(facts, now=handling.command.at)
    if seen.get("deceased") or (seen.get("age") or 0) >= 18:
        raise Refused(
            "The record says that the child has died or is 18, and no plan goes on after that. "
            "Correct the record first, if that is the mistake."
        )
    effective = date.fromisoformat(body["effective_on"])
    if not date.fromisoformat(facts["plan_end_date"]) <= effective <= london_date(handling.command.at):
        raise Refused("A plan is active again from the day it ended or a later one, and not from a day to come.")
    ended = {name: facts.get(name) for name in sorted(case_facts.PLAN_FACTS)}
    facts.update(dict.fromkeys(case_facts.PLAN_FACTS), plan_status=case_facts.ACTIVE)
    handling.note("PlanReinstated", why=body["why"], effective_on=body["effective_on"])
    for letter in case.letters.values():
        if letter.state in letters.UNSENT:
            letters.withdraw(handling, letter, "the plan was reinstated")
    for number in body.get("withdrawn", ()):
        # What follows an ending must not go on, nor hear of the child's life as if the plan had ended.
        _take_back(handling, number, "the plan was reinstated")
    recalled = [letter for letter in case.letters.values() if letter.number in body["notices"]]
    for letter in recalled:
        handling.note(
            "NoticeRecalled",
            letter=letter.letter,
            number=letter.number,
            recipients=letter.recipients,
            sent_on=letter.sent_on,
        )
    start = body.get("start")
    if start is None:
        handling.escalate("reinstatement", HEAD, None, None, "PlanReinstated", "")
        return
    reinstated = {
        "why": body["why"],
        "effective_on": body["effective_on"],
        "ended_on": ended["plan_end_date"],
        "outcome": ended["plan_end_outcome"],
        "notices": _by_list(recalled) if start.get("by_list") else _by_letter(recalled),
    }
    handling.start(start["pathway"], start["release"], {"reinstated": reinstated})


def _by_letter(recalled: Iterable[Letter]) -> list[JSON]:
    """Each recalled letter with all its recipients, as reinstatements were told before lists were kept apart."""
    return [
        {
            "number": letter.number,
            "letter": letter.letter,
            "sent_on": letter.sent_on,
            "recipients": letters.recipients_of(letter),
        }
        for letter in recalled
    ]


def _by_list(recalled: Iterable[Letter]) -> list[JSON]:
    """Each list of recipients once, with everybody on it whom any recalled letter told; lists are never merged.

    A letter that was sent to nobody on record stands as a list without recipients: a person says who they were.
    """
    found: dict[str, dict[str, list[JSON]]] = {}
    for letter in recalled:
        for entry in letter.recipients or [{"list": "", "to": None}]:
            told = found.setdefault(str(entry["list"]), {"letters": [], "recipients": []})
            if letter.letter not in told["letters"]:
                told["letters"].append(letter.letter)
            if entry["to"] is not None and entry["to"] not in told["recipients"]:
                told["recipients"].append(entry["to"])
    return [{"list": name, **told} for name, told in found.items()]


COMMANDS: dict[str, Callable[[Handling], None]] = {
    "correct_step": correct_step,
    "withdraw_pathway": withdraw_pathway,
    "reinstate_plan": reinstate_plan,
}

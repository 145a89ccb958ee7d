"""What would follow from answers, in words: the same sentences whether a page foresees it or history tells it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from engine.casework import Practitioner, TaskView
from engine.history import Event
from webhooks import diagrams
from webhooks.surroundings import role_title, roles_title
from webhooks.words import a_date, why_this_date


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that would follow; `weight` is 'ends', 'stops' or '' for the ordinary."""

    text: str
    weight: str = ""
    why: str = ""


def told(events: Iterable[Event], view: TaskView, person: Practitioner) -> list[Line]:
    """What completing a task would do, what matters most first; nothing where only its answers are kept."""
    done = tuple(events)
    sent = {event.body["letter"] for event in done if event.kind == "LetterSent"}
    # A letter that goes out at once is no draft that waits for a next step.
    shown = [event for event in done if event.kind != "LetterDrafted" or event.body["letter"] not in sent]
    lines = [line for event in shown if (line := _line(event, view, person)) is not None]
    kept = list({line.text: line for line in lines}.values())
    order = {"stops": 0, "ends": 1, "": 2}
    return sorted(kept, key=lambda line: order[line.weight])


def _line(event: Event, view: TaskView, person: Practitioner) -> Line | None:
    body = event.body
    match event.kind:
        case "PlanEnded":
            on, decided = a_date(body["effective_on"]), a_date(body["decided_on"])
            return Line(f"The child protection plan ends on {on}, decided on {decided}.", "ends")
        case "EndingHeld":
            blockers = " ".join(str(one) for one in body["blockers"])
            return Line(f"The plan does not end, because something holds it back: {blockers}", "stops")
        case "IncidentRaised":
            return Line("The case could not go on by itself: the plan stays active and an operator is told.", "stops")
        case "TaskOpened":
            return _next_task(body, view, person)
        case "LetterDrafted":
            return Line(f"The letter is kept as a draft for the next step: {_letter(body, view)}.")
        case "LetterApproved":
            return Line(f"The letter is approved to be sent: {_letter(body, view)}.")
        case "LetterSent":
            return Line(f"The letter is kept as sent and can no longer be changed: {_letter(body, view)}.")
        case "LetterWithdrawn":
            return Line(f"The letter is withdrawn: {_letter(body, view)}, {body['why']}.")
        case "EscalationRaised":
            return Line(f"It is put before the {role_title(body['to'])}.")
        case "TaskWithdrawn":
            title = view.title_of(body.get("element") or "", body.get("process") or "")
            return Line(
                f"No longer needed: {title}." if title else "Another open task of this case is no longer needed."
            )
        case "EndReached" if body.get("outcome"):
            return Line(f"Outcome: {_called(body['outcome'], view, body.get('process', ''))}.")
        case "MessageAwaited" if body.get("name") not in ("LifeEvent", "PlanEnded", "FactsRecorded"):
            element, process = body.get("element") or "", body.get("process") or ""
            awaited = view.title_of(element, process) or diagrams.in_words(str(body.get("name")))
            return Line(f"From then on the case waits for: {awaited}.")
    return None


def _letter(body: Any, view: TaskView) -> str:
    return view.letter_titles.get(body["letter"]) or diagrams.in_words(body["letter"])


def _called(element: str, view: TaskView, process: str = "") -> str:
    """What the drawing calls an element, else its id in words."""
    return view.title_of(element, process) or diagrams.in_words(element)


def _next_task(body: Any, view: TaskView, person: Practitioner) -> Line:
    roles = list(body.get("candidates") or ()) or [body.get("role")]
    title = _called(body["element"], view, body.get("process") or "")
    who = "you" if person.may_act_as([role for role in roles if role]) else "the " + roles_title(roles)
    due = body.get("due") or {}
    until = f", due {a_date(due['on'])}" if due.get("on") else ""
    return Line(f"Next: {title} – for {who}{until}.", "", why_this_date(due.get("on"), due.get("explanation")))

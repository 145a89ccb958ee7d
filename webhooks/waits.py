"""What a pathway waits for where nobody has a task in it, and how it stands: in words that are true for who reads them.

Only what can still come from outside is waited for: a message, or a day that still counts. What the engine tells
itself, and a day that the plan alone gave once that plan has ended, is nobody's to wait for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from engine.case.telling import OWN_MESSAGES
from engine.casework import CaseView
from engine.casework.views import PathwayView
from webhooks import dates, diagrams
from webhooks.facts import ENDS_WITH_PLAN

_STILL_OPEN = "The plan has ended; what is still open here is done, or the pathway is withdrawn."
_NOTHING_TO_DO = "Nobody has anything to do here until what it waits for comes."
_ONLY_LISTENS = "Nobody has anything to do here. It acts only if something changes for the child."


@dataclass(frozen=True, slots=True)
class Standing:
    """How a pathway stands: a word for its tag, the tag's colour, and a sentence where the word does not say it all."""

    word: str
    colour: str
    says: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """One thing that is waited for: the event that waits, and the day on which it comes by itself, where it has one.

    why  why it is that day, in a sentence
    """

    element: str
    on: date | None = None
    why: str = ""
    #: The process that draws it.
    process: str = ""


def waits(case: CaseView, run: PathwayView) -> list[Wait]:
    """What may still come to a running pathway from outside, as its diagram is drawn."""
    if run.state != "running":
        return []
    due = {
        place: Wait(place[1], on, dates.why_timer(case, place, on, explanation), place[0])
        for instance, place, on, explanation in dates.timers_set(case)
        if instance == run.instance
    }
    over = dates.plan_over(case)
    found = (
        (process, one)
        for process, drawn, element in _open(run)
        for one in _events(drawn, element)
        if _counts(drawn, one, over)
    )
    # A day whose process history does not tell is that of whichever step waits under its id.
    return [due.get(one) or due.get(("", one[1])) or Wait(one[1], process=one[0]) for one in dict.fromkeys(found)]


def standing(case: CaseView, run: PathwayView) -> Standing:
    """Where a pathway stands: worked on, stopped, waiting for what must come, or only listening."""
    if run.state == "ended":
        return Standing("Finished", "green")
    if run.state != "running":
        return Standing("Withdrawn", "grey")
    if any(held.instance == run.instance for held in case.incidents):
        return Standing("Stopped", "red", "An operator is told.")
    if any(step.instance == run.instance and step.state == "open" for step in case.steps):
        return Standing("Under way", "blue", _STILL_OPEN if dates.plan_over(case) else "")
    if waits(case, run):
        return Standing("Waiting", "grey", _NOTHING_TO_DO)
    return Standing("Listening", "grey", _ONLY_LISTENS)


def _open(run: PathwayView) -> Iterator[tuple[str, bytes, str]]:
    """The elements at which a pathway stands now, each with its process and the diagram that draws it."""
    for process, states in run.elements.items():
        drawn = run.diagrams.get(run.processes.get(process, ""))
        if drawn is not None:
            yield from ((process, drawn, element) for element, state in states.items() if state == "open")


def _events(drawn: bytes, element: str) -> tuple[str, ...]:
    return diagrams.waits_in(drawn).get(element, ())


def _counts(drawn: bytes, event: str, over: bool) -> bool:
    """Whether an event is one that can come from outside, or a day that still counts."""
    message: Mapping[str, str] = diagrams.messages_in(drawn)
    if event in message:
        return message[event] not in OWN_MESSAGES
    read = diagrams.timers_in(drawn).get(event)
    return read is not None and not (over and read & ENDS_WITH_PLAN)


__all__ = ["Standing", "Wait", "standing", "waits"]

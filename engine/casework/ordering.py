"""Life events that arrive out of order: what happened later stays true, whenever the earlier is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from engine.case.facts import changed_by
from engine.history import JSON, Event

#: Where a life event says on which day it happened; else it is the day it was received.
OCCURRED = ("occurred_on", "date", "date_of_death")


def occurred_on(name: str, payload: Mapping[str, JSON], received_on: str) -> str:
    """The day on which a life event happened, as year-month-day: a birth on the birth date, whenever it was sent."""
    for field in ("dob", *OCCURRED) if name == "ChildBorn" else OCCURRED:
        said = payload.get(field)
        if isinstance(said, str) and len(said) == 10:
            try:
                return date.fromisoformat(said).isoformat()
            except ValueError:
                continue
    return received_on


def overtaken_facts(
    name: str, payload: Mapping[str, JSON], received_on: str, recorded: Iterable[Event]
) -> dict[str, str]:
    """The facts that this life event would change although one that happened later has set them: fact to its day."""
    day = occurred_on(name, payload, received_on)
    changes = changed_by(name, payload, received_on)
    found: dict[str, str] = {}
    for event in recorded:
        if event.kind != "LifeEventRecorded":
            continue
        body = event.body
        later = occurred_on(body["name"], body["payload"], body["received_on"])
        if later > day:
            for fact in changed_by(body["name"], body["payload"], body["received_on"]):
                if fact in changes:
                    found[fact] = max(later, found.get(fact, later))
    return found

"""What can happen to a child once only is told of once, however often it is reported; what a case knew before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from engine.casework.ordering import overtaken_facts
from engine.history import JSON, Event

#: Events that happen once, and the fact whose taking back makes them possible again.
ONCE = {"ChildDied": ("deceased", True), "ChildTurned18": ("turned_18", True), "ChildBorn": ("unborn", False)}


def told_before(name: str, events: Iterable[Event]) -> bool:
    """Whether an event that happens once has been recorded already, and its fact not been taken back since."""
    if name not in ONCE:
        return False
    fact, value = ONCE[name]
    told = False
    for event in events:
        if event.kind == "LifeEventRecorded" and event.body["name"] == name:
            told = True
        elif event.kind in ("FactsRecorded", "FactsChanged") and event.body["facts"].get(fact, value) != value:
            told = False
    return told


def known_before(name: str, payload: Mapping[str, JSON], day: str, recorded: Sequence[Event]) -> dict[str, JSON]:
    """What a life event's command says of what the case knew already: facts overtaken since, and that it was told."""
    overtaken = overtaken_facts(name, payload, day, recorded)
    said: dict[str, JSON] = {"overtaken": overtaken} if overtaken else {}
    return said | ({"told_before": True} if told_before(name, recorded) else {})

"""What the engine itself tells a case's pathways: that its facts were put right, and what nobody outside can say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.calendars import london_date
from engine.case.facts import ACTIVE
from engine.case.handling import HEAD
from engine.execution import PLAN_ENDED, DeliverMessage
from engine.history import JSON

if TYPE_CHECKING:
    from engine.case.handling import Handling

FACTS_RECORDED = "FactsRecorded"

#: A command that says so lets nothing stay stopped unseen by what is taken back; recorded ones replay as they were.
TAKEN_BACK_IS_TOLD = "taken_back_is_told"
#: A command that says so lets nothing come to light on the record unseen; recorded ones replay as they were.
FOUND_IS_TOLD = "found_is_told"
FOUND_ON_RECORD = "FoundOnRecord"
#: What the record says for good once it has happened, and only a correction takes back.
_FOR_GOOD = ("deceased", "turned_18", "left_uk", "moved_out_of_area", "living_outside_area")
_MOVES = frozenset({"moved_out_of_area", "living_outside_area"})
#: What a life event tells, and nothing follows from where only the record says it.
_TOLD_BY_EVENT = frozenset({"deceased", "left_uk", "moved_out_of_area"})

#: Messages that only the engine sends, and who says so instead.
OWN_MESSAGES = {
    PLAN_ENDED: "is told by the step that ends the plan",
    FACTS_RECORDED: "is told when facts of the case are recorded",
}


def facts_recorded(handling: Handling, before: Mapping[str, JSON]) -> None:
    """Whatever waits for it hears in the same command which facts are others now; each event once.

    A date that a pathway waits for was counted from the facts as they were: a diagram that must follow them waits for
    this beside its timer, and counts again.
    """
    facts = handling.case.facts
    changed = sorted(name for name, value in facts.items() if before.get(name) != value)
    if not changed:
        return
    waits = [
        (number, message.task)
        for number, running in handling.case.running.items()
        if running.state == "running" and (waiting := handling.waiting(number)) is not None
        for message in waiting.messages
        if message.name == FACTS_RECORDED and not message.signal
    ]
    payload: dict[str, JSON] = {"facts": list(changed), "received_on": london_date(handling.command.at).isoformat()}
    for number, task in waits:
        waiting = handling.waiting(number)
        if waiting is not None and any(message.task == task for message in waiting.messages):
            handling.step(number, DeliverMessage(task, FACTS_RECORDED, payload), task)
    if TAKEN_BACK_IS_TOLD in handling.command.body and takes_back(before, facts):
        _follow(handling, payload)
    if FOUND_IS_TOLD in handling.command.body and comes_to_light(before, facts):
        _put_before_head(handling, FOUND_ON_RECORD)


def takes_back(before: Mapping[str, JSON], after: Mapping[str, JSON]) -> bool:
    """Whether the record no longer says of a child something that happened: a death, being 18, a departure, a move.

    A move to where the authority itself placed the child is none.
    """
    return not _happened(before) <= _happened(after)


def comes_to_light(before: Mapping[str, JSON], after: Mapping[str, JSON]) -> bool:
    """Whether the record says now, and did not before, that the child died, left the United Kingdom or moved away.

    A move to where the authority itself placed the child is none.
    """
    return any(before.get(name) is not True for name in _happened(after) & _TOLD_BY_EVENT)


def _happened(facts: Mapping[str, JSON]) -> set[str]:
    said = {name for name in _FOR_GOOD if facts.get(name) is True}
    return said - _MOVES if facts.get("placed_outside_by_authority") is True else said


def _follow(handling: Handling, payload: dict[str, JSON]) -> None:
    """What stopped at an event that was none is taken up again: a plan does not stay active with nobody at work on it.

    Where nothing runs any more, the pathway that follows life events asks what the facts now call for. Where something
    runs and nobody came to know of it, the Head does.
    """
    case, body = handling.case, handling.command.body
    if case.facts.get("plan_status") != ACTIVE:
        return
    start = body.get("life_event_pathway")
    runs = any(running.state == "running" for running in case.running.values())
    if start is not None and not runs:
        told: dict[str, JSON] = {"life_event": {**payload, "name": FACTS_RECORDED}}
        handling.start(start["pathway"], start["release"], told)
    else:
        _put_before_head(handling, FACTS_RECORDED)


def _put_before_head(handling: Handling, code: str) -> None:
    """The Head comes to know of it where the plan is active and the recording brought it before nobody else."""
    if handling.case.facts.get("plan_status") != ACTIVE:
        return
    if not any(event.kind in ("TaskOpened", "EscalationRaised") for event in handling.events):
        handling.escalate("life_event", HEAD, None, None, code, "")

"""What the engine itself tells a case's pathways: that its facts were put right, and what nobody outside can say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.calendars import london_date
from engine.execution import PLAN_ENDED, DeliverMessage
from engine.history import JSON

if TYPE_CHECKING:
    from engine.case.handling import Handling

FACTS_RECORDED = "FactsRecorded"

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

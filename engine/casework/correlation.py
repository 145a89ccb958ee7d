"""Which of the steps that wait for a message it is meant for: those whose correlation key it answers."""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.execution import MessageWait, Pathway
from engine.history import JSON

#: Where a message says the key itself.
KEY = "correlation_key"

_PLAIN_NAME = re.compile(r"^=?\s*(?:[A-Za-z_]\w*\s*\.\s*)*([A-Za-z_]\w*)\s*$")


def is_meant(wait: MessageWait, payload: Mapping[str, JSON], case_id: str, pathway: Pathway) -> bool:
    """Whether a message for this case with this payload is the one that a step waits for.

    It is where the step's key is the case, which every message names; where the message says the key as
    `correlation_key`; and where the key is a variable and the message holds the same value under its name.
    """
    if payload.get(KEY) is not None:
        return str(payload[KEY]) == wait.key
    if wait.signal or wait.key == case_id:
        return True
    drawn = pathway.element(wait.element, wait.process)
    trigger = drawn.trigger if drawn is not None else None
    named = _PLAIN_NAME.match(trigger.key.text) if trigger is not None and trigger.key is not None else None
    told = None if named is None else payload.get(named[1])
    return told is not None and str(told) == wait.key

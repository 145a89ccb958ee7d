"""Commands and events: what was asked of a case and what happened, frozen, canonical and versioned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, datetime
from functools import lru_cache
from math import isfinite
from typing import Any

import orjson

from engine.errors import Unreadable
from engine.frozen import frozen

#: JSON as it may be kept: None, bool, int, float, str, list and dict with text keys.
JSON = Any

WORKER = "worker"


@frozen
class Command:
    """What somebody asks of a case; `at` is its time and `id` its idempotency key.

    kind    one of the verbs in engine/case.py ('complete_task', 'fire_timer', ...)
    by      person id, sender id of a message, or 'worker'
    role    the role in which the person acts, None for the worker and for senders
    settings  hash of the authority's settings (roles, calendar, ladder, parameters) in force
    body    JSON only; the engine sees exactly what history will hold
    """

    id: str
    kind: str
    at: datetime
    by: str
    role: str | None
    settings: str
    body: Mapping[str, JSON] = field(default_factory=dict)


@frozen
class Event:
    """What happened, in the past tense; `kind` is one of EVENTS and `body` its facts, JSON only."""

    kind: str
    body: Mapping[str, JSON]


#: Every event there is, with what its body holds. A released event's meaning never changes: add another.
EVENTS: dict[str, tuple[str, ...]] = {
    # --- from a running pathway (engine/execution); each also holds instance
    "PathwayStarted": ("pathway", "release"),
    "StepEntered": ("process", "element", "task"),  # a token reached this element of this process
    "StepCompleted": ("process", "element", "task"),  # and left it
    "StepWithdrawn": ("process", "element", "task"),  # a subprocess or called process was stopped from outside
    "FlowTaken": ("process", "flow"),  # a sequence flow's id
    "TaskOpened": ("element", "task", "role", "candidates", "form", "due", "no_due_date", "priority"),
    "TaskCompleted": ("element", "task", "answers"),
    "TaskWithdrawn": ("element", "task"),
    "JobOpened": ("element", "task", "type", "headers", "input", "retries"),
    "JobFinished": ("element", "task", "result"),
    "JobFailed": ("element", "task", "code", "message"),
    "JobWithdrawn": ("element", "task"),
    "TimerSet": ("element", "task", "due"),  # due: {"at": UTC ISO text, "explanation": {...} | None}
    "TimerFired": ("element", "task"),
    "TimerCleared": ("element", "task"),
    "MessageAwaited": ("element", "task", "name", "key"),
    "MessageReceived": ("element", "task", "name", "payload"),
    "MessageNoLongerAwaited": ("element", "task", "name"),
    "DecisionMade": ("element", "decision", "inputs", "rules", "result"),
    "VariablesWritten": ("scope", "values"),
    "ErrorCaught": ("element", "code"),
    "Escalated": ("element", "code", "name", "caught_by", "role", "clauses"),
    "FactsChanged": ("element", "facts"),  # the record_facts step
    "PlanEnded": ("element", "outcome", "decided_on", "effective_on", "reason", "guard"),
    "EndingHeld": ("element", "guard", "blockers"),  # the guard did not let the plan end
    "EndReached": ("process", "element", "outcome"),  # outcome: the end event's id where it names one, else None
    "PathwayEnded": ("outcomes",),
    "PathwayWithdrawn": ("why",),
    # --- from the case itself (engine/case.py)
    "CaseOpened": ("facts",),
    "FactsRecorded": ("facts", "why"),
    "RoleAllocated": ("role", "person"),
    "LifeEventRecorded": ("name", "payload", "received_on", "delivered_to"),
    # reported of the child, and contradicting the record: no fact was changed; why: what stood against it
    "LifeEventReported": ("name", "payload", "received_on", "why"),
    "TaskClaimed": ("task", "person"),
    "TaskReleased": ("task", "person"),
    "TaskHandedOver": ("task", "person", "to"),
    "LetterDrafted": ("letter", "number", "task", "text", "recipients"),
    "LetterApproved": ("letter", "number", "task"),
    "LetterSent": ("letter", "number", "task", "text", "recipients", "channel", "sent_on"),
    "LetterWithdrawn": ("letter", "number", "why"),
    "OverdueReached": ("task", "rung"),  # remind, manager, head
    "EscalationRaised": ("number", "source", "element", "task", "to", "code", "clauses"),
    "EscalationAnswered": ("number", "answer"),
    "IncidentRaised": ("number", "instance", "element", "message", "held"),
    "IncidentResolved": ("number", "how"),
    # answers: what is right; was: what was wrong; steered: elements that were decided on it
    "StepCorrected": ("instance", "task", "element", "answers", "was", "why", "steered"),
    "PlanReinstated": ("why", "effective_on"),
    "NoticeRecalled": ("letter", "number", "recipients", "sent_on"),  # it told of an ending that was an error
    "DuplicateConsidered": ("cases", "why"),  # opened although these cases look like the same child's
    "LetterMailed": ("number", "to"),  # to: {"list", "to", "address", "mail"}; mail: the id that every try carries
    "MailHandedIn": ("number", "to", "mail", "notice"),  # a mail server took it
    "NoteAdded": ("text",),
    "FactMarked": ("number", "fact", "entry", "kept_from", "texts", "why"),  # kept from [[kind, who], ...]
    "FactUnmarked": ("number", "fact", "kept_from", "why"),
    "CaseRestricted": ("people", "why"),
    "RestrictionLifted": ("why",),
}


def canonical(value: JSON) -> bytes:
    """The one byte form of a JSON value: sorted keys, UTF-8. Raises Unreadable for what JSON cannot hold."""
    check_json(value)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def as_kept(value: JSON) -> tuple[bytes, JSON]:
    """The byte form of a JSON value, and the value read back from it. Raises Unreadable as `canonical` does.

    What comes back the same was JSON, and is not looked through once more.
    """
    try:
        kept = orjson.dumps(value, option=_OWN)
    except TypeError:
        # It says which rule is broken.
        check_json(value)
        raise
    back = orjson.loads(kept)
    if back != value or _LONG_NUMBER in kept.translate(_DIGITS_ALIKE):
        check_json(value)
    return kept, back


def canonical_own(value: JSON) -> bytes:
    """The byte form of what the engine itself made: as `canonical`, without looking for what it never makes.

    Values have come through FEEL or a form by then, where numbers are finite and of at most 64 bits.
    """
    return orjson.dumps(value, option=_OWN)


_OWN = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)


def check_json(value: JSON) -> None:
    """Raise Unreadable where a value would change when written as JSON (NaN, huge integers, other types)."""
    kind = type(value)
    if (kind is int and LEAST <= value <= MOST) or (kind is float and isfinite(value)):
        return
    stack = [value]
    while stack:
        item = stack.pop()
        kind = type(item)
        if kind in PLAIN:
            continue
        if kind is int:
            if not LEAST <= item <= MOST:
                raise Unreadable("A whole number has more than 64 bits and cannot be kept. Write it as text.")
        elif kind is float:
            if not isfinite(item):
                raise Unreadable("A number is not finite and cannot be kept.")
        elif kind is list:
            stack += [inner for inner in item if type(inner) not in PLAIN]
        elif kind is dict:
            check_names(item)
            stack += [inner for inner in item.values() if type(inner) not in PLAIN]
        else:
            raise Unreadable(f"A value of type {kind.__name__} cannot be kept as JSON.")


def check_names(values: Mapping[str, JSON]) -> None:
    """Raise Unreadable where a name is no text."""
    if not _TEXT.issuperset(map(type, values)):
        raise Unreadable("A key is not text and cannot be kept.")


#: Types of values that JSON holds as they are.
PLAIN = frozenset({str, bool, type(None)})
_TEXT = frozenset({str})
#: What a whole number may be.
LEAST, MOST = -(2**63), 2**63 - 1
#: As many digits as the greatest has: a longer number comes back the same, and is refused all the same.
_LONG_NUMBER = b"0" * 19
#: Every digit as 0 and all else as it is not: looking for one text takes a twentieth of what an expression takes.
_DIGITS_ALIKE = bytes(48 if 48 <= byte <= 57 else 32 for byte in range(256))


def instant(at: datetime) -> str:
    """The one text form of an instant: UTC, ISO 8601 with microseconds and 'Z', so that texts sort as times do."""
    if at.tzinfo is None:
        raise Unreadable("A time without an offset was handed in. Use an aware time.")
    return _instant(at if at.tzinfo is UTC else at.astimezone(UTC))


@lru_cache(maxsize=256)
def _instant(at: datetime) -> str:
    """A command's time is written in several places."""
    return at.isoformat(timespec="microseconds")[:-6] + "Z"


def read_instant(text: str) -> datetime:
    """The instant that `instant` wrote."""
    return datetime.fromisoformat(text)

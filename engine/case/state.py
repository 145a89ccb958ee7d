"""What a case is between two commands: facts, running pathways, desks, letters, incidents and escalations."""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Literal

import orjson

from engine.case.confidential import Mark, Restriction
from engine.case.facts import UNKNOWN_CASE
from engine.clock import london_date
from engine.errors import EngineError, NotFound
from engine.history import JSON, read_instant

VERSION = 1
_NOTHING: frozenset[int] = frozenset()


class SnapshotUnreadable(EngineError):
    """A snapshot was written by a newer engine, or is damaged; the history rebuilds it."""


@dataclass(slots=True)
class Running:
    """One pathway of the case: on its release for ever, its tokens as engine.execution encodes them."""

    number: int
    pathway: str
    release: str
    started_at: str
    tokens: list[Any] | None = None
    state: Literal["running", "ended", "withdrawn"] = "running"
    outcomes: list[str] = field(default_factory=list)
    #: Who did each step last: for steps that forbid the same person twice.
    doers: dict[str, str] = field(default_factory=dict)
    #: What starts it again after an incident at its very start.
    variables: dict[str, JSON] = field(default_factory=dict)
    #: When its earliest drawn timer is due.
    wakes: str | None = None
    #: Its tokens in memory, once somebody looked (engine.execution.State); never written.
    live: Any = field(default=None, compare=False, repr=False)

    def close(self, state: Literal["ended", "withdrawn"]) -> None:
        """Nothing more happens in it: what it was is in history."""
        if self.live is not None:
            self.live.let_go()
        self.state, self.tokens, self.live, self.wakes, self.variables = state, None, None, None, {}


@dataclass(slots=True)
class Desk:
    """The casework side of an open task: whose it is, since when, and how far its overdue ladder has gone."""

    instance: int
    element: str
    opened: str
    assignee: str | None = None
    rung: str = ""
    #: [rung, instant] still to come, in order.
    ladder: list[list[str]] = field(default_factory=list)


@dataclass(slots=True)
class Letter:
    """A letter of the case: drafted from a template, edited by a person, kept as sent."""

    number: int
    letter: str
    instance: int
    task: int | None
    state: Literal["drafted", "approved", "sent", "withdrawn"]
    at: str
    text: str
    recipients: list[JSON]
    sent_on: str | None = None
    channel: str | None = None

    @property
    def sent_day(self) -> str | None:
        """ISO date on which it went out: as whoever sent it said, else the day of that step; None where it did not."""
        if self.state != "sent":
            return None
        return self.sent_on or london_date(read_instant(self.at)).isoformat()


@dataclass(slots=True)
class Held:
    """An incident: what could not be carried out is held whole, with its answers, until somebody retries it."""

    number: int
    instance: int | None
    element: str | None
    message: str
    raised_at: str
    #: [instruction kind, its fields]; tried again by retry_incident.
    instruction: list[JSON]
    task: int | None = None
    state: Literal["open", "resolved"] = "open"


@dataclass(slots=True)
class Raised:
    """An escalation: to which role, why, and what became of it."""

    number: int
    source: Literal["diagram", "overdue", "incident", "life_event", "correction", "reinstatement", "report"]
    to: str
    element: str | None
    task: int | None
    code: str | None
    clauses: str
    raised_at: str
    state: Literal["open", "acknowledged", "answered"] = "open"
    answer: str | None = None


@dataclass(slots=True)
class CaseState:
    """The whole case; `next_id` numbers everything in it, `at` is the time of its last command."""

    authority: str
    case_id: str
    revision: int = 0
    next_id: int = 1
    at: str = ""
    facts: dict[str, JSON] = field(default_factory=lambda: dict(UNKNOWN_CASE))
    roles: dict[str, str] = field(default_factory=dict)
    running: dict[int, Running] = field(default_factory=dict)
    desks: dict[int, Desk] = field(default_factory=dict)
    letters: dict[int, Letter] = field(default_factory=dict)
    held: dict[int, Held] = field(default_factory=dict)
    escalations: dict[int, Raised] = field(default_factory=dict)
    marks: dict[int, Mark] = field(default_factory=dict)
    restriction: Restriction | None = None
    #: What it last showed (engine.case.rows), for who has it in memory to compare with; never written.
    shown: Any = field(default=None, compare=False, repr=False)

    def take_number(self) -> int:
        """The next number of this case."""
        number = self.next_id
        self.next_id += 1
        return number

    def pathway(self, number: int) -> Running:
        """The running or ended pathway of that number."""
        try:
            return self.running[number]
        except KeyError:
            raise NotFound(f"Case {self.case_id} has no pathway {number}.") from None

    def held_tasks(self) -> frozenset[int]:
        """Tasks, jobs and timers that an open incident holds."""
        if not self.held:
            return _NOTHING
        return frozenset(held.task for held in self.held.values() if held.state == "open" and held.task is not None)


#: What is kept of each part of a case, in this order for ever.
_RUNNING = attrgetter(
    *("number", "pathway", "release", "started_at", "tokens"),
    *("state", "outcomes", "doers", "variables", "wakes"),
)
_DESK = attrgetter("instance", "element", "opened", "assignee", "rung", "ladder")
_LETTER = attrgetter(
    *("number", "letter", "instance", "task", "state", "at", "text", "recipients", "sent_on", "channel"),
)
_HELD = attrgetter("number", "instance", "element", "message", "raised_at", "instruction", "task", "state")
_RAISED = attrgetter(
    *("number", "source", "to", "element", "task", "code", "clauses", "raised_at", "state", "answer"),
)


def encode(case: CaseState) -> bytes:
    """The one byte form of a case: saved as its snapshot and hashed after every command."""
    return orjson.dumps(
        [
            VERSION,
            case.authority,
            case.case_id,
            case.revision,
            case.next_id,
            case.at,
            case.facts,
            case.roles,
            [*map(_RUNNING, case.running.values())],
            [(task, *_DESK(desk)) for task, desk in case.desks.items()],
            [*map(_LETTER, case.letters.values())],
            [*map(_HELD, case.held.values())],
            [*map(_RAISED, case.escalations.values())],
            *_later(case),
        ]
    )


def _later(case: CaseState) -> list[JSON]:
    """What newer engines keep of a case, by name: absent where a case has none of it, so that its hash stays."""
    later: dict[str, JSON] = {}
    if case.marks:
        later["marks"] = [
            [m.number, m.fact, m.entry, m.kept_from, m.texts, m.why, m.by, m.at, m.lifted] for m in case.marks.values()
        ]
    if case.restriction is not None:
        r = case.restriction
        later["restriction"] = [r.people, r.why, r.by, r.at]
    return [later] if later else []


def decode(snapshot: bytes) -> CaseState:
    """The case that `encode` wrote. Raises SnapshotUnreadable."""
    try:
        version, *rest = orjson.loads(snapshot)
    except (orjson.JSONDecodeError, TypeError, ValueError) as error:
        raise SnapshotUnreadable("A case's snapshot is damaged. Rebuild it from its history.") from error
    if version != VERSION:
        raise SnapshotUnreadable(f"A case's snapshot has version {version}; this engine reads {VERSION}.")
    authority, case_id, revision, next_id, at, facts, roles, running, desks, letters, held, escalations, *more = rest
    later: dict[str, JSON] = more[0] if more else {}
    return CaseState(
        authority,
        case_id,
        revision,
        next_id,
        at,
        facts,
        roles,
        {row[0]: Running(*row) for row in running},
        {task: Desk(*row) for task, *row in desks},
        {row[0]: Letter(*row) for row in letters},
        {row[0]: Held(*row) for row in held},
        {row[0]: Raised(*row) for row in escalations},
        {row[0]: Mark(*row) for row in later.get("marks", ())},
        Restriction(*later["restriction"]) if "restriction" in later else None,
    )

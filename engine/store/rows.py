"""What a case shows to lists, timers and workers: one frozen row for each open thing, diffed by id at every command.

Rows hold ids, roles, dates and the diagram's own words. Nothing in them names a child, a parent or an address.
Instants are the text of `engine.history.instant`, so that they sort as times do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from engine.frozen import frozen
from engine.history import Command


@frozen
class TaskRow:
    """An open task on somebody's list.

    task        id inside the case
    role        the lane's role; None where only `candidates` may take it
    candidates  roles that may take it, where a lane stands for several
    due_on      the date as a person says it; due_at the instant after which it is overdue
    rung        how far the overdue ladder has gone: '', 'remind', 'manager' or 'head'; None where it has no ladder
    held        an incident holds it
    """

    task: int
    instance: int
    pathway: str
    element: str
    title: str
    kind: str
    role: str | None
    candidates: tuple[str, ...]
    assignee: str | None
    opened: str
    due_on: str | None
    due_at: str | None
    rung: str | None = ""
    held: bool = False


@frozen
class TimerRow:
    """Something that will be due: a timer drawn in a diagram, a rung of the ladder, a birthday or a retry.

    timer   '12' for the drawn timer of task 12, 'overdue:12', 'birthday', ...
    """

    timer: str
    instance: int | None
    task: int | None
    kind: Literal["drawn", "overdue", "birthday", "retry"]
    element: str | None
    at: str
    held: bool = False


@frozen
class MessageRow:
    """A message somebody waits for; `depth` 0 is the outermost subscription of its instance."""

    task: int
    instance: int
    element: str
    name: str
    key: str | None
    depth: int


@frozen
class JobRow:
    """Work for a worker; its input is read from the case, never from this row."""

    job: int
    instance: int
    element: str
    type: str
    retries: int
    ready_at: str
    held: bool = False


@frozen
class IncidentRow:
    """A case that cannot go on by itself; the message holds ids only."""

    number: int
    instance: int | None
    element: str | None
    message: str
    raised_at: str
    state: Literal["open", "resolved"] = "open"


@frozen
class EscalationRow:
    """A line of somebody's in-tray: thrown in a diagram, reached on the overdue ladder, or an incident nobody took."""

    number: int
    source: Literal["diagram", "overdue", "incident", "life_event", "correction", "reinstatement", "report"]
    to_role: str
    element: str | None
    task: int | None
    code: str | None
    clauses: str
    raised_at: str
    state: Literal["open", "acknowledged", "answered"] = "open"


@frozen
class LetterRow:
    """Where a letter stands; its text is in history and its PDF among the documents."""

    number: int
    letter: str
    instance: int
    task: int | None
    state: Literal["drafted", "approved", "sent", "withdrawn"]
    at: str


@frozen
class InstanceRow:
    """A pathway of the case and the release it runs on."""

    instance: int
    pathway: str
    release: str
    state: Literal["running", "ended", "withdrawn"]
    started_at: str


@frozen
class AccessRow:
    """A person who works on the case, in a role."""

    person: str
    role: str


@frozen
class Rows:
    """Everything a case shows; each by its id, so that two Rows can be told apart line by line."""

    tasks: Mapping[int, TaskRow] = field(default_factory=dict)
    timers: Mapping[str, TimerRow] = field(default_factory=dict)
    messages: Mapping[int, MessageRow] = field(default_factory=dict)
    jobs: Mapping[int, JobRow] = field(default_factory=dict)
    incidents: Mapping[int, IncidentRow] = field(default_factory=dict)
    escalations: Mapping[int, EscalationRow] = field(default_factory=dict)
    letters: Mapping[int, LetterRow] = field(default_factory=dict)
    instances: Mapping[int, InstanceRow] = field(default_factory=dict)
    access: Mapping[tuple[str, str], AccessRow] = field(default_factory=dict)  #: by (person, role)


@frozen
class OutboxRow:
    """A notice to the outside, kept in the command's own transaction.

    key   the idempotency key that the receiver sees; unique in the authority
    body  plain here, encrypted under the child's key at rest
    """

    kind: Literal["webhook", "mail", "document"]
    key: str
    topic: str
    body: bytes
    ready_at: str


@frozen
class DocumentRow:
    """A letter or other paper kept whole, encrypted under the child's key."""

    document: str
    media_type: str
    at: str
    body: bytes


@frozen
class InboundRow:
    """A message from outside that this command consumed: a second delivery of it is refused.

    digest  a keyed digest of what it said: a second one under the same id that says something else is found out
    """

    source: str
    message: str
    received_at: str
    digest: bytes | None = None


@frozen
class Claim:
    """A lease on a row; the token fences out a worker that slept past the lease.

    kind      'timer', 'job' or 'outbox'
    key       the row's id inside the case (timer or job) or the outbox key
    attempts  how often the row was claimed, this time included
    """

    kind: Literal["timer", "job", "outbox"]
    authority: str
    case_id: str
    key: str
    token: str
    attempts: int
    lease_until: str


@frozen
class StoredCase:
    """A case as `load` found it. `snapshot` is None where it was lost: replay gives it back.

    sealed_key  the child's key as stored (wrapped); handing the StoredCase to `Entry.loaded` spares a read
    """

    authority: str
    case_id: str
    revision: int
    status: str
    plan_status: str
    snapshot: bytes | None
    head: bytes
    restricted: bool
    sealed_key: bytes = field(repr=False)
    key_id: str


@frozen
class MilestoneRow:
    """Something that figures count: kept once, with its command, and never changed.

    kind    'task' (a deadline), 'ending', 'answer' (to an escalation), 'departure' (from what was recommended)
    month   of London's calendar; `what` an element's or outcome's id; `since` what it is measured from
    """

    position: int
    kind: str
    at: str
    month: str
    what: str
    pathway: str
    role: str
    clauses: str
    since: str
    result: str


@frozen
class Entry:
    """One command and everything it changed, written in one transaction or not at all.

    expected_revision  the revision the command was run on; 0 opens a new case
    payload            canonical bytes of the command's body; `events` canonical bytes of what happened
    snapshot           canonical bytes of the state after it; `state` only where the hashed form is another
    status             OPEN or CLOSED
    label              what lists call the case (encrypted); None leaves it as it is
    restricted         only people with access see it in lists
    rows_before/after  what the case showed and shows; only the difference is written
    index              all (kind, text) under which the case is found, e.g. ('name', 'Sam Smith'); None leaves them
    index_before       those under which it was found until now; None where nobody knows, and it takes a long look
    settles            the claim this command answers: refused when another worker took the row meanwhile
    loaded             what `load` gave, to spare a second read
    """

    authority: str
    case_id: str
    expected_revision: int
    command: Command
    payload: bytes
    events: bytes
    snapshot: bytes
    status: Literal["OPEN", "CLOSED"]
    plan_status: str
    label: str | None = None
    rows_before: Rows = field(default_factory=Rows)
    rows_after: Rows = field(default_factory=Rows)
    outbox: tuple[OutboxRow, ...] = ()
    milestones: tuple[MilestoneRow, ...] = ()
    documents: tuple[DocumentRow, ...] = ()
    index: tuple[tuple[str, str], ...] | None = None
    index_before: tuple[tuple[str, str], ...] | None = None
    restricted: bool = False
    settles: Claim | None = None
    inbound: InboundRow | None = None
    loaded: StoredCase | None = None
    state: bytes | None = None


@frozen
class HistoryEntry:
    """One row of a case's history, opened."""

    authority: str
    case_id: str
    revision: int
    command: Command
    payload: bytes
    events: bytes
    commitment: bytes
    state: bytes
    hash: bytes

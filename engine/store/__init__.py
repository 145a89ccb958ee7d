"""Where cases are kept: one transaction per command, on SQLite or PostgreSQL, encrypted, chained and checkpointed."""

from __future__ import annotations

from engine.store.checkpoint_faults import CheckpointReport, Fault
from engine.store.checkpoints import Checkpoint
from engine.store.claims import DueTimer, Notice, ReadyJob
from engine.store.errors import (
    CaseErased,
    CaseExists,
    CaseStillOpen,
    CaseUnknown,
    ChildKeyLost,
    ClaimLost,
    DuplicateCommand,
    DuplicateMessage,
    DuplicateNotice,
    KeyFileRefused,
    KeyMissing,
    SchemaDiffers,
    StaleCase,
    StoreRefused,
    StoreUnavailable,
    Undecipherable,
)
from engine.store.inbox import DeadLetter, DeadLetterUnknown
from engine.store.key_files import MasterKey, SigningKey
from engine.store.library import Deployment, ReleaseChanged, ReleaseLine, ReleaseUnknown, SettingsChanged
from engine.store.lists import CaseLine, IncidentLine, TrayLine, WorkLine, WorkPage
from engine.store.papers import DocumentLine, DocumentUnknown
from engine.store.people import Holding, Person, PersonUnknown, SignInTaken
from engine.store.readings import Reading
from engine.store.rows import (
    AccessRow,
    Claim,
    DocumentRow,
    Entry,
    EscalationRow,
    HistoryEntry,
    InboundRow,
    IncidentRow,
    InstanceRow,
    JobRow,
    LetterRow,
    MessageRow,
    OutboxRow,
    Rows,
    StoredCase,
    TaskRow,
    TimerRow,
)
from engine.store.store import Store, create_keys, migrate, open_store
from engine.store.upkeep import ClockRefused, NoticeLine, WorkerLine
from engine.store.verify import ChainReport
from engine.store.worklists import WorkMark

__all__ = [
    "AccessRow", "CaseErased", "CaseExists", "CaseLine", "CaseStillOpen", "CaseUnknown", "ChainReport",
    "Checkpoint", "CheckpointReport", "ChildKeyLost", "Claim", "ClaimLost", "ClockRefused", "DeadLetter",
    "DeadLetterUnknown", "Deployment", "DocumentLine", "DocumentRow", "DocumentUnknown", "DueTimer",
    "DuplicateCommand", "DuplicateMessage", "DuplicateNotice", "Entry", "EscalationRow", "Fault", "HistoryEntry",
    "Holding", "InboundRow", "IncidentLine", "IncidentRow", "InstanceRow", "JobRow", "KeyFileRefused", "KeyMissing",
    "LetterRow", "MasterKey", "MessageRow", "Notice", "NoticeLine", "OutboxRow", "Person", "PersonUnknown",
    "Reading", "ReadyJob", "ReleaseChanged", "ReleaseLine", "ReleaseUnknown", "Rows", "SchemaDiffers",
    "SettingsChanged", "SignInTaken", "SigningKey", "StaleCase", "Store", "StoreRefused", "StoreUnavailable",
    "StoredCase", "TaskRow", "TimerRow", "TrayLine", "Undecipherable", "WorkLine", "WorkMark", "WorkPage",
    "WorkerLine", "create_keys", "migrate", "open_store",
]  # fmt: skip

"""Builders of cases for the store's contract: a small case whose rows follow from its revision."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.history import Command, canonical, instant
from engine.store import (
    AccessRow,
    Entry,
    EscalationRow,
    IncidentRow,
    InstanceRow,
    JobRow,
    LetterRow,
    MessageRow,
    Rows,
    Store,
    TaskRow,
    TimerRow,
)

CAMDEN = "camden"
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
SETTINGS = "sha256:" + "5" * 64


def at(minutes: float = 0) -> str:
    """The instant so many minutes after nine o'clock."""
    return instant(NINE + timedelta(minutes=minutes))


def a_task(task: int = 1, **changes: Any) -> TaskRow:
    """An open task of the IRO service manager."""
    row = TaskRow(
        task=task,
        instance=1,
        pathway="camden_cla_decision",
        element="decide_cla",
        title="Decide whether the plan goes on",
        kind="user",
        role="iro_service_manager",
        candidates=(),
        assignee=None,
        opened=at(),
        due_on="2026-03-20",
        due_at=at(60 * 24 * 18),
    )
    return replace(row, **changes)


def a_timer(timer: str = "1", minutes: float = 60, **changes: Any) -> TimerRow:
    """A drawn timer, due so many minutes after nine."""
    return replace(TimerRow(timer, 1, 1, "drawn", "wait_for_view", at(minutes)), **changes)


def a_job(job: int = 1, minutes: float = 0, **changes: Any) -> JobRow:
    """A letter to be made."""
    return replace(JobRow(job, 1, "make_letter", "letter", 3, at(minutes)), **changes)


def tasks(*rows: TaskRow) -> Rows:
    """A case that shows these tasks."""
    return Rows(tasks={row.task: row for row in rows})


def timers(*rows: TimerRow) -> Rows:
    """A case that shows these timers."""
    return Rows(timers={row.timer: row for row in rows})


def jobs(*rows: JobRow) -> Rows:
    """A case that shows these jobs."""
    return Rows(jobs={row.job: row for row in rows})


def an_entry(case_id: str = "CAM-1", revision: int = 0, **changes: Any) -> Entry:
    """The command that follows a revision; its id is the case and the new revision."""
    number = revision + 1
    body = {"task": number, "answers": {"reasons": f"said at step {number}"}}
    command = Command(
        id=f"{case_id}:{number}",
        kind="open_case" if revision == 0 else "complete_task",
        at=NINE + timedelta(minutes=revision),
        by="amira",
        role="social_worker",
        settings=SETTINGS,
        body=body,
    )
    entry = Entry(
        authority=CAMDEN,
        case_id=case_id,
        expected_revision=revision,
        command=command,
        payload=canonical(body),
        events=canonical([["TaskCompleted", body]]),
        snapshot=canonical({"case": case_id, "revision": number}),
        status="OPEN",
        plan_status="ACTIVE",
        label=f"Child {case_id}" if revision == 0 else None,
        index=(("name", f"Sam {case_id}"),) if revision == 0 else None,
    )
    return replace(entry, **changes)


def with_id(entry: Entry, command: str) -> Entry:
    """The same entry under another command id."""
    return replace(entry, command=replace(entry.command, id=command))


def shows_at(revision: int) -> Rows:
    """Everything that the builder's case shows at a revision: some of each kind, some staying, some changing."""
    if revision == 0:
        return Rows()
    n = revision
    return Rows(
        tasks={
            n: a_task(n, candidates=("iro", "chair") if n % 2 else (), role=None if n % 2 else "iro"),
            1000: a_task(1000, assignee=f"person-{n}"),
        },
        timers={str(n): a_timer(str(n), n, task=n), "birthday": a_timer("birthday", 10**6, kind="birthday")},
        messages={n: MessageRow(n, 1, "wait", "WrittenObjection", f"CAM-1-{n}", 0)},
        jobs={n: a_job(n)} if n % 3 == 0 else {},
        incidents={1: IncidentRow(1, 1, "decide_cla", "No rule matched.", at(n), "open" if n < 3 else "resolved")},
        escalations={n: EscalationRow(n, "overdue", "head_of_qa", None, n, None, "CAM-2.2", at(n))},
        letters={1: LetterRow(1, "decision", 1, n, "drafted" if n < 2 else "approved", at(n))},
        instances={1: InstanceRow(1, "camden_cla_decision", "sha256:" + "a" * 64, "running", at())},
        access={("amira", "social_worker"): AccessRow("amira", "social_worker")},
    )


def next_entry(store: Store, case_id: str = "CAM-1", **changes: Any) -> Entry:
    """The command that follows whatever the store holds of a case."""
    loaded = store.load(CAMDEN, case_id)
    revision = 0 if loaded is None else loaded.revision
    return an_entry(
        case_id,
        revision,
        rows_before=shows_at(revision),
        rows_after=shows_at(revision + 1),
        loaded=loaded,
        **changes,
    )


def in_child(act: Callable[[], int | None]) -> int:
    """Start a process of its own that does one thing and is gone; gives its process id."""
    child = os.fork()
    if child == 0:
        code = 99
        try:
            code = act() or 0
        finally:
            os._exit(code)
    return child


def ending_of(child: int) -> int:
    """How a process ended: its exit code, or minus the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


KILLED = -signal.SIGKILL

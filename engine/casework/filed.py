"""What a case's own file says in lists: how it is called, whether it is open, when it was opened and last changed."""

from __future__ import annotations

from typing import Literal

from engine.case.facts import ENDED
from engine.case.state import CaseState, encode
from engine.store import Store


def called(case: CaseState) -> str:
    """What lists call a case by."""
    return str(case.facts.get("name") or case.facts.get("child_ref") or case.case_id)


def status_of(case: CaseState) -> Literal["OPEN", "CLOSED"]:
    """A case is closed once its plan has ended and no pathway of it runs."""
    closed = case.facts["plan_status"] == ENDED and all(one.state != "running" for one in case.running.values())
    return "CLOSED" if closed else "OPEN"


def filed_otherwise(store: Store, case: CaseState, opened_at: str) -> str:
    """Where a case's file differs from the case as its history makes it; '' where they agree.

    case       as it is after its last command, replayed
    opened_at  the instant of its first command
    A case that goes on meanwhile is not judged: its next verification sees it.
    """
    line = store.lists.case(case.authority, case.case_id)
    if line is None or line.revision != case.revision:
        return ""
    for found, said, what in (
        (line.label, called(case), "What lists call the case by"),
        (line.status, status_of(case), "Whether the case is open"),
        (line.opened_at, opened_at, "When the case was opened"),
        (line.changed_at, case.at, "When the case was last changed"),
    ):
        if found != said:
            return f"{what} is not what the history says."
    if not store.cases.keeps(case.authority, case.case_id, case.revision, encode(case)):
        return "The case as it was kept after its last step is not what the history says."
    return ""

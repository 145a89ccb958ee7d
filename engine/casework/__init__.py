"""Casework: one method for each thing people may do with a case; nothing else changes one."""

from engine.case.handling import HeldByIncident, TaskNotOpen
from engine.casework.actions import MessageUnmatched
from engine.casework.casework import Casework
from engine.casework.door import Done
from engine.casework.people import ANALYST, AUDITOR, HEAD, SYSTEM_ADMIN, Practitioner, worker
from engine.casework.shelf import Shelf
from engine.casework.sign_in import SignInRefused, kept_password
from engine.casework.views import CaseView, LetterView, StepLine, TaskView, WorkItem

__all__ = [
    "ANALYST",
    "AUDITOR",
    "HEAD",
    "SYSTEM_ADMIN",
    "CaseView",
    "Casework",
    "Done",
    "HeldByIncident",
    "LetterView",
    "MessageUnmatched",
    "Practitioner",
    "Shelf",
    "SignInRefused",
    "StepLine",
    "TaskNotOpen",
    "TaskView",
    "WorkItem",
    "kept_password",
    "worker",
]

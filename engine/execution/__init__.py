"""Carries out pathways: SpiffWorkflow's classes behind one door, with every step an answer that history remembers."""

from engine.execution.apply import apply
from engine.execution.describe import describe
from engine.execution.engine_steps import CONTRADICTED, CORRECTION_OPEN, PLAN_ENDED, REPORT_OPEN
from engine.execution.errors import NotAwaited, NotDue, NotOpen, NotRunning, StartUnknown
from engine.execution.instructions import (
    Circumstances,
    CompleteTask,
    Correct,
    DeliverMessage,
    FailJob,
    FinishJob,
    FireTimer,
    Instruction,
    Start,
    Step,
    Withdraw,
)
from engine.execution.pathway import Pathway, check, check_alone, prepare
from engine.execution.scopes import State
from engine.execution.snapshot import StateUnreadable, decode, encode
from engine.execution.waits import (
    JobWait,
    MessageWait,
    TaskWait,
    TimerWait,
    Waits,
    around,
    scope,
    stands_still,
    variables,
    waits,
    wakes,
    whose,
)
from engine.execution.whereabouts import Whereabouts

__all__ = [
    "CONTRADICTED",
    "CORRECTION_OPEN",
    "PLAN_ENDED",
    "REPORT_OPEN",
    "Circumstances",
    "CompleteTask",
    "Correct",
    "DeliverMessage",
    "FailJob",
    "FinishJob",
    "FireTimer",
    "Instruction",
    "JobWait",
    "MessageWait",
    "NotAwaited",
    "NotDue",
    "NotOpen",
    "NotRunning",
    "Pathway",
    "Start",
    "StartUnknown",
    "State",
    "StateUnreadable",
    "Step",
    "TaskWait",
    "TimerWait",
    "Waits",
    "Whereabouts",
    "Withdraw",
    "apply",
    "around",
    "check",
    "check_alone",
    "decode",
    "describe",
    "encode",
    "prepare",
    "scope",
    "stands_still",
    "variables",
    "waits",
    "wakes",
    "whose",
]

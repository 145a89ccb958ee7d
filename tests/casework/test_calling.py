"""Which step called a process, where several may."""

from __future__ import annotations

from typing import Any

from engine.casework.calling import callers
from engine.history import Event

CALLS = {("removal", "tell_at_once"): "death", ("removal", "tell_instead"): "death", ("death", "write"): "letter"}


def step(kind: str, process: str, element: str, task: int) -> Event:
    """A token came to a step of pathway 1, or left it."""
    body: dict[str, Any] = {"instance": 1, "process": process, "element": element, "task": task}
    return Event(kind, body)


FIRST = [step("StepEntered", "removal", "tell_at_once", 1), step("StepEntered", "death", "tell", 2)]
LEFT = [step("EndReached", "death", "end", 3), step("StepCompleted", "removal", "tell_at_once", 1)]
SECOND = [step("StepEntered", "removal", "tell_instead", 4), step("StepEntered", "death", "tell", 5)]


def test_a_process_is_said_to_be_opened_by_the_step_that_called_it() -> None:
    """Of two steps that call the same process, the one that came to it then is named, whichever is drawn last."""
    assert {"death": (("removal", "tell_at_once"),)} == callers([], FIRST, 1, CALLS)
    assert {"death": (("removal", "tell_instead"),)} == callers([*FIRST, *LEFT], SECOND, 1, CALLS)
    assert {} == callers(FIRST, LEFT, 2, CALLS)


def test_a_call_that_is_over_stays_the_caller_of_what_it_moved() -> None:
    """Where nothing of a called process moves any more, its last call is still what it was opened by."""
    later = [step("StepEntered", "removal", "agree", 6)]
    assert {"death": (("removal", "tell_at_once"),)} == callers([*FIRST, *LEFT], later, 1, CALLS)
    assert {"death": (("removal", "tell_at_once"),)} == callers(FIRST, LEFT, 1, CALLS)


def test_two_calls_at_once_are_both_named() -> None:
    """A process that two steps have called, and that is drawn once for both, names them both."""
    assert {"death": (("removal", "tell_at_once"), ("removal", "tell_instead"))} == callers(FIRST, SECOND, 1, CALLS)
    over = [step("StepWithdrawn", "removal", "tell_at_once", 1)]
    again = [step("StepEntered", "death", "again", 7)]
    assert {"death": (("removal", "tell_instead"),)} == callers([*FIRST, *SECOND, *over], again, 1, CALLS)

"""One evaluation under way: its clock, its notes and what it may still spend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.feel.diagnostics import Diagnostic, Kind, LimitReached
from engine.feel.limits import LIMITS, Limits


@dataclass(slots=True)
class Environment:
    """What an expression may know of the world: the time, and what extension functions need.

    now           aware; now() keeps its zone and today() is its date
    extras        objects for extension functions, by name ("calendar")
    explanations  an extension function may append why it gave what it gave
    """

    now: datetime | None = None
    extras: Mapping[str, object] = field(default_factory=dict)
    explanations: list[dict[str, Any]] = field(default_factory=list)


class Evaluation:
    """The notes and the remaining fuel of one evaluation; decisions that call each other share one."""

    __slots__ = ("calls", "diagnostics", "environment", "limits", "position", "seconds", "steps")

    def __init__(self, environment: Environment | None = None, limits: Limits = LIMITS) -> None:
        self.environment = environment if environment is not None else Environment()
        self.diagnostics: list[Diagnostic] = []
        self.limits = limits
        self.steps = limits.steps
        self.seconds = limits.seconds
        self.calls = 0
        self.position = 0

    def note(self, kind: Kind, message: str, position: int | None = None) -> None:
        """Remember one thing worth saying. After 1,000 notes only what stops the evaluation is kept."""
        if len(self.diagnostics) < 1000 or kind == "limit":
            self.diagnostics.append(Diagnostic(kind, message, self.position if position is None else position))

    def spend(self, steps: int = 1, position: int | None = None) -> None:
        """Pay for rounds of a loop; raises LimitReached when the evaluation has used all it had."""
        self.steps -= steps
        if self.steps < 0:
            raise LimitReached(
                f"The evaluation was stopped after {self.limits.steps} steps.",
                self.position if position is None else position,
            )

    def enter_call(self, position: int) -> None:
        """Count a function call; raises LimitReached when functions call each other too deeply."""
        self.spend(1, position)
        self.calls += 1
        if self.calls > self.limits.calls:
            raise LimitReached(f"Functions call each other more than {self.limits.calls} deep.", position)

    def leave_call(self) -> None:
        """Count back when a function call is over."""
        self.calls -= 1

    def check_length(self, length: int, position: int | None = None) -> None:
        """Raise LimitReached for a list that would grow past the limit."""
        if length > self.limits.items:
            raise LimitReached(
                f"A list would have more than {self.limits.items} items.",
                self.position if position is None else position,
            )

    def check_letters(self, length: int, position: int | None = None) -> None:
        """Raise LimitReached for a string that would grow past the limit."""
        if length > self.limits.letters:
            raise LimitReached(
                f"A string would have more than {self.limits.letters} characters.",
                self.position if position is None else position,
            )

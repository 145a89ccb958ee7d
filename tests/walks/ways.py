"""How a state of a pathway was reached, what was seen on all ways together, and who judges it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from engine.case.state import CaseState
from engine.history import JSON, Event
from tests.walks.branches import Focus
from tests.walks.marks import Endings


@dataclass(frozen=True, eq=False)
class Step:
    """A command on the way to a state.

    before   the case on which it was carried out, without what was recorded of the child with it
    facts    what was recorded of the child before it
    at       when; None a minute after the command before it
    earlier  the one before it
    """

    before: bytes
    facts: Mapping[str, JSON]
    command: str
    body: Mapping[str, Any]
    at: datetime | None
    role: str | None
    earlier: Step | None

    def back(self) -> Iterator[Step]:
        """This one and those before it, the last first."""
        step: Step | None = self
        while step is not None:
            yield step
            step = step.earlier


@dataclass(frozen=True)
class Way:
    """How a state was reached: what was done, what the last of it caused, and what was done that endings ask for.

    completed  the steps done and letters sent that some ending asks for
    since      those that tell of the ending, done with it or after it
    step       the last command, with those before it
    """

    did: tuple[str, ...] = ()
    last: tuple[Event, ...] = ()
    completed: frozenset[str] = frozenset()
    since: frozenset[str] = frozenset()
    life_event: str = ""
    #: With which outcome the plan has ended, '' while it has not.
    ended: str = ""
    focus: Focus = ()
    step: Step | None = None


@dataclass
class Walked:
    """What was seen on all ways through a pathway.

    paired  whether not every state was gone on from, but those that show any two traits together (tests.walks.pairs)
    few     forms whose answers were not all tried with each other
    """

    pathway: str
    states: int = 0
    commands: int = 0
    exhausted: bool = True
    paired: bool = False
    outcomes: set[str] = field(default_factory=set)
    few: set[str] = field(default_factory=set)
    faults: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def fault(self, what: str, way: Way) -> None:
        """Note something that may not be, with the first way that led to it."""
        self.faults.setdefault(what, way.did)


class Judging(Endings, Protocol):
    """Looks at a state and the way to it, and notes what may not be."""

    @property
    def asked(self) -> frozenset[str]:
        """Every step and letter that some ending asks for."""
        ...

    def __call__(self, case: CaseState, way: Way, walked: Walked) -> None: ...

    def deciding(self, outcome: str) -> tuple[frozenset[str], ...]:
        """The steps that decide an ending: one of each set."""
        ...

    def told_after(self, outcome: str) -> frozenset[str]:
        """The letters and steps that tell of an ending once it is there."""
        ...

    def told_at_last(self, outcome: str) -> frozenset[str]:
        """The letters and steps that tell of an ending whenever they are done."""
        ...

    def excuses(self, outcome: str, what: str) -> bool:
        """Whether a plan may end with that outcome while that is not known."""
        ...

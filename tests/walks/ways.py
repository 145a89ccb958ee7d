"""How a state of a pathway was reached, what was seen on all ways together, and who judges it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from engine.case.state import CaseState
from engine.history import Event
from tests.walks.branches import Focus
from tests.walks.marks import Endings


@dataclass(frozen=True)
class Way:
    """How a state was reached: what was done, what the last of it caused, and what was done that endings ask for.

    completed  the steps done and letters sent that some ending asks for
    since      those that tell of the ending, done with it or after it
    """

    did: tuple[str, ...] = ()
    last: tuple[Event, ...] = ()
    completed: frozenset[str] = frozenset()
    since: frozenset[str] = frozenset()
    life_event: str = ""
    #: With which outcome the plan has ended, '' while it has not.
    ended: str = ""
    focus: Focus = ()


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

    def told_after(self, outcome: str) -> frozenset[str]:
        """The letters and steps that tell of an ending once it is there."""
        ...

    def told_at_last(self, outcome: str) -> frozenset[str]:
        """The letters and steps that tell of an ending whenever they are done."""
        ...

    def excuses(self, outcome: str, what: str) -> bool:
        """Whether a plan may end with that outcome while that is not known."""
        ...

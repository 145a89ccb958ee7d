"""What is said of an ending: its conditions, met, unmet or unknown, and the ways in which it may come about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from engine.case.clashes import contradictions
from engine.case.confidential import Sight, marker
from engine.case.state import CaseState
from engine.casework.people import HEAD
from engine.casework.weighing import State
from engine.history import JSON


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must hold (a cell) or must not (a bar), and how it stands.

    words   what a bar says; empty for a cell, which is said by its title and what is wanted
    clears  roles that can clear it: those the row names, else those whose answers it reads
    """

    state: State
    title: str
    wanted: str
    value: JSON
    words: str
    clauses: tuple[str, ...]
    label: str
    clears: tuple[str, ...]
    facts: tuple[str, ...]
    #: The days on which came in what stands behind it, as far as it came by message.
    received: tuple[str, ...] = ()
    #: Facts that are not recorded and that the rule takes from another (weighing.ANSWERED_BY).
    taken: tuple[str, ...] = ()
    #: The moment since which it waits for somebody's answer, and the element and task that it is about.
    since: str = ""
    about: str | None = None
    task: int | None = None
    #: What was reported, by name, where a report is what waits: two of them are told apart by it.
    reported: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which the plan may end: its ground as the table names it, and everything that must hold for it."""

    words: str
    ground: str
    clauses: tuple[str, ...]
    label: str
    conditions: tuple[Condition, ...]
    #: Whether it is known that the plan would end on this ground, and whether it is known that it would not.
    chosen: bool = False
    other: bool = False
    #: What a form of the pathway calls the ground, where one offers it as an answer.
    called: str = ""


@dataclass(frozen=True, slots=True)
class Ending:
    """One guard, asked for the step of a running pathway that would end the plan, or for the authority as a whole.

    instance, element, title  the step that would end the plan; None where no running pathway has one before it
    may_end    what the guard answers now
    tasks      open tasks of the same pathway that come before the step; those beside the way to it are not among them
    awaited    messages that may still change its course, by name
    """

    guard: str
    instance: int | None
    element: str | None
    title: str | None
    may_end: bool
    bars: tuple[Condition, ...]
    ways: tuple[Way, ...]
    tasks: tuple[int, ...]
    awaited: tuple[str, ...]
    #: Whether something under way leads, or leads too, to a step that could end the plan and that is not shown here:
    #: by itself, or only once something changes in the child's life.
    under_way: bool = False
    on_change: bool = False
    #: Whether the process that holds the step runs already, and what that process is called.
    reached: bool = True
    part: str = ""

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Every bar and, where there is one way only, everything that way asks."""
        return (*self.bars, *(self.ways[0].conditions if len(self.ways) == 1 else ()))

    def count(self, state: State) -> int:
        """How many conditions stand so."""
        return sum(condition.state == state for condition in self.conditions)


#: What is said of a matter that nobody has answered, by its source; who must have answered it, where not anybody.
_HOLDS = {
    "correction": ("An answer was corrected, and nobody has said yet how to go on", None),
    "report": ("What was reported contradicts the record, and nobody has said yet which is right", HEAD),
}


def held(ending: Ending, case: CaseState, today: date) -> Ending:
    """An ending with everything of the case that holds back every ending, whatever the authority's guard says."""
    bars = tuple(_holding(case, today))
    return replace(ending, bars=(*bars, *ending.bars), may_end=ending.may_end and not bars) if bars else ending


def _holding(case: CaseState, today: date) -> Iterator[Condition]:
    for raised in case.escalations.values():
        words, only = _HOLDS.get(raised.source, ("", None))
        if words and raised.state != "answered" and only in (None, raised.to):
            since, about, task = raised.raised_at, raised.element, raised.task
            bar = Condition("unmet", words, "", True, words, (), "product", (raised.to,), ())
            reported = raised.code or "" if raised.source == "report" else ""
            yield replace(bar, since=since, about=about, task=task, reported=reported)
    for rule in contradictions(case.facts, today):
        words, facts = f"Facts contradict one another. {rule.sentence}", tuple(sorted(rule.facts))
        yield Condition("unmet", rule.id, "", True, words, (), "product", (), facts)


def seen(ending: Ending, sight: Sight) -> Ending:
    """An ending as somebody may see it: a condition resting on a fact kept from them says neither value nor state."""
    if sight.whole:
        return ending

    def veiled(condition: Condition) -> Condition:
        if any(sight.hides(fact) for fact in condition.facts):
            return replace(condition, state="unknown", value=marker(condition.facts[0]), received=(), taken=())
        return sight.of_value(condition)

    ways = tuple(replace(way, conditions=tuple(map(veiled, way.conditions))) for way in ending.ways)
    return replace(ending, bars=tuple(map(veiled, ending.bars)), ways=ways)

"""What no way through a pathway may do: end a plan without its guard, its decision-maker or its notices."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from engine.case.state import CaseState
from engine.history import Event
from tests.walks.marks import named
from tests.walks.ways import Walked, Way

ENDINGS = Path(__file__).with_name("endings.toml")


@dataclass(frozen=True)
class Judge:
    """An authority's endings: who decides each, and who must have been told when it is reached.

    decided_in  per outcome, the steps that decide it; "a|b" is one of them
    told_by     per outcome, the letters or steps that tell of it
    followed_by per outcome, the letters or steps that tell of it once the plan has ended
    at_last     per outcome, those that tell of it before or after, at the latest when nothing runs any more
    owed_while  per outcome, facts without which nobody need be told at last any more
    unknown     per outcome, what need not be known for it, with why
    used        what of unknown was asked for: the outcome and what need not be known
    """

    decided_in: Mapping[str, tuple[str, ...]]
    told_by: Mapping[str, tuple[str, ...]]
    followed_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    at_last: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    owed_while: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    unknown: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    used: set[tuple[str, str]] = field(default_factory=set, compare=False)

    @classmethod
    def of(cls, authority: str) -> Judge:
        """The endings that endings.toml gives for an authority."""
        told: dict[str, dict[str, Any]] = tomllib.loads(ENDINGS.read_text(encoding="utf-8")).get(authority, {})
        return cls(
            {outcome: tuple(each.get("decided_in", ())) for outcome, each in told.items()},
            {outcome: tuple(each.get("told_by", ())) for outcome, each in told.items()},
            {outcome: tuple(each.get("followed_by", ())) for outcome, each in told.items()},
            {outcome: tuple(each.get("at_last", ())) for outcome, each in told.items()},
            {outcome: dict(each.get("owed_while", {})) for outcome, each in told.items()},
            {outcome: dict(each.get("unknown", {})) for outcome, each in told.items()},
        )

    def excuses(self, outcome: str, what: str) -> bool:
        """Whether a plan may end with that outcome while that is not known."""
        if what not in self.unknown.get(outcome, {}):
            return False
        self.used.add((outcome, what))
        return True

    def unused(self) -> list[tuple[str, str]]:
        """What stands as explained, and no ending asked for: the outcome and what need not be known."""
        return sorted({(outcome, what) for outcome, each in self.unknown.items() for what in each} - self.used)

    def deciding(self, outcome: str) -> tuple[frozenset[str], ...]:
        """The steps that decide an ending: one of each set."""
        return tuple(frozenset(each.split("|")) for each in self.decided_in.get(outcome, ()))

    def told_after(self, outcome: str) -> frozenset[str]:
        """The letters and steps that tell of an ending once it is there."""
        return named(self.followed_by.get(outcome, ()))

    def told_at_last(self, outcome: str) -> frozenset[str]:
        """The letters and steps that tell of an ending whenever they are done."""
        return named(self.at_last.get(outcome, ()))

    @cached_property
    def asked(self) -> frozenset[str]:
        """Every step and letter that some ending asks for."""
        every = [
            each for told in (self.decided_in, self.told_by, self.followed_by, self.at_last) for each in told.values()
        ]
        return frozenset(step for steps in every for step in named(steps))

    def __call__(self, case: CaseState, way: Way, walked: Walked) -> None:
        """Judge one state and the command that led to it."""
        for event in way.last:
            if event.kind == "PlanEnded":
                self._ended(event, way, walked)
            elif event.kind == "IncidentRaised":
                walked.fault(f"incident at {event.body['element']}: {event.body['message']}", way)
            elif event.kind == "EndReached" and event.body.get("outcome") in self.told_by:
                self._told(str(event.body["outcome"]), self.told_by, way.completed, way, walked)
        over = all(run.state != "running" for run in case.running.values())
        if over and way.ended in self.followed_by:
            self._told(way.ended, self.followed_by, way.since, way, walked)
        owed = self.owed_while.get(way.ended, {}).items()
        if over and way.ended in self.at_last and all(case.facts.get(fact) == value for fact, value in owed):
            self._told(way.ended, self.at_last, way.completed, way, walked)

    def _ended(self, event: Event, way: Way, walked: Walked) -> None:
        outcome, guard = str(event.body["outcome"]), str(event.body["guard"])
        asked = [each for each in way.last if each.kind == "DecisionMade" and each.body["decision"] == guard]
        if not asked:
            walked.fault(f"{outcome}: the plan ended and its guard {guard} was not asked in the same command", way)
        if outcome not in self.decided_in:
            walked.fault(f"{outcome} stands in no line of {ENDINGS.name}", way)
        for steps in self.decided_in.get(outcome, ()):
            if not way.completed & set(steps.split("|")):
                walked.fault(f"{outcome}: the plan ended and nobody did {steps}", way)

    def _told(
        self, outcome: str, by: Mapping[str, tuple[str, ...]], done: frozenset[str], way: Way, walked: Walked
    ) -> None:
        for notices in by[outcome]:
            if not done & set(notices.split("|")):
                walked.fault(f"{outcome} was reached and {notices} did not tell of it", way)

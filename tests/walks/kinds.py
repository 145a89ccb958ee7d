"""Kinds of children: in any place anybody may record facts anew, so each step is tried with all that it tells apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from engine.case.clashes import RULES
from engine.case.facts import UNKNOWN_CASE
from engine.case.facts import view as facts_view
from engine.clock import london_date
from engine.history import JSON
from tests.walks.reading import Names, Reading
from tests.walks.standing import Standing
from tests.walks.values import YES_NO, changes, children

#: Facts that may have been recorded for another child than this one.
_AS_AT_FIRST = (*YES_NO, "turned_18", "unborn", "cla_start_date")


@dataclass(frozen=True)
class Kind:
    """The facts of a child.

    made   what the rules that come next make of them
    told   what a fault says of them, '' where they stand as they did
    facts  those that are recorded; none where they stand as they did
    """

    made: str
    told: str = ""
    facts: Mapping[str, JSON] = field(default_factory=dict)


class Kinds:
    """Each kind of child that policies know, as it is and with any one fact another or not known.

    Facts that contradict one another nobody can record (engine.case.clashes).
    """

    def __init__(self, reading: Reading, standing: Standing, now: datetime) -> None:
        self._reading, self._standing, self._now = reading, standing, now
        self.plain = [{**{name: UNKNOWN_CASE[name] for name in _AS_AT_FIRST}, **child} for _, child in children(now)]
        self._today = london_date(now)
        self._grown_up = (self._today.replace(year=self._today.year - 18) - timedelta(days=1)).isoformat()
        self._known: dict[Names, Sequence[Kind]] = {}

    def apart(self, names: Names) -> Sequence[Kind]:
        """Those that the rules behind some names tell apart, one each."""
        if names not in self._known:
            found: dict[str, Kind] = {}
            for told, facts in self._every(names):
                made = self._standing.made_of({**UNKNOWN_CASE, **facts}, names, self._now)
                found.setdefault(made, Kind(made, told, facts))
            self._known[names] = tuple(found.values())
        return self._known[names]

    def views(self, names: Names) -> Sequence[Mapping[str, Any]]:
        """The facts of each of those, as expressions read them."""
        return [facts_view({**UNKNOWN_CASE, **kind.facts}, now=self._now) for kind in self.apart(names)]

    def changed(self, stands: Mapping[str, Any], names: Names) -> Iterator[tuple[str, JSON]]:
        """Each fact that some names read, with everything that it may be instead."""
        for fact in sorted(self._standing.facts_in(names)):
            yield from ((fact, value) for value in changes(fact, stands.get(fact), self._reading))

    def _every(self, names: Names) -> Iterator[tuple[str, dict[str, JSON]]]:
        for child in self.plain:
            told = f"a child with legal_status={child['legal_status']}, placement={child['placement']}"
            yield told, child
        for child in self.plain:
            told = f"a child with legal_status={child['legal_status']}, placement={child['placement']}"
            for fact, value in self.changed(child, names):
                # Who has turned 18 was born 18 years ago.
                born = {"dob": self._grown_up, "unborn": False} if fact == "turned_18" else {}
                facts = {**child, **born, fact: value}
                if not any(rule.clash({**UNKNOWN_CASE, **facts}, self._today) for rule in RULES):
                    yield f"{told}, {fact}={value}", facts

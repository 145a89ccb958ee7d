"""No plan ends on something that was no longer known before it ended: from each wait between its decision and its end.

The way to an ending is gone again from the step that decided it. In each of its waits, for each kind of child for which
it ends, something happens that does not say to what the child's status or placement changed, or a fact is put right to
not known. Where the plan still ends, it must end whatever had been said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from engine.case.facts import as_told
from engine.case.state import CaseState, decode, encode
from engine.clock import london_date
from engine.errors import Refused
from engine.history import JSON, Event, read_instant
from tests.walks.again import Again, AskedAnew, Do, Place
from tests.walks.kinds import Kinds
from tests.walks.reading import Names, Reading
from tests.walks.settings import Settings
from tests.walks.standing import Standing
from tests.walks.values import changes
from tests.walks.ways import Step

#: What may happen without saying to what, and the fact that is unknown from then on.
UNSAID: Mapping[str, str] = {"LegalStatusChanged": "legal_status", "PlacementChanged": "placement"}
#: What the clock writes: until it does, it has not happened.
CLOCKED = frozenset({"turned_18"})


class Earlier:
    """Looks at endings; of those that were decided and reached alike, one."""

    def __init__(
        self, settings: Settings, reading: Reading, standing: Standing, kinds: Kinds, happens: Mapping[str, JSON]
    ) -> None:
        self._settings, self._reading, self._standing, self._kinds = settings, reading, standing, kinds
        self._happens = happens
        self._again = Again(settings, standing)
        self._seen: set[str] = set()
        self._told: set[tuple[str, str]] = set()

    def faults(
        self, last: Step, outcome: str, deciding: Sequence[frozenset[str]], do: Do
    ) -> Iterator[tuple[str, JSON]]:
        """What was no longer known and did not stop an ending: in words, and what it might have been so that it had.

        deciding  the steps that decide the ending
        """
        steps, places = self._since_decided(last, deciding)
        facts: list[Mapping[str, JSON]] = [{}, *self._kinds.plain]
        for child in facts:
            way = self._control(steps, places, child, do)
            if way is None:
                continue
            snapshots, rests, names = way
            key = repr((outcome, [place.element for place in places], child or self._as_read(snapshots[0]), rests))
            if key in self._seen:
                continue
            self._seen.add(key)
            for index, (step, snapshot) in enumerate(zip(steps, snapshots, strict=True)):
                name = str(step.body.get("name", ""))
                if _unsaid(step):
                    yield from self._happening((name,), outcome, snapshot, steps[index + 1 :], places[index + 1 :], do)
                if not places[index].element:
                    # What happens to the child beside it, and before it, is one.
                    continue
                if index:
                    yield from self._happening(UNSAID, outcome, snapshot, steps[index:], places[index:], do)
                when = "" if index in (0, len(steps) - 1) else " since it was decided"
                yield from self._put_right(outcome, when, snapshot, steps[index:], places[index:], names, do)

    # ------------------------------------------------------------------ pieces

    def _as_read(self, snapshot: bytes) -> JSON:
        facts = decode(snapshot).facts
        return [facts["legal_status"], facts["placement"], bool(facts["cla_start_date"])]

    def _since_decided(self, last: Step, deciding: Sequence[frozenset[str]]) -> tuple[list[Step], list[Place]]:
        """The commands from the first of the steps that decided the ending, each as it was done last."""
        steps: list[Step] = []
        places: list[Place] = []
        left, most = [*deciding], 0
        for step in last.back():
            place = self._again.place(step)
            steps.append(step)
            places.append(place)
            if any(place.element in each for each in left):
                left = [each for each in left if place.element not in each]
                most = len(steps)
            if not left:
                break
        most = max(most, 1)
        return steps[:most][::-1], places[:most][::-1]

    def _control(
        self, steps: Sequence[Step], places: Sequence[Place], child: Mapping[str, JSON], do: Do
    ) -> tuple[list[bytes], Any, Names] | None:
        """For a kind of child the cases before each command, what was put to tables last, and what was read on the way.

        None where no plan ends.
        """
        case = self._again.before(steps[0])
        case.facts.update(child)
        found: list[bytes] = []
        names: set[str] = set()
        for step, place in zip(steps, places, strict=True):
            found.append(encode(case))
            try:
                events = self._again.go(case, step, place, do)
            except Refused:
                return None
            names |= self._standing.read_by(case, events)
        if not _ends(events):
            return None
        return found, [event.body["inputs"] for event in events if event.kind == "DecisionMade"], frozenset(names)

    def _happening(
        self,
        events: Iterable[str],
        outcome: str,
        snapshot: bytes,
        steps: Sequence[Step],
        places: Sequence[Place],
        do: Do,
    ) -> Iterator[tuple[str, JSON]]:
        for name in events:
            fact = UNSAID[name]
            what = f"what {name} before {places[0].told} came to"
            yield from self._lost(outcome, what, fact, snapshot, steps, places, do, self._event(name, fact))

    def _put_right(
        self,
        outcome: str,
        when: str,
        snapshot: bytes,
        steps: Sequence[Step],
        places: Sequence[Place],
        names: Names,
        do: Do,
    ) -> Iterator[tuple[str, JSON]]:
        case = decode(snapshot)
        for fact in sorted(self._standing.facts_in(names) - CLOCKED):
            if when and case.facts.get(fact) is None:
                continue
            what = f"the fact {fact}{when}"
            yield from self._lost(outcome, what, fact, snapshot, steps, places, do, _recorded(fact))

    def _lost(
        self,
        outcome: str,
        what: str,
        fact: str,
        snapshot: bytes,
        steps: Sequence[Step],
        places: Sequence[Place],
        do: Do,
        said: Callable[[CaseState, JSON], tuple[str, dict[str, Any]]],
    ) -> Iterator[tuple[str, JSON]]:
        def ends(value: JSON) -> bool | None:
            case = decode(snapshot)
            command, body = said(case, value)
            try:
                events = do(case, command, body, None, None)
                if _ends(events):
                    return True
            except Refused:
                return None
            for step, place in zip(steps, places, strict=True):
                try:
                    events = self._again.go(case, step, place, do)
                except AskedAnew:
                    return None
                except Refused:
                    return False
                if _ends(events):
                    return True
            return False

        if (outcome, what) in self._told or ends(None) is not True:
            return
        for value in changes(fact, None, self._reading):
            if ends(value) is False:
                self._told.add((outcome, what))
                yield what, value
                return

    def _event(self, name: str, fact: str) -> Callable[[CaseState, JSON], tuple[str, dict[str, Any]]]:
        def said(case: CaseState, value: JSON) -> tuple[str, dict[str, Any]]:
            told = {} if value is None else {fact: value}
            return "record_life_event", {
                "name": name, "payload": as_told(name, told), **self._happens,
                "received_on": london_date(read_instant(case.at)).isoformat(),
            }  # fmt: skip

        return said


def _unsaid(step: Step) -> bool:
    """Whether a command tells of something that happened without saying to what."""
    fact = UNSAID.get(step.body.get("name", ""))
    return step.command == "record_life_event" and fact is not None and step.body["payload"].get(fact, "") is None


def _recorded(fact: str) -> Callable[[CaseState, JSON], tuple[str, dict[str, Any]]]:
    def said(case: CaseState, value: JSON) -> tuple[str, dict[str, Any]]:
        return "record_facts", {"facts": {fact: value}, "why": "It was recorded wrongly."}

    return said


def _ends(events: Sequence[Event]) -> bool:
    return any(event.kind == "PlanEnded" for event in events)

"""The form of an open task, with everything that it may be answered as the case stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import combinations, product
from typing import Any

from engine.case.facts import view as facts_view
from engine.case.state import CaseState
from engine.clock import LONDON, london_date
from engine.execution import State, TaskWait, scope
from engine.feel import Environment
from tests.walks.answers import Answers, Found
from tests.walks.kinds import Kind, Kinds
from tests.walks.reading import Reading
from tests.walks.settings import Settings
from tests.walks.standing import Standing
from tests.walks.values import Worth

#: A form's step, its release, and what stands beside it.
Place = tuple[str, str, str]


class Asking:
    """The forms of one authority, each step's worked out once."""

    def __init__(self, settings: Settings, reading: Reading, standing: Standing, kinds: Kinds) -> None:
        self._settings, self._reading, self._standing, self._kinds = settings, reading, standing, kinds
        self._answers: dict[tuple[str, str, str], Answers] = {}
        self._together: dict[Place, set[tuple[str, str]]] = defaultdict(set)
        self._beside: dict[Place, set[tuple[str, str]]] = defaultdict(set)

    def answers_to(self, release: str, state: State, task: TaskWait) -> Answers:
        """The answers to the form of a step."""
        token = state.find(task.task)
        assert token is not None and task.form is not None
        element = token.task_spec.element
        key = (release, element.process, element.id)
        found = self._answers.get(key)
        if found is None:
            standing, words = self._standing, frozenset(self._reading.words)
            read, live = self._settings.release(release).forms[task.form], standing.read_after(release, element)
            recorded, worth = standing.places_of(release).recorded, Worth(self._reading)
            found = Answers(read, element.id, live, recorded, standing.probes, worth, words, self._kinds.views)
            self._answers[key] = found
        return found

    def found(
        self, answers: Answers, case: CaseState, run: Any, state: State, task: TaskWait, kind: Kind, now: datetime
    ) -> Found:
        """What may be answered for a kind of child."""
        given = self._scope(case, run, state, task, kind, now)
        calendar = self._settings.authority.calendar
        environment = Environment(now=now.astimezone(LONDON), extras={"calendar": calendar})
        return answers.to(given, environment, london_date(now).isoformat())

    def new_beside(
        self,
        place: Place,
        answers: Answers,
        case: CaseState,
        run: Any,
        state: State,
        task: TaskWait,
        kind: Kind,
        now: datetime,
    ) -> bool:
        """Whether a form reads two things beside its answers together as it never did at that place."""
        given = self._scope(case, run, state, task, kind, now)
        pairs = {*combinations(answers.beside(given, london_date(now).isoformat()), 2)} - self._beside[place]
        self._beside[place] |= pairs
        return bool(pairs)

    def _scope(
        self, case: CaseState, run: Any, state: State, task: TaskWait, kind: Kind, now: datetime
    ) -> dict[str, Any]:
        facts = facts_view({**case.facts, **kind.facts}, now=now)
        return {
            **scope(state, task.task),
            "case": {"case_id": case.case_id, "authority": case.authority, **facts},
            "parameters": self._settings.parameters(run.release, london_date(now)),
        }

    def given(
        self, place: Place, found: Found, answers: Answers, led: Mapping[str, str], *, every: bool, paired: bool
    ) -> Sequence[Mapping[str, Any]]:
        """Of the answers to a form those that are given: all of them, or one set for each place that they led to.

        led     per place that they have led to before, the answers
        every   whether they were not given yet, beside the same of whatever is read with them
        paired  whether, once all of them were given, those will do that answer two questions as none did before
        """
        if every and led and paired:
            wanted, new = {*led.values()}, self._new(place, found, answers)
            return [each for each in found.sets if repr(steered(each, answers)) in wanted or id(each) in new]
        if every or not led:
            if paired:
                self._new(place, found, answers)
            return found.sets
        return some(found.sets, answers, led)

    def _new(self, place: Place, found: Found, answers: Answers) -> set[int]:
        """The sets that answer two questions as they were not answered together before, or one for another child."""
        together, new = self._together[place], set()
        for each in found.sets:
            said = [f"{key} {value!r}" for key, value in steered(each, answers).items()]
            pairs = {*combinations(said, 2), *product(found.beside, said)} - together
            if pairs:
                new.add(id(each))
                together |= pairs
        return new


def steered(checked: Mapping[str, Any], answers: Answers) -> dict[str, Any]:
    """Of the answers to a form those that steer."""
    return {key: checked[key] for key in answers.steering}


def some(sets: Sequence[Mapping[str, Any]], answers: Answers, led: Mapping[str, str]) -> Sequence[Mapping[str, Any]]:
    """Of the answers to a form one set for each place that they have led to before."""
    wanted = set(led.values())
    found = [each for each in sets if repr(steered(each, answers)) in wanted]
    return found or sets[: len(wanted)]

"""No plan ends on something that nobody knows: each answer and fact behind an ending, taken away once.

An ending is walked again with one thing not known. Where the plan still ends, that thing must not matter: known to be
anything else, the plan would end as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.case.state import CaseState, decode
from engine.clock import LONDON
from engine.errors import AnswersRefused, Refused
from engine.execution import State, scope
from engine.feel import Environment
from engine.forms import Form
from engine.forms.fields import CHOOSING
from engine.history import JSON, Event, read_instant
from tests.walks.reading import Reading
from tests.walks.settings import Settings
from tests.walks.standing import Standing
from tests.walks.values import Worth, changes

#: What the clock writes: until it does, it has not happened.
CLOCKED = frozenset({"turned_18"})
#: Does the last command again on a case, with a body. Raises Refused.
Again = Callable[[CaseState, Mapping[str, Any]], Sequence[Event]]


@dataclass(frozen=True)
class Known:
    """One thing that was known, or was not, when a plan ended.

    called  what a fault says of it: the step and the question, or the fact
    put     puts another value in its place, in a case and in the body of the command
    else_   what else it may be
    """

    called: str
    value: JSON
    put: Callable[[CaseState, dict[str, Any], JSON], bool]
    else_: Sequence[JSON]


class Unknown:
    """Looks at endings; of those that rest on the same, one."""

    def __init__(self, settings: Settings, reading: Reading, standing: Standing) -> None:
        self._settings, self._reading, self._standing = settings, reading, standing
        self._worth = Worth(reading)
        self._seen: set[str] = set()

    def faults(
        self, snapshot: bytes, body: Mapping[str, Any], events: Sequence[Event], again: Again
    ) -> Iterator[tuple[str, str, JSON]]:
        """What was not known, or might not have been, and would not have stopped the ending.

        The outcome, what was not known, and what it might have been so that the plan had not ended.
        """
        (ended, *_) = (event for event in events if event.kind == "PlanEnded")
        outcome, guard = str(ended.body["outcome"]), str(ended.body["guard"])
        case = decode(snapshot)
        for known in self._all(case, body):
            rests = [event.body["inputs"] for event in events if event.kind == "DecisionMade"]
            told = repr((outcome, guard, known.called, known.value, rests))
            if told in self._seen:
                continue
            self._seen.add(told)
            if known.value is not None and not self._ends(snapshot, body, known, None, again):
                continue
            for value in known.else_:
                if value is not None and value != known.value and not self._ends(snapshot, body, known, value, again):
                    yield outcome, known.called, value
                    break

    def _ends(self, snapshot: bytes, body: Mapping[str, Any], known: Known, value: JSON, again: Again) -> bool:
        case, changed = decode(snapshot), dict(body)
        if not known.put(case, changed, value):
            return value is not None
        try:
            return any(event.kind == "PlanEnded" for event in again(case, changed))
        except Refused:
            return False

    # ------------------------------------------------------------------ what was known

    def _all(self, case: CaseState, body: Mapping[str, Any]) -> Iterator[Known]:
        states = list(self._standing.states(case))
        for fact in sorted(self._guarded(states) - CLOCKED):
            else_ = [*changes(fact, case.facts.get(fact), self._reading)]
            yield Known(f"the fact {fact}", case.facts.get(fact), _put_fact(fact), else_)
        for run, state in states:
            forms = self._settings.release(run.release).forms
            asked = {
                element.id: forms[element.work.form]
                for process in self._settings.pathway(run.release).processes.values()
                for element in process.elements.values()
                if element.work is not None and element.work.form is not None and element.work.form in forms
            }
            for running in state.everywhere():
                for name, value in (running.variables or {}).items():
                    if name in asked and isinstance(value, dict):
                        seen = {**dict.fromkeys(running.spec.declared), **(running.variables or {})}
                        given = self._settings.given(case, run.release, seen)
                        yield from self._answers(asked[name], name, value, given, case, _put_answer(run.number, name))
            token = state.find(body.get("task", -1)) if "answers" in body else None
            if token is not None and token.task_spec.bpmn_id in asked:
                name = token.task_spec.bpmn_id
                given = self._settings.given(case, run.release, scope(state, body["task"]))
                yield from self._answers(asked[name], name, body["answers"], given, case, _put_in_body)

    def _answers(
        self,
        form: Form,
        name: str,
        answers: Mapping[str, JSON],
        given: Mapping[str, Any],
        case: CaseState,
        put: Callable[[str, Form, Mapping[str, Any], Environment], Callable[[CaseState, dict[str, Any], JSON], bool]],
    ) -> Iterator[Known]:
        environment = Environment(
            now=read_instant(case.at).astimezone(LONDON), extras={"calendar": self._settings.authority.calendar}
        )
        shown = form.visible({key: answers.get(key) for key in form.fields}, given, environment)
        for key, field in form.fields.items():
            if key in shown and key in answers and key in self._reading.words:
                offered = None
                if field.type in CHOOSING:
                    offered = [option.value for option in form.options(key, given, environment)]
                values = [value for value in self._worth(field, None, offered, environment) if value != field.unknown]
                yield Known(f"{name}.{key}", answers[key], put(key, form, given, environment), values)

    def _guarded(self, states: Sequence[tuple[Any, State]]) -> frozenset[str]:
        """The facts that some guard reads."""
        return frozenset().union(*(self._standing.places_of(run.release).guarded for run, _ in states))


def _put_fact(fact: str) -> Callable[[CaseState, dict[str, Any], JSON], bool]:
    def put(case: CaseState, body: dict[str, Any], value: JSON) -> bool:
        case.facts[fact] = value
        return True

    return put


def _put_answer(number: int, name: str) -> Any:
    def of(key: str, form: Form, given: Mapping[str, Any], environment: Environment) -> Any:
        def put(case: CaseState, body: dict[str, Any], value: JSON) -> bool:
            """False where the form would not have taken it, though it takes the rest."""
            found = False
            tokens = case.running[number].tokens
            assert tokens is not None
            for frame in [tokens[4], *(inner[1] for inner in tokens[6] if inner[1] is not None)]:
                answers = frame.get(name)
                if isinstance(answers, dict) and key in answers:
                    other = {**answers, key: value}
                    if not _takes(form, other, given, environment) and _takes(form, answers, given, environment):
                        return False
                    frame[name] = other
                    found = True
            return found

        return put

    return of


def _put_in_body(key: str, form: Form, given: Mapping[str, Any], environment: Environment) -> Any:
    def put(case: CaseState, body: dict[str, Any], value: JSON) -> bool:
        try:
            body["answers"] = form.check({**body["answers"], key: value}, given, environment)
        except AnswersRefused:
            return False
        return True

    return put


def _takes(form: Form, answers: Mapping[str, Any], given: Mapping[str, Any], environment: Environment) -> bool:
    try:
        form.check({key: answers.get(key) for key in form.fields}, given, environment)
    except AnswersRefused:
        return False
    return True

"""The last commands of a way, done again on a case of which something else is known: the same steps, messages, dates.

Steps are found by their place in the diagram, since what else was known may have opened others before them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from engine.case.rows import BIRTHDAY
from engine.case.state import CaseState, decode
from engine.clock import LONDON
from engine.errors import AnswersRefused, Refused
from engine.execution import JobWait, MessageWait, TaskWait, TimerWait, scope, waits
from engine.feel import Environment
from engine.history import Event, read_instant
from tests.walks.settings import Settings
from tests.walks.standing import Standing
from tests.walks.ways import Step

#: Carries a command out on a case. Raises Refused.
Do = Callable[[CaseState, str, dict[str, Any], Any, str | None], Sequence[Event]]


class Place(NamedTuple):
    """What a command was about: an element of a diagram, or "" for what is about the case."""

    pathway: str = ""
    process: str = ""
    element: str = ""

    @property
    def told(self) -> str:
        return self.element or "it"


class NotOpen(Refused):
    """What a command is about is not there."""


class AskedAnew(Refused):
    """A form asks what it did not ask, or takes the answers no more: somebody answers it anew."""


class Again:
    """Does commands again for one authority."""

    def __init__(self, settings: Settings, standing: Standing) -> None:
        self._settings, self._standing = settings, standing

    def before(self, step: Step) -> CaseState:
        """The case on which a command was carried out."""
        case = decode(step.before)
        case.facts.update(step.facts)
        return case

    def place(self, step: Step) -> Place:
        """What a command was about."""
        number = _number(step.body)
        for place, task, _ in self._open(decode(step.before)) if number is not None else ():
            if task == number:
                return place
        return Place()

    def go(self, case: CaseState, step: Step, place: Place, do: Do) -> Sequence[Event]:
        """Carry a command out on another case. Raises NotOpen or AskedAnew, or Refused."""
        body, at = dict(step.body), max(read_instant(case.at), step.at) if step.at else None
        if place.element:
            found = next((each for each in self._open(case) if each[0] == place), None)
            if found is None:
                raise NotOpen(f"{place.element} is not open.")
            _, task, number = found
            for key in body.keys() & {"task", "job"}:
                body[key] = task
            if "timer" in body:
                body["timer"] = str(task)
            if "instance" in body:
                body["instance"] = number
            if "answers" in body:
                body["answers"] = self._checked(case, number, task, body["answers"])
        return do(case, step.command, body, at, step.role)

    def _open(self, case: CaseState) -> Iterator[tuple[Place, int, int]]:
        """Everything that is waited for, with its task and its pathway's number."""
        for run, state in self._standing.states(case):
            found = waits(state)
            open_: list[TaskWait | JobWait | TimerWait | MessageWait] = [*found.tasks, *found.jobs]
            for each in [*open_, *found.timers, *found.messages]:
                yield Place(run.pathway, each.process, each.element), each.task, run.number

    def _checked(self, case: CaseState, number: int, task: int, answers: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answers as the form takes them on this case."""
        run, state = next(each for each in self._standing.states(case) if each[0].number == number)
        wanted = next(each for each in waits(state).tasks if each.task == task)
        if wanted.form is None:
            return answers
        now = read_instant(case.at)
        environment = Environment(now=now.astimezone(LONDON), extras={"calendar": self._settings.authority.calendar})
        given = self._settings.given(case, run.release, scope(state, task))
        form = self._settings.release(run.release).forms[wanted.form]
        try:
            taken = form.check({key: answers.get(key) for key in form.fields}, given, environment)
        except AnswersRefused as refused:
            raise AskedAnew(str(refused)) from refused
        more = sorted(key for key, value in taken.items() if value is not None and answers.get(key) is None)
        if more:
            raise AskedAnew(f"{wanted.form} asks for {', '.join(more)} as well.")
        return taken


def _number(body: Mapping[str, Any]) -> int | None:
    """The token that a command names."""
    if body.get("timer") == BIRTHDAY:
        return None
    found = next((body[key] for key in ("task", "job", "timer") if key in body), None)
    return int(found) if found is not None else None

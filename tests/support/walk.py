"""A random walk through a case: whatever is open is answered, whatever may happen happens, time passes."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from engine.case.state import CaseState
from engine.casework import Casework, Practitioner, Shelf
from engine.clock import LONDON, SettableClock
from engine.errors import AnswersRefused, Refused
from engine.execution import TaskWait, decode, waits
from engine.forms import Field
from engine.letters import LetterIncomplete
from engine.store import Store

LIFE = (
    ("PlacementChanged", {"placement": "home"}),
    ("PlacementChanged", {"placement": "away_kin"}),
    ("LegalStatusChanged", {"legal_status": "ico"}),
    ("LegalStatusChanged", {"legal_status": "none"}),
    ("RemovedFromS20", {}),
    ("ChildDied", {}),
    ("LeftUK", {}),
    ("MovedOutOfArea", {}),
)
#: A form that refuses so many answers asks for something a random person does not know.
GUESSES = 25


def some_facts(chance: random.Random, now: datetime) -> dict[str, Any]:
    """The facts of some child: any of them may be unknown."""
    born = now - timedelta(days=chance.randrange(30, 365 * 17))
    facts: dict[str, Any] = {
        "name": "Sam Sample",
        "dob": born.date().isoformat(),
        "legal_status": chance.choice(["none", "s20", "ico", "co", "epo", "police_protection", None]),
        "placement": chance.choice(["home", "away_foster", "away_kin", "away_residential", "parent_child_unit", None]),
    }
    for name in ("plo_active", "care_proceedings", "s20_stable", "care_planning_arrangements", "living_outside_area"):
        facts[name] = chance.choice([True, False, None])
    return facts


def some_answer(field: Field, options: list[Any], chance: random.Random, now: datetime) -> Any:
    """Any answer to a question, most often a sound one."""
    if not field.required and chance.random() < 0.15:
        return None
    if options:
        if field.type in ("checklist", "taglist"):
            return chance.sample(options, chance.randrange(1, len(options) + 1))
        return chance.choice(options)
    today = now.astimezone(LONDON)
    if field.subtype == "date":
        return (today + timedelta(days=chance.choice([0, 0, 0, 1, 14, -3]))).date().isoformat()
    if field.subtype == "datetime":
        return today.replace(microsecond=0).isoformat()
    if field.subtype == "time":
        return "10:00"
    if field.type == "checkbox":
        return chance.random() < 0.8
    if field.type == "number":
        return chance.randrange(0, 30)
    if field.as_list:
        return chance.choice([["School", "Health visitor"], ["The mother"]])
    return chance.choice(["As recorded.", "Nothing further.", "See the minutes of the meeting."])


class Walk:
    """One person after another does something to a case, until nothing is left to do."""

    def __init__(self, store: Store, shelf: Shelf, clock: SettableClock, authority: str, chance: random.Random) -> None:
        self.store, self.shelf, self.clock, self.authority, self.chance = store, shelf, clock, authority, chance
        self.casework = Casework(store, shelf, clock)

    def begin(self, case_id: str, pathway: str) -> None:
        """Open a case with some facts and start a pathway."""
        by = self._person("social_worker")
        facts = some_facts(self.chance, self.clock.now())
        self.casework.open_case(case_id, facts, by=by, command_id=f"{case_id}:open")
        self.casework.start_pathway(case_id, pathway, by=by, command_id=f"{case_id}:start")

    def step(self, case_id: str) -> bool:
        """Do one thing; False where nothing is open and no time is waited for."""
        case = self.casework.load(self.authority, case_id)
        acts = self._acts(case)
        if not acts:
            return False
        key = f"{case_id}:{case.revision}"
        try:
            self.chance.choice(acts)(case, key)
        except (AnswersRefused, LetterIncomplete):
            # A random person did not find an answer that the form takes: the task stays open.
            return True
        except Refused:
            # Somebody or something else was quicker; the case is looked at afresh.
            return True
        return True

    def _acts(self, case: CaseState) -> list[Callable[[CaseState, str], None]]:
        tasks, jobs, messages, timers = [], [], [], False
        held = case.held_tasks()
        for running in case.running.values():
            if running.state != "running" or running.tokens is None:
                continue
            found = waits(decode(self.shelf.pathway(self.authority, running.release), running.tokens))
            tasks += [task for task in found.tasks if task.task not in held]
            jobs += [job for job in found.jobs if job.task not in held]
            messages += [message for message in found.messages if message.name != "LifeEvent"]
            timers = timers or bool(found.timers)
        acts: list[Callable[[CaseState, str], None]] = []
        for task in tasks:
            acts += [lambda case, key, task=task: self._complete(case, task, key)] * 6
        for job in jobs:
            acts += [lambda case, key, job=job: self._finish(case, job.task, key)] * 6
        for message in messages:
            acts += [lambda case, key, message=message: self._message(case, message.name, key)] * 2
        if acts or timers:
            acts.append(self._wait)
            acts.append(self._life)
        return acts

    def _complete(self, case: CaseState, task: TaskWait, key: str) -> None:
        roles = sorted(task.candidates) or [task.role or "social_worker"]
        by = self._person(self.chance.choice(roles))
        running = case.running[case.desks[task.task].instance]
        form = None if task.form is None else self.shelf.release(self.authority, running.release).forms[task.form]
        refused: Exception | None = None
        for _ in range(GUESSES):
            answers: dict[str, Any] = {}
            if form is not None:
                scope = self.casework.scope_of(case, task.task)
                environment = self.casework.environment(self.authority)
                stands = form.initial(scope, environment)
                for name, field in form.fields.items():
                    options = [option.value for option in form.options(name, scope, environment)]
                    answers[name] = some_answer(field, options, self.chance, self.clock.now())
                    if name in stands and self.chance.random() < 0.8:
                        answers[name] = stands[name]
            try:
                self.casework.complete_task(case.case_id, task.task, answers, by=by, command_id=key)
            except (AnswersRefused, LetterIncomplete) as error:
                refused = error
                continue
            return
        assert refused is not None
        raise refused

    def _finish(self, case: CaseState, job: int, key: str) -> None:
        self.casework.finish_job(self.authority, case.case_id, job, {}, command_id=key, settles=None)

    def _message(self, case: CaseState, name: str, key: str) -> None:
        by = self._person("social_worker")
        self.casework.receive_message(case.case_id, name, {}, received_on=None, by=by, command_id=key)

    def _wait(self, case: CaseState, key: str) -> None:
        self.clock.advance_by(timedelta(days=self.chance.choice([1, 3, 15])))
        self.casework.fire_timers(self.authority, case.case_id)

    def _life(self, case: CaseState, key: str) -> None:
        if self.chance.random() < 0.7:
            return
        name, payload = self.chance.choice(LIFE)
        by = self._person("social_worker")
        self.casework.record_life_event(case.case_id, name, payload, received_on=None, by=by, command_id=key)

    def _person(self, role: str) -> Practitioner:
        return Practitioner(f"{role}_1", self.authority, role, frozenset({role}))

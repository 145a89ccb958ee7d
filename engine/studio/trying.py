"""A draft tried on a made-up child: only the steps taken are kept, and played again for each look."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

import orjson

from engine.casework import CaseView, Casework, TaskView
from engine.casework.people import ANALYST, HEAD, Practitioner, roles_of
from engine.clock import LONDON
from engine.errors import EngineError, NotFound, Refused
from engine.history import JSON, read_instant
from engine.scenarios import Play, Scenario, When
from engine.store.drafts import DraftFile
from engine.studio.publishing import Studio
from engine.studio.running import staged
from engine.studio.scenario_text import written
from engine.studio.studio import Open

#: What trials are kept as beside a draft, and how many steps one may have.
TRIAL, STEPS = "trial", 200
_STEP = re.compile(r"^step \d+( \([^)]*\) was refused)?: ")
_FILE = re.compile(r"[^a-z0-9]+")
Answer = TypeVar("Answer")


class TrialRefused(Refused):
    """A step of a trial was refused; it was not kept."""


@dataclass(frozen=True, slots=True)
class Trial:
    """The steps of a trial as they are kept: a child's facts, when it began, and what was done since."""

    number: str
    pathway: str
    now: str
    facts: Mapping[str, JSON]
    steps: tuple[Mapping[str, Any], ...] = ()

    def scenario(self, authority: str) -> Scenario:
        """The same as a scenario that expects nothing."""
        whens = tuple(_when(position, step) for position, step in enumerate(self.steps, 1))
        now = datetime.fromisoformat(self.now)
        return Scenario("trial", "A trial", (), authority, self.pathway, now, self.facts, whens, {}, case_id="TRIAL")

    @property
    def body(self) -> bytes:
        """As it is kept."""
        return orjson.dumps(
            {"pathway": self.pathway, "now": self.now, "facts": dict(self.facts), "steps": list(self.steps)}
        )


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task that waits for somebody: the one who may do it in the trial, and its page.

    number, item  of a task that stands open once for each item of a list: which of them it is, from 1; else None
    """

    view: TaskView
    by: str
    number: int | None = None
    item: JSON = None


@dataclass(frozen=True, slots=True)
class Fired:
    """A table that was asked: at which step, which rows matched with what stands beside them, and what came of it."""

    decision: str
    title: str
    rows: tuple[int, ...]
    said: tuple[str, ...]
    result: JSON


@dataclass(frozen=True, slots=True)
class Tried:
    """Where a trial stands.

    timers    what goes on by itself, in words, and when; the next first
    over      whether nothing runs any more: every way has come to an end
    told      the made-up case with everything that was done in it, each by the role that did it
    problems  what stopped, and what it stopped for
    """

    trial: Trial
    now: datetime
    plan_status: str
    outcomes: tuple[str, ...]
    tasks: tuple[OpenTask, ...]
    messages: tuple[str, ...]
    timers: tuple[tuple[str, datetime], ...]
    over: bool
    told: CaseView
    fired: tuple[Fired, ...]
    problems: tuple[str, ...]


class Trying(Studio):
    """Plays a draft step by step, in a store of its own that is gone after each look."""

    def trials(self, by: Practitioner, number: int) -> list[Trial]:
        """The trials kept beside a draft."""
        by.must_hold(ANALYST)
        kept = self._drafts.notes(by.authority, number, TRIAL)
        return [_read(name, body) for name, body in sorted(kept.items(), key=lambda one: int(one[0]))]

    def trial(self, by: Practitioner, number: int, trial: str) -> Trial:
        """One of them. Raises NotFound."""
        for one in self.trials(by, number):
            if one.number == trial:
                return one
        raise NotFound(f"Draft {number} has no trial {trial[:9]}.")

    def begin_trial(
        self, by: Practitioner, number: int, pathway: str, now: datetime, facts: Mapping[str, JSON]
    ) -> Trial:
        """A new trial of a pathway of a draft. Raises TrialRefused where it cannot even begin."""
        opened = self.open(by, number)
        last = max((int(one.number) for one in self.trials(by, number)), default=0)
        trial = Trial(str(last + 1), pathway, now.isoformat(), facts)
        with self._played(opened, trial) as play:
            if play.stopped:
                raise _refused(play)
        self._drafts.keep_notes(by.authority, number, TRIAL, {trial.number: trial.body})
        return trial

    def take_step(self, by: Practitioner, number: int, trial: str, step: Mapping[str, Any]) -> Trial:
        """Do one more thing in a trial and keep it. Raises TrialRefused, and then nothing was kept."""
        before = self.trial(by, number, trial)
        if len(before.steps) >= STEPS:
            raise TrialRefused(f"A trial has at most {STEPS} steps. Keep it as a scenario and begin another.")
        after = Trial(before.number, before.pathway, before.now, before.facts, (*before.steps, step))
        with self._played(self.open(by, number), after) as play:
            if play.stopped:
                raise _refused(play)
        self._drafts.keep_notes(by.authority, number, TRIAL, {trial: after.body})
        return after

    def step_back(self, by: Practitioner, number: int, trial: str) -> Trial:
        """Take the last step of a trial back."""
        before = self.trial(by, number, trial)
        after = Trial(before.number, before.pathway, before.now, before.facts, before.steps[:-1])
        self._drafts.keep_notes(by.authority, number, TRIAL, {trial: after.body})
        return after

    def end_trial(self, by: Practitioner, number: int, trial: str) -> None:
        """Forget a trial."""
        self.trial(by, number, trial)
        self._drafts.keep_notes(by.authority, number, TRIAL, {trial: None})

    def look(self, by: Practitioner, number: int, trial: str, see: Callable[[Tried, Casework], Answer]) -> Answer:
        """Play a trial and look at where it stands; the case is there as long as `see` looks."""
        opened = self.open(by, number)
        with self._played(opened, self.trial(by, number, trial)) as play:
            return see(_tried(play, self.trial(by, number, trial), opened), play.casework)

    def keep_trial(self, by: Practitioner, number: int, trial: str, title: str) -> DraftFile:
        """Keep a trial as a scenario of the draft, expecting what came out; its author confirms it. Raises Refused."""
        name = _FILE.sub("_", title.lower()).strip("_")[:60]
        if len(name) < 3:
            raise Refused("Say in a few words what the scenario shows.")
        opened = self.open(by, number)
        kept = self.trial(by, number, trial)
        path = f"{opened.workspace.home(kept.pathway)}/scenarios/{name}.toml"
        if path in opened.workspace.files:
            raise Refused(f"There is a scenario {name} already. Give this one another title.")
        with self._played(opened, kept) as play:
            then = {
                "plan_status": str(play.case.facts["plan_status"]),
                "outcomes": [o for running in play.case.running.values() for o in running.outcomes],
                "open_tasks": sorted(task.element for waits in play.waiting() for task in waits.tasks),
            }
        text = written(title, kept.scenario(by.authority), kept.steps, then)
        return self.save(by, number, path, text.encode("utf-8"), seen=opened.version(path))

    @contextmanager
    def _played(self, opened: Open, trial: Trial) -> Iterator[Play]:
        settings = opened.workspace.settings
        names = dict.fromkeys((trial.pathway, settings.life_event_pathway, settings.life_event_pathway_after_end))
        wanted = tuple(name for name in names if name in opened.workspace.pathways)
        scenario = trial.scenario(opened.draft.authority)
        with staged(opened.workspace, scenario.now, wanted) as stage:
            yield stage.perform(scenario)


def _refused(play: Play) -> TrialRefused:
    """Why a trial did not go on, without the place of the step in the file that it is not yet."""
    return TrialRefused(" ".join(_STEP.sub("", problem) for problem in play.problems))


def _tried(play: Play, trial: Trial, opened: Open) -> Tried:
    case = play.case
    waiting = play.waiting()
    tasks = []
    for waits in waiting:
        for task in waits.tasks:
            role = sorted(roles_of(task))[0]
            by = Practitioner(role, case.authority, role, frozenset({role}))
            try:
                tasks.append(
                    OpenTask(play.casework.task(by, case.case_id, task.task), role, *play.item(case, task.task))
                )
            except EngineError as error:
                play.problems.append(str(error))
    return Tried(
        trial,
        play.clock.now().astimezone(LONDON),
        str(case.facts.get("plan_status", "")),
        tuple(o for running in case.running.values() for o in running.outcomes),
        tuple(tasks),
        tuple(dict.fromkeys(message.name for waits in waiting for message in waits.messages)),
        tuple(sorted(_timers(play), key=lambda one: one[1])),
        not play.stopped and all(running.state != "running" for running in case.running.values()),
        told := _told(play, opened),
        tuple(_fired(play, told)),
        (*play.problems, *_held(play)),
    )


def _told(play: Play, opened: Open) -> CaseView:
    """The case of a trial as its Head would read it, each command by what its role is called."""
    head = Practitioner("studio", play.scenario.authority, "studio", frozenset({HEAD}))
    view, title = play.casework.case(head, play.case_id), opened.workspace.settings.role_title
    return replace(
        view,
        timeline=tuple(
            replace(entry, by_name=title(entry.by), role=None) if entry.role is not None else entry
            for entry in view.timeline
        ),
    )


def _fired(play: Play, told: CaseView) -> Iterator[Fired]:
    titles = _titles(play)
    for event in play.events:
        if event.kind == "DecisionMade":
            decision, element = str(event.body.get("decision", "")), str(event.body.get("element", ""))
            rows = tuple(int(rule["row"]) for rule in event.body["rules"] if rule.get("decision") == decision)
            notes = (told.rows[decision, row].words for row in rows if (decision, row) in told.rows)
            said = tuple(filter(None, notes))
            yield Fired(decision, titles.get(("", element), element), rows, said, event.body.get("result"))


def _timers(play: Play) -> Iterator[tuple[str, datetime]]:
    titles = _titles(play)
    for waits in play.waiting():
        for timer in waits.timers:
            yield titles.get((timer.process, timer.element), timer.element), read_instant(timer.at).astimezone(LONDON)


def _held(play: Play) -> Iterator[str]:
    """What could not be carried out and waits for somebody to mend it: a case of its own would stand still here."""
    titles = _titles(play)
    for held in play.case.held.values():
        if held.state == "open":
            yield f"{titles.get(('', held.element or ''), held.element or 'The pathway')}: {held.message}"


def _titles(play: Play) -> dict[tuple[str, str], str]:
    """What the elements are called by process and id, and by their id alone where the process is not known."""
    shelf, case = play.stage.shelf, play.case
    pathways = {running.release: shelf.pathway(case.authority, running.release) for running in case.running.values()}
    alone = {("", one.id): one.label for pathway in pathways.values() for one in pathway.elements.values()}
    drawn = (one for pathway in pathways.values() for each in pathway.elements for one in pathway.drawn(each))
    return alone | {(one.process, one.id): one.label for one in drawn}


def _when(position: int, step: Mapping[str, Any]) -> When:
    return When(
        position=position,
        does=step["does"],
        what=step["what"],
        at=step.get("at"),
        by=step.get("by"),
        person=None,
        answers=step.get("answers", {}),
        payload=step.get("payload", {}),
        received_on=step.get("received_on"),
        variables={},
        refused=None,
        code="failed",
        number=step.get("number"),
    )


def _read(name: str, body: bytes) -> Trial:
    held = orjson.loads(body)
    return Trial(name, held["pathway"], held["now"], held["facts"], tuple(held["steps"]))

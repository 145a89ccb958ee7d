"""Putting right: a completed step's answers, a pathway that should not run, a plan that was ended in error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from engine import replay
from engine.case.facts import ENDED
from engine.case.state import CaseState
from engine.casework.actions import Actions
from engine.casework.door import Asked, Done
from engine.casework.people import HEAD, SUPERVISING_ROLES, Practitioner, roles_of
from engine.casework.permissions import check_sees
from engine.casework.steering import steered, weighed
from engine.errors import NotFound, Refused
from engine.execution import TaskWait, Whereabouts
from engine.forms import Form
from engine.history import JSON, Event
from engine.letters import check_complete
from engine.replay import recorded_events

#: A letter that was worded or sent is a paper that somebody may hold: another letter puts it right, not a correction.
OF_A_LETTER = frozenset({"text", "recipients", "sent_on", "channel"})


class CannotCorrect(Refused):
    """A step cannot be corrected: it is open still, nothing would change, or it recorded a paper that was sent."""


@dataclass(frozen=True, slots=True)
class CompletedStep:
    """A completed step as it stands after every correction: what was answered, by whom, and who may put it right."""

    case_id: str
    instance: int
    pathway_title: str
    task: int
    element: str
    title: str
    role: str | None
    by: str
    answers: Mapping[str, JSON] = field(repr=False)
    form: Form | None
    scope: Mapping[str, JSON] = field(repr=False)
    may: tuple[str, ...]
    corrections: tuple[Mapping[str, JSON], ...] = field(default=(), repr=False)

    @property
    def prefill(self) -> Mapping[str, JSON]:
        """What stands in the step's form: what was answered."""
        return self.answers


@dataclass(frozen=True, slots=True)
class _Found:
    """A completed task in its case's history: when, by whom, and everything its pathway did."""

    revision: int
    by: str
    body: Mapping[str, JSON]
    opened: Mapping[str, JSON]
    events: tuple[Event, ...]
    corrections: tuple[Mapping[str, JSON], ...]
    process: str = ""


class Correcting(Actions):
    """What may be put right, each by a recorded command of its own."""

    def completed_step(self, by: Practitioner, case_id: str, task: int) -> CompletedStep:
        """A completed step, to look at or to correct. The look is recorded. Raises NotFound."""
        case = self._look(by, case_id, "step")
        return self._completed(case, self._history_of(case, task), task)

    def correct_step(
        self, case_id: str, task: int, changed: Mapping[str, JSON], why: str, *, by: Practitioner, command_id: str
    ) -> Done:
        """Put right some of a completed step's answers. History keeps both; the case reads the right ones from now on.

        changed  the answers that were wrong, as they are right; the rest stays
        Who may is the authority's setting, else the manager of the step's role and the Head. What was decided on the
        wrong answers is not undone: it is put before the manager, and no plan of this case ends until it is answered.
        What people did after the answer counts, too, though no rule read it: they had it before them.
        Where the plan ended after the step, the Head is told whatever read the answer.
        Raises Forbidden, AnswersRefused, CannotCorrect.
        """
        check_sees(self._store, by, case_id)

        def prepare(case: CaseState) -> Asked:
            found = self._history_of(case, task)
            step = self._completed(case, found, task)
            acting = by.must_hold(*step.may)
            right = self._checked(case, step, changed, found.process)
            was = {name: step.answers.get(name) for name in right}
            running = case.running[step.instance]
            pathway = self._shelf.pathway(case.authority, running.release)
            read = steered(pathway, found.events, task, step.element, right)
            decided = list(dict.fromkeys([*read, *weighed(pathway, found.events, task)]))
            if not decided and case.facts.get("plan_status") == ENDED:
                decided = _ended_after(found.events, task, step.element)
            body: dict[str, JSON] = {
                "instance": step.instance,
                "task": task,
                "element": step.element,
                "answers": right,
                "was": was,
                "why": _said(why),
                "steered": decided,
                "to": self._told_of(case, step, decided),
            }
            if step.element in pathway.shared:
                body["process"] = found.process
            return Asked(command_id, "correct_step", body, by.id, acting)

        return self._change(by, case_id, prepare)

    def _told_of(self, case: CaseState, step: CompletedStep, decided: list[str]) -> str:
        """Who must say how to go on: the manager of the step's role; the Head, where a plan was ended on it."""
        if case.facts.get("plan_status") == ENDED and decided:
            return HEAD
        return self.authority(case.authority).overdue.manager_of(step.role)

    def _checked(
        self, case: CaseState, step: CompletedStep, changed: Mapping[str, JSON], process: str
    ) -> dict[str, JSON]:
        pathway = self._shelf.pathway(case.authority, case.running[step.instance].release)
        properties = pathway.properties_of(step.element, process)
        given = {name: value for name, value in changed.items() if value != step.answers.get(name)}
        papers = sorted(name for name in given if name in OF_A_LETTER or name.endswith("_recipients"))
        if "casework:letter" in properties and papers:
            raise CannotCorrect(
                "What a letter said, and to whom it went, stays as it was. Send another letter instead."
            )
        whole = {**step.answers, **given}
        checked = whole
        if step.form is not None:
            checked = step.form.check(whole, step.scope, self.environment(case.authority))
            if "casework:letter" in properties and checked.get("text") is not None:
                check_complete(properties["casework:letter"], str(checked["text"]))
        right = {name: value for name, value in checked.items() if value != step.answers.get(name)}
        if not right:
            raise CannotCorrect("Nothing is corrected: every answer is as it was recorded.")
        return right

    def _completed(self, case: CaseState, found: _Found, task: int) -> CompletedStep:
        number, element = int(found.body["instance"]), str(found.body["element"])
        running = case.running[number]
        pathway = self._shelf.pathway(case.authority, running.release)
        release = self._shelf.release(case.authority, running.release)
        answers = dict(found.body["answers"])
        for correction in found.corrections:
            answers.update(correction["answers"])
        opened = found.opened
        wait = TaskWait(
            task,
            element,
            opened["role"],
            tuple(opened["candidates"]),
            opened["form"],
            opened["due"],
            0,
            None,
            found.process,
        )
        roles = sorted(roles_of(wait)) if wait.role or wait.candidates else [None]
        settings = self.authority(case.authority)
        may = dict.fromkeys(one for role in roles for one in settings.may_correct(role))
        return CompletedStep(
            case.case_id,
            number,
            release.title,
            task,
            element,
            pathway.title_of(element, found.process),
            wait.role or (wait.candidates[0] if wait.candidates else None),
            found.by,
            answers,
            None if wait.form is None else release.forms[wait.form],
            self._scope_then(case, found.revision, task),
            tuple(may),
            found.corrections,
        )

    def _scope_then(self, case: CaseState, revision: int, task: int) -> dict[str, JSON]:
        """What the form of the step could read when it was completed: the case is carried out again up to there."""
        library = self._shelf
        before = CaseState(case.authority, case.case_id)
        for step in replay.steps(self._store, library, case.authority, case.case_id):
            before = step.case
            if step.entry.revision >= revision - 1:
                break
        return self.scope_of(before, task)

    def _history_of(self, case: CaseState, task: int) -> _Found:
        """A completed task in the history of its case. Raises NotFound, and CannotCorrect while it is open."""
        if task in case.desks:
            raise CannotCorrect(f"Task {task} of case {case.case_id} is still open. Answer it there.")
        done: tuple[int, str, Mapping[str, JSON]] | None = None
        opened: Mapping[str, JSON] = {}
        events: dict[int, list[Event]] = {}
        corrections: list[Mapping[str, JSON]] = []
        places = Whereabouts()
        for entry in self._store.history(case.authority, case.case_id):
            happened = recorded_events(entry)
            places.take(happened)
            for event in happened:
                body = event.body
                if "instance" in body and body["instance"] is not None:
                    events.setdefault(int(body["instance"]), []).append(event)
                if event.kind == "TaskOpened" and body["task"] == task:
                    opened = body
                elif event.kind == "TaskCompleted" and body["task"] == task:
                    done = (entry.revision, entry.command.by, body)
                elif event.kind == "StepCorrected" and body["task"] == task:
                    corrections.append({**body, "by": entry.command.by, "at": entry.command.at.isoformat()})
        if done is None:
            raise NotFound(f"Task {task} of case {case.case_id} was never completed.")
        revision, by, body = done
        return _Found(
            revision, by, body, opened, tuple(events[int(body["instance"])]), tuple(corrections), places.of_task(task)
        )

    # ------------------------------------------------------------------ pathways and plans

    def withdraw_pathway(self, case_id: str, instance: int, reasons: str, *, by: Practitioner, command_id: str) -> Done:
        """Take a running pathway back, with its tasks, timers and unsent letters. Only those who supervise may."""
        role = by.must_hold(*SUPERVISING_ROLES)
        check_sees(self._store, by, case_id)

        def prepare(case: CaseState) -> Asked:
            why = "the plan has ended" if case.facts.get("plan_status") == ENDED else "withdrawn by a manager"
            body = {"instance": instance, "why": why, "reasons": _said(reasons)}
            return Asked(command_id, "withdraw_pathway", body, by.id, role)

        return self._change(by, case_id, prepare)

    def may_reinstate(self, by: Practitioner) -> bool:
        """Whether this person may make a plan active again."""
        return by.may_act_as(self.authority(by.authority).corrections.reinstate) is not None

    def reinstate_plan(
        self, case_id: str, why: str, *, effective_on: date | None, by: Practitioner, command_id: str
    ) -> Done:
        """Make a plan active again that was ended in error, by somebody whom settings name.

        effective_on  the day from which it is active again; None: the day on which it had ended, without a gap
        Letters not yet sent are withdrawn, and so is the pathway that ended the plan, where it still runs. Each notice
        of the ending that was sent is named, so that its recipients are told; what is to be reviewed is a task of the
        authority's pathway, or else before the Head.
        """
        settings = self.authority(by.authority).corrections
        role = by.must_hold(*settings.reinstate)
        check_sees(self._store, by, case_id)

        def prepare(case: CaseState) -> Asked:
            day = effective_on.isoformat() if effective_on is not None else case.facts.get("plan_end_date")
            body: dict[str, JSON] = {
                "why": _said(why),
                "effective_on": day,
                **self._of_the_ending(case),
                "start": None,
            }
            if settings.pathway:
                release = self._shelf.deployed(case.authority, settings.pathway)
                body["start"] = {"pathway": settings.pathway, "release": release, "by_list": True}
            return Asked(command_id, "reinstate_plan", body, by.id, role)

        return self._change(by, case_id, prepare)

    def _of_the_ending(self, case: CaseState) -> dict[str, JSON]:
        """What the ending left behind: `notices` that were sent, and pathways to be `withdrawn`.

        Notices are the letters sent by whatever ended the plan since the ending was decided, and by anything after it
        had ended. Withdrawn is what ended the plan, where it still runs: it follows up an ending that never was.
        """
        ended: int | None = None
        decided, sent = "", dict[int, tuple[int | None, str]]()
        after: set[int] = set()
        for entry in self._store.history(case.authority, case.case_id):
            for event in recorded_events(entry):
                if event.kind == "PlanEnded":
                    ended, decided, after = event.body["instance"], event.body["decided_on"], set()
                elif event.kind == "LetterSent":
                    number = event.body["number"]
                    sent[number] = (
                        case.letters[number].instance,
                        str(event.body["sent_on"] or entry.command.at.date()),
                    )
                    after.add(number)
        by_ender = {number for number, (instance, on) in sent.items() if instance == ended and on >= decided}
        running = None if ended is None else case.running.get(ended)
        return {
            "notices": [number for number in sorted(by_ender | after) if case.letters[number].state == "sent"],
            "withdrawn": [ended] if running is not None and running.state == "running" else [],
        }


def _said(words: str) -> str:
    """A reason in words. Raises Refused where there is none."""
    if not words.strip():
        raise Refused("Say why. The reason is kept in the case's history.")
    return words.strip()[:5000]


def _ended_after(events: Iterable[Event], task: int, element: str) -> list[str]:
    """The step that ended the plan, where this answer lay before whoever decided on it; none where it came later.

    No rule may have read the answer: people did. Where the plan was ended by another pathway, nobody can be sure.
    """
    given = False
    for event in events:
        if event.kind == "TaskCompleted" and event.body["task"] == task:
            given = True
        elif event.kind == "PlanEnded":
            return [str(event.body["element"])] if given else []
    return [element]

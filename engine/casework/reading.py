"""What people may look at: their work, a task, a case, a letter; every look at a case is recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

import orjson

from engine.case.confidential import Reader, Sight
from engine.case.disclosure import sight_of_lists, withheld_lists
from engine.case.facts import ACTIVE
from engine.case.facts import view as facts_view
from engine.case.handling import TaskNotOpen, live
from engine.case.state import CaseState, Letter, Running
from engine.casework import standing, views
from engine.casework.dating import Origins, taken_from
from engine.casework.doers import doers
from engine.casework.door import Door
from engine.casework.doubting import doubted
from engine.casework.endings import Ending, held, seen
from engine.casework.foresight import foresee
from engine.casework.listing import Listing, OpenTask, may_move_tasks, pathway_title
from engine.casework.looks import look_at
from engine.casework.papers import as_seen, letter_paper, signed_by
from engine.casework.people import Practitioner, roles_of
from engine.casework.permissions import check_sees, is_kept_from, is_theirs, may_have_task, viewer_of
from engine.casework.placing import ends_plan, placed, standing_in, timeline
from engine.casework.shelf import Shelf
from engine.clock import LONDON, Clock, london_date
from engine.errors import EngineError, NotFound
from engine.execution import JobWait, Pathway, TaskWait, Whereabouts, scope, waits
from engine.feel import Environment
from engine.history import JSON, Event, read_instant
from engine.letters import Rendered, blanks_in, letter_html, letterhead, render
from engine.replay import recorded_events
from engine.store import Store


class Reading(Listing):
    """The looks of casework."""

    def __init__(self, store: Store, shelf: Shelf, clock: Clock, door: Door) -> None:
        super().__init__(store, shelf, clock)
        self._door = door
        self._endings_of: dict[tuple[tuple[str, str], ...], tuple[Pathway, ...]] = {}

    # ------------------------------------------------------------------ one case

    def load(self, authority: str, case_id: str) -> CaseState:
        """The case as it stands, for the product itself; nobody's look."""
        return self._door.load(authority, case_id).case

    def task(self, by: Practitioner, case_id: str, task: int) -> views.TaskView:
        """A task with its form, for somebody who may do it or who supervises."""
        case = self._look(by, case_id, "task")
        wait, running, pathway = opened = self._open_task(case, task)
        release = self._shelf.release(by.authority, running.release)
        properties, roles = pathway.properties_of(wait.element, wait.process), roles_of(wait)
        context = self.scope_of(case, task)
        due_on = date.fromisoformat(wait.due["on"]) if wait.due and wait.due.get("on") else None
        authority, known = self.authority(by.authority), self._shelf.clauses(by.authority)
        role = by.may_act_as(sorted(roles)) or sorted(roles)[0]
        apart = self._kept_apart(by, case, opened)
        clauses, desk = tuple(properties.get("casework:clauses", "").split()), case.desks[task]
        drafted, sight = self._letter_draft(case, running, release, properties, context), self._sight(by, case)
        kept = self._store.papers.draft(by.authority, case_id, task, by.id)
        draft, draft_at = (None, None) if kept is None else (orjson.loads(kept[1]), read_instant(kept[0]))
        return views.TaskView(
            case_id=case_id,
            label=_label(case),
            task=task,
            element=wait.element,
            title=pathway.title_of(wait.element, wait.process),
            pathway=running.pathway,
            pathway_title=pathway_title(pathway, wait.element, wait.process),
            help=pathway.help_of(wait.element, wait.process),
            role=role,
            role_title=authority.role_title(role),
            form=None if wait.form is None else release.forms[wait.form],
            scope=sight.of_value(context),
            prefill=sight.of_value(drafted),
            draft=sight.of_value(draft),
            shown=(),
            due_on=due_on,
            due_explanation=(wait.due or {}).get("explanation"),
            no_due_date=properties.get("casework:no_due_date"),
            days_left=None if due_on is None else self._days_left(by.authority, due_on),
            clauses=clauses,
            clause_texts=tuple((id_, known[id_].summary) for id_ in clauses if id_ in known),
            source=properties.get("casework:label", "product"),
            assignee=desk.assignee,
            assignee_name=self._names(by.authority, {desk.assignee}).get(desk.assignee or ""),
            held=task in case.held_tasks(),
            letter=properties.get("casework:letter"),
            letter_step=properties.get("casework:letter_step"),
            may_complete=any(may_have_task(by, desk.assignee, one) for one in by.roles & roles)
            and not (apart and apart.blocks),
            sight=sight,
            may_move=may_move_tasks(by) or is_theirs(by, desk.assignee, by.roles & roles),
            due_today=due_on == self._today(),
            overdue=due_on is not None and due_on < self._today(),
            roles=roles,
            apart=apart,
            draft_at=draft_at,
            titles={name: each.name for name, each in pathway.elements.items() if each.name},
            placed={(one.process, name): one.name or "" for name in pathway.shared for one in pathway.drawn(name)},
            letter_titles={name: each.title for name, each in release.letters.items()},
            ending=ends_plan(pathway, wait),
            due_from=sight.of_value(taken_from(self._store, self._shelf, case, wait, self._names)),
        )

    def _doers(self, case: CaseState, opened: OpenTask) -> dict[str, list[str]]:
        """Everybody whom the diagram keeps from an open task, with the other steps that they did."""
        wait, history = opened.wait, self._store.history
        apart = opened.pathway.apart_from(wait.element, wait.process)
        return doers(history(case.authority, case.case_id), opened.running.number, apart) if apart else {}

    def _kept_apart(self, by: Practitioner, case: CaseState, opened: OpenTask) -> views.KeptApart | None:
        """Whom a rule of separation keeps from a step, and who else may take it; None where no rule does."""
        did, roles = self._doers(case, opened), roles_of(opened.wait)
        names, title = self._names(by.authority, {*did}), opened.pathway.title_of
        told = {person: (names.get(person, person), tuple(map(title, steps))) for person, steps in did.items()}
        blocks = by.id in did and bool(by.roles & roles)
        free = tuple(name for person, name in self.colleagues(by.authority, roles) if person not in did) if did else ()
        return views.KeptApart((told[by.id],) if blocks else (*told.values(),), blocks, free) if did else None

    def case(self, by: Practitioner, case_id: str, look: str = "case") -> views.CaseView:
        """A case with everything that happened to it; the look is recorded as one at `look`."""
        case = self._look(by, case_id, look)
        entries = list(self._store.history(by.authority, case_id))
        people = {*(e.command.by for e in entries), *case.roles.values(), *(d.assignee for d in case.desks.values())}
        names, sight = self._names(by.authority, people), self._sight(by, case)
        pathways = {n: self._shelf.pathway(by.authority, r.release) for n, r in case.running.items()}
        kept, standing = partial(is_kept_from, self._store, by), standing_in(case, self._shelf)
        told = sight.of_value(timeline(iter(entries), names, kept, standing))
        releases = {n: self._shelf.release(by.authority, r.release) for n, r in case.running.items()}
        tasks = [item for number in case.running for item in self._open_lines(by, case, number, names)]
        return views.CaseView(
            case_id,
            _label(case),
            sight.facts(facts_view(case.facts, now=self._clock.now())),
            {role: names.get(person, person) for role, person in case.roles.items()},
            tuple(tasks),
            views.steps(told, case, pathways),
            told,
            tuple(as_seen(letter, sight) for letter in case.letters.values()),
            views.pathway_views(case, told, pathways, releases),
            sight.of_value(tuple(case.escalations.values())),
            sight.of_value(tuple(held for held in case.held.values() if held.state == "open")),
            case.revision,
            restricted_to=tuple(case.restriction.people) if case.restriction is not None else (),
            sight=sight,
            endings=tuple(seen(ending, sight) for ending in self._endings(case, pathways)),
            clauses={name: each.summary for name, each in self._shelf.clauses(by.authority).items()},
            rows=views.row_notes(told, pathways),
            siblings=tuple(self._siblings(by, case)),
            doubted=doubted(self._store, by.authority, case_id),
            worked=sight.of_value(Origins(self._store, self._shelf, case, self._names).worked_out()),
        )

    def _siblings(self, by: Practitioner, case: CaseState) -> Iterator[views.Sibling]:
        """Linked cases: a name only where its case may be seen, and nothing at all of a restricted one."""
        lists = self._store.lists
        linked = case.facts.get("sibling_case_ids") or ()
        for other in (one for one in linked if not is_kept_from(self._store, by, one)):
            line = lists.case(by.authority, other) if lists.sees(by.authority, other, viewer_of(by)) else None
            yield views.Sibling(other, None if line is None else line.label or f"{other}, which was erased")

    def _endings(self, case: CaseState, pathways: Mapping[int, Pathway]) -> tuple[Ending, ...]:
        """Whether the plan can be ended, by every guard that might be asked; none once it has ended."""
        if case.facts.get("plan_status") != ACTIVE:
            return ()
        deployed = self._shelf.deployments(case.authority)
        key = tuple(sorted(deployed.items()))
        guarded = self._endings_of.get(key)
        if guarded is None:
            every = (self._shelf.pathway(case.authority, release) for release in deployed.values())
            guarded = self._endings_of[key] = standing.guarded(every)
        facts = {**facts_view(case.facts, now=self._clock.now()), "case_id": case.case_id, "authority": case.authority}
        environment, today = self.environment(case.authority), self._today()
        return tuple(held(one, case, today) for one in standing.endings(case, facts, pathways, guarded, environment))

    def tasks_of(self, by: Practitioner, case_id: str) -> list[views.WorkItem]:
        """The open tasks of one case."""
        case = self.load(by.authority, case_id)
        names = self._names(by.authority, {desk.assignee for desk in case.desks.values()})
        return [one for number in case.running for one in self._open_lines(by, case, number, names)]

    def _process_of(self, authority: str, case_id: str, task: int) -> str:
        try:
            return self._open_task(self.load(authority, case_id), task).wait.process
        except EngineError:
            return ""  # A case that cannot be read says so on its own page; its line stands in the list all the same.

    def letter(self, by: Practitioner, case_id: str, number: int, *, pdf: bool = False) -> views.LetterView:
        """A letter as it was drafted or sent; its paper where asked for."""
        case = self._look(by, case_id, f"letter {number}{' as a paper' if pdf else ''}")
        letter = case.letters.get(number)
        if letter is None:
            raise NotFound(f"Case {case_id} has no letter {number}.")
        template = self._shelf.release(by.authority, case.running[letter.instance].release).letters[letter.letter]
        letter = as_seen(letter, self._sight(by, case))
        authority = self.authority(by.authority)
        entries = list(self._store.history(by.authority, case_id))
        names, known = self._names(by.authority, {e.command.by for e in entries}), self._shelf.clauses(by.authority)
        return views.LetterView(
            case_id,
            _label(case),
            letter,
            template.title,
            letter.text,
            letter_html(letter.text),
            letter_paper(self._store, self._shelf, case, letter) if pdf else None,
            views.letter_steps(timeline(iter(entries), names), number),
            blanks_in(letter.text),
            tuple((name, known[name].summary if name in known else "") for name in template.clauses),
            template.label,
            authority.role_title(template.sender),
            signed_by(self._store, case, letter, template.sender) or "",
            letterhead(authority),
            self._ahead(by, case, letter),
        )

    def _ahead(self, by: Practitioner, case: CaseState, letter: Letter) -> tuple[int, str, str, str] | None:
        """The open task that takes a letter further, None where it has gone out or was withdrawn."""
        if letter.state not in ("drafted", "approved"):
            return None
        pathway = self._shelf.pathway(case.authority, case.running[letter.instance].release)
        for wait in self._waiting_tasks(case, letter.instance):
            properties = pathway.properties_of(wait.element, wait.process)
            if properties.get("casework:letter") == letter.letter:
                has = case.desks[wait.task].assignee
                who = self._names(by.authority, {has}).get(has or "", "nobody yet")
                step = properties.get("casework:letter_step", "draft")
                return wait.task, pathway.title_of(wait.element, wait.process), step, who
        return None

    def foresee(
        self, by: Practitioner, case_id: str, task: int, answers: Mapping[str, JSON], *, role: str
    ) -> tuple[Event, ...]:
        """What completing a task with these checked answers would do as the case stands, as the person may see it."""
        case = self.load(by.authority, case_id)
        sight, terms, now = self._sight(by, case), self._shelf.terms(by.authority), self._clock.now()
        standing, version = standing_in(case, self._shelf), terms.authority.version
        events = foresee(case, terms, version, task, answers, now=now, by=by.id, role=role)
        return sight.of_value(placed(events, standing))

    def fate(self, by: Practitioner, case_id: str, task: int) -> views.Fate | None:
        """What became of a task that is no longer open; None where it is, or never was."""
        case = self._look(by, case_id, "task")
        if task in case.desks:
            return None
        opened: Mapping[str, Any] | None = None
        places = Whereabouts()
        for entry in self._store.history(by.authority, case_id):
            events = recorded_events(entry)
            places.take(events)
            for event in events:
                if event.kind == "TaskOpened" and event.body["task"] == task:
                    opened = event.body
                elif event.kind in ("TaskCompleted", "TaskWithdrawn") and event.body["task"] == task and opened:
                    running = case.running[opened["instance"]]
                    release, who = self._shelf.release(by.authority, running.release), entry.command.by
                    title = self._shelf.pathway(by.authority, running.release).title_of
                    return views.Fate(
                        title(opened["element"], places.of_task(task)),
                        event.kind == "TaskCompleted",
                        self._names(by.authority, {who}).get(who, ""),
                        entry.command.at,
                        release.forms.get(opened.get("form") or ""),
                    )
        return None

    def job(self, authority: str, case_id: str, number: int) -> JobWait:
        """A job that waits for a worker. Raises TaskNotOpen where it was done or withdrawn."""
        case = self.load(authority, case_id)
        desk = case.desks.get(number)
        if desk is not None:
            running = case.running[desk.instance]
            state = live(running, self._shelf.pathway(authority, running.release))
            for job in waits(state).jobs if state is not None else ():
                if job.task == number:
                    return job
        raise TaskNotOpen(case_id, number)

    # ------------------------------------------------------------------ pieces

    def scope_of(self, case: CaseState, task: int, at: datetime | None = None) -> dict[str, Any]:
        """What a task's form may read, now or as it was `at`: the pathway's variables, the case, the parameters."""
        _, running, pathway = self._open_task(case, task)
        state, now = live(running, pathway), at or self._clock.now()
        return {
            **(scope(state, task) if state is not None else {}),
            "case": {"case_id": case.case_id, "authority": case.authority, **facts_view(case.facts, now=now)},
            "parameters": self._shelf.terms(case.authority).parameters(running.release, london_date(now)),
        }

    def letter_draft(self, case: CaseState, task: int) -> dict[str, JSON]:
        """The text that stands in a letter's step before anybody writes: its template filled in; {} elsewhere."""
        wait, running, pathway = self._open_task(case, task)
        release = self._shelf.release(case.authority, running.release)
        if wait.form is None or "text" not in release.forms[wait.form].fields:
            return {}
        return self._letter_draft(
            case, running, release, pathway.properties_of(wait.element, wait.process), self.scope_of(case, task)
        )

    def environment(self, authority: str, at: datetime | None = None) -> Environment:
        """The time and calendar that forms and letters are read with, now or as they were `at`."""
        return Environment(
            now=(at or self._clock.now()).astimezone(LONDON), extras={"calendar": self.authority(authority).calendar}
        )

    def _open_task(self, case: CaseState, task: int) -> OpenTask:
        desk = case.desks.get(task)
        if desk is None:
            raise TaskNotOpen(case.case_id, task)
        for wait in self._waiting_tasks(case, desk.instance):
            if wait.task == task:
                running = case.running[desk.instance]
                return OpenTask(wait, running, self._shelf.pathway(case.authority, running.release))
        raise TaskNotOpen(case.case_id, task)

    def _waiting_tasks(self, case: CaseState, number: int) -> tuple[TaskWait, ...]:
        running = case.running[number]
        state = live(running, self._shelf.pathway(case.authority, running.release))
        return () if state is None or running.state != "running" else waits(state).tasks

    def _open_lines(
        self, by: Practitioner, case: CaseState, number: int, names: Mapping[str, str]
    ) -> Iterator[views.WorkItem]:
        """What a running pathway asks of people, as lists show it."""
        running = case.running[number]
        pathway = self._shelf.pathway(case.authority, running.release)
        for wait in self._waiting_tasks(case, number):
            desk, roles = case.desks[wait.task], roles_of(wait)
            due = date.fromisoformat(wait.due["on"]) if wait.due and wait.due.get("on") else None
            left = None if due is None else self._days_left(by.authority, due)
            yield views.WorkItem(
                case.case_id,
                _label(case),
                wait.task,
                pathway.title_of(wait.element, wait.process),
                running.pathway,
                pathway_title(pathway, wait.element, wait.process),
                wait.role or sorted(roles)[0],
                desk.assignee,
                names.get(desk.assignee or ""),
                due,
                left,
                due is not None and due < self._today(),
                wait.task in case.held_tasks(),
                any(may_have_task(by, desk.assignee, one) for one in by.roles & roles),
                due == self._today(),
                roles,
                number,
            )

    def _letter_draft(
        self,
        case: CaseState,
        running: Running,
        release: Any,
        properties: Mapping[str, str],
        context: Mapping[str, Any],
    ) -> dict[str, JSON]:
        """What stands in the form of a letter's step: the text drafted from the template, or as drafted before."""
        name = properties.get("casework:letter")
        if name is None:
            return {}
        waiting = [x for x in case.letters.values() if (x.instance, x.letter) == (running.number, name)]
        if waiting and waiting[-1].state in ("drafted", "approved"):
            return {"text": waiting[-1].text}
        template = release.letters[name]
        kept = withheld_lists(case, template.recipients)
        rendered: Rendered = render(template, context, self.environment(case.authority), kept)
        # A value may have come into the letter by another name, as an answer or a decision's result.
        return {"text": sight_of_lists(case, template.recipients).text(rendered.text)}

    def _sight(self, by: Practitioner, case: CaseState) -> Sight:
        return Sight.of(case.marks.values(), Reader.person(by.id, by.roles))

    def _look(self, by: Practitioner, case_id: str, what: str) -> CaseState:
        """Load a case for a person who may see it, and record the look."""
        self._looked(by, case_id, what)
        return self._door.load(by.authority, case_id).case

    def _looked(self, by: Practitioner, case_id: str, what: str) -> None:
        """Record that a person who may see a case looked at it, whether or not it can be opened."""
        check_sees(self._store, by, case_id)
        role = next(iter(sorted(by.roles)), None)
        at, said = self._clock.now(), look_at(what)
        self._store.readings.record(by.authority, case_id, at=at, person=by.id, role=role, what=said)


def _label(case: CaseState) -> str:
    return str(case.facts.get("name") or case.facts.get("child_ref") or case.case_id)

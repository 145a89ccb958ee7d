"""What people may look at: their work, a task, a case, a letter; every look at a case is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson

from engine.authorities import Authority
from engine.case.confidential import Reader, Sight
from engine.case.disclosure import sight_of_lists, withheld_lists
from engine.case.facts import view as facts_view
from engine.case.handling import TaskNotOpen, live
from engine.case.letters import recipients_of
from engine.case.state import CaseState, Letter, Running
from engine.casework import views
from engine.casework.door import Door
from engine.casework.people import AUDITOR, HEAD, SYSTEM_ADMIN, Practitioner, roles_of
from engine.casework.shelf import Shelf
from engine.casework.sign_in import SignIn
from engine.clock import LONDON, Clock, london_date
from engine.errors import Forbidden, NotFound
from engine.execution import JobWait, Pathway, TaskWait, scope, waits
from engine.feel import Environment
from engine.history import JSON
from engine.letters import Rendered, letter_html, letter_pdf, render
from engine.store import Store
from engine.store.lists import CaseLine, IncidentLine, TrayLine, WorkLine


class Reading:
    """The looks of casework."""

    def __init__(self, store: Store, shelf: Shelf, clock: Clock, door: Door) -> None:
        self._store, self._shelf, self._clock, self._door = store, shelf, clock, door
        self._sign_in = SignIn(store)

    @property
    def clock(self) -> Clock:
        """The clock that this casework goes by."""
        return self._clock

    def authority(self, authority: str) -> Authority:
        """An authority's settings in force."""
        return self._shelf.terms(authority).authority

    def authorities(self) -> list[Authority]:
        """Every authority with settings in force, by name."""
        found = [self.authority(name) for name in self._store.library.authorities()]
        return sorted(found, key=lambda authority: authority.name)

    def startable(self, authority: str) -> list[tuple[str, str]]:
        """The pathways a person may start: id and title."""
        return self._shelf.startable(authority)

    def practitioner(self, authority: str, person: str) -> Practitioner | None:
        """A person with the roles they hold today; None where they left."""
        return self._sign_in.practitioner(authority, person, on=london_date(self.clock.now()))

    def diagram(self, by: Practitioner, release: str, path: str) -> bytes:
        """A diagram as it was published; it says nothing of any case, so that looking at it is no reading of one."""
        content = self._shelf.release(by.authority, release).diagrams.get(path)
        if content is None:
            raise NotFound(f"Release {release[:80]} holds no diagram of that name.")
        return content

    # ------------------------------------------------------------------ lists

    def worklist(
        self, by: Practitioner, whose: str = "mine", *, limit: int = 25, offset: int = 0
    ) -> list[views.WorkItem]:
        """A page of the person's own tasks, or of those open to their roles; the soonest due first."""
        page = self._store.lists.worklist(
            by.authority, by.id, by.roles, whose="mine" if whose == "mine" else "team", most=offset + limit
        )
        lines = page.lines[offset:]
        names = self._names(by.authority, {line.task.assignee for line in lines})
        titles = self._titles(by.authority, {line.task.pathway for line in lines})
        return [self._work_item(by, line, names, titles) for line in lines]

    def cases(
        self, by: Practitioner, *, words: str = "", plan_status: str | None = None, limit: int = 50, after: str = ""
    ) -> list[CaseLine]:
        """Cases by reference, or those found under a name or reference."""
        if words.strip():
            kinds = ("name", "reference")
            found = {case for kind in kinds for case in self._store.lists.search(by.authority, kind, words)}
            lines = [self._store.lists.case(by.authority, case) for case in sorted(found)[:limit]]
            return [line for line in lines if line is not None and self._may_see(by, line)]
        return self._store.lists.cases(by.authority, person=by.id, plan_status=plan_status, after=after, most=limit)

    def escalations(self, by: Practitioner) -> list[TrayLine]:
        """What lies in the in-tray of the person's roles, the oldest first."""
        return self._store.lists.in_tray(by.authority, by.roles)

    def incidents(self, by: Practitioner) -> list[IncidentLine]:
        """Open incidents, for those who mend them."""
        by.must_hold(SYSTEM_ADMIN, HEAD)
        return self._store.lists.incidents(by.authority)

    def _work_item(
        self, by: Practitioner, line: WorkLine, names: Mapping[str, str], titles: Mapping[str, str]
    ) -> views.WorkItem:
        task = line.task
        due = None if task.due_on is None else date.fromisoformat(task.due_on)
        left = None if due is None else self._days_left(by.authority, due)
        return views.WorkItem(
            line.case_id,
            line.label or line.case_id,
            task.task,
            task.title,
            task.pathway,
            titles[task.pathway],
            task.role or "",
            task.assignee,
            names.get(task.assignee or ""),
            due,
            left,
            left is not None and left < 0,
            task.held,
            task.assignee == by.id,
        )

    def _days_left(self, authority: str, due: date) -> int:
        """Working days until a due date; negative once it has passed."""
        today, calendar = london_date(self._clock.now()), self.authority(authority).calendar
        if due >= today:
            return calendar.working_days_between(today, due)
        return -max(1, calendar.working_days_between(due, today))

    def _titles(self, authority: str, pathways: set[str]) -> dict[str, str]:
        deployed = self._shelf.deployments(authority) if pathways else {}
        return {
            name: self._shelf.release(authority, deployed[name]).title if name in deployed else name.replace("_", " ")
            for name in pathways
        }

    # ------------------------------------------------------------------ one case

    def load(self, authority: str, case_id: str) -> CaseState:
        """The case as it stands, for the product itself; nobody's look."""
        return self._door.load(authority, case_id).case

    def task(self, by: Practitioner, case_id: str, task: int) -> views.TaskView:
        """A task with its form, for somebody who may do it or who supervises."""
        case = self._look(by, case_id, "task")
        wait, running, pathway = self._open_task(case, task)
        release = self._shelf.release(by.authority, running.release)
        properties = pathway.properties_of(wait.element)
        roles = roles_of(wait)
        context = self.scope_of(case, task)
        due = wait.due or {}
        due_on = date.fromisoformat(due["on"]) if due.get("on") else None
        authority = self.authority(by.authority)
        role = by.may_act_as(sorted(roles)) or sorted(roles)[0]
        known = self._shelf.clauses(by.authority)
        clauses = tuple(properties.get("casework:clauses", "").split())
        desk = case.desks[task]
        drafted = self._letter_draft(case, running, release, properties, context)
        sight = self._sight(by, case)
        kept = self._store.papers.draft(by.authority, case_id, task, by.id)
        draft = None if kept is None else orjson.loads(kept[1])
        return views.TaskView(
            case_id=case_id,
            label=_label(case),
            task=task,
            element=wait.element,
            title=pathway.title_of(wait.element),
            pathway=running.pathway,
            pathway_title=release.title,
            help=pathway.help_of(wait.element),
            role=role,
            role_title=authority.role_title(role),
            form=None if wait.form is None else release.forms[wait.form],
            scope=sight.of_value(context),
            prefill=sight.of_value(drafted),
            draft=sight.of_value(draft),
            shown=(),
            due_on=due_on,
            due_explanation=due.get("explanation"),
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
            may_complete=bool(by.roles & roles) and desk.assignee in (None, by.id),
            sight=sight,
        )

    def case(self, by: Practitioner, case_id: str) -> views.CaseView:
        """A case with everything that happened to it."""
        case = self._look(by, case_id, "case")
        entries = list(self._store.history(by.authority, case_id))
        people: set[str | None] = {entry.command.by for entry in entries}
        people.update(case.roles.values(), (desk.assignee for desk in case.desks.values()))
        names = self._names(by.authority, people)
        sight = self._sight(by, case)
        told = sight.of_value(views.timeline(iter(entries), names))
        pathways = {n: self._shelf.pathway(by.authority, r.release) for n, r in case.running.items()}
        releases = {n: self._shelf.release(by.authority, r.release) for n, r in case.running.items()}
        tasks: list[views.WorkItem] = []
        for number, running in case.running.items():
            title = releases[number].title
            waiting = self._waiting_tasks(case, number)
            tasks.extend(self._open_line(by, case, running, pathways[number], title, wait, names) for wait in waiting)
        return views.CaseView(
            case_id,
            _label(case),
            sight.facts(facts_view(case.facts, now=self._clock.now())),
            {role: names.get(person, person) for role, person in case.roles.items()},
            tuple(tasks),
            views.steps(told, case, pathways),
            told,
            sight.of_value(tuple(case.letters.values())),
            views.pathway_views(case, told, releases),
            sight.of_value(tuple(case.escalations.values())),
            sight.of_value(tuple(held for held in case.held.values() if held.state == "open")),
            case.revision,
            restricted_to=tuple(case.restriction.people) if case.restriction is not None else (),
            sight=sight,
        )

    def letter(self, by: Practitioner, case_id: str, number: int, *, pdf: bool = False) -> views.LetterView:
        """A letter as it was drafted or sent; its paper where asked for."""
        case = self._look(by, case_id, "letter")
        letter = case.letters.get(number)
        if letter is None:
            raise NotFound(f"Case {case_id} has no letter {number}.")
        template = self._shelf.release(by.authority, case.running[letter.instance].release).letters[letter.letter]
        letter = self._sight(by, case).of_value(letter)
        authority = self.authority(by.authority)
        paper = (
            letter_pdf(template, letter.text, recipients_of(letter), authority, sent_on=letter.sent_on) if pdf else None
        )
        return views.LetterView(
            case_id, _label(case), letter, template.title, letter.text, letter_html(letter.text), paper
        )

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

    def scope_of(self, case: CaseState, task: int) -> dict[str, Any]:
        """What the form of a task may read: the pathway's variables at the task, the case, the parameters."""
        _, running, pathway = self._open_task(case, task)
        state, now = live(running, pathway), self._clock.now()
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
            case, running, release, pathway.properties_of(wait.element), self.scope_of(case, task)
        )

    def environment(self, authority: str) -> Environment:
        """The time and calendar that forms and letters are read with."""
        return Environment(
            now=self._clock.now().astimezone(LONDON), extras={"calendar": self.authority(authority).calendar}
        )

    def _open_task(self, case: CaseState, task: int) -> tuple[TaskWait, Running, Pathway]:
        desk = case.desks.get(task)
        if desk is None:
            raise TaskNotOpen(case.case_id, task)
        running = case.running[desk.instance]
        for wait in self._waiting_tasks(case, desk.instance):
            if wait.task == task:
                return wait, running, self._shelf.pathway(case.authority, running.release)
        raise TaskNotOpen(case.case_id, task)

    def _waiting_tasks(self, case: CaseState, number: int) -> tuple[TaskWait, ...]:
        running = case.running[number]
        state = live(running, self._shelf.pathway(case.authority, running.release))
        return () if state is None or running.state != "running" else waits(state).tasks

    def _open_line(
        self,
        by: Practitioner,
        case: CaseState,
        running: Running,
        pathway: Pathway,
        title: str,
        wait: TaskWait,
        names: Mapping[str, str],
    ) -> views.WorkItem:
        desk = case.desks[wait.task]
        due = date.fromisoformat(wait.due["on"]) if wait.due and wait.due.get("on") else None
        left = None if due is None else self._days_left(by.authority, due)
        return views.WorkItem(
            case.case_id,
            _label(case),
            wait.task,
            pathway.title_of(wait.element),
            running.pathway,
            title,
            wait.role or "",
            desk.assignee,
            names.get(desk.assignee or ""),
            due,
            left,
            left is not None and left < 0,
            wait.task in case.held_tasks(),
            bool(by.roles & roles_of(wait)) and desk.assignee in (None, by.id),
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
        line = self._store.lists.case(by.authority, case_id)
        if line is None:
            raise NotFound(f"Case {case_id} does not exist for {by.authority}. Check the reference.")
        if not self._may_see(by, line):
            raise Forbidden(f"Case {case_id} is not yours to see. Ask its allocated social worker.")
        role = next(iter(sorted(by.roles)), None)
        self._store.readings.record(by.authority, case_id, at=self._clock.now(), person=by.id, role=role, what=what)
        return self._door.load(by.authority, case_id).case

    def _may_see(self, by: Practitioner, line: CaseLine) -> bool:
        if line.restricted:
            return bool(self._store.lists.roles_on(by.authority, line.case_id, by.id)) or AUDITOR in by.roles
        return by.works_cases or AUDITOR in by.roles or SYSTEM_ADMIN in by.roles

    def _names(self, authority: str, people: set[str | None]) -> dict[str, str]:
        found = {}
        for person in sorted(name for name in people if name):
            known = self._store.people.find(authority, person)
            if known is not None:
                found[person] = known.name
        return found


def _label(case: CaseState) -> str:
    return str(case.facts.get("name") or case.facts.get("child_ref") or case.case_id)


def sent_letters(case: CaseState) -> list[Letter]:
    """The letters of a case that have gone out."""
    return [letter for letter in case.letters.values() if letter.state == "sent"]

"""What people look through: their own tasks and their team's, cases, in-trays and incidents. No list is a look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from engine.authorities import Authority
from engine.calendars import end_of_day
from engine.case.state import Running
from engine.casework import views
from engine.casework.people import HEAD, PRODUCT_ROLES, SENDER, SUPERVISING_ROLES, SYSTEM_ADMIN, Practitioner
from engine.casework.permissions import is_theirs, viewer_of
from engine.casework.shelf import Shelf
from engine.casework.sign_in import SignIn
from engine.clock import Clock, london_date
from engine.errors import EngineError, NotFound
from engine.execution import Pathway, TaskWait
from engine.history import instant
from engine.store import SettingsChanged, Store
from engine.store.errors import is_lasting
from engine.store.lists import CaseLine, IncidentLine, WorkLine

#: Longer lists are counted no further than this.
COUNTED = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of tasks is narrowed to; each that is not given leaves it as it is.

    due  'overdue', 'week' (from now to Sunday) or '' for every task
    """

    role: str = ""
    pathway: str = ""
    person: str = ""
    due: str = ""
    unclaimed: bool = False

    @property
    def anything(self) -> bool:
        """Whether the list is narrowed at all."""
        return self != Wanted()


@dataclass(frozen=True, slots=True)
class WorkCount:
    """How many tasks a list holds, and how many of them are overdue and due this week; no more than COUNTED + 1."""

    all: int
    overdue: int
    this_week: int


class TasksFound(NamedTuple):
    """The open tasks of the cases that were found, and those of these cases that do not open, by reference."""

    items: tuple[views.WorkItem, ...]
    unread: tuple[str, ...]


class OpenTask(NamedTuple):
    """A task that waits for somebody, and the pathway that it stands in."""

    wait: TaskWait
    running: Running
    pathway: Pathway


class Listing:
    """The lists of casework."""

    def __init__(self, store: Store, shelf: Shelf, clock: Clock) -> None:
        self._store, self._shelf, self._clock = store, shelf, clock
        self._sign_in = SignIn(store)

    @property
    def clock(self) -> Clock:
        """The clock that this casework goes by."""
        return self._clock

    @property
    def store(self) -> Store:
        """The store that this casework works on."""
        return self._store

    @property
    def shelf(self) -> Shelf:
        """What is published."""
        return self._shelf

    def authority(self, authority: str) -> Authority:
        """An authority's settings in force."""
        return self._shelf.terms(authority).authority

    def readable(self, authority: str) -> Authority | None:
        """An authority's settings in force, None where they were changed behind the store: nobody works there then."""
        try:
            return self.authority(authority)
        except (SettingsChanged, NotFound):
            return None

    def authorities(self) -> list[Authority]:
        """Every authority whose settings in force can be read, by name: one that was changed stops no other."""
        found = filter(None, map(self.readable, self._store.library.authorities()))
        return sorted(found, key=lambda authority: authority.name)

    def stopped(self) -> list[str]:
        """The ids of the authorities in which nobody can work, since their settings were changed behind the store."""
        return [name for name in self._store.library.authorities() if self.readable(name) is None]

    def startable(self, authority: str) -> list[tuple[str, str]]:
        """The pathways a person may start: id and title."""
        return self._shelf.startable(authority)

    def pathways(self, authority: str) -> list[tuple[str, str]]:
        """Every deployed pathway, id and title, by title."""
        return sorted(self._shelf.titles(authority).items(), key=lambda one: one[1])

    def practitioner(self, authority: str, person: str) -> Practitioner | None:
        """A person with the roles they hold today; None where they left."""
        return self._sign_in.practitioner(authority, person, on=self._today())

    def diagram(self, by: Practitioner, release: str, path: str) -> bytes:
        """A diagram as it was published; it says nothing of any case, so that looking at it is no reading of one."""
        content = self._shelf.release(by.authority, release).diagrams.get(path)
        if content is None:
            raise NotFound(f"Release {release[:80]} holds no diagram of that name.")
        return content

    # ------------------------------------------------------------------ tasks

    def team_roles(self, by: Practitioner) -> frozenset[str]:
        """The roles whose tasks are a person's team's: their own, and those the ladder says they manage."""
        authority = self.authority(by.authority)
        known = frozenset(authority.roles) - PRODUCT_ROLES
        if HEAD in by.roles:
            return known | by.roles
        managed = {role for role in known if authority.overdue.manager_of(role) in by.roles}
        return by.roles | frozenset(managed)

    def worklist(
        self,
        by: Practitioner,
        whose: str = "mine",
        *,
        wanted: Wanted = Wanted(),
        limit: int = 25,
        offset: int = 0,
    ) -> list[views.WorkItem]:
        """A page of the person's own tasks, or of their team's; what is overdue first, then what falls due next."""
        asked = self._asked(by, whose, wanted)
        if asked is None:
            return []
        page = self._store.lists.worklist(by.authority, by.id, **asked, most=offset + limit)
        lines = list(page.lines)
        for theirs in self._covering(by, whose, asked):
            lines.extend(self._store.lists.worklist(by.authority, by.id, **theirs, most=offset + limit).lines)
        lines.sort(key=lambda line: (line.task.due_at or "~", line.case_id, line.task.task))
        return self.work_items(by, lines[offset : offset + limit])

    def _covering(self, by: Practitioner, whose: str, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The lists of those whom a person covers today, each in the role covered; they join the person's own."""
        if whose != "mine":
            return []
        return [
            {**asked, "whose": "team", "roles": frozenset({role}), "held_by": absent}
            for absent, role in sorted(by.covers)
            if role in asked["roles"]
        ]

    def work_items(self, by: Practitioner, lines: Sequence[WorkLine]) -> list[views.WorkItem]:
        """Lines of the store as people read them."""
        names = self._names(by.authority, {line.task.assignee for line in lines})
        titles = self._titles(by.authority, lines)
        return [self._work_item(by, line, names, titles) for line in lines]

    def count_work(
        self,
        by: Practitioner,
        whose: str = "mine",
        *,
        wanted: Wanted = Wanted(),
    ) -> WorkCount:
        """How many tasks a list holds, overdue and due this week apart."""
        asked = self._asked(by, whose, wanted)
        if asked is None:
            return WorkCount(0, 0, 0)
        counts = [self._counted(by, one, wanted) for one in (asked, *self._covering(by, whose, asked))]
        return WorkCount(*(min(sum(one), COUNTED + 1) for one in zip(*counts, strict=True)))

    def _counted(self, by: Practitioner, asked: dict[str, Any], wanted: Wanted) -> tuple[int, int, int]:
        count = self._store.lists.count_work
        now, sunday = instant(self._clock.now()), self._end_of_week()
        every = count(by.authority, by.id, **asked, most=COUNTED)
        if not every:
            return 0, 0, 0
        if wanted.due:
            return every, every if wanted.due == "overdue" else 0, every if wanted.due == "week" else 0
        late = count(by.authority, by.id, **{**asked, "due_before": now}, most=COUNTED)
        week = {**asked, "after": (now, "", 0), "due_before": sunday}
        return every, late, count(by.authority, by.id, **week, most=COUNTED)

    def find_tasks(self, by: Practitioner, words: str, *, limit: int = 50) -> TasksFound:
        """Open tasks of the cases found under a name or reference, for somebody who may see them; soonest due first."""
        items: list[views.WorkItem] = []
        unread: list[str] = []
        for line in self.cases(by, words=words, limit=limit):
            try:
                items += self.tasks_of(by, line.case_id)
            except EngineError as error:
                if not is_lasting(error):
                    raise
                unread.append(line.case_id)
        roles = self.team_roles(by)
        mine = [item for item in items if item.assignee == by.id or item.roles & roles]
        mine.sort(key=lambda item: (item.due_on or date.max, item.case_id, item.task))
        return TasksFound(tuple(mine[:limit]), tuple(unread))

    def tasks_of(self, by: Practitioner, case_id: str) -> list[views.WorkItem]:
        """The open tasks of one case."""
        raise NotImplementedError

    def colleagues(self, authority: str, roles: Iterable[str]) -> list[tuple[str, str]]:
        """Those who hold one of these roles today: id and name, by name."""
        wanted = frozenset(roles)
        holding = {one.person for one in self._store.people.holdings(authority, on=self._today()) if one.role in wanted}
        people = self._store.people.all(authority)
        found = [(one.person, one.name) for one in people if one.person in holding and one.active]
        return sorted(found, key=lambda one: one[1])

    def _asked(self, by: Practitioner, whose: str, wanted: Wanted) -> dict[str, Any] | None:
        """The list in the store's words; None where it cannot hold anything."""
        roles = by.roles if whose == "mine" else self.team_roles(by)
        # A colleague's task names a child: it is told of only where the case may be opened, too.
        team = "team" if viewer_of(by).every_case else "seen"
        asked: dict[str, Any] = {"whose": "mine" if whose == "mine" else "queue" if wanted.unclaimed else team}
        if wanted.role:
            if wanted.role not in roles:
                return None
            roles = frozenset({wanted.role})
            if whose == "mine":
                asked |= {"whose": "team", "held_by": by.id}
        if wanted.person and whose != "mine":
            asked["held_by"] = wanted.person
        if wanted.pathway:
            asked["pathway"] = wanted.pathway
        now = instant(self._clock.now())
        if wanted.due == "overdue":
            asked["due_before"] = now
        elif wanted.due == "week":
            asked |= {"after": (now, "", 0), "due_before": self._end_of_week()}
        return {"roles": roles, **asked}

    def _today(self) -> date:
        return london_date(self._clock.now())

    def _end_of_week(self) -> str:
        today = self._today()
        end: datetime = end_of_day(today + timedelta(days=6 - today.weekday()))
        return instant(end)

    def _work_item(
        self, by: Practitioner, line: WorkLine, names: Mapping[str, str], titles: Mapping[tuple[str, int], str]
    ) -> views.WorkItem:
        task = line.task
        due = None if task.due_on is None else date.fromisoformat(task.due_on)
        left = None if due is None else self._days_left(by.authority, due)
        roles = frozenset(task.candidates) or frozenset({task.role} if task.role else ())
        return views.WorkItem(
            line.case_id,
            line.label or line.case_id,
            task.task,
            task.title,
            task.pathway,
            titles[line.case_id, task.task],
            task.role or next(iter(sorted(roles)), ""),
            task.assignee,
            names.get(task.assignee or ""),
            due,
            left,
            due is not None and due < self._today(),
            task.held,
            is_theirs(by, task.assignee, roles),
            due == self._today(),
            roles,
            task.instance,
        )

    def _days_left(self, authority: str, due: date) -> int:
        """Working days until a due date; below 0 by as many as have passed since, 0 where none has."""
        today, calendar = self._today(), self.authority(authority).calendar
        if due >= today:
            return calendar.working_days_between(today, due)
        return -calendar.working_days_between(due, today)

    def _titles(self, authority: str, lines: Sequence[WorkLine]) -> dict[tuple[str, int], str]:
        """The pathway that each task belongs to as people call it: the called one where its step stands in one."""
        deployed = self._shelf.deployments(authority) if lines else {}
        names = {line.task.pathway for line in lines}
        drawn = {name: self._shelf.legible(authority, deployed[name]) for name in names if name in deployed}
        found: dict[tuple[str, int], str] = {}
        for line in lines:
            task, pathway = line.task, drawn.get(line.task.pathway)
            title = task.pathway.replace("_", " ").capitalize()
            if pathway is not None:
                shared = task.element in pathway.shared
                process = self._process_of(authority, line.case_id, task.task) if shared else ""
                title = pathway_title(pathway, task.element, process)
            found[line.case_id, task.task] = title
        return found

    def _process_of(self, authority: str, case_id: str, task: int) -> str:
        """The process in which an open task of a case stands, '' where that cannot be read."""
        raise NotImplementedError

    # ------------------------------------------------------------------ cases, in-trays, incidents

    def cases(
        self, by: Practitioner, *, words: str = "", plan_status: str | None = None, limit: int = 50, after: str = ""
    ) -> list[CaseLine]:
        """Cases by reference, or those found under a name or reference."""
        if words.strip():
            kinds = ("name", "reference")
            found = {case for kind in kinds for case in self._store.lists.search(by.authority, kind, words)}
            lists, viewer = self._store.lists, viewer_of(by)
            shown = [case for case in sorted(found) if lists.sees(by.authority, case, viewer)][:limit]
            lines = [line for case in shown if (line := lists.case(by.authority, case)) is not None]
        else:
            lines = self._store.lists.cases(
                by.authority, viewer=viewer_of(by), plan_status=plan_status, after=after, most=limit
            )
        return [line if line.label else replace(line, label=line.case_id) for line in lines]

    def incidents(self, by: Practitioner) -> list[IncidentLine]:
        """Open incidents, for those who mend them."""
        by.must_hold(SYSTEM_ADMIN, HEAD)
        return self._store.lists.incidents(by.authority, person=by.id)

    def _names(self, authority: str, people: Iterable[str | None]) -> dict[str, str]:
        found = {}
        for person in sorted({name for name in people if name}):
            known = self._store.people.find(authority, person)
            if known is not None:
                found[person] = known.name
            elif person.startswith(SENDER):
                found[person] = self.system_title(authority, person.removeprefix(SENDER))
        return found

    def system_title(self, authority: str, system: str) -> str:
        """What a system that sends messages is called; by its short name where nothing is kept of it."""
        partner = self._store.partners.find(authority, "sender", system)
        return (partner.title if partner is not None else "") or f"the system {system}"


def pathway_title(pathway: Pathway, element: str, process: str = "") -> str:
    """What people call the pathway in which a step stands: the called one's own name, else the release's title.

    Where several that it calls use the step's id and `process` does not say which, the title of the release.
    """
    drawn = {one.process for one in pathway.drawn(element)}
    found = process if process in drawn else drawn.pop() if len(drawn) == 1 else pathway.id
    if found == pathway.id:
        return pathway.release.title
    return pathway.processes[found].name or found.replace("_", " ").capitalize()


def may_move_tasks(by: Practitioner) -> bool:
    """Whether somebody may give others' tasks to others."""
    return by.may_act_as(SUPERVISING_ROLES) is not None

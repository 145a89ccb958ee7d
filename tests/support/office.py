"""An office for tests: a store with its keys, a clock that is set by hand, a small authority and its pathways."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.authorities import Authority, Overdue
from engine.calendars import england_calendar
from engine.case.state import CaseState
from engine.casework import Casework, Done, Practitioner, Shelf
from engine.clock import SettableClock
from engine.pathways import Release
from engine.store import MasterKey, Store, open_store
from engine.store.people import Holding, Person

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
AREA = "area"
ROLES = ("social_worker", "conference_chair", "iro_service_manager", "head_of_quality_assurance", "system_admin")


def somebody(role: str, name: str | None = None, authority: str = AREA) -> Practitioner:
    """A person who holds one role."""
    return Practitioner(name or role, authority, name or role, frozenset({role}))


WORKER = somebody("social_worker")
CHAIR = somebody("conference_chair")
MANAGER = somebody("iro_service_manager")
HEAD = somebody("head_of_quality_assurance")
OPERATOR = somebody("system_admin")


@dataclass
class TestOffice:
    """Everything a test needs to work cases."""

    __test__ = False

    store: Store
    shelf: Shelf
    clock: SettableClock
    casework: Casework
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def appoint(self, *practitioners: Practitioner) -> None:
        """Put people and the roles they hold into the store."""
        for one in practitioners:
            self.store.people.put(one.authority, Person(one.id, one.id, one.name), at=self.clock.now())
            for role in one.roles:
                holding = Holding(one.id, role, "2020-01-01")
                self.store.people.hold(one.authority, holding, at=self.clock.now(), by="tests", why="for a test")

    def key(self) -> str:
        """A fresh idempotency key."""
        return f"key-{next(self.numbers)}"

    def publish(self, *releases: Release) -> None:
        """Publish pathways; new instances start on them."""
        for release in releases:
            self.shelf.publish(release, at=self.clock.now(), by="tests", why="for a test")

    def case(self, pathway: str | None = "p", case_id: str = "C1", **facts: Any) -> str:
        """Open a case and start a pathway in it."""
        self.casework.open_case(case_id, {"name": "Sam Sample", **facts}, by=WORKER, command_id=self.key())
        if pathway:
            self.casework.start_pathway(case_id, pathway, by=WORKER, command_id=self.key())
        return case_id

    def now(self, case_id: str = "C1") -> CaseState:
        """The case as it stands."""
        return self.casework.load(AREA, case_id)

    def open_tasks(self, case_id: str = "C1") -> dict[str, int]:
        """Open tasks and jobs by element."""
        return {desk.element: task for task, desk in self.now(case_id).desks.items()}

    def complete(
        self, element: str, answers: Mapping[str, Any] | None = None, by: Practitioner = WORKER, case_id: str = "C1"
    ) -> Done:
        """Complete the open task of that element."""
        task = self.open_tasks(case_id)[element]
        return self.casework.complete_task(case_id, task, answers or {}, by=by, command_id=self.key())

    def history(self, case_id: str = "C1") -> list[str]:
        """The kinds of commands in the case's history."""
        return [entry.command.kind for entry in self.store.history(AREA, case_id)]


def small_authority(**changes: Any) -> Authority:
    """An authority with every rung of the ladder, whose life events start pathway `life`."""
    settings: dict[str, Any] = {
        "id": AREA,
        "name": "Area Council",
        "roles": {role: role.replace("_", " ") for role in ROLES},
        "calendar": england_calendar(),
        "overdue": Overdue(remind=1, manager=1, head=3, manager_role="iro_service_manager"),
        "life_event_pathway": "life",
    }
    return Authority(**{**settings, **changes})


def open_office(url: str, folder: Path, *releases: Release, at: datetime = MONDAY, create: bool = False) -> TestOffice:
    """An office on a database with all tables; keys are made in the folder."""
    keys = folder / "keys"
    if not keys.exists():
        MasterKey.create(keys)
    store = open_store(url, keys=keys, create=create)
    shelf, clock = Shelf(store), SettableClock(at)
    office = TestOffice(store, shelf, clock, Casework(store, shelf, clock))
    shelf.put_in_force(small_authority(), at=at, by="tests", why="for a test")
    office.publish(*releases)
    return office

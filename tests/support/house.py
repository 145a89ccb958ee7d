"""A council's house for tests of the pages: its real pathways, people in every role, a clock that stands still."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask

from engine.casework import Casework, Done, Practitioner, Shelf
from engine.clock import SettableClock
from engine.history import JSON
from engine.store import Store, open_store
from engine.store.key_files import MasterKey
from webhooks.app import create_app
from webhooks.set_up.people import Colleague, appoint
from webhooks.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
#: A Monday in winter.
MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
PASSWORD = "a-password-for-tests"
SECRET = b"a secret for tests that is long enough"

#: A child looked after under section 20 for whom the policy lets a plan end without a conference.
LOOKED_AFTER: dict[str, JSON] = {
    "name": "Sam Sample-Featherstonehaugh",
    "child_ref": "MOS100",
    "dob": "2016-05-09",
    "unborn": False,
    "plan_start_date": "2025-06-02",
    "next_review_conference_date": "2026-06-15",
    "legal_status": "s20",
    "cla_start_date": "2026-02-27",
    "next_cla_review_date": "2026-05-29",
    "placement": "away_foster",
    "care_planning_arrangements": True,
    "s20_stable": True,
    "plo_active": False,
    "care_proceedings": False,
    "parents": ["Mariana Sample"],
    "current_agencies": ["Kentish Town Primary School", "Health visiting service"],
}

#: A child removed under an interim care order, for whom Southwark may end a plan by executive decision.
IN_COURT: dict[str, JSON] = {
    "name": "Sam Sample-Featherstonehaugh",
    "child_ref": "MOS100",
    "dob": "2019-05-04",
    "unborn": False,
    "plan_start_date": "2025-09-01",
    "icpc_date": "2025-09-01",
    "next_review_conference_date": "2026-04-20",
    "legal_status": "ico",
    "cla_start_date": "2026-01-12",
    "placement": "away_foster",
    "care_proceedings": True,
    "parents": ["Mariana Sample"],
    "current_agencies": ["Rye Lane Primary School", "Carelink"],
    "icpc_invitees": ["Rye Lane Primary School", "Health visiting service", "Metropolitan Police"],
    "cprc_parties": ["Rye Lane Primary School", "Carelink", "Mariana Sample"],
}
#: The child that a new case of each authority is about.
CHILDREN = {"camden": LOOKED_AFTER, "southwark": IN_COURT}


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A database with everything of one authority published and everybody appointed, to copy from."""

    folder: Path
    staff: tuple[Colleague, ...]
    authority: str = "camden"


@dataclass(slots=True)
class House:
    """One database, its casework and its clock."""

    store: Store
    shelf: Shelf
    clock: SettableClock
    casework: Casework
    staff: tuple[Colleague, ...]
    authority: str = "camden"
    count: int = 0

    def app(self) -> Flask:
        """The pages over this casework."""
        return create_app(self.casework, Settings(secret=SECRET, secure=False))

    def person(self, role: str, number: int = 0) -> Practitioner:
        """A holder of a role."""
        colleague = [one for one in self.staff if one.role == role][number]
        return Practitioner(colleague.person, self.authority, colleague.name, frozenset({role}))

    def login(self, role: str, number: int = 0) -> str:
        """The name with which a holder of a role signs in."""
        return [one for one in self.staff if one.role == role][number].sign_in

    def key(self) -> str:
        """An idempotency key that was not used before."""
        self.count += 1
        return f"test-{self.count}"

    def open_case(self, case_id: str = "CAM-2026-0417", **facts: JSON) -> str:
        """A case of a looked-after child whose plan might end, allocated to the first holder of each role."""
        roles = {role: self.person(role).id for role in ("social_worker", "conference_chair", "iro")}
        self.casework.open_case(
            case_id,
            {**CHILDREN[self.authority], **facts},
            by=self.person("social_worker"),
            command_id=self.key(),
            roles=roles,
        )
        return case_id

    def start(self, case_id: str, pathway: str = "camden_route") -> int:
        """Start a pathway; its first task."""
        by = self.person("social_worker")
        return opened(self.casework.start_pathway(case_id, pathway, by=by, command_id=self.key()))["element"]

    def complete(self, case_id: str, element: str, role: str, answers: Mapping[str, JSON]) -> Done:
        """Complete the open task of an element."""
        return self.casework.complete_task(
            case_id, self.task(case_id, element), answers, by=self.person(role), command_id=self.key()
        )

    def task(self, case_id: str, element: str) -> int:
        """The number of an open task."""
        desks = self.casework.load(self.authority, case_id).desks
        return next(number for number, desk in desks.items() if desk.element == element)

    def revision(self, case_id: str) -> int:
        """How many commands a case has received."""
        return self.casework.load(self.authority, case_id).revision

    def days_pass(self, days: int) -> None:
        """Move the clock on."""
        self.clock.advance_by(timedelta(days=days))


def opened(done: Done) -> Mapping[str, JSON]:
    """The first task that a command opened: its element and number."""
    return next(event.body for event in done.events if event.kind == "TaskOpened")


def draw_up(folder: Path, authority: str = "camden") -> Blueprint:
    """Publish an authority's pathways and appoint its people, once for many tests."""
    MasterKey.create(folder / "keys")
    store = open_store(f"sqlite:///{folder / 'house.db'}", keys=folder / "keys", create=True)
    shelf = Shelf(store)
    shelf.deploy_authority(ROOT / "processes" / authority, at=MONDAY, by="tests", why="for tests")
    staff = appoint(store, shelf.terms(authority).authority, PASSWORD, at=MONDAY - timedelta(days=400))
    store.close()
    return Blueprint(folder, staff, authority)


def build(blueprint: Blueprint, folder: Path) -> House:
    """A house of a test's own."""
    for part in blueprint.folder.glob("house.db*"):
        shutil.copy(part, folder)
    store = open_store(f"sqlite:///{folder / 'house.db'}", keys=blueprint.folder / "keys")
    shelf, clock = Shelf(store), SettableClock(MONDAY)
    return House(store, shelf, clock, Casework(store, shelf, clock), blueprint.staff, blueprint.authority)

"""What a person waits for: their page of tasks among 50,000 live cases, through the real page and the real store."""

from __future__ import annotations

import logging
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from engine.casework import Casework, Shelf
from engine.clock import SettableClock
from engine.history import instant
from engine.store import AccessRow, Entry, InstanceRow, Rows, TaskRow, open_store
from engine.store.worklists import Whose
from tests.bench.figure import Figure
from tests.contracts.building import an_entry
from tests.support import house as houses
from tests.support.house import MONDAY, PASSWORD, SECRET, House
from tests.support.visitor import Visitor
from webhooks.app import create_app
from webhooks.settings import Settings

CASES, LOOKS = 50_000, 60
STEPS = ("raise_discharge_ground", "notify_looked_after", "give_iro_view", "weigh_risk")
ROLES = ("social_worker", "social_worker", "iro", "iro_service_manager")


def figures() -> Iterator[Figure]:
    """The list of a person's tasks, their team's, and one narrowed, each p95 of the page and of the store alone."""
    # The log of requests would stand between the figures.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory(prefix="pathways-bench-") as folder:
        blueprint = houses.draw_up(Path(folder))
        store = open_store(f"sqlite:///{Path(folder) / 'house.db'}", keys=Path(folder) / "keys")
        shelf, clock = Shelf(store), SettableClock(MONDAY)
        house = House(store, shelf, clock, Casework(store, shelf, clock), blueprint.staff)
        _fill(house)
        app = create_app(house.casework, Settings(secret=SECRET, secure=False))
        visitor = Visitor(app)
        visitor.sign_in(house.login("social_worker"), PASSWORD)
        person = house.casework.practitioner("camden", house.person("social_worker").id)
        assert person is not None
        lists: dict[str, tuple[str, Whose]] = {
            "my tasks": ("/tasks", "mine"),
            "my team's tasks": ("/tasks/team", "seen"),
            "my team's overdue tasks": ("/tasks/team?due=overdue&role=social_worker", "seen"),
        }
        for name, (address, whose) in lists.items():
            assert b"CAM-" in visitor.client.get(address).data
            pages = [_time(lambda: visitor.client.get(address)) for _ in range(LOOKS)]  # noqa: B023 - called at once
            stores = [
                _time(lambda: house.store.lists.worklist("camden", person.id, person.roles, whose=whose))  # noqa: B023
                for _ in range(LOOKS)
            ]
            among = f"among {CASES:,} live cases, p95"
            yield Figure(f"the page of {name} {among}", _p95(pages), "ms", None, 150)
            yield Figure(f"{name} in the store {among}", _p95(stores), "ms", None, 20)
        store.close()


def _fill(house: House) -> None:
    """So many live cases, each with a task: some with somebody, some in a queue, some overdue."""
    release = house.shelf.deployed("camden", "camden_route")
    workers = [one.person for one in house.staff if one.role == "social_worker"]
    for first in range(0, CASES, 500):
        house.store.append_all([_case(number, workers, release) for number in range(first, first + 500)])


def _case(number: int, workers: list[str], release: str) -> Entry:
    element, role = STEPS[number % 4], ROLES[number % 4]
    due: datetime = MONDAY + timedelta(hours=number % 3000 - 400)
    holder = workers[number % len(workers)] if role == "social_worker" and number % 3 else None
    task = TaskRow(
        task=2,
        instance=1,
        pathway="camden_route",
        element=element,
        title="Say why the plan might end",
        kind="user",
        role=role,
        candidates=(),
        assignee=holder,
        opened=instant(MONDAY),
        due_on=due.date().isoformat(),
        due_at=instant(due),
        rung="",
        held=False,
    )
    reference = f"CAM-{number:06d}"
    worker = workers[number % len(workers)]
    rows = Rows(
        tasks={2: task},
        instances={1: InstanceRow(1, "camden_route", release, "running", instant(MONDAY))},
        access={(worker, "social_worker"): AccessRow(worker, "social_worker")},
    )
    return an_entry(reference, rows_after=rows, index=(("name", f"Sam Child{number}"),))


def _time(look: Callable[[], object]) -> float:
    began = time.perf_counter()
    look()
    return 1000 * (time.perf_counter() - began)


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]

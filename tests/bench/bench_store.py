"""What the store costs: commands, worklists of 50,000 live cases, 10,000 due timers, proofs, and bytes on the disk."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from engine.store import (
    AccessRow,
    Entry,
    InstanceRow,
    MasterKey,
    MessageRow,
    Rows,
    SigningKey,
    Store,
    migrate,
)
from engine.store.database import Database
from engine.store.tables import HISTORY
from tests.bench.figure import Figure
from tests.contracts.building import CAMDEN, NINE, a_task, a_timer, an_entry, at, with_id

CASES = 50_000
DUE = 10_000
ROLES = ("iro", "chair", "social_worker", "iro_service_manager")


def figures() -> Iterator[Figure]:
    """The store's budgets, measured on SQLite with every commit waiting for the disk."""
    with tempfile.TemporaryDirectory(prefix="pathways-bench-") as folder:
        file = Path(folder) / "bench.db"
        url = f"sqlite:///{file}"
        migrate(url)
        store = Store(Database(url), MasterKey(b"m" * 32), SigningKey(b"s" * 32))
        yield from _commands(store)
        yield from _many_cases(store, file)
        yield from _lists(store)
        yield from _proofs(store)
        yield from _timers(store)
        store.close()


def _commands(store: Store) -> Iterator[Figure]:
    """Load and append, one after the other, with rows that change each time; and the same committed together."""

    def give(case_id: str, count: int) -> None:
        for _ in range(count):
            loaded = store.load(CAMDEN, case_id)
            revision = 0 if loaded is None else loaded.revision
            store.append(
                an_entry(
                    case_id, revision, rows_before=_moving(revision), rows_after=_moving(revision + 1), loaded=loaded
                )
            )

    began = time.perf_counter()
    for n in range(200):
        give(f"RATE-{n}", 4)
    yield Figure("commands loaded and stored, one by one", 800 / (time.perf_counter() - began), "commands/s", 1500)
    began = time.perf_counter()
    for n in range(200, 400, 5):
        with store.together():
            for m in range(n, n + 5):
                give(f"RATE-{m}", 4)
    yield Figure("the same, twenty committed together", 800 / (time.perf_counter() - began), "commands/s")


def _moving(revision: int) -> Rows:
    if revision == 0:
        return Rows()
    return Rows(
        tasks={revision: a_task(revision, due_at=at(10**6))},
        timers={str(revision): a_timer(str(revision), 10**6, task=revision)},
        messages={1: MessageRow(1, 1, "life_event", "LifeEvent", None, 0)},
    )


def _showing(n: int) -> Rows:
    """A live case: two tasks, a drawn timer, a birthday, a subscription, an instance and who works on it."""
    person = f"p{n % 400}"
    return Rows(
        tasks={
            1: a_task(1, role=ROLES[n % 4], assignee=None if n % 3 else person, due_at=at(n % 40_000)),
            2: a_task(2, role=None, candidates=("iro", "chair"), due_at=at(n % 50_000)),
        },
        timers={
            "1": a_timer("1", 10 if n % (CASES // DUE) == 0 else 10**6),
            "birthday": a_timer("birthday", 10**6, kind="birthday"),
        },
        messages={3: MessageRow(3, 1, "life_event", "LifeEvent", None, 0)},
        instances={1: InstanceRow(1, "camden_cla_decision", "sha256:" + "a" * 64, "running", at())},
        access={(person, "social_worker"): AccessRow(person, "social_worker")},
    )


def _reference(n: int) -> str:
    return f"CAM-{n:06d}"


def _many_cases(store: Store, file: Path) -> Iterator[Figure]:
    had = file.stat().st_size
    for first in range(0, CASES, 500):
        entries: list[Entry] = [
            an_entry(_reference(n), rows_after=_showing(n), index=(("name", f"Sam Child{n}"),))
            for n in range(first, first + 500)
        ]
        store.append_all(entries)
    with store.database.reading() as session:
        lengths = sum(sa.func.length(column) for column in HISTORY.c if column.name not in {"revision", "format"})
        ((bytes_of_history,),) = session.search(sa.select(sa.func.sum(lengths)))
        ((rows,),) = session.search(sa.select(sa.func.count()).select_from(HISTORY))
    history = bytes_of_history / rows
    yield Figure("a history row", history, "bytes", None, 1024)
    yield Figure("a live case beside its history", (file.stat().st_size - had) / CASES - history, "bytes", None, 4096)


def _lists(store: Store) -> Iterator[Figure]:
    looks: dict[str, Callable[[], object]] = {
        "a person's tasks and their roles' queues": lambda: store.lists.worklist(CAMDEN, "p6", ("iro", "chair")),
        "a team's tasks": lambda: store.lists.worklist(CAMDEN, "p6", ("iro", "chair"), whose="team"),
        "tasks of a person's own cases": lambda: store.lists.worklist(CAMDEN, "p6", ("iro", "chair"), own_cases=True),
        "a page of cases": lambda: store.lists.cases(CAMDEN, person="p6"),
        "a search by name": lambda: store.lists.search(CAMDEN, "name", "Child77"),
    }
    for name, look in looks.items():
        times = []
        for _ in range(40):
            began = time.perf_counter()
            look()
            times.append(1000 * (time.perf_counter() - began))
        slowest = statistics.quantiles(times, n=20)[-1]
        yield Figure(f"{name} among {CASES:,} live cases, p95", slowest, "ms", None, 20)


def _proofs(store: Store) -> Iterator[Figure]:
    began = time.perf_counter()
    store.write_checkpoints(at=NINE)
    yield Figure(f"signing the heads of {CASES:,} cases", time.perf_counter() - began, "s")
    began = time.perf_counter()
    store.verify_checkpoints(CAMDEN)
    yield Figure("holding every checkpoint against every chain", time.perf_counter() - began, "s")
    began, rows = time.perf_counter(), 0
    for n in range(2000):
        rows += store.verify_chain(CAMDEN, _reference(n)).rows
    yield Figure("chains verified, payloads opened", rows / (time.perf_counter() - began), "rows/s", 10_000)


def _timers(store: Store) -> Iterator[Figure]:
    """Claim and fire, 25 committed together: what is left of the budget belongs to the engine."""
    began, fired = time.perf_counter(), 0
    while due := store.claims.timers(NINE + timedelta(minutes=20), most=200):
        for first in range(0, len(due), 25):
            with store.together():
                for one in due[first : first + 25]:
                    case_id = one.claim.case_id
                    loaded = store.load(CAMDEN, case_id)
                    assert loaded is not None
                    before = Rows(timers={one.row.timer: one.row})
                    entry = an_entry(case_id, loaded.revision, rows_before=before, settles=one.claim, loaded=loaded)
                    store.append(with_id(entry, f"{case_id} fires"))
                    fired += 1
    yield Figure(f"{fired:,} due timers claimed and fired", time.perf_counter() - began, "s", None, 10)

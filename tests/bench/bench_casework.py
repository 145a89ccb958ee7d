"""Whole cases through the one door, everything written, beside stock SpiffWorkflow in memory in the same run."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from engine.casework import Casework, Practitioner, Shelf
from engine.store import open_store
from tests.bench.discharge import ANSWERS, START, Stock, ours
from tests.bench.figure import Figure
from tests.support.office import AREA, WORKER, TestOffice, open_office

ROUNDS, EACH = 7, 60


def whole(office: TestOffice, case_id: str) -> None:
    """One case from its opening to its last step: four commands, each its own durable transaction."""
    casework, by = office.casework, WORKER
    done = casework.open_case(
        case_id, {"name": "Made-up"}, by=by, command_id=f"{case_id}:0", pathway="p", variables=START
    )
    for number, (element, answers) in enumerate(ANSWERS.items(), 1):
        task = next(e.body["task"] for e in done.events if e.kind == "TaskOpened" and e.body["element"] == element)
        done = casework.complete_task(case_id, task, answers, by=by, command_id=f"{case_id}:{number}")
    assert done.events[-1].kind == "PathwayEnded"


def figures() -> Iterator[Figure]:
    """Whole instances against stock, commands a second, replay, and how flat a long case stays."""
    with tempfile.TemporaryDirectory() as folder:
        office = open_office(f"sqlite:///{folder}/bench.db", Path(folder), ours(AREA), create=True)
        stock = Stock()
        stock.whole()
        whole(office, "warm")
        ratios, rates, stocks = [], [], []
        for round_ in range(ROUNDS):
            began = time.perf_counter()
            for _ in range(EACH):
                stock.whole()
            middle = time.perf_counter()
            for number in range(EACH):
                whole(office, f"B{round_}-{number}")
            finished = time.perf_counter()
            stocks.append(EACH / (middle - began))
            rates.append(EACH / (finished - middle))
            ratios.append((middle - began) / (finished - middle))
        detail = f"history, chain, encryption, worklist and timers written; {min(ratios):.2f} to {max(ratios):.2f}"
        yield Figure("whole instances against stock in memory", statistics.median(ratios), "x", 1.5, None, detail)
        yield Figure(
            "whole instances", statistics.median(rates), "/s", detail=f"stock {statistics.median(stocks):.0f}/s"
        )
        yield Figure("whole commands on SQLite", 4 * statistics.median(rates), "/s", 1500)
        yield _replayed(office)
        yield _loaded(folder)
        yield from _flat(office)


def _replayed(office: TestOffice) -> Figure:
    """Commands replayed and compared in a second, decryption and chain included."""
    cases = [line.case_id for line in office.store.lists.cases(AREA, most=300)]
    shelf = Shelf(office.store, verify=False)
    casework = Casework(office.store, shelf, office.clock)
    casework.verify(AREA, cases[0])
    began = time.perf_counter()
    from engine.replay import replay

    commands = sum(replay(office.store, shelf, AREA, case).commands for case in cases)
    return Figure("replay and verify", commands / (time.perf_counter() - began), "commands/s", 10_000)


def _loaded(folder: str) -> Figure:
    """A release loaded from the store into a fresh worker."""
    store = open_store(f"sqlite:///{folder}/bench.db", keys=Path(folder) / "keys")
    times = []
    for _ in range(5):
        shelf = Shelf(store)
        began = time.perf_counter()
        shelf.pathway(AREA, shelf.deployed(AREA, "p"))
        times.append(time.perf_counter() - began)
    return Figure("a release loaded into a fresh worker", 1000 * statistics.median(times), "ms", None, 50)


def _flat(office: TestOffice) -> Iterator[Figure]:
    """The cost of a command early and late in a case of 1,000 steps."""
    by = Practitioner("noter", AREA, "noter", frozenset({"social_worker"}))
    office.casework.open_case("LONG", {}, by=by, command_id="long:0", pathway="p", variables=START)
    times = []
    for number in range(1000):
        began = time.perf_counter()
        office.casework.add_note("LONG", f"note {number}", by=by, command_id=f"long:n{number}")
        times.append(time.perf_counter() - began)
    early, late = statistics.median(times[:100]), statistics.median(times[-100:])
    yield Figure("the last 100 of 1,000 steps against the first 100", late / early, "x", None, 1.2)

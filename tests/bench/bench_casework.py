"""Whole cases through the one door, everything written, beside stock SpiffWorkflow in memory in the same run."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from engine.casework import Casework, Practitioner, Shelf
from engine.replay import OneRun, replay
from engine.store import MasterKey, open_store
from tests.bench.discharge import ANSWERS, START, Stock, ours
from tests.bench.figure import Figure
from tests.support.office import AREA, MONDAY, WORKER, TestOffice, open_office

Each = TypeVar("Each")

ROUNDS, EACH = 21, 20
LONG_ROUNDS, LONG = 7, 100
#: How many cases are replayed between two looks at the clock.
STRETCH = 20
#: How many commands the worker commits together when many timers are due.
TOGETHER = 20
THREADS = 8
PROCESSES = Path(__file__).parents[2] / "processes"

#: What a fresh worker does before its first case: run in a process of its own.
FRESH_WORKER = """
import sys, time
from pathlib import Path
from engine.casework import Shelf
from engine.replay import OneRun, replay
from engine.store import MasterKey, open_store
folder = Path(sys.argv[1])
store = open_store(f"sqlite:///{folder}/camden.db", keys=folder / "keys")
shelf = Shelf(store)
began = time.perf_counter()
shelf.pathway("camden", shelf.deployed("camden", "camden_route"))
print(1000 * (time.perf_counter() - began))
"""


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


def together(office: TestOffice, cases: list[str]) -> None:
    """The same of several cases, a step of each in one commit, as the worker fires timers: told when all are kept."""
    casework, by, opened = office.casework, WORKER, {}
    with office.store.together():
        for case in cases:
            opened[case] = casework.open_case(
                case, {"name": "Made-up"}, by=by, command_id=f"{case}:0", pathway="p", variables=START
            )
    for number, (element, answers) in enumerate(ANSWERS.items(), 1):
        with office.store.together():
            for case in cases:
                events = opened[case].events
                task = next(e.body["task"] for e in events if e.kind == "TaskOpened" and e.body["element"] == element)
                opened[case] = casework.complete_task(case, task, answers, by=by, command_id=f"{case}:{number}")
    assert all(done.events[-1].kind == "PathwayEnded" for done in opened.values())


def figures() -> Iterator[Figure]:
    """Whole instances against stock, commands a second, replay, loading, and how flat a long case stays."""
    with tempfile.TemporaryDirectory() as folder:
        office = open_office(f"sqlite:///{folder}/bench.db", Path(folder), ours(AREA), create=True)
        yield from _beside_stock(office)
        yield from _replayed(office)
        yield _loaded(folder)
        yield _loaded_fresh(folder)
        yield from _flat(office)


def _seconds(work: Callable[[Each], object], over: Iterable[Each]) -> tuple[float, float]:
    """How long it took, and how much of that was work of the processor."""
    began, worked = time.perf_counter(), time.process_time()
    for each in over:
        work(each)
    return time.perf_counter() - began, time.process_time() - worked


class _Turn(NamedTuple):
    """A round of stock and one of ours right after it: seconds by the clock, and seconds of the processor."""

    stock: float
    stock_worked: float
    ours: float
    worked: float


def _in_turn(stock: Stock, rounds: int, each: int, ours: Callable[[list[str]], object], kind: str) -> list[_Turn]:
    """Rounds of both sides in turn, so that all else the machine does falls on both."""
    turns = []
    for round_ in range(rounds):
        names = [f"{kind}-{round_}-{number}" for number in range(each)]
        theirs = _seconds(lambda _: stock.whole(), names)
        turns.append(_Turn(*theirs, *_seconds(ours, [names])))
    return turns


def _beside_stock(office: TestOffice) -> Iterator[Figure]:
    """Each way of working by itself in turn with stock; medians of the rounds' ratios.

    The budget is asked of rounds of LONG, in which each side works as it does by itself. A short round begins with
    caches of the processor that the other side has filled, which costs ours a part of it; that is told beside it.
    """
    stock = Stock()
    stock.whole()
    whole(office, "warm")

    def one_by_one(names: list[str]) -> None:
        for name in names:
            whole(office, name)

    short = _in_turn(stock, ROUNDS, EACH, one_by_one, "alone")
    ratios = [turn.stock / turn.ours for turn in short]
    long = [turn.stock / turn.ours for turn in _in_turn(stock, LONG_ROUNDS, LONG, one_by_one, "long")]
    detail = f"history, chain, encryption, worklist and timers written; in turns of {LONG}; {_span(long)}"
    yield Figure("whole instances against stock in memory", statistics.median(long), "x", 1.5, None, detail)
    yield Figure(f"the same in turns of {EACH}", statistics.median(ratios), "x", detail=_span(ratios))
    ratios = [turn.stock_worked / turn.worked for turn in short]
    detail = f"in turns of {EACH}, the waiting for the disk left out; {_span(ratios)}"
    yield Figure("the same in time of the processor", statistics.median(ratios), "x", detail=detail)
    joint = [
        turn.stock / turn.ours for turn in _in_turn(stock, ROUNDS, TOGETHER, partial(together, office), "together")
    ]
    detail = f"each told when its commit is on the disk; {_span(joint)}"
    yield Figure(f"the same, {TOGETHER} cases stepped in one commit", statistics.median(joint), "x", detail=detail)
    with ThreadPoolExecutor(THREADS) as pool:
        threads = _in_turn(stock, ROUNDS, EACH, lambda names: list(pool.map(partial(whole, office), names)), "threads")
    ratios = [turn.stock / turn.ours for turn in threads]
    detail = f"one Python process; {_span(ratios)}"
    yield Figure(f"the same, {THREADS} threads at once", statistics.median(ratios), "x", detail=detail)
    rate, stocks = (EACH / statistics.median(column) for column in ([t.ours for t in short], [t.stock for t in short]))
    yield Figure("whole instances", rate, "/s", detail=f"stock {stocks:.0f}/s")
    yield Figure("whole commands on SQLite", 4 * rate, "/s", 1500)


def _span(ratios: list[float]) -> str:
    return f"{min(ratios):.2f} to {max(ratios):.2f}"


def _replayed(office: TestOffice) -> Iterator[Figure]:
    """Commands replayed and compared in a second, decryption and chain included; the median of short stretches."""
    cases = [line.case_id for line in office.store.lists.cases(AREA, most=300)]
    shelf = Shelf(office.store, verify=False)
    casework = Casework(office.store, shelf, office.clock)
    casework.verify(AREA, cases[0])
    run = OneRun(shelf)
    rates: list[float] = []
    worked: list[float] = []
    for first in range(0, len(cases), STRETCH):
        began, work = time.perf_counter(), time.process_time()
        commands = sum(replay(office.store, run, AREA, case).commands for case in cases[first : first + STRETCH])
        rates.append(commands / (time.perf_counter() - began))
        worked.append(commands / (time.process_time() - work))
    detail = f"stretches of {STRETCH} cases: {min(rates):.0f} to {max(rates):.0f}"
    yield Figure("replay and verify", statistics.median(rates), "commands/s", 10_000, None, detail)
    detail = f"the waiting for a core left out; {min(worked):.0f} to {max(worked):.0f}"
    yield Figure("the same in time of the processor", statistics.median(worked), "commands/s", detail=detail)


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


def _loaded_fresh(folder: str) -> Figure:
    """Camden's route with everything it calls, the first release that a new process reads."""
    MasterKey.create(Path(folder) / "camden" / "keys")
    store = open_store(f"sqlite:///{folder}/camden/camden.db", keys=Path(folder) / "camden" / "keys", create=True)
    Shelf(store).deploy_authority(PROCESSES / "camden", at=MONDAY, by="bench", why="to be read")
    store.close()
    command = [sys.executable, "-c", FRESH_WORKER, f"{folder}/camden"]
    times = [float(subprocess.run(command, capture_output=True, check=True).stdout) for _ in range(5)]
    detail = f"a process of its own; {min(times):.0f} to {max(times):.0f}"
    return Figure("Camden's route loaded into a fresh worker", statistics.median(times), "ms", None, 50, detail)


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

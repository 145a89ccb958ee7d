"""What auditors wait for: every case of 2,000 verified, the catalogue made from nothing, and questions to it."""

from __future__ import annotations

import logging
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import structlog

from engine.casework import Casework, Shelf
from engine.casework.finding import Wanted
from engine.clock import SettableClock
from engine.history import JSON
from engine.store import open_store
from tests.bench.figure import Figure
from tests.support import house as houses
from tests.support.house import LOOKED_AFTER, MONDAY, PASSWORD, SECRET, House
from tests.support.visitor import Visitor
from webhooks.app import create_app
from webhooks.set_up.stories import usual_answers
from webhooks.settings import Settings

CASES, TOGETHER, ASKED = 2_000, 40, 60
#: The steps of a looked-after child's case in their order; every case goes some of them.
STEPS = {
    "raise_discharge_ground": "social_worker",
    "notify_looked_after": "social_worker",
    "give_chair_view": "conference_chair",
    "give_iro_view": "iro",
    "weigh_risk": "iro_service_manager",
    "decide_cla_plan": "iro_service_manager",
}
QUESTIONS = {
    "by one role": "role=iro",
    "by a row and lateness": "table=camden_route_table&row=7&late=any",
    "by clause, decision against advice and person, in one step": "clause=CAM-5.3&register=departure&one_step=yes",
    "with nothing chosen": "",
}


def figures() -> Iterator[Figure]:
    """Verifying 2,000 generated cases, cataloguing them, and how long each question takes."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory(prefix="pathways-bench-") as folder:
        blueprint = houses.draw_up(Path(folder))
        store = open_store(f"sqlite:///{Path(folder) / 'house.db'}", keys=Path(folder) / "keys")
        shelf, clock = Shelf(store), SettableClock(MONDAY)
        house = House(store, shelf, clock, Casework(store, shelf, clock), blueprint.staff)
        made = _seconds(lambda: _fill(house))
        yield Figure(f"{CASES:,} cases of Camden generated", made, "s", detail="by their own commands, 40 in a commit")
        size = Path(folder, "house.db").stat().st_size
        behind: list[int] = []
        taken = _seconds(lambda: behind.append(house.casework.catch_up("camden", most=CASES)))
        assert behind == [0]
        yield Figure(f"{CASES:,} cases catalogued from nothing", taken, "s", detail=f"{CASES / taken:.0f} cases/s")
        grown = Path(folder, "house.db").stat().st_size - size
        yield Figure("the catalogue of one case on the disk", grown / CASES / 1024, "KB")
        yield from _verified(house)
        yield from _asked(house)
        store.close()


def _verified(house: House) -> Iterator[Figure]:
    by = house.person("auditor")
    began = time.perf_counter()
    made = house.casework.verify_all(by)
    while not made.finished:
        made = house.casework.go_on(by, made.verification.number, time=time.perf_counter, seconds=2)
    taken = time.perf_counter() - began
    assert made.certified, made.verification.differences[:3]
    assert made.verification.cases == CASES
    commands = made.verification.commands
    detail = f"{commands:,} commands, {commands / taken:,.0f} a second; chain, catalogue and looks too"
    yield Figure(f"verify over {CASES:,} generated cases", taken, "s", detail=detail)


def _asked(house: House) -> Iterator[Figure]:
    visitor = Visitor(create_app(house.casework, Settings(secret=SECRET, secure=False)))
    visitor.sign_in(house.login("auditor"), PASSWORD)
    for name, question in QUESTIONS.items():
        address = f"/audit/find?{question}"
        assert b"CAM-" in visitor.client.get(address).data, name
        pages = [1000 * _seconds(lambda: visitor.client.get(address)) for _ in range(ASKED)]  # noqa: B023 - at once
        yield Figure(f"find {name}, the page, p95", _p95(pages), "ms", None, 150, f"among {CASES:,} cases")
    by, wanted = house.person("auditor"), Wanted(role="iro", late="any", clause="CAM-5.4")
    asks = [1000 * _seconds(lambda: house.casework.find(by, wanted)) for _ in range(ASKED)]
    yield Figure("find by role, lateness and clause, the question alone, p95", _p95(asks), "ms")
    for address in ("/audit/timeliness", "/audit/register", "/audit/steps?result=late"):
        pages = [1000 * _seconds(lambda: visitor.client.get(address)) for _ in range(ASKED // 3)]  # noqa: B023 - at once
        yield Figure(f"the page {address}, p95", _p95(pages), "ms")


def _fill(house: House) -> None:
    """So many cases, each some steps long, a few decided against advice, each on a day of its own."""
    casework = house.casework
    for first in range(0, CASES, TOGETHER):
        numbers = range(first, first + TOGETHER)
        with house.store.together():
            tasks = {number: _begin(house, number) for number in numbers}
        for position, (element, role) in enumerate(STEPS.items()):
            if position == 2:
                house.days_pass(3)
            with house.store.together():
                for number in numbers:
                    if number % 7 >= position and element in tasks[number]:
                        answers = _answers(house, element, number)
                        done = casework.complete_task(
                            _reference(number), tasks[number].pop(element), answers, by=house.person(role),
                            command_id=house.key(),
                        )  # fmt: skip
                        tasks[number] |= _opened(done.events)


def _begin(house: House, number: int) -> dict[str, int]:
    facts = {**LOOKED_AFTER, "name": f"Sam Child{number}", "child_ref": f"MOS{number}"}
    by = house.person("social_worker", number % 3)
    house.casework.open_case(_reference(number), facts, by=by, command_id=house.key())
    done = house.casework.start_pathway(_reference(number), "camden_route", by=by, command_id=house.key())
    return _opened(done.events)


def _answers(house: House, element: str, number: int) -> dict[str, JSON]:
    if element == "raise_discharge_ground":
        return {"ground": "became_looked_after", "evidence": "Placed on Friday."}
    answers = dict(usual_answers(element, LOOKED_AFTER, house.clock.now()) or {})
    if element == "decide_cla_plan" and number % 3 == 0:
        answers |= {"decision": "continue", "differs_from_recommendation": True}
    return answers


def _opened(events: object) -> dict[str, int]:
    return {e.body["element"]: e.body["task"] for e in events if e.kind == "TaskOpened"}  # type: ignore[attr-defined]


def _reference(number: int) -> str:
    return f"CAM-{number:06d}"


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]

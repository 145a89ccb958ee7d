"""A demonstration: its clock, its banner, its set-up, and that nothing of it exists elsewhere."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from engine.casework import Casework
from engine.clock import SystemClock
from engine.store.store import SCHEMA
from tests.support.house import ROOT, SECRET, House
from tests.support.sending import a_system
from tests.support.visitor import Visitor, date_typed
from webhooks.app import create_app
from webhooks.demonstration import Demonstration, DemonstrationClock
from webhooks.run import Place, set_up
from webhooks.set_up.systems import connect
from webhooks.settings import Settings


@pytest.fixture
def shown(house: House) -> Demonstration:
    """A demonstration over this test's own database."""
    house.store.upkeep.make_demonstration()
    clock = DemonstrationClock(house.store)
    house.casework = Casework(house.store, house.shelf, clock)
    return Demonstration(house.store, house.shelf, house.casework, clock)


@pytest.fixture
def visitor(house: House, shown: Demonstration) -> Visitor:
    """A social worker in the demonstration."""
    app = create_app(house.casework, Settings(secret=SECRET, secure=False), shown)
    visitor = Visitor(app)
    visitor.sign_in(house.login("social_worker"))
    return visitor


def test_every_page_says_that_it_is_a_demonstration(visitor: Visitor) -> None:
    """Nobody takes a made-up child for a real one."""
    for place in ("/tasks", "/cases", "/clock", "/accessibility"):
        regions = visitor.get(place).root.xpath("//*[@role='region'][@aria-label='Demonstration']")
        assert "Made-up people and cases." in regions[0].text_content()


def test_only_a_demonstration_has_a_clock_to_move(house: House) -> None:
    """In a council's own database there is no such page and no such entry."""
    visitor = Visitor(house.app())
    page = visitor.sign_in(house.login("social_worker"))

    assert "Clock" not in page.links()
    visitor.get("/clock", status=404)


def test_a_system_added_after_the_clock_was_moved_is_heard_at_once(house: House, shown: Demonstration) -> None:
    """Its key is made by the product's clock; how old its signature is, is judged by the time that it has itself."""
    shown.clock.move_to(shown.clock.now() + timedelta(days=40), "system_admin")
    house.open_case()
    app = create_app(house.casework, Settings(secret=SECRET, secure=False), shown)
    system = a_system(app, house, at=SystemClock().now)

    answer = system.send(system.event("NothingWeKnow", "CAM-2026-0417"))
    late = replace(system, ahead=timedelta(minutes=-6)).send(system.event("NothingWeKnow", "CAM-2026-0417"))
    ahead = replace(system, at=shown.clock.now).send(system.event("NothingWeKnow", "CAM-2026-0417"))

    assert [202, 401, 401] == [answer.status_code, late.status_code, ahead.status_code]


def test_advancing_the_clock_lets_everything_on_the_way_happen_at_its_time(
    house: House, shown: Demonstration, visitor: Visitor
) -> None:
    """Each rung of the overdue ladder is dated when it was reached, not when the clock stopped."""
    house.open_case(dob=None)
    house.start("CAM-2026-0417")
    target = (shown.clock.now() + timedelta(days=40)).date().isoformat()

    page = visitor.send(visitor.get("/clock").form("/clock"), {"how_far": "date", **date_typed("until", target)})

    assert "The clock says" in page.text
    times = [
        entry.command.at
        for entry in house.store.history("camden", "CAM-2026-0417")
        if entry.command.kind == "fire_timer"
    ]
    assert 3 == len(times)
    assert times == sorted(times)
    assert times[-1] < shown.clock.now() - timedelta(days=20)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, "Choose how far to advance the clock."),
        ({"how_far": "date"}, "‘Which date?’ must be a real date"),
        ({"how_far": "date", **date_typed("until", "2020-01-01")}, "The clock only moves forward."),
        ({"how_far": "date", **date_typed("until", "2090-01-01")}, "Advance at most a year at once."),
    ],
)
def test_the_clock_goes_forward_and_not_too_far(visitor: Visitor, fields: dict[str, str], problem: str) -> None:
    """Back, nowhere, and into the far future are refused in words."""
    page = visitor.send(visitor.get("/clock").form("/clock"), fields, status=409)

    assert problem in page.problems()[0]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A demonstration set up as `make run` does it."""
    made = Place(tmp_path_factory.mktemp("var"))
    set_up(made, ROOT / "processes")
    return made


def test_the_set_up_gives_every_role_somebody_and_cases_at_every_step(place: Place) -> None:
    """Sign-ins for every role of every authority, a few dozen cases, and keys that only their owner reads."""
    known = json.loads(place.sign_ins.read_text("utf-8"))

    roles = {role for _, _, role in known["people"]["camden"]}
    assert {"social_worker", "conference_chair", "iro", "head_of_quality_assurance", "auditor", "system_admin"} <= roles
    for file in (place.secret, place.sign_ins, *place.keys.iterdir()):
        assert 0o600 == file.stat().st_mode & 0o777, file.name


def test_the_service_starts_again_and_keeps_what_was_done(place: Place) -> None:
    """It prints where it is and who may sign in, answers, stops at a signal, and starts again on the same data."""
    before = place.sign_ins.read_bytes()
    for _ in range(2):
        process, address = start(place)
        with process:
            assert process.stdout is not None
            said = []
            for line in process.stdout:
                said.append(line.strip())
                if line.strip() == "Stop with Ctrl-C.":
                    break
            with urllib.request.urlopen(f"{address}/health") as answer:
                assert b'{"status":"up"}' == answer.read().strip()
            process.send_signal(signal.SIGTERM)
            assert 0 == process.wait(30)
        assert address in said
        assert any(line.startswith("social worker") for line in said)
    assert before == place.sign_ins.read_bytes()
    assert 0 == len(
        [line for line in (place.logs / "worker.log").read_text("utf-8").splitlines() if "round failed" in line]
    )


def only_set_up(place: Place) -> subprocess.CompletedProcess[str]:
    """`python -m webhooks.run` up to where it would serve."""
    command = [sys.executable, "-m", "webhooks.run", "--folder", str(place.folder), "--only-set-up"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


def test_a_demonstration_of_an_older_release_is_brought_up_to_date_and_keeps_what_was_done(place: Place) -> None:
    """Who pulls a newer release starts it on the same folder: the tables are migrated and every case is still there."""
    with closing(sqlite3.connect(place.database)) as database, database:
        database.execute("create index blind_index_case on blind_index (authority, case_id)")
        database.execute("update alembic_version set version_num = '0010'")
        cases = database.execute("select count(*), max(revision) from case_file").fetchone()

    ended = only_set_up(place)

    assert (0, "") == (ended.returncode, ended.stderr)
    assert f"brought from schema 0010 to {SCHEMA}; its cases stay" in ended.stdout
    with closing(sqlite3.connect(place.database)) as database:
        assert [(SCHEMA,)] == database.execute("select version_num from alembic_version").fetchall()
        assert cases == database.execute("select count(*), max(revision) from case_file").fetchone()


def test_a_demonstration_of_a_newer_release_is_left_as_it_is_and_that_is_said_in_words(place: Place) -> None:
    """Going back to an older release neither breaks off in the middle nor touches what the newer one wrote."""
    with closing(sqlite3.connect(place.database)) as database, database:
        database.execute("update alembic_version set version_num = '9999'")
    before = sha256(place.database.read_bytes()).hexdigest()

    ended = only_set_up(place)
    after = sha256(place.database.read_bytes()).hexdigest()
    with closing(sqlite3.connect(place.database)) as database, database:
        database.execute("update alembic_version set version_num = ?", (SCHEMA,))

    assert 1 == ended.returncode
    assert f"is at schema 9999 and this release knows {SCHEMA}." in ended.stderr
    assert "Nothing was changed." in ended.stderr
    assert "Traceback" not in ended.stderr
    assert before == after


def start(place: Place) -> tuple[subprocess.Popen[str], str]:
    """`python -m webhooks.run` on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "webhooks.run", "--folder", str(place.folder), "--port", str(port)]
    surroundings = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=subprocess.PIPE, text=True)
    return process, f"http://127.0.0.1:{port}"


def test_a_demonstration_has_systems_and_sends_nothing_by_itself(house: House) -> None:
    """Operators find a sender, and a receiver that has ended: no message finds its way out."""
    operator = house.person("system_admin")

    connect(house.casework, operator)

    (sender,) = [one for one, _ in house.casework.partnerships.all(operator, "sender")]
    (receiver,) = [one for one, _ in house.casework.partnerships.all(operator, "receiver")]
    assert sender.ended_at is None
    assert receiver.ended_at is not None


def test_a_launcher_that_is_killed_takes_what_it_started_with_it() -> None:
    """Nobody is left with a server or a worker that nothing stops any more, and that keeps its port and database."""
    waiting = "import signal; print('up', flush=True); signal.pause()"
    words = f"""
import os, sys, signal
from webhooks.run import started
started([sys.executable, "-c", {waiting!r}], dict(os.environ), sys.stdout.buffer)
signal.pause()
"""
    with subprocess.Popen([sys.executable, "-c", words], cwd=ROOT, stdout=subprocess.PIPE) as launcher:
        assert launcher.stdout is not None
        assert b"up\n" == launcher.stdout.readline()
        launcher.kill()
        # Both hold the other end: it closes when the last of them is gone.
        ready, _, _ = select.select([launcher.stdout], [], [], 60)
        assert ready and b"" == launcher.stdout.read()

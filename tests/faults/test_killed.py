"""Walks are killed between and inside commits, and stopped and woken: nothing is lost and nothing is doubled."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from engine.case.state import encode
from engine.casework import Casework, Shelf
from engine.clock import SettableClock
from engine.replay import rebuild
from engine.store import MasterKey, Store, open_store
from tests.support.office import MONDAY
from tests.support.walk import Walk

ROOT = Path(__file__).resolve().parents[2]
AUTHORITY = "camden"
#: A busy machine does less between two kills; where it did next to nothing, the next one comes later.
MOST_ROUNDS = 15


def a_store(url: str, folder: Path) -> Store:
    """A store with every shipped pathway of Camden deployed."""
    MasterKey.create(folder / "keys")
    store = open_store(url, keys=folder / "keys")
    Shelf(store).deploy_authority(ROOT / "processes" / AUTHORITY, at=MONDAY, by="tests", why="to be walked")
    return store


#: Whoever else is at work in this database.
AT_WORK = (
    "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    " and backend_type = 'client backend' and state <> 'idle'"
)


def settle(store: Store) -> None:
    """PostgreSQL goes on by itself with the commit of a client that was killed: look when it has come to its end."""
    if store.database.engine.dialect.name != "postgresql":
        return
    with store.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while connection.exec_driver_sql(AT_WORK).scalar_one():
            continue


def check(store: Store) -> int:
    """Every case: history rebuilds what is live, replay certifies it, the chain is whole; gives the commands."""
    settle(store)
    shelf, commands = Shelf(store), 0
    casework = Casework(store, shelf, SettableClock(MONDAY))
    for line in store.lists.cases(AUTHORITY, most=1000):
        live = casework.load(AUTHORITY, line.case_id)
        assert encode(live) == encode(rebuild(store, shelf, AUTHORITY, line.case_id)), line.case_id
        certificate = casework.verify(AUTHORITY, line.case_id)
        assert certificate.certified, (line.case_id, certificate)
        assert live.revision == certificate.commands == line.revision
        commands += certificate.commands
    return commands


def start(url: str, folder: Path, seed: int) -> subprocess.Popen[str]:
    """A walking process, ready to be killed."""
    command = [sys.executable, "-m", "tests.faults.walker", url, str(folder / "keys"), str(seed), "6"]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    assert "ready\n" == running.stdout.readline()
    return running


def kill(running: subprocess.Popen[str]) -> dict[str, int]:
    """Kill the process; the last revision of each case that it said was done."""
    running.kill()
    text, _ = running.communicate()
    found: dict[str, int] = {}
    for line in text.splitlines():
        with contextlib.suppress(ValueError):
            case_id, revision = line.split()
            found[case_id] = int(revision)
    return found


def test_killed_at_any_moment_nothing_is_lost_or_doubled(database_url: str, tmp_path: Path) -> None:
    """SIGKILL at random moments, between and inside commits: what was acknowledged is there, and it replays."""
    chance, patience = random.Random(7), 1.0
    with closing(a_store(database_url, tmp_path)) as store:
        for round_ in range(MOST_ROUNDS):
            running = start(database_url, tmp_path, seed=round_ % 3)
            time.sleep(chance.uniform(0.05, 0.9) * patience)  # the moment of the kill is what is tried
            done = kill(running)
            patience *= 1.0 if len(done) > 1 else 1.5
            for case_id, revision in done.items():
                line = store.lists.case(AUTHORITY, case_id)
                assert line is not None
                assert line.revision >= revision
            if check(store) > 15 and round_ >= 4:
                return
    pytest.fail(f"After {MOST_ROUNDS} kills there is too little to look at.")


def test_a_worker_that_was_stopped_and_woken_changes_nothing_twice(database_url: str, tmp_path: Path) -> None:
    """SIGSTOP in the middle of a walk, another process goes on with the same cases, SIGCONT: one history each."""
    with closing(a_store(database_url, tmp_path)) as store:
        first = start(database_url, tmp_path, seed=1)
        time.sleep(0.4)
        os.kill(first.pid, signal.SIGSTOP)
        try:
            second = start(database_url, tmp_path, seed=1)
            time.sleep(1.0)
            kill(second)
        finally:
            os.kill(first.pid, signal.SIGCONT)
        time.sleep(0.5)
        kill(first)

        check(store)


def test_every_pathway_walked_at_random_is_rebuilt_after_every_step(sqlite_url: str, tmp_path: Path) -> None:
    """Rebuilt from history equals live after every step, whatever people answer; no walk ends a plan by an unknown."""
    store = a_store(sqlite_url, tmp_path)
    shelf, clock = Shelf(store), SettableClock(MONDAY)
    ended = 0
    for number, (pathway, _) in enumerate(shelf.startable(AUTHORITY) * 3):
        # These children are among those of whom one at least comes to the end of a plan.
        walk = Walk(store, shelf, clock, AUTHORITY, random.Random(1000 + number))
        case_id = f"R{number}"
        walk.begin(case_id, pathway)
        for _ in range(25):
            if not walk.step(case_id):
                break
            live = walk.casework.load(AUTHORITY, case_id)
            assert encode(live) == encode(rebuild(store, shelf, AUTHORITY, case_id))
            assert [] == [held.message for held in live.held.values()], (pathway, number)
        case = walk.casework.load(AUTHORITY, case_id)
        if case.facts["plan_status"] == "ENDED":
            ended += 1
            assert any(outcome.startswith("PLAN_ENDED") for r in case.running.values() for outcome in r.outcomes) or (
                case.desks
            )
    assert check(store) > 200
    assert ended > 0
    store.close()

"""A process that walks cases until it is killed: `python -m tests.faults.walker URL KEYS SEED CASES`."""

from __future__ import annotations

import random
import sys
from datetime import timedelta
from pathlib import Path

from engine.casework import Shelf
from engine.clock import SettableClock
from engine.history import read_instant
from engine.store import open_store
from tests.support.office import MONDAY
from tests.support.walk import Walk

AUTHORITY = "camden"


def main(url: str, keys: str, seed: int, cases: int) -> None:
    """Walk each case from where it stands; say each step that was done and acknowledged."""
    store = open_store(url, keys=Path(keys))
    shelf, chance = Shelf(store), random.Random(seed)
    latest = [MONDAY]
    latest += [read_instant(line.changed_at) for line in store.lists.cases(AUTHORITY, most=1000)]
    walk = Walk(store, shelf, SettableClock(max(latest) + timedelta(seconds=1)), AUTHORITY, chance)
    pathways = [name for name, _ in shelf.startable(AUTHORITY)]
    known = {line.case_id for line in store.lists.cases(AUTHORITY, most=1000)}
    print("ready", flush=True)
    for number in range(cases):
        case_id = f"W{seed}-{number}"
        if case_id not in known:
            walk.begin(case_id, chance.choice(pathways))
        for _ in range(60):
            if not walk.step(case_id):
                break
            print(f"{case_id} {walk.casework.load(AUTHORITY, case_id).revision}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))

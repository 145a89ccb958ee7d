"""Walk at random: python -m tests.fuzz [--seconds 60 | --rounds N] [--seed N] [WORD ...].

Each fuzz_*.py in this folder has `run(seconds: float, seed: int) -> str`: it walks for about so long from that seed,
raises when a promise is broken, and otherwise says in one line what it walked through. The seed is printed, so that a
walk that failed can be walked again. With --rounds it walks so many rounds instead, by `walk(count, seed)`, and holds
the whole process to the memory that hostile text may take.
"""

from __future__ import annotations

import argparse
import importlib
import resource
import secrets
import sys
import time
import traceback
from pathlib import Path

#: Megabytes that a walk through hostile text may take.
MOST_MEMORY = 256


def main() -> int:
    """Share the time between the walks; 1 when one of them broke a promise or none was found."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("fuzz_*.py"))
    asked = argparse.ArgumentParser(prog="python -m tests.fuzz")
    asked.add_argument("words", nargs="*", help=f"parts of the names of walks; there are {', '.join(names) or 'none'}")
    asked.add_argument("--seconds", type=float, default=60.0, help="for all walks together")
    asked.add_argument("--rounds", type=int, default=None, help="so many rounds of each walk, however long they take")
    asked.add_argument("--seed", type=int, default=None, help="of a walk to repeat")
    given = asked.parse_args()

    wanted = [name for name in names if not given.words or any(word in name for word in given.words)]
    seed = secrets.randbits(32) if given.seed is None else given.seed
    failed = 0
    for name in wanted:
        print(f"{time.strftime('%H:%M:%S')}  {name}, seed {seed}", flush=True)
        try:
            walks = importlib.import_module(f"tests.fuzz.{name}")
            if given.rounds is None:
                said = walks.run(given.seconds / len(wanted), seed)
            else:
                found = walks.walk(given.rounds, seed)
                assert not found.get("disagreements") and not found.get("broken"), found
                taken = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
                assert taken <= MOST_MEMORY, f"{taken} MB taken, {MOST_MEMORY} allowed"
                said = f"{found}, {taken} MB"
            print(f"          {said}", flush=True)
        except Exception:
            failed += 1
            traceback.print_exc()
            print(f"          broken; walk it again: python -m tests.fuzz {name} --seed {seed}", flush=True)
    print(f"{len(wanted) - failed} passed, {failed} failed")
    return 1 if failed or not wanted else 0


if __name__ == "__main__":
    sys.exit(main())

"""Walk every way through the shipped pathways: python -m tests.walks [AUTHORITY[/PATHWAY] ...]

For each pathway it prints how much processor time it took, how many states and commands there were, whether all of
them were seen, which outcomes no way
reached, and everything that may not be: a pathway that waits for nobody, an incident, a plan that ended without its
guard, its decision-maker or its notices, or on something unknown. 1 is returned where there is any. Authorities are
walked two at a time.
"""

from __future__ import annotations

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.walks.judging import Judge
from tests.walks.survey import faults, walk_authority

PROCESSES = Path(__file__).resolve().parents[2] / "processes"


def main(words: list[str]) -> int:
    """Walk what is asked for; 0 where nothing is wrong."""
    everyone = sorted(path.parent.name for path in PROCESSES.glob("*/authority.toml"))
    if len(words) == 1:
        return tell(words[0])
    with ProcessPoolExecutor(2) as pool:
        return max(pool.map(tell, words or everyone))


def tell(word: str) -> int:
    """Walk an authority, or one pathway of it, and print what was seen; 0 where nothing is wrong."""
    authority, _, pathway = word.partition("/")
    wrong, began, lines, never, few = 0, time.process_time(), [], set(), set()
    for walked, unreached in walk_authority(PROCESSES / authority, Judge.of(authority), pathway or None):
        never |= unreached
        never -= walked.outcomes
        seen = "NOT EXHAUSTED" if not walked.exhausted else "all seen in pairs" if walked.paired else "all seen"
        took, outcomes = time.process_time() - began, ", ".join(sorted(walked.outcomes)) or "none"
        size = f"{walked.states} states, {walked.commands} commands"
        print(f"{took:6.1f} s  {walked.pathway}: {size}, {seen}; outcomes {outcomes}", flush=True)
        began = time.process_time()
        few |= walked.few
        lines += [f"  FAULT   {what}\n          after: {' > '.join(way)}" for what, way in faults(walked)]
        wrong += len(walked.faults) + (not walked.exhausted)
    if few:
        lines.append(f"  not every way to answer was tried: {', '.join(sorted(few))}")
    if never:
        wrong += 1
        lines.append(f"  REACHED BY NO WAY: {', '.join(sorted(never))}")
    print("\n".join([f"{word}: {wrong} faults", *lines]), flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

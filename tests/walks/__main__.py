"""Walk every way through the shipped pathways: python -m tests.walks [AUTHORITY[/PATHWAY] ...]

For each pathway it prints how much processor time it took, how many states and commands there were, whether all of
them were seen, which outcomes no way
reached, and everything that may not be: a pathway that waits for nobody, an incident, a plan that ended without its
guard, its decision-maker or its notices, or on something unknown, and whatever is explained in endings.toml and no
ending asks for any more. 1 is returned where there is any. Two shares are
walked at a time, the longest first, and the last line says how long all of them took.
"""

from __future__ import annotations

import os
import sys
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from tests.walks.judging import Judge
from tests.walks.survey import Share, faults, shares, walk_share

PROCESSES = Path(__file__).resolve().parents[2] / "processes"


@dataclass(frozen=True)
class Told:
    """What came of one share, in words.

    lines    everything that may not be
    reached  the outcomes that some way reached
    named    the outcomes that its diagrams name
    """

    authority: str
    lines: tuple[str, ...]
    reached: frozenset[str]
    named: frozenset[str]


def main(words: list[str]) -> int:
    """Walk what is asked for; 0 where nothing is wrong."""
    began = time.monotonic()
    asked = words or sorted(path.parent.name for path in PROCESSES.glob("*/authority.toml"))
    lines: dict[str, list[str]] = defaultdict(list)
    reached: dict[str, set[str]] = defaultdict(set)
    named: dict[str, set[str]] = defaultdict(set)
    with ProcessPoolExecutor(2) as pool:
        parts = sorted((part for word in asked for part in shares(PROCESSES, word)), key=lambda each: -each.size)
        for done in as_completed([pool.submit(tell, part) for part in parts]):
            told = done.result()
            lines[told.authority] += told.lines
            reached[told.authority] |= told.reached
            named[told.authority] |= told.named
    for authority in sorted(lines):
        never = sorted(named[authority] - reached[authority])
        lines[authority] += [f"  REACHED BY NO WAY: {', '.join(never)}"] if never else []
        print("\n".join([f"{authority}: {len(lines[authority])} faults", *lines[authority]]), flush=True)
    print(f"{time.monotonic() - began:.0f} s by the clock", flush=True)
    return 1 if any(lines.values()) else 0


def tell(share: Share) -> Told:
    """Walk a share, and print of each pathway what was seen."""
    began, lines, few = time.process_time(), [], set()
    reached: set[str] = set()
    named: set[str] = set()
    judge, whole = Judge.of(share.folder.name), share.pathways is None
    for walked, outcomes in walk_share(share, judge, limited=True):
        reached |= walked.outcomes
        named |= outcomes
        seen = "NOT EXHAUSTED" if not walked.exhausted else "all seen in pairs" if walked.paired else "all seen"
        took, told = time.process_time() - began, ", ".join(sorted(walked.outcomes)) or "none"
        size = f"{walked.states} states, {walked.commands} commands"
        print(f"{took:6.1f} s  {walked.pathway}: {size}, {seen}; outcomes {told}", flush=True)
        began = time.process_time()
        few |= walked.few
        lines += [f"  FAULT   {what}\n          after: {' > '.join(way)}" for what, way in faults(walked)]
        lines += [] if walked.exhausted else [f"  NOT EXHAUSTED: {walked.pathway}"]
        whole = whole and walked.exhausted
    if whole:
        lines += [f"  EXPLAINED FOR NOTHING: {outcome}, {what}" for outcome, what in judge.unused()]
    if few:
        print(f"  {share.folder.name}: not every way to answer was tried: {', '.join(sorted(few))}", flush=True)
    return Told(share.folder.name, tuple(lines), frozenset(reached), frozenset(named))


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":
        # Sets come in the same order each time, so that a walk finds the same each time.
        again = [sys.executable, "-m", "tests.walks", *sys.argv[1:]]
        os.execve(sys.executable, again, os.environ | {"PYTHONHASHSEED": "0"})
    sys.exit(main(sys.argv[1:]))

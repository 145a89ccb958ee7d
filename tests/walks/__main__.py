"""Walk every way through the shipped pathways: python -m tests.walks [AUTHORITY[/PATHWAY] ...]

For each pathway it prints how many states and commands there were, whether all of them were seen, which outcomes no way
reached, and everything that may not be: a pathway that waits for nobody, an incident, a plan that ended without its
guard, its decision-maker or its notices, or on something unknown. 1 is returned where there is any.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.walks.judging import Judge
from tests.walks.survey import faults, walk_authority

PROCESSES = Path(__file__).resolve().parents[2] / "processes"


def main(words: list[str]) -> int:
    """Walk what is asked for; 0 where nothing is wrong."""
    everyone = sorted(path.parent.name for path in PROCESSES.glob("*/authority.toml"))
    wrong, began = 0, time.monotonic()
    for word in words or everyone:
        authority, _, pathway = word.partition("/")
        for walked, never in walk_authority(PROCESSES / authority, Judge.of(authority), pathway or None):
            seen = "" if walked.exhausted else ", NOT EXHAUSTED"
            print(
                f"{time.monotonic() - began:6.1f} s  {walked.pathway}: {walked.states} states, "
                f"{walked.commands} commands{seen}; outcomes {', '.join(sorted(walked.outcomes)) or 'none'}",
                flush=True,
            )
            if never:
                print(f"          reached by none of these ways: {', '.join(sorted(never))}", flush=True)
            for what, way in faults(walked):
                wrong += 1
                print(f"  FAULT   {what}\n          after: {' > '.join(way)}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

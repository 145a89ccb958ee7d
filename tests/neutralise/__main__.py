"""Take clauses out one at a time: python -m tests.neutralise [--only WORD] AUTHORITY ...

Every clause-tagged element, table row, field check and letter of an authority is neutralised alone, and the scenarios
that visit it are played until one of them no longer passes. A place that no scenario misses has survived: its clause
could be forgotten and nobody would know. What survives for a good reason stands with it in survivors.toml; 1 is
returned where something else survives, or where a survivor that is written there has been killed since. Authorities are
taken two at a time.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

from tests.neutralise.survey import PROCESSES, Finding, survey

REASONS = Path(__file__).with_name("survivors.toml")


def main(words: list[str]) -> int:
    """Neutralise what is asked for and print what survives; 0 where every survivor is explained."""
    parser = argparse.ArgumentParser(prog="python -m tests.neutralise", description=__doc__)
    parser.add_argument("authorities", nargs="*", help="all where none is named")
    parser.add_argument("--only", default="", help="places whose name holds this word")
    asked = parser.parse_args(words)
    everyone = sorted(path.parent.name for path in PROCESSES.glob("*/authority.toml"))
    wanted = asked.authorities or everyone
    if len(wanted) == 1:
        return _authority(wanted[0], asked.only)
    with ProcessPoolExecutor(2) as pool:
        return max(pool.map(_authority, wanted, repeat(asked.only)))


def _authority(authority: str, only: str) -> int:
    """Neutralise one authority and print what survives; 1 where something is not as it is explained."""
    reasons = tomllib.loads(REASONS.read_text(encoding="utf-8")).get(authority, {})
    counts, wrong = {"killed": 0, "survived": 0, "not separable": 0}, 0
    for finding in survey(authority, only):
        counts[finding.outcome] += 1
        wrong += _tell(finding, reasons.get(finding.place.name))
    print(f"{authority}: " + ", ".join(f"{count} {outcome}" for outcome, count in counts.items()), flush=True)
    return 1 if wrong else 0


def _tell(finding: Finding, reason: str | None) -> int:
    """Print what a person should know of a place; 1 where it is a fault."""
    clauses = " ".join(finding.place.clauses)
    if finding.outcome == "survived":
        print(f"  survived: {finding.place.name} [{clauses}] {reason or 'NOT EXPLAINED'}", flush=True)
        return int(reason is None)
    if reason is not None and finding.outcome == "killed":
        print(f"  killed now: {finding.place.name}; take it out of {REASONS.name}", flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Take clauses out one at a time: python -m tests.neutralise [--only WORD] [--file WORD] [--kind KIND] AUTHORITY ...

Every clause-tagged element, table row, field check and letter of an authority is neutralised alone, and the scenarios
that visit it are played until one of them no longer passes. A place that no scenario misses has survived: its clause
could be forgotten and nobody would know. What survives for a good reason stands with it in survivors.toml; 1 is
returned where something else survives, or where a survivor that is written there has been killed since. A scenario
that no longer comes to rest has noticed. What a run has found is kept as long as nothing has changed that it rests on:
a run that is cut short goes on where it was. Authorities are taken two at a time.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import tomllib
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.neutralise.journal import Journal
from tests.neutralise.places import KINDS
from tests.neutralise.rehearsal import Limits
from tests.neutralise.survey import Finding, Wanted, survey

PROCESSES = Path(__file__).resolve().parents[2] / "processes"
REASONS = Path(__file__).with_name("survivors.toml")


def main(words: list[str]) -> int:
    """Neutralise what is asked for and print what survives; 0 where every survivor is explained."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.neutralise", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("authorities", nargs="*", help="all where none is named")
    parser.add_argument("--only", default="", help="places whose name holds this word")
    parser.add_argument("--file", default="", help="places in files whose path holds this word")
    parser.add_argument("--kind", default="", choices=("", *KINDS), help="places of this kind")
    parser.add_argument("--anew", action="store_true", help="forget what earlier runs found")
    parser.add_argument("--seconds", type=int, default=Limits().place, help="processor time for one place")
    parser.add_argument("--every", action="store_true", help="print what became of every place")
    asked = parser.parse_args(words)
    everyone = sorted(path.parent.name for path in PROCESSES.glob("*/authority.toml"))
    wanted = asked.authorities or everyone
    if len(wanted) == 1:
        return _authority(wanted[0], asked)
    with ProcessPoolExecutor(2) as pool:
        return max(pool.map(_authority, wanted, [asked] * len(wanted)))


def _authority(authority: str, asked: argparse.Namespace) -> int:
    """Neutralise one authority and print what survives; 1 where something is not as it is explained."""
    reasons = tomllib.loads(REASONS.read_text(encoding="utf-8")).get(authority, {})
    begun, wrong, counts = time.monotonic(), 0, Counter[tuple[str, str]]()
    wanted = Wanted(asked.only, asked.file, asked.kind)
    kept = Path(tempfile.gettempdir()) / f"neutralise-{os.getuid()}-{authority}.jsonl"
    if asked.anew:
        kept.unlink(missing_ok=True)
    for finding in survey(PROCESSES / authority, wanted, Journal(kept), Limits(asked.seconds)):
        counts[finding.place.kind, finding.outcome] += 1
        if asked.every:
            print(f"  {time.monotonic() - begun:6.0f} s {finding.outcome}: {finding.place.name} by {finding.by}")
        wrong += _tell(finding, reasons.get(finding.place.name))
    for kind in KINDS:
        found = ", ".join(f"{count} {outcome}" for (of, outcome), count in sorted(counts.items()) if of == kind)
        print(f"{authority}: {kind}: {found or 'none'}", flush=True)
    print(f"{authority}: {sum(counts.values())} places in {time.monotonic() - begun:.0f} s", flush=True)
    return 1 if wrong else 0


def _tell(finding: Finding, reason: str | None) -> int:
    """Print what a person should know of a place; 1 where it is a fault."""
    clauses = " ".join(finding.place.clauses)
    if finding.outcome in ("survived", "not finished"):
        print(f"  {finding.outcome}: {finding.place.name} [{clauses}] {reason or 'NOT EXPLAINED'}", flush=True)
        return int(reason is None)
    if reason is not None and finding.outcome == "killed":
        print(f"  killed now: {finding.place.name}; take it out of {REASONS.name}", flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Damaged diagrams: whatever is cut, doubled, moved or scrawled over is refused in words, or runs."""

from __future__ import annotations

import random
import time
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from engine.calendars import Calendar
from engine.errors import Incident, PathwayRefused, Refused
from engine.execution import Circumstances, CompleteTask, Start, apply, check, decode, encode, prepare, waits
from engine.pathways import Release, read_release, release_from_files
from tests.fuzz.fuzz_execution import draw

PROCESSES = Path(__file__).parents[2] / "processes"
SCRAWL = ["", " ", "=", "=1 +", "x", "=x.y", "-1", "P1D", "true", "a b", "é", "=case.plan_status", "0", "R1/P1D"]
CALENDAR = Calendar("england", {})


def damaged(root: etree._Element, chance: random.Random) -> None:
    """One damage to a diagram."""
    nodes = [node for node in root.iter(etree.Element) if node is not root]
    if not nodes:
        return
    node = chance.choice(nodes)
    parent = node.getparent()
    assert parent is not None
    kind = chance.randrange(7)
    if kind == 0:
        parent.remove(node)
    elif kind == 1:
        parent.append(etree.fromstring(etree.tostring(node)))
    elif kind == 2:
        inside = {id(each) for each in node.iter()}
        chance.choice([each for each in (root, *nodes) if id(each) not in inside]).append(node)
    elif kind == 3 and node.attrib:
        del node.attrib[chance.choice(sorted(node.attrib))]
    elif kind == 4 and node.attrib:
        node.set(chance.choice(sorted(node.attrib)), chance.choice(SCRAWL))
    elif kind == 5:
        values = [value for each in nodes for value in each.attrib.values()]
        if node.attrib and values:
            node.set(chance.choice(sorted(node.attrib)), str(chance.choice(values)))
    else:
        node.text = chance.choice(SCRAWL)


@cache
def shipped() -> list[Release]:
    """Our own pathways of one authority."""
    return [
        read_release(PROCESSES, "camden", each.parent.name) for each in sorted(PROCESSES.glob("camden/*/pathway.toml"))
    ]


def source(chance: random.Random) -> tuple[dict[str, bytes], str, str]:
    """The files of a whole release: drawn at random, or a shipped one."""
    if chance.random() < 0.5:
        return {"area/p/d.bpmn": draw(chance).ours.encode()}, "area", "p"
    release = chance.choice(shipped())
    return dict(release.files), release.authority, release.pathway


def attempt(files: dict[str, bytes], authority: str, pathway: str, chance: random.Random) -> str:
    """Damage one diagram and take the release as far as it goes."""
    path = chance.choice([each for each in sorted(files) if each.endswith(".bpmn")])
    root = etree.fromstring(files[path])
    for _ in range(chance.choice([1, 1, 2, 4])):
        damaged(root, chance)
    files[path] = etree.tostring(root)
    try:
        release = release_from_files(files, authority=authority, pathway=pathway)
    except PathwayRefused:
        return "refused as a release"
    refusals = [finding for finding in check(release) if finding.severity == "refusal"]
    assert all(finding.message and finding.mend for finding in refusals)
    try:
        prepared = prepare(release)
    except PathwayRefused as refused:
        assert list(refused.findings) == refusals
        return "refused"
    assert refusals == []
    state: Any = None
    next_id = 1
    instruction: Any = Start({"pick0": 1, "pick1": 1, "pick2": 2, "again": False})
    for _ in range(12):
        circumstances = Circumstances(
            datetime(2026, 1, 5, 9, tzinfo=UTC), {"case_id": "C"}, {}, CALENDAR, next_id, 1, "fuzz"
        )
        try:
            step = apply(prepared, state, instruction, circumstances)
        except (Incident, Refused):
            return "incident"
        next_id = step.next_id
        state = decode(prepared, encode(step.state))
        tasks = waits(state).tasks
        if state.ended or not tasks:
            break
        instruction = CompleteTask(chance.choice(tasks).task, {})
    return "ran"


def walk(count: int, seed: int = 0) -> dict[str, Any]:
    """Damage `count` releases; how each came out, and every one that did not come out in words."""
    outcomes: Counter[str] = Counter()
    broken: list[str] = []
    for number in range(seed, seed + count):
        chance = random.Random(number)
        files, authority, pathway = source(chance)
        try:
            outcomes[attempt(files, authority, pathway, chance)] += 1
        except Exception as error:
            broken.append(f"seed {number}: {type(error).__name__}: {error}"[:300])
    return {"releases": count, **outcomes, "broken": broken}


def run(seconds: float, seed: int) -> str:
    """Walk for about so many seconds; what was walked through, in one line. Raises where a walk came out wrong."""
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        wrong = walk(20, seed + count)["broken"]
        assert [] == wrong, "\n".join(wrong)
        count += 20
    return f"{count} damaged releases read or refused in words"


if __name__ == "__main__":
    import json
    import sys

    first, many = (int(each) for each in [*sys.argv[1:], "0", "200"][:2])
    print(json.dumps(walk(many, first), indent=2))

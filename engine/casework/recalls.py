"""Letters that told of an ending that was an error: since when they stand recalled, and which letters told so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from engine.case.state import CaseState, Letter
from engine.history import read_instant
from engine.replay import recorded_events
from engine.store.rows import HistoryEntry


@dataclass(frozen=True, slots=True)
class Told:
    """A letter that told some of a recalled letter's recipients that it was wrong: its number and the day it went."""

    number: int
    on: str | None


@dataclass(frozen=True, slots=True)
class Recall:
    """What became of a letter after the ending it told of was found to be an error.

    at    when the plan was made active again
    told  the letters that told so, the first sent first
    left  how many of its recipients no letter has told so; None where nobody was on record
    """

    at: datetime
    told: tuple[Told, ...]
    left: int | None


def recalls(case: CaseState, entries: Iterable[HistoryEntry]) -> dict[int, Recall]:
    """Every recalled letter of a case by its number, as its last reinstatement left it."""
    found: dict[int, Recall] = {}
    for entry in entries:
        for event in recorded_events(entry):
            if event.kind == "NoticeRecalled":
                number = event.body["number"]
                found[number] = _recall(case, case.letters[number], entry.command.at)
    return found


def _recall(case: CaseState, letter: Letter, at: datetime) -> Recall:
    followed_up = {
        number
        for number, running in case.running.items()
        if "reinstated" in running.variables and read_instant(running.started_at) == at
    }
    wanted = {str(entry["to"]) for entry in letter.recipients}
    reached: set[str] = set()
    told: list[Letter] = []
    for other in case.letters.values():
        if other.state == "sent" and other.instance in followed_up:
            # Where nobody was on record a person said who they were: any letter of the same follow-up may be theirs.
            named = {str(entry["to"]) for entry in other.recipients}
            if not wanted or named & wanted:
                told.append(other)
                reached |= named
    told.sort(key=lambda one: (one.sent_day or "", one.number))
    return Recall(at, tuple(Told(one.number, one.sent_day) for one in told), len(wanted - reached) if wanted else None)

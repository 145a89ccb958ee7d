"""What auditors find a case by, made from its history alone: who, when, which clause, which row, how late.

A case's catalogue is thrown away and made again at any time, and verifying a case holds it against the history. It
holds ids, roles, dates and counts, and nothing of what was answered. Clauses come from the release that the case ran
on; days are counted by the calendar under which each command was carried out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from engine.calendars import Calendar, NotOnCalendar
from engine.case.confidential import EVERYONE, PERSON, ROLE, plain
from engine.casework.weighing import note_of
from engine.clock import london_date
from engine.execution import Pathway, Whereabouts
from engine.history import WORKER, Command, Event, instant, read_instant
from engine.store.catalogue import Catalogued, Mention, Passage, Stay

#: Moves when the rules below do: cases catalogued by another edition are catalogued again.
EDITION: Final = 4

#: Answers that say, when true, that somebody decided otherwise than was recommended, or set something aside.
DEPARTURE, OVERRIDES = "differs_from_recommendation", ("override", "overridden")
#: Everything that the register lists.
REGISTER: Final = ("departure", "override", "moved", "late", "not_done", "corrected", "withdrawn", "reinstated")
#: Dates that are put right and never moved.
NOT_MOVED: Final = frozenset({"dob"})

_OPENS: Final = {"TaskOpened": "task", "JobOpened": "job", "TimerSet": "timer", "MessageAwaited": "message"}
_ENDS: Final = {
    "TaskCompleted": "done",
    "JobFinished": "done",
    "JobFailed": "done",
    "TimerFired": "done",
    "MessageReceived": "done",
    "TaskWithdrawn": "withdrawn",
    "JobWithdrawn": "withdrawn",
    "TimerCleared": "withdrawn",
    "MessageNoLongerAwaited": "withdrawn",
}
#: What a clause is carried out by.
_CARRIES_OUT: Final = frozenset(
    {"TaskCompleted", "JobFinished", "TimerFired", "MessageReceived", "PlanEnded", "EndingHeld", "EndReached",
     "Escalated", "FactsChanged"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ground:
    """Where the fold finds what history only names: releases by hash, calendars by version of the settings."""

    pathway: Callable[[str], Pathway]
    calendar: Callable[[str], Calendar]
    _rows: dict[tuple[Pathway, str], Mapping[tuple[str, int], tuple[str, ...]]] = field(default_factory=dict)

    def clauses_of_rows(self, release: str, decision: str) -> Mapping[tuple[str, int], tuple[str, ...]]:
        """The clauses that stand beside the rows of a decision's tables, by table and row."""
        pathway = self.pathway(release)
        known = self._rows.get((pathway, decision))
        if known is None:
            model = pathway.models.get(decision)
            tables = [table for logic in model.logic for table in model.tables(logic.id)] if model is not None else []
            known = {(table.id, rule.row): note_of(rule).clauses for table in tables for rule in table.facts.rules}
            self._rows[pathway, decision] = known
        return known


class Fold:
    """Takes a case's commands in their order; `entries` is the catalogue after the last one."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._mentions: dict[tuple[str, str, int, str], Mention] = {}
        self._stays: list[Stay] = []
        self._open: dict[tuple[int, int], int] = {}
        self._process: dict[tuple[int, int], str] = {}
        self._passages: dict[int, Passage] = {}
        self._places = Whereabouts()
        self._facts: dict[str, Any] = {}
        self._kept: dict[int, tuple[int, str, list[list[str]]]] = {}
        self._command: Command
        self._revision, self._at, self._on = 0, "", date.min

    def entries(self) -> Catalogued:
        """The case's catalogue as far as it was taken, each part in its order."""
        mentions = dict(self._mentions)
        for revision, at, parties in self._kept.values():
            for kind, who in parties:
                if kind in (PERSON, ROLE):
                    word = party_word(kind, who)
                    mentions["kept", word, revision, ""] = Mention("kept", word, revision, at)
        return Catalogued(
            tuple(mentions[key] for key in sorted(mentions)),
            tuple(self._stays),
            tuple(self._passages[instance] for instance in sorted(self._passages)),
        )

    def take(self, revision: int, command: Command, events: Iterable[Event]) -> None:
        """Take the case's next command and what happened."""
        self._command, self._revision = command, revision
        self._at, self._on = instant(command.at), london_date(command.at)
        if command.role is not None and command.by != WORKER:
            self._mention("role", command.role)
            self._mention("person", command.by)
        happened = tuple(events)
        for event, process in zip(happened, self._places.take(happened), strict=True):
            body = event.body
            kept = _KEEP.get(event.kind)
            if kept is not None:
                kept(self, body)
            if event.kind in _OPENS:
                self._opened(_OPENS[event.kind], body)
            elif event.kind in _ENDS:
                self._ended(_ENDS[event.kind], body)
            if event.kind in _CARRIES_OUT and "instance" in body:
                pathway = self._pathway(body)
                for clause in pathway.properties_of(body["element"], process).get("casework:clauses", "").split():
                    self._mention("clause", clause, body["element"])

    # ------------------------------------------------------------------ pieces

    def _pathway(self, body: Mapping[str, Any]) -> Pathway:
        return self._ground.pathway(self._passages[body["instance"]].release)

    def _mention(self, kind: str, word: str, element: str = "", days: int | None = None) -> None:
        key = (kind, word, self._revision, element)
        self._mentions.setdefault(key, Mention(kind, word, self._revision, self._at, element, days))

    def _started(self, body: Mapping[str, Any]) -> None:
        self._passages[body["instance"]] = Passage(body["instance"], body["pathway"], body["release"], self._at, {})

    def _entered(self, body: Mapping[str, Any]) -> None:
        self._process[body["instance"], body["task"]] = body["process"]
        self._passed(body)

    def _left(self, body: Mapping[str, Any]) -> None:
        """An event on the border of a step is left without having been entered."""
        if (body["instance"], body["task"]) not in self._process:
            self._passed(body)

    def _passed(self, body: Mapping[str, Any]) -> None:
        day = self._passages[body["instance"]].passed.setdefault(self._on.isoformat(), {})
        place = f"{body['process']} {body['element']}"
        day[place] = day.get(place, 0) + 1

    def _opened(self, kind: str, body: Mapping[str, Any]) -> None:
        token = (body["instance"], body["task"])
        process = self._process.get(token)
        if process is None:
            # An event on the border of a step waits as long as its step does: that says nothing of its own.
            return
        passage, due = self._passages[body["instance"]], body.get("due") or {}
        why = due.get("explanation") or {}
        self._open[token] = len(self._stays)
        self._stays.append(
            Stay(
                number=len(self._stays) + 1,
                kind=kind,
                pathway=passage.pathway,
                release=passage.release,
                process=process,
                element=body["element"],
                role=body.get("role") or " ".join(sorted(body.get("candidates") or ())),
                clauses=self._pathway(body).properties_of(body["element"], process).get("casework:clauses", ""),
                opened_at=self._at,
                opened=self._revision,
                due_on=due.get("on"),
                in_working_days=why.get("unit") == "working days",
            )
        )

    def _ended(self, ending: str, body: Mapping[str, Any]) -> None:
        position = self._open.pop((body["instance"], body["task"]), None)
        if position is not None:
            self._close(position, ending)

    def _close(self, position: int, ending: str) -> None:
        stay, person = self._stays[position], self._command.by
        calendar = self._ground.calendar(self._command.settings)
        days = _days(calendar, london_date(read_instant(stay.opened_at)), self._on, working=stay.in_working_days)
        late = lateness(calendar, stay.due_on, self._on, working=stay.in_working_days)
        self._stays[position] = replace(
            stay,
            ended_at=self._at,
            ended=self._revision,
            ending=ending,
            person=person if ending == "done" and person != WORKER and self._command.role else "",
            days=days,
            late=late,
        )
        if late is not None and late > 0:
            # In calendar days, whatever the deadline is counted in: the register compares steps of all kinds.
            by = (self._on - date.fromisoformat(stay.due_on or "")).days
            self._mention("register", "late" if ending == "done" else "not_done", stay.element, by)

    # ------------------------------------------------------------------ events that mean something of their own

    def _answered(self, body: Mapping[str, Any]) -> None:
        for name, value in body["answers"].items():
            if value is True and name.startswith(DEPARTURE):
                self._mention("register", "departure", body["element"])
            elif value is True and name.startswith(OVERRIDES):
                self._mention("register", "override", body["element"])

    def _decided(self, body: Mapping[str, Any]) -> None:
        release = self._passages[body["instance"]].release
        clauses = self._ground.clauses_of_rows(release, body["decision"])
        for rule in body["rules"]:
            self._mention("row", f"{rule['table']} {rule['row']}", body["element"])
            for clause in clauses.get((rule["table"], rule["row"]), ()):
                self._mention("row_clause", clause, body["element"])

    def _plan_ended(self, body: Mapping[str, Any]) -> None:
        self._mention("outcome", body["outcome"], body["element"])

    def _end_reached(self, body: Mapping[str, Any]) -> None:
        if body["outcome"]:
            self._mention("outcome", body["outcome"], body["element"])

    def _reinstated(self, body: Mapping[str, Any]) -> None:
        self._mention("outcome", "PLAN_REINSTATED")
        self._mention("register", "reinstated")

    def _corrected(self, body: Mapping[str, Any]) -> None:
        self._mention("register", "corrected", body["element"])

    def _withdrawn(self, body: Mapping[str, Any]) -> None:
        if self._command.kind == "withdraw_pathway":
            self._mention("register", "withdrawn")
        self._stop(body)

    def _stop(self, body: Mapping[str, Any]) -> None:
        """Whatever still waits in a pathway that is over waits no more."""
        for token in [token for token in self._open if token[0] == body["instance"]]:
            self._close(self._open.pop(token), "withdrawn")

    def _escalated(self, body: Mapping[str, Any]) -> None:
        self._mention("escalation", body.get("code") or body["source"], body.get("element") or "")

    def _facts_known(self, body: Mapping[str, Any]) -> None:
        """What became known, and whether a date was moved by it."""
        if any(moved_dates(self._facts, body, self._on)):
            self._mention("register", "moved", body.get("element") or "")
        self._facts.update(body["facts"])

    def _marked(self, body: Mapping[str, Any]) -> None:
        self._kept[body["number"]] = (self._revision, self._at, body["kept_from"])

    def _unmarked(self, body: Mapping[str, Any]) -> None:
        self._kept.pop(body["number"], None)


_KEEP: Final[dict[str, Callable[[Fold, Mapping[str, Any]], None]]] = {
    "PathwayStarted": Fold._started,
    "StepEntered": Fold._entered,
    "StepCompleted": Fold._left,
    "TaskCompleted": Fold._answered,
    "DecisionMade": Fold._decided,
    "PlanEnded": Fold._plan_ended,
    "EndReached": Fold._end_reached,
    "PlanReinstated": Fold._reinstated,
    "StepCorrected": Fold._corrected,
    "PathwayWithdrawn": Fold._withdrawn,
    "PathwayEnded": Fold._stop,
    "EscalationRaised": Fold._escalated,
    "CaseOpened": Fold._facts_known,
    "FactsRecorded": Fold._facts_known,
    "FactsChanged": Fold._facts_known,
    "FactMarked": Fold._marked,
    "FactUnmarked": Fold._unmarked,
}


def party_word(kind: str, who: str) -> str:
    """What a person or role is called from whom something is kept, however somebody wrote it."""
    return f"{kind}:{who if who == EVERYONE else plain(who)}"


def lateness(calendar: Calendar, due_on: str | None, on: date, *, working: bool) -> int | None:
    """How many days after its due date something ended: less than 1 in time, at least 1 late, None without a date."""
    if due_on is None:
        return None
    due = date.fromisoformat(due_on)
    days = _days(calendar, due, on, working=working)
    return max(days, 1) if on > due else min(days, 0)


def _days(calendar: Calendar, first: date, last: date, *, working: bool) -> int:
    if working:
        try:
            return calendar.working_days_between(first, last)
        except NotOnCalendar:
            pass
    return (last - first).days


#: Events that record facts.
RECORDS_FACTS: Final = frozenset({"CaseOpened", "FactsRecorded", "FactsChanged"})


def moved_dates(known: Mapping[str, Any], body: Mapping[str, Any], on: date) -> Iterator[str]:
    """Facts that were one day and are now another: moved by a hand, or by a step while the day was still to come.

    known  the facts before; body  of an event that records facts; on  the day of its command
    """
    by_hand = "element" not in body
    for name, now in body["facts"].items():
        before, day = _day(known.get(name)), _day(now)
        if before is not None and day is not None and before != day and name not in NOT_MOVED:
            if by_hand or before > on:
                yield name


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None

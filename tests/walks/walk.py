"""Walks every way through the pathways of one authority, in memory: what stands alike goes on alike, and is left."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import inf
from time import process_time
from typing import Any

from engine.calendars import start_of_day
from engine.case.facts import as_told, birthday_timer
from engine.case.rows import BIRTHDAY
from engine.case.state import CaseState, decode, encode
from engine.case.telling import FACTS_RECORDED
from engine.clock import london_date
from engine.errors import Refused
from engine.execution import MessageWait, State, TaskWait, Waits, waits
from engine.history import JSON, read_instant
from engine.pathways import Release
from tests.walks.asking import Asking, steered
from tests.walks.branches import branches
from tests.walks.doing import Doing, now
from tests.walks.gone import Gone
from tests.walks.kinds import Kind, Kinds
from tests.walks.reading import Reading
from tests.walks.settings import Settings
from tests.walks.standing import NOT_ASKED, Standing
from tests.walks.values import payloads
from tests.walks.ways import Judging, Walked, Way

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
#: What may happen to a child while a pathway waits, with what the message says of it; the birthday comes by itself.
HAPPENS: Sequence[tuple[str, dict[str, JSON]]] = (
    ("ChildDied", {}),
    ("PlacementChanged", {"placement": "home"}),
    ("LegalStatusChanged", {"legal_status": "none", "placement": "home"}),
    ("RemovedFromS20", {}),
    ("MovedOutOfArea", {}),
    ("LeftUK", {}),
    ("ReturnedToUK", {}),
    ("ReturnedToArea", {}),
    # Without saying to what.
    ("PlacementChanged", as_told("PlacementChanged", {})),
    ("LegalStatusChanged", as_told("LegalStatusChanged", {})),
)
#: Commands in one pathway for which every state is gone on from: after them, those that show a new pair of traits.
IN_FULL = 1_500
#: Seconds of the processor for one pathway, and for all of one authority: beyond, it says so.
MOST_SECONDS = 150.0
MOST_ALTOGETHER = 280.0


@dataclass(frozen=True)
class Given:
    """What scenarios answer to a form, and what they say in a message."""

    answers: Mapping[str, Sequence[Mapping[str, Any]]]
    payloads: Mapping[str, Sequence[Mapping[str, Any]]]


class Walk:
    """All ways through the pathways of one authority; what one pathway has seen, the others need not see again.

    started the pathways that life events start where nothing runs, as commands name them
    in_full commands in one pathway for which every state is gone on from
    limited whether it stops after MOST_SECONDS of a pathway and after MOST_ALTOGETHER; else only at the end
    """

    def __init__(
        self,
        settings: Settings,
        started: Mapping[str, JSON],
        judge: Judging,
        given: Given,
        walked: Collection[str],
        in_full: int = IN_FULL,
        *,
        limited: bool = False,
    ) -> None:
        self.in_full = in_full
        self._most, self._left = (MOST_SECONDS, MOST_ALTOGETHER) if limited else (inf, inf)
        self.settings, self.judge, self.given = settings, judge, given
        self.reading = Reading(settings.prepared.values())
        self.standing = Standing(settings, self.reading, walked)
        self.gone = Gone(settings, self.standing, judge, started)
        self.started = started
        self.kinds = Kinds(self.reading, self.standing, BEGIN)
        self.asking = Asking(settings, self.reading, self.standing, self.kinds)
        self.doing = Doing(settings, self.reading, self.standing, self.kinds, judge, started)
        self._led: dict[tuple[str, str, str], dict[str, str]] = {}
        self._number = 0

    def go(self, release: Release) -> Walked:
        """Walk one pathway until nothing new is found."""
        began, most = process_time(), min(self._most, self._left)
        self.walked = self.doing.walked = Walked(release.pathway)
        #: Where nothing has happened to the child comes first: what happens then often leads to the same place.
        waiting: list[tuple[int, int, bytes, Way]] = []
        names = self.standing.places_of(release.hash).read_at_start()
        for kind in self.kinds.apart(names):
            body: dict[str, JSON] = {
                "facts": {"name": "Sam Sample", **kind.facts},
                "start": {"pathway": release.pathway, "release": release.hash, "variables": {}},
            }
            case = CaseState(self.settings.authority.id, "WALK-1")
            try:
                events = self.doing.do(case, "open_case", body, BEGIN, "social_worker")
            except Refused:
                continue
            self._arrive(case, self.doing.further(Way(), kind.told, events), waiting)
        while waiting:
            if process_time() - began > most:
                self.walked.exhausted = False
                break
            _, _, snapshot, way = heapq.heappop(waiting)
            for case, further in self._steps(snapshot, way):
                self._arrive(case, further, waiting)
        self._left -= process_time() - began
        return self.walked

    # ------------------------------------------------------------------ one state

    def _arrive(self, case: CaseState, way: Way, waiting: list[tuple[int, int, bytes, Way]]) -> None:
        self.walked.outcomes.update(
            str(event.body["outcome"]) for event in way.last if event.kind == "EndReached" and event.body["outcome"]
        )
        self.judge(case, way, self.walked)
        self.walked.paired |= self.walked.commands > self.in_full
        if not self.gone.new(case, way, paired=self.walked.paired):
            return
        self.walked.states += 1
        for run, found in self._waits(case):
            if not (found.tasks or found.jobs or found.timers or found.messages) and not case.held_tasks():
                self.walked.fault(f"{run} waits for nobody and nothing", way)
        if not any(held.state == "open" for held in case.held.values()):
            self._number += 1
            heapq.heappush(waiting, (bool(way.life_event), self._number, encode(case), way))

    def _steps(self, snapshot: bytes, way: Way) -> Iterator[tuple[CaseState, Way]]:
        """Everything that may come next: in each branch the first open task in every way, messages, dates; life."""
        case = decode(snapshot)
        states = list(self.standing.states(case))
        outside = frozenset().union(*(self.standing.from_outside(run, state) for run, state in states))
        for focus, tokens in branches(states, way.focus, self.standing):
            here = replace(way, focus=focus)
            for run, state in states:
                yield from self._in_branch(snapshot, here, case, run, state, tokens, outside)
        if case.facts["plan_status"] == "ACTIVE":
            yield from self._facts(snapshot, way, case, states)
            if not way.life_event:
                yield from self._life(snapshot, way, case)

    def _in_branch(
        self,
        snapshot: bytes,
        way: Way,
        case: CaseState,
        run: Any,
        state: State,
        tokens: frozenset[int],
        outside: frozenset[int],
    ) -> Iterator[tuple[CaseState, Way]]:
        """What may come next at some tokens, for each kind of child that the step after it tells apart."""
        found = waits(state)
        for job in found.jobs[:1] if found.jobs and found.jobs[0].task in tokens else ():
            body: dict[str, JSON] = {"job": job.task, "result": {}}
            yield from self.doing.in_each_way(snapshot, way, f"job {job.element}", "finish_job", body)
            return
        for task in [each for each in found.tasks if each.task in tokens][:1]:
            few = task.task in outside or bool(way.life_event)
            yield from self._complete(snapshot, way, case, run, state, task, few=few)
        for message in found.messages:
            if message.signal and message.name in self.reading.thrown:
                continue
            if message.task in tokens and message.name not in NOT_ASKED:
                few = message.task in outside or bool(way.life_event)
                yield from self._message(snapshot, way, case, run.number, message, few=few)
        due = min(((timer.at, timer.task) for timer in found.timers if timer.task in tokens), default=None)
        # Beyond the years whose holidays are known no deadline can be worked out.
        at = max(read_instant(due[0]), now(case)) if due is not None else None
        if due is not None and at is not None and at.year <= self.settings.authority.calendar.years[1]:
            body = {"timer": str(due[1]), "instance": run.number}
            yield from self.doing.in_each_way(snapshot, way, "the date comes", "fire_timer", body, at)

    def _message(
        self, snapshot: bytes, way: Way, case: CaseState, number: int, message: MessageWait, *, few: bool
    ) -> Iterator[tuple[CaseState, Way]]:
        today = london_date(read_instant(case.at)).isoformat()
        given = self.given.payloads.get(message.name, ())
        said = [{}] if message.signal else payloads(message.element, given, self.reading, today, few=few)
        # What a message may say besides is tried once in each place.
        told = [each for each in said if self.doing.first_in(case, (message.name, repr(each)))]
        for payload in told if said[0] in told else [said[0], *told]:
            body = {
                "instance": number, "task": message.task, "name": message.name, "payload": payload,
                "received_on": today,
            }  # fmt: skip
            yield from self.doing.in_each_way(
                snapshot, way, f"message {message.name} {payload}", "receive_message", body
            )

    def _life(self, snapshot: bytes, way: Way, case: CaseState) -> Iterator[tuple[CaseState, Way]]:
        """Each thing that may happen to a child, once in each place for each kind of child."""
        for number, facts in enumerate(self.kinds.plain):
            kind = Kind("", f"child {number + 1}", facts)
            for name, payload in HAPPENS:
                if self.doing.first_in(case, (number, name, repr(payload))):
                    did = f"{name}, not to what" if None in payload.values() else name
                    told = {
                        "name": name, "payload": payload, **self.started,
                        "received_on": london_date(read_instant(case.at)).isoformat(),
                    }  # fmt: skip
                    yield from self.doing.in_each_way(
                        snapshot, way, did, "record_life_event", told, happened=name, kind=kind
                    )
            birthday = birthday_timer({**case.facts, **facts})
            if birthday is not None and self.doing.first_in(case, (number, BIRTHDAY)):
                body = {"timer": BIRTHDAY, **self.started}
                at = max(start_of_day(birthday), now(case))
                yield from self.doing.in_each_way(
                    snapshot, way, "turns 18", "fire_timer", body, at, happened=BIRTHDAY, kind=kind
                )

    def _facts(
        self, snapshot: bytes, way: Way, case: CaseState, states: Sequence[tuple[Any, State]]
    ) -> Iterator[tuple[CaseState, Way]]:
        """Facts are recorded anew, once each in each place: what waits to hear of it goes on."""
        if not any(message.name == FACTS_RECORDED for _, state in states for message in waits(state).messages):
            return
        for fact, value in self.kinds.changed(case.facts, self.standing.read_at_all):
            if self.doing.first_in(case, (fact, repr(value))):
                body = {"facts": {fact: value}, "why": "It was recorded wrongly."}
                yield from self.doing.in_each_way(snapshot, way, f"{fact} is {value}", "record_facts", body)

    def _complete(
        self, snapshot: bytes, way: Way, case: CaseState, run: Any, state: State, task: TaskWait, *, few: bool
    ) -> Iterator[tuple[CaseState, Way]]:
        """A task is done in every way; what its form reads of the facts makes a form of its own of it."""
        role = sorted(task.candidates)[0] if task.candidates else task.role or "social_worker"
        if task.form is None:
            body: dict[str, JSON] = {"task": task.task, "answers": {}}
            yield from self.doing.in_each_way(snapshot, way, task.element, "complete_task", body, role=role)
            return
        answers = self.asking.answers_to(run.release, state, task)
        others = sum(len(here.tasks) + len(here.jobs) for _, here in self._waits(case)) > 1
        paired = self.walked.paired
        # In pairs, a form is answered in every way once, and not again for what runs beside it and around it.
        around = "" if paired else self.standing.shape(case, inside=True)
        place = (task.element, run.release, around)
        stands = self.standing.made_of(case.facts, answers.facts, read_instant(case.at))
        taken = others
        for kind in (Kind(stands), *(each for each in self.kinds.apart(answers.facts) if each.made != stands)):
            if paired:
                new = self.asking.new_beside(place, answers, case, run, state, task, kind, now(case))
                if kind.told and not new and taken:
                    continue
            found = self.asking.found(answers, case, run, state, task, kind, now(case))
            taken = taken or next(found.taken(found.sets), None) is not None
            if not kind.told and self.doing.first((place, "recorded")):
                for checked in found.recorded:
                    body, did = {"task": task.task, "answers": checked}, f"{task.element} {dict(checked)}"
                    done = self.doing.carry_out(snapshot, way, did, "complete_task", body, None, role, "", kind)
                    yield from [done] if done is not None else ()
            led = self._led.setdefault(place, {})
            # Where the form's ways were walked from this place before, beside the same of what is read with its
            # answers, what else is known goes on to each place that they led to.
            every = not few and (new if paired else self.doing.first((place, id(found))))
            if kind.told and not every:
                self.walked.few |= set() if found.every else {task.form}
                continue
            given = self.asking.given(place, found, answers, led, every=every, paired=paired)
            for checked in found.taken(given):
                said = steered(checked, answers)
                body = {"task": task.task, "answers": checked}
                for after, further in self.doing.in_each_way(
                    snapshot, way, f"{task.element} {said}", "complete_task", body, role=role, kind=kind
                ):
                    outcomes = [event.body["outcome"] for event in further.last if event.kind == "EndReached"]
                    there = self.standing.shape(after, inside=True)
                    led.setdefault(repr((there, outcomes)), repr(said))
                    before = self.walked.states
                    yield after, further
                    # In pairs, so are those that led to a state that was gone on from.
                    if paired and self.walked.states > before:
                        led.setdefault(repr(said), repr(said))
            if not found.every:
                self.walked.few.add(task.form)
        # Where another fact has to be recorded first, somebody may record it.
        if not taken:
            self.walked.fault(f"no answers to {task.element} were found that its form takes", way)

    # ------------------------------------------------------------------ pieces

    def _waits(self, case: CaseState) -> Iterator[tuple[str, Waits]]:
        for run, state in self.standing.states(case):
            yield run.pathway, waits(state)

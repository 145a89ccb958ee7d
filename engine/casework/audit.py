"""What auditors do: watch a case as a film, verify one case or all of them, and keep what was found."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import pairwise

from engine.case.confidential import Sight
from engine.case.handling import live
from engine.case.state import CaseState
from engine.casework.catalogue import EDITION, Fold, Ground
from engine.casework.door import Door
from engine.casework.filed import filed_otherwise
from engine.casework.film import Film, frames, reel
from engine.casework.people import AUDITOR, HEAD, SYSTEM_ADMIN, Practitioner
from engine.casework.permissions import is_kept_from
from engine.casework.reading import Reading
from engine.casework.shelf import Shelf
from engine.casework.showing import shown_otherwise
from engine.casework.views import Entry
from engine.clock import Clock
from engine.errors import EngineError, NotFound, Refused
from engine.execution import variables
from engine.history import JSON, instant
from engine.replay import Difference, OneRun, Replay, ReplayedStep, replay
from engine.store import ReleaseChanged, SettingsChanged, Store
from engine.store.catalogue import Catalogued
from engine.store.errors import CaseErased, StoreUnavailable, Undecipherable
from engine.store.verifications import Verification

#: Those who may watch a case's film and verify it.
#: Those who read what happened in cases.
MAY_READ = (AUDITOR, HEAD)
#: Those who prove that it did; who keeps the service running reads no case for that.
MAY_VERIFY = (*MAY_READ, SYSTEM_ADMIN)
#: What stands in the place of a case that is kept from whoever reads what a verification found.
RESTRICTED = "a restricted case"
#: Where what a checkpoint shows names a case.
_OF_CASE = re.compile(r"\bcase (?P<case>[^\s(]\S*?)(?: at \d+)?: ")


@dataclass(slots=True)
class Held:
    """A case's catalogue held against the history it was made from, step by step as that is carried out again."""

    kept: tuple[int, int, Catalogued] | None
    fold: Fold
    fault: str = ""

    def take(self, step: ReplayedStep) -> None:
        """Take the next step; at the last one that the catalogue knew of, both must be the same."""
        if self.kept is None or self.kept[1] != EDITION:
            return
        try:
            self.fold.take(step.entry.revision, step.entry.command, step.events)
        except EngineError as error:
            self.kept, self.fault = None, str(error)
            return
        if step.entry.revision == self.kept[0] and self.fold.entries() != self.kept[2]:
            self.fault = f"What the case is found by is not what its history says up to step {self.kept[0]}."


class Rerun(OneRun):
    """A run of replays over many cases, and the shelf that they all read: each release is prepared once in it."""

    def __init__(self, store: Store) -> None:
        # What the store holds now is executed, changed or not: a changed file shows at the step where it matters.
        self.shelf = Shelf(store, verify=False)
        super().__init__(self.shelf)


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a verification checked and found: kept for ever, and never part of a case."""

    verification: Verification

    @property
    def finished(self) -> bool:
        """Whether everything was looked at."""
        return self.verification.finished_at is not None

    @property
    def certified(self) -> bool:
        """Whether everything that was looked at came out as recorded, and every signed checkpoint agrees with it."""
        return self.finished and not self.verification.differences and not self.verification.problems


class HistoryDamaged(Refused):
    """A case, or the release or settings that it runs on, was changed outside the service so that it does not open.

    difference  the first step that is not as it was recorded, None where each is
    notes       what is wrong with which file of a release, and with which settings
    """

    def __init__(self, replayed: Replay) -> None:
        self.case_id, self.difference, self.notes = replayed.case_id, replayed.difference, replayed.notes
        where = "" if self.difference is None else f" at step {self.difference.revision}: {self.difference.message}"
        super().__init__(f"The history of case {self.case_id} does not open{where}. Verify the case.")


class Audit(Reading):
    """Looks at cases and proves them; never writes to one."""

    def __init__(self, store: Store, shelf: Shelf, clock: Clock, door: Door) -> None:
        super().__init__(store, shelf, clock, door)
        #: The run of the verification that was gone on with last, by authority and number.
        self._under_way: dict[tuple[str, int], Rerun] = {}

    # ------------------------------------------------------------------ one case

    def film(self, by: Practitioner, case_id: str) -> Film:
        """A case from its first command to its last, replayed now; the look is recorded.

        Raises Forbidden, CaseNotShown, HistoryDamaged.
        """
        by.must_hold(*MAY_READ)
        try:
            view = self.case(by, case_id, "film")
            case = self._door.load(by.authority, case_id).case
        except (Undecipherable, ReleaseChanged, SettingsChanged) as error:
            replayed = replay(self._store, Rerun(self._store), by.authority, case_id)
            looks = self._looks(by.authority, case_id)
            if replayed.certified and looks:
                replayed = replace(replayed, difference=Difference(0, "", "looks", looks))
            raise HistoryDamaged(replayed) from error
        states: dict[int, Mapping[str, JSON]] = {}
        asked: dict[int, frozenset[str]] = {}
        follows = {entry.revision: after for entry, after in pairwise(view.timeline)}

        def watch(step: ReplayedStep) -> None:
            states.update(self._known(step))
            asked.update(self._questions(step.case, follows.get(step.entry.revision), view.sight))

        replayed = replay(self._store, Rerun(self._store), by.authority, case_id, watch=watch)
        pathways = {n: self._shelf.pathway(by.authority, r.release) for n, r in case.running.items()}
        reels = {n: reel(n, pathway) for n, pathway in pathways.items()}
        told = tuple(frames(view.timeline, states, pathways, view.sight, asked))
        return Film(view, told, reels, replayed, tuple(self._store.verify_checkpoints_of(by.authority, case_id)))

    def _known(self, step: ReplayedStep) -> dict[int, dict[str, JSON]]:
        """Everything known after a command: the case's facts, and what its pathways have written."""
        case: CaseState = step.case
        known: dict[str, JSON] = {f"case.{name}": value for name, value in case.facts.items()}
        for running in case.running.values():
            state = live(running, self._shelf.pathway(case.authority, running.release))
            if state is not None and running.state == "running":
                known.update(variables(state))
        return {step.entry.revision: known}

    def _questions(self, case: CaseState, follows: Entry | None, sight: Sight) -> Iterator[tuple[int, frozenset[str]]]:
        """The tasks that the next command completes, each with the keys of the questions that its form then asked.

        Read with what the reader may see: what is kept from them hides no question, for that would tell it.
        """
        for event in follows.events if follows is not None else ():
            if follows is None or event.kind != "TaskCompleted":
                continue
            task, answers = event.body["task"], event.body["answers"]
            try:
                wait, running, _ = self._open_task(case, task)
                if wait.form is None:
                    continue
                form = self._shelf.release(case.authority, running.release).forms[wait.form]
                seen = sight.of_value(self.scope_of(case, task, follows.at))
                yield task, form.visible(answers, seen, self.environment(case.authority, follows.at))
            except EngineError:
                continue  # It was never asked so: the film says only what was answered.

    def ground(self, authority: str) -> Ground:
        """Where the catalogue finds what history only names."""
        return Ground(
            partial(self._shelf.pathway, authority),
            lambda version: self._shelf.terms(authority, version).authority.calendar,
        )

    # ------------------------------------------------------------------ verifying

    def verify_case(self, by: Practitioner, case_id: str) -> Certificate:
        """Verify one case now and keep what was found. Raises Forbidden, CaseNotShown."""
        by.must_hold(*MAY_VERIFY)
        # Without opening it: a case that does not open any more is verified, too. So is one whose looks were changed so
        # that no other can be recorded: the certificate names them, and says itself who asked for it.
        with suppress(Undecipherable):
            self._looked(by, case_id, "verification")
        now = self._clock.now()
        begun = self._store.verifications.begin(by.authority, scope=case_id, by=by.id, at=now)
        return self._go_on(by.authority, begun, lambda: [case_id], until=None, now=now)

    def verify_all(self, by: Practitioner) -> Certificate:
        """Begin to verify every case of the authority; `go_on` does the work, a stretch at a time."""
        by.must_hold(*MAY_VERIFY)
        begun = self._store.verifications.begin(by.authority, scope="", by=by.id, at=self._clock.now())
        return Certificate(begun)

    def go_on(self, by: Practitioner, number: int, *, time: Callable[[], float], seconds: float) -> Certificate:
        """Verify further cases for about so many seconds, by the given stopwatch. Raises NotFound."""
        by.must_hold(*MAY_VERIFY)
        found = Certificate(self._kept(by, number))
        if found.finished:
            return found
        end = time() + seconds

        def some() -> list[str]:
            return self._store.verifications.cases(by.authority, found.verification.after)

        return self._go_on(by.authority, found.verification, some, until=lambda: time() < end, now=self._clock.now())

    def _go_on(
        self,
        authority: str,
        verification: Verification,
        some: Callable[[], list[str]],
        *,
        until: Callable[[], bool] | None,
        now: datetime,
    ) -> Certificate:
        cases, exhausted, ground = some(), True, self.ground(authority)
        run = self._under_way.pop((authority, verification.number), None) or Rerun(self._store)
        for case_id in cases:
            if until is not None and verification.cases and not until():
                exhausted = False
                break
            try:
                verification = self._with(verification, authority, case_id, run, ground)
            except StoreUnavailable as error:
                if not error.is_damage:
                    raise
                verification = verification.with_case(case_id, _unread(authority, case_id, error), "")
            except Exception as error:  # noqa: BLE001 - whatever one case was made into, the others are verified
                verification = verification.with_case(case_id, _unread(authority, case_id, error), "")
        if until is not None and cases:
            exhausted = False
        if exhausted:
            scope = verification.scope
            checkpoints = (
                self._store.report_on_checkpoints_of(authority, scope)
                if scope
                else self._store.verify_checkpoints(authority)
            )
            verification = verification.closed(checkpoints.checkpoints, tuple(map(str, checkpoints.problems)), now)
        else:
            # The next stretch goes on with the releases that this one has read.
            self._under_way.clear()
            self._under_way[authority, verification.number] = run
        self._store.verifications.keep(verification)
        return Certificate(verification)

    def _with(
        self, verification: Verification, authority: str, case_id: str, run: Rerun, ground: Ground
    ) -> Verification:
        """A verification with one more case held against its history."""
        catalogue = Held(self._store.catalogue.of_case(authority, case_id), Fold(ground))
        steps: list[ReplayedStep] = []
        shown = ""

        def watch(step: ReplayedStep) -> None:
            catalogue.take(step)
            # The first and the last.
            steps[1:] = [step]

        try:
            replayed = replay(self._store, run, authority, case_id, watch=watch)
        except CaseErased:
            # Its chain is whole; what it held is gone for good, and nothing can be carried out again.
            replayed = Replay(authority, case_id, 0)
            if not self._store.was_erased(authority, case_id):
                shown = "The case counts as erased, and this service did not erase it."
        looks = self._looks(authority, case_id)
        if steps and replayed.difference is None:
            case, opened_at = steps[-1].case, instant(steps[0].entry.command.at)
            # A release that was changed is named by the replay; here it is read as the replay read it.
            shown = filed_otherwise(self._store, case, opened_at) or shown_otherwise(self._store, run.shelf, case)
        return verification.with_case(case_id, replayed, looks, catalogue.fault, shown)

    def _looks(self, authority: str, case_id: str) -> str:
        """What is wrong with the record of who looked at a case, '' where it is whole."""
        report = self._store.verify_readings(authority, case_id)
        return "" if report.ok else f"reading {report.revision}: {report.what}"

    def certificate(self, by: Practitioner, number: int) -> Certificate:
        """What a verification found. Raises NotFound."""
        by.must_hold(*MAY_VERIFY)
        return self._shown(by, self._kept(by, number))

    def _kept(self, by: Practitioner, number: int) -> Verification:
        found = self._store.verifications.one(by.authority, number)
        if found is None:
            raise NotFound(f"There is no verification {number} of {by.authority}.")
        return found

    def certificates(self, by: Practitioner, most: int = 20) -> list[Certificate]:
        """The latest verifications, the newest first."""
        by.must_hold(*MAY_VERIFY)
        return [self._shown(by, each) for each in self._store.verifications.latest(by.authority, most)]

    def _shown(self, by: Practitioner, found: Verification) -> Certificate:
        """A verification as somebody sees it: what differs is counted, but a case kept from them is not named."""

        def named(case_id: str) -> str:
            return RESTRICTED if is_kept_from(self._store, by, case_id or None) else case_id

        differences = tuple(
            each if named(each.case_id) == each.case_id else replace(each, case_id=RESTRICTED, command="", message="")
            for each in found.differences
        )

        def unnamed(problem: str) -> str:
            told = _OF_CASE.search(problem)
            kept = told is not None and named(told["case"]) == RESTRICTED
            return f"{problem[: told.start()]}{RESTRICTED}: {problem[told.end() :]}" if told and kept else problem

        problems = tuple(unnamed(each) for each in found.problems)
        return Certificate(replace(found, scope=named(found.scope), differences=differences, problems=problems))

    def count_cases(self, by: Practitioner) -> int:
        """How many cases a verification of all looks at."""
        by.must_hold(*MAY_VERIFY)
        return self._store.verifications.total(by.authority)


def _unread(authority: str, case_id: str, error: Exception) -> Replay:
    """The replay of a case that cannot be read at all: a difference without a step, told by the kind of error alone."""
    told = (
        str(error) if isinstance(error, EngineError) else f"a row of it holds what none can ({type(error).__name__})."
    )
    return Replay(authority, case_id, 0, Difference(0, "", "unread", told))

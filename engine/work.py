"""What worker processes do: due timers, jobs, notices and checkpoints; they claim rows and ask casework.

A worker decides nothing. Whatever it claims it settles in the transaction of the effect, so that a worker that was
stopped in the middle, and woke after its claim had passed to another, changes nothing.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

import structlog

from engine.casework import Casework
from engine.clock import Clock
from engine.errors import EngineError, Refused
from engine.execution import JobWait
from engine.history import JSON, instant
from engine.store import Store
from engine.store.checkpoint_file import CheckpointFile
from engine.store.claims import Notice
from engine.store.errors import CheckpointFileRefused, ClaimLost
from engine.store.rows import Claim

log = structlog.get_logger("work")

#: How long a claim lasts; longer than any timer, job or notice may take.
LEASE = timedelta(seconds=60)
#: Timers whose commands are committed at once.
TOGETHER = 25
#: Waits between tries of a job or notice that failed: seconds by number of tries, then the last one again.
BACKOFF = (5, 30, 120, 600, 1800, 3600)
#: After so many failures a notice is a dead letter that a person sees, and a job fails for good.
TRIES = 12
#: How long is kept: notices that were sent, the words of dead letters that were settled, answers, silent workers.
KEPT_SENT, KEPT_SETTLED = timedelta(days=90), timedelta(days=90)
KEPT_ANSWERS, KEPT_WORKERS = timedelta(days=7), timedelta(days=1)
#: Cases catalogued in one round in which nothing else was due, and how long to wait once none is behind.
CATALOGUED, CATALOGUE_EVERY = 20, timedelta(seconds=30)


Result = TypeVar("Result")


class HandFailed(Exception):
    """What a worker tried outside did not work.

    again  whether trying again can help
    down   the other side is away: it is tried for hours, however few tries a diagram gives its job
    """

    def __init__(self, code: str, message: str, *, again: bool = True, down: bool = False) -> None:
        super().__init__(message)
        self.code, self.message, self.again, self.down = code, message, again, down


@dataclass(frozen=True, slots=True)
class JobOrder:
    """A job as its hand sees it; `key` is the same at every try, so that the outside can tell a repetition."""

    authority: str
    case_id: str
    key: str
    job: JobWait


class JobHand(Protocol):
    """Does one type of job outside the engine. Raises HandFailed."""

    def __call__(self, order: JobOrder) -> Mapping[str, JSON]: ...


@dataclass(frozen=True, slots=True)
class Kept:
    """What a case keeps of a notice that went out, in the same moment in which the notice is settled."""

    kind: str
    body: Mapping[str, JSON]


class NoticeHand(Protocol):
    """Sends one kind of notice, or says who it goes to, each then a notice of its own. Raises HandFailed."""

    def __call__(self, notice: Notice) -> Sequence[str] | Kept | None: ...


def backoff(attempts: int, chance: float = 0.5) -> timedelta:
    """How long to wait after so many tries: three quarters to five quarters of the step, by chance from 0 to 1.

    Without chance, all that failed together would come back together and knock the other side over once more.
    """
    return timedelta(seconds=BACKOFF[min(attempts, len(BACKOFF)) - 1] * (0.75 + chance / 2))


class Work:
    """One worker's round; any number of workers may go round at once."""

    def __init__(
        self,
        store: Store,
        casework: Casework,
        clock: Clock,
        *,
        name: str,
        job_hands: Mapping[str, JobHand],
        notice_hands: Mapping[str, NoticeHand],
        checkpoint_every: timedelta = timedelta(minutes=1),
        checkpoint_file: CheckpointFile | None = None,
        chance: Callable[[], float] = lambda: 0.5,
    ) -> None:
        self._store, self._casework, self._clock, self._name = store, casework, clock, name
        self._job_hands, self._notice_hands = dict(job_hands), dict(notice_hands)
        self._checkpoint_every, self._chance = checkpoint_every, chance
        self._checkpoint_file = checkpoint_file
        self._last_checkpoint: datetime | None = None
        self._last_tidied: datetime | None = None
        self._catalogue_at: datetime | None = None
        self._behind: dict[str, int] = {}

    def round(self, limit: int = 100) -> int:
        """Do what is due now; how much was done. Called again at once while there is something to do."""
        done = self.fire_timers(limit) + self.do_jobs(limit) + self.send_notices(limit)
        self.checkpoint()
        self.tidy()
        if not done:
            self.catalogue()
        return done

    # ------------------------------------------------------------------ timers

    def fire_timers(self, limit: int = 100) -> int:
        """Fire what is due, each case's own in order; one that cannot fire becomes an incident, not a loop.

        A few cases are committed at once: where the disk is slow, ten thousand timers at nine o'clock wait for it
        four hundred times and not ten thousand times.
        """
        fired = 0
        claimed = self._store.claims.timers(self._clock.now(), most=limit, lease=LEASE)
        for first in range(0, len(claimed), TOGETHER):
            try:
                with self._store.together():
                    done = sum(self._guarded(due.claim, self._fire) for due in claimed[first : first + TOGETHER])
            except EngineError as error:
                # None of these was committed; their claims run out and they are taken again.
                log.error("not committed", timers=len(claimed[first : first + TOGETHER]), why=str(error))
                continue
            fired += done
        return fired

    def _fire(self, claim: Claim) -> None:
        if not self._casework.fire_timers(claim.authority, claim.case_id, settles=claim):
            self._store.claims.settle(claim, self._clock.now())

    # ------------------------------------------------------------------ jobs

    def do_jobs(self, limit: int = 20) -> int:
        """Do the jobs that wait; a failed one is tried again later, and at last fails in the diagram."""
        done = 0
        for ready in self._store.claims.jobs(self._clock.now(), most=limit, lease=LEASE, types=tuple(self._job_hands)):
            done += self._guarded(ready.claim, self._do)
        return done

    def _do(self, claim: Claim) -> None:
        number = int(claim.key)
        job = self._casework.job(claim.authority, claim.case_id, number)
        key = f"{claim.authority}:{claim.case_id}:{number}"
        try:
            hand = self._hand_for(job)
            result = _tried(lambda: hand(JobOrder(claim.authority, claim.case_id, key, job)))
        except HandFailed as failure:
            self._job_failed(claim, number, job, failure)
            return
        self._casework.finish_job(
            claim.authority, claim.case_id, number, result, command_id=f"{key}:done", settles=claim
        )

    def _hand_for(self, job: JobWait) -> JobHand:
        """Whoever does this type of job; a type done by others (over the API) waits for them."""
        hand = self._job_hands.get(job.type)
        if hand is None:
            raise HandFailed("elsewhere", f"Jobs of type {job.type} are not done by this worker.")
        return hand

    def _job_failed(self, claim: Claim, number: int, job: JobWait, failure: HandFailed) -> None:
        log.warning("job failed", **self._named(claim), job=number, type=job.type, code=failure.code)
        tries = max(TRIES, job.retries) if failure.down else job.retries
        if failure.again and claim.attempts < tries:
            self._store.claims.put_back(claim, self._after(claim.attempts), failure.code)
            return
        self._casework.fail_job(
            claim.authority,
            claim.case_id,
            number,
            failure.code,
            failure.message,
            command_id=f"{claim.authority}:{claim.case_id}:{number}:failed:{claim.attempts}",
            settles=claim,
        )

    # ------------------------------------------------------------------ notices

    def send_notices(self, limit: int = 50) -> int:
        """Send what the outbox holds; what cannot be sent is put off, and at last shown as a dead letter."""
        sent = 0
        for notice in self._store.claims.notices(self._clock.now(), most=limit, lease=LEASE):
            sent += self._guarded(notice.claim, partial(self._send, notice))
        return sent

    def _send(self, notice: Notice, claim: Claim) -> None:
        try:
            receivers = _tried(lambda: self._notice_hands[notice.kind](notice))
        except HandFailed as failure:
            log.warning("notice not sent", **self._named(claim), code=failure.code)
            if failure.again and claim.attempts < TRIES:
                self._store.claims.put_back(claim, self._after(claim.attempts), failure.code)
            else:
                self._store.claims.give_up(claim, self._clock.now(), failure.code)
            return
        if receivers is None:
            self._store.claims.settle(claim, self._clock.now())
        elif isinstance(receivers, Kept):
            self._casework.went_out(claim, receivers.kind, receivers.body)
        elif receivers:
            self._store.deliveries.pass_on(claim, receivers, self._clock.now())
        else:
            # Nobody is told of this: an operator sees it, and it is not marked as sent.
            self._store.deliveries.set_apart(claim, self._clock.now())

    # ------------------------------------------------------------------ checkpoints and tidying

    def checkpoint(self) -> None:
        """Sign the heads of all chains, at most once a minute, and append them to the file kept elsewhere.

        A file that cannot be added to is told each time it is tried; it keeps nothing else from being done.
        """
        now = self._clock.now()
        if self._last_checkpoint is None or now - self._last_checkpoint >= self._checkpoint_every:
            self._last_checkpoint = now
            try:
                self._store.write_checkpoints(at=now, export=self._checkpoint_file)
            except CheckpointFileRefused as refusal:
                log.error("checkpoint file not written", worker=self._name, why=str(refusal))

    def tidy(self) -> None:
        """Forget, at most once an hour, what nobody needs any more; history and what is to be proved stay."""
        now = self._clock.now()
        if self._last_tidied is None or now - self._last_tidied >= timedelta(hours=1):
            self._last_tidied = now
            self._store.upkeep.forget_sent(now - KEPT_SENT)
            self._store.inbox.clear(now - KEPT_SETTLED)
            self._store.answered.forget(now - KEPT_ANSWERS)
            self._store.upkeep.forget_workers(now - KEPT_WORKERS)

    def catalogue(self) -> None:
        """Bring some cases' catalogue up to their history, while nothing that anybody waits for is due."""
        now = self._clock.now()
        if self._catalogue_at is not None and now < self._catalogue_at:
            return
        behind = {name: self._casework.catch_up(name, most=CATALOGUED) for name in self._store.library.authorities()}
        # A case that cannot be read stays behind: where nothing moved, trying again at once would move nothing either.
        at_rest = not any(behind.values()) or behind == self._behind
        self._behind, self._catalogue_at = behind, now + CATALOGUE_EVERY if at_rest else None

    def _after(self, attempts: int) -> datetime:
        return self._clock.now() + backoff(attempts, self._chance())

    def _guarded(self, claim: Claim, act: Callable[[Claim], None]) -> int:
        """Do one claimed thing. A lost claim is another worker's; any other refusal waits for its next turn."""
        try:
            act(claim)
        except ClaimLost:
            return 0
        except Refused as refusal:
            log.info("put off", **self._named(claim, why=str(refusal)))
            self._put_off_quietly(claim, str(refusal))
            return 0
        except EngineError as error:
            log.error("not done", **self._named(claim, why=str(error)))
            self._put_off_quietly(claim, str(error))
            return 0
        return 1

    def _named(self, claim: Claim, **more: str) -> dict[str, str]:
        """What a line of the log says of a claim: of a restricted case nothing that would tell which one it is."""
        told = {"case": claim.case_id, "kind": claim.kind, "key": claim.key, **more}
        line = self._store.lists.case(claim.authority, claim.case_id)
        if line is None or not line.restricted:
            return told
        return {name: text.replace(claim.case_id, "restricted") for name, text in told.items()}

    def _put_off_quietly(self, claim: Claim, why: str) -> None:
        try:
            self._store.claims.put_back(claim, self._after(claim.attempts), why[:200])
        except ClaimLost:
            log.info("claim gone", **self._named(claim), at=instant(self._clock.now()))


def _tried(act: Callable[[], Result]) -> Result:
    """What a hand gave. One that breaks in a way that it does not foresee fails by itself: the others go on.

    Raises HandFailed, and every refusal of the engine as it is.
    """
    try:
        return act()
    except (HandFailed, EngineError):
        raise
    except Exception as error:
        places = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)][-4:]
        log.error("a hand broke", kind=type(error).__name__, places=places)
        raise HandFailed("broke", f"Sending broke ({type(error).__name__}).") from error

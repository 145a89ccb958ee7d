"""Workers that show they are alive, the demonstration's clock, and notices that a person may send again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from engine.errors import Refused
from engine.history import instant
from engine.store.database import Database, RowTaken, Session
from engine.store.statements import of, this_row
from engine.store.tables import CLOCK_ADVANCE, EVERYONE, META, OUTBOX, WORKER


class ClockRefused(Refused):
    """Only a database created as a demonstration may be advanced, and only forward."""


@dataclass(frozen=True, slots=True)
class WorkerLine:
    """A worker process and when it was last seen."""

    worker: str
    started_at: str
    seen_at: str
    doing: str


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """An outgoing notice in a list; `problem` holds ids only.

    ready_at  since when it waits to go out
    next_at   before when nobody tries it again, None where nothing holds it back
    """

    key: str
    case_id: str
    kind: str
    topic: str
    ready_at: str
    state: str
    settled_at: str | None
    problem: str | None
    attempts: int
    next_at: str | None


_SEEN: Final = (
    sa.update(WORKER)
    .where(this_row(WORKER))
    .values(seen_at=bindparam("seen_at", type_=sa.Text()), doing=bindparam("doing", type_=sa.Text()))
)
_FIRST_SEEN: Final = sa.insert(WORKER)
_SAYS: Final = sa.select(META.c.value).where(this_row(META))
_SAY: Final = sa.insert(META)
_SAY_ANEW: Final = sa.update(META).where(this_row(META)).values(value=bindparam("value", type_=sa.Text()))
_ADVANCES: Final = sa.select(sa.func.count()).select_from(CLOCK_ADVANCE).where(of(CLOCK_ADVANCE.c.authority))
_ADVANCE: Final = sa.insert(CLOCK_ADVANCE)
_RESEND: Final = (
    sa.update(OUTBOX)
    .where(this_row(OUTBOX), OUTBOX.c.state == "dead")
    .values(state="ready", ready_at=bindparam("at", type_=sa.Text()), settled_at=None, lease_until=None, attempts=0)
)
_FORGET_SENT: Final = sa.delete(OUTBOX).where(
    OUTBOX.c.state == "sent", OUTBOX.c.settled_at < bindparam("before", type_=sa.Text())
)
_LINES: Final = sa.select(
    OUTBOX.c.key, OUTBOX.c.case_id, OUTBOX.c.kind, OUTBOX.c.topic, OUTBOX.c.ready_at, OUTBOX.c.state,
    OUTBOX.c.settled_at, OUTBOX.c.problem, OUTBOX.c.attempts, OUTBOX.c.lease_until,
)  # fmt: skip
_DEMONSTRATION: Final = {"authority": EVERYONE, "name": "demonstration"}
_OFFSET: Final = {"authority": EVERYONE, "name": "clock offset in microseconds"}


class Upkeep:
    """What belongs to the database as a whole rather than to a case."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def beat(self, worker: str, *, started: datetime, at: datetime, doing: str) -> None:
        """Show that a worker is alive and what it does."""
        row = {"authority": EVERYONE, "worker": worker, "seen_at": instant(at), "doing": doing}
        with self._database.writing() as session:
            if not session.run(_SEEN, row):
                session.run(_FIRST_SEEN, row | {"started_at": instant(started)})

    def workers(self) -> list[WorkerLine]:
        """Every worker ever seen and not forgotten, the latest first."""
        query = sa.select(WORKER.c.worker, WORKER.c.started_at, WORKER.c.seen_at, WORKER.c.doing)
        with self._database.reading() as session:
            return [
                WorkerLine(*row) for row in session.search(query.order_by(WORKER.c.seen_at.desc(), WORKER.c.worker))
            ]

    def forget_workers(self, before: datetime) -> int:
        """Forget workers not seen since; gives how many."""
        with self._database.writing() as session:
            return session.run(_FORGET, {"before": instant(before)})

    def make_demonstration(self) -> None:
        """Mark a fresh database as a demonstration. Refused where it holds another mark already."""
        try:
            with self._database.writing() as session:
                session.run(_SAY, _DEMONSTRATION | {"value": "yes"})
                session.run(_SAY, _OFFSET | {"value": "0"})
        except RowTaken as error:
            raise ClockRefused("This database is a demonstration already. Nothing was changed.") from error

    def is_demonstration(self) -> bool:
        """Whether the database was created as a demonstration."""
        return self._says(_DEMONSTRATION) == "yes"

    def clock_offset(self) -> timedelta:
        """How far a demonstration's clock is ahead of the machine's; zero everywhere else."""
        return timedelta(microseconds=int(self._says(_OFFSET) or 0))

    def advance_clock(self, now: datetime, to: datetime, *, by: str) -> timedelta:
        """Move a demonstration's clock from `now` forward to a later instant; gives the new offset.

        Raises ClockRefused where the database is no demonstration or the instant is not later.
        """
        if to <= now:
            raise ClockRefused(f"The clock stands at {instant(now)} and only goes forward. Choose a later time.")
        with self._database.writing() as session:
            if session.one(_SAYS, _DEMONSTRATION) is None:
                raise ClockRefused("Only a database created as a demonstration can be advanced. Nothing was changed.")
            row = session.one(_SAYS, _OFFSET)
            offset = timedelta(microseconds=int(row[0]) if row else 0) + (to - now)
            session.run(_SAY_ANEW, _OFFSET | {"value": str(offset // timedelta(microseconds=1))})
            self._record_advance(session, now, to, by)
        return offset

    def notices(self, authority: str, state: str = "dead", most: int = 200) -> list[NoticeLine]:
        """Outgoing notices in a state ('ready', 'sent', 'dead'), the oldest first."""
        query = (
            _LINES.where(OUTBOX.c.authority == authority, OUTBOX.c.state == state)
            .order_by(OUTBOX.c.ready_at, OUTBOX.c.key)
            .limit(most)
        )
        with self._database.reading() as session:
            return [NoticeLine(*row) for row in session.search(query)]

    def of_case(self, authority: str, case_id: str, kind: str) -> list[NoticeLine]:
        """The notices of one kind of a case that are still known, in whatever state, the oldest first."""
        query = _LINES.where(
            OUTBOX.c.authority == authority, OUTBOX.c.case_id == case_id, OUTBOX.c.kind == kind
        ).order_by(OUTBOX.c.ready_at, OUTBOX.c.key)
        with self._database.reading() as session:
            return [NoticeLine(*row) for row in session.search(query)]

    def forget_sent(self, before: datetime) -> int:
        """Forget notices that were sent before a time; gives how many. History keeps what was sent."""
        with self._database.writing() as session:
            return session.run(_FORGET_SENT, {"before": instant(before)})

    def resend(self, authority: str, key: str, *, at: datetime) -> bool:
        """Let a dead notice be tried again; False where it is not dead."""
        with self._database.writing() as session:
            return session.run(_RESEND, {"authority": authority, "key": key, "at": instant(at)}) == 1

    def _says(self, name: dict[str, str]) -> str | None:
        with self._database.reading() as session:
            row = session.one(_SAYS, name)
        return None if row is None else str(row[0])

    def _record_advance(self, session: Session, now: datetime, to: datetime, by: str) -> None:
        last = session.one(_ADVANCES, {"authority": EVERYONE})
        number = (last[0] if last else 0) + 1
        row = {"number": number, "from_at": instant(now), "to_at": instant(to), "by_whom": by}
        session.run(_ADVANCE, {"authority": EVERYONE} | row)


_FORGET: Final = sa.delete(WORKER).where(
    WORKER.c.authority == EVERYONE, WORKER.c.seen_at < bindparam("before", type_=sa.Text())
)

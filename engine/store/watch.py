"""How an authority's service is doing, in numbers: what waits, what is late, what did not go out. No case is named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from engine.history import instant
from engine.store.database import Database
from engine.store.statements import of
from engine.store.tables import CASE_FILE, DEAD_LETTER, EVERYONE, INCIDENT, JOB, OUTBOX, TASK, TIMER, WORKER


@dataclass(frozen=True, slots=True)
class Standing:
    """One authority at one moment; an instant is the oldest of its kind, None where there is none."""

    cases: int
    tasks: int
    overdue: int
    incidents: int
    dead_letters: int
    outbox: dict[str, int]
    oldest_notice: str | None
    oldest_timer: str | None
    oldest_job: str | None
    last_worker: str | None


_NOW: Final = bindparam("now", type_=sa.Text())
_ONE: Final = sa.select(
    sa.select(sa.func.count()).where(of(CASE_FILE.c.authority), CASE_FILE.c.status == "OPEN").scalar_subquery(),
    sa.select(sa.func.count()).where(of(TASK.c.authority)).scalar_subquery(),
    sa.select(sa.func.count()).where(of(TASK.c.authority), TASK.c.due_at < _NOW).scalar_subquery(),
    sa.select(sa.func.count()).where(of(INCIDENT.c.authority), INCIDENT.c.state == "open").scalar_subquery(),
    sa.select(sa.func.count()).where(of(DEAD_LETTER.c.authority), DEAD_LETTER.c.state == "waiting").scalar_subquery(),
    sa.select(sa.func.min(OUTBOX.c.ready_at))
    .where(of(OUTBOX.c.authority), OUTBOX.c.state == "ready")
    .scalar_subquery(),
    sa.select(sa.func.min(TIMER.c.at))
    .where(of(TIMER.c.authority), TIMER.c.at <= _NOW, TIMER.c.held == sa.false())
    .scalar_subquery(),
    sa.select(sa.func.min(JOB.c.ready_at))
    .where(of(JOB.c.authority), JOB.c.ready_at <= _NOW, JOB.c.held == sa.false())
    .scalar_subquery(),
    sa.select(sa.func.max(WORKER.c.seen_at)).where(WORKER.c.authority == EVERYONE).scalar_subquery(),
)
_OUTBOX: Final = (
    sa.select(OUTBOX.c.state, sa.func.count())
    .where(of(OUTBOX.c.authority), OUTBOX.c.state != "sent")
    .group_by(OUTBOX.c.state)
)


class Watch:
    """Counts over the cases of one authority at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def standing(self, authority: str, at: datetime) -> Standing:
        """How an authority stands now."""
        given = {"authority": authority, "now": instant(at)}
        with self._database.reading() as session:
            row = session.one(_ONE, given)
            states = session.all(_OUTBOX, {"authority": authority})
        assert row is not None
        cases, tasks, overdue, incidents, dead, notice, timer, job, worker = row
        return Standing(
            cases,
            tasks,
            overdue,
            incidents,
            dead,
            {str(state): int(count) for state, count in states},
            notice,
            timer,
            job,
            worker,
        )

    def answers(self) -> bool:
        """Whether the database answers at all. Raises StoreUnavailable where it does not."""
        with self._database.reading() as session:
            return session.one(sa.select(sa.literal(1))) is not None

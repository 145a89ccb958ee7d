"""What those who keep the service running did outside any case: rows are added, never changed.

Keys made and ended, dead letters attached or dismissed, notices sent again: who, when, in what role, about what and
why. What was done to a case is in that case's own history.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from engine.history import instant
from engine.store.database import Database, Row, RowTaken
from engine.store.keys import AuthorityKeys
from engine.store.statements import of
from engine.store.tables import DUTY
from engine.store.vault import CaseKey

_WHY: Final = b"duty"
#: How often a number is tried for when others write at the same moment.
_TRIES: Final = 20


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing that was done; `about` holds ids only, `why` a person's own words."""

    number: int
    at: str
    by: str
    role: str | None
    what: str
    about: str
    why: str


_LAST: Final = sa.select(sa.func.max(DUTY.c.number)).where(of(DUTY.c.authority))
_ADD: Final = sa.insert(DUTY)


class Duties:
    """The record of what was done outside cases."""

    def __init__(self, database: Database, keys: AuthorityKeys) -> None:
        self._database, self._keys = database, keys

    def record(
        self, authority: str, what: str, about: str, *, at: datetime, by: str, role: str | None, why: str = ""
    ) -> None:
        """Add a line."""
        box = self._box(authority)
        row = {"authority": authority, "at": instant(at), "by_whom": by, "role": role, "what": what, "about": about}
        for attempt in range(_TRIES):
            try:
                with self._database.writing() as session:
                    last = session.one(_LAST, {"authority": authority})
                    number = ((last[0] or 0) if last else 0) + 1
                    sealed = box.seal(_WHY, number, why.encode())
                    session.run(_ADD, row | {"number": number, "why": sealed})
            except RowTaken:
                if attempt == _TRIES - 1:
                    raise
                continue
            return

    def latest(self, authority: str, most: int = 100) -> list[Duty]:
        """The latest lines, the newest first."""
        query = (
            sa.select(*tuple(DUTY.c)[1:])
            .where(DUTY.c.authority == authority)
            .order_by(DUTY.c.number.desc())
            .limit(most)
        )
        box = self._box(authority)
        with self._database.reading() as session:
            rows = session.search(query)
        return [_duty(row, box.open(_WHY, row[0], row[6]).decode()) for row in rows]

    def _box(self, authority: str) -> CaseKey:
        return CaseKey(self._keys.key(authority, "duties"), authority, "")


def _duty(row: Row, why: str) -> Duty:
    number, at, by, role, what, about, _ = row
    return Duty(number, at, by, role, what, about, why)

"""What verifications found: counts, and the first difference of each case that has one; ids only, never content."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import orjson
import sqlalchemy as sa

from engine.history import instant
from engine.store.checkpoint_faults import read_fault
from engine.store.database import Database
from engine.store.statements import of
from engine.store.tables import CASE_FILE
from engine.store.verification_tables import VERIFICATION


@dataclass(frozen=True, slots=True)
class Found:
    """The first place where a case is not what its history says: revision, command, kind of difference, in words."""

    case_id: str
    revision: int
    command: str
    what: str
    message: str


@dataclass(frozen=True, slots=True)
class Verification:
    """One verification of one case (`scope`) or of all of an authority's ('').

    after        the last case that was looked at
    checkpoints  how many signed checkpoints were held against the chains; problems: what was wrong with them
    """

    authority: str
    number: int
    scope: str
    by: str
    at: str
    finished_at: str | None = None
    after: str = ""
    cases: int = 0
    commands: int = 0
    checkpoints: int = 0
    differences: tuple[Found, ...] = ()
    problems: tuple[str, ...] = ()

    def with_case(self, case_id: str, replayed: Any, looks: str, catalogue: str = "", shown: str = "") -> Verification:
        """With one more case looked at: its engine.replay.Replay, and what is wrong with the rest.

        looks, catalogue, shown  what is wrong with the record of looks, with what the case is found by, and with what
                                 people work by; '' for nothing
        """
        found = list(self.differences)
        if replayed.difference is not None:
            d = replayed.difference
            found.append(Found(case_id, d.revision, d.command, d.what, d.message))
        found += [Found(case_id, 0, "", "release", note) for note in replayed.notes]
        if looks:
            found.append(Found(case_id, 0, "", "looks", looks))
        if catalogue:
            found.append(Found(case_id, 0, "", "catalogue", catalogue))
        if shown:
            found.append(Found(case_id, 0, "", "shown", shown))
        return replace(
            self,
            after=case_id,
            cases=self.cases + 1,
            commands=self.commands + replayed.commands,
            differences=tuple(found),
        )

    def closed(self, checkpoints: int, problems: tuple[str, ...], at: datetime) -> Verification:
        """Finished, with what the checkpoints said."""
        return replace(self, checkpoints=checkpoints, problems=tuple(problems), finished_at=instant(at))


_ADD: Final = sa.insert(VERIFICATION)
_LAST: Final = sa.select(sa.func.max(VERIFICATION.c.number)).where(of(VERIFICATION.c.authority))
_ONE: Final = sa.select(*VERIFICATION.c).where(of(VERIFICATION.c.authority), of(VERIFICATION.c.number))
_KEEP: Final = (
    sa.update(VERIFICATION)
    .where(of(VERIFICATION.c.authority), of(VERIFICATION.c.number))
    .values({name: sa.bindparam(f"new_{name}") for name in ("finished_at", "after", "cases", "commands", "found")})
)


#: The newest verification that looked at a case: its own, or one of all that came as far as it.
_LAST_OF: Final = (
    sa.select(*VERIFICATION.c)
    .where(
        of(VERIFICATION.c.authority),
        sa.or_(
            sa.and_(VERIFICATION.c.scope == sa.bindparam("case_id"), VERIFICATION.c.finished_at.is_not(None)),
            sa.and_(
                VERIFICATION.c.scope == "",
                sa.or_(VERIFICATION.c.finished_at.is_not(None), VERIFICATION.c.after >= sa.bindparam("case_id")),
            ),
        ),
    )
    .order_by(VERIFICATION.c.number.desc())
    .limit(1)
)
_CASES: Final = (
    sa.select(CASE_FILE.c.case_id)
    .where(of(CASE_FILE.c.authority), CASE_FILE.c.case_id > sa.bindparam("after"))
    .order_by(CASE_FILE.c.case_id)
    .limit(200)
)
_TOTAL: Final = sa.select(sa.func.count()).select_from(CASE_FILE).where(of(CASE_FILE.c.authority))


class Verifications:
    """Every verification there was."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, authority: str, *, scope: str, by: str, at: datetime) -> Verification:
        """A new verification, with nothing looked at yet."""
        with self._database.writing() as session:
            last = session.one(_LAST, {"authority": authority})
            number = (last[0] or 0) + 1 if last is not None else 1
            row = {"number": number, "scope": scope, "by_whom": by, "at": instant(at), "finished_at": None}
            row |= {"after": "", "cases": 0, "commands": 0, "found": _body(Verification(authority, 0, "", "", ""))}
            session.run(_ADD, {"authority": authority, **row})
        return Verification(authority, number, scope, by, instant(at))

    def keep(self, verification: Verification) -> None:
        """Keep how far a verification has come."""
        row = {
            "new_finished_at": verification.finished_at,
            "new_after": verification.after,
            "new_cases": verification.cases,
            "new_commands": verification.commands,
            "new_found": _body(verification),
        }
        place = {"authority": verification.authority, "number": verification.number}
        with self._database.writing() as session:
            session.run(_KEEP, place | row)

    def one(self, authority: str, number: int) -> Verification | None:
        """One verification, None where there is none of that number."""
        with self._database.reading() as session:
            row = session.one(_ONE, {"authority": authority, "number": number})
        return None if row is None else _read(row)

    def last_of(self, authority: str, case_id: str) -> Verification | None:
        """The newest verification that looked at a case, with what it found of that case alone; None for none."""
        with self._database.reading() as session:
            row = session.one(_LAST_OF, {"authority": authority, "case_id": case_id})
        found = None if row is None else _read(row)
        if found is None:
            return None
        return replace(
            found,
            differences=tuple(one for one in found.differences if one.case_id == case_id),
            problems=tuple(one for one in found.problems if found.scope or _is_of(one, case_id)),
        )

    def cases(self, authority: str, after: str) -> list[str]:
        """The next cases of an authority behind one; none is opened, so that none which does not open is in the way."""
        with self._database.reading() as session:
            return [row[0] for row in session.all(_CASES, {"authority": authority, "after": after})]

    def total(self, authority: str) -> int:
        """How many cases an authority has, those that are over included."""
        with self._database.reading() as session:
            row = session.one(_TOTAL, {"authority": authority})
        return 0 if row is None else int(row[0])

    def latest(self, authority: str, most: int) -> list[Verification]:
        """The newest verifications, the newest first."""
        with self._database.reading() as session:
            query = sa.select(*VERIFICATION.c).where(VERIFICATION.c.authority == authority)
            return [_read(row) for row in session.search(query.order_by(VERIFICATION.c.number.desc()).limit(most))]


def _is_of(problem: str, case_id: str) -> bool:
    fault = read_fault(problem)
    return fault is not None and fault.case_id == case_id


def _body(verification: Verification) -> bytes:
    found = [[d.case_id, d.revision, d.command, d.what, d.message] for d in verification.differences]
    return orjson.dumps([verification.checkpoints, found, list(verification.problems)])


def _read(row: Any) -> Verification:
    authority, number, scope, by, at, finished_at, after, cases, commands, body = row
    checkpoints, found, problems = orjson.loads(body)
    return Verification(
        authority, number, scope, by, at, finished_at, after, cases, commands, checkpoints,
        tuple(Found(*each) for each in found), tuple(problems),
    )  # fmt: skip

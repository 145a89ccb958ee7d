"""Drafts of pathways: every saved version of every file is kept, and nobody saves over what they have not seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
import sqlalchemy as sa

from engine.errors import NotFound, Refused
from engine.history import JSON, instant
from engine.store.database import Database, RowTaken, Session
from engine.store.statements import of
from engine.store.studio_tables import DRAFT_FILE, DRAFT_NOTE, PATHWAY_DRAFT, SUBMISSION

OPEN, SUBMITTED, PUBLISHED, DISCARDED = "open", "submitted", "published", "discarded"
APPROVED, SENT_BACK, TAKEN_BACK = "approved", "sent back", "taken back"


class DraftUnknown(NotFound):
    """There is no such draft."""

    def __init__(self, authority: str, number: int) -> None:
        super().__init__(f"Draft {number} of {authority} does not exist.")


class DraftNotOpen(Refused):
    """The draft was submitted, published or discarded: it does not change any more."""

    def __init__(self, number: int, state: str) -> None:
        super().__init__(f"Draft {number} is {state} and does not change any more. Open a new one.")


class SavedByAnother(Refused):
    """Somebody else saved the file since it was opened; what was sent is not kept over it."""

    def __init__(self, path: str, by: str, version: int) -> None:
        super().__init__(f"{path} was saved by {by} since you opened it. Compare both before you save yours.")
        self.path, self.by, self.version = path, by, version


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft: which releases it began from (pathway to hash), who changed it last, and whether it still changes."""

    authority: str
    number: int
    title: str
    state: str
    base: Mapping[str, str]
    opened_by: str
    opened_at: str
    changed_by: str
    changed_at: str


@dataclass(frozen=True, slots=True)
class DraftFile:
    """The newest version of one file; `body` is None where the draft takes the file away."""

    path: str
    version: int
    body: bytes | None
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Submission:
    """A draft put before somebody who may publish it, bound to the exact content by its hash.

    found  what the checks, proofs, coverage and scenarios said of that content
    """

    authority: str
    number: int
    draft: int
    content: str
    found: Mapping[str, JSON]
    why: str
    by: str
    at: str
    state: str
    decided_by: str | None = None
    decided_at: str | None = None
    said: str | None = None


_ADD_DRAFT: Final = sa.insert(PATHWAY_DRAFT)
_LAST_DRAFT: Final = sa.select(sa.func.max(PATHWAY_DRAFT.c.number)).where(of(PATHWAY_DRAFT.c.authority))
_ONE_DRAFT: Final = sa.select(*PATHWAY_DRAFT.c).where(of(PATHWAY_DRAFT.c.authority), of(PATHWAY_DRAFT.c.number))
_TOUCH: Final = (
    sa.update(PATHWAY_DRAFT)
    .where(of(PATHWAY_DRAFT.c.authority), of(PATHWAY_DRAFT.c.number))
    .values({name: sa.bindparam(f"new_{name}") for name in ("state", "changed_by", "changed_at")})
)
_ADD_FILE: Final = sa.insert(DRAFT_FILE)
_VERSIONS: Final = (
    sa.select(DRAFT_FILE.c.path, DRAFT_FILE.c.version, DRAFT_FILE.c.body, DRAFT_FILE.c.by_whom, DRAFT_FILE.c.at)
    .where(of(DRAFT_FILE.c.authority), of(DRAFT_FILE.c.draft))
    .order_by(DRAFT_FILE.c.path, DRAFT_FILE.c.version)
)
_NEWEST: Final = (
    sa.select(DRAFT_FILE.c.version, DRAFT_FILE.c.by_whom)
    .where(of(DRAFT_FILE.c.authority), of(DRAFT_FILE.c.draft), of(DRAFT_FILE.c.path))
    .order_by(DRAFT_FILE.c.version.desc())
    .limit(1)
)
_REBASE: Final = (
    sa.update(PATHWAY_DRAFT)
    .where(of(PATHWAY_DRAFT.c.authority), of(PATHWAY_DRAFT.c.number))
    .values(base=sa.bindparam("new_base"))
)
_WAIT: Final = sa.update(PATHWAY_DRAFT).where(of(PATHWAY_DRAFT.c.authority)).values(authority=PATHWAY_DRAFT.c.authority)
_NOTES: Final = (
    sa.select(DRAFT_NOTE.c.name, DRAFT_NOTE.c.body)
    .where(of(DRAFT_NOTE.c.authority), of(DRAFT_NOTE.c.draft), of(DRAFT_NOTE.c.kind))
    .order_by(DRAFT_NOTE.c.name)
)
_ADD_NOTE: Final = sa.insert(DRAFT_NOTE)
_DROP_NOTE: Final = sa.delete(DRAFT_NOTE).where(
    of(DRAFT_NOTE.c.authority), of(DRAFT_NOTE.c.draft), of(DRAFT_NOTE.c.kind), of(DRAFT_NOTE.c.name)
)
_ADD_SUBMISSION: Final = sa.insert(SUBMISSION)
_LAST_SUBMISSION: Final = sa.select(sa.func.max(SUBMISSION.c.number)).where(of(SUBMISSION.c.authority))
_ONE_SUBMISSION: Final = sa.select(*SUBMISSION.c).where(of(SUBMISSION.c.authority), of(SUBMISSION.c.number))
_DECIDE: Final = (
    sa.update(SUBMISSION)
    .where(of(SUBMISSION.c.authority), of(SUBMISSION.c.number), SUBMISSION.c.state == SUBMITTED)
    .values({name: sa.bindparam(f"new_{name}") for name in ("state", "decided_by", "decided_at", "said")})
)


class Drafts:
    """Every authority's drafts and submissions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, authority: str, title: str, base: Mapping[str, str], *, by: str, at: datetime) -> Draft:
        """A new draft that changes nothing yet."""
        now = instant(at)
        with self._database.writing() as session:
            number = _next(session, _LAST_DRAFT, authority)
            row = {"number": number, "title": title, "state": OPEN, "base": orjson.dumps(dict(base))}
            row |= {"opened_by": by, "opened_at": now, "changed_by": by, "changed_at": now}
            session.run(_ADD_DRAFT, {"authority": authority, **row})
        return Draft(authority, number, title, OPEN, dict(base), by, now, by, now)

    def one(self, authority: str, number: int) -> Draft:
        """A draft. Raises DraftUnknown."""
        with self._database.reading() as session:
            return _draft(session, authority, number)

    def all(self, authority: str, *states: str) -> list[Draft]:
        """The drafts in these states (all where none is named), the newest first."""
        query = sa.select(*PATHWAY_DRAFT.c).where(PATHWAY_DRAFT.c.authority == authority)
        if states:
            query = query.where(PATHWAY_DRAFT.c.state.in_(states))
        with self._database.reading() as session:
            return [_read_draft(row) for row in session.search(query.order_by(PATHWAY_DRAFT.c.number.desc()))]

    def files(self, authority: str, number: int) -> dict[str, DraftFile]:
        """The newest version of every file that a draft changes, by path."""
        return {file.path: file for file in self.versions(authority, number)}

    def versions(self, authority: str, number: int) -> list[DraftFile]:
        """Every version of every file of a draft, by path and age."""
        with self._database.reading() as session:
            return [DraftFile(*row) for row in session.all(_VERSIONS, {"authority": authority, "draft": number})]

    def save(
        self, authority: str, number: int, path: str, body: bytes | None, *, seen: int, by: str, at: datetime
    ) -> DraftFile:
        """Keep a new version of a file; `seen` is the version that was edited, 0 for the published one.

        Raises DraftUnknown, DraftNotOpen, SavedByAnother.
        """
        now, place = instant(at), {"authority": authority, "draft": number, "path": path}
        try:
            with self._database.writing() as session:
                draft = _draft(session, authority, number)
                if draft.state != OPEN:
                    raise DraftNotOpen(number, draft.state)
                newest = session.one(_NEWEST, place)
                version, last_by = (0, "") if newest is None else (newest[0], newest[1])
                if version != seen:
                    raise SavedByAnother(path, last_by, version)
                session.run(_ADD_FILE, place | {"version": version + 1, "body": body, "by_whom": by, "at": now})
                _touch(session, draft, OPEN, by, now)
        except RowTaken:
            raise SavedByAnother(path, "somebody else", seen + 1) from None
        return DraftFile(path, version + 1, body, by, now)

    def change_state(self, authority: str, number: int, state: str, *, by: str, at: datetime) -> None:
        """Say what became of a draft. Raises DraftUnknown."""
        with self._database.writing() as session:
            _touch(session, _draft(session, authority, number), state, by, instant(at))

    def rebase(self, authority: str, number: int, base: Mapping[str, str], *, by: str, at: datetime) -> None:
        """Let a draft begin from what is published now. Raises DraftUnknown, DraftNotOpen."""
        with self._database.writing() as session:
            draft = _draft(session, authority, number)
            if draft.state != OPEN:
                raise DraftNotOpen(number, draft.state)
            place = {"authority": authority, "number": number}
            session.run(_REBASE, place | {"new_base": orjson.dumps(dict(base))})
            _touch(session, draft, OPEN, by, instant(at))

    def one_at_a_time(self, authority: str) -> None:
        """Let whoever else publishes of an authority wait until what this thread writes together is committed."""
        with self._database.writing() as session:
            session.run(_WAIT, {"authority": authority})

    # ------------------------------------------------------------------ beside the files

    def notes(self, authority: str, number: int, kind: str) -> dict[str, bytes]:
        """What is kept beside a draft's files, by name: what its scenarios said, and the steps of trials."""
        with self._database.reading() as session:
            rows = session.all(_NOTES, {"authority": authority, "draft": number, "kind": kind})
        return {str(name): bytes(body) for name, body in rows}

    def keep_notes(self, authority: str, number: int, kind: str, notes: Mapping[str, bytes | None]) -> None:
        """Keep notes over those of the same names; None takes one away. Raises DraftUnknown."""
        place = {"authority": authority, "draft": number, "kind": kind}
        with self._database.writing() as session:
            _draft(session, authority, number)
            for name, body in notes.items():
                session.run(_DROP_NOTE, place | {"name": name})
                if body is not None:
                    session.run(_ADD_NOTE, place | {"name": name, "body": body})

    # ------------------------------------------------------------------ submissions

    def submit(
        self, authority: str, draft: int, content: str, found: Mapping[str, JSON], why: str, *, by: str, at: datetime
    ) -> Submission:
        """Put a draft before somebody else; it does not change until they have decided. Raises DraftNotOpen."""
        now = instant(at)
        with self._database.writing() as session:
            open_ = _draft(session, authority, draft)
            if open_.state != OPEN:
                raise DraftNotOpen(draft, open_.state)
            number = _next(session, _LAST_SUBMISSION, authority)
            row: dict[str, Any] = {"number": number, "draft": draft, "content": content, "why": why, "by_whom": by}
            row |= {"found": orjson.dumps(dict(found)), "at": now, "state": SUBMITTED}
            row |= {"decided_by": None, "decided_at": None, "said": None}
            session.run(_ADD_SUBMISSION, {"authority": authority, **row})
            _touch(session, open_, SUBMITTED, by, now)
        return Submission(authority, number, draft, content, dict(found), why, by, now, SUBMITTED)

    def submission(self, authority: str, number: int) -> Submission:
        """One submission. Raises NotFound."""
        with self._database.reading() as session:
            row = session.one(_ONE_SUBMISSION, {"authority": authority, "number": number})
        if row is None:
            raise NotFound(f"Submission {number} of {authority} does not exist.")
        return _read_submission(row)

    def submissions(self, authority: str, *states: str) -> list[Submission]:
        """The submissions in these states (all where none is named), the newest first."""
        query = sa.select(*SUBMISSION.c).where(SUBMISSION.c.authority == authority)
        if states:
            query = query.where(SUBMISSION.c.state.in_(states))
        with self._database.reading() as session:
            return [_read_submission(row) for row in session.search(query.order_by(SUBMISSION.c.number.desc()))]

    def decide(
        self, authority: str, number: int, state: str, draft_state: str, said: str, *, by: str, at: datetime
    ) -> bool:
        """Decide a submission once, and say what becomes of its draft; False where it was decided already."""
        now = instant(at)
        place = {"authority": authority, "number": number}
        with self._database.writing() as session:
            row = session.one(_ONE_SUBMISSION, place)
            if row is None:
                raise NotFound(f"Submission {number} of {authority} does not exist.")
            decided = {"new_state": state, "new_decided_by": by, "new_decided_at": now, "new_said": said}
            if not session.run(_DECIDE, place | decided):
                return False
            _touch(session, _draft(session, authority, _read_submission(row).draft), draft_state, by, now)
        return True


def _next(session: Session, last: sa.Select[Any], authority: str) -> int:
    row = session.one(last, {"authority": authority})
    return 1 if row is None or row[0] is None else int(row[0]) + 1


def _draft(session: Session, authority: str, number: int) -> Draft:
    row = session.one(_ONE_DRAFT, {"authority": authority, "number": number})
    if row is None:
        raise DraftUnknown(authority, number)
    return _read_draft(row)


def _read_draft(row: Any) -> Draft:
    authority, number, title, state, base, *who = row
    return Draft(authority, number, title, state, orjson.loads(base), *who)


def _read_submission(row: Any) -> Submission:
    authority, number, draft, content, found, *rest = row
    return Submission(authority, number, draft, content, orjson.loads(found), *rest)


def _touch(session: Session, draft: Draft, state: str, by: str, now: str) -> None:
    place = {"authority": draft.authority, "number": draft.number}
    session.run(_TOUCH, place | {"new_state": state, "new_changed_by": by, "new_changed_at": now})

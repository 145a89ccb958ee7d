"""Letters as they were sent and drafts as they were left, encrypted under the child's key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from engine.errors import NotFound
from engine.history import instant
from engine.store.cases import Cases
from engine.store.database import Database, RowTaken
from engine.store.errors import StoreRefused
from engine.store.rows import DocumentRow
from engine.store.sealing import expand, squeeze
from engine.store.statements import KEEP_DOCUMENT, of, this_row
from engine.store.tables import DOCUMENT, DRAFT
from engine.store.vault import DOCUMENT as DOCUMENT_BODY
from engine.store.vault import DRAFT as DRAFT_BODY


class DocumentUnknown(NotFound):
    """There is no such document in this case."""

    def __init__(self, authority: str, case_id: str, document: str) -> None:
        super().__init__(f"Document {document} of case {case_id} of {authority} does not exist. Check its number.")
        self.authority, self.case_id, self.document = authority, case_id, document


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A document in a list; size in bytes."""

    document: str
    media_type: str
    at: str
    size: int


_READ: Final = sa.select(DOCUMENT.c.media_type, DOCUMENT.c.at, DOCUMENT.c.body).where(this_row(DOCUMENT))
_ADD_DRAFT: Final = sa.insert(DRAFT)
_CHANGE_DRAFT: Final = (
    sa.update(DRAFT)
    .where(this_row(DRAFT))
    .values(saved_at=sa.bindparam("saved_at", type_=sa.Text()), body=sa.bindparam("body", type_=sa.LargeBinary()))
)
_DRAFT: Final = sa.select(DRAFT.c.saved_at, DRAFT.c.body).where(this_row(DRAFT))
_DROP_DRAFT: Final = sa.delete(DRAFT).where(this_row(DRAFT))
_OF_PERSON: Final = (
    sa.select(DRAFT.c.case_id, DRAFT.c.task, DRAFT.c.saved_at)
    .where(of(DRAFT.c.authority), of(DRAFT.c.person))
    .order_by(DRAFT.c.saved_at.desc())
)


class Papers:
    """Documents are kept once and never changed; drafts are outside history and go when their task is done."""

    def __init__(self, database: Database, cases: Cases) -> None:
        self._database, self._cases = database, cases

    def keep(self, authority: str, case_id: str, paper: DocumentRow) -> None:
        """Keep a document that was made outside a command, e.g. a letter's PDF. Refused where the name is taken."""
        sealed = self._cases.key(authority, case_id).seal(DOCUMENT_BODY, 0, paper.body)
        row = {
            "authority": authority,
            "case_id": case_id,
            "document": paper.document,
            "media_type": paper.media_type,
            "at": paper.at,
            "size": len(paper.body),
            "body": sealed,
        }
        try:
            with self._database.writing() as session:
                session.run(KEEP_DOCUMENT, row)
        except RowTaken as error:
            raise StoreRefused(f"document {paper.document} of case {case_id} is kept already") from error

    def read(self, authority: str, case_id: str, document: str) -> DocumentRow:
        """A document, opened. Raises DocumentUnknown, CaseErased or Undecipherable."""
        key = self._cases.key(authority, case_id)
        with self._database.reading() as session:
            row = session.one(_READ, {"authority": authority, "case_id": case_id, "document": document})
        if row is None:
            raise DocumentUnknown(authority, case_id, document)
        return DocumentRow(document, row[0], row[1], key.open(DOCUMENT_BODY, 0, row[2]))

    def documents(self, authority: str, case_id: str) -> list[DocumentLine]:
        """The documents of a case, the oldest first."""
        query = (
            sa.select(DOCUMENT.c.document, DOCUMENT.c.media_type, DOCUMENT.c.at, DOCUMENT.c.size)
            .where(DOCUMENT.c.authority == authority, DOCUMENT.c.case_id == case_id)
            .order_by(DOCUMENT.c.at, DOCUMENT.c.document)
        )
        with self._database.reading() as session:
            return [DocumentLine(*row) for row in session.search(query)]

    def save_draft(self, authority: str, case_id: str, task: int, person: str, body: bytes, *, at: datetime) -> None:
        """Keep what a person has filled in so far of a task's form."""
        key = self._cases.key(authority, case_id)
        row = {
            "authority": authority,
            "case_id": case_id,
            "task": task,
            "person": person,
            "saved_at": instant(at),
            "body": key.seal(DRAFT_BODY, task, squeeze(body)),
        }
        with self._database.writing() as session:
            if not session.run(_CHANGE_DRAFT, row):
                session.run(_ADD_DRAFT, row)

    def draft(self, authority: str, case_id: str, task: int, person: str) -> tuple[str, bytes] | None:
        """When a draft was saved and what it says, or None."""
        place = {"authority": authority, "case_id": case_id, "task": task, "person": person}
        with self._database.reading() as session:
            row = session.one(_DRAFT, place)
        if row is None:
            return None
        return row[0], expand(self._cases.key(authority, case_id).open(DRAFT_BODY, task, row[1]))

    def drop_draft(self, authority: str, case_id: str, task: int, person: str) -> None:
        """Forget a draft."""
        place = {"authority": authority, "case_id": case_id, "task": task, "person": person}
        with self._database.writing() as session:
            session.run(_DROP_DRAFT, place)

    def drafts_of(self, authority: str, person: str) -> list[tuple[str, int, str]]:
        """A person's drafts: (case, task, saved at), the latest first."""
        with self._database.reading() as session:
            rows = session.all(_OF_PERSON, {"authority": authority, "person": person})
        return [(row[0], row[1], row[2]) for row in rows]

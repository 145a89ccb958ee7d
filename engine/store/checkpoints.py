"""Signed checkpoints: what all chains said at a moment, so that a rewrite that leaves a chain whole is found.

A checkpoint covers the chains (histories and readings) that grew since the one before it. Its root is a Merkle tree
over (chain, case, place, head), so that one case's place in it can be shown without the others. The format is for
ever: docs/adr/0003-history-format.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import bindparam

from engine.history import instant
from engine.store.database import Database, RowTaken, Session
from engine.store.key_files import SIGNED, SigningKey
from engine.store.sealing import framed
from engine.store.statements import GROWN, of
from engine.store.tables import CASE_FILE, CHECKPOINT, CHECKPOINT_HEAD, READING_HEAD

_FORMAT: Final = b"\x01"
_GENESIS: Final = b"Discharge Pathways checkpoints\x00"
_LEAF: Final = b"\x00"
_NODE: Final = b"\x01"
#: So many chains at most, so that a checkpoint never holds the write lock for long.
MOST: Final = 2000


@dataclass(frozen=True, slots=True, order=True)
class Head:
    """Where a chain stood: its last revision (or reading) and that row's hash. `chain` is 'history' or 'reading'."""

    chain: str
    case_id: str
    place: int
    head: bytes

    def leaf(self) -> bytes:
        """Its hash as a leaf of the checkpoint's tree."""
        return sha256(_LEAF + framed(self.chain, self.case_id, self.place, self.head)).digest()


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed statement about every chain of an authority.

    cases, rows  case files and history rows of the authority that checkpoints cover so far
    heads        how many chains grew since the checkpoint before
    signer       the public key, in hexadecimal
    """

    authority: str
    number: int
    at: str
    previous: bytes
    cases: int
    rows: int
    heads: int
    root: bytes
    signer: str
    hash: bytes
    signature: bytes

    def expected_hash(self) -> bytes:
        """The hash that its fields give."""
        fields = (self.previous, self.authority, self.number, self.at, self.cases, self.rows, self.heads, self.root)
        return sha256(_FORMAT + framed(*fields, self.signer)).digest()

    def is_signed(self) -> bool:
        """Whether its signature is its signer's."""
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.signer))
            key.verify(self.signature, SIGNED + self.hash)
        except (InvalidSignature, ValueError):
            return False
        return True


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """The root of a Merkle tree (RFC 6962, section 2.1) over leaf hashes in their order."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = _split(len(leaves))
    return sha256(_NODE + tree_root(leaves[:split]) + tree_root(leaves[split:])).digest()


def tree_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """What must be known beside one leaf to compute the root (RFC 6962, section 2.1.1), nearest first."""
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*tree_proof(leaves[:split], index), tree_root(leaves[split:])]
    return [*tree_proof(leaves[split:], index - split), tree_root(leaves[:split])]


def root_from_proof(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root that a leaf and its proof give, None where the proof does not fit."""
    if size == 1:
        return leaf if not proof else None
    if not proof:
        return None
    split = _split(size)
    if index < split:
        left = root_from_proof(leaf, index, split, proof[:-1])
        return None if left is None else sha256(_NODE + left + proof[-1]).digest()
    right = root_from_proof(leaf, index - split, size - split, proof[:-1])
    return None if right is None else sha256(_NODE + proof[-1] + right).digest()


def _split(size: int) -> int:
    """The largest power of two below a size."""
    return 1 << (size - 1).bit_length() - 1


def first_previous(authority: str) -> bytes:
    """What stands before an authority's first checkpoint."""
    return sha256(_GENESIS + _FORMAT + framed(authority)).digest()


_CHANGED_CASES: Final = (
    sa.select(CASE_FILE.c.case_id, CASE_FILE.c.revision, CASE_FILE.c.head, -CASE_FILE.c.checkpointed)
    .where(of(CASE_FILE.c.authority), GROWN)
    .order_by(CASE_FILE.c.case_id)
    .limit(MOST)
)
_CHANGED_READINGS: Final = (
    sa.select(READING_HEAD.c.case_id, READING_HEAD.c.number, READING_HEAD.c.hash)
    .where(of(READING_HEAD.c.authority), READING_HEAD.c.number > READING_HEAD.c.checkpointed)
    .order_by(READING_HEAD.c.case_id)
    .limit(MOST)
)
_CASES_BEHIND: Final = sa.select(CASE_FILE.c.authority).where(GROWN).distinct()
_READINGS_BEHIND: Final = (
    sa.select(READING_HEAD.c.authority).where(READING_HEAD.c.number > READING_HEAD.c.checkpointed).distinct()
)
_COVERED_CASE: Final = (
    sa.update(CASE_FILE)
    .where(of(CASE_FILE.c.authority), of(CASE_FILE.c.case_id))
    .values(
        # On PostgreSQL a case may have gone on while it was being signed.
        checkpointed=sa.case(
            (CASE_FILE.c.revision > bindparam("place", type_=sa.Integer()), -bindparam("place", type_=sa.Integer())),
            else_=bindparam("place", type_=sa.Integer()),
        )
    )
)
_COVERED_READING: Final = (
    sa.update(READING_HEAD)
    .where(of(READING_HEAD.c.authority), of(READING_HEAD.c.case_id))
    .values(checkpointed=bindparam("place", type_=sa.Integer()))
)
_ADD: Final = sa.insert(CHECKPOINT)
_ADD_HEAD: Final = sa.insert(CHECKPOINT_HEAD)
_LAST: Final = sa.select(*CHECKPOINT.c).where(of(CHECKPOINT.c.authority)).order_by(CHECKPOINT.c.number.desc()).limit(1)
#: Every checkpoint of an authority, the first first.
ALL: Final = sa.select(*CHECKPOINT.c).where(of(CHECKPOINT.c.authority)).order_by(CHECKPOINT.c.number)
#: What one checkpoint covers.
HEADS: Final = (
    sa.select(CHECKPOINT_HEAD.c.chain, CHECKPOINT_HEAD.c.case_id, CHECKPOINT_HEAD.c.place, CHECKPOINT_HEAD.c.head)
    .where(of(CHECKPOINT_HEAD.c.authority), of(CHECKPOINT_HEAD.c.checkpoint))
    .order_by(CHECKPOINT_HEAD.c.chain, CHECKPOINT_HEAD.c.case_id)
)


def make_checkpoint(database: Database, authority: str, key: SigningKey, *, at: datetime) -> Checkpoint | None:
    """Sign where every chain stands that grew since the last checkpoint; None where none did.

    Call again until None: one checkpoint covers at most MOST chains of a kind.
    """
    try:
        with database.writing() as session:
            return _make(session, authority, key, instant(at))
    except RowTaken:
        # Another process made the same checkpoint at the same moment.
        return None


def _make(session: Session, authority: str, key: SigningKey, at: str) -> Checkpoint | None:
    cases = session.all(_CHANGED_CASES, {"authority": authority})
    readings = session.all(_CHANGED_READINGS, {"authority": authority})
    if not cases and not readings:
        return None
    last = last_checkpoint(session, authority)
    heads = [Head("history", case_id, revision, head) for case_id, revision, head, _ in cases]
    heads += [Head("reading", case_id, number, head) for case_id, number, head in readings]
    heads.sort()
    unsigned = Checkpoint(
        authority=authority,
        number=1 if last is None else last.number + 1,
        at=at,
        previous=first_previous(authority) if last is None else last.hash,
        cases=(0 if last is None else last.cases) + sum(covered == 0 for *_, covered in cases),
        rows=(0 if last is None else last.rows) + sum(revision - covered for _, revision, _, covered in cases),
        heads=len(heads),
        root=tree_root([head.leaf() for head in heads]),
        signer=key.signer,
        hash=b"",
        signature=b"",
    )
    hashed = unsigned.expected_hash()
    row = {column.name: getattr(unsigned, column.name) for column in CHECKPOINT.c}
    row |= {"hash": hashed, "signature": key.sign(hashed)}
    session.run(_ADD, row)
    place = {"authority": authority, "checkpoint": unsigned.number}
    session.many(
        _ADD_HEAD,
        [place | {"chain": h.chain, "case_id": h.case_id, "place": h.place, "head": h.head} for h in heads],
    )
    covered = [{"authority": authority, "case_id": h.case_id, "place": h.place, "chain": h.chain} for h in heads]
    session.many(_COVERED_CASE, [one for one in covered if one["chain"] == "history"])
    session.many(_COVERED_READING, [one for one in covered if one["chain"] == "reading"])
    return Checkpoint(**row)


def authorities_behind(database: Database) -> list[str]:
    """The authorities of which some chain grew since its last checkpoint."""
    with database.reading() as session:
        rows = [*session.all(_CASES_BEHIND), *session.all(_READINGS_BEHIND)]
    return sorted({str(row[0]) for row in rows})


def last_checkpoint(session: Session, authority: str) -> Checkpoint | None:
    """An authority's newest checkpoint, or None."""
    row = session.one(_LAST, {"authority": authority})
    return None if row is None else Checkpoint(*row)


def checkpoints(database: Database, authority: str) -> list[Checkpoint]:
    """An authority's checkpoints, the first first."""
    with database.reading() as session:
        return [Checkpoint(*row) for row in session.all(ALL, {"authority": authority})]

"""What signed checkpoints show to be wrong: held against themselves, the chains, and the file kept elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from engine.store.checkpoint_file import Kept, read_checkpoint_file
from engine.store.checkpoints import ALL, HEADS, Checkpoint, Head, first_previous, tree_root
from engine.store.database import Database
from engine.store.statements import of
from engine.store.tables import CASE_FILE, CHECKPOINT, CHECKPOINT_HEAD, CHILD_KEY, HISTORY, READING, READING_HEAD


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that checkpoints show to be wrong.

    checkpoint  its number, that of the next where what is missing stands in none; case_id and place (a revision, or a
                reading's number) where one chain is meant
    chain       'history', or 'reading' where it is the record of who looked at the case
    what        'row changed', 'row removed', 'tail cut', 'case removed' for a chain; for a checkpoint itself
                'checkpoint removed', 'checkpoint changed', 'signature wrong', 'signer not trusted', 'heads changed';
                and what the file kept elsewhere shows, as `_against_file` says it
    """

    checkpoint: int
    case_id: str | None
    place: int | None
    what: str
    chain: str = "history"

    def __str__(self) -> str:
        at = "" if self.place is None else f" at {self.place}"
        looks = "looks at " if self.chain == "reading" else ""
        where = "" if self.case_id is None else f"{looks}case {self.case_id or '(lists)'}{at}: "
        return f"Checkpoint {self.checkpoint}: {where}{self.what}."


_WRITTEN: Final = re.compile(
    r"Checkpoint (?P<number>\d+): (?:(?P<looks>looks at )?(?:case )?(?P<case>[^:]+?)(?: at (?P<place>\d+))?: )?"
    r"(?P<what>[a-z ]+)\."
)


def read_fault(written: str) -> Fault | None:
    """A fault as `str` wrote it; None for a text that is none. A case may stand there under another name."""
    found = _WRITTEN.fullmatch(written)
    if found is None:
        return None
    place, chain = found["place"], "reading" if found["looks"] else "history"
    return Fault(int(found["number"]), found["case"], int(place) if place else None, found["what"], chain)


@dataclass(frozen=True, slots=True)
class CheckpointReport:
    """What verifying an authority's checkpoints found; `problems` is empty where all is well.

    unread  lines of the file kept elsewhere that are no checkpoint: nobody knows what stood there
    """

    authority: str
    checkpoints: int
    problems: tuple[Fault, ...]
    unread: tuple[int, ...] = ()

    @property
    def ok(self) -> bool:
        """Nothing was found to be wrong."""
        return not self.problems and not self.unread


def _differing(table: sa.Table, place: sa.Column[Any], chain: str) -> sa.Select[Any]:
    """Heads of a chain whose row is gone or has another hash, with the last place the chain still has."""
    same = sa.and_(
        table.c.authority == CHECKPOINT_HEAD.c.authority,
        table.c.case_id == CHECKPOINT_HEAD.c.case_id,
        place == CHECKPOINT_HEAD.c.place,
    )
    other = table.alias("other")
    last = (
        sa.select(sa.func.max(other.c[place.name]))
        .where(other.c.authority == CHECKPOINT_HEAD.c.authority, other.c.case_id == CHECKPOINT_HEAD.c.case_id)
        .scalar_subquery()
    )
    return (
        sa.select(CHECKPOINT_HEAD.c.checkpoint, CHECKPOINT_HEAD.c.case_id, CHECKPOINT_HEAD.c.place, table.c.hash, last)
        .select_from(CHECKPOINT_HEAD.outerjoin(table, same))
        .where(
            of(CHECKPOINT_HEAD.c.authority),
            CHECKPOINT_HEAD.c.chain == sa.literal_column(f"'{chain}'"),
            sa.or_(table.c.hash.is_(None), table.c.hash != CHECKPOINT_HEAD.c.head),
        )
        .order_by(CHECKPOINT_HEAD.c.checkpoint, CHECKPOINT_HEAD.c.case_id)
    )


def _uncovered(table: sa.Table, chain: str) -> sa.Select[Any]:
    """The first chain that a checkpoint covered, as its own head says, of which no checkpoint is left."""
    # A case that grew since has the place with a minus (statements.GROWN).
    place = sa.func.abs(table.c.checkpointed)
    covering = (
        sa.select(CHECKPOINT_HEAD.c.place)
        .join(
            CHECKPOINT,
            sa.and_(
                CHECKPOINT.c.authority == CHECKPOINT_HEAD.c.authority,
                CHECKPOINT.c.number == CHECKPOINT_HEAD.c.checkpoint,
            ),
        )
        .where(
            CHECKPOINT_HEAD.c.authority == table.c.authority,
            CHECKPOINT_HEAD.c.case_id == table.c.case_id,
            CHECKPOINT_HEAD.c.chain == sa.literal_column(f"'{chain}'"),
            CHECKPOINT_HEAD.c.place >= place,
        )
    )
    return (
        sa.select(table.c.case_id, place)
        .where(of(table.c.authority), table.c.checkpointed != 0, ~covering.exists())
        .order_by(table.c.case_id)
        .limit(1)
    )


_CHAINS: Final = ("history", "reading")
_UNCOVERED: Final = tuple(
    _uncovered(table, chain) for table, chain in zip((CASE_FILE, READING_HEAD), _CHAINS, strict=True)
)
#: A key of a child whose case nobody has any more: an erased case keeps its file.
_KEY_OF_NO_CASE: Final = (
    sa.select(CHILD_KEY.c.case_id)
    .outerjoin(
        CASE_FILE, sa.and_(CASE_FILE.c.authority == CHILD_KEY.c.authority, CASE_FILE.c.case_id == CHILD_KEY.c.case_id)
    )
    .where(of(CHILD_KEY.c.authority), CASE_FILE.c.case_id.is_(None))
    .order_by(CHILD_KEY.c.case_id)
)
_HISTORY_DIFFERS: Final = _differing(HISTORY, HISTORY.c.revision, "history")
_READINGS_DIFFER: Final = _differing(READING, READING.c.number, "reading")
_THIS_DIFFERS: Final = _HISTORY_DIFFERS.where(of(CHECKPOINT_HEAD.c.case_id)).limit(1)
_THIS_UNCOVERED: Final = _UNCOVERED[0].where(of(CASE_FILE.c.case_id))
_THESE_READINGS_DIFFER: Final = _READINGS_DIFFER.where(of(CHECKPOINT_HEAD.c.case_id)).limit(1)
_THESE_READINGS_UNCOVERED: Final = _UNCOVERED[1].where(of(READING_HEAD.c.case_id))
#: How many checkpoints that are there cover a case or who looked at it.
_COVERING: Final = (
    sa.select(sa.func.count(sa.distinct(CHECKPOINT.c.number)))
    .join(
        CHECKPOINT_HEAD,
        sa.and_(
            CHECKPOINT_HEAD.c.authority == CHECKPOINT.c.authority, CHECKPOINT_HEAD.c.checkpoint == CHECKPOINT.c.number
        ),
    )
    .where(of(CHECKPOINT_HEAD.c.authority), of(CHECKPOINT_HEAD.c.case_id))
)
_NEWEST_OF: Final = (
    sa.select(*CHECKPOINT.c)
    .join(
        CHECKPOINT_HEAD,
        sa.and_(
            CHECKPOINT_HEAD.c.authority == CHECKPOINT.c.authority, CHECKPOINT_HEAD.c.checkpoint == CHECKPOINT.c.number
        ),
    )
    .where(
        of(CHECKPOINT_HEAD.c.authority),
        of(CHECKPOINT_HEAD.c.case_id),
        CHECKPOINT_HEAD.c.chain == sa.literal_column("'history'"),
    )
    .order_by(CHECKPOINT.c.number.desc())
    .limit(1)
)


def verify_checkpoints(
    database: Database, authority: str, *, trusted: Sequence[str] = (), exported: Path | None = None
) -> CheckpointReport:
    """Hold checkpoints against themselves, against the chains, and against the exported file.

    trusted   public keys in hexadecimal that may have signed; without any, signatures are checked but not whose
    exported  the file that workers append to (checkpoint_file): it also shows checkpoints that were cut off. Raises
              OSError where it cannot be read
    """
    faults: list[Fault] = []
    # The file first: what it has the database had before, however fast a worker goes on.
    kept = None if exported is None else read_checkpoint_file(exported)
    with database.looking() as session:
        made = [Checkpoint(*row) for row in session.all(ALL, {"authority": authority})]
        previous = first_previous(authority)
        for expected, checkpoint in enumerate(made, 1):
            heads = [
                Head(*row) for row in session.all(HEADS, {"authority": authority, "checkpoint": checkpoint.number})
            ]
            fault = _fault_of(checkpoint, expected, previous, heads, trusted)
            if fault:
                faults.append(Fault(expected, None, None, fault))
                break
            previous = checkpoint.hash
        for statement, chain in zip(_UNCOVERED, _CHAINS, strict=True):
            lost = session.one(statement, {"authority": authority})
            if lost is not None and all(fault.what != "checkpoint removed" for fault in faults):
                faults.append(Fault(len(made) + 1, lost[0], lost[1], "checkpoint removed", chain))
        if exported is not None and kept is not None:
            faults += _against_file(exported, kept, authority, made)
        for statement, chain in zip((_HISTORY_DIFFERS, _READINGS_DIFFER), _CHAINS, strict=True):
            seen: set[str] = set()
            for number, case_id, place, hashed, last in session.all(statement, {"authority": authority}):
                # The first checkpoint that disagrees names the case; later ones follow from it.
                if case_id not in seen:
                    seen.add(case_id)
                    faults.append(Fault(number, case_id, place, _what(hashed, place, last), chain))
        named = {fault.case_id for fault in faults}
        faults += [
            Fault(len(made) + 1, case_id, None, "case removed")
            for (case_id,) in session.all(_KEY_OF_NO_CASE, {"authority": authority})
            if case_id not in named
        ]
    return CheckpointReport(authority, len(made), tuple(faults), () if kept is None else kept.unread)


def faults_of_case(database: Database, authority: str, case_id: str, *, trusted: Sequence[str] = ()) -> list[Fault]:
    """What the signed checkpoints that cover a case show to be wrong with its history, without looking at the others.

    The newest of them vouches for all that was there before it, for each row's hash holds the one before.
    """
    here = {"authority": authority, "case_id": case_id}
    faults: list[Fault] = []
    with database.looking() as session:
        row = session.one(_NEWEST_OF, here)
        one = None if row is None else Checkpoint(*row)
        if one is not None:
            heads = [Head(*row) for row in session.all(HEADS, {"authority": authority, "checkpoint": one.number})]
            fault = _fault_of(one, one.number, one.previous, heads, trusted)
            faults += [Fault(one.number, None, None, fault)] if fault else []
        lost = session.one(_THIS_UNCOVERED, here)
        if lost is not None:
            faults.append(Fault(1 if one is None else one.number + 1, lost[0], lost[1], "checkpoint removed"))
        for number, _, place, hashed, last in session.all(_THIS_DIFFERS, here):
            faults.append(Fault(number, case_id, place, _what(hashed, place, last)))
    return faults


def report_of_case(
    database: Database, authority: str, case_id: str, *, trusted: Sequence[str] = ()
) -> CheckpointReport:
    """What checkpoints say of one case and of who looked at it: how many cover it, and what they show to be wrong.

    What is wrong with a checkpoint itself belongs to it: nobody can tell any more which cases that one covered.
    """
    every = verify_checkpoints(database, authority, trusted=trusted).problems
    faults = [fault for fault in every if fault.case_id is None]
    of_history = faults_of_case(database, authority, case_id, trusted=trusted)
    faults += [fault for fault in of_history if fault not in faults]
    here = {"authority": authority, "case_id": case_id}
    with database.looking() as session:
        covering = session.one(_COVERING, here)
        lost = session.one(_THESE_READINGS_UNCOVERED, here)
        if lost is not None:
            number = max((fault.checkpoint for fault in of_history), default=1)
            faults.append(Fault(number, case_id, lost[1], "checkpoint removed", "reading"))
        for number, _, place, hashed, last in session.all(_THESE_READINGS_DIFFER, here):
            faults.append(Fault(number, case_id, place, _what(hashed, place, last), "reading"))
    return CheckpointReport(authority, 0 if covering is None else int(covering[0]), tuple(faults))


def _what(hashed: bytes | None, place: int, last: int | None) -> str:
    if hashed is not None:
        return "row changed"
    if last is None:
        return "case removed"
    return "tail cut" if last < place else "row removed"


def _fault_of(
    checkpoint: Checkpoint, expected: int, previous: bytes, heads: Sequence[Head], trusted: Sequence[str]
) -> str:
    if checkpoint.number != expected:
        return "checkpoint removed"
    if checkpoint.previous != previous or checkpoint.hash != checkpoint.expected_hash():
        return "checkpoint changed"
    if not checkpoint.is_signed():
        return "signature wrong"
    if trusted and checkpoint.signer not in trusted:
        return "signer not trusted"
    if tree_root([head.leaf() for head in sorted(heads)]) != checkpoint.root:
        return "heads changed"
    return ""


def _against_file(path: Path, kept: Kept, authority: str, made: Sequence[Checkpoint]) -> list[Fault]:
    """Where the file and the database differ; checkpoints in a row with the same to say are told as one."""
    held = {checkpoint.number: checkpoint for checkpoint in made}
    told: dict[int, str] = {}
    for one in kept.checkpoints:
        if one.authority != authority or held.get(one.number) == one:
            continue
        if one.hash != one.expected_hash() or not one.is_signed():
            told[one.number] = "changed in the file"
        else:
            told[one.number] = "not as in the file" if one.number in held else "in the file and not in the database"
    missing = held.keys() - _numbers(kept, authority)
    if missing:
        # The newest may have been appended after the file was read.
        missing -= _numbers(read_checkpoint_file(path), authority)
    told |= dict.fromkeys(missing, "not in the file")
    faults: list[Fault] = []
    for number in sorted(told):
        if told.get(number - 1) != told[number]:
            more = next(more for more in count() if told.get(number + more + 1) != told[number])
            faults.append(Fault(number, None, None, told[number] + (f", and so are the next {more}" if more else "")))
    return faults


def _numbers(kept: Kept, authority: str) -> set[int]:
    return {one.number for one in kept.checkpoints if one.authority == authority}

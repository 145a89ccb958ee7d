"""Whatever is done to a history behind the store's back is found, and the report says where and what."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from engine.store import CaseUnknown, ChainReport, Fault, SigningKey, Store, Undecipherable
from engine.store.chain import HistoryRow, genesis
from engine.store.checkpoint_faults import read_fault
from engine.store.checkpoints import checkpoints
from engine.store.octets import Octets
from engine.store.schema import upgrade
from engine.store.tables import (
    CASE_FILE,
    CHECKPOINT,
    CHECKPOINT_HEAD,
    CHILD_KEY,
    HISTORY,
    METADATA,
    READING,
    READING_HEAD,
)
from tests.contracts.building import CAMDEN, NINE, an_entry
from tests.contracts.conftest import SIGNING, opened
from tests.contracts.looking import change

Tamper = Callable[[Store], object]
ROWS = 5


@pytest.fixture
def written(store: Store) -> Store:
    """A case of five commands, and another beside it."""
    for revision in range(ROWS):
        store.append(an_entry(revision=revision))
    store.append(an_entry("CAM-2"))
    return store


def at_revision(revision: int) -> sa.ColumnElement[bool]:
    """One history row of the case."""
    return sa.and_(HISTORY.c.case_id == "CAM-1", HISTORY.c.revision == revision)


def set_row(revision: int, **values: object) -> Tamper:
    """Change columns of one history row."""
    return lambda store: change(store, sa.update(HISTORY).where(at_revision(revision)).values(**values))


def remove_row(revision: int) -> Tamper:
    """Remove one history row."""
    return lambda store: change(store, sa.delete(HISTORY).where(at_revision(revision)))


def renumber(was: int, now: int) -> Tamper:
    """Give a history row another revision."""
    return lambda store: change(store, sa.update(HISTORY).where(at_revision(was)).values(revision=now))


def swap(one: int, other: int) -> Tamper:
    """Exchange two history rows."""

    def tamper(store: Store) -> None:
        for was, now in ((one, 99), (other, one), (99, other)):
            renumber(was, now)(store)

    return tamper


def cut_tail(store: Store) -> None:
    """Remove the newest row and let the case file point at the one before, as if it had never been."""
    rows = history_rows(store)
    remove_row(ROWS)(store)
    point_at(store, rows[-2])


def point_at(store: Store, row: HistoryRow) -> None:
    """Let the case file say that a row is its newest."""
    file = sa.update(CASE_FILE).where(CASE_FILE.c.case_id == "CAM-1")
    change(store, file.values(revision=row.revision, head=row.hash))


def history_rows(store: Store) -> list[HistoryRow]:
    """The case's rows as they stand."""
    query = sa.select(*HISTORY.c).where(HISTORY.c.case_id == "CAM-1").order_by(HISTORY.c.revision)
    with store.database.reading() as session:
        return [HistoryRow(*row) for row in session.search(query)]


def rewrite_consistently(store: Store) -> None:
    """Say that somebody else gave the third command, and compute every hash after it anew."""
    set_row(3, by_whom="nobody")(store)
    previous = genesis(CAMDEN, "CAM-1")
    for row in history_rows(store):
        hashed = row.hash_after(previous)
        set_row(row.revision, hash=hashed)(store)
        previous = hashed
    point_at(store, history_rows(store)[-1])


def exchange_payloads(store: Store) -> None:
    """Give two rows each other's payload."""
    second, third = history_rows(store)[1:3]
    set_row(2, payload=third.payload)(store)
    set_row(3, payload=second.payload)(store)


def test_an_untouched_history_verifies(written: Store) -> None:
    """A whole chain is reported as whole, with its length."""
    assert written.verify_chain(CAMDEN, "CAM-1") == ChainReport(CAMDEN, "CAM-1", ok=True, rows=ROWS)


def test_a_case_that_does_not_exist_cannot_be_verified(store: Store) -> None:
    """No rows are not a whole chain."""
    with pytest.raises(CaseUnknown):
        store.verify_chain(CAMDEN, "CAM-1")


@pytest.mark.parametrize(
    ("tamper", "revision", "what"),
    [
        (set_row(3, by_whom="nobody"), 3, "row changed"),
        (set_row(3, role=None), 3, "row changed"),
        (set_row(3, kind="reopen"), 3, "row changed"),
        (set_row(3, at="2026-03-02T09:00:00.000000Z"), 3, "row changed"),
        (set_row(3, command="another"), 3, "row changed"),
        (set_row(3, settings="another"), 3, "row changed"),
        (set_row(3, commitment=b"c" * 32), 3, "row changed"),
        (set_row(3, state=b"s" * 32), 3, "row changed"),
        (set_row(3, hash=b"h" * 32), 3, "row changed"),
        (set_row(3, format=2), 3, "format unknown"),
        (set_row(3, payload=b"\x01" + b"p" * 60), 3, "payload changed"),
        (set_row(3, payload=b"\x02" + b"p" * 60), 3, "payload changed"),
        (set_row(3, payload=None), 3, "payload removed"),
        (exchange_payloads, 2, "payload changed"),
        (remove_row(1), 1, "row removed"),
        (remove_row(3), 3, "row removed"),
        (remove_row(ROWS), ROWS, "tail cut"),
        (swap(2, 3), 2, "rows swapped"),
        (swap(2, 5), 2, "rows swapped"),
        (lambda store: change(store, sa.delete(HISTORY).where(HISTORY.c.case_id == "CAM-1")), 1, "tail cut"),
        (
            lambda store: change(
                store, sa.update(CASE_FILE).where(CASE_FILE.c.case_id == "CAM-1").values(head=b"h" * 32)
            ),
            ROWS,
            "case file changed",
        ),
        (
            lambda store: change(store, sa.update(CASE_FILE).where(CASE_FILE.c.case_id == "CAM-1").values(revision=4)),
            ROWS,
            "row added",
        ),
    ],
)
def test_tampering_with_a_history_is_named(written: Store, tamper: Tamper, revision: int, what: str) -> None:
    """A row changed, removed or moved, a tail cut or a payload exchanged: the first wrong revision and its fault."""
    tamper(written)

    report = written.verify_chain(CAMDEN, "CAM-1")

    assert (report.ok, report.revision, report.what) == (False, revision, what)
    assert written.verify_chain(CAMDEN, "CAM-2").ok


@pytest.mark.parametrize(
    ("tamper", "fault"),
    [
        (rewrite_consistently, Fault(1, "CAM-1", ROWS, "row changed")),
        (cut_tail, Fault(1, "CAM-1", ROWS, "tail cut")),
    ],
)
def test_a_rewrite_that_leaves_the_chain_whole_is_found_by_the_checkpoints(
    written: Store, tamper: Tamper, fault: Fault
) -> None:
    """Who holds every key can make a chain whole again; the signed checkpoint still remembers its head."""
    written.write_checkpoints(at=NINE)
    assert written.verify_checkpoints(CAMDEN).ok

    tamper(written)

    assert written.verify_chain(CAMDEN, "CAM-1").ok
    assert written.verify_checkpoints(CAMDEN).problems == (fault,)
    assert str(fault) == f"Checkpoint 1: case CAM-1 at {ROWS}: {fault.what}."
    assert (written.verify_checkpoints_of(CAMDEN, "CAM-1"), read_fault(str(fault))) == ([fault], fault)
    assert written.verify_checkpoints_of(CAMDEN, "CAM-2") == []


def test_a_removed_case_is_named_by_the_checkpoints(written: Store) -> None:
    """A whole case that vanishes is missed."""
    written.write_checkpoints(at=NINE)

    for table in (HISTORY, CASE_FILE, CHILD_KEY):
        change(written, sa.delete(table).where(table.c.case_id == "CAM-2"))

    assert written.verify_checkpoints(CAMDEN).problems == (Fault(1, "CAM-2", 1, "case removed"),)


def test_checkpoints_follow_each_other_and_cover_what_grew(written: Store) -> None:
    """Each covers the chains that grew since the last, and counts all cases and rows so far."""
    (first,) = written.write_checkpoints(at=NINE)
    assert written.write_checkpoints(at=NINE) == []
    written.append(an_entry("CAM-2", 1))
    (second,) = written.write_checkpoints(at=NINE)

    assert (first.number, first.cases, first.rows, first.heads) == (1, 2, 6, 2)
    assert (second.number, second.cases, second.rows, second.heads) == (2, 2, 7, 1)
    assert second.previous == first.hash
    assert checkpoints(written.database, CAMDEN) == [first, second]
    assert written.verify_checkpoints(CAMDEN).checkpoints == 2


SECOND = CHECKPOINT.c.number == 2


@pytest.mark.parametrize(
    ("tamper", "number", "what"),
    [
        (sa.update(CHECKPOINT).where(SECOND).values(rows=9), 2, "checkpoint changed"),
        (sa.update(CHECKPOINT).where(SECOND).values(signature=b"s" * 64), 2, "signature wrong"),
        (sa.update(CHECKPOINT).where(SECOND).values(previous=b"p" * 32), 2, "checkpoint changed"),
        (sa.delete(CHECKPOINT).where(CHECKPOINT.c.number == 1), 1, "checkpoint removed"),
        (sa.delete(CHECKPOINT_HEAD).where(CHECKPOINT_HEAD.c.checkpoint == 2), 2, "heads changed"),
    ],
)
def test_tampering_with_a_checkpoint_is_named(written: Store, tamper: sa.ClauseElement, number: int, what: str) -> None:
    """The checkpoints are chained and signed themselves."""
    written.write_checkpoints(at=NINE)
    written.append(an_entry("CAM-2", 1))
    written.write_checkpoints(at=NINE)

    change(written, tamper)

    assert Fault(number, None, None, what) in written.verify_checkpoints(CAMDEN).problems
    assert written.verify_checkpoints_of(CAMDEN, "CAM-2" if number == 2 else "CAM-1") != []


def test_a_checkpoint_signed_by_a_stranger_is_not_trusted(written: Store) -> None:
    """A signature counts only when its key is one of those that are trusted."""
    written.write_checkpoints(at=NINE)

    stranger = SigningKey(b"x" * 32).signer

    assert written.verify_checkpoints(CAMDEN, trusted=[stranger]).problems == (
        Fault(1, None, None, "signer not trusted"),
    )
    assert written.verify_checkpoints(CAMDEN, trusted=[stranger, SIGNING.signer]).ok


def test_checkpoints_that_are_all_gone_are_missed(written: Store) -> None:
    """Each case remembers up to where it was covered: without any checkpoint the first such case is named."""
    written.write_checkpoints(at=NINE)
    written.append(an_entry(revision=ROWS))

    change(written, sa.delete(CHECKPOINT_HEAD))
    change(written, sa.delete(CHECKPOINT))

    assert written.verify_checkpoints(CAMDEN).problems == (Fault(1, "CAM-1", ROWS, "checkpoint removed"),)
    assert [fault.what for fault in written.verify_checkpoints_of(CAMDEN, "CAM-1")] == ["checkpoint removed"]
    assert [fault.case_id for fault in written.verify_checkpoints_of(CAMDEN, "CAM-2")] == ["CAM-2"]


def test_what_checkpoints_say_of_one_case_names_no_other(written: Store) -> None:
    """A case is told what covers it, and what is missing of that; the others are told in their own reports."""
    written.write_checkpoints(at=NINE)
    written.append(an_entry("CAM-2", 1))
    written.write_checkpoints(at=NINE)
    assert [written.report_on_checkpoints_of(CAMDEN, case).checkpoints for case in ("CAM-1", "CAM-2")] == [1, 2]

    change(written, sa.update(CHECKPOINT).where(SECOND).values(rows=9))
    assert written.report_on_checkpoints_of(CAMDEN, "CAM-1").problems == (Fault(2, None, None, "checkpoint changed"),)
    change(written, sa.delete(CHECKPOINT_HEAD))
    change(written, sa.delete(CHECKPOINT))

    for case in ("CAM-1", "CAM-2"):
        report = written.report_on_checkpoints_of(CAMDEN, case)
        assert (report.checkpoints, {fault.case_id for fault in report.problems}) == (0, {case})


def test_a_case_removed_before_any_checkpoint_leaves_its_key_behind(written: Store) -> None:
    """History and file of a case gone, and its child's key there: somebody removed a case."""
    assert written.verify_checkpoints(CAMDEN).ok

    for table in (HISTORY, CASE_FILE):
        change(written, sa.delete(table).where(table.c.case_id == "CAM-2"))

    (found,) = written.verify_checkpoints(CAMDEN).problems
    assert found == Fault(1, "CAM-2", None, "case removed")
    assert str(found) == "Checkpoint 1: case CAM-2: case removed."


def test_each_authority_has_its_own_checkpoints(store: Store) -> None:
    """No authority's proof rests on another's cases."""
    store.append(an_entry())
    store.append(replace(an_entry(), authority="sussex"))

    made = store.write_checkpoints(at=NINE)

    assert [(one.authority, one.number, one.heads) for one in made] == [(CAMDEN, 1, 1), ("sussex", 1, 1)]
    assert made[0].root != made[1].root


def look(store: Store, person: str = "amira") -> int:
    """Somebody opens the case's page."""
    return store.readings.record(CAMDEN, "CAM-1", person=person, role="chair", what="case", at=NINE)


def test_readings_are_a_chain_that_never_touches_the_case(written: Store) -> None:
    """Looking is recorded, and does not make anybody's revision stale."""
    assert [look(written), look(written, "ben"), look(written)] == [1, 2, 3]

    assert [(one.number, one.person) for one in written.readings.of_case(CAMDEN, "CAM-1")] == [
        (1, "amira"), (2, "ben"), (3, "amira"),
    ]  # fmt: skip
    assert [one.number for one in written.readings.of_person(CAMDEN, "amira")] == [3, 1]
    assert written.append(an_entry(revision=ROWS)) == ROWS + 1
    report = written.verify_readings(CAMDEN, "CAM-1")
    assert (report.ok, report.rows) == (True, 3)
    assert written.verify_readings(CAMDEN, "CAM-2").ok


@pytest.mark.parametrize(
    ("tamper", "number", "what"),
    [
        (sa.update(READING).where(READING.c.number == 2).values(person="nobody"), 2, "row changed"),
        (sa.delete(READING).where(READING.c.number == 2), 2, "row removed"),
        (sa.delete(READING).where(READING.c.number == 3), 3, "tail cut"),
        (sa.update(READING_HEAD).values(hash=b"h" * 32), 3, "row changed"),
        (sa.update(READING_HEAD).values(number=2), 3, "row added"),
        (sa.delete(READING_HEAD), 1, "tail cut"),
    ],
)
def test_tampering_with_readings_is_named(written: Store, tamper: sa.ClauseElement, number: int, what: str) -> None:
    """Nobody unlooks."""
    for person in ("amira", "ben", "carla"):
        look(written, person)

    change(written, tamper)

    report = written.verify_readings(CAMDEN, "CAM-1")
    assert (report.ok, report.revision, report.what) == (False, number, what)


@pytest.mark.parametrize(
    "tamper", [sa.update(READING_HEAD).values(number=2), sa.delete(READING_HEAD)], ids=["other newest", "none"]
)
def test_a_record_of_looks_that_cannot_go_on_says_so_and_holds_up_no_other(
    written: Store, tamper: sa.ClauseElement
) -> None:
    """Nobody is told to try again later, and looks at other cases are recorded."""
    for person in ("amira", "ben", "carla"):
        look(written, person)
    change(written, tamper)

    with pytest.raises(Undecipherable, match="The record of looks of case CAM-1 of camden does not open"):
        look(written)
    broken = written.readings.record_all(CAMDEN, ["CAM-1", ""], person="amira", role=None, what="list", at=NINE)

    assert frozenset({"CAM-1"}) == broken
    assert [""] == [one.case_id for one in written.readings.of_person(CAMDEN, "amira") if one.what == "list"]


def test_readings_are_covered_by_checkpoints(written: Store) -> None:
    """The last reading cannot be taken back once a checkpoint has seen it."""
    look(written)
    look(written)
    (made,) = written.write_checkpoints(at=NINE)
    assert made.heads == 3

    change(written, sa.delete(READING).where(READING.c.number == 2))

    assert written.verify_checkpoints(CAMDEN).problems == (fault := Fault(1, "CAM-1", 2, "tail cut", "reading"),)
    assert str(fault) == "Checkpoint 1: looks at case CAM-1 at 2: tail cut."
    assert read_fault(str(fault)) == fault


def of_no_text(column: sa.Column[bytes]) -> sa.ColumnElement[bytes]:
    """What a column holds, as the shell of SQLite writes it back joined to something: text that is none."""
    return column.op("||")(sa.literal_column("x'ff'"))


BINARY = [column for table in METADATA.sorted_tables for column in table.c if isinstance(column.type, Octets)]
HAND_MADE = {
    "of no text": "cast(x'41ff42' as text)", "text": "'changed'", "a number": "17", "a fraction": "1.5",
}  # fmt: skip


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[Store]:
    """A store on SQLite, whose columns hold whatever type they are given."""
    url = f"sqlite:///{tmp_path / 'cases.db'}"
    upgrade(url)
    found = opened(url)
    yield found
    found.close()


@pytest.mark.parametrize("made", HAND_MADE)
def test_bytes_are_read_as_bytes_whatever_somebody_made_of_them(on_sqlite: Store, made: str) -> None:
    """SQLite keeps with each value the type that its writer gave it; a driver reads text that is none nowhere."""
    assert len(BINARY) > 30
    for column in BINARY:
        table = column.table
        given = [HAND_MADE[made] if other is column else "1" for other in table.c]
        with on_sqlite.database.writing() as session:
            session.cursor.execute(f"delete from {table.name}")
            session.cursor.execute(
                f"insert into {table.name} ({', '.join(table.c.keys())}) values ({', '.join(given)})"
            )

        with on_sqlite.database.reading() as session:
            (row,) = session.search(sa.select(*table.c))
            (alone,) = session.search(sa.select(column))

        assert type(row[table.c.keys().index(column.name)]) is type(alone[0]) is bytes, column


@pytest.mark.parametrize("column", HISTORY.c, ids=str)
def test_a_row_of_history_changed_by_hand_into_text_that_is_none_is_named(
    on_sqlite: Store, column: sa.Column[Any]
) -> None:
    """`||` makes text of bytes, of words and of numbers: the row is told with its place, and nothing waits for ever."""
    for revision in range(ROWS):
        on_sqlite.append(an_entry(revision=revision))
    told = {"payload": "payload changed", "format": "format unknown"}.get(column.name, "row changed")
    elsewhere = column.name in {"authority", "case_id", "revision"}

    change(on_sqlite, sa.update(HISTORY).where(at_revision(3)).values({column.name: of_no_text(column)}))

    report = on_sqlite.verify_chain(CAMDEN, "CAM-1")
    assert (report.ok, report.revision, report.what) == (False, 3, "row removed" if elsewhere else told)


@pytest.mark.parametrize("column", [CASE_FILE.c.head, READING.c.hash, READING.c.what, READING_HEAD.c.hash], ids=str)
def test_heads_and_looks_changed_by_hand_into_text_that_is_none_are_named(
    on_sqlite: Store, column: sa.Column[Any]
) -> None:
    """The case file's head and the record of looks are read as bytes, too, and told as changed."""
    on_sqlite.append(an_entry())
    look(on_sqlite)

    change(on_sqlite, sa.update(column.table).values({column.name: of_no_text(column)}))

    report = (
        on_sqlite.verify_chain(CAMDEN, "CAM-1")
        if column.table is CASE_FILE
        else on_sqlite.verify_readings(CAMDEN, "CAM-1")
    )
    told = "case file changed" if column.table is CASE_FILE else "row changed"
    assert (report.ok, report.revision, report.what) == (False, 1, told)


@pytest.mark.parametrize("column", [c for c in BINARY if c.table is CHECKPOINT or c.table is CHECKPOINT_HEAD], ids=str)
def test_checkpoints_changed_by_hand_into_text_that_is_none_are_named(
    on_sqlite: Store, column: sa.Column[bytes]
) -> None:
    """A checkpoint that is no bytes any more is one that was changed."""
    on_sqlite.append(an_entry())
    on_sqlite.write_checkpoints(at=NINE)
    assert on_sqlite.verify_checkpoints(CAMDEN).ok

    change(on_sqlite, sa.update(column.table).values({column.name: of_no_text(column)}))

    assert not on_sqlite.verify_checkpoints(CAMDEN).ok
    assert on_sqlite.verify_checkpoints_of(CAMDEN, "CAM-1") != []

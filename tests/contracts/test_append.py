"""One command, one transaction: everything it changed is written, or nothing is."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from engine.history import canonical
from engine.store import (
    CaseExists,
    CaseUnknown,
    DocumentRow,
    DuplicateCommand,
    DuplicateMessage,
    DuplicateNotice,
    InboundRow,
    OutboxRow,
    StaleCase,
    Store,
    StoreRefused,
)
from engine.store.inbox import Received
from engine.store.shown import read_rows
from engine.store.tables import CASE_FILE
from tests.contracts.building import CAMDEN, NINE, a_task, an_entry, at, next_entry, shows_at, tasks, with_id
from tests.contracts.looking import change, everything


def test_a_case_that_was_never_opened_is_none(store: Store) -> None:
    """Looking for a case that does not exist is an answer, not an error."""
    assert store.load(CAMDEN, "CAM-1") is None


def test_an_opened_case_is_loaded_as_it_was_written(store: Store) -> None:
    """What load gives is what append was given, at the next revision."""
    assert store.append(an_entry()) == 1

    found = store.load(CAMDEN, "CAM-1")

    assert found is not None
    assert (found.revision, found.status, found.plan_status) == (1, "OPEN", "ACTIVE")
    assert found.snapshot == canonical({"case": "CAM-1", "revision": 1})


def test_history_gives_back_every_command_in_order(store: Store) -> None:
    """History holds who, when, in what role, under which settings, what was asked and what happened."""
    for _ in range(3):
        store.append(next_entry(store))

    entries = list(store.history(CAMDEN, "CAM-1"))

    assert [entry.revision for entry in entries] == [1, 2, 3]
    wanted = an_entry(revision=2)
    assert entries[2].command == wanted.command
    assert (entries[2].payload, entries[2].events) == (wanted.payload, wanted.events)
    assert [entry.revision for entry in store.history(CAMDEN, "CAM-1", after=2)] == [3]


def test_history_longer_than_one_stretch_is_read_whole(store: Store) -> None:
    """A case of any length is read to its end."""
    for revision in range(501):
        store.append(an_entry(revision=revision))

    assert [entry.revision for entry in store.history(CAMDEN, "CAM-1")] == list(range(1, 502))
    report = store.verify_chain(CAMDEN, "CAM-1")
    assert (report.ok, report.rows) == (True, 501)


def test_history_of_an_unknown_case_is_refused(store: Store) -> None:
    """A reference that does not exist is named, not shown as an empty history."""
    with pytest.raises(CaseUnknown, match="Case CAM-9 does not exist for camden"):
        list(store.history(CAMDEN, "CAM-9"))


def test_a_stale_writer_is_refused_and_writes_nothing(store: Store) -> None:
    """Of two commands decided on the same revision, the second is refused."""
    store.append(an_entry())
    loaded = store.load(CAMDEN, "CAM-1")
    store.append(an_entry(revision=1, rows_after=tasks(a_task(2)), loaded=loaded))
    before = everything(store)

    late = with_id(an_entry(revision=1, rows_after=tasks(a_task(3)), loaded=loaded), "another")
    with pytest.raises(StaleCase, match="Case CAM-1 of camden is no longer at revision 1"):
        store.append(late)
    with pytest.raises(StaleCase):
        store.append(replace(late, loaded=None))

    assert everything(store) == before


def test_the_same_command_twice_is_refused_and_says_where_it_stands(store: Store) -> None:
    """A command id is carried out once, however the repetition arrives."""
    store.append(an_entry())
    store.append(an_entry(revision=1))
    before = everything(store)

    for again in (
        an_entry(revision=1),
        with_id(an_entry(revision=2), "CAM-1:2"),
        with_id(an_entry("CAM-2"), "CAM-1:2"),
    ):
        with pytest.raises(DuplicateCommand) as refused:
            store.append(again)
        assert (refused.value.case_id, refused.value.revision) == ("CAM-1", 2)

    assert everything(store) == before
    assert store.cases.find_command(CAMDEN, "CAM-1:2") == ("CAM-1", 2)


def test_a_command_id_may_be_used_by_another_authority(store: Store) -> None:
    """Authorities never see each other, not even each other's ids."""
    store.append(an_entry())

    assert store.append(replace(an_entry(), authority="sussex")) == 1

    assert store.lists.case("sussex", "CAM-1") is not None
    assert store.lists.search("sussex", "name", "sam") == ["CAM-1"]
    assert len(list(store.history(CAMDEN, "CAM-1"))) == 1


def test_a_reference_is_given_to_one_case_only(store: Store) -> None:
    """Opening a case under a taken reference is refused and changes nothing."""
    store.append(an_entry())
    before = everything(store)

    with pytest.raises(CaseExists, match="Case CAM-1 of camden exists already"):
        store.append(with_id(an_entry(), "another"))

    assert everything(store) == before


def test_a_case_that_does_not_exist_cannot_be_changed(store: Store) -> None:
    """The second command of a case needs the first."""
    with pytest.raises(CaseUnknown):
        store.append(an_entry(revision=1))


def test_a_failed_batch_leaves_nothing_behind(store: Store) -> None:
    """Several cases' commands are written together or not at all."""
    store.append(an_entry("CAM-3"))
    before = everything(store)

    with pytest.raises(CaseExists):
        store.append_all([an_entry("CAM-1"), an_entry("CAM-2"), with_id(an_entry("CAM-3"), "another")])

    assert everything(store) == before
    assert store.append_all([an_entry("CAM-1"), an_entry("CAM-2")]) == [1, 1]


def test_a_command_that_fails_at_its_last_row_leaves_nothing_behind(store: Store) -> None:
    """A refusal in the middle of a transaction takes back everything before it."""
    notice = OutboxRow("webhook", "CAM-1:1", "TransferRequest", b"{}", at())
    store.append(an_entry(outbox=(notice,)))
    before = everything(store)

    with pytest.raises(DuplicateNotice, match="A notice of case CAM-1 of camden repeats an idempotency key"):
        store.append(an_entry(revision=1, rows_after=shows_at(2), outbox=(notice,)))

    assert everything(store) == before


def test_a_message_from_outside_is_consumed_once(store: Store) -> None:
    """A second delivery of a message is refused even under another command id."""
    inbound = InboundRow("mosaic", "message-7", at(), b"digest")
    store.append(an_entry(inbound=inbound))
    before = everything(store)

    with pytest.raises(DuplicateMessage, match="Message message-7 from mosaic was already received by camden"):
        store.append(an_entry("CAM-2", inbound=inbound))

    assert everything(store) == before
    assert store.inbox.received(CAMDEN, "mosaic", "message-7") == Received(at(), "CAM-1", b"digest")
    assert store.inbox.received(CAMDEN, "mosaic", "message-8") is None


def test_rows_follow_the_difference_between_before_and_after(store: Store) -> None:
    """After every command the side tables hold exactly what the case shows."""
    for revision in range(7):
        store.append(next_entry(store))
        assert read_rows(store.database, CAMDEN, "CAM-1") == without_keys(shows_at(revision + 1))

    store.append(an_entry(revision=7, rows_before=shows_at(7)))

    assert read_rows(store.database, CAMDEN, "CAM-1") == shows_at(0)


def test_a_row_that_does_not_change_is_not_written(store: Store) -> None:
    """What a case showed before and shows still needs no statement."""
    store.append(next_entry(store))
    lost = tasks(a_task(55))

    store.append(an_entry(revision=1, rows_before=lost, rows_after=tasks(a_task(55))))

    assert 55 not in read_rows(store.database, CAMDEN, "CAM-1").tasks


def test_a_lost_snapshot_loads_as_none_and_is_put_back(store: Store) -> None:
    """The snapshot is a cache: without it a case still loads, and replay puts the same state back."""
    store.append(an_entry())
    store.cases.drop_snapshots(CAMDEN)

    found = store.load(CAMDEN, "CAM-1")
    assert found is not None
    assert found.snapshot is None

    store.cases.put_back(CAMDEN, "CAM-1", 1, an_entry().snapshot)
    again = store.load(CAMDEN, "CAM-1")
    assert again is not None
    assert again.snapshot == an_entry().snapshot


def test_a_damaged_snapshot_counts_as_lost(store: Store) -> None:
    """A cache that does not open is replayed, not believed."""
    store.append(an_entry())
    change(store, sa.update(CASE_FILE).values(snapshot=b"\x01" + b"s" * 60))

    found = store.load(CAMDEN, "CAM-1")

    assert found is not None
    assert found.snapshot is None


def test_a_row_that_is_there_against_all_reason_is_reported(store: Store) -> None:
    """A side row that a command is about to add for the first time shows that somebody wrote behind our back."""
    store.append(an_entry(rows_after=tasks(a_task(2))))
    before = everything(store)

    with pytest.raises(StoreRefused, match="this is a fault to report"):
        store.append(an_entry(revision=1, rows_after=tasks(a_task(2))))

    assert everything(store) == before


def test_a_snapshot_that_is_not_the_recorded_state_is_not_put_back(store: Store) -> None:
    """Only the state that history recorded may take a lost snapshot's place."""
    store.append(an_entry())

    with pytest.raises(StoreRefused):
        store.cases.put_back(CAMDEN, "CAM-1", 1, b"{}")
    with pytest.raises(StaleCase):
        store.cases.put_back(CAMDEN, "CAM-1", 2, an_entry().snapshot)
    store.append(an_entry(revision=1))
    with pytest.raises(StaleCase):
        store.cases.put_back(CAMDEN, "CAM-1", 1, an_entry().snapshot)


def test_the_state_that_is_hashed_may_be_another_than_the_snapshot(store: Store) -> None:
    """The state hash covers the canonical state, not the snapshot's bytes."""
    store.append(an_entry(state=b"canonical"))

    (row,) = store.history(CAMDEN, "CAM-1")
    assert row.state == store.state_hash(CAMDEN, "CAM-1", b"canonical")


def test_documents_are_kept_whole_in_the_commands_transaction(store: Store) -> None:
    """A letter is there when the command that made it is there."""
    paper = DocumentRow("letter-1.pdf", "application/pdf", at(), b"%PDF-1.7 Dear Sam")
    store.append(an_entry(documents=(paper,)))

    assert store.papers.read(CAMDEN, "CAM-1", "letter-1.pdf") == paper
    assert [(line.document, line.size) for line in store.papers.documents(CAMDEN, "CAM-1")] == [("letter-1.pdf", 17)]


def test_nothing_personal_is_plain_in_the_database(store: Store) -> None:
    """Names, answers, letters, notices and drafts are unreadable without the child's key."""
    paper = DocumentRow("letter-1.pdf", "application/pdf", at(), b"Dear Zebedee")
    notice = OutboxRow("mail", "CAM-1:1", "letter", b"to Zebedee", at())
    store.append(
        an_entry(
            label="Zebedee",
            payload=canonical({"name": "Zebedee"}),
            events=canonical(["Zebedee"]),
            snapshot=canonical({"name": "Zebedee"}),
            index=(("name", "Zebedee"),),
            documents=(paper,),
            outbox=(notice,),
        )
    )
    store.papers.save_draft(CAMDEN, "CAM-1", 1, "amira", b"Zebedee", at=NINE)

    written = repr(everything(store)).lower()

    assert "cam-1" in written
    assert "zebedee" not in written
    assert b"zebedee".hex() not in written


def without_keys(rows: object) -> object:
    """Rows as the tables give them back: a message's key is kept only as a token."""
    return replace(rows, messages={task: replace(row, key=None) for task, row in rows.messages.items()})  # type: ignore[attr-defined,type-var]  # Rows

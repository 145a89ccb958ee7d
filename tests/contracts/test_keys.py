"""Children's keys: who opens what, what erasure leaves, and what happens when the master key changes or is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.errors import Unreadable
from engine.store import (
    CaseErased,
    CaseStillOpen,
    CaseUnknown,
    ChildKeyLost,
    DocumentRow,
    KeyFileRefused,
    KeyMissing,
    MasterKey,
    OutboxRow,
    Store,
    Undecipherable,
    open_store,
)
from engine.store.custody import back_up_keys, rehearse, restore_keys, rotate
from engine.store.tables import CHILD_KEY, HISTORY
from tests.contracts.building import CAMDEN, NINE, an_entry, at, shows_at
from tests.contracts.conftest import MASTER, opened
from tests.contracts.looking import change, everything

OLD, NEW = b"m" * 32, b"n" * 32


def a_closed_case(store: Store, case_id: str = "CAM-1") -> None:
    """A case with everything a case can have, closed."""
    notice = OutboxRow("mail", f"{case_id}:1", "letter", b"Dear Sam", at())
    paper = DocumentRow("letter-1.pdf", "application/pdf", at(), b"Dear Sam")
    store.append(an_entry(case_id, rows_after=shows_at(1), outbox=(notice,), documents=(paper,)))
    store.papers.save_draft(CAMDEN, case_id, 1000, "amira", b"{}", at=NINE)
    store.append(an_entry(case_id, 1, rows_before=shows_at(1), rows_after=shows_at(1), status="CLOSED"))


def test_an_erased_case_keeps_only_its_chain(store: Store) -> None:
    """Erasing destroys the key and all that names the child; the history still verifies, its payloads stay closed."""
    a_closed_case(store)
    a_closed_case(store, "CAM-2")

    store.erase(CAMDEN, "CAM-1", at=NINE, by="data_protection_officer", why="retention-75-years")

    assert store.verify_chain(CAMDEN, "CAM-1").ok
    for refused in (
        lambda: store.load(CAMDEN, "CAM-1"),
        lambda: list(store.history(CAMDEN, "CAM-1")),
        lambda: store.append(an_entry(revision=2)),
        lambda: store.papers.read(CAMDEN, "CAM-1", "letter-1.pdf"),
        lambda: store.erase(CAMDEN, "CAM-1", at=NINE, by="x", why="y"),
    ):
        with pytest.raises(CaseErased, match="Case CAM-1 of camden was erased"):
            refused()
    line = store.lists.case(CAMDEN, "CAM-1")
    assert line is not None
    assert line.label is None
    assert store.lists.search(CAMDEN, "name", "sam") == ["CAM-2"]
    left = {name for name, rows in everything(store).items() if any("CAM-1" in row for row in rows)}
    assert left == {"case_file", "history", "erasure", "outbox"}
    assert everything(store)["erasure"] == [(CAMDEN, "CAM-1", at(), "data_protection_officer", "retention-75-years")]
    bodies = {row[1]: row[-1] for row in everything(store)["outbox"]}
    assert bodies["CAM-1:1"] is None
    assert bodies["CAM-2:1"] is not None


def test_a_notice_of_an_erased_case_comes_without_its_body(store: Store) -> None:
    """A worker finds the row and nothing to send."""
    a_closed_case(store)
    store.erase(CAMDEN, "CAM-1", at=NINE, by="officer", why="retention")

    (notice,) = store.claims.notices(NINE, most=9)

    assert notice.body is None


def test_a_writer_that_loaded_before_the_erasure_is_refused(store: Store) -> None:
    """A key that is still in some process's memory writes nothing any more."""
    a_closed_case(store)
    loaded = store.load(CAMDEN, "CAM-1")
    store.erase(CAMDEN, "CAM-1", at=NINE, by="officer", why="retention")
    before = everything(store)

    with pytest.raises(CaseErased):
        store.append(an_entry(revision=2, loaded=loaded))

    assert everything(store) == before


def test_only_a_closed_case_can_be_erased(store: Store) -> None:
    """A child with a live plan cannot be forgotten."""
    store.append(an_entry())

    with pytest.raises(CaseStillOpen, match="Close it before it is erased"):
        store.erase(CAMDEN, "CAM-1", at=NINE, by="officer", why="retention")
    with pytest.raises(CaseUnknown):
        store.erase(CAMDEN, "CAM-9", at=NINE, by="officer", why="retention")

    assert store.load(CAMDEN, "CAM-1") is not None


def test_rotating_the_master_key_wraps_every_key_anew(store: Store) -> None:
    """During a rotation both keys open; after it the older one is needed no more."""
    a_closed_case(store)
    a_closed_case(store, "CAM-2")
    url = store.database.url.render_as_string(hide_password=False)
    both = MasterKey(NEW, OLD)

    assert rotate(store.database, both) == 3
    assert rotate(store.database, both) == 0

    with pytest.raises(KeyMissing, match="Do not make a new one"):
        open_store(url, master_key=MASTER)
    renewed = open_store(url, master_key=MasterKey(NEW))
    assert len(list(renewed.history(CAMDEN, "CAM-1"))) == 2
    assert renewed.lists.search(CAMDEN, "name", "sam") == ["CAM-1", "CAM-2"]
    assert renewed.append(an_entry("CAM-2", 2)) == 3
    renewed.close()


def test_a_process_with_both_keys_works_on_through_a_rotation(store: Store) -> None:
    """Web and worker are restarted with both keys first, and need no pause while keys are wrapped."""
    a_closed_case(store)
    url = store.database.url.render_as_string(hide_password=False)
    working = open_store(url, master_key=MasterKey(NEW, OLD))
    loaded = working.load(CAMDEN, "CAM-1")

    rotate(store.database, MasterKey(NEW, OLD))

    assert working.append(an_entry(revision=2, loaded=loaded)) == 3
    assert len(list(working.history(CAMDEN, "CAM-1"))) == 3
    working.close()


def test_another_master_key_does_not_open_a_database(store: Store) -> None:
    """A database that was written under a key is never silently continued under another."""
    a_closed_case(store)
    url = store.database.url.render_as_string(hide_password=False)
    prove = open_store(url, master_key=MASTER)
    prove.close()

    for create in (False, True):
        with pytest.raises(KeyMissing) as refused:
            open_store(url, master_key=MasterKey(b"x" * 32), create=create)
        assert refused.value.wanted == MASTER.id


def test_the_loss_of_the_master_key_is_rehearsed(store: Store) -> None:
    """The backup of the key file is tried on every key of the database, and changes nothing."""
    a_closed_case(store)
    before = everything(store)

    assert rehearse(store.database, MASTER).ok
    assert rehearse(store.database, MASTER).keys == 2
    lost = rehearse(store.database, MasterKey(b"x" * 32))
    assert (lost.ok, lost.keys, lost.unopened) == (False, 2, ("camden index", "camden CAM-1"))
    assert everything(store) == before


def test_without_the_master_key_chains_still_verify(store: Store) -> None:
    """What was done stays proved even when nobody can read it any more."""
    a_closed_case(store)
    store.write_checkpoints(at=NINE)
    url = store.database.url.render_as_string(hide_password=False)
    keyless = opened(url, MasterKey(b"x" * 32))

    assert keyless.verify_checkpoints(CAMDEN).ok
    with pytest.raises(KeyMissing):
        keyless.load(CAMDEN, "CAM-1")
    keyless.close()


def test_lost_keys_come_back_from_their_own_backup(store: Store, tmp_path: Path) -> None:
    """The wrapped keys are backed up apart from the cases; an erased child does not come back."""
    a_closed_case(store)
    a_closed_case(store, "CAM-2")
    file = tmp_path / "keys.jsonl"
    assert back_up_keys(store.database, file) == 3
    assert file.stat().st_mode & 0o777 == 0o600
    store.erase(CAMDEN, "CAM-2", at=NINE, by="officer", why="retention")
    change(store, sa.delete(CHILD_KEY))
    for refused in (lambda: store.load(CAMDEN, "CAM-1"), lambda: list(store.history(CAMDEN, "CAM-1"))):
        with pytest.raises(ChildKeyLost, match="Restore the backup of the wrapped keys"):
            refused()

    assert restore_keys(store.database, file) == 1

    assert len(list(store.history(CAMDEN, "CAM-1"))) == 2
    with pytest.raises(CaseErased):
        store.load(CAMDEN, "CAM-2")
    with pytest.raises(KeyFileRefused, match="Name a new one for each backup"):
        back_up_keys(store.database, file)


def test_a_damaged_backup_of_keys_is_named_by_its_line(store: Store, tmp_path: Path) -> None:
    """Restoring from something else stops at the first line that is no key."""
    file = tmp_path / "keys.jsonl"
    for text in ("{}\n", "no json\n", '{"authority":"a","of":"b","key_id":"c","child":true,"wrapped":"?"}\n'):
        file.write_text(text)
        with pytest.raises(Unreadable, match=r"Line 1 of keys\.jsonl is not a wrapped key"):
            restore_keys(store.database, file)


def test_a_key_cannot_be_moved_to_another_child(store: Store) -> None:
    """A wrapped key is bound to its case: copied to another it opens nothing."""
    a_closed_case(store)
    a_closed_case(store, "CAM-2")
    wrapped = sa.select(CHILD_KEY.c.wrapped).where(CHILD_KEY.c.case_id == "CAM-1")
    with store.database.reading() as session:
        ((stolen,),) = session.search(wrapped)

    change(store, sa.update(CHILD_KEY).where(CHILD_KEY.c.case_id == "CAM-2").values(wrapped=stolen))

    with pytest.raises(Undecipherable):
        store.load(CAMDEN, "CAM-2")


def test_a_payload_cannot_be_read_from_another_place(store: Store) -> None:
    """A payload is bound to its case and revision."""
    a_closed_case(store)
    with store.database.reading() as session:
        ((first,),) = session.search(sa.select(HISTORY.c.payload).where(HISTORY.c.revision == 1))

    change(store, sa.update(HISTORY).where(HISTORY.c.revision == 2).values(payload=first))

    with pytest.raises(Undecipherable, match="The payload of case CAM-1 of camden at revision 2 does not open"):
        list(store.history(CAMDEN, "CAM-1"))

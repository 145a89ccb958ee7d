"""Key files are made once, read by their owner only, and never overwritten."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.store import KeyFileRefused, KeyMissing, MasterKey, SigningKey, create_keys, open_store


def test_a_key_folder_holds_both_keys_for_its_owner_only(tmp_path: Path) -> None:
    """The keys that were made are the keys that are read, and nobody else may read them."""
    folder = tmp_path / "keys"

    made = MasterKey.create(folder)

    assert MasterKey.read(folder).ids == made.ids
    assert len(SigningKey.read(folder).signer) == 64
    assert {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()} == {
        "master.key": 0o600, "checkpoint.key": 0o600,
    }  # fmt: skip
    assert folder.stat().st_mode & 0o077 == 0


def test_keys_are_never_overwritten(tmp_path: Path) -> None:
    """Making keys where keys are is refused: it would lock every child's file for ever."""
    made = MasterKey.create(tmp_path)

    with pytest.raises(KeyFileRefused, match=r"master\.key exists\. A key is never overwritten"):
        MasterKey.create(tmp_path)

    assert MasterKey.read(tmp_path).ids == made.ids


def test_a_rotation_begins_with_a_second_key_and_ends_with_one(tmp_path: Path) -> None:
    """The newest key comes first and wraps; the older ones open until they are dropped."""
    old = MasterKey.create(tmp_path)

    both = MasterKey.add(tmp_path)
    assert (both.ids[1:], both.id != old.id) == (old.ids, True)
    assert MasterKey.read(tmp_path).ids == both.ids
    assert both.unwrap(old.id, old.wrap(b"k" * 32, "camden", "CAM-1"), "camden", "CAM-1") == b"k" * 32

    assert MasterKey.drop_older(tmp_path).ids == (both.id,)
    assert MasterKey.read(tmp_path).ids == (both.id,)
    assert (tmp_path / "master.key").stat().st_mode & 0o777 == 0o600


def edited(name: str, edit: Callable[[str], str]) -> Callable[[Path], None]:
    """Damage a key file."""
    return lambda folder: (folder / name).write_text(edit((folder / name).read_text()))  # type: ignore[func-returns-value]  # only the effect counts


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: (folder / "master.key").unlink(), r"master\.key cannot be read"),
        (lambda folder: (folder / "master.key").chmod(0o640), r"master\.key is open to others"),
        (lambda folder: (folder / "master.key").write_bytes(b"\xff"), r"master\.key cannot be read"),
        (edited("master.key", lambda text: "Another file\n" + text), r"master\.key is not the key file it should be"),
        (edited("master.key", lambda text: text.split("\n")[0]), r"master\.key holds no key"),
        (edited("master.key", lambda text: text.replace("=", "")), r"A key in master\.key is damaged"),
        (
            edited("master.key", lambda text: text[:33] + ("1" if text[33] == "0" else "0") + text[34:]),
            r"A key in master\.key is damaged",
        ),
        (lambda folder: (folder / "checkpoint.key").unlink(), r"checkpoint\.key cannot be read"),
        (lambda folder: (folder / "checkpoint.key").chmod(0o604), r"checkpoint\.key is open to others"),
        (edited("checkpoint.key", lambda text: text.split("\n")[0]), r"checkpoint\.key is damaged"),
        (edited("checkpoint.key", lambda text: text + "more\n"), r"checkpoint\.key is damaged"),
    ],
)
def test_an_unsafe_or_damaged_key_file_is_refused(
    tmp_path: Path, damage: Callable[[Path], object], message: str
) -> None:
    """The message names the file and the mend, and never the key."""
    MasterKey.create(tmp_path)
    damage(tmp_path)

    with pytest.raises(KeyFileRefused, match=message):
        open_store(f"sqlite:///{tmp_path / 'x.db'}", keys=tmp_path, create=True)

    assert not (tmp_path / "x.db").exists()


def test_a_store_is_not_opened_without_keys(tmp_path: Path) -> None:
    """No key is made up where none was named."""
    with pytest.raises(KeyFileRefused, match="No key folder was named"):
        open_store(f"sqlite:///{tmp_path / 'x.db'}", create=True)


def test_checkpoints_need_a_signing_key(tmp_path: Path) -> None:
    """A store that was opened with the master key alone says so instead of leaving checkpoints out."""
    store = open_store(f"sqlite:///{tmp_path / 'x.db'}", master_key=MasterKey(b"m" * 32), create=True)

    with pytest.raises(KeyFileRefused, match="Open it with its key folder"):
        store.write_checkpoints(at=datetime(2026, 3, 2, tzinfo=UTC))
    store.close()


def test_a_store_opened_with_its_folder_signs_and_trusts_its_own_key(tmp_path: Path) -> None:
    """The folder that opens the cases signs their checkpoints."""
    MasterKey.create(tmp_path)
    url = f"sqlite:///{tmp_path / 'x.db'}"
    store = open_store(url, keys=tmp_path, create=True)
    store.close()

    again = open_store(url, keys=tmp_path)
    assert again.verify_checkpoints("camden").ok
    again.close()


def test_keys_are_not_made_for_a_database_that_was_written_under_others(database_url: str, tmp_path: Path) -> None:
    """Whoever lost the folder is told to bring it back, and finds no new one in its way."""
    create_keys(database_url, tmp_path / "first")
    first = open_store(database_url, keys=tmp_path / "first")
    first.close()

    with pytest.raises(KeyMissing, match="Bring the key file back from its own backup. Do not make a new one"):
        create_keys(database_url, tmp_path / "second")

    assert not (tmp_path / "second").exists()


def test_keys_for_a_database_that_does_not_exist_yet_leave_no_file(tmp_path: Path) -> None:
    """Making keys does not make a database."""
    create_keys(f"sqlite:///{tmp_path / 'x.db'}", tmp_path / "keys")

    assert not (tmp_path / "x.db").exists()

"""What docs/operations-keys.md tells people to type does what it says."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.commands.keys import export, keys
from engine.store import CaseErased, MasterKey, open_store
from tests.contracts.building import CAMDEN, an_entry


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with keys and a database of one closed case."""
    MasterKey.create(tmp_path / "keys")
    store = open_store(f"sqlite:///{tmp_path / 'x.db'}", keys=tmp_path / "keys", create=True)
    store.append(an_entry(status="CLOSED"))
    store.close()
    return tmp_path


def run(place: Path, *words: str) -> Result:
    """Type a command."""
    where = ("--database", f"sqlite:///{place / 'x.db'}", "--keys", str(place / "keys"))
    group, rest = (export, words[1:]) if words[0] == "export" else (keys, words)
    return CliRunner().invoke(group, [*rest, *where], catch_exceptions=False)


def test_a_master_key_is_changed_step_by_step(place: Path) -> None:
    """Add, rotate, rehearse, drop: at no step is a child's key out of reach."""
    old = MasterKey.read(place / "keys").id
    assert old in run(place, "show").output
    assert run(place, "add").exit_code == 0
    refused = run(place, "drop-older")
    assert (refused.exit_code, refused.output) == (1, "2 keys still need an older master key. Rotate first.\n")

    assert run(place, "rotate").output == "2 keys wrapped anew\n"
    assert run(place, "rehearse").output == "2 of 2 keys opened\n"
    assert run(place, "drop-older").exit_code == 0

    assert old not in MasterKey.read(place / "keys").ids
    store = open_store(f"sqlite:///{place / 'x.db'}", keys=place / "keys")
    assert len(list(store.history(CAMDEN, "CAM-1"))) == 1
    store.close()


def test_the_wrong_key_folder_fails_the_rehearsal(place: Path) -> None:
    """Every key that did not open is named."""
    MasterKey.create(place / "others")

    found = CliRunner().invoke(
        keys, ["rehearse", "--database", f"sqlite:///{place / 'x.db'}", "--keys", str(place / "others")]
    )

    assert (found.exit_code, found.output) == (
        1, "camden index did not open\ncamden CAM-1 did not open\n0 of 2 keys opened\n",
    )  # fmt: skip


def test_wrapped_keys_are_backed_up_and_put_back(place: Path) -> None:
    """A backup of keys that nothing has lost puts nothing back."""
    assert run(place, "backup", str(place / "k.jsonl")).output == "2 keys written\n"
    assert run(place, "restore", str(place / "k.jsonl")).output == "0 keys put back\n"


def test_erasing_asks_first_and_says_what_is_left(place: Path) -> None:
    """A child is not erased by a slip of the hand."""
    words = ("erase", "CAM-1", "--authority", CAMDEN, "--by", "officer", "--why", "retention")
    assert run(place, *words).exit_code == 1

    assert run(place, *words, "--yes").output == "Case CAM-1 is erased. Its chain still verifies.\n"

    store = open_store(f"sqlite:///{place / 'x.db'}", keys=place / "keys")
    with pytest.raises(CaseErased):
        store.load(CAMDEN, "CAM-1")
    store.close()


def test_a_case_is_exported_only_to_somebody_who_works_there(place: Path) -> None:
    """A whole case file is taken by a person of the authority, on the record; for nobody there is no file."""
    said = run(place, "export", "CAM-1", str(place / "case.json"), "--authority", CAMDEN, "--by", "nobody")

    assert said.exit_code == 1
    assert "Nobody of the id nobody works for camden" in said.output
    assert not (place / "case.json").exists()

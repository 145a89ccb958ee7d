"""A case handed to somebody who does not run this system proves itself to them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from engine.store import CaseErased, SigningKey, Store, offline
from engine.store.offline import verify_export
from engine.store.tables import CHECKPOINT
from tests.contracts.building import CAMDEN, NINE, an_entry
from tests.contracts.conftest import SIGNING
from tests.contracts.looking import change

Document = dict[str, Any]


@pytest.fixture
def document(store: Store) -> Document:
    """A case of four commands among six others, of which a checkpoint covers three."""
    for n in range(6):
        store.append(an_entry(f"CAM-0{n}"))
    for revision in range(3):
        store.append(an_entry(revision=revision))
    store.readings.record(CAMDEN, "CAM-1", person="amira", role=None, what="case", at=NINE)
    store.write_checkpoints(at=NINE)
    store.append(an_entry(revision=3))
    return json.loads(json.dumps(store.export_case(CAMDEN, "CAM-1")))


def test_an_exported_case_is_whole_and_covered(document: Document) -> None:
    """Its rows, its payloads and its place in a signed checkpoint hold together."""
    assert verify_export(document, [SIGNING.signer]) == []
    assert (len(document["rows"]), document["checkpoint"]["place"]) == (4, 3)


def set_in(*path: str | int, to: Any) -> Callable[[Document], None]:
    """Change one value of a document."""

    def change(document: Document) -> None:
        inner: Any = document
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = to

    return change


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (set_in("rows", 1, "by", to="nobody"), "Revision 2 is not what its hash says."),
        (set_in("rows", 1, "payload", to="{}"), "What revision 2 says is not what was committed to."),
        (set_in("rows", 1, "events", to="[]"), "What revision 2 says is not what was committed to."),
        (set_in("case_id", to="CAM-01"), "Revision 1 is not what its hash says."),
        (lambda document: document["rows"].pop(1), "Revision 2 is missing."),
        (set_in("rows", to=[]), "The checkpoint covers revision 3, which is not in the file."),
        (set_in("checkpoint", "place", to=2), "Checkpoint 1 does not cover revision 2 as it is in the file."),
        (set_in("checkpoint", "proof", to=[]), "Checkpoint 1 does not cover revision 3 as it is in the file."),
        (set_in("checkpoint", "index", to=9), "Checkpoint 1 does not cover revision 3 as it is in the file."),
        (set_in("checkpoint", "heads", to=0), "Checkpoint 1 does not cover revision 3 as it is in the file."),
        (set_in("checkpoint", "rows", to=99), "Checkpoint 1 is not what its hash says."),
        (set_in("checkpoint", "signature", to="00" * 64), "The signature of checkpoint 1 is wrong."),
        (set_in("checkpoint", "signer", to="00"), "The signature of checkpoint 1 is wrong."),
        (set_in("checkpoint", to=None), "No checkpoint covers this case yet: its newest rows rest on the chain alone."),
        (set_in("export", to=2), "This is not an exported case of a format that is known here."),
        (lambda document: document["rows"][1].pop("kind"), "The file is damaged: KeyError at 'kind'."),
    ],
)  # fmt: skip
def test_a_changed_export_is_found_out(document: Document, change: Callable[[Document], object], problem: str) -> None:
    """Whatever is changed on the way is named."""
    change(document)

    assert problem in verify_export(document)


def test_a_strangers_signature_is_not_trusted(document: Document) -> None:
    """Who verifies says whose signature counts."""
    assert verify_export(document, [SigningKey(b"x" * 32).signer]) == [
        "Checkpoint 1 was signed by a key that is not trusted."
    ]


def test_an_export_without_its_contents_still_proves_who_did_what(document: Document) -> None:
    """Payloads may be taken out before a file is handed on: chain and checkpoint verify without them."""
    document["commitment_keys"] = None
    for row in document["rows"]:
        del row["payload"], row["events"]

    assert verify_export(document, [SIGNING.signer]) == []


def test_without_the_package_for_signatures_the_verifier_says_that_it_did_not_check_them(
    document: Document, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Everything else is verified by Python alone."""
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)

    assert verify_export(document) == []
    assert "The signature was not checked" in capsys.readouterr().err


def test_a_removed_checkpoint_leaves_the_case_uncovered(store: Store) -> None:
    """What was signed and taken away again covers nothing."""
    store.append(an_entry())
    store.write_checkpoints(at=NINE)
    change(store, sa.delete(CHECKPOINT))

    assert store.export_case(CAMDEN, "CAM-1")["checkpoint"] is None


def test_a_case_before_its_first_checkpoint_says_so(store: Store) -> None:
    """Rows that no checkpoint covers yet prove less, and the verifier is told."""
    store.append(an_entry())

    assert verify_export(store.export_case(CAMDEN, "CAM-1")) == [
        "No checkpoint covers this case yet: its newest rows rest on the chain alone."
    ]


def test_the_verifier_runs_alone(document: Document, tmp_path: Path) -> None:
    """One file of Python, copied anywhere, is all that is needed."""
    program, file = tmp_path / "verify.py", tmp_path / "case.json"
    program.write_bytes(Path(offline.__file__).read_bytes())

    def run(*arguments: str) -> tuple[int, str]:
        done = subprocess.run([sys.executable, "-I", program, *arguments], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    file.write_text(json.dumps(document))
    assert run(str(file), SIGNING.signer) == (0, "Case CAM-1: 4 rows, whole and covered.\n")
    document["rows"][3]["at"] = "2026-03-02T10:00:00.000000Z"
    file.write_text(json.dumps(document))
    assert run(str(file)) == (1, "Revision 4 is not what its hash says.\n")
    assert run() == (2, "")


def test_the_verifier_can_be_called_in_place(
    document: Document, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same words without a process of its own."""
    file = tmp_path / "case.json"
    file.write_text(json.dumps(document))

    assert offline.main([str(file)]) == 0
    document["export"] = 0
    file.write_text(json.dumps(document))
    assert offline.main([str(file)]) == 1
    assert offline.main([]) == 2
    assert "whole and covered" in capsys.readouterr().out


def test_an_erased_case_cannot_be_exported(store: Store) -> None:
    """Nothing is left to hand out."""
    store.append(an_entry(status="CLOSED"))
    store.erase(CAMDEN, "CAM-1", at=NINE, by="officer", why="retention")

    with pytest.raises(CaseErased):
        store.export_case(CAMDEN, "CAM-1")

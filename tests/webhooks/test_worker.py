"""The worker as its environment starts it."""

from __future__ import annotations

from pathlib import Path

from engine.store import create_keys, open_store
from engine.store.checkpoint_file import read_checkpoint_file
from tests.contracts.building import CAMDEN, an_entry
from webhooks.serving import open_office
from webhooks.worker import Worker


def test_a_worker_appends_checkpoints_to_the_file_that_its_environment_names(tmp_path: Path) -> None:
    """Named, the file has each checkpoint; not named, the database alone has them."""
    environment = {"PATHWAYS_DATABASE": f"sqlite:///{tmp_path / 'cases.db'}", "PATHWAYS_KEYS": str(tmp_path / "keys")}
    create_keys(environment["PATHWAYS_DATABASE"], tmp_path / "keys")
    open_store(environment["PATHWAYS_DATABASE"], keys=tmp_path / "keys", create=True).append(an_entry())
    office, path = open_office(environment), tmp_path / "checkpoints.jsonl"

    Worker(office, environment, "without").round()
    assert (office.store.verify_checkpoints(CAMDEN).checkpoints, path.exists()) == (1, False)
    Worker(office, environment | {"PATHWAYS_CHECKPOINT_FILE": str(path)}, "with").round()

    assert [one.number for one in read_checkpoint_file(path).checkpoints] == [1]

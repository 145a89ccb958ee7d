"""A store that is gone afterwards: where scenarios and trials are played."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from engine.store import MasterKey, Store, migrate, open_store


@contextlib.contextmanager
def temporary_store() -> Iterator[Store]:
    """A fresh store on SQLite that is gone afterwards: for scenarios, trials and the demonstration."""
    with tempfile.TemporaryDirectory(prefix="pathways-") as folder:
        keys = Path(folder) / "keys"
        MasterKey.create(keys)
        database = Path(folder) / "trial.db"
        database.write_bytes(_empty_database())
        store = open_store(f"sqlite:///{database}", keys=keys)
        try:
            yield store
        finally:
            store.close()


@cache
def _empty_database() -> bytes:
    """A database with all its tables and nothing in them, as a file: made once, for a trial is looked at often."""
    with tempfile.TemporaryDirectory(prefix="pathways-") as folder:
        database = Path(folder) / "empty.db"
        migrate(f"sqlite:///{database}")
        return database.read_bytes()

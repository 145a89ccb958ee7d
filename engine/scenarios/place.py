"""A store that is gone afterwards: where scenarios and trials are played."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from engine.store import MasterKey, Store, open_store


@contextlib.contextmanager
def temporary_store() -> Iterator[Store]:
    """A fresh store on SQLite that is gone afterwards: for scenarios, trials and the demonstration."""
    with tempfile.TemporaryDirectory(prefix="pathways-") as folder:
        keys = Path(folder) / "keys"
        MasterKey.create(keys)
        store = open_store(f"sqlite:///{Path(folder) / 'trial.db'}", keys=keys, create=True)
        try:
            yield store
        finally:
            store.close()

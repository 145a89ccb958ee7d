"""A store on each database, with no cases in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.store import MasterKey, SigningKey, Store
from engine.store.database import Database

MASTER = MasterKey(b"m" * 32)
SIGNING = SigningKey(b"s" * 32)


def opened(url: str, master: MasterKey = MASTER) -> Store:
    """A store on a database that has its tables."""
    return Store(Database(url), master, SIGNING)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty store; the test runs on SQLite and on PostgreSQL."""
    found = opened(database_url)
    yield found
    found.close()

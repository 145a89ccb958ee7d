"""An office on a database of its own, for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.office import TestOffice, open_office


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[TestOffice]:
    """An office on SQLite."""
    found = open_office(sqlite_url, tmp_path)
    yield found
    found.store.close()


@pytest.fixture
def each_office(database_url: str, tmp_path: Path) -> Iterator[TestOffice]:
    """An office on SQLite, and one on PostgreSQL."""
    found = open_office(database_url, tmp_path)
    yield found
    found.store.close()

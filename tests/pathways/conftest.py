"""Where the shipped pathways are played: one stage on each database, with every authority's pathways published."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.casework import Shelf
from engine.scenarios import Result, Stage, find_scenarios, read_scenario
from engine.store import MasterKey, open_store
from tests.support.postgres import Postgres

PROCESSES = Path(__file__).resolve().parents[2] / "processes"
PUBLISHED = datetime(2026, 1, 1, 9, tzinfo=UTC)


def authorities() -> list[str]:
    """The authorities whose pathways are shipped."""
    return sorted(path.parent.name for path in PROCESSES.glob("*/authority.toml"))


@pytest.fixture(scope="session")
def sqlite_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage on SQLite."""
    folder = tmp_path_factory.mktemp("stage")
    yield from _stage(f"sqlite:///{folder / 'stage.db'}", folder)


@pytest.fixture(scope="session")
def postgres_stage(
    postgres_server: Postgres, migrated_postgres: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """A stage on PostgreSQL."""
    name = migrated_postgres.replace("migrated", "stage")
    yield from _stage(postgres_server.create(name, migrated_postgres), tmp_path_factory.mktemp("stage"))
    postgres_server.drop(name)


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def stage(request: pytest.FixtureRequest) -> Stage:
    """A test that takes this runs twice: on SQLite and on PostgreSQL."""
    found: Stage = request.getfixturevalue(f"{request.param}_stage")
    return found


@pytest.fixture(scope="session")
def so_far() -> dict[Path, Result]:
    """What came of the scenarios that a test has played on SQLite, by file."""
    return {}


@pytest.fixture(scope="session")
def played(sqlite_stage: Stage, so_far: dict[Path, Result]) -> dict[Path, Result]:
    """What came of every shipped scenario, by file: those that no test has played yet are played now."""
    for file in find_scenarios(PROCESSES):
        if file not in so_far:
            so_far[file] = sqlite_stage.play(read_scenario(file.read_bytes(), str(file)), certify=False)
    return so_far


def _stage(url: str, folder: Path) -> Iterator[Stage]:
    store = open_store(url, master_key=MasterKey.create(folder / "keys"), create=True)
    shelf = Shelf(store)
    for authority in authorities():
        shelf.deploy_authority(PROCESSES / authority, at=PUBLISHED, by="tests", why="to play scenarios")
    yield Stage(store, shelf)
    store.close()

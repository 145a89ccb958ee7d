"""What every ring of tests shares: real databases, a mail server, a browser, and the closing words about them.

A missing database or browser is an error here, never a skip: a test that did not run has proved nothing.
"""

from __future__ import annotations

import itertools
import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.support import audit, mail, postgres
from tests.support import browser as browsers

ROOT = Path(__file__).resolve().parents[1]

#: Each ring, by the folder its tests lie in; what is found elsewhere counts under its own folder's name.
RINGS = {"engine": "units", "webhooks": "web"}

#: Which of several processes of tests this is; the databases it makes carry its name.
PROCESS = os.environ.get("PYTEST_XDIST_WORKER", "alone")

_versions: dict[str, str] = {}
_numbers = itertools.count(1)


# ----------------------------------------------------------------------------------------------------------- databases


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Postgres]:
    """A real PostgreSQL server, started once for all tests."""
    with postgres.running() as server:
        _versions["PostgreSQL"] = f"{server.version} ({server.origin})"
        yield server


@pytest.fixture
def empty_postgres_url(postgres_server: postgres.Postgres) -> Iterator[str]:
    """The address of a database of this test's own, without tables."""
    name = f"empty_{PROCESS}_{next(_numbers)}"
    yield postgres_server.create(name)
    postgres_server.drop(name)


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: postgres.Postgres) -> str:
    """The name of a database with all tables and no rows, to copy from."""
    from engine.store import migrate

    name = f"migrated_{PROCESS}"
    migrate(postgres_server.create(name))
    return name


@pytest.fixture
def postgres_url(postgres_server: postgres.Postgres, migrated_postgres: str) -> Iterator[str]:
    """The address of a database of this test's own, with all tables and no rows."""
    name = f"test_{PROCESS}_{next(_numbers)}"
    yield postgres_server.create(name, migrated_postgres)
    postgres_server.drop(name)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with all tables and no rows, to copy from."""
    from engine.store import migrate

    folder = tmp_path_factory.mktemp("migrated")
    migrate(f"sqlite:///{folder / 'migrated.db'}")
    return folder / "migrated.db"


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_sqlite: Path) -> str:
    """The address of an SQLite file of this test's own, with all tables and no rows."""
    for part in migrated_sqlite.parent.glob("migrated.db*"):
        shutil.copy(part, tmp_path / part.name.replace("migrated", "test"))
    return f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    """The address of an SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'empty.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A test that takes this runs twice: on SQLite and on PostgreSQL, each with all tables and no rows."""
    return str(request.getfixturevalue(f"{request.param}_url"))


# ------------------------------------------------------------------------------------------------------ mail and guard


@pytest.fixture
def postbox() -> Iterator[mail.Postbox]:
    """A real mail server on this machine: `postbox.host`, `postbox.port`, and `postbox.messages` that it received."""
    with mail.running() as box:
        yield box


@pytest.fixture
def only_known_compilers() -> Iterator[None]:
    """While this test runs, only imports, the template engine and the FEEL compiler may make code."""
    with audit.only_known_compilers():
        yield


# -------------------------------------------------------------------------------------------------------------- browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real browser, started once for all tests; tests/browser/conftest.py opens pages in it."""
    with browsers.running() as running:
        _versions["Chromium"] = f"{running.version} ({browsers.find().origin})"
        yield running


# --------------------------------------------------------------------------------------------------------- side by side


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In several processes the tests of one file stay together, for they share what is costly to set up.

    The scenarios are the one file worth sharing out: those on PostgreSQL go to a process of their own.
    """
    for item in items:
        parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
        database = parameters.get("stage", "") if item.path.name == "test_scenarios.py" else ""
        item.add_marker(pytest.mark.xdist_group(f"{item.path.relative_to(ROOT)} {database}".strip()))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the versions that this process used to the one that says the closing words."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["versions"] = _versions


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take the versions that another process used."""
    _versions.update(getattr(node, "workeroutput", {}).get("versions", {}))


# ---------------------------------------------------------------------------------------------------------- the closing


def _ring(nodeid: str) -> str:
    parts = Path(nodeid.split("::", 1)[0]).parts
    folder = parts[1] if len(parts) > 2 else "tests"
    return RINGS.get(folder, folder)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which databases and browser the tests used, and how many tests each ring holds."""
    passed = Counter(_ring(report.nodeid) for report in terminalreporter.stats.get("passed", []))
    failed = Counter(
        _ring(report.nodeid) for kind in ("failed", "error") for report in terminalreporter.stats.get(kind, [])
    )
    terminalreporter.section("rings")
    for name in sorted(passed | failed):
        trouble = f", {failed[name]} failed" if failed[name] else ""
        terminalreporter.line(f"{name:<14}{passed[name]:>6} passed{trouble}")
    terminalreporter.section("used")
    terminalreporter.line(f"SQLite {sqlite3.sqlite_version}")
    for name, version in sorted(_versions.items()):
        terminalreporter.line(f"{name} {version}")


@pytest.fixture
def numbered() -> Callable[[str], str]:
    """A name that no other test of this session uses: numbered('case') gives case-1, case-2, ..."""
    return lambda stem: f"{stem}-{next(_numbers)}"

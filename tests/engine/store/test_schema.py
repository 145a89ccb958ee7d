"""The migrations make exactly the tables that the code expects, from nothing and from every released schema."""

from __future__ import annotations

import ast
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from engine.store import MasterKey, SchemaDiffers, Store, migrate, open_store
from engine.store.database import Database
from engine.store.schema import configuration, upgrade
from engine.store.store import SCHEMA, open_database, schema_of
from engine.store.tables import EVERYONE, METADATA
from tests.contracts.building import CAMDEN, NINE, an_entry, ending_of, in_child, next_entry
from tests.contracts.conftest import opened

MASTER = MasterKey(b"m" * 32)

#: What every released schema is called; a migration adds its own and never takes one away.
RELEASED = ["0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011"]


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest) -> str:
    """A database without tables."""
    return str(request.getfixturevalue(f"empty_{request.param}_url"))


def test_every_tables_key_starts_with_the_authority() -> None:
    """One schema can be spread by authority, and no query reaches another's rows by its key."""
    first = {table.name: next(iter(table.primary_key.columns)).name for table in METADATA.tables.values()}

    assert set(first.values()) == {"authority"}
    by_row = [table.name for table in METADATA.tables.values() if table.dialect_options["sqlite"]["with_rowid"]]
    assert sorted(by_row) == ["case_file", "history"]
    assert EVERYONE == "*"


def test_migrations_make_the_tables_that_the_code_expects(empty_url: str) -> None:
    """A fresh database and the code agree in every column, key and index."""
    migrate(empty_url)

    engine = Database(empty_url).engine
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), METADATA)
    engine.dispose()

    assert differences == []


def test_migrating_twice_changes_nothing(empty_url: str) -> None:
    """Bringing an up-to-date database up to date is safe, also with cases in it."""
    migrate(empty_url)
    store = opened(empty_url)
    store.append(an_entry())
    migrate(empty_url)

    assert [entry.revision for entry in store.history(CAMDEN, "CAM-1")] == [1]
    store.close()


def test_two_first_starts_at_once_make_one_schema(empty_url: str) -> None:
    """Two processes that find no tables do not both create them."""
    children = [in_child(lambda: migrate(empty_url)) for _ in range(3)]

    assert [ending_of(child) for child in children] == [0, 0, 0]
    store = opened(empty_url)
    store.append(an_entry())
    store.close()


@pytest.mark.parametrize("released", RELEASED)
def test_a_database_of_every_released_schema_is_brought_up_to_date_with_its_cases(
    empty_url: str, released: str
) -> None:
    """Cases that were running under an older release run on, and their chains verify."""
    upgrade(empty_url, to=released)
    old = opened(empty_url)
    for _ in range(3):
        old.append(next_entry(old))
    old.close()

    store = open_store(empty_url, master_key=MASTER, create=True)

    assert store.verify_chain(CAMDEN, "CAM-1").ok
    assert store.append(next_entry(store)) == 4
    store.close()


def test_what_an_older_release_had_signed_of_a_case_stays_signed_and_the_rest_is_signed_next(empty_url: str) -> None:
    """A case that grew after its checkpoint is behind after the migration too, by the rows that came since."""
    upgrade(empty_url, to="0008")
    old = opened(empty_url)
    for _ in range(3):
        old.append(next_entry(old))
    with old.database.writing() as session:
        session.run(sa.text("update case_file set checkpointed = 1"))
    old.close()
    migrate(empty_url)
    store = opened(empty_url)

    made = store.write_checkpoints(at=NINE)
    again = store.write_checkpoints(at=NINE)
    store.append(next_entry(store))
    later = store.write_checkpoints(at=NINE)
    store.close()

    assert [(one.cases, one.rows, one.heads) for one in made] == [(0, 2, 1)]
    assert again == []
    assert [(one.rows, one.heads) for one in later] == [(3, 1)]


def test_a_database_without_tables_is_not_opened_silently(empty_url: str) -> None:
    """Opening the wrong database says so instead of making tables in it."""
    with pytest.raises(SchemaDiffers, match=f"The database is at schema none and this release needs {RELEASED[-1]}"):
        open_store(empty_url, master_key=MASTER)


def test_a_database_of_another_release_is_not_opened(sqlite_url: str) -> None:
    """A newer or older schema is named."""
    database = Database(sqlite_url)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("update alembic_version set version_num = '9999'")
    database.close()

    with pytest.raises(SchemaDiffers, match="The database is at schema 9999"):
        open_store(sqlite_url, master_key=MASTER)


def test_the_code_names_the_newest_migration() -> None:
    """The version that a store asks for is the last one there is, and each release's is on record."""
    scripts = ScriptDirectory.from_config(configuration())

    assert scripts.get_heads() == [SCHEMA]
    assert [script.revision for script in reversed(list(scripts.walk_revisions()))] == RELEASED


def test_a_migration_never_reads_the_tables_of_today() -> None:
    """What a released migration does is written in it, and does not change when the code does."""
    for file in (Path(configuration().get_main_option("script_location") or "") / "versions").glob("*.py"):
        imported = {
            name.name if isinstance(node, ast.Import) else str(node.module)
            for node in ast.walk(ast.parse(file.read_text()))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in node.names
        }
        assert not any(name.startswith("engine") for name in imported), file.name


def test_commits_are_durable_on_sqlite(sqlite_url: str) -> None:
    """A commit is acknowledged only when the disk has it, and readers do not wait for writers."""
    store = Store(Database(sqlite_url), MASTER)
    with store.database.engine.connect() as connection:
        settings = {
            name: connection.execute(sa.text(f"pragma {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    store.close()

    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_threads_that_create_databases_at_once_each_create_their_own(tmp_path: Path) -> None:
    """Several analysts try drafts in one process: what brings a database up to date never writes into another's."""
    places = [tmp_path / f"{number}.db" for number in range(12)]

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda place: migrate(f"sqlite:///{place}"), places))

    for place in places:
        with open_database(f"sqlite:///{place}") as database:
            assert SCHEMA == schema_of(database)

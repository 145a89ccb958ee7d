"""Every error of a driver becomes one of the store's own words, with the first error kept behind it."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from engine.errors import EngineError
from engine.store import StoreRefused, StoreUnavailable
from engine.store.database import Database, RowTaken, translated
from engine.store.tables import META

ADD = sa.insert(META)
READ = sa.select(META.c.value).order_by(META.c.name)
ROW = {"authority": "*", "name": "n", "value": "v"}


def of_sqlite(kind: type[sqlite3.Error], name: str, text: str = "secret") -> sqlite3.Error:
    """An error as the SQLite driver raises it."""
    error = kind(text)
    error.sqlite_errorname = name
    return error


def of_postgres(kind: type[psycopg.Error], state: str | None) -> psycopg.Error:
    """An error as the PostgreSQL driver raises it."""
    error = kind("secret")
    error.sqlstate = state
    return error


@pytest.mark.parametrize(
    ("error", "wanted", "why"),
    [
        (of_sqlite(sqlite3.OperationalError, "SQLITE_BUSY"), StoreUnavailable, "SQLITE_BUSY"),
        (of_sqlite(sqlite3.OperationalError, "SQLITE_FULL"), StoreUnavailable, "SQLITE_FULL"),
        (of_sqlite(sqlite3.OperationalError, "SQLITE_IOERR_WRITE"), StoreUnavailable, "SQLITE_IOERR_WRITE"),
        (of_sqlite(sqlite3.OperationalError, "SQLITE_READONLY"), StoreUnavailable, "SQLITE_READONLY"),
        (of_sqlite(sqlite3.DatabaseError, "SQLITE_CORRUPT"), StoreUnavailable, "SQLITE_CORRUPT"),
        (of_sqlite(sqlite3.OperationalError, "SQLITE_ERROR"), StoreRefused, "SQLITE_ERROR"),
        (of_sqlite(sqlite3.IntegrityError, "SQLITE_CONSTRAINT_NOTNULL"), StoreRefused, "SQLITE_CONSTRAINT_NOTNULL"),
        (sqlite3.ProgrammingError("secret"), StoreRefused, "ProgrammingError"),
        (sqlite3.InterfaceError("secret"), StoreUnavailable, "InterfaceError"),
        (of_postgres(psycopg.OperationalError, None), StoreUnavailable, "OperationalError"),
        (of_postgres(psycopg.OperationalError, "57P01"), StoreUnavailable, "OperationalError 57P01"),
        (of_postgres(psycopg.OperationalError, "53100"), StoreUnavailable, "OperationalError 53100"),
        (of_postgres(psycopg.errors.SerializationFailure, "40001"), StoreUnavailable, "SerializationFailure 40001"),
        (of_postgres(psycopg.errors.NotNullViolation, "23502"), StoreRefused, "NotNullViolation 23502"),
        (of_postgres(psycopg.errors.UndefinedTable, "42P01"), StoreRefused, "UndefinedTable 42P01"),
        (of_postgres(psycopg.DataError, "22001"), StoreRefused, "DataError 22001"),
    ],
)
def test_a_drivers_error_becomes_the_stores_word(
    error: Exception, wanted: type[StoreRefused | StoreUnavailable], why: str
) -> None:
    """Codes and class names only: what a driver quotes may name a child."""
    found = translated(error)

    assert type(found) is wanted
    assert isinstance(found, EngineError)
    assert (found.why, "secret" in str(found)) == (why, False)


@pytest.mark.parametrize(
    ("error", "constraint"),
    [
        (
            of_sqlite(sqlite3.IntegrityError, "SQLITE_CONSTRAINT_PRIMARYKEY", "UNIQUE constraint failed: meta.name"),
            "meta.name",
        ),
        (of_sqlite(sqlite3.IntegrityError, "SQLITE_CONSTRAINT_UNIQUE", "UNIQUE constraint failed: a.b"), "a.b"),
        (of_postgres(psycopg.errors.UniqueViolation, "23505"), ""),
    ],
)
def test_a_key_that_exists_is_told_apart(error: Exception, constraint: str) -> None:
    """The callers say what it means that a row is there already."""
    found = translated(error)

    assert isinstance(found, RowTaken)
    assert found.constraint == constraint


def test_what_a_real_database_refuses_is_translated_and_chained(database_url: str) -> None:
    """A missing value and a taken key, on each database."""
    database = Database(database_url)
    with database.writing() as session:
        session.run(ADD, ROW)

    with pytest.raises(RowTaken) as taken, database.writing() as session:
        session.run(ADD, ROW)
    with pytest.raises(StoreRefused) as refused, database.writing() as session:
        session.run(ADD, {**ROW, "name": "m", "value": None})
    with pytest.raises(StoreRefused), database.reading() as session:
        session.search(sa.select(sa.table("nothing", sa.column("x")).c.x))
    with pytest.raises(StoreRefused), database.looking() as session:
        session.search(sa.select(sa.table("nothing", sa.column("x")).c.x))

    assert taken.value.constraint in {"meta.authority, meta.name", "meta_pkey"}
    assert refused.value.__cause__ is not None
    with database.reading() as session:
        assert session.all(READ) == [("v",)]
    database.close()


def test_a_database_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    """No file and no server: the same word."""
    for url in (f"sqlite:///{tmp_path / 'no' / 'folder.db'}", "postgresql://nobody@127.0.0.1:1/none"):
        database = Database(url)
        with pytest.raises(StoreUnavailable, match="Nothing was stored; try again"), database.reading():
            pass
        database.close()


def test_a_connection_that_dies_in_a_transaction_is_not_used_again(postgres_url: str) -> None:
    """When the server ends a session, the next transaction has a fresh one."""
    database = Database(postgres_url)
    end = sa.select(sa.func.pg_terminate_backend(sa.func.pg_backend_pid()))

    with pytest.raises(StoreUnavailable), database.writing() as session:
        session.run(ADD, ROW)
        session.search(end)

    with database.writing() as session:
        session.run(ADD, ROW)
    with database.reading() as session:
        assert session.all(READ) == [("v",)]
    database.close()


def test_a_look_sees_one_moment_while_others_write(database_url: str) -> None:
    """A proof that reads many rows is not confused by a commit in between, and does not hold it up."""
    database = Database(database_url)

    def write() -> None:
        with database.writing() as session:
            session.run(ADD, ROW)

    with database.looking() as session:
        assert session.all(READ) == []
        writer = threading.Thread(target=write)
        writer.start()
        writer.join()
        assert session.all(READ) == []

    with database.reading() as session:
        assert session.all(READ) == [("v",)]
    database.close()


def test_threads_of_one_process_take_turns_to_write(database_url: str) -> None:
    """Many threads write at once and none is told that the database is busy."""
    database = Database(database_url)
    failures: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for step in range(10):
                with database.writing() as session:
                    session.run(ADD, {**ROW, "name": f"{number}-{step}"})
        except EngineError as error:
            failures.append(error)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert failures == []
    with database.reading() as session:
        assert len(session.all(READ)) == 80
    database.close()

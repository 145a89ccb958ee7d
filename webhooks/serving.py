"""The web process as a WSGI server starts it: everything from outside comes from the environment.

PATHWAYS_DATABASE  the database's address, 'sqlite:///...' or 'postgresql://...'
PATHWAYS_KEYS      the folder with the master key and the checkpoint key
PATHWAYS_SECRET    the file with the secret that signs sessions; at least 32 bytes
PATHWAYS_INSECURE  'yes' lets sessions travel over plain HTTP, for this machine only
PATHWAYS_PROXIES   how many proxies of your own stand before it; 0 where nothing is said
PATHWAYS_PROVIDERS the folder with the client secrets of identity providers, a file each
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from engine.casework import Casework, Shelf
from engine.clock import Clock, SystemClock
from engine.errors import Unreadable
from engine.store import Store, open_store
from webhooks.app import create_app
from webhooks.demonstration import Demonstration, DemonstrationClock
from webhooks.logs import keep_logs
from webhooks.settings import Settings


class NotSaid(Unreadable):
    """The environment does not say what the process needs to start."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not set. See the head of webhooks/serving.py.")


@dataclass(frozen=True, slots=True)
class Office:
    """A store with what works on it; `demonstration` where the database was created as one."""

    store: Store
    shelf: Shelf
    casework: Casework
    clock: Clock
    demonstration: Demonstration | None


def open_office(environment: Mapping[str, str]) -> Office:
    """Open the database that the environment names. Raises NotSaid, and what the store refuses."""
    store = open_store(_said(environment, "PATHWAYS_DATABASE"), keys=Path(_said(environment, "PATHWAYS_KEYS")))
    shelf = Shelf(store)
    if not store.upkeep.is_demonstration():
        clock = SystemClock()
        return Office(store, shelf, Casework(store, shelf, clock), clock, None)
    moved = DemonstrationClock(store)
    casework = Casework(store, shelf, moved)
    return Office(store, shelf, casework, moved, Demonstration(store, shelf, casework, moved))


def application(environment: Mapping[str, str] = os.environ) -> Flask:
    """The WSGI application."""
    keep_logs()
    office = open_office(environment)
    settings = Settings(
        secret=Path(_said(environment, "PATHWAYS_SECRET")).read_bytes(),
        secure=environment.get("PATHWAYS_INSECURE") != "yes",
        proxies=int(environment.get("PATHWAYS_PROXIES") or 0),
        secrets=Path(environment["PATHWAYS_PROVIDERS"]) if environment.get("PATHWAYS_PROVIDERS") else None,
    )
    return create_app(office.casework, settings, office.demonstration)


def _said(environment: Mapping[str, str], name: str) -> str:
    if not environment.get(name):
        raise NotSaid(name)
    return environment[name]

"""Where cases are kept: one transaction per command, on SQLite or PostgreSQL, encrypted, chained and checkpointed."""

from __future__ import annotations

from engine.store.keys import create_master_key, read_master_key
from engine.store.store import Store, migrate, open_store
from engine.store.vault import MasterKey

__all__ = ["MasterKey", "Store", "create_master_key", "migrate", "open_store", "read_master_key"]

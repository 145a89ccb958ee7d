"""The store as the engine holds it: open it, bring it up to date, and find each of its parts by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import sqlalchemy as sa

from engine.store.cases import Cases
from engine.store.claims import Claims
from engine.store.database import Database
from engine.store.errors import SchemaDiffers
from engine.store.inbox import Inbox
from engine.store.keys import AuthorityKeys, prove_master_key
from engine.store.library import Library
from engine.store.lists import Lists
from engine.store.papers import Papers
from engine.store.people import People
from engine.store.readings import Readings
from engine.store.rows import Entry, HistoryEntry, StoredCase
from engine.store.upkeep import Upkeep
from engine.store.vault import MasterKey, Vault

#: The migration that this release's tables are at; a test holds it against the migrations themselves.
SCHEMA: Final = "0001"

_VERSION: Final = sa.table("alembic_version", sa.column("version_num"))


class Store:
    """One database. Each part answers for one idea; `append` is the only way a case changes."""

    def __init__(self, database: Database, master: MasterKey) -> None:
        self.database = database
        self.vault = Vault(master)
        self.authority_keys = AuthorityKeys(database, self.vault)
        self.cases = Cases(database, self.vault, self.authority_keys)
        self.lists = Lists(database, self.vault, self.authority_keys)
        self.claims = Claims(database, self.vault)
        self.library = Library(database)
        self.people = People(database)
        self.readings = Readings(database)
        self.papers = Papers(database, self.cases)
        self.inbox = Inbox(database, self.authority_keys)
        self.upkeep = Upkeep(database)

    def load(self, authority: str, case_id: str) -> StoredCase | None:
        """The case as it stands, or None; see `Cases.load`."""
        return self.cases.load(authority, case_id)

    def append(self, entry: Entry) -> int:
        """Write one command and everything it changed; see `Cases.append`."""
        return self.cases.append(entry)

    def append_all(self, entries: Sequence[Entry]) -> list[int]:
        """Write several cases' commands in one transaction; see `Cases.append_all`."""
        return self.cases.append_all(entries)

    def history(self, authority: str, case_id: str, after: int = 0) -> Iterator[HistoryEntry]:
        """A case's commands, oldest first; see `Cases.history`."""
        return self.cases.history(authority, case_id, after)

    def close(self) -> None:
        """Close every connection."""
        self.database.close()


def open_store(url: str, *, master_key: MasterKey, create: bool = False) -> Store:
    """Open a database: 'sqlite:///path' or 'postgresql://...'.

    `create` brings an empty or older database up to date first. Raises SchemaDiffers where the tables are another
    release's, KeyMissing where the database was written under a key that is not in the key file.
    """
    if create:
        migrate(url)
    database = Database(url)
    try:
        found = schema_of(database)
        if found != SCHEMA:
            raise SchemaDiffers(found, SCHEMA)
        prove_master_key(database, master_key)
    except BaseException:
        database.close()
        raise
    return Store(database, master_key)


def schema_of(database: Database) -> str | None:
    """The migration a database is at, None where it has no tables."""
    if not sa.inspect(database.engine).has_table("alembic_version"):
        return None
    with database.reading() as session:
        row = session.one(sa.select(_VERSION.c.version_num))
    return None if row is None else str(row[0])


def migrate(url: str) -> None:
    """Bring a database to this release's schema; safe to run again and beside others that do."""
    # Imported here: only a database that is created or brought up to date needs it.
    from engine.store.schema import upgrade

    upgrade(url)

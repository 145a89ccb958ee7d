"""The store as the engine holds it: open it, bring it up to date, and find each of its parts by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from engine.store.answered import AnsweredRequests
from engine.store.cases import Cases, as_entry
from engine.store.catalogue import Catalogue
from engine.store.checkpoint_faults import (
    CheckpointReport,
    Fault,
    faults_of_case,
    report_of_case,
    verify_checkpoints,
)
from engine.store.checkpoint_file import CheckpointFile
from engine.store.checkpoints import Checkpoint, authorities_behind, make_checkpoint
from engine.store.claims import Claims
from engine.store.custody import erase, was_erased
from engine.store.database import Database
from engine.store.deliveries import Deliveries
from engine.store.drafts import Drafts
from engine.store.duties import Duties
from engine.store.errors import KeyFileRefused, SchemaDiffers
from engine.store.export import export_case
from engine.store.failed_sign_ins import FailedSignIns
from engine.store.figures import Figures
from engine.store.finds import Finds
from engine.store.inbox import Inbox
from engine.store.key_files import MasterKey, SigningKey
from engine.store.keys import AuthorityKeys, prove_master_key, refuse_where_written
from engine.store.library import Library
from engine.store.lists import Lists
from engine.store.papers import Papers
from engine.store.partners import Partners
from engine.store.people import People
from engine.store.readings import Readings
from engine.store.rows import Entry, HistoryEntry, StoredCase
from engine.store.sessions import Sessions
from engine.store.tokens import Tokens
from engine.store.trays import Trays
from engine.store.upkeep import Upkeep
from engine.store.vault import Vault
from engine.store.verifications import Verifications
from engine.store.verify import ChainReport, verify_chain, verify_history, verify_readings
from engine.store.watch import Watch

#: The migration that this release's tables are at; a test holds it against the migrations themselves.
SCHEMA: Final = "0011"

_VERSION: Final = sa.table("alembic_version", sa.column("version_num"))


class Store:
    """One database. Each part answers for one idea; `append` is the only way a case changes."""

    def __init__(self, database: Database, master: MasterKey, signing: SigningKey | None = None) -> None:
        self.database = database
        self._signing = signing
        self.vault = Vault(master)
        self.authority_keys = AuthorityKeys(database, self.vault)
        self.cases = Cases(database, self.vault, self.authority_keys)
        self.lists = Lists(database, self.vault, self.authority_keys)
        self.figures = Figures(database)
        self.catalogue, self.finds = Catalogue(database), Finds(database)
        self.trays = Trays(database, self.vault)
        self.claims = Claims(database, self.vault)
        self.library = Library(database, self.authority_keys)
        self.people = People(database)
        self.sessions = Sessions(database)
        self.failed_sign_ins = FailedSignIns(database)
        self.readings = Readings(database)
        self.papers = Papers(database, self.cases)
        self.inbox = Inbox(database, self.authority_keys)
        self.deliveries, self.watch = Deliveries(database), Watch(database)
        self.partners = Partners(database, self.authority_keys)
        self.tokens = Tokens(database)
        self.duties = Duties(database, self.authority_keys)
        self.answered = AnsweredRequests(database, self.authority_keys)
        self.upkeep = Upkeep(database)
        self.verifications = Verifications(database)
        self.pathway_drafts = Drafts(database)

    def load(self, authority: str, case_id: str) -> StoredCase | None:
        """The case as it stands, or None; see `Cases.load`."""
        return self.cases.load(authority, case_id)

    def append(self, entry: Entry) -> int:
        """Write one command and everything it changed; see `Cases.append`."""
        return self.cases.append(entry)

    def append_all(self, entries: Sequence[Entry]) -> list[int]:
        """Write several cases' commands in one transaction; see `Cases.append_all`."""
        return self.cases.append_all(entries)

    def together(self) -> AbstractContextManager[None]:
        """Commit what this thread appends in the block at once, at its end; see `Database.together`."""
        return self.database.together()

    def history(self, authority: str, case_id: str, after: int = 0) -> Iterator[HistoryEntry]:
        """A case's commands, oldest first; see `Cases.history`."""
        return self.cases.history(authority, case_id, after)

    def verify_chain(self, authority: str, case_id: str) -> ChainReport:
        """Verify a case's whole history; the report names the first row that is wrong. Raises CaseUnknown."""
        return verify_chain(self.database, self.vault, authority, case_id)

    def verified_history(
        self, authority: str, case_id: str
    ) -> tuple[ChainReport, Iterator[HistoryEntry], Callable[[bytes], bytes]]:
        """Verify a case's chain and open its commands on the way, for whoever needs both.

        Gives the report, the commands where the chain is whole, and the keyed hash that history holds of a state.
        Raises CaseUnknown; CaseErased or ChildKeyLost where a whole chain cannot be opened.
        """
        found = verify_history(self.database, self.vault, authority, case_id)
        if not found.report.ok:
            return found.report, iter(()), bytes
        key = found.key or self.cases.key(authority, case_id)
        return found.report, (as_entry(row, plain) for row, plain in found.opened), key.state_hash

    def verify_readings(self, authority: str, case_id: str) -> ChainReport:
        """Verify the record of who looked at a case."""
        return verify_readings(self.database, authority, case_id)

    def verify_checkpoints(
        self, authority: str, *, trusted: Sequence[str] = (), exported: Path | None = None
    ) -> CheckpointReport:
        """Hold an authority's signed checkpoints against its chains; see `checkpoint_faults.verify_checkpoints`.

        Without `trusted`, the store's own signing key is the one trusted, where it holds one.
        """
        own = (self._signing.signer,) if self._signing is not None else ()
        return verify_checkpoints(self.database, authority, trusted=trusted or own, exported=exported)

    def verify_checkpoints_of(self, authority: str, case_id: str) -> list[Fault]:
        """What the signed checkpoints that cover a case show to be wrong with its history; empty where they agree."""
        own = (self._signing.signer,) if self._signing is not None else ()
        return faults_of_case(self.database, authority, case_id, trusted=own)

    def report_on_checkpoints_of(self, authority: str, case_id: str) -> CheckpointReport:
        """How many signed checkpoints cover a case or who looked at it, and what they show to be wrong with these."""
        own = (self._signing.signer,) if self._signing is not None else ()
        return report_of_case(self.database, authority, case_id, trusted=own)

    def write_checkpoints(self, *, at: datetime, export: CheckpointFile | None = None) -> list[Checkpoint]:
        """Sign where every chain stands that grew, for every authority, then append to `export` what it has not.

        Raises KeyFileRefused without a signing key; CheckpointFileRefused, once all is signed and in the database.
        """
        if self._signing is None:
            raise KeyFileRefused("This store was opened without a signing key. Open it with its key folder.")
        made = []
        for authority in authorities_behind(self.database):
            while (one := make_checkpoint(self.database, authority, self._signing, at=at)) is not None:
                made.append(one)
        if export is not None:
            export.catch_up(self.database)
        return made

    def state_hash(self, authority: str, case_id: str, state: bytes) -> bytes:
        """The keyed hash that history holds for a case in this state. Raises CaseUnknown and CaseErased."""
        return self.cases.key(authority, case_id).state_hash(state)

    def export_case(self, authority: str, case_id: str) -> dict[str, Any]:
        """A case's history as a JSON document that proves itself anywhere; see `export.export_case`."""
        return export_case(self.database, self.cases, authority, case_id)

    def erase(self, authority: str, case_id: str, *, at: datetime, by: str, why: str) -> None:
        """Destroy a child's key and everything that names them; see `custody.erase`."""
        erase(self.database, authority, case_id, at=at, by=by, why=why)

    def was_erased(self, authority: str, case_id: str) -> bool:
        """Whether a case that counts as erased was erased by this service; see `custody.was_erased`."""
        return was_erased(self.database, authority, case_id)

    def close(self) -> None:
        """Close every connection."""
        self.database.close()


def open_store(
    url: str, *, keys: Path | None = None, master_key: MasterKey | None = None, create: bool = False
) -> Store:
    """Open a database: 'sqlite:///path' or 'postgresql://...'.

    `keys` is the folder with the master key and the signing key; `master_key` alone serves where nothing is signed.
    `create` brings an empty or older database up to date first. Raises SchemaDiffers where the tables are another
    release's, KeyMissing where the database was written under a key that is not in the key file.
    """
    signing = None
    if keys is not None:
        master_key, signing = MasterKey.read(keys), SigningKey.read(keys)
    if master_key is None:
        raise KeyFileRefused("No key folder was named. Name the one that belongs to this database.")
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
    return Store(database, master_key, signing)


@contextmanager
def open_database(url: str) -> Iterator[Database]:
    """A database without its keys, for looking after them. Raises SchemaDiffers."""
    database = Database(url)
    try:
        found = schema_of(database)
        if found != SCHEMA:
            raise SchemaDiffers(found, SCHEMA)
        yield database
    finally:
        database.close()


def create_keys(url: str, folder: Path) -> MasterKey:
    """Make a key folder for a new database.

    Raises KeyMissing where the database was written under a key already: then the old folder must come back.
    Raises KeyFileRefused where the folder holds keys.
    """
    address = sa.make_url(url)
    place = address.database if address.get_backend_name() == "sqlite" else None
    if place is None or Path(place).exists():
        database = Database(url)
        try:
            if schema_of(database) is not None:
                refuse_where_written(database)
        finally:
            database.close()
    return MasterKey.create(folder)


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

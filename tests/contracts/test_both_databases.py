"""The two databases hold the same: a case written to both reads, shows and replays alike."""

from __future__ import annotations

import sqlalchemy as sa

from engine.store import Store
from engine.store.shown import read_rows
from engine.store.tables import METADATA
from tests.contracts.building import CAMDEN, next_entry
from tests.contracts.conftest import opened


def test_a_case_reads_alike_from_both_databases(sqlite_url: str, postgres_url: str) -> None:
    """History, rows and lists do not depend on where they are kept."""
    told = []
    for url in (sqlite_url, postgres_url):
        store = opened(url)
        for case_id in ("CAM-2", "CAM-10", "cam-1", "CAM-1"):
            for _ in range(6):
                store.append(next_entry(store, case_id, index=(("name", "Sam Ó'Neil"),)))
        told.append(tell(store))
        store.close()

    assert told[0] == told[1]


def tell(store: Store) -> list[object]:
    """Everything a reader can see of the cases."""
    cases = [line.case_id for line in store.lists.cases(CAMDEN)]
    page = store.lists.worklist(CAMDEN, "person-6", ("iro", "chair"), whose="team", most=100)
    return [
        cases,
        [
            (entry.revision, entry.command, entry.payload, entry.events)
            for case_id in cases
            for entry in store.history(CAMDEN, case_id)
        ],
        [read_rows(store.database, CAMDEN, case_id) for case_id in cases],
        page,
        store.lists.search(CAMDEN, "name", "oneil sam"),
    ]


def test_every_table_has_the_same_columns_in_both_databases(sqlite_url: str, postgres_url: str) -> None:
    """One schema: names, nullability and keys agree."""
    shapes = []
    for url in (sqlite_url, postgres_url):
        store = opened(url)
        inspector = sa.inspect(store.database.engine)
        shapes.append(
            {
                table: (
                    {column["name"]: column["nullable"] for column in inspector.get_columns(table)},
                    inspector.get_pk_constraint(table)["constrained_columns"],
                    sorted((index["name"], index["unique"]) for index in inspector.get_indexes(table)),
                )
                for table in METADATA.tables
            }
        )
        store.close()

    assert shapes[0] == shapes[1]

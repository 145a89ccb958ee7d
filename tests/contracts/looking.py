"""Every row of every table, as a test compares a database with itself."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from engine.store import Store
from engine.store.tables import METADATA


def everything(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, in the order of their keys."""
    found = {}
    with store.database.looking() as session:
        for table in METADATA.sorted_tables:
            rows = session.search(sa.select(*table.c).order_by(*table.primary_key.columns))
            found[table.name] = [tuple(row) for row in rows]
    return found


def change(store: Store, statement: sa.ClauseElement) -> int:
    """Change a row behind the store's back; gives how many were."""
    compiled = store.database.compile(statement)
    with store.database.writing() as session:
        values = compiled.values if compiled.names is None else [compiled.values[n] for n in compiled.names]
        session.cursor.execute(compiled.text, values)
        return int(session.cursor.rowcount)

"""Runs migrations on the connection that engine.store.schema hands over."""

from __future__ import annotations

from alembic import context

from engine.store.tables import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA, transactional_ddl=True, compare_type=True)
with context.begin_transaction():
    context.run_migrations()

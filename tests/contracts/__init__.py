"""One suite, every store: what a store promises is proved on SQLite and on PostgreSQL."""

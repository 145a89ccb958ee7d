"""Where cases are kept: one transaction per command, on SQLite or PostgreSQL, encrypted, chained and checkpointed."""

"""A database that cannot be reached, said in words: the address leads nowhere, or nobody answers there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from engine.store.errors import StoreUnavailable


@contextmanager
def reaching() -> Iterator[None]:
    """While a database is opened, what its driver has to say becomes StoreUnavailable."""
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        raise StoreUnavailable(type(error).__name__) from error

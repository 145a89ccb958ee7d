"""A column of bytes that is read as bytes whatever somebody made of it by hand."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import LargeBinary
from sqlalchemy.types import TypeDecorator


class Octets(TypeDecorator[bytes]):
    """Bytes, read as bytes whatever they were made into: SQLite keeps with each value the type that its writer gave it.

    Who changes a row by hand turns bytes into text without a word, even text that is none and that no driver reads.
    """

    impl = LargeBinary
    cache_ok = True

    def column_expression(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        """What a statement asks for in the column's place."""
        return sa.cast(column, LargeBinary)

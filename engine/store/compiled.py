"""Statements of SQLAlchemy Core as text, compiled once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler

#: A statement of SQLAlchemy Core.
Statement = sa.ClauseElement

#: What one statement is given.
Values = Mapping[str, Any]
NOTHING: Values = {}


class Compiled:
    """A statement as text of one dialect, with the order in which it takes its values."""

    __slots__ = ("names", "order", "row", "text", "values")

    def __init__(self, statement: Statement, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
        assert isinstance(compiled, SQLCompiler)
        self.text: str = str(compiled)
        asked = {name for name, bind in compiled.binds.items() if bind.required}
        self.values: Values = {name: value for name, value in compiled.params.items() if name not in asked}
        self.names: tuple[str, ...] | None = tuple(compiled.positiontup or ()) if compiled.positional else None
        #: Puts values by name into the order in which the statement takes them.
        self.order: Callable[[Values], Any] = _in_order(self.names, self.values)
        #: Takes the values of a whole row in the order of its table's columns, where the statement adds one.
        self.row: Callable[[Sequence[Any]], Any] = _row(statement, self.names)


def _in_order(names: tuple[str, ...] | None, own: Values) -> Callable[[Values], Any]:
    """A function that gives the values as the driver takes them: named as they come, or those of `names` in order.

    own  values that stand in the statement itself, where it has any
    """
    if own:
        plain = _in_order(names, NOTHING)
        return lambda values: plain({**own, **values})
    if names is None:
        return lambda values: values
    if len(names) < 2:
        return lambda values: [values[name] for name in names]
    return itemgetter(*names)


def _row(statement: Statement, names: tuple[str, ...] | None) -> Callable[[Sequence[Any]], Any]:
    """A function that gives a row as the driver takes it."""
    columns = tuple(statement.table.columns.keys()) if isinstance(statement, sa.Insert) else ()
    if names == columns:
        return tuple
    return lambda row: dict(zip(columns, row, strict=True))

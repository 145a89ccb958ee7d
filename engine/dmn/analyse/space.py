"""A table as geometry: one dimension per input expression, cut into pieces; one box of pieces per rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.dmn.analyse.cover import BITS, Box, Fuel
from engine.dmn.columns import Column, declared_tests
from engine.dmn.pieces import Pieces, bits
from engine.dmn.tables import Table
from engine.dmn.types import WholeNumber, base_of
from engine.feel import to_json
from engine.feel.types import Simple
from engine.feel.values import Value


class Dimension:
    """One input expression: its pieces, which of them an input may be in, and what each rule's cells take of them.

    Two columns that look at the same expression are one dimension.
    """

    def __init__(self, columns: Sequence[Column], fuel: Fuel) -> None:
        fuel.burn(sum(column.questions // 250 + column.effort // BITS for column in columns))
        self.columns = tuple(columns)
        self.first = columns[0]
        self._named = frozenset(value for column in columns for value in column.constants if value is not None)
        self.pieces = self.first.pieces if len(columns) == 1 else _common_pieces(columns)
        self.whole = self._whole()
        self.surely, self.perhaps = self._boxes()

    def _whole(self) -> int:
        """Return the pieces whose values every column may have; null is always an input."""
        mask = self.pieces.possible
        for column in self.columns:
            for piece in bits(mask):
                sample = self.pieces.samples[piece]
                if sample is not None and not column.takes(sample):
                    mask ^= 1 << piece
        return mask

    def _boxes(self) -> tuple[list[int], list[int]]:
        rules = len(self.first.cells)
        surely, perhaps = [self.whole] * rules, [self.whole] * rules
        for column in self.columns:
            met_by = column.met_by(self.pieces)
            for rule, cell in enumerate(column.cells):
                if cell.open:
                    continue
                if cell.constants is None or not _scalar(column):
                    surely[rule] = 0
                    continue
                surely[rule] &= met_by[rule]
                perhaps[rule] &= met_by[rule]
        return surely, perhaps

    @property
    def doubt(self) -> str | None:
        """Return why it is unknown which values the input may have, if so."""
        for column in self.columns:
            if not column.readable:
                return f'What "{column.clause.title}" looks at is not FEEL.'
            if column.allowed is not None and column.allowed.constants is None:
                return f'Which values "{column.clause.title}" may have depends on {column.allowed.reason}.'
            if any(reason is not None for _, reason in declared_tests(column.kind)):
                return f'Which values "{column.clause.title}" may have is not a list of constants.'
        return None

    @property
    def why_not_constant(self) -> str | None:
        """Return which cell is not constant, and why, if one is not."""
        for column in self.columns:
            title = column.clause.title
            for rule, cell in enumerate(column.cells):
                if cell.constants is None:
                    return f'Row {rule + 1}, column "{title}", depends on {cell.reason}, so it cannot be decided.'
                if not cell.open and not _scalar(column):
                    return f'Row {rule + 1}, column "{title}", looks into a list or context, so it cannot be decided.'
        return None

    def sample(self, mask: int) -> Value:
        """Return a value in one of the pieces: a plain one if there is one, null only if there is nothing else."""
        return self.pieces.samples[min(bits(mask), key=self._plainness)]

    def _plainness(self, piece: int) -> tuple[bool, bool, int]:
        return piece == self.pieces.null, self.pieces.samples[piece] not in self._named, piece

    def words(self, value: Value) -> str:
        """Return the value in words: age 16, legal status "s20", not stable, stable unknown."""
        title = self.first.clause.title
        if value is None:
            return f"{title} unknown"
        if value is True:
            return title
        if value is False:
            return f"not {title}"
        return f'{title} "{value}"' if isinstance(value, str) else f"{title} {value}"


class Space:
    """The space of a table's inputs.

    whole     every piece that an input may be in
    surely    per rule what it covers whatever its cells that are not constant say; perhaps: what it may cover
    constant  whether every cell is constant, so that the two are the same

    Building it burns fuel; raises OutOfFuel.
    """

    def __init__(self, table: Table, fuel: Fuel) -> None:
        self.columns = table.columns
        grouped: dict[str, list[Column]] = {}
        for column in table.columns:
            grouped.setdefault(" ".join(column.clause.text.split()), []).append(column)
        self.dimensions = [Dimension(columns, fuel) for columns in grouped.values()]
        self.whole: Box = tuple(dimension.whole for dimension in self.dimensions)
        rules = range(len(table.entries))
        self.surely: list[Box] = [tuple(d.surely[rule] for d in self.dimensions) for rule in rules]
        self.perhaps: list[Box] = [tuple(d.perhaps[rule] for d in self.dimensions) for rule in rules]

    @property
    def constant(self) -> bool:
        """Whether every cell compares with constants only."""
        return self.surely == self.perhaps

    @property
    def doubt(self) -> str | None:
        """Return why a part of the space may hold no input at all, so that nothing found in it is certain."""
        for dimension in self.dimensions:
            if dimension.doubt is not None:
                return dimension.doubt
        for at, one in enumerate(self.dimensions):
            for other in self.dimensions[at + 1 :]:
                if _entangled(one.first, other.first):
                    return (
                        f'The columns "{one.first.clause.title}" and "{other.first.clause.title}" look at the same '
                        "input, so what is open between them cannot be decided."
                    )
        return None

    def why_not_constant(self, *, outputs: bool = False) -> str:
        """Return which cell stands in the way of a decision."""
        for dimension in self.dimensions:
            if dimension.why_not_constant is not None:
                return dimension.why_not_constant
        assert outputs
        return "Whether rules that overlap agree depends on results that are not constant."

    def parts(self, box: Box) -> list[Box]:
        """Return parts of a box that are worth telling apart: each stretch of each input once, null by itself.

        Inputs that may be anything are left whole.
        """
        runs = [
            [pieces] if pieces == dimension.whole else dimension.pieces.runs(pieces)
            for dimension, pieces in zip(self.dimensions, box, strict=True)
        ]
        first = tuple(stretches[0] for stretches in runs)
        others = [
            (*first[:at], stretch, *first[at + 1 :]) for at, stretches in enumerate(runs) for stretch in stretches[1:]
        ]
        return [first, *others]

    def example(self, box: Box) -> dict[str, Any]:
        """Return one input within the box, as JSON by input expression."""
        return {
            dimension.first.clause.text: to_json(dimension.sample(pieces))
            for dimension, pieces in zip(self.dimensions, box, strict=True)
        }

    def words(self, box: Box) -> str:
        """Return that input in words, leaving out the inputs that may be anything."""
        told = [
            dimension.words(dimension.sample(pieces))
            for dimension, pieces in zip(self.dimensions, box, strict=True)
            if pieces != dimension.whole
        ]
        return ", ".join(told) or "Whatever the inputs"


def _scalar(column: Column) -> bool:
    """Whether the column's values are single: undeclared ones are taken to be what its cells compare with."""
    base = base_of(column.kind)
    if isinstance(base, Simple):
        return base.name not in ("list", "context", "function", "range")
    return base is None or isinstance(base, WholeNumber)


def _common_pieces(columns: Sequence[Column]) -> Pieces:
    return Pieces(
        [value for column in columns for value in column.constants],
        samples=columns[0].typical,
        ordered_texts=any(column.ordered_texts for column in columns),
        whole=any(column.whole for column in columns),
    )


def _entangled(one: Column, other: Column) -> bool:
    """Whether two columns depend on each other: they read the same name, and are not different entries of it."""
    if not one.reads & other.reads:
        return False
    if one.path is None or other.path is None:
        return True
    shorter, longer = sorted((one.path, other.path), key=len)
    return longer[: len(shorter)] == shorter

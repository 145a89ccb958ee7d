"""An input column, compiled once: its expression, which values it takes, and which rules each piece of them meets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.dmn.cells import Constants, NotConstant, constants_of
from engine.dmn.errors import Place
from engine.dmn.model import InputClause
from engine.dmn.pieces import NOWHERE, Pieces
from engine.dmn.run import Run
from engine.dmn.texts import Step
from engine.dmn.types import Restricted, WholeNumber, base_of
from engine.feel import UnaryTests
from engine.feel.types import Simple, Type
from engine.feel.values import Value

#: What each built-in type cuts a column into when no cell names a constant of it.
_TYPICAL = {"boolean": True, "string": "-"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a column: its tests (None where the text is not FEEL), and why its answer is not constant, if so."""

    text: str
    tests: UnaryTests | None
    constants: Constants | None
    reason: str | None

    @property
    def open(self) -> bool:
        """Whether any value will do."""
        return self.tests is not None and not self.tests.tree.tests


def read_cell(text: str, tests: UnaryTests | None) -> Cell:
    """Return a cell with what its tests compare with."""
    if tests is None:
        return Cell(text, None, None, "a text that is not FEEL")
    try:
        return Cell(text, tests, constants_of(tests.tree), None)
    except NotConstant as why:
        return Cell(text, tests, None, str(why))


class Column:
    """One input column.

    kind     the declared type, None for none; allowed  the tests of its input values, with their text
    cells    one per rule
    masks    per piece, the rules whose cell the piece meets; those of cells that are not constant count as met
    varying  the rules whose cell is not constant
    """

    def __init__(
        self,
        clause: InputClause,
        step: Step,
        kind: Type | None,
        allowed: Cell | None,
        cells: Sequence[Cell],
        place: Place,
    ) -> None:
        self.clause, self.step, self.kind, self.allowed, self.cells, self.place = (
            clause,
            step,
            kind,
            allowed,
            tuple(cells),
            place,
        )
        self.varying = sum(1 << rule for rule, cell in enumerate(cells) if cell.constants is None)
        self.idle = all(cell.open for cell in cells)
        self.pieces = self._cut()
        self.masks = [self._rules_met(sample) for sample in self.pieces.samples]

    def _cut(self) -> Pieces:
        found = [cell.constants for cell in self.cells if cell.constants is not None]
        if self.allowed is not None and self.allowed.constants is not None:
            found.append(self.allowed.constants)
        found += declared_constants(self.kind)
        values = [value for constants in found for value in constants.values]
        base = base_of(self.kind)
        if isinstance(base, Simple) and base.name in _TYPICAL:
            values.append(_TYPICAL[base.name])
        return Pieces(
            values,
            ordered_texts=any(constants.ordered_texts for constants in found),
            whole=isinstance(base, WholeNumber),
        )

    def _rules_met(self, sample: Value) -> int:
        mask = self.varying
        answers: dict[str, bool] = {}
        for rule, cell in enumerate(self.cells):
            if cell.constants is not None and cell.tests is not None:
                met = answers.get(cell.text)
                if met is None:
                    met = answers[cell.text] = cell.tests.matches(sample, {})
                if met:
                    mask |= 1 << rule
        return mask

    def narrow(self, run: Run, scope: dict[str, Value], value: Value, rules: int) -> int:
        """Return those of the rules whose cell the value meets."""
        piece = self.pieces.locate(value)
        if piece != NOWHERE:
            rules &= self.masks[piece]
            pending = rules & self.varying
            if not pending:
                return rules
        else:
            if self.idle:
                return rules
            pending = rules
        while pending:
            bit = pending & -pending
            pending ^= bit
            if not self._meets(run, scope, value, bit.bit_length() - 1):
                rules ^= bit
        return rules

    def _meets(self, run: Run, scope: dict[str, Value], value: Value, rule: int) -> bool:
        tests = self.cells[rule].tests
        if tests is None:
            run.remark("type", "The cell is not FEEL, so its rule does not apply.", self.cell_place(rule))
            return False
        since = len(run.evaluation.diagnostics)
        met = tests.within(value, scope, run.evaluation)
        if len(run.evaluation.diagnostics) != since:
            # A cell that compares with null does not match; that is its answer, and no fault.
            run.collect(self.cell_place(rule), since, but=("null",))
        return met is True

    def cell_place(self, rule: int) -> Place:
        """Return where the cell of a rule stands."""
        return self.place.within(f"row {rule + 1}", f'column "{self.clause.title}"')


def declared_constants(kind: Type | None) -> list[Constants]:
    """Return the constants that the allowed values of a type compare with, its bases' included; none if not constant."""
    found = []
    while isinstance(kind, Restricted):
        if kind.tests is not None:
            try:
                found.append(constants_of(kind.tests.tree))
            except NotConstant:
                pass
        kind = kind.base
    return found

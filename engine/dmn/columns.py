"""An input column, compiled once: its expression, which values it takes, and which rules each piece of them meets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from engine.dmn.cells import Constants, NotConstant, constants_of
from engine.dmn.errors import Place
from engine.dmn.model import InputClause
from engine.dmn.pieces import SAMPLES, Finder, Pieces, holders, kind_key
from engine.dmn.run import Run
from engine.dmn.texts import Step, told
from engine.dmn.types import WholeNumber, base_of, from_case, is_temporal, restrictions
from engine.feel import UnaryTests, nodes
from engine.feel.types import Simple, Type
from engine.feel.values import Value

#: The Python types of plain FEEL types, whose values need no check when they come from FEEL.
_PYTHON: dict[str, type] = {"number": Decimal, "string": str, "boolean": bool}


#: How many times a cell is asked about a piece to find rules fast; a larger column asks its cells each time instead.
MOST_EFFORT = 1_000_000


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
    varying  the rules whose cell is not constant
    finders  per kind of value the function from it to the rules it meets; cells that are not constant count as met
    effort   how many pieces the finders rest on, for each different cell
    questions  how often the proof asks a cell about a value
    native   the Python type whose values need no check, if there is one
    readable whether its expression is FEEL; a table with a column that is not decides nothing
    reads    the names its expression reads; path is the expression as a name and entries, None if it is no path
    """

    def __init__(
        self,
        clause: InputClause,
        step: Step,
        tree: nodes.Node | None,
        reads: frozenset[str],
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
        self.reads, self.path, self.readable = reads, _path(tree), tree is not None
        self.varying = sum(1 << rule for rule, cell in enumerate(cells) if cell.constants is None)
        self.idle = all(cell.open for cell in cells)
        self.pieces = self._cut()
        different = {cell.text: cell for cell in cells}
        self.effort = len(self.pieces.samples) * len(different)
        self.questions = sum(4 + 2 * len(cell.constants.values) for cell in different.values() if cell.constants)
        self.finders: Mapping[object, Finder] = {}
        if self.effort <= MOST_EFFORT:
            rules = holders(self.met_by(self.pieces), len(self.pieces.samples))
            self.finders = self.pieces.finders([self.varying | those for those in rules])
        self.native = _native(kind) if allowed is None else None

    def _cut(self) -> Pieces:
        found = [cell.constants for cell in self.cells if cell.constants is not None]
        if self.allowed is not None and self.allowed.constants is not None:
            found.append(self.allowed.constants)
        found += [constants for constants, _ in declared_tests(self.kind) if constants is not None]
        base = base_of(self.kind)
        self.constants = [value for constants in found for value in constants.values]
        self.ordered_texts = any(constants.ordered_texts for constants in found)
        self.whole = isinstance(base, WholeNumber)
        self.typical = self._typical(base)
        return Pieces(self.constants, samples=self.typical, ordered_texts=self.ordered_texts, whole=self.whole)

    def _typical(self, base: Type | None) -> tuple[Value, ...]:
        """Return a value of each kind the column may have; undeclared ones are what its cells compare with."""
        if self.whole:
            return SAMPLES["number"]
        if isinstance(base, Simple) and base.name in SAMPLES:
            return SAMPLES[base.name]
        return () if any(value is not None for value in self.constants) else SAMPLES["string"]

    def takes(self, value: Value) -> bool:
        """Whether the column may have the value, by its type and its input values."""
        if self.kind is not None and not self.kind.coerce(value)[0]:
            return False
        return self.allowed is None or self.allowed.tests is None or self.allowed.tests.matches(value) is True

    def met_by(self, pieces: Pieces) -> list[int]:
        """Return, per rule, the pieces whose values meet its cell, as a mask; none for a cell that is not constant."""
        known: dict[str, int] = {}
        found = []
        for cell in self.cells:
            if cell.constants is None or cell.tests is None:
                found.append(0)
                continue
            if cell.text not in known:
                known[cell.text] = pieces.where(cell.constants.values, cell.tests.matches)
            found.append(known[cell.text])
        return found

    def narrow(self, run: Run, scope: dict[str, Value], value: Value, rules: int) -> int:
        """Return those of the rules whose cell the value meets."""
        find = self.finders.get(type(value)) or self.finders.get(kind_key(value))
        if find is not None:
            rules &= find(value)
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

    def checked(self, run: Run, value: Value) -> tuple[Value, bool]:
        """Return an input's value and whether the column may have it; one it may not have decides nothing."""
        kind = self.kind
        if kind is not None:
            if type(value) is str and is_temporal(kind):
                value = from_case(value, kind)
            fits, fitting = kind.coerce(value)
            if not fits:
                run.remark("input value", f"The input should be {kind}, and it is {told(value, kind)}.", self._heading)
                return value, False
            value = fitting
        tests = self.allowed.tests if self.allowed is not None else None
        if tests is not None and not all(tests.matches(item) for item in (value if type(value) is list else [value])):
            reason = f"The input is not one of the values of its column: {self.allowed_text}."
            run.remark("input value", reason, self._heading)
            return value, False
        return value, True

    @property
    def allowed_text(self) -> str:
        """Return the input values as written."""
        return self.allowed.text if self.allowed is not None else ""

    @property
    def _heading(self) -> Place:
        return self.place.within(f'column "{self.clause.title}"')

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


def declared_tests(kind: Type | None) -> Iterator[tuple[Constants | None, str | None]]:
    """Give, for a type and each of its bases with allowed values, their constants, or why they are not constant."""
    for tests in restrictions(kind):
        try:
            yield constants_of(tests.tree), None
        except NotConstant as why:
            yield None, str(why)


def _native(kind: Type | None) -> type | None:
    """Return the Python type whose values all belong to a plain type, so that they need no check."""
    return _PYTHON.get(kind.name) if isinstance(kind, Simple) else None


def _path(tree: nodes.Node | None) -> tuple[str, ...] | None:
    """Return a name and the entries after it, None for any other expression."""
    match tree:
        case nodes.Name(name=name):
            return (name,)
        case nodes.Path(operand=operand, name=name):
            before = _path(operand)
            return (*before, name) if before is not None else None
        case _:
            return None

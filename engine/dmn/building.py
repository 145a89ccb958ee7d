"""From what a file says of a table to its compiled form: every cell read once, constant results worked out before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.dmn.cells import NotConstant, literal
from engine.dmn.columns import Cell, Column, read_cell
from engine.dmn.errors import Place
from engine.dmn.model import DecisionTable, Literal
from engine.dmn.tables import Entry, Output, Table
from engine.dmn.texts import Scope, evaluating, silent, unreadable
from engine.dmn.types import Restricted
from engine.feel import UnaryTests, compile_unary_tests
from engine.feel.nodes import Tests
from engine.feel.printer import print_tree
from engine.feel.types import ListType, Type

if TYPE_CHECKING:
    from engine.dmn.boxed import Boxes


def compile_table(boxes: Boxes, facts: DecisionTable, scope: Scope, place: Place, kind: Type | None) -> Table:
    """Return a table's compiled form; `kind` is the type of its result, which names its allowed outputs."""
    texts, types = boxes.texts, boxes.types
    columns = []
    for at, clause in enumerate(facts.inputs):
        here = place.within(f'column "{clause.title}"')
        expression = texts.expression(clause.text, scope, here, clause.language)
        cells = [
            read_cell(
                rule.tests[at].strip() or "-",
                texts.cell(
                    rule.tests[at],
                    scope,
                    place.within(f"row {rule.row}", f'column "{clause.title}"'),
                    rule.languages[at] if rule.languages else None,
                ),
            )
            for rule in facts.rules
        ]
        columns.append(
            Column(
                clause,
                evaluating(expression, here) if expression is not None else unreadable(here),
                expression.tree if expression is not None else None,
                expression.names if expression is not None else frozenset(),
                _narrower(types.named(clause.type_ref, here), scope.type_of(clause.text)),
                _allowed(boxes, clause.values, here),
                cells,
                place,
            )
        )
    outputs = [_output(boxes, facts, at, scope, place, kind) for at in range(len(facts.outputs))]
    boxes.told_apart([output.name for output in outputs], "output column", place)
    if facts.hit_policy in "PO" and len(facts.rules) > 1 and not any(output.ranking for output in outputs):
        texts.problem(
            place,
            "The hit policy orders results, and no output column says in which order.",
            "List the output values of a column, the most important first.",
        )
    entries = [
        [
            _entry(boxes, literal_, output, scope, place.within(f"row {rule.row}", f'column "{output.clause.title}"'))
            for literal_, output in zip(rule.entries, outputs, strict=True)
        ]
        for rule in facts.rules
    ]
    return Table(facts, columns, outputs, entries, place)


def _narrower(declared: Type | None, known: Type | None) -> Type | None:
    """Return the type of a column: what its variable is declared as, where that says more than the column does."""
    if declared is None or (known is not None and isinstance(known, Restricted) and known.conforms_to(declared)):
        return known
    return declared


def _allowed(boxes: Boxes, text: str | None, place: Place) -> Cell | None:
    if text is None:
        return None
    return read_cell(text.strip(), boxes.texts.cell(text, Scope({}), place.within("allowed values")))


def _output(boxes: Boxes, facts: DecisionTable, at: int, scope: Scope, place: Place, result: Type | None) -> Output:
    clause = facts.outputs[at]
    here = place.within(f'column "{clause.title}"')
    kind = boxes.types.named(clause.type_ref, here)
    single = len(facts.outputs) == 1
    name = clause.name or clause.label or f"output {at + 1}"
    if kind is None and single and facts.hit_policy in "UAPF":
        kind = result
    ranked_by = kind
    if ranked_by is None or not isinstance(ranked_by, Restricted):
        within = _item(result)
        ranked_by = within if single else getattr(within, "components", {}).get(name)
    values = clause.values or (ranked_by.text if isinstance(ranked_by, Restricted) else None)
    allowed = _allowed(boxes, clause.values, here)
    output = Output(clause, name, kind, allowed, _ranking(boxes, values, here), None)
    if clause.default is None:
        return output
    default = _entry(boxes, clause.default, output, scope, place.within("default", f'column "{clause.title}"'))
    return Output(clause, name, kind, allowed, output.ranking, default)


def _item(kind: Type | None) -> Type | None:
    """Return the type of a list's items, or the type itself."""
    return kind.item if isinstance(kind, ListType) else kind


def _ranking(boxes: Boxes, values: str | None, place: Place) -> tuple[UnaryTests, ...]:
    """Return one test per output value, in the order written: the first stands highest."""
    if values is None:
        return ()
    tests = boxes.texts.cell(values, Scope({}), place.within("allowed values"))
    if tests is None:
        return ()
    return tuple(compile_unary_tests(print_tree(Tests((test,)))) for test in tests.tree.tests)


def _entry(boxes: Boxes, facts: Literal, output: Output, scope: Scope, place: Place) -> Entry:
    if not facts.text.strip():
        boxes.texts.problem(place, "The cell is empty.", "Write what the rule gives, or `null`.")
        return Entry(silent(place, "The cell is empty."))
    expression = boxes.texts.expression(facts.text, scope, place, facts.language)
    if expression is None:
        return Entry(unreadable(place))
    step = evaluating(expression, place)
    try:
        value = literal(expression.tree)
    except NotConstant:
        return Entry(step)
    fits = True
    if output.kind is not None:
        fits, value = output.kind.coerce(value)
    allowed = output.allowed.tests if output.allowed is not None else None
    if value is not None and allowed is not None:
        fits = fits and allowed.matches(value) is True
    if fits:
        return Entry(step, constant=True, value=value)
    boxes.texts.problem(
        place,
        "The result is not of the type or not one of the values of its column.",
        f"Use {output.clause.values}." if output.clause.values else f"Use a {output.kind}.",
    )
    return Entry(step)

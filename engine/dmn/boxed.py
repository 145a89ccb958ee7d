"""Every boxed expression as a step to run: literal, context, function, invocation, list, relation, conditional, filter,
iterators; tables are in engine.dmn.tables (DMN 1.5, 7.3 and 10.2.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from engine.dmn.errors import Place
from engine.dmn.model import (
    BoxedContext,
    BoxedList,
    Conditional,
    DecisionTable,
    Expression,
    Filter,
    FunctionDefinition,
    Invocation,
    Iterator,
    Literal,
    Relation,
)
from engine.dmn.run import Run
from engine.dmn.texts import EXTERNAL, Scope, Step, Texts, coerced, evaluating, silent, unreadable
from engine.dmn.types import FunctionShape, TypeBook, base_of, result_of
from engine.feel.evaluation import Evaluation
from engine.feel.membership import spread
from engine.feel.types import ListType, Type
from engine.feel.values import FeelFunction, Value, kind_of

CompileTable = Callable[["Boxes", DecisionTable, Scope, Place, Type | None], Step]


class Boxes:
    """Compiles the boxed expressions of one element."""

    def __init__(self, texts: Texts, types: TypeBook, compile_table: CompileTable) -> None:
        self.texts, self.types, self._table = texts, types, compile_table

    def compile(self, box: Expression | None, scope: Scope, place: Place, kind: Type | None = None) -> Step:
        """Return the step of a boxed expression; `kind` is the type its surroundings ask for."""
        if box is None:
            return silent(place, "There is no expression.")
        own = self.types.named(box.type_ref, place)
        if isinstance(box, FunctionDefinition):
            return self._function_of_type(box, scope, place, own or kind)
        return coerced(coerced(self._step(box, scope, place, own or kind), own, place), kind, place)

    def _step(self, box: Expression, scope: Scope, place: Place, kind: Type | None) -> Step:
        match box:
            case Literal():
                return self._literal(box, scope, place)
            case DecisionTable():
                return self._table(self, box, scope, place, kind)
            case BoxedContext():
                return self._context(box, scope, place)
            case FunctionDefinition():
                raise AssertionError("functions are compiled with their types")
            case Invocation():
                return self._invocation(box, scope, place)
            case BoxedList():
                return self._list(box, scope, place)
            case Relation():
                return self._relation(box, scope, place)
            case Conditional():
                return self._conditional(box, scope, place)
            case Filter():
                return self._filter(box, scope, place)
            case Iterator(kind="for"):
                return self._for(box, scope, place)
            case _:
                return self._quantified(box, scope, place)

    def _literal(self, box: Literal, scope: Scope, place: Place) -> Step:
        if not box.text.strip():
            return silent(place, "There is no expression.")
        expression = self.texts.expression(box.text, scope, place, box.language)
        return evaluating(expression, place) if expression is not None else unreadable(place)

    def told_apart(self, names: Sequence[str], what: str, place: Place) -> None:
        """Keep a fault for each name that stands twice: only one of the two values would be heard."""
        for name in dict.fromkeys(name for name in names if names.count(name) > 1):
            self.texts.problem(place, f'The {what} "{name}" is there twice.', "Give each a name of its own.")

    def _context(self, box: BoxedContext, scope: Scope, place: Place) -> Step:
        self.told_apart([each.variable.name for each in box.entries if each.variable is not None], "entry", place)
        if any(entry.variable is None for entry in box.entries[:-1]):
            self.texts.problem(place, "The result is not the last entry.", "Put the entry without a name at the end.")
        # A function may call itself and what stands below it: all are there when it is called.
        scope = scope.calling(each.variable.name for each in box.entries if each.variable is not None)
        rows: list[tuple[str, Step]] = []
        result: Step | None = None
        for entry in box.entries:
            if entry.variable is None:
                result = self.compile(entry.expression, scope, place.within("result"))
                continue
            name = entry.variable.name
            here = place.within(f'entry "{name}"')
            kind = self.types.named(entry.variable.type_ref, here)
            rows.append((name, self.compile(entry.expression, scope, here, kind)))
            scope = scope.plus({name: kind})

        def step(run: Run, scope: dict[str, Value]) -> Value:
            inner = dict(scope)
            values = {}
            for name, row in rows:
                values[name] = inner[name] = row(run, inner)
            return values if result is None else result(run, inner)

        return step

    def _function_of_type(self, box: FunctionDefinition, scope: Scope, place: Place, kind: Type | None) -> Step:
        """Return the step of a function whose type is given, or, as editors also write it, the type of its result."""
        step = self.function(box, scope, place, result=result_of(kind))
        return coerced(step, kind, place) if isinstance(kind, FunctionShape) else step

    def function(
        self, box: FunctionDefinition, scope: Scope, place: Place, name: str = "", result: Type | None = None
    ) -> Step:
        """Return the step that gives a function; Java and PMML are refused and give a function that gives null."""
        types = tuple(self.types.named(parameter.type_ref, place) for parameter in box.parameters)
        parameters = tuple(parameter.name for parameter in box.parameters)
        checks = types if any(types) else ()
        if box.kind != "FEEL":
            self.texts.problem(place, *EXTERNAL)

            def refusing(run: Run, scope: dict[str, Value]) -> Value:
                def refuse(evaluation: Evaluation, *arguments: Value) -> Value:
                    run.remark("external function", f"A {box.kind} function was called, which gives null here.", place)
                    return None

                return FeelFunction(parameters, refuse, name, checks)

            return refusing
        body = self.compile(box.body, scope.plus(dict(zip(parameters, types, strict=True))), place)

        def step(run: Run, scope: dict[str, Value]) -> Value:
            def call(evaluation: Evaluation, *arguments: Value) -> Value:
                return body(run, {**scope, **dict(zip(parameters, arguments, strict=True))})

            return FeelFunction(parameters, call, name, checks, result)

        return step

    def _invocation(self, box: Invocation, scope: Scope, place: Place) -> Step:
        self.told_apart([binding.parameter.name for binding in box.bindings], "argument", place)
        function = self.compile(box.function, scope, place.within("function"))
        if isinstance(box.function, Literal):
            self.texts.invoked(box.function.text.strip(), scope, place.within("function"))
        arguments = []
        for binding in box.bindings:
            here = place.within(f'argument "{binding.parameter.name}"')
            kind = self.types.named(binding.parameter.type_ref, here)
            arguments.append((binding.parameter.name, self.compile(binding.expression, scope, here, kind)))

        def step(run: Run, scope: dict[str, Value]) -> Value:
            called = function(run, scope)
            values = {name: argument(run, scope) for name, argument in arguments}
            if not hasattr(called, "invoke_named"):
                run.remark("function", f"What is invoked is a {kind_of(called)}, not a function.", place)
                return None
            since = len(run.evaluation.diagnostics)
            value = called.invoke_named(run.evaluation, values)
            run.collect(place, since)
            return value

        return step

    def _list(self, box: BoxedList, scope: Scope, place: Place) -> Step:
        items = [self.compile(item, scope, place.within(f"item {at}")) for at, item in enumerate(box.items, 1)]

        def step(run: Run, scope: dict[str, Value]) -> Value:
            return [item(run, scope) for item in items]

        return step

    def _relation(self, box: Relation, scope: Scope, place: Place) -> Step:
        names = [column.name for column in box.columns]
        self.told_apart(names, "column", place)
        kinds = [self.types.named(column.type_ref, place) for column in box.columns]
        rows: list[Sequence[Step]] = []
        for at, row in enumerate(box.rows, 1):
            here = place.within(f"row {at}")
            if len(row) != len(names):
                self.texts.problem(here, f"The row has {len(row)} cells for {len(names)} columns.", "Fill every cell.")
            rows.append(
                [
                    self.compile(cell, scope, here.within(f'column "{name}"'), kind)
                    for name, kind, cell in zip(names, kinds, row, strict=False)
                ]
            )

        def step(run: Run, scope: dict[str, Value]) -> Value:
            return [{name: cell(run, scope) for name, cell in zip(names, row, strict=False)} for row in rows]

        return step

    def _conditional(self, box: Conditional, scope: Scope, place: Place) -> Step:
        condition = self.compile(box.condition, scope, place.within("if"))
        then = self.compile(box.then, scope, place.within("then"))
        otherwise = self.compile(box.otherwise, scope, place.within("else"))

        def step(run: Run, scope: dict[str, Value]) -> Value:
            decided = condition(run, scope)
            if decided is None:
                # As FEEL's own `if`, which the box stands for, takes it: what is not true is else (DMN 1.5, 10.4.2).
                run.remark("null", "The condition is null, so `else` was taken.", place.within("if"))
            elif type(decided) is not bool:
                run.remark("type", f"The condition is {kind_of(decided)}, not true or false.", place.within("if"))
                return None
            return then(run, scope) if decided else otherwise(run, scope)

        return step

    def _filter(self, box: Filter, scope: Scope, place: Place) -> Step:
        source = self.compile(box.source, scope, place.within("in"))
        element = self._item_type(box.source, scope)
        entries = dict.fromkeys(getattr(element, "components", {}), None)
        inner = scope.plus({**entries, "item": element}).calling(entries or None)
        match = self.compile(box.match, inner, place.within("match"))

        def step(run: Run, scope: dict[str, Value]) -> Value:
            value = source(run, scope)
            if value is None:
                run.remark("null", "What is filtered is null.", place.within("in"))
                return None
            items = value if type(value) is list else [value]
            kept = []
            for at, item in enumerate(items, 1):
                run.evaluation.spend()
                inner = {**scope, **item, "item": item} if isinstance(item, dict) else {**scope, "item": item}
                met = match(run, inner)
                if type(met) is Decimal:
                    # A number picks one item, as in a FEEL filter (10.3.2.5).
                    index = int(met) if met == met.to_integral_value() else 0
                    if index and abs(index) <= len(items):
                        return items[index - 1 if index > 0 else index]
                    return None
                if met is True:
                    kept.append(items[at - 1])
                elif met is not False and met is not None:
                    run.remark("type", f"The match is {kind_of(met)}, not true or false.", place.within("match"))
                    return None
            return kept

        return step

    def _item_type(self, source: Expression | None, scope: Scope) -> Type | None:
        """Return the type of the items of a list that a name or a typed expression gives, where it is declared."""
        if source is None:
            return None
        kind = scope.type_of(source.text.strip()) if isinstance(source, Literal) else None
        kind = base_of(kind or self.types.named(source.type_ref, self.texts.place))
        return kind.item if isinstance(kind, ListType) else None

    def _for(self, box: Iterator, scope: Scope, place: Place) -> Step:
        name = box.variable.name
        kind = self.types.named(box.variable.type_ref, place)
        source = self.compile(box.source, scope, place.within("in"))
        body, reads_partial = self._loop_body(box.body, scope.plus({name: kind, "partial": None}), place)

        def step(run: Run, scope: dict[str, Value]) -> Value:
            items = _items(run, source(run, scope), place.within("in"))
            if items is None:
                return None
            results: list[Value] = []
            run.evaluation.check_length(len(items))
            for item in items:
                # A body that reads `partial` is handed a copy, which is paid for: no value ever changes.
                run.evaluation.spend(1 + len(results) // 64 * reads_partial)
                inner = {**scope, name: item}
                if reads_partial:
                    inner["partial"] = list(results)
                results.append(body(run, inner))
            return results

        return step

    def _loop_body(self, body: Expression | None, scope: Scope, place: Place) -> tuple[Step, bool]:
        """Return the body's step, and whether it reads `partial`, the results so far."""
        before = self.texts.used
        self.texts.used = set()
        step = self.compile(body, scope, place.within("return"))
        reads_partial = "partial" in self.texts.used
        self.texts.used |= before
        return step, reads_partial

    def _quantified(self, box: Iterator, scope: Scope, place: Place) -> Step:
        name, every = box.variable.name, box.kind == "every"
        source = self.compile(box.source, scope, place.within("in"))
        body = self.compile(box.body, scope.plus({name: None}), place.within("satisfies"))

        def step(run: Run, scope: dict[str, Value]) -> Value:
            items = _items(run, source(run, scope), place.within("in"))
            if items is None:
                return None
            answers = []
            for item in items:
                run.evaluation.spend()
                met = body(run, {**scope, name: item})
                if type(met) is not bool:
                    run.remark("type", f"An answer is {kind_of(met)}, not true or false.", place.within("satisfies"))
                    return None
                answers.append(met)
            return all(answers) if every else any(answers)

        return step


def _items(run: Run, value: Value, place: Place) -> list[Value] | None:
    """Return what an iterator goes through, as FEEL's own loops do: a list, a range, or a single value."""
    since = len(run.evaluation.diagnostics)
    items: list[Value] | None = spread(value, run.evaluation, 0)
    run.collect(place, since)
    return items

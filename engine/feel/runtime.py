"""What compiled expressions call for loops, filters, calls and functions: the parts that need more than an operator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from engine.feel import access, membership
from engine.feel.entering import enter
from engine.feel.evaluation import Evaluation
from engine.feel.types import Type
from engine.feel.values import FeelFunction, Value, kind_of

Source = Callable[..., Value]


def call(function: Value, arguments: tuple[Value, ...], run: Evaluation, position: int, name: str) -> Value:
    """function(arguments); null and a diagnostic where it is no function."""
    invoke = getattr(function, "invoke", None)
    if invoke is None:
        return _no_function(function, run, position, name)
    return invoke(run, arguments, position)


def call_named(
    function: Value, names: tuple[str, ...], arguments: tuple[Value, ...], run: Evaluation, position: int, name: str
) -> Value:
    """function(name: argument, ...)."""
    invoke = getattr(function, "invoke_named", None)
    if invoke is None:
        return _no_function(function, run, position, name)
    return invoke(run, dict(zip(names, arguments, strict=True)), position)


def function_named(value: Value, function: FeelFunction) -> Value:
    """What a name means where it is called: its value if that is a function, else the built-in of the same name.

    Data may be named as a function is: a question `date`, an input `count`. FEEL's scopes (10.3.2.2) would find the
    data alone, and calling it would be null without anybody having meant that.
    """
    return value if hasattr(value, "invoke") else function


def _no_function(value: Value, run: Evaluation, position: int, name: str) -> None:
    if value is None and name:
        run.note("function", f"There is no function named {name}.", position)
    else:
        run.note(
            "function", f"{'A ' + kind_of(value) if value is not None else 'null'} was called as a function.", position
        )


def make_function(
    parameters: tuple[str, ...],
    types: tuple[Type | None, ...],
    body: Callable[..., Value] | None,
    result: Type | None = None,
) -> FeelFunction:
    """A function written in FEEL. An external one has no body here and gives null."""
    if body is None:
        return FeelFunction(parameters, _external)
    return FeelFunction(parameters, body, "", types, result)


def _external(run: Evaluation, *arguments: Value) -> None:
    run.note("function", "External functions are not run.")


def rounds(sources: tuple[Source, ...], run: Evaluation, position: int) -> Iterator[tuple[Value, ...]]:
    """Every combination of the loop variables, the last turning fastest. Raises Stopped where a source is none.

    A later source may depend on the variables before it.
    """

    def turn(done: tuple[Value, ...]) -> Iterator[tuple[Value, ...]]:
        items = sources[len(done)](*done)
        if items is None:
            raise Stopped
        for item in items:
            if len(done) + 1 == len(sources):
                run.spend(1, position)
                yield (*done, item)
            else:
                yield from turn((*done, item))

    return turn(())


class Stopped(Exception):
    """A loop met something it cannot go through; the whole loop is null."""


def each(sources: tuple[Source, ...], body: Callable[..., Value], run: Evaluation, position: int) -> Value:
    """for: the list of what the body gives; `partial` in it is the list so far (10.3.2.14)."""
    if len(sources) == 1:
        items = sources[0]()
        if items is None:
            return None
        run.check_length(len(items), position)
        run.spend(len(items), position)
        return [body(item, None) for item in items]
    results: list[Value] = []
    try:
        for variables in rounds(sources, run, position):
            run.check_length(len(results) + 1, position)
            results.append(body(*variables, None))
    except Stopped:
        return None
    return results


def each_knowing(sources: tuple[Source, ...], body: Callable[..., Value], run: Evaluation, position: int) -> Value:
    """As `each`, for a body that reads `partial`: it is handed a copy, so that no value ever changes."""
    results: list[Value] = []
    try:
        for variables in rounds(sources, run, position):
            run.check_length(len(results) + 1, position)
            run.spend(len(results) // 64, position)
            results.append(body(*variables, list(results)))
    except Stopped:
        return None
    return results


def quantified(
    every: bool, sources: tuple[Source, ...], condition: Callable[..., Value], run: Evaluation, position: int
) -> Value:
    """some and every: the conditions joined by or, and by and (10.3.2.14)."""
    unknown = False
    try:
        for variables in rounds(sources, run, position):
            verdict = condition(*variables)
            if verdict is (not every):
                return not every
            if verdict is not every:
                if verdict is not None:
                    run.note("type", f"`satisfies` gave {kind_of(verdict)}, not true or false.", position)
                unknown = True
    except Stopped:
        return None
    if unknown:
        run.note("null", "`satisfies` gave neither true nor false for an item.", position)
        return None
    return every


def filtered(value: Value, condition: Callable[[Value], Value], run: Evaluation, position: int) -> Value:
    """value[condition]: the items for which it is true, or, where it is a number, the item at that place (10.3.2.5)."""
    if value is None:
        run.note("null", "null was filtered.", position)
        return None
    items = value if type(value) is list else [value]
    if not items:
        verdict = condition(None) if _quiet_number(condition, run) else None
        return access.item_at(items, verdict, run, position) if type(verdict) is Decimal else []
    kept = []
    for item in items:
        run.spend(1, position)
        verdict = condition(item)
        if verdict is True:
            kept.append(item)
        elif verdict is not False and verdict is not None:
            if type(verdict) is Decimal and item is items[0]:
                return access.item_at(items, verdict, run, position)
            run.note("type", f"The condition of a filter is {kind_of(verdict)}, not true or false.", position)
    return kept


def _quiet_number(condition: Callable[[Value], Value], run: Evaluation) -> bool:
    """Whether the condition is a number even with no item; its notes are about nothing and are dropped."""
    kept = len(run.diagnostics)
    verdict = condition(None)
    del run.diagnostics[kept:]
    return type(verdict) is Decimal


def loop_span(start: Value, end: Value, run: Evaluation, position: int) -> Value:
    """start..end of a loop."""
    return membership.span(start, end, run, position)


def repeated_key(run: Evaluation, position: int, key: str) -> None:
    """A context with a key twice is null (10.3.2.6)."""
    run.note("argument", f"The entry {key} stands twice in one context.", position)


def bad_literal(run: Evaluation | None, position: int) -> None:
    """An @ literal that is no date, time or duration is null."""
    if run is not None:
        run.note("conversion", "The text after @ is not a date, time, date and time or duration.", position)


def unknown_type(run: Evaluation | None, position: int, name: str) -> None:
    """A type that no model defines."""
    if run is not None:
        run.note("unknown name", f"There is no type named {name}.", position)


def extension_function(name: str, parameters: tuple[str, ...], body: Callable[..., Any]) -> FeelFunction:
    """A function supplied from outside the language: it is handed the environment first."""

    def run_body(run: Evaluation, *arguments: Value) -> Value:
        position = run.position
        try:
            return enter(body(run.environment, *arguments), run, position)
        except ExtensionRefusal as refusal:
            run.note("argument", f"{name}: {refusal}", position)
            return None

    return Extension(parameters, run_body, name)


class Extension(FeelFunction):
    """An extension function; it remembers where it was called so that its refusals point there."""

    __slots__ = ()

    def invoke(self, evaluation: Evaluation, arguments: Any, position: int = 0) -> Value:
        """As any function, with the place of the call noted."""
        evaluation.position = position
        return FeelFunction.invoke(self, evaluation, arguments, position)


class ExtensionRefusal(Exception):
    """An extension function refuses its arguments: raise it with a sentence; the call is null with a diagnostic."""

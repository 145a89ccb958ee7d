"""Expressions and unary tests as their callers hold them: compiled once, evaluated often, safe between threads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from engine.feel import nodes, parser
from engine.feel.compiler import Compiled, compile_tree
from engine.feel.diagnostics import LimitReached, Outcome
from engine.feel.evaluation import Environment, Evaluation
from engine.feel.limits import LIMITS, Limits
from engine.feel.runtime import extension_function
from engine.feel.types import Type
from engine.feel.values import FeelFunction, Value


@dataclass(frozen=True, slots=True)
class ExtensionFunction:
    """A function that FEEL does not have; its name may hold spaces.

    call takes the Environment and one FEEL value per parameter, and gives a FEEL, JSON or Python value. It raises
    ExtensionRefusal with a sentence where the arguments will not do: the call is then null with a diagnostic.
    """

    name: str
    parameters: tuple[str, ...]
    call: Callable[..., Any]


Extensions = Mapping[str, ExtensionFunction]

#: A context that holds nothing.
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression: its text, its tree and the top-level names it reads."""

    text: str
    tree: nodes.Node = field(repr=False)
    _made: Compiled = field(repr=False, compare=False)
    _limits: Limits = field(repr=False)

    @property
    def names(self) -> frozenset[str]:
        """The top-level names it reads."""
        return self._made.names

    @property
    def calls(self) -> frozenset[str]:
        """The names and paths it calls as functions, where FEEL and the extensions have none of that name."""
        return self._made.calls

    def evaluate(self, context: Mapping[str, Any], environment: Environment | None = None) -> Outcome:
        """The value over a context of JSON or FEEL values, with everything there was to say about it. Never raises."""
        run = Evaluation(environment, self._limits)
        try:
            value = self.within(context, run)
        except LimitReached as stop:
            run.note("limit", stop.message, stop.position)
            value = None
        return Outcome(value, tuple(run.diagnostics))

    def value(self, context: Mapping[str, Any], environment: Environment | None = None) -> Value:
        """The value alone; null where it could not be computed."""
        try:
            if self._made.needs_run:
                return self._made.code(context, Evaluation(environment, self._limits))
            return self._made.code(context, None)
        except (LimitReached, RecursionError, ArithmeticError):
            return None

    def within(self, context: Mapping[str, Any], run: Evaluation) -> Value:
        """The value as part of an evaluation under way, which gathers the notes. Raises LimitReached."""
        try:
            return self._made.code(context, run)
        except RecursionError as error:
            raise LimitReached("The evaluation nests too deep.") from error
        except ArithmeticError:
            run.note("arithmetic", "A number is not finite.", 0)
            return None


@dataclass(frozen=True, slots=True)
class UnaryTests:
    """The compiled tests of a decision table's cell, or of an item definition's allowed values."""

    text: str
    tree: nodes.Tests = field(repr=False)
    _made: Compiled = field(repr=False, compare=False)
    _limits: Limits = field(repr=False)

    @property
    def names(self) -> frozenset[str]:
        """The top-level names it reads."""
        return self._made.names

    @property
    def calls(self) -> frozenset[str]:
        """The names and paths they call as functions, where FEEL and the extensions have none of that name."""
        return self._made.calls

    def evaluate(
        self, value: Any, context: Mapping[str, Any] | None = None, environment: Environment | None = None
    ) -> Outcome:
        """Whether the input passes: true, false, or null with what there was to say. Never raises."""
        run = Evaluation(environment, self._limits)
        try:
            verdict = self.within(value, {} if context is None else context, run)
        except LimitReached as stop:
            run.note("limit", stop.message, stop.position)
            verdict = None
        return Outcome(verdict, tuple(run.diagnostics))

    def matches(
        self, value: Any, context: Mapping[str, Any] = NOTHING, environment: Environment | None = None
    ) -> bool | None:
        """Whether the input passes: true, false or null, without diagnostics."""
        verdict: bool | None = None
        try:
            run = Evaluation(environment, self._limits) if self._made.needs_run else None
            verdict = self._made.code(value, context, run)
        except (LimitReached, RecursionError, ArithmeticError):
            return None
        return verdict

    def within(self, value: Any, context: Mapping[str, Any], run: Evaluation) -> bool | None:
        """As part of an evaluation under way, which gathers the notes. Raises LimitReached."""
        verdict: bool | None = None
        try:
            verdict = self._made.code(value, context, run)
        except RecursionError as error:
            raise LimitReached("The evaluation nests too deep.") from error
        except ArithmeticError:
            run.note("arithmetic", "A number is not finite.", 0)
        return verdict


def compile_expression(
    text: str,
    *,
    names: Iterable[str] = (),
    extensions: Extensions | None = None,
    types: Mapping[str, Type] | None = None,
    limits: Limits = LIMITS,
) -> Expression:
    """Compile a FEEL expression (DMN 1.5, grammar rule 1).

    names       every name the context may hold, and names of entries with signs in them ("first-name"); a name given
                here hides a built-in function of the same name
    extensions  functions FEEL does not have
    types       types a model defines, for `instance of` and parameters
    limits      what it may cost

    Raises FeelError, which shows the place and the mend.
    """
    known = frozenset(names)
    tree = parser.parse_expression(text, _lexed(known, extensions, types), limits)
    made = compile_tree(tree, known, _functions(extensions), types, text)
    return Expression(text, tree, made, limits)


def compile_unary_tests(
    text: str,
    *,
    names: Iterable[str] = (),
    extensions: Extensions | None = None,
    types: Mapping[str, Type] | None = None,
    limits: Limits = LIMITS,
) -> UnaryTests:
    """Compile a cell of a decision table (DMN 1.5, grammar rules 12 to 15): `-`, `< 5, [7..9]`, `not("x")`, `? > a`.

    Parameters as for compile_expression. Raises FeelError, which shows the place and the mend.
    """
    known = frozenset(names)
    tree = parser.parse_unary_tests(text, _lexed(known, extensions, types), limits)
    made = compile_tree(tree, known, _functions(extensions), types, text)
    return UnaryTests(text, tree, made, limits)


def _lexed(known: frozenset[str], extensions: Extensions | None, types: Mapping[str, Type] | None) -> frozenset[str]:
    return known.union(extensions or (), types or ()) if extensions or types else known


def _functions(extensions: Extensions | None) -> dict[str, FeelFunction]:
    if not extensions:
        return {}
    return {name: extension_function(name, item.parameters, item.call) for name, item in extensions.items()}

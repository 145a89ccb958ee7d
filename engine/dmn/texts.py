"""The FEEL texts of a decision file, compiled once each; one that is not FEEL is kept as a problem and gives null."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from engine.dmn.errors import DmnError, Place
from engine.dmn.markup import FEEL_NAMESPACES
from engine.dmn.run import Run
from engine.dmn.types import Structure, base_of
from engine.feel import Evaluation, Expression, FeelError, UnaryTests, compile_expression, compile_unary_tests, nodes
from engine.feel.builtins import BUILTINS
from engine.feel.types import Type
from engine.feel.values import MISSING, Value, kind_of

#: What a compiled part of a file is: given the run and the names in scope, its value.
Step = Callable[[Run, dict[str, Value]], Value]


class Scope:
    """The names that a text may read, with their types as far as declared; None is an undeclared type.

    functions  names that may be called besides: a context's later entries; None where an item of unknown type is looked
               at, which may bring any
    """

    __slots__ = ("functions", "names", "words")

    def __init__(
        self,
        names: Mapping[str, Type | None],
        words: frozenset[str] | None = None,
        functions: frozenset[str] | None = frozenset(),
    ) -> None:
        self.names, self.functions = names, functions
        self.words = words if words is not None else frozenset(names)

    def type_of(self, text: str) -> Type | None:
        """Return the declared type of what a column looks at, where that is a name or a path of declared components."""
        for name, kind in self.names.items():
            if text == name:
                return kind
            if text.startswith(f"{name}."):
                return _component(kind, text.removeprefix(f"{name}."))
        return None

    def plus(self, names: Mapping[str, Type | None]) -> Scope:
        """Return the scope with more names, which hide those of the same name."""
        return Scope({**self.names, **names}, functions=self.functions)

    def calling(self, names: Iterable[str] | None) -> Scope:
        """Return the scope with more names that may be called; None for any."""
        known = self.functions
        return Scope(self.names, self.words, None if names is None or known is None else known.union(names))

    def may_call(self, called: str) -> bool:
        """Whether a name, or a path from a name, may lead to a function here."""
        known = self.functions
        return known is None or any(called == name or called.startswith(f"{name}.") for name in (*self.names, *known))


def _component(kind: Type | None, path: str) -> Type | None:
    base = base_of(kind)
    return Scope(base.components).type_of(path) if isinstance(base, Structure) else None


#: Why a function that is not FEEL is refused, and what to do.
EXTERNAL = (
    "The function is not written in FEEL, and nothing else is ever run here.",
    "Write it in FEEL, or hand its result in as an input.",
)


def _holds_external(tree: object) -> bool:
    """Whether a FEEL text defines a function in another language."""
    if isinstance(tree, nodes.FunctionOf) and tree.external:
        return True
    if isinstance(tree, tuple):
        return any(map(_holds_external, tree))
    return isinstance(tree, nodes.Node) and any(
        _holds_external(getattr(tree, name)) for name in tree.__dataclass_fields__
    )


class Texts:
    """Compiles the texts of one element, and remembers which names they read or call that nothing in the file gives."""

    def __init__(
        self,
        place: Place,
        vocabulary: frozenset[str],
        extensions: Mapping[str, Any],
        known_types: Mapping[str, Type],
        language: str | None,
        problems: list[DmnError],
    ) -> None:
        self.place, self.problems = place, problems
        self._vocabulary, self._extensions, self._known_types = vocabulary, extensions, known_types
        self._language = language
        self._cells: dict[tuple[str, frozenset[str]], UnaryTests | FeelError] = {}
        self.free: dict[str, Place] = {}
        self.used: set[str] = set()
        self.strange_calls: dict[tuple[str, Place], None] = {}

    def problem(self, place: Place, reason: str, mend: str) -> None:
        """Keep a fault of the file."""
        self.problems.append(DmnError(place, reason, mend))

    def expression(self, text: str, scope: Scope, place: Place, language: str | None = None) -> Expression | None:
        """Return the compiled expression; None, and a problem kept, where the text is not FEEL."""
        if not self._is_feel(language, place):
            return None
        try:
            compiled = compile_expression(
                text, names=scope.words | self._vocabulary, extensions=self._extensions, types=self._known_types
            )
        except FeelError as error:
            self.problems.append(DmnError.of_feel(place, error))
            return None
        self._read(compiled, scope, place)
        if "external" in text and _holds_external(compiled.tree):
            self.problem(place, *EXTERNAL)
        return compiled

    def cell(self, text: str, scope: Scope, place: Place, language: str | None = None) -> UnaryTests | None:
        """Return the compiled tests of a cell; an empty cell means any value, as editors write it."""
        if not self._is_feel(language, place):
            return None
        text = text.strip() or "-"
        key = text, scope.words
        compiled = self._cells.get(key)
        if compiled is None:
            try:
                compiled = compile_unary_tests(
                    text, names=scope.words | self._vocabulary, extensions=self._extensions, types=self._known_types
                )
            except FeelError as error:
                compiled = error
            self._cells[key] = compiled
        if isinstance(compiled, FeelError):
            self.problems.append(DmnError.of_feel(place, compiled))
            return None
        self._read(compiled, scope, place)
        return compiled

    def invoked(self, text: str, scope: Scope, place: Place) -> None:
        """Note what a box invokes where that is a name, or a path from a name, that nothing in the file gives."""
        if text.partition(".")[0].strip() in self.free and not scope.may_call(text):
            self.strange_calls[text, place] = None

    def _read(self, compiled: Expression | UnaryTests, scope: Scope, place: Place) -> None:
        for called in sorted(compiled.calls):
            if not scope.may_call(called):
                self.strange_calls[called, place] = None
        for name in compiled.names:
            self.used.add(name)
            if name not in scope.names:
                self.free.setdefault(name, place)

    def _is_feel(self, language: str | None, place: Place) -> bool:
        language = language or self._language or ""
        if language in FEEL_NAMESPACES:
            return True
        self.problem(place, f'The expression language "{language}" is not FEEL.', "Write the expression in FEEL.")
        return False


def strange_call(called: str, place: Place, own: Collection[str], others: Iterable[str]) -> DmnError:
    """Return the fault of a call that leads to no function, with the nearest of the file's own and all others."""
    if called in own:
        return DmnError(place, f"It calls {called}, and no arrow leads here from it.", "Draw the arrow.")
    near = get_close_matches(called, sorted({*BUILTINS, *others, *own}), n=1, cutoff=0.7)
    mend = f"Write {near[0]}, if that is meant." if near else "Correct the name, or write it without."
    return DmnError(place, f"It calls {called}, and there is no function of that name.", mend)


def nothing(run: Run, scope: dict[str, Value]) -> Value:
    """Give null: what stands for logic that is not there."""
    return None


def silent(place: Place, message: str) -> Step:
    """Return the step that gives null and says why: for a text that is not FEEL, or a box without one."""

    def step(run: Run, scope: dict[str, Value]) -> Value:
        run.remark("no logic", message, place)
        return None

    return step


def unreadable(place: Place) -> Step:
    """Return the step of a text that could not be compiled."""
    return silent(place, "The text is not FEEL.")


def evaluating(expression: Expression, place: Place) -> Step:
    """Return the step that evaluates an expression and keeps its notes under its place."""
    within = expression.within
    tree = expression.tree
    if isinstance(tree, nodes.Name):
        return _reading(tree.name, _evaluating(within, place))
    return _evaluating(within, place)


def _reading(name: str, otherwise: Step) -> Step:
    """Return the step that reads one name, which needs no evaluation where the name is there."""

    def step(run: Run, scope: dict[str, Value]) -> Value:
        value = scope.get(name, MISSING)
        return value if value is not MISSING else otherwise(run, scope)

    return step


def _evaluating(within: Callable[[dict[str, Value], Evaluation], Value], place: Place) -> Step:

    def step(run: Run, scope: dict[str, Value]) -> Value:
        evaluation = run.evaluation
        since = len(evaluation.diagnostics)
        value = within(scope, evaluation)
        if len(evaluation.diagnostics) != since:
            run.collect(place, since)
        return value

    return step


def coerced(step: Step, kind: Type | None, place: Place) -> Step:
    """Return the step with its result made to fit a type; null and a remark where it does not (10.3.2.9.4)."""
    if kind is None:
        return step

    def checked(run: Run, scope: dict[str, Value]) -> Value:
        return fitted(run, step(run, scope), kind, place)

    return checked


def fitted(run: Run, value: Value, kind: Type, place: Place) -> Value:
    """Return the value as the type has it; null and a remark where it does not fit."""
    fits, result = kind.coerce(value)
    if not fits:
        run.remark("type", f"The result should be {kind}, and it is {told(value, kind)}.", place)
        return None
    return result


def told(value: Value, kind: Type) -> str:
    """Return in words what a value is that is not of the type."""
    given = kind_of(value)
    return f"a {given} that {kind} does not allow" if given == str(getattr(kind, "base", "")) else f"a {given}"

"""How a built-in function says what it takes, and how a call finds the right form of it (DMN 1.5, 10.3.4).

A form is written as its specification shows it: "string, start position: number, length: number=". Each parameter has
a kind (the name itself where the name is a kind), `=` where it may be left out, `~` where it may be null; a list
written `list...` also takes its items one by one, and `item*` takes every argument from there on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from engine.feel import temporal
from engine.feel.builtins.results import RESULTS, taken
from engine.feel.evaluation import Evaluation
from engine.feel.values import FeelFunction, Range, Value, kind_of

_KINDS: dict[str, tuple[type, ...]] = {
    "any": (),
    "number": (Decimal,),
    "string": (str,),
    "boolean": (bool,),
    "list": (list,),
    "context": (dict,),
    "date": (temporal.Date, temporal.DateTime),
    "day": (temporal.Date,),
    "time": (temporal.Time,),
    "moment": (temporal.Time, temporal.DateTime),
    "date and time": (temporal.DateTime,),
    "days and time duration": (temporal.DayTimeDuration,),
    "temporal": (
        temporal.Date,
        temporal.Time,
        temporal.DateTime,
        temporal.DayTimeDuration,
        temporal.YearMonthDuration,
    ),
    "range": (Range,),
    "function": (FeelFunction,),
}


class Refusal(Exception):
    """A built-in function refuses its arguments; the call becomes null with an 'argument' diagnostic."""

    def __init__(self, message: str, kind: str = "argument") -> None:
        super().__init__(message)
        self.message, self.kind = message, kind


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a form."""

    name: str
    kind: str
    optional: bool = False
    nullable: bool = False
    many: bool = False
    rest: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """One way to call a function: its parameters and what it does with their values."""

    parameters: tuple[Parameter, ...]
    body: Callable[..., Value]
    wants_run: bool

    #: How many of them must be given.
    least: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "least", sum(not parameter.optional for parameter in self.parameters))


class Builtin(FeelFunction):
    """A built-in function: one name, one or more forms."""

    __slots__ = ("forms", "pure")

    forms: tuple[Form, ...]
    pure: bool

    def __init__(self, name: str, forms: tuple[Form, ...], pure: bool = True) -> None:
        parameters = tuple(parameter.name for parameter in forms[0].parameters)
        types = tuple(taken(parameter.kind) for parameter in forms[0].parameters)
        super().__init__(parameters, forms[0].body, name, types, RESULTS.get(name))
        object.__setattr__(self, "forms", forms)
        object.__setattr__(self, "pure", pure)

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other

    def invoke(self, evaluation: Evaluation, arguments: Sequence[Value], position: int = 0) -> Value:
        """Call with positional values; null and a diagnostic where no form takes them."""
        evaluation.position = position
        reason = ""
        for form in self.forms:
            if form.parameters and form.parameters[0].many:
                given: Sequence[Value] = [_gathered(arguments)] if arguments else []
            elif form.parameters and form.parameters[-1].rest and len(arguments) >= len(form.parameters):
                fixed = len(form.parameters) - 1
                given = [*arguments[:fixed], list(arguments[fixed:])]
            else:
                given = arguments
            if not form.least <= len(given) <= len(form.parameters):
                continue
            fitted, problem = _fit(form, given)
            if fitted is not None:
                return self._run(form, evaluation, fitted, position)
            reason = reason or problem
        evaluation.note("argument", f"{self.name}: {reason or self._counts(len(arguments))}", position)
        return None

    def invoke_named(self, evaluation: Evaluation, arguments: Mapping[str, Value], position: int = 0) -> Value:
        """Call with named values; null and a diagnostic where no form has these names."""
        evaluation.position = position
        reason = ""
        for form in self.forms:
            names = {parameter.name for parameter in form.parameters}
            if not names.issuperset(arguments):
                continue
            if any(not item.optional and item.name not in arguments for item in form.parameters):
                continue
            last = max((number for number, item in enumerate(form.parameters) if item.name in arguments), default=-1)
            fitted, problem = _fit(form, [arguments.get(item.name) for item in form.parameters[: last + 1]], arguments)
            if fitted is not None:
                return self._run(form, evaluation, fitted, position)
            reason = reason or problem
        if not reason:
            reason = f"It has no form with the arguments {', '.join(arguments)}."
        evaluation.note("argument", f"{self.name}: {reason}", position)
        return None

    def _run(self, form: Form, evaluation: Evaluation, arguments: list[Value], position: int) -> Value:
        evaluation.spend(1 + sum(map(_cost, arguments)), position)
        try:
            return form.body(evaluation, *arguments) if form.wants_run else form.body(*arguments)
        except Refusal as refusal:
            evaluation.note(refusal.kind, f"{self.name}: {refusal.message}", position)  # type: ignore[arg-type]  # one of the literal kinds
        except (ArithmeticError, ValueError):
            evaluation.note("arithmetic", f"{self.name}: the result cannot be computed.", position)
        return None

    def _counts(self, given: int) -> str:
        counts = sorted({number for form in self.forms for number in range(form.least, len(form.parameters) + 1)})
        wanted = " or ".join(map(str, counts)) if counts != [0] else "no"
        return f"It takes {wanted} argument{'' if counts == [1] else 's'} and was given {given}."


def _cost(value: Value) -> int:
    """What it costs, in steps, to go through an argument."""
    kind = type(value)
    if kind is list or kind is dict:
        return len(value) // 16
    return len(value) // 1000 if kind is str else 0


def _gathered(arguments: Sequence[Value]) -> Value:
    """What a function of a list was given: one list, or items one by one."""
    if len(arguments) == 1:
        only = arguments[0]
        return only if type(only) is list or only is None else [only]
    return list(arguments)


def _fit(
    form: Form, arguments: Sequence[Value], named: Mapping[str, Value] | None = None
) -> tuple[list[Value] | None, str]:
    """The arguments as the form has them, or None and what is wrong with the first that does not fit."""
    fitted: list[Value] = []
    for parameter, value in zip(form.parameters, arguments, strict=False):
        left_out = named is not None and parameter.name not in named
        if value is None:
            if parameter.nullable or left_out or parameter.kind == "any":
                fitted.append(None)
                continue
            return None, f"{parameter.name} is null."
        fits, value = _coerced(parameter, value)
        if not fits:
            return None, f"{parameter.name} must be {_article(parameter.kind)}, not {kind_of(value)}."
        fitted.append(value)
    return fitted, ""


def _coerced(parameter: Parameter, value: Value) -> tuple[bool, Value]:
    wanted = _KINDS[parameter.kind]
    if not wanted or isinstance(value, wanted):
        return True, value
    if parameter.kind == "list":
        return True, [value]
    if type(value) is list and len(value) == 1 and isinstance(value[0], wanted):
        return True, value[0]
    if parameter.kind == "date and time" and type(value) is temporal.Date:
        return True, temporal.DateTime(value, temporal.Time(0, 0, 0, 0, 0))
    return False, value


def _article(kind: str) -> str:
    names = {
        "day": "a date",
        "moment": "a time or date and time",
        "temporal": "a date, time or duration",
        "days and time duration": "a days and time duration",
    }
    return names.get(kind, f"a {kind}")


BUILTINS: dict[str, Builtin] = {}


def builtin(name: str, *forms: str, pure: bool = True, run: bool = False) -> Callable[[Any], Any]:
    """Register a function under its FEEL name; each form lists its parameters as the specification does.

    run   the function also takes the evaluation under way, as its first argument
    pure  with the same arguments it always gives the same, so that constants may be computed beforehand
    """

    def register(body: Callable[..., Value]) -> Callable[..., Value]:
        made = tuple(Form(tuple(map(_parameter, _parts(form))), body, run) for form in forms)
        known = BUILTINS.get(name)
        BUILTINS[name] = Builtin(name, (known.forms if known else ()) + made, pure)
        return body

    return register


def _parts(form: str) -> list[str]:
    return [part.strip() for part in form.split(",") if part.strip()]


def _parameter(text: str) -> Parameter:
    optional, nullable, many, rest = "=" in text, "~" in text, "..." in text, "*" in text
    name, _, kind = text.translate(_MARKS).partition(":")
    name = name.strip()
    return Parameter(name, kind.strip() or (name if name in _KINDS else "any"), optional, nullable, many, rest)


_MARKS = str.maketrans("", "", "=~*.")

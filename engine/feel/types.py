"""The types of FEEL: what `instance of` asks, what parameters take, what item definitions constrain (10.3.2.9)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from engine.feel import temporal
from engine.feel.values import FeelFunction, Range, Value


class Type:
    """A set of values. Subclass it to add one with constraints of its own, as item definitions do."""

    __slots__ = ()

    def holds(self, value: Value) -> bool:
        """Whether the value belongs to the type; null belongs only to Any and Null."""
        raise NotImplementedError

    def hold_all(self, values: Iterable[Value]) -> bool:
        """Whether every one of the values, none of them null, belongs to the type."""
        return all(map(self.holds, values))

    def conforms_to(self, other: Type) -> bool:
        """Whether every value of this type is one of the other's."""
        return self == other or other == ANY

    def coerce(self, value: Value) -> tuple[bool, Value]:
        """Whether the value fits, and the value as this type has it (10.3.2.9.4).

        A list of one becomes its item, an item becomes a list of one, a date becomes midnight UTC; null fits all.
        """
        if value is None or self.holds(value):
            return True, value
        if type(value) is list and len(value) == 1 and self.holds(value[0]):
            return True, value[0]
        return False, None


@dataclass(frozen=True, slots=True)
class Simple(Type):
    """A built-in type by its name: number, string, date and time, ..."""

    name: str

    def __str__(self) -> str:
        return self.name

    def holds(self, value: Value) -> bool:
        python = _SIMPLE[self.name]
        exact = type(value) is python or python is object
        return exact or (python in (dict, FeelFunction) and isinstance(value, python))

    def coerce(self, value: Value) -> tuple[bool, Value]:
        if self.name == "date and time" and type(value) is temporal.Date:
            return True, temporal.DateTime(value, temporal.Time(0, 0, 0, 0, 0))
        return Type.coerce(self, value)


@dataclass(frozen=True, slots=True)
class ListType(Type):
    """list<T>."""

    item: Type

    def __str__(self) -> str:
        return f"list<{self.item}>"

    def holds(self, value: Value) -> bool:
        return self.hold_all((value,))

    def hold_all(self, values: Iterable[Value]) -> bool:
        # Level by level, and every item once: a list may stand in many places of another.
        values = list(values)
        return all(type(value) is list for value in values) and self.item.hold_all(
            {id(item): item for value in values for item in value if item is not None}.values()
        )

    def conforms_to(self, other: Type) -> bool:
        if isinstance(other, ListType):
            return self.item.conforms_to(other.item)
        return other in (ANY, Simple("list"))

    def coerce(self, value: Value) -> tuple[bool, Value]:
        if value is None or self.holds(value):
            return True, value
        if type(value) is not list:
            fits, item = self.item.coerce(value)
            return (True, [item]) if fits else (False, None)
        items = [self.item.coerce(item) for item in value]
        if all(fits for fits, _ in items):
            return True, [item for _, item in items]
        return False, None


@dataclass(frozen=True, slots=True)
class ContextType(Type):
    """context<a: T, b: U>: at least these entries."""

    entries: tuple[tuple[str, Type], ...]

    def __str__(self) -> str:
        return "context<" + ", ".join(f"{name}: {kind}" for name, kind in self.entries) + ">"

    def holds(self, value: Value) -> bool:
        return self.hold_all((value,))

    def hold_all(self, values: Iterable[Value]) -> bool:
        values = list(values)
        return all(
            isinstance(value, Mapping) and all(name in value for name, _ in self.entries) for value in values
        ) and all(
            kind.hold_all({id(value[name]): value[name] for value in values if value[name] is not None}.values())
            for name, kind in self.entries
        )

    def conforms_to(self, other: Type) -> bool:
        if isinstance(other, ContextType):
            mine = dict(self.entries)
            return all(name in mine and mine[name].conforms_to(kind) for name, kind in other.entries)
        return other in (ANY, Simple("context"))


@dataclass(frozen=True, slots=True)
class RangeType(Type):
    """range<T>."""

    item: Type

    def __str__(self) -> str:
        return f"range<{self.item}>"

    def holds(self, value: Value) -> bool:
        if not isinstance(value, Range):
            return False
        ends = [end for end in (value.start, value.end) if end is not None]
        return bool(ends) and all(self.item.holds(end) for end in ends)

    def conforms_to(self, other: Type) -> bool:
        if isinstance(other, RangeType):
            return self.item.conforms_to(other.item)
        return other in (ANY, Simple("range"))


@dataclass(frozen=True, slots=True)
class FunctionType(Type):
    """function<T, U> -> V. A function written without types takes and gives Any."""

    parameters: tuple[Type, ...]
    result: Type

    def __str__(self) -> str:
        return f"function<{', '.join(map(str, self.parameters))}> -> {self.result}"

    def holds(self, value: Value) -> bool:
        if not isinstance(value, FeelFunction):
            return False
        types = value.types or (None,) * len(value.parameters)
        mine = FunctionType(tuple(kind or ANY for kind in types), value.result or ANY)
        return mine.conforms_to(self)

    def conforms_to(self, other: Type) -> bool:
        if isinstance(other, FunctionType):
            return (
                len(self.parameters) == len(other.parameters)
                and all(
                    theirs.conforms_to(mine) for mine, theirs in zip(self.parameters, other.parameters, strict=True)
                )
                and self.result.conforms_to(other.result)
            )
        return other in (ANY, Simple("function"))


@dataclass(frozen=True, slots=True)
class Named(Type):
    """A type that a model defines, by its name. It holds nothing until the compiler has put the real one in place."""

    name: str

    def __str__(self) -> str:
        return self.name

    def holds(self, value: Value) -> bool:
        return False


_SIMPLE: dict[str, type] = {
    "Any": object,
    "Null": type(None),
    "number": Decimal,
    "string": str,
    "boolean": bool,
    "date": temporal.Date,
    "time": temporal.Time,
    "date and time": temporal.DateTime,
    "days and time duration": temporal.DayTimeDuration,
    "years and months duration": temporal.YearMonthDuration,
    "list": list,
    "context": dict,
    "function": FeelFunction,
    "range": Range,
}
ANY = Simple("Any")
NULL = Simple("Null")

_ALIASES = {
    "dateTime": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
    "any": "Any",
    "integer": "number",
    "long": "number",
    "double": "number",
    "float": "number",
    "decimal": "number",
}


def simple(name: str) -> Simple | None:
    """The built-in type of that name, spelled as FEEL, as XML Schema or as modelling tools do; else None."""
    name = _ALIASES.get(name, name)
    return Simple(name) if name in _SIMPLE else None


def resolve(kind: Type, known: Mapping[str, Type]) -> Type:
    """The type with every name in it replaced by what a model defines; a name nobody defines stays."""
    if isinstance(kind, Named):
        return known.get(kind.name, kind)
    if isinstance(kind, ListType):
        return ListType(resolve(kind.item, known))
    if isinstance(kind, RangeType):
        return RangeType(resolve(kind.item, known))
    if isinstance(kind, ContextType):
        return ContextType(tuple((name, resolve(item, known)) for name, item in kind.entries))
    if isinstance(kind, FunctionType):
        return FunctionType(tuple(resolve(item, known) for item in kind.parameters), resolve(kind.result, known))
    return kind


def instance_of(value: Value, kind: Type) -> bool:
    """What `instance of` gives: null is an instance of Null alone (10.3.2.9.1)."""
    if value is None:
        return kind == NULL
    return kind.holds(value)

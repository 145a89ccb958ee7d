"""The types a decision file defines: item definitions with components and allowed values (DMN 1.5, 7.3.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from engine.dmn.errors import DmnError, Place
from engine.dmn.markup import FEEL_NAMESPACES
from engine.dmn.model import Definitions, ItemDefinition
from engine.feel import FeelError, UnaryTests
from engine.feel.temporal import read_date, read_date_time, read_duration, read_time
from engine.feel.types import ANY, FunctionType, ListType, Simple, Type, simple
from engine.feel.values import MISSING, FeelFunction, Value

#: The whole-number types of modelling tools; FEEL itself knows one type of number.
WHOLE = frozenset({"integer", "int", "long", "short"})

#: What tools write for no type at all.
UNTYPED = frozenset({"Any", "any", "<Undefined>", "Undefined"})

CompileTests = Callable[[str, Place], UnaryTests]


class WholeNumber(Type):
    """Numbers without a fraction, as `integer` and `long` of modelling tools mean them."""

    __slots__ = ()

    def __str__(self) -> str:
        return "whole number"

    def holds(self, value: Value) -> bool:
        """Whether the value is a number without a fraction."""
        return type(value) is Decimal and value == value.to_integral_value()

    def conforms_to(self, other: Type) -> bool:
        """Whether every whole number is one of the other's: so for whole numbers, numbers and Any."""
        return isinstance(other, WholeNumber) or other in (Simple("number"), ANY)


class Restricted(Type):
    """A named type: a base type, of whose values only those that pass the tests belong to it.

    tests is None, and so is text, where every value of the base belongs.
    """

    __slots__ = ("base", "name", "tests", "text")

    def __init__(self, name: str, base: Type, tests: UnaryTests | None = None, text: str | None = None) -> None:
        self.name, self.base, self.text, self.tests = name, base, text, tests

    def __str__(self) -> str:
        return self.name

    def _passes(self, value: Value) -> bool:
        return self.tests is None or self.tests.matches(value) is True

    def holds(self, value: Value) -> bool:
        """Whether the value is of the base type and passes the tests."""
        return self.base.holds(value) and self._passes(value)

    def conforms_to(self, other: Type) -> bool:
        """Whether every value of this type is one of the other's, as far as the definitions tell."""
        return self is other or self.base.conforms_to(other)

    def coerce(self, value: Value) -> tuple[bool, Value]:
        """Coerce as the base type does, then test."""
        fits, value = self.base.coerce(value)
        if fits and (value is None or self._passes(value)):
            return True, value
        return False, None


class Structure(Type):
    """A context with named components; each may be null, none may be missing (10.3.2.9.2)."""

    __slots__ = ("components", "name")

    def __init__(self, name: str, components: Mapping[str, Type]) -> None:
        self.name, self.components = name, components

    def __str__(self) -> str:
        return self.name

    def holds(self, value: Value) -> bool:
        """Whether the value has every component, each null or of its type."""
        if not isinstance(value, Mapping):
            return False
        for name, kind in self.components.items():
            entry = value.get(name, MISSING)
            if entry is MISSING or (entry is not None and not kind.holds(entry)):
                return False
        return True

    def conforms_to(self, other: Type) -> bool:
        """Whether every value of this type is one of the other's."""
        if isinstance(other, Structure):
            return all(
                name in self.components and self.components[name].conforms_to(kind)
                for name, kind in other.components.items()
            )
        return other in (ANY, Simple("context"))

    def coerce(self, value: Value) -> tuple[bool, Value]:
        """Coerce each component; a list of one becomes its item."""
        if value is None or self.holds(value):
            return True, value
        if type(value) is list and len(value) == 1:
            value = value[0]
        if not isinstance(value, Mapping):
            return False, None
        coerced = dict(value)
        for name, kind in self.components.items():
            if name not in coerced:
                return False, None
            fits, coerced[name] = kind.coerce(coerced[name])
            if not fits:
                return False, None
        return True, coerced


class FunctionShape(Type):
    """A function type of an item definition; a function that declares no types may still be used as one."""

    __slots__ = ("name", "shape")

    def __init__(self, name: str, shape: FunctionType) -> None:
        self.name, self.shape = name, shape

    def __str__(self) -> str:
        return self.name

    @property
    def result(self) -> Type:
        """Return the type of what the function gives."""
        return self.shape.result

    def holds(self, value: Value) -> bool:
        """Whether the value is a function declared with these types."""
        return self.shape.holds(value)

    def coerce(self, value: Value) -> tuple[bool, Value]:
        """Whether the value is a function of as many parameters, none of them declared as another type."""
        fits = value is None or self._may_fit(value)
        return fits, value if fits else None

    def _may_fit(self, value: Value) -> bool:
        if not isinstance(value, FeelFunction) or len(value.parameters) != len(self.shape.parameters):
            return False
        taken = value.types or (None,) * len(value.parameters)
        return all(
            mine is None or theirs.conforms_to(mine) for mine, theirs in zip(taken, self.shape.parameters, strict=True)
        )


class Later(Type):
    """A type that is still being defined, for definitions that hold themselves."""

    __slots__ = ("_find", "name")

    def __init__(self, name: str, find: Callable[[str], Type]) -> None:
        self.name, self._find = name, find

    def __str__(self) -> str:
        return self.name

    def holds(self, value: Value) -> bool:
        """Whether the finished type holds the value."""
        return self._find(self.name).holds(value)

    def coerce(self, value: Value) -> tuple[bool, Value]:
        """Coerce as the finished type does."""
        return self._find(self.name).coerce(value)


class TypeBook:
    """Every type of one file by name, imported ones under their import's name; faults are kept, not raised."""

    def __init__(
        self,
        definitions: Definitions,
        imported: Mapping[str, TypeBook],
        compile_tests: CompileTests,
        problems: list[DmnError],
    ) -> None:
        self._definitions, self._imported, self._compile, self._problems = (
            definitions,
            imported,
            compile_tests,
            problems,
        )
        self._items = {item.name: item for item in definitions.types}
        self._known: dict[str, Type] = {}
        self._open: set[str] = set()
        for item in definitions.types:
            self._defined(item.name)

    @property
    def known(self) -> Mapping[str, Type]:
        """Every type that FEEL texts of this file may name, imported ones as `import.type`."""
        names = dict(self._known)
        for prefix, book in self._imported.items():
            for name, kind in book.known.items():
                names.setdefault(f"{prefix}.{name}" if prefix else name, kind)
        return names

    def named(self, reference: str | None, place: Place) -> Type | None:
        """Return the type a typeRef names, None for no type. A name nobody defines is a problem, and no type."""
        if reference is None:
            return None
        name = self._local_name(reference.strip())
        if name in UNTYPED or not name:
            return None
        found = self._find(name)
        if found is None:
            known = ", ".join(sorted(self.known)) or "none"
            self._problems.append(
                DmnError(place, f'The type "{reference}" is not defined.', f"Use a FEEL type or one of: {known}.")
            )
        return found

    def _find(self, name: str) -> Type | None:
        if name in self._items:
            return self._defined(name)
        if name in WHOLE:
            return WholeNumber()
        if (built_in := simple(name)) is not None:
            return built_in
        found = (
            book._find(name.removeprefix(f"{prefix}.") if prefix else name)
            for prefix, book in self._imported.items()
            if not prefix or name.startswith(f"{prefix}.")
        )
        return next((kind for kind in found if kind is not None), None)

    def _local_name(self, reference: str) -> str:
        """Turn DMN 1.1's `feel:string` and `prefix:tType` into the names of later versions."""
        prefix, colon, rest = reference.partition(":")
        namespace = self._definitions.prefixes.get(prefix)
        if not colon or namespace is None:
            return reference
        if namespace in FEEL_NAMESPACES or namespace == self._definitions.namespace or "XMLSchema" in namespace:
            return rest
        names = [imported.name for imported in self._definitions.imports if imported.namespace == namespace]
        return f"{names[0]}.{rest}" if names and names[0] else rest

    def _defined(self, name: str) -> Type:
        if name in self._known:
            return self._known[name]
        if name in self._open:
            return Later(name, self._known.__getitem__)
        self._open.add(name)
        place = Place(self._definitions.file, name)
        kind = self._build(self._items[name], place)
        base = base_of(kind)
        if isinstance(base, Later) and base.name == name:
            self._problems.append(DmnError(place, "The type is defined by itself alone.", "Say what it is."))
            kind = ANY
        self._known[name] = kind
        self._open.discard(name)
        return kind

    def _build(self, item: ItemDefinition, place: Place) -> Type:
        base: Type
        if item.components:
            base = Structure(
                item.name,
                {
                    component.name: self._build(component, place.within(f'component "{component.name}"'))
                    for component in item.components
                },
            )
        elif item.function is not None:
            shape = FunctionType(
                tuple(self.named(parameter.type_ref, place) or ANY for parameter in item.function.parameters),
                self.named(item.function.output_type_ref, place) or ANY,
            )
            base = FunctionShape(item.name, shape)
        else:
            base = self.named(item.type_ref, place) or ANY
        if item.allowed_values is not None:
            tests = self._tests(item.allowed_values, place.within("allowed values"))
            base = Restricted(item.name, base, tests, item.allowed_values)
        if item.is_collection:
            base = ListType(base)
        if item.type_constraint is not None:
            tests = self._tests(item.type_constraint, place.within("type constraint"))
            base = Restricted(item.name, base, tests, item.type_constraint)
        return base

    def _tests(self, text: str, place: Place) -> UnaryTests | None:
        try:
            return self._compile(text, place)
        except FeelError as error:
            self._problems.append(DmnError.of_feel(place, error))
            return None


#: How the text of case data becomes a value of each temporal type: case data are JSON, which has no dates.
_READERS: Mapping[str, Callable[[str], Value]] = {
    "date": read_date,
    "time": read_time,
    "date and time": read_date_time,
    "days and time duration": read_duration,
    "years and months duration": read_duration,
}


def base_of(kind: Type | None) -> Type | None:
    """Return the type below all restrictions."""
    while isinstance(kind, Restricted):
        kind = kind.base
    return kind


def result_of(kind: Type | None) -> Type | None:
    """Return the type of what a function gives, whose own type may be written as that of the function or the result."""
    if isinstance(kind, FunctionShape):
        return kind.result
    return None if kind in (ANY, Simple("function")) else kind


def restrictions(kind: Type | None) -> Iterator[UnaryTests]:
    """Give the tests of a type and of every base below it; one whose text is not FEEL has none."""
    while isinstance(kind, Restricted):
        yield from () if kind.tests is None else (kind.tests,)
        kind = kind.base


def is_temporal(kind: Type | None) -> bool:
    """Whether the type's values are ISO texts in JSON."""
    base = base_of(kind)
    return isinstance(base, Simple) and base.name in _READERS


def from_case(value: Value, kind: Type | None) -> Value:
    """Return the value with ISO texts read as the dates, times and durations its type asks for, within lists too."""
    base = base_of(kind)
    if type(value) is str and isinstance(base, Simple) and base.name in _READERS:
        try:
            return _READERS[base.name](value)
        except ValueError:
            return value
    if type(value) is list and isinstance(base, ListType):
        return [from_case(item, base.item) for item in value]
    if isinstance(value, Mapping) and isinstance(base, Structure):
        return {name: from_case(item, base.components.get(name)) for name, item in value.items()}
    return value

"""What a decision file says, as frozen facts: nothing here evaluates and nothing here is XML (DMN 1.5, 6-8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Literal:
    """A boxed literal expression: one FEEL text (7.3.1)."""

    text: str
    type_ref: str | None = None
    language: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Variable:
    """A named place for a value: an element's own variable, a formal parameter or a column (7.3.1)."""

    name: str
    type_ref: str | None = None


@dataclass(frozen=True, slots=True)
class ContextEntry:
    """One row of a boxed context; without a variable it is the result row (7.3.4)."""

    variable: Variable | None
    expression: Expression | None


@dataclass(frozen=True, slots=True)
class BoxedContext:
    """A boxed context: rows read in order, each seeing the ones above it."""

    entries: tuple[ContextEntry, ...]
    type_ref: str | None = None


@dataclass(frozen=True, slots=True)
class FunctionDefinition:
    """A boxed function: FEEL, or Java and PMML, which are refused (7.3.5). kind is FEEL, Java or PMML."""

    kind: str
    parameters: tuple[Variable, ...]
    body: Expression | None
    type_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Binding:
    """One argument of a boxed invocation, by parameter name."""

    parameter: Variable
    expression: Expression | None


@dataclass(frozen=True, slots=True)
class Invocation:
    """A boxed invocation: a function named by an expression, and its bindings (7.3.6)."""

    function: Expression | None
    bindings: tuple[Binding, ...]
    type_ref: str | None = None


@dataclass(frozen=True, slots=True)
class BoxedList:
    """A boxed list: one expression per item (7.3.8)."""

    items: tuple[Expression | None, ...]
    type_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """A boxed relation: named columns and rows of cells, a list of contexts (7.3.7)."""

    columns: tuple[Variable, ...]
    rows: tuple[tuple[Expression | None, ...], ...]
    type_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Conditional:
    """A boxed conditional: if, then, else (7.3.9)."""

    condition: Expression | None
    then: Expression | None
    otherwise: Expression | None
    type_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """A boxed filter: a list and what its items must match (7.3.10)."""

    source: Expression | None
    match: Expression | None
    type_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Iterator:
    """A boxed for, some or every over one variable (7.3.11). kind is for, some or every."""

    kind: str
    variable: Variable
    source: Expression | None
    body: Expression | None
    type_ref: str | None = None


@dataclass(frozen=True, slots=True)
class InputClause:
    """An input column: its expression, and which values it may have (8.2.4)."""

    text: str
    type_ref: str | None = None
    label: str | None = None
    id: str | None = None
    values: str | None = None
    language: str | None = None
    description: str | None = None

    @property
    def title(self) -> str:
        """Return what the column is called: its label, else its expression."""
        return self.label or self.text


@dataclass(frozen=True, slots=True)
class OutputClause:
    """An output column: its name, its values in order of priority, and its default (8.2.5)."""

    name: str | None = None
    type_ref: str | None = None
    label: str | None = None
    id: str | None = None
    values: str | None = None
    default: Literal | None = None

    @property
    def title(self) -> str:
        """Return what the column is called."""
        return self.label or self.name or "result"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: a test per input, an entry per output, and its annotations by column (8.2.6).

    languages  of the tests, where one says that it is written in another than the file's; else empty
    """

    row: int
    id: str | None
    tests: tuple[str, ...]
    entries: tuple[Literal, ...]
    annotations: Mapping[str, str] = field(default_factory=dict)
    description: str | None = None
    languages: tuple[str | None, ...] = ()

    @property
    def said(self) -> tuple[str, ...]:
        """What a person wrote beside the row: modellers keep it as its description, the standard as annotations."""
        return (*([self.description] if self.description else ()), *self.annotations.values())


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """A decision table (8). hit_policy is U A P F R O or C; aggregation is '', '+', '<', '>' or '#'."""

    inputs: tuple[InputClause, ...]
    outputs: tuple[OutputClause, ...]
    rules: tuple[Rule, ...]
    hit_policy: str = "U"
    aggregation: str = ""
    id: str | None = None
    type_ref: str | None = None


Expression = (
    Literal
    | BoxedContext
    | FunctionDefinition
    | Invocation
    | BoxedList
    | Relation
    | Conditional
    | Filter
    | Iterator
    | DecisionTable
)


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    """A named type (7.3.2): a base, components or a function, narrowed by allowed values, perhaps a list of it."""

    name: str
    type_ref: str | None = None
    components: tuple[ItemDefinition, ...] = ()
    allowed_values: str | None = None
    type_constraint: str | None = None
    is_collection: bool = False
    function: FunctionItem | None = None


@dataclass(frozen=True, slots=True)
class FunctionItem:
    """The type of a function: its parameters and what it returns."""

    parameters: tuple[Variable, ...]
    output_type_ref: str | None


@dataclass(frozen=True, slots=True)
class Import:
    """Another file whose elements are used under a name; an empty name uses them as they are (DMN 1.5, 6.3.3)."""

    namespace: str
    name: str
    import_type: str | None
    location: str | None


@dataclass(frozen=True, slots=True)
class Reference:
    """A requirement's target: the namespace it names, None for this file, and the element's id."""

    namespace: str | None
    id: str


@dataclass(frozen=True, slots=True)
class InputData:
    """A value the decisions are given (6.3.11); `variable` is what expressions call it, usually its name."""

    id: str
    name: str
    variable: str
    type_ref: str | None


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision: what it requires and how it is decided (6.3.7); `variable` is what expressions call it."""

    id: str
    name: str
    variable: str
    type_ref: str | None
    requires: tuple[Reference, ...]
    logic: Expression | None
    question: str | None = None
    description: str | None = None

    @property
    def asks(self) -> str:
        """Return what people call it: the question that it answers, else its name in words."""
        return self.question or self.name.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class KnowledgeModel:
    """A business knowledge model: decision logic with parameters, used by name (6.3.9)."""

    id: str
    name: str
    variable: str
    type_ref: str | None
    requires: tuple[Reference, ...]
    function: FunctionDefinition | None

    @property
    def asks(self) -> str:
        """Return what people call it: its name in words."""
        return self.name.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class DecisionService:
    """A decision service: decisions offered together, from the outside or as a function (6.3.10)."""

    id: str
    name: str
    variable: str
    type_ref: str | None
    outputs: tuple[Reference, ...]
    encapsulated: tuple[Reference, ...]
    input_decisions: tuple[Reference, ...]
    inputs: tuple[Reference, ...]


Element = InputData | Decision | KnowledgeModel | DecisionService


@dataclass(frozen=True, slots=True)
class Definitions:
    """One decision file: its namespace, imports, types and elements in the order of the file (6.3.2)."""

    file: str
    namespace: str
    name: str
    language: str | None
    prefixes: Mapping[str, str]
    imports: tuple[Import, ...]
    types: tuple[ItemDefinition, ...]
    elements: tuple[Element, ...]

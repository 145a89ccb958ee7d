"""The requirement graph as it runs: inputs, decisions, knowledge and services, each worked out once per run.

DMN 1.5, clauses 6 and 10.4.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.dmn.errors import DmnError, Place
from engine.dmn.run import Run
from engine.dmn.texts import Scope, Step, fitted, nothing
from engine.dmn.types import from_case, result_of
from engine.feel.entering import NotConvertible, to_feel
from engine.feel.evaluation import Evaluation
from engine.feel.types import Type
from engine.feel.values import MISSING, FeelFunction, Value, kind_of

if TYPE_CHECKING:
    from engine.dmn.tables import Table


class Node(ABC):
    """One element of the graph.

    variable  what expressions call it, usually its name
    kind      its declared type
    requires  its requirements as this file names them
    """

    def __init__(self, name: str, variable: str, kind: Type | None, place: Place) -> None:
        self.name, self.variable, self.kind, self.place = name, variable, kind, place
        self.requires: tuple[Requirement, ...] = ()

    def value(self, run: Run) -> Value:
        """Return the node's value, worked out at most once per run."""
        values = run.values
        if self in values:
            return values[self]
        value = values[self] = self._work_out(run)
        return value

    @abstractmethod
    def _work_out(self, run: Run) -> Value: ...

    def follows(self) -> Sequence[Node]:
        """Return the nodes this one cannot be worked out without."""
        return [requirement.node for requirement in self.requires]


@dataclass(frozen=True, slots=True)
class Requirement:
    """A required node and the way its name is written here: ('age',), or ('camden', 'age') through an import."""

    path: tuple[str, ...]
    node: Node


class InputNode(Node):
    """Input data: a value the caller gives, read as its type asks."""

    def __init__(self, name: str, variable: str, kind: Type | None, place: Place, namespace: str) -> None:
        super().__init__(name, variable, kind, place)
        self._keys = (f"{{{namespace}}}{name}", f"{namespace}#{name}")

    def _work_out(self, run: Run) -> Value:
        given = self._given(run)
        if given is MISSING:
            run.remark("unknown name", f"The input {self.name} was not given.", self.place)
            return None
        return entered(run, given, self.kind, self.place)

    def _given(self, run: Run) -> Value:
        ways = run.ways.get(self)
        if ways is None:
            return _first(run.given, (self.name, self.variable, *self._keys))
        for way in ways:
            found = _within(run.given, way)
            if found is not MISSING:
                return found
        plain = () if self.name in run.names else (self.name, self.variable)
        return _first(run.given, (*self._keys, *plain))


def _first(given: Mapping[str, Value], keys: Sequence[str]) -> Value:
    for key in keys:
        found = given.get(key, MISSING)
        if found is not MISSING:
            return found
    return MISSING


def _within(given: Mapping[str, Value], way: Sequence[str]) -> Value:
    """Return what is given for an imported file's input: as `import.name`, or in a context called as the import."""
    found = given.get(".".join(way), MISSING)
    if found is not MISSING:
        return found
    value: Value = given
    for step in way:
        value = value.get(step, MISSING) if isinstance(value, Mapping) else MISSING
    return value


def entered(run: Run, value: Value, kind: Type | None, place: Place) -> Value:
    """Return what the caller gave as a FEEL value of the type; null and a remark where it is none."""
    try:
        value = to_feel(value)
    except (NotConvertible, RecursionError) as error:
        reason = str(error) if isinstance(error, NotConvertible) else "The value nests too deep."
        run.remark("conversion", reason, place)
        return None
    if kind is None or value is None:
        return value
    fits, result = kind.coerce(from_case(value, kind))
    if not fits:
        run.remark("input value", f"The input should be {kind}, and the {kind_of(value)} given is not.", place)
        return None
    return result


_PLAIN = frozenset({type(None), bool, str})


class LogicNode(Node):
    """What decisions and knowledge models share: logic in a scope of the requirements it reads."""

    def __init__(self, name: str, variable: str, kind: Type | None, place: Place) -> None:
        super().__init__(name, variable, kind, place)
        self.step: Step = nothing
        self.tables: list[Table] = []
        self.reads: tuple[Requirement, ...] = ()
        self.borrows: tuple[str, ...] = ()

    def scope(self, run: Run) -> dict[str, Value]:
        """Return the values of the requirements that the logic reads, by name, imported ones in contexts."""
        scope: dict[str, Value] = {}
        for requirement in self.reads:
            path = requirement.path
            if len(path) == 1:
                scope[path[0]] = requirement.node.value(run)
            else:
                inner = scope
                for step in path[:-1]:
                    inner = inner.setdefault(step, {})
                inner[path[-1]] = requirement.node.value(run)
        for name in self.borrows:
            found = run.given.get(name, MISSING)
            if found is not MISSING:
                scope[name] = found if type(found) in _PLAIN else entered(run, found, None, self.place)
        return scope


class DecisionNode(LogicNode):
    """A decision. One without logic takes the value given under its name, as an input decision does."""

    has_logic = True

    def _work_out(self, run: Run) -> Value:
        if self.has_logic:
            return self.step(run, self.scope(run))
        given = run.given.get(self.name, MISSING)
        if given is not MISSING:
            return entered(run, given, self.kind, self.place)
        run.remark("no logic", "The decision has no logic and no value was given for it.", self.place)
        return None


class KnowledgeNode(LogicNode):
    """A business knowledge model: a function whose scope is what it requires, and itself."""

    def _work_out(self, run: Run) -> Value:
        scope = self.scope(run)
        function = self.step(run, scope)
        # Its own name calls it: a model may be recursive, and limits end what never ends.
        scope[self.variable] = function
        return function


class ServiceNode(Node):
    """A decision service: its output decisions, worked out from the given inputs and input decisions alone (10.4)."""

    def __init__(self, name: str, variable: str, kind: Type | None, place: Place) -> None:
        super().__init__(name, variable, kind, place)
        self.outputs: tuple[Node, ...] = ()
        self.parameters: tuple[Node, ...] = ()

    def follows(self) -> Sequence[Node]:
        """Return the output decisions; what is handed in stops the search."""
        return self.outputs

    def _work_out(self, run: Run) -> Value:
        def call(evaluation: Evaluation, *arguments: Value) -> Value:
            return self.decide(run, dict(zip(self.parameters, arguments, strict=True)), {})

        return FeelFunction(
            tuple(node.name for node in self.parameters),
            call,
            self.name,
            tuple(node.kind for node in self.parameters),
        )

    def decide(self, run: Run, values: Mapping[Node, Value], given: Mapping[str, Value]) -> Value:
        """Return the output decision's value, or a context of several."""
        inner = run.fork(values, given)
        if len(self.outputs) == 1:
            value = self.outputs[0].value(inner)
        else:
            value = {node.name: node.value(inner) for node in self.outputs}
        kind = result_of(self.kind)
        return value if kind is None else fitted(run, value, kind, self.place)

    def called_from_outside(self, run: Run) -> Value:
        """Return what the service gives for the values the caller handed in by name."""
        values: dict[Node, Value] = {}
        for node in self.parameters:
            if isinstance(node, InputNode):
                values[node] = node.value(run)
                continue
            given = run.given.get(node.name, MISSING)
            if given is MISSING:
                run.remark("unknown name", f"The input decision {node.name} was not given.", self.place)
                given = None
            values[node] = entered(run, given, node.kind, node.place)
        return self.decide(run, values, run.given)


def refuse_cycles(nodes: Sequence[Node]) -> None:
    """Raise DmnError when a decision could only be worked out from itself, naming the way round.

    A knowledge model may require itself, which makes it recursive.
    """
    done: set[Node] = set()
    for start in nodes:
        way: list[Node] = []
        pending = [(start, iter(start.follows()))] if start not in done else []
        way += [node for node, _ in pending]
        while pending:
            node, following = pending[-1]
            step = next((after for after in following if after not in done and after is not _itself(node)), None)
            if step is None:
                done.add(node)
                pending.pop()
                way.pop()
            elif step in way:
                names = " requires ".join(f'"{item.name}"' for item in [*way[way.index(step) :], step])
                raise DmnError(step.place, f"The requirements go in a circle: {names}.", "Remove one of the arrows.")
            else:
                pending.append((step, iter(step.follows())))
                way.append(step)


def _itself(node: Node) -> Node | None:
    return node if isinstance(node, KnowledgeNode) else None


def scope_of(requirements: Sequence[Requirement]) -> Scope:
    """Return the names that requirements bring into scope, with their types."""
    names: dict[str, Type | None] = {}
    for requirement in requirements:
        first = requirement.path[0]
        names[first] = requirement.node.kind if len(requirement.path) == 1 else None
    return Scope(names)

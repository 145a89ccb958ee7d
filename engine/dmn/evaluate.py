"""Decision files that can be asked: read once, checked once, then evaluated with a record of why (DMN 1.5, 10).

model = read_model(path.read_bytes(), path.name)
outcome = model.evaluate("route", {"age": 16}, Environment(now))
outcome.value, outcome.rules, outcome.diagnostics
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine.dmn.boxed import Boxes
from engine.dmn.building import compile_table
from engine.dmn.errors import DmnError, NoSuchDecision, Place
from engine.dmn.graph import (
    DecisionNode,
    InputNode,
    KnowledgeNode,
    LogicNode,
    Node,
    Requirement,
    ServiceNode,
    entered,
    refuse_cycles,
    scope_of,
)
from engine.dmn.model import (
    Decision,
    DecisionService,
    DecisionTable,
    Definitions,
    Element,
    InputData,
    KnowledgeModel,
    Reference,
)
from engine.dmn.names import special_names
from engine.dmn.reader import read_definitions
from engine.dmn.run import DecisionOutcome, Run
from engine.dmn.tables import Table
from engine.dmn.texts import Scope, Step, Texts, strange_call
from engine.dmn.types import TypeBook, result_of
from engine.errors import Finding
from engine.feel import Environment, compile_unary_tests
from engine.feel.diagnostics import LimitReached
from engine.feel.types import Type
from engine.feel.values import Value


def read_model(
    content: bytes,
    filename: str,
    imports: Mapping[str, Model] | None = None,
    extensions: Mapping[str, Any] | None = None,
) -> Model:
    """Return the decisions of a DMN 1.1 to 1.5 file, ready to be asked.

    imports holds the models that the file imports, by namespace; extensions more FEEL functions, by name. Raises
    DmnError when the file is no decision file, is unsafe to read, or its requirements go in a circle. A FEEL text
    that cannot be read does not stop the file from being read: it gives null with a remark, and stands in
    `model.errors` and `model.findings`.
    """
    try:
        return Model(read_definitions(content, filename), imports or {}, extensions or {})
    except RecursionError as error:
        raise DmnError(Place(filename), "The boxes of the file nest too deep.", "Split it into decisions.") from error


class Model:
    """A decision file, compiled.

    errors    every fault that keeps the file from meaning what it shows, in the order of the file
    findings  the same as refusals to publish, and advice
    """

    def __init__(self, facts: Definitions, imports: Mapping[str, Model], extensions: Mapping[str, Any]) -> None:
        self._problems: list[DmnError] = []
        self.facts = facts = self._with_ids_of_their_own(facts)
        self._extensions = extensions
        self._names = frozenset(element.name for element in facts.elements if isinstance(element, InputData))
        self._advice: list[Finding] = []
        self._strange_calls: list[Finding] = []
        self._imports = self._take_imports(imports)
        self._vocabulary: frozenset[str] = special_names(facts).union(
            *(model._vocabulary for model in self._imports.values())
        )
        self.types: TypeBook = TypeBook(
            facts, {name: model.types for name, model in self._imports.items()}, self._constraint, self._problems
        )
        self._known_types = dict(self.types.known)
        self._nodes: dict[str, Node] = {}
        for element in facts.elements:
            self._nodes[element.id] = self._node(element)
        for element in facts.elements:
            self._connect(element)
        refuse_cycles(list(self._nodes.values()))
        self._ways: dict[Node, list[tuple[str, ...]]] = {}
        for node, way in self._imported_inputs():
            self._ways.setdefault(node, []).append(way)
        for element in facts.elements:
            self._compile(element)

    # --- what the file holds

    @property
    def file(self) -> str:
        """Return the file's name."""
        return self.facts.file

    @property
    def namespace(self) -> str:
        """Return the namespace by which other files import this one."""
        return self.facts.namespace

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """Return the decisions in the order of the file."""
        return tuple(element for element in self.facts.elements if isinstance(element, Decision))

    @property
    def services(self) -> tuple[DecisionService, ...]:
        """Return the decision services in the order of the file."""
        return tuple(element for element in self.facts.elements if isinstance(element, DecisionService))

    @property
    def knowledge(self) -> tuple[KnowledgeModel, ...]:
        """Return the business knowledge models in the order of the file."""
        return tuple(element for element in self.facts.elements if isinstance(element, KnowledgeModel))

    @property
    def logic(self) -> tuple[Decision | KnowledgeModel, ...]:
        """Return everything that may hold tables: decisions, then knowledge models."""
        return (*self.decisions, *self.knowledge)

    @property
    def inputs(self) -> tuple[InputData, ...]:
        """Return the input data in the order of the file."""
        return tuple(element for element in self.facts.elements if isinstance(element, InputData))

    def decision(self, id_or_name: str) -> Decision:
        """Return a decision. Raises NoSuchDecision."""
        found: Decision = self._named(self.decisions, "decision", id_or_name)
        return found

    def tables(self, id_or_name: str) -> tuple[Table, ...]:
        """Return the decision tables of a decision or knowledge model, compiled, outermost first."""
        element = self._named(self.logic, "decision", id_or_name)
        node = self._nodes[element.id]
        return tuple(node.tables) if isinstance(node, LogicNode) else ()

    def reads(self, id_or_name: str) -> frozenset[str]:
        """Return the names a decision takes from what the caller hands in, those of its requirements included."""
        seen: set[Node] = set()
        names: set[str] = set()
        pending: list[Node] = [self._nodes[self.decision(id_or_name).id]]
        while pending:
            node = pending.pop()
            if node in seen:
                continue
            seen.add(node)
            if isinstance(node, InputNode):
                names.add(node.variable)
            if isinstance(node, LogicNode):
                names.update(node.borrows)
                pending += [requirement.node for requirement in node.reads]
            else:
                pending += node.follows()
        return frozenset(names)

    @property
    def errors(self) -> tuple[DmnError, ...]:
        """Return every fault found in reading."""
        return tuple(self._problems)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return what keeps the file from being published, and advice."""
        return (*(error.finding for error in self._problems), *self._advice)

    @property
    def strange_calls(self) -> tuple[Finding, ...]:
        """Return a refusal for each call of what is a function only where the caller hands functions in, not values."""
        return tuple(self._strange_calls)

    # --- asking

    def evaluate(
        self, decision_id: str, context: Mapping[str, Any], environment: Environment | None = None
    ) -> DecisionOutcome:
        """Evaluate a decision, by id or name, on the values in context (JSON or FEEL).

        Raises NoSuchDecision. FEEL errors never raise: they give null and stand in the outcome's diagnostics.
        """
        node = self._nodes.get(decision_id)
        if not isinstance(node, DecisionNode):
            node = self._nodes[self.decision(decision_id).id]
        return self._run(context, environment, node.value, node.place)

    def evaluate_service(
        self, service_id: str, context: Mapping[str, Any], environment: Environment | None = None
    ) -> DecisionOutcome:
        """Evaluate a decision service, by id or name: its output, or all its outputs. Raises NoSuchDecision."""
        node = self._nodes[self._named(self.services, "decision service", service_id).id]
        assert isinstance(node, ServiceNode)
        return self._run(context, environment, node.called_from_outside, node.place)

    def invoke(
        self, knowledge_id: str, context: Mapping[str, Any], environment: Environment | None = None
    ) -> DecisionOutcome:
        """Call a business knowledge model, by id or name, with arguments by parameter name. Raises NoSuchDecision."""
        node = self._nodes[self._named(self.knowledge, "business knowledge model", knowledge_id).id]

        def call(run: Run) -> Value:
            function = node.value(run)
            if function is None:
                return None
            arguments = {name: entered(run, value, None, node.place) for name, value in context.items()}
            value = function.invoke_named(run.evaluation, arguments)
            run.collect(node.place, 0)
            return value

        return self._run(context, environment, call, node.place)

    def _run(
        self, context: Mapping[str, Any], environment: Environment | None, ask: Any, place: Place
    ) -> DecisionOutcome:
        run = Run(context, environment, self._ways, self._names)
        try:
            return run.outcome(ask(run))
        except LimitReached as limit:
            run.remark("limit", limit.message, place, limit.position)
        except RecursionError:
            run.remark("limit", "Functions or values nest too deep.", place)
        return run.outcome(None)

    def _named(self, elements: tuple[Any, ...], kind: str, wanted: str) -> Any:
        for element in elements:
            if element.id == wanted:
                return element
        for element in elements:
            if element.name == wanted:
                return element
        raise NoSuchDecision(self.file, kind, wanted, tuple(element.name for element in elements))

    # --- reading

    def _with_ids_of_their_own(self, facts: Definitions) -> Definitions:
        """Keep an id for the first element that has it: arrows that mean another cannot be told from those."""
        elements: list[Element] = []
        times: Counter[str] = Counter()
        for element in facts.elements:
            times[element.id] += 1
            if times[element.id] > 1:
                place = Place(facts.file, element.name)
                self._problem(place, f'The id "{element.id}" is used twice.', "Give each its own id.")
                element = replace(element, id=f"{element.id} ({times[element.id]})")
            elements.append(element)
        return replace(facts, elements=tuple(elements))

    def _take_imports(self, models: Mapping[str, Model]) -> dict[str, Model]:
        taken: dict[str, Model] = {}
        for facts in self.facts.imports:
            place = Place(self.file, None, (f'import "{facts.name}"',))
            if facts.import_type is not None and "/DMN/" not in facts.import_type:
                self._problem(place, f'The import is of type "{facts.import_type}", not DMN.', "Import DMN files only.")
            elif facts.namespace not in models:
                self._problem(
                    place, f'The file of namespace "{facts.namespace}" is missing.', "Put it beside this one."
                )
            elif facts.name in taken:
                self._problem(place, "Two imports have the same name.", "Give each its own name.")
            else:
                taken[facts.name] = models[facts.namespace]
        return taken

    def _problem(self, place: Place, reason: str, mend: str) -> None:
        self._problems.append(DmnError(place, reason, mend))

    def _constraint(self, text: str, place: Place) -> Any:
        return compile_unary_tests(text, names=self._vocabulary, extensions=self._extensions)

    def _node(self, element: Element) -> Node:
        place = Place(self.file, element.name)
        kind = self.types.named(element.type_ref, place)
        match element:
            case InputData():
                return InputNode(element.name, element.variable, kind, place, self.namespace)
            case Decision():
                return DecisionNode(element.name, element.variable, kind, place)
            case KnowledgeModel():
                return KnowledgeNode(element.name, element.variable, kind, place)
            case _:
                return ServiceNode(element.name, element.variable, kind, place)

    def _connect(self, element: Element) -> None:
        node = self._nodes[element.id]
        if isinstance(element, Decision | KnowledgeModel):
            node.requires = tuple(_with_other_names(self._resolve(element.requires, node.place)))
        elif isinstance(element, DecisionService) and isinstance(node, ServiceNode):
            given = self._resolve((*element.inputs, *element.input_decisions), node.place)
            node.parameters = tuple(requirement.node for requirement in given)
            node.outputs = tuple(requirement.node for requirement in self._resolve(element.outputs, node.place))

    def _resolve(self, references: tuple[Reference, ...], place: Place) -> list[Requirement]:
        found = []
        for reference in references:
            requirement = self._find(reference)
            if requirement is None:
                self._problem(place, f'It requires "{reference.id}", which is not there.', "Draw the arrow again.")
            else:
                found.append(requirement)
        return found

    def _find(self, reference: Reference) -> Requirement | None:
        """Return what a reference points at; some editors write the file's name where its namespace should stand."""
        found = self._find_strictly(reference)
        local = self._nodes.get(reference.id)
        return found or (Requirement((local.variable,), local) if local is not None else None)

    def _find_strictly(self, reference: Reference) -> Requirement | None:
        """Return the element in this file, else in a file it imports, else in one that those import."""
        if reference.namespace in (None, self.namespace) and reference.id in self._nodes:
            node = self._nodes[reference.id]
            return Requirement((node.variable,), node)
        direct = [(name, model) for name, model in self._imports.items() if model.namespace == reference.namespace]
        for name, model in direct or self._imports.items():
            inner = model._find_strictly(reference)
            if inner is not None:
                return Requirement((name, *inner.path) if name else inner.path, inner.node)
        return None

    def _imported_inputs(self) -> Iterator[tuple[Node, tuple[str, ...]]]:
        """Give every input of every imported file, at any depth, with the way its name is written here."""
        for name, model in self._imports.items():
            prefix = (name,) if name else ()
            for node in model._nodes.values():
                if isinstance(node, InputNode):
                    yield node, (*prefix, node.name)
            for node, way in model._imported_inputs():
                yield node, (*prefix, *way)

    def _compile(self, element: Element) -> None:
        node = self._nodes[element.id]
        if not isinstance(node, LogicNode):
            return
        texts = Texts(
            node.place, self._vocabulary, self._extensions, self._known_types, self.facts.language, self._problems
        )

        def table(boxes: Boxes, facts: DecisionTable, scope: Scope, place: Place, kind: Type | None) -> Step:
            compiled = compile_table(boxes, facts, scope, place, kind)
            node.tables.append(compiled)
            return compiled

        boxes = Boxes(texts, self.types, table)
        scope = scope_of(node.requires)
        if isinstance(element, Decision) and isinstance(node, DecisionNode):
            node.has_logic = element.logic is not None
            if element.logic is None:
                self._advise(node.place, "The decision has no logic.", "Draw its table, or make it an input.")
            node.step = boxes.compile(element.logic, scope, node.place, node.kind)
        elif isinstance(element, KnowledgeModel) and element.function is not None:
            kind = node.kind or self.types.named(element.function.type_ref, node.place)
            itself = scope.plus({node.variable: None})
            node.step = boxes.function(element.function, itself, node.place, name=node.name, result=result_of(kind))
        node.reads = tuple(requirement for requirement in node.requires if requirement.path[0] in texts.used)
        known = {other.variable for other in self._nodes.values() if isinstance(other, KnowledgeNode | ServiceNode)}
        self._strange_calls += [strange_call(*one, known, self._extensions).finding for one in texts.strange_calls]
        self._settle_free_names(node, texts)

    def _settle_free_names(self, node: LogicNode, texts: Texts) -> None:
        """Take names that the file knows nothing of from the caller; say so where it does know one but has no arrow."""
        own = {other.variable for other in self._nodes.values()} | set(self._imports)
        borrowed = []
        for name, place in texts.free.items():
            if name in own:
                self._advise(
                    place,
                    f'"{name}" is read here, but no arrow leads from it to "{node.name}", so it is null.',
                    "Draw the arrow.",
                )
            elif isinstance(node, DecisionNode):
                borrowed.append(name)
        node.borrows = tuple(borrowed)

    def _advise(self, place: Place, message: str, mend: str) -> None:
        self._advice.append(Finding("advice", place.file, place.inside, place.element, message, mend))


def _with_other_names(requirements: list[Requirement]) -> list[Requirement]:
    """Let an element whose variable is called otherwise be read by its own name too, where that name is free."""
    taken = {requirement.path for requirement in requirements}
    others = [Requirement((*item.path[:-1], item.node.name), item.node) for item in requirements]
    return [*requirements, *(other for other in others if other.path not in taken)]

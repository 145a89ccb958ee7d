"""From XML to facts: every element and boxed expression of DMN 1.1 to 1.5 (clauses 6 to 8), also as dmn-js writes."""

from __future__ import annotations

from engine.dmn.errors import DmnError, Place
from engine.dmn.markup import Node, parse
from engine.dmn.model import (
    Binding,
    BoxedContext,
    BoxedList,
    Conditional,
    ContextEntry,
    Decision,
    DecisionService,
    DecisionTable,
    Definitions,
    Element,
    Expression,
    Filter,
    FunctionDefinition,
    FunctionItem,
    Import,
    InputClause,
    InputData,
    Invocation,
    ItemDefinition,
    Iterator,
    KnowledgeModel,
    Literal,
    OutputClause,
    Reference,
    Relation,
    Rule,
    Variable,
)

HIT_POLICIES = {
    "UNIQUE": "U",
    "ANY": "A",
    "PRIORITY": "P",
    "FIRST": "F",
    "RULE ORDER": "R",
    "OUTPUT ORDER": "O",
    "COLLECT": "C",
}
AGGREGATIONS = {"SUM": "+", "MIN": "<", "MAX": ">", "COUNT": "#"}


def read_definitions(content: bytes, file: str) -> Definitions:
    """Return what a decision file says. Raises DmnError when it is not a decision file or cannot be made sense of."""
    root = parse(content, file)
    place = Place(file)
    return Definitions(
        file=file,
        namespace=root.get("namespace") or "",
        name=root.get("name") or "",
        language=root.get("expressionLanguage"),
        prefixes=root.prefixes,
        imports=tuple(
            Import(node.get("namespace") or "", node.get("name") or "", node.get("importType"), node.get("locationURI"))
            for node in root.children("import")
        ),
        types=tuple(_item_definition(node, place) for node in root.children("itemDefinition")),
        elements=tuple(element for node in root for element in _element(node, place)),
    )


def _element(node: Node, place: Place) -> tuple[Element, ...]:
    match node.tag:
        case "inputData":
            return (InputData(_id(node, place), _name(node, place), _variable_name(node, place), _variable_type(node)),)
        case "decision":
            return (_decision(node, place),)
        case "businessKnowledgeModel":
            return (_knowledge_model(node, place),)
        case "decisionService":
            return (_decision_service(node, place),)
        case _:
            return ()


def _id(node: Node, place: Place) -> str:
    return node.get("id") or _name(node, place)


def _name(node: Node, place: Place) -> str:
    variable = node.child("variable")
    name = node.get("name") or (variable.get("name") if variable is not None else None) or node.get("id")
    if name is None:
        raise DmnError(place, f"A <{node.tag}> has neither a name nor an id.", "Give it a name.")
    return " ".join(name.split())


def _variable_name(node: Node, place: Place) -> str:
    variable = node.child("variable")
    return _name(variable if variable is not None and variable.get("name") else node, place)


def _variable_type(node: Node) -> str | None:
    variable = node.child("variable")
    return variable.type_ref() if variable is not None else None


def _decision(node: Node, place: Place) -> Decision:
    name = _name(node, place)
    return Decision(
        id=_id(node, place),
        name=name,
        variable=_variable_name(node, place),
        type_ref=_variable_type(node),
        requires=_requirements(node, place.of(name)),
        logic=_first_expression(node, place.of(name)),
        question=node.words("question"),
        description=node.words("description"),
    )


def _knowledge_model(node: Node, place: Place) -> KnowledgeModel:
    name = _name(node, place)
    logic = node.child("encapsulatedLogic")
    return KnowledgeModel(
        id=_id(node, place),
        name=name,
        variable=_variable_name(node, place),
        type_ref=_variable_type(node),
        requires=_requirements(node, place.of(name)),
        function=_function(logic, place.of(name)) if logic is not None else None,
    )


def _decision_service(node: Node, place: Place) -> DecisionService:
    name = _name(node, place)
    here = place.of(name)
    return DecisionService(
        id=_id(node, place),
        name=name,
        variable=_variable_name(node, place),
        type_ref=_variable_type(node),
        outputs=_references(node, "outputDecision", here),
        encapsulated=_references(node, "encapsulatedDecision", here),
        input_decisions=_references(node, "inputDecision", here),
        inputs=_references(node, "inputData", here),
    )


def _requirements(node: Node, place: Place) -> tuple[Reference, ...]:
    return tuple(
        reference
        for requirement in node.children("informationRequirement", "knowledgeRequirement")
        for tag in ("requiredInput", "requiredDecision", "requiredKnowledge")
        for reference in _references(requirement, tag, place)
    )


def _references(node: Node, tag: str, place: Place) -> tuple[Reference, ...]:
    return tuple(_reference(child, place) for child in node.children(tag))


def _reference(node: Node, place: Place) -> Reference:
    href = node.get("href")
    if href is None:
        raise DmnError(place, f"A <{node.tag}> does not say what it refers to.", "Draw the arrow again.")
    namespace, _, target = href.rpartition("#")
    return Reference(namespace or None, target)


def _item_definition(node: Node, place: Place) -> ItemDefinition:
    name = _name(node, place)
    function = node.child("functionItem")
    return ItemDefinition(
        name=name,
        type_ref=node.type_ref(),
        components=tuple(_item_definition(child, place) for child in node.children("itemComponent")),
        allowed_values=_tests(node, "allowedValues"),
        type_constraint=_tests(node, "typeConstraint"),
        is_collection=node.get("isCollection") in {"true", "1"},
        function=_function_item(function, place) if function is not None else None,
    )


def _function_item(node: Node, place: Place) -> FunctionItem:
    return FunctionItem(
        tuple(_variable(child, place) for child in node.children("parameters")),
        node.get("outputTypeRef"),
    )


def _tests(node: Node, tag: str) -> str | None:
    child = node.child(tag)
    text = child.words("text") if child is not None else None
    return text if text is not None and text.strip() else None


def _variable(node: Node, place: Place) -> Variable:
    return Variable(_name(node, place), node.type_ref())


# --- boxed expressions


def _first_expression(node: Node | None, place: Place) -> Expression | None:
    if node is None:
        return None
    return next((expression for child in node if (expression := _expression(child, place)) is not None), None)


def _expression(node: Node, place: Place) -> Expression | None:
    """Return the boxed expression a node is; None for nodes that are none, such as <description>."""
    match node.tag:
        case "literalExpression":
            return _literal(node, place)
        case "decisionTable":
            return _table(node, place)
        case "context":
            return BoxedContext(
                tuple(_context_entry(child, place) for child in node.children("contextEntry")), node.type_ref()
            )
        case "functionDefinition":
            return _function(node, place)
        case "invocation":
            return _invocation(node, place)
        case "list":
            return BoxedList(tuple(_expressions(node, place)), node.type_ref())
        case "relation":
            return Relation(
                tuple(_variable(column, place) for column in node.children("column")),
                tuple(tuple(_expressions(row, place)) for row in node.children("row")),
                node.type_ref(),
            )
        case "conditional":
            return Conditional(
                _part(node, "if", place), _part(node, "then", place), _part(node, "else", place), node.type_ref()
            )
        case "filter":
            return Filter(_part(node, "in", place), _part(node, "match", place), node.type_ref())
        case "for" | "some" | "every":
            return _iterator(node, place)
        case _:
            return None


def _expressions(node: Node, place: Place) -> list[Expression]:
    return [expression for child in node if (expression := _expression(child, place)) is not None]


def _part(node: Node, tag: str, place: Place) -> Expression | None:
    return _first_expression(node.child(tag), place)


def _literal(node: Node, place: Place) -> Literal:
    if node.child("importedValues") is not None:
        raise DmnError(place, "A literal expression takes its text from another file.", "Write the expression here.")
    return Literal(node.words("text") or "", node.type_ref(), node.get("expressionLanguage"), node.get("id"))


def _context_entry(node: Node, place: Place) -> ContextEntry:
    variable = node.child("variable")
    return ContextEntry(
        _variable(variable, place) if variable is not None else None,
        _first_expression(node, place),
    )


def _function(node: Node, place: Place) -> FunctionDefinition:
    return FunctionDefinition(
        kind={"FEEL": "FEEL", "J": "Java", "JAVA": "Java", "P": "PMML"}.get(
            (node.get("kind") or "FEEL").upper(), node.get("kind") or "FEEL"
        ),
        parameters=tuple(_variable(child, place) for child in node.children("formalParameter")),
        body=_first_expression(node, place),
        type_ref=node.type_ref(),
    )


def _invocation(node: Node, place: Place) -> Invocation:
    bindings = []
    for binding in node.children("binding"):
        parameter = binding.child("parameter")
        if parameter is None:
            raise DmnError(place, "A binding names no parameter.", "Name the parameter it gives a value to.")
        bindings.append(Binding(_variable(parameter, place), _first_expression(binding, place)))
    return Invocation(_first_expression(node, place), tuple(bindings), node.type_ref())


def _iterator(node: Node, place: Place) -> Iterator:
    variable = node.get("iteratorVariable")
    if variable is None:
        raise DmnError(place, f"A boxed {node.tag} has no iterator variable.", "Name the variable.")
    source = node.child("in")
    return Iterator(
        kind=node.tag,
        variable=Variable(variable, source.type_ref() if source is not None else None),
        source=_first_expression(source, place),
        body=_part(node, "return" if node.tag == "for" else "satisfies", place),
        type_ref=node.type_ref(),
    )


# --- decision tables


def _table(node: Node, place: Place) -> DecisionTable:
    policy = (node.get("hitPolicy") or "UNIQUE").upper()
    aggregation = (node.get("aggregation") or "").upper()
    if policy not in HIT_POLICIES or (aggregation and aggregation not in AGGREGATIONS):
        raise DmnError(
            place,
            f'The hit policy "{f"{policy} {aggregation}".strip()}" does not exist.',
            f"Use one of {', '.join(HIT_POLICIES)}.",
        )
    inputs = tuple(_input_clause(child, place) for child in node.children("input"))
    outputs = tuple(_output_clause(child, place) for child in node.children("output"))
    columns = [(child.get("name") or f"annotation {at}") for at, child in enumerate(node.children("annotation"), 1)]
    if not outputs:
        raise DmnError(place, "The decision table has no output column.", "Add an output column.")
    return DecisionTable(
        inputs=inputs,
        outputs=outputs,
        rules=tuple(
            _rule(child, row, len(inputs), len(outputs), columns, place)
            for row, child in enumerate(node.children("rule"), 1)
        ),
        hit_policy=HIT_POLICIES[policy],
        aggregation=AGGREGATIONS.get(aggregation, "") if policy == "COLLECT" else "",
        id=node.get("id"),
        type_ref=node.type_ref(),
    )


def _input_clause(node: Node, place: Place) -> InputClause:
    expression = node.child("inputExpression")
    text = expression.words("text") if expression is not None else None
    if expression is None or text is None or not text.strip():
        raise DmnError(
            place,
            f'The input column "{node.get("label") or node.get("id") or ""}" has no expression.',
            "Write what the column looks at.",
        )
    return InputClause(
        text=text.strip(),
        type_ref=expression.type_ref(),
        label=node.get("label"),
        id=node.get("id"),
        values=_tests(node, "inputValues"),
        language=expression.get("expressionLanguage"),
        description=node.words("description"),
    )


def _output_clause(node: Node, place: Place) -> OutputClause:
    default = node.child("defaultOutputEntry")
    return OutputClause(
        name=node.get("name"),
        type_ref=node.type_ref(),
        label=node.get("label"),
        id=node.get("id"),
        values=_tests(node, "outputValues"),
        default=_literal(default, place) if default is not None and (default.words("text") or "").strip() else None,
    )


def _rule(node: Node, row: int, inputs: int, outputs: int, columns: list[str], place: Place) -> Rule:
    here = place.within(f"row {row}")
    tests = [child.words("text") or "" for child in node.children("inputEntry")]
    entries = [_literal(child, here) for child in node.children("outputEntry")]
    for found, wanted, what in ((len(tests), inputs, "input"), (len(entries), outputs, "output")):
        if found != wanted:
            raise DmnError(
                here,
                f"The row has {found} {what} cells where the table has {wanted} {what} columns.",
                "Add the row again in the editor.",
            )
    annotations = {
        (columns[at] if at < len(columns) else f"annotation {at + 1}"): text
        for at, child in enumerate(node.children("annotationEntry"))
        if (text := (child.words("text") or "").strip())
    }
    languages = tuple(child.get("expressionLanguage") for child in node.children("inputEntry"))
    written = languages if any(languages) else ()
    return Rule(row, node.get("id"), tuple(tests), tuple(entries), annotations, node.words("description"), written)

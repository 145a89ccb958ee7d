"""Builds decision files for tests, as an editor would write them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from engine.dmn import DecisionOutcome, Model, read_model

NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def text(content: str) -> str:
    """Return a <text> element."""
    return f"<text>{escape(content, quote=False)}</text>"


def literal(content: str, type_ref: str = "") -> str:
    """Return a boxed literal expression."""
    typed = f' typeRef="{type_ref}"' if type_ref else ""
    return f"<literalExpression{typed}>{text(content)}</literalExpression>"


def given(name: str, type_ref: str = "") -> str:
    """Return an input data element whose id is its name without spaces."""
    typed = f' typeRef="{type_ref}"' if type_ref else ""
    return f'<inputData id="{ident(name)}" name="{name}"><variable name="{name}"{typed}/></inputData>'


def ident(name: str) -> str:
    """Return an id made of a name."""
    return name.replace(" ", "_")


def requires(*names: str) -> str:
    """Return information requirements; `knowledge:x` requires a knowledge model, `decision:x` a decision."""
    tags = {
        "knowledge": ("knowledgeRequirement", "requiredKnowledge"),
        "decision": ("informationRequirement", "requiredDecision"),
    }
    arrows = ""
    for name in names:
        kind, _, rest = name.partition(":")
        outer, inner = tags.get(kind, ("informationRequirement", "requiredInput"))
        rest = rest if kind in tags else name
        href = rest if "#" in rest else f"#{ident(rest)}"
        arrows += f'<{outer}><{inner} href="{href}"/></{outer}>'
    return arrows


def decision(name: str, logic: str, *needs: str, type_ref: str = "") -> str:
    """Return a decision whose id is its name without spaces."""
    typed = f' typeRef="{type_ref}"' if type_ref else ""
    inner = f'<variable name="{name}"{typed}/>{requires(*needs)}{logic}'
    return f'<decision id="{ident(name)}" name="{name}">{inner}</decision>'


def knowledge(name: str, parameters: Sequence[tuple[str, str]], body: str, *needs: str, kind: str = "FEEL") -> str:
    """Return a business knowledge model."""
    formal = "".join(
        f'<formalParameter name="{parameter}"' + (f' typeRef="{type_ref}"' if type_ref else "") + "/>"
        for parameter, type_ref in parameters
    )
    return (
        f'<businessKnowledgeModel id="{ident(name)}" name="{name}"><variable name="{name}"/>'
        f'<encapsulatedLogic kind="{kind}">{formal}{body}</encapsulatedLogic>{requires(*needs)}'
        "</businessKnowledgeModel>"
    )


def item(
    name: str,
    type_ref: str = "",
    *,
    allowed: str = "",
    constraint: str = "",
    collection: bool = False,
    components: str = "",
) -> str:
    """Return an item definition."""
    many = ' isCollection="true"' if collection else ""
    inner = components or f"<typeRef>{type_ref}</typeRef>"
    if allowed:
        inner += f"<allowedValues>{text(allowed)}</allowedValues>"
    if constraint:
        inner += f"<typeConstraint>{text(constraint)}</typeConstraint>"
    return f'<itemDefinition name="{name}"{many}>{inner}</itemDefinition>'


def component(name: str, type_ref: str) -> str:
    """Return a component of an item definition."""
    return f'<itemComponent name="{name}"><typeRef>{type_ref}</typeRef></itemComponent>'


def table(
    inputs: Sequence[str | tuple[str, ...]],
    outputs: Sequence[str | tuple[str, ...]],
    *rules: Sequence[str],
    policy: str = "UNIQUE",
    aggregation: str = "",
    annotations: Sequence[str] = (),
    notes: Sequence[Sequence[str]] = (),
) -> str:
    """Return a decision table.

    inputs   expression, or (expression, type), or (expression, type, input values)
    outputs  name, or (name, type), or (name, type, output values), or (name, type, output values, default)
    rules    cells of each row, inputs first
    """
    made = ""
    for given_input in inputs:
        expression, type_ref, values = _three(given_input)
        typed = f' typeRef="{type_ref}"' if type_ref else ""
        made += f"<input><inputExpression{typed}>{text(expression)}</inputExpression>"
        made += f"<inputValues>{text(values)}</inputValues>" if values else ""
        made += "</input>"
    for output in outputs:
        name, type_ref, values = _three(output)
        typed = f' typeRef="{type_ref}"' if type_ref else ""
        made += f'<output name="{name}"{typed}>' + (f"<outputValues>{text(values)}</outputValues>" if values else "")
        if not isinstance(output, str) and len(output) > 3:
            made += f"<defaultOutputEntry>{text(output[3])}</defaultOutputEntry>"
        made += "</output>"
    made += "".join(f'<annotation name="{name}"/>' for name in annotations)
    for row, cells in enumerate(rules, 1):
        made += f'<rule id="rule{row}">'
        made += "".join(f"<inputEntry>{text(cell)}</inputEntry>" for cell in cells[: len(inputs)])
        made += "".join(f"<outputEntry>{text(cell)}</outputEntry>" for cell in cells[len(inputs) :])
        if notes:
            made += "".join(f"<annotationEntry>{text(note)}</annotationEntry>" for note in notes[row - 1])
        made += "</rule>"
    how = f' hitPolicy="{policy}"' + (f' aggregation="{aggregation}"' if aggregation else "")
    return f'<decisionTable id="the_table"{how}>{made}</decisionTable>'


def _three(column: str | tuple[str, ...]) -> tuple[str, str, str]:
    parts = (column,) if isinstance(column, str) else column
    first, second, third = (*parts, "", "", "")[:3]
    return first, second, third


def file_of(*elements: str, namespace: str = NAMESPACE, own: str = "urn:test", attributes: str = "") -> bytes:
    """Return a whole decision file."""
    body = "".join(elements)
    return f'<definitions xmlns="{namespace}" namespace="{own}" name="test" {attributes}>{body}</definitions>'.encode()


def model_of(*elements: str, **options: Any) -> Model:
    """Return the model of a file with these elements, called test.dmn."""
    return read_model(file_of(*elements), "test.dmn", **options)


def ask(logic: str, context: dict[str, Any] | None = None, **options: Any) -> DecisionOutcome:
    """Return what a lone decision called d comes to."""
    return model_of(decision("d", logic, **options)).evaluate("d", context or {})


def said(outcome: DecisionOutcome) -> list[str]:
    """Return the diagnostics as text."""
    return [str(remark) for remark in outcome.diagnostics]

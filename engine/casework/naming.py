"""What auditors read for a table and for an element.

A table is called by the question that it answers; an element by its name on the diagram, else by what it does there and
beside which named step.
"""

from __future__ import annotations

from engine.dmn import Model
from engine.execution import Pathway
from engine.execution.elements import Element, Process

#: What a nameless gateway does where arrows part, and where they meet; {} is the nearest step with a name.
_PARTS = {
    "exclusiveGateway": "One way is taken after “{}”",
    "inclusiveGateway": "Every way that applies is taken after “{}”",
    "parallelGateway": "Several ways begin at once after “{}”",
    "eventBasedGateway": "Whatever comes first after “{}”",
}
_MEETS = {
    "exclusiveGateway": "Ways meet before “{}”",
    "inclusiveGateway": "All ways that were taken are over before “{}”",
    "parallelGateway": "All ways are over before “{}”",
    "eventBasedGateway": "Whatever comes first before “{}”",
}


def name_of(process: Process, element: Element) -> str:
    """What an element of a process is called; a nameless gateway by the named step that it stands beside."""
    if element.name:
        return element.name
    arriving = [flow.source for flow in process.flows if flow.target == element.id]
    parts = len(arriving) < 2
    words = (_PARTS if parts else _MEETS).get(element.kind)
    beside = _nearest(process, element.id, back=parts) if words else ""
    return words.format(beside) if words and beside else element.id.replace("_", " ")


def tables_of(pathway: Pathway) -> dict[str, str]:
    """What the tables of a pathway are called, by their ids."""
    found: dict[str, str] = {}
    for model in {id(one): one for one in pathway.models.values()}.values():
        found |= tables_in(model)
    return found


def tables_in(model: Model) -> dict[str, str]:
    """What a file's tables are called, by their ids: the question that each answers; several of one by its id too."""
    found: dict[str, str] = {}
    for logic in model.logic:
        tables = model.tables(logic.id)
        several = len(tables) > 1
        found |= {one.id: f"{logic.asks} ({in_words(one.id)})" if several else logic.asks for one in tables}
    return found


def in_words(table: str) -> str:
    """A table's id as words, for one that nothing calls otherwise: 'camden_route_table' is 'camden route'."""
    return table.removesuffix("_table").replace("_", " ")


def _nearest(process: Process, start: str, *, back: bool) -> str:
    """The name of the nearest element with one along the arrows, against them or with them; '' where there is none."""
    seen, edge = {start}, [start]
    while edge:
        further = []
        for flow in process.flows:
            here, there = (flow.target, flow.source) if back else (flow.source, flow.target)
            if here in edge and there not in seen:
                name = process.elements[there].name
                if name:
                    return name
                seen.add(there)
                further.append(there)
        edge = further
    return ""

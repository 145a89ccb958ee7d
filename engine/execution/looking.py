"""Looks at a prepared or running pathway without moving it: an element's words and properties, a task's variables."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from engine.errors import NotFound
from engine.execution.elements import Element
from engine.execution.pathway import Pathway
from engine.execution.scopes import Scope, State, frames
from engine.history import JSON

_NONE: Mapping[str, str] = {}


@lru_cache(maxsize=128)
def _elements(pathway: Pathway) -> Mapping[str, Element]:
    """Every element of a release by id; where processes share an id, the main process's."""
    found: dict[str, Element] = {}
    for process in pathway.processes.values():
        for name, element in process.elements.items():
            if name not in found or process.id == pathway.id:
                found[name] = element
    return found


def element_of(pathway: Pathway, element: str) -> Element | None:
    """The element of that id in the pathway or in anything it calls, None where nothing has it."""
    return _elements(pathway).get(element)


def title_of(pathway: Pathway, element: str) -> str:
    """What the diagram calls an element; its id in words where it has no name."""
    found = element_of(pathway, element)
    return found.name if found is not None and found.name else element.replace("_", " ")


def properties_of(pathway: Pathway, element: str) -> Mapping[str, str]:
    """The `casework:` properties of an element."""
    found = element_of(pathway, element)
    return _NONE if found is None else found.properties


def role_of(pathway: Pathway, element: str) -> str | None:
    """The role in whose lane an element stands."""
    found = element_of(pathway, element)
    return None if found is None else found.lane


def variables_at(state: State, task: int) -> dict[str, JSON]:
    """Every variable that an open task can read; what the diagram declares and nobody has written yet is None."""
    token = state.find(task)
    if token is None:
        raise NotFound(f"Task {task} is not there. Reload the case to see what is open.")
    seen = Scope([frame for _, frame in frames(token)], {}, frozenset())
    return {**dict.fromkeys(token.workflow.spec.declared), **seen.flat()}

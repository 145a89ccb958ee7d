"""Steps that two people do: which steps a diagram names as those whose doers may not do another one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from engine.errors import Finding
from engine.execution.elements import Element, Process

#: The property of a user task that names the steps whose doers may not do it.
NOT_SAME_PERSON_AS = "casework:not_same_person_as"


def steps_apart(properties: Mapping[str, str]) -> tuple[str, ...]:
    """The steps whose doers may not do the one with these properties; they stand with spaces or commas between."""
    return tuple(dict.fromkeys(filter(None, re.split(r"[\s,]+", properties.get(NOT_SAME_PERSON_AS, "")))))


def kept_apart(processes: Mapping[str, Process]) -> dict[str, tuple[str, ...]]:
    """Each step with the steps whose doers may not do it; two processes that use one id are both heard."""
    found: dict[str, tuple[str, ...]] = {}
    for element in _elements(processes):
        if steps := steps_apart(element.properties):
            found[element.id] = tuple(dict.fromkeys((*found.get(element.id, ()), *steps)))
    return found


def apart_from_nobody(processes: Mapping[str, Process], elsewhere: Collection[str] | None = None) -> list[Finding]:
    """Refusals where a step is kept apart from what nobody does, so that it would be kept from nobody.

    elsewhere  the user tasks of the authority's other pathways, where they are known: a piece that several pathways
               call may name steps that only some of them hold. Where they are not, one step that exists is enough.
    """
    tasks = {element.id for element in _elements(processes) if element.work is not None}
    return [finding for element in _elements(processes) for finding in _amiss(element, tasks, elsewhere)]


def _amiss(element: Element, tasks: Collection[str], elsewhere: Collection[str] | None) -> Iterator[Finding]:
    if NOT_SAME_PERSON_AS not in element.properties:
        return
    steps = steps_apart(element.properties)
    known = [step for step in steps if step in tasks or step in (elsewhere or ())]
    if element.work is None:
        said = "It is kept apart from other steps, but it is nothing that a person does."
        yield _refusal(element, said, "Set not_same_person_as on the user task.")
    elif not steps:
        yield _refusal(
            element,
            "It says not_same_person_as and names no step.",
            "Name the step in not_same_person_as, or take it away.",
        )
    elif element.id in steps:
        yield _refusal(element, "It names itself in not_same_person_as.", "Name the other steps only.")
    for step in steps if element.work is not None else ():
        if step not in known and (elsewhere is not None or not known):
            said = f"It may not be done by whoever did {step}, which is no user task here, so that it keeps nobody out."
            yield _refusal(element, said, "Correct the id in not_same_person_as, or take it away.")


def _refusal(element: Element, message: str, mend: str) -> Finding:
    return Finding("refusal", element.file, element.id, element.name, message, mend)


def _elements(processes: Mapping[str, Process]) -> Iterator[Element]:
    return (element for process in processes.values() for element in process.elements.values())

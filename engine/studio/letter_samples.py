"""A sample child for a letter's preview: made up from what the folder's scenarios say of theirs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from engine.case.unknown_facts import facts_in
from engine.errors import EngineError
from engine.feel import compile_expression
from engine.letters import Blank, LetterTemplate
from engine.studio.workspace import Workspace
from engine.working_days import EXTENSIONS

#: What stands where no scenario of the folder says anything.
SAMPLE: Mapping[str, Any] = {"name": "Sam Sample", "child_ref": "SAMPLE", "dob": "2016-05-09"}


def sample_of(template: LetterTemplate, workspace: Workspace) -> dict[str, Any]:
    """What a letter's values read in a preview: a made-up case, the parameters' defaults, and no answers yet."""
    facts: dict[str, Any] = dict(SAMPLE)
    for scenario in workspace.scenarios[0].values():
        facts |= {name: value for name, value in scenario.facts.items() if facts.get(name) is None}
    return {**dict.fromkeys(template.names), "case": facts, "parameters": sample_parameters(workspace)}


def sample_parameters(workspace: Workspace) -> dict[str, Any]:
    """What the parameters say in a preview: their defaults, none where the folder cannot be read."""
    try:
        declared = [release.parameters for release in workspace.releases.values()]
    except EngineError:
        return {}
    return {name: one.default for parameters in declared for name, one in parameters.items()}


def told_apart(blanks: Iterable[Blank], known: Collection[str]) -> tuple[list[str], list[str]]:
    """A preview's blanks: what a case fills in by and by, and what reads a fact that nothing ever writes."""
    later, never = list[str](), list[str]()
    for blank in blanks:
        expression = compile_expression(blank.expression.removeprefix("whether "), extensions=EXTENSIONS)
        (later if all(fact in known for fact in facts_in([expression])) else never).append(blank.expression)
    return later, never

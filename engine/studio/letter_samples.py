"""A sample child for a letter's preview: made up from what the folder's scenarios say of theirs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.errors import EngineError
from engine.letters import LetterTemplate
from engine.studio.workspace import Workspace

#: What stands where no scenario of the folder says anything.
SAMPLE: Mapping[str, Any] = {"name": "Sam Sample", "child_ref": "SAMPLE", "dob": "2016-05-09"}


def sample_of(template: LetterTemplate, workspace: Workspace) -> dict[str, Any]:
    """What a letter's values read in a preview: a made-up case, the parameters' defaults, and no answers yet."""
    facts: dict[str, Any] = dict(SAMPLE)
    for scenario in workspace.scenarios[0].values():
        facts |= {name: value for name, value in scenario.facts.items() if facts.get(name) is None}
    parameters: dict[str, Any] = {}
    try:
        for release in workspace.releases.values():
            parameters |= {name: one.default for name, one in release.parameters.items()}
    except EngineError:
        parameters = {}
    return {**dict.fromkeys(template.names), "case": facts, "parameters": parameters}

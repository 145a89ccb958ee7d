"""A pathway.toml: the title, purpose and version of a pathway, and what it lets an authority decide locally."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.authorities.parameters import Parameter, read_parameter
from engine.authorities.toml_file import TomlFile

#: Where a task's answers go: into one context named after the task, or into variables of their own names (Camunda 8).
BY_TASK, MERGED = "by task", "merged"

#: Jobs that every installation knows.
BUILT_IN_JOBS = frozenset({"letter", "mail", "webhook"})


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a pathway.toml says; of a folder without one, the Camunda 8 habit."""

    title: str = ""
    purpose: str = ""
    version: str = ""
    answers: str = MERGED
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    jobs: frozenset[str] = frozenset()


def read_manifest(content: bytes, filename: str) -> Manifest:
    """What a pathway.toml says. Raises PathwayRefused naming the line of each mistake."""
    file = TomlFile(content, filename)
    root = file.root
    title = root.text("title", required=True, longest=200)
    purpose = root.text("purpose", longest=4000)
    version = root.text("version", required=True, longest=40)
    answers = root.choice("answers", (BY_TASK, MERGED), BY_TASK)
    declared = root.table("parameters")
    parameters = {name: read_parameter(name, declared.table(name)) for name in declared.names()}
    jobs = root.table("jobs")
    types = jobs.texts("types")
    jobs.done()
    root.done()
    file.finish()
    return Manifest(title, purpose, version, answers, parameters, frozenset(types))

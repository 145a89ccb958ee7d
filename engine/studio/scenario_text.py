"""A scenario as a file that people read: TOML, in the order in which scenarios are told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.scenarios import Scenario

Steps = Sequence[Mapping[str, Any]]
_PLAIN = re.compile(r"^[A-Za-z0-9_-]+$")


def written(title: str, scenario: Scenario, steps: Steps, then: Mapping[str, Any]) -> str:
    """The text of a scenario of these steps."""
    return "\n".join(_lines(title, scenario, steps, then)) + "\n"


def _lines(title: str, scenario: Scenario, steps: Steps, then: Mapping[str, Any]) -> Iterator[str]:
    yield f"title = {value_written(title)}"
    yield ""
    yield "[given]"
    yield f"authority = {value_written(scenario.authority)}"
    yield f"pathway = {value_written(scenario.pathway)}"
    yield f"now = {scenario.now.isoformat()}"
    yield ""
    yield "[given.case]"
    yield from (f"{_key(name)} = {value_written(value)}" for name, value in scenario.facts.items())
    for step in steps:
        yield ""
        yield "[[when]]"
        if step["does"] == "advance":
            yield f"advance = {value_written(step['at'])}"
            continue
        yield f"{step['does']} = {value_written(step['what'])}"
        for name in ("number", "by", "received_on"):
            if step.get(name):
                yield f"{name} = {value_written(step[name])}"
        for name in ("answers", "payload"):
            if step.get(name):
                yield f"[when.{name}]"
                yield from (f"{_key(key)} = {value_written(value)}" for key, value in step[name].items())
    yield ""
    yield "[then]"
    yield from (f"{_key(name)} = {value_written(value)}" for name, value in then.items())


def _key(name: str) -> str:
    return name if _PLAIN.match(name) else json.dumps(name, ensure_ascii=False)


def value_written(value: Any) -> str:
    """A value as TOML; null is the text that scenarios write for it."""
    if value is None:
        return '"null"'
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(str(key))} = {value_written(held)}" for key, held in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(value_written, value)) + "]"
    # JSON's texts, numbers, true and false are TOML's.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")

"""What a step that lies ahead would see, as far as it is known: what is answered, and what the calls to it hand in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.casework.ahead import Found
from engine.execution import Pathway, State, Waits, around, scope
from engine.execution.elements import Assignment
from engine.feel import Environment, FeelFunction, to_json
from engine.history import JSON


@dataclass(frozen=True, slots=True)
class Known:
    """The variables of a step by name, and of valid messages held under a name the days on which they came."""

    values: Mapping[str, JSON] = field(default_factory=dict)
    came: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def known_at(
    pathway: Pathway,
    state: State,
    waiting: Waits,
    found: Found,
    facts: Mapping[str, JSON],
    environment: Environment,
) -> Known:
    """What those see that wait where the way to a step begins, and what the calls on the way hand in.

    Parallel branches never write the same name. What a call works out from something not known yet is not known.
    """
    begins = around(state, found.token)[0][1].process
    each = (wait.task for kind in (waiting.tasks, waiting.jobs, waiting.timers, waiting.messages) for wait in kind)
    seen: dict[str, JSON] = {}
    for task in (*each, found.token):
        if around(state, task)[0][1].process != begins:
            continue
        for name, value in scope(state, task).items():
            if seen.get(name) is None:
                seen[name] = value
    came = {name: days for name, value in seen.items() if (days := _came(value))}
    for activity in found.entered:
        handed: dict[str, JSON] = {}
        for line in activity.inputs:
            given = {**seen, **handed}
            ready = all(given.get(name) is not None for name in line.source.names if name not in ("case", "parameters"))
            handed[line.target[0]] = worked_out(line, {**given, "case": dict(facts)}, environment) if ready else None
        seen = {**seen, **handed} if activity.called is None or activity.called.all_in else handed
    return Known(seen, came)


def worked_out(line: Assignment, given: Mapping[str, Any], environment: Environment) -> JSON:
    """What a line of a mapping gives; what cannot be said yet is null."""
    source = line.source
    value = source.text if source.expression is None else source.expression.value(given, environment)
    return None if isinstance(value, FeelFunction) else to_json(value)


def received(names: Iterable[str], came: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """When the messages came that these names speak of: a list and what is said of it begin with the same word."""
    wanted = tuple(names)
    days = {
        day
        for held, each in came.items()
        if any(name == held or name.startswith(held.removesuffix("s")) for name in wanted)
        for day in each
    }
    return tuple(sorted(days))


def _came(value: JSON) -> tuple[str, ...]:
    """The days on which came in what is valid of a message, or of a list of messages."""
    each = value if isinstance(value, list) else [value]
    valid = [one for one in each if isinstance(one, dict) and one.get("effect") == "VALID"]
    return tuple(day for one in valid if isinstance(day := one.get("received_on"), str))

"""How the DMN Technology Compatibility Kit asks our engine: one function from model files and inputs to a value."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.dmn import Model, read_model
from engine.dmn.reader import read_definitions
from engine.feel import DayTimeDuration, Environment, YearMonthDuration

_NOW = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)


def evaluate(
    model_paths: list[str], main_model_path: str, invocable_kind: str, name: str, inputs: dict[str, Any]
) -> object:
    """Evaluate a decision, decisionService or bkm of the main model, by name.

    model_paths are all files that may be imported. A FEEL error is None. Raises EngineError where a model cannot be
    read or has no such invocable.
    """
    model = _models(tuple(model_paths), main_model_path)
    given = {key: _given(value) for key, value in inputs.items()}
    ask = {"decision": model.evaluate, "decisionService": model.evaluate_service, "bkm": model.invoke}[invocable_kind]
    return _shown(ask(name, given, Environment(_NOW)).value)


@lru_cache(maxsize=64)
def _models(paths: tuple[str, ...], main: str) -> Model:
    """Read the main model after everything it imports, at any depth."""
    contents = {path: Path(path).read_bytes() for path in dict.fromkeys((*paths, main))}
    facts = {path: read_definitions(content, Path(path).name) for path, content in contents.items()}
    by_namespace = {fact.namespace: path for path, fact in facts.items() if path != main}
    read: dict[str, Model] = {}

    def ready(path: str, above: frozenset[str] = frozenset()) -> Model:
        imports = {
            wanted.namespace: read.get(wanted.namespace) or ready(by_namespace[wanted.namespace], above | {path})
            for wanted in facts[path].imports
            if wanted.namespace in by_namespace and by_namespace[wanted.namespace] not in above | {path}
        }
        model = read_model(contents[path], Path(path).name, imports)
        if path != main:
            read[model.namespace] = model
        return model

    return ready(main)


def _given(value: Any) -> Any:
    """Turn what the kit hands in into what the engine takes: a length in months has no Python type of its own."""
    if isinstance(value, list):
        return [_given(item) for item in value]
    if isinstance(value, dict):
        return {key: _given(item) for key, item in value.items()}
    if isinstance(getattr(value, "months", None), int) and not isinstance(value, YearMonthDuration):
        return YearMonthDuration(value.months)
    return value


def _shown(value: Any) -> Any:
    """Turn a FEEL value into what the kit compares: timedelta where it is exact, our own temporal values otherwise."""
    if isinstance(value, list):
        return [_shown(item) for item in value]
    if isinstance(value, dict):
        return {key: _shown(item) for key, item in value.items()}
    if isinstance(value, DayTimeDuration) and value.nanoseconds % 1000 == 0:
        try:
            return value.to_python()
        except OverflowError:
            return value
    return value if value is None or isinstance(value, bool | str | Decimal) or hasattr(value, "kind") else str(value)

"""Built-in functions of contexts (DMN 1.5, 10.3.4.8), and not() (10.3.4.2)."""

from __future__ import annotations

from engine.feel.builtins.registry import Refusal, builtin
from engine.feel.evaluation import Evaluation
from engine.feel.values import MISSING, Value


@builtin("not", "negand: any")
def negation(value: Value) -> Value:
    """false of true, true of false, else null."""
    if value is None:
        return None
    if type(value) is list and len(value) == 1:
        value = value[0]
    if type(value) is not bool:
        raise Refusal("negand must be true or false.")
    return not value


@builtin("get value", "m: context, key: string")
def get_value(entries: dict[str, Value], key: str) -> Value:
    """The entry of that name; null where there is none."""
    if key not in entries:
        raise Refusal(f"There is no entry {key}.", "missing entry")
    return entries[key]


@builtin("get entries", "m: context")
def get_entries(entries: dict[str, Value]) -> Value:
    """A list of {key, value}."""
    return [{"key": key, "value": value} for key, value in entries.items()]


@builtin("context", "entries: list")
def context(entries: list[Value]) -> Value:
    """A context from a list of {key, value}; a key may stand once."""
    made: dict[str, Value] = {}
    for entry in entries:
        if type(entry) is not dict or "value" not in entry:
            raise Refusal("entries must be contexts with key and value.")
        key = entry.get("key")
        if type(key) is not str:
            raise Refusal("every key must be a string.")
        if key in made:
            raise Refusal(f"the key {key} stands twice.")
        made[key] = entry["value"]
    return made


@builtin("context put", "context, key: string, value: any")
def context_put(entries: dict[str, Value], key: str, value: Value) -> Value:
    """The context with an entry added or changed."""
    return {**entries, key: value}


@builtin("context put", "context, keys: list, value: any")
def context_put_deep(entries: dict[str, Value], keys: list[Value], value: Value) -> Value:
    """The context with an entry added or changed below several keys."""
    if not keys:
        raise Refusal("keys is empty.")
    if any(type(key) is not str for key in keys):
        raise Refusal("keys must be strings.")
    if len(keys) == 1:
        return {**entries, keys[0]: value}
    inner = entries.get(keys[0], MISSING)
    if type(inner) is not dict:
        raise Refusal(f"the entry {keys[0]} is not a context.")
    return {**entries, keys[0]: context_put_deep(inner, keys[1:], value)}


@builtin("context merge", "contexts: list", run=True)
def context_merge(run: Evaluation, contexts: list[Value]) -> Value:
    """The entries of all contexts; where a key stands twice the last one counts."""
    made: dict[str, Value] = {}
    for entries in contexts:
        if type(entries) is not dict:
            raise Refusal("contexts must be contexts.")
        run.spend(len(entries) // 16)
        made.update(entries)
    return made

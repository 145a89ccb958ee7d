"""A form as questions that people edit: added, changed, moved and removed in its own schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.errors import NotFound, Refused
from engine.forms.fields import CHOOSING
from engine.studio.canonical import written_json

#: What a question may be, in words, and as the schema says it.
KINDS: Mapping[str, Mapping[str, str]] = {
    "One line of text": {"type": "textfield"},
    "Several lines of text": {"type": "textarea"},
    "Number": {"type": "number"},
    "Date": {"type": "datetime", "subtype": "date"},
    "Time": {"type": "datetime", "subtype": "time"},
    "Date and time": {"type": "datetime", "subtype": "datetime"},
    "A box to tick": {"type": "checkbox"},
    "One of several answers": {"type": "radio"},
    "One of a list": {"type": "select"},
    "Any of several answers": {"type": "checklist"},
    "Any of a list": {"type": "taglist"},
}
_KEY = re.compile(r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")
#: Facts of our own about a question, kept among its properties.
OWN = ("check", "message", "value", "earliest", "latest", "clauses", "label")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as it is edited; every fact is the text a person writes.

    options   one a line: value | label
    inside    how many groups it stands in
    """

    key: str
    kind: str
    label: str
    description: str = ""
    required: bool = False
    readonly: bool = False
    options: str = ""
    hide: str = ""
    own: Mapping[str, str] = field(default_factory=dict)
    inside: int = 0


def questions(content: bytes) -> list[Asked]:
    """Every question of a form in the order of the page; passages and lines are left out."""
    try:
        schema = json.loads(content)
    except ValueError:
        return []
    return [_asked(component, depth) for component, _, depth in _walk(schema)]


def set_question(content: bytes, key: str, asked: Asked) -> bytes:
    """The form with one question changed; its key and kind stay. Raises NotFound, Refused."""
    schema = json.loads(content)
    component, _, _ = _find(schema, key)
    _fill(component, asked)
    return written_json(schema)


def add_question(content: bytes, after: str, asked: Asked) -> bytes:
    """The form with a new question below another, '' for the top. Raises NotFound, Refused."""
    schema = json.loads(content)
    if not _KEY.match(asked.key):
        raise Refused(f"{asked.key[:60] or 'Nothing'} is no name for an answer. Use letters, digits and _.")
    if any(component.get("key") == asked.key for component, _, _ in _walk(schema)):
        raise Refused(f"The form has a question {asked.key} already. Give each a name of its own.")
    if asked.kind not in KINDS:
        raise Refused("Choose what kind of answer the question has.")
    component: dict[str, Any] = {"id": f"field_{asked.key}", "key": asked.key, "type": KINDS[asked.kind]["type"]}
    component["label"] = asked.label
    if "subtype" in KINDS[asked.kind]:
        component["subtype"] = KINDS[asked.kind]["subtype"]
        component["dateLabel"] = asked.label
    _fill(component, asked)
    if after:
        other, siblings, _ = _find(schema, after)
        siblings.insert(siblings.index(other) + 1, component)
    else:
        schema.setdefault("components", []).insert(0, component)
    return written_json(schema)


def move_question(content: bytes, key: str, by: int) -> bytes:
    """The form with a question moved up (-1) or down (1) among its neighbours. Raises NotFound."""
    schema = json.loads(content)
    component, siblings, _ = _find(schema, key)
    at = siblings.index(component)
    to = min(max(at + by, 0), len(siblings) - 1)
    siblings.insert(to, siblings.pop(at))
    return written_json(schema)


def remove_question(content: bytes, key: str) -> bytes:
    """The form without a question. Raises NotFound."""
    schema = json.loads(content)
    component, siblings, _ = _find(schema, key)
    siblings.remove(component)
    return written_json(schema)


def _walk(schema: Any, depth: int = 0) -> Iterator[tuple[dict[str, Any], list[Any], int]]:
    siblings = schema.get("components") if isinstance(schema, dict) else None
    for component in siblings if isinstance(siblings, list) else []:
        if isinstance(component, dict):
            if isinstance(component.get("key"), str) and component.get("type") != "group":
                yield component, siblings or [], depth
            if depth < 6:
                yield from _walk(component, depth + 1)


def _find(schema: Any, key: str) -> tuple[dict[str, Any], list[Any], int]:
    for found in _walk(schema):
        if found[0].get("key") == key:
            return found
    raise NotFound(f"The form asks no {key[:64]}.")


def _asked(component: Mapping[str, Any], depth: int) -> Asked:
    own = component.get("properties")
    own = own if isinstance(own, dict) else {}
    validate = component.get("validate")
    conditional = component.get("conditional")
    options = component.get("values")
    return Asked(
        key=str(component.get("key")),
        kind=_kind(component),
        label=str(component.get("label") or ""),
        description=str(component.get("description") or ""),
        required=isinstance(validate, dict) and validate.get("required") is True,
        readonly=component.get("readonly") is True,
        options="\n".join(f"{one.get('value')} | {one.get('label')}" for one in options or [] if isinstance(one, dict)),
        hide=str(conditional.get("hide") or "") if isinstance(conditional, dict) else "",
        own={name: str(own[name]) for name in own},
        inside=depth,
    )


def _kind(component: Mapping[str, Any]) -> str:
    for words, said in KINDS.items():
        if all(component.get(name) == value for name, value in said.items()):
            return words
    return str(component.get("type"))


def _fill(component: dict[str, Any], asked: Asked) -> None:
    """Write what a person edits; every other fact of the component, and the order of its keys, stays."""
    if not asked.label.strip():
        raise Refused("A question needs words. Write what is asked.")
    component["label"] = asked.label.strip()
    if "dateLabel" in component:
        component["dateLabel"] = asked.label.strip()
    _put(component, "description", asked.description.strip(), after="label")
    if component["type"] in CHOOSING and "valuesExpression" not in component and "valuesKey" not in component:
        component["values"] = _options(asked.options, component.get("values"))
    validate = dict(component.get("validate") or {})
    _put(validate, "required", asked.required)
    _put(component, "readonly", asked.readonly)
    _put(component, "validate", validate)
    conditional = dict(component.get("conditional") or {})
    _put(conditional, "hide", asked.hide.strip())
    _put(component, "conditional", conditional)
    own = dict(component.get("properties") or {})
    for name in OWN:
        _put(own, name, asked.own.get(name, "").strip())
    _put(component, "properties", own)


def _put(place: dict[str, Any], name: str, value: Any, after: str = "") -> None:
    if not value:
        place.pop(name, None)
    elif name in place or not after or after not in place:
        place[name] = value
    else:
        items = list(place.items())
        place.clear()
        for key, held in items:
            place[key] = held
            if key == after:
                place[name] = value


def _options(text: str, before: Any) -> list[dict[str, Any]]:
    """The answers as written; a value that was no text (a number, true) stays what it was."""
    values = {str(one.get("value")): one.get("value") for one in before or [] if isinstance(one, dict)}
    found = []
    for line in text.splitlines():
        if line.strip():
            value, _, label = line.partition("|")
            value = value.strip()
            found.append({"label": label.strip() or value, "value": values.get(value, value)})
    if not found:
        raise Refused("Write the answers that can be chosen, each on a line: value | what people read.")
    return found


__all__ = [
    "KINDS", "OWN", "Asked", "add_question", "move_question", "questions", "remove_question", "set_question",
]  # fmt: skip

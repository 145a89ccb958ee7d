"""Reads a form-js schema, strictly: what would not behave here as its author drew it is refused, with the mend.

A closed subset of form-js 1.x. Own facts about a field are its custom properties:

    check, message      FEEL that must be true, and what to say where it is not
    value               FEEL for what stands in the field at first
    earliest, latest    FEEL (after =) or an ISO date that bounds a date
    unknown             "null": the option "unknown" is kept as null
    others              "yes": a tag list takes entries beyond its options
    answer              "list": a text area's answer is a list, one entry a line
    clauses, label      which clauses the question serves; policy, reading or product
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

import orjson

from engine.errors import Finding, PathwayRefused
from engine.feel import Expression
from engine.forms.fields import CHOOSING, Field, Group, Item, Line, Passage, fields_of
from engine.forms.form import Form
from engine.forms.parts import Parts

#: How deep groups may stand in groups, and how many components a form may have.
DEEPEST, MOST = 6, 300

_KEY = re.compile(r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")
_RESERVED = frozenset({"case", "parameters"})

#: Read by form-js alone, or only how things look: nothing here changes what an answer is.
_LOOKS = frozenset(
    {"id", "type", "key", "layout", "appearance", "searchable", "showOutline", "verticalAlignment", "height", "use24h",
     "dateLabel", "timeLabel", "timeInterval", "alt", "style"}
)  # fmt: skip
_COMMON = frozenset(
    {"label", "description", "disabled", "readonly", "defaultValue", "validate", "conditional", "properties"}
)
_OWN_KEYS: dict[str, frozenset[str]] = {
    "textfield": frozenset(),
    "textarea": frozenset(),
    "number": frozenset({"decimalDigits", "increment", "serializeToString"}),
    "datetime": frozenset({"subtype", "timeSerializingFormat", "disallowPassedDates"}),
    "checkbox": frozenset(),
    **dict.fromkeys(CHOOSING, frozenset({"values", "valuesKey", "valuesExpression"})),
    "text": frozenset({"text"}),
    "separator": frozenset(),
    "spacer": frozenset(),
    "group": frozenset({"components", "path"}),
}
_VALIDATE = frozenset(
    {"required", "min", "max", "minLength", "maxLength", "pattern", "patternErrorMessage", "validationType"}
)
_PROPERTIES = frozenset(
    {"check", "message", "value", "earliest", "latest", "unknown", "others", "answer", "clauses", "label"}
)


#: Most releases of an authority hold the same forms: each is read once.
@lru_cache(maxsize=512)
def read_form(content: bytes, filename: str) -> Form:
    """The form that a form-js schema describes. Raises PathwayRefused naming each field and the mend."""
    schema = _schema(content, filename)
    reader = _Reader(filename, frozenset(_keys(schema.get("components"))))
    layout = reader.items(schema.get("components"), 0)
    reader.check_keys(layout)
    if reader.findings:
        raise PathwayRefused(reader.findings)
    return Form(form_id(content, filename), filename, layout)


def form_id(content: bytes, filename: str) -> str:
    """The id by which diagrams name the form: the schema's own, else the file's name without its ending."""
    try:
        schema = orjson.loads(content)
    except orjson.JSONDecodeError:
        schema = None
    named = schema.get("id") if isinstance(schema, dict) else None
    return named if isinstance(named, str) and named else PurePosixPath(filename).stem


def _schema(content: bytes, filename: str) -> Mapping[str, Any]:
    def refuse(message: str, mend: str) -> PathwayRefused:
        return PathwayRefused([Finding("refusal", filename, None, None, message, mend)])

    try:
        schema = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise refuse(
            f"Line {error.lineno}, column {error.colno}: this is not JSON.", "Save the form from the form editor again."
        ) from None
    if not isinstance(schema, dict) or not isinstance(schema.get("components"), list):
        raise refuse("This is no form-js schema: it has no components.", "Save the form from the form editor again.")
    if schema.get("type", "default") != "default":
        raise refuse("This is no form of the type default.", 'Write "type": "default".')
    return schema


def _keys(components: Any) -> Iterable[str]:
    for component in components if isinstance(components, list) else []:
        if isinstance(component, dict):
            if isinstance(component.get("key"), str):
                yield component["key"]
            yield from _keys(component.get("components"))


class _Reader(Parts):
    """One schema being read, component by component."""

    def __init__(self, filename: str, names: frozenset[str]) -> None:
        super().__init__(filename, names)
        self._count = 0

    def items(self, components: Any, depth: int) -> tuple[Item, ...]:
        items: list[Item] = []
        for component in components if isinstance(components, list) else []:
            if not isinstance(component, dict):
                self.say({}, "A component is no object.", "Save the form from the form editor again.")
                continue
            self._count += 1
            if self._count > MOST:
                if self._count == MOST + 1:
                    self.say({}, f"The form has more than {MOST} components.", "Split it into several tasks.")
                break
            item = self._item(component, depth)
            if item is not None:
                items.append(item)
        return tuple(items)

    def check_keys(self, layout: tuple[Item, ...]) -> None:
        seen = set()
        for field, _ in fields_of(layout):
            if field.key in seen:
                self.say({"key": field.key}, "Two fields have this key.", "Give each field a key of its own.")
            seen.add(field.key)

    def _item(self, component: Mapping[str, Any], depth: int) -> Item | None:
        kind = component.get("type")
        if kind not in _OWN_KEYS:
            known = ", ".join(sorted(_OWN_KEYS))
            self.say(component, f"A form cannot hold a {str(kind)[:40]} here.", f"Use one of: {known}.")
            return None
        self.check_known(component, _OWN_KEYS[kind] | _LOOKS | _COMMON, "property")
        if kind in ("separator", "spacer"):
            return Line()
        hide = self.hide(component)
        if kind == "text":
            return Passage(self.words(component, "text"), hide)
        if kind == "group":
            if component.get("path"):
                self.say(component, "A group's path would nest its answers.", "Remove the path.")
            if depth >= DEEPEST:
                self.say(component, f"Groups stand more than {DEEPEST} deep.", "Take some apart.")
                return None
            return Group(self.words(component, "label"), self.items(component.get("components"), depth + 1), hide)
        return self._field(component, kind, hide)

    def _field(self, component: Mapping[str, Any], kind: str, hide: Expression | None) -> Field:
        key = component.get("key")
        if not isinstance(key, str) or not _KEY.match(key):
            self.say(component, "Its key is no name.", "Use letters, digits and _, such as decided_on.")
            key = "unnamed"
        elif key in _RESERVED:
            self.say(component, f"The key {key} would hide the {key}'s own facts.", "Choose another key.")
        validate = self.mapping(component, "validate", _VALIDATE)
        own = self.mapping(component, "properties", _PROPERTIES)
        looks = component.get("appearance")
        appearance = looks if isinstance(looks, dict) else {}
        options = self.options(component, kind)
        field = Field(
            key=key,
            type=kind,
            label=self.words(component, "label"),
            help=self.words(component, "description"),
            subtype=self.subtype(component) if kind == "datetime" else "",
            required=self.flag(component, validate, "required"),
            options=options,
            options_from=self.options_from(component, kind),
            others=self.yes(component, own, "others", kind == "taglist", "taglist"),
            as_list=self.as_list(component, own, kind),
            minimum=self.decimal(component, validate, "min", kind),
            maximum=self.decimal(component, validate, "max", kind),
            decimals=self._count_of(component, component, "decimalDigits", 0, 10),
            increment=self.decimal(component, component, "increment", kind),
            shortest=self._count_of(component, validate, "minLength", 0, 20_000),
            longest=self._count_of(component, validate, "maxLength", 1, 20_000),
            pattern=self.pattern(component, validate, kind),
            pattern_message=str(validate.get("patternErrorMessage") or ""),
            kind=self.validation_type(component, validate),
            earliest=self.bound(component, own, "earliest", kind),
            latest=self.bound(component, own, "latest", kind),
            zone=self.zone(component),
            unknown=self.unknown(component, own, options),
            fixed=self.flag(component, component, "readonly") or self.flag(component, component, "disabled"),
            value=self.feel(component, own.get("value"), "value"),
            default=component.get("defaultValue"),
            hide=hide,
            check=self.feel(component, own.get("check"), "check"),
            message=str(own.get("message") or ""),
            clauses=tuple(str(own.get("clauses") or "").split()),
            tag=self.tag(component, own),
            prefix=str(appearance.get("prefixAdorner") or ""),
            suffix=str(appearance.get("suffixAdorner") or ""),
        )
        self._check_whole(component, field)
        return field

    def _check_whole(self, component: Mapping[str, Any], field: Field) -> None:
        """What only the whole field shows."""
        if field.check is not None and not field.message.strip():
            self.say(component, "Its check has no message.", "Add the property message: what to say to the person.")
        if field.fixed and field.value is None and field.default is None:
            self.say(
                component, "It is read-only and nothing stands in it.", "Add the property value, or let it be asked."
            )
        if field.default is not None and not isinstance(field.default, str | int | float | bool | list):
            self.say(component, "Its default value is none that can be answered.", "Remove it.")
        if component.get("serializeToString"):
            self.say(component, "A number kept as text could not be compared.", "Switch off 'output as string'.")


__all__ = ["form_id", "read_form"]

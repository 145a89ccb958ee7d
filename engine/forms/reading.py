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
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any

import orjson

from engine.errors import Finding, PathwayRefused
from engine.feel import Expression, FeelError, compile_expression
from engine.forms.answers import token_of
from engine.forms.fields import ASKING, CHOOSING, Field, Group, Item, Line, Option, Passage, fields_of
from engine.forms.form import Form
from engine.forms.words import ExpressionUnclosed, Words, read_words
from engine.working_days import EXTENSIONS

#: How deep groups may stand in groups, and how many components a form may have.
DEEPEST, MOST = 6, 300

_KEY = re.compile(r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")
_RESERVED = frozenset({"case", "parameters"})
_UNKNOWN = "unknown"

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
_ZONES = {None: "offset", "utc_offset": "offset", "utc_normalized": "utc", "no_timezone": "none"}


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


class _Reader:
    """One schema being read: the names its expressions may hold, and what was found wrong."""

    def __init__(self, filename: str, names: frozenset[str]) -> None:
        self.filename, self.names, self.findings, self._count = filename, names, list[Finding](), 0

    def say(self, component: Mapping[str, Any], message: str, mend: str) -> None:
        place = component.get("key") or component.get("id")
        label = component.get("label")
        self.findings.append(
            Finding(
                "refusal",
                self.filename,
                str(place)[:80] if place else None,
                str(label)[:80] if label else None,
                message,
                mend,
            )
        )

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
        self._check_known(component, _OWN_KEYS[kind] | _LOOKS | _COMMON, "property")
        if kind in ("separator", "spacer"):
            return Line()
        hide = self._hide(component)
        if kind == "text":
            return Passage(self._words(component, "text"), hide)
        if kind == "group":
            if component.get("path"):
                self.say(component, "A group's path would nest its answers.", "Remove the path.")
            if depth >= DEEPEST:
                self.say(component, f"Groups stand more than {DEEPEST} deep.", "Take some apart.")
                return None
            return Group(self._words(component, "label"), self.items(component.get("components"), depth + 1), hide)
        return self._field(component, kind, hide)

    def _field(self, component: Mapping[str, Any], kind: str, hide: Expression | None) -> Field:
        key = component.get("key")
        if not isinstance(key, str) or not _KEY.match(key):
            self.say(component, "Its key is no name.", "Use letters, digits and _, such as decided_on.")
            key = "unnamed"
        elif key in _RESERVED:
            self.say(component, f"The key {key} would hide the {key}'s own facts.", "Choose another key.")
        validate = self._mapping(component, "validate", _VALIDATE)
        own = self._mapping(component, "properties", _PROPERTIES)
        looks = component.get("appearance")
        appearance = looks if isinstance(looks, dict) else {}
        options = self._options(component, kind)
        field = Field(
            key=key,
            type=kind,
            label=self._words(component, "label"),
            help=self._words(component, "description"),
            subtype=self._subtype(component) if kind == "datetime" else "",
            required=self._flag(component, validate, "required"),
            options=options,
            options_from=self._options_from(component, kind),
            others=self._yes(component, own, "others", kind == "taglist", "taglist"),
            as_list=self._as_list(component, own, kind),
            minimum=self._decimal(component, validate, "min", kind),
            maximum=self._decimal(component, validate, "max", kind),
            decimals=self._count_of(component, component, "decimalDigits", 0, 10),
            increment=self._decimal(component, component, "increment", kind),
            shortest=self._count_of(component, validate, "minLength", 0, 20_000),
            longest=self._count_of(component, validate, "maxLength", 1, 20_000),
            pattern=self._pattern(component, validate, kind),
            pattern_message=str(validate.get("patternErrorMessage") or ""),
            kind=self._validation_type(component, validate),
            earliest=self._bound(component, own, "earliest", kind),
            latest=self._bound(component, own, "latest", kind),
            zone=self._zone(component),
            unknown=self._unknown(component, own, options),
            fixed=self._flag(component, component, "readonly") or self._flag(component, component, "disabled"),
            value=self._feel(component, own.get("value"), "value"),
            default=component.get("defaultValue"),
            hide=hide,
            check=self._feel(component, own.get("check"), "check"),
            message=str(own.get("message") or ""),
            clauses=tuple(str(own.get("clauses") or "").split()),
            tag=self._tag(component, own),
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

    # ------------------------------------------------------------------ parts of a component

    def _check_known(self, component: Mapping[str, Any], known: frozenset[str], what: str) -> None:
        for name in component:
            if name not in known:
                self.say(component, f"The {what} {str(name)[:40]} has no effect here.", "Remove it.")

    def _mapping(self, component: Mapping[str, Any], name: str, known: frozenset[str]) -> Mapping[str, Any]:
        value = component.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.say(component, f"Its {name} is no object.", "Save the form from the form editor again.")
            return {}
        for key in value:
            if key not in known:
                mend = f"Known: {', '.join(sorted(known))}."
                self.say(component, f"{name}.{str(key)[:40]} has no effect here.", mend)
        return value

    def _words(self, component: Mapping[str, Any], name: str) -> Words:
        text = component.get(name) or ""
        try:
            if not isinstance(text, str):
                raise FeelError("", 0, f"Its {name} is no text.", "Write text.")
            if text.startswith("="):
                expression = compile_expression(text[1:].strip(), names=self.names, extensions=EXTENSIONS)
                return Words(text, (expression,))
            return read_words(text, self.names)
        except FeelError as error:
            self.say(component, f"Its {name} cannot be read: {error.message}\n{error.caret}\n", error.mend)
        except ExpressionUnclosed as error:
            self.say(
                component, f"Its {name} opens an expression at character {error.position + 1}.", "Close it with }}."
            )
        return Words("", ())

    def _hide(self, component: Mapping[str, Any]) -> Expression | None:
        conditional = self._mapping(component, "conditional", frozenset({"hide"}))
        return self._feel(component, conditional.get("hide"), "condition")

    def _feel(self, component: Mapping[str, Any], text: Any, what: str) -> Expression | None:
        if text is None or text == "":
            return None
        if not isinstance(text, str) or not text.startswith("="):
            self.say(component, f"Its {what} is no expression.", "Begin it with =.")
            return None
        try:
            return compile_expression(text[1:].strip(), names=self.names, extensions=EXTENSIONS)
        except FeelError as error:
            self.say(component, f"Its {what} cannot be read: {error.message}\n{error.caret}\n", error.mend)
            return None

    def _bound(self, component: Mapping[str, Any], own: Mapping[str, Any], name: str, kind: str) -> Expression | None:
        text = own.get(name)
        if name == "earliest" and component.get("disallowPassedDates") is True:
            if text is not None:
                self.say(component, "It has both earliest and 'disallow past dates'.", "Keep one.")
            text = "=today()"
        if text is None:
            return None
        if kind != "datetime" or component.get("subtype") == "time":
            self.say(component, f"{name} bounds dates only.", "Remove it.")
            return None
        if isinstance(text, str) and re.match(r"^\d{4}-\d{2}-\d{2}$", text):
            text = f'=date("{text}")'
        return self._feel(component, text, name)

    def _subtype(self, component: Mapping[str, Any]) -> str:
        subtype = component.get("subtype")
        if subtype not in ("date", "time", "datetime"):
            self.say(component, "Its subtype is none of date, time, datetime.", "Choose one.")
            return "date"
        return str(subtype)

    def _zone(self, component: Mapping[str, Any]) -> str:
        zone = component.get("timeSerializingFormat")
        if zone not in _ZONES:
            self.say(component, "Its time format is not known.", "Choose utc_offset, utc_normalized or no_timezone.")
            return "offset"
        return _ZONES[zone]

    def _options(self, component: Mapping[str, Any], kind: str) -> tuple[Option, ...]:
        if kind not in CHOOSING:
            return ()
        values = component.get("values")
        dynamic = component.get("valuesKey") or component.get("valuesExpression")
        if values is None and dynamic:
            return ()
        if dynamic or not isinstance(values, list) or not values:
            self.say(
                component, "It needs options: values, or one of valuesExpression and valuesKey.", "Give one of them."
            )
            return ()
        options: list[Option] = []
        for item in values:
            value = item.get("value") if isinstance(item, dict) else None
            label = item.get("label") if isinstance(item, dict) else None
            if not isinstance(value, str | int | float) or not isinstance(label, str) or not label or value == "":
                self.say(component, "An option needs a label and a value.", "Give it both.")
            elif any(token_of(value) == token_of(option.value) for option in options):
                self.say(component, f"Two options have the value {token_of(value)[:40]}.", "Give each its own.")
            else:
                options.append(Option(value, label))
        return tuple(options)

    def _options_from(self, component: Mapping[str, Any], kind: str) -> Expression | None:
        if kind not in CHOOSING:
            return None
        key = component.get("valuesKey")
        if isinstance(key, str) and key and not component.get("valuesExpression"):
            return self._feel(component, f"={key}", "valuesKey")
        return self._feel(component, component.get("valuesExpression"), "valuesExpression")

    def _unknown(self, component: Mapping[str, Any], own: Mapping[str, Any], options: tuple[Option, ...]) -> str | None:
        if "unknown" not in own:
            return None
        if own["unknown"] not in (None, "null") or not any(option.value == _UNKNOWN for option in options):
            self.say(component, "unknown says how the option 'unknown' is kept.", "Write null, and add that option.")
            return None
        return _UNKNOWN

    def _as_list(self, component: Mapping[str, Any], own: Mapping[str, Any], kind: str) -> bool:
        answer = own.get("answer")
        if answer is None:
            return False
        if answer != "list" or kind != "textarea":
            self.say(component, "answer can only be list, of a text area.", "Remove it, or use a text area.")
        return True

    def _yes(self, component: Mapping[str, Any], own: Mapping[str, Any], name: str, fits: bool, of: str) -> bool:
        value = own.get(name)
        if value in (None, False, "no"):
            return False
        if value not in (True, "yes") or not fits:
            self.say(component, f"{name} can only be yes, of a {of}.", "Remove it.")
        return True

    def _flag(self, component: Mapping[str, Any], of: Mapping[str, Any], name: str) -> bool:
        value = of.get(name)
        if value is None or isinstance(value, bool):
            return bool(value)
        self.say(component, f"{name} is neither true nor false.", "A condition belongs into the field's condition.")
        return False

    def _decimal(self, component: Mapping[str, Any], of: Mapping[str, Any], name: str, kind: str) -> Decimal | None:
        value = of.get(name)
        if value is None or value == "":
            return None
        try:
            number = Decimal(str(value)) if not isinstance(value, bool) else None
        except ArithmeticError:
            number = None
        if number is None or not number.is_finite() or (name == "increment" and number <= 0) or kind != "number":
            self.say(component, f"{name} must be a number, of a number field.", "Correct or remove it.")
            return None
        return number

    def _count_of(
        self, component: Mapping[str, Any], of: Mapping[str, Any], name: str, lowest: int, highest: int
    ) -> int | None:
        value = of.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            self.say(component, f"{name} must be a whole number from {lowest} to {highest}.", "Correct or remove it.")
            return None
        return value

    def _pattern(self, component: Mapping[str, Any], validate: Mapping[str, Any], kind: str) -> str | None:
        pattern = validate.get("pattern")
        if pattern is None or pattern == "":
            return None
        if kind not in ("textfield", "textarea") or not isinstance(pattern, str):
            self.say(component, "A pattern fits texts only.", "Remove it.")
            return None
        outcome = compile_expression('matches("", pattern)', names=("pattern",)).evaluate({"pattern": pattern})
        if outcome.value is None:
            self.say(component, "Its pattern cannot be read.", "Correct it, or use a check.")
        return pattern

    def _validation_type(self, component: Mapping[str, Any], validate: Mapping[str, Any]) -> str:
        kind = validate.get("validationType")
        if kind in (None, "", "custom"):
            return ""
        if kind not in ("email", "phone"):
            self.say(component, "Its validation type is not known.", "Choose email, phone or custom.")
            return ""
        return str(kind)

    def _tag(self, component: Mapping[str, Any], own: Mapping[str, Any]) -> str:
        tag = own.get("label")
        if tag in (None, "policy", "reading", "product"):
            return tag or ""
        self.say(component, "label says whose rule this is.", "Write policy, reading or product.")
        return ""


__all__ = ["ASKING", "form_id", "read_form"]

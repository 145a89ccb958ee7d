"""The parts of one component of a form-js schema, each read into what a field is made of, or refused with the mend."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engine.errors import Finding
from engine.feel import Expression, FeelError, compile_expression
from engine.forms.answers import token_of
from engine.forms.fields import CHOOSING, Option
from engine.forms.words import ExpressionUnclosed, Words, read_words
from engine.working_days import EXTENSIONS

_UNKNOWN = "unknown"
_ZONES = {None: "offset", "utc_offset": "offset", "utc_normalized": "utc", "no_timezone": "none"}


class Parts:
    """A schema being read: the names its expressions may hold, and what was found wrong.

    Each method reads one part of a component; where it cannot, it says why and gives what means nothing.
    """

    def __init__(self, filename: str, names: frozenset[str]) -> None:
        self.filename, self.names, self.findings = filename, names, list[Finding]()

    def say(self, component: Mapping[str, Any], message: str, mend: str) -> None:
        """Note that this component is refused."""
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

    def check_known(self, component: Mapping[str, Any], known: frozenset[str], what: str) -> None:
        for name in component:
            if name not in known:
                self.say(component, f"The {what} {str(name)[:40]} has no effect here.", "Remove it.")

    def mapping(self, component: Mapping[str, Any], name: str, known: frozenset[str]) -> Mapping[str, Any]:
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

    def words(self, component: Mapping[str, Any], name: str) -> Words:
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

    def hide(self, component: Mapping[str, Any]) -> Expression | None:
        conditional = self.mapping(component, "conditional", frozenset({"hide"}))
        return self.feel(component, conditional.get("hide"), "condition")

    def feel(self, component: Mapping[str, Any], text: Any, what: str) -> Expression | None:
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

    def bound(self, component: Mapping[str, Any], own: Mapping[str, Any], name: str, kind: str) -> Expression | None:
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
        return self.feel(component, text, name)

    def subtype(self, component: Mapping[str, Any]) -> str:
        subtype = component.get("subtype")
        if subtype not in ("date", "time", "datetime"):
            self.say(component, "Its subtype is none of date, time, datetime.", "Choose one.")
            return "date"
        return str(subtype)

    def zone(self, component: Mapping[str, Any]) -> str:
        zone = component.get("timeSerializingFormat")
        if zone not in _ZONES:
            self.say(component, "Its time format is not known.", "Choose utc_offset, utc_normalized or no_timezone.")
            return "offset"
        return _ZONES[zone]

    def options(self, component: Mapping[str, Any], kind: str) -> tuple[Option, ...]:
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

    def options_from(self, component: Mapping[str, Any], kind: str) -> Expression | None:
        if kind not in CHOOSING:
            return None
        key = component.get("valuesKey")
        if isinstance(key, str) and key and not component.get("valuesExpression"):
            return self.feel(component, f"={key}", "valuesKey")
        return self.feel(component, component.get("valuesExpression"), "valuesExpression")

    def unknown(self, component: Mapping[str, Any], own: Mapping[str, Any], options: tuple[Option, ...]) -> str | None:
        if "unknown" not in own:
            return None
        if own["unknown"] not in (None, "null") or not any(option.value == _UNKNOWN for option in options):
            self.say(component, "unknown says how the option 'unknown' is kept.", "Write null, and add that option.")
            return None
        return _UNKNOWN

    def as_list(self, component: Mapping[str, Any], own: Mapping[str, Any], kind: str) -> bool:
        answer = own.get("answer")
        if answer is None:
            return False
        if answer != "list" or kind != "textarea":
            self.say(component, "answer can only be list, of a text area.", "Remove it, or use a text area.")
        return True

    def yes(self, component: Mapping[str, Any], own: Mapping[str, Any], name: str, fits: bool, of: str) -> bool:
        value = own.get(name)
        if value in (None, False, "no"):
            return False
        if value not in (True, "yes") or not fits:
            self.say(component, f"{name} can only be yes, of a {of}.", "Remove it.")
        return True

    def flag(self, component: Mapping[str, Any], of: Mapping[str, Any], name: str) -> bool:
        value = of.get(name)
        if value is None or isinstance(value, bool):
            return bool(value)
        self.say(component, f"{name} is neither true nor false.", "A condition belongs into the field's condition.")
        return False

    def decimal(self, component: Mapping[str, Any], of: Mapping[str, Any], name: str, kind: str) -> Decimal | None:
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

    def pattern(self, component: Mapping[str, Any], validate: Mapping[str, Any], kind: str) -> str | None:
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

    def validation_type(self, component: Mapping[str, Any], validate: Mapping[str, Any]) -> str:
        kind = validate.get("validationType")
        if kind in (None, "", "custom"):
            return ""
        if kind not in ("email", "phone"):
            self.say(component, "Its validation type is not known.", "Choose email, phone or custom.")
            return ""
        return str(kind)

    def tag(self, component: Mapping[str, Any], own: Mapping[str, Any]) -> str:
        tag = own.get("label")
        if tag in (None, "policy", "reading", "product"):
            return tag or ""
        self.say(component, "label says whose rule this is.", "Write policy, reading or product.")
        return ""

"""A pathway's local parameters: numbers and switches the policy leaves to the authority, declared with bounds.

A number that the policy itself gives is declared with `local = false`: it has a name and bounds, and no local value;
it changes only by a new release.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.authorities.toml_file import Table
from engine.errors import Refused
from engine.history import JSON

TYPES = ("whole number", "number", "yes or no", "text", "date", "duration")
LABELS = ("policy", "reading", "product")

_MONTHS = re.compile(r"^P(?:(?P<years>\d{1,4})Y)?(?:(?P<months>\d{1,5})M)?$")
_DAYS = re.compile(r"^P(?:(?P<days>\d{1,6})D)?(?:T(?:(?P<h>\d{1,6})H)?(?:(?P<m>\d{1,6})M)?(?:(?P<s>\d{1,6})S)?)?$")
_NAME = re.compile(r"^[a-z][a-z0-9_]{0,63}$")


class ParameterRefused(Refused):
    """A local value does not fit what the pathway declares for it."""

    def __init__(self, name: str, why: str, mend: str) -> None:
        super().__init__(f"Parameter {name} {why} {mend}")
        self.name, self.why, self.mend = name, why, mend


@dataclass(frozen=True, slots=True)
class Parameter:
    """One declared parameter. Values are JSON: dates and durations are ISO text.

    type      one of TYPES; durations are those FEEL knows (P15D, PT36H, P3M, P1Y6M), never weeks
    min, max  inclusive bounds of numbers, dates and durations; of a text, its length; None is no bound
    options   the texts allowed, empty for any
    label     the words a person sees beside the value
    reason    why it is a parameter, or whose reading it is
    tag       policy, reading or product
    local     whether the authority may put a value of its own in force; False: only a release changes it
    """

    name: str
    type: str
    default: JSON
    min: JSON = None
    max: JSON = None
    options: tuple[str, ...] = ()
    label: str = ""
    reason: str = ""
    tag: str = "product"
    local: bool = True

    def check_local(self, value: JSON) -> JSON:
        """A value that the authority puts in force by itself, if it may and the value fits. Raises ParameterRefused."""
        if not self.local:
            raise ParameterRefused(self.name, "is given by the policy.", "Change it in a draft, and publish that.")
        return self.check(value)

    def check(self, value: JSON) -> JSON:
        """The value, if it fits. Raises ParameterRefused."""
        measure = self._measure(value)
        if measure is None:
            raise ParameterRefused(self.name, f"is not a {self.type}.", _EXAMPLES[self.type])
        for bound, beyond, word in ((self.min, -1, "less than"), (self.max, 1, "more than")):
            if bound is None:
                continue
            difference = _compare(measure, bound if self.type == "text" else self._measure(bound))
            if difference is None:
                raise ParameterRefused(
                    self.name, f"cannot be compared with {bound}.", "Use the same unit as its bounds."
                )
            if difference == beyond:
                unit = " characters" if self.type == "text" else ""
                raise ParameterRefused(self.name, f"is {word} {bound}{unit}.", self._bounds())
        if self.options and value not in self.options:
            raise ParameterRefused(self.name, "is none of its options.", f"Choose one of: {', '.join(self.options)}.")
        return value

    def _bounds(self) -> str:
        if self.min is None:
            return f"Choose at most {self.max}."
        return f"Choose at least {self.min}." if self.max is None else f"Choose from {self.min} to {self.max}."

    def _measure(self, value: JSON) -> Any:
        """What bounds are compared with, None when the value is not of the type."""
        if self.type == "yes or no":
            return value if isinstance(value, bool) else None
        if self.type in ("whole number", "number"):
            fits = isinstance(value, int) or (self.type == "number" and isinstance(value, float))
            return value if fits and not isinstance(value, bool) and abs(value) < 2**53 else None
        if not isinstance(value, str):
            return None
        if self.type == "text":
            return len(value)
        if self.type == "date":
            return _day(value)
        return _duration(value)


_EXAMPLES = {
    "whole number": "Write one such as 15.",
    "number": "Write one such as 1.5.",
    "yes or no": "Write true or false.",
    "text": "Write it in quotes.",
    "date": "Write one such as 2026-12-29.",
    "duration": "Write one such as P15D, PT36H or P3M; six weeks are P42D.",
}


def read_parameter(name: str, table: Table) -> Parameter:
    """The parameter that a [parameters.<name>] table declares; what is wrong with it is noted in its file."""
    if not _NAME.match(name):
        table.say(None, f"{name[:60]} is not a name.", "Use lower-case words joined by underscores.")
    kind = table.choice("type", TYPES, required=True)
    bounds = [_plain(table.any(key)) for key in ("min", "max")]
    parameter = Parameter(
        name=name,
        type=kind,
        default=_plain(table.any("default")),
        min=bounds[0],
        max=bounds[1],
        options=table.texts("options"),
        label=table.text("label", required=True),
        reason=table.text("reason", required=True),
        tag=table.choice("tag", LABELS, required=True),
        local=_local(table),
    )
    table.done()
    if kind:
        _check_declaration(parameter, table)
    return parameter


def _local(table: Table) -> bool:
    value = table.any("local")
    if value is not None and not isinstance(value, bool):
        table.say("local", "local is neither true nor false.", "Write local = false where only a release changes it.")
    return value is not False


def _check_declaration(parameter: Parameter, table: Table) -> None:
    if parameter.type == "yes or no" and (parameter.min is not None or parameter.max is not None):
        table.say("min", "A yes or no has no bounds.", "Remove min and max.")
        return
    unbounded = Parameter(parameter.name, parameter.type, None)
    for key, bound in (("min", parameter.min), ("max", parameter.max)):
        as_bound = Parameter(parameter.name, "whole number", None) if parameter.type == "text" else unbounded
        if bound is not None and as_bound._measure(bound) is None:
            table.say(key, f"{key} is not a {as_bound.type}.", _EXAMPLES[as_bound.type])
            return
    if parameter.default is None:
        table.say("default", "default is missing.", f"Add default = a {parameter.type}.")
        return
    try:
        parameter.check(parameter.default)
    except ParameterRefused as refused:
        table.say("default", f"default {refused.why}", refused.mend)


def _plain(value: Any) -> JSON:
    """A TOML value as JSON: dates become ISO text."""
    return value.isoformat() if isinstance(value, date) else value


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _duration(text: str) -> tuple[str, int] | None:
    """('months', n) or ('seconds', n), None when the text is no duration that FEEL reads."""
    if text.endswith(("P", "T")):
        return None
    months = _MONTHS.match(text)
    if months is not None:
        return "months", int(months["years"] or 0) * 12 + int(months["months"] or 0)
    days = _DAYS.match(text)
    if days is None:
        return None
    hours = int(days["days"] or 0) * 24 + int(days["h"] or 0)
    return "seconds", (hours * 60 + int(days["m"] or 0)) * 60 + int(days["s"] or 0)


def _compare(measure: Any, limit: Any) -> int | None:
    """-1, 0 or 1; None where the two cannot be compared (months with days)."""
    if isinstance(measure, tuple) and (not isinstance(limit, tuple) or measure[0] != limit[0]):
        return None
    return 1 if measure > limit else -1 if measure < limit else 0

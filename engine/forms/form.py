"""A form and its answers: the server's own check is the only truth about what was answered."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, cast

from engine.errors import AnswersRefused, FieldProblem, Incident
from engine.feel import Environment, Expression, to_json
from engine.forms.answers import AnswerRefused, is_blank, read_answer
from engine.forms.fields import CHOOSING, Field, Item, Option, fields_of
from engine.history import JSON


@dataclass(frozen=True)
class Form:
    """One form as it was published.

    id      what a user task names
    layout  what stands on the page, in order: fields, passages, lines, and groups of them
    """

    id: str
    filename: str
    layout: tuple[Item, ...]

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """Every field by key, in the order of the page, those in groups included."""
        return MappingProxyType({field.key: field for field, _ in fields_of(self.layout)})

    @cached_property
    def _conditions(self) -> Mapping[str, tuple[Expression, ...]]:
        return {field.key: conditions for field, conditions in fields_of(self.layout) if conditions}

    def check(self, answers: Mapping[str, Any], scope: Mapping[str, Any], environment: Environment) -> dict[str, JSON]:
        """The answers as they are kept: one entry per field, null where nothing was answered or the field is hidden.

        `scope` is what expressions may read beside the answers: `case`, `parameters` and the variables in reach.
        Raises AnswersRefused with a sentence per field, and Incident where a rule of the form itself cannot be read.
        """
        problems = [
            FieldProblem(ascii(key[:64]).strip("'"), "This form has no such question. Reload the page.")
            for key in answers
            if key not in self.fields
        ]
        clean, refused, hidden = self._read(answers, scope, environment)
        problems += [FieldProblem(key, message) for key, message in refused.items() if key not in hidden]
        for key, field in self.fields.items():
            # A rule that reads an answer which was refused cannot be kept or broken yet: that answer comes first.
            if field.check is None or key in hidden or key in refused or field.check.names & refused.keys():
                continue
            if not self._holds(field, field.check, scope, clean, environment):
                problems.append(FieldProblem(key, field.message))
        if problems:
            order = {key: number for number, key in enumerate(self.fields)}
            raise AnswersRefused(self.id, sorted(problems, key=lambda problem: order.get(problem.field, -1)))
        return clean

    def visible(self, answers: Mapping[str, Any], scope: Mapping[str, Any], environment: Environment) -> frozenset[str]:
        """The keys of the fields that these answers call for; answers that cannot be read count as not given."""
        return frozenset(self.fields) - self._read(answers, scope, environment)[2]

    def worked_out(
        self, answers: Mapping[str, Any], scope: Mapping[str, Any], environment: Environment
    ) -> dict[str, JSON]:
        """The answers that nobody can give, as these others make them; null where one cannot be told yet."""
        clean = self._read(answers, scope, environment)[0]
        return {key: clean[key] for key, field in self.fields.items() if field.fixed}

    def initial(self, scope: Mapping[str, Any], environment: Environment) -> dict[str, JSON]:
        """What stands in the fields before anybody answers: by `value`, else the default; only where there is any.

        A `value` may read what stands in the fields above it: a day on which something is sent, and so a deadline.
        """
        found: dict[str, JSON] = {}
        for key, field in self.fields.items():
            context = _context(scope, {**dict.fromkeys(self.fields), **found})
            value = field.default if field.value is None else to_json(field.value.value(context, environment))
            if value is not None:
                found[key] = value
        return found

    def options(self, key: str, scope: Mapping[str, Any], environment: Environment) -> tuple[Option, ...]:
        """The answers offered to a choosing field in this case."""
        field = self.fields[key]
        return _offered(field, _context(scope, dict.fromkeys(self.fields)), environment)

    def describe(self) -> dict[str, Any]:
        """What somebody who writes a scenario must know about the form. JSON."""
        return {"id": self.id, "fields": [field.describe() for field in self.fields.values()]}

    def _read(
        self, answers: Mapping[str, Any], scope: Mapping[str, Any], environment: Environment
    ) -> tuple[dict[str, JSON], dict[str, str], frozenset[str]]:
        """Answers as kept, refusals by key, and the hidden fields; hiding one may hide or show others in turn."""
        hidden: frozenset[str] = frozenset()
        for _round in range(len(self.fields) + 1):
            clean, refused = self._read_shown(answers, hidden, scope, environment)
            context = _context(scope, clean)
            now = frozenset(
                key
                for key, conditions in self._conditions.items()
                if any(condition.value(context, environment) is True for condition in conditions)
            )
            if now == hidden:
                return clean, refused, hidden
            hidden = now
        raise Incident(f"Form {self.id}: its fields hide and show each other without end. Correct their conditions.")

    def _read_shown(
        self, answers: Mapping[str, Any], hidden: frozenset[str], scope: Mapping[str, Any], environment: Environment
    ) -> tuple[dict[str, JSON], dict[str, str]]:
        clean: dict[str, JSON] = dict.fromkeys(self.fields)
        refused: dict[str, str] = {}
        context = _context(scope, clean)
        for key, field in self.fields.items():
            if key in hidden:
                continue
            raw = answers.get(key)
            try:
                if field.fixed:
                    raw = _fixed(field, raw, context, environment)
                options = _offered(field, context, environment) if field.type in CHOOSING and raw is not None else ()
                clean[key] = read_answer(field, raw, options, context, environment)
            except AnswerRefused as refusal:
                refused[key] = str(refusal)
        return clean, refused

    def _holds(
        self,
        field: Field,
        check: Expression,
        scope: Mapping[str, Any],
        clean: dict[str, JSON],
        environment: Environment,
    ) -> bool:
        """Whether a field's check is true; anything else, null included, refuses the answer."""
        outcome = check.evaluate(_context(scope, clean), environment)
        for diagnostic in outcome.diagnostics:
            if diagnostic.kind == "unknown name":
                raise Incident(f"Form {self.id}, field {field.key}: its check cannot be read. {diagnostic.message}")
        return outcome.value is True


def _context(scope: Mapping[str, Any], answers: dict[str, Any]) -> Mapping[str, Any]:
    """The answers before everything else in reach. Nothing writes through it."""
    return ChainMap(answers, cast("MutableMapping[str, Any]", scope))


def _fixed(field: Field, raw: Any, context: Mapping[str, Any], environment: Environment) -> Any:
    """A fixed field's answer is what the case says; handing in another is refused, handing in none is not."""
    value = field.default if field.value is None else to_json(field.value.value(context, environment))
    if not is_blank(raw) and raw != value and str(raw) != str(value):
        raise AnswerRefused(f"‘{field.title}’ cannot be changed here. Reload the page to see what it is.")
    return value


def _offered(field: Field, context: Mapping[str, Any], environment: Environment) -> tuple[Option, ...]:
    if field.options_from is None:
        return field.options
    offered = to_json(field.options_from.value(context, environment))
    options = []
    for item in offered if isinstance(offered, list) else []:
        if isinstance(item, Mapping):
            value = item.get("value")
            options.append(Option(value, str(item.get("label") or value)))
        else:
            options.append(Option(item, str(item)))
    return tuple(option for option in options if isinstance(option.value, str | int | float))

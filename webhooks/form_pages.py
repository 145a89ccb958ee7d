"""A task's form-js form as the questions of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from engine.feel import Environment
from engine.forms import Field, Form, Group, Item, Line, Passage
from engine.history import JSON
from webhooks.questions import Choice, Question, filled

#: A list longer than this is a drop-down; up to it, radio buttons are read and chosen at a glance.
MOST_RADIOS = 12

_KINDS = {
    "textfield": "text",
    "textarea": "long text",
    "number": "number",
    "checkbox": "tick",
    "radio": "one",
    "select": "listed",
    "checklist": "several",
    "taglist": "several",
}
_MOMENTS = {"date": "date", "time": "time", "datetime": "moment"}


#: How the text of a letter is written.
LETTER_HINT = "A line that begins with # is a heading. An empty line begins a new paragraph."


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What the words and conditions of a form read in this case, with these answers."""

    form: Form
    scope: Mapping[str, Any]
    answers: Mapping[str, JSON]
    environment: Environment
    asked: frozenset[str]
    #: Whether the form holds the text of a letter.
    letter: bool = False

    @property
    def context(self) -> dict[str, Any]:
        return {**self.scope, **dict.fromkeys(self.form.fields), **self.answers}

    @property
    def called(self) -> dict[str, str]:
        """What the form's own answers are called by their values: a table may recommend one by the same word."""
        found: dict[str, set[str]] = {}
        for field in self.form.fields.values():
            for option in field.options:
                if isinstance(option.value, str):
                    found.setdefault(option.value.lower(), set()).add(option.label)
        return {value: labels.pop() for value, labels in found.items() if len(labels) == 1}


#: What stands where an answer that nobody gives cannot be told: it follows from the others, or from the case.
FROM_ANSWERS, NOT_KNOWN = "Worked out from your answers when you continue", "Not known"


class Asks(Protocol):
    """What is asked with a form: the form, what its words and conditions may read, and what stands in it."""

    @property
    def form(self) -> Form | None:
        """The form; None where nothing is asked."""

    @property
    def scope(self) -> Mapping[str, Any]:
        """What the form may read."""

    @property
    def prefill(self) -> Mapping[str, JSON]:
        """What stands in it before anybody writes."""


def questions_of(
    view: Asks, environment: Environment, answers: Mapping[str, JSON] | None = None, *, letter: bool = False
) -> tuple[Question, ...]:
    """The questions of a task, filled with what is known; `answers` are those given so far, None for a fresh page.

    letter  whether its field `text` holds the text of a letter
    """
    if view.form is None:
        return ()
    known = {
        **_listed(view.form, view.scope),
        **view.form.initial(view.scope, environment),
        **_fitting(view.form, view.prefill),
    }
    given = known if answers is None else answers
    if answers is not None:
        worked = view.form.worked_out(answers, view.scope, environment)
        known = {key: value for key, value in {**known, **worked}.items() if key not in worked or value is not None}
    asked = view.form.visible(given, view.scope, environment)
    sheet = _Sheet(view.form, view.scope, given, environment, asked, letter)
    return filled(_questions(view.form.layout, sheet, depends=False), known)


def shown_of(form: Form, scope: Mapping[str, Any], environment: Environment) -> tuple[Question, ...]:
    """Every question of a form as its page shows it, none answered and none hidden: for those who draw it."""
    sheet = _Sheet(form, scope, {}, environment, frozenset(form.fields))
    return _questions(form.layout, sheet, depends=False)


def _listed(form: Form, scope: Mapping[str, Any]) -> dict[str, JSON]:
    """Recipients as the case lists them, where a form asks for them and says nothing itself: three lists, never one."""
    case = scope.get("case")
    found: dict[str, JSON] = {}
    for key, field in form.fields.items():
        name = _LISTS.get(key.removesuffix("_recipients"))
        holds_list = field.as_list or field.type in ("checklist", "taglist")
        if name is not None and holds_list and isinstance(case, Mapping) and isinstance(case.get(name), list):
            found[key] = list(case[name])
    return found


#: What forms call a list of recipients (`<list>` or `<list>_recipients`), and the case's own list of that kind.
_LISTS = {
    "current_agencies": "current_agencies",
    "agencies": "current_agencies",
    "network": "current_agencies",
    "professionals": "current_agencies",
    "parent": "parents",
    "parents": "parents",
    "icpc_invitee": "icpc_invitees",
    "icpc_invitees": "icpc_invitees",
    "cprc_party": "cprc_parties",
    "cprc_parties": "cprc_parties",
}


def _fitting(form: Form, prefill: Mapping[str, JSON]) -> dict[str, JSON]:
    return {key: value for key, value in prefill.items() if key in form.fields}


def _questions(items: Sequence[Item], sheet: _Sheet, *, depends: bool) -> tuple[Question, ...]:
    asked: list[Question] = []
    for position, item in enumerate(items):
        match item:
            case Field():
                asked.append(_question(item, sheet, depends=depends))
            case Group():
                inner = _questions(item.items, sheet, depends=depends or item.hide is not None)
                label = item.label.render(sheet.context, sheet.environment)
                kind = "group" if label else "together"
                asked.append(Question(f"group-{position}", kind, label, inner=inner))
            case Passage():
                asked.append(_passage(item, sheet, position))
            case Line():
                asked.append(Question(f"line-{position}", "rule"))
    return tuple(asked)


def _passage(passage: Passage, sheet: _Sheet, position: int) -> Question:
    hidden = passage.hide is not None and passage.hide.value(sheet.context, sheet.environment) is True
    return Question(
        f"passage-{position}",
        "words",
        passage.words.render(sheet.context, sheet.environment, sheet.called),
        depends=passage.hide is not None,
        asked=not hidden,
    )


def _question(field: Field, sheet: _Sheet, *, depends: bool) -> Question:
    kind = _MOMENTS[field.subtype] if field.type == "datetime" else _KINDS[field.type]
    choices: tuple[Choice, ...] = ()
    if kind in ("one", "listed", "several"):
        offered = sheet.form.options(field.key, sheet.scope, sheet.environment)
        choices = tuple(Choice(option.value, option.label) for option in offered)
        if kind == "listed" and len(choices) <= MOST_RADIOS // 2:
            kind = "one"
        elif kind == "one" and len(choices) > MOST_RADIOS:
            kind = "listed"
    if kind == "long text" and field.as_list:
        kind = "lines"
    return Question(
        name=field.key,
        kind="fixed" if field.fixed else kind,
        label=field.label.render(sheet.context, sheet.environment) or field.title,
        hint=field.help.render(sheet.context, sheet.environment) or ("" if field.fixed else _hint(field, kind, sheet)),
        choices=choices,
        optional=_may_stay_blank(field, kind, sheet),
        depends=depends or field.hide is not None,
        asked=field.key in sheet.asked,
        longest=field.longest if kind == "long text" else None,
        prefix=field.prefix or None,
        suffix=field.suffix or None,
        others=field.others,
        untold=FROM_ANSWERS if field.value is not None and field.value.names & sheet.form.fields.keys() else NOT_KNOWN,
    )


def _may_stay_blank(field: Field, kind: str, sheet: _Sheet) -> bool:
    """Whether a question is called optional: blank it is not refused here, and it has no answer "unknown"."""
    if field.required or field.fixed or kind == "tick" or any(option.value == "unknown" for option in field.options):
        return False
    if field.check is None:
        return True
    return field.check.evaluate({**sheet.context, field.key: None}, sheet.environment).value is True


def _hint(field: Field, kind: str, sheet: _Sheet) -> str | None:
    if sheet.letter and field.key == "text":
        return LETTER_HINT
    return {"lines": "Write each on a line of its own.", "several": "Choose all that apply."}.get(kind)

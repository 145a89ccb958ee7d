"""Answers before they count: shown in words, carried from page to page, and kept to copy where they cannot be taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from engine.casework import TaskView
from engine.forms import Form
from engine.forms.fields import CHOOSING
from engine.history import JSON
from webhooks.questions import PARTS, Question, date_of, flat
from webhooks.words import a_date, said

#: What a form carries beside its answers.
OWN = frozenset({"csrf_token", "form_key", "next", "checked", "seen"})
_SILENT = frozenset({"words", "rule", "group", "together"})


def newly_asked(asked: Iterable[Question], form: MultiDict[str, str]) -> list[str]:
    """Questions that these answers call for and the page did not show: they are asked before anything is refused."""
    if "seen" not in form:
        return []
    seen = set(form.get("seen", "").split())
    return [
        one.name
        for one in flat(asked)
        if one.depends and one.asked and one.kind not in _SILENT and one.name not in seen
    ]


def rows(view: TaskView, asked: Iterable[Question], checked: Mapping[str, JSON]) -> list[dict[str, Any]]:
    """The answers as they would be kept, in the order of the page; those that do not apply are left out."""
    return [
        {"name": one.name, "label": one.label, "value": in_words(one, checked.get(one.name)), "first": one.first,
         "fixed": one.kind == "fixed", "letter": view.letter is not None and one.name == "text"}
        for one in flat(asked)
        if one.asked and one.kind not in _SILENT and one.name in checked
    ]  # fmt: skip


def in_words(question: Question, value: JSON) -> str:
    """One answer as people read it."""
    if value is None or value == "" or value == []:
        return "Not answered" if question.kind not in ("one", "listed") else _label(question, None) or "Not answered"
    listed = value if isinstance(value, list) else [value]
    return ("\n" if isinstance(value, list) else ", ").join(_label(question, one) or said(one) for one in listed)


def _label(question: Question, value: JSON) -> str:
    for choice in question.choices:
        if choice.value == value and isinstance(choice.value, bool) == isinstance(value, bool):
            return choice.label
    return ""


def carried(form: MultiDict[str, str]) -> list[tuple[str, str]]:
    """Every input of the form as it came, to be sent again with the word that the answers were checked."""
    return [(name, value) for name in form if name not in OWN for value in form.getlist(name)]


def fitting(draft: Mapping[str, JSON] | None) -> dict[str, Any]:
    """A draft as the texts of a page."""
    return dict(draft or {})


def written(shown: Sequence[Question], texts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was typed, question by question, for somebody who may not send it any more."""
    found = [(one.label, _as_text(texts.get(one.name))) for one in flat(shown) if one.kind not in _SILENT]
    return [(label, text) for label, text in found if text]


def typed_for(form: Form | None, sent: MultiDict[str, str]) -> list[tuple[str, str]]:
    """What was typed into a form that is no longer asked, with its questions where they are still known."""
    parts: dict[str, list[str]] = {}
    dates: dict[str, dict[str, str]] = {}
    for name, value in carried(sent):
        field = name
        for ending in ("-day", "-month", "-year", "-time", "-others"):
            field = field.removesuffix(ending)
        part = name.removeprefix(f"{field}-")
        if part in PARTS and value.strip():
            parts.setdefault(field, [])
            dates.setdefault(field, {})[part] = value.strip()
        elif value.strip():
            parts.setdefault(field, []).append(_chosen(form, field, value.strip()))
    for field, typed in dates.items():
        parts[field].insert(0, _day(typed))
    titles = {key: field.title for key, field in form.fields.items()} if form is not None else {}
    return [
        (titles.get(field, field.replace("_", " ").capitalize()), " ".join(texts)) for field, texts in parts.items()
    ]


def _chosen(form: Form | None, field: str, value: str) -> str:
    """What was chosen in the words that were offered; everything else as it was typed."""
    if form is None or field not in form.fields:
        return value
    asked = form.fields[field]
    offered = {str(option.value): option.label for option in asked.options}
    yes_or_no = (
        {"true": "Yes", "yes": "Yes", "false": "No"} if asked.type in CHOOSING or asked.type == "checkbox" else {}
    )
    return offered.get(value) or yes_or_no.get(value, value)


def _day(typed: Mapping[str, Any]) -> str:
    """A date that was typed as a day, a month and a year: in words where it is one, else as it was typed."""
    parts = {part: str(typed.get(part) or "").strip() for part in PARTS}
    day = date_of(parts)
    return a_date(day) if isinstance(day, str) else " ".join(part for part in parts.values() if part)


def _as_text(typed: Any) -> str:
    if isinstance(typed, Mapping):
        others = (str(part) for name, part in typed.items() if name not in PARTS and part)
        return " ".join(part for part in (_day(typed), *others) if part)
    if isinstance(typed, list):
        return "\n".join(str(one) for one in typed)
    return "" if typed in (None, True, False) else str(typed)

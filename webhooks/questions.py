"""A question as a page asks it and as its answer comes back: whoever wrote the form, it looks and reads the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict

from engine import forms
from engine.errors import FieldProblem
from engine.history import JSON
from webhooks.words import said

#: How a question is asked; each is one branch of templates/parts/questions.html.
KINDS = (
    "text",  # one line
    "long text",
    "number",
    "date",  # day, month, year
    "time",
    "moment",  # a date and a time
    "tick",  # one box: yes where it is ticked
    "one",  # one of several, as radio buttons
    "listed",  # one of many, as a list
    "several",  # any of several, as boxes
    "lines",  # any number of texts, one a line
    "fixed",  # an answer that is shown and cannot be changed here
    "words",  # nothing to answer: Markdown to read
    "group",  # questions that belong together, under a heading
    "together",  # the same without a heading
    "rule",  # a line between questions
)
PARTS = ("day", "month", "year")
#: What the texts of some kinds are held as; of all others a text.
_HELD_AS: Mapping[str, type] = {"date": dict, "moment": dict, "tick": bool, "several": list}
_NOTHING_TYPED = {"day": "", "month": "", "year": "", "time": ""}
_WHOLE = re.compile(r"^-?\d{1,15}$")
_DECIMAL = re.compile(r"^-?\d{0,15}(\.\d{1,15})?$")
_TIME = re.compile(r"^(\d{1,2})[:.](\d{2})(?: ?(am|pm))?$", re.IGNORECASE)
_MONTHS = {
    month: number
    for number, month in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers offered; `says` is what the browser sends for `value`."""

    value: JSON
    label: str
    hint: str | None = None

    @property
    def says(self) -> str:
        """The value as an HTML form carries it."""
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        return "unknown" if self.value is None else str(self.value)


@dataclass(frozen=True, slots=True)
class Question:
    """One question, with what stands in it and what was wrong with it.

    name      of the input, and the key of its answer
    typed     what the person typed: a text, a list of texts, or day, month and year by name
    depends   the question is only asked where other answers call for it; without scripts it is always shown
    asked     whether the answers so far call for it
    untold    what stands in the place of a fixed answer that cannot be told yet
    """

    name: str
    kind: str
    label: str = ""
    hint: str | None = None
    choices: tuple[Choice, ...] = ()
    optional: bool = False
    typed: Any = ""
    error: str | None = None
    depends: bool = False
    asked: bool = True
    inner: tuple[Question, ...] = ()
    longest: int | None = None
    prefix: str | None = None
    suffix: str | None = None
    others: bool = False
    untold: str = "Not known"

    @property
    def added(self) -> str:
        """What was typed beside the choices offered, one a line."""
        offered = {choice.says for choice in self.choices}
        return "\n".join(text for text in self.typed or () if text not in offered)

    @property
    def first(self) -> str:
        """The id of the input an error leads to."""
        return f"{self.name}-day" if self.kind in ("date", "moment") else self.name


@dataclass(frozen=True, slots=True)
class Typed:
    """What came back from a page: the answers as far as they could be read, and the texts exactly as typed.

    unclear  questions of one answer that came with several: none of them is taken for the one that was meant
    """

    answers: Mapping[str, JSON]
    texts: Mapping[str, Any] = field(repr=False)
    unclear: tuple[FieldProblem, ...] = ()


def read(questions: Iterable[Question], form: MultiDict[str, str]) -> Typed:
    """The answers to these questions; a blank is None, and what cannot be read stays text for its check to refuse."""
    answers: dict[str, JSON] = {}
    texts: dict[str, Any] = {}
    unclear: list[FieldProblem] = []
    for question in flat(questions):
        if question.kind in ("words", "rule", "group", "together", "fixed"):
            continue
        if _several_sent(question, form):
            unclear.append(FieldProblem(question.name, f"Give one answer to ‘{question.label}’: several were sent."))
        texts[question.name] = _texts(question, form)
        answers[question.name] = _answer(question, texts[question.name])
    return Typed(answers, texts, tuple(unclear))


def read_texts(questions: Iterable[Question], texts: Mapping[str, Any]) -> dict[str, JSON]:
    """The answers in texts that were kept earlier, as far as they fit the questions that are asked today."""
    answers: dict[str, JSON] = {}
    for question in flat(questions):
        typed = texts.get(question.name)
        if typed is not None and isinstance(typed, _HELD_AS.get(question.kind, str)):
            answers[question.name] = _answer(
                question, {**_NOTHING_TYPED, **typed} if isinstance(typed, dict) else typed
            )
    return answers


def shown_again(
    questions: Sequence[Question], texts: Mapping[str, Any], problems: Iterable[FieldProblem] = ()
) -> tuple[Question, ...]:
    """The same questions with what was typed, and beside each what was wrong with it."""
    wrong = {problem.field: problem.message for problem in reversed(tuple(problems))}

    def again(question: Question) -> Question:
        return replace(
            question,
            typed=texts.get(question.name, question.typed),
            error=wrong.get(question.name),
            inner=tuple(again(one) for one in question.inner),
        )

    return tuple(again(question) for question in questions)


def filled(questions: Sequence[Question], answers: Mapping[str, JSON]) -> tuple[Question, ...]:
    """The same questions with answers that are known already, written as a person would type them."""

    def fill(question: Question) -> Question:
        known = question.name in answers
        return replace(
            question,
            typed=as_typed(question, answers[question.name]) if known else question.typed,
            inner=tuple(fill(one) for one in question.inner),
        )

    return tuple(fill(question) for question in questions)


def summary(questions: Sequence[Question], problems: Iterable[FieldProblem]) -> list[dict[str, str]]:
    """The list at the top of the page: each problem leads to its question."""
    places = {question.name: question.first for question in flat(questions)}
    return [
        {"text": problem.message, "href": f"#{places[problem.field]}"}
        if problem.field in places
        else {"text": f"{problem.field}: {problem.message}"}
        for problem in problems
    ]


def flat(questions: Iterable[Question]) -> Iterable[Question]:
    """Every question, those in groups included, in the order of the page."""
    for question in questions:
        yield question
        yield from flat(question.inner)


def as_typed(question: Question, value: JSON) -> Any:
    """An answer as it would stand in its inputs."""
    if question.kind in ("date", "moment"):
        return _parts_of(value)
    if question.kind == "several":
        return [Choice(item, "").says for item in value or []]
    if question.kind == "lines":
        return "\n".join(str(item) for item in value or [])
    if question.kind in ("one", "listed"):
        return next((choice.says for choice in question.choices if _same(choice.value, value)), "")
    if question.kind == "tick":
        return value is True
    if question.kind == "fixed":
        if isinstance(value, list):
            return "\n".join(said(item) for item in value)
        return next((choice.label for choice in question.choices if _same(choice.value, value)), said(value))
    return "" if value is None else str(value)


def _several_sent(question: Question, form: MultiDict[str, str]) -> bool:
    """Whether a question of one answer came with several that differ."""
    name = question.name
    inputs = {"date": PARTS, "moment": (*PARTS, "time")}.get(question.kind)
    sent = [f"{name}-{part}" for part in inputs] if inputs else [name]
    return question.kind != "several" and any(len(set(form.getlist(one))) > 1 for one in sent)


def _texts(question: Question, form: MultiDict[str, str]) -> Any:
    name = question.name
    if question.kind in ("date", "moment"):
        parts = {part: form.get(f"{name}-{part}", "").strip() for part in PARTS}
        return parts if question.kind == "date" else {**parts, "time": form.get(f"{name}-time", "").strip()}
    if question.kind == "several":
        added = form.get(f"{name}-others", "").replace("\r\n", "\n").split("\n") if question.others else []
        return form.getlist(name) + [line.strip() for line in added if line.strip()]
    if question.kind == "tick":
        return form.get(name) == "yes"
    return form.get(name, "").replace("\r\n", "\n").strip()


def _answer(question: Question, typed: Any) -> JSON:
    match question.kind:
        case "date":
            return date_of(typed)
        case "moment":
            on, at = date_of(typed), _time(typed["time"])
            if on is None and at is None:
                return None
            return f"{on}T{at}" if isinstance(on, str) and at else {"date": on or "", "time": at or ""}
        case "time":
            return _time(typed)
        case "number":
            return _number(typed)
        case "tick":
            return bool(typed)
        case "several":
            return [_chosen(question, text) for text in typed]
        case "lines":
            return [line.strip() for line in typed.split("\n") if line.strip()]
        case "one" | "listed":
            return _chosen(question, typed) if typed else None
    return typed or None


def _chosen(question: Question, text: str) -> JSON:
    return next((choice.value for choice in question.choices if choice.says == text), text)


def _same(one: JSON, other: JSON) -> bool:
    """Equal, and true is not 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def date_of(parts: Mapping[str, str]) -> JSON:
    """ISO text of the date typed; where it is no date, the parts as typed: the check can say what is missing."""
    if not any(parts[part] for part in PARTS):
        return None
    month = _MONTHS.get(parts["month"][:3].lower(), parts["month"])
    try:
        return date(int(parts["year"]), int(month), int(parts["day"])).isoformat()
    except (ValueError, OverflowError):
        return {part: parts[part] for part in PARTS}


def _time(text: str) -> str | None:
    if not text:
        return None
    found = _TIME.match(text.strip())
    if found is None:
        return text
    hour, minute = int(found[1]), int(found[2])
    half = (found[3] or "").lower()
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return f"{hour:02d}:{minute:02d}" if hour < 24 and minute < 60 else text


def _number(text: str) -> JSON:
    plain = text.replace(",", "").replace(" ", "")
    if not plain:
        return None
    if _WHOLE.match(plain):
        return int(plain)
    return float(plain) if _DECIMAL.match(plain) and plain.strip("-.") else text


def _parts_of(value: JSON) -> dict[str, str]:
    try:
        on = date.fromisoformat(str(value)[:10])
    except ValueError:
        return {**dict.fromkeys(PARTS, ""), "time": ""}
    time = str(value)[11:16] if len(str(value)) > 10 else ""
    return {"day": str(on.day), "month": str(on.month), "year": str(on.year), "time": time}


def left_open(question: Question) -> str:
    """What is said of a question that was not answered."""
    return forms.left_open(question.label, "one" if question.kind == "listed" else question.kind)

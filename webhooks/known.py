"""What a film shows as known before and after a step: in the words of forms, diagrams and facts, its name beside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.case.confidential import is_withheld
from engine.casework import CaseView
from engine.casework.film import Change
from engine.forms import Form
from webhooks import diagrams, facts
from webhooks.film import answered, asks, value
from webhooks.words import coded, said

#: What an option is kept as, where a person would not read it: never a number, a name or a sentence.
_WORDED = re.compile(r"[A-Za-z]+(?:_[A-Za-z0-9]+)*")


#: What the facts of a case may be, where forms word it differently.
_OF_FACTS = {str(one): words for fact in facts.FACTS.values() for one, words in (fact.choices or {}).items() if one}


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that changed: in words, its own name and where it stands, and both values, a line for each part."""

    what: str
    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]


class Known:
    """The words for everything that a case's pathways know."""

    def __init__(self, case: CaseView) -> None:
        self._forms: dict[str, Form] = {name: form for one in case.pathways for name, form in one.forms.items()}
        self._answers = _answers(self._forms.values())
        self._steps: dict[str, diagrams.Writer] = {}
        self._pathways: dict[str, str] = {}
        for pathway in case.pathways:
            for content in pathway.diagrams.values():
                self._steps |= diagrams.writers_in(content)
                self._pathways |= diagrams.titles_in(content)

    def change(self, one: Change) -> Told:
        """What was known before and after, in words."""
        scope, _, name = one.name.partition(".")
        if scope == "case":
            return Told(facts.label(name), name, (_fact(name, one.before),), (_fact(name, one.after),))
        step = self._steps.get(one.name)
        title = step.title if step is not None else diagrams.in_words(name)
        beside = f"{name}, in: {self._pathways.get(scope) or diagrams.in_words(scope)}"
        form = self._forms.get(step.form) if step is not None else None
        return Told(title, beside, tuple(_lines(one.before, form)), tuple(_lines(one.after, form)))

    def input(self, held: Any) -> str:
        """What a table was asked about: an answer in the words of its form, a code in words, nothing as such."""
        if isinstance(held, list):
            return ", ".join(self.input(one) for one in held) or "none"
        if isinstance(held, str):
            return self._answers.get(held) or _OF_FACTS.get(held) or said(coded(held)) or "empty"
        return value(held)


def _answers(forms: Iterable[Form]) -> dict[str, str]:
    """The options of all questions, value to words; one that forms word differently has none."""
    words: dict[str, set[str]] = {}
    for form in forms:
        for field in form.fields.values():
            for option in field.options:
                words.setdefault(str(option.value), set()).add(option.label)
    return {one: next(iter(labels)) for one, labels in words.items() if len(labels) == 1 and _WORDED.fullmatch(one)}


def _fact(name: str, held: Any) -> str:
    if name in facts.FACTS or is_withheld(held) or held in (None, ""):
        return facts.say(name, held)
    return value(held)


def _lines(held: Any, form: Form | None) -> Iterator[str]:
    """A value line by line: each answer below its question, each part of a table's result below its name."""
    if not isinstance(held, Mapping) or is_withheld(held):
        yield said(coded(held)) if isinstance(held, str) else value(held)
        return
    for key, answer in held.items():
        field = form.fields.get(str(key)) if form is not None else None
        if field is not None:
            question = asks(field)
            yield f"{question}{' ' if question.endswith('?') else ': '}{answered(field, answer, 'no answer')} [{key}]"
        else:
            yield f"{diagrams.in_words(str(key))}: {said(coded(answer)) if isinstance(answer, str) else value(answer)}"
    if not held:
        yield "nothing"

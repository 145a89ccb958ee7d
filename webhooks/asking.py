"""A page with questions, asked for the first time or again with what was typed and what was wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from engine.errors import AboutPeople, EngineError, FieldProblem, Refused
from webhooks import questions
from webhooks.questions import Question, Typed
from webhooks.surroundings import person_name


class Unanswered(Refused):
    """Questions were left open or could not be read; each problem names its question."""

    def __init__(self, *problems: FieldProblem) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = problems


def page_of(
    asked: Sequence[Question], texts: Mapping[str, Any] | None = None, refusal: EngineError | None = None
) -> dict[str, Any]:
    """What the page shows: the questions, their problems, or one sentence for the page as a whole."""
    names = {one.name for one in questions.flat(asked)}
    problems = [problem for problem in getattr(refusal, "problems", ()) if problem.field in names]
    shown = questions.shown_again(asked, texts or {}, problems)
    return {
        "questions": shown,
        "problems": questions.summary(shown, problems),
        "refusal": None if problems or refusal is None else sentence(refusal),
    }


def sentence(refusal: EngineError) -> str:
    """What a refusal says; people by their names."""
    return refusal.naming(person_name) if isinstance(refusal, AboutPeople) else str(refusal)


def check_answered(asked: Sequence[Question], typed: Typed) -> None:
    """Raise Unanswered where a question that is not optional has no answer or several, or a date is no date."""
    problems = list(typed.unclear)
    for one in questions.flat(asked):
        answer = typed.answers.get(one.name)
        if one.kind == "date" and answer is not None and _day(answer) is None:
            problems.append(FieldProblem(one.name, f"‘{one.label}’ must be a real date, such as 27 3 2026."))
        elif answer in (None, "", []) and not one.optional:
            problems.append(FieldProblem(one.name, questions.left_open(one)))
    if problems:
        raise Unanswered(*problems)


def refuse_unclear(typed: Typed) -> None:
    """Raise Unanswered where a question of one answer came with several."""
    if typed.unclear:
        raise Unanswered(*typed.unclear)


def day_of(typed: Typed, name: str) -> date | None:
    """The day answered to a question; None where it was left open."""
    return _day(typed.answers.get(name))


def text_of(typed: Typed, name: str) -> str:
    """The text answered to a question, '' where it was left open."""
    answer = typed.answers.get(name)
    return answer.strip() if isinstance(answer, str) else ""


def _day(answer: Any) -> date | None:
    try:
        return date.fromisoformat(answer) if isinstance(answer, str) else None
    except ValueError:
        return None

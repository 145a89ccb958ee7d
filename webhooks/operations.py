"""For those who keep the service running: in a demonstration, the clock."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.calendars import LONDON
from engine.errors import EngineError, FieldProblem, NotFound, Refused
from webhooks import questions
from webhooks.access import Audience, allows, practitioner
from webhooks.demonstration import Demonstration
from webhooks.desk import casework, demonstration
from webhooks.errors import ask_again
from webhooks.questions import Choice, Question
from webhooks.words import a_moment, counted

operations = Blueprint("operations", __name__)

#: No demonstration needs more than this at once.
FURTHEST = timedelta(days=366)
_STEPS = {
    "1": ("To tomorrow, 9am", timedelta(days=1)),
    "7": ("A week on, 9am", timedelta(days=7)),
    "14": ("Two weeks on, 9am", timedelta(days=14)),
    "date": ("To a date", None),
}


class TimeRefused(Refused):
    """A demonstration's clock cannot be set to that time."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.problems = (FieldProblem(field, sentence),)


@operations.get("/clock")
@allows(Audience.SIGNED_IN)
def clock() -> ResponseReturnValue:
    """The page that moves a demonstration's clock."""
    return _clock_page()


@operations.post("/clock")
@allows(Audience.SIGNED_IN)
def advance() -> ResponseReturnValue:
    """Move a demonstration's clock forward, stopping at everything that falls due on the way."""
    on_show = _on_show()
    asked = _clock_questions()
    typed = questions.read(asked, request.form)
    ask_again(lambda refusal: _clock_page(dict(typed.texts), refusal))
    done = on_show.advance(_wanted(typed.answers["how_far"], typed.answers["until"]), by=practitioner().id)
    said = f"The clock says {a_moment(on_show.clock.now())}. On the way, {counted(done.fired, 'thing')} fell due."
    if done.unread:
        count = counted(len(done.unread), "case")
        said += f" {count} cannot be read and stood still: under Audit, ‘Verify every case’ names what differs."
    flash(said)
    return redirect(url_for("operations.clock"), 303)


def _on_show() -> Demonstration:
    """The demonstration. Raises NotFound where the database is none."""
    found = demonstration()
    if found is None:
        raise NotFound("Only a demonstration’s clock can be moved.")
    return found


def _wanted(how_far: object, until: object) -> datetime:
    now = casework().clock.now().astimezone(LONDON)
    if how_far == "date":
        try:
            on = date.fromisoformat(str(until))
        except ValueError:
            raise TimeRefused("until", "‘Which date?’ must be a real date, such as 27 3 2026.") from None
    elif isinstance(how_far, str) and how_far in _STEPS:
        on = now.date() + (_STEPS[how_far][1] or timedelta())
    else:
        raise TimeRefused("how_far", "Choose how far to advance the clock.")
    wanted = datetime(on.year, on.month, on.day, 9, tzinfo=LONDON)
    if wanted <= now:
        raise TimeRefused("until", "The clock only moves forward. Choose a later date.")
    if wanted - now > FURTHEST:
        raise TimeRefused("until", "Advance at most a year at once.")
    return wanted


def _clock_questions() -> tuple[Question, ...]:
    choices = tuple(Choice(key, words) for key, (words, _) in _STEPS.items())
    return (
        Question("how_far", "one", "How far?", choices=choices),
        Question("until", "date", "Which date?", hint="Only if you chose ‘To a date’. For example, 27 3 2026."),
    )


def _clock_page(texts: dict[str, object] | None = None, refusal: EngineError | None = None) -> str:
    _on_show()
    problems = getattr(refusal, "problems", ()) if refusal is not None else ()
    shown = questions.shown_again(_clock_questions(), texts or {}, problems)
    return render_template(
        "operations/clock.html",
        questions=shown,
        problems=questions.summary(shown, problems),
        refusal=None if problems or refusal is None else str(refusal),
    )

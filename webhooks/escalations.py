"""The in-tray: what was put before a role, whose it is, since when and under which clause; acknowledged or answered."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import EngineError, NotFound, Refused
from engine.store.lists import TrayLine
from webhooks import diagrams, questions
from webhooks.access import Audience, allows, practitioner
from webhooks.desk import casework, posted_key
from webhooks.errors import ask_again
from webhooks.questions import Question
from webhooks.words import a_moment

escalations = Blueprint("escalations", __name__)

_SOURCES = {
    "diagram": "Raised in a pathway",
    "overdue": "Overdue",
    "incident": "Stopped, and nobody has looked at it",
    "life_event": "Something happened while nothing was under way",
}
#: Tasks shown above the escalations.
MOST_TASKS = 50


class AnswerMissing(Refused):
    """An escalation was to be answered without words."""

    def __init__(self) -> None:
        super().__init__("Write your answer.")


@escalations.get("/in-tray")
@allows(Audience.HEAD)
def in_tray() -> ResponseReturnValue:
    """What waits for the Head of Quality Assurance: tasks to decide, and escalations to know and answer."""
    person = practitioner()
    lines = [_line(line) for line in casework().escalations(person)]
    tasks = [item for item in casework().worklist(person, "team", limit=MOST_TASKS) if item.role in person.roles]
    return render_template("escalations/in_tray.html", escalations=lines, tasks=tasks)


@escalations.get("/in-tray/<case_id>/<int:number>")
@allows(Audience.HEAD)
def show(case_id: str, number: int) -> ResponseReturnValue:
    """One escalation, to acknowledge or to answer."""
    return _page(case_id, number)


@escalations.post("/in-tray/<case_id>/<int:number>/acknowledge")
@allows(Audience.HEAD)
def acknowledge(case_id: str, number: int) -> ResponseReturnValue:
    """Say that an escalation has been seen."""
    casework().answer_escalation(case_id, number, None, by=practitioner(), command_id=posted_key())
    flash("Acknowledged.")
    return redirect(url_for("escalations.in_tray"), 303)


@escalations.post("/in-tray/<case_id>/<int:number>")
@allows(Audience.HEAD)
def answer(case_id: str, number: int) -> ResponseReturnValue:
    """Answer an escalation in words, kept in the case's history."""
    words = request.form.get("answer", "").strip()
    ask_again(lambda refusal: _page(case_id, number, words, refusal))
    if not words:
        raise AnswerMissing
    casework().answer_escalation(case_id, number, words[:5000], by=practitioner(), command_id=posted_key())
    flash("Your answer is kept with the case.")
    return redirect(url_for("escalations.in_tray"), 303)


def _line(line: TrayLine) -> dict[str, object]:
    """A line of the tray in words."""
    row = line.row
    about = diagrams.in_words(row.element) if row.element else diagrams.in_words(row.code or row.source)
    return {
        "case_id": line.case_id,
        "label": line.label or line.case_id,
        "number": row.number,
        "state": row.state,
        "title": about,
        "why": _SOURCES.get(row.source, diagrams.in_words(row.source)),
        "since": row.raised_at,
        "clauses": row.clauses,
    }


def _page(case_id: str, number: int, typed: str = "", refusal: EngineError | None = None) -> str:
    """The page of one escalation. Raises NotFound where it is not, or no longer, in this person's tray."""
    found = [
        one for one in casework().escalations(practitioner()) if (one.case_id, one.row.number) == (case_id, number)
    ]
    if not found:
        raise NotFound(f"Escalation {number} of case {case_id} is not in your in-tray, or is answered already.")
    shown = _line(found[0])
    rows = [
        ("Child", shown["label"]),
        ("Case", case_id),
        ("Why it is here", shown["why"]),
        ("Since", a_moment(str(shown["since"]))),
        ("Clause", shown["clauses"] or "None named"),
    ]
    error = str(refusal) if refusal is not None else None
    asked = Question(
        "answer", "long text", "Your answer", hint="It is kept in the case’s history.", typed=typed, error=error
    )
    return render_template(
        "escalations/show.html",
        one=shown,
        rows=[{"key": {"text": key}, "value": {"text": value}} for key, value in rows],
        asked=asked,
        problems=questions.summary([asked], []) or ([{"text": error, "href": "#answer"}] if error else []),
    )

"""The in-tray: what was put before a role, whose it is, since when and under which clause; acknowledged or answered."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import EngineError, Refused
from webhooks import diagrams
from webhooks.access import Audience, allows, practitioner
from webhooks.desk import casework, posted_key
from webhooks.errors import ask_again
from webhooks.words import a_moment

escalations = Blueprint("escalations", __name__)

_SOURCES = {
    "diagram": "Raised in a pathway",
    "overdue": "A task is overdue",
    "incident": "A case has stopped and nobody has looked at it",
    "life_event": "Something happened to the child while nothing was under way",
}


class AnswerMissing(Refused):
    """An escalation was to be answered without words."""

    def __init__(self) -> None:
        super().__init__("Write your answer.")


@dataclass(frozen=True, slots=True)
class Again:
    """An answer that was refused: whose it was, what was typed and what was wrong."""

    key: str
    typed: str
    text: str


@escalations.get("/in-tray")
@allows(Audience.HEAD)
def in_tray() -> ResponseReturnValue:
    """What waits for the Head of Quality Assurance: tasks to decide, and escalations to know and answer."""
    return _tray_page()


@escalations.post("/in-tray/<case_id>/<int:number>/acknowledge")
@allows(Audience.HEAD)
def acknowledge(case_id: str, number: int) -> ResponseReturnValue:
    """Say that an escalation has been seen."""
    casework().answer_escalation(case_id, number, None, by=practitioner(), command_id=posted_key())
    flash("Acknowledged.")
    return redirect(url_for("escalations.in_tray"), 303)


@escalations.post("/in-tray/<case_id>/<int:number>/answer")
@allows(Audience.HEAD)
def answer(case_id: str, number: int) -> ResponseReturnValue:
    """Answer an escalation in words, kept in the case's history."""
    words = request.form.get("answer", "").strip()
    ask_again(lambda refusal: _tray_page(_again(case_id, number, words, refusal)))
    if not words:
        raise AnswerMissing
    casework().answer_escalation(case_id, number, words[:5000], by=practitioner(), command_id=posted_key())
    flash("Your answer is kept with the case.")
    return redirect(url_for("escalations.in_tray"), 303)


def _again(case_id: str, number: int, words: str, refusal: EngineError) -> Again:
    return Again(f"{case_id}-{number}", words, str(refusal))


def _tray_page(problem: Again | None = None) -> str:
    person = practitioner()
    lines = []
    for line in casework().escalations(person):
        rows = [("Child", line.label or line.case_id), ("Case", line.case_id), ("Since", a_moment(line.row.raised_at))]
        if line.row.element:
            rows.append(("Step", diagrams.in_words(line.row.element)))
        if line.row.clauses:
            rows.append(("Clause", line.row.clauses))
        lines.append(
            {
                "case_id": line.case_id,
                "number": line.row.number,
                "key": f"{line.case_id}-{line.row.number}",
                "state": line.row.state,
                "title": _SOURCES.get(line.row.source, diagrams.in_words(line.row.source)),
                "rows": [{"key": {"text": key}, "value": {"text": value}} for key, value in rows],
            }
        )
    tasks = [item for item in casework().worklist(person, "team", limit=50) if item.role in person.roles]
    problems = [{"text": problem.text, "href": f"#answer-{problem.key}"}] if problem else []
    shown = {"escalations": lines, "tasks": tasks, "problem": problem, "problems": problems}
    return render_template("escalations/in_tray.html", **shown)

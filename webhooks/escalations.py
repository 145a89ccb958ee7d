"""The in-tray: what was put before a role, whose it is, since when and under which clause; acknowledged or answered."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from engine.casework.people import HEAD
from engine.casework.trays import SOURCES, Matter, TrayItem
from engine.errors import EngineError, Refused
from webhooks import facts, questions
from webhooks.access import Audience, allows, practitioner
from webhooks.desk import casework, posted_key
from webhooks.errors import ask_again
from webhooks.questions import Question
from webhooks.surroundings import role_title
from webhooks.words import a_date, a_moment, counted, said

escalations = Blueprint("escalations", __name__)

WHY = {
    "diagram": "Raised in a pathway",
    "overdue": "Overdue",
    "incident": "Stopped, and nobody has mended it",
    "life_event": "Something happened that the policy leaves open",
    "correction": "Decided on an answer that was wrong",
    "reinstatement": "A plan is active again",
    "report": "Reported, and not to be taken as it stands",
}
#: Life events and codes that have no drawn element, in words.
_CODES = {
    "PlanReinstated": "Review a plan that is active again",
    "FactsRecorded": "What had happened was put right: say what is taken up again",
    "FoundOnRecord": "Found on the record: report it as a life event if nobody did",
}
_RUNGS = {"manager": "Overdue, and put before whoever manages it", "head": "Overdue, and put before the {}"}
#: Tasks shown above the escalations, and lines of the tray on a page.
MOST_TASKS, ON_A_PAGE = 50, 25
BREAK = Markup("<br>")


class AnswerMissing(Refused):
    """An escalation was to be answered without words."""

    def __init__(self) -> None:
        super().__init__("Write your answer.")


@escalations.get("/in-tray")
@allows(Audience.SUPERVISORS)
def in_tray() -> ResponseReturnValue:
    """What waits for the Head of Quality Assurance or a manager: tasks to decide, matters to know and answer."""
    person = practitioner()
    source = request.args.get("what", "")
    source = source if source in SOURCES else ""
    answered, after = request.args.get("answered") == "yes", request.args.get("after", "")
    page = casework().tray(person, source=source or None, answered=answered, after=after, most=ON_A_PAGE)
    tasks = []
    if not (source or answered or after):
        tasks = casework().to_decide(person, MOST_TASKS)
    unmended = casework().unmended(person) if not (source or answered or after) else ()
    further = None
    if page.following is not None:
        said_so = "yes" if answered else None
        further = url_for("escalations.in_tray", what=source or None, answered=said_so, after=page.following)
    return render_template(
        "escalations/in_tray.html",
        lines=[_line(item) for item in page.items],
        tasks=tasks,
        unmended=[_line(item) for item in unmended],
        sources=[(one, WHY[one]) for one in SOURCES],
        source=source,
        answered=answered,
        after=after,
        further=further,
    )


@escalations.get("/in-tray/<case_id>/<int:number>")
@allows(Audience.SUPERVISORS)
def show(case_id: str, number: int) -> ResponseReturnValue:
    """One escalation, to acknowledge or to answer."""
    return _page(case_id, number)


@escalations.post("/in-tray/<case_id>/<int:number>/acknowledge")
@allows(Audience.SUPERVISORS)
def acknowledge(case_id: str, number: int) -> ResponseReturnValue:
    """Say that an escalation has been seen."""
    casework().answer_escalation(case_id, number, None, by=practitioner(), command_id=posted_key())
    flash("Acknowledged.")
    return redirect(url_for("escalations.in_tray"), 303)


@escalations.post("/in-tray/<case_id>/<int:number>")
@allows(Audience.SUPERVISORS)
def answer(case_id: str, number: int) -> ResponseReturnValue:
    """Answer an escalation in words, kept in the case's history."""
    words = request.form.get("answer", "").strip()
    ask_again(lambda refusal: _page(case_id, number, words, refusal))
    if not words:
        raise AnswerMissing
    casework().answer_escalation(case_id, number, words[:5000], by=practitioner(), command_id=posted_key())
    flash("Your answer is kept with the case.")
    return redirect(url_for("escalations.in_tray"), 303)


def _line(item: TrayItem) -> dict[str, Any]:
    """A line of the tray in words."""
    row = item.row
    title = item.title
    if row.element is None and row.code:
        title = _CODES.get(row.code) or facts.happened(row.code)
    why = WHY.get(row.source, item.title)
    if row.source == "overdue" and row.code in _RUNGS:
        why = _RUNGS[row.code].format(role_title(HEAD))
    if item.died:
        why = f"The child {f'died on {a_date(item.died_on)}' if item.died_on else 'has died'}. {why}"
    return {
        "case_id": row.case_id,
        "label": row.label or row.case_id,
        "number": row.number,
        "state": row.state,
        "title": title,
        "pathway": item.pathway,
        "why": why,
        "source": row.source,
        "since": row.raised_at,
        "for_days": counted(item.days, "working day") if item.days else "less than a working day",
        "clauses": row.clauses,
        "clause_texts": item.clauses,
        "holder": _whose(item),
        "task": row.task if row.open else None,
    }


def _whose(item: TrayItem) -> str:
    """Who has the task that a line is about."""
    if not item.row.task:
        return ""
    return (item.holder or "Nobody has taken it") if item.row.open else "Done or withdrawn"


def _page(case_id: str, number: int, typed: str = "", refusal: EngineError | None = None) -> str:
    """The page of one escalation, to answer or, once answered, to read."""
    matter = casework().matter(practitioner(), case_id, number)
    row, shown = matter.item.row, _line(matter.item)
    lines = [
        ("Child", shown["label"]),
        ("Case", case_id),
        ("Pathway", shown["pathway"]),
        ("Why it is here", shown["why"]),
        ("Since", f"{a_moment(row.raised_at)} ({shown['for_days']})"),
        ("Who has the task", shown["holder"] if row.task else ""),
        ("Clause", BREAK.join(f"{one}: {text}" if text else one for one, text in matter.item.clauses) or "None named"),
    ]
    error = str(refusal) if refusal is not None else None
    asked = Question(
        "answer", "long text", "Your answer", hint="It is kept in the case’s history.", typed=typed, error=error
    )
    return render_template(
        "escalations/show.html",
        one=shown,
        rows=[{"key": {"text": key}, "value": {"html": escape(value)}} for key, value in lines if value],
        about=_about(matter),
        matter=matter,
        answered=row.state == "answered",
        asked=asked,
        problems=questions.summary([asked], []) or ([{"text": error, "href": "#answer"}] if error else []),
    )


def _about(matter: Matter) -> list[tuple[str, list[str]]]:
    """What a correction or a reinstatement put before its reader, part by part."""
    parts: list[tuple[str, list[str]]] = []
    if matter.why:
        parts.append(("Why", [matter.why]))
    if matter.was:
        parts.append(("What was answered, and what is right", [f"{said(matter.was)} → {said(matter.right)}"]))
    if matter.decided:
        parts.append(("Decided and done while the wrong answer stood", list(matter.decided)))
        parts.append(
            (
                "What you can do",
                [
                    "Answer that what was decided stands: the plan can then be ended as the policy allows.",
                    "Withdraw the pathway on the case’s page, so that it is started anew on the right answer.",
                    "Where the plan has ended on it, have it made active again.",
                ],
            )
        )
    if matter.notices:
        told = [", ".join(str(entry["to"]) for entry in notice["recipients"]) for notice in matter.notices]
        parts.append(("Told that the plan had ended, and to be told that it goes on", told))
    if matter.item.row.source == "report":
        parts.append(
            (
                "What to do",
                [
                    "Ask whoever reported it, at once, what happened and when. The case’s page says what they told.",
                    "No fact was changed and nothing that runs was stopped: look at what is under way and at letters.",
                    "If it happened, record it on the case with the right day, or put right what the record says.",
                    f"Then answer here. Until the {role_title(HEAD)} has answered, no plan of this case ends.",
                ],
            )
        )
    if matter.item.row.source == "reinstatement":
        review = [
            "The next review conference and visits are dated.",
            "Everybody who was told of the ending is told that the plan goes on.",
            "Pathways that ended with the plan are started again where they are needed.",
            "The record of the ending in the casework system and the register is put right.",
        ]
        parts.append(("What to review", review))
    return parts

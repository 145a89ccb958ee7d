"""Tasks: my own and my team's, taking one and giving it back, and the form that completes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import Done, TaskView, WorkItem
from engine.errors import AnswersRefused, EngineError
from engine.history import JSON
from webhooks import questions, story
from webhooks.access import Audience, allows, onward, practitioner
from webhooks.desk import casework, posted_key
from webhooks.errors import ask_again
from webhooks.form_pages import questions_of
from webhooks.pages import Page, page_asked_for
from webhooks.questions import Question

tasks = Blueprint("tasks", __name__)

#: Tasks on one page of a list.
ON_A_PAGE = 25


@tasks.get("/tasks")
@allows(Audience.CASEWORKERS)
def mine() -> ResponseReturnValue:
    """What I have to do, the most urgent first."""
    return _list_page("mine")


@tasks.get("/tasks/team")
@allows(Audience.CASEWORKERS)
def team() -> ResponseReturnValue:
    """What waits for anybody who holds one of my roles."""
    return _list_page("team")


@tasks.get("/cases/<case_id>/tasks/<int:task>")
@allows(Audience.CASEWORKERS)
def show(case_id: str, task: int) -> ResponseReturnValue:
    """A task: what it asks, why, and until when."""
    view = casework().task(practitioner(), case_id, task)
    return _task_page(view, _questions(view), view.draft)


@tasks.post("/cases/<case_id>/tasks/<int:task>")
@allows(Audience.CASEWORKERS)
def complete(case_id: str, task: int) -> ResponseReturnValue:
    """Complete a task with the answers given; refused, the page comes back with them and says what is wrong."""
    view = casework().task(practitioner(), case_id, task)
    asked = _questions(view)
    typed = questions.read(asked, request.form)
    ask_again(lambda refusal: _task_page(view, asked, typed.texts, refusal))
    done = casework().complete_task(case_id, task, typed.answers, by=practitioner(), command_id=posted_key())
    _say_what_happened(done, view)
    return redirect(story.next_place(done, case_id, practitioner()), 303)


@tasks.post("/cases/<case_id>/tasks/<int:task>/draft")
@allows(Audience.CASEWORKERS)
def save(case_id: str, task: int) -> ResponseReturnValue:
    """Keep what was typed for later; nothing is checked and nothing is decided."""
    view = casework().task(practitioner(), case_id, task)
    typed = questions.read(_questions(view), request.form)
    casework().save_draft(case_id, task, dict(typed.texts), by=practitioner())
    flash("Your answers are kept. The task is still open.")
    return redirect(url_for("tasks.mine"), 303)


@tasks.post("/cases/<case_id>/tasks/<int:task>/asked")
@allows(Audience.CASEWORKERS)
def asked(case_id: str, task: int) -> ResponseReturnValue:
    """Which questions the answers so far call for; the page shows and hides them with it."""
    view = casework().task(practitioner(), case_id, task)
    typed = questions.read(_questions(view), request.form)
    now = _questions(view, typed.answers)
    return {"asked": [one.name for one in questions.flat(now) if one.depends and one.asked]}


@tasks.post("/cases/<case_id>/tasks/<int:task>/claim")
@allows(Audience.CASEWORKERS)
def claim(case_id: str, task: int) -> ResponseReturnValue:
    """Take a task from the team's list."""
    casework().claim_task(case_id, task, by=practitioner(), command_id=posted_key())
    flash("The task is yours.")
    return redirect(onward(request) or url_for("tasks.show", case_id=case_id, task=task), 303)


@tasks.post("/cases/<case_id>/tasks/<int:task>/release")
@allows(Audience.CASEWORKERS)
def release(case_id: str, task: int) -> ResponseReturnValue:
    """Put a task back on the team's list."""
    casework().release_task(case_id, task, by=practitioner(), command_id=posted_key())
    flash("The task is back with the team.")
    return redirect(onward(request) or url_for("tasks.mine"), 303)


def _list_page(whose: str) -> str:
    number = page_asked_for(request)
    items: Sequence[WorkItem] = casework().worklist(
        practitioner(), whose, limit=ON_A_PAGE + 1, offset=ON_A_PAGE * (number - 1)
    )
    page = Page(number, items, ON_A_PAGE)
    return render_template(
        "tasks/list.html",
        whose=whose,
        items=page.shown,
        pages=page.links(lambda to: url_for(f"tasks.{whose}", page=to)),
        late=sum(item.overdue for item in page.shown),
        soon=sum(item.days_left is not None and not item.overdue and item.days_left <= 2 for item in page.shown),
    )


def _questions(view: TaskView, answers: Mapping[str, JSON] | None = None) -> tuple[Question, ...]:
    return questions_of(view, casework().environment(practitioner().authority), answers)


def _task_page(
    view: TaskView,
    asked: Sequence[Question],
    texts: Mapping[str, Any] | None = None,
    refusal: EngineError | None = None,
) -> str:
    problems = refusal.problems if isinstance(refusal, AnswersRefused) else ()
    shown = questions.shown_again(asked, texts if texts is not None else {}, problems)
    return render_template(
        "tasks/task.html",
        task=view,
        questions=shown,
        problems=questions.summary(shown, problems),
        refusal=None if problems else refusal and str(refusal),
    )


def _say_what_happened(done: Done, view: TaskView) -> None:
    kinds = {event.kind for event in done.events}
    if "IncidentRaised" in kinds:
        flash("Your answers are kept, but the case could not go on by itself. Somebody has been told.", "notice")
    elif "PlanEnded" in kinds:
        flash(f"Done: {view.title}. The child protection plan has ended.")
    elif "EndingHeld" in kinds:
        flash("The plan was not ended: something no longer allows it. The case page says what.", "notice")
    else:
        flash(f"Done: {view.title}.")

"""A task: the form that asks, the answers shown once more before they count, and what is kept when they cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.case.facts import FactsRefused
from engine.casework import Done, Practitioner, TaskNotOpen, TaskView
from engine.casework.permissions import CaseNotYours
from engine.errors import AnswersRefused, EngineError, NotFound, Refused
from engine.history import JSON
from webhooks import checking, errors, facts, following, questions, story
from webhooks.access import Audience, SignInNeeded, allows, practitioner
from webhooks.dates import why_taken
from webhooks.desk import casework, posted_key
from webhooks.errors import ask_again
from webhooks.form_pages import questions_of
from webhooks.home import tasks
from webhooks.questions import Question, Typed

__all__ = ["tasks"]


@tasks.get("/cases/<case_id>/tasks/<int:task>")
@allows(Audience.CASEWORKERS)
def show(case_id: str, task: int) -> ResponseReturnValue:
    """A task: what it asks, why, and until when; with the draft where one was kept."""
    ask_again(lambda refusal: _gone_page(case_id, task, refusal))
    view = casework().task(practitioner(), case_id, task)
    draft = checking.fitting(view.draft)
    now = questions.read_texts(_questions(view), draft) if draft else None
    return _task_page(view, _questions(view, now), draft, drafted=bool(draft))


@tasks.post("/cases/<case_id>/tasks/<int:task>")
@allows(Audience.CASEWORKERS)
def complete(case_id: str, task: int) -> ResponseReturnValue:
    """Check the answers, show them once more with what would follow, and complete the task when they come again."""
    ask_again(lambda refusal: _gone_page(case_id, task, refusal))
    view = casework().task(practitioner(), case_id, task)
    typed = questions.read(_questions(view), request.form)
    asked = _questions(view, typed.answers)
    ask_again(lambda refusal: _refused_page(view, asked, typed, refusal))
    key = posted_key()
    if view.form is not None and typed.unclear:
        raise AnswersRefused(view.form.id, typed.unclear)
    if view.form is not None and view.may_complete and "checked" not in request.form:
        more = checking.newly_asked(asked, request.form)
        page = _task_page(view, asked, typed.texts, more=more) if more else _check_page(view, asked, typed)
        _keep(view, typed)
        return page
    done = casework().complete_task(case_id, task, typed.answers, by=practitioner(), command_id=key)
    _say_what_happened(done, view)
    return redirect(story.next_place(done, case_id, practitioner()), 303)


@tasks.post("/cases/<case_id>/tasks/<int:task>/draft")
@allows(Audience.CASEWORKERS)
def save(case_id: str, task: int) -> ResponseReturnValue:
    """Keep what was typed for later; nothing is checked and nothing is decided."""
    ask_again(lambda refusal: _gone_page(case_id, task, refusal))
    view = casework().task(practitioner(), case_id, task)
    typed = questions.read(_questions(view), request.form)
    casework().save_draft(case_id, task, dict(typed.texts), by=practitioner())
    flash("Your answers are kept. The task is still open.")
    return redirect(url_for("tasks.mine"), 303)


@tasks.post("/cases/<case_id>/tasks/<int:task>/asked")
@allows(Audience.CASEWORKERS)
def asked(case_id: str, task: int) -> ResponseReturnValue:
    """Which questions the answers so far call for, and what follows from them; the page shows both."""
    view = casework().task(practitioner(), case_id, task)
    typed = questions.read(_questions(view), request.form)
    now = tuple(questions.flat(_questions(view, typed.answers)))
    worked = {one.name: one.typed or one.untold for one in now if one.kind == "fixed"}
    return {"asked": [one.name for one in now if one.depends and one.asked], "worked": worked}


@tasks.errorhandler(SignInNeeded)
def signed_out(error: SignInNeeded) -> ResponseReturnValue:
    """Somebody was signed out for being away while they wrote: what they typed is kept for them, and nobody else."""
    person: Practitioner | None = g.get("timed_out")
    place = request.view_args or {}
    if person is None or request.method != "POST" or request.endpoint not in ("tasks.complete", "tasks.save"):
        return errors.answer(error)
    kept = _kept_for(person, place["case_id"], place["task"])
    flash(
        "You were signed out after a time without a page." + (" What you had typed is kept." if kept else ""), "notice"
    )
    onward = url_for("tasks.show", **place)
    return redirect(url_for("door.sign_in", next=onward, authority=person.authority), 303)


def _kept_for(person: Practitioner, case_id: str, task: int) -> bool:
    """Keep what was typed as a draft of whoever was signed in; False where the task is theirs no more."""
    try:
        view = casework().task(person, case_id, task)
        asked = questions_of(view, casework().environment(person.authority))
        casework().save_draft(case_id, task, dict(questions.read(asked, request.form).texts), by=person)
    except EngineError:
        return False
    return True


def _questions(view: TaskView, answers: Mapping[str, JSON] | None = None) -> tuple[Question, ...]:
    environment = casework().environment(practitioner().authority)
    return questions_of(view, environment, answers, letter=view.letter is not None)


def _keep(view: TaskView, typed: Typed) -> None:
    """Keep what was typed, so that no fault loses it; what was refused for its answers is shown again and not kept."""
    if view.may_complete and view.form is not None:
        casework().save_draft(view.case_id, view.task, dict(typed.texts), by=practitioner())


def _task_page(
    view: TaskView,
    asked: Sequence[Question],
    texts: Mapping[str, Any] | None = None,
    refusal: EngineError | None = None,
    *,
    more: Sequence[str] = (),
    drafted: bool = False,
) -> str:
    problems = refusal.problems if isinstance(refusal, AnswersRefused) else ()
    shown = questions.shown_again(asked, texts if texts is not None else {}, problems)
    return render_template(
        "tasks/task.html",
        task=view,
        questions=shown,
        more=more,
        drafted=drafted,
        to_read=_letter_to_read(view),
        taken=why_taken(view.due_from, view.due_on) if view.due_from and view.due_on else "",
        written=checking.written(shown, texts or {}) if not view.may_complete else (),
        problems=questions.summary(shown, problems),
        refusal=None if problems else refusal and _said(refusal),
    )


def _said(refusal: EngineError) -> str:
    """A refusal in words: a fact that cannot be so is named as people call it."""
    if not isinstance(refusal, FactsRefused):
        return str(refusal)
    return " ".join(f"‘{facts.label(one.field)}’ {one.message}" for one in refusal.problems)


def _letter_to_read(view: TaskView) -> int | None:
    """The number of the drafted letter that this task approves or sends; None where it writes one itself."""
    if view.letter is None or view.letter_step not in ("approve", "send"):
        return None
    case = casework().load(practitioner().authority, view.case_id)
    own = [one for one in case.letters.values() if one.instance == case.desks[view.task].instance]
    ready = [one.number for one in own if one.letter == view.letter and one.state in ("drafted", "approved")]
    return max(ready, default=None)


def _refused_page(view: TaskView, asked: Sequence[Question], typed: Typed, refusal: EngineError) -> str:
    if isinstance(refusal, TaskNotOpen):
        return _gone_page(view.case_id, view.task, refusal)
    if not isinstance(refusal, Refused):
        _keep(view, typed)
    return _task_page(view, asked, typed.texts, refusal)


def _check_page(view: TaskView, asked: Sequence[Question], typed: Typed) -> str:
    """The answers as they would be kept, and what would follow. Raises AnswersRefused, and what completing would."""
    work, person = casework(), practitioner()
    case = work.load(person.authority, view.case_id)
    checked = work.check_answers(case, view.task, typed.answers)
    events = work.foresee(person, view.case_id, view.task, checked, role=view.role)
    return render_template(
        "tasks/check.html",
        task=view,
        rows=checking.rows(view, asked, checked),
        follows=following.told(events, view, person),
        carried=checking.carried(request.form),
    )


def _gone_page(case_id: str, task: int, refusal: EngineError) -> str:
    """The task was done or withdrawn meanwhile: by whom and when, with what was typed to copy.

    Whatever else keeps somebody from a task is headed as the reason that it is.
    """
    fate = casework().fate(practitioner(), case_id, task) if isinstance(refusal, TaskNotOpen) else None
    return render_template(
        "tasks/gone.html",
        case_id=case_id,
        fate=fate,
        saying=errors.saying_of(refusal),
        refusal="" if isinstance(refusal, NotFound) else str(refusal),
        theirs=not isinstance(refusal, NotFound | CaseNotYours),
        written=checking.typed_for(fate.form if fate else None, request.form),
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

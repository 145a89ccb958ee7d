"""Pages that put right: a completed step's answers, a pathway that should not run, a plan ended in error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.case.facts import ENDED
from engine.casework.corrections import CompletedStep
from engine.casework.people import HEAD
from engine.errors import EngineError, FieldProblem, NotFound, Refused
from engine.history import JSON
from webhooks import asking, questions
from webhooks.access import Audience, allows, practitioner
from webhooks.desk import casework, posted_key
from webhooks.errors import ask_again
from webhooks.form_pages import questions_of
from webhooks.questions import Question
from webhooks.surroundings import role_title
from webhooks.words import a_date, counted, said

corrections = Blueprint("corrections", __name__)


class WhyMissing(Refused):
    """Something was to be put right without a reason."""

    def __init__(self, field: str) -> None:
        super().__init__("Say why. It is kept in the case’s history.")
        self.problems = (FieldProblem(field, "Say why."),)


@corrections.get("/cases/<case_id>/steps/<int:task>/correct")
@allows(Audience.CASEWORKERS)
def step(case_id: str, task: int) -> ResponseReturnValue:
    """A completed step with its answers, to put right what was wrong in them."""
    found = casework().completed_step(practitioner(), case_id, task)
    return _step_page(found, _step_questions(found))


@corrections.post("/cases/<case_id>/steps/<int:task>/correct")
@allows(Audience.CASEWORKERS)
def correct(case_id: str, task: int) -> ResponseReturnValue:
    """Put the answers right; what was decided on the wrong ones is put before a manager."""
    found = casework().completed_step(practitioner(), case_id, task)
    asked = _step_questions(found)
    typed = questions.read(asked, request.form)
    ask_again(lambda refusal: _step_page(found, asked, typed.texts, refusal))
    asking.refuse_unclear(typed)
    answers = dict(typed.answers)
    why = str(answers.pop("why_corrected") or "")
    if not why:
        raise WhyMissing("why_corrected")
    done = casework().correct_step(case_id, task, answers, why, by=practitioner(), command_id=posted_key())
    told = next((str(event.body["to"]) for event in done.events if event.kind == "EscalationRaised"), None)
    flash(corrected(told, has_ended=_has_ended(case_id)), "notice" if told else "message")
    return redirect(url_for("cases.history", case_id=case_id), 303)


@corrections.get("/cases/<case_id>/pathways/<int:instance>/withdraw")
@allows(Audience.SUPERVISORS)
def pathway(case_id: str, instance: int) -> ResponseReturnValue:
    """The page that takes a pathway back."""
    return _withdraw_page(case_id, instance)


@corrections.post("/cases/<case_id>/pathways/<int:instance>/withdraw")
@allows(Audience.SUPERVISORS)
def withdraw(case_id: str, instance: int) -> ResponseReturnValue:
    """Take a pathway back with its tasks, timers and letters that were not sent."""
    why = request.form.get("why", "").strip()
    ask_again(lambda refusal: _withdraw_page(case_id, instance, why, refusal))
    if not why:
        raise WhyMissing("why")
    casework().withdraw_pathway(case_id, instance, why, by=practitioner(), command_id=posted_key())
    flash("The pathway is withdrawn.")
    return redirect(url_for("cases.show", case_id=case_id), 303)


@corrections.get("/cases/<case_id>/reinstate")
@allows(Audience.CASEWORKERS)
def ended_plan(case_id: str) -> ResponseReturnValue:
    """The page that makes a plan active again which was ended in error."""
    return _reinstate_page(case_id)


@corrections.post("/cases/<case_id>/reinstate")
@allows(Audience.CASEWORKERS)
def reinstate(case_id: str) -> ResponseReturnValue:
    """Make the plan active again."""
    asked = _reinstate_questions()
    typed = questions.read(asked, request.form)
    ask_again(lambda refusal: _reinstate_page(case_id, typed.texts, refusal))
    asking.refuse_unclear(typed)
    why, day = str(typed.answers["why"] or ""), typed.answers["effective_on"]
    if not why:
        raise WhyMissing("why")
    effective = _day(day) if day else None
    done = casework().reinstate_plan(case_id, why, effective_on=effective, by=practitioner(), command_id=posted_key())
    recalled = sum(event.kind == "NoticeRecalled" for event in done.events)
    flash(active_again(recalled))
    return redirect(url_for("cases.show", case_id=case_id), 303)


def corrected(told: str | None, *, has_ended: bool) -> str:
    """What is said when a step was corrected, and what was decided on the wrong answer was put before a role."""
    if told is None:
        return "The step is corrected."
    before = f"has been put before the {role_title(told)}"
    if has_ended:
        return (
            f"The step is corrected. The plan had ended since: what was decided on the wrong answer {before}. "
            "The plan stays ended unless it is made active again."
        )
    return (
        f"The step is corrected. What was decided on the wrong answer {before}, and the plan cannot be ended until it "
        "is answered."
    )


def _has_ended(case_id: str) -> bool:
    return bool(casework().load(practitioner().authority, case_id).facts["plan_status"] == ENDED)


def active_again(recalled: int) -> str:
    """What is said when a plan is active again, and so many letters had told of its end."""
    letters = f"{counted(recalled, 'letter')} that told of its end must be put right with those who were told."
    return f"The plan is active again. {letters}" if recalled else "The plan is active again."


def _day(text: JSON) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError as error:
        raise NoDay from error


class NoDay(Refused):
    """A day was typed that is none."""

    def __init__(self) -> None:
        super().__init__("This must be a real date, such as 27 3 2026.")
        self.problems = (FieldProblem("effective_on", "This must be a real date, such as 27 3 2026."),)


# ------------------------------------------------------------------------------------------------------------- pages


def _step_questions(found: CompletedStep) -> tuple[Question, ...]:
    """The step's own questions with what was answered, and why it is put right."""
    environment = casework().environment(practitioner().authority)
    asked = questions.filled(questions_of(found, environment, found.answers), found.answers)
    hint = "What was wrong, and how you know. It is kept in the case’s history beside what was answered."
    return (*asked, Question("why_corrected", "long text", "Why is this corrected?", hint=hint))


def _step_page(
    found: CompletedStep,
    asked: Sequence[Question],
    texts: Mapping[str, Any] | None = None,
    refusal: EngineError | None = None,
) -> str:
    earlier = [f"{said(one['was'])} → {said(one['answers'])} ({one['why']})" for one in cast(Any, found.corrections)]
    told = (
        f"as the plan has ended, the {role_title(HEAD)} is told, and it stays ended unless it is made active again."
        if _has_ended(found.case_id)
        else "where something was decided on the wrong answer, the manager is told, and no plan is ended before they "
        "have said how to go on."
    )
    return _page(
        f"Correct: {found.title}",
        "What was answered stays in the history. The right answer stands from now on wherever the wrong one stood. "
        f"Nothing that was decided is undone by itself: {told}",
        asked,
        action=url_for("corrections.correct", case_id=found.case_id, task=found.task),
        button="Correct the step",
        case_id=found.case_id,
        texts=texts,
        refusal=refusal,
        listed=("Corrected before", earlier) if earlier else None,
        may=practitioner().may_act_as(found.may) is not None,
        whose=found.may,
    )


def _withdraw_page(case_id: str, instance: int, typed: str = "", refusal: EngineError | None = None) -> str:
    case = casework().case(practitioner(), case_id)
    running = next((one for one in case.pathways if one.instance == instance and one.state == "running"), None)
    if running is None:
        raise NotFound(f"No pathway {instance} runs in case {case_id}.")
    hint = "It is kept in the case’s history. Start the pathway anew, if it is still needed."
    ended = "The plan has ended. " if case.facts["plan_status"] == "ENDED" else "The plan stays active. "
    return _page(
        f"Withdraw: {running.title}",
        ended + "Its open tasks and timers go, and letters that were not sent are withdrawn. What was done stays.",
        (Question("why", "long text", "Why is it withdrawn?", hint=hint),),
        action=url_for("corrections.withdraw", case_id=case_id, instance=instance),
        button="Withdraw the pathway",
        case_id=case_id,
        texts={"why": typed},
        refusal=refusal,
        warning=True,
    )


def _reinstate_questions() -> tuple[Question, ...]:
    return (
        Question("why", "long text", "Why was the ending an error?", hint="It is kept in the case’s history."),
        Question(
            "effective_on",
            "date",
            "From which day is the plan active again?",
            hint="Leave it empty for the day on which it had ended, so that there is no gap.",
            optional=True,
        ),
    )


def _reinstate_page(case_id: str, texts: Mapping[str, Any] | None = None, refusal: EngineError | None = None) -> str:
    case = casework().case(practitioner(), case_id)
    if case.facts["plan_status"] != "ENDED":
        raise NotFound(f"The plan of case {case_id} has not ended.")
    may = casework().authority(practitioner().authority).corrections.reinstate
    return _page(
        "Make the plan active again",
        f"The plan ended on {a_date(str(case.facts['plan_end_date']))}. Letters that were not sent are withdrawn, and "
        "every letter that told of the ending is named, so that those who have it are told. The eighteenth birthday "
        "and everything that may happen to the child count again.",
        _reinstate_questions(),
        action=url_for("corrections.reinstate", case_id=case_id),
        button="Make the plan active again",
        case_id=case_id,
        texts=texts,
        refusal=refusal,
        may=practitioner().may_act_as(may) is not None,
        whose=may,
    )


def _page(
    title: str,
    words: str,
    asked: Sequence[Question],
    *,
    action: str,
    button: str,
    case_id: str,
    texts: Mapping[str, Any] | None = None,
    refusal: EngineError | None = None,
    listed: tuple[str, list[str]] | None = None,
    may: bool = True,
    whose: Sequence[str] = (),
    warning: bool = False,
) -> str:
    problems = getattr(refusal, "problems", ()) if refusal is not None else ()
    shown = questions.shown_again(asked, texts, problems) if texts is not None else tuple(asked)
    return render_template(
        "corrections/ask.html",
        title=title,
        words=words,
        questions=shown,
        action=action,
        button=button,
        case_id=case_id,
        listed=listed,
        may_do=may,
        whose=whose,
        warning=warning,
        problems=questions.summary(shown, problems),
        refusal=None if problems or refusal is None else str(refusal),
    )

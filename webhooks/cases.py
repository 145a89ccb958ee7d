"""Cases: the list, one case's overview, steps, letters and history, and what may be started or recorded in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.case.facts import FactsRefused
from engine.casework import CaseView
from engine.casework.views import PathwayView
from engine.errors import EngineError, FieldProblem, Refused
from webhooks import diagrams, facts, questions, story
from webhooks.access import Audience, allows, may_open, practitioner
from webhooks.desk import casework, posted_key
from webhooks.errors import ask_again
from webhooks.pages import Page, page_asked_for
from webhooks.questions import Choice, Question
from webhooks.surroundings import role_title

cases = Blueprint("cases", __name__)

READERS = (Audience.CASEWORKERS, Audience.AUDITORS)
#: Cases on one page of the list.
ON_A_PAGE = 25
_REFERENCE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{2,39}$")


class NothingChosen(Refused):
    """A choice had to be made and was not."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.problems = (FieldProblem(field, sentence),)


# ------------------------------------------------------------------------------------------------------------ lists


@cases.get("/cases")
@allows(*READERS)
def index() -> ResponseReturnValue:
    """The cases a person works on or supervises."""
    number = page_asked_for(request)
    found = casework().cases(practitioner(), limit=ON_A_PAGE * number + 1)
    page = Page(number, found[ON_A_PAGE * (number - 1) :], ON_A_PAGE)
    return render_template(
        "cases/index.html", cases=page.shown, pages=page.links(lambda to: url_for("cases.index", page=to))
    )


@cases.post("/cases/find")
@allows(*READERS)
def find() -> ResponseReturnValue:
    """Cases by a child's name or a reference; the words travel in the form, never in an address or a log."""
    words = request.form.get("words", "").strip()[:100]
    found = casework().cases(practitioner(), words=words, limit=50) if words else []
    return render_template("cases/index.html", cases=found, words=words, pages=None)


# --------------------------------------------------------------------------------------------------------- one case


@cases.get("/cases/<case_id>")
@allows(*READERS)
def show(case_id: str) -> ResponseReturnValue:
    """A case at a glance: the plan, what is to be done and until when, who works on it, what is known."""
    case = casework().case(practitioner(), case_id)
    return render_template(
        "cases/overview.html",
        case=case,
        explanations=story.due_explanations(case),
        fact_names=[name for name in facts.FACTS if name not in _AT_A_GLANCE],
        fact_is_plain=facts.is_plain,
        can_start=may_open("cases.start") and case.facts["plan_status"] == "ACTIVE",
    )


@cases.get("/cases/<case_id>/steps")
@allows(*READERS)
def steps(case_id: str) -> ResponseReturnValue:
    """Where the case stands: each pathway's diagram, and beside it the same as a table."""
    case = casework().case(practitioner(), case_id)
    names = story.names_of(case, role_title)
    return render_template(
        "cases/steps.html",
        case=case,
        names=names,
        pictures={run.instance: _pictures(run, case) for run in case.pathways},
    )


@cases.get("/cases/<case_id>/history")
@allows(*READERS)
def history(case_id: str) -> ResponseReturnValue:
    """Everything that was done in the case, in plain words."""
    case = casework().case(practitioner(), case_id)
    chapters = story.told(case, story.names_of(case, role_title))
    number = page_asked_for(request)
    page = Page(number, chapters[ON_A_PAGE * (number - 1) : ON_A_PAGE * number + 1], ON_A_PAGE)
    return render_template(
        "cases/history.html",
        case=case,
        chapters=page.shown,
        pages=page.links(lambda to: url_for("cases.history", case_id=case_id, page=to)),
    )


@cases.get("/cases/<case_id>/letters")
@allows(*READERS)
def letters(case_id: str) -> ResponseReturnValue:
    """The letters of a case."""
    return render_template("cases/letters.html", case=casework().case(practitioner(), case_id))


@cases.get("/cases/<case_id>/letters/<int:number>")
@allows(*READERS)
def letter(case_id: str, number: int) -> ResponseReturnValue:
    """One letter, to read or to print."""
    return render_template("cases/letter.html", view=casework().letter(practitioner(), case_id, number))


@cases.get("/cases/<case_id>/letters/<int:number>.pdf")
@allows(*READERS)
def letter_pdf(case_id: str, number: int) -> ResponseReturnValue:
    """One letter as a paper."""
    view = casework().letter(practitioner(), case_id, number, pdf=True)
    named = {"Content-Disposition": f'inline; filename="{case_id}-letter-{number}.pdf"'}
    return Response(view.pdf or b"", content_type="application/pdf", headers=named)


@cases.get("/diagrams/<release>/<path:file>")
@allows(*READERS)
def diagram(release: str, file: str) -> ResponseReturnValue:
    """One diagram as its release holds it."""
    content = casework().diagram(practitioner(), release, file)
    return Response(content, content_type="application/xml; charset=utf-8")


# ------------------------------------------------------------------------------------- what may be started or recorded


@cases.get("/cases/<case_id>/start")
@allows(Audience.CASEWORKERS)
def start(case_id: str) -> ResponseReturnValue:
    """The page that starts a pathway."""
    return _start_page(casework().case(practitioner(), case_id))


@cases.post("/cases/<case_id>/start")
@allows(Audience.CASEWORKERS)
def begin(case_id: str) -> ResponseReturnValue:
    """Start a pathway; whoever its first task falls to may do it at once."""
    case = casework().case(practitioner(), case_id)
    chosen = request.form.get("pathway", "")
    ask_again(lambda refusal: _start_page(case, chosen, refusal))
    if not chosen:
        raise NothingChosen("pathway", "Choose which pathway to start.")
    done = casework().start_pathway(case_id, chosen, by=practitioner(), command_id=posted_key())
    flash("The pathway has started.")
    return redirect(story.next_place(done, case_id, practitioner()), 303)


@cases.get("/cases/<case_id>/life-event")
@allows(Audience.CASEWORKERS)
def life_event(case_id: str) -> ResponseReturnValue:
    """The page that records what happened to the child: first what, then when and how."""
    case = casework().case(practitioner(), case_id)
    event = request.args.get("event", "")
    if event in facts.LIFE_EVENTS:
        return _life_event_page(case, event, _life_event_questions(event))
    problems = (FieldProblem("event", "Choose what happened."),) if "asked" in request.args else ()
    return _life_event_choice(case, problems)


@cases.post("/cases/<case_id>/life-event")
@allows(Audience.CASEWORKERS)
def record_life_event(case_id: str) -> ResponseReturnValue:
    """Record what happened to the child; whatever is under way follows it."""
    case = casework().case(practitioner(), case_id)
    event = request.form.get("event", "")
    if event not in facts.LIFE_EVENTS:
        return _life_event_choice(case, (FieldProblem("event", "Choose what happened."),)), 422
    asked = _life_event_questions(event)
    typed = questions.read(asked, request.form)
    ask_again(lambda refusal: _life_event_page(case, event, asked, typed.texts, refusal))
    answers = dict(typed.answers)
    unanswered = [one for one in asked if not one.optional and answers[one.name] is None]
    if unanswered:
        raise FactsRefused([FieldProblem(one.name, f"Answer ‘{one.label}’.") for one in unanswered])
    received = answers.pop("received_on")
    if not isinstance(received, str):
        raise FactsRefused([FieldProblem("received_on", "This must be a real date, such as 27 3 2026.")])
    payload = {key: value for key, value in answers.items() if value is not None}
    casework().record_life_event(
        case_id, event, payload, received_on=received, by=practitioner(), command_id=posted_key()
    )
    flash(f"Recorded: {facts.LIFE_EVENTS[event][0].lower()}.")
    return redirect(url_for("cases.show", case_id=case_id), 303)


@cases.get("/cases/new")
@allows(Audience.CASEWORKERS)
def new() -> ResponseReturnValue:
    """The page that opens a case."""
    return _open_page(_opening_questions())


@cases.post("/cases/new")
@allows(Audience.CASEWORKERS)
def open_case() -> ResponseReturnValue:
    """Open a child's case with the facts as known."""
    asked = _opening_questions()
    typed = questions.read(asked, request.form)
    ask_again(lambda refusal: _open_page(asked, typed.texts, refusal))
    answers = dict(typed.answers)
    reference = str(answers.pop("case_id") or "")
    if not _REFERENCE.match(reference):
        raise NothingChosen("case_id", "Give a reference of 3 to 40 letters, digits and dashes, such as CAM-2026-0417.")
    if not answers["name"]:
        raise NothingChosen("name", "Give the child’s name, or the name the unborn child is known by.")
    known = {name: value for name, value in answers.items() if value not in (None, [])}
    casework().open_case(reference, known, by=practitioner(), command_id=posted_key())
    flash("The case is open.")
    return redirect(url_for("cases.show", case_id=reference), 303)


# ------------------------------------------------------------------------------------------------------------- pages

_AT_A_GLANCE = frozenset({"name", "dob", "plan_status", "plan_start_date", "legal_status", "placement"})


def _pictures(run: PathwayView, case: CaseView) -> list[dict[str, Any]]:
    """The pathway's own diagram, then each it called into, with what to mark on them."""
    stopped = {held.element for held in case.incidents if held.instance == run.instance and held.element}
    pictures = []
    for path, content in run.diagrams.items():
        states = {
            element: state
            for process, drawn_in in run.processes.items()
            if drawn_in == path
            for element, state in run.elements.get(process, {}).items()
        }
        ids = diagrams.ids_in(content) - diagrams.frames_in(content)
        steps = ids - diagrams.watches_in(content)
        marked = {
            "open": [e for e, state in states.items() if state == "open" and e in steps - stopped],
            "done": [e for e, state in states.items() if state == "done" and e in ids],
            "stopped": sorted(stopped & ids & set(states)),
        }
        if path == run.diagram or states:
            pictures.append({"path": path, "title": diagrams.title_in(content), "marks": marked})
    return sorted(pictures, key=lambda picture: picture["path"] != run.diagram)


def _problems(refusal: EngineError | None) -> Sequence[FieldProblem]:
    return getattr(refusal, "problems", ()) if refusal is not None else ()


def _asked_again(
    asked: Sequence[Question], texts: Mapping[str, Any] | None, refusal: EngineError | None
) -> dict[str, Any]:
    """What a page with questions shows: the questions, their problems, or one sentence for the page as a whole."""
    problems = [_sentence(problem, asked) for problem in _problems(refusal)]
    shown = questions.shown_again(asked, texts or {}, problems)
    return {
        "questions": shown,
        "problems": questions.summary(shown, problems),
        "refusal": None if problems or refusal is None else str(refusal),
    }


def _sentence(problem: FieldProblem, asked: Sequence[Question]) -> FieldProblem:
    """A fact's problem begins with 'must be ...': its label goes before it."""
    label = next((one.label for one in asked if one.name == problem.field), facts.label(problem.field))
    whole = problem.message[:1].isupper()
    return problem if whole else FieldProblem(problem.field, f"‘{label}’ {problem.message}")


def _start_page(case: CaseView, chosen: str = "", refusal: EngineError | None = None) -> str:
    starts = casework().startable(practitioner().authority)
    choices = tuple(Choice(one, title) for one, title in starts)
    hint = "Mostly the first: it finds out which of the others the policy calls for." if len(starts) > 1 else None
    choose = Question("pathway", "one", "Which pathway?", hint=hint, choices=choices)
    texts = {"pathway": chosen or (starts[0][0] if len(starts) == 1 else "")}
    return render_template("cases/start.html", case=case, **_asked_again((choose,), texts, refusal))


def _life_event_choice(case: CaseView, problems: Sequence[FieldProblem]) -> str:
    choices = tuple(Choice(name, words) for name, (words, _) in facts.LIFE_EVENTS.items())
    choose = Question("event", "one", "What happened?", choices=choices)
    shown = questions.shown_again((choose,), {}, problems)
    return render_template(
        "cases/life_event.html", case=case, event=None, questions=shown, problems=questions.summary(shown, problems)
    )


def _life_event_questions(event: str) -> tuple[Question, ...]:
    hint = "The day the authority was told, not the day it is written down. For example, 27 3 2026."
    received = Question("received_on", "date", "When was this received?", hint=hint)
    return (received, *(_fact_question(name) for name in facts.LIFE_EVENTS[event][1]))


def _life_event_page(
    case: CaseView,
    event: str,
    asked: Sequence[Question],
    texts: Mapping[str, Any] | None = None,
    refusal: EngineError | None = None,
) -> str:
    shown = _asked_again(asked, texts, refusal)
    return render_template(
        "cases/life_event.html", case=case, event=event, event_title=facts.LIFE_EVENTS[event][0], **shown
    )


def _opening_questions() -> tuple[Question, ...]:
    hint = "As it stands in the casework record; it never changes. For example, CAM-2026-0417."
    reference = Question("case_id", "text", "Case reference", hint=hint)
    return (reference, *(_fact_question(name, optional=name != "name") for name in facts.ASKED_AT_OPENING))


def _open_page(
    asked: Sequence[Question], texts: Mapping[str, Any] | None = None, refusal: EngineError | None = None
) -> str:
    return render_template("cases/open.html", **_asked_again(asked, texts, refusal))


_QUESTION_KINDS = {"yes or no": "one", "choice": "one", "list": "lines"}


def _fact_question(name: str, *, optional: bool = False) -> Question:
    words = facts.FACTS[name]
    choices = tuple(Choice(value, label) for value, label in (words.choices or {}).items())
    return Question(
        name,
        _QUESTION_KINDS.get(words.kind, words.kind),
        words.label,
        hint=words.hint or ("For example, 27 3 2026." if words.kind == "date" else None),
        choices=choices,
        optional=optional,
    )

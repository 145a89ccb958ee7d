"""What is begun in cases: opening one, starting a pathway, recording what happened to the child."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.case.facts import FactsRefused
from engine.casework import CaseView
from engine.casework.opening import NewCase, PossibleDuplicates
from engine.casework.references import TAKEN, fault_of
from engine.errors import EngineError, FieldProblem, Refused
from webhooks import asking, facts, questions, story
from webhooks.access import Audience, allows, practitioner
from webhooks.case_blueprint import cases
from webhooks.desk import casework, posted_key
from webhooks.errors import ask_again
from webhooks.questions import Choice, Question


class NothingChosen(Refused):
    """A choice had to be made and was not."""

    def __init__(self, *problems: FieldProblem) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = problems


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
        raise NothingChosen(FieldProblem("pathway", "Choose which pathway to start."))
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
    asking.refuse_unclear(typed)
    answers = dict(typed.answers)
    # "Not known" is an answer: the event then says that it is known no more, and what rested on it holds.
    unanswered = [one for one in asked if not one.optional and answers[one.name] is None and not _chosen(one, typed)]
    if unanswered:
        raise FactsRefused([FieldProblem(one.name, questions.left_open(one)) for one in unanswered])
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
    asked = (*_opening_questions(), _WHY_AGAIN)
    typed = questions.read(asked, request.form)
    # Why a child who is known is entered again is asked once such a child was found.
    found = bool(request.form.get("why_again"))
    ask_again(
        lambda refusal: _open_page(
            asked if found or isinstance(refusal, PossibleDuplicates) else asked[:-1], typed.texts, refusal
        )
    )
    asking.refuse_unclear(typed)
    answers = dict(typed.answers)
    reference = str(answers.pop("case_id") or "")
    missing = []
    if fault_of(reference) is not None:
        sentence = "Give a reference of 3 to 40 letters, digits and dashes, as it stands in the casework record."
        if reference.casefold() in TAKEN:
            sentence = f"A page of this service is called ‘{reference}’. Give the reference of the casework record."
        missing.append(FieldProblem("case_id", sentence))
    if not answers["name"]:
        missing.append(FieldProblem("name", "Give the child’s name, or the name the unborn child is known by."))
    if missing:
        raise NothingChosen(*missing)
    why_again = str(answers.pop("why_again") or "")
    known = {name: value for name, value in answers.items() if value not in (None, [])}
    new = NewCase(reference, known)
    casework().enter_case(new, by=practitioner(), command_id=posted_key(), why_again=why_again)
    flash("The case is open.")
    return redirect(url_for("cases.show", case_id=reference), 303)


# ------------------------------------------------------------------------------------------------------------- pages


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
    return (received, *(fact_question(name) for name in facts.LIFE_EVENTS[event][1]))


def _chosen(question: Question, typed: questions.Typed) -> bool:
    return any(choice.says == typed.texts[question.name] for choice in question.choices)


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
    hint = "As it stands in the casework record; it never changes."
    reference = Question("case_id", "text", "Case reference", hint=hint)
    return (reference, *(fact_question(name, optional=name != "name") for name in facts.ASKED_AT_OPENING))


def _open_page(
    asked: Sequence[Question], texts: Mapping[str, Any] | None = None, refusal: EngineError | None = None
) -> str:
    known = refusal.cases if isinstance(refusal, PossibleDuplicates) else ()
    return render_template("cases/open.html", known=known, **_asked_again(asked, texts, refusal))


_WHY_AGAIN = Question(
    "why_again", "long text", "Why is this case opened beside the one that is there?", hint="It is kept in the history."
)
_QUESTION_KINDS = {"yes or no": "one", "choice": "one", "list": "lines"}


def fact_question(name: str, *, optional: bool = False) -> Question:
    """The question that asks a fact of the case file."""
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

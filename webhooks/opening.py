"""Pages by which cases begin beside the one that opens a case by hand: an import, a birth, brothers and sisters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.case.facts import FactsRefused
from engine.casework.importing import Rehearsal
from engine.casework.opening import Newborn
from engine.errors import EngineError, FieldProblem, NotFound, Refused
from webhooks import asking, questions
from webhooks.access import Audience, allows, practitioner
from webhooks.desk import casework, posted_key
from webhooks.errors import ask_again
from webhooks.questions import Question
from webhooks.words import counted

opening = Blueprint("opening", __name__)

#: How many children born together the page asks for.
BORN_TOGETHER = 3


class TableMissing(Refused):
    """An import was to be checked without a table."""

    def __init__(self) -> None:
        super().__init__("Choose the file with the table, or paste the table.")


@opening.get("/cases/import")
@allows(Audience.HEAD, Audience.OPERATORS)
def table() -> ResponseReturnValue:
    """The page that takes a table of plans that are running already."""
    return render_template("opening/import.html")


@opening.post("/cases/import")
@allows(Audience.HEAD, Audience.OPERATORS)
def rehearse() -> ResponseReturnValue:
    """Check every row; nothing is opened yet."""
    pasted = request.form.get("table", "")
    ask_again(lambda refusal: render_template("opening/import.html", table=pasted, refusal=str(refusal)))
    content = _table()
    return _rehearsal_page(content, casework().rehearse_import(content, by=practitioner()))


@opening.post("/cases/import/run")
@allows(Audience.HEAD, Audience.OPERATORS)
def run() -> ResponseReturnValue:
    """Open the cases of exactly the rows that were seen."""
    posted_key()
    content = _table()
    ask_again(lambda refusal: _rehearsal_page(content, casework().rehearse_import(content, by=practitioner()), refusal))
    done = list(casework().run_import(content, request.form.get("seal", ""), by=practitioner()))
    return render_template("opening/imported.html", rows=done)


def _table() -> bytes:
    """The table as it was uploaded, or as the page carried it. Raises TableMissing."""
    sent = request.files.get("file")
    content = sent.read() if sent is not None and sent.filename else request.form.get("table", "").encode()
    if not content.strip():
        raise TableMissing
    return content


def _rehearsal_page(content: bytes, rehearsal: Rehearsal, refusal: EngineError | None = None) -> str:
    return render_template(
        "opening/rehearsal.html",
        rehearsal=rehearsal,
        table=content.decode("utf-8-sig"),
        titles=dict(casework().startable(practitioner().authority)),
        refusal=None if refusal is None else str(refusal),
    )


# ------------------------------------------------------------------------------------- births, brothers and sisters


@opening.get("/cases/<case_id>/birth")
@allows(Audience.CASEWORKERS)
def birth(case_id: str) -> ResponseReturnValue:
    """The page that records a birth."""
    return _birth_page(case_id)


@opening.post("/cases/<case_id>/birth")
@allows(Audience.CASEWORKERS)
def born(case_id: str) -> ResponseReturnValue:
    """Record a birth; each further child gets a linked case of its own."""
    typed = questions.read(_birth_questions(), request.form)
    ask_again(lambda refusal: _birth_page(case_id, typed.texts, refusal))
    asking.refuse_unclear(typed)
    answers = typed.answers
    missing = [
        FieldProblem(name, message)
        for name, message in (("dob", "Give the date of birth."), ("name", "Give the child’s name."))
        if not answers[name]
    ]
    others = []
    for number in range(2, BORN_TOGETHER + 1):
        reference, name = answers[f"case_{number}"], answers[f"name_{number}"]
        if reference and name:
            others.append(Newborn(str(reference), str(name)))
        elif reference or name:
            missing.append(FieldProblem(f"case_{number}", "Give both the reference and the name."))
    if missing:
        raise FactsRefused(missing)
    received = answers["received_on"]
    casework().record_birth(
        case_id,
        born_on=str(answers["dob"]),
        name=str(answers["name"]),
        received_on=str(received) if received else None,
        others=others,
        by=practitioner(),
        command_id=posted_key(),
    )
    linked = f" {counted(len(others), 'linked case')} {'is' if len(others) == 1 else 'are'} open." if others else ""
    flash(f"The birth is recorded.{linked}")
    return redirect(url_for("cases.show", case_id=case_id), 303)


@opening.get("/cases/<case_id>/siblings")
@allows(Audience.CASEWORKERS)
def siblings(case_id: str) -> ResponseReturnValue:
    """The page that links brothers and sisters."""
    return _siblings_page(case_id)


@opening.post("/cases/<case_id>/siblings")
@allows(Audience.CASEWORKERS)
def link(case_id: str) -> ResponseReturnValue:
    """Link two cases."""
    other = request.form.get("other", "").strip()[:40]
    ask_again(lambda refusal: _siblings_page(case_id, other, refusal))
    if not other:
        raise FactsRefused([FieldProblem("other", "Give the other case’s reference.")])
    casework().link_siblings(case_id, other, by=practitioner(), command_id=posted_key())
    flash(f"Linked with case {other}. Nothing decided in one is decided in the other.")
    return redirect(url_for("cases.show", case_id=case_id), 303)


def _birth_questions() -> tuple[Question, ...]:
    asked = [
        Question("received_on", "date", "When were you told?", hint="Leave it empty for today.", optional=True),
        Question("dob", "date", "Date of birth", hint="For example, 27 3 2026."),
        Question("name", "text", "The child’s name"),
    ]
    for number in range(2, BORN_TOGETHER + 1):
        which = {2: "second", 3: "third"}[number]
        asked.append(
            Question(
                f"name_{number}",
                "text",
                f"Name of a {which} child born with this one",
                optional=True,
                hint="It gets a case of its own with this plan’s dates and people, linked with this one.",
            )
        )
        asked.append(Question(f"case_{number}", "text", f"Case reference of the {which} child", optional=True))
    return tuple(asked)


def _birth_page(case_id: str, texts: Mapping[str, Any] | None = None, refusal: EngineError | None = None) -> str:
    case = casework().case(practitioner(), case_id)
    if not case.facts.get("unborn"):
        raise NotFound(f"The child of case {case_id} is born already.")
    return _ask(
        "Record a birth",
        "The plan goes on. The eighteenth birthday counts from now on, and whatever is under way is told.",
        _birth_questions(),
        url_for("opening.born", case_id=case_id),
        "Record the birth",
        case_id,
        texts,
        refusal,
    )


def _siblings_page(case_id: str, typed: str = "", refusal: EngineError | None = None) -> str:
    casework().case(practitioner(), case_id)
    return _ask(
        "Link a brother or sister",
        "Both cases name each other. One child’s outcome never changes another’s.",
        (Question("other", "text", "Reference of the other child’s case"),),
        url_for("opening.link", case_id=case_id),
        "Link the cases",
        case_id,
        {"other": typed},
        refusal,
    )


def _ask(
    title: str,
    words: str,
    asked: tuple[Question, ...],
    action: str,
    button: str,
    case_id: str,
    texts: Mapping[str, Any] | None,
    refusal: EngineError | None,
) -> str:
    problems = [
        FieldProblem(one.field, one.message if one.message[:1].isupper() else f"This {one.message}")
        for one in (getattr(refusal, "problems", ()) if refusal is not None else ())
    ]
    shown = questions.shown_again(asked, texts or {}, problems)
    return render_template(
        "corrections/ask.html",
        title=title,
        words=words,
        questions=shown,
        action=action,
        button=button,
        case_id=case_id,
        may_do=True,
        problems=questions.summary(shown, problems),
        refusal=None if problems or refusal is None else str(refusal),
    )

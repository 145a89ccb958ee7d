"""The letters of a case: where each stands, who did what with it, the letter to read, to print and to mail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.case.confidential import is_withheld
from engine.case.mailing import sent_letter
from engine.casework.posting import NO_ADDRESS, Mailed, is_address
from engine.casework.views import LetterView
from engine.errors import EngineError, FieldProblem
from webhooks import asking, questions
from webhooks.access import Audience, allows, practitioner
from webhooks.asking import Unanswered
from webhooks.case_blueprint import READERS, cases
from webhooks.desk import casework, posted_key
from webhooks.errors import ask_again
from webhooks.problems import in_words
from webhooks.questions import Question
from webhooks.words import counted

#: Mail that is done with or on its way: nobody is asked where it should go.
SETTLED = ("queued", "tried again", "handed in")


@cases.get("/cases/<case_id>/letters")
@allows(*READERS)
def letters(case_id: str) -> ResponseReturnValue:
    """The letters of a case."""
    found = casework().case(practitioner(), case_id)
    titles = {name: title for pathway in found.pathways for name, title in pathway.letters.items()}
    recalled = casework().recalls(practitioner(), case_id)
    return render_template("cases/letters.html", case=found, titles=titles, recalls=recalled)


@cases.get("/cases/<case_id>/letters/<int:number>")
@allows(*READERS)
def letter(case_id: str, number: int) -> ResponseReturnValue:
    """One letter, to read or to print, and what became of its mail."""
    by = practitioner()
    view = casework().letter(by, case_id, number)
    mailed = casework().mailed(by, case_id, number)
    may = view.letter.state == "sent" and by.works_cases and casework().may_mail(by, case_id, number)
    recalled = casework().recalls(by, case_id).get(number)
    return render_template(
        "cases/letter.html",
        view=view,
        mailed=_lines(view, mailed),
        may_mail=may and recalled is None,
        problem=in_words,
        recall=recalled,
    )


@cases.get("/cases/<case_id>/letters/<int:number>.pdf")
@allows(*READERS)
def letter_pdf(case_id: str, number: int) -> ResponseReturnValue:
    """One letter as a paper."""
    view = casework().letter(practitioner(), case_id, number, pdf=True)
    named = {"Content-Disposition": f'inline; filename="{case_id}-letter-{number}.pdf"'}
    return Response(view.pdf or b"", content_type="application/pdf", headers=named)


@cases.get("/cases/<case_id>/letters/<int:number>/mail")
@allows(Audience.CASEWORKERS)
def letter_to_mail(case_id: str, number: int) -> ResponseReturnValue:
    """The page that asks where a letter goes by mail."""
    return _mail_page(case_id, number)


@cases.post("/cases/<case_id>/letters/<int:number>/mail")
@allows(Audience.CASEWORKERS)
def mail_letter(case_id: str, number: int) -> ResponseReturnValue:
    """Mail a letter that was sent to those of its recipients for whom an address was given, each alone."""
    by = practitioner()
    view = casework().letter(by, case_id, number)
    asked = _mail_questions(view, casework().mailed(by, case_id, number))
    typed = questions.read(asked, request.form)
    ask_again(lambda refusal: _mail_page(case_id, number, typed.texts, refusal))
    asking.refuse_unclear(typed)
    given = {one.name: asking.text_of(typed, one.name) for one in asked}
    to = [
        {**entry, "address": given[f"to-{place}"]}
        for place, entry in enumerate(view.letter.recipients)
        if given.get(f"to-{place}")
    ]
    if not to and asked:
        raise Unanswered(FieldProblem(asked[0].name, "Enter the email address of at least one recipient."))
    wrong = [name for name, address in given.items() if address and not is_address(address)]
    if wrong:
        raise Unanswered(*(FieldProblem(name, NO_ADDRESS) for name in wrong))
    casework().mail_letter(case_id, number, to, by=by, command_id=posted_key())
    flash(f"{counted(len(to), 'mail')} on the way. This page says what becomes of each.")
    return redirect(url_for("cases.letter", case_id=case_id, number=number), 303)


@cases.post("/cases/<case_id>/letters/<int:number>/mail/again")
@allows(Audience.CASEWORKERS)
def mail_again(case_id: str, number: int) -> ResponseReturnValue:
    """Mail a letter once more to one recipient, at the address that it went to before."""
    notice = request.form.get("notice", "")
    casework().mail_again(case_id, number, notice, by=practitioner(), command_id=posted_key())
    flash("The letter is on its way again.")
    return redirect(url_for("cases.letter", case_id=case_id, number=number), 303)


def _lines(view: LetterView, mailed: tuple[Mailed, ...]) -> list[tuple[Mapping[str, Any], Mailed | None]]:
    """Each recipient of a letter with what became of the mail to them."""
    known = {(one.on_list, one.to): one for one in mailed}
    return [(entry, known.get((str(entry["list"]), str(entry["to"])))) for entry in view.letter.recipients]


def _mail_questions(view: LetterView, mailed: tuple[Mailed, ...]) -> tuple[Question, ...]:
    """One address for each recipient to whom nothing is on its way."""
    asked = []
    for place, (entry, last) in enumerate(_lines(view, mailed)):
        if is_withheld(entry["to"]) or (last is not None and last.state in SETTLED):
            continue
        hint = in_words(last.problem) if last is not None and last.problem else "Email address"
        address = "" if last is None or is_withheld(last.address) else last.address
        asked.append(Question(f"to-{place}", "text", str(entry["to"]), hint, optional=True, typed=address))
    return tuple(asked)


def _mail_page(
    case_id: str, number: int, texts: Mapping[str, Any] | None = None, refusal: EngineError | None = None
) -> str:
    by = practitioner()
    # First whether they see the case at all: one that is not theirs answers as one that is not there.
    view = casework().letter(by, case_id, number)
    casework().mailing_role(by, case_id, number)
    sent_letter(casework().load(by.authority, case_id), number)
    mailed = casework().mailed(by, case_id, number)
    asked = _mail_questions(view, mailed)
    return render_template(
        "cases/letter_mail.html",
        view=view,
        settled=[(entry, one) for entry, one in _lines(view, mailed) if one is not None and one.state in SETTLED],
        **asking.page_of(asked, texts, refusal),
    )

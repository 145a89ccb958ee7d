"""The letters of a case: where each stands, who did what with it, and the letter itself to read or to print."""

from __future__ import annotations

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from webhooks.access import allows, practitioner
from webhooks.case_blueprint import READERS, cases
from webhooks.desk import casework


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

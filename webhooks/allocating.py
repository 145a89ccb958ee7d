"""Who works on a case: a supervisor gives each of its roles to a colleague, or back to the team."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import CaseView
from engine.casework.permissions import ALLOCATED_ROLES
from engine.errors import EngineError, FieldProblem, Refused
from webhooks import asking, questions
from webhooks.access import Audience, allows, practitioner
from webhooks.case_blueprint import cases
from webhooks.desk import casework, posted_key
from webhooks.errors import ask_again
from webhooks.questions import Choice, Question
from webhooks.surroundings import role_title

#: What is chosen where nobody has the role in the case; no person is called so.
TEAM = "-"


class NothingToAllocate(Refused):
    """The role chosen is none of a case, or the person does not hold it."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.problems = (FieldProblem(field, sentence),)


@cases.get("/cases/<case_id>/allocation")
@allows(Audience.SUPERVISORS)
def allocation(case_id: str) -> ResponseReturnValue:
    """Who works on the case in which role, and the form that gives a role to somebody else."""
    return _page(casework().case(practitioner(), case_id))


@cases.post("/cases/<case_id>/allocation")
@allows(Audience.SUPERVISORS)
def allocate(case_id: str) -> ResponseReturnValue:
    """Give a role of the case to a colleague who holds it, or back to the team; open tasks follow."""
    case = casework().case(practitioner(), case_id)
    asked = _questions(case)
    typed = questions.read(asked, request.form)
    one = next((one for one in asked if one.name == request.form.get("role")), None)
    if one is None:
        raise NothingToAllocate(asked[0].name, "Choose a role of the case.")
    chosen = asking.text_of(typed, one.name)
    ask_again(lambda refusal: _page(case, {one.name: chosen}, refusal))
    asking.refuse_unclear(typed)
    names = {choice.value: choice.label for choice in one.choices}
    if chosen not in names:
        raise NothingToAllocate(one.name, "Choose somebody who holds the role.")
    person = None if chosen == TEAM else chosen
    casework().allocate_role(case_id, one.name, person, by=practitioner(), command_id=posted_key())
    flash(f"{one.label}: {names[chosen] if person else 'the team'}. Open tasks that nobody took follow.")
    return redirect(url_for("cases.allocation", case_id=case_id), 303)


def _questions(case: CaseView) -> tuple[Question, ...]:
    """One question for each role that a case has a holder of."""
    authority = casework().authority(practitioner().authority)
    allocated = casework().load(practitioner().authority, case.case_id).roles
    named = [role for role in authority.roles if role in ALLOCATED_ROLES or role in allocated]
    asked = []
    for role in named:
        people = [Choice(person, name) for person, name in casework().colleagues(authority.id, frozenset({role}))]
        team = Choice(TEAM, "Nobody: its tasks wait for the team")
        holder = allocated.get(role, TEAM)
        asked.append(Question(role, "listed", role_title(role), choices=(team, *people), typed=holder))
    return tuple(asked)


def _page(case: CaseView, texts: Mapping[str, Any] | None = None, refusal: EngineError | None = None) -> str:
    return render_template("cases/allocation.html", case=case, **asking.page_of(_questions(case), texts, refusal))

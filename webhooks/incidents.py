"""Incidents in words: what stopped, where, since when, and what can be done about it without touching the database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import Done
from engine.errors import EngineError, NotFound
from webhooks import asking, facts, questions
from webhooks.access import Audience, allows, practitioner
from webhooks.beginnings import fact_question
from webhooks.desk import casework, posted_key
from webhooks.errors import ask_again
from webhooks.questions import Question

incidents = Blueprint("incidents", __name__, url_prefix="/incidents")

#: What went wrong with a job, by its code (webhooks/outbound.py, webhooks/mail.py), and who can put it right.
WENT_WRONG = {
    "nobody_to_write_to": "Nobody who holds the role has a mail address. Give somebody the role, or their address.",
    "nobody_to_send_to": "No receiver is told of this message. Add a receiver, then try again.",
    "no_mail_server": "No mail server is set for this installation.",
    "mail_server_down": "The mail server did not answer for hours.",
    "mail_sign_in": "The mail server did not accept our sign-in. Put the installation’s settings right.",
    "mail_not_safe": "The mail server does not encrypt as it was set to. Put the installation’s settings right.",
    "mail_not_taken": "The mail server refused the mail.",
    "addresses_refused": "The mail server refused every address. Put the people’s addresses right.",
    "some_addresses_refused": "The mail server refused some of the addresses. The others have the mail.",
    "would_disclose": "The letter says something that is kept from one of the mail’s readers.",
    "no_letter_sent": "No letter of this kind has been sent yet.",
    "receiver_down": "A receiver did not answer for hours.",
    "receiver_unknown": "A receiver’s name was not found in the network.",
    "receiver_refused": "A receiver answered with an error.",
    "receiver_gone": "A receiver answered that it is gone. End it, or add it with its new address.",
    "receiver_moved": "A receiver sent us elsewhere. Add it with its new address.",
    "receiver_not_safe": "A receiver’s address is not safe.",
}

_FACT_WHY = Question(
    "why_known", "text", "How do you know?", hint="Who told you, or where it is written. Kept in the history."
)
_SKIP_WHY = Question("why_skipped", "text", "Why can it be skipped?", hint="The reason is kept in the case’s history.")
_RAISE = (
    Question("code", "text", "Error code", hint="As the diagram catches it at this step."),
    Question("why_raised", "text", "Why?", hint="The reason is kept in the case’s history."),
)


@incidents.get("")
@allows(Audience.OPERATORS, Audience.HEAD)
def index() -> ResponseReturnValue:
    """Cases that could not go on by themselves."""
    return render_template("operations/incidents.html", incidents=casework().incidents(practitioner()))


@incidents.get("/<case_id>/<int:number>")
@allows(Audience.OPERATORS, Audience.HEAD)
def show(case_id: str, number: int) -> ResponseReturnValue:
    """One incident, with everything that can be done."""
    return _page(case_id, number)


@incidents.post("/<case_id>/<int:number>/retry")
@allows(Audience.OPERATORS, Audience.HEAD)
def retry(case_id: str, number: int) -> ResponseReturnValue:
    """Try a stopped step again, with the answers that were given."""
    return _told(casework().retry_incident(case_id, number, by=practitioner(), command_id=posted_key()))


@incidents.post("/<case_id>/<int:number>/fact")
@allows(Audience.OPERATORS, Audience.HEAD)
def supply_fact(case_id: str, number: int) -> ResponseReturnValue:
    """Record the fact that was missing, and try again."""
    name = request.form.get("fact_name", "")
    asked = _fact_questions(name)
    typed = questions.read(asked, request.form)
    ask_again(lambda refusal: _page(case_id, number, name, typed.texts, refusal))
    asking.check_answered(asked, typed)
    value = typed.answers.get(name)
    why = asking.text_of(typed, "why_known")
    by = practitioner()
    return _told(casework().mending.supply_fact(case_id, number, name, value, why, by=by, command_id=posted_key()))


@incidents.post("/<case_id>/<int:number>/skip")
@allows(Audience.OPERATORS, Audience.HEAD)
def skip(case_id: str, number: int) -> ResponseReturnValue:
    """Go on without a routine notice."""
    typed = questions.read((_SKIP_WHY,), request.form)
    ask_again(lambda refusal: _page(case_id, number, "", {}, refusal))
    asking.check_answered((_SKIP_WHY,), typed)
    why = asking.text_of(typed, "why_skipped")
    return _told(casework().mending.skip_notice(case_id, number, why, by=practitioner(), command_id=posted_key()))


@incidents.post("/<case_id>/<int:number>/error")
@allows(Audience.OPERATORS, Audience.HEAD)
def raise_error(case_id: str, number: int) -> ResponseReturnValue:
    """Take the way that the diagram draws for an error."""
    typed = questions.read(_RAISE, request.form)
    ask_again(lambda refusal: _page(case_id, number, "", typed.texts, refusal))
    asking.check_answered(_RAISE, typed)
    code, why = asking.text_of(typed, "code"), asking.text_of(typed, "why_raised")
    by = practitioner()
    return _told(casework().mending.raise_error(case_id, number, code, why, by=by, command_id=posted_key()))


def _told(done: Done) -> ResponseReturnValue:
    again = any(event.kind == "IncidentRaised" for event in done.events)
    words = "It stopped again, for the reason shown." if again else "Done: the case goes on."
    flash(words, "notice" if again else "message")
    return redirect(url_for("incidents.index"), 303)


def _fact_questions(name: str) -> tuple[Question, ...]:
    if name not in facts.SUPPLIED:
        raise NotFound("There is no fact of that name to supply.")
    return (fact_question(name), _FACT_WHY)


def _page(
    case_id: str,
    number: int,
    fact: str = "",
    texts: Mapping[str, Any] | None = None,
    refusal: EngineError | None = None,
) -> str:
    found = casework().mending.incident(practitioner(), case_id, number)
    fact = fact or request.args.get("fact", "")
    asked = _fact_questions(fact) if fact in facts.SUPPLIED else ()
    whole = asking.page_of((*asked, _SKIP_WHY, *_RAISE), texts, refusal)
    shown = {one.name: one for one in whole["questions"]}
    return render_template(
        "operations/incident.html",
        found=found,
        went_wrong=WENT_WRONG.get(found.code, ""),
        fact=fact,
        fact_questions=[shown[one.name] for one in asked],
        fact_choices=sorted(((name, facts.label(name)) for name in facts.SUPPLIED), key=lambda one: one[1].lower()),
        raise_questions=[shown[one.name] for one in _RAISE],
        skip_questions=[shown[_SKIP_WHY.name]],
        problems=whole["problems"],
        refusal=whole["refusal"],
    )

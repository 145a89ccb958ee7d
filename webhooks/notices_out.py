"""Messages out that did not go: those given up, those for nobody, and what operators did about either."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import Practitioner
from engine.casework.notices import PUBLISHED
from engine.errors import FieldProblem
from webhooks.access import Audience, allows, practitioner
from webhooks.asking import Unanswered
from webhooks.desk import casework
from webhooks.problems import in_words
from webhooks.words import counted

notices_out = Blueprint("notices_out", __name__, url_prefix="/messages-out")

#: What each kind of event is in words (engine.casework.notices.PUBLISHED).
TOPICS = {
    "PlanEnded": "A plan has ended",
    "EndReached": "A pathway has reached its end",
    "LetterSent": "A letter was sent",
    "letter": "A letter",
    "EscalationRaised": "Something was put before a role",
    "IncidentRaised": "A case has stopped",
    "PlanReinstated": "A plan is active again that had ended in error",
}
#: What operators did, in words.
DUTIES = {
    "sender_added": "Sender added",
    "sender_key_changed": "Sender given a new key",
    "sender_ended": "Sender ended",
    "receiver_added": "Receiver added",
    "receiver_key_changed": "Receiver given a new key",
    "receiver_ended": "Receiver ended",
    "token_issued": "Token issued",
    "token_ended": "Token ended",
    "notice_sent_again": "Message out sent again",
    "notice_skipped": "Message out skipped",
    "unaddressed_sent": "Messages for nobody sent",
    "unaddressed_dismissed": "Messages for nobody dismissed",
    "dead_letter_read": "Dead letter read",
    "dead_letter_delivered": "Dead letter attached to a case",
    "dead_letter_dismissed": "Dead letter dismissed",
}


@notices_out.get("")
@allows(Audience.OPERATORS)
def index() -> ResponseReturnValue:
    """What did not go out, and what can be done."""
    return _page()


def _page() -> str:
    by = practitioner()
    return render_template(
        "operations/notices.html",
        dead=casework().partnerships.undelivered(by),
        apart=casework().partnerships.unaddressed(by),
        waiting=casework().partnerships.on_the_way(by),
        problem=in_words,
        topics=TOPICS,
        heard=_heard(by),
    )


def _heard(by: Practitioner) -> frozenset[str]:
    """The kinds of event that some receiver is told of today."""
    live = [one for one, _ in casework().partnerships.all(by, "receiver") if one.ended_at is None]
    return frozenset(PUBLISHED if any(not one.topics for one in live) else [t for one in live for t in one.topics])


@notices_out.post("/again")
@allows(Audience.OPERATORS)
def again() -> ResponseReturnValue:
    """Try one again from the beginning."""
    casework().partnerships.send_again(practitioner(), request.form.get("handle", ""))
    flash("It is tried again now.")
    return redirect(url_for("notices_out.index"), 303)


@notices_out.post("/skip")
@allows(Audience.OPERATORS)
def skip() -> ResponseReturnValue:
    """Say that one need not go out any more."""
    casework().partnerships.skip_notice(practitioner(), request.form.get("handle", ""), _reason())
    flash("It is skipped, with your reason.")
    return redirect(url_for("notices_out.index"), 303)


@notices_out.post("/unaddressed/<topic>/send")
@allows(Audience.OPERATORS)
def send_unaddressed(topic: str) -> ResponseReturnValue:
    """Send what had nobody to go to, now that there is somebody."""
    sent = casework().partnerships.send_unaddressed(practitioner(), topic)
    flash(f"{counted(sent, 'message')} on the way.")
    return redirect(url_for("notices_out.index"), 303)


@notices_out.post("/unaddressed/<topic>/dismiss")
@allows(Audience.OPERATORS)
def dismiss_unaddressed(topic: str) -> ResponseReturnValue:
    """Say that nobody need be told."""
    dismissed = casework().partnerships.dismiss_unaddressed(practitioner(), topic, _reason())
    flash(f"{counted(dismissed, 'message')} dismissed, with your reason.")
    return redirect(url_for("notices_out.index"), 303)


@notices_out.get("/done")
@allows(Audience.OPERATORS)
def duties() -> ResponseReturnValue:
    """What was done outside cases, by whom and why."""
    return render_template(
        "operations/duties.html", duties=casework().partnerships.duties(practitioner()), words=DUTIES
    )


def _reason() -> str:
    why = request.form.get("why", "").strip()
    if len(why) < 3:
        raise Unanswered(FieldProblem("why", "Say why, for the record. Go back and enter a reason."))
    return why[:500]

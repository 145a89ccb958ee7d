"""Submitting a draft, and deciding what somebody else submitted."""

from __future__ import annotations

import re
from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import EngineError
from engine.store.drafts import APPROVED, SUBMITTED
from webhooks import diagrams
from webhooks.access import Audience, allows, practitioner
from webhooks.errors import ask_again
from webhooks.studio.room import DECIDING, DRAWING, LOOKING, Room, enter, reasons, studio, the_studio, title_of

_DRAWN = re.compile(r"(.*) \(drawn by ([^ ()]+)\)", re.DOTALL)


@studio.get("/drafts/<int:number>/<pathway>/submit")
@allows(*LOOKING)
def submit(number: int, pathway: str) -> ResponseReturnValue:
    """What still stands against submitting a draft, and the form that submits it."""
    return _submit(enter(number, pathway))


def _submit(room: Room, error: EngineError | None = None) -> str:
    return room.page(
        "submit",
        "submit",
        ready=the_studio().readiness(room.opened),
        called=partial(title_of, room.opened),
        why=request.form.get("why", ""),
        refusal=room.reasons(error),
    )


@studio.post("/drafts/<int:number>/<pathway>/submit")
@allows(*DRAWING)
def put_forward(number: int, pathway: str) -> ResponseReturnValue:
    """Submit a draft to somebody who may publish it."""
    room = enter(number, pathway)
    ask_again(lambda error: _submit(room, error))
    made = the_studio().submit(practitioner(), number, request.form.get("why", ""))
    flash("The draft is submitted. It does not change until somebody has decided.", "success")
    return redirect(url_for("studio.submission", number=made.number), 303)


@studio.get("/submissions/<int:number>")
@allows(*LOOKING)
def submission(number: int) -> ResponseReturnValue:
    """One submission: why, what it changes, what the checks said, and the decision."""
    return _submission(number)


def _submission(number: int, error: EngineError | None = None) -> str:
    by = practitioner()
    put = the_studio().submission(by, number)
    waiting = put.submission.state == SUBMITTED
    decides = waiting and Audience.APPROVERS.admits(by)
    had_a_hand = decides and by.id in the_studio().authors(put)
    return render_template(
        "studio/submission.html",
        put=put,
        called=partial(title_of, put.opened),
        one=put.submission,
        comparison=put.comparison,
        waiting=waiting,
        published=put.submission.state == APPROVED,
        may_decide=decides and not had_a_hand,
        had_a_hand=had_a_hand,
        may_take_back=waiting and Audience.ANALYSTS.admits(by),
        moved=waiting and put.moved,
        refusal=None if error is None else reasons(error),
        said=request.form.get("said", ""),
    )


@studio.post("/submissions/<int:number>/approve")
@allows(*DECIDING)
def approve(number: int) -> ResponseReturnValue:
    """Publish what somebody else submitted; new cases take it, running ones stay."""
    ask_again(lambda error: _submission(number, error))
    the_studio().approve(practitioner(), number, request.form.get("said", "").strip())
    flash("Published. New cases start on it; running cases stay on the release they began on.", "success")
    return redirect(url_for("studio.submission", number=number), 303)


@studio.post("/submissions/<int:number>/send-back")
@allows(*DECIDING)
def send_back(number: int) -> ResponseReturnValue:
    """Give a submission back to be changed."""
    ask_again(lambda error: _submission(number, error))
    the_studio().send_back(practitioner(), number, request.form.get("said", ""))
    flash("Sent back. The draft can be changed again.", "success")
    return redirect(url_for("studio.index"), 303)


@studio.post("/submissions/<int:number>/take-back")
@allows(*DRAWING)
def take_back(number: int) -> ResponseReturnValue:
    """Withdraw a submission to go on drawing."""
    made = the_studio().take_back(practitioner(), number)
    flash("Taken back. The draft can be changed again.", "success")
    return redirect(url_for("studio.draft", number=made.draft), 303)


@studio.get("/pathways/<pathway>/versions")
@allows(*LOOKING)
def versions(pathway: str) -> ResponseReturnValue:
    """Every release of a pathway that new cases started on: who published it, when, why, and what it changed."""
    by = practitioner()
    lines = the_studio().history(by, pathway)
    older = [line.release for line in lines[1:]]
    changed = [
        (line, the_studio().between(by, before, line.release) if before else None)
        for line, before in zip(lines, [*older, None], strict=False)
    ]
    title = the_studio().title_in_force(by, pathway) or diagrams.in_words(pathway)
    return render_template("studio/versions.html", title=title, versions=changed, reason=_reason)


def _reason(why: str) -> tuple[str, str]:
    """Why something was published, and who drew it, '' where that is not said."""
    found = _DRAWN.fullmatch(why)
    return (found[1], found[2]) if found is not None else (why, "")

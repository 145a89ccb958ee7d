"""A person's own account: where they are signed in, and their password."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework.sign_in import PasswordRefused
from engine.errors import EngineError
from webhooks import sessions
from webhooks.access import Audience, allows, practitioner
from webhooks.desk import casework
from webhooks.errors import ask_again

account = Blueprint("account", __name__)


@account.get("/account")
@allows(Audience.SIGNED_IN)
def show() -> ResponseReturnValue:
    """Where a person is signed in, to end what should not be."""
    by = practitioner()
    return render_template(
        "account/show.html",
        sessions=casework().staff.sessions(by),
        here=sessions.this_session(),
        covers=sorted(by.covers),
        browser_words=browser_words,
        local=casework().authority(by.authority).sign_in.local_accounts,
    )


@account.post("/account/sessions/<session>/end")
@allows(Audience.SIGNED_IN)
def end_session(session: str) -> ResponseReturnValue:
    """End one of a person's own sessions, wherever it is."""
    if session == sessions.this_session():
        sessions.end()
        return redirect(url_for("door.sign_in", left="yes"), 303)
    if casework().staff.end_session(practitioner(), session, at=sessions.wall_clock()):
        flash("That session has ended.")
    return redirect(url_for("account.show"), 303)


@account.post("/account/sessions/end-others")
@allows(Audience.SIGNED_IN)
def end_others() -> ResponseReturnValue:
    """End every other session of this person."""
    by = practitioner()
    ended = casework().sessions.end_all(
        by.authority, by.id, at=sessions.wall_clock(), by=by.id, but=sessions.this_session()
    )
    flash(f"{ended} other session{'s have' if ended != 1 else ' has'} ended.")
    return redirect(url_for("account.show"), 303)


@account.get("/account/password")
@allows(Audience.ENTERING)
def password() -> ResponseReturnValue:
    """The page that changes a password."""
    return _password_page()


@account.post("/account/password")
@allows(Audience.ENTERING)
def change_password() -> ResponseReturnValue:
    """Change a person's own password; their other sessions end."""
    by = practitioner()
    ask_again(_password_page)
    old, new = request.form.get("old", ""), request.form.get("new", "")
    if new != request.form.get("again", ""):
        raise PasswordRefused("again", "The two passwords differ. Type the new one twice.")
    casework().change_password(by, old, new, at=sessions.wall_clock())
    casework().sessions.end_all(by.authority, by.id, at=sessions.wall_clock(), by=by.id, but=sessions.this_session())
    flash("Your password is changed. You are signed out everywhere else.")
    return redirect(url_for("door.home"), 303)


#: What browsers call themselves, the more telling first.
_BROWSERS = {"Edg": "Edge", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
_SYSTEMS = {
    "Windows": "Windows",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Mac OS": "Mac",
    "Linux": "Linux",
}


def browser_words(said: str) -> str:
    """A browser as people know it: 'Firefox on Windows'."""
    browser = next((words for sign, words in _BROWSERS.items() if sign in said), "Another browser")
    system = next((words for sign, words in _SYSTEMS.items() if sign in said), "")
    return f"{browser} on {system}" if system else browser


def _password_page(refusal: EngineError | None = None) -> str:
    problems = {one.field: one.message for one in getattr(refusal, "problems", ())}
    return render_template(
        "account/password.html", problems=problems, refusal=refusal, must_change=practitioner().must_change
    )

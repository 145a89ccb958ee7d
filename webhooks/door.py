"""The door: signing in and out, the accessibility statement, and whether the service is up."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webhooks import access
from webhooks.access import Audience, allows
from webhooks.desk import casework
from webhooks.errors import ask_again
from webhooks.words import markdown

door = Blueprint("door", __name__)

STATEMENT = Path(__file__).resolve().parents[1] / "docs" / "accessibility.md"


@door.get("/")
@allows(Audience.SIGNED_IN)
def home() -> ResponseReturnValue:
    """Each person's first page: their tasks, or what their role looks after."""
    return redirect(url_for(access.first_page(access.practitioner())))


@door.get("/sign-in")
@allows(Audience.ANYONE)
def sign_in() -> ResponseReturnValue:
    """The page that asks who you are."""
    return _sign_in_page()


@door.post("/sign-in")
@allows(Audience.ANYONE)
def enter() -> ResponseReturnValue:
    """Check who somebody is, and take them where they were going."""
    form = request.form
    ask_again(lambda refusal: _sign_in_page(str(refusal)))
    access.sign_in(form.get("authority", ""), form.get("login", ""), form.get("password", ""))
    return redirect(access.onward(request) or url_for("door.home"), 303)


@door.post("/sign-out")
@allows(Audience.ANYONE)
def sign_out() -> ResponseReturnValue:
    """End the session on the server's side and on this browser's."""
    access.sign_out()
    return redirect(url_for("door.sign_in", left="yes"), 303)


@door.get("/accessibility")
@allows(Audience.ANYONE)
def accessibility() -> ResponseReturnValue:
    """The accessibility statement."""
    return render_template("accessibility.html", statement=markdown(STATEMENT.read_text("utf-8"), top=True))


@door.get("/health")
@allows(Audience.ANYONE)
def health() -> ResponseReturnValue:
    """Whether the service answers; says nothing else."""
    return {"status": "up"}


def _sign_in_page(refusal: str | None = None) -> str:
    return render_template(
        "sign_in.html",
        authorities=casework().authorities(),
        stopped=casework().stopped(),
        refusal=refusal,
        login=request.form.get("login", ""),
        chosen=request.values.get("authority", ""),
        onward=access.onward(request),
        left="left" in request.args,
    )

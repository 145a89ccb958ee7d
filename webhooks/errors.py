"""The one map from every way the engine says no to the page, or the problem+json, that says so.

Views hold no `try`. A view that shows a form names, before it acts, the page that shows the form again with what
was typed (`ask_again`); a refusal on its way out is then shown there. Everything else gets a page of its own.
Nothing personal is logged: ids, kinds of error and places in the code, never values.
"""

from __future__ import annotations

import secrets
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import orjson
import structlog
from flask import Flask, Response, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from engine.casework import SignInRefused, TaskNotOpen
from engine.casework.answering import KeyReused
from engine.casework.door import CaseMoved
from engine.casework.sign_in import AuthorityStopped, NoLocalAccounts, NotKnownHere, TooManyTries
from engine.errors import AnswersRefused, EngineError, FieldProblem, Forbidden, Incident, NotFound, Refused, Unreadable
from engine.store import ReleaseChanged, SettingsChanged
from engine.store.errors import DuplicateCommand, StaleCase, StoreRefused, StoreUnavailable, Undecipherable
from engine.store.tokens import TokenIssued
from webhooks import sessions
from webhooks.access import PasswordToBeChanged, SignInNeeded, TokenNeeded, may_open
from webhooks.api.asked import BodyRefused
from webhooks.assets import AssetsNotBuilt
from webhooks.desk import casework, settings
from webhooks.signatures import SignatureRefused, TypeRefused

log = structlog.get_logger(__name__)

Again = Callable[[EngineError], str]


@dataclass(frozen=True, slots=True)
class Saying:
    """How one kind of refusal is said: its HTTP status, its heading, and what the person can do now."""

    status: int
    title: str
    mend: str


#: The history of a case, a file of the release that it runs on, or its settings were changed behind the store.
CHANGED_OUTSIDE = Saying(
    409, "This cannot be opened", "The plan stays as it is. Tell an auditor: Audit says where it was changed."
)

#: The first kind in this order that fits is used.
SAYINGS: tuple[tuple[type[EngineError], Saying], ...] = (
    (TokenNeeded, Saying(401, "A token is needed", "Ask an operator for one.")),
    (SignatureRefused, Saying(401, "The signature was not accepted", "Nothing was stored.")),
    (TypeRefused, Saying(415, "This kind of content is not read here", "Nothing was stored.")),
    (SignInNeeded, Saying(401, "Sign in", "Sign in to open this page.")),
    (TooManyTries, Saying(429, "Too many sign-ins failed", "Wait, and try again.")),
    (SignInRefused, Saying(403, "You could not be signed in", "Check your user name and password, and try again.")),
    (NoLocalAccounts, Saying(403, "You could not be signed in", "Sign in with your council account.")),
    (AuthorityStopped, Saying(403, "You could not be signed in", "The other authorities work as usual.")),
    (NotKnownHere, Saying(403, "You could not be signed in", "Ask your system administrator.")),
    (PasswordToBeChanged, Saying(403, "Choose a password of your own first", "Then do this again.")),
    (Forbidden, Saying(403, "You cannot do this", "If you should be able to, ask your system administrator.")),
    (NotFound, Saying(404, "Page not found", "It may have been moved, or it belongs to another authority.")),
    (
        DuplicateCommand,
        Saying(409, "You have already sent this", "It was stored the first time and nothing was stored twice."),
    ),
    (
        TokenIssued,
        Saying(
            409,
            "You have already sent this",
            "No second token was made. If you did not see the first, end it on the list of tokens and issue another.",
        ),
    ),
    (TaskNotOpen, Saying(409, "This task is no longer open", "Open the case to see what is to be done now.")),
    (
        StaleCase,
        Saying(409, "Somebody else changed this case at the same moment", "Nothing was stored. Look again, then send."),
    ),
    (KeyReused, Saying(422, "The key had another request", "Nothing was stored.")),
    (BodyRefused, Saying(422, "There is a problem", "Nothing was stored.")),
    (CaseMoved, Saying(412, "The case has changed since you read it", "Nothing was stored. Read it again.")),
    (AnswersRefused, Saying(422, "There is a problem", "Nothing was stored. Put the answers right and send again.")),
    (Refused, Saying(409, "This was not done", "Nothing was stored.")),
    (Unreadable, Saying(400, "This could not be read", "Nothing was stored.")),
    (
        Incident,
        Saying(503, "The case has stopped", "The plan stays active. Somebody who can mend it has been told."),
    ),
    (StoreUnavailable, Saying(503, "The service is busy", "Nothing was stored. Try again in a moment.")),
    (Undecipherable, CHANGED_OUTSIDE),
    (ReleaseChanged, CHANGED_OUTSIDE),
    (SettingsChanged, CHANGED_OUTSIDE),
    (StoreRefused, Saying(500, "Sorry, there is a problem with the service", "Nothing was stored.")),
    (EngineError, Saying(409, "This was not done", "Nothing was stored.")),
)

SENT_BEFORE = Saying(
    409,
    "You have already sent this",
    "It was stored the first time, and nothing was stored twice. If you changed something since, open the page again "
    "and send it from there.",
)

HTTP_SAYINGS = {
    400: Saying(400, "This could not be read", "Nothing was stored. Go back and try again."),
    404: Saying(404, "Page not found", "Check the address, or start again from your tasks."),
    405: Saying(405, "Page not found", "Start again from your tasks."),
    413: Saying(413, "That is too large", "Nothing was stored. Send less at once."),
}


def ask_again(page: Again) -> None:
    """Name the page that shows a form again, with what was typed, should anything after this line be refused."""
    g.ask_again = page


def saying_of(error: EngineError) -> Saying:
    """How a refusal is said."""
    return next(saying for kind, saying in SAYINGS if isinstance(error, kind))


def install(app: Flask) -> None:
    """Answer every error of the application."""
    app.register_error_handler(EngineError, answer)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _surprise)


def answer(error: EngineError) -> ResponseReturnValue:
    """The answer to a refusal: the form again where a view named one, a page or a problem of its own elsewhere."""
    saying = saying_of(error)
    log.info("refused", kind=type(error).__name__, endpoint=request.endpoint, status=saying.status)
    if _wants_json():
        if saying.status == 404:
            saying = replace(saying, title="Not found")
        return _problem(saying, str(error), getattr(error, "problems", ()))
    if isinstance(error, SignInNeeded) and request.method == "GET":
        wanted = request.full_path.rstrip("?")
        return redirect(url_for("door.sign_in", next=None if wanted == "/" else wanted), 303)
    if isinstance(error, PasswordToBeChanged) and request.method == "GET":
        return redirect(url_for("account.password"), 303)
    done_in = _sent_before(error)
    if done_in is not None:
        return _page(SENT_BEFORE, None, done_in)
    again: Again | None = g.pop("ask_again", None)
    if again is not None and not isinstance(error, TokenIssued):
        try:
            return again(error), saying.status
        except EngineError as other:
            # What the form is about is not there, or not theirs: that is said instead, as it would be on its page.
            return answer(other)
    if saying is CHANGED_OUTSIDE:
        return _page(saying, _changed(error), film_of=_film_to_open())
    return _page(saying, None if isinstance(error, NotFound) else str(error))


def _changed(error: EngineError) -> str:
    """What was changed outside the service, as the film says it; a release or settings by what the refusal names."""
    if not isinstance(error, Undecipherable):
        return str(error)
    if error.revision:
        return f"Step {error.revision} of case {error.case_id}: what it holds was changed outside the service."
    if error.what == "label":
        return f"The name of case {error.case_id} was changed outside the service, so that it does not open."
    what = "The key" if error.what == "key" else "Something"
    return f"{what} of case {error.case_id} was changed outside the service, so that it does not open."


def _film_to_open() -> str | None:
    """The case whose film tells where it was changed, for whoever may watch and verify it; None for anybody else."""
    _find_out_who()
    case_id = (request.view_args or {}).get("case_id")
    return case_id if case_id is not None and may_open("audit.film") and may_open("audit.verify_case") else None


def _http_error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error
    saying = HTTP_SAYINGS.get(status, Saying(status, "This could not be done", "Go back and try again."))
    if status == 413 and request.max_content_length:
        saying = replace(saying, mend=f"{saying.mend} {_most_here()}")
    if isinstance(error, CSRFError):
        title = "This page was open too long"
        saying = Saying(400, title, "Nothing was stored. Open it again and send it from there.")
    if _wants_json():
        saying = _to_a_program(saying, error)
    said = make_response(_problem(saying, saying.mend) if _wants_json() else _page(saying, None))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        said.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return said


def _to_a_program(saying: Saying, error: HTTPException) -> Saying:
    """An address that is not there, or answers another method, as whoever writes a program needs it told."""
    if isinstance(error, MethodNotAllowed):
        ways = ", ".join(sorted(set(error.valid_methods or ()) - {"OPTIONS", "HEAD"}))
        mend = f"{request.method} is not answered at this address, which takes {ways}. Nothing was stored."
        return Saying(405, "Method not allowed", mend)
    if saying.status == 404:
        mend = "There is nothing at this address. /api/v1/openapi.json lists those that there are. Nothing was stored."
        return Saying(404, "Not found", mend)
    return saying


def _most_here() -> str:
    most = request.max_content_length or 0
    return f"At most {f'{most // 1_000_000} MB' if most >= 1_000_000 else f'{most // 1024} KB'} can be sent here."


def _surprise(error: Exception) -> ResponseReturnValue:
    """Something nobody foresaw: a reference to quote, and where in the code, without one value."""
    reference = secrets.token_hex(4)
    places = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)][-8:]
    log.error("failed", reference=reference, kind=type(error).__name__, endpoint=request.endpoint, places=places)
    saying = Saying(
        500, "Sorry, there is a problem with the service", f"Quote {reference} to your system administrator."
    )
    return _problem(saying, saying.mend) if _wants_json() else _page(saying, None)


def _sent_before(error: EngineError) -> str | None:
    """The case in which the posted form was carried out already; None where it was not.

    Whoever presses a button twice is told so, whatever else the second time would have been refused for.
    """
    person, key = g.get("practitioner"), request.form.get("form_key", "") if request.method == "POST" else ""
    if person is None or not key or not isinstance(error, Refused | Forbidden | NotFound):
        return None
    return casework().carried_out(person, key)


def _page(
    saying: Saying, why: str | None, done_in: str | None = None, film_of: str | None = None
) -> ResponseReturnValue:
    _find_out_who()
    given: dict[str, Any] = {"typed": _what_was_typed(), "done_in": done_in, "film_of": film_of}
    try:
        shown = render_template("error.html", saying=saying, why=why, **given)
    except AssetsNotBuilt as missing:
        # No page can be shown, this one neither: whoever put the service up reads why, and not whoever looks it up.
        log.error("no pages", why=str(missing))
        return Response(f"{missing}\n", 503, content_type="text/plain; charset=utf-8")
    return shown, saying.status


def _find_out_who() -> None:
    """Whoever is signed in stays so on a page that says no before it was asked who they are."""
    if g.get("practitioner") is None:
        with suppress(EngineError):
            g.practitioner = sessions.signed_in()


#: Fields of forms that are never shown again, nor anything sent with them.
_PASSWORDS = frozenset({"password", "old", "new", "again"})


def _what_was_typed() -> list[str]:
    """What a person wrote into a form that could not be taken, so that they can keep it; never a password."""
    too_large = (request.content_length or 0) > (request.max_content_length or settings().largest)
    if request.method != "POST" or too_large or _PASSWORDS & set(request.form):
        return []
    kept = {"csrf_token", "form_key", "next", "notice", "handle", "seal", "seen"}
    return [text for key in request.form if key not in kept for text in request.form.getlist(key) if len(text) > 20]


def _problem(saying: Saying, detail: str, problems: Sequence[FieldProblem] = ()) -> Response:
    body: dict[str, object] = {
        "type": "about:blank", "title": saying.title, "status": saying.status, "detail": detail,
    }  # fmt: skip
    if problems:
        body["problems"] = [{"field": problem.field, "message": problem.message} for problem in problems]
    answer = Response(orjson.dumps(body), saying.status, content_type="application/problem+json")
    if saying.status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if saying.status == 503:
        answer.headers["Retry-After"] = "5"
    return answer


#: What is spoken by programs is answered to programs, whatever they say they accept.
_FOR_PROGRAMS = ("/api/", "/messages/")


def _wants_json() -> bool:
    if request.path.startswith(_FOR_PROGRAMS):
        return True
    accepts = request.accept_mimetypes
    best = accepts.best_match(["text/html", "application/json", "application/problem+json"])
    return best is not None and best != "text/html" and accepts[best] > accepts["text/html"]

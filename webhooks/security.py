"""Headers that tell a browser what this service's pages may do, and that nothing of them may be kept."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from flask import Flask, Response, g, request

from engine.errors import Unreadable

_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


def nonce() -> str:
    """This response's nonce: the one inline script and style block of a page carry it."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(18)
    return str(g.nonce)


def allow_editor() -> None:
    """Let this answer be a page that draws: its libraries set styles of their own and show pictures from data."""
    g.draws = True


def _styles() -> str:
    # A nonce would make browsers leave 'unsafe-inline' out of account.
    if g.get("draws"):
        return "style-src 'self' 'unsafe-inline'; img-src 'self' data:"
    return f"style-src 'self' 'nonce-{nonce()}'"


def _texts() -> Iterator[str]:
    """Every text that an address or a form holds."""
    yield from (str(value) for value in (request.view_args or {}).values())
    yield from request.args.values()
    # The questions of a task refuse it themselves and keep what was typed.
    if request.blueprint != "tasks" and request.mimetype in _FORMS:
        for _, values in request.form.lists():
            yield from values


def install(app: Flask) -> None:
    """Set the headers on every answer, errors and files included; refuse what no database holds as text."""
    app.jinja_env.globals["csp_nonce"] = nonce

    @app.before_request
    def hold_only_text() -> None:
        if any("\0" in text for text in _texts()):
            raise Unreadable("What was sent holds a character (NUL) that no text has. Take it out and send it again.")

    @app.after_request
    def protect(answer: Response) -> Response:
        headers = answer.headers
        headers["Content-Security-Policy"] = (
            "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; "
            f"script-src 'self' 'nonce-{nonce()}'; {_styles()}"
        )
        headers["X-Content-Type-Options"] = "nosniff"
        headers["X-Frame-Options"] = "DENY"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
        if request.is_secure:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if request.endpoint == "static" and answer.status_code == 200:
            headers["Cache-Control"] = "public, max-age=31536000, immutable"
        else:
            # A shared computer's back button must not show a child's case after signing out.
            headers["Cache-Control"] = "no-store"
        return answer

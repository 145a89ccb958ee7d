"""Who is here and what they may open: sign-in, the session, and the one place that admits a request.

Every route names its audiences with `@allows`; a route without them is closed to everybody. What a person may do
inside a case (this task, this letter) is casework's to say: it knows the case, this module knows the door.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, TypeVar, cast

from flask import Flask, Request, current_app, g, request, session

from engine.casework import ANALYST, AUDITOR, HEAD, SYSTEM_ADMIN, Practitioner, SignInRefused
from engine.errors import Forbidden
from webhooks.desk import casework, settings
from webhooks.patience import Patience

#: The roles that are the product's own and not the policies' (roles.md): they never decide about a child.
PRODUCT_ROLES = frozenset({SYSTEM_ADMIN, AUDITOR, ANALYST})

View = TypeVar("View", bound=Callable[..., Any])


class Audience(Enum):
    """A group of people a route may be open to."""

    ANYONE = "anyone, signed in or not"
    SIGNED_IN = "any practitioner who is signed in"
    CASEWORKERS = "holders of one of the policies' roles"
    HEAD = "the Head of Quality Assurance"
    OPERATORS = "those who keep the service running"
    AUDITORS = "those who check what was done"

    def admits(self, practitioner: Practitioner | None) -> bool:
        """Whether this person is one of the audience."""
        if self is Audience.ANYONE:
            return True
        if practitioner is None:
            return False
        roles = frozenset(practitioner.roles)
        return {
            Audience.SIGNED_IN: True,
            Audience.CASEWORKERS: bool(roles - PRODUCT_ROLES),
            Audience.HEAD: HEAD in roles,
            Audience.OPERATORS: SYSTEM_ADMIN in roles,
            Audience.AUDITORS: AUDITOR in roles,
        }[self]


class SignInNeeded(Forbidden):
    """Nobody is signed in, or they were away too long."""

    def __init__(self) -> None:
        super().__init__("Sign in to open this page.")


class NotForYourRoles(Forbidden):
    """The page belongs to other roles."""

    def __init__(self, audiences: frozenset[Audience]) -> None:
        who = " or ".join(sorted(audience.value for audience in audiences))
        super().__init__(f"This page is for {who}. Your roles do not include that.")


class NobodyNamed(RuntimeError):
    """A route was written without saying whom it is for."""

    def __init__(self, endpoint: str) -> None:
        super().__init__(f"The route {endpoint} does not say who may use it. Put @allows(...) on its view.")


def allows(*audiences: Audience) -> Callable[[View], View]:
    """Say whom a view is for; the admission before every request reads it."""

    def mark(view: View) -> View:
        view.audiences = frozenset(audiences)  # type: ignore[attr-defined]  # a mark on a function
        return view

    return mark


def audiences_of(app: Flask, endpoint: str) -> frozenset[Audience]:
    """Whom a route is for. Raises NobodyNamed when its view does not say."""
    named: frozenset[Audience] | None = getattr(app.view_functions[endpoint], "audiences", None)
    if not named:
        raise NobodyNamed(endpoint)
    return named


def may_open(endpoint: str) -> bool:
    """Whether whoever is asking may open a route."""
    return any(audience.admits(g.get("practitioner")) for audience in audiences_of(current_app, endpoint))


def first_page(person: Practitioner) -> str:
    """The endpoint where a person starts, by what they are here for."""
    for audience, endpoint in (
        (Audience.HEAD, "escalations.in_tray"),
        (Audience.CASEWORKERS, "tasks.mine"),
        (Audience.OPERATORS, "operations.incidents"),
        (Audience.AUDITORS, "cases.index"),
    ):
        if audience.admits(person):
            return endpoint
    return "door.accessibility"


def patience() -> Patience:
    """What this process remembers of failed sign-ins."""
    return cast(Patience, current_app.extensions["patience"])


def practitioner() -> Practitioner:
    """Who is asking. Raises SignInNeeded where nobody is."""
    person: Practitioner | None = g.get("practitioner")
    if person is None:
        raise SignInNeeded
    return person


def install(app: Flask) -> None:
    """Admit or refuse every request before its view runs."""
    app.extensions["patience"] = Patience()
    _open_static(app)

    @app.before_request
    def admit() -> None:
        g.practitioner = None
        if request.endpoint is None or request.endpoint == "static":
            return
        named = audiences_of(app, request.endpoint)
        g.practitioner = _signed_in()
        if not any(audience.admits(g.practitioner) for audience in named):
            if g.practitioner is None:
                raise SignInNeeded
            raise NotForYourRoles(named)


def _open_static(app: Flask) -> None:
    """Styles and scripts are for anyone."""
    serve = app.view_functions["static"]

    def static(**where: Any) -> Any:
        return serve(**where)

    app.view_functions["static"] = allows(Audience.ANYONE)(static)


def sign_in(authority: str, login: str, password: str) -> Practitioner:
    """Check a password and begin a session. Raises SignInRefused, which never says what was wrong, and TooManyTries."""
    name, address = f"{authority} {login.strip().lower()}"[:200], request.remote_addr or ""
    patience().check(name, address)
    try:
        person = casework().sign_in(authority, login, password)
    except SignInRefused:
        patience().failed(name, address)
        raise
    patience().succeeded(name)
    session.clear()
    now = _wall_clock()
    session.update(authority=person.authority, person=person.id, since=now.timestamp(), seen=now.timestamp())
    return person


def sign_out() -> None:
    """End the session."""
    session.clear()


def onward(asked: Request) -> str | None:
    """Where a person was going before signing in, if that is a page of this service and nothing else."""
    path = asked.values.get("next", "")
    safe = path.startswith("/") and not path.startswith(("//", "/\\")) and "\n" not in path and "\r" not in path
    return path if safe else None


def _signed_in() -> Practitioner | None:
    """The person of the session, read afresh: roles taken away are gone at the next request."""
    if "person" not in session:
        return None
    now, limits = _wall_clock(), settings()
    since, seen = _instant(session["since"]), _instant(session["seen"])
    if now - seen > limits.idle or now - since > limits.longest:
        session.clear()
        return None
    person = casework().practitioner(session["authority"], session["person"])
    if person is None:
        session.clear()
        return None
    if now - seen > timedelta(minutes=1):
        session["seen"] = now.timestamp()
    return person


def _instant(stamp: float) -> datetime:
    return datetime.fromtimestamp(stamp, UTC)


def _wall_clock() -> datetime:
    """Sessions end by real time, also where a demonstration's clock stands still."""
    return datetime.now(UTC)

"""Who is here and what they may open: sign-in, the session, and the one place that admits a request.

Every route names its audiences with `@allows`; a route without them is closed to everybody. What a person may do
inside a case (this task, this letter) is casework's to say: it knows the case, this module knows the door.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar

from flask import Flask, Request, current_app, g, request

from engine.casework import ANALYST, AUDITOR, HEAD, SYSTEM_ADMIN, Practitioner
from engine.casework.audit import MAY_VERIFY
from engine.casework.looks import LOOKING_THROUGH
from engine.casework.people import APPROVER, PRODUCT_ROLES, SUPERVISING_ROLES
from engine.errors import Forbidden
from webhooks import sessions
from webhooks.desk import casework

View = TypeVar("View", bound=Callable[..., Any])


class Audience(Enum):
    """A group of people a route may be open to."""

    ANYONE = "anyone, signed in or not"
    SIGNED_IN = "any practitioner who is signed in"
    ENTERING = "any practitioner who is signed in, also before choosing a password of their own"
    CASEWORKERS = "holders of one of the policies' roles"
    HEAD = "the Head of Quality Assurance"
    OPERATORS = "those who keep the service running"
    AUDITORS = "those who check what was done"
    ANALYSTS = "those who draw pathways"
    APPROVERS = "those who may publish what somebody else drew"
    SUPERVISORS = "those who supervise others’ cases"
    MINDERS = "those who look after messages that found no case"
    PROGRAMS = "programs that show a token"
    SENDERS = "systems that sign their messages"

    def admits(self, practitioner: Practitioner | None) -> bool:
        """Whether this person is one of the audience."""
        if self in (Audience.ANYONE, Audience.SENDERS):
            # A sender is known by its signature, which the view checks before it reads a word.
            return True
        if practitioner is None:
            return False
        roles = frozenset(practitioner.roles)
        return {
            Audience.SIGNED_IN: True,
            Audience.ENTERING: True,
            Audience.CASEWORKERS: bool(roles - PRODUCT_ROLES),
            Audience.HEAD: HEAD in roles,
            Audience.OPERATORS: SYSTEM_ADMIN in roles,
            Audience.AUDITORS: AUDITOR in roles,
            Audience.ANALYSTS: ANALYST in roles,
            Audience.APPROVERS: bool(roles & {APPROVER, HEAD}),
            Audience.SUPERVISORS: bool(roles & frozenset(SUPERVISING_ROLES)),
            Audience.MINDERS: self is Audience.MINDERS and bool(roles & _minders(practitioner)),
            Audience.PROGRAMS: "scopes" in g,
        }[self]


def _minders(practitioner: Practitioner) -> frozenset[str]:
    settings = casework().readable(practitioner.authority)
    return frozenset({SYSTEM_ADMIN, HEAD, *(settings.dead_letter_roles if settings is not None else ())})


#: What stays open where an authority's settings were changed behind the store: to leave, and to verify what happened.
_OPEN_WHERE_NOBODY_WORKS = frozenset({"door", "audit"})


class SignInNeeded(Forbidden):
    """Nobody is signed in, or they were away too long."""

    def __init__(self) -> None:
        super().__init__("Sign in to open this page.")


class TokenNeeded(Forbidden):
    """A program showed no token, or one that opens nothing."""

    def __init__(self) -> None:
        super().__init__("Show a token that is valid: send the header Authorization with Bearer and the token.")


class ScopeMissing(Forbidden):
    """The token is not for this."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"The token was not issued for {scope}. Ask an operator for one that was.")
        self.scope = scope


class NotForYourRoles(Forbidden):
    """The page belongs to other roles."""

    def __init__(self, audiences: frozenset[Audience]) -> None:
        who = " or ".join(sorted(audience.value for audience in audiences))
        super().__init__(f"This is for {who}. Your roles do not include that.")


class PasswordToBeChanged(Forbidden):
    """Somebody else knows this person's password: they choose their own before they do anything."""

    def __init__(self) -> None:
        super().__init__("Choose a password of your own first.")


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


def scope(name: str, *whom: Audience) -> Callable[[View], View]:
    """Say what a token must be for (engine.casework.partnerships.SCOPES), and in whose roles, to be admitted to a view.

    Where nobody is named the scope alone admits.
    """

    def mark(view: View) -> View:
        view.scope = name  # type: ignore[attr-defined]  # a mark on a function
        view.whom = frozenset(whom)  # type: ignore[attr-defined]  # a mark on a function
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
    """The endpoint where a person starts, by what they are here for; verification, where nobody can work."""
    if casework().readable(person.authority) is None and not person.roles.isdisjoint(MAY_VERIFY):
        return "audit.home"
    for audience, endpoint in (
        (Audience.HEAD, "escalations.in_tray"),
        (Audience.CASEWORKERS, "tasks.mine"),
        (Audience.OPERATORS, "incidents.index"),
        (Audience.AUDITORS, "audit.home"),
        (Audience.ANALYSTS, "studio.index"),
        (Audience.APPROVERS, "studio.index"),
    ):
        if audience.admits(person):
            return endpoint
    return "door.accessibility"


def practitioner() -> Practitioner:
    """Who is asking. Raises SignInNeeded where nobody is."""
    person: Practitioner | None = g.get("practitioner")
    if person is None:
        raise SignInNeeded
    return person


def install(app: Flask) -> None:
    """Admit or refuse every request before its view runs."""
    _open_static(app)

    @app.before_request
    def admit() -> None:
        g.practitioner = None
        if request.endpoint is None or request.endpoint == "static":
            return
        named = audiences_of(app, request.endpoint)
        LOOKING_THROUGH.set(request.endpoint.split(".")[-1].replace("_", " "))
        if Audience.PROGRAMS in named and (named == {Audience.PROGRAMS} or "Authorization" in request.headers):
            _admit_program(app, request.endpoint)
            return
        g.practitioner = sessions.signed_in()
        if g.practitioner is not None and request.blueprint not in _OPEN_WHERE_NOBODY_WORKS:
            casework().authority(g.practitioner.authority)  # refused, where its settings were changed
        if not any(audience.admits(g.practitioner) for audience in named):
            if g.practitioner is None:
                raise SignInNeeded
            raise NotForYourRoles(named)
        if g.practitioner is not None and g.practitioner.must_change and named.isdisjoint(_BEFORE_A_NEW_PASSWORD):
            if casework().authority(g.practitioner.authority).sign_in.local_accounts:
                raise PasswordToBeChanged


def _open_static(app: Flask) -> None:
    """Styles and scripts are for anyone."""
    serve = app.view_functions["static"]

    def static(**where: Any) -> Any:
        return serve(**where)

    app.view_functions["static"] = allows(Audience.ANYONE)(static)


def sign_in(authority: str, login: str, password: str) -> Practitioner:
    """Check a password and begin a session. Raises SignInRefused, which never says what was wrong, and TooManyTries."""
    person = casework().sign_in(authority, login, password, at=sessions.wall_clock(), address=request.remote_addr or "")
    return sessions.begin(person)


def sign_out() -> None:
    """End the session, on the server's side too."""
    sessions.end()


#: What a person may open before they have a password that only they know.
_BEFORE_A_NEW_PASSWORD = frozenset({Audience.ANYONE, Audience.ENTERING})


def onward(asked: Request) -> str | None:
    """Where a person was going before signing in, if that is a page of this service and nothing else."""
    path = asked.values.get("next", "")
    safe = path.startswith("/") and not path.startswith(("//", "/\\")) and "\n" not in path and "\r" not in path
    return path if safe else None


def _admit_program(app: Flask, endpoint: str) -> None:
    """Admit a request by its token alone: no cookie opens what is for programs.

    A token opens nothing that its holder's roles would not open on the pages.
    Raises TokenNeeded, ScopeMissing, NotForYourRoles.
    """
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    found = casework().partnerships.bearer(text.strip()) if kind.lower() == "bearer" else None
    if found is None:
        raise TokenNeeded
    g.practitioner, g.scopes = found
    needed = getattr(app.view_functions[endpoint], "scope", None)
    if needed is not None and needed not in g.scopes:
        raise ScopeMissing(needed)
    whom: frozenset[Audience] = getattr(app.view_functions[endpoint], "whom", frozenset())
    if whom and not any(audience.admits(g.practitioner) for audience in whom):
        raise NotForYourRoles(whom)

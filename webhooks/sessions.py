"""Who is signed in: the browser keeps a random token in a signed cookie, the database says what it is worth.

A session ends when its person signs out, when they or an operator end it, when they are let go, after an hour without
a page and after a working day: at once and for every web process, because every request asks the database.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

from flask import g, request, session

from engine.casework import Practitioner
from engine.history import read_instant
from webhooks.desk import casework, settings

#: A session in use is noted no more often than this.
NOTED = timedelta(minutes=1)


def begin(person: Practitioner) -> Practitioner:
    """Begin a session for somebody whose identity was just proved; whatever the browser held before is gone."""
    end()
    token = secrets.token_urlsafe(32)
    casework().sessions.begin(
        person.authority,
        token,
        person.id,
        at=wall_clock(),
        address=request.remote_addr or "",
        browser=request.user_agent.string,
    )
    session.update(authority=person.authority, token=token)
    return person


def end() -> None:
    """End this browser's session, on the server's side and in its cookie."""
    authority, token = session.get("authority"), session.get("token")
    if authority and token:
        found = casework().sessions.find(authority, token)
        if found is not None:
            casework().sessions.end(authority, found.session, at=wall_clock(), by=found.person)
    session.clear()


def signed_in() -> Practitioner | None:
    """The person of the session, read afresh: roles taken away are gone at the next request."""
    authority, token = session.get("authority"), session.get("token")
    if not authority or not token:
        return None
    sessions, now, limits = casework().sessions, wall_clock(), settings()
    found = sessions.find(authority, token)
    if found is None or found.ended_at is not None:
        session.clear()
        return None
    since, seen = read_instant(found.since), read_instant(found.seen)
    person = casework().practitioner(authority, found.person)
    if person is None or now - seen > limits.idle or now - since > limits.longest:
        sessions.end(authority, found.session, at=now, by="")
        session.clear()
        # Not let in any more, and yet known: what they had typed may be kept for them.
        g.timed_out = person
        return None
    if now - seen > NOTED:
        sessions.seen(authority, found.session, at=now)
    g.session_name = found.session
    return person


def this_session() -> str:
    """What the session of this request is called; '' where there is none."""
    return str(g.get("session_name", ""))


def wall_clock() -> datetime:
    """Sessions and sign-ins go by real time, also where a demonstration's clock stands still."""
    return datetime.now(UTC)

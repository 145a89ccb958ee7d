"""Who somebody is: a password kept as Argon2id, or what the authority's identity provider says; nothing else lets in.

Failures are counted in the database, for what was typed and for where it came from; the answer to a stranger's name
and to a colleague's wrong password is the same, in words and in time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from engine.authorities import Authority
from engine.casework.people import Practitioner
from engine.errors import FieldProblem, Forbidden, Refused
from engine.store import Store
from engine.store.people import Person

MINIMUM, LONGEST = 12, 1024
_HASHER = PasswordHasher()


@cache
def _nobody() -> str:
    """Checked where there is no such person, so that the answer takes as long."""
    return _HASHER.hash("nobody has this password")


class SignInRefused(Forbidden):
    """The sign-in was not accepted; it never says whether the person exists."""

    def __init__(self) -> None:
        super().__init__("The authority, name or password is not right. Check them and try again.")


class TooManyTries(Forbidden):
    """Too many sign-ins failed here; the next is looked at later."""

    def __init__(self, wait: timedelta) -> None:
        minutes = max(1, -(-int(wait.total_seconds()) // 60))
        super().__init__(f"Too many sign-ins failed. Wait {minutes} minute{'s' if minutes > 1 else ''} and try again.")
        self.wait = wait


class NoLocalAccounts(Forbidden):
    """The authority's people sign in with its identity provider only."""

    def __init__(self, authority: str) -> None:
        super().__init__(f"People of {authority} do not sign in with a password here. Use your council account.")


class AuthorityStopped(Forbidden):
    """The authority's settings were changed behind the store: nobody signs in but those who verify what happened."""

    def __init__(self, authority: str) -> None:
        super().__init__(
            f"Nobody can work in {authority} now: its settings were changed outside the service. Its plans stay as "
            "they are. Tell an auditor or whoever keeps the service running: they can sign in and verify its cases."
        )
        self.authority = authority


class NotKnownHere(Forbidden):
    """The identity provider vouches for somebody whom this service does not know, or knows as another."""

    def __init__(self, authority: str) -> None:
        super().__init__(
            f"Your account is not known to this service for {authority}. Ask your system administrator to add you."
        )


class PasswordRefused(Refused):
    """A password is not taken; the problem names its field."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.problems = (FieldProblem(field, sentence),)


class PasswordTooShort(PasswordRefused):
    """A password is too short to keep a child's records."""

    def __init__(self) -> None:
        super().__init__("new", f"The password has fewer than {MINIMUM} characters. Choose a longer one.")


def kept_password(password: str) -> str:
    """A password as it is kept. Raises PasswordTooShort."""
    if len(password) < MINIMUM:
        raise PasswordTooShort
    return _HASHER.hash(password[:LONGEST])


class SignIn:
    """Checks who somebody is and reads people with the roles they hold on a day."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def check(
        self, authority: str, login: str, password: str, *, on: date, at: datetime, address: str = ""
    ) -> Practitioner:
        """The person whose password this is. Raises SignInRefused and TooManyTries.

        at       real time, by which failures are counted and forgotten
        address  where the request came from
        """
        failures = self._store.failed_sign_ins
        wait = failures.wait(authority, login, address, at=at)
        if wait:
            raise TooManyTries(wait)
        person = self._store.people.by_sign_in(authority, login.strip().lower())
        if not self._is_theirs(person, password) or person is None or not person.active:
            failures.failed(authority, login, address, at=at)
            raise SignInRefused
        failures.forget_account(authority, login)
        if person.secret is not None and _HASHER.check_needs_rehash(person.secret):
            # The parameters have been made stronger since: the password is at hand only now.
            person = replace(person, secret=_HASHER.hash(password[:LONGEST]))
            self._store.people.put(authority, person, at=at)
        return self._with_roles(authority, person, on)

    def vouched(self, authority: Authority, claims: Mapping[str, Any], *, on: date, at: datetime) -> Practitioner:
        """The person whom the authority's identity provider vouches for. Raises NotKnownHere.

        claims  of an ID token that has been checked: signature, issuer, audience, time and nonce
        The provider's own name for a person (`sub`) is kept at their first sign-in: a user name that it later gives
        to somebody else lets nobody in as them.
        """
        provider = authority.sign_in.provider
        name = claims.get(provider.claim) if provider is not None else None
        subject = claims.get("sub")
        if provider is None or not isinstance(name, str) or not name.strip() or not isinstance(subject, str):
            raise NotKnownHere(authority.id)
        person = self._store.people.by_sign_in(authority.id, name.strip().lower())
        whole = f"{provider.issuer} {subject}"
        if person is None or not person.active or person.subject not in (None, whole):
            raise NotKnownHere(authority.id)
        if person.subject is None:
            person = replace(person, subject=whole)
            self._store.people.put(authority.id, person, at=at)
        return self._with_roles(authority.id, person, on)

    def change_password(self, by: Practitioner, old: str, new: str, *, at: datetime) -> None:
        """A person changes their own password, knowing the old one. Raises PasswordRefused."""
        person = self._store.people.find(by.authority, by.id)
        if person is None or not self._is_theirs(person, old):
            raise PasswordRefused("old", "This is not your password now. Type the one you signed in with.")
        if new == old:
            raise PasswordRefused("new", "This is your password already. Choose another.")
        if person.sign_in in new.lower() or by.name.lower() in new.lower():
            raise PasswordRefused("new", "The password holds your name. Choose one that nobody would guess.")
        self._store.people.put(by.authority, replace(person, secret=kept_password(new), must_change=False), at=at)

    def practitioner(self, authority: str, person: str, *, on: date) -> Practitioner | None:
        """A person with the roles they hold on a day; None where there is none or they are no longer active."""
        found = self._store.people.find(authority, person)
        if found is None or not found.active:
            return None
        return self._with_roles(authority, found, on)

    def _is_theirs(self, person: Person | None, password: str) -> bool:
        secret = person.secret if person is not None and person.secret else _nobody()
        try:
            _HASHER.verify(secret, password[:LONGEST])
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False
        return person is not None and bool(person.secret)

    def _with_roles(self, authority: str, person: Person, on: date) -> Practitioner:
        roles = frozenset(self._store.people.roles(authority, person.person, on))
        covers = self._store.people.covers(authority, on=on, person=person.person)
        lent = frozenset((cover.absent, cover.role) for cover in covers)
        return Practitioner(person.person, authority, person.name, roles, lent, person.must_change)

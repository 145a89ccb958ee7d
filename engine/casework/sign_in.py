"""Local accounts: who somebody is, by a password kept as Argon2id; there is no mode that lets anybody in."""

from __future__ import annotations

from datetime import date
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from engine.casework.people import Practitioner
from engine.errors import Forbidden, Refused
from engine.store import Store
from engine.store.people import Person

MINIMUM = 12
_HASHER = PasswordHasher()


@cache
def _nobody() -> str:
    """Checked where there is no such person, so that the answer takes as long."""
    return _HASHER.hash("nobody has this password")


class SignInRefused(Forbidden):
    """The sign-in was not accepted; it never says whether the person exists."""

    def __init__(self) -> None:
        super().__init__("The authority, name or password is not right. Check them and try again.")


class PasswordTooShort(Refused):
    """A password is too short to keep a child's records."""

    def __init__(self) -> None:
        super().__init__(f"The password has fewer than {MINIMUM} characters. Choose a longer one.")


def kept_password(password: str) -> str:
    """A password as it is kept. Raises PasswordTooShort."""
    if len(password) < MINIMUM:
        raise PasswordTooShort
    return _HASHER.hash(password)


class SignIn:
    """Checks passwords and reads people with the roles they hold on a day."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def check(self, authority: str, login: str, password: str, *, on: date) -> Practitioner:
        """The person whose password this is. Raises SignInRefused."""
        person = self._store.people.by_sign_in(authority, login.strip().lower())
        secret = person.secret if person is not None and person.secret else _nobody()
        try:
            _HASHER.verify(secret, password[:1024])
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            raise SignInRefused from None
        if person is None or not person.active or not person.secret:
            raise SignInRefused
        return self._with_roles(authority, person, on)

    def practitioner(self, authority: str, person: str, *, on: date) -> Practitioner | None:
        """A person with the roles they hold on a day; None where there is none or they are no longer active."""
        found = self._store.people.find(authority, person)
        if found is None or not found.active:
            return None
        return self._with_roles(authority, found, on)

    def _with_roles(self, authority: str, person: Person, on: date) -> Practitioner:
        roles = frozenset(self._store.people.roles(authority, person.person, on))
        return Practitioner(person.person, authority, person.name, roles)

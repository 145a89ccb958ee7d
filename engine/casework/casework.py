"""The one door for people, messages and workers: what may be done is in actions, what may be seen in reading."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine import replay
from engine.authorities import Clause
from engine.casework.answering import Answering
from engine.casework.audit import MAY_VERIFY
from engine.casework.door import Door
from engine.casework.letterbox import Letterbox
from engine.casework.mending import Mending
from engine.casework.partnerships import Partnerships
from engine.casework.people import Practitioner
from engine.casework.posting import Posting
from engine.casework.published import PublishedPathway, published, sum_up_one
from engine.casework.registering import Registering
from engine.casework.shelf import Shelf
from engine.casework.sign_in import AuthorityStopped, NoLocalAccounts, SignInRefused
from engine.casework.staff import Staff
from engine.casework.trays import Trays
from engine.clock import Clock
from engine.execution import Pathway
from engine.pathways import Release
from engine.store import Store


class Casework(Trays, Posting, Registering):
    """One authority's or all authorities' cases on one store, by one clock."""

    def __init__(self, store: Store, shelf: Shelf, clock: Clock) -> None:
        door = Door(store, shelf, clock, lambda authority, case: replay.rebuild(store, shelf, authority, case))
        super().__init__(store, shelf, clock, door)
        self.staff, self.sessions = Staff(store, shelf, clock), store.sessions
        self.letterbox = Letterbox(store, shelf, clock, door, self)
        self.partnerships = Partnerships(store, clock)
        self.answering, self.watch = Answering(store, clock), store.watch
        self.mending = Mending(store, shelf, clock, door)

    def carried_out(self, by: Practitioner, command: str) -> str | None:
        """The case in which somebody's own command was carried out before; None where none of theirs was."""
        found = self._store.cases.find_command(by.authority, command)
        if found is None:
            return None
        case_id, revision = found
        entry = next(iter(self._store.history(by.authority, case_id, revision - 1)), None)
        return case_id if entry is not None and entry.command.by == by.id else None

    def sign_in(self, authority: str, login: str, password: str, *, at: datetime, address: str = "") -> Practitioner:
        """The person whose sign-in and password these are; `at` is real time, by which failures are counted.

        Raises SignInRefused, never saying what was wrong, TooManyTries and NoLocalAccounts; AuthorityStopped where
        settings that nobody can read let in only those who verify.
        """
        if authority not in self._store.library.authorities():
            raise SignInRefused
        settings = self.readable(authority)
        if settings is not None and not settings.sign_in.local_accounts:
            raise NoLocalAccounts(authority)
        person = self._sign_in.check(authority, login, password, on=self._today(), at=at, address=address)
        if settings is None and person.roles.isdisjoint(MAY_VERIFY):
            raise AuthorityStopped(authority)
        return person

    def vouched(self, authority: str, claims: Mapping[str, Any], *, at: datetime) -> Practitioner:
        """The person whom the authority's identity provider vouches for. Raises NotKnownHere."""
        return self._sign_in.vouched(self.authority(authority), claims, on=self._today(), at=at)

    def published(self, authority: str) -> list[PublishedPathway]:
        """The deployed pathways of an authority, with the state of their checks and the clauses they name."""
        return published(self._store, self._shelf, authority)

    def sum_up_one(self) -> bool:
        """Check one release that was deployed and not yet looked at, for lists; False where none is left."""
        return sum_up_one(self._store, self._shelf)

    def in_force(self, authority: str) -> list[Release]:
        """The releases that new cases of an authority start on."""
        return [self._shelf.release(authority, hash_) for hash_ in self._shelf.deployments(authority).values()]

    def pathways_in_force(self, authority: str) -> list[Pathway]:
        """The same, prepared."""
        return [self._shelf.pathway(authority, hash_) for hash_ in self._shelf.deployments(authority).values()]

    def folder(self, authority: str) -> dict[str, bytes]:
        """Every published file of an authority, by its path below processes/."""
        return self._shelf.folder(authority)

    def clauses(self, authority: str) -> Mapping[str, Clause]:
        """The authority's clauses as published with its pathways."""
        return self._shelf.clauses(authority)

    def change_password(self, by: Practitioner, old: str, new: str, *, at: datetime) -> None:
        """A person changes their own password. Raises PasswordRefused and NoLocalAccounts."""
        if not self.authority(by.authority).sign_in.local_accounts:
            raise NoLocalAccounts(by.authority)
        self._sign_in.change_password(by, old, new, at=at)

    def verify(self, authority: str, case_id: str) -> replay.Replay:
        """Replay a case and compare every step with its history; nothing is written."""
        return replay.replay(self._store, Shelf(self._store, verify=False), authority, case_id)

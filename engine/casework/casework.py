"""The one door for people, messages and workers: what may be done is in actions, what may be seen in reading."""

from __future__ import annotations

from engine import replay
from engine.casework.discretion import Discretion
from engine.casework.door import Door
from engine.casework.people import Practitioner
from engine.casework.shelf import Shelf
from engine.clock import Clock, london_date
from engine.store import Store


class Casework(Discretion):
    """One authority's or all authorities' cases on one store, by one clock."""

    def __init__(self, store: Store, shelf: Shelf, clock: Clock) -> None:
        door = Door(store, shelf, clock, lambda authority, case: replay.rebuild(store, shelf, authority, case))
        super().__init__(store, shelf, clock, door)

    def sign_in(self, authority: str, login: str, password: str) -> Practitioner:
        """The person whose sign-in and password these are. Raises SignInRefused, never saying what was wrong."""
        return self._sign_in.check(authority, login, password, on=london_date(self.clock.now()))

    def verify(self, authority: str, case_id: str) -> replay.Replay:
        """Replay a case and compare every step with its history; nothing is written."""
        return replay.replay(self._store, Shelf(self._store, verify=False), authority, case_id)

"""Another process may be quicker between a look and a write: the second one takes what is there, or tries again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from engine.store import MasterKey, Store, StoreUnavailable, Undecipherable, open_store
from engine.store.database import Database, Session
from engine.store.keys import prove_master_key
from engine.store.tables import MASTER_KEY
from tests.contracts.building import CAMDEN, NINE, an_entry
from tests.contracts.conftest import MASTER, SIGNING, opened
from tests.contracts.looking import change, everything
from tests.contracts.test_library import FILES, RELEASE, keep


class Overtaken(Database):
    """A database on which a rival does something just before each write of ours, a number of times."""

    rival: Callable[[], object] = staticmethod(lambda: None)
    times = 0

    @contextmanager
    def writing(self) -> Iterator[Session]:
        if self.times:
            self.times -= 1
            type(self).rival()
        with super().writing() as session:
            yield session


@pytest.fixture
def pair(database_url: str) -> Iterator[tuple[Store, Store, Overtaken]]:
    """A store that will be overtaken, its rival, and how to say by what."""
    database = Overtaken(database_url)
    slow, rival = Store(database, MASTER, SIGNING), opened(database_url)
    yield slow, rival, database
    slow.close()
    rival.close()


def overtake(database: Overtaken, act: Callable[[], object], times: int = 1) -> None:
    """Let the rival act before our next write or writes."""
    Overtaken.rival, database.times = staticmethod(act), times


def test_an_authoritys_key_is_made_once(pair: tuple[Store, Store, Overtaken]) -> None:
    """Both use the key of whoever was first, so both find each other's cases."""
    slow, rival, database = pair
    overtake(database, lambda: rival.append(an_entry("CAM-1")))

    slow.append(an_entry("CAM-2"))

    assert slow.lists.search(CAMDEN, "name", "sam") == rival.lists.search(CAMDEN, "name", "sam") == ["CAM-1", "CAM-2"]


def test_a_release_is_kept_once(pair: tuple[Store, Store, Overtaken]) -> None:
    """The slower one is told that it is there."""
    slow, rival, database = pair
    overtake(database, lambda: keep(rival))

    assert not keep(slow)
    assert slow.library.release_files(CAMDEN, RELEASE) == FILES


def test_a_checkpoint_is_made_once(pair: tuple[Store, Store, Overtaken]) -> None:
    """Two workers never sign the same growth twice."""
    slow, rival, database = pair
    rival.append(an_entry())
    overtake(database, lambda: rival.write_checkpoints(at=NINE))

    assert slow.write_checkpoints(at=NINE) == []
    assert slow.verify_checkpoints(CAMDEN).checkpoints == 1


def test_the_first_master_key_is_recorded_once(pair: tuple[Store, Store, Overtaken]) -> None:
    """Two first starts with the same key agree."""
    slow, rival, database = pair
    overtake(database, lambda: prove_master_key(rival.database, MASTER))

    prove_master_key(database, MASTER)

    assert len(everything(slow)["master_key"]) == 1


def test_a_proof_that_was_changed_is_found(store: Store) -> None:
    """The value by which a database knows its master key is sealed itself."""
    prove_master_key(store.database, MASTER)
    forged = MASTER.wrap(b"something else", "*", "master key")
    change(store, sa.update(MASTER_KEY).values(proof=forged))

    with pytest.raises(Undecipherable):
        open_store(store.database.url.render_as_string(hide_password=False), master_key=MASTER)


def test_a_retired_master_key_is_needed_no_more(store: Store) -> None:
    """Opening asks only for the keys that still wrap something."""
    prove_master_key(store.database, MASTER)
    change(store, sa.update(MASTER_KEY).values(state="retired"))

    prove_master_key(store.database, MasterKey(b"n" * 32))

    assert len(everything(store)["master_key"]) == 2


def test_two_people_who_look_at_once_are_both_recorded(pair: tuple[Store, Store, Overtaken]) -> None:
    """A reading that was overtaken takes the next number."""
    slow, rival, database = pair

    def look(store: Store, person: str) -> int:
        return store.readings.record(CAMDEN, "CAM-1", person=person, role=None, what="case", at=NINE)

    overtake(database, lambda: look(rival, "ben"), times=3)

    assert [look(slow, "amira"), look(slow, "amira")] == [2, 4]
    assert [one.person for one in slow.readings.of_case(CAMDEN, "CAM-1")] == ["ben", "amira", "ben", "amira"]
    assert slow.verify_readings(CAMDEN, "CAM-1").ok


class Crowded(Database):
    """A database on which every write of a reading's head finds that somebody was quicker."""

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with super().writing() as session:
            yield Late(self, session.cursor)


class Late(Session):
    """A session whose changes touch no row, as when the row moved on."""

    __slots__ = ()

    def run(self, statement: sa.ClauseElement, values: object = None) -> int:
        return 0


def test_a_reading_that_never_gets_its_turn_says_so(database_url: str) -> None:
    """Nobody looks without a record: the page is refused instead."""
    first = opened(database_url)
    first.readings.record(CAMDEN, "CAM-1", person="ben", role=None, what="case", at=NINE)
    crowded = Store(Crowded(database_url), MASTER)

    with pytest.raises(StoreUnavailable, match="too many people look at one case at once"):
        crowded.readings.record(CAMDEN, "CAM-1", person="amira", role=None, what="case", at=NINE)

    assert len(first.readings.of_case(CAMDEN, "CAM-1")) == 1
    crowded.close()
    first.close()

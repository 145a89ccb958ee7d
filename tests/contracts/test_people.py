"""Those who act, on every store: sessions that end everywhere, failures that add up, absence that is covered."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from engine.store import Store
from engine.store.failed_sign_ins import FIRST_WAIT, FORGOTTEN, FREE, LONGEST_WAIT
from engine.store.people import Cover, Holding, Person, PersonUnknown
from tests.contracts.conftest import opened

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CAMDEN, SUSSEX = "camden", "sussex"


def staff(store: Store, *people: str) -> None:
    """People who are independent reviewing officers."""
    for person in people:
        store.people.put(CAMDEN, Person(person, person, person.title()), at=NOW)
        store.people.hold(CAMDEN, Holding(person, "iro", "2026-01-01"), at=NOW, by="t", why="t")


def test_a_session_is_found_by_its_token_and_by_nothing_in_the_table(store: Store) -> None:
    """The table names a session by its token's digest: reading it lets nobody in."""
    name = store.sessions.begin(CAMDEN, "token", "ann", at=NOW, address="10.0.0.1", browser="Firefox")

    found = store.sessions.find(CAMDEN, "token")
    assert found is not None
    assert ("ann", None) == (found.person, found.ended_at)
    assert store.sessions.find(CAMDEN, name) is None
    assert store.sessions.find(SUSSEX, "token") is None


def test_ending_sessions_is_seen_by_every_process(database_url: str) -> None:
    """What one process ends is over for another that has its own connections."""
    one, other = opened(database_url), opened(database_url)
    keep = one.sessions.begin(CAMDEN, "here", "ann", at=NOW, address="", browser="")
    one.sessions.begin(CAMDEN, "there", "ann", at=NOW, address="", browser="")
    one.sessions.begin(CAMDEN, "bens", "ben", at=NOW, address="", browser="")

    assert 1 == other.sessions.end_all(CAMDEN, "ann", at=NOW, by="ann", but=keep)

    ended = {token: one.sessions.find(CAMDEN, token) for token in ("here", "there", "bens")}
    assert {"here": None, "there": "ann", "bens": None} == {t: s and s.ended_by for t, s in ended.items()}
    assert not other.sessions.end(CAMDEN, ended["there"].session if ended["there"] else "", at=NOW, by="x")
    one.close()
    other.close()


def test_failures_of_one_account_add_up_over_processes_and_are_forgotten(database_url: str) -> None:
    """Five cost nothing, then each doubles the wait; an hour without another, or an operator, ends it."""
    stores = [opened(database_url), opened(database_url)]
    failures = [store.failed_sign_ins for store in stores]
    for number in range(FREE["account"] - 1):
        failures[number % 2].failed(CAMDEN, "Ann ", f"10.0.0.{number}", at=NOW)
    assert timedelta() == failures[0].wait(CAMDEN, "ann", "10.0.0.9", at=NOW)

    failures[0].failed(CAMDEN, "ann", "10.0.0.8", at=NOW)
    assert FIRST_WAIT == failures[1].wait(CAMDEN, "ann", "10.0.0.9", at=NOW)
    assert timedelta() == failures[1].wait(SUSSEX, "ann", "10.0.0.9", at=NOW)
    assert timedelta() == failures[1].wait(CAMDEN, "ann", "10.0.0.9", at=NOW + FIRST_WAIT)
    failures[1].failed(CAMDEN, "ann", "10.0.0.8", at=NOW)
    assert 2 * FIRST_WAIT == failures[0].account_waits(CAMDEN, "ann", at=NOW)
    for _ in range(20):
        failures[1].failed(CAMDEN, "ann", "10.0.0.8", at=NOW)
    assert LONGEST_WAIT == failures[0].account_waits(CAMDEN, "ann", at=NOW)

    later = NOW + FORGOTTEN + timedelta(seconds=1)
    assert timedelta() == failures[0].wait(CAMDEN, "ann", "10.0.0.8", at=later)
    assert failures[0].forget_account(CAMDEN, "ANN")
    assert timedelta() == failures[1].account_waits(CAMDEN, "ann", at=NOW)
    for store in stores:
        store.close()


def test_a_flood_from_one_address_waits_and_an_office_does_not(store: Store) -> None:
    """Fifty failures of different names make an address wait; an operator sees it and lifts it."""
    failures = store.failed_sign_ins
    for number in range(FREE["address"]):
        assert not failures.wait(CAMDEN, "ann", "10.0.0.1", at=NOW)
        failures.failed(CAMDEN, f"name{number}", "10.0.0.1", at=NOW)

    assert FIRST_WAIT == failures.wait(SUSSEX, "ann", "10.0.0.1", at=NOW)
    assert [("10.0.0.1", FIRST_WAIT)] == failures.waiting_addresses(at=NOW)
    assert timedelta() == failures.wait(CAMDEN, "ann", "10.0.0.2", at=NOW)
    assert failures.forget_address("10.0.0.1")
    assert [] == failures.waiting_addresses(at=NOW)


def test_cover_lends_a_role_for_its_days_and_only_while_the_absent_hold_it(store: Store) -> None:
    """From the first day to the last, both included; an absent person's role that ended is not lent."""
    staff(store, "ann", "ben")
    store.people.put(CAMDEN, Person("cy", "cy", "Cy"), at=NOW)
    cover = Cover("ann", "iro", "cy", "2026-03-02", "2026-03-06", "leave", "boss")
    assert store.people.cover(CAMDEN, cover, at=NOW)
    assert not store.people.cover(CAMDEN, cover, at=NOW)

    days = {day: store.people.roles(CAMDEN, "cy", date(2026, 3, day)) for day in (1, 2, 6, 7)}
    assert {1: (), 2: ("iro",), 6: ("iro",), 7: ()} == days
    assert [cover] == store.people.covers(CAMDEN, on=date(2026, 3, 4), person="cy")
    store.people.end_holding(CAMDEN, Holding("ann", "iro", "2026-01-01"), date(2026, 3, 3))
    assert () == store.people.roles(CAMDEN, "cy", date(2026, 3, 4))
    assert store.people.end_cover(CAMDEN, cover, date(2026, 3, 1))
    assert () == store.people.roles(CAMDEN, "cy", date(2026, 3, 2))
    with pytest.raises(PersonUnknown):
        store.people.cover(CAMDEN, Cover("ann", "iro", "nobody", "2026-03-02", "2026-03-06"), at=NOW)


def test_what_a_person_is_told_to_do_at_sign_in_is_kept(store: Store) -> None:
    """That a password must be changed, and what the identity provider calls them, are read back as written."""
    person = Person("ann", "ann", "Ann", None, "hash", True, True, "https://id.example 42")
    store.people.put(CAMDEN, person, at=NOW)

    assert person == store.people.find(CAMDEN, "ann")
    assert person == store.people.by_sign_in(CAMDEN, "ann")

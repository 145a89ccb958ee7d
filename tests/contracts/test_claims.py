"""Due rows are taken by one worker at a time, and a worker that slept past its lease doubles nothing."""

from __future__ import annotations

import os
import signal
from datetime import timedelta

import pytest

from engine.store import ClaimLost, DueTimer, OutboxRow, Rows, StaleCase, Store
from engine.store.shown import read_rows
from tests.contracts.building import (
    CAMDEN,
    NINE,
    a_job,
    a_timer,
    an_entry,
    at,
    ending_of,
    in_child,
    jobs,
    timers,
    with_id,
)
from tests.contracts.conftest import opened
from tests.contracts.looking import everything

MINUTE = timedelta(minutes=1)


def notice(key: str, minutes: float = 0) -> OutboxRow:
    """A webhook that may be sent so many minutes after nine."""
    return OutboxRow("webhook", key, "TransferRequest", f"body of {key}".encode(), at(minutes))


def test_due_timers_are_claimed_earliest_first(store: Store) -> None:
    """Timers fire in the order in which they fell due, and never before."""
    store.append(an_entry(rows_after=timers(a_timer("late", 3), a_timer("early", 1), a_timer("future", 5))))

    due = store.claims.timers(NINE + 3 * MINUTE, most=10)

    assert [one.row.timer for one in due] == ["early", "late"]
    assert due[0].row == a_timer("early", 1)
    assert (due[0].claim.kind, due[0].claim.authority, due[0].claim.case_id, due[0].claim.attempts) == (
        "timer", CAMDEN, "CAM-1", 1,
    )  # fmt: skip


def test_no_more_are_claimed_than_asked_for(store: Store) -> None:
    """A worker takes what it can do within its lease."""
    store.append(an_entry(rows_after=timers(*(a_timer(str(n), n) for n in range(9)))))

    taken = [store.claims.timers(NINE + 60 * MINUTE, most=4) for _ in range(4)]

    assert [[one.row.timer for one in some] for some in taken] == [
        ["0", "1", "2", "3"], ["4", "5", "6", "7"], ["8"], [],
    ]  # fmt: skip


def test_a_worker_takes_only_the_types_of_job_it_can_do(store: Store) -> None:
    """Jobs that others do over the interface wait for them."""
    store.append(an_entry(rows_after=jobs(a_job(1, type="letter"), a_job(2, type="mosaic"), a_job(3, type="mail"))))

    mine = store.claims.jobs(NINE, most=9, types=("mail", "letter"))

    assert [one.row.job for one in mine] == [1, 3]
    assert store.claims.jobs(NINE, most=9, types=()) == []
    assert [one.row.job for one in store.claims.jobs(NINE, most=9)] == [2]


def test_a_held_row_is_not_claimed(store: Store) -> None:
    """What an incident holds waits for a person."""
    held = Rows(timers={"1": a_timer(minutes=0, held=True)}, jobs={1: a_job(held=True)})
    store.append(an_entry(rows_after=held))

    assert store.claims.timers(NINE + MINUTE, most=9) == []
    assert store.claims.jobs(NINE + MINUTE, most=9) == []


def test_a_claimed_row_is_free_again_when_its_lease_ends(store: Store) -> None:
    """A worker that was killed loses its rows to the next one."""
    store.append(an_entry(rows_after=jobs(a_job())))
    (first,) = store.claims.jobs(NINE, most=9, lease=MINUTE)

    assert store.claims.jobs(NINE + MINUTE - timedelta(microseconds=1), most=9) == []
    (second,) = store.claims.jobs(NINE + MINUTE, most=9)

    assert second.row == first.row == a_job()
    assert second.claim.token != first.claim.token
    assert second.claim.attempts == 2


def test_a_lease_can_be_renewed_while_it_is_held(store: Store) -> None:
    """Long work keeps its row."""
    store.append(an_entry(rows_after=jobs(a_job())))
    (job,) = store.claims.jobs(NINE, most=9, lease=MINUTE)

    store.claims.renew(job.claim, NINE + 9 * MINUTE)

    assert store.claims.jobs(NINE + 8 * MINUTE, most=9) == []
    store.claims.put_back(job.claim, NINE)
    with pytest.raises(ClaimLost):
        store.claims.renew(job.claim, NINE + 10 * MINUTE)


def test_a_row_put_back_waits_its_time(store: Store) -> None:
    """A failed try is repeated after its backoff, with the tries counted."""
    store.append(an_entry(rows_after=jobs(a_job())))
    (job,) = store.claims.jobs(NINE, most=9)

    store.claims.put_back(job.claim, NINE + 5 * MINUTE)

    assert store.claims.jobs(NINE + 4 * MINUTE, most=9) == []
    (again,) = store.claims.jobs(NINE + 5 * MINUTE, most=9)
    assert again.claim.attempts == 2


def test_the_command_that_answers_a_claim_settles_it(store: Store) -> None:
    """Claim and effect are one transaction."""
    store.append(an_entry(rows_after=timers(a_timer(minutes=0))))
    (due,) = store.claims.timers(NINE, most=9)

    store.append(an_entry(revision=1, rows_before=timers(a_timer(minutes=0)), settles=due.claim))

    assert store.claims.timers(NINE + 60 * MINUTE, most=9) == []


def test_a_claimer_that_slept_past_its_lease_is_refused(store: Store) -> None:
    """Two workers hold claims on one row; only the later one's command is written."""
    shown = jobs(a_job())
    store.append(an_entry(rows_after=shown))
    (asleep,) = store.claims.jobs(NINE, most=9, lease=MINUTE)
    (awake,) = store.claims.jobs(NINE + 2 * MINUTE, most=9)
    before = everything(store)

    with pytest.raises(ClaimLost, match="The claim on job 1 of case CAM-1 is no longer held"):
        store.append(an_entry(revision=1, rows_before=shown, settles=asleep.claim))

    assert everything(store) == before
    store.append(an_entry(revision=1, rows_before=shown, settles=awake.claim))
    with pytest.raises(ClaimLost):
        store.append(an_entry(revision=2, settles=asleep.claim))


def test_a_settled_notice_is_sent_and_its_body_is_gone(store: Store) -> None:
    """A notice is sent once; history keeps what it said."""
    store.append(an_entry(outbox=(notice("n-1"), notice("n-2", 5))))

    (one,) = store.claims.notices(NINE, most=9)
    assert (one.kind, one.topic, one.body, one.claim.key) == ("webhook", "TransferRequest", b"body of n-1", "n-1")
    store.claims.settle(one.claim, NINE + MINUTE)

    assert [line.key for line in store.upkeep.notices(CAMDEN, "sent")] == ["n-1"]
    assert [line.key for line in store.upkeep.notices(CAMDEN, "ready")] == ["n-2"]
    with pytest.raises(ClaimLost):
        store.claims.settle(one.claim, NINE + MINUTE)
    assert store.upkeep.forget_sent(NINE + MINUTE) == 0
    assert store.upkeep.forget_sent(NINE + 2 * MINUTE) == 1
    assert store.upkeep.notices(CAMDEN, "sent") == []


def test_a_notice_nobody_takes_is_shown_and_sent_again_by_a_person(store: Store) -> None:
    """What cannot be delivered is never lost and never tried for ever."""
    store.append(an_entry(outbox=(notice("n-1"),)))
    (one,) = store.claims.notices(NINE, most=9)

    store.claims.give_up(one.claim, NINE + MINUTE, "HTTP 410")

    (dead,) = store.upkeep.notices(CAMDEN, "dead")
    assert (dead.key, dead.problem, dead.settled_at) == ("n-1", "HTTP 410", at(1))
    assert store.claims.notices(NINE + 60 * MINUTE, most=9) == []
    assert store.upkeep.resend(CAMDEN, "n-1", at=NINE + 60 * MINUTE)
    assert not store.upkeep.resend(CAMDEN, "n-1", at=NINE + 60 * MINUTE)
    (again,) = store.claims.notices(NINE + 60 * MINUTE, most=9)
    assert again.body == b"body of n-1"


def test_a_notice_that_could_not_be_sent_says_why(store: Store) -> None:
    """The reason of the last failure stands beside the notice."""
    store.append(an_entry(outbox=(notice("n-1"),)))
    (one,) = store.claims.notices(NINE, most=9)

    store.claims.put_back(one.claim, NINE + MINUTE, "HTTP 503")

    (line,) = store.upkeep.notices(CAMDEN, "ready")
    assert (line.problem, line.attempts) == ("HTTP 503", 1)


def fire(store: Store, due: DueTimer) -> None:
    """Fire a claimed timer by a command of its own, deciding afresh where another command was quicker."""
    case_id = due.claim.case_id
    while True:
        loaded = store.load(CAMDEN, case_id)
        assert loaded is not None
        entry = an_entry(case_id, loaded.revision, rows_before=timers(due.row), settles=due.claim, loaded=loaded)
        try:
            store.append(with_id(entry, f"{case_id} fires {due.row.timer}"))
        except StaleCase:
            continue
        return


def test_workers_claiming_at_once_take_each_row_once(database_url: str) -> None:
    """However many processes claim and fire, each timer fires once and none is left."""
    store = opened(database_url)
    for case in range(6):
        store.append(an_entry(f"CAM-{case}", rows_after=timers(*(a_timer(str(n), n) for n in range(10)))))
    store.close()

    def work() -> None:
        mine = opened(database_url)
        while taken := mine.claims.timers(NINE + 60 * MINUTE, most=3):
            for due in taken:
                fire(mine, due)

    children = [in_child(work) for _ in range(3)]

    assert [ending_of(child) for child in children] == [0, 0, 0]
    store = opened(database_url)
    for case in range(6):
        fired = [entry.command.id for entry in store.history(CAMDEN, f"CAM-{case}", after=1)]
        assert sorted(fired) == sorted(f"CAM-{case} fires {n}" for n in range(10))
        assert read_rows(store.database, CAMDEN, f"CAM-{case}") == Rows()
        assert store.verify_chain(CAMDEN, f"CAM-{case}").ok
    store.close()


def test_a_stopped_claimer_that_wakes_up_doubles_nothing(database_url: str) -> None:
    """SIGSTOP after the claim, SIGCONT after another worker did the work: the sleeper's command is refused."""
    store = opened(database_url)
    store.append(an_entry(rows_after=timers(a_timer(minutes=0))))
    store.close()

    def sleeper() -> int:
        mine = opened(database_url)
        (due,) = mine.claims.timers(NINE, most=1, lease=MINUTE)
        loaded = mine.load(CAMDEN, "CAM-1")
        os.kill(os.getpid(), signal.SIGSTOP)
        stale = an_entry(revision=1, rows_before=timers(due.row), settles=due.claim, loaded=loaded)
        fresh = an_entry(revision=2, rows_before=timers(due.row), settles=due.claim)
        refusals = []
        for entry in (stale, fresh):
            try:
                mine.append(with_id(entry, "the sleeper's"))
            except (StaleCase, ClaimLost) as refused:
                refusals.append(type(refused))
        return 0 if refusals == [StaleCase, ClaimLost] else 1

    child = in_child(sleeper)
    os.waitpid(child, os.WUNTRACED)
    store = opened(database_url)
    (due,) = store.claims.timers(NINE + 2 * MINUTE, most=1)
    fire(store, due)
    os.kill(child, signal.SIGCONT)

    assert ending_of(child) == 0
    assert [entry.command.id for entry in store.history(CAMDEN, "CAM-1")] == ["CAM-1:1", "CAM-1 fires 1"]
    store.close()

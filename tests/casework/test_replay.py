"""Replay proves a case from its commands, and names the first place where it cannot."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import pytest
import sqlalchemy as sa

from engine.case.state import encode
from engine.casework import Casework, Shelf
from engine.replay import OneRun, replay
from engine.store import ReleaseChanged, SettingsChanged
from tests.casework import drawn
from tests.support.office import AREA, CHAIR, WORKER, TestOffice, somebody


def a_worked_case(office: TestOffice) -> str:
    """A case with a decision, timers, a life event and an escalation in its history."""
    office.publish(drawn.waiting(), drawn.interrupted("life"))
    case = office.case(dob="2015-01-01")
    office.clock.advance_by(timedelta(days=4))
    office.casework.fire_timers(AREA, case)
    office.casework.receive_message(
        case, "Answer", {"text": "no"}, received_on="2026-03-05", by=WORKER, command_id=office.key()
    )
    office.casework.record_life_event(
        case, "PlacementChanged", {"placement": "home"}, received_on=None, by=WORKER, command_id=office.key()
    )
    return case


def test_a_case_is_certified_when_every_step_comes_out_the_same(each_office: TestOffice) -> None:
    """Commands alone, on the pinned release, with the recorded clock and ids, give the same events and states."""
    case = a_worked_case(each_office)

    certificate = each_office.casework.verify(AREA, case)

    assert certificate.certified
    assert len(each_office.history()) == certificate.commands


def test_a_changed_table_makes_replay_differ_at_its_step(each_office: TestOffice) -> None:
    """A pinned table changed behind the store's back differs at the first decision it makes otherwise."""
    each_office.publish(drawn.decided())
    case = each_office.case()
    each_office.casework.add_note(case, "between", by=WORKER, command_id=each_office.key())
    each_office.complete("report", {"view": "good"})
    with each_office.store.database.engine.begin() as connection:
        for hashed, body in connection.execute(sa.text("select hash, body from content")).fetchall():
            changed = bytes(body).replace(b"true", b"false")
            if changed != bytes(body) and b"decisionTable" in changed:
                connection.execute(
                    sa.text("update content set body = :body where hash = :hash"), {"body": changed, "hash": hashed}
                )

    difference = each_office.casework.verify(AREA, case).difference

    assert difference is not None
    assert (4, "complete_task", "events") == (difference.revision, difference.command, difference.what)
    said = "DecisionMade at choose by row 1 of choose, is still that, but not the same in: result."
    assert said in difference.message
    assert any("is not the file that was released" in note for note in each_office.casework.verify(AREA, case).notes)


def test_a_release_that_was_rewritten_whole_is_found_and_no_case_runs_on_it(each_office: TestOffice) -> None:
    """A release is named by what it holds: a forged file under its own right hash is another release."""
    each_office.publish(drawn.decided())
    case = each_office.case()
    with each_office.store.database.engine.begin() as connection:
        for hashed, body in connection.execute(sa.text("select hash, body from content")).fetchall():
            forged = bytes(body).replace(b"true", b"true ")
            if forged != bytes(body) and b"decisionTable" in forged:
                told = {"other": f"sha256:{sha256(forged).hexdigest()}", "hash": hashed, "body": forged}
                kept = "insert into content (authority, hash, body) select authority, :other, :body from content"
                connection.execute(sa.text(f"{kept} where hash = :hash"), told)
                connection.execute(sa.text("update release_file set hash = :other where hash = :hash"), told)

    notes = each_office.casework.verify(AREA, case).notes

    assert any("is another release" in note for note in notes)
    with pytest.raises(ReleaseChanged, match="no case may run on it"):
        Shelf(each_office.store).pathway(AREA, each_office.now().running[1].release)


def test_a_run_over_many_cases_holds_each_release_against_its_hash_once(office: TestOffice) -> None:
    """What a run found of a release counts for all its cases; the next run looks again."""
    office.publish(drawn.two_steps())
    cases = [office.case(case_id=name) for name in ("C1", "C2")]
    shelf = Shelf(office.store, verify=False)
    run = OneRun(shelf)
    first = replay(office.store, run, AREA, cases[0])
    with office.store.database.engine.begin() as connection:
        connection.execute(sa.text("update content set body = :other"), {"other": b"other"})

    assert first.certified
    assert replay(office.store, run, AREA, cases[1]).certified
    assert not replay(office.store, OneRun(shelf), AREA, cases[1]).certified


@pytest.mark.parametrize(
    ("was", "now", "differs"),
    [(b'"manager":1', b'"manager":2', True), (b"Area Council", b"Area Kouncil", False), (b"{", b"?", True)],
    ids=["a deadline", "a name", "no settings at all"],
)
def test_settings_that_were_changed_are_named_and_no_case_runs_under_them(
    each_office: TestOffice, was: bytes, now: bytes, differs: bool
) -> None:
    """What a command names as its settings is held against its hash, whether a step comes out otherwise or not."""
    case = a_worked_case(each_office)
    with each_office.store.database.engine.begin() as connection:
        for version, body in connection.execute(sa.text("select hash, body from settings")).fetchall():
            told = {"body": bytes(body).replace(was, now), "hash": version}
            connection.execute(sa.text("update settings set body = :body where hash = :hash"), told)

    found = each_office.casework.verify(AREA, case)

    assert differs == (found.difference is not None)
    (note,) = found.notes
    assert "What stands as settings sha256:" in note
    assert not found.certified
    with pytest.raises(SettingsChanged, match="no case may run under them"):
        Shelf(each_office.store).terms(AREA)


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("update history set at = '2020-01-01T00:00:00.000000Z' where revision = 3", "row changed"),
        ("delete from history where revision = 2", "row removed"),
        ("update history set by_whom = 'other' where revision = 1", "row changed"),
    ],
)
def test_a_changed_history_is_named_by_its_row(each_office: TestOffice, statement: str, what: str) -> None:
    """The chain is held against itself before anything is executed."""
    case = a_worked_case(each_office)
    with each_office.store.database.engine.begin() as connection:
        connection.execute(sa.text(statement))

    difference = each_office.casework.verify(AREA, case).difference

    assert difference is not None
    assert ("chain", what) == (difference.what, difference.message)


def test_losing_every_snapshot_loses_nothing(each_office: TestOffice) -> None:
    """A snapshot is only a cache of replay: the case is rebuilt from history and goes on."""
    case = a_worked_case(each_office)
    before = encode(each_office.now())
    with each_office.store.database.engine.begin() as connection:
        connection.execute(sa.text("update case_file set snapshot = null"))

    assert before == encode(each_office.now())
    each_office.complete("noted")
    assert each_office.casework.verify(AREA, case).certified


def test_running_cases_stay_on_their_release(office: TestOffice) -> None:
    """A new release takes new cases; a running one ends on the release it started on."""
    office.publish(drawn.two_steps())
    office.case()
    office.publish(drawn.decided())
    office.case(case_id="C2")

    assert {"report"} == set(office.open_tasks("C2"))
    office.complete("report")
    office.complete("check", by=CHAIR)
    releases = {running.release for number in ("C1", "C2") for running in office.now(number).running.values()}
    assert 2 == len(releases)
    assert office.casework.verify(AREA, "C1").certified


def test_another_process_replays_the_same(office: TestOffice) -> None:
    """Nothing in memory matters: a fresh shelf and casework certify what another one wrote."""
    case = a_worked_case(office)
    fresh = Casework(office.store, Shelf(office.store), office.clock)

    assert fresh.verify(AREA, case).certified
    assert encode(fresh.load(AREA, case)) == encode(office.now())


def test_verifying_writes_nothing(office: TestOffice) -> None:
    """Verification never writes to a case, not even who verified."""
    case = a_worked_case(office)
    before = office.store.load(AREA, case)

    office.casework.verify(AREA, case)

    assert before == office.store.load(AREA, case)


def test_what_a_person_claimed_is_replayed_too(office: TestOffice) -> None:
    """Whose desk a task lay on is part of the case, and comes back the same."""
    office.publish(drawn.two_steps())
    case = office.case()
    first = somebody("social_worker", "first")
    office.casework.claim_task(case, office.open_tasks()["report"], by=first, command_id=office.key())

    assert office.casework.verify(AREA, case).certified

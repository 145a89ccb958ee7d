"""What auditors find cases by is made from history alone, kept up to date by whoever asks, and held against history."""

from __future__ import annotations

from datetime import date, timedelta
from hashlib import sha256

import pytest
import sqlalchemy as sa

from engine.casework import AUDITOR, Casework, Practitioner, Shelf
from engine.casework.catalogue import EDITION, lateness
from engine.casework.finding import Wanted
from engine.casework.timeliness import by_clause, by_element, clauses_in_order, spread
from engine.store.catalogue_tables import MENTION
from engine.store.finds import Figures
from engine.store.tables import HISTORY
from tests.casework import drawn
from tests.casework.test_work import worker
from tests.support.office import AREA, TestOffice

CHECKER = Practitioner("checker", AREA, "checker", frozenset({AUDITOR}))


def test_the_catalogue_is_the_same_whenever_it_is_made(each_office: TestOffice) -> None:
    """Thrown away and made again from history, every entry is as it was, on either database."""
    each_office.publish(drawn.waiting())
    each_office.case()
    each_office.clock.advance_by(timedelta(days=4))
    worker(each_office).round()
    assert 0 == each_office.casework.catch_up(AREA)
    first = each_office.store.catalogue.of_case(AREA, "C1")
    assert first is not None
    assert first[2].mentions
    assert first[2].passages

    each_office.casework.forget_catalogue(AREA)
    assert each_office.store.catalogue.of_case(AREA, "C1") is None
    assert [] == each_office.casework.find(CHECKER, Wanted(person="worker"))
    each_office.casework.catch_up(AREA)
    assert first == each_office.store.catalogue.of_case(AREA, "C1")


def test_a_case_that_went_on_is_behind_until_somebody_asks(each_office: TestOffice) -> None:
    """A command writes nothing here; the next question takes the case again, and says what it could not take."""
    each_office.publish(drawn.waiting())
    each_office.case()
    assert 1 == each_office.casework.catch_up(AREA, until=lambda: False)
    assert 0 == each_office.casework.catch_up(AREA)
    each_office.clock.advance_by(timedelta(days=4))
    each_office.casework.fire_timers(AREA, "C1")
    assert ["C1"] == each_office.store.catalogue.behind(AREA, EDITION)
    assert ["C1"] == each_office.store.catalogue.behind(AREA, EDITION + 1)


def test_a_worker_with_nothing_else_to_do_keeps_the_catalogue(office: TestOffice) -> None:
    """Auditors seldom wait: between rounds a worker takes what has gone on, and rests once nothing has."""
    office.publish(drawn.waiting())
    office.case()
    one = worker(office)
    one.round()
    assert [] == office.store.catalogue.behind(AREA, EDITION)
    office.case(case_id="C2")
    one.round()
    assert ["C2"] == office.store.catalogue.behind(AREA, EDITION)
    office.clock.advance_by(timedelta(minutes=1))
    one.round()
    assert [] == office.store.catalogue.behind(AREA, EDITION)


def test_a_changed_entry_is_found_by_verifying_and_mended_by_making_it_anew(office: TestOffice) -> None:
    """The catalogue is no second truth: what differs from history stands on the certificate."""
    office.publish(drawn.waiting())
    office.case()
    office.casework.catch_up(AREA)
    with office.store.database.writing() as session:
        session.run(sa.delete(MENTION).where(MENTION.c.kind == "role"), {})
    found = office.casework.verify_case(CHECKER, "C1").verification.differences
    assert [("C1", "catalogue")] == [(one.case_id, one.what) for one in found]
    office.casework.forget_catalogue(AREA)
    office.casework.catch_up(AREA)
    assert office.casework.verify_case(CHECKER, "C1").certified


def test_a_history_that_cannot_be_read_leaves_its_case_behind_and_no_other(office: TestOffice) -> None:
    """Whoever asks is told that a case is missing from the answer; the others are found all the same."""
    office.publish(drawn.waiting())
    office.case()
    office.case(case_id="C2")
    with office.store.database.writing() as session:
        session.run(sa.update(HISTORY).where(HISTORY.c.case_id == "C1").values(payload=b"nonsense"), {})
    assert 1 == office.casework.catch_up(AREA)
    assert ["C1"] == office.store.catalogue.behind(AREA, EDITION)
    one = worker(office)
    assert 0 == one.round()
    assert 0 == one.round()


def test_a_child_whose_key_was_destroyed_is_not_found_any_more(office: TestOffice) -> None:
    """Erasing takes the catalogue's entries along, and they are not made again."""
    office.publish(drawn.waiting())
    office.case()
    office.casework.catch_up(AREA)
    with office.store.database.writing() as session:
        session.run(sa.text("update case_file set status = 'CLOSED'"), {})
    office.store.erase(AREA, "C1", at=office.clock.now(), by="records", why="RET-1")
    assert office.store.catalogue.of_case(AREA, "C1") is None
    assert 0 == office.casework.catch_up(AREA)
    assert [] == office.casework.find(CHECKER, Wanted())


@pytest.mark.parametrize(
    ("due", "on", "working", "late"),
    [
        ("2026-03-06", "2026-03-06", True, 0),
        ("2026-03-06", "2026-03-05", True, -1),
        ("2026-03-06", "2026-03-09", True, 1),
        ("2026-03-06", "2026-03-07", True, 1),
        ("2026-03-06", "2026-03-09", False, 3),
        ("2026-04-02", "2026-04-07", True, 1),
        ("2026-03-09", "2026-03-07", True, -1),
        ("2062-03-06", "2026-03-06", True, -13149),
        (None, "2026-03-06", True, None),
    ],
)
def test_lateness_is_counted_as_the_deadline_is(
    office: TestOffice, due: str | None, on: str, working: bool, late: int | None
) -> None:
    """Working days where the deadline is in them, Easter left out; a day late is late even on a Saturday."""
    calendar = office.casework.authority(AREA).calendar
    assert late == lateness(calendar, due, date.fromisoformat(on), working=working)


def test_figures_over_stays() -> None:
    """The middle, nine tenths by nearest rank, and what became of each deadline, clause by clause."""
    assert spread([]).median is None
    tens = spread(range(1, 11))
    assert (1, 3, 5.5, 8, 9, 10) == (
        tens.least, tens.quarter, tens.median, tens.three_quarters, tens.ninety, tens.most,
    )  # fmt: skip

    def stay(clauses: str, ending: str, late: int | None, due: str | None = "2026-03-06", days: int = 2) -> Figures:
        return Figures("p", "e", clauses, True, ending, days, late, due)

    stays = [
        stay("X-1.10 X-1.2", "done", 0),
        stay("X-1.2", "done", 3),
        stay("X-1.2", "withdrawn", 1),
        stay("X-1.2", "withdrawn", -1),
        stay("X-1.2", "", None),
        stay("X-1.2", "", None, "2026-04-06"),
        stay("X-1.2", "done", None, None),
    ]
    found = by_clause(stays, "2026-03-10")
    assert ["X-1.2", "X-1.10"] == [one.clause for one in found]
    assert [1, 1, 1, 1, 1, 1] == list(found[0].counts.values())
    assert (6, 1.5, "working days") == (found[0].total, found[0].spread.median, found[0].unit)
    (element,) = by_element({("p", "e"): 7}, stays)
    assert (7, 3, 2, 2, 2.0) == (
        element.passed, element.ended, element.waiting, element.withdrawn, element.spread.median,
    )  # fmt: skip


def test_clauses_stand_in_one_order_however_a_diagram_names_them() -> None:
    """Two steps that serve the same clauses are counted as one row, and 9.9 comes before 9.13."""
    named = [clauses_in_order(text) for text in ("SOU-9.13 SOU-9.9", "SOU-9.9 SOU-9.13 SOU-9.9", "")]

    assert ["SOU-9.9 SOU-9.13", "SOU-9.9 SOU-9.13", ""] == named


def test_a_case_whose_key_was_destroyed_does_not_stop_a_verification(office: TestOffice) -> None:
    """What can still be proved of an erased case is its chain; the others are carried out again as ever."""
    office.publish(drawn.waiting())
    office.case()
    office.case(case_id="C2")
    with office.store.database.writing() as session:
        session.run(sa.text("update case_file set status = 'CLOSED' where case_id = 'C1'"), {})
    office.store.erase(AREA, "C1", at=office.clock.now(), by="records", why="RET-1")
    begun = office.casework.verify_all(CHECKER)
    made = begun
    while not made.finished:
        made = office.casework.go_on(CHECKER, begun.verification.number, time=lambda: 0.0, seconds=1)
    assert made.certified
    assert 2 == made.verification.cases
    with office.store.database.writing() as session:
        session.run(sa.update(HISTORY).where(HISTORY.c.case_id == "C1", HISTORY.c.revision == 1).values(role="x"), {})
    made = begun = office.casework.verify_all(CHECKER)
    while not made.finished:
        made = office.casework.go_on(CHECKER, begun.verification.number, time=lambda: 0.0, seconds=1)
    assert [("C1", "chain")] == [(one.case_id, one.what) for one in made.verification.differences]


@pytest.mark.parametrize("whole", [False, True], ids=["a file", "the whole release"])
def test_a_changed_release_stops_no_verification(each_office: TestOffice, whole: bool) -> None:
    """Every case is verified to the last, and each that ran on the release names it, though it came out the same."""
    each_office.publish(drawn.decided())
    each_office.case()
    each_office.case(case_id="C2")
    with each_office.store.database.engine.begin() as connection:
        for hashed, body in connection.execute(sa.text("select hash, body from content")).fetchall():
            forged = bytes(body).replace(b"true", b"true ")
            if forged != bytes(body) and b"decisionTable" in forged:
                told = {"hash": hashed, "body": forged, "other": f"sha256:{sha256(forged).hexdigest()}"}
                connection.execute(sa.text("update content set body = :body where hash = :hash"), told)
                if whole:
                    connection.execute(sa.text("update content set hash = :other where hash = :hash"), told)
                    connection.execute(sa.text("update release_file set hash = :other where hash = :hash"), told)
    checked = Casework(each_office.store, Shelf(each_office.store), each_office.clock)

    made = checked.verify_all(CHECKER)
    while not made.finished:
        made = checked.go_on(CHECKER, made.verification.number, time=lambda: 0.0, seconds=1)

    assert (2, False) == (made.verification.cases, made.certified)
    assert {"C1", "C2"} == {one.case_id for one in made.verification.differences}

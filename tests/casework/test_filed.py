"""A case's own file is verified too: its name, whether it is open, when it was opened and changed, and its snapshot."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.store.tables import CASE_FILE, CHILD_KEY, ERASURE
from tests.casework import drawn
from tests.support.office import AREA, TestOffice, somebody

CHECKER = somebody("auditor")
LATER = "2030-01-01T00:00:00.000000Z"


@pytest.fixture
def kept(office: TestOffice) -> TestOffice:
    """A case that was opened on one day and went on on another."""
    office.publish(drawn.two_steps())
    case = office.case(None, name="Sam Sample")
    office.clock.advance_by(timedelta(hours=1))
    office.casework.start_pathway(case, "p", by=somebody("social_worker"), command_id=office.key())
    return office


def told(office: TestOffice) -> list[tuple[str, str]]:
    """What a verification of the case finds, and in which words."""
    made = office.casework.verify_case(CHECKER, "C1")
    return [(one.what, one.message) for one in made.verification.differences]


def outside(office: TestOffice, statement: sa.Update | sa.Insert | sa.Delete) -> None:
    """Change rows behind the store."""
    with office.store.database.writing() as session:
        session.run(statement, {})


def test_a_file_that_says_what_history_says_is_certified(kept: TestOffice) -> None:
    """Nothing differs, and a snapshot that was dropped is only made again."""
    assert [] == told(kept)

    kept.store.cases.drop_snapshots(AREA)

    assert [] == told(kept)


@pytest.mark.parametrize(
    ("column", "value", "what"),
    [
        ("label", b"spoilt", "What lists call the case by"),
        ("status", "CLOSED", "Whether the case is open"),
        ("opened_at", LATER, "When the case was opened"),
        ("changed_at", LATER, "When the case was last changed"),
        ("snapshot", b"spoilt", "The case as it was kept after its last step"),
    ],
)
def test_what_a_file_says_otherwise_is_named(kept: TestOffice, column: str, value: object, what: str) -> None:
    """What lists, exports and retention go by was made by the commands of the case, and by nothing else."""
    outside(kept, sa.update(CASE_FILE).values({column: value}))

    assert [("shown", f"{what} is not what the history says.")] == told(kept)


def test_a_case_that_only_counts_as_erased_is_named(kept: TestOffice) -> None:
    """Whoever marks a case as erased makes it unreadable: that is not certified, with its key there or without."""
    said = [("shown", "The case counts as erased, and this service did not erase it.")]
    outside(kept, sa.update(CASE_FILE).values(erased_at=LATER))
    assert said == told(kept)

    outside(kept, sa.insert(ERASURE).values(authority=AREA, case_id="C1", at=LATER, by_whom="x", why="x"))
    assert said == told(kept)

    outside(kept, sa.delete(CHILD_KEY))
    outside(kept, sa.update(ERASURE).values(at="2029-01-01T00:00:00.000000Z"))
    assert said == told(kept)


def test_a_case_that_was_erased_is_certified(kept: TestOffice) -> None:
    """Its chain is whole, and that it was erased is recorded."""
    outside(kept, sa.update(CASE_FILE).values(status="CLOSED"))
    kept.store.erase(AREA, "C1", at=kept.clock.now(), by="tests", why="schedule 7")

    assert [] == told(kept)

"""Plans that are running already come in from a table: checked first, then exactly what was seen, once."""

from __future__ import annotations

import pytest

from engine.authorities import HEAD as HEAD_ROLE
from engine.casework import Practitioner
from engine.casework.importing import NotAsSeen
from engine.errors import Forbidden, Unreadable
from engine.store.errors import CaseUnknown
from tests.casework import drawn
from tests.support.office import AREA, HEAD, OPERATOR, WORKER, TestOffice

HEADING = "case_id,name,dob,unborn,plan_start_date,legal_status,current_agencies,s20_stable,pathway,why_again\n"
SAM = "P-001,Sam Sample,2016-05-04,,02/06/2025,s20,School; Health visitor,yes,,\n"
ADA = "P-002,Ada Other,,yes,2026-01-05,none,,,p,\n"


def table(*rows: str) -> bytes:
    return (HEADING + "".join(rows)).encode()


def problems(office: TestOffice, *rows: str) -> list[list[str]]:
    """The refused facts of each row."""
    rehearsal = office.casework.rehearse_import(table(*rows), by=HEAD)
    return [[problem.field for problem in row.problems] for row in rehearsal.rows]


def test_a_rehearsal_changes_nothing_and_a_run_opens_exactly_what_was_seen(office: TestOffice) -> None:
    """Each case is put where it stands: facts in their kinds, dates as dates, and a pathway where one is named."""
    office.publish(drawn.two_steps())
    rehearsal = office.casework.rehearse_import(table(SAM, ADA), by=HEAD)
    with pytest.raises(CaseUnknown):
        office.now("P-001")

    opened = list(office.casework.run_import(table(SAM, ADA), rehearsal.seal, by=HEAD))

    assert [("P-001", "done"), ("P-002", "done")] == [(row.case_id, row.state) for row in opened]
    facts = office.now("P-001").facts
    assert ("2025-06-02", ["School", "Health visitor"], True, None) == tuple(
        facts[name] for name in ("plan_start_date", "current_agencies", "s20_stable", "plo_active")
    )
    assert {"report"} == set(office.open_tasks("P-002"))
    assert {} == office.open_tasks("P-001")
    assert office.casework.verify(AREA, "P-002").certified


def test_a_run_that_was_stopped_goes_on_where_it_stopped(office: TestOffice) -> None:
    """Rows opened before are told as done, the others are opened, and nothing is opened twice."""
    office.publish(drawn.two_steps())
    seal = office.casework.rehearse_import(table(SAM, ADA), by=HEAD).seal
    next(office.casework.run_import(table(SAM, ADA), seal, by=HEAD))

    with pytest.raises(NotAsSeen):
        next(office.casework.run_import(table(SAM, ADA), seal, by=HEAD))
    again = office.casework.rehearse_import(table(SAM, ADA), by=HEAD)
    assert ["done", "ready"] == [row.state for row in again.rows]
    rest = list(office.casework.run_import(table(SAM, ADA), again.seal, by=HEAD))

    assert ["P-002"] == [row.case_id for row in rest]
    assert ["open_case"] == office.history("P-001")


def test_a_run_refuses_what_was_not_seen(office: TestOffice) -> None:
    """A table that was changed after its check is checked again first; nothing of it is opened."""
    seal = office.casework.rehearse_import(table(SAM), by=HEAD).seal

    with pytest.raises(NotAsSeen):
        list(office.casework.run_import(table(SAM.replace("s20", "ico")), seal, by=HEAD))
    with pytest.raises(CaseUnknown):
        office.now("P-001")


def test_each_refused_row_names_its_reasons_and_the_others_go_in(office: TestOffice) -> None:
    """A wrong row does not keep the right ones out."""
    wrong = "P-002,,2016-02-31,,,s21,,perhaps,nowhere,\n"

    rehearsal = office.casework.rehearse_import(table(SAM, wrong), by=HEAD)

    assert ["ready", "refused"] == [row.state for row in rehearsal.rows]
    assert {"s20_stable", "name", "legal_status", "dob", "pathway", "plan_start_date"} == {
        problem.field for problem in rehearsal.rows[1].problems
    }
    opened = list(office.casework.run_import(table(SAM, wrong), rehearsal.seal, by=HEAD))
    assert ["P-001"] == [row.case_id for row in opened]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((SAM, SAM), [[], ["case_id"]]),
        ((SAM, SAM.replace("P-001", "P-009")), [[], ["name"]]),
        ((SAM.replace("s20,", "s20,").replace("2016-05-04", ""),), [["dob"]]),
        ((SAM.replace("P-001", "!"),), [["case_id"]]),
        ((SAM.replace("02/06/2025", "31/02/2025"),), [["plan_start_date"]]),
        ((SAM.replace("02/06/2025", "2031-01-01"),), [["plan_start_date"]]),
    ],
)
def test_rows_that_cannot_be_are_refused(office: TestOffice, rows: tuple[str, ...], expected: list[list[str]]) -> None:
    """The same reference or child twice, no birth date, a day that is none or is to come."""
    assert expected == problems(office, *rows)


def test_a_child_who_is_known_needs_a_reason(office: TestOffice) -> None:
    """A row that looks like an open case is refused until its why_again says why it is entered all the same."""
    office.case(None, "OLD-1", name="Sam Sample", dob="2016-05-04")

    assert [["why_again"]] == problems(office, SAM)
    assert [[]] == problems(office, SAM.replace(",,\n", ",,Registered again\n"))


def test_a_row_like_a_restricted_case_says_whom_to_ask(office: TestOffice) -> None:
    """The case is not named, and the sentence is whole all the same."""
    office.case(None, "OLD-1", name="Sam Sample", dob="2016-05-04")
    office.appoint(HEAD)
    office.casework.restrict_case("OLD-1", [HEAD.id], "A colleague's child.", by=HEAD, command_id=office.key())

    (row,) = office.casework.rehearse_import(table(SAM), by=OPERATOR).rows

    said = "is needed. This looks like a child who is known already: 1 that you may not see (ask the Head of Quality "
    assert row.problems[0].message.startswith(said)
    assert "OLD-1" not in row.problems[0].message


def test_a_reference_that_something_else_opened_is_refused(office: TestOffice) -> None:
    """What is there already is never written over."""
    office.case(None, "P-001")

    assert [["case_id"]] == problems(office, SAM)


def test_a_child_of_18_is_said_so_and_starts_nothing_else(office: TestOffice) -> None:
    """The birthday starts what follows from it by itself, so no other pathway may be named."""
    office.publish(drawn.interrupted("life"), drawn.two_steps())
    grown = SAM.replace("2016-05-04", "2008-01-01")
    rehearsal = office.casework.rehearse_import(table(grown), by=HEAD)
    assert (("The child is 18 already: what follows from that starts by itself.",), "ready") == (
        rehearsal.rows[0].notes,
        rehearsal.rows[0].state,
    )

    assert [["pathway"]] == problems(office, grown.replace(",yes,,", ",yes,p,"))
    list(office.casework.run_import(table(grown), rehearsal.seal, by=HEAD))
    assert ["life"] == [running.pathway for running in office.now("P-001").running.values()]


def test_who_holds_a_role_is_checked(office: TestOffice) -> None:
    """A person who is not here, or does not hold the role, is named as the reason."""
    rows = b"case_id,name,dob,plan_start_date,role:social_worker\nP-001,Sam,2016-05-04,2025-06-02,nobody\n"

    rehearsal = office.casework.rehearse_import(rows, by=HEAD)

    assert ["role:social_worker"] == [problem.field for problem in rehearsal.rows[0].problems]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no column case_id"),
        (b"name\nSam\n", "no column case_id"),
        (b"case_id,shoe_size\nP-001,3\n", "'shoe_size'"),
        (b"case_id,plan_status\nP-001,ENDED\n", "'plan_status'"),
        (b"case_id,name,name\nP-001,a,b\n", "'name'"),
        (b"case_id,name\nP-001\n", "has 1 cells"),
        (b'case_id,name\nP-001,"Sam\n', "cannot be read"),
        (b"case_id,name\nP-001,\xff\xfe\n", "UTF-8"),
        (b"case_id\n\x00\n", "not text"),
        (b"case_id\n" + b"x" * 2_000_001, "larger than"),
        (b"case_id\n" + b"P-1\n" * 1001, "more than 1000 rows"),
    ],
)
def test_what_is_no_table_is_refused_whole(office: TestOffice, content: bytes, words: str) -> None:
    """A column that is not known could be one that was meant: nothing is read past it."""
    with pytest.raises(Unreadable, match=words):
        office.casework.rehearse_import(content, by=HEAD)


def test_imports_are_for_the_head_and_the_operator(office: TestOffice) -> None:
    """A social worker opens cases one by one."""
    with pytest.raises(Forbidden):
        office.casework.rehearse_import(table(SAM), by=WORKER)
    both = Practitioner("both", AREA, "both", frozenset({"social_worker", HEAD_ROLE}))
    assert office.casework.rehearse_import(table(SAM), by=both).of("ready")

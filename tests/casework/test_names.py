"""A name is one line that can be seen: what else is told as one is refused before it is written."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.case.facts import FactsRefused
from engine.casework.opening import NewCase
from engine.one_line import is_a_name
from tests.casework import drawn
from tests.support.office import HEAD, WORKER, TestOffice

NO_NAMES = ["a\x00b", "a\nb", "a\u2028b", "\u202eSam", "Sam\u2066", "\u200b", "Zs\u200bofia", "\u200f \u00ad", "\u3164"]


@pytest.mark.parametrize("text", ["Zoë O’Hara-Núñez", "نی‌لوفر", "\u200eשרה", "李 小龍", "", "Ann (known as Nan)"])
def test_names_of_every_script_are_names(text: str) -> None:
    """Joiners and direction marks belong to how names are written."""
    assert is_a_name(text)


@pytest.mark.parametrize("text", NO_NAMES)
def test_a_name_that_breaks_its_line_or_cannot_be_seen_is_refused(office: TestOffice, text: str) -> None:
    """The child's, an agency's, a twin's: each way in names the fact, never the value, and nothing is changed."""
    office.publish(drawn.interrupted("life"))
    office.case(None, unborn=True, current_agencies=["School"])
    ways: dict[str, Callable[[], object]] = {
        "name": lambda: office.casework.enter_case(
            NewCase("CASE-2", {"name": text}), by=WORKER, command_id=office.key()
        ),
        "current_agencies": lambda: office.casework.record_facts(
            "C1", {"current_agencies": ["School", text]}, "As told.", by=WORKER, command_id=office.key()
        ),
        "parents": lambda: office.casework.record_life_event(
            "C1",
            "ChildBorn",
            {"dob": "2026-03-01", "parents": [text]},
            received_on=None,
            by=WORKER,
            command_id=office.key(),
        ),
    }
    for field, way in ways.items():
        with pytest.raises(FactsRefused) as refused:
            way()
        assert [field] == [problem.field for problem in refused.value.problems]
        assert text not in str(refused.value)
    assert ["open_case"] == office.history()


def test_a_row_of_an_import_with_such_a_name_is_refused_at_the_rehearsal(office: TestOffice) -> None:
    """Whoever imports is told before anything is opened."""
    table = b'case_id,name,dob,plan_start_date\nP-1,"Sam\nSample",2016-05-04,2025-06-02\n'
    rehearsal = office.casework.rehearse_import(table, by=HEAD)
    assert [["name"]] == [[problem.field for problem in row.problems] for row in rehearsal.rows]

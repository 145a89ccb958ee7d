"""A former number is written into a scenario's text, and nothing else of it changes."""

from __future__ import annotations

import pytest

from engine.scenarios import read_scenario
from engine.studio.pinning import FormerValue, former_values, pinned

PATH = "village/objecting/scenarios/silence.toml"
GIVEN = '# Nobody answers.\ntitle = "Silence"\n\n[given]\nauthority = "village"\nnow = 2026-03-02T09:00:00\n'
END = '\n[given.case]\ndob = "2016-05-04"\n\n[then]\nplan_status = "ACTIVE"\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (GIVEN + END, GIVEN + "\n[given.parameters]\ndays = 10\n" + END),
        (
            GIVEN + "parameters = { more = true }  # ours\n" + END,
            GIVEN + "parameters = { days = 10, more = true }  # ours\n" + END,
        ),
        (GIVEN + "parameters = {}\n" + END, GIVEN + "parameters = { days = 10 }\n" + END),
        (
            GIVEN + "\n[given.parameters]  # ours\nmore = true\n" + END,
            GIVEN + "\n[given.parameters]  # ours\ndays = 10\nmore = true\n" + END,
        ),
    ],
)
def test_the_former_number_stands_under_given_parameters(before: str, after: str):
    """In a table of its own, in the one that is there, or between its braces; comments and order stay."""
    assert pinned(before.encode(), PATH, {"days": 10}) == after.encode()
    assert read_scenario(after.encode(), PATH).parameters["days"] == 10


@pytest.mark.parametrize(
    "text",
    [
        GIVEN + "\n[given.parameters]\ndays = 12\n" + END,
        GIVEN + "parameters.more = true\n" + END,
        'title = """\n[given]\n[given.case]\n"""\n' + GIVEN.partition("\n\n")[2] + END,
        "title = ",
    ],
)
def test_what_cannot_be_added_to_by_itself_is_left_as_it_is(text: str):
    """A scenario that says a number already, or is written so that an addition would change something else."""
    assert pinned(text.encode(), PATH, {"days": 10}) is None


def settings(days: int) -> bytes:
    return (
        'title = "Objecting"\npurpose = "x"\nversion = "1.0.0"\n\n[parameters.days]\ntype = "whole number"\n'
        f'default = {days}\nlabel = "Working days to object"\nreason = "x"\ntag = "policy"\n'
    ).encode()


def test_the_former_value_is_the_published_default_of_what_the_draft_changed():
    """A parameter that did not change, or that is new, has none."""
    path = "village/objecting/pathway.toml"
    found = former_values({path: settings(10)}, {path: settings(12)})
    assert found == [FormerValue("days", "Working days to object", 10, 12)]
    assert former_values({path: settings(10)}, {path: settings(10)}) == []
    assert former_values({}, {path: settings(12)}) == []

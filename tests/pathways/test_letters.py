"""What says that a plan ends leaves only if it does: drafts go with the change or the guard that stops them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from engine.calendars import spoken
from engine.casework import Casework
from engine.clock import SettableClock
from engine.scenarios import Stage, read_scenario
from tests.pathways.conftest import PROCESSES

CAMDEN = PROCESSES / "camden"
ENDS_ON = re.compile(r"(?:ends|ended|ceased|discontinued|discharged)[^.]* (?:on|of|from) (\d+ [A-Z][a-z]+ \d{4})\.")


def letters_after(stage: Stage, scenario: str, steps: int | None = None) -> list[tuple[str, str]]:
    """Every letter of a case and its state, after a scenario or its first steps."""
    file = CAMDEN / f"{scenario}.toml"
    read = read_scenario(file.read_bytes(), str(file))
    if steps is not None:
        read = replace(read, whens=read.whens[:steps], then={})
    result = stage.play(read)
    assert result.problems == ()
    case = Casework(stage.store, stage.shelf, SettableClock(read.now)).load(read.authority, result.case_id)
    return [(letter.letter, letter.state) for letter in case.letters.values()]


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("camden_admin_removal/scenarios/goes_home_before_episode", [("administrative_removal", "withdrawn")]),
        (
            "camden_admin_removal/scenarios/dies_before_episode",
            [("administrative_removal", "withdrawn"), ("administrative_removal", "sent")],
        ),
        ("camden_admin_removal/scenarios/guard_fails_child_at_home", [("administrative_removal", "withdrawn")]),
        ("camden_admin_removal/scenarios/changes_before_letter_sent", [("administrative_removal", "sent")]),
        ("camden_review_conference/scenarios/guard_holds", [("conference_decision", "withdrawn")]),
        (
            "camden_concurrent_setup_and_meeting/scenarios/guard_holds",
            [("joint_meeting_invitation", "sent"), ("conference_decision", "withdrawn")],
        ),
    ],
)
def test_a_letter_goes_with_the_ending_it_speaks_of(sqlite_stage: Stage, scenario, expected):
    """A change before the plan has ended, or a guard that holds it back, takes the letter back; an ending sends it."""
    assert letters_after(sqlite_stage, scenario) == expected


def test_a_drafted_letter_waits_for_the_end_of_the_plan(sqlite_stage: Stage):
    """Between draft and episode nothing has been sent."""
    assert letters_after(sqlite_stage, "camden_admin_removal/scenarios/order_away", 2) == [
        ("administrative_removal", "drafted")
    ]


@pytest.mark.parametrize(
    ("scenario", "letter", "named"),
    [
        (
            "darlington/darlington_cprc/scenarios/discharge_followed_up",
            "other_services_told",
            [("service", "GP"), ("service", "School nurse"), ("service", "School"), ("service", "Police")],
        ),
        (
            "southwark/southwark_first_cprc_after_cla/scenarios/discharge_followed_up",
            "other_services_told",
            [("service", "GP"), ("service", "School nurse"), ("service", "School"), ("service", "Police")],
        ),
        (
            "darlington/darlington_cprc/scenarios/family_letter_goes_to_the_child",
            "conference_decision",
            [("parent", "Ms Sample"), ("parent", "Mr Sample"), ("child", "Sam Sample")],
        ),
        (
            "darlington/darlington_cprc/scenarios/ends",
            "conference_decision",
            [("parent", "Ms Sample"), ("parent", "Mr Sample")],
        ),
    ],
)
def test_a_letter_names_everybody_who_was_told(sqlite_stage: Stage, scenario, letter, named):
    """Those whom the step asks for are its recipients, list by list; the child only where somebody says so."""
    file = PROCESSES / f"{scenario}.toml"
    read = read_scenario(file.read_bytes(), str(file))
    result = sqlite_stage.play(read)
    assert result.problems == ()
    casework = Casework(sqlite_stage.store, sqlite_stage.shelf, SettableClock(read.now))
    letters = casework.load(read.authority, result.case_id).letters.values()
    (sent,) = [one for one in letters if one.letter == letter]
    assert sorted(named) == sorted((entry["list"], entry["to"]) for entry in sent.recipients)


@pytest.mark.parametrize(
    "scenario",
    [
        "camden/camden_review_conference/scenarios/ends_on_an_earlier_day",
        "darlington/darlington_cprc/scenarios/ends_on_an_earlier_day",
        "darlington/darlington_cprc/scenarios/views_reply_on_day_10",
    ],
)
def test_a_letter_names_the_day_on_which_the_plan_ends_or_none(sqlite_stage: Stage, scenario: str):
    """Whatever day the letter is written on, the day that it gives for the end is the day on which the plan ended."""
    file = PROCESSES / f"{scenario}.toml"
    read = read_scenario(file.read_bytes(), str(file))
    result = sqlite_stage.play(read)
    case = Casework(sqlite_stage.store, sqlite_stage.shelf, SettableClock(read.now)).load(
        read.authority, result.case_id
    )
    named = {day for one in case.letters.values() if one.state == "sent" for day in ENDS_ON.findall(one.text)}

    assert result.problems == ()
    assert named == {spoken(date.fromisoformat(str(case.facts["plan_end_date"])))}


def test_a_letter_is_kept_as_sent_on_the_day_that_the_step_gives(sqlite_stage: Stage):
    """Camden's chair enters on the fifth what went out on the third: the letter is kept as sent on the third."""
    file = CAMDEN / "camden_review_conference/scenarios/ends_on_an_earlier_day.toml"
    read = read_scenario(file.read_bytes(), str(file))
    result = sqlite_stage.play(read)
    case = Casework(sqlite_stage.store, sqlite_stage.shelf, SettableClock(read.now)).load(
        read.authority, result.case_id
    )

    assert [letter.sent_day for letter in case.letters.values()] == ["2026-03-03"]


def test_no_letter_takes_the_day_of_its_writing_for_the_end_of_a_plan():
    """The day on which a plan ends comes from the case or from the answer that ends it, never from the clock."""
    files = sorted(PROCESSES.glob("**/letters/*.md"))

    assert files
    for file in files:
        for paragraph in file.read_text().split("\n\n"):
            assert not re.search(r"\b(ends|ended|ceased|discontinued|discharged)\b[^.]*today\(\)", paragraph), file

"""Timers and due dates fall when their text says, on London's clock."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.errors import Incident
from engine.execution.formulas import read_formula
from engine.execution.timers import after, arm_timer, check_timer, due_date, read_moment
from engine.feel import Environment
from engine.history import instant

NOW = datetime(2026, 1, 31, 9, tzinfo=UTC)
HERE = Environment(now=NOW)


@pytest.mark.parametrize(
    ("start", "duration", "expected"),
    [
        ("2026-01-31T09:00:00Z", "P14D", "2026-02-14T09:00:00.000000Z"),
        ("2026-01-31T09:00:00Z", "P1M", "2026-02-28T09:00:00.000000Z"),
        ("2026-01-31T09:00:00Z", "P1Y2M", "2027-03-31T08:00:00.000000Z"),
        ("2026-01-31T09:00:00Z", "P2W", "2026-02-14T09:00:00.000000Z"),
        ("2026-01-31T09:00:00Z", "PT1H30M15.5S", "2026-01-31T10:30:15.500000Z"),
        ("2026-01-31T09:00:00Z", "-P1D", "2026-01-30T09:00:00.000000Z"),
        # Days are exact: across the change of the clocks London's clock shows another hour.
        ("2026-03-28T09:00:00Z", "P1D", "2026-03-29T09:00:00.000000Z"),
        # Months are London's: nine o'clock stays nine o'clock.
        ("2026-03-15T09:00:00Z", "P1M", "2026-04-15T08:00:00.000000Z"),
        ("2026-10-15T08:00:00Z", "P1M", "2026-11-15T09:00:00.000000Z"),
    ],
)
def test_a_duration_is_counted_from_an_instant(start: str, duration: str, expected: str) -> None:
    """Days and less are exact; months and years are counted on London's calendar and clock."""
    assert instant(after(datetime.fromisoformat(start), duration)) == expected


@pytest.mark.parametrize("text", ["P", "PT", "14D", "P1.5D", "ten days", "", "P1D "[::-1]])
def test_what_is_no_duration_is_refused(text: str) -> None:
    """ISO 8601, whole numbers except in seconds."""
    with pytest.raises(ValueError, match="not an ISO 8601 duration"):
        after(NOW, text)


@pytest.mark.parametrize(
    ("text", "on", "at"),
    [
        ("2026-01-10", "2026-01-10", "2026-01-11T00:00:00.000000Z"),
        ("2026-07-10", "2026-07-10", "2026-07-10T23:00:00.000000Z"),
        ("2026-07-10T09:00:00", None, "2026-07-10T08:00:00.000000Z"),
        ("2026-07-10T09:00:00+02:00", None, "2026-07-10T07:00:00.000000Z"),
        ("2026-07-10T09:00:00Z", None, "2026-07-10T09:00:00.000000Z"),
        ("2026-07-10T09:00:00@Europe/Paris", None, "2026-07-10T07:00:00.000000Z"),
    ],
)
def test_a_moment_is_a_london_day_or_an_instant(text: str, on: str | None, at: str) -> None:
    """A date alone is kept until that day is over; a time without an offset is London's."""
    day, moment = read_moment(text)

    assert (day.isoformat() if day else None, instant(moment)) == (on, at)


@pytest.mark.parametrize("text", ["2026-07-10T09:00:00@Nowhere/Land", "2026-13-01", "soon"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match=r"."):
        read_moment(text)


@pytest.mark.parametrize("text", ["R0/P1D", "R3/P0D", "R3/PT0S", "R3", "0 9 * * *", "R-1/P1D"])
def test_a_repetition_that_never_moves_on_is_refused(text: str) -> None:
    """A cycle has a number of times and a period."""
    with pytest.raises(ValueError, match=r"."):
        check_timer("cycle", text)


def test_a_repetition_may_say_when_it_begins() -> None:
    """R3/<start>/<period> is due first at its start."""
    arm, why = arm_timer("cycle", read_formula("R3/2026-03-01T10:00:00Z/P1D"), {}, HERE, "t")

    assert arm == ["timer", "2026-03-01T10:00:00.000000Z", 2, "P1D"] and why is None


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("duration", '="soon"', 't: ="soon" gave no time to wait for'),
        ("date", "=null", "t: =null gave no date, time or duration"),
        ("date", "=1", "t: =1 gave no date, time or duration"),
        ("date", "=nowhere", "t: =nowhere could not be worked out"),
    ],
)
def test_a_timer_without_a_time_is_an_incident(kind: str, text: str, words: str) -> None:
    """The pathway stays where it is, and a person is told which element asks for what."""
    with pytest.raises(Incident, match=r"^" + words):
        arm_timer(kind, read_formula(text), {}, HERE, "t")


def test_a_due_date_may_be_a_date_a_time_a_duration_or_none() -> None:
    """Null gives none, so that the diagram may say when there is no deadline."""

    def due(text: str) -> object:
        return due_date(read_formula(text), {}, HERE, "u")

    assert due('=date("2026-02-10")') == {"on": "2026-02-10", "at": "2026-02-11T00:00:00.000000Z", "explanation": None}
    assert due("2026-02-10T10:00:00Z") == {"on": None, "at": "2026-02-10T10:00:00.000000Z", "explanation": None}
    assert due('=duration("P5D")') == {"on": None, "at": "2026-02-05T09:00:00.000000Z", "explanation": None}
    assert due("=null") is None
    with pytest.raises(Incident, match='u: ="later" gave no due date'):
        due('="later"')

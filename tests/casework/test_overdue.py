"""The overdue ladder: who is told when, in the authority's own working days, and when it stops."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from engine.authorities import Overdue
from engine.calendars import england_calendar
from tests.casework import drawn
from tests.support.office import AREA, WORKER, TestOffice

CLOSED = {date(2026, 3, 5): "Town hall closed"}


@pytest.mark.parametrize(
    ("opened", "remind", "manager", "head"),
    [
        # due Thursday before Good Friday; the manager is told after the Tuesday, the Head after the Thursday
        ("2026-03-31T09:00", "2026-03-31T23:00", "2026-04-07T23:00", "2026-04-09T23:00"),
        # due Monday after the clocks went forward
        ("2026-03-26T09:00", "2026-03-27T00:00", "2026-03-31T23:00", "2026-04-02T23:00"),
        # due Monday after the clocks went back
        ("2026-10-22T09:00", "2026-10-22T23:00", "2026-10-28T00:00", "2026-10-30T00:00"),
        # Christmas Eve is due; Christmas Day and Boxing Day's substitute, and a weekend, do not count
        ("2026-12-22T09:00", "2026-12-23T00:00", "2026-12-30T00:00", "2027-01-01T00:00"),
        # the day after the due date is a closure of this authority's own
        ("2026-03-02T09:00", "2026-03-03T00:00", "2026-03-07T00:00", "2026-03-11T00:00"),
    ],
)
def test_the_ladder_counts_working_days_as_london_does(
    office: TestOffice, opened: str, remind: str, manager: str, head: str
) -> None:
    """A reminder one working day before, the manager one after, the Head three after: by London's days and holidays."""
    settings = replace(office.casework.authority(AREA), calendar=england_calendar(CLOSED))
    office.shelf.put_in_force(settings, at=office.clock.now(), by="tests", why="a closure")
    office.clock.advance_to(datetime.fromisoformat(opened).replace(tzinfo=UTC))
    office.publish(drawn.two_steps())

    office.case()

    (desk,) = office.now().desks.values()
    expected = [["remind", remind], ["manager", manager], ["head", head]]
    assert [[rung, f"{at}:00.000000Z"] for rung, at in expected] == desk.ladder


def test_a_late_completion_stops_the_ladder(office: TestOffice) -> None:
    """Whoever completes a task late is asked no more about it: the rungs still to come are gone."""
    office.publish(drawn.two_steps())
    case = office.case()
    office.clock.advance_by(timedelta(days=4, hours=15))
    office.casework.fire_timers(AREA, case)
    assert ["manager"] == [raised.code for raised in office.now().escalations.values()]

    office.complete("report")
    office.clock.advance_by(timedelta(days=30))
    office.casework.fire_timers(AREA, case)

    told = [(raised.element, raised.code) for raised in office.now().escalations.values()]
    assert [("report", "manager"), ("check", "manager"), ("check", "head")] == told


def test_who_is_late_when_a_task_opens_is_told_of_at_once(office: TestOffice) -> None:
    """A task that is overdue when it opens does not wait for a day that has passed: manager and Head are told."""
    office.publish(drawn.late_from_the_start())
    case = office.case()

    office.casework.add_note(case, "next", by=WORKER, command_id=office.key())

    assert ["manager", "head"] == [raised.code for raised in office.now().escalations.values()]
    assert "head" == next(iter(office.now().desks.values())).rung


def test_a_rung_that_is_switched_off_is_not_climbed(office: TestOffice) -> None:
    """An authority may leave rungs out; the others stay."""
    settings = replace(office.casework.authority(AREA), overdue=Overdue(head=2))
    office.shelf.put_in_force(settings, at=office.clock.now(), by="tests", why="one rung")
    office.publish(drawn.two_steps())

    office.case()

    (desk,) = office.now().desks.values()
    assert ["head"] == [rung for rung, _ in desk.ladder]

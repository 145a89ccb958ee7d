"""Time is handed in, and a London day ends when London says so."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clock import (
    LONDON,
    ClockForwardOnly,
    SettableClock,
    SystemClock,
    aware,
    end_of_day,
    london_date,
    start_of_day,
)
from engine.errors import Unreadable


def test_the_system_clock_gives_an_aware_utc_time():
    """Whoever asks the machine is told the time with its offset."""
    assert SystemClock().now().tzinfo is UTC


def test_a_set_clock_stands_still_until_it_is_moved():
    """Nothing but a person moves a demonstration's time."""
    clock = SettableClock(datetime(2026, 3, 2, 10, tzinfo=LONDON))

    clock.advance_by(timedelta(hours=2))

    assert clock.now() == clock.now() == datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_a_set_clock_refuses_to_go_back():
    """A timer that fired cannot un-fire, so the clock goes forward only."""
    clock = SettableClock(datetime(2026, 3, 2, 10, tzinfo=UTC))

    with pytest.raises(ClockForwardOnly) as refusal:
        clock.advance_to(datetime(2026, 3, 2, 9, 59, tzinfo=UTC))

    assert str(refusal.value) == (
        "The clock stands at 2026-03-02T10:00:00+00:00 and cannot go back to 2026-03-02T09:59:00+00:00. "
        "Choose a later time."
    )
    assert clock.now() == datetime(2026, 3, 2, 10, tzinfo=UTC)


def test_a_time_without_an_offset_is_refused():
    """A naive time could mean two instants."""
    with pytest.raises(Unreadable, match=r"^A time without an offset was handed in. Use an aware time.$"):
        aware(datetime(2026, 3, 2, 10))


@pytest.mark.parametrize(
    ("on", "over_at"),
    [
        ("2026-03-16", "2026-03-17T00:00:00+00:00"),
        ("2026-03-28", "2026-03-29T00:00:00+00:00"),  # the clocks go forward at 01:00 on the 29th
        ("2026-03-29", "2026-03-29T23:00:00+00:00"),  # a day of 23 hours
        ("2026-03-30", "2026-03-30T23:00:00+00:00"),
        ("2026-10-24", "2026-10-24T23:00:00+00:00"),  # and back at 02:00 on 25 October
        ("2026-10-25", "2026-10-26T00:00:00+00:00"),  # a day of 25 hours
        ("2026-12-31", "2027-01-01T00:00:00+00:00"),
    ],
)
def test_a_deadline_on_a_date_lasts_until_london_midnight(on, over_at):
    """deadlines.md: a deadline is 23:59:59 of day n in Europe/London, on both clock changes too."""
    assert end_of_day(date.fromisoformat(on)).isoformat() == over_at


def test_half_past_eleven_on_a_summer_evening_is_still_that_day():
    """SOU-9.9: received at 23:30 on the last day is in time, although UTC calls it 22:30."""
    received = datetime(2026, 7, 10, 23, 30, tzinfo=LONDON)

    assert london_date(received) == date(2026, 7, 10)
    assert received < end_of_day(date(2026, 7, 10))


def test_half_past_midnight_in_summer_belongs_to_the_new_london_day():
    """The day of an instant is London's, not UTC's."""
    assert london_date(datetime(2026, 7, 10, 23, 30, tzinfo=UTC)) == date(2026, 7, 11)


@given(st.dates(date(2010, 1, 1), date(2045, 12, 30)))
def test_every_day_ends_where_the_next_begins(on):
    """No instant falls between two days, and none into both."""
    assert end_of_day(on) == start_of_day(on + timedelta(days=1))
    assert london_date(start_of_day(on)) == on
    assert london_date(end_of_day(on) - timedelta(microseconds=1)) == on

"""Dates, times and durations by themselves."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as any_of

from engine.feel.temporal import (
    Date,
    DateTime,
    DayTimeDuration,
    Time,
    YearMonthDuration,
    civil_from_days,
    days_from_civil,
    from_python,
    read_date,
    read_date_time,
    read_duration,
    read_temporal,
    read_time,
)

SAME = """
2026-11-22
-2026-11-22
0000-01-01
999999999-12-31
-999999999-01-01
2024-02-29
10:30:00
10:30:00Z
10:30:00.5
10:30:00.000000001
10:30:00+01:00
10:30:00-01:35
10:30:00+18:00
10:30:00+01:00:30
10:30:00@Europe/London
10:30:00@Etc/UTC
2026-11-22T10:30:00
2026-11-22T10:30:00.123456789+05:30
-999999999-12-31T23:59:59.999999999+02:00
999999999-12-31T23:59:59.999999999@Europe/Paris
P1Y
P1Y2M
-P14M
P1D
PT1H
P1DT2H3M4.5S
-PT0.000000001S
PT0S
"""


@pytest.mark.parametrize("text", SAME.split())
def test_a_value_is_written_as_it_is_read(text):
    """Text in the usual form is read and written again unchanged, but for months beyond twelve."""
    assert {"-P14M": "-P1Y2M"}.get(text, text) == str(read_temporal(text))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("10:30:00z", "10:30:00Z"),
        ("10:30:00+00:00", "10:30:00Z"),
        ("24:00:00", "00:00:00"),
        ("2026-12-31T24:00:00", "2027-01-01T00:00:00"),
        ("P0Y", "P0M"),
        ("PT36H", "P1DT12H"),
        ("P0D", "PT0S"),
        ("-P0D", "PT0S"),
        ("PT90S", "PT1M30S"),
    ],
)
def test_other_forms_are_written_in_the_usual_one(text, wanted):
    """One value has one text."""
    assert wanted == str(read_temporal(text))


BROKEN = """
2026-11-31 2026-13-01 2026-00-01 2026-1-1 02026-01-01 +2026-01-01 9999999999-01-01 998-01-01 2025-02-29
24:00:01 24:01:00 25:00:00 10:60:00 10:00:60 7:00:00 10:00 10:00:00+19:00 10:00:00+5:00 10:00:00+05:60
10:00:00@Nowhere/Town 10:00:00+01:00@Europe/London 10:00:00@../x 10:00:00Zx
2026-11-22T 2026-11-22T10:00 2026-11-2210:00:00 T10:00:00
P PT P1S P1Y1D P1M1DT1H P1.5Y 1D PT1D P1H -P P1DT P-1D x
""".split()  # noqa: SIM905 - a table of words


@pytest.mark.parametrize("text", BROKEN)
def test_what_is_no_date_time_or_duration_is_refused(text):
    """Neither a wrong form nor a day that does not exist is read."""
    with pytest.raises(ValueError, match=r"^no"):
        read_temporal(text)


def test_each_reader_reads_its_own():
    """A date is not a time; a date alone may stand for its midnight."""
    assert DateTime(Date(2026, 11, 22), Time(0, 0, 0)) == read_date_time("2026-11-22")
    assert Date(2026, 11, 22) == read_date("2026-11-22")
    assert Time(10, 0, 0) == read_time("10:00:00")
    assert YearMonthDuration(14) == read_duration("P1Y2M")
    for read, text in ((read_date, "10:00:00"), (read_time, "2026-11-22"), (read_duration, "2026-11-22")):
        with pytest.raises(ValueError, match="not a"):
            read(text)


def test_durations_have_an_end():
    """A duration of more than two billion years is refused."""
    for make in (lambda: YearMonthDuration(10**12), lambda: DayTimeDuration(10**30)):
        with pytest.raises(ValueError, match="no such duration"):
            make()


@given(any_of.dates())
def test_days_are_counted_as_python_counts_them(day):
    """The calendar agrees with Python's where Python has one, and months clamp to their last day."""
    ours = from_python(day)

    assert (day.toordinal() - 719_163, day.isoweekday(), day.isoformat()) == (ours.days, ours.weekday, str(ours))
    assert (day.year, day.month, day.day) == civil_from_days(ours.days)
    assert ours == Date.from_days(ours.days)
    assert day == ours.to_python()
    assert 0 <= ours.plus_months(1).days - ours.days <= 31


@given(any_of.integers(-999_999_999, 999_999_999), any_of.integers(1, 12), any_of.integers(1, 28))
def test_days_of_any_year_are_counted_back(year, month, day):
    """A count of days names its day, for every year there is."""
    assert (year, month, day) == civil_from_days(days_from_civil(year, month, day))


@example(dt.datetime(1, 7, 1, 12, tzinfo=ZoneInfo("Europe/London")))
@example(dt.datetime(9999, 7, 1, 12, tzinfo=ZoneInfo("Europe/London")))
@given(any_of.datetimes(timezones=any_of.sampled_from([dt.UTC, ZoneInfo("Europe/London"), ZoneInfo("Asia/Kolkata")])))
def test_moments_agree_with_python(moment):
    """The instant and its text agree with Python's, in UTC and in named zones."""
    moment = moment.replace(fold=0)
    ours = from_python(moment)
    epoch = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

    assert (moment - epoch) // dt.timedelta(seconds=1) == ours.value
    assert moment == ours.to_python()
    assert moment.utcoffset() == dt.timedelta(seconds=ours.offset_seconds)


def test_python_values_enter_and_leave():
    """Dates, times, moments and lengths of time go both ways, to the microsecond."""
    for value in (
        dt.date(2026, 11, 22),
        dt.time(10, 0, 0, 5),
        dt.time(10, 0, tzinfo=dt.timezone(dt.timedelta(hours=1))),
        dt.datetime(2026, 11, 22, 10, 0, 0, 5),
        dt.timedelta(days=1, seconds=5, microseconds=7),
    ):
        assert value == from_python(value).to_python()
    assert dt.time(10, 0, tzinfo=ZoneInfo("Europe/London")) == read_time("10:00:00@Europe/London").to_python()
    with pytest.raises(ValueError, match="not a date"):
        from_python(5)
    with pytest.raises(ValueError, match="year"):
        read_date("-2026-01-01").to_python()


def test_moments_in_a_zone_move_by_real_time():
    """An hour across the change of clocks is an hour; far years take the rules of a near one."""
    before = read_date_time("2026-10-25T01:30:00@Europe/London")
    far = read_date_time("12026-07-01T12:00:00@Europe/London")

    assert "2026-10-25T01:30:00@Europe/London" == str(before.at(before.nanoseconds + 3600 * 10**9))
    assert "12026-07-01T13:00:00@Europe/London" == str(far.at(far.nanoseconds + 3600 * 10**9))
    assert 3600 == far.offset_seconds
    assert "-0500-07-01T12:00:00@Europe/London" == str(read_date_time("-0500-07-01T12:00:00@Europe/London"))
    assert read_date_time("2026-11-22T10:00:00").offset_seconds is None
    assert "2027-02-28T10:00:00" == str(read_date_time("2026-11-28T10:00:00").plus_months(3))


def test_values_do_not_change():
    """Every value is fixed and hashable, and equal only to its own kind."""
    for text in SAME.split():
        value, twin = read_temporal(text), read_temporal(text)
        assert value == twin
        assert hash(value) == hash(twin)
        assert value != text
        assert text in repr(value) or text == "-P14M"
        with pytest.raises(AttributeError, match="does not change"):
            value.year = 1
    assert read_time("10:00:00Z") != read_time("11:00:00+01:00")
    assert (True, False) == (read_time("10:00:00").local, read_time("10:00:00Z").local)
    assert read_date("2026-11-22").local


def test_the_base_of_all_compares_by_nothing():
    """What values compare by is each kind's own."""
    from engine.feel import Temporal

    with pytest.raises(NotImplementedError):
        _ = Temporal().value

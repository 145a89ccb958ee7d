"""Working days are counted as the policies count them, and every due date says why."""

from datetime import date, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendars import (
    Calendar,
    NotOnCalendar,
    age_on,
    birthday,
    eighteenth_birthday,
    england_calendar,
    spoken,
)
from engine.errors import Unreadable

ENGLAND = england_calendar()
DAYS = st.dates(date(2011, 1, 1), date(2044, 6, 30))
COUNTS = st.integers(0, 90)


@pytest.mark.parametrize(
    ("anchor", "count", "on"),
    [
        ("2026-03-02", 10, "2026-03-16"),  # sent Mon 2 March
        ("2026-03-30", 10, "2026-04-15"),  # across Easter
        ("2026-03-28", 1, "2026-03-30"),  # a Saturday is day 0, Monday day 1
        ("2026-04-03", 1, "2026-04-07"),  # Good Friday is day 0, the Tuesday after Easter day 1
        ("2026-03-02", 0, "2026-03-02"),
        ("2026-04-05", 0, "2026-04-05"),  # day 0 is the anchor although nobody works on it
        ("2026-12-24", 1, "2026-12-29"),  # Boxing Day falls on a Saturday: the Monday is given instead
        ("2026-12-24", 4, "2027-01-04"),
        ("2022-06-01", 1, "2022-06-06"),  # two days for the jubilee
    ],
)
def test_a_deadline_is_the_end_of_working_day_n(anchor, count, on):
    """deadlines.md: day 0 is the anchor, day 1 the next working day."""
    assert ENGLAND.working_days_after(date.fromisoformat(anchor), count).on.isoformat() == on


def test_a_due_date_says_which_days_it_passed_over_and_why():
    """A caseworker sees the rule, the anchor, the calendar and every day that was not counted; a weekend is one."""
    due = ENGLAND.working_days_after(date(2026, 3, 30), 10)

    assert due.explanation == {
        "rule": "working days after",
        "anchor": "2026-03-30",
        "count": 10,
        "unit": "working days",
        "calendar": ENGLAND.version,
        "skipped": [
            {"date": "2026-04-03", "why": "Good Friday"},
            {"date": "2026-04-04", "why": "weekend", "to": "2026-04-05"},
            {"date": "2026-04-06", "why": "Easter Monday"},
            {"date": "2026-04-11", "why": "weekend", "to": "2026-04-12"},
        ],
    }
    assert due.sentence() == (
        "Wednesday 15 April 2026 is 10 working days after Monday 30 March 2026, "
        "not counting 2 weekends, Good Friday (3 April 2026) and Easter Monday (6 April 2026)."
    )


@pytest.mark.parametrize(
    ("due", "sentence"),
    [
        (
            ENGLAND.working_days_after(date(2026, 3, 27), 1),
            "Monday 30 March 2026 is 1 working day after Friday 27 March 2026, not counting 1 weekend.",
        ),
        (
            ENGLAND.working_days_after(date(2026, 3, 2), 2),
            "Wednesday 4 March 2026 is 2 working days after Monday 2 March 2026.",
        ),
        (
            ENGLAND.working_days_before(date(2026, 3, 20), 5),
            "Sunday 15 March 2026 is the latest day that leaves 5 working days before Friday 20 March 2026.",
        ),
        (
            ENGLAND.months_after(date(2026, 1, 31), 1),
            "Saturday 28 February 2026 is 1 month after Saturday 31 January 2026.",
        ),
        (
            ENGLAND.months_after(date(2016, 2, 29), 216),
            "Tuesday 28 February 2034 is 18 years after Monday 29 February 2016.",
        ),
        (
            ENGLAND.calendar_days_after(date(2026, 3, 2), -30),
            "Saturday 31 January 2026 is 30 days before Monday 2 March 2026.",
        ),
        (ENGLAND.weeks_after(date(2026, 3, 2), 6), "Monday 13 April 2026 is 6 weeks after Monday 2 March 2026."),
    ],
)
def test_an_explanation_reads_as_one_sentence(due, sentence):
    """A due date is explained in words a social worker would use."""
    assert due.sentence() == sentence


def test_a_weekend_day_at_the_start_of_a_count_stands_alone():
    """Counted from a Saturday, only the Sunday was passed over."""
    due = ENGLAND.working_days_after(date(2026, 3, 28), 1)

    assert due.explanation["skipped"] == [{"date": "2026-03-29", "why": "weekend"}]


def test_exactly_25_working_days_before_the_conference_is_enough():
    """SOU-9.5: 25 passes and 24 fails, day 0 being the day the Coordinator is contacted."""
    conference = date(2026, 4, 20)
    latest = ENGLAND.working_days_before(conference, 25).on

    assert latest == date(2026, 3, 12)
    assert ENGLAND.working_days_between(latest, conference) == 25
    assert ENGLAND.working_days_between(latest + timedelta(days=1), conference) == 24


def test_counting_back_gives_the_latest_day_even_at_a_weekend():
    """A Sunday leaves as many working days as the Friday before it."""
    assert ENGLAND.working_days_before(date(2026, 3, 9), 1).on == date(2026, 3, 8)
    assert ENGLAND.working_days_between(date(2026, 3, 8), date(2026, 3, 9)) == 1


def test_a_closure_day_is_not_a_working_day_and_gives_its_reason():
    """An authority closes on days of its own, and the due date says so."""
    closed = england_calendar({date(2026, 12, 29): "Town hall closed"})

    due = closed.working_days_after(date(2026, 12, 24), 1)

    assert due.on == date(2026, 12, 30)
    assert due.explanation["skipped"][-1] == {"date": "2026-12-29", "why": "Town hall closed"}
    assert closed.version != ENGLAND.version


def test_a_calendar_is_the_same_after_it_was_kept():
    """What is kept lists every date, so no upgrade of a library moves a deadline already given."""
    calendar = england_calendar({date(2026, 12, 25): "Closed anyway", date(2026, 12, 29): "Town hall closed"})
    kept = orjson.loads(orjson.dumps(calendar.to_document()))

    again = Calendar.from_document(kept)

    assert again == calendar
    assert hash(again) == hash(calendar)
    assert again.version == calendar.version
    assert again.holidays == calendar.holidays
    assert again.closures == calendar.closures
    assert kept["holidays"]["2026-04-03"] == "Good Friday"
    assert kept["closures"]["2026-12-25"] == "Closed anyway"


def test_the_version_is_the_hash_of_the_content_and_not_of_its_order():
    """Two calendars that list the same days are the same calendar."""
    one = Calendar("england", {date(2026, 1, 1): "A", date(2026, 1, 2): "B"})
    other = Calendar("england", {date(2026, 1, 2): "B", date(2026, 1, 1): "A"})

    assert one.version == other.version
    assert one.version.startswith("sha256:") and len(one.version) == 71
    assert one != one.version


@pytest.mark.parametrize("document", [{}, {"nation": "england", "holidays": [], "closures": {}, "years": [2010, 2045]}])
def test_a_kept_calendar_that_is_none_is_unreadable(document):
    """A calendar is read back as it was written, or not at all."""
    with pytest.raises(Unreadable, match=r"^A kept calendar cannot be read: it is not what was written.$"):
        Calendar.from_document(document)


def test_working_days_outside_the_known_years_are_refused():
    """A holiday that nobody listed yet is not guessed away."""
    with pytest.raises(NotOnCalendar) as refusal:
        ENGLAND.working_days_after(date(2045, 12, 20), 30)

    assert str(refusal.value) == (
        "2046-01-01 is outside the years 2010 to 2045 whose holidays are known. Check the date."
    )
    with pytest.raises(NotOnCalendar):
        ENGLAND.is_working_day(date(2009, 12, 31))
    with pytest.raises(NotOnCalendar):
        ENGLAND.working_days_before(date(2010, 1, 4), 5)
    with pytest.raises(NotOnCalendar):
        Calendar("england", {date(1926, 1, 6): "Far too early"})


def test_a_count_below_nothing_is_refused():
    """Working days before a date are counted by their own rule, from the conference back."""
    with pytest.raises(
        NotOnCalendar, match=r"^-1 working days after a date cannot be counted. Count before it instead.$"
    ):
        ENGLAND.working_days_after(date(2026, 3, 2), -1)
    with pytest.raises(
        NotOnCalendar, match=r"^-2 working days before a date cannot be counted. Count after it instead.$"
    ):
        ENGLAND.working_days_before(date(2026, 3, 2), -2)


@pytest.mark.parametrize(
    ("anchor", "months", "on"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2008-05-12", 216, "2026-05-12"),
        ("2026-12-01", 12, "2027-12-01"),
    ],
)
def test_months_keep_the_day_or_take_the_last_one(anchor, months, on):
    """deadlines.md: bare months are calendar months; 31 January and a month is the last of February."""
    assert ENGLAND.months_after(date.fromisoformat(anchor), months).on.isoformat() == on


@pytest.mark.parametrize("count", [10**7, -(10**7), 10**12])
def test_a_count_that_leaves_the_calendar_altogether_is_refused(count):
    """An absurd count is an error with a sentence, not a crash."""
    for after in (ENGLAND.calendar_days_after, ENGLAND.weeks_after, ENGLAND.months_after):
        with pytest.raises(NotOnCalendar, match="is no date"):
            after(date(2026, 3, 2), count)


@pytest.mark.parametrize(
    ("birth", "adult_on"),
    [("2008-05-12", "2026-05-12"), ("2008-02-29", "2026-03-01"), ("2008-02-28", "2026-02-28")],
)
def test_a_child_turns_18_on_the_birthday_or_on_1_march(birth, adult_on):
    """deadlines.md, last row: a child born on 29 February turns 18 on 1 March."""
    assert eighteenth_birthday(date.fromisoformat(birth)).isoformat() == adult_on


def test_a_leap_day_birthday_falls_on_the_day_itself_in_a_leap_year():
    """Only a year without 29 February moves the birthday to 1 March."""
    assert birthday(date(2008, 2, 29), 16) == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("birth", "on", "age"),
    [
        ("2008-05-12", "2026-05-11", 17),
        ("2008-05-12", "2026-05-12", 18),
        ("2008-02-29", "2026-02-28", 17),
        ("2008-02-29", "2026-03-01", 18),
        ("2026-05-12", "2026-05-12", 0),
        ("2026-05-12", "2026-05-11", -1),
    ],
)
def test_age_is_whole_years(birth, on, age):
    """An age changes at 00:00 on the birthday and not before."""
    assert age_on(date.fromisoformat(birth), date.fromisoformat(on)) == age


def test_a_birthday_beyond_the_calendar_is_refused():
    """An absurd birth date is an error with a sentence."""
    with pytest.raises(NotOnCalendar, match=r"^18 years after 9990-01-01 is no date. Check the birth date.$"):
        eighteenth_birthday(date(9990, 1, 1))


def test_dates_are_spoken_as_letters_print_them():
    """Letters print 2 March 2026."""
    assert spoken(date(2026, 3, 2)) == "2 March 2026"


@given(DAYS, COUNTS)
def test_day_n_is_the_first_that_is_n_working_days_on(anchor, count):
    """Counting forward and counting between are the same rule."""
    on = ENGLAND.working_days_after(anchor, count).on

    assert ENGLAND.working_days_between(anchor, on) == count
    assert count == 0 or ENGLAND.is_working_day(on)


@given(DAYS, COUNTS)
def test_the_look_back_is_the_latest_date_that_leaves_enough(anchor, count):
    """One day later would leave too few."""
    on = ENGLAND.working_days_before(anchor, count).on

    assert ENGLAND.working_days_between(on, anchor) >= count
    assert count == 0 or ENGLAND.working_days_between(on + timedelta(days=1), anchor) < count


@given(DAYS, st.integers(-400, 400))
def test_counting_between_is_counting_each_day(anchor, days):
    """The fast count equals looking at every day, both ways."""
    other = anchor + timedelta(days=days)
    first, last = sorted((anchor, other))
    counted = sum(ENGLAND.is_working_day(first + timedelta(days=step)) for step in range(1, (last - first).days + 1))

    assert ENGLAND.working_days_between(anchor, other) == (counted if days >= 0 else -counted)


@given(DAYS, COUNTS)
def test_every_day_of_a_count_is_either_counted_or_explained(anchor, count):
    """The explanation accounts for each day between the anchor and the deadline."""
    due = ENGLAND.working_days_after(anchor, count)
    passed = 0
    for item in due.explanation["skipped"]:
        first, last = date.fromisoformat(item["date"]), date.fromisoformat(item.get("to", item["date"]))
        passed += (last - first).days + 1

    assert passed + count == (due.on - anchor).days


@given(st.dates(date(1990, 1, 1), date(2030, 12, 31)))
def test_a_child_is_17_until_the_eighteenth_birthday(birth):
    """Age and birthday never contradict each other."""
    adult_on = eighteenth_birthday(birth)

    assert age_on(birth, adult_on) == 18
    assert age_on(birth, adult_on - timedelta(days=1)) == 17

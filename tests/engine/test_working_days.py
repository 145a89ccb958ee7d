"""The calendar functions that diagrams, tables, forms and letters may use in FEEL."""

from datetime import UTC, datetime

import pytest

from engine.calendars import england_calendar
from engine.feel import Environment, compile_expression
from engine.working_days import DESCRIPTIONS, EXTENSIONS

ENGLAND = england_calendar()


def environment() -> Environment:
    return Environment(now=datetime(2026, 3, 2, 9, tzinfo=UTC), extras={"calendar": ENGLAND})


def value(text: str, **context: object) -> object:
    outcome = compile_expression(text, names=context, extensions=EXTENSIONS).evaluate(context, environment())
    assert outcome.diagnostics == ()
    return outcome.value


def test_every_function_is_described():
    """An analyst finds each function with its use and an example."""
    assert set(DESCRIPTIONS) == set(EXTENSIONS)


@pytest.mark.parametrize(("example", "gives"), [item[1:] for item in DESCRIPTIONS.values()], ids=list(DESCRIPTIONS))
def test_the_example_of_each_function_gives_what_it_says(example, gives):
    """What analysts are told is what happens."""
    assert value(f"{example} = {gives}") is True


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ('working days after("2026-03-30", 10) = date("2026-04-15")', True),
        ('working days after(from: sent_on, count: 10) = date("2026-04-15")', True),
        ('working days after(date and time("2026-03-30T23:30:00Z"), 1) = date("2026-04-01")', True),
        ('working days after("2026-03-30T23:30:00Z", 1) = date("2026-04-01")', True),
        ('working days after("2026-03-30T12:00:00", 1) = date("2026-03-31")', True),
        ('days after("2026-03-02", -1) = date("2026-03-01")', True),
        ('working days between("2026-04-20", "2026-03-12")', -25),
        ("working days between(contacted_on, conference_on) >= 25", True),
        ('age on("2008-02-29", "2026-03-01") >= 18', True),
        ('end of day("2026-03-16") = date and time("2026-03-17T00:00:00Z")', True),
        ("working days after(today(), 0) = today()", True),
    ],
)
def test_dates_and_iso_texts_are_counted_alike(expression, wanted):
    """Case data holds dates as ISO text; a moment counts as its London date."""
    dates = {"sent_on": "2026-03-30", "contacted_on": "2026-03-12", "conference_on": "2026-04-20"}

    assert value(expression, **dates) == wanted


def test_a_function_that_gives_a_date_says_why():
    """The explanation goes with the task's due date or the timer, and names the date it is about."""
    asked = environment()

    compile_expression('working days after("2026-04-02", 1)', extensions=EXTENSIONS).value({}, asked)

    assert asked.explanations == [
        {
            "rule": "working days after",
            "anchor": "2026-04-02",
            "count": 1,
            "unit": "working days",
            "calendar": ENGLAND.version,
            "skipped": [
                {"date": "2026-04-03", "why": "Good Friday"},
                {"date": "2026-04-04", "why": "weekend", "to": "2026-04-05"},
                {"date": "2026-04-06", "why": "Easter Monday"},
            ],
            "on": "2026-04-07",
        }
    ]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("working days after(null, 3)", "working days after: from takes a date and was given null."),
        (
            'working days after("2026-02-30", 3)',
            "working days after: from is no date that can be counted with. Write it as 2026-03-02.",
        ),
        (
            'working days after("soon", 3)',
            "working days after: from is no date that can be counted with. Write it as 2026-03-02.",
        ),
        (
            'days after(date("12026-01-01"), 3)',
            "days after: from is no date that can be counted with. Write it as 2026-03-02.",
        ),
        (
            'working days after("2026-03-02", null)',
            "working days after: count takes a whole number and was given null.",
        ),
        ('working days after("2026-03-02", 1.5)', "working days after: count takes a whole number."),
        ('months after("2026-03-02", 10000000)', "months after: count takes a whole number."),
        (
            'working days after("2026-03-02", -1)',
            "working days after: -1 working days after a date cannot be counted. Count before it instead.",
        ),
        (
            'working days between("2026-03-02", "2050-01-01")',
            (
                "working days between: 2050-01-01 is outside the years 2010 to 2045 whose holidays are known. "
                "Check the date."
            ),
        ),
        (
            'is working day("2009-01-01")',
            "is working day: 2009-01-01 is outside the years 2010 to 2045 whose holidays are known. Check the date.",
        ),
        ('end of day("9999-12-31")', "end of day: on is no date that can be counted with."),
        ('age on(true, "2026-03-02")', "age on: birth date takes a date and was given boolean."),
    ],
)
def test_an_argument_that_will_not_do_gives_null_and_says_so(expression, message):
    """Nothing is guessed: in a running case the diagnostic is an incident."""
    outcome = compile_expression(expression, extensions=EXTENSIONS).evaluate({}, environment())

    assert outcome.value is None
    assert [(diagnostic.kind, diagnostic.message) for diagnostic in outcome.diagnostics] == [("argument", message)]


def test_without_a_calendar_nothing_is_counted():
    """The calendar is handed in; there is no other."""
    outcome = compile_expression('is working day("2026-03-02")', extensions=EXTENSIONS).evaluate({}, Environment())

    assert outcome.value is None
    assert outcome.diagnostics[0].message == "is working day: No calendar was handed in to count on."

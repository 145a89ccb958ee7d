"""Values are shown as people read them, in labels, passages and letters alike."""

from datetime import UTC, datetime

import pytest

from engine.clock import LONDON
from engine.errors import Unreadable
from engine.feel import Environment, FeelError, compile_expression
from engine.forms import shown
from engine.forms.words import ExpressionUnclosed, closing, read_words


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("null", "not known"),
        ("true", "Yes"),
        ("false", "No"),
        ("15.50", "15.5"),
        ("100", "100"),
        ("0.0", "0"),
        ('"2026-03-02"', "2 March 2026"),
        ('"2026-02-30"', "2026-02-30"),
        ('"2026-07-01T13:30:00Z"', "1 July 2026 at 14:30"),
        ('"2026-07-01T13:30"', "1 July 2026 at 13:30"),
        ('"as agreed"', "as agreed"),
        ('date("2026-03-02")', "2 March 2026"),
        ('date and time("2026-07-01T13:30:00Z")', "1 July 2026 at 14:30"),
        ('date and time("2026-07-01T13:30:00")', "1 July 2026 at 13:30"),
        ('time("14:05:00")', "14:05"),
        ('duration("P1Y3M")', "1 year 3 months"),
        ('duration("P0M")', "0 months"),
        ('duration("P15D")', "15 days"),
        ('duration("P1DT2H30M")', "1 day 2 hours 30 minutes"),
        ('duration("-P2D")', "2 days before"),
        ('duration("-P14M")', "1 year 2 months before"),
        ('["School", null, 3]', "School, not known, 3"),
        ('{place: "home", since: date("2026-03-02")}', "place: home; since: 2 March 2026"),
        ("[1..3]", "[1..3]"),
    ],
)
def test_a_value_reads_as_people_write_it(expression, text):
    """Dates are printed 2 March 2026, yes and no are words, and null is 'not known'."""
    if expression == "[1..3]":
        assert shown(compile_expression(expression).value({}))
    else:
        assert shown(compile_expression(expression).value({})) == text


def test_json_values_read_the_same():
    """What history kept as JSON is shown as FEEL values are."""
    assert shown([1, 2.5, True, None, {"on": "2026-03-02"}]) == "1, 2.5, Yes, not known, on: 2 March 2026"


def test_a_moment_that_feel_wrote_down_is_in_words():
    """A moment kept as FEEL writes it, with its zone by name, reads like any other."""
    kept = compile_expression("string(now())").value({}, Environment(now=datetime(2026, 7, 2, 9, 5, tzinfo=LONDON)))

    assert kept.endswith("@Europe/London")
    assert shown(kept) == "2 July 2026 at 09:05"


def test_words_hold_values():
    """A passage may say what the case says, and may say `{` without meaning it."""
    words = read_words('For {{case.name}}: {{ if due = null then "no date" else due }} {soon}')

    text = words.render({"case": {"name": "A"}, "due": "2026-03-02"}, Environment(now=datetime(2026, 3, 2, tzinfo=UTC)))

    assert text == "For A: 2 March 2026 {soon}"
    assert words.names == {"case", "due"}
    assert not words.plain and read_words("Plain.").plain


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ('Of{{ if on = null then ", not known" else " " + string(on) }}.', "Of 27 January 2027."),
        ('{{ "From " + string(on) + " to " + string(on) }}', "From 27 January 2027 to 27 January 2027"),
        ("{{ string(on) }}", "27 January 2027"),
        ('{{ "Order " + string(no) }}', "Order 2027-01-27/3"),
        ("{{ typed }}", "Seen on 2027-01-27."),
    ],
)
def test_a_date_that_an_expression_writes_into_a_sentence_is_in_words(words, text):
    """No sentence holds a date as programs write it; what a person typed stays as they typed it."""
    given = {"on": "2027-01-27", "no": "2027-01-27/3", "typed": "Seen on 2027-01-27."}

    assert text == read_words(words).render(given)


def test_braces_inside_feel_do_not_end_it():
    """A context or a string with a brace in it belongs to the expression."""
    assert read_words('{{ {a: "}}"}.a }}!').render({}) == "}}!"
    assert closing('{= "\\"}" }x', 0) == len('{= "\\"}" }')


@pytest.mark.parametrize("text", ["{{case", '{{ "open }}'])
def test_an_expression_that_is_not_closed_is_refused(text):
    """The place where it opens is told."""
    with pytest.raises(ExpressionUnclosed) as unclosed:
        read_words(f"Of {text}")

    assert isinstance(unclosed.value, Unreadable)
    assert unclosed.value.position == 3


@pytest.mark.parametrize("text", ["{{#if x}}", "{{/if}}", "{{a} }"])
def test_blocks_are_not_known(text):
    """form-js's own blocks have no meaning here and are not silently dropped."""
    with pytest.raises(FeelError, match="This is no expression"):
        read_words(text)

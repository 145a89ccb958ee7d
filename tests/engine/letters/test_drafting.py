"""A letter is drafted from the case: what is missing or withheld stays visible and keeps it from going out."""

import re
from datetime import UTC, datetime
from html import escape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.calendars import england_calendar
from engine.feel import Environment
from engine.letters import (
    Blank,
    LetterIncomplete,
    LetterTemplate,
    Rendered,
    blanks_in,
    check_complete,
    fill_in,
    letter_html,
    read_letter,
    render,
)
from engine.letters.rendering import as_markdown, facts_read

NOW = Environment(now=datetime(2026, 3, 2, 9, tzinfo=UTC), extras={"calendar": england_calendar()})


def template(body: str) -> LetterTemplate:
    head = 'title = "T"\nsender = "iro"\nrecipients = ["network_recipients", "parent_recipients"]\nlabel = "product"'
    return read_letter(f"+++\n{head}\n+++\n{body}\n".encode(), "notice.md")


def draft(body: str, withheld: dict[str, frozenset[str]] | None = None, **scope: object) -> Rendered:
    return render(template(body), scope, NOW, withheld)


def test_values_are_printed_as_people_write_them():
    """Dates are printed 2 March 2026, lists with commas, yes and no as words."""
    drafted = draft(
        "From {= case.on} for {= case.days} days, {= working days after(case.on, 10)}.\n\n"
        "{= case.who}: {= case.agreed}",
        case={"on": "2026-03-02", "days": 15, "who": ["School", "GP"], "agreed": False},
    )

    assert drafted.text == "From 2 March 2026 for 15 days, 16 March 2026.\n\nSchool, GP: No"
    assert drafted.complete and drafted.blanks == ()


def test_a_paragraph_stands_where_its_condition_is_true():
    """A letter says the one reason that holds."""
    body = 'One.\n\n{? reason = "DIED"} Died.\n\n{? reason = "AGE18"} Eighteen.'

    assert draft(body, reason="AGE18").text == "One.\n\nEighteen."
    assert draft(body, reason=None).text == "One."


@pytest.mark.parametrize(
    ("body", "scope", "expression"),
    [
        ("Of {= case.name}.", {"case": {"name": None}}, "case.name"),
        ("Of {= case.name}.", {"case": {}}, "case.name"),
        ("Of {= case.name}.", {}, "case.name"),
        ("Of {= case.name}.", {"case": {"name": ""}}, "case.name"),
        ("Of {= names}.", {"names": []}, "names"),
        ("Of {= names}.", {"names": ["A", None]}, "names"),
        ("Of {= names}.", {"names": {"a": None}}, "names"),
        ("Of {= [1..3]}.", {}, "[1..3]"),
        ("Of {= function(x) x}.", {}, "function(x) x"),
        ('{? agreed = "yes" or late} Text.', {"agreed": None}, 'whether agreed = "yes" or late'),
        ("{? count} Text.", {"count": 3}, "whether count"),
    ],
)
def test_what_is_null_or_empty_is_a_blank(body, scope, expression):
    """A null is never printed, and a condition that is neither true nor false is never taken as false."""
    drafted = draft(body, **scope)

    assert drafted.blanks == (Blank(expression),)
    assert not drafted.complete
    assert "null" not in drafted.text and "None" not in drafted.text
    assert blanks_in(drafted.text) == (f"to be completed: {re.sub('[][]', '', expression).strip()}",)


def test_a_blank_keeps_a_letter_from_going_out():
    """Whoever approves or sends must first write what is missing, or take it out."""
    drafted = draft("Of {= name} and {= name} on {= on}.")

    with pytest.raises(LetterIncomplete) as refused:
        check_complete("notice", drafted.text)

    assert str(refused.value) == (
        "Letter notice is not complete: to be completed: name; to be completed: on. "
        "Replace what stands between [[ and ]], or remove it."
    )
    check_complete("notice", "Of A on 2 March 2026.")
    with pytest.raises(LetterIncomplete):
        check_complete("notice", " \n")


def test_an_answer_given_beside_the_letter_takes_the_place_that_waits_for_it():
    """What the step itself answers stands in the letter as people write it; what is not answered stays a blank."""
    drafted = draft("It ends on {= ends_on}, at {= hour}, and lives at {= case.address}.", case={})
    filled = fill_in(drafted.text, {"ends_on": "2026-03-02", "hour": None, "address": "x"}, {"ends_on": "2026-03-05"})

    assert (
        filled
        == "It ends on 2 March 2026, at [[to be completed: hour]], and lives at [[to be completed: case.address]]."
    )
    assert fill_in("[[to be completed: a]]", {"a": None}, {"a": "[b](http://c)"}) == r"\[b\](http://c)"
    assert (
        fill_in("[[withheld: a, from parents]]", {"a": "A", "a, from parents": "A"}, {})
        == "[[withheld: a, from parents]]"
    )


ADDRESS = {"case.placement_address": frozenset({"parents", "parent"})}
CASE = {"placement_address": "1 Example Street", "name": "A", "placement": "away_kin"}


@pytest.mark.parametrize(
    "body",
    [
        "At {= case.placement_address}.",
        'At {= if case.placement_address = null then "" else "x"}.',
        "At {= upper case(case.placement_address)}.",
        "At {= string(case)}.",
        "At {= [case][1].placement_address}.",
        "At {= for c in [case] return c.placement_address}.",
        "{? case.placement_address != null} At home.",
    ],
)
def test_a_withheld_fact_is_kept_out_of_a_letter_to_those_it_is_kept_from(body):
    """A placement address never reaches a parent from whom it is kept, in whatever expression it is read."""
    drafted = draft(body, ADDRESS, case=CASE)

    assert "Example Street" not in drafted.text and "EXAMPLE" not in drafted.text and "At home" not in drafted.text
    assert drafted.blanks[0].withheld == ("parent_recipients",)
    assert blanks_in(drafted.text)[0].startswith("withheld: ")
    assert "from parent_recipients" in drafted.text


def test_other_facts_and_other_recipients_are_not_affected():
    """A fact is kept from whom it is marked for, and from nobody else."""
    body = "At {= case.placement_address} {= case.placement}."

    assert draft("For {= case.name} {= case.placement}.", ADDRESS, case=CASE).complete
    assert draft(body, {"case.placement_address": frozenset({"siblings"})}, case=CASE).complete
    assert draft(body, {"case.placement_address": frozenset({"network"})}, case=CASE).blanks == (
        Blank("case.placement_address", ("network_recipients",)),
    )


def test_a_fact_below_a_withheld_one_is_withheld_too():
    """Marking a whole part of the case marks everything in it."""
    drafted = draft(
        "At {= case.carer.address}.", {"case.carer": frozenset({"parent"})}, case={"carer": {"address": "X"}}
    )

    assert drafted.text == "At [[withheld: case.carer.address, from parent_recipients]]."


def test_the_facts_an_expression_reads_are_known_before_it_runs():
    """What is read is told from the expression, not from what happened to be there."""
    [paragraph] = template("{= if case.a then case.b.c else today() + d[case.e > 1].f}").paragraphs

    assert facts_read(paragraph.parts[0]) == {"case.a", "case.b.c", "today", "d", "case.e"}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[click](https://example.org)",
        "![](https://example.org/x.png)",
        "<https://example.org>",
        "&lt;b&gt; &#60;",
        "# Heading",
        "> quoted",
        "- item",
        "+ item",
        "* item",
        "1. item",
        "1) item",
        "---",
        "===",
        "~~~",
        "```",
        "**bold** _em_ __strong__ *em*",
        "`code`",
        "a\\",
        "\\*a\\*",
        "[[to be completed: nothing]]",
        "{= case.name} {? true}",
        '#panic("x") $x$ #include "x" @ref <label> \\u{41} // no',
        "Line one\n# Line two",
    ],
)
def test_a_value_is_shown_as_it_is_and_does_nothing(hostile):
    """What somebody typed into a case is never markup in a letter."""
    drafted = draft("# T\n\n{= case.name}\n\nAfter {= case.name}", case={"name": hostile})

    shown = escape(hostile.replace("'", "\0"), quote=True).replace("\0", "'")
    assert letter_html(drafted.text) == f"<h1>T</h1>\n<p>{shown}</p>\n<p>After {shown}</p>\n"
    assert blanks_in(drafted.text) == ()


LINE = st.text(st.sampled_from("ab1 .)(#*_-+=~`<>[]{}!&;|\\/:'\"é"), min_size=1, max_size=14).filter(
    lambda text: text.strip() == text
)


@given(LINE)
@example("_a_")
@example("a_b")
@example("&amp;")
@example("-")
def test_any_text_survives_markdown(text):
    """Whatever a value holds, the letter shows those very characters."""
    html = letter_html(as_markdown(text))

    shown = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    assert html == f"<p>{shown}</p>\n"


def test_a_person_may_write_markdown_but_neither_html_nor_links():
    """The text that a person edits is Markdown for paper: no HTML, links, pictures or code."""
    html = letter_html("## Two\n\n**b** *i*\n\n- a\n\n<b>x</b> [l](https://e.org) ![p](x.png)\n\n    code\n")

    assert "<h2>Two</h2>" in html and "<strong>b</strong> <em>i</em>" in html and "<li>a</li>" in html
    assert "<b>" not in html and "<a " not in html and "<img" not in html and "<code>" not in html

"""Where a draft changes a number, whatever still says the former one in words or digits is told of."""

from __future__ import annotations

import json

import pytest

from engine.studio.compare import compare
from engine.studio.former_numbers import former_numbers

HOME = "village/objecting"
TOML, FORM, LETTER = f"{HOME}/pathway.toml", f"{HOME}/forms/write.form", f"{HOME}/letters/consult.md"
DIAGRAM, TABLE = f"{HOME}/pathway.bpmn", f"{HOME}/decisions/late.dmn"
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"


def settings(days: int) -> bytes:
    return (
        'title = "Objecting"\npurpose = "x"\nversion = "1.0.0"\n\n[parameters.objection_days]\ntype = "whole number"\n'
        f'default = {days}\nlabel = "Working days to object"\nreason = "x"\ntag = "policy"\n'
    ).encode()


def form(help_text: str, value: str = "=today()") -> bytes:
    asked = {"key": "until", "type": "textfield", "label": "Until", "description": help_text}
    return json.dumps({"components": [{**asked, "properties": {"value": value}}]}).encode()


def told(before: dict[str, bytes], after: dict[str, bytes]) -> list[tuple[str, str | None]]:
    """Where something is told, and that it is advice."""
    found = former_numbers(compare(before, after), after)
    assert all(one.severity == "advice" and one.mend for one in found)
    return [(one.file, one.place) for one in found]


@pytest.mark.parametrize(
    "words",
    ["Ten working days after it was sent.", "within 10 days", "by the tenth working day", "a ten-day wait", "10th day"],
)
def test_a_help_that_says_the_former_number_is_told_of(words: str):
    """In words and in digits, as a count and as an ordinal: the number of the parameter that was changed."""
    helped = {FORM: form(words)}

    assert told({TOML: settings(10), **helped}, {TOML: settings(12), **helped}) == [(FORM, "until")]


@pytest.mark.parametrize(
    "words", ["Twelve working days", "{{ parameters.objection_days }} working days", "10 agencies"]
)
def test_words_that_say_something_else_are_left_alone(words: str):
    """The new number, one that follows by itself, and a number of other things are no former number."""
    helped = {FORM: form(words)}

    assert told({TOML: settings(10), **helped}, {TOML: settings(12), **helped}) == []


def test_nothing_is_told_where_no_number_was_changed():
    """A draft that changes other things is not told of every number in it."""
    before = {TOML: settings(10), FORM: form("Ten working days")}

    assert told(before, before) == []
    assert told(before, {**before, FORM: form("Ten working days at most")}) == []
    assert told({**before, "village/other/pathway.toml": settings(10)}, {**before, TOML: settings(10)}) == []


def test_letters_labels_of_diagrams_and_headings_of_tables_are_read_too():
    """And the message says what was found, and what was changed from what to what."""
    around = {
        LETTER: b"Your objection must be received within ten working days.\n",
        DIAGRAM: (
            f'<definitions xmlns="{BPMN}"><process id="p"><documentation>Silence for ten working days.</documentation>'
            '<task id="wait" name="Wait 10 days"/></process></definitions>'
        ).encode(),
        TABLE: b'<definitions><decision id="d"><input id="i" label="The 10 days are over"/></decision></definitions>',
    }
    before, after = {TOML: settings(10), **around}, {TOML: settings(12), **around}

    assert told(before, after) == [(LETTER, None), (DIAGRAM, "p"), (DIAGRAM, "wait"), (TABLE, "i")]
    said = str(former_numbers(compare(before, after), after)[0])
    assert "It says “ten working days”; “Working days to object” was 10 and is 12 in this draft." in said
    assert "{= parameters." in said


def test_a_number_changed_inside_an_expression_is_told_of_in_words_and_in_other_expressions():
    """Where nobody gave it a name: the help beside it, and the letter that computes the same day for itself."""
    letter = {LETTER: b"By the end of {= working days after(today(), 10)}.\n"}
    before = {FORM: form("Ten working days.", "=working days after(today(), 10)"), **letter}
    after = {FORM: form("Ten working days.", "=working days after(today(), 12)"), **letter}

    assert told(before, after) == [(FORM, "until"), (LETTER, None)]


def test_what_the_pathway_does_not_hold_is_left_alone():
    """A number of one pathway says nothing of another's words."""
    before, after = {TOML: settings(10)}, {TOML: settings(12)}

    assert former_numbers(compare(before, after), {"village/other/forms/a.form": form("Ten working days")}) == []

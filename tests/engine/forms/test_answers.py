"""Answers are checked on the server, and only what is clean is kept."""

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendars import england_calendar
from engine.errors import AnswersRefused, Incident
from engine.feel import Environment
from engine.forms import Form, Option, read_form
from engine.history import canonical

NOW = Environment(now=datetime(2026, 3, 2, 9, tzinfo=UTC), extras={"calendar": england_calendar()})
SCOPE = {
    "case": {"dob": "2010-05-12", "icpc_invitees": ["School", "GP"], "name": "A"},
    "eligibility": {"reason_code": "AGE18"},
    "people": [{"value": "p1", "label": "Ms One"}, {"value": "p2"}, None],
}


def form(*components: dict) -> Form:
    return read_form(orjson.dumps({"id": "a_form", "type": "default", "components": list(components)}), "a_form.form")


def one(kind: str = "textfield", key: str = "q", **more: object) -> dict:
    return {"type": kind, "key": key, "label": "Question", **more}


def check(asked: Form, **answers: object) -> dict:
    return asked.check(answers, SCOPE, NOW)


def refusals(asked: Form, **answers: object) -> list[str]:
    with pytest.raises(AnswersRefused) as refused:
        check(asked, **answers)
    return [f"{problem.field}: {problem.message}" for problem in refused.value.problems]


YES_NO_UNKNOWN = [
    {"label": "Yes", "value": True},
    {"label": "No", "value": False},
    {"label": "Not known", "value": "unknown"},
]
THREE_VALUED = one("radio", values=YES_NO_UNKNOWN, validate={"required": True}, properties={"unknown": None})


@pytest.mark.parametrize(
    ("component", "raw", "kept"),
    [
        (one(), "  Ms Example ", "Ms Example"),
        (one(), "", None),
        (one(), None, None),
        (one("textarea"), "one\r\ntwo\rthree\n", "one\ntwo\nthree"),
        (one("textarea", properties={"answer": "list"}), "School\n\n GP \nSchool", ["School", "GP"]),
        (one("textarea", properties={"answer": "list"}), ["School", "GP"], ["School", "GP"]),
        (one("number"), "15", 15),
        (one("number"), "1,500", 1500),
        (one("number"), " -2.50 ", -2.5),
        (one("number"), 3, 3),
        (one("number"), 3.0, 3),
        (one("number"), 0.1, 0.1),
        (one("number", increment=0.5), "2.5", 2.5),
        (one("number", decimalDigits=2), "2.25", 2.25),
        (one("checkbox"), None, False),
        (one("checkbox"), "", False),
        (one("checkbox"), "on", True),
        (one("checkbox"), "no", False),
        (one("checkbox"), True, True),
        (one("datetime", subtype="date"), "2026-03-27", "2026-03-27"),
        (one("datetime", subtype="date"), "27/3/2026", "2026-03-27"),
        (one("datetime", subtype="date"), "27 March 2026", "2026-03-27"),
        (one("datetime", subtype="date"), "2026-3-5", "2026-03-05"),
        (one("datetime", subtype="date"), {"day": "29", "month": "2", "year": "2024"}, "2024-02-29"),
        (one("datetime", subtype="date"), {"day": "", "month": "", "year": ""}, None),
        (one("datetime", subtype="time"), "9:05", "09:05"),
        (one("datetime", subtype="time"), "14.30", "14:30"),
        (one("datetime", subtype="time"), "14:30:15", "14:30:15"),
        (one("datetime", subtype="time"), {"hour": "8", "minute": "00"}, "08:00"),
        (one("datetime", subtype="datetime"), "2026-07-01T14:30", "2026-07-01T14:30:00+01:00"),
        (one("datetime", subtype="datetime"), "1 July 2026 14:30", "2026-07-01T14:30:00+01:00"),
        (one("datetime", subtype="datetime"), "2026-07-01T13:30:00.500Z", "2026-07-01T14:30:00+01:00"),
        (one("datetime", subtype="datetime"), "2026-10-25T01:30", "2026-10-25T01:30:00+01:00"),
        (
            one("datetime", subtype="datetime"),
            {"day": "1", "month": "1", "year": "2026", "hour": "7", "minute": "30"},
            "2026-01-01T07:30:00+00:00",
        ),
        (
            one("datetime", subtype="datetime"),
            {"date": "2026-01-01", "time": "07:30"},
            "2026-01-01T07:30:00+00:00",
        ),
        (
            one("datetime", subtype="datetime", timeSerializingFormat="utc_normalized"),
            "2026-07-01T14:30",
            "2026-07-01T13:30:00Z",
        ),
        (
            one("datetime", subtype="datetime", timeSerializingFormat="no_timezone"),
            "2026-07-01T14:30",
            "2026-07-01T14:30:00",
        ),
        (THREE_VALUED, True, True),
        (THREE_VALUED, "false", False),
        (THREE_VALUED, "unknown", None),
        (one("select", values=[{"label": "End", "value": "end"}]), "end", "end"),
        (one("select", values=[{"label": "Three", "value": 3}]), "3", 3),
        (one("radio", values=[{"label": "One", "value": 1}, {"label": "Yes", "value": True}]), True, True),
        (one("radio", values=[{"label": "One", "value": 1}, {"label": "Yes", "value": True}]), 1, 1),
        (
            one("checklist", values=[{"label": "A", "value": "a"}, {"label": "B", "value": "b"}]),
            ["b", "a", "b"],
            ["b", "a"],
        ),
        (one("checklist", values=[{"label": "A", "value": "a"}]), "a", ["a"]),
        (one("checklist", values=[{"label": "A", "value": "a"}]), [], None),
        (one("checklist", valuesExpression="=case.icpc_invitees"), ["GP"], ["GP"]),
        (one("select", valuesExpression="=people"), "p2", "p2"),
        (one("select", valuesKey="people"), "p1", "p1"),
        (
            one("taglist", valuesExpression="=case.icpc_invitees", properties={"others": "yes"}),
            ["Aunt ", "GP"],
            ["GP", "Aunt"],
        ),
        (one(validate={"validationType": "email"}), "a.b@example.gov.uk", "a.b@example.gov.uk"),
        (one(validate={"validationType": "phone"}), "+44 (0)20 7946 0000", "+44 (0)20 7946 0000"),
        (one(validate={"pattern": "^[A-Z]{2}\\d+$"}), "AB12", "AB12"),
    ],
)
def test_an_answer_is_kept_as_clean_json(component, raw, kept):
    """What a browser, a message or a scenario hands in becomes one JSON form, which history can keep."""
    clean = check(form(component), q=raw)

    assert clean == {"q": kept}
    assert isinstance(clean["q"], bool) == isinstance(kept, bool)
    assert canonical(clean)


REQUIRED = {"validate": {"required": True}}
LINES = one("textarea", properties={"answer": "list"}, **REQUIRED)


@pytest.mark.parametrize(
    ("component", "raw", "message"),
    [
        (one(**REQUIRED), "  ", "Enter an answer for ‘Question’."),
        (one(**REQUIRED), None, "Enter an answer for ‘Question’."),
        (one(), ["x"], "‘Question’ must be text."),
        (one(), "a\nb", "‘Question’ must be on one line."),
        (one(), "a\x00b", "‘Question’ holds characters that cannot be kept. Type it again."),
        (one("textarea"), "a\ud800b", "‘Question’ holds characters that cannot be kept. Type it again."),
        (one(), "x" * 501, "‘Question’ must be 500 characters or fewer."),
        (one("textarea"), "x" * 20_001, "‘Question’ must be 20000 characters or fewer."),
        (one(validate={"maxLength": 3}), "abcd", "‘Question’ must be 3 characters or fewer."),
        (one(validate={"minLength": 3}), "ab", "‘Question’ must be 3 characters or more."),
        (
            one(validate={"validationType": "email"}),
            "a.b@example",
            "‘Question’ must be an email address, such as name@example.gov.uk.",
        ),
        (
            one(validate={"validationType": "phone"}),
            "call me",
            "‘Question’ must be a telephone number, such as 020 7974 4444.",
        ),
        (one(validate={"pattern": "^[A-Z]+$"}), "ab", "‘Question’ is not written as it must be."),
        (
            one(validate={"pattern": "^[A-Z]+$", "patternErrorMessage": "Write capitals."}),
            "ab",
            "Write capitals.",
        ),
        (
            one("textarea", properties={"answer": "list"}, **REQUIRED),
            "\n \n",
            "Enter at least one line for ‘Question’.",
        ),
        (one("textarea", properties={"answer": "list"}, **REQUIRED), [" "], "Enter at least one line for ‘Question’."),
        (one("textarea", properties={"answer": "list"}), [1], "‘Question’ must be a list of texts, one a line."),
        (one("textarea", properties={"answer": "list"}), 5, "‘Question’ must be a list of texts, one a line."),
        (
            one("textarea", properties={"answer": "list"}),
            ["x" * 501],
            "Each entry of ‘Question’ must be one line of at most 500 characters.",
        ),
        (
            one("textarea", properties={"answer": "list"}),
            [str(number) for number in range(201)],
            "‘Question’ may have at most 200 entries.",
        ),
        (one("number"), "fifteen", "‘Question’ must be a number."),
        (one("number"), "1e5", "‘Question’ must be a number."),
        (one("number"), True, "‘Question’ must be a number."),
        (one("number"), [1], "‘Question’ must be a number."),
        (one("number"), float("nan"), "‘Question’ must be a number."),
        (one("number"), float("inf"), "‘Question’ is too large a number."),
        (one("number"), 10**400, "‘Question’ is too large a number."),
        (one("number"), "9007199254740992", "‘Question’ is too large a number."),
        (one("number"), "123456789012345.0123456789", "‘Question’ has more digits than can be kept."),
        (one("number", validate={"min": 5}), "4.9", "‘Question’ must be 5 or more."),
        (one("number", validate={"max": 30}), "31", "‘Question’ must be 30 or less."),
        (one("number", decimalDigits=0), "1.5", "‘Question’ must be a whole number."),
        (one("number", decimalDigits=2), "1.505", "‘Question’ must be a number with at most 2 decimal places."),
        (one("number", increment=0.5, validate={"min": 1}), "1.7", "‘Question’ must go in steps of 0.5."),
        (one("checkbox", **REQUIRED), None, "Tick ‘Question’ to go on."),
        (one("checkbox", **REQUIRED), "false", "Tick ‘Question’ to go on."),
        (one("checkbox"), "perhaps", "‘Question’ must be ticked or left blank."),
        (one("datetime", subtype="date"), "0206-03-02", "‘Question’ must have a year from 1900 to 2100."),
        (one("datetime", subtype="date"), "2/3/0000", "‘Question’ must have a year from 1900 to 2100."),
        (one("datetime", subtype="date"), "2206-03-02", "‘Question’ must have a year from 1900 to 2100."),
        (one("datetime", subtype="date"), "31/2/2026", "‘Question’ must be a real date, such as 27 3 2026."),
        (one("datetime", subtype="date"), "2026-02-29", "‘Question’ must be a real date, such as 27 3 2026."),
        (one("datetime", subtype="date"), "27 Brumaire 2026", "‘Question’ must be a real date, such as 27 3 2026."),
        (one("datetime", subtype="date"), "soon", "‘Question’ must be a real date, such as 27 3 2026."),
        (one("datetime", subtype="date"), 20260302, "‘Question’ must be a real date, such as 27 3 2026."),
        (
            one("datetime", subtype="date"),
            {"day": "2", "month": "", "year": ""},
            "‘Question’ must include a month and a year.",
        ),
        (one("datetime", subtype="time"), "25:00", "‘Question’ must be a time of day, such as 14:30."),
        (one("datetime", subtype="time"), "noon", "‘Question’ must be a time of day, such as 14:30."),
        (one("datetime", subtype="datetime"), "2026-07-01", "‘Question’ must be a real date, such as 27 3 2026."),
        (one("datetime", subtype="datetime"), 5, "‘Question’ must be a real date, such as 27 3 2026."),
        (one("datetime", subtype="datetime"), "2026-07-01T25:00", "‘Question’ must be a time of day, such as 14:30."),
        (
            one("datetime", subtype="datetime"),
            "2026-07-01T13:00+99:00",
            "‘Question’ must be a time of day, such as 14:30.",
        ),
        (
            one("datetime", subtype="datetime"),
            "2026-03-29T01:30",
            "‘Question’ names a time that does not exist: the clocks go forward from 01:00 to 02:00 that night.",
        ),
        (
            one("datetime", subtype="date", disallowPassedDates=True),
            "2026-03-01",
            "‘Question’ must be the same as or after 2 March 2026.",
        ),
        (
            one("datetime", subtype="date", properties={"earliest": "=case.dob"}),
            "2010-05-11",
            "‘Question’ must be the same as or after 12 May 2010.",
        ),
        (
            one("datetime", subtype="date", properties={"latest": "=today()"}),
            "2026-03-03",
            "‘Question’ must be the same as or before 2 March 2026.",
        ),
        (
            one("datetime", subtype="datetime", properties={"latest": "2026-03-02"}),
            "2026-03-03T00:00",
            "‘Question’ must be the same as or before 2 March 2026.",
        ),
        (THREE_VALUED, None, "Choose an answer for ‘Question’."),
        (THREE_VALUED, "perhaps", "Choose one of the answers to ‘Question’."),
        (THREE_VALUED, 1, "Choose one of the answers to ‘Question’."),
        (
            one("checklist", values=[{"label": "A", "value": "a"}]),
            ["a", "c"],
            "Choose from the answers to ‘Question’.",
        ),
        (one("select", valuesExpression="=nobody"), "x", "Choose one of the answers to ‘Question’."),
        (
            one("taglist", valuesExpression="=[]", properties={"others": "yes"}),
            [5],
            "Choose from the answers to ‘Question’.",
        ),
        (
            one("taglist", valuesExpression="=for i in 1..150 return string(i)", properties={"others": "yes"}),
            [str(number) for number in range(1, 151)] + [f"x{number}" for number in range(60)],
            "‘Question’ may have at most 200 entries.",
        ),
    ],
)
def test_an_absurd_answer_is_refused_beside_its_field(component, raw, message):
    """Missing, mistyped and impossible answers each get a sentence, and nothing is kept."""
    assert refusals(form(component), q=raw) == [f"q: {message}"]


def test_a_bound_that_gives_no_date_bounds_nothing():
    """Where the case does not know the birth date, only the year is checked."""
    asked = form(one("datetime", subtype="date", properties={"earliest": "=case.unknown_fact", "latest": '="soon"'}))

    assert check(asked, q="1901-01-01") == {"q": "1901-01-01"}


def test_a_key_that_is_no_question_is_refused():
    """Nothing is kept that the form did not ask, and the key is shown safely."""
    assert refusals(form(one()), q="x", **{"plan_status": "ENDED", "<b>é": 1}) == [
        "plan_status: This form has no such question. Reload the page.",
        "<b>\\xe9: This form has no such question. Reload the page.",
    ]


def test_every_problem_is_told_at_once_in_the_order_of_the_page():
    """A person corrects a form once."""
    asked = form(one(key="first", **REQUIRED), one("number", key="second"), one(key="third", **REQUIRED))

    assert refusals(asked, second="x") == [
        "first: Enter an answer for ‘Question’.",
        "second: ‘Question’ must be a number.",
        "third: Enter an answer for ‘Question’.",
    ]


def test_a_refusal_names_the_form_and_its_fields_and_no_answer():
    """What is logged holds ids only."""
    with pytest.raises(AnswersRefused) as refused:
        check(form(one("number")), q="Jane Example")

    assert str(refused.value) == "Form a_form was not accepted: look at q."


DEPARTS = form(
    one(
        "radio",
        key="decision",
        values=[{"label": "End", "value": "end"}, {"label": "Continue", "value": "continue"}],
        **REQUIRED,
    ),
    one("textarea", key="why_end", conditional={"hide": '=decision != "end"'}, **REQUIRED),
    {
        "type": "group",
        "label": "Departing",
        "conditional": {"hide": "=why_end = null"},
        "components": [one(key="inner", **REQUIRED)],
    },
)


def test_a_hidden_field_is_not_asked_and_its_answer_is_dropped():
    """A condition decides on the server what was asked; what it hides is null."""
    assert check(DEPARTS, decision="continue", why_end="x", inner="y") == {
        "decision": "continue",
        "why_end": None,
        "inner": None,
    }


def test_hiding_one_field_hides_what_depends_on_it():
    """Conditions see the answers that are kept, not those that were dropped."""
    assert refusals(DEPARTS, decision="end", why_end="x") == ["inner: Enter an answer for ‘Question’."]
    assert refusals(DEPARTS, decision="end") == ["why_end: Enter an answer for ‘Question’."]
    assert check(DEPARTS, decision="end", why_end="x", inner="y")["inner"] == "y"
    assert DEPARTS.visible({"decision": "continue"}, SCOPE, NOW) == {"decision"}
    assert DEPARTS.visible({"decision": "end", "why_end": "x"}, SCOPE, NOW) == {"decision", "why_end", "inner"}


def test_fields_that_hide_each_other_for_ever_are_an_incident():
    """A mistake in a form is not blamed on the person who fills it in."""
    asked = form(one(key="a", conditional={"hide": "=b = null"}), one(key="b", conditional={"hide": "=a != null"}))

    with pytest.raises(Incident) as incident:
        check(asked, a="1", b="2")

    assert str(incident.value) == (
        "Form a_form: its fields hide and show each other without end. Correct their conditions."
    )


REASONED = form(
    one("radio", key="differs", values=YES_NO_UNKNOWN, properties={"unknown": "null"}),
    one(
        "textarea",
        key="reasons",
        properties={"check": "=differs = false or reasons != null", "message": "Say why you depart from it."},
    ),
)


def test_a_check_across_fields_must_be_true():
    """CAM-5.3: departing from the recommendation without a reason is refused; unknown counts as departing."""
    assert refusals(REASONED, differs=True) == ["reasons: Say why you depart from it."]
    assert refusals(REASONED, differs="unknown") == ["reasons: Say why you depart from it."]
    assert check(REASONED, differs=True, reasons="Because") == {"differs": True, "reasons": "Because"}
    assert check(REASONED, differs=False) == {"differs": False, "reasons": None}


def test_a_rule_over_an_answer_that_was_refused_is_not_told_yet():
    """Whoever left the decision open is not told that they decided otherwise than recommended."""
    asked = form(
        one(key="decision", **REQUIRED),
        one(key="reasons", properties={"check": '=decision = "end" or reasons != null', "message": "Give reasons."}),
    )

    assert refusals(asked) == ["decision: Enter an answer for ‘Question’."]
    assert refusals(asked, decision="go on") == ["reasons: Give reasons."]


def test_a_check_that_gives_null_refuses():
    """What cannot be decided is not taken as true."""
    asked = form(
        one("datetime", subtype="date", properties={"check": "=date(q) >= date(case.none)", "message": "Too early."})
    )

    assert refusals(asked, q="2026-03-02") == ["q: Too early."]


def test_a_check_is_silent_beside_a_refusal_of_its_own_field():
    """One field gets one sentence."""
    asked = form(one("number", properties={"check": "=q > 5", "message": "More than five."}))

    assert refusals(asked, q="x") == ["q: ‘Question’ must be a number."]


def test_a_check_of_a_hidden_field_is_not_asked():
    """A hidden field has no rule."""
    asked = form(one(conditional={"hide": "=true"}, properties={"check": "=false", "message": "Never."}))

    assert check(asked) == {"q": None}


def test_a_check_that_names_nothing_in_reach_is_an_incident():
    """A mistake in the form's own rule is an operator's matter, and the answers are not lost to a wrong sentence."""
    asked = form(one(properties={"check": "=deadine > 3", "message": "Too late."}))

    with pytest.raises(Incident) as incident:
        check(asked, q="x")

    assert str(incident.value).startswith("Form a_form, field q: its check cannot be read. ")


def test_a_fixed_field_answers_itself():
    """CAM-2.3a: the reason a letter states is the reason decided; nobody types another."""
    asked = form(
        one("textfield", key="reason_code", readonly=True, properties={"value": "=eligibility.reason_code"}, **REQUIRED)
    )

    assert check(asked) == {"reason_code": "AGE18"}
    assert check(asked, reason_code="AGE18") == {"reason_code": "AGE18"}
    assert refusals(asked, reason_code="DIED") == [
        "reason_code: ‘Question’ cannot be changed here. Reload the page to see what it is."
    ]
    with pytest.raises(AnswersRefused) as refused:
        asked.check({}, {"eligibility": {"reason_code": None}}, NOW)
    assert refused.value.problems[0].message == "Enter an answer for ‘Question’."


def test_what_stands_in_a_form_at_first_is_a_suggestion_only():
    """A value or a default is shown; it is no answer until the person hands it in."""
    asked = form(
        one(key="name", properties={"value": "=case.name"}),
        one("number", key="days", defaultValue=15),
        one(key="nothing", properties={"value": "=case.none"}),
        one(key="blank"),
    )

    assert asked.initial(SCOPE, NOW) == {"name": "A", "days": 15}
    assert check(asked) == {"name": None, "days": None, "nothing": None, "blank": None}


def test_options_may_come_from_the_case():
    """Lists of invitees and parties are the case's own; a page offers what the case holds."""
    asked = form(one("checklist", valuesExpression="=people"), one("radio", key="r", values=YES_NO_UNKNOWN))

    assert asked.options("q", SCOPE, NOW) == (Option("p1", "Ms One"), Option("p2", "p2"))
    assert asked.options("r", SCOPE, NOW)[2] == Option("unknown", "Not known")


def test_answers_are_read_before_what_else_is_in_reach():
    """A field of the name of a variable is the field."""
    asked = form(one("number", key="people", properties={"check": "=people = 3", "message": "Three."}))

    assert check(asked, people=3) == {"people": 3}


PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
PARTS = st.dictionaries(st.sampled_from(["day", "month", "year", "date", "time", "hour", "minute"]), PLAIN, max_size=6)
JUNK = PLAIN | st.lists(PLAIN, max_size=3) | PARTS | st.from_regex(r"[0-9/: .T-]{1,20}")
EVERYTHING = form(
    one("textfield", "line"),
    one("textarea", "text"),
    one("textarea", "lines", properties={"answer": "list"}),
    one("number", "number", decimalDigits=2, increment=0.25, validate={"min": 0, "max": 100}),
    one("datetime", "day", subtype="date", properties={"earliest": "=case.dob", "latest": "=today()"}),
    one("datetime", "clock", subtype="time"),
    one("datetime", "moment", subtype="datetime"),
    one("checkbox", "tick"),
    one("radio", "choice", values=YES_NO_UNKNOWN, properties={"unknown": None}),
    one("checklist", "several", values=[{"label": "A", "value": "a"}]),
    one("taglist", "tags", valuesExpression="=case.icpc_invitees", properties={"others": "yes"}),
)


@given(st.sampled_from(sorted(EVERYTHING.fields)), JUNK)
def test_whatever_is_handed_in_is_kept_clean_or_refused_in_sentences(field, answer):
    """No answer crashes the check, nothing is kept that history could not keep, and what is kept is accepted again."""
    try:
        clean = EVERYTHING.check({field: answer}, SCOPE, NOW)
    except AnswersRefused as refused:
        assert [problem.field for problem in refused.problems] == [field]
        assert refused.problems[0].message
    else:
        assert canonical(clean)
        assert EVERYTHING.check(clean, SCOPE, NOW) == clean


def test_yes_and_no_are_words_for_true_and_false():
    """Whoever writes answers by hand may say yes and no; an option that has the word as its own value comes first."""
    truth = [{"label": "Yes", "value": True}, {"label": "No", "value": False}]
    own = [{"label": "Yes", "value": "yes"}, {"label": "True", "value": True}]

    assert {"q": True} == check(form(one("radio", values=truth)), q="yes")
    assert {"q": False} == check(form(one("radio", values=truth)), q="no")
    assert {"q": "yes"} == check(form(one("radio", values=own)), q="yes")


@pytest.mark.parametrize("text", ["\u202eSam", "\u200b", "Sam\u2066"])
def test_a_line_that_turns_what_follows_or_shows_nothing_is_refused_and_a_letter_keeps_its_marks(text: str) -> None:
    """One line stands as a name among other words; a text of several lines stands alone, as it was written."""
    assert ["q: ‘Question’ holds characters that cannot be kept. Type it again."] == refusals(form(one()), q=text)
    assert {"q": f"A\n{text}"} == check(form(one("textarea")), q=f"A\n{text}")

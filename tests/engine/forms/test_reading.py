"""A form is read strictly: what would not behave as drawn is refused, naming the field and the mend."""

import orjson
import pytest

from engine.errors import PathwayRefused
from engine.forms import Field, Group, Line, Option, Passage, form_id, read_form

FORM = {
    "type": "default",
    "id": "decide",
    "schemaVersion": 18,
    "exporter": {"name": "form-js", "version": "1.23.0"},
    "components": [
        {"type": "text", "id": "t", "text": "## About {{case.name}}", "conditional": {"hide": "=false"}},
        {
            "type": "group",
            "id": "g",
            "label": "The decision",
            "showOutline": True,
            "layout": {"row": "r", "columns": 16},
            "conditional": {"hide": ""},
            "components": [
                {
                    "type": "radio",
                    "id": "f1",
                    "key": "agree",
                    "label": "Do you agree?",
                    "description": "Take your time.",
                    "validate": {"required": True},
                    "values": [{"label": "Yes", "value": True}, {"label": "Not known", "value": "unknown"}],
                    "properties": {"unknown": None, "clauses": "CAM-2.1e CAM-2.2", "label": "policy"},
                },
                {"type": "separator", "id": "s"},
                {
                    "type": "number",
                    "id": "f2",
                    "key": "days",
                    "label": "Days for {{case.name}}",
                    "validate": {"min": 1, "max": 30.5},
                    "increment": 0.5,
                    "decimalDigits": 1,
                    "appearance": {"prefixAdorner": "about", "suffixAdorner": "days"},
                    "defaultValue": 15,
                },
            ],
        },
        {"type": "spacer", "id": "sp", "height": 60},
        {
            "type": "taglist",
            "id": "f3",
            "key": "people",
            "label": "=case.title",
            "valuesExpression": "=case.icpc_invitees",
            "properties": {"others": "yes"},
        },
        {
            "type": "textarea",
            "id": "f4",
            "key": "reasons",
            "label": "Reasons",
            "validate": {"minLength": 3, "maxLength": 500, "pattern": "^\\w"},
            "conditional": {"hide": "=agree = true"},
            "properties": {"check": "=agree or reasons != null", "message": "Say why.", "answer": "list"},
        },
        {
            "type": "datetime",
            "id": "f5",
            "key": "decided_on",
            "label": "",
            "subtype": "date",
            "dateLabel": "Date",
            "properties": {"earliest": "=case.dob", "latest": "=today()", "value": "=today()"},
        },
    ],
}


def read(*components: object, **root: object) -> None:
    read_form(orjson.dumps({"components": list(components), **root}), "camden/x/forms/decide.form")


def refusals(*components: object) -> list[str]:
    with pytest.raises(PathwayRefused) as refused:
        read(*components)
    assert {finding.severity for finding in refused.value.findings} == {"refusal"}
    return [str(finding).removeprefix("camden/x/forms/decide.form: ") for finding in refused.value.findings]


def field(kind: str = "textfield", **more: object) -> dict:
    return {"type": kind, "key": "q", "label": "Question", **more}


def test_a_form_is_read_with_its_layout():
    """Fields, groups, passages and lines stand in the order of the page."""
    form = read_form(orjson.dumps(FORM), "camden/x/forms/decide.form")

    assert form.id == "decide"
    assert list(form.fields) == ["agree", "days", "people", "reasons", "decided_on"]
    passage, group, space, people, _, decided_on = form.layout
    assert isinstance(passage, Passage) and not passage.words.plain
    assert isinstance(group, Group) and group.label.source == "The decision"
    assert isinstance(space, Line) and isinstance(group.items[1], Line)
    assert isinstance(people, Field) and people.title == "people"
    assert form.fields["agree"].options == (Option(True, "Yes"), Option("unknown", "Not known"))
    assert form.fields["agree"].clauses == ("CAM-2.1e", "CAM-2.2")
    assert form.fields["days"].title == "days"
    assert (form.fields["days"].prefix, form.fields["days"].suffix) == ("about", "days")
    assert decided_on is form.fields["decided_on"]


def test_a_form_describes_what_a_scenario_may_answer():
    """`pathways describe` lists each field with everything that could refuse an answer."""
    assert read_form(orjson.dumps(FORM), "x.form").describe() == {
        "id": "decide",
        "fields": [
            {
                "key": "agree",
                "type": "radio",
                "label": "Do you agree?",
                "required": True,
                "options": [True, "unknown"],
                "unknown": "unknown",
                "tag": "policy",
                "clauses": ["CAM-2.1e", "CAM-2.2"],
            },
            {"key": "days", "type": "number", "label": "days", "required": False, "minimum": 1, "maximum": 30.5},
            {
                "key": "people",
                "type": "taglist",
                "label": "people",
                "required": False,
                "options_from": "case.icpc_invitees",
                "others": True,
            },
            {
                "key": "reasons",
                "type": "textarea",
                "label": "Reasons",
                "required": False,
                "as_list": True,
                "shortest": 3,
                "longest": 500,
                "hide": "agree = true",
                "check": "agree or reasons != null",
                "pattern": "^\\w",
                "message": "Say why.",
            },
            {
                "key": "decided_on",
                "type": "date",
                "label": "decided_on",
                "required": False,
                "earliest": "case.dob",
                "latest": "today()",
                "value": "today()",
            },
        ],
    }


@pytest.mark.parametrize(
    ("content", "named"),
    [(b'{"id": "decide"}', "decide"), (b'{"id": 3}', "file"), (b"[]", "file"), (b"no", "file")],
)
def test_a_form_is_named_by_its_id_or_its_file(content, named):
    """A diagram names a form by its id; a schema without one goes by the file's name."""
    assert form_id(content, "camden/x/forms/file.form") == named


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b'{"components": [', "Line 1, column 17: this is not JSON. Save the form from the form editor again."),
        (b"[]", "This is no form-js schema: it has no components. Save the form from the form editor again."),
        (
            b'{"type": "wizard", "components": []}',
            'This is no form of the type default. Write "type": "default".',
        ),
    ],
)
def test_a_file_that_is_no_form_is_refused(content, refusal):
    """Anything else is refused as a whole."""
    with pytest.raises(PathwayRefused) as refused:
        read_form(content, "x.form")

    assert str(refused.value) == f"x.form: {refusal}"


KNOWN = (
    "checkbox, checklist, datetime, group, number, radio, select, separator, spacer, taglist, text, textarea, textfield"
)


@pytest.mark.parametrize(
    "kind", ["filepicker", "html", "table", "iframe", "dynamiclist", "button", "expression", "image"]
)
def test_a_component_that_does_not_run_here_is_refused(kind):
    """form-js draws more than this product executes; each is named."""
    assert refusals({"type": kind, "id": "f", "label": "It"}) == [
        f"It (f): A form cannot hold a {kind} here. Use one of: {KNOWN}."
    ]


OPTIONS = [{"label": "A", "value": "a"}]


@pytest.mark.parametrize(
    ("component", "refusal"),
    [
        ("text", "A component is no object. Save the form from the form editor again."),
        ({"type": "textfield", "id": "f"}, "f: Its key is no name. Use letters, digits and _, such as decided_on."),
        (
            {"type": "textfield", "key": "a.b"},
            "a.b: Its key is no name. Use letters, digits and _, such as decided_on.",
        ),
        (
            {"type": "textfield", "key": "case"},
            "case: The key case would hide the case's own facts. Choose another key.",
        ),
        (field(expression="=x"), "Question (q): The property expression has no effect here. Remove it."),
        (field(subtype="date"), "Question (q): The property subtype has no effect here. Remove it."),
        (field(validate=3), "Question (q): Its validate is no object. Save the form from the form editor again."),
        (
            field(validate={"maximum": 3}),
            (
                "Question (q): validate.maximum has no effect here. Known: max, maxLength, min, minLength, pattern, "
                "patternErrorMessage, required, validationType."
            ),
        ),
        (
            field(properties={"checks": "=true"}),
            (
                "Question (q): properties.checks has no effect here. Known: answer, check, clauses, earliest, label, "
                "latest, message, others, unknown, value."
            ),
        ),
        (
            field(conditional={"show": "=true"}),
            "Question (q): conditional.show has no effect here. Known: hide.",
        ),
        (
            field(conditional={"hide": "true"}),
            "Question (q): Its condition is no expression. Begin it with =.",
        ),
        (
            field(validate={"required": "=x"}),
            "Question (q): required is neither true nor false. A condition belongs into the field's condition.",
        ),
        (
            field(properties={"check": "=true"}),
            "Question (q): Its check has no message. Add the property message: what to say to the person.",
        ),
        (
            field(readonly=True),
            "Question (q): It is read-only and nothing stands in it. Add the property value, or let it be asked.",
        ),
        (field(defaultValue={"a": 1}), "Question (q): Its default value is none that can be answered. Remove it."),
        (
            field("number", serializeToString=True),
            "Question (q): A number kept as text could not be compared. Switch off 'output as string'.",
        ),
        (
            field("number", validate={"min": "low"}),
            "Question (q): min must be a number, of a number field. Correct or remove it.",
        ),
        (
            field("number", validate={"max": True}),
            "Question (q): max must be a number, of a number field. Correct or remove it.",
        ),
        (
            field("number", increment=0),
            "Question (q): increment must be a number, of a number field. Correct or remove it.",
        ),
        (
            field(validate={"min": 3}),
            "Question (q): min must be a number, of a number field. Correct or remove it.",
        ),
        (
            field("number", decimalDigits=11),
            "Question (q): decimalDigits must be a whole number from 0 to 10. Correct or remove it.",
        ),
        (
            field(validate={"maxLength": 0}),
            "Question (q): maxLength must be a whole number from 1 to 20000. Correct or remove it.",
        ),
        (field("number", validate={"pattern": "x"}), "Question (q): A pattern fits texts only. Remove it."),
        (field(validate={"pattern": "["}), "Question (q): Its pattern cannot be read. Correct it, or use a check."),
        (
            field(validate={"validationType": "iban"}),
            "Question (q): Its validation type is not known. Choose email, phone or custom.",
        ),
        (
            field("datetime", subtype="month"),
            "Question (q): Its subtype is none of date, time, datetime. Choose one.",
        ),
        (
            field("datetime", subtype="time", timeSerializingFormat="swatch"),
            "Question (q): Its time format is not known. Choose utc_offset, utc_normalized or no_timezone.",
        ),
        (
            field("datetime", subtype="time", properties={"earliest": "2026-01-01"}),
            "Question (q): earliest bounds dates only. Remove it.",
        ),
        (
            field("datetime", subtype="date", disallowPassedDates=True, properties={"earliest": "2026-01-01"}),
            "Question (q): It has both earliest and 'disallow past dates'. Keep one.",
        ),
        (
            field("datetime", subtype="date", properties={"latest": "today"}),
            "Question (q): Its latest is no expression. Begin it with =.",
        ),
        (
            field("radio"),
            "Question (q): It needs options: values, or one of valuesExpression and valuesKey. Give one of them.",
        ),
        (
            field("radio", values=OPTIONS, valuesKey="people"),
            "Question (q): It needs options: values, or one of valuesExpression and valuesKey. Give one of them.",
        ),
        (field("radio", values=["a"]), "Question (q): An option needs a label and a value. Give it both."),
        (
            field("radio", values=[{"label": "A", "value": None}]),
            "Question (q): An option needs a label and a value. Give it both.",
        ),
        (
            field("radio", values=[*OPTIONS, *OPTIONS]),
            "Question (q): Two options have the value a. Give each its own.",
        ),
        (
            field("radio", values=[{"label": "T", "value": True}, {"label": "U", "value": "true"}]),
            "Question (q): Two options have the value true. Give each its own.",
        ),
        (
            field("radio", values=OPTIONS, properties={"unknown": None}),
            "Question (q): unknown says how the option 'unknown' is kept. Write null, and add that option.",
        ),
        (
            field("textfield", properties={"answer": "list"}),
            "Question (q): answer can only be list, of a text area. Remove it, or use a text area.",
        ),
        (
            field("checklist", values=OPTIONS, properties={"others": "yes"}),
            "Question (q): others can only be yes, of a taglist. Remove it.",
        ),
        (
            field(properties={"label": "law"}),
            "Question (q): label says whose rule this is. Write policy, reading or product.",
        ),
        (
            {"type": "group", "id": "g", "path": "inner", "components": []},
            "g: A group's path would nest its answers. Remove the path.",
        ),
        (field(label=5), "5 (q): Its label cannot be read: Its label is no text.\n\n^\n Write text."),
        (
            field(label="Of {{case.name"),
            "Of {{case.name (q): Its label opens an expression at character 4. Close it with }}.",
        ),
        (
            field(description="{{#if x}}"),
            (
                "Question (q): Its description cannot be read: This is no expression.\n#if x\n^\n "
                "Write {{ a FEEL expression }}; blocks are not known."
            ),
        ),
    ],
)
def test_a_field_that_would_not_behave_as_drawn_is_refused(component, refusal):
    """Each refusal names the field and what to do about it."""
    assert refusals(component)[0] == refusal


def test_broken_feel_in_a_form_shows_its_place():
    """An expression that cannot be read is shown with a caret below the place."""
    [refusal] = refusals(field(properties={"check": "=q > ", "message": "Say more."}))

    assert refusal.startswith("Question (q): Its check cannot be read: ")
    assert "\nq >\n" in refusal and "^" in refusal
    [refusal] = refusals(field(label="={"))
    assert refusal.startswith("={ (q): Its label cannot be read: ")


def test_two_fields_of_one_key_are_refused():
    """An answer has one question."""
    assert refusals(field(), {"type": "group", "label": "G", "components": [field("number")]}) == [
        "q: Two fields have this key. Give each field a key of its own."
    ]


def test_groups_may_not_stand_too_deep():
    """A page is read by people."""
    inner: dict = {"type": "textfield", "key": "q"}
    for _ in range(8):
        inner = {"type": "group", "id": "g", "components": [inner]}

    assert refusals(inner) == ["g: Groups stand more than 6 deep. Take some apart."]


def test_a_form_of_too_many_components_is_refused():
    """A task that asks three hundred questions is several tasks."""
    many = {"type": "group", "id": "g", "components": [{"type": "separator"} for _ in range(310)]}

    assert refusals(many, {"type": "separator"}) == [
        "The form has more than 300 components. Split it into several tasks."
    ]


def test_what_others_write_and_what_does_nothing_is_accepted():
    """Looks, empty settings and the editor's own marks change no answer."""
    read(
        field(
            appearance={"prefixAdorner": None},
            layout={"row": "Row_1", "columns": None},
            validate={"minLength": "", "pattern": "", "validationType": "custom"},
            properties={"others": "no"},
            disabled=False,
        ),
        field("select", key="s", values=OPTIONS, searchable=True),
        field("radio", key="r", valuesExpression="", valuesKey="people"),
        versionTag="1",
        executionPlatform="Camunda Cloud",
    )

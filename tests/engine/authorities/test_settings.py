"""An authority's settings are read strictly, kept under their hash and read back the same."""

from dataclasses import dataclass, field, replace
from datetime import date

import orjson
import pytest

from engine.authorities import (
    Authority,
    Overdue,
    Parameter,
    ParameterRefused,
    authority_from_toml,
    read_authority,
)
from engine.errors import PathwayRefused, Unreadable

CAMDEN = b"""
name = "London Borough of Camden"
nation = "england"
life_event_pathway = "camden_life_event"
colour = "#003d4c"

[policy]
title = "Ending child protection plans"
version = "2023"

[roles]
social_worker = "Social worker"
team_manager = "Team manager"
iro = "Independent Reviewing Officer"
iro_service_manager = "IRO service manager"
head_of_quality_assurance = "Head of Quality Assurance"

[overdue]
remind = 2
manager = 1
head = 5
manager_role = "team_manager"
[overdue.managers]
iro = "iro_service_manager"

[[closures]]
on = 2026-12-29
reason = "Town hall closed"

[letters]
address = ["1 Example Street", "London"]
telephone = "020 7946 0000"
email = "plans@example.gov.uk"
footer = "We hold what you tell us as the law asks."

[[parameters.cp_visit_days]]
value = 10
from = 2026-06-01
reason = "Inspection"

[[parameters.cp_visit_days]]
value = 15
from = 2026-01-01
reason = "London procedures"
"""

VISIT_DAYS = Parameter(
    "cp_visit_days", "whole number", 15, 5, 30, label="Days between visits", reason="CAM-5.19", tag="reading"
)
INTERVAL = Parameter("monitor_every", "duration", "P3M", "P1M", "P6M", label="Monitor", reason="CAM-5.10")


@dataclass(frozen=True)
class Declares:
    """Whatever declares parameters."""

    parameters: dict[str, Parameter] = field(default_factory=lambda: {"cp_visit_days": VISIT_DAYS})


def camden(content: bytes = CAMDEN) -> Authority:
    return authority_from_toml(content, "camden/authority.toml", "camden")


def refusals(content: bytes) -> list[str]:
    with pytest.raises(PathwayRefused) as refused:
        camden(content)
    return [str(finding) for finding in refused.value.findings]


def test_settings_are_read_from_the_authoritys_folder(tmp_path):
    """The folder's name is the authority's id, and everything written in the file is there."""
    folder = tmp_path / "camden"
    folder.mkdir()
    (folder / "authority.toml").write_bytes(CAMDEN)

    authority = read_authority(folder)

    assert (authority.id, authority.name, authority.nation) == ("camden", "London Borough of Camden", "england")
    assert authority.roles["iro"] == authority.role_title("iro") == "Independent Reviewing Officer"
    assert authority.role_title("core_group") == "core group"
    assert authority.overdue == Overdue(2, 1, 5, "team_manager", {"iro": "iro_service_manager"})
    assert authority.overdue.manager_of("iro") == "iro_service_manager"
    assert authority.overdue.manager_of("social_worker") == authority.overdue.manager_of(None) == "team_manager"
    assert authority.life_event_pathway == "camden_life_event"
    assert authority.escalation_roles == ("head_of_quality_assurance",)
    assert authority.colour == "#003d4c"
    assert (authority.policy_title, authority.policy_version) == ("Ending child protection plans", "2023")
    assert authority.letters.address == ("1 Example Street", "London")
    assert authority.calendar.working_days_after(date(2026, 12, 24), 1).on == date(2026, 12, 30)
    assert [value.since.isoformat() for value in authority.values["cp_visit_days"]] == ["2026-01-01", "2026-06-01"]


def test_a_folder_without_settings_is_refused(tmp_path):
    """An authority is described before it runs anything."""
    with pytest.raises(PathwayRefused) as refused:
        read_authority(tmp_path)

    assert str(refused.value).endswith(
        "/authority.toml: There is no such file. Add authority.toml with name, roles and life_event_pathway."
    )


def test_what_follows_an_ending_is_named_only_where_a_policy_has_it():
    """The pathway of life events after the end is kept with the settings; settings without one keep their version."""
    without = authority_from_toml(CAMDEN, "camden/authority.toml", "camden")
    named = CAMDEN.replace(b"\n[policy]", b'life_event_pathway_after_end = "after_the_end"\n\n[policy]', 1)
    with_one = authority_from_toml(named, "camden/authority.toml", "camden")

    assert with_one.life_event_pathway_after_end == "after_the_end"
    assert Authority.from_document(with_one.document()) == with_one
    assert without.life_event_pathway_after_end == ""
    assert "life_event_pathway_after_end" not in without.document()


def test_messages_that_begin_a_pathway_are_kept_with_the_settings():
    """A message that no step waits for begins what settings name for it; settings without any keep their version."""
    without = authority_from_toml(CAMDEN, "camden/authority.toml", "camden")
    some = authority_from_toml(CAMDEN + b'\n[messages]\nSeen = "p"\n', "camden/authority.toml", "camden")

    assert some.message_pathways == {"Seen": "p"}
    assert Authority.from_document(some.document()) == some
    assert "message_pathways" not in without.document()


def test_kept_settings_are_the_same_settings():
    """Settings are kept as one document under its hash, the calendar written out day by day."""
    authority = camden()
    kept = orjson.loads(orjson.dumps(authority.document()))

    again = Authority.from_document(kept)

    assert again == authority and hash(again) == hash(authority)
    assert again.version == authority.version and authority.version.startswith("sha256:")
    assert again.calendar == authority.calendar
    assert again.document() == authority.document()
    assert kept["calendar"]["closures"] == {"2026-12-29": "Town hall closed"}


@pytest.mark.parametrize("value", [b"1.5", b"true", b'"P3M"', b"2026-03-02"])
def test_a_local_value_of_any_kind_is_kept(value):
    """Numbers, yes or no, texts and dates are JSON under the version; a date is ISO text."""
    authority = camden(CAMDEN.replace(b"value = 10", b"value = " + value))

    assert Authority.from_document(orjson.loads(orjson.dumps(authority.document()))).version == authority.version
    assert isinstance(authority.values["cp_visit_days"][-1].value, str | float | bool)


def test_any_change_gives_another_version():
    """A command names the very settings it was carried out under."""
    assert camden().version != camden(CAMDEN.replace(b"remind = 2", b"remind = 3")).version
    assert camden().version != camden(CAMDEN.replace(b"2026-12-29", b"2026-12-30")).version


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "Kept settings cannot be read: they are not what was written."),
        ({"format": 2}, "Settings of format 2 cannot be read by this version."),
    ],
)
def test_kept_settings_that_are_none_are_unreadable(document, message):
    """Settings are read back as they were written, or not at all."""
    with pytest.raises(Unreadable) as unreadable:
        Authority.from_document(document)

    assert str(unreadable.value) == message


@pytest.mark.parametrize(
    ("old", "new", "refusal"),
    [
        (
            b'telephone = "020 7946 0000"',
            b'telephone = "ask at the desk"',
            (
                "letters.telephone: Line 32: telephone is no telephone number. "
                'Write it as it is read, such as "020 7974 4444".'
            ),
        ),
        (
            b'email = "plans@example.gov.uk"',
            b'email = "plans at the council"',
            'letters.email: Line 33: email is no mail address. Write one, such as "safeguarding@example.gov.uk".',
        ),
        (
            b'name = "London',
            b'nmae = "London',
            "nmae: Line 2: nmae is not known here. Did you mean name?",
        ),
        (
            b'name = "London Borough of Camden"',
            b"name = 3",
            "name: Line 2: name is not a text. Write it in double quotes.",
        ),
        (
            b'nation = "england"',
            b'nation = "france"',
            "nation: Line 3: nation is 'france'. Write one of: england.",
        ),
        (
            b"#003d4c",
            b"#ffdd00",
            "colour: Line 5: colour has a contrast of 1.3 on white, and text needs 4.5. Choose a darker one.",
        ),
        (
            b"#003d4c",
            b"blue",
            'colour: Line 5: colour is not a colour. Write six hexadecimal digits, such as "#003d4c".',
        ),
        (
            b"remind = 2",
            b"remind = -2",
            "overdue.remind: Line 19: remind is not a whole number from 0 to 60. Write a number from 0 to 60.",
        ),
        (
            b"head = 5",
            b"head = 0",
            "overdue.head: Line 21: head is told before manager. Give head at least as many working days as manager.",
        ),
        (
            b'"team_manager"\n',
            b'"boss"\n',
            "overdue.manager_role: Line 22: boss is not among the roles. Name one of [roles], or add it there.",
        ),
        (
            b'iro = "iro_service_manager"',
            b'iro = "boss"',
            "overdue.managers.iro: Line 24: boss is not among the roles. Name one of [roles], or add it there.",
        ),
        (
            b"on = 2026-12-29",
            b"on = 2126-12-29",
            "closures.on: Line 27: 2126-12-29 is outside the years 2010 to 2045. Check the year.",
        ),
        (
            b"on = 2026-12-29",
            b'on = "29 December"',
            "closures.on: Line 27: on is not a date. Write year-month-day, such as 2026-12-29.",
        ),
        (
            b"from = 2026-06-01",
            b'from = "2026-01-01"',
            "parameters.cp_visit_days.from: Line 43: 2026-01-01 is given twice. Give each value its own date.",
        ),
        (
            b"value = 10\n",
            b"",
            "parameters.cp_visit_days.value: Line 36: value is missing. Add value = what applies from that date on.",
        ),
        (
            b"value = 10\n",
            b"value = [10]\n",
            (
                "parameters.cp_visit_days.value: Line 37: value is no text, number, date, true or false. "
                "Write one of these."
            ),
        ),
        (
            b"from = 2026-06-01\n",
            b"from = 2026-06-01T00:00:00\n",
            "parameters.cp_visit_days.from: Line 38: from is not a date. Write year-month-day, such as 2026-12-29.",
        ),
        (
            b"value = 10\n",
            b"value = inf\n",
            (
                "parameters.cp_visit_days.value: Line 37: value is no text, number, date, true or false. "
                "Write one of these."
            ),
        ),
        (
            b"value = 10\n",
            b"value = 9999999999999999999999\n",
            (
                "parameters.cp_visit_days.value: Line 37: value is no text, number, date, true or false. "
                "Write one of these."
            ),
        ),
        (
            b"from = 2026-06-01\n",
            b"from = 15\n",
            "parameters.cp_visit_days.from: Line 38: from is not a date. Write year-month-day, such as 2026-12-29.",
        ),
        (
            b"[overdue.managers]\n",
            b"[overdue.managers]\n[[overdue.managers.conference_chair]]\n",
            "overdue.managers.conference_chair: Line 24: conference_chair is not a text. Write it in double quotes.",
        ),
        (b"[letters]", b"[[letters]]", "letters: Line 30: letters is not a table. Write [letters] and its keys below."),
        (
            b"[[closures]]",
            b"[closures]",
            "closures: Line 26: closures is not a list of tables. Write [[closures]] before each.",
        ),
        (
            b'address = ["1 Example Street", "London"]',
            b'address = "1 Example Street"',
            'letters.address: Line 31: address is not a list of texts. Write ["one", "two"].',
        ),
        (
            b'iro = "Independent Reviewing Officer"',
            b'IRO = "Independent Reviewing Officer"',
            "roles.IRO: Line 14: IRO is no id of a role. Use lower-case words joined by underscores.",
        ),
        (
            b'life_event_pathway = "camden_life_event"',
            b"",
            "life_event_pathway: life_event_pathway is missing. Add life_event_pathway = a text in double quotes.",
        ),
        (
            b'nation = "england"',
            b'id = "southwark"',
            "id: Line 3: id is not camden. The id is the folder's name, in lower-case words.",
        ),
    ],
)
def test_a_mistake_is_named_with_its_line_and_its_mend(old, new, refusal):
    """Whoever writes the file reads where it is wrong and what to write."""
    assert old in CAMDEN

    assert f"camden/authority.toml: {refusal}" in refusals(CAMDEN.replace(old, new, 1))


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (
            b'name = "London',
            "is not TOML at its end: Unterminated string. Write key = value, texts in double quotes.",
        ),
        (
            b"name = [",
            "is not TOML at its end: Invalid value. Write key = value, texts in double quotes.",
        ),
        (b"\xff", "is not UTF-8 text. Save it as UTF-8."),
        (
            b"a = 1\nb c",
            (
                "is not TOML at line 2, column 3: Expected '=' after a key in a key/value pair. "
                "Write key = value, texts in double quotes."
            ),
        ),
        (b"a = " + b"[" * 5000, "is not TOML: It is nested too deeply. Write key = value, texts in double quotes."),
    ],
)
def test_a_file_that_is_no_toml_says_where(content, refusal):
    """Broken TOML is refused with its line and column."""
    assert refusals(content) == [f"camden/authority.toml: {refusal}"]


def test_settings_without_roles_are_refused():
    """Nobody could act."""
    assert refusals(b'name = "X"\nlife_event_pathway = "x"') == [
        (
            'camden/authority.toml: roles: No roles are named. Add [roles] and social_worker = "Social worker" '
            "and the others."
        ),
        (
            "camden/authority.toml: escalation_roles: head_of_quality_assurance is not among the roles. "
            "Name one of [roles], or add it there."
        ),
    ]


def test_a_local_value_holds_from_its_date_on():
    """Values are dated: before the first the pathway's default holds, then the newest that has begun."""
    authority = camden()

    assert authority.parameters_for(Declares(), date(2025, 12, 31)) == {"cp_visit_days": 15}
    assert authority.parameters_for(Declares(), date(2026, 5, 31)) == {"cp_visit_days": 15}
    assert authority.parameters_for(Declares(), date(2026, 6, 1)) == {"cp_visit_days": 10}


def test_a_new_local_value_is_checked_and_gives_new_settings():
    """A value within bounds changes without publishing; the settings before stay what they were."""
    before = camden()

    after = before.with_value(VISIT_DAYS, 20, date(2026, 9, 1), "Agreed by the board")

    assert after.value_on(VISIT_DAYS, date(2026, 9, 1)) == 20
    assert after.value_on(VISIT_DAYS, date(2026, 8, 31)) == 10
    assert before.value_on(VISIT_DAYS, date(2026, 9, 1)) == 10
    assert after.version != before.version
    assert after.with_value(VISIT_DAYS, 25, date(2026, 9, 1), "Corrected").value_on(VISIT_DAYS, date(2026, 9, 1)) == 25


def test_a_local_value_out_of_bounds_is_refused():
    """An authority decides within what the pathway's author allows."""
    with pytest.raises(ParameterRefused) as refused:
        camden().with_value(VISIT_DAYS, 31, date(2026, 9, 1), "Too long")

    assert str(refused.value) == "Parameter cp_visit_days is more than 30. Choose from 5 to 30."


def test_what_the_policy_gives_takes_no_local_value():
    """A number of the policy has a name and bounds, and changes only by a release: no value from a day on."""
    given = replace(VISIT_DAYS, local=False)

    with pytest.raises(ParameterRefused) as refused:
        camden().with_value(given, 20, date(2026, 9, 1), "Agreed by the board")

    assert str(refused.value) == (
        "Parameter cp_visit_days is given by the policy. Change it in a draft, and publish that."
    )
    assert {(f.severity, f.message) for f in camden().check_parameters({"cp_visit_days": given})} == {
        ("refusal", f"The value from {since} is given by the policy.") for since in ("2026-01-01", "2026-06-01")
    }


def test_local_values_are_checked_against_what_pathways_declare():
    """A value that nobody declares is advice; one out of bounds is a refusal."""
    tight = Parameter("cp_visit_days", "whole number", 7, 5, 14, label="Days", reason="x")

    assert [str(f) for f in camden().check_parameters({"cp_visit_days": tight})] == [
        (
            "camden/authority.toml: parameters.cp_visit_days: The value from 2026-01-01 is more than 14. "
            "Choose from 5 to 14."
        )
    ]
    assert [(f.severity, f.message) for f in camden().check_parameters({})] == [
        ("advice", "No pathway here declares this parameter.")
    ]


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        (VISIT_DAYS, 5),
        (VISIT_DAYS, 30),
        (Parameter("x", "number", 1.5), 2),
        (Parameter("x", "number", 1.5, 0.5), 0.5),
        (Parameter("x", "yes or no", True), False),
        (Parameter("x", "text", "a", max=3), "abc"),
        (Parameter("x", "text", "a", options=("a", "b")), "b"),
        (Parameter("x", "date", "2026-01-01", min="2026-01-01"), "2026-01-01"),
        (INTERVAL, "P2M"),
        (INTERVAL, "P0Y6M"),
        (Parameter("x", "duration", "P15D"), "PT36H30M5S"),
    ],
)
def test_a_value_of_the_declared_type_and_within_bounds_is_taken(parameter, value):
    """Bounds are inclusive."""
    assert parameter.check(value) == value


@pytest.mark.parametrize(
    ("parameter", "value", "message"),
    [
        (VISIT_DAYS, 4, "Parameter cp_visit_days is less than 5. Choose from 5 to 30."),
        (VISIT_DAYS, 15.5, "Parameter cp_visit_days is not a whole number. Write one such as 15."),
        (VISIT_DAYS, True, "Parameter cp_visit_days is not a whole number. Write one such as 15."),
        (VISIT_DAYS, "15", "Parameter cp_visit_days is not a whole number. Write one such as 15."),
        (Parameter("x", "number", 1, min=0), -0.1, "Parameter x is less than 0. Choose at least 0."),
        (Parameter("x", "number", 1), True, "Parameter x is not a number. Write one such as 1.5."),
        (Parameter("x", "yes or no", True), "yes", "Parameter x is not a yes or no. Write true or false."),
        (Parameter("x", "text", "a", max=3), "abcd", "Parameter x is more than 3 characters. Choose at most 3."),
        (
            Parameter("x", "text", "a", options=("a", "b")),
            "c",
            "Parameter x is none of its options. Choose one of: a, b.",
        ),
        (Parameter("x", "text", "a"), 3, "Parameter x is not a text. Write it in quotes."),
        (
            Parameter("x", "date", "2026-01-01"),
            "2026-02-30",
            "Parameter x is not a date. Write one such as 2026-12-29.",
        ),
        (Parameter("x", "date", "2026-01-01"), "20260101", "Parameter x is not a date. Write one such as 2026-12-29."),
        (
            INTERVAL,
            "P6W",
            "Parameter monitor_every is not a duration. Write one such as P15D, PT36H or P3M; six weeks are P42D.",
        ),
        (
            INTERVAL,
            "P",
            "Parameter monitor_every is not a duration. Write one such as P15D, PT36H or P3M; six weeks are P42D.",
        ),
        (INTERVAL, "P60D", "Parameter monitor_every cannot be compared with P1M. Use the same unit as its bounds."),
        (INTERVAL, "P7M", "Parameter monitor_every is more than P6M. Choose from P1M to P6M."),
    ],
)
def test_any_other_value_is_refused_with_its_mend(parameter, value, message):
    """A wrong type, a value out of bounds or a weekly duration is refused in a sentence."""
    with pytest.raises(ParameterRefused) as refused:
        parameter.check(value)

    assert str(refused.value) == message

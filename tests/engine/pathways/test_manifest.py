"""A pathway.toml is read strictly, each mistake with its line."""

import pytest

from engine.errors import PathwayRefused
from engine.pathways import Parameter
from engine.pathways.manifest import BY_TASK, MERGED, read_manifest

TOML = """
title = "Administrative removal"
purpose = "A plan ends without a conference."
version = "1.2"
answers = "merged"

[jobs]
types = ["register"]

[parameters.visit_days]
type = "whole number"
min = 5
max = 30
default = 15
label = "Days between visits"
reason = "CAM-5.19 gives 15 without a unit."
tag = "reading"

[parameters.from_day]
type = "date"
default = 2026-01-01
min = 2020-01-01
label = "From"
reason = "x"
tag = "product"
"""


def refusals(content: str) -> list[str]:
    with pytest.raises(PathwayRefused) as refused:
        read_manifest(content.encode(), "camden/x/pathway.toml")
    return [str(finding).removeprefix("camden/x/pathway.toml: ") for finding in refused.value.findings]


def test_a_manifest_is_read_whole():
    """Title, purpose, version, answers, parameters and job types."""
    manifest = read_manifest(TOML.encode(), "x")

    assert (manifest.title, manifest.version, manifest.answers) == ("Administrative removal", "1.2", MERGED)
    assert manifest.purpose == "A plan ends without a conference."
    assert manifest.jobs == {"register"}
    assert manifest.parameters == {
        "visit_days": Parameter(
            "visit_days",
            "whole number",
            15,
            5,
            30,
            label="Days between visits",
            reason="CAM-5.19 gives 15 without a unit.",
            tag="reading",
        ),
        "from_day": Parameter("from_day", "date", "2026-01-01", "2020-01-01", label="From", reason="x", tag="product"),
    }


@pytest.mark.parametrize(("said", "local"), [("", True), ("local = true\n", True), ("local = false\n", False)])
def test_a_parameter_is_the_authoritys_unless_it_says_otherwise(said: str, local: bool):
    """What the policy itself gives is declared with local = false."""
    content = TOML.replace("[parameters.from_day]\n", f"[parameters.from_day]\n{said}")

    assert read_manifest(content.encode(), "x").parameters["from_day"].local is local


def test_answers_are_kept_by_task_unless_said_otherwise():
    """Parallel tasks never collide."""
    assert read_manifest(b'title = "A"\nversion = "1"', "x").answers == BY_TASK


@pytest.mark.parametrize(
    ("old", "new", "refusal"),
    [
        ('title = "Administrative removal"', "", "title: title is missing. Add title = a text in double quotes."),
        (
            'title = "Administrative removal"',
            'title = ""',
            "title: Line 2: title has 0 characters. Write from 1 to 200.",
        ),
        (
            'label = "From"',
            'label = "From"\nlocal = "no"',
            (
                "parameters.from_day.local: Line 24: local is neither true nor false. "
                "Write local = false where only a release changes it."
            ),
        ),
        ('"merged"', '"both"', "answers: Line 5: answers is 'both'. Write one of: by task, merged."),
        ("purpose", "purpos", "purpos: Line 3: purpos is not known here. Did you mean purpose?"),
        ("types", "kinds", "jobs.kinds: Line 8: kinds is not known here. Known here: types."),
        (
            '"whole number"',
            '"integer"',
            (
                "parameters.visit_days.type: Line 11: type is 'integer'. "
                "Write one of: whole number, number, yes or no, text, date, duration."
            ),
        ),
        (
            "default = 15",
            "default = 50",
            "parameters.visit_days.default: Line 14: default is more than 30. Choose from 5 to 30.",
        ),
        (
            "default = 15\n",
            "",
            "parameters.visit_days.default: Line 10: default is missing. Add default = a whole number.",
        ),
        (
            "min = 5",
            'min = "five"',
            "parameters.visit_days.min: Line 12: min is not a whole number. Write one such as 15.",
        ),
        (
            '"whole number"',
            '"yes or no"',
            "parameters.visit_days.min: Line 12: A yes or no has no bounds. Remove min and max.",
        ),
        (
            '"whole number"',
            '"text"',
            "parameters.visit_days.default: Line 14: default is not a text. Write it in quotes.",
        ),
        (
            '"reading"',
            '"guess"',
            "parameters.visit_days.tag: Line 17: tag is 'guess'. Write one of: policy, reading, product.",
        ),
        (
            "[parameters.visit_days]",
            "[parameters.VisitDays]",
            "parameters.VisitDays: Line 10: VisitDays is not a name. Use lower-case words joined by underscores.",
        ),
        (
            'reason = "x"',
            "",
            "parameters.from_day.reason: Line 19: reason is missing. Add reason = a text in double quotes.",
        ),
    ],
)
def test_a_mistake_is_named_with_its_line(old, new, refusal):
    """An analyst reads where it is and what to write."""
    assert old in TOML

    assert refusal in refusals(TOML.replace(old, new, 1))

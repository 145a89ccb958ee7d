"""What the engine cannot read is marked where somebody looks for it, and nothing that runs is called wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from engine.feel import compile_expression
from engine.studio.expressions import functions, names_of, read_as_written
from engine.working_days import EXTENSIONS

PROCESSES = Path(__file__).resolve().parents[3] / "processes"


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("case.a +", "+"),
        ("case.a +   ", "+"),
        ("(case.a", "("),
        ("count(case.a", "("),
        ("case.a ) > 2", ")"),
        ("if case.a then 1", "if"),
        ("\U0001f476 §", "§"),
    ],
)
def test_the_place_that_is_marked_holds_a_sign(text, marked):
    """An empty mark is no mark: what is missing at the end is marked at the last sign that stands there."""
    remark = read_as_written(text)
    assert remark is not None and marked == text[remark.start : remark.end] and remark.message


def test_nothing_that_is_shipped_is_called_wrong():
    """Every cell of every shipped table is read as the editor would ask for it."""
    wrong = []
    for path in sorted(PROCESSES.rglob("*.dmn")):
        body = path.read_bytes()
        names = names_of(path.name, body)
        for cell in etree.fromstring(body).iter("{*}inputEntry", "{*}outputEntry"):
            text = cell.findtext("{*}text") or ""
            if text.strip() and read_as_written(text, tests=cell.tag.endswith("inputEntry"), names=names):
                wrong.append(f"{path.name}: {text}")
    assert [] == wrong


def test_a_name_of_several_words_is_read_as_the_table_gives_it():
    """A table may call its input so that it reads as words."""
    body = b'<definitions><inputData name="Placed or in care"/></definitions>'
    assert read_as_written('Placed or in care = "S20"', names=names_of("t.dmn", body)) is None
    assert read_as_written('Placed or in care = "S20"') is not None
    assert frozenset() == names_of("t.dmn", b"<definitions") == names_of("t.bpmn", body)


def test_every_function_that_is_offered_runs():
    """What completes a word is known to the engine under that very name."""
    offered = [one["name"] for one in functions()]
    assert "working days between" in offered and len(offered) == len(set(offered))
    for name in offered:
        compile_expression(f"{name}()", extensions=EXTENSIONS)

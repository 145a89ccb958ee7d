"""What an analyst changes is all that changes in a file; changes are told in words; what is hostile stays out."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import PathwayRefused, Refused
from engine.studio.canonical import read_xml, written_xml
from engine.studio.carrying import packed, unpacked
from engine.studio.compare import compare
from engine.studio.form_sheet import Asked, add_question, move_question, questions, remove_question, set_question
from engine.studio.outline import add_task, remove_step, set_step, set_way, steps
from engine.studio.parameter_sheet import declared, set_default
from engine.studio.screening import screen
from engine.studio.table_sheet import add_row, move_row, remove_row, set_row, sheets

SHARED = Path(__file__).resolve().parents[3] / "processes" / "southwark" / "shared"
DIAGRAM = "southwark/shared/southwark_executive_steps/pathway.bpmn"
STEPS = (SHARED / "southwark_executive_steps" / "pathway.bpmn").read_bytes()
FORM = (SHARED / "southwark_executive_steps" / "forms" / "write_to_agencies.form").read_bytes()
MANIFEST = (SHARED / "southwark_executive_steps" / "pathway.toml").read_bytes()
TABLE = (SHARED / "southwark_objection_window" / "decisions" / "southwark_after_objection.dmn").read_bytes()
DECISION = "southwark_after_objection"


@pytest.mark.parametrize("content", [STEPS, TABLE])
def test_a_file_that_nobody_changed_keeps_its_bytes(content):
    """Read and written again, a diagram and a table are the same file."""
    assert written_xml(read_xml(content), content) == content


def test_a_row_added_moved_and_removed_leaves_the_rest_alone():
    """Only the lines of the row come and go."""
    cells = ("true", "", "", "", '"WAIT"')
    more = add_row(TABLE, DECISION, 2, cells, "[product] new")
    (sheet,) = sheets(more)
    assert (sheet.rows[2].inputs, sheet.rows[2].outputs, sheet.rows[2].said) == (cells[:4], cells[4:], "[product] new")
    assert remove_row(more, DECISION, 3) == TABLE
    assert remove_row(move_row(more, DECISION, 3, 6), DECISION, 6) == TABLE
    old = sheets(TABLE)[0].rows[0]
    assert set_row(TABLE, DECISION, 1, [*old.inputs, *old.outputs], old.said) == TABLE


def test_a_question_added_and_removed_leaves_the_rest_alone():
    """The form's other questions, their facts and their order stay byte for byte."""
    asked = Asked("read_by", "One line of text", "Who read it?", own={"label": "product"})
    more = add_question(FORM, "channel", asked)
    assert [one.key for one in questions(more)].index("read_by") == 1 + [one.key for one in questions(FORM)].index(
        "channel"
    )
    assert remove_question(more, "read_by") == FORM
    assert move_question(move_question(FORM, "channel", -1), "channel", 1) == FORM
    for one in questions(FORM):
        assert set_question(FORM, one.key, one) == FORM
    with pytest.raises(Refused):
        add_question(FORM, "", replace(asked, key="channel"))


def test_a_task_added_in_the_outline_stands_between_its_neighbours_and_goes_again():
    """The arrow leads through the new step; without it the diagram is what it was."""
    more = add_task(STEPS, "request_executive_decision", "tell_the_school", "Tell the school", "team_manager")
    order = [one.id for one in steps(more)]
    assert order[order.index("request_executive_decision") + 1] == "tell_the_school"
    assert remove_step(more, "tell_the_school") == STEPS
    for one in steps(STEPS):
        assert set_step(STEPS, one) == STEPS
    with pytest.raises(Refused):
        add_task(STEPS, "request_executive_decision", "count_days", "Again", "team_manager")
    with pytest.raises(Refused):
        set_way(STEPS, "request_executive_decision_to_count_days", "", "no equals sign")


def test_a_comparison_tells_steps_rows_questions_and_parameters_in_words():
    """Added, removed and changed, with what it was and is; ids for the marks on the picture."""
    one = next(one for one in steps(STEPS) if one.task)
    before = {DIAGRAM: STEPS, "southwark/a.dmn": TABLE, "southwark/b.form": FORM, "southwark/x/pathway.toml": MANIFEST}
    after = {
        DIAGRAM: set_step(STEPS, replace(one, due="=today()")),
        "southwark/a.dmn": add_row(TABLE, DECISION, 0, ("true", "", "", "", '"WAIT"'), "new"),
        "southwark/b.form": remove_question(FORM, "proof_ref"),
        "southwark/x/pathway.toml": set_default(MANIFEST, "x", "days_to_write", "7"),
    }
    found = compare(before, after)
    assert found.marks[DIAGRAM] == {"added": [], "removed": [], "changed": [one.id]}
    (due,) = found.of(DIAGRAM)[0].aspects
    assert (due.name, due.before, due.after) == ("Due date", one.due, "=today()")
    assert [(c.state, c.what) for c in found.of("southwark/a.dmn")] == [("added", "row")]
    assert [(c.state, c.id) for c in found.of("southwark/b.form")] == [("removed", "proof_ref")]
    (value,) = found.of("southwark/x/pathway.toml")[0].aspects
    assert (value.before, value.after) == ("2", "7")
    assert compare(before, before).changes == ()


def test_a_default_changes_in_its_own_line_and_within_its_bounds():
    """Nothing else of the file changes; a value beyond the bounds is refused."""
    changed = set_default(MANIFEST, "x", "days_to_write", "3")
    assert {one.name: one.default for one in declared(changed, "x")}["days_to_write"] == 3
    differing = [a for a, b in zip(MANIFEST.splitlines(), changed.splitlines(), strict=True) if a != b]
    assert differing == [b"default = 2"]
    with pytest.raises(Refused):
        set_default(MANIFEST, "x", "days_to_write", "61")


BOMB = b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">]><lolz>&lol;</lolz>'


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("southwark/p/pathway.bpmn", BOMB),
        ("southwark/p/pathway.bpmn", b"<a><b></a>"),
        ("southwark/p/pathway.bpmn", "<a/>".encode("utf-16")),
        ("southwark/p/pathway.bpmn", b"<a>" + b" " * 4_000_001 + b"</a>"),
        ("southwark/p/forms/x.form", b"{"),
        ("southwark/p/../../etc/pathway.toml", b""),
        ("/etc/pathway.toml", b""),
        ("camden/p/pathway.toml", b""),
        ("southwark/p/run.py", b""),
        ("southwark/p/letters/x.md", b"\x00"),
    ],
)
def test_what_is_hostile_or_foreign_is_refused_before_anything_is_kept(path, body):
    """Entities, broken or huge files, other folders and unknown kinds each get their sentence."""
    with pytest.raises(PathwayRefused) as refused:
        screen("southwark", path, body)
    assert refused.value.findings[0].mend


def test_a_folder_carried_out_comes_in_again_and_a_hostile_zip_does_not():
    """The same files come back; links, ways out, other authorities and bombs are refused file by file."""
    files = {DIAGRAM: STEPS, "southwark/x/pathway.toml": MANIFEST}
    taken, verdicts = unpacked("southwark", packed(files))
    assert taken == files
    assert all(one.taken for one in verdicts)
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        link = zipfile.ZipInfo("southwark/x/pathway.bpmn")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        for path in ("../../out.toml", "/southwark/x/pathway.toml", "camden/x/pathway.toml"):
            archive.writestr(path, b"")
        archive.writestr("southwark/x/pathway.bpmn.bpmn", b" " * 5_000_000)
    taken, verdicts = unpacked("southwark", whole.getvalue())
    assert taken == {}
    assert len(verdicts) == 5
    assert all(one.why and one.mend for one in verdicts)
    for broken in (b"no zip", packed(files)[:200]):
        with pytest.raises(PathwayRefused):
            unpacked("southwark", broken)

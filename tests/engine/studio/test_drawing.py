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


ANYTHING = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI">
  <message id="m" name="Moved"><extensionElements><zeebe:subscription correlationKey="=case.id"/></extensionElements>
  </message><collaboration id="c"><participant id="pool" name="Village" processRef="p"/>
  <messageFlow id="f" name="By post"/></collaboration>
  <process id="p" isExecutable="true"><subProcess id="s"><task id="t"/><dataObject id="d" name="File"/></subProcess>
  <textAnnotation id="n"><text>As agreed</text></textAnnotation></process><di:BPMNDiagram id="b" name="Picture"/>
</definitions>"""


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("=case.id", "=case.ref", "message Moved Found by: =case.id > =case.ref"),
        ('name="Village"', 'name="Town"', "frame Town Name: Village > Town"),
        ('isExecutable="true"', 'isExecutable="false"', "pathway p Runs: true > false"),
        ("As agreed", "As decided", "note n Words: As agreed > As decided"),
        (
            "By post",
            "By hand",
            "file What else x says -messageFlow id='f' name='By post' +messageFlow id='f' name='By hand'",
        ),
        ("File", "Paper", "file What else x says -dataObject id='d' name='File' +dataObject id='d' name='Paper'"),
        ("Picture", "Drawing", "diagram x Layout or spacing:  > changed"),
    ],
)
def test_whoever_approves_reads_every_change_of_a_diagram_but_the_drawing(was, now, said):
    """What runs is never told as a matter of spacing; frames and messages are told and mark no step."""
    found = compare({"a/x.bpmn": ANYTHING}, {"a/x.bpmn": ANYTHING.replace(was.encode(), now.encode())})
    (one,) = found.changes
    aspects = [f"{each.name}: {each.before} > {each.after}" for each in one.aspects]
    lines = [line for line in one.lines if not line.startswith("@@")]
    assert said == " ".join([one.what, one.title, *aspects, *(" ".join(line.split()) for line in lines)])
    assert found.marks["a/x.bpmn"]["changed"] == (["n"] if one.what == "note" else [])


def test_whoever_approves_reads_what_stands_beside_the_rows_and_questions():
    """A decision without a table, the values a column may take, and what holds for a form as a whole."""
    more = TABLE.replace(
        b"</definitions>",
        b'<decision id="x"><literalExpression><text>1</text></literalExpression></decision></definitions>',
    )
    found = compare({"a/x.dmn": more}, {"a/x.dmn": more.replace(b"<text>1</text>", b"<text>2</text>")})
    (one,) = found.changes
    assert ("What else x says", "-    text  1", "+    text  2") == (one.title, one.lines[-2], one.lines[-1])
    body = FORM.replace(b'"type": "default"', b'"type": "other"')
    (one,) = compare({"a/x.form": FORM}, {"a/x.form": body}).changes
    assert ("form", "type", "default", "other") == (
        one.what,
        one.aspects[0].name,
        one.aspects[0].before,
        one.aspects[0].after,
    )


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
    shared = {"common/forms/told.form": b"{}"}
    taken, verdicts = unpacked("southwark", packed(files | shared), files | shared)
    assert (taken, [True] * 3) == (files, [one.taken for one in verdicts])
    taken, verdicts = unpacked("southwark", packed(files | {"common/forms/told.form": b"[]"}), files | shared)
    assert ["Every authority shares it, and it is not as it is here."] == [one.why for one in verdicts if not one.taken]
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

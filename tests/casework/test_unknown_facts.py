"""A fact that nothing writes is told wherever it is read: a misspelt name would stand for ever empty in silence."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.case.unknown_facts import facts_of, facts_written, strange_to_scenarios, unknown_facts
from engine.publication import check_folder

PROCESSES = Path(__file__).resolve().parents[2] / "processes"
HEAD = '+++\ntitle = "A letter"\nsender = "cpsm"\nrecipients = ["parent_recipients"]\nlabel = "product"\n+++\n\n'
DIAGRAM = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"><process id="p" isExecutable="true">
  <serviceTask id="keep" name="Keep it"><extensionElements><zeebe:taskDefinition type="{job}"/><zeebe:ioMapping>
  <zeebe:input source="=today()" target="visited_first_on"/></zeebe:ioMapping></extensionElements></serviceTask>
  <userTask id="see" name="See the child"><extensionElements>
  <zeebe:taskSchedule dueDate="=weeks after(case.dob_, 2)"/></extensionElements></userTask>
  <exclusiveGateway id="seen" name="Seen?"/><sequenceFlow id="yes" name="Yes" sourceRef="seen" targetRef="keep">
  <conditionExpression>=some each in case.core_grup satisfies each = "x"</conditionExpression></sequenceFlow>
  </process></definitions>"""
TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"><decision id="may_end"><decisionTable>
  <input id="i"><inputExpression id="e"><text>case.plaecment</text></inputExpression></input><rule id="r">
  <inputEntry id="c"><text>not(case.legal_staus)</text></inputEntry>
  <annotationEntry><text>case.of_words</text></annotationEntry></rule></decisionTable></decision></definitions>"""
FORM = """{"id": "f", "components": [{"key": "name", "type": "textfield", "label": "Of {{ case.nam }}",
  "properties": {"value": "=case.nmae"}, "conditional": {"hide": "=not(case.unbron)"}},
  {"key": "why", "label": "case.why"}]}"""


@pytest.mark.parametrize(
    ("path", "text", "reads"),
    [
        ("a/p.bpmn", DIAGRAM, {("dob_", "see"), ("core_grup", "yes")}),
        ("a/t.dmn", TABLE, {("plaecment", "may_end"), ("legal_staus", "may_end")}),
        ("a/f.form", FORM, {("nam", "name"), ("nmae", "name"), ("unbron", "name")}),
        ("a/l.md", HEAD + "{? case.unborn = flase} Dear {= case.nam}", {("unborn", "line 8"), ("nam", "line 8")}),
        ("a/scenarios/s.toml", "case.nam", set()),
        ("a/p.bpmn", "<definitions", set()),
        ("a/f.form", "{", set()),
        ("a/l.md", "{= case.nam}", set()),
    ],
)
def test_every_fact_that_a_file_reads_is_found_at_its_place(path, text, reads):
    """In every kind of file and every expression of it; words that only look like one are none."""
    assert reads == {(one.fact, one.place) for one in facts_of(path, text.encode())}


def test_a_fact_is_known_that_the_catalogue_has_a_step_records_or_a_case_is_opened_with():
    """Anything else is told with its place, its mend and the name that was probably meant."""
    letter = (HEAD + "{= case.name} {= case.nam} {= case.visited_first_on} {= case.age} {= case.lead_worker}").encode()
    files = {"a/l.md": letter}
    recorded = {"a/q/p.bpmn": DIAGRAM.format(job="record_facts").encode()}
    opened = {"a/q/scenarios/s.toml": b'[given.case]\nlead_worker = "SW-7"\n'}

    def told(folder):
        return {finding.message.partition(",")[0] for finding in unknown_facts(files, folder)}

    assert {f"It reads case.{each}" for each in ("nam", "visited_first_on", "lead_worker")} == told({})
    assert {"It reads case.nam", "It reads case.lead_worker"} == told(recorded)
    assert {"It reads case.nam"} == told(recorded | opened)
    assert {"It reads case.nam", "It reads case.visited_first_on"} == told(
        {"a/q/p.bpmn": DIAGRAM.format(job="letter").encode()} | opened
    )
    (finding,) = unknown_facts(files, recorded | opened)
    assert ("advice", "a/l.md", "line 8") == (finding.severity, finding.file, finding.place)
    assert finding.mend.startswith("Is case.name meant?")
    assert "plan_end_reason" in facts_written({}) and "looked_after" in facts_written({})


def test_a_fact_that_a_scenario_gives_and_nothing_knows_is_told():
    """Its case would be another than the one that is told of; what something reads, records or always says is known."""
    given = (
        b'[given.case]\nname = "Sam"\nleft_uk = true\nlead_worker = "SW-7"\nvisited_first_on = "x"\nleftt_uk = true\n'
    )
    folder = {
        "a/q/p.bpmn": DIAGRAM.format(job="record_facts").encode(),
        "a/l.md": (HEAD + "{= case.lead_worker}").encode(),
        "a/q/scenarios/s.toml": given,
    }

    (finding,) = strange_to_scenarios(folder)

    assert ("advice", "a/q/scenarios/s.toml") == (finding.severity, finding.file)
    assert "leftt_uk" in finding.message and "left_uk" in finding.mend


def test_a_list_that_reads_as_empty_where_nobody_recorded_it_is_asked_about_first():
    """A step for each parent would be passed by in silence where none was recorded; a question before it is enough."""

    def told(collection, condition="case.unborn"):
        marker = (
            "<multiInstanceLoopCharacteristics><extensionElements>"
            f'<zeebe:loopCharacteristics inputCollection="{collection}"/>'
            "</extensionElements></multiInstanceLoopCharacteristics>"
        )
        drawn = DIAGRAM.format(job="mail").replace("</userTask>", f"{marker}</userTask>")
        drawn = drawn.replace('some each in case.core_grup satisfies each = "x"', condition)
        found = unknown_facts({"a/p.bpmn": drawn.replace("case.dob_", "case.dob").encode()}, {})
        return [(one.place, one.mend) for one in found]

    ((place, mend),) = told("=case.parents")
    assert "see" == place and "count(case.parents) = 0" in mend
    assert 1 == len(told("= case.core_group[item != null]"))
    assert [] == told("=case.parents", "count(case.parents) = 0")
    assert [] == told("=if count(case.parents) = 0 then null else case.parents")
    assert [] == told("=consulted.agencies")


def test_a_misspelt_fact_is_told_when_a_folder_is_checked(tmp_path: Path):
    """One folder is checked against the whole authority's: what a neighbour records is known, another's is not."""
    for each in ("camden", "common"):
        shutil.copytree(PROCESSES / each, tmp_path / each, ignore=shutil.ignore_patterns("scenarios"))
    diagram = tmp_path / "camden/camden_visits/pathway.bpmn"
    assert "case.visits_reduced_in" in diagram.read_text("utf-8")
    assert [] == [one for one in check_folder(diagram)[1] if "case." in one.message]

    diagram.write_text(diagram.read_text("utf-8").replace("case.last_cp_visit_date", "case.last_cp_vist_date"), "utf-8")
    told = {one for one in check_folder(diagram)[1] if one.severity == "advice"}
    assert told
    assert all(
        "case.last_cp_vist_date" in one.message and "Is case.last_cp_visit_date meant?" in one.mend for one in told
    )

    southwarks = diagram.read_text("utf-8").replace("case.last_cp_vist_date", "case.contingency_who")
    diagram.write_text(southwarks, "utf-8")
    assert any("case.contingency_who" in one.message for one in check_folder(diagram)[1])

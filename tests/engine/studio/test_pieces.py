"""What comes into a draft from outside and what is begun in it: judged, small, sound, and named in one place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.errors import PathwayRefused, Refused
from engine.studio.arriving import PLACED, arrival
from engine.studio.new_pieces import new_pathway
from engine.studio.referring import references, renamed
from engine.studio.screening import screen
from engine.studio.workspace import Workspace
from tests.engine.execution.diagrams import arrows, diagram, end, extension, process, start, tag, user

PROCESSES = Path(__file__).resolve().parents[3] / "processes"
STEPS = "southwark/shared/southwark_executive_steps"
SETTINGS = b"""name = "Village"
nation = "england"
life_event_pathway = "leave_area"
[policy]
title = "A policy"
version = "1"
[roles]
social_worker = "Social worker"
head_of_quality_assurance = "Head of Quality Assurance"
"""


@pytest.fixture(scope="module")
def southwark() -> Workspace:
    """Southwark's folder as it is shipped."""
    places = (place for part in ("southwark", "common") for place in (PROCESSES / part).rglob("*"))
    return Workspace.of(
        "southwark", {p.relative_to(PROCESSES).as_posix(): p.read_bytes() for p in places if p.is_file()}, {}
    )


@pytest.fixture
def village() -> Workspace:
    """A folder with one pathway, as the studio begins it."""
    plain = Workspace.of("village", {"village/authority.toml": SETTINGS}, {})
    return Workspace.of("village", {**plain.files, **new_pathway(plain, "leave_area", "Leave", "social_worker")}, {})


def test_every_shipped_diagram_runs_when_it_arrives_in_place_of_itself(southwark: Workspace) -> None:
    """The verdict is the engine's own: what is published is not refused on its way in."""
    for pathway in southwark.pathways:
        path = f"{southwark.home(pathway)}/pathway.bpmn"
        found = arrival(southwark, southwark.files[path], into=pathway)
        assert found.runs and found.verdicts, pathway
        assert {path: southwark.files[path]} == found.files


def test_a_diagram_of_another_pathway_is_refused_at_each_call_that_leads_nowhere(village, southwark) -> None:
    """Also what is missing outside the file is told at the element that asks for it."""
    found = arrival(village, southwark.files[f"{STEPS}/pathway.bpmn"])
    refused = {one.id: " ".join(finding.message for finding in one.refused) for one in found.refused}
    assert "There is no form write_to_agencies" in refused["write_to_agencies"]
    assert any("no executable process southwark_objection_window" in said for said in refused.values())
    assert not found.runs


def test_a_file_in_another_encoding_is_kept_in_utf_8(village: Workspace) -> None:
    """What it says stays what it says."""
    text = diagram(process("elsewhere", start(), user("ask"), end(), arrows("s > ask > e")))
    text = text.replace('id="ask"', 'id="ask" name="Begrüßen"')
    body = ('<?xml version="1.0" encoding="ISO-8859-1"?>' + (text.partition("?>")[2] or text)).encode("iso-8859-1")
    found = arrival(village, body)
    (kept,) = (content for path, content in found.files.items() if path.endswith(".bpmn"))
    assert "Begrüßen" in kept.decode("utf-8")
    screen("village", found.path, kept)


def test_a_form_that_stands_in_the_diagram_becomes_a_file_of_its_own(village: Workspace) -> None:
    """Camunda's editor embeds forms; what the task asks stays what it asks, and it runs."""
    schema = '{"components": [{"type": "textfield", "key": "why", "label": "Why?"}], "type": "default", "id": "Form_1"}'
    extended = "<extensionElements>{}</extensionElements>".format
    asked = extended('<zeebe:formDefinition formKey="camunda-forms:bpmn:theirs"/>')
    body = (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"><process id="elsewhere" isExecutable="true">'
        + extended(f'<zeebe:userTaskForm id="theirs">{schema}</zeebe:userTaskForm>')
        + f'<startEvent id="s"/><userTask id="ask">{asked}</userTask><endEvent id="e"/>'
        '<sequenceFlow id="a" sourceRef="s" targetRef="ask"/><sequenceFlow id="b" sourceRef="ask" targetRef="e"/>'
        "</process></definitions>"
    ).encode()
    found = arrival(village, body)
    assert found.runs, found.refused
    assert b'"key": "why"' in found.files["village/elsewhere/forms/form_1.form"]
    assert b'formId="form_1"' in found.files[found.path] and b"userTaskForm" not in found.files[found.path]


def test_a_file_larger_than_a_draft_keeps_is_refused_before_it_is_read(village: Workspace) -> None:
    """The page names one limit, and the refusal names the same."""
    with pytest.raises(PathwayRefused, match="has 4,000,001 bytes, and one may have 4,000,000"):
        arrival(village, b"x" * 4_000_001)


def test_only_what_does_not_run_is_refused_and_not_the_arrows_around_it(village: Workspace) -> None:
    """Who reads a verdict is sent to the element that is to be drawn otherwise, once."""
    drawn = diagram(
        process(
            "elsewhere", start(), tag("bpmn:adHocSubProcess", user("ask"), id="as_needed"), user("after"), end(),
            arrows("s > as_needed > after > e"),
        )
    )  # fmt: skip
    found = arrival(village, drawn.encode())
    assert [("as_needed", "ad-hoc group of steps")] == [(one.id, one.kind) for one in found.refused]


def test_steps_without_a_picture_are_given_one_as_they_arrive(village: Workspace) -> None:
    """Programs write diagrams without shapes; what runs here can be seen and drawn on."""
    body = diagram(process("elsewhere", start(), user("ask"), end(), arrows("s > ask > e"))).encode()
    assert b"BPMNShape" not in body
    found = arrival(village, body)
    shown = set(re.findall(rb'<bpmndi:BPMNShape[^>]*bpmnElement="([^"]+)"', found.files[found.path]))
    assert {b"s", b"ask", b"e"} == shown
    many = [f"t{number}" for number in range(PLACED)]
    steps = "".join(tag("bpmn:task", id=one) for one in many)
    large = arrival(
        village, diagram(process("large", start(), steps, end(), arrows(" > ".join(("s", *many, "e"))))).encode()
    )
    assert [f"{PLACED + 2} of its steps have no shape to be seen."] == [one.message for one in large.whole]
    assert large.runs and b"BPMNShape" not in large.files[large.path]


def test_a_job_at_an_element_that_has_none_is_told_to_be_a_service_task(village: Workspace) -> None:
    """Camunda lets a worker carry out scripts and tables; the mend is another element, not an empty one."""
    job = extension('<zeebe:taskDefinition type="script"/>')
    body = diagram(process("elsewhere", start(), tag("bpmn:scriptTask", job, id="run"), end(), arrows("s > run > e")))
    (verdict,) = arrival(village, body.encode()).refused
    assert "Draw a service task for it." in {finding.mend for finding in verdict.refused}


def test_a_form_that_is_drawn_and_not_chosen_is_told_of(village: Workspace) -> None:
    """A task that looks as if it asked something and asks nothing is no sound pathway of ours."""
    path = "village/leave_area/pathway.bpmn"
    assert [] == village.check("leave_area")
    empty = village.files[path].replace(
        b'<zeebe:formDefinition formId="begin_leave_area" />', b"<zeebe:formDefinition />"
    )
    found = Workspace.of("village", {**village.files, path: empty}, {}).check("leave_area")
    assert [("refusal", "begin_leave_area", "Its form is not chosen.")] == [
        (f.severity, f.place, f.message) for f in found
    ]


def test_what_names_a_pathway_is_found_in_diagrams_settings_and_scenarios(southwark: Workspace) -> None:
    """Nobody takes a called pathway away without being told who calls it."""
    naming = {one.file for one in references(southwark, f"{STEPS}/pathway.bpmn")}
    assert "southwark/southwark_executive_decision/pathway.bpmn" in naming
    life = {one.file for one in references(southwark, "southwark/shared/southwark_life_event/pathway.bpmn")}
    assert "southwark/authority.toml" in life


def test_a_renamed_piece_takes_its_name_along_and_nothing_else(southwark: Workspace) -> None:
    """Only the lines that name it change, and going back gives the same bytes."""
    path = f"{STEPS}/forms/write_to_agencies.form"
    there = renamed(southwark, path, "tell_agencies")
    after = Workspace.of("southwark", southwark.files, there)
    assert all(path == one or one.endswith(("tell_agencies.form", ".bpmn")) for one in there)
    back = Workspace.of("southwark", after.files, renamed(after, path.replace("write_to", "tell"), "write_to_agencies"))
    assert southwark.files == back.files
    for wrong in ("Tell Agencies", "request_executive_decision"):
        with pytest.raises(Refused):
            renamed(southwark, path, wrong)


def test_a_diagram_beyond_what_anybody_could_read_is_no_draft() -> None:
    """The limits of an upload are those of every way into a draft."""
    with pytest.raises(PathwayRefused, match="too large"):
        screen(
            "village", "village/p/pathway.bpmn", diagram(process("p", *(user(f"t{i}") for i in range(2_001)))).encode()
        )

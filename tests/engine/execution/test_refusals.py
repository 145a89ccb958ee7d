"""Every diagram that would not execute as drawn is refused, in words that say where, what and the mend."""

from __future__ import annotations

import pytest

from engine.errors import PathwayRefused
from engine.execution import check, prepare
from engine.execution.reader import MOST_BYTES, Findings, read_xml
from tests.engine.execution.diagrams import HEAD, Release, arrows, diagram, end, process, release, start, tag, user
from tests.engine.execution.refusals import CASES


@pytest.mark.parametrize(("made", "words"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_refusal_says_where_what_and_the_mend(made: object, words: list[str]) -> None:
    """The file, the element's name and id, what would not execute as drawn, and what to draw instead."""
    found: Release = made()  # type: ignore[operator]

    assert [str(finding) for finding in check(found) if finding.severity == "refusal"] == words
    with pytest.raises(PathwayRefused) as refused:
        prepare(found)
    assert [str(finding) for finding in refused.value.findings] == words


def test_a_huge_file_is_refused_before_it_is_read() -> None:
    """Fifty megabytes cost nothing but the look at their number."""
    findings = Findings("huge.bpmn")

    assert read_xml(b"<" * 50_000_000, findings) is None
    assert str(findings.found[0]) == (
        "huge.bpmn: The file has 50,000,000 bytes, and a diagram may have "
        f"{MOST_BYTES:,}. Remove embedded pictures, or split the diagram into called processes."
    )


def test_a_file_of_too_many_parts_is_refused() -> None:
    """Sixty thousand XML elements are more than anybody draws."""
    findings = Findings("many.bpmn")
    content = HEAD + "<bpmn:documentation/>" * 60_001 + "</bpmn:definitions>"

    assert read_xml(content.encode(), findings) is None
    assert "The diagram is too large" in str(findings.found[0])


def test_names_stand_beside_ids_in_a_refusal() -> None:
    """People know an element by its name, and find it by its id."""
    found = check(release(diagram(process("p", start(), user("a", "<zeebe:magic/>", name="Say why"), end()))))

    assert str(found[0]) == "area/p/d0.bpmn: Say why (a): The extension zeebe:magic does not run here. Remove it."


@pytest.mark.parametrize(
    "drawn",
    [
        "<bpmn:textAnnotation id='n'><bpmn:text>A note</bpmn:text></bpmn:textAnnotation>",
        "<bpmn:dataObjectReference id='d' dataObjectRef='o'/><bpmn:dataObject id='o'/>",
        "<bpmn:dataStoreReference id='d'/>",
        "<bpmn:group id='g' categoryValueRef='c'/>",
        "<bpmn:association id='as' sourceRef='a' targetRef='n'/>",
        "<bpmn:documentation>Words</bpmn:documentation>",
    ],
)
def test_what_is_only_drawn_is_left_alone(drawn: str) -> None:
    """Notes, data and groups are for the reader and execute nothing."""
    found = release(diagram(process("p", start(), user("a"), end(), arrows("s > a > e"), drawn)))

    assert [each for each in check(found) if each.severity == "refusal"] == []
    prepare(found)


def test_pools_colours_and_shapes_are_left_alone() -> None:
    """A collaboration, its message flows, shapes and colours are drawing; so are data associations on a task."""
    shapes = (
        '<bpmn:collaboration id="c"><bpmn:participant id="us" processRef="p"/><bpmn:participant id="them"/>'
        '<bpmn:messageFlow id="mf" sourceRef="a" targetRef="them"/></bpmn:collaboration>'
    )
    picture = (
        '<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" id="D">'
        '<bpmndi:BPMNPlane id="P" bpmnElement="nowhere"><bpmndi:BPMNShape id="S" bpmnElement="a" '
        'xmlns:bioc="http://bpmn.io/schema/bpmn/biocolor/1.0" bioc:stroke="#000"/></bpmndi:BPMNPlane>'
        "</bpmndi:BPMNDiagram>"
    )
    store = (
        '<bpmn:property id="pr" name="__targetRef_placeholder"/><bpmn:dataInputAssociation id="da">'
        "<bpmn:sourceRef>d</bpmn:sourceRef><bpmn:targetRef>pr</bpmn:targetRef></bpmn:dataInputAssociation>"
    )
    task = tag("bpmn:userTask", store, id="a")
    data = '<bpmn:dataStoreReference id="d" dataStoreRef="ds"/>'
    found = release(
        diagram(
            shapes,
            process("p", start(), task, end(), arrows("s > a > e"), data),
            '<bpmn:dataStore id="ds" name="Store"/>',
            picture,
        )
    )

    assert [str(each) for each in check(found) if each.severity == "refusal"] == []
    prepare(found)


def test_the_settings_of_an_own_folder_are_held_to_every_convention() -> None:
    """Advice for a guest's diagram is a rule for our own."""
    guest = release(diagram(process("p", start(), user("Activity_1x"), end(), arrows("s > Activity_1x > e"))))
    severities = {finding.severity for finding in check(guest)}

    assert severities == {"advice"}
    assert {finding.severity for finding in check(guest, conventions=True)} == {"refusal"}
    prepare(guest)

"""Every diagram that would not execute as drawn is refused, in words that say where, what and the mend."""

from __future__ import annotations

import pytest

from engine.errors import PathwayRefused
from engine.execution import check, prepare
from engine.execution.allowed import UNSUPPORTED, UNSUPPORTED_ATTRIBUTES, UNSUPPORTED_ZEEBE
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


def test_a_file_nested_too_deep_for_any_reader_is_refused_for_its_depth() -> None:
    """Well-formed as it is, saving it again would change nothing."""
    findings = Findings("deep.bpmn")
    content = HEAD + "<bpmn:subProcess>" * 3_000 + "</bpmn:subProcess>" * 3_000 + "</bpmn:definitions>"

    assert read_xml(content.encode(), findings) is None
    assert "a depth of 50. Split it into called processes." in str(findings.found[0])


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


def _hosted(name: str) -> str:
    """A diagram that holds this element where people would draw it."""
    thing = tag(f"bpmn:{name}", id="thing")
    if name == "import":
        return diagram(thing, process("p", start(), user("a"), end(), arrows("s > a > e")))
    if name.endswith("EventDefinition"):
        content = start("s", thing) if name.startswith("terminate") else start()
        return diagram(
            process("p", content, user("a"), end("e", "" if content != start() else thing), arrows("s > a > e"))
        )
    if name.startswith("loop") or name.endswith("DataItem"):
        marker = tag("bpmn:multiInstanceLoopCharacteristics", thing)
        return diagram(process("p", start(), user("a", marker=marker), end(), arrows("s > a > e")))
    if name == "standardLoopCharacteristics":
        return diagram(process("p", start(), user("a", marker=thing), end(), arrows("s > a > e")))
    if name == "script":
        return diagram(process("p", start(), tag("bpmn:scriptTask", thing, id="a"), end(), arrows("s > a > e")))
    return diagram(process("p", start(), user("a"), end(), arrows("s > a > e"), thing))


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_what_does_not_run_here_says_what_to_draw_instead(name: str) -> None:
    """Every element that people draw elsewhere has its own words and its own mend."""
    message, mend = UNSUPPORTED[name]

    assert (message, mend) in {(each.message, each.mend) for each in check(release(_hosted(name)))}


@pytest.mark.parametrize("name", UNSUPPORTED_ZEEBE)
def test_an_extension_that_does_not_run_here_says_what_to_do_instead(name: str) -> None:
    """So has every extension of Camunda 8 that is not run."""
    content = f"<bpmn:extensionElements><zeebe:{name}/></bpmn:extensionElements>"
    drawn = diagram(process("p", start(), user("a"), end(), arrows("s > a > e"), tag("bpmn:task", content, id="thing")))
    host = start(ext=f"<zeebe:{name}/>")
    elsewhere = diagram(process("p", host, user("a"), end(), arrows("s > a > e")))

    for each in (drawn, elsewhere):
        assert UNSUPPORTED_ZEEBE[name] in {(found.message, found.mend) for found in check(release(each))}


@pytest.mark.parametrize(("owner", "attribute"), UNSUPPORTED_ATTRIBUTES)
def test_a_setting_that_does_not_run_here_says_what_to_do_instead(owner: str, attribute: str) -> None:
    """So has every setting."""
    hosts = {
        "formDefinition": "userTask",
        "calledDecision": "businessRuleTask",
        "calledElement": "callActivity",
        "assignmentDefinition": "userTask",
        "taskSchedule": "userTask",
        "callActivity": "callActivity",
        "scriptTask": "scriptTask",
        "task": "userTask",
    }
    extension = f'<bpmn:extensionElements><zeebe:{owner} {attribute}="x"/></bpmn:extensionElements>'
    own = hosts[owner] == owner or owner == "task"
    task = tag(f"bpmn:{hosts[owner]}", "" if own else extension, id="a", **({attribute: "x"} if own else {}))
    found = check(release(diagram(process("p", start(), task, end(), arrows("s > a > e")))))

    assert UNSUPPORTED_ATTRIBUTES[owner, attribute] in {(each.message, each.mend) for each in found}

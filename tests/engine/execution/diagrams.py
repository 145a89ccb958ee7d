"""Builders: a diagram in a few lines, as an editor would save it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from xml.sax.saxutils import quoteattr

from engine.pathways import Release, release_from_files

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="definitions" targetNamespace="t">'
)
DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def tag(name: str, content: str = "", /, **attributes: object) -> str:
    """One element; an attribute that is None is left out."""
    written = "".join(f" {key}={quoteattr(str(value))}" for key, value in attributes.items() if value is not None)
    return f"<{name}{written}>{content}</{name}>"


def extension(*parts: str) -> str:
    content = "".join(parts)
    return tag("bpmn:extensionElements", content) if content else ""


def mapping(inputs: Mapping[str, str] | None = None, outputs: Mapping[str, str] | None = None) -> str:
    """An ioMapping: target to source."""
    lines = [tag("zeebe:input", source=source, target=target) for target, source in (inputs or {}).items()]
    lines += [tag("zeebe:output", source=source, target=target) for target, source in (outputs or {}).items()]
    return tag("zeebe:ioMapping", "".join(lines)) if lines else ""


def properties(**given: str) -> str:
    lines = [tag("zeebe:property", name=f"casework:{name}", value=value) for name, value in given.items()]
    return tag("zeebe:properties", "".join(lines)) if lines else ""


def many(
    collection: str = "=items",
    item: str | None = "item",
    output: str | None = None,
    output_item: str | None = None,
    until: str | None = None,
    sequential: bool = False,
) -> str:
    """A multi-instance marker."""
    loop = tag(
        "zeebe:loopCharacteristics",
        inputCollection=collection,
        inputElement=item,
        outputCollection=output,
        outputElement=output_item,
    )
    condition = tag("bpmn:completionCondition", until) if until else ""
    return tag(
        "bpmn:multiInstanceLoopCharacteristics",
        extension(loop) + condition,
        isSequential=str(sequential).lower(),
    )


def start(id: str = "s", trigger: str = "", ext: str = "", interrupting: bool | None = None) -> str:
    flag = None if interrupting is None else str(interrupting).lower()
    return tag("bpmn:startEvent", extension(ext) + trigger, id=id, isInterrupting=flag)


def end(id: str = "e", trigger: str = "", ext: str = "", name: str | None = None) -> str:
    return tag("bpmn:endEvent", extension(ext) + trigger, id=id, name=name)


def user(id: str, *ext: str, marker: str = "", name: str | None = None) -> str:
    return tag("bpmn:userTask", extension("<zeebe:userTask/>", *ext) + marker, id=id, name=name)


def job(
    id: str, type: str = "mail", *ext: str, marker: str = "", kind: str = "serviceTask", retries: str | None = None
) -> str:
    return tag(f"bpmn:{kind}", extension(tag("zeebe:taskDefinition", type=type, retries=retries), *ext) + marker, id=id)


def rule(id: str, decision: str, result: str, *ext: str) -> str:
    called = tag("zeebe:calledDecision", decisionId=decision, resultVariable=result)
    return tag("bpmn:businessRuleTask", extension(called, *ext), id=id)


def script(id: str, expression: str, result: str, *ext: str, marker: str = "") -> str:
    called = tag("zeebe:script", expression=expression, resultVariable=result)
    return tag("bpmn:scriptTask", extension(called, *ext) + marker, id=id)


def call(id: str, process: str, *ext: str, all_in: bool = False, all_out: bool = False, marker: str = "") -> str:
    called = tag(
        "zeebe:calledElement",
        processId=process,
        propagateAllParentVariables=str(all_in).lower(),
        propagateAllChildVariables=str(all_out).lower(),
    )
    return tag("bpmn:callActivity", extension(called, *ext) + marker, id=id)


def sub(id: str, *content: str, ext: str = "", marker: str = "", event: bool = False) -> str:
    flag = "true" if event else None
    return tag("bpmn:subProcess", extension(ext) + "".join(content) + marker, id=id, triggeredByEvent=flag)


def xor(id: str, default: str | None = None) -> str:
    return tag("bpmn:exclusiveGateway", id=id, default=default and f"{id}_{default}")


def inclusive(id: str, default: str | None = None) -> str:
    return tag("bpmn:inclusiveGateway", id=id, default=default and f"{id}_{default}")


def parallel(id: str) -> str:
    return tag("bpmn:parallelGateway", id=id)


def event_gateway(id: str) -> str:
    return tag("bpmn:eventBasedGateway", id=id)


def catch(id: str, trigger: str, ext: str = "") -> str:
    return tag("bpmn:intermediateCatchEvent", extension(ext) + trigger, id=id)


def throw(id: str, trigger: str = "", ext: str = "") -> str:
    return tag("bpmn:intermediateThrowEvent", extension(ext) + trigger, id=id)


def boundary(id: str, on: str, trigger: str, interrupting: bool = True, ext: str = "") -> str:
    return tag(
        "bpmn:boundaryEvent",
        extension(ext) + trigger,
        id=id,
        attachedToRef=on,
        cancelActivity=str(interrupting).lower(),
    )


def receive(id: str, message: str) -> str:
    return tag("bpmn:receiveTask", id=id, messageRef=message)


def timer(text: str, kind: str = "Duration") -> str:
    return tag("bpmn:timerEventDefinition", tag(f"bpmn:time{kind}", text))


def of(kind: str, ref: str | None = None) -> str:
    """A message, signal, error, escalation or terminate event definition."""
    return tag(f"bpmn:{kind}EventDefinition", **({f"{kind}Ref": ref} if ref else {}))


def link(name: str) -> str:
    return tag("bpmn:linkEventDefinition", name=name)


def message(id: str, key: str | None = "=ref", name: str | None = None) -> str:
    subscription = extension(tag("zeebe:subscription", correlationKey=key)) if key else ""
    return tag("bpmn:message", subscription, id=id, name=name or id)


def signal(id: str) -> str:
    return tag("bpmn:signal", id=id, name=id)


def error(id: str, code: str | None = None) -> str:
    return tag("bpmn:error", id=id, name=f"error {id}", errorCode=code or id)


def escalation(id: str, code: str | None = None) -> str:
    return tag("bpmn:escalation", id=id, name=f"escalation {id}", escalationCode=code or id)


def arrows(*chains: str, when: Mapping[str, str] | None = None) -> str:
    """Arrows along chains such as 's > a > e'; `when` gives an arrow 'a_b' its condition."""
    found = []
    for chain in chains:
        places = chain.split(" > ")
        for source, target in pairwise(places):
            name = f"{source}_{target}"
            condition = tag("bpmn:conditionExpression", (when or {})[name]) if name in (when or {}) else ""
            found.append(tag("bpmn:sequenceFlow", condition, id=name, sourceRef=source, targetRef=target))
    return "".join(found)


def process(id: str, *content: str, executable: bool = True, ext: str = "") -> str:
    return tag("bpmn:process", extension(ext) + "".join(content), id=id, isExecutable=str(executable).lower())


def diagram(*content: str) -> str:
    return HEAD + "".join(content) + "</bpmn:definitions>"


def lanes(**held: str) -> str:
    """A lane for each keyword, holding the named elements."""
    rows = [
        tag(
            "bpmn:lane", "".join(tag("bpmn:flowNodeRef", each) for each in elements.split()), id=lane, name=lane.title()
        )
        for lane, elements in held.items()
    ]
    return tag("bpmn:laneSet", "".join(rows), id="lanes")


def table(
    id: str, inputs: list[str], outputs: list[str], rows: list[tuple[list[str], list[str]]], policy: str = "FIRST"
) -> str:
    """A decision file with one table."""
    cells = "".join(
        tag(
            "rule",
            "".join(tag("inputEntry", tag("text", _escaped(each))) for each in tests)
            + "".join(tag("outputEntry", tag("text", _escaped(each))) for each in values),
        )
        for tests, values in rows
    )
    columns = "".join(tag("input", tag("inputExpression", tag("text", _escaped(each)))) for each in inputs)
    columns += "".join(tag("output", name=each) for each in outputs)
    decision = tag(
        "decision", tag("variable", name=id) + tag("decisionTable", columns + cells, hitPolicy=policy), id=id, name=id
    )
    return f'<definitions xmlns="{DMN}" id="d_{id}" name="{id}" namespace="n_{id}">{decision}</definitions>'


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def form(id: str, *keys: str) -> str:
    import json

    fields = [{"type": "textfield", "key": key, "label": key} for key in keys]
    return json.dumps({"id": id, "type": "default", "schemaVersion": 16, "components": fields})


def release(
    *documents: str,
    main: str = "p",
    by_task: bool = False,
    tables: Mapping[str, str] | None = None,
    forms: Mapping[str, str] | None = None,
    jobs: str = "",
) -> Release:
    """A release in memory; 'merged' as a bare folder is, unless `by_task`."""
    files = {f"area/{main}/d{number}.bpmn": text.encode() for number, text in enumerate(documents)}
    for name, text in (tables or {}).items():
        files[f"area/{main}/decisions/{name}.dmn"] = text.encode()
    for name, text in (forms or {}).items():
        files[f"area/{main}/forms/{name}.form"] = text.encode()
    if by_task or jobs:
        answers = "by task" if by_task else "merged"
        manifest = f'title = "Test"\npurpose = "Test"\nversion = "1"\nanswers = "{answers}"\n'
        if jobs:
            manifest += f"[jobs]\ntypes = [{', '.join(repr(each) for each in jobs.split())}]\n".replace("'", '"')
        files[f"area/{main}/pathway.toml"] = manifest.encode()
    return release_from_files(files, authority="area", pathway=main)


def plain(*content: str, flows: str = "", **more: str) -> str:
    """A process 'p' from s over a to e, with more in it: what a refusal needs around the one thing that is wrong."""
    return diagram(process("p", start(), user("a"), end(), arrows("s > a > e"), *content), *more.values())


def beside(text: str | bytes) -> Release:
    """A release whose second file is this one, so that its main process can be found."""
    files = {
        "area/p/main.bpmn": plain().encode(),
        "area/p/other.bpmn": text if isinstance(text, bytes) else text.encode(),
    }
    return release_from_files(files, authority="area", pathway="p")

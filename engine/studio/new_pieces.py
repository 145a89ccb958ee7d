"""The smallest pieces that pass the checks: what a new form, letter, table, scenario or pathway begins as."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from engine.errors import EngineError, Refused
from engine.layout import tidy
from engine.pathways import BY_TASK
from engine.scenarios import Scenario
from engine.studio.canonical import HEAD, written_json
from engine.studio.scenario_text import written
from engine.studio.workspace import Workspace

#: What files and pathways are called: the id is the file's name, and the name in tests.
NAMED = re.compile(r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$")
LONGEST = 64
#: What can be begun in a pathway, and what people call it.
PIECES: Mapping[str, str] = {"form": "form", "letter": "letter", "table": "table", "scenario": "scenario"}
PLACES: Mapping[str, tuple[str, str]] = {
    "form": ("forms", ".form"),
    "letter": ("letters", ".md"),
    "table": ("decisions", ".dmn"),
    "scenario": ("scenarios", ".toml"),
}
_BPMN = (
    'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" '
    'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
)
_PRODUCT = (
    '<bpmn:extensionElements><zeebe:userTask /><zeebe:formDefinition formId="{form}" />'
    '<zeebe:taskSchedule dueDate="=working days after(today(), 5)" />'
    '<zeebe:properties><zeebe:property name="casework:label" value="product" /></zeebe:properties>'
    "</bpmn:extensionElements>"
)


def named(name: str, what: str) -> str:
    """A name that a file and a step may carry. Raises Refused."""
    name = name.strip()
    if not NAMED.match(name) or len(name) > LONGEST:
        raise Refused(f"Give the {what} an id of lower-case words joined by _, such as tell_the_school.")
    return name


def place_of(workspace: Workspace, pathway: str, kind: str, name: str) -> str:
    """Where a new piece of a pathway stands. Raises Refused where something stands there already."""
    folder, suffix = PLACES[kind]
    path = f"{workspace.home(pathway)}/{folder}/{named(name, PIECES[kind])}{suffix}"
    if path in workspace.files:
        raise Refused(f"There is a {PIECES[kind]} {name} already. Give the new one another id.")
    return path


def new_piece(workspace: Workspace, pathway: str, kind: str, name: str, title: str) -> tuple[str, bytes]:
    """Path and content of a new form, letter, table or scenario of a pathway. Raises Refused."""
    path = place_of(workspace, pathway, kind, name)
    title = " ".join(title.split())
    if not 3 <= len(title) <= 120:
        raise Refused(f"Say in 3 to 120 characters what the {PIECES[kind]} is about.")
    if kind == "form":
        return path, form(name, title)
    if kind == "letter":
        return path, letter(title, _first_role(workspace))
    if kind == "table":
        return path, table(name, title)
    return path, _scenario(workspace, pathway, title)


def form(name: str, question: str) -> bytes:
    """A form that asks one question."""
    asked = {"id": "field_answer", "key": "answer", "type": "textarea", "label": question}
    asked_by = {"validate": {"required": True}, "properties": {"label": "product"}}
    return written_json({"type": "default", "id": name, "schemaVersion": 18, "components": [{**asked, **asked_by}]})


def letter(title: str, sender: str) -> bytes:
    """A letter to one list of people."""
    said = json.dumps(title, ensure_ascii=False)
    head = f'+++\ntitle = {said}\nsender = "{sender}"\nrecipients = ["recipients"]\nlabel = "product"\n+++\n'
    return f"{head}\n# {title}\n\nThis letter is about {{= case.name }}.\n".encode()


def table(name: str, question: str) -> bytes:
    """A table with one question that may be answered yes, no or not at all: all three have their row."""
    rows = (
        ("true", "YES", "the answer is yes"),
        ("false", "NO", "the answer is no"),
        ("-", "UNKNOWN", "nothing is known"),
    )
    rules = "".join(
        f'      <rule id="{name}_row{at}">\n'
        f"        <description>[product] Where {said}.</description>\n"
        f'        <inputEntry id="{name}_row{at}_in">\n          <text>{when}</text>\n        </inputEntry>\n'
        f'        <outputEntry id="{name}_row{at}_out">\n          <text>"{gives}"</text>\n        </outputEntry>\n'
        "      </rule>\n"
        for at, (when, gives, said) in enumerate(rows, 1)
    )
    return (
        f'{HEAD}<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="{name}_definitions" '
        f'name={quoteattr(question)} namespace="https://discharge-pathways.example/{name}">\n'
        f'  <itemDefinition id="type_{name}_result" name="{name}_result">\n    <typeRef>string</typeRef>\n'
        f'    <allowedValues id="type_{name}_result_values">\n      <text>"YES", "NO", "UNKNOWN"</text>\n'
        "    </allowedValues>\n  </itemDefinition>\n"
        f'  <decision id="{name}" name="{name}">\n    <question>{escape(question)}</question>\n'
        f'    <variable id="{name}_variable" name="{name}" typeRef="{name}_result" />\n'
        f'    <decisionTable id="{name}_table" hitPolicy="FIRST">\n'
        f'      <input id="{name}_in1" label="Answer">\n'
        f'        <inputExpression id="{name}_in1_expression" typeRef="boolean">\n          <text>answer</text>\n'
        "        </inputExpression>\n      </input>\n"
        f'      <output id="{name}_out1" label="Result" name="result" typeRef="{name}_result" />\n'
        f"{rules}    </decisionTable>\n  </decision>\n</definitions>\n"
    ).encode()


def manifest(title: str, purpose: str, *, answers: str = BY_TASK) -> bytes:
    """The settings of a new pathway."""
    lines = [f"title = {_text(title)}", f"purpose = {_text(purpose)}", 'version = "0.1.0"', f'answers = "{answers}"']
    return ("\n".join(line for line in lines if line != 'purpose = ""') + "\n").encode()


def new_pathway(workspace: Workspace, name: str, title: str, role: str) -> dict[str, bytes]:
    """The files of a new pathway: one task for a person of a role, its form, and an end. Raises Refused."""
    name, title = named(name, "pathway"), " ".join(title.split())
    if name in workspace.pathways or any(path.split("/")[1:2] == [name] for path in workspace.files):
        raise Refused(f"There is a pathway {name} already. Give the new one another id.")
    if not 3 <= len(title) <= 120:
        raise Refused("Say in 3 to 120 characters what the pathway is about.")
    roles = workspace.settings.roles
    if role not in roles:
        raise Refused("Choose the role that does the first step.")
    task, home = f"begin_{name}"[:LONGEST], f"{workspace.authority}/{name}"
    return {
        f"{home}/pathway.toml": manifest(title, ""),
        f"{home}/pathway.bpmn": tidy(
            _diagram(workspace.authority, name, title, role, roles[role], task), everything=True
        ),
        f"{home}/forms/{task}.form": form(task, "What was done?"),
    }


def _diagram(authority: str, name: str, title: str, role: str, lane: str, task: str) -> bytes:
    end = f"{name.upper()}_DONE"
    return (
        f'{HEAD}<bpmn:definitions {_BPMN} id="{name}_definitions" '
        f'targetNamespace="https://discharge-pathways.example/{authority}">\n'
        f'  <bpmn:collaboration id="{name}_collaboration">\n'
        f'    <bpmn:participant id="{name}_pool" name={quoteattr(title)} processRef="{name}" />\n'
        "  </bpmn:collaboration>\n"
        f'  <bpmn:process id="{name}" name={quoteattr(title)} isExecutable="true">\n'
        '    <bpmn:extensionElements>\n      <zeebe:versionTag value="0.1.0" />\n    </bpmn:extensionElements>\n'
        f'    <bpmn:laneSet id="{name}_lanes">\n      <bpmn:lane id="{role}" name={quoteattr(lane)}>\n'
        f"        <bpmn:flowNodeRef>{name}_asked_for</bpmn:flowNodeRef>\n"
        f"        <bpmn:flowNodeRef>{task}</bpmn:flowNodeRef>\n"
        f"        <bpmn:flowNodeRef>{end}</bpmn:flowNodeRef>\n      </bpmn:lane>\n    </bpmn:laneSet>\n"
        f'    <bpmn:startEvent id="{name}_asked_for" name="Asked for">\n'
        "      <bpmn:outgoing>to_first_step</bpmn:outgoing>\n    </bpmn:startEvent>\n"
        f'    <bpmn:userTask id="{task}" name={quoteattr(title)}>\n      {_PRODUCT.format(form=task)}\n'
        "      <bpmn:incoming>to_first_step</bpmn:incoming>\n      <bpmn:outgoing>to_end</bpmn:outgoing>\n"
        "    </bpmn:userTask>\n"
        f'    <bpmn:endEvent id="{end}" name="Done">\n      <bpmn:incoming>to_end</bpmn:incoming>\n'
        "    </bpmn:endEvent>\n"
        f'    <bpmn:sequenceFlow id="to_first_step" sourceRef="{name}_asked_for" targetRef="{task}" />\n'
        f'    <bpmn:sequenceFlow id="to_end" sourceRef="{task}" targetRef="{end}" />\n'
        "  </bpmn:process>\n</bpmn:definitions>\n"
    ).encode()


def _scenario(workspace: Workspace, pathway: str, title: str) -> bytes:
    """A scenario that begins as another of the pathway does, and expects only that the plan stays as it is."""
    known = workspace.scenarios[0].values()
    like = next((one for one in known if one.pathway == pathway), None) or next(iter(known), None)
    now = datetime.fromisoformat("2026-03-02T09:00:00") if like is None else like.now
    facts = {"plan_status": "ACTIVE", "dob": "2016-05-09"} if like is None else like.facts
    given = Scenario("", title, (), workspace.authority, pathway, now, facts, (), {})
    return written(title, given, (), {"plan_status": facts.get("plan_status", "ACTIVE")}).encode()


def _first_role(workspace: Workspace) -> str:
    try:
        return next(iter(workspace.settings.roles), "social_worker")
    except EngineError:
        return "social_worker"


def _text(words: str) -> str:
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007F")

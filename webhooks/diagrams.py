"""What a diagram calls its elements: names and kinds by id, for tables and history in plain words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"
#: A fact of the case in an expression.
_FACT = re.compile(r"\bcase\.([a-z][a-z0-9_]*)")
#: What people write in capitals.
_SHORT = re.compile(r"\b(?:cla|cp|cpc|cpp|cpsm|icpc|iro|mosaic|qa|uk)\b", re.IGNORECASE)
#: Where a word begins inside an id such as ReviewHeld.
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


@lru_cache(maxsize=256)
def names_in(content: bytes) -> Mapping[str, str]:
    """Element id to the name on the drawing, of one diagram; elements without a name are left out."""
    root = etree.fromstring(content, _PARSER)
    return {
        element.get("id", ""): element.get("name", "")
        for element in root.iter(f"{_BPMN}*")
        if element.get("id") and element.get("name")
    }


@lru_cache(maxsize=256)
def ids_in(content: bytes) -> frozenset[str]:
    """Every id in one diagram."""
    return frozenset(element.get("id", "") for element in etree.fromstring(content, _PARSER).iter(f"{_BPMN}*"))


@lru_cache(maxsize=256)
def frames_in(content: bytes) -> frozenset[str]:
    """The ids of subprocesses drawn open: frames around other steps, never a step to mark."""
    root = etree.fromstring(content, _PARSER)
    return frozenset(element.get("id", "") for element in root.iter(f"{_BPMN}subProcess"))


@lru_cache(maxsize=256)
def watches_in(content: bytes) -> frozenset[str]:
    """The ids of boundary events: what would interrupt a step, not a step that waits to be done."""
    root = etree.fromstring(content, _PARSER)
    return frozenset(element.get("id", "") for element in root.iter(f"{_BPMN}boundaryEvent"))


@lru_cache(maxsize=256)
def waits_in(content: bytes) -> Mapping[str, tuple[str, ...]]:
    """Where a pathway itself waits for a message or a date: element id to the events any of which lets it go on."""
    root = etree.fromstring(content, _PARSER)
    found: dict[str, tuple[str, ...]] = {}
    for each in root.iter(f"{_BPMN}intermediateCatchEvent", f"{_BPMN}receiveTask"):
        found[each.get("id", "")] = (each.get("id", ""),)
    # One of several events is awaited at the gateway before them.
    for gateway in root.iter(f"{_BPMN}eventBasedGateway"):
        leads = [
            f"{flow.get('targetRef')}"
            for flow in root.iter(f"{_BPMN}sequenceFlow")
            if flow.get("sourceRef") == gateway.get("id")
        ]
        found[gateway.get("id", "")] = tuple(leads)
    return found


@lru_cache(maxsize=256)
def messages_in(content: bytes) -> Mapping[str, str]:
    """Element id to the name of the message that it waits for, of every event and task that waits for one."""
    root = etree.fromstring(content, _PARSER)
    named = {message.get("id"): message.get("name", "") for message in root.iter(f"{_BPMN}message")}
    found: dict[str, str] = {}
    for part in root.iter(f"{_BPMN}messageEventDefinition", f"{_BPMN}receiveTask"):
        waits = part if part.tag == f"{_BPMN}receiveTask" else part.getparent()
        if waits is not None and part.get("messageRef") in named:
            found[waits.get("id", "")] = named[part.get("messageRef")]
    return found


@lru_cache(maxsize=256)
def timers_in(content: bytes) -> Mapping[str, frozenset[str]]:
    """Element id to the facts of the case that its timer reads, of every event that waits for a time."""
    root = etree.fromstring(content, _PARSER)
    found: dict[str, frozenset[str]] = {}
    for timer in root.iter(f"{_BPMN}timerEventDefinition"):
        event = timer.getparent()
        if event is not None:
            read = " ".join(part.text or "" for part in timer)
            found[event.get("id", "")] = frozenset(_FACT.findall(read))
    return found


@lru_cache(maxsize=256)
def dated_by(content: bytes) -> Mapping[str, str]:
    """Element id to the one fact of the case from which its timer or due date is taken."""
    found: dict[str, str] = {}
    root = etree.fromstring(content, _PARSER)
    for part in root.iter(f"{_BPMN}timeDate", f"{_ZEEBE}taskSchedule"):
        named = set(_FACT.findall(part.text or part.get("dueDate") or ""))
        element = next((above.get("id") for above in part.iterancestors() if above.get("name")), None)
        if element and len(named) == 1:
            found[element] = named.pop()
    return found


@lru_cache(maxsize=256)
def title_in(content: bytes) -> str:
    """The name of the process that a diagram draws, else its id in words."""
    process = etree.fromstring(content, _PARSER).find(f"{_BPMN}process")
    return "" if process is None else process.get("name") or in_words(process.get("id", ""))


def names(diagrams: Mapping[str, bytes]) -> dict[str, str]:
    """Element id to name over several diagrams."""
    found: dict[str, str] = {}
    for content in diagrams.values():
        found.update(names_in(content))
    return found


def in_words(identifier: str) -> str:
    """An id as words, where the diagram gives it no name: 'PLAN_ENDED' is 'Plan ended', 'ReviewHeld' 'Review held'."""
    words = _HUMP.sub(" ", identifier).replace("_", " ").strip().capitalize()
    return _SHORT.sub(lambda found: found[0].upper(), words)


#: Where a step of a diagram says what its result is called.
_RESULTS = (
    ("calledDecision", "resultVariable"),
    ("script", "resultVariable"),
    ("loopCharacteristics", "outputCollection"),
)


@dataclass(frozen=True, slots=True)
class Writer:
    """The step that a variable comes from: what it is called, and its form's id, '' where it has none."""

    title: str
    form: str = ""


@lru_cache(maxsize=256)
def writers_in(content: bytes) -> Mapping[str, Writer]:
    """Variable, as 'process.name', to the step of a diagram that writes it: a task's answers, a table's result."""
    found: dict[str, Writer] = {}
    for process in etree.fromstring(content, _PARSER).iter(f"{_BPMN}process"):
        scope = process.get("id", "")
        for element in process.iter(f"{_BPMN}*"):
            identity = element.get("id", "")
            title = element.get("name") or in_words(identity)
            within = element.find(f"{_BPMN}extensionElements")
            if not identity or within is None:
                continue
            form = within.find(f"{_ZEEBE}formDefinition")
            if form is not None:
                found[f"{scope}.{identity}"] = Writer(title, form.get("formId", ""))
            for tag, attribute in _RESULTS:
                for one in within.iter(f"{_ZEEBE}{tag}"):
                    if one.get(attribute):
                        found.setdefault(f"{scope}.{one.get(attribute)}", Writer(title))
    return found


@lru_cache(maxsize=256)
def records_in(content: bytes) -> Mapping[str, str]:
    """Fact to the name of the first step of a diagram that records it as anything but no or not known."""
    found: dict[str, str] = {}
    for step in etree.fromstring(content, _PARSER).iter(f"{_BPMN}serviceTask"):
        does = step.find(f".//{_ZEEBE}taskDefinition")
        for line in step.iter(f"{_ZEEBE}input") if does is not None and does.get("type") == "record_facts" else ():
            if line.get("source", "").strip("= ") not in ("false", "null") and step.get("name"):
                found.setdefault(line.get("target", ""), step.get("name", ""))
    return found


@lru_cache(maxsize=256)
def titles_in(content: bytes) -> Mapping[str, str]:
    """Process to what it is called."""
    processes = etree.fromstring(content, _PARSER).iter(f"{_BPMN}process")
    return {one.get("id", ""): one.get("name") or in_words(one.get("id", "")) for one in processes}

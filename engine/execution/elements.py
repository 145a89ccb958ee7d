"""What a diagram says about each of its elements, read once and never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from engine.execution.formulas import Formula
from engine.frozen import frozen


@frozen
class Assignment:
    """One line of an input or output mapping: a value, and the path of names it is written to."""

    source: Formula
    target: tuple[str, ...]


@frozen
class Work:
    """What a user task asks of people: form, who, by when; `form_left_open` where a form is drawn, none chosen."""

    form: str | None = None
    due: Formula | None = None
    assignee: Formula | None = None
    groups: Formula | None = None
    priority: Formula | None = None
    form_left_open: bool = False


@frozen
class Job:
    """What a worker is asked to do: a job type, fixed headers, and how often it may be tried."""

    type: str
    headers: Mapping[str, str]
    retries: Formula | None = None


@frozen
class CalledDecision:
    """Which decision of the release is asked, and the name its answer is written under."""

    decision: str
    result: str


@frozen
class Calculation:
    """A script task: one FEEL expression, and the name its value is written under."""

    expression: Formula
    result: str


@frozen
class Called:
    """Which process a call activity runs, and whether all variables cross over."""

    process: str
    all_in: bool
    all_out: bool


@frozen
class Loop:
    """A multi-instance marker: one instance for each item of a list."""

    sequential: bool
    collection: Formula
    item: str | None
    output: str | None
    output_item: Formula | None
    until: Formula | None


@frozen
class Trigger:
    """What an event waits for or throws.

    kind        none, message, signal, timer, error, escalation, terminate or link
    name        of the message, signal, link, error or escalation
    code        error or escalation code; None catches every code
    key         a message's correlation key
    timer       date, duration or cycle
    when        the timer's text or expression
    """

    kind: str = "none"
    name: str = ""
    code: str | None = None
    key: Formula | None = None
    timer: str | None = None
    when: Formula | None = None


@frozen
class SequenceFlow:
    """An arrow: from element to element, on a condition or as the default."""

    id: str
    source: str
    target: str
    condition: Formula | None = None
    default: bool = False


@frozen
class Element:
    """One node of a diagram. `kind` is its BPMN tag; `process` and `scope` say where it stands.

    scope       id of the process or subprocess that directly contains it
    lane        id of the innermost lane that holds it, or its subprocess's
    attached_to, interrupting  of a boundary event; interrupting also of an event subprocess's start
    event       whether a subprocess is an event subprocess
    """

    id: str
    name: str | None
    kind: str
    file: str
    process: str
    scope: str
    lane: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[Assignment, ...] = ()
    outputs: tuple[Assignment, ...] = ()
    trigger: Trigger | None = None
    attached_to: str | None = None
    interrupting: bool = True
    event: bool = False
    work: Work | None = None
    job: Job | None = None
    decision: CalledDecision | None = None
    calculation: Calculation | None = None
    called: Called | None = None
    loop: Loop | None = None
    default_flow: str | None = None
    documentation: str = ""

    @property
    def label(self) -> str:
        """How a message names this element: its name, else its id."""
        return self.name or self.id


@frozen
class Process:
    """One process of a release: its elements and arrows, its subprocesses' included."""

    id: str
    name: str | None
    file: str
    elements: Mapping[str, Element]
    flows: tuple[SequenceFlow, ...]
    lanes: Mapping[str, str]
    properties: Mapping[str, str]

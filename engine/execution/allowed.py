"""The allow-list: every BPMN and Zeebe element and attribute that a diagram may hold, and what to say of the others.

An element belongs here once a test shows that it executes as drawn, after a save and load and in replay.
"""

from __future__ import annotations

from dataclasses import dataclass

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
#: Shapes, colours and what an editor notes about itself: drawing only.
DRAWING_NAMESPACES = {
    "http://www.omg.org/spec/BPMN/20100524/DI",
    "http://www.omg.org/spec/DD/20100524/DC",
    "http://www.omg.org/spec/DD/20100524/DI",
    "http://www.omg.org/spec/BPMN/non-normative/color/1.0",
    "http://bpmn.io/schema/bpmn/biocolor/1.0",
    "http://camunda.org/schema/modeler/1.0",
}
FOREIGN = {
    "http://camunda.org/schema/1.0/bpmn": "Camunda 7",
    "http://spiffworkflow.org/bpmn/schema/1.0/core": "SpiffWorkflow",
    "http://activiti.org/bpmn": "Activiti",
    "http://flowable.org/bpmn": "Flowable",
    "http://www.signavio.com": "Signavio",
}


def bpmn(name: str) -> str:
    """A BPMN tag as the XML reader names it."""
    return f"{{{BPMN}}}{name}"


def zeebe(name: str) -> str:
    """A Zeebe tag as the XML reader names it."""
    return f"{{{ZEEBE}}}{name}"


def words(text: str) -> frozenset[str]:
    """A set from a line of words."""
    return frozenset(text.split())


@dataclass(frozen=True, slots=True)
class Allowed:
    """What one BPMN element may carry: attributes, BPMN children, Zeebe extensions."""

    attributes: frozenset[str]
    children: frozenset[str] = frozenset()
    zeebe: frozenset[str] = frozenset()


#: Drawn for the reader; nothing in them is executed and nothing in them is looked at.
DRAWING = words(
    "documentation textAnnotation association group category dataObject dataObjectReference dataStore "
    "dataStoreReference dataInputAssociation dataOutputAssociation property ioSpecification messageFlow "
    "itemDefinition monitoring auditing relationship"
)
COMMON = DRAWING | words("extensionElements")
ENDS = COMMON | words("incoming outgoing")
IO = words("ioMapping properties")
JOB = IO | words("taskDefinition taskHeaders")
ACTIVITY = words("id name startQuantity completionQuantity isForCompensation")
LOOPING = ENDS | words("multiInstanceLoopCharacteristics")

TASKS = words("task manualTask userTask serviceTask sendTask receiveTask businessRuleTask scriptTask")
ACTIVITIES = TASKS | words("callActivity subProcess")
GATEWAYS = words("exclusiveGateway parallelGateway inclusiveGateway eventBasedGateway")
EVENTS = words("startEvent endEvent boundaryEvent intermediateCatchEvent intermediateThrowEvent")
NODES = ACTIVITIES | GATEWAYS | EVENTS
IN_PROCESS = COMMON | NODES | words("sequenceFlow laneSet")

_gateway = Allowed(words("id name gatewayDirection"), ENDS, words("properties"))
_deciding = Allowed(words("id name gatewayDirection default"), ENDS, words("properties"))
_expression = Allowed(words("id language evaluatesToTypeRef"))


def _definition(attributes: str = "", children: str = "") -> Allowed:
    return Allowed(words(f"id {attributes}"), COMMON | words(children))


ALLOWED: dict[str, Allowed] = {
    "definitions": Allowed(
        words("id name targetNamespace exporter exporterVersion expressionLanguage typeLanguage"),
        COMMON | words("process collaboration message signal error escalation"),
    ),
    "collaboration": Allowed(words("id name isClosed"), COMMON | words("participant"), words("properties")),
    "participant": Allowed(words("id name processRef"), COMMON | words("participantMultiplicity"), words("properties")),
    "participantMultiplicity": Allowed(words("id minimum maximum")),
    "process": Allowed(
        words("id name isExecutable isClosed processType"), IN_PROCESS, words("versionTag properties userTaskForm")
    ),
    "laneSet": Allowed(words("id name"), COMMON | words("lane")),
    "childLaneSet": Allowed(words("id name"), COMMON | words("lane")),
    "lane": Allowed(words("id name"), COMMON | words("flowNodeRef childLaneSet"), words("properties")),
    "flowNodeRef": Allowed(frozenset()),
    "incoming": Allowed(frozenset()),
    "outgoing": Allowed(frozenset()),
    "sequenceFlow": Allowed(
        words("id name sourceRef targetRef isImmediate"), COMMON | words("conditionExpression"), words("properties")
    ),
    "conditionExpression": _expression,
    "task": Allowed(ACTIVITY, ENDS, words("properties")),
    "manualTask": Allowed(ACTIVITY, ENDS, words("properties")),
    "userTask": Allowed(
        ACTIVITY | words("implementation"),
        LOOPING,
        IO | words("userTask formDefinition assignmentDefinition taskSchedule priorityDefinition"),
    ),
    "serviceTask": Allowed(ACTIVITY | words("implementation"), LOOPING, JOB),
    "sendTask": Allowed(ACTIVITY | words("implementation messageRef"), LOOPING, JOB),
    "receiveTask": Allowed(ACTIVITY | words("implementation messageRef instantiate"), ENDS, IO),
    "businessRuleTask": Allowed(ACTIVITY | words("implementation"), LOOPING, IO | words("calledDecision")),
    "scriptTask": Allowed(ACTIVITY, LOOPING, IO | words("script")),
    "callActivity": Allowed(ACTIVITY, LOOPING, IO | words("calledElement")),
    "subProcess": Allowed(ACTIVITY | words("triggeredByEvent"), LOOPING | IN_PROCESS, IO),
    "multiInstanceLoopCharacteristics": Allowed(
        words("id isSequential"), COMMON | words("completionCondition"), words("loopCharacteristics")
    ),
    "completionCondition": _expression,
    "exclusiveGateway": _deciding,
    "inclusiveGateway": _deciding,
    "parallelGateway": _gateway,
    "eventBasedGateway": Allowed(
        words("id name gatewayDirection instantiate eventGatewayType"), ENDS, words("properties")
    ),
    "startEvent": Allowed(
        words("id name isInterrupting parallelMultiple"),
        ENDS
        | words(
            "messageEventDefinition timerEventDefinition signalEventDefinition errorEventDefinition "
            "escalationEventDefinition"
        ),
        IO,
    ),
    "endEvent": Allowed(
        words("id name"),
        ENDS
        | words(
            "messageEventDefinition signalEventDefinition errorEventDefinition escalationEventDefinition "
            "terminateEventDefinition"
        ),
        JOB,
    ),
    "boundaryEvent": Allowed(
        words("id name attachedToRef cancelActivity parallelMultiple"),
        ENDS
        | words(
            "messageEventDefinition timerEventDefinition signalEventDefinition errorEventDefinition "
            "escalationEventDefinition"
        ),
        IO,
    ),
    "intermediateCatchEvent": Allowed(
        words("id name parallelMultiple"),
        ENDS | words("messageEventDefinition timerEventDefinition signalEventDefinition linkEventDefinition"),
        IO,
    ),
    "intermediateThrowEvent": Allowed(
        words("id name"),
        ENDS | words("messageEventDefinition signalEventDefinition escalationEventDefinition linkEventDefinition"),
        JOB,
    ),
    "messageEventDefinition": _definition("messageRef"),
    "signalEventDefinition": _definition("signalRef"),
    "errorEventDefinition": _definition("errorRef"),
    "escalationEventDefinition": _definition("escalationRef"),
    "terminateEventDefinition": _definition(),
    "linkEventDefinition": _definition("name", "source target"),
    "source": Allowed(frozenset()),
    "target": Allowed(frozenset()),
    "timerEventDefinition": _definition("", "timeDate timeDuration timeCycle"),
    "timeDate": _expression,
    "timeDuration": _expression,
    "timeCycle": _expression,
    "message": Allowed(words("id name itemRef"), COMMON, words("subscription properties")),
    "signal": Allowed(words("id name structureRef"), COMMON, words("properties")),
    "error": Allowed(words("id name errorCode structureRef"), COMMON, words("properties")),
    "escalation": Allowed(words("id name escalationCode structureRef"), COMMON, words("properties")),
}

#: Attributes that may only say what is true anyway.
FIXED = {
    "startQuantity": {"1"},
    "completionQuantity": {"1"},
    "isForCompensation": {"false"},
    "instantiate": {"false"},
    "parallelMultiple": {"false"},
    "eventGatewayType": {"Exclusive"},
    "implementation": {"##unspecified", "##WebService"},
}

#: Zeebe extensions: their attributes, and their own children.
ZEEBE_ATTRIBUTES: dict[str, frozenset[str]] = {
    "versionTag": words("value"),
    "properties": frozenset(),
    "property": words("name value"),
    "ioMapping": frozenset(),
    "input": words("source target"),
    "output": words("source target"),
    "userTask": frozenset(),
    "formDefinition": words("formId bindingType"),
    "assignmentDefinition": words("assignee candidateGroups"),
    "taskSchedule": words("dueDate"),
    "priorityDefinition": words("priority"),
    "calledDecision": words("decisionId resultVariable bindingType"),
    "taskDefinition": words("type retries"),
    "taskHeaders": frozenset(),
    "header": words("key value"),
    "script": words("expression resultVariable"),
    "calledElement": words("processId propagateAllChildVariables propagateAllParentVariables bindingType"),
    "loopCharacteristics": words("inputCollection inputElement outputCollection outputElement"),
    "subscription": words("correlationKey"),
}
ZEEBE_CHILDREN = {"properties": {"property"}, "ioMapping": {"input", "output"}, "taskHeaders": {"header"}}
BINDINGS = {"latest", "deployment"}

#: What to say of elements that people draw and that do not run here: the fact, and the mend.
UNSUPPORTED: dict[str, tuple[str, str]] = {
    "adHocSubProcess": (
        "An ad-hoc subprocess does not run here.",
        "Draw its tasks between two parallel or inclusive gateways.",
    ),
    "transaction": ("A transaction does not run here.", "Draw a subprocess with an error boundary event."),
    "complexGateway": ("A complex gateway does not run here.", "Draw an exclusive, parallel or inclusive gateway."),
    "compensateEventDefinition": (
        "Compensation does not run here.",
        "Draw the steps that put things right, after a gateway or an error event.",
    ),
    "cancelEventDefinition": ("A cancel event does not run here.", "Draw an error event."),
    "conditionalEventDefinition": (
        "A conditional event does not run here.",
        "Draw a message event, or ask the condition at a gateway.",
    ),
    "standardLoopCharacteristics": (
        "A loop marker does not run here.",
        "Draw the loop with an exclusive gateway, or use a multi-instance marker.",
    ),
    "loopCardinality": (
        "A number of instances does not run here.",
        "Give the multi-instance marker an input collection.",
    ),
    "script": ("A script does not run here.", "Write a FEEL expression and a result variable instead."),
    "choreography": ("A choreography does not run here.", "Draw a process."),
    "conversation": ("A conversation does not run here.", "Draw a process."),
    "globalTask": ("A global task does not run here.", "Draw the task in the process."),
    "globalUserTask": ("A global task does not run here.", "Draw the task in the process."),
    "import": ("An import does not run here.", "Put what it imports into this folder."),
    "loopDataInputRef": ("A data object does not run here.", "Give the marker an input collection in FEEL."),
    "loopDataOutputRef": ("A data object does not run here.", "Give the marker an output collection."),
    "inputDataItem": ("A data item does not run here.", "Give the marker an input element."),
    "outputDataItem": ("A data item does not run here.", "Give the marker an output element."),
    "timerEventDefinition": ("A timer cannot stand here.", "Draw it as a catch event or on an activity's edge."),
    "linkEventDefinition": ("A link cannot stand here.", "Draw it as an intermediate throw and catch event."),
    "terminateEventDefinition": ("Terminate cannot stand here.", "Draw a terminate end event."),
}
UNSUPPORTED_ZEEBE: dict[str, tuple[str, str]] = {
    "executionListeners": ("An execution listener does not run here.", "Draw what it does as a task."),
    "taskListeners": ("A task listener does not run here.", "Draw what it does as a task."),
    "userTaskForm": (
        "A form is embedded in the diagram.",
        "Save it as forms/<id>.form and link it by its form id; the studio does so when it is brought in there.",
    ),
    "linkedResources": ("A linked resource does not run here.", "Remove it."),
    "adHoc": ("An ad-hoc subprocess does not run here.", "Draw its tasks between two gateways."),
    "jobPriorityDefinition": ("A job priority does not run here.", "Remove it."),
    "conditionalFilter": ("A conditional event does not run here.", "Ask the condition at a gateway."),
    "formDefinition": ("A form cannot stand here.", "Put it on a user task after this element."),
    "taskDefinition": ("A job cannot stand here.", "Draw a service task for it."),
    "taskHeaders": ("Headers of a job cannot stand here.", "Remove them, or draw a service task for the job."),
    "publishMessage": ("Publishing a message by itself does not run here.", "Draw a send task with a job type."),
}
UNSUPPORTED_ATTRIBUTES: dict[tuple[str, str], tuple[str, str]] = {
    ("formDefinition", "formKey"): (
        "A form key does not run here.",
        "Save the form as forms/<id>.form and link it by its form id.",
    ),
    ("formDefinition", "externalReference"): (
        "A form kept elsewhere does not run here.",
        "Save the form as forms/<id>.form and link it by its form id.",
    ),
    ("formDefinition", "versionTag"): (
        "A form's version tag does not run here.",
        "Remove it: a release always uses its own files.",
    ),
    ("calledDecision", "versionTag"): (
        "A decision's version tag does not run here.",
        "Remove it: a release always uses its own files.",
    ),
    ("calledElement", "versionTag"): (
        "A called process's version tag does not run here.",
        "Remove it: a release always uses its own files.",
    ),
    ("calledElement", "processIdExpression"): (
        "The called process must be a fixed id.",
        "Write its id, and choose between several at a gateway.",
    ),
    ("assignmentDefinition", "candidateUsers"): (
        "Candidate users do not run here.",
        "Write candidate groups: people act in roles.",
    ),
    ("taskSchedule", "followUpDate"): (
        "A follow-up date does not run here.",
        "Remove it, or draw a timer where the path changes.",
    ),
    ("callActivity", "calledElement"): (
        "The called process is written as a BPMN attribute, which does not run here.",
        "Choose it as the called element (zeebe:calledElement).",
    ),
    ("scriptTask", "scriptFormat"): (
        "A script language does not run here.",
        "Write a FEEL expression and a result variable instead.",
    ),
    ("task", "default"): ("A default arrow out of a task does not run here.", "Put an exclusive gateway after it."),
}

"""What is refused: a name, the release that shows it, and the exact words."""

# ruff: noqa: E501 - exact words are easier to read unbroken
from __future__ import annotations

from tests.engine.execution.diagrams import (
    HEAD,
    arrows,
    beside,
    boundary,
    call,
    catch,
    diagram,
    end,
    error,
    escalation,
    event_gateway,
    form,
    job,
    link,
    many,
    mapping,
    message,
    of,
    parallel,
    plain,
    process,
    release,
    rule,
    script,
    signal,
    start,
    sub,
    table,
    tag,
    throw,
    timer,
    user,
    xor,
)

CASES = [
    (
        "no XML",
        lambda: beside("<bpmn:definitions"),
        [
            "area/p/other.bpmn: The file is not well-formed XML (line 1). Save it again from the editor.",
        ],
    ),
    (
        "other XML",
        lambda: beside("<html/>"),
        [
            "area/p/other.bpmn: The file is XML, but no BPMN 2.0 diagram. Save it from a BPMN editor.",
        ],
    ),
    (
        "a DOCTYPE",
        lambda: beside("<!DOCTYPE x><html/>"),
        [
            "area/p/other.bpmn: The file declares a DOCTYPE or entities. Remove the DOCTYPE and everything in it.",
        ],
    ),
    (
        "an entity bomb",
        lambda: beside('<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><html>&b;</html>'),
        [
            "area/p/other.bpmn: The file declares a DOCTYPE or entities. Remove the DOCTYPE and everything in it.",
        ],
    ),
    (
        "another encoding",
        lambda: beside('<?xml version="1.0" encoding="UTF-7"?><html/>'),
        [
            "area/p/other.bpmn: The file is not written in UTF-8. Save it as UTF-8.",
        ],
    ),
    (
        "another encoding by its bytes",
        lambda: beside(diagram(process("q")).encode("utf-16")),
        [
            "area/p/other.bpmn: The file is not written in UTF-8. Save it as UTF-8.",
        ],
    ),
    (
        "too deep",
        lambda: beside(
            HEAD
            + '<bpmn:process id="q" isExecutable="true">'
            + "<bpmn:subProcess>" * 120
            + "</bpmn:subProcess>" * 120
            + "</bpmn:process></bpmn:definitions>"
        ),
        [
            "area/p/other.bpmn: The diagram is too large: it may have 2,000 tasks, events and gateways, 60,000 XML elements and a depth of 50. Split it into called processes.",
        ],
    ),
    (
        "too many nodes",
        lambda: beside(diagram(process("q", *(tag("bpmn:task", id=f"t{n}") for n in range(2001))))),
        [
            "area/p/other.bpmn: The diagram is too large: it may have 2,000 tasks, events and gateways, 60,000 XML elements and a depth of 50. Split it into called processes.",
        ],
    ),
    (
        "no executable process",
        lambda: beside(diagram(process("q", start(), end(), arrows("s > e"), executable=False))),
        [
            "area/p/other.bpmn: q: No process in this file is executable. Tick Executable.",
        ],
    ),
    (
        "an id used twice",
        lambda: release(plain(tag("bpmn:textAnnotation", id="note"), tag("bpmn:group", id="note"))),
        [
            "area/p/d0.bpmn: note: The id note is used twice. Give one of them another id.",
        ],
    ),
    (
        "an ad-hoc subprocess",
        lambda: release(plain(tag("bpmn:adHocSubProcess", id="x"))),
        [
            "area/p/d0.bpmn: x: An ad-hoc subprocess does not run here. Draw its tasks between two parallel or inclusive gateways.",
        ],
    ),
    (
        "a transaction",
        lambda: release(plain(tag("bpmn:transaction", id="x"))),
        [
            "area/p/d0.bpmn: x: A transaction does not run here. Draw a subprocess with an error boundary event.",
        ],
    ),
    (
        "a complex gateway",
        lambda: release(plain(tag("bpmn:complexGateway", id="x"))),
        [
            "area/p/d0.bpmn: x: A complex gateway does not run here. Draw an exclusive, parallel or inclusive gateway.",
        ],
    ),
    (
        "compensation",
        lambda: release(plain(boundary("x", "a", tag("bpmn:compensateEventDefinition")))),
        [
            "area/p/d0.bpmn: x: Compensation does not run here. Draw the steps that put things right, after a gateway or an error event.",
        ],
    ),
    (
        "a conditional event",
        lambda: release(plain(boundary("x", "a", tag("bpmn:conditionalEventDefinition", tag("bpmn:condition", "=a"))))),
        [
            "area/p/d0.bpmn: x: A conditional event does not run here. Draw a message event, or ask the condition at a gateway.",
        ],
    ),
    (
        "a cancel event",
        lambda: release(plain(end("x", tag("bpmn:cancelEventDefinition")))),
        [
            "area/p/d0.bpmn: x: A cancel event does not run here. Draw an error event.",
            "area/p/d0.bpmn: x: No arrow leads to it, so it would never be reached. Draw an arrow to it, or remove it.",
        ],
    ),
    (
        "a loop marker",
        lambda: release(
            diagram(
                process(
                    "p", start(), user("a", marker=tag("bpmn:standardLoopCharacteristics")), end(), arrows("s > a > e")
                )
            )
        ),
        [
            "area/p/d0.bpmn: a: A loop marker does not run here. Draw the loop with an exclusive gateway, or use a multi-instance marker.",
        ],
    ),
    (
        "a number of instances",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    user("a", marker=tag("bpmn:multiInstanceLoopCharacteristics", tag("bpmn:loopCardinality", "3"))),
                    end(),
                    arrows("s > a > e"),
                )
            )
        ),
        [
            "area/p/d0.bpmn: a: A number of instances does not run here. Give the multi-instance marker an input collection.",
            "area/p/d0.bpmn: a: The multi-instance marker has no input collection. Name a list in FEEL.",
        ],
    ),
    (
        "a Python script",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    tag("bpmn:scriptTask", tag("bpmn:script", "import os"), id="a", scriptFormat="python"),
                    end(),
                    arrows("s > a > e"),
                )
            )
        ),
        [
            "area/p/d0.bpmn: a: A script language does not run here. Write a FEEL expression and a result variable instead.",
            "area/p/d0.bpmn: a: A script does not run here. Write a FEEL expression and a result variable instead.",
            "area/p/d0.bpmn: a: It has no FEEL expression. Write one, and a result variable.",
        ],
    ),
    (
        "a condition in another language",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    xor("x"),
                    end(),
                    end("e2"),
                    arrows("s > x > e"),
                    tag(
                        "bpmn:sequenceFlow",
                        tag("bpmn:conditionExpression", "=true", language="python"),
                        id="f",
                        sourceRef="x",
                        targetRef="e2",
                    ),
                )
            )
        ),
        [
            "area/p/d0.bpmn: f: The language python does not run here. Write FEEL.",
            "area/p/d0.bpmn: x: Its arrow x_e has no condition. Write one, or make it the default arrow.",
        ],
    ),
    (
        "a Camunda 7 setting",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    '<bpmn:userTask xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="a" camunda:assignee="x"/>',
                    end(),
                    arrows("s > a > e"),
                )
            )
        ),
        [
            "area/p/d0.bpmn: a: The Camunda 7 setting assignee does not run here. Remove it, or write it again for Camunda 8.",
        ],
    ),
    (
        "a Camunda 7 extension",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    user("a", '<camunda:formData xmlns:camunda="http://camunda.org/schema/1.0/bpmn"/>'),
                    end(),
                    arrows("s > a > e"),
                )
            )
        ),
        [
            "area/p/d0.bpmn: a: The Camunda 7 extension formData does not run here. Remove it, or write it again for Camunda 8.",
        ],
    ),
    (
        "a SpiffWorkflow extension",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    user(
                        "a",
                        '<spiff:preScript xmlns:spiff="http://spiffworkflow.org/bpmn/schema/1.0/core">x=1</spiff:preScript>',
                    ),
                    end(),
                    arrows("s > a > e"),
                )
            )
        ),
        [
            "area/p/d0.bpmn: a: The SpiffWorkflow extension preScript does not run here. Remove it, or write it again for Camunda 8.",
        ],
    ),
    (
        "an unknown namespace",
        lambda: release(
            diagram(process("p", start(), user("a", '<x:y xmlns:x="urn:x"/>'), end(), arrows("s > a > e")))
        ),
        [
            "area/p/d0.bpmn: a: The element y of the namespace urn:x does not run here. Remove it.",
        ],
    ),
    (
        "an attribute of an unknown namespace",
        lambda: release(
            diagram(
                process("p", start(), '<bpmn:userTask xmlns:x="urn:x" id="a" x:y="1"/>', end(), arrows("s > a > e"))
            )
        ),
        [
            "area/p/d0.bpmn: a: The setting y of the namespace urn:x does not run here. Remove it.",
        ],
    ),
    (
        "a zeebe attribute",
        lambda: release(
            diagram(process("p", start(), '<bpmn:userTask id="a" zeebe:secret="1"/>', end(), arrows("s > a > e")))
        ),
        [
            "area/p/d0.bpmn: a: The setting zeebe:secret does not run here. Remove it.",
        ],
    ),
    (
        "an unknown BPMN element",
        lambda: release(plain(tag("bpmn:extraordinaryTask", id="x"))),
        [
            "area/p/d0.bpmn: x: The BPMN element extraordinaryTask does not run here. Remove it.",
        ],
    ),
    (
        "an unknown BPMN attribute",
        lambda: release(
            diagram(process("p", start(), tag("bpmn:userTask", id="a", colour="red"), end(), arrows("s > a > e")))
        ),
        [
            "area/p/d0.bpmn: a: The setting colour does not run here. Remove the setting.",
        ],
    ),
    (
        "a setting that may only say what is usual",
        lambda: release(
            diagram(
                process(
                    "p", start(), tag("bpmn:userTask", id="a", isForCompensation="true"), end(), arrows("s > a > e")
                )
            )
        ),
        [
            (
                "area/p/d0.bpmn: a: Compensation does not run here. "
                "Draw the steps that put things right, after a gateway or an error event."
            ),
        ],
    ),
    (
        "a default arrow out of a task",
        lambda: release(
            diagram(process("p", start(), tag("bpmn:userTask", id="a", default="a_e"), end(), arrows("s > a > e")))
        ),
        [
            "area/p/d0.bpmn: a: A default arrow out of a task does not run here. Put an exclusive gateway after it.",
        ],
    ),
    (
        "an execution listener",
        lambda: release(
            diagram(process("p", start(), user("a", tag("zeebe:executionListeners")), end(), arrows("s > a > e")))
        ),
        [
            "area/p/d0.bpmn: a: An execution listener does not run here. Draw what it does as a task.",
        ],
    ),
    (
        "an unknown zeebe extension",
        lambda: release(diagram(process("p", start(), user("a", tag("zeebe:magic")), end(), arrows("s > a > e")))),
        [
            "area/p/d0.bpmn: a: The extension zeebe:magic does not run here. Remove it.",
        ],
    ),
    (
        "an extension that stands elsewhere",
        lambda: release(
            diagram(
                process("p", start(ext=tag("zeebe:formDefinition", formId="f")), user("a"), end(), arrows("s > a > e"))
            )
        ),
        [
            "area/p/d0.bpmn: s: A form cannot stand here. Put it on a user task after this element.",
        ],
    ),
    (
        "an extension twice",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    user(
                        "a",
                        tag("zeebe:taskSchedule", dueDate="2026-01-01"),
                        tag("zeebe:taskSchedule", dueDate="2026-01-02"),
                    ),
                    end(),
                    arrows("s > a > e"),
                )
            )
        ),
        [
            "area/p/d0.bpmn: a: The extension zeebe:taskSchedule stands twice. Remove one of them.",
        ],
    ),
    (
        "a foreign element within an extension",
        lambda: release(
            diagram(
                process(
                    "p", start(), user("a", tag("zeebe:ioMapping", tag("zeebe:header"))), end(), arrows("s > a > e")
                )
            )
        ),
        [
            "area/p/d0.bpmn: a: The extension zeebe:header does not run here. Remove it.",
        ],
    ),
    (
        "an embedded form",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    user("a", tag("zeebe:formDefinition", formKey="camunda-forms:bpmn:f")),
                    end(),
                    arrows("s > a > e"),
                    ext=tag("zeebe:userTaskForm", "{}", id="f"),
                )
            )
        ),
        [
            (
                "area/p/d0.bpmn: p: A form is embedded in the diagram. Save it as forms/<id>.form and link it by its form id; "
                "the studio does so when it is brought in there."
            ),
            "area/p/d0.bpmn: a: A form key does not run here. Save the form as forms/<id>.form and link it by its form id.",
        ],
    ),
    (
        "a form kept elsewhere",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    user("a", tag("zeebe:formDefinition", externalReference="http")),
                    end(),
                    arrows("s > a > e"),
                )
            )
        ),
        [
            "area/p/d0.bpmn: a: A form kept elsewhere does not run here. Save the form as forms/<id>.form and link it by its form id.",
        ],
    ),
    (
        "a binding by version tag",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    user("a", tag("zeebe:formDefinition", formId="f", bindingType="versionTag", versionTag="1")),
                    end(),
                    arrows("s > a > e"),
                )
            ),
            forms={"f": form("f", "x")},
        ),
        [
            "area/p/d0.bpmn: a: The binding versionTag does not run here. Choose latest: a release always uses its own files.",
            "area/p/d0.bpmn: a: A form's version tag does not run here. Remove it: a release always uses its own files.",
        ],
    ),
    (
        "candidate users",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    user("a", tag("zeebe:assignmentDefinition", candidateUsers="x")),
                    end(),
                    arrows("s > a > e"),
                )
            )
        ),
        [
            "area/p/d0.bpmn: a: Candidate users do not run here. Write candidate groups: people act in roles.",
        ],
    ),
    (
        "a follow-up date",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    user("a", tag("zeebe:taskSchedule", followUpDate="2026-01-01")),
                    end(),
                    arrows("s > a > e"),
                )
            )
        ),
        [
            "area/p/d0.bpmn: a: A follow-up date does not run here. Remove it, or draw a timer where the path changes.",
        ],
    ),
    (
        "broken FEEL",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    xor("x", "e"),
                    end(),
                    end("e2"),
                    arrows("s > x > e", "x > e2", when={"x_e2": "=n > > 3"}),
                )
            )
        ),
        [
            "area/p/d0.bpmn: x_e2: The condition is not FEEL: `>` stands where a value should. (line 1, column 5)\nn > > 3\n    ^\n Correct the expression.",
        ],
    ),
    (
        "a function that is not there",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    script("a", "=[1][strang(item) = 1]", "n"),
                    xor("x", "e"),
                    end(),
                    end("e2"),
                    arrows("s > a > x > e", "x > e2", when={"x_e2": "=working_day_after(today(), 3) > n or n = 1"}),
                )
            )
        ),
        [
            "area/p/d0.bpmn: x_e2: The condition calls working_day_after, and there is no function of that name. Write working days after, if that is meant.",
        ],
    ),
    (
        "a function that is not there, in a table",
        lambda: release(
            diagram(process("p", start(), rule("a", "choose", "n"), end(), arrows("s > a > e"))),
            tables={"choose": table("choose", ["1"], ["n"], [(["strang(?)"], ["case.size(1)"]), (["-"], ["2"])])},
        ),
        [
            'area/p/decisions/choose.dmn: choose (row 1, column "1"): It calls strang, and there is no function of that name. Write string, if that is meant.',
            'area/p/decisions/choose.dmn: choose (row 1, column "n"): It calls case.size, and there is no function of that name. Correct the name, or write it without.',
        ],
    ),
    (
        "a condition that is no expression",
        lambda: release(
            diagram(
                process(
                    "p", start(), xor("x", "e"), end(), end("e2"), arrows("s > x > e", "x > e2", when={"x_e2": "n > 3"})
                )
            )
        ),
        [
            "area/p/d0.bpmn: x_e2: The condition n > 3 is no expression. Write '=' before it.",
        ],
    ),
    (
        "an unknown form",
        lambda: release(
            diagram(
                process(
                    "p", start(), user("a", tag("zeebe:formDefinition", formId="opinion")), end(), arrows("s > a > e")
                )
            )
        ),
        [
            "area/p/d0.bpmn: a: There is no form opinion. Add forms/opinion.form, or correct the form id.",
        ],
    ),
    (
        "a form by expression",
        lambda: release(
            diagram(
                process("p", start(), user("a", tag("zeebe:formDefinition", formId="=f")), end(), arrows("s > a > e"))
            )
        ),
        [
            "area/p/d0.bpmn: a: The form is an expression. Name one form, so that the release can hold it.",
        ],
    ),
    (
        "no decision",
        lambda: release(
            diagram(process("p", start(), tag("bpmn:businessRuleTask", id="a"), end(), arrows("s > a > e")))
        ),
        [
            "area/p/d0.bpmn: a: It asks no decision. Name the called decision.",
            "area/p/d0.bpmn: a: The result variable is missing. Give it a name.",
        ],
    ),
    (
        "an unknown decision",
        lambda: release(diagram(process("p", start(), rule("a", "d", "r"), end(), arrows("s > a > e")))),
        [
            "area/p/d0.bpmn: a: There is no decision d. Add its table, or correct the decision id.",
        ],
    ),
    (
        "a decision by expression",
        lambda: release(diagram(process("p", start(), rule("a", "=d", "r"), end(), arrows("s > a > e")))),
        [
            "area/p/d0.bpmn: a: The decision is an expression. Name one decision, so that it can be proved.",
        ],
    ),
    (
        "a result that is no name",
        lambda: release(diagram(process("p", start(), script("a", "=1", "r-1"), end(), arrows("s > a > e")))),
        [
            "area/p/d0.bpmn: a: The result variable r-1 is no name. Write letters, digits and _.",
        ],
    ),
    (
        "a result that only the case writes",
        lambda: release(diagram(process("p", start(), script("a", "=1", "case"), end(), arrows("s > a > e")))),
        [
            "area/p/d0.bpmn: a: The result variable would write case, which only the case itself writes. Choose another name.",
        ],
    ),
    (
        "words of another expression language",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    user(
                        "a",
                        tag("zeebe:taskSchedule", dueDate="${due}"),
                        tag("zeebe:assignmentDefinition", assignee="#{who}"),
                    ),
                    xor("x", "e"),
                    end(),
                    end("e2"),
                    arrows("s > a > x > e", "x > e2", when={"x_e2": "#{n > 3}"}),
                )
            )
        ),
        [
            "area/p/d0.bpmn: a: The due date ${due} is no FEEL and would be taken for these very words. Write it anew in FEEL, as in =working days after(today(), 10).",
            "area/p/d0.bpmn: a: The assignee #{who} is no FEEL and would be taken for these very words. Write it anew in FEEL, as in =case.lead_social_worker.",
            "area/p/d0.bpmn: x_e2: The condition #{n > 3} is no expression. Write it anew in FEEL, as in =ok = true.",
        ],
    ),
    (
        "a script without FEEL",
        lambda: release(diagram(process("p", start(), tag("bpmn:scriptTask", id="a"), end(), arrows("s > a > e")))),
        [
            "area/p/d0.bpmn: a: It has no FEEL expression. Write one, and a result variable.",
        ],
    ),
    (
        "a script that is no expression",
        lambda: release(diagram(process("p", start(), script("a", "1 + 1", "r"), end(), arrows("s > a > e")))),
        [
            "area/p/d0.bpmn: a: The script 1 + 1 is no expression. Write '=' before it.",
        ],
    ),
    (
        "no job type",
        lambda: release(diagram(process("p", start(), tag("bpmn:serviceTask", id="a"), end(), arrows("s > a > e")))),
        [
            "area/p/d0.bpmn: a: It has no job type. Name the job type that a worker takes.",
        ],
    ),
    (
        "an unknown job type",
        lambda: release(diagram(process("p", start(), job("a", "pigeon"), end(), arrows("s > a > e")))),
        [
            "area/p/d0.bpmn: a: Nobody takes jobs of the type pigeon. Use letter, mail or webhook, or declare the type in pathway.toml under [jobs] types.",
        ],
    ),
    (
        "a job type by expression",
        lambda: release(diagram(process("p", start(), job("a", "=x"), end(), arrows("s > a > e")))),
        [
            "area/p/d0.bpmn: a: The job type is an expression. Name one job type.",
        ],
    ),
    (
        "a job type on an event that sends nothing",
        lambda: release(
            diagram(
                process(
                    "p", start(), user("a"), end("e", "", tag("zeebe:taskDefinition", type="mail")), arrows("s > a > e")
                )
            )
        ),
        [
            "area/p/d0.bpmn: e: A job type stands on an event that sends no message. Draw a message event.",
        ],
    ),
    (
        "an engine step on an event",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    user("a"),
                    end("e", of("message", "m"), tag("zeebe:taskDefinition", type="record_facts")),
                    arrows("s > a > e"),
                ),
                message("m"),
            )
        ),
        [
            "area/p/d0.bpmn: e: The step record_facts stands on an event. Draw it as a service task.",
        ],
    ),
    (
        "an ending without a guard",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    job(
                        "a",
                        "end_plan",
                        mapping({"outcome": "=1", "decided_on": "=1", "effective_on": "=1", "reason": "=1"}),
                    ),
                    end(),
                    arrows("s > a > e"),
                )
            )
        ),
        [
            "area/p/d0.bpmn: a: It ends a plan without a guard. Add a header guard with the id of a decision that may forbid it.",
        ],
    ),
    (
        "an ending with an unknown guard and nothing else",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    job("a", "end_plan", tag("zeebe:taskHeaders", tag("zeebe:header", key="guard", value="g"))),
                    end(),
                    arrows("s > a > e"),
                )
            )
        ),
        [
            "area/p/d0.bpmn: a: There is no decision g. Add its table, or correct the header guard.",
            "area/p/d0.bpmn: a: It ends a plan without outcome. Add an input mapping to outcome.",
            "area/p/d0.bpmn: a: It ends a plan without decided_on. Add an input mapping to decided_on.",
            "area/p/d0.bpmn: a: It ends a plan without effective_on. Add an input mapping to effective_on.",
            "area/p/d0.bpmn: a: It ends a plan without reason. Add an input mapping to reason.",
        ],
    ),
    (
        "a call of nothing",
        lambda: release(diagram(process("p", start(), tag("bpmn:callActivity", id="a"), end(), arrows("s > a > e")))),
        [
            "area/p/d0.bpmn: a: It calls no process. Name the called process.",
        ],
    ),
    (
        "a call by the BPMN attribute",
        lambda: release(
            diagram(
                process("p", start(), tag("bpmn:callActivity", id="a", calledElement="p"), end(), arrows("s > a > e"))
            )
        ),
        [
            "area/p/d0.bpmn: a: The called process is written as a BPMN attribute, which does not run here. Choose it as the called element (zeebe:calledElement).",
            "area/p/d0.bpmn: a: It calls no process. Name the called process.",
        ],
    ),
    (
        "a call by expression",
        lambda: release(diagram(process("p", start(), call("a", "=x"), end(), arrows("s > a > e")))),
        [
            "area/p/d0.bpmn: a: The called process is an expression. Write its id, and choose between several at a gateway.",
        ],
    ),
    (
        "a mapping without a source",
        lambda: release(diagram(process("p", start(), user("a", mapping({"x": " "})), end(), arrows("s > a > e")))),
        [
            "area/p/d0.bpmn: a: The input mapping to x has no source. Write its source.",
        ],
    ),
    (
        "a mapping to no name",
        lambda: release(diagram(process("p", start(), user("a", mapping({"x-y": "=1"})), end(), arrows("s > a > e")))),
        [
            "area/p/d0.bpmn: a: The input mapping writes to x-y, which is no name. Write letters, digits and _, with a dot between levels.",
        ],
    ),
    (
        "a mapping to the case",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    user("a", mapping(outputs={"case.plan_status": '="ENDED"'})),
                    end(),
                    arrows("s > a > e"),
                )
            )
        ),
        [
            "area/p/d0.bpmn: a: The output mapping would write case, which only the case itself writes. Choose another name.",
        ],
    ),
    (
        "a marker without a list",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    user("a", marker=tag("bpmn:multiInstanceLoopCharacteristics")),
                    end(),
                    arrows("s > a > e"),
                )
            )
        ),
        [
            "area/p/d0.bpmn: a: The multi-instance marker has no input collection. Name a list in FEEL.",
        ],
    ),
    (
        "a marker with half an output",
        lambda: release(
            diagram(process("p", start(), user("a", marker=many("=l", "i", "o")), end(), arrows("s > a > e")))
        ),
        [
            "area/p/d0.bpmn: a: The multi-instance marker has only one of output collection and output element. Write both or neither.",
        ],
    ),
    (
        "several triggers",
        lambda: release(
            plain(boundary("x", "a", timer("P1D") + of("signal", "g")), arrows("x > e"), signal=signal("g"))
        ),
        [
            "area/p/d0.bpmn: x: It waits for or throws several things. Draw one event for each.",
        ],
    ),
    (
        "a boundary event without a trigger",
        lambda: release(plain(boundary("x", "a", ""), arrows("x > e"))),
        [
            "area/p/d0.bpmn: x: Nothing makes this event happen. Choose message, timer or another trigger.",
        ],
    ),
    (
        "a boundary event on nothing",
        lambda: release(plain(boundary("x", "nowhere", timer("P1D")), arrows("x > e"))),
        [
            "area/p/d0.bpmn: x: It is attached to nothing that runs. Attach it to a task, subprocess or call.",
        ],
    ),
    (
        "a message that a task and an event on it both wait for",
        lambda: release(
            plain(
                boundary("x", "a", of("message", "m")), boundary("y", "a", of("message", "m")), arrows("x > e", "y > e")
            ).replace("</bpmn:definitions>", message("m", name="News") + "</bpmn:definitions>")
        ),
        [
            "area/p/d0.bpmn: y: a waits for the message News elsewhere too, so that neither would get it. Give one of them another message, or remove one.",
        ],
    ),
    (
        "a message that a step inside a subprocess and an event on its edge both wait for",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    sub(
                        "a",
                        start("s2"),
                        sub("b", start("s3"), catch("c", of("message", "m")), arrows("s3 > c")),
                        arrows("s2 > b"),
                    ),
                    boundary("x", "a", of("message", "m")),
                    end(),
                    arrows("s > a > e", "x > e"),
                ),
                message("m", name="News"),
            )
        ),
        [
            "area/p/d0.bpmn: x: c waits inside a for the message News too, so that neither would get it. Give one of them another message, or remove one.",
        ],
    ),
    (
        "a timer with two times",
        lambda: release(
            plain(
                boundary(
                    "x",
                    "a",
                    tag(
                        "bpmn:timerEventDefinition",
                        tag("bpmn:timeDate", "2026-09-01") + tag("bpmn:timeDuration", "P1D"),
                    ),
                ),
                arrows("x > e"),
            )
        ),
        [
            "area/p/d0.bpmn: x: The timer has more than one time. Keep one date, duration or cycle.",
        ],
    ),
    (
        "a timer without a time",
        lambda: release(plain(boundary("x", "a", tag("bpmn:timerEventDefinition")), arrows("x > e"))),
        [
            "area/p/d0.bpmn: x: The timer has no time. Write one date, duration or cycle.",
        ],
    ),
    (
        "a timer that cannot be read",
        lambda: release(plain(boundary("x", "a", timer("ten days")), arrows("x > e"))),
        [
            "area/p/d0.bpmn: x: The timer's duration ten days cannot be read. Write it as P14D, or FEEL after '='.",
        ],
    ),
    (
        "a timer by cron",
        lambda: release(plain(boundary("x", "a", timer("0 9 * * MON", "Cycle"), False), arrows("x > e"))),
        [
            "area/p/d0.bpmn: x: The timer's cycle 0 9 * * MON cannot be read. Write it as R3/P1D, or FEEL after '='.",
        ],
    ),
    (
        "a repeating timer that happens once",
        lambda: release(plain(boundary("x", "a", timer("R3/P1D", "Cycle")), arrows("x > e"))),
        [
            "area/p/d0.bpmn: x: A repeating timer stands where it could happen only once. Use a duration, or a boundary event or event subprocess that does not interrupt.",
        ],
    ),
    (
        "an error on a user task",
        lambda: release(plain(boundary("x", "a", of("error", "E")), arrows("x > e"), error=error("E"))),
        [
            "area/p/d0.bpmn: x: Nothing in this task can throw an error. Attach it to a service or send task, a subprocess or a call activity.",
        ],
    ),
    (
        "an error that does not interrupt",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    job("a"),
                    end(),
                    boundary("x", "a", of("error", "E"), False),
                    arrows("s > a > e", "x > e"),
                ),
                error("E"),
            )
        ),
        [
            "area/p/d0.bpmn: x: An error event that does not interrupt cannot run. Make it interrupt.",
        ],
    ),
    (
        "an escalation on a task",
        lambda: release(plain(boundary("x", "a", of("escalation", "E")), arrows("x > e"), escalation=escalation("E"))),
        [
            "area/p/d0.bpmn: x: Nothing in a task can throw an escalation. Attach it to a subprocess or call activity.",
        ],
    ),
    (
        "a message without a name",
        lambda: release(
            plain(boundary("x", "a", of("message", "m")), arrows("x > e"), message=tag("bpmn:message", id="m"))
        ),
        [
            "area/p/d0.bpmn: x: The message has no name. Give the message a name.",
        ],
    ),
    (
        "a message without a key",
        lambda: release(plain(boundary("x", "a", of("message", "m")), arrows("x > e"), message=message("m", None))),
        [
            "area/p/d0.bpmn: x: The message m has no correlation key. Give the message one, such as =case.case_id.",
        ],
    ),
    (
        "a message with a name by expression",
        lambda: release(
            plain(boundary("x", "a", of("message", "m")), arrows("x > e"), message=message("m", name="=n"))
        ),
        [
            "area/p/d0.bpmn: x: The message's name is an expression. Write a fixed name.",
        ],
    ),
    (
        "no message",
        lambda: release(plain(boundary("x", "a", of("message")), arrows("x > e"))),
        [
            "area/p/d0.bpmn: x: It names no message. Choose the message.",
        ],
    ),
    (
        "no signal",
        lambda: release(plain(boundary("x", "a", of("signal")), arrows("x > e"))),
        [
            "area/p/d0.bpmn: x: It names no signal. Choose the signal.",
        ],
    ),
    (
        "an error thrown without a code",
        lambda: release(diagram(process("p", start(), end("e", of("error")), arrows("s > e")))),
        [
            "area/p/d0.bpmn: e: It throws an error without a code. Choose an error with a code.",
        ],
    ),
    (
        "a start by timer",
        lambda: release(diagram(process("p", start("s", timer("P1D")), end(), arrows("s > e")))),
        [
            "area/p/d0.bpmn: s: A pathway cannot begin by a timer. Begin with a plain, message or signal start event.",
        ],
    ),
    (
        "two plain starts",
        lambda: release(diagram(process("p", start(), start("s2"), xor("m"), end(), arrows("s > m > e", "s2 > m")))),
        [
            "area/p/d0.bpmn: p: The process has several plain start events. Keep one, and join what follows.",
        ],
    ),
    (
        "no start and no end",
        lambda: release(diagram(process("p", xor("m"), arrows("m > m")))),
        [
            "area/p/d0.bpmn: p: The process has no start event. Draw one.",
        ],
    ),
    (
        "a subprocess without a start",
        lambda: release(diagram(process("p", start(), sub("x", end("e2")), end(), arrows("s > x > e")))),
        [
            "area/p/d0.bpmn: x: A subprocess needs exactly one start event, without a trigger. Draw it.",
            "area/p/d0.bpmn: e2: No arrow leads to it, so it would never be reached. Draw an arrow to it, or remove it.",
        ],
    ),
    (
        "an event subprocess without a trigger",
        lambda: release(plain(sub("x", start("s2"), end("e2"), arrows("s2 > e2"), event=True))),
        [
            "area/p/d0.bpmn: x: An event subprocess needs exactly one start event, and that needs a trigger. Draw one start event with a message, timer, signal, error or escalation.",
        ],
    ),
    (
        "an event subprocess with arrows",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    sub("x", start("s2", timer("P1D")), end("e2"), arrows("s2 > e2"), event=True),
                    end(),
                    arrows("s > x > e"),
                )
            )
        ),
        [
            "area/p/d0.bpmn: x: Arrows lead to or from an event subprocess. Remove them: its start event begins it.",
        ],
    ),
    (
        "more than one arrow out of a task",
        lambda: release(diagram(process("p", start(), user("a"), end(), end("e2"), arrows("s > a > e", "a > e2")))),
        [
            "area/p/d0.bpmn: a: More than one arrow leaves it. Put a gateway after it.",
        ],
    ),
    (
        "a condition out of a task",
        lambda: release(diagram(process("p", start(), user("a"), end(), arrows("s > a > e", when={"a_e": "=true"})))),
        [
            "area/p/d0.bpmn: a: A condition stands on the arrow that leaves it. Put an exclusive gateway after it.",
        ],
    ),
    (
        "a condition out of a parallel gateway",
        lambda: release(
            diagram(
                process(
                    "p", start(), parallel("g"), end(), end("e2"), arrows("s > g > e", "g > e2", when={"g_e": "=true"})
                )
            )
        ),
        [
            "area/p/d0.bpmn: g: A condition stands on an arrow of a gateway that asks none. Use an exclusive or inclusive one.",
        ],
    ),
    (
        "an arrow out of an end",
        lambda: release(diagram(process("p", start(), end(), user("a"), end("e2"), arrows("s > e > a > e2")))),
        [
            "area/p/d0.bpmn: e: An arrow leaves an end event. Remove it, or draw a throw event instead.",
        ],
    ),
    (
        "an arrow into a start",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    user("a"),
                    xor("x", "e"),
                    end(),
                    arrows("s > a > x > e", "x > s", when={"x_s": "=true"}),
                )
            )
        ),
        [
            "area/p/d0.bpmn: s: An arrow leads to an event that begins something. Remove the arrow.",
        ],
    ),
    (
        "an element that is never reached",
        lambda: release(plain(user("lost"), end("e2"), arrows("lost > e2"))),
        [
            "area/p/d0.bpmn: lost: No arrow leads to it, so it would never be reached. Draw an arrow to it, or remove it.",
        ],
    ),
    (
        "an arrow across an edge",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    sub("x", start("s2"), user("b"), end("e2"), arrows("s2 > b > e2", "b > e")),
                    end(),
                    arrows("s > x > e"),
                )
            )
        ),
        [
            "area/p/d0.bpmn: b: An arrow crosses the edge of a process or subprocess. End it at the edge, and go on from the subprocess itself.",
            "area/p/d0.bpmn: b: More than one arrow leaves it. Put a gateway after it.",
        ],
    ),
    (
        "an arrow to nothing",
        lambda: release(plain(arrows("a > nowhere"))),
        [
            "area/p/d0.bpmn: a_nowhere: The arrow leads from or to nowhere. Draw it again.",
            "area/p/d0.bpmn: a: More than one arrow leaves it. Put a gateway after it.",
        ],
    ),
    (
        "a way without a condition",
        lambda: release(
            diagram(
                process("p", start(), xor("x"), end(), end("e2"), arrows("s > x > e", "x > e2", when={"x_e2": "=true"}))
            )
        ),
        [
            "area/p/d0.bpmn: x: Its arrow x_e has no condition. Write one, or make it the default arrow.",
        ],
    ),
    (
        "a default with a condition",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    xor("x", "e"),
                    end(),
                    end("e2"),
                    arrows("s > x > e", "x > e2", when={"x_e": "=true", "x_e2": "=true"}),
                )
            )
        ),
        [
            "area/p/d0.bpmn: x: Its default arrow x_e has a condition. Remove the condition.",
        ],
    ),
    (
        "a default that leaves another gateway",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    xor("x", "nowhere"),
                    end(),
                    end("e2"),
                    arrows("s > x > e", "x > e2", when={"x_e": "=true", "x_e2": "=true"}),
                )
            )
        ),
        [
            "area/p/d0.bpmn: x: Its default arrow does not leave it. Choose the default arrow again.",
        ],
    ),
    (
        "an event gateway that leads to a task",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    event_gateway("g"),
                    user("a"),
                    catch("c", timer("P1D")),
                    end(),
                    end("e2"),
                    arrows("s > g > a > e", "g > c > e2"),
                )
            )
        ),
        [
            "area/p/d0.bpmn: g: It leads to a, which is no message, timer or signal catch event. Lead it to catch events only.",
        ],
    ),
    (
        "an event gateway with one way",
        lambda: release(
            diagram(process("p", start(), event_gateway("g"), catch("c", timer("P1D")), end(), arrows("s > g > c > e")))
        ),
        [
            "area/p/d0.bpmn: g: An event-based gateway has fewer than two ways on. Draw two events or none.",
        ],
    ),
    (
        "a catch event with another arrow after an event gateway",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    parallel("f"),
                    event_gateway("g"),
                    catch("c", timer("P1D")),
                    catch("d", timer("P2D")),
                    end(),
                    end("e2"),
                    arrows("s > f > g > c > e", "g > d > e2", "f > c"),
                )
            )
        ),
        [
            "area/p/d0.bpmn: c: It follows an event-based gateway and has another arrow to it. Draw a second catch event.",
        ],
    ),
    (
        "a link without its other end",
        lambda: release(
            diagram(process("p", start(), throw("t", link("far")), end(), user("a"), arrows("s > t", "a > e")))
        ),
        [
            "area/p/d0.bpmn: t: The link far leads to 0 catch events. Draw exactly one link catch event of that name in the same process.",
            "area/p/d0.bpmn: a: No arrow leads to it, so it would never be reached. Draw an arrow to it, or remove it.",
        ],
    ),
    (
        "a join that overflows",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    parallel("g"),
                    user("a"),
                    user("b"),
                    xor("m"),
                    parallel("j"),
                    end(),
                    parallel("h"),
                    user("c"),
                    arrows("s > h > g", "h > c > j", "g > a > m", "g > b > m", "m > j", "j > e"),
                )
            )
        ),
        [
            "area/p/d0.bpmn: j: Two tokens can come to this gateway by the same arrow, so one would be left over and the case could never end. Bring branches together with a gateway of the kind that split them, before they come here.",
        ],
    ),
    (
        "two branches that write the same name",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    parallel("g"),
                    script("a", "=1", "n"),
                    script("b", "=2", "n"),
                    parallel("j"),
                    end(),
                    arrows("s > g", "g > a > j", "g > b > j", "j > e"),
                )
            )
        ),
        [
            "area/p/d0.bpmn: a: It writes n, and so does b (b) on a parallel branch: whichever comes last would win. Give one of them another name.",
        ],
    ),
    (
        "two branches whose forms ask the same",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    parallel("g"),
                    user("a", tag("zeebe:formDefinition", formId="f")),
                    user("b", tag("zeebe:formDefinition", formId="f")),
                    parallel("j"),
                    end(),
                    arrows("s > g", "g > a > j", "g > b > j", "j > e"),
                )
            ),
            forms={"f": form("f", "view")},
        ),
        [
            "area/p/d0.bpmn: a: It writes view, and so does b (b) on a parallel branch: whichever comes last would win. Give one of them another name.",
        ],
    ),
    (
        "parallel instances that write the same name",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    user("a", mapping(outputs={"last": "=x"}), marker=many("=l", "i")),
                    end(),
                    arrows("s > a > e"),
                )
            )
        ),
        [
            "area/p/d0.bpmn: a: All its parallel instances write last: whichever comes last would win. Gather the values with an output collection and an output element.",
        ],
    ),
    (
        "an element without an id",
        lambda: release(plain(tag("bpmn:userTask"))),
        [
            "area/p/d0.bpmn: p: A userTask has no id. Give it an id.",
            "area/p/d0.bpmn: No arrow leads to it, so it would never be reached. Draw an arrow to it, or remove it.",
        ],
    ),
    (
        "an id that is an expression",
        lambda: release(plain(user("=x"))),
        [
            "area/p/d0.bpmn: =x: An id cannot be an expression. Give it an id of letters and _.",
            "area/p/d0.bpmn: =x: No arrow leads to it, so it would never be reached. Draw an arrow to it, or remove it.",
        ],
    ),
    (
        "a link without a name",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    throw("t", tag("bpmn:linkEventDefinition")),
                    catch("c", link("far")),
                    end(),
                    arrows("s > t", "c > e"),
                )
            )
        ),
        [
            "area/p/d0.bpmn: t: The link has no name. Give both ends of the link the same name.",
        ],
    ),
    (
        "an arrow out of a link",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    throw("t", link("far")),
                    catch("c", link("far")),
                    end(),
                    end("e2"),
                    arrows("s > t > e2", "c > e"),
                )
            )
        ),
        [
            "area/p/d0.bpmn: t: An arrow leaves a link. Remove it: the link leads to its catch event.",
        ],
    ),
    (
        "an arrow to a link's other end",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    xor("x", "t"),
                    throw("t", link("far")),
                    catch("c", link("far")),
                    end(),
                    arrows("s > x > t", "x > c", "c > e", when={"x_c": "=true"}),
                )
            )
        ),
        [
            "area/p/d0.bpmn: c: An arrow leads to a link's catch event. Lead it to the link's throw event.",
        ],
    ),
    (
        "a signal by expression",
        lambda: release(
            plain(boundary("x", "a", of("signal", "g")), arrows("x > e"), signal=tag("bpmn:signal", id="g", name="=g"))
        ),
        [
            "area/p/d0.bpmn: x: The signal's name is an expression. Write a fixed name.",
        ],
    ),
    (
        "an error code by expression",
        lambda: release(
            diagram(
                process("p", start(), end("e", of("error", "E")), arrows("s > e")),
                tag("bpmn:error", id="E", errorCode="=e"),
            )
        ),
        [
            "area/p/d0.bpmn: e: The error code is an expression. Write a fixed code.",
        ],
    ),
    (
        "an event subprocess that is many",
        lambda: release(
            plain(sub("x", start("s2", timer("P1D")), end("e2"), arrows("s2 > e2"), event=True, marker=many()))
        ),
        [
            "area/p/d0.bpmn: x: An event subprocess has a multi-instance marker. Remove the marker.",
        ],
    ),
    (
        "an event on an event subprocess",
        lambda: release(
            plain(
                sub("x", start("s2", timer("P1D")), end("e2"), arrows("s2 > e2"), event=True),
                boundary("b", "x", timer("P1D")),
                end("e3"),
                arrows("b > e3"),
            )
        ),
        [
            "area/p/d0.bpmn: b: It is attached to an event subprocess. Attach it to the subprocess around it.",
        ],
    ),
    (
        "an error start that does not interrupt",
        lambda: release(
            plain(
                sub("x", start("s2", of("error", "E"), interrupting=False), end("e2"), arrows("s2 > e2"), event=True),
                error=error("E"),
            )
        ),
        [
            "area/p/d0.bpmn: s2: An error event that does not interrupt cannot run. Make it interrupt.",
        ],
    ),
    (
        "an event gateway that leads nowhere",
        lambda: release(
            diagram(
                process(
                    "p",
                    start(),
                    event_gateway("g"),
                    catch("c", timer("P1D")),
                    end(),
                    arrows("s > g > c > e", "g > nowhere"),
                )
            )
        ),
        [
            "area/p/d0.bpmn: g_nowhere: The arrow leads from or to nowhere. Draw it again.",
        ],
    ),
    (
        "a foreign element in a process",
        lambda: release(plain('<x:y xmlns:x="urn:x"/>')),
        [
            "area/p/d0.bpmn: p: The element y of the namespace urn:x does not run here. Remove it.",
        ],
    ),
    (
        "a table that is no XML",
        lambda: release(plain(), tables={"d": "<definitions"}),
        [
            "area/p/decisions/d.dmn: The file is not well-formed XML at line 1. Export it again from the editor.",
        ],
    ),
    (
        "an unknown process",
        lambda: beside(
            diagram(
                process("q", start(), call("a", "p"), end(), arrows("s > a > e")),
                process("r r", start(), end(), arrows("s > e")),
            )
        ),
        [
            "area/p/other.bpmn: s: The id s is used twice. Give one of them another id.",
            "area/p/other.bpmn: e: The id e is used twice. Give one of them another id.",
            "area/p/other.bpmn: r r: The process has no id that can name it. Give it an id of letters and _.",
        ],
    ),
]

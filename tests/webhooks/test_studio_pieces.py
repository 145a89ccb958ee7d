"""Whole pieces in a draft: a diagram drawn elsewhere is judged element by element, and pieces begin small and sound."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from time import perf_counter

import pytest

from engine.casework import Practitioner
from engine.layout import tidy
from engine.studio.making import Making
from engine.studio.publishing import NotReady
from tests.support.house import House
from tests.support.visitor import Page, Visitor, filled

Visit = Callable[..., Visitor]
PATHWAY = "camden_admin_removal"
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
AROUND = '<startEvent id="begin"/><endEvent id="END"/>'


def drawn(body: str, *, process: str = "leave_area", more: str = "", executable: str = "true") -> bytes:
    """A diagram by somebody else: whatever stands between its start and its end."""
    return (
        f'{HEAD}<definitions xmlns="{BPMN}" xmlns:zeebe="{ZEEBE}" targetNamespace="elsewhere">'
        f'<process id="{process}" name="Leave the area" isExecutable="{executable}">{body}</process>'
        f"{more}</definitions>"
    ).encode()


def in_a_row(*steps: str) -> str:
    """Steps one after the other, each `<tag id="..."…`."""
    ids = ["begin", *(step.split('id="')[1].split('"')[0] for step in steps), "END"]
    arrows = (f'<sequenceFlow id="a{i}" sourceRef="{a}" targetRef="{b}"/>' for i, (a, b) in enumerate(pairwise(ids)))
    return AROUND + "".join(steps) + "".join(arrows)


def extended(tag: str, identity: str, name: str, inside: str) -> str:
    return f'<{tag} id="{identity}" name="{name}"><extensionElements>{inside}</extensionElements></{tag}>'


#: What people draw in Camunda 8 and elsewhere and what does not run here: the step, and a word of the reason.
REFUSED = {
    "a script": ('<scriptTask id="x" name="Count"><script>import os</script></scriptTask>', "script"),
    "an ad-hoc subprocess": ('<adHocSubProcess id="x" name="Count"><task id="y"/></adHocSubProcess>', "ad-hoc"),
    "a transaction": ('<transaction id="x" name="Count"><task id="y"/></transaction>', "transaction"),
    "a complex gateway": ('<complexGateway id="x" name="Count"/>', "complex gateway"),
    "a loop": ('<task id="x" name="Count"><standardLoopCharacteristics/></task>', "loop"),
    "a job of nobody": (extended("serviceTask", "x", "Count", '<zeebe:taskDefinition type="send-it"/>'), "send-it"),
    "no job": ('<serviceTask id="x" name="Count"/>', "no job type"),
    "no form": (extended("userTask", "x", "Count", '<zeebe:formDefinition formId="gone"/>'), "no form gone"),
    "a form key": (extended("userTask", "x", "Count", '<zeebe:formDefinition formKey="k"/>'), "form key"),
    "a listener": (
        extended("userTask", "x", "Count", "<zeebe:executionListeners/>"),
        "listener",
    ),
    "no decision": (
        extended("businessRuleTask", "x", "Count", '<zeebe:calledDecision decisionId="d" resultVariable="r"/>'),
        "decision d",
    ),
    "a call to nothing": (extended("callActivity", "x", "Count", '<zeebe:calledElement processId="gone"/>'), "gone"),
    "a call by expression": (
        extended("callActivity", "x", "Count", '<zeebe:calledElement processId="=p"/>'),
        "process",
    ),
    "FEEL that is none": (
        extended("scriptTask", "x", "Count", '<zeebe:script expression="=1 +" resultVariable="r"/>'),
        "1 +",
    ),
    "Camunda 7": (
        '<userTask id="x" name="Count" xmlns:c="http://camunda.org/schema/1.0/bpmn" c:assignee="me"/>',
        "Camunda 7",
    ),
    "compensation": (
        '<intermediateThrowEvent id="x" name="Count"><compensateEventDefinition/></intermediateThrowEvent>',
        "ompensation",
    ),
    "a condition event": (
        '<intermediateCatchEvent id="x" name="Count"><conditionalEventDefinition/></intermediateCatchEvent>',
        "conditional",
    ),
    "a link to nowhere": (
        '<intermediateThrowEvent id="x" name="Count"><linkEventDefinition name="far"/></intermediateThrowEvent>',
        "far",
    ),
}

SETTINGS = " ".join(f'a{number}=""' for number in range(100_000))
HOSTILE = {
    "an entity bomb": (f'{HEAD}<!DOCTYPE a [<!ENTITY b "{"x" * 99}"><!ENTITY c "&b;&b;">]><a>&c;</a>', "DOCTYPE"),
    "an entity from elsewhere": (f'{HEAD}<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "DOCTYPE"),
    "a document type": (f'{HEAD}<!DOCTYPE definitions><definitions xmlns="{BPMN}"/>', "DOCTYPE"),
    "10,000 elements": (drawn(AROUND + "".join(f'<task id="t{i}"/>' for i in range(10_000))).decode(), "2,000 tasks"),
    "an element of 100,000 settings": (drawn(f'<task id="t" {SETTINGS}/>').decode(), "more than 100 settings"),
    "a deep diagram": (
        drawn("".join(f'<subProcess id="s{i}">' for i in range(90)) + "</subProcess>" * 90).decode(),
        "depth",
    ),
    "half a million elements": (f'{HEAD}<definitions xmlns="{BPMN}">{"<task/>" * 500_000}</definitions>', "too large"),
    "no XML": ("<definitions", "XML"),
    "a picture": ("\x89PNG\r\n", "XML"),
    "a page": ("<html><body>hello</body></html>", "no BPMN 2.0 diagram"),
    "no process": (f'{HEAD}<definitions xmlns="{BPMN}"/>', "no process"),
    "two processes": (
        drawn(AROUND, more=f'<process id="p2" isExecutable="true">{AROUND}</process>').decode(),
        "Several",
    ),
}


@pytest.fixture
def making(house: House) -> Making:
    return Making(house.store, house.shelf, house.clock)


@pytest.fixture
def analyst(house: House) -> Practitioner:
    return house.person("analyst")


@pytest.fixture
def draft(making: Making, analyst: Practitioner) -> int:
    return making.begin(analyst, "A test’s draft").number


def send(visitor: Visitor, draft: int, body: bytes, status: int = 200, **typed: str) -> Page:
    """Bring a diagram in."""
    place = f"/studio/drafts/{draft}/diagram-in"
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, values in filled(visitor.get(place).form("/diagram-in"), typed).items()
        for value in values
    ]
    about = b'--edge\r\nContent-Disposition: form-data; name="diagram"; filename="theirs.bpmn"\r\n\r\n'
    whole = b"".join(parts) + about + body + b"\r\n--edge--\r\n"
    page = Page(visitor.client.post(place, data=whole, content_type="multipart/form-data; boundary=edge"))
    assert status == page.status, page.text
    return page


def test_a_diagram_that_runs_becomes_a_pathway_of_the_draft(visit: Visit, making, analyst, draft):
    """Its bytes are kept as they came, beside settings that say how its answers are read; no picture, one is added."""
    body = drawn(in_a_row('<userTask id="ask" name="Ask"/>', '<manualTask id="wait" name="Wait"/>'))
    page = send(visit("analyst"), draft, body)
    assert "Runs All 4 elements run as drawn" in page.text
    opened = making.open(analyst, draft)
    kept = opened.body("camden/leave_area/pathway.bpmn")
    assert tidy(body) == kept and b"BPMNShape" in kept
    assert "leave_area" in opened.workspace.pathways
    again = making.judge(opened, kept, into="leave_area")
    assert again.runs and kept == again.files["camden/leave_area/pathway.bpmn"]


def test_a_foreign_diagram_that_calls_a_pathway_keeps_answers_as_that_one_does(visit: Visit, making, analyst, draft):
    """Otherwise nobody could bring one in: the setting is taken over, and what that means for conditions is said."""
    calls = '<zeebe:calledElement processId="camden_route" propagateAllChildVariables="true"/>'
    page = send(visit("analyst"), draft, drawn(in_a_row(extended("callActivity", "call", "The route", calls))))
    assert "which calls it, has" not in page.text
    assert "All 3 elements run as drawn" in page.text
    assert "keeps each task’s answers under the task’s id" in page.text
    assert b'answers = "by task"' in making.open(analyst, draft).body("camden/leave_area/pathway.toml")


def test_a_trial_says_what_stopped_what_comes_by_itself_and_that_all_is_over(visit: Visit, draft):
    """An empty list of tasks always has its reason beside it: stopped, waiting for a day, or at its end."""
    visitor = visit("analyst")
    a_day = "<timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>"
    nobody = extended("userTask", "ask", "Ask", '<zeebe:assignmentDefinition assignee="=whoever"/>')
    said = []
    for name, step in (
        ("stops", nobody),
        ("waits", f'<intermediateCatchEvent id="ask" name="A day">{a_day}</intermediateCatchEvent>'),
    ):
        send(visitor, draft, drawn(in_a_row(step)), name=name)
        page = visitor.send(visitor.get(f"/studio/drafts/{draft}/{name}/trials").form("/trials"))
        said.append(page.text)
    stopped, waits = said
    assert "Stopped Ask: " in stopped and "whoever" in stopped and "an operator would be told" in stopped
    assert "By itself on " in waits and ": A day" in waits
    token = page.form("/trials/2").fields["csrf_token"]
    later = {"csrf_token": token, "do": "later", "later": "+1 month"}
    over = Page(visitor.client.post(page.path, data=later, follow_redirects=True))
    assert "the pathway has come to its end" in over.text


def test_a_step_for_each_of_a_list_is_told_apart_answered_and_kept_by_its_number(visit: Visit, making, analyst, draft):
    """Each open one says whom it is for; the one that was opened is answered, and the kept scenario answers it, too."""
    visitor = visit("analyst")
    each = (
        '<zeebe:loopCharacteristics inputCollection="=[&quot;School&quot;, &quot;Nurse&quot;]" inputElement="agency"/>'
    )
    marker = f"<multiInstanceLoopCharacteristics><extensionElements>{each}</extensionElements>"
    ask = f'<userTask id="ask" name="Ask the agency">{marker}</multiInstanceLoopCharacteristics></userTask>'
    send(visitor, draft, drawn(in_a_row(ask)), name="views")
    place = f"/studio/drafts/{draft}/views"
    page = visitor.send(visitor.get(f"{place}/trials").form("/trials"))
    assert "Ask the agency, School (number 1)" in page.text and "Ask the agency, Nurse (number 2)" in page.text
    trial = page.path
    task = visitor.get(f"{trial}/ask?item=2")
    assert "Ask the agency, Nurse (number 2)" in task.text
    page = visitor.send(task.form("/ask?item=2"))
    assert "Nurse (number 2)" not in page.text and "School (number 1)" in page.text
    assert "Completed: Ask the agency" in page.text
    token = page.form("/trials/1").fields["csrf_token"]
    keep = {"csrf_token": token, "do": "keep", "title": "The nurse answers first"}
    kept = Page(visitor.client.post(trial, data=keep, follow_redirects=True))
    assert "number = 2" in kept.source
    assert "Passed" in visitor.send(kept.form("/run")).text
    visitor.get(f"{trial}/ask?item=2", status=404)


def test_a_published_pathway_gets_another_title_and_keeps_its_id(visit: Visit, making, analyst, draft):
    """The page says which of both, why, and what names it; the id is refused in words whatever is sent."""
    visitor = visit("analyst")
    place = f"/studio/drafts/{draft}/{PATHWAY}"
    assert f"{place}/name" in visitor.get(f"{place}/outline").source
    page = visitor.get(f"{place}/name")
    assert "published, and its id stays" in page.text and "camden_route" in page.text
    page = visitor.send(page.form("/name"), {"title": "x"}, status=409)
    assert "Say in 3 to 120 characters" in page.text
    page = visitor.send(
        visitor.get(f"{place}/name").form("/name"), {"title": "Removal by decision", "version": "2.0.0"}
    )
    assert f"Its id is still {PATHWAY}." in page.text and "Removal by decision" in page.text
    assert b"Removal by decision" in making.open(analyst, draft).body(f"camden/{PATHWAY}/pathway.toml")
    assert "called so already" in visitor.send(page.form("/name")).text
    token = page.form("/name").fields["csrf_token"]
    refused = visitor.client.post(f"{place}/id", data={"csrf_token": token, "name": "removal"})
    assert refused.status_code == 409 and "keeps its id" in Page(refused).text


def test_a_pathway_of_the_draft_alone_gets_another_id_and_keeps_its_trials(visit: Visit, making, analyst, draft):
    """Until it is published nobody else knows it."""
    visitor = visit("analyst")
    send(visitor, draft, drawn(in_a_row('<userTask id="ask" name="Ask"/>')))
    visitor.send(visitor.get(f"/studio/drafts/{draft}/leave_area/trials").form("/trials"))
    page = visitor.send(visitor.get(f"/studio/drafts/{draft}/leave_area/name").form("/id"), {"name": "move_away"})
    assert "Its id is move_away now." in page.text and "Nothing outside its own folder names it" in page.text
    assert "Ask" in visitor.get(f"/studio/drafts/{draft}/move_away/trials/1").text
    visitor.get(f"/studio/drafts/{draft}/leave_area/outline", status=404)


def test_every_element_that_does_not_run_is_named_with_reason_and_mend(visit: Visit, making, analyst, draft):
    """By its id and its name; nothing is kept; what is right beside it is said to run."""
    steps = [
        step.replace('id="x"', f'id="x{at}"').replace('"y"', f'"y{at}"')
        for at, (step, _) in enumerate(REFUSED.values())
    ]
    page = send(visit("analyst"), draft, drawn(in_a_row(*steps, '<task id="fine" name="Fine"/>')), 422)
    lines = [" ".join(one.text_content().split()) for one in page.root.xpath("//ul[@class='app-findings']/li")]
    for at, (what, (_, word)) in enumerate(REFUSED.items()):
        about = [line for line in lines if line.startswith("Count (") and f", x{at})" in line]
        assert about and any(word in line for line in about), (what, lines)
    assert "Nothing was kept" in page.text and "Runs Fine" in page.text
    assert {} == making.open(analyst, draft).files


def test_what_does_not_run_is_taken_to_mend_only_when_asked_for_and_is_never_published(
    visit: Visit, making, analyst, draft
):
    """The draft opens, says what is wrong at the element, and cannot be submitted."""
    call = extended("callActivity", "call", "Call", '<zeebe:calledElement processId="gone"/>')
    body = drawn(in_a_row('<scriptTask id="count" name="Count"><script>1</script></scriptTask>', call))
    page = send(visit("analyst"), draft, body, mend="yes")
    assert "To be mended" in page.text
    checks = visit("analyst").get(f"/studio/drafts/{draft}/leave_area/checks").text
    assert "A script does not run here" in checks and "There is no executable process gone" in checks
    visit("analyst").get(f"/studio/drafts/{draft}/leave_area/editor?path=camden/leave_area/pathway.bpmn")
    with pytest.raises(NotReady) as refused:
        making.submit(analyst, draft, "It is as good as it will ever get.")
    assert any("refuse" in reason for reason in refused.value.reasons)


def test_hostile_uploads_are_refused_in_words_within_a_second_and_nothing_is_kept(visit: Visit, making, analyst, draft):
    """Nothing is expanded, fetched or stored."""
    visitor = visit("analyst")
    for what, (body, word) in HOSTILE.items():
        before = perf_counter()
        page = send(visitor, draft, body.encode("utf-8"), 400)
        took = perf_counter() - before
        assert any(word in line for line in page.problems()), (what, page.problems())
        assert "root:" not in page.source and took < 5, (what, took)  # a second alone; tests share the machine
    assert {} == making.open(analyst, draft).files


def test_an_upload_beyond_the_limit_is_answered_with_the_limit_in_words(visit: Visit, making, analyst, draft):
    """50 MB are not read; 3 MB, more than other pages read, are judged by the studio's own limits."""
    visitor = visit("analyst")
    place = f"/studio/drafts/{draft}/diagram-in"
    page = Page(visitor.client.post(place, data=b"x" * 50_000_000, content_type="multipart/form-data; boundary=x"))
    assert 413 == page.status
    assert "That is too large" in page.heading and "At most 8 MB can be sent here." in page.text
    note = f"<textAnnotation id='n'><text>{'word ' * 600_000}</text></textAnnotation>"
    page = send(visitor, draft, drawn(in_a_row('<task id="ask" name="Ask"/>') + note))
    assert "Runs" in page.text
    large = send(visitor, draft, drawn(note + note), 400)
    assert any("bytes" in line for line in large.problems())


def test_a_foreign_process_is_called_as_the_pathway_and_may_replace_one(visit: Visit, making, analyst, draft):
    """Whatever its process is called, references inside the file follow; an id that files cannot have is asked for."""
    visitor = visit("analyst")
    body = drawn(in_a_row('<task id="ask" name="Ask"/>'), process="Process_1abc")
    send(visitor, draft, body)
    assert "process_1abc" in making.open(analyst, draft).workspace.pathways
    send(visitor, draft, body, name="leave_area")
    assert b'<process id="leave_area"' in making.open(analyst, draft).body("camden/leave_area/pathway.bpmn")
    assert send(visitor, draft, body, 400, name="leave_area").problems()
    assert send(visitor, draft, body, 400, name="Leave Area!").problems()
    send(visitor, draft, body, into=PATHWAY)
    assert f'<process id="{PATHWAY}"'.encode() in making.open(analyst, draft).body(f"camden/{PATHWAY}/pathway.bpmn")


def test_a_diagram_nobody_made_executable_says_so(visit: Visit, draft):
    """A drawing that was never meant to run is refused at its process."""
    page = send(visit("analyst"), draft, drawn(in_a_row('<task id="ask" name="Ask"/>'), executable="false"), 422)
    assert "No process in this file is executable" in page.text


def test_a_pathway_begins_with_one_task_and_passes_the_checks(visit: Visit, making, analyst, draft):
    """Nobody needs a file to begin one; it stands in the draft with its form, and can be taken away again."""
    visitor = visit("analyst")
    page = visitor.get(f"/studio/drafts/{draft}/new-pathway")
    asked = {"title": "A child leaves the area", "name": "leave_area", "role": "social_worker"}
    page = visitor.send(page.form("/new-pathway"), asked)
    assert "A child leaves the area" in page.text
    opened = making.open(analyst, draft)
    assert [] == making.check(opened, "leave_area")
    for wrong in ({**asked, "name": "Leave"}, {**asked, "role": ""}, asked):
        again = visitor.get(f"/studio/drafts/{draft}/new-pathway")
        assert visitor.send(again.form("/new-pathway"), wrong, status=409).problems()
    page = visitor.send(visitor.get(f"/studio/drafts/{draft}").form("/remove-pathway"))
    assert "leave_area" not in making.open(analyst, draft).workspace.pathways


#: A piece of each kind, and where it stands.
PIECES = {
    "form": "forms/tell_school.form",
    "letter": "letters/tell_school.md",
    "table": "decisions/tell_school.dmn",
    "scenario": "scenarios/tell_school.toml",
}
#: A piece, another id for it, and the step that names it.
NAMED = (
    ("forms/check_fact.form", "look_at_fact", "check_fact"),
    ("letters/administrative_removal.md", "removal_letter", "draft_removal_letter"),
    ("decisions/camden_recipients.dmn", "camden_who_is_told", "list_recipients"),
)


def test_each_piece_begins_sound_and_opens(visit: Visit, making, analyst, draft):
    """A form, letter, table and scenario that nothing names yet leave the pathway as sound as it was."""
    visitor, place = visit("analyst"), f"/studio/drafts/{draft}/{PATHWAY}/new?kind="
    for kind in PIECES:
        asked = {"title": "Is the school told?", "name": "tell_school"}
        assert "is begun" in visitor.send(visitor.get(place + kind).form("/new"), asked).text
        assert visitor.send(visitor.get(place + kind).form("/new"), asked, status=409).problems()
    opened = making.open(analyst, draft)
    assert {f"camden/{PATHWAY}/{path}" for path in PIECES.values()} == opened.workspace.changed
    assert [] == making.check(opened, PATHWAY)


def test_what_names_a_piece_is_told_and_renamed_with_it(visit: Visit, making, analyst, draft):
    """The page of a file says what names it; a new id reaches all of it, and the pathway stays sound."""
    visitor = visit("analyst")
    for path, name, where in NAMED:
        whole = f"camden/{PATHWAY}/{path}"
        page = visitor.get(f"/studio/drafts/{draft}/file?path={whole}")
        assert where in page.text.partition("What names it")[2].partition("Another id")[0]
        page = visitor.send(page.form("/rename"), {"name": name})
        assert f"{name} now" in page.text
        opened = making.open(analyst, draft)
        assert whole not in opened.workspace.files
        assert where == making.references(opened, page_path(page))[0].place
    assert [] == [one for one in making.check(opened, PATHWAY) if one.severity == "refusal"]


def page_path(page: Page) -> str:
    """The file that a page of a file is about."""
    return str(page.root.xpath("//input[@name='path']/@value")[0])


def test_what_is_taken_away_and_still_named_is_told(visit: Visit, making, analyst, draft):
    """Nothing keeps a piece from being taken away in a draft; the checks then refuse at the step that names it."""
    visitor, path = visit("analyst"), f"camden/{PATHWAY}/forms/check_fact.form"
    page = visitor.get(f"/studio/drafts/{draft}/file?path={path}")
    page = visitor.send(page.form("/remove"))
    assert "1 place still names it" in page.text
    findings = making.check(making.open(analyst, draft), PATHWAY)
    assert "check_fact" in {one.place for one in findings if one.severity == "refusal"}


def test_what_a_step_names_is_picked_from_what_exists(visit: Visit, making, analyst, draft):
    """Without a mouse: form, letter, table, called pathway, job and one more clause, each from a list."""
    visitor, place = visit("analyst"), f"/studio/drafts/{draft}/{PATHWAY}/step?step="
    page = visitor.get(place + "check_fact")
    forms = page.root.xpath("//select[@name='names-form']/option/@value")
    assert {"", "check_fact", "decide_admin_removal"} <= set(forms)
    assert "administrative_removal" in page.root.xpath("//select[@name='names-letter']/option/@value")
    clause = page.root.xpath("//select[@name='add-clause']/option/@value")[1]
    visitor.send(page.form("/step"), {"names-form": "decide_admin_removal", "add-clause": clause})
    body = making.open(analyst, draft).body(f"camden/{PATHWAY}/pathway.bpmn").decode()
    step = body.partition('id="check_fact"')[2].partition("</bpmn:userTask>")[0]
    assert 'formId="decide_admin_removal"' in step and clause in step
    named = (("list_recipients", "table"), ("follow_life_event", "pathway"), ("record_checked_fact", "job"))
    for step_id, what in named:
        listed = visitor.get(place + step_id).root.xpath(f"//select[@name='names-{what}']/option[@selected]/@value")
        assert listed and listed[0], step_id

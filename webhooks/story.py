"""A case's history in plain words: each command is one entry, and what happened in it is a line or two below."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from flask import url_for

from engine.case.confidential import holds_withheld, legible
from engine.casework import CaseView, Done, Practitioner
from engine.casework.people import HEAD
from engine.casework.placing import with_places
from engine.casework.views import Entry
from engine.forms import Form
from engine.forms import listed as in_line
from webhooks import diagrams, facts
from webhooks.words import a_date, coded, either, said


@dataclass(frozen=True, slots=True)
class Chapter:
    """One entry of the history page."""

    at: datetime
    title: str
    who: str | None
    lines: tuple[str, ...]
    #: Answers that were put right later, as they were first given, and who put them right, when and why.
    struck: tuple[str, ...] = ()
    corrected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Names:
    """What ids are called: elements and pathways by the diagrams, roles and people by the authority."""

    elements: Mapping[str, str]
    pathways: Mapping[str, str]
    role: Callable[[str | None], str]
    people: Mapping[str, str]
    forms: Mapping[str, Form]
    letters: Mapping[str, str]
    #: The form of each task that was opened, and of each element whose tasks all had the same one.
    form_of: Mapping[int | str, str]
    #: Each task that was opened: its element, and the process in which it stands.
    element_of: Mapping[int, tuple[str, str]]
    #: What stands beside the rows of tables that decided something here, by decision and row.
    rows: Mapping[tuple[str, int], str]
    #: Linked cases of which whoever reads may know.
    siblings: frozenset[str]
    #: By process and id: another process that the pathway calls may use the same id for something else.
    placed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def element(self, identifier: str | None, process: str = "") -> str:
        """An element's name on the drawing of its process, else its id in words."""
        if identifier is None:
            return "the pathway"
        return self.placed.get(process, self.elements).get(identifier) or diagrams.in_words(identifier)

    def step(self, body: Mapping[str, Any]) -> str:
        """The name of the element at which something happened."""
        return self.element(body.get("element"), str(body.get("process") or ""))

    def letter(self, identifier: str) -> str:
        """What a letter is called, else its id in words."""
        return self.letters.get(identifier) or diagrams.in_words(identifier)

    def person(self, identifier: str | None) -> str:
        """A person's name where it is known."""
        return self.people.get(identifier or "", identifier or "somebody")


def names_of(case: CaseView, role: Callable[[str | None], str]) -> Names:
    """The names that this case's history needs."""
    elements: dict[str, dict[str, None]] = {}
    placed: dict[str, Mapping[str, str]] = {}
    for pathway in case.pathways:
        for process, path in pathway.processes.items():
            placed[process] = diagrams.names_in(pathway.diagrams[path])
            for element, name in placed[process].items():
                elements.setdefault(element, {})[name] = None
    people = {entry.by: entry.by_name for entry in case.timeline}
    people.update({task.assignee: task.assignee_name or "" for task in case.open_tasks if task.assignee})
    told = [one for entry in case.timeline for one in entry.placed() if one[0].kind == "TaskOpened"]
    opened = [event.body for event, _ in told]
    forms: dict[str, set[str]] = {}
    for body in opened:
        forms.setdefault(body["element"], set()).add(body.get("form") or "")
    form_of: dict[int | str, str] = {body["task"]: body["form"] for body in opened if body.get("form")}
    form_of |= {element: next(iter(found)) for element, found in forms.items() if len(found) == 1}
    return Names(
        {element: " / ".join(names) for element, names in elements.items()},
        {pathway.pathway: pathway.title for pathway in case.pathways},
        role,
        people,
        {name: form for pathway in case.pathways for name, form in pathway.forms.items()},
        {name: title for pathway in case.pathways for name, title in pathway.letters.items()},
        form_of,
        {event.body["task"]: (event.body["element"], process) for event, process in told},
        {row: note.words for row, note in case.rows.items() if note.words},
        frozenset(one.case_id for one in case.siblings),
        placed,
    )


def told(case: CaseView, names: Names) -> list[Chapter]:
    """The whole history, the newest first."""
    corrections: dict[tuple[int, int], list[tuple[Entry, _Body]]] = {}
    for entry in case.timeline:
        for event in entry.events:
            if event.kind == "StepCorrected":
                corrections.setdefault((event.body["instance"], event.body["task"]), []).append((entry, event.body))
    entries = (with_places(entry) for entry in reversed(case.timeline))
    return [_put_right(_chapter(entry, names), entry, corrections, names) for entry in entries]


def _put_right(
    chapter: Chapter, entry: Entry, corrections: Mapping[tuple[int, int], list[tuple[Entry, _Body]]], names: Names
) -> Chapter:
    """The chapter with what was wrong in it struck, and beside it who put it right, when and why."""
    for event in entry.events:
        found = corrections.get((event.body.get("instance", 0), event.body.get("task") or 0), ())
        if event.kind != "TaskCompleted" or not found:
            continue
        form = names.forms.get(names.form_of.get(event.body["task"], ""))
        given, wrong = event.body["answers"], list[str]()
        for _, body in found:
            for key in body["answers"]:
                if key in given and given[key] != body["answers"][key] and (form is None or key in form.fields):
                    wrong.append(_answer(form, key, given[key]))
        notes = [f"Corrected by {by.by_name} on {a_date(by.at)}: {body['why']}" for by, body in found]
        kept = tuple("\n".join(one for one in line.split("\n") if one not in wrong) for line in chapter.lines)
        lines = tuple(line for line in kept if line)
        return replace(chapter, lines=lines, struck=tuple(dict.fromkeys(wrong)), corrected=tuple(notes))
    return chapter


def _chapter(entry: Entry, names: Names) -> Chapter:
    entitle = _TITLES.get(entry.kind, _fixed(diagrams.in_words(entry.kind)))
    title = entitle(entry, names)
    lines: list[str] = []
    for event in entry.events:
        tell = _LINES.get(event.kind)
        line = legible(tell(event.body, names, entry) or "") if tell else ""
        if line and line not in lines:
            lines.append(line)
    who = None if entry.by == "worker" else entry.by_name + (f", {names.role(entry.role)}" if entry.role else "")
    return Chapter(entry.at, title, who, tuple(lines))


# ---------------------------------------------------------------------------------------- what each command is called


def _first(entry: Entry, kind: str) -> Mapping[str, Any]:
    return next((event.body for event in entry.events if event.kind == kind), {})


def _completed(entry: Entry, names: Names) -> str:
    body = _first(entry, "TaskCompleted")
    if body:
        return f"Completed: {names.step(body)}"
    held = _first(entry, "IncidentRaised")
    return f"Answered, and stopped: {names.step(held)}"


def _timer(entry: Entry, names: Names) -> str:
    reached = _first(entry, "OverdueReached")
    if reached:
        task = names.element(*names.element_of.get(reached["task"], (None, "")))
        return {
            "remind": f"Soon due: {task}",
            "manager": f"Overdue, and the manager is told: {task}",
            "head": f"Overdue, and the {names.role(HEAD)} is told: {task}",
        }.get(reached["rung"], f"Overdue: {task}")
    life = _first(entry, "LifeEventRecorded")
    if life:
        return facts.happened(life["name"])
    fired = _first(entry, "TimerFired")
    return f"Time passed: {names.step(fired)}" if fired else "Time passed"


def _life_event(entry: Entry, names: Names) -> str:
    name = _first(entry, "LifeEventRecorded").get("name", "")
    return f"Life event: {facts.happened(name)}"


def _reported_event(entry: Entry, names: Names) -> str:
    name = _first(entry, "LifeEventReported").get("name", "")
    return f"Reported, and not taken as fact: {facts.happened(name)}"


_Title = Callable[[Entry, Names], str]


def _fixed(title: str) -> _Title:
    return lambda entry, names: title


_TITLES: dict[str, _Title] = {
    "open_case": _fixed("Case opened"),
    "record_facts": _fixed("Facts recorded"),
    "allocate_role": _fixed("Case allocated"),
    "add_note": _fixed("Note"),
    "start_pathway": lambda entry, names: (
        "Pathway started: " + names.pathways.get(_first(entry, "PathwayStarted").get("pathway", ""), "a pathway")
    ),
    "complete_task": _completed,
    "claim_task": _fixed("Task claimed"),
    "release_task": _fixed("Task given back to the team"),
    "hand_over_task": _fixed("Task handed over"),
    "fire_timer": _timer,
    "record_life_event": _life_event,
    "report_life_event": _reported_event,
    "receive_message": lambda entry, names: (
        "Message received: " + diagrams.in_words(_first(entry, "MessageReceived").get("name", ""))
    ),
    "finish_job": lambda entry, names: f"Done: {names.step(_first(entry, 'JobFinished'))}",
    "fail_job": lambda entry, names: f"Could not be done: {names.step(_first(entry, 'JobFailed'))}",
    "retry_incident": _fixed("Tried again after an incident"),
    "repair_incident": _fixed("Incident mended"),
    "answer_escalation": _fixed("Escalation answered"),
    "correct_step": _fixed("Step corrected"),
    "reinstate_plan": _fixed("Plan reinstated"),
    "withdraw_pathway": _fixed("Pathway withdrawn"),
    "mail_letter": _fixed("Letter sent by email"),
    "mail_handed_in": _fixed("Email handed to the mail server"),
}

# ------------------------------------------------------------------------------------------- what each event says


_Body = Mapping[str, Any]


def _answers(body: _Body, names: Names, entry: Entry) -> str | None:
    """The answers in the form's order and words; of a text of many lines only the beginning."""
    form = names.forms.get(names.form_of.get(body["task"], ""))
    answers = body["answers"]
    keys = [key for key in (form.fields if form else answers) if answers.get(key) not in (None, "", [])]
    return "\n".join(_answer(form, key, answers[key]) for key in keys) or None


def _answer(form: Form | None, key: str, value: Any) -> str:
    if form is None:
        return f"{diagrams.in_words(key)}: {said(value)}"
    title = _asked(form.fields[key].title)
    options = {str(option.value): option.label for option in form.fields[key].options}
    given = value if isinstance(value, list) else [value]
    words = in_line([options.get(str(one)) or said(one) for one in given])
    beginning, more, _ = words.partition("\n\n")
    return f"{title} {beginning.removeprefix('# ')}{' …' if more else ''}"


def _asked(title: str) -> str:
    """A question or a label as it stands before its answer."""
    return title if title.endswith("?") else f"{title}:"


def _correction(body: _Body, names: Names) -> str:
    """What is right instead, and why it was put right."""
    form = names.forms.get(names.form_of.get(body["task"], ""))
    was = body.get("was") or {}
    changed = [key for key, value in body["answers"].items() if was.get(key) != value]
    right = [_answer(form, key, body["answers"][key]) for key in changed if form is None or key in form.fields]
    return "\n".join([names.step(body), *right, f"Why: {body['why']}"])


def _opened(body: _Body, names: Names, entry: Entry) -> str:
    due = body.get("due") or {}
    until = f", due {a_date(due['on'])}" if due.get("on") else ""
    return f"Next: {names.step(body)} ({either([names.role(role) for role in _roles(body)])}{until})"


def _roles(body: _Body) -> list[str | None]:
    """The roles that may take an opened task: those the diagram names, else its lane's; None where it names none."""
    return sorted(body.get("candidates") or ()) or [body.get("role")]


def roles_of_steps(case: CaseView) -> dict[tuple[int, int], list[str]]:
    """The roles of each task that was ever opened, by pathway and task; none where the diagram names none."""
    opened = (event.body for entry in case.timeline for event in entry.events if event.kind == "TaskOpened")
    return {(body["instance"], body["task"]): [one for one in _roles(body) if one] for body in opened}


def _decision(body: _Body, names: Names, entry: Entry) -> str:
    """What a table found, why, and by which of its rows."""
    result = body["result"]
    if isinstance(result, Mapping):
        result = {diagrams.in_words(name): coded(value) for name, value in result.items() if value is not None}
    # Which row matched would tell an input that is kept from the reader.
    rules = () if holds_withheld(body.get("inputs")) else body.get("rules") or ()
    own = [rule["row"] for rule in rules if rule.get("decision") == body["decision"]]
    why = "; ".join(filter(None, (names.rows.get((body["decision"], row), "") for row in own)))
    rows = f" (row {', '.join(str(row) for row in own)})" if own else ""
    return f"{_asked(names.step(body))} {said(coded(result))}{' – ' + why if why else ''}{rows}"


def _ended(body: _Body, names: Names, entry: Entry) -> str:
    return (
        f"The child protection plan ended on {a_date(body['effective_on'])}, decided on {a_date(body['decided_on'])}: "
        f"{names.element(body['outcome'])}"
    )


def _held(body: _Body, names: Names, entry: Entry) -> str:
    return "The plan was not ended: " + (", ".join(said(one) for one in body["blockers"]) or "something is not known")


def _life(body: _Body, names: Names, entry: Entry) -> str:
    payload = body["payload"]
    changed = [f"{facts.label(key)}: {facts.say(key, payload[key])}" for key in facts.FACTS if key in payload]
    return "\n".join([f"Received on {a_date(body['received_on'])}", *changed])


def _reported(body: _Body, names: Names, entry: Entry) -> str:
    told = [f"{facts.label(key)}: {said(value)}" for key, value in sorted(body["payload"].items())]
    return "\n".join([f"Received on {a_date(body['received_on'])}", *told, f"No fact was changed. {body['why']}"])


def _facts(body: _Body, names: Names, entry: Entry) -> str | None:
    said_of, linked = {**body["facts"]}, body["facts"].get("sibling_case_ids")
    if isinstance(linked, list):
        said_of["sibling_case_ids"] = [one for one in linked if one in names.siblings]
    known = [
        f"{facts.label(key)}: {facts.say(key, said_of[key])}"
        for key in (*facts.FACTS, *sorted(said_of.keys() - facts.FACTS.keys()))
        if key in said_of and (_recorded(entry, key, body) or not facts.is_plain(key, said_of[key]))
    ]
    # The reason for a link names the linked case: where one may not be known of, nor may the reason be read.
    told_why = body.get("why") and said_of.get("sibling_case_ids") == linked
    return "\n".join([*known, f"Why: {body['why']}"] if told_why else known) or None


def _recorded(entry: Entry, key: str, body: _Body) -> bool:
    """Whether a person recorded just this: that it is not known, or not so, is then what happened (SH-6)."""
    return entry.kind == "record_facts" and not (key == "sibling_case_ids" and body["facts"][key])


def _escalated(body: _Body, names: Names, entry: Entry) -> str:
    return f"Put before the {names.role(body['to'])}"


_Line = Callable[[_Body, Names, Entry], str | None]
_LINES: dict[str, _Line] = {
    "CaseOpened": _facts,
    "FactsRecorded": _facts,
    # What a step writes into the case's facts was just answered in it.
    "FactsChanged": lambda b, n, e: None if e.kind == "complete_task" else _facts(b, n, e),
    "RoleAllocated": lambda b, n, e: (
        f"{n.role(b['role'])}: {n.person(b['person']) if b['person'] else 'the team'}"
        if e.kind != "open_case"
        else None
    ),
    "TaskCompleted": _answers,
    "DecisionMade": _decision,
    "TaskWithdrawn": lambda b, n, e: f"No longer needed: {n.step(b)}",
    "PlanEnded": _ended,
    "EndingHeld": _held,
    "LetterDrafted": lambda b, n, e: f"Letter drafted: {n.letter(b['letter'])}",
    "LetterApproved": lambda b, n, e: f"Letter approved: {n.letter(b['letter'])}",
    "LetterSent": lambda b, n, e: f"Letter sent: {n.letter(b['letter'])}",
    "LetterWithdrawn": lambda b, n, e: f"Letter withdrawn: {n.letter(b['letter'])}, {b['why']}",
    "LetterMailed": lambda b, n, e: "\n".join(f"To {said(one['to'])}, at {said(one['address'])}" for one in b["to"]),
    "MailHandedIn": lambda b, n, e: f"To {said(b['to'])}",
    "LifeEventRecorded": _life,
    "LifeEventReported": _reported,
    "EscalationRaised": _escalated,
    "EscalationAnswered": lambda b, n, e: f"Answer: {b['answer']}" if b.get("answer") else "Acknowledged",
    "IncidentRaised": lambda b, n, e: f"Stopped at {n.step(b)}; the plan stays active. {b['message']}",
    "IncidentResolved": lambda b, n, e: f"Incident {b['number']} is resolved: {b['how']}",
    "TaskHandedOver": lambda b, n, e: f"To {n.person(b['to'])}" + (f": {b['why']}" if b.get("why") else ""),
    "NoteAdded": lambda b, n, e: str(b["text"]),
    "StepCorrected": lambda b, n, e: _correction(b, n),
    "NoticeRecalled": lambda b, n, e: f"Told to be wrong: {n.letter(b['letter'])}",
    "DuplicateConsidered": lambda b, n, e: f"Opened beside {', '.join(b['cases']) or 'another case'}: {b['why']}",
    "PlanReinstated": lambda b, n, e: f"The plan is active again from {a_date(b['effective_on'])}: {b['why']}",
    "EndReached": lambda b, n, e: (
        f"Outcome: {n.element(b['outcome'], b.get('process', ''))}" if b.get("outcome") else None
    ),
    "TaskOpened": _opened,
}


# ------------------------------------------------------------------------------------------------- what follows


def next_place(done: Done, case_id: str, person: Practitioner) -> str:
    """Where a person goes after a step: to the next task it opened for them, else to the case."""
    for event in done.events:
        if event.kind != "TaskOpened":
            continue
        roles = set(event.body.get("candidates") or ()) or {event.body.get("role")}
        desk = done.case.desks.get(event.body["task"])
        if desk is not None and roles & person.roles and desk.assignee in (None, person.id):
            return url_for("tasks.show", case_id=case_id, task=event.body["task"])
    return url_for("cases.show", case_id=case_id)

"""Cases over the API: list, open, read, record facts and life events, start pathways; history, letters, deadlines."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request

from engine.case.facts import LIFE_EVENTS
from engine.case.state import Letter
from engine.casework.views import CaseView, WorkItem
from engine.errors import FieldProblem, NotFound
from webhooks.access import practitioner
from webhooks.api.asked import (
    BodyRefused,
    bad_cursor,
    body,
    command,
    cursor,
    day,
    limit,
    moment,
    page,
    reference,
    tagged,
)
from webhooks.api.described import PAGING, resource
from webhooks.api.schemas import TEXT, a, many, page_of, record
from webhooks.desk import casework

READ, WRITE = "cases:read", "cases:write"
_STATUS = {"plan_status": ({"type": "string", "enum": ["ACTIVE", "ENDED"]}, "Only plans in this state.")}


@resource("GET", "/cases", READ, gives=page_of("CaseLine"), query={**_STATUS, **PAGING})
def cases() -> Response:
    """List the cases that you may see, by reference."""
    most, after = limit(), cursor()
    if after is not None and not isinstance(after, str):
        raise bad_cursor()
    status = request.args.get("plan_status")
    found = casework().cases(practitioner(), plan_status=status, after=after or "", limit=most + 1)
    items = [
        {
            "case": line.case_id,
            "status": line.status,
            "plan_status": line.plan_status,
            "restricted": line.restricted,
            "revision": line.revision,
            "opened_at": line.opened_at,
            "changed_at": line.changed_at,
        }
        for line in found[:most]
    ]
    return page(items, items[-1]["case"] if len(found) > most else None)


@resource("POST", "/cases", WRITE, gives=a("Done"), body=a("NewCase"), status=201, command=True)
def open_case() -> Response:
    """Open a case.

    A child who seems to be known is refused unless why_again says why.
    """
    none = type(None)
    asked = body(case=str, facts=dict, roles=(dict, none), pathway=(str, none), why_again=(str, none))
    case_id = asked["case"]
    payload = {name: value for name, value in asked.items() if name != "case" and value is not None}
    by = practitioner()
    return command(
        case_id,
        lambda key: casework().open_by_message(case_id, payload, by=by, command_id=key),
        asked,
        status=201,
    )


@resource("GET", "/cases/<case_id>", READ, gives=a("Case"))
def case(case_id: str) -> Response:
    """Read a case; that it was read is recorded."""
    found = casework().case(practitioner(), reference(case_id))
    return tagged(jsonify(found.sight.of_value(_whole(found))), found.revision)


def _whole(found: CaseView) -> dict[str, Any]:
    return {
        "case": found.case_id,
        "revision": found.revision,
        "facts": dict(found.facts),
        "roles": {role: str(person) for role, person in found.roles.items()},
        "restricted": bool(found.restricted_to),
        "pathways": [
            {
                "instance": one.instance,
                "pathway": one.pathway,
                "title": one.title,
                "release": one.release,
                "state": one.state,
                "started_at": moment(one.started),
                "outcomes": list(one.outcomes),
            }
            for one in found.pathways
        ],
        "tasks": [task_line(one) for one in found.open_tasks],
        "incidents": [
            {"number": one.number, "element": one.element, "message": one.message, "raised_at": one.raised_at}
            for one in found.incidents
        ],
    }


def task_line(one: WorkItem) -> dict[str, Any]:
    """A line of a list of tasks."""
    return {
        "case": one.case_id,
        "task": one.task,
        "title": one.title,
        "pathway": one.pathway,
        "role": one.role,
        "assignee": one.assignee,
        "due_on": one.due_on.isoformat() if one.due_on else None,
        "overdue": one.overdue,
        "held": one.held,
    }


@resource("POST", "/cases/<case_id>/facts", WRITE, gives=a("Done"), body=a("Facts"), command=True)
def record_facts(case_id: str) -> Response:
    """Record or put right facts of a case; never the plan's status."""
    asked, by = body(facts=dict, why=str), practitioner()
    if not asked["why"].strip() or len(asked["why"]) > 2000:
        raise BodyRefused(FieldProblem("why", "Say why, in at most 2,000 characters."))
    if not asked["facts"]:
        raise BodyRefused(FieldProblem("facts", "Name at least one fact."))
    return command(
        reference(case_id),
        lambda key: casework().record_facts(case_id, asked["facts"], asked["why"], by=by, command_id=key),
        asked,
        warnings=casework().strange_facts(by, asked["facts"]),
    )


@resource("POST", "/cases/<case_id>/pathways", WRITE, gives=a("Done"), body=a("StartPathway"), command=True)
def start_pathway(case_id: str) -> Response:
    """Start a pathway in a case, on the release deployed now."""
    asked, by = body(pathway=str), practitioner()
    if asked["pathway"] not in dict(casework().startable(by.authority)):
        raise BodyRefused(FieldProblem("pathway", "No pathway of that id can be started here."))
    return command(
        reference(case_id),
        lambda key: casework().start_pathway(case_id, asked["pathway"], by=by, command_id=key),
        asked,
    )


@resource("POST", "/cases/<case_id>/life-events", WRITE, gives=a("Done"), body=a("LifeEvent"), command=True)
def record_life_event(case_id: str) -> Response:
    """Record what happened to the child; it reaches everything that runs in the case."""
    none = type(None)
    asked, by = body(name=str, data=(dict, none), received_on=(str, none)), practitioner()
    if asked["name"] not in LIFE_EVENTS:
        raise BodyRefused(FieldProblem("name", "It must be one of: " + ", ".join(LIFE_EVENTS) + "."))
    received = day("received_on", asked["received_on"])
    return command(
        reference(case_id),
        lambda key: casework().record_life_event(
            case_id, asked["name"], asked["data"] or {}, received_on=received, by=by, command_id=key
        ),
        asked,
    )


@resource("GET", "/cases/<case_id>/history", READ, gives=page_of("HistoryEntry"), query=PAGING)
def history(case_id: str) -> Response:
    """Read what happened in a case, oldest first."""
    most, after = limit(), cursor()
    if after is not None and (not isinstance(after, int) or isinstance(after, bool)):
        raise bad_cursor()
    found = casework().case(practitioner(), reference(case_id))
    later = [entry for entry in sorted(found.timeline, key=lambda one: one.revision) if entry.revision > (after or 0)]
    items: list[dict[str, Any]] = [
        {
            "revision": entry.revision,
            "at": moment(entry.at),
            "by": entry.by,
            "role": entry.role,
            "kind": entry.kind,
            "events": [{"kind": event.kind, "body": dict(event.body)} for event in entry.events],
        }
        for entry in later[:most]
    ]
    return page(found.sight.of_value(items), items[-1]["revision"] if len(later) > most else None)


@resource("GET", "/cases/<case_id>/deadlines", READ, gives=record(items=many(a("Deadline"))))
def deadlines(case_id: str) -> Response:
    """Read which steps of a case are due when, the soonest first."""
    found = casework().case(practitioner(), reference(case_id))
    due = sorted((one for one in found.open_tasks if one.due_on is not None), key=lambda one: str(one.due_on))
    items = [
        {
            "case": one.case_id,
            "task": one.task,
            "title": one.title,
            "role": one.role,
            "due_on": one.due_on.isoformat() if one.due_on else "",
            "days_left": one.days_left or 0,
            "overdue": one.overdue,
        }
        for one in due
    ]
    return jsonify(items=found.sight.of_value(items))


@resource("GET", "/cases/<case_id>/letters", READ, gives=record(items=many(a("Letter"))))
def letters(case_id: str) -> Response:
    """List the letters of a case."""
    found = casework().case(practitioner(), reference(case_id))
    return jsonify(items=found.sight.of_value([_letter(one) for one in found.letters]))


def _letter(one: Letter) -> dict[str, Any]:
    return {
        "number": one.number,
        "letter": one.letter,
        "state": one.state,
        "at": one.at,
        "sent_on": one.sent_day,
        "channel": one.channel,
        "recipients": [{"list": str(entry["list"]), "to": str(entry["to"])} for entry in one.recipients],
    }


@resource("GET", "/cases/<case_id>/letters/<int:number>", READ, gives=a("Letter"))
def letter(case_id: str, number: int) -> Response:
    """Read a letter as it was drafted or sent."""
    found = casework().letter(practitioner(), reference(case_id), number)
    return jsonify({**_letter(found.letter), "text": found.text})


@resource("GET", "/cases/<case_id>/letters/<int:number>/pdf", READ, gives=TEXT, media_type="application/pdf")
def letter_pdf(case_id: str, number: int) -> Response:
    """Read a letter as a PDF."""
    found = casework().letter(practitioner(), reference(case_id), number, pdf=True)
    if found.pdf is None:
        raise NotFound(f"Letter {number} has no paper.")
    return Response(found.pdf, content_type="application/pdf")

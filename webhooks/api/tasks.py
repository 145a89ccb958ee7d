"""Tasks over the API: lists, a task with its form, claim, release, complete, and the draft of whoever asks."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request

from engine.errors import Unreadable
from engine.forms import Form
from webhooks.access import practitioner
from webhooks.api.asked import bad_cursor, body, command, cursor, limit, page, reference, tagged
from webhooks.api.cases import task_line
from webhooks.api.described import PAGING, resource
from webhooks.api.schemas import a, page_of
from webhooks.desk import casework

READ, WRITE = "tasks:read", "tasks:write"
_WHOSE = {"whose": ({"type": "string", "enum": ["mine", "team"], "default": "mine"}, "Whose tasks.")}
#: No list goes further than this from its beginning.
_FURTHEST = 5000


@resource("GET", "/tasks", READ, gives=page_of("TaskLine"), query={**_WHOSE, **PAGING})
def tasks() -> Response:
    """List your own tasks or your team's, what is due first at the top."""
    most, after, whose = limit(), cursor(), request.args.get("whose", "mine")
    if whose not in ("mine", "team"):
        raise Unreadable("whose must be mine or team.")
    if after is not None and (type(after) is not int or not 0 < after <= _FURTHEST):
        raise bad_cursor()
    offset = after or 0
    found = casework().worklist(practitioner(), whose, limit=most + 1, offset=offset)
    items = [task_line(one) for one in found[:most]]
    return page(items, offset + most if len(found) > most else None)


@resource("GET", "/cases/<case_id>/tasks/<int:task>", READ, gives=a("Task"))
def task(case_id: str, task: int) -> Response:
    """Read a task with the questions of its form and your draft."""
    found = casework().task(practitioner(), reference(case_id), task)
    revision = casework().load(practitioner().authority, case_id).revision
    told: dict[str, Any] = {
        "case": found.case_id,
        "task": found.task,
        "revision": revision,
        "element": found.element,
        "title": found.title,
        "pathway": found.pathway,
        "role": found.role,
        "assignee": found.assignee,
        "due_on": found.due_on.isoformat() if found.due_on else None,
        "due_explanation": dict(found.due_explanation) if found.due_explanation else None,
        "no_due_date": found.no_due_date,
        "clauses": list(found.clauses),
        "label": found.source,
        "held": found.held,
        "may_complete": found.may_complete,
        "form": _form(found.form),
        "prefill": dict(found.prefill),
        "draft": dict(found.draft) if found.draft is not None else None,
    }
    return tagged(jsonify(found.sight.of_value(told)), revision)


def _form(form: Form | None) -> dict[str, Any] | None:
    return None if form is None else {"id": form.id, "fields": [one.describe() for one in form.fields.values()]}


@resource("POST", "/cases/<case_id>/tasks/<int:task>/claim", WRITE, gives=a("Done"), command=True)
def claim(case_id: str, task: int) -> Response:
    """Take a task from the queue of a role that you hold."""
    by = practitioner()
    return command(reference(case_id), lambda key: casework().claim_task(case_id, task, by=by, command_id=key), {})


@resource("POST", "/cases/<case_id>/tasks/<int:task>/release", WRITE, gives=a("Done"), command=True)
def release(case_id: str, task: int) -> Response:
    """Put a task back into its role's queue."""
    by = practitioner()
    return command(reference(case_id), lambda key: casework().release_task(case_id, task, by=by, command_id=key), {})


@resource("POST", "/cases/<case_id>/tasks/<int:task>/complete", WRITE, gives=a("Done"), body=a("Answers"), command=True)
def complete(case_id: str, task: int) -> Response:
    """Complete a task with its answers."""
    asked, by = body(answers=dict), practitioner()
    return command(
        reference(case_id),
        lambda key: casework().complete_task(case_id, task, asked["answers"], by=by, command_id=key),
        asked,
    )


@resource("PUT", "/cases/<case_id>/tasks/<int:task>/draft", WRITE, gives=None, body=a("Answers"), status=204)
def draft(case_id: str, task: int) -> Response:
    """Keep what you have answered so far; nothing is checked, and nobody else sees it."""
    asked = body(answers=dict)
    casework().save_draft(reference(case_id), task, asked["answers"], by=practitioner())
    return Response(status=204)

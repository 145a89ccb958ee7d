"""What oversees cases, over the API: pathways, escalations, incidents; and the document that describes it all."""

from __future__ import annotations

from flask import Response, jsonify
from flask.typing import ResponseReturnValue

from engine.errors import FieldProblem
from webhooks.access import Audience, allows, practitioner
from webhooks.api.asked import BodyRefused, body, command, reference
from webhooks.api.described import api, document, resource
from webhooks.api.schemas import a, many, record
from webhooks.desk import casework
from webhooks.facts import SUPPLIED

#: Who may see which pathways there are, and who mends what stopped: as on the pages.
_LOOKING = (Audience.CASEWORKERS, Audience.AUDITORS, Audience.ANALYSTS, Audience.OPERATORS)
_MENDING = (Audience.HEAD, Audience.OPERATORS)


@api.get("/openapi.json")
@allows(Audience.ANYONE)
def openapi() -> ResponseReturnValue:
    """What may be asked, as an OpenAPI 3.1 document; it says nothing of any case."""
    return jsonify(document())


@resource("GET", "/pathways", "cases:read", gives=record(items=many(a("Pathway"))), whom=_LOOKING)
def pathways() -> Response:
    """List the pathways that may be started."""
    found = casework().startable(practitioner().authority)
    return jsonify(items=[{"pathway": name, "title": title} for name, title in found])


@resource("GET", "/escalations", "cases:read", gives=record(items=many(a("Escalation"))), whom=(Audience.SUPERVISORS,))
def escalations() -> Response:
    """List what was put before your roles and is not answered: a child's death, what is longest overdue, the oldest."""
    items = [
        {
            "case": line.case_id,
            "number": line.row.number,
            "source": line.row.source,
            "to_role": line.row.to_role,
            "element": line.row.element,
            "task": line.row.task,
            "code": line.row.code,
            "clauses": line.row.clauses,
            "raised_at": line.row.raised_at,
            "state": line.row.state,
        }
        for line in casework().escalations(practitioner())
    ]
    return jsonify(items=items)


@resource(
    "POST",
    "/cases/<case_id>/escalations/<int:number>/answer",
    "tasks:write",
    gives=a("Done"),
    body=a("EscalationAnswer"),
    command=True,
    whom=(Audience.SUPERVISORS,),
)
def answer_escalation(case_id: str, number: int) -> Response:
    """Answer an escalation, or acknowledge it (no answer)."""
    asked, by = body(answer=(str, type(None))), practitioner()
    if asked["answer"] is not None and not 0 < len(asked["answer"].strip()) <= 5000:
        raise BodyRefused(FieldProblem("answer", "Write an answer of at most 5,000 characters, or null."))
    return command(
        reference(case_id),
        lambda key: casework().answer_escalation(case_id, number, asked["answer"], by=by, command_id=key),
        asked,
    )


@resource("GET", "/incidents", "cases:read", gives=record(items=many(a("Incident"))), whom=_MENDING)
def incidents() -> Response:
    """List the cases that could not go on by themselves, the oldest first."""
    items = [
        {
            "case": line.case_id,
            "number": line.row.number,
            "element": line.row.element,
            "message": line.row.message,
            "raised_at": line.row.raised_at,
            "state": line.row.state,
        }
        for line in casework().incidents(practitioner())
    ]
    return jsonify(items=items)


@resource(
    "POST", "/cases/<case_id>/incidents/<int:number>/retry", "cases:write", gives=a("Done"), command=True, whom=_MENDING
)
def retry_incident(case_id: str, number: int) -> Response:
    """Try again what an incident holds, once its cause is mended."""
    by = practitioner()
    return command(
        reference(case_id), lambda key: casework().retry_incident(case_id, number, by=by, command_id=key), {}
    )


_INCIDENT = "/cases/<case_id>/incidents/<int:number>"


@resource(
    "POST", f"{_INCIDENT}/fact", "cases:write", gives=a("Done"), body=a("MissingFact"), command=True, whom=_MENDING
)
def supply_fact(case_id: str, number: int) -> Response:
    """Record the fact that was missing, and try again what an incident holds."""
    asked, by = body(fact=str, value=object, why=str), practitioner()
    if asked["fact"] not in SUPPLIED:
        raise BodyRefused(FieldProblem("fact", "There is no fact of that name to supply."))
    mend = casework().mending
    return command(
        reference(case_id),
        lambda key: mend.supply_fact(
            case_id, number, asked["fact"], asked["value"], asked["why"], by=by, command_id=key
        ),
        asked,
    )


@resource("POST", f"{_INCIDENT}/skip", "cases:write", gives=a("Done"), body=a("Why"), command=True, whom=_MENDING)
def skip_notice(case_id: str, number: int) -> Response:
    """Go on without a routine notice that could not be sent."""
    asked, by = body(why=str), practitioner()
    mend = casework().mending
    return command(
        reference(case_id),
        lambda key: mend.skip_notice(case_id, number, asked["why"], by=by, command_id=key),
        asked,
    )


@resource(
    "POST", f"{_INCIDENT}/error", "cases:write", gives=a("Done"), body=a("RaisedError"), command=True, whom=_MENDING
)
def raise_error(case_id: str, number: int) -> Response:
    """Take the way that the diagram draws for an error."""
    asked, by = body(code=str, why=str), practitioner()
    mend = casework().mending
    return command(
        reference(case_id),
        lambda key: mend.raise_error(case_id, number, asked["code"], asked["why"], by=by, command_id=key),
        asked,
    )

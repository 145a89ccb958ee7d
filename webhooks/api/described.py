"""A route of the API and what the document says of it, written once: what is not described is not reached."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from flask import Blueprint

from engine.casework.partnerships import SCOPES
from webhooks.access import Audience, allows, scope
from webhooks.api.schemas import SCHEMAS, TEXT, WHOLE, Schema, a

PREFIX = "/api/v1"
api = Blueprint("api", __name__, url_prefix=PREFIX)

Method = Literal["GET", "POST", "PUT"]
View = Callable[..., Any]

#: Why a request is turned away, by status; which of them apply follows from what is asked.
REFUSALS = {
    400: "It could not be read.",
    401: "No token, or one that opens nothing.",
    403: "The token, or whoever it stands for, may not do this.",
    404: "There is no such thing, or not for this authority, or not for you.",
    409: "It does not fit the state of things: reload and decide afresh.",
    412: "The case is no longer at the revision that If-Match names.",
    413: "It is too large.",
    415: "The body is not JSON.",
    422: "What was said is not accepted, each problem with its field; or the key had another request.",
    500: "A fault; nothing was stored.",
    503: "The service is busy, or the case has stopped; nothing was decided.",
}
#: In which roles a thing may be asked, by scope, where the resource does not say: as on the pages that show the same.
WHOM: dict[str, tuple[Audience, ...]] = {
    "cases:read": (Audience.CASEWORKERS, Audience.AUDITORS),
    "cases:write": (Audience.CASEWORKERS,),
    "tasks:read": (Audience.CASEWORKERS,),
    "tasks:write": (Audience.CASEWORKERS,),
}
_READING = (400, 401, 403, 404, 409, 500, 503)

#: What the parameters of a path are.
PLACES: dict[str, tuple[Schema, str]] = {
    "case_id": ({"type": "string", "minLength": 1, "maxLength": 128}, "The case reference."),
    "task": ({**WHOLE, "minimum": 0}, "The number of the task in its case."),
    "number": ({**WHOLE, "minimum": 0}, "The number in its case."),
}
PAGING = {
    "after": (TEXT, "The cursor that the page before gave as next."),
    "limit": ({**WHOLE, "minimum": 1, "maximum": 100, "default": 50}, "How many at most."),
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that may be asked, as the document says it."""

    method: Method
    path: str
    name: str
    summary: str
    about: str
    scope: str
    gives: Schema | None
    body: Schema | None
    query: Mapping[str, tuple[Schema, str]] = field(default_factory=dict)
    status: int = 200
    media_type: str = "application/json"
    command: bool = False
    whom: tuple[Audience, ...] = ()


OPERATIONS: list[Operation] = []


def resource(
    method: Method,
    path: str,
    scope_name: str,
    *,
    gives: Schema | None,
    body: Schema | None = None,
    query: Mapping[str, tuple[Schema, str]] | None = None,
    status: int = 200,
    media_type: str = "application/json",
    command: bool = False,
    whom: tuple[Audience, ...] | None = None,
) -> Callable[[View], View]:
    """Make a view a route of the API: who may ask, what it takes, what it gives. Its docstring is its summary."""
    asking = WHOM[scope_name] if whom is None else whom

    def mark(view: View) -> View:
        summary, _, about = (view.__doc__ or "").partition("\n")
        plain = path.replace("<int:", "{").replace("<", "{").replace(">", "}")
        said = " ".join(about.split())
        OPERATIONS.append(
            Operation(
                method,
                plain,
                view.__name__,
                summary.strip(),
                said,
                scope_name,
                gives,
                body,
                query or {},
                status,
                media_type,
                command,
                asking,
            )
        )
        marked = scope(scope_name, *asking)(allows(Audience.PROGRAMS)(view))
        api.add_url_rule(path, view.__name__, marked, methods=[method])
        return view

    return mark


def document() -> dict[str, Any]:
    """The whole API as an OpenAPI 3.1 document."""
    paths: dict[str, dict[str, Any]] = {}
    for one in OPERATIONS:
        paths.setdefault(PREFIX + one.path, {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Discharge Pathways",
            "version": "1",
            "description": "Cases, tasks, letters and deadlines of an authority, for programs that show a token.",
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Issued by an operator. Scopes: "
                    + "; ".join(f"{name}: {means}" for name, means in SCOPES.items()),
                }
            },
        },
    }


def _operation(one: Operation) -> dict[str, Any]:
    refusals = list(_READING)
    if one.body is not None or one.command:
        refusals += [412, 413, 415, 422]
    success: dict[str, Any] = {"description": "Done." if one.command else "As asked."}
    if one.gives is not None:
        success["content"] = {one.media_type: {"schema": one.gives}}
    if one.command or one.name in ("case", "task"):
        success["headers"] = {"ETag": {"description": "The case’s revision.", "schema": TEXT}}
    problem = {"application/problem+json": {"schema": a("Problem")}}
    told: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "description": f"{one.about} Scope: {one.scope}.".strip(),
        "parameters": _parameters(one),
        "responses": {
            str(one.status): success,
            **{str(status): {"description": REFUSALS[status], "content": problem} for status in sorted(refusals)},
        },
    }
    if one.body is not None:
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": one.body}}}
    return told


def _parameters(one: Operation) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in one.path.split("/") if part.startswith("{")]
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": PLACES[name][0], "description": PLACES[name][1]}
        for name in names
    ]
    found += [
        {"name": name, "in": "query", "required": False, "schema": schema, "description": said}
        for name, (schema, said) in one.query.items()
    ]
    if one.command:
        key = {"type": "string", "pattern": "^[A-Za-z0-9_-]{8,64}$"}
        found.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": True,
                "schema": key,
                "description": "The same request again under its key gets the same answer and does nothing.",
            }
        )
        found.append(
            {
                "name": "If-Match",
                "in": "header",
                "required": False,
                "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
                "description": "The ETag that you read: on a case that has moved on nothing is done.",
            }
        )
    return found

"""What the API's answers and requests look like: JSON Schema 2020-12, as OpenAPI 3.1 uses it."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
YES_NO: Schema = {"type": "boolean"}
ANY_OBJECT: Schema = {"type": "object", "additionalProperties": True}
DATE: Schema = {"type": "string", "format": "date"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
_REASON: Schema = {"type": "string", "minLength": 1, "maxLength": 2000}


def maybe(schema: Schema) -> Schema:
    """The same, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def a(name: str) -> Schema:
    """One of the named schemas below."""
    return {"$ref": f"#/components/schemas/{name}"}


def many(schema: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": schema}


def record(optional: tuple[str, ...] = (), **fields: Schema) -> Schema:
    """An object with exactly these fields, all there unless named as optional."""
    required = sorted(set(fields) - set(optional))
    return {"type": "object", "properties": fields, "required": required, "additionalProperties": False}


def page_of(name: str) -> Schema:
    """A page of a list; `next` is the cursor of the page after it, null on the last one."""
    return record(items=many(a(name)), next=maybe(TEXT))


SCHEMAS: dict[str, Schema] = {
    "Problem": record(
        ("problems",),
        type=TEXT,
        title=TEXT,
        status=WHOLE,
        detail=TEXT,
        problems=many(record(field=TEXT, message=TEXT)),
    ),
    "CaseLine": record(
        case=TEXT, status=TEXT, plan_status=TEXT, restricted=YES_NO, revision=WHOLE, opened_at=MOMENT, changed_at=MOMENT
    ),
    "Case": record(
        case=TEXT,
        revision=WHOLE,
        facts=ANY_OBJECT,
        roles={"type": "object", "additionalProperties": TEXT},
        restricted=YES_NO,
        pathways=many(a("RunningPathway")),
        tasks=many(a("TaskLine")),
        incidents=many(record(number=WHOLE, element=maybe(TEXT), message=TEXT, raised_at=MOMENT)),
    ),
    "RunningPathway": record(
        instance=WHOLE, pathway=TEXT, title=TEXT, release=TEXT, state=TEXT, started_at=MOMENT, outcomes=many(TEXT)
    ),
    "TaskLine": record(
        case=TEXT,
        task=WHOLE,
        title=TEXT,
        pathway=TEXT,
        role=TEXT,
        assignee=maybe(TEXT),
        due_on=maybe(DATE),
        overdue=YES_NO,
        held=YES_NO,
    ),
    "Task": record(
        case=TEXT,
        task=WHOLE,
        revision=WHOLE,
        element=TEXT,
        title=TEXT,
        pathway=TEXT,
        role=TEXT,
        assignee=maybe(TEXT),
        due_on=maybe(DATE),
        due_explanation=maybe(ANY_OBJECT),
        no_due_date=maybe(TEXT),
        clauses=many(TEXT),
        label=TEXT,
        held=YES_NO,
        may_complete=YES_NO,
        form=maybe(record(id=TEXT, fields=many(ANY_OBJECT))),
        prefill=ANY_OBJECT,
        draft=maybe(ANY_OBJECT),
    ),
    "HistoryEntry": record(
        revision=WHOLE, at=MOMENT, by=TEXT, role=maybe(TEXT), kind=TEXT, events=many(record(kind=TEXT, body=ANY_OBJECT))
    ),
    "Letter": record(
        ("text",),
        number=WHOLE,
        letter=TEXT,
        state=TEXT,
        at=MOMENT,
        sent_on=maybe(DATE),
        channel=maybe(TEXT),
        recipients=many(record(list=TEXT, to=TEXT)),
        text=TEXT,
    ),
    "Deadline": record(case=TEXT, task=WHOLE, title=TEXT, role=TEXT, due_on=DATE, days_left=WHOLE, overdue=YES_NO),
    "Escalation": record(
        case=TEXT,
        number=WHOLE,
        source=TEXT,
        to_role=TEXT,
        element=maybe(TEXT),
        task=maybe(WHOLE),
        code=maybe(TEXT),
        clauses=TEXT,
        raised_at=MOMENT,
        state=TEXT,
    ),
    "Incident": record(case=TEXT, number=WHOLE, element=maybe(TEXT), message=TEXT, raised_at=MOMENT, state=TEXT),
    "Pathway": record(pathway=TEXT, title=TEXT),
    "Done": record(case=TEXT, revision=WHOLE, events=many(TEXT), warnings=many(TEXT)),
    # --- what is asked
    "NewCase": {
        "type": "object",
        "properties": {
            "case": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{2,39}$"},
            "facts": ANY_OBJECT,
            "roles": {"type": "object", "additionalProperties": TEXT},
            "pathway": TEXT,
            "why_again": TEXT,
        },
        "required": ["case", "facts"],
        "additionalProperties": False,
    },
    "Facts": record(facts=ANY_OBJECT, why=_REASON),
    "MissingFact": record(fact=TEXT, value={}, why=_REASON),
    "Why": record(why=_REASON),
    "RaisedError": record(code={"type": "string", "minLength": 1, "maxLength": 200}, why=_REASON),
    "StartPathway": record(pathway=TEXT),
    "LifeEvent": record(("data", "received_on"), name=TEXT, data=ANY_OBJECT, received_on=DATE),
    "Answers": record(answers=ANY_OBJECT),
    "EscalationAnswer": record(answer=maybe({"type": "string", "maxLength": 5000})),
}

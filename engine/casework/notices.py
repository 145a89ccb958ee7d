"""What a command leaves in the outbox: signed webhooks for others, letters by mail, and papers of letters sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import orjson

from engine.case.state import CaseState
from engine.history import Event
from engine.store.rows import OutboxRow

#: Events that other systems are told of; the body holds ids, dates and codes, never a name.
PUBLISHED = {
    "PlanEnded": ("outcome", "decided_on", "effective_on"),
    "PlanReinstated": ("effective_on",),
    "EndReached": ("outcome",),
    "LetterSent": ("letter", "number", "sent_on"),
    "EscalationRaised": ("number", "to", "code", "clauses"),
    "IncidentRaised": ("number", "element"),
}

#: The events that may leave something in the outbox; where none of them happened, nobody asks.
TOLD = frozenset({*PUBLISHED, "LetterMailed"})


def notices(case: CaseState, events: Iterable[Event], at: str) -> tuple[OutboxRow, ...]:
    """The outbox rows of one command; the key is the same however often it is worked."""
    rows: list[OutboxRow] = []
    events = list(events)
    taken_back = {event.body["number"] for event in events if event.kind == "LetterWithdrawn"}
    for position, event in enumerate(events):
        if event.kind == "LetterMailed":
            rows.extend(_mails(case, event, at))
            continue
        fields = PUBLISHED.get(event.kind)
        if event.kind == "LetterSent" and event.body["number"] in taken_back:
            continue
        if fields is None or (event.kind == "EndReached" and not event.body["outcome"]):
            continue
        key = f"{case.case_id}:{case.revision}:{position}"
        body = {"case": case.case_id, "revision": case.revision, **{name: event.body.get(name) for name in fields}}
        rows.append(OutboxRow("webhook", key, event.kind, orjson.dumps(body), at))
        if event.kind == "LetterSent":
            paper = {"case": case.case_id, "letter": event.body["number"]}
            rows.append(OutboxRow("document", f"{key}:paper", "letter", orjson.dumps(paper), at))
    return tuple(rows)


def _mails(case: CaseState, event: Event, at: str) -> Iterator[OutboxRow]:
    """One mail for each recipient, so that nobody reads another's address and each is tried alone."""
    for one in event.body["to"]:
        body = {"letter": event.body["number"], **one}
        yield OutboxRow("mail", notice_of(case.case_id, case.revision, one["mail"]), "letter", orjson.dumps(body), at)


def notice_of(case_id: str, revision: int, mail: str) -> str:
    """The key of the notice that carries a mail: a mail that is sent again is another notice under its own id."""
    return f"{case_id}:{revision}:mail:{mail}"

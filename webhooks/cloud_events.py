"""CloudEvents 1.0 over HTTP with JSON data: what a message must say to be read, in structured and in binary mode."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote

import orjson
from werkzeug.datastructures import Headers

from engine.casework.letterbox import Message
from engine.errors import Unreadable
from engine.history import check_json
from webhooks.signatures import TypeRefused

STRUCTURED, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
_TYPE = re.compile(r"^[A-Za-z][A-Za-z0-9_.-]{0,127}$")
_PLAIN = re.compile(r"^[^\x00-\x1f\x7f]{1,256}$")
_SUBJECT = re.compile(r"^[A-Za-z0-9][A-Za-z0-9 ._/-]{0,127}$")
#: Deeper data is nobody's form.
DEEPEST = 20


class EventUnreadable(Unreadable):
    """A message is no CloudEvent 1.0 with JSON data; nothing was stored."""


def read_event(
    content_type: str, headers: Headers, body: bytes, sender: str, *, webhook_id: str, binary: bool
) -> Message:
    """The event that a signed request holds. Raises EventUnreadable and TypeRefused.

    binary  whether this sender may use binary mode, whose attributes the signature does not cover
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == BATCH:
        raise TypeRefused("Batches are not taken, for every message gets an answer of its own. Send them one by one.")
    if kind == STRUCTURED:
        return _message(_object(body, "The body"), sender)
    if "ce-specversion" not in headers or not (kind == "application/json" or kind.endswith("+json")):
        raise TypeRefused(f"Send a CloudEvent as {STRUCTURED}.")
    if not binary:
        raise TypeRefused(
            f"This sender sends in structured mode only, in which the signature covers everything: {STRUCTURED}."
        )
    attributes: dict[str, Any] = {
        name[3:].lower(): unquote(value) for name, value in headers.items() if name.lower().startswith("ce-")
    }
    if attributes.get("id") != webhook_id:
        raise EventUnreadable("In binary mode ce-id and webhook-id are the same, so that the signature covers the id.")
    return _message({**attributes, "data": _json(body, "The body") if body else {}}, sender)


def _message(event: Mapping[str, Any], sender: str) -> Message:
    if event.get("specversion") != "1.0":
        raise EventUnreadable("specversion must be 1.0.")
    if "data_base64" in event:
        raise EventUnreadable("The data must be JSON, not data_base64.")
    data = event.get("data", {})
    if not isinstance(data, dict):
        raise EventUnreadable("data must be an object of JSON, or missing.")
    check_json(data)
    _check_depth(data)
    subject = event.get("subject")
    if subject is not None and not (isinstance(subject, str) and _SUBJECT.match(subject)):
        raise EventUnreadable("subject must be a case reference of at most 128 characters.")
    return Message(
        sender=sender,
        source=_text(event, "source", _PLAIN),
        id=_text(event, "id", _PLAIN)[:128],
        type=_text(event, "type", _TYPE),
        subject=subject,
        time=_time(event.get("time")),
        data=data,
    )


def _text(event: Mapping[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    value = event.get(name)
    if not isinstance(value, str) or not pattern.match(value) or (name == "id" and len(value) > 128):
        raise EventUnreadable(f"{name} is missing, too long, or holds characters that it may not.")
    return value


def _time(value: object) -> str | None:
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) and len(value) <= 40 else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not 1990 <= at.year <= 2200:
        raise EventUnreadable("time must be a moment with its offset from UTC, such as 2026-03-02T09:00:00Z.")
    return at.isoformat()


def _object(body: bytes, what: str) -> Mapping[str, Any]:
    value = _json(body, what)
    if not isinstance(value, dict):
        raise EventUnreadable(f"{what} must be an object of JSON.")
    return value


def _json(body: bytes, what: str) -> Any:
    try:
        # The first reads strictly, the second reads whole numbers of any size, which are then refused by name.
        orjson.loads(body)
        return json.loads(body, object_pairs_hook=lambda pairs: _said_once(pairs, what))
    except ValueError:
        raise EventUnreadable(f"{what} is not JSON.") from None


def _said_once(pairs: list[tuple[str, Any]], what: str) -> dict[str, Any]:
    """An object of JSON in which every name stands once: of two values nobody knows which was meant (RFC 8259, 4)."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise EventUnreadable(f"{what} says a name twice, so that it is not clear what is meant.")
    return found


def _check_depth(value: Any, left: int = DEEPEST) -> None:
    if left == 0:
        raise EventUnreadable(f"data nests deeper than {DEEPEST} levels.")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _check_depth(inner, left - 1)

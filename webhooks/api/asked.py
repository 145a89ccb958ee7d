"""What a request of the API says, read strictly, and how a command's answer is given."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import orjson
from flask import Response, jsonify, request

from engine.casework import Done
from engine.errors import FieldProblem, NotFound, Refused, Unreadable
from engine.history import canonical, check_json
from webhooks.access import practitioner
from webhooks.desk import casework
from webhooks.signatures import TypeRefused

_KEY = re.compile(r"^[A-Za-z0-9_-]{8,64}$")
_MATCH = re.compile(r'^(?:W/)?"(\d{1,9})"$')
_REFERENCE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9 ._/-]{0,127}$")
_DEEPEST = 20


class BodyRefused(Refused):
    """The body lacks something or holds what it may not; each problem names its field."""

    def __init__(self, *problems: FieldProblem) -> None:
        super().__init__("The body was not accepted: look at " + ", ".join(one.field for one in problems) + ".")
        self.problems = problems


def body(**kinds: type | tuple[type, ...]) -> dict[str, Any]:
    """The body as an object of these fields and no others. Raises TypeRefused, Unreadable and BodyRefused.

    A field whose kinds include NoneType may be missing.
    """
    if request.mimetype != "application/json":
        raise TypeRefused("Send the body as application/json.")
    try:
        # The first reads strictly, the second reads whole numbers of any size, which are then refused by name.
        orjson.loads(request.get_data())
        value = json.loads(request.get_data())
    except ValueError:
        raise Unreadable("The body is not JSON.") from None
    if not isinstance(value, dict):
        raise Unreadable("The body must be an object of JSON.")
    check_json(value)
    if _depth(value) > _DEEPEST:
        raise Unreadable(f"The body nests deeper than {_DEEPEST} levels.")
    problems = [FieldProblem(ascii(name)[1:-1][:64], "There is no such field.") for name in value if name not in kinds]
    for name, kind in kinds.items():
        wanted = kind if isinstance(kind, tuple) else (kind,)
        held = value.get(name)
        if not isinstance(held, wanted) or (isinstance(held, bool) and bool not in wanted):
            problems.append(FieldProblem(name, "It is missing, or of the wrong kind."))
    problems += [FieldProblem(name, "It holds a NUL character.") for name in kinds if _holds_nul(value.get(name))]
    if problems:
        raise BodyRefused(*problems)
    return {name: value.get(name) for name in kinds}


def _holds_nul(value: Any) -> bool:
    """Whether a text in it, however deep, holds a character that no name has and databases refuse."""
    if isinstance(value, dict):
        return any(map(_holds_nul, (*value, *value.values())))
    return any(map(_holds_nul, value)) if isinstance(value, list) else isinstance(value, str) and "\0" in value


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max((_depth(one) for one in inner), default=0)


def reference(case_id: str) -> str:
    """A case reference that might be one. Raises NotFound."""
    if not _REFERENCE.match(case_id):
        raise NotFound("There is no case of that reference.")
    return case_id


def day(name: str, value: str | None) -> str | None:
    """A date of the body. Raises BodyRefused."""
    if value is None:
        return None
    try:
        return date.fromisoformat(value).isoformat() if len(value) == 10 else _no_day(name)
    except ValueError:
        return _no_day(name)


def _no_day(name: str) -> str:
    raise BodyRefused(FieldProblem(name, "It must be a date, such as 2026-03-02."))


def command(
    case_id: str,
    act: Callable[[str], Done],
    asked: Mapping[str, Any],
    status: int = 200,
    warnings: Sequence[str] = (),
) -> Response:
    """Carry a command out once under its Idempotency-Key, on the revision that If-Match names where it names one.

    warnings  what whoever asks should know of it although it was carried out
    """
    key = request.headers.get("Idempotency-Key", "")
    if not _KEY.match(key):
        raise Unreadable("Send the header Idempotency-Key with 8 to 64 letters, digits, - or _, new for each request.")
    expected = None
    if "If-Match" in request.headers:
        found = _MATCH.match(request.headers["If-Match"])
        if found is None:
            raise Unreadable('Send If-Match as the ETag that you read, such as "12".')
        expected = int(found[1])
    content = canonical([request.method, request.path, dict(asked)])
    done = casework().answering.once(practitioner(), case_id, key, content, expected, act)
    answer = jsonify(case=done.case_id, revision=done.revision, events=list(done.events), warnings=list(warnings))
    answer.status_code = status
    return tagged(answer, done.revision)


def tagged(answer: Response, revision: int) -> Response:
    """An answer with the case's revision as its ETag."""
    answer.headers["ETag"] = f'"{revision}"'
    return answer


def limit() -> int:
    """How many of a list are asked for. Raises Unreadable."""
    text = request.args.get("limit", "50")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= 100:
        raise Unreadable("limit must be a whole number from 1 to 100.")
    return int(text)


def cursor() -> Any:
    """Where the page before ended, None on the first one. Raises Unreadable."""
    text = request.args.get("after")
    if text is None:
        return None
    try:
        return json.loads(base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        raise bad_cursor() from None


def bad_cursor() -> Unreadable:
    """The cursor is none that this list gave."""
    return Unreadable("after must be what the page before gave as next.")


def page(items: list[dict[str, Any]], following: Any) -> Response:
    """A page of a list and the cursor of the next one."""
    text = None
    if following is not None:
        text = base64.urlsafe_b64encode(orjson.dumps(following)).decode().rstrip("=")
    return jsonify(items=items, next=text)


def moment(at: datetime | str) -> str:
    """An instant as the API says it."""
    return at if isinstance(at, str) else at.isoformat()

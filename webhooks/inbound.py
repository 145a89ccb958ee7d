"""Messages in: CloudEvents over HTTP, signed by a sender that the authority knows, each taken once.

The order is: its size, its signature, its time stamp, what it says, and only then the case. The answer says what
became of it; a message that found no case is kept for a person and answered as taken care of, not as an error, for
sending it again would help nobody.
"""

from __future__ import annotations

import structlog
from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from engine.clock import SystemClock
from webhooks.access import Audience, allows
from webhooks.cloud_events import read_event
from webhooks.desk import casework, demonstration
from webhooks.signatures import check_signature

log = structlog.get_logger(__name__)

inbound = Blueprint("inbound", __name__)

#: Bytes of the largest message.
LARGEST = 256 * 1024


@inbound.post("/messages/<authority>/<sender>")
@allows(Audience.SENDERS)
def receive(authority: str, sender: str) -> ResponseReturnValue:
    """Take one message."""
    request.max_content_length = LARGEST
    body = request.get_data(cache=False)
    now = casework().clock.now()
    known = casework().letterbox.sender(authority, sender, now)
    # A demonstration's clock may be weeks ahead: its keys are made by it, but those who send to it go by the machine's.
    theirs = SystemClock().now() if demonstration() is not None else now
    webhook_id = check_signature(request.headers, body, known.secrets, theirs)
    message = read_event(
        request.headers.get("Content-Type", ""),
        request.headers,
        body,
        sender,
        webhook_id=webhook_id,
        binary=known.binary,
    )
    receipt = casework().letterbox.receive(authority, message)
    log.info("message", sender=sender, authority=authority, type=message.type, state=receipt.state)
    answer = {"state": receipt.state, "message": message.id, "received_at": receipt.received_at}
    if receipt.case_id is not None:
        answer["case"] = receipt.case_id
    if receipt.reason is not None:
        answer["reason"] = receipt.reason
    return answer, 202

"""Whether a message is from who it says: Standard Webhooks signatures, by any key of the sender that is valid now."""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from standardwebhooks import Webhook
from werkzeug.datastructures import Headers

from engine.errors import Forbidden, Unreadable

#: How far a message's time stamp may be from our clock: an older one may be a recording played again.
TOLERANCE = timedelta(minutes=5)
_ID = re.compile(r"^[\x21-\x7e]{1,256}$")
_STAMP = re.compile(r"^\d{1,12}$")


class SignatureRefused(Forbidden):
    """A message was not signed by a key of its sender that is valid now, or not lately."""


class TypeRefused(Unreadable):
    """The content of a request is not of a kind that is read here."""


def check_signature(headers: Headers, body: bytes, secrets: Sequence[str], now: datetime) -> str:
    """The message's webhook-id where one of the secrets signed it and its time stamp is near. Raises SignatureRefused.

    Whether the sender exists is not told: no secret and a wrong one are the same.
    """
    id_, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not _ID.match(id_) or not _STAMP.match(stamp) or not headers.get("webhook-signature"):
        raise SignatureRefused(
            "The headers webhook-id, webhook-timestamp and webhook-signature are needed. See standardwebhooks.com."
        )
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise SignatureRefused("The body is not UTF-8 text, so that its signature cannot be right.") from None
    try:
        signed = datetime.fromtimestamp(int(stamp), UTC)
    except (ValueError, OverflowError, OSError):
        raise SignatureRefused("webhook-timestamp is no moment that there is. Write seconds since 1970.") from None
    given = [part.encode() for part in headers.get("webhook-signature", "").split(" ")[:8] if part.startswith("v1,")]
    right = [Webhook(secret).sign(id_, signed, text).encode() for secret in secrets]
    matches = [hmac.compare_digest(one, other) for one in given for other in right]
    if not any(matches):
        raise SignatureRefused("No valid key of this sender made this signature. Check the key and the exact body.")
    if abs(now - signed) > TOLERANCE:
        raise SignatureRefused("The message was signed more than five minutes from now. Sign it anew and send it.")
    return id_

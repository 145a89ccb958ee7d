"""A real mail server for the tests, on this machine only: what it received can be read."""

from __future__ import annotations

import email.policy
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Postbox:
    """Every message that was handed in, in order; `refuse` makes the server turn the next ones away for now."""

    host: str
    port: int
    messages: list[EmailMessage] = field(default_factory=list)
    refuse: bool = False

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the message, as a mail server does when its sender has finished."""
        if self.refuse:
            return "451 Requested action aborted: try again later"
        content = envelope.content
        raw = content.encode() if isinstance(content, str) else (content or b"")
        self.messages.append(BytesParser(policy=email.policy.default).parsebytes(raw))
        return "250 Message accepted for delivery"


@contextmanager
def running() -> Iterator[Postbox]:
    """A mail server on a free port of the loopback address."""
    postbox = Postbox("127.0.0.1", 0)
    controller = Controller(postbox, hostname=postbox.host, port=_free_port())
    controller.start()
    postbox.port = controller.port
    try:
        yield postbox
    finally:
        controller.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

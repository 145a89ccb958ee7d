"""Mail over real encrypted ways: what is promised about TLS, signing in and papers that go along."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from engine.work import HandFailed
from tests.support.certificates import a_certificate
from tests.support.mail import Postbox
from webhooks.mail import Attachment, MailServer, compose, hand_in

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Office(Postbox):
    """A council's mail server: it wants a password, and knows some addresses only."""

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient who works here."""
        if address.startswith("gone"):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"


def knows(server: SMTP, session: Session, envelope: Envelope, mechanism: str, said: Any) -> AuthResult:
    """Whether a name and password are right."""
    right = isinstance(said, LoginPassword) and (said.login, said.password) == (b"pathways", b"quiet")
    return AuthResult(success=right, handled=False)


@pytest.fixture
def trusted(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for this machine."""
    return a_certificate(tmp_path)


@pytest.fixture
def office(trusted: tuple[Path, ssl.SSLContext]) -> Iterator[Office]:
    """A mail server that speaks STARTTLS and asks for a password once it has."""
    box = Office("localhost", 0)
    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=0,
        tls_context=trusted[1],
        require_starttls=True,
        authenticator=knows,
        auth_required=True,
    )
    controller.port = _free()
    controller.start()
    box.port = controller.port
    yield box
    controller.stop()


def _free() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def server(box: Office, trust: Path | None) -> MailServer:
    """The installation's settings for that server."""
    return MailServer("localhost", box.port, "pathways@camden.example", "starttls", "pathways", "quiet", trust)


def letter(*to: str) -> Any:
    """A mail with a paper."""
    paper = Attachment("letter-7.pdf", b"%PDF-1.7 a letter")
    return compose("pathways@camden.example", to, "A\nletter", "Text", message_id="<k@x>", at=NOON, attachments=[paper])


def test_mail_goes_encrypted_and_signed_in_with_its_paper(office: Office, trusted: tuple[Path, Any]) -> None:
    """The certificate is checked, the password is right, the PDF arrives whole, and a subject is one line."""
    hand_in(server(office, trusted[0]), letter("a@camden.example"))

    (message,) = office.messages
    (paper,) = message.iter_attachments()
    assert ("letter-7.pdf", "application/pdf", b"%PDF-1.7 a letter") == (
        paper.get_filename(),
        paper.get_content_type(),
        paper.get_content(),
    )
    assert ("A letter", "<k@x>", "auto-generated") == (
        message["Subject"],
        message["Message-ID"],
        message["Auto-Submitted"],
    )


def test_a_mail_server_that_nobody_vouches_for_gets_no_mail(office: Office) -> None:
    """Encrypted to a stranger is not safe."""
    with pytest.raises(HandFailed) as failed:
        hand_in(server(office, None), letter("a@camden.example"))

    assert failed.value.down
    assert [] == office.messages


def test_a_wrong_password_keeps_the_mail_until_it_is_mended(office: Office, trusted: tuple[Path, Any]) -> None:
    """It is a fault of the settings, not of the mail."""
    with pytest.raises(HandFailed) as failed:
        hand_in(replace(server(office, trusted[0]), password="wrong"), letter("a@camden.example"))

    assert ("mail_sign_in", True) == (failed.value.code, failed.value.down)


def test_a_password_never_travels_in_clear() -> None:
    """Without encryption no sign-in is tried over a network."""
    clear = MailServer("mail.camden.example", 25, "a@camden.example", "plain", "pathways", "quiet")
    with pytest.raises(HandFailed) as failed:
        hand_in(clear, letter("a@camden.example"))

    assert ("mail_not_safe", False) == (failed.value.code, failed.value.again)


@pytest.mark.parametrize(
    ("to", "code", "arrived"),
    [
        (("gone@camden.example",), "addresses_refused", 0),
        (("a@camden.example", "gone@camden.example"), "some_addresses_refused", 1),
    ],
)
def test_an_address_that_is_refused_is_said_aloud(
    office: Office, trusted: tuple[Path, Any], to: tuple[str, ...], code: str, arrived: int
) -> None:
    """Somebody was not told: a person sees it, and nobody who was told is told again by the machine."""
    with pytest.raises(HandFailed) as failed:
        hand_in(server(office, trusted[0]), letter(*to))

    assert (code, False) == (failed.value.code, failed.value.again)
    assert arrived == len(office.messages)


def test_a_server_that_does_not_encrypt_as_it_should_gets_nothing(postbox: Postbox) -> None:
    """STARTTLS that was set and is not offered stops the mail: it is never sent in clear instead."""
    with pytest.raises(HandFailed) as failed:
        hand_in(MailServer(postbox.host, postbox.port, "a@camden.example", "starttls"), letter("a@camden.example"))

    assert "mail_not_safe" == failed.value.code
    assert [] == postbox.messages

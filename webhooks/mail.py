"""Handing mail to a mail server: over TLS where it is set so, under a Message-ID that every repetition shares."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Literal

from engine.work import HandFailed

#: Seconds that a mail server may take to answer.
PATIENCE = 15
#: A password goes in clear to these only, which are this machine.
HERE = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in, and who it comes from.

    security  'plain', 'starttls' (encrypted after the first words, else refused) or 'tls' (encrypted from the start)
    trust     a file of certificates to trust beside the machine's own, for a council's own authority
    """

    host: str
    port: int
    sender: str
    security: Literal["plain", "starttls", "tls"] = "plain"
    user: str = ""
    password: str = ""
    trust: Path | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A paper that goes with a mail."""

    name: str
    content: bytes


def compose(
    sender: str,
    to: Sequence[str],
    subject: str,
    text: str,
    *,
    message_id: str,
    at: datetime,
    attachments: Sequence[Attachment] = (),
) -> EmailMessage:
    """A mail that a repetition of it equals, but for its date."""
    message = EmailMessage()
    message["From"], message["To"] = sender, ", ".join(to)
    message["Subject"] = " ".join(subject.split())
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    for paper in attachments:
        message.add_attachment(paper.content, maintype="application", subtype="pdf", filename=paper.name)
    return message


def hand_in(server: MailServer, message: EmailMessage) -> None:
    """Give a mail to the server. Raises HandFailed: 'down' where another try may find the server better."""
    if server.user and server.security == "plain" and server.host not in HERE:
        raise HandFailed(
            "mail_not_safe", "The mail server's password would travel in clear. Set TLS or STARTTLS.", again=False
        )
    try:
        with _connected(server) as smtp:
            if server.user:
                smtp.login(server.user, server.password)
            refused = smtp.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        lasting = all(code >= 500 for code, _ in error.recipients.values())
        raise HandFailed(
            "addresses_refused", "The mail server refused every address.", again=not lasting, down=not lasting
        ) from error
    except smtplib.SMTPAuthenticationError as error:
        # Whoever mends the password need not find every mail again.
        raise HandFailed("mail_sign_in", "The mail server did not accept the sign-in.", down=True) from error
    except smtplib.SMTPNotSupportedError as error:
        raise HandFailed("mail_not_safe", "The mail server does not encrypt as it was set to.", down=True) from error
    except smtplib.SMTPResponseException as error:
        lasting = error.smtp_code >= 500
        raise HandFailed(
            "mail_not_taken", f"The mail server answered {error.smtp_code}.", again=not lasting, down=not lasting
        ) from error
    except (OSError, smtplib.SMTPException) as error:
        raise HandFailed(
            "mail_server_down", f"The mail server did not take it ({type(error).__name__}).", down=True
        ) from error
    if refused:
        # The others have it; sending it again to all would not help those who were refused.
        raise HandFailed(
            "some_addresses_refused", f"The mail server refused {len(refused)} of the addresses.", again=False
        )


def _connected(server: MailServer) -> smtplib.SMTP:
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=PATIENCE, context=_trusting(server))
    smtp = smtplib.SMTP(server.host, server.port, timeout=PATIENCE)
    try:
        if server.security == "starttls":
            smtp.starttls(context=_trusting(server))
    except BaseException:
        smtp.close()
        raise
    return smtp


def _trusting(server: MailServer) -> ssl.SSLContext:
    """Certificates are checked, by the machine's own authorities and those named."""
    context = ssl.create_default_context()
    if server.trust is not None:
        context.load_verify_locations(server.trust)
    return context

"""A letter that a person sent goes by mail as well: who asked for it, where it goes, and that a mail server took it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from engine.errors import NotFound, Refused

if TYPE_CHECKING:
    from engine.case.handling import Handling
    from engine.case.state import CaseState, Letter

MAIL_LETTER: Final = "mail_letter"
MAIL_HANDED_IN: Final = "mail_handed_in"


def mail_letter(handling: Handling) -> None:
    """A letter that was sent goes by mail to some of its recipients, each alone.

    Each mail has an id that all its tries carry, also those that a person asks for: whoever gets two can tell.
    """
    body, case = handling.command.body, handling.case
    letter = sent_letter(case, body["number"])
    mails = []
    for place, one in enumerate(body["to"]):
        if {"list": one["list"], "to": one["to"]} not in letter.recipients:
            raise Refused(f"Letter {letter.number} of case {case.case_id} does not go to one of those named.")
        mail = one.get("mail") or f"{case.revision}-{place}"
        mails.append({"list": one["list"], "to": one["to"], "address": one["address"], "mail": mail})
    if not mails:
        raise Refused(f"Say to whom letter {letter.number} of case {case.case_id} goes by mail.")
    handling.note("LetterMailed", number=letter.number, to=mails)


def mail_handed_in(handling: Handling) -> None:
    """A mail server took a mail; from there on it is on its way."""
    body = handling.command.body
    handling.note("MailHandedIn", number=body["number"], to=body["to"], mail=body["mail"], notice=body["notice"])


def sent_letter(case: CaseState, number: int) -> Letter:
    """A letter that a person has sent. Raises NotFound, and Refused where it has not gone out."""
    letter = case.letters.get(number)
    if letter is None:
        raise NotFound(f"Case {case.case_id} has no letter {number}.")
    if letter.state != "sent":
        raise Refused(
            f"Letter {number} of case {case.case_id} is {letter.state}. Only a letter that a person has sent is mailed."
        )
    return letter


COMMANDS: Final[dict[str, Callable[[Handling], None]]] = {MAIL_LETTER: mail_letter, MAIL_HANDED_IN: mail_handed_in}

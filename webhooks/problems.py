"""What kept a message or a mail from going out, said to people; the codes are those of receivers.py and mail.py."""

from __future__ import annotations

from typing import Final

PROBLEMS: Final = {
    "receiver_down": "The receiver did not answer.",
    "receiver_unknown": "The receiver’s name was not found in the network.",
    "receiver_refused": "The receiver answered with an error.",
    "receiver_gone": "The receiver answered that it is gone.",
    "receiver_moved": "The receiver sent us elsewhere. No redirect is followed: add it with its new address.",
    "receiver_not_safe": "The receiver’s address is not safe.",
    "receiver_ended": "The receiver was ended before this reached it.",
    "mail_server_down": "The mail server did not answer.",
    "mail_not_taken": "The mail server did not take it.",
    "mail_sign_in": "The mail server did not accept our sign-in.",
    "mail_not_safe": "The way to the mail server is not encrypted as it must be.",
    "no_mail_server": "No mail server is set for this service.",
    "post_folder": "Nothing could be laid in the folder of outgoing post. Look whether it is there and can be written.",
    "broke": "Sending broke in a way that nobody foresaw. The log of the worker says where.",
    "addresses_refused": "The mail server does not know the address.",
    "some_addresses_refused": "The mail server does not know some of the addresses.",
    "letter_recalled": "The letter told of an ending that was an error, so it was not mailed.",
    "would_disclose": "The letter says something that is kept from this recipient, so it was not mailed.",
}


def in_words(code: str | None) -> str:
    """A problem in a sentence; one that has none as it was kept."""
    return PROBLEMS.get(code or "", code or "It is not known what failed.")

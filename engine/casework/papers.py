"""A letter as the paper that leaves: dated the day it went out, signed by who sent it, for all or some readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.case.confidential import Sight, legible
from engine.case.letters import recipients_of
from engine.case.state import CaseState, Letter
from engine.casework.shelf import Shelf
from engine.letters import letter_pdf
from engine.replay import recorded_events
from engine.store import Store


def letter_paper(
    store: Store, shelf: Shelf, case: CaseState, letter: Letter, *, only: Sequence[str] | None = None
) -> bytes:
    """The letter as a PDF: a copy for each recipient, or for those in `only` and then naming nobody else.

    What is kept from whoever reads it stands as that, and does not say which fact it is.
    """
    authority = shelf.terms(case.authority).authority
    template = shelf.release(case.authority, case.running[letter.instance].release).letters[letter.letter]
    return letter_pdf(
        template,
        legible(letter.text),
        [legible(name) for name in (recipients_of(letter) if only is None else only)],
        authority,
        sent_on=letter.sent_day,
        signed_by=signed_by(store, case, letter, template.sender),
        reference=case.case_id,
    )


def as_seen(letter: Letter, sight: Sight) -> Letter:
    """A letter as somebody may see it; the days of its steps are no facts of the case and stay what they are."""
    return replace(sight.of_value(letter), at=letter.at, sent_on=letter.sent_on)


def signed_by(store: Store, case: CaseState, letter: Letter, sender: str) -> str | None:
    """Who sent it, where they sent it in the role that it comes from; None while nobody has."""
    if letter.state != "sent":
        return None
    for entry in store.history(case.authority, case.case_id):
        for event in recorded_events(entry):
            if event.kind == "LetterSent" and event.body["number"] == letter.number and entry.command.role == sender:
                person = store.people.find(case.authority, entry.command.by)
                return None if person is None else person.name
    return None

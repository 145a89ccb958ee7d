"""A case's letters follow its tasks: drafted by one, approved and sent by others, withdrawn with their step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.case.facts import ACTIVE
from engine.case.state import Letter, Running
from engine.errors import Refused
from engine.execution import Pathway
from engine.execution.elements import Element
from engine.history import JSON

if TYPE_CHECKING:
    from engine.case.handling import Handling

DRAFT, APPROVE, SEND = "draft", "approve", "send"
UNSENT = ("drafted", "approved")


class NoLetterDrafted(Refused):
    """A letter was to be approved or sent that nobody has drafted."""


def recipients(answers: Mapping[str, JSON]) -> list[JSON]:
    """Who a letter goes to: every answer `<list>_recipients`, kept apart by list (the three lists are never merged)."""
    found: list[JSON] = []
    for key, value in answers.items():
        if key == "recipients" or key.endswith("_recipients"):
            name = key.removesuffix("recipients").rstrip("_") or "recipients"
            entries = value if isinstance(value, list) else [value]
            found.extend({"list": name, "to": entry} for entry in entries if entry)
    return found


def waiting_letter(handling: Handling, running: Running, letter: str) -> Letter | None:
    """The newest letter of that kind in this pathway that has been neither sent nor withdrawn."""
    for candidate in reversed(handling.case.letters.values()):
        if (candidate.instance, candidate.letter) == (running.number, letter) and candidate.state in UNSENT:
            return candidate
    return None


def after_task(
    handling: Handling, running: Running, pathway: Pathway, element: str, task: int, answers: Mapping[str, JSON]
) -> None:
    """Keep what a completed task did to its letter (`casework:letter` and `casework:letter_step`).

    Where the form hides the text, the facts call for no letter: nothing is sent.
    """
    only = pathway.elements.get(element)
    if element not in pathway.shared and (only is None or "casework:letter" not in only.properties):
        return  # Asked of every task that is completed: most are about no letter.
    name, step, hidden = handling.drawn(
        pathway, element, handling.process_of(task), lambda drawn: _letter_of(pathway, drawn)
    )
    if name is None:
        return
    letter = waiting_letter(handling, running, name)
    if step == DRAFT or (letter is None and answers.get("text")):
        if letter is not None:
            withdraw(handling, letter, "drafted again")
        letter = Letter(
            handling.case.take_number(),
            name,
            running.number,
            task,
            "drafted",
            handling.at,
            str(answers.get("text") or ""),
            recipients(answers),
        )
        handling.case.letters[letter.number] = letter
        handling.note(
            "LetterDrafted",
            letter=name,
            number=letter.number,
            task=task,
            text=letter.text,
            recipients=letter.recipients,
        )
    if letter is None and step == SEND and hidden:
        return
    if letter is None:
        raise NoLetterDrafted(f"Task {task}: no letter {name} has been drafted. Draft it first.")
    if step == APPROVE:
        letter.state, letter.at = "approved", handling.at
        handling.note("LetterApproved", letter=name, number=letter.number, task=task)
    elif step == SEND:
        letter.state, letter.at = "sent", handling.at
        letter.sent_on, letter.channel = answers.get("sent_on"), answers.get("channel")
        handling.note(
            "LetterSent",
            letter=name,
            number=letter.number,
            task=task,
            text=letter.text,
            recipients=letter.recipients,
            channel=letter.channel,
            sent_on=letter.sent_on,
        )


def _letter_of(pathway: Pathway, element: Element | None) -> tuple[str | None, str, bool]:
    """The letter that a step is about, what it does with it, and whether its text can only have been hidden.

    An accepted form without a text can only have hidden it: shown, it must be filled in.
    """
    name = element.properties.get("casework:letter") if element is not None else None
    if element is None or name is None:
        return None, DRAFT, False
    form = None if element.work is None else pathway.release.forms.get(element.work.form or "")
    text = None if form is None else form.fields.get("text")
    hidden = text is not None and text.required and text.hide is not None
    return name, element.properties.get("casework:letter_step", DRAFT), hidden


def after_withdrawal(handling: Handling, running: Running, pathway: Pathway, element: str, task: int) -> None:
    """A letter not yet sent goes with the step that would have sent it (X6)."""
    process = handling.process_of(task)
    name, _, _ = handling.drawn(pathway, element, process, lambda drawn: _letter_of(pathway, drawn))
    letter = None if name is None else waiting_letter(handling, running, name)
    if letter is not None:
        withdraw(handling, letter, "its step was withdrawn")


def after_ending_held(handling: Handling, running: Running) -> None:
    """Where the guard holds an ending back, nothing that says the plan ends may leave."""
    sent_now = {event.body["number"] for event in handling.events if event.kind == "LetterSent"}
    for letter in handling.case.letters.values():
        if letter.instance == running.number and (letter.state in UNSENT or letter.number in sent_now):
            withdraw(handling, letter, "this ending was held back")


def after_life_event(handling: Handling, number: int) -> None:
    """What was drafted before the child's life changed is not sent, unless the plan has ended already (X6)."""
    if handling.case.facts.get("plan_status") == ACTIVE:
        for letter in handling.case.letters.values():
            if letter.instance == number and letter.state in UNSENT:
                withdraw(handling, letter, "something changed in the child's life")


def withdraw(handling: Handling, letter: Letter, why: str) -> None:
    """Take back a letter that has not been sent."""
    letter.state, letter.at = "withdrawn", handling.at
    handling.note("LetterWithdrawn", letter=letter.letter, number=letter.number, why=why)


def recipients_of(letter: Letter) -> list[str]:
    """Who a letter goes to, list by list, in order."""
    return [str(entry["to"]) for entry in letter.recipients]

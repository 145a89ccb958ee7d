"""Dead letters: messages that found no case, each attached to the right one or dismissed with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.case.facts import LIFE_EVENTS
from engine.casework.letterbox import OPEN_CASE
from engine.errors import EngineError
from webhooks import asking, facts, questions
from webhooks.access import Audience, allows, practitioner
from webhooks.desk import casework
from webhooks.errors import ask_again
from webhooks.questions import Question

dead_letters = Blueprint("dead_letters", __name__, url_prefix="/dead-letters")

#: Why a message found no case (engine.casework.letterbox.REASONS), and what a person can do about it.
WHY = {
    "case_unknown": ("No case here has this reference.", "Find the right case and attach it there."),
    "case_erased": ("The case was erased.", "Dismiss it, or attach it to the case that continues it."),
    "case_exists": ("It opens a case whose reference is taken.", "Attach it under another reference, or dismiss it."),
    "known_child": (
        "It opens a case for a child who seems to be known.",
        "Look at the child’s case. Attach it under its reference to open it all the same, with your reason.",
    ),
    "facts_refused": (
        "What it says of the child cannot be recorded.",
        "Ask the sender to put it right and send it anew, record it in the case by hand, or dismiss it.",
    ),
    "contradicts": (
        "What it says cannot be true beside what is recorded of the child, or says a day that is yet to come.",
        "Find out which is right. Correct the case and attach it again, or dismiss it if the message is wrong.",
    ),
    "held_by_incident": (
        "The step that waits for it is held by an incident.",
        "Mend the incident first, then attach it to the same case.",
    ),
    "nobody_waits": (
        "No step of the case waits for it, or several do.",
        "Look at the case: attach it to another one, or record it there by hand.",
    ),
    "unclear": (
        "It does not say what it must: a case, a day that can be, or the facts.",
        "Attach it to the right case if that is what it lacks, or ask the sender.",
    ),
    "not_found": ("It names something that is not there.", "Ask the sender, or record it in the case by hand."),
    "refused": ("The case did not take it as it stands.", "Look at the case, put right what is wrong, and attach it."),
}

_ATTACH = (
    Question("case_id", "text", "Case reference", hint="The case that the message is about.", longest=40),
    Question("why", "text", "Why this case?", hint="Your reason is kept with the record."),
)
_DISMISS = (Question("no", "text", "Why does nothing need to be done?", hint="Your reason is kept with the record."),)


@dead_letters.get("")
@allows(Audience.MINDERS)
def index() -> ResponseReturnValue:
    """What waits for somebody, the oldest first."""
    return render_template(
        "operations/dead_letters.html", letters=casework().letterbox.waiting(practitioner()), why=WHY, what=_what
    )


@dead_letters.get("/<reference>")
@allows(Audience.MINDERS)
def show(reference: str) -> ResponseReturnValue:
    """One message with all it says; that it was read is recorded."""
    return _page(reference)


@dead_letters.post("/<reference>/attach")
@allows(Audience.MINDERS)
def attach(reference: str) -> ResponseReturnValue:
    """Deliver it to the right case."""
    typed = questions.read(_ATTACH, request.form)
    ask_again(lambda refusal: _page(reference, typed.texts, refusal))
    asking.check_answered(_ATTACH, typed)
    case_id = asking.text_of(typed, "case_id")
    casework().letterbox.attach(practitioner(), reference, case_id, asking.text_of(typed, "why"))
    flash(f"Case {case_id} has the message now.")
    return redirect(url_for("dead_letters.index"), 303)


@dead_letters.post("/<reference>/dismiss")
@allows(Audience.MINDERS)
def dismiss(reference: str) -> ResponseReturnValue:
    """Say that nothing needs to be done."""
    typed = questions.read(_DISMISS, request.form)
    ask_again(lambda refusal: _page(reference, typed.texts, refusal))
    asking.check_answered(_DISMISS, typed)
    casework().letterbox.dismiss(practitioner(), reference, asking.text_of(typed, "no"))
    flash("The message is dismissed, with your reason.")
    return redirect(url_for("dead_letters.index"), 303)


def _page(reference: str, texts: Mapping[str, Any] | None = None, refusal: EngineError | None = None) -> str:
    found = casework().letterbox.dead_letter(practitioner(), reference)
    typed = dict(texts or {})
    whole = asking.page_of((*_ATTACH, *_DISMISS), typed, refusal)
    if not typed and found.message.subject:
        typed = {"case_id": found.message.subject}
    said = [(facts.label(name), _said(name, value)) for name, value in sorted(found.message.data.items())]
    return render_template(
        "operations/dead_letter.html",
        found=found,
        what=_what,
        said=said,
        why=WHY,
        kind="Life event"
        if found.message.type in LIFE_EVENTS
        else "Opens a case"
        if found.message.type == OPEN_CASE
        else "Message",
        attach=asking.page_of(_ATTACH, typed, refusal),
        dismiss=asking.page_of(_DISMISS, typed, refusal),
        problems=whole["problems"],
        refusal=whole["refusal"],
    )


def _said(name: str, value: Any) -> Any:
    """A value of a message in words; whatever a sender wrote that cannot be said so stands as it came."""
    if not isinstance(value, str | bool):
        return value
    try:
        return facts.say(name, value)
    except ValueError:
        return value


def _what(name: str) -> str:
    """A message by its kind alone: what it says of the child stands on its own page, where the look is recorded."""
    words = "Opening a case" if name == OPEN_CASE else facts.happened(name).removeprefix("The ")
    return words[:1].upper() + words[1:]

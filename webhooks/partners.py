"""Senders, receivers and tokens, for operators: added, given a new key, ended; a key is shown once and never again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from engine.casework.notices import PUBLISHED
from engine.casework.partnerships import PERSONS_ONLY, SCOPES
from engine.casework.people import AUDITOR, CASE_ROLES
from engine.errors import EngineError, NotFound
from engine.store.partners import Kind
from engine.store.tokens import Holder
from webhooks import asking, questions
from webhooks.access import Audience, allows, practitioner
from webhooks.desk import casework, demonstration, posted_key
from webhooks.errors import ask_again
from webhooks.notices_out import TOPICS
from webhooks.questions import Choice, Question
from webhooks.receivers import checked_address
from webhooks.surroundings import role_title

partners = Blueprint("partners", __name__, url_prefix="/systems")

#: What pages call each kind, in the address, on the page and in a sentence.
WORDS = {"senders": ("sender", "Senders", "sender"), "receivers": ("receiver", "Receivers", "receiver")}

#: Where a new key stands between the form that made it and the page that shows it.
_NEW_KEY = "new_key"

_NAME = Question("name", "text", "Short name", hint="Small letters, digits and hyphens, such as mosaic.", longest=40)
_TITLE = Question("title", "text", "What is the system called?", longest=100)
_BINARY = Question(
    "binary",
    "tick",
    "It may send in binary mode",
    hint="Its signature then covers the body only. Leave this unless the system can do nothing else.",
    optional=True,
)
_TOPICS = Question(
    "topics",
    "several",
    "What is it told of?",
    hint="Without a choice: everything listed, and every message that a diagram sends.",
    choices=tuple(Choice(topic, TOPICS.get(topic, topic), topic) for topic in sorted(PUBLISHED)),
    optional=True,
)
_ADDRESS = Question("address", "text", "Web address", hint="It begins with https://", longest=500)
_OVERLAP = Question(
    "overlap",
    "one",
    "How long does the old key work on?",
    choices=(Choice("0", "It ends now"), Choice("1", "1 day"), Choice("7", "7 days"), Choice("30", "30 days")),
)
_WHY = Question("why", "text", "Why does it end?", hint="The reason is kept with the record.")


@partners.get("/<kinds>")
@allows(Audience.OPERATORS)
def index(kinds: str) -> ResponseReturnValue:
    """Every sender or receiver with its keys."""
    kind, title, word = _words(kinds)
    found = casework().partnerships.all(practitioner(), kind)
    return render_template("operations/partners.html", kinds=kinds, title=title, word=word, found=found)


@partners.get("/<kinds>/new")
@allows(Audience.OPERATORS)
def new(kinds: str) -> ResponseReturnValue:
    """The page that adds one."""
    return _new_page(kinds)


@partners.post("/<kinds>/new")
@allows(Audience.OPERATORS)
def add(kinds: str) -> ResponseReturnValue:
    """Add one, and show its key once."""
    kind, _, word = _words(kinds)
    asked = _asked(kind)
    typed = questions.read(asked, request.form)
    ask_again(lambda refusal: _new_page(kinds, typed.texts, refusal))
    asking.check_answered(asked, typed)
    name, title = asking.text_of(typed, "name"), asking.text_of(typed, "title")
    if kind == "sender":
        binary = typed.answers.get("binary") is True
        secret = casework().partnerships.add_sender(practitioner(), name, title, binary=binary)
    else:
        address = checked_address(asking.text_of(typed, "address"), demonstration=demonstration() is not None)
        topics = cast(list[str], typed.answers.get("topics") or [])
        secret = casework().partnerships.add_receiver(practitioner(), name, title, address, topics)
    return _show_once(f"{word.capitalize()} {name} is added", secret, "partners.index", kinds=kinds)


@partners.get("/new-key")
@allows(Audience.OPERATORS)
def new_key() -> ResponseReturnValue:
    """A key that was just made, once."""
    heading, secret, onward = session.pop(_NEW_KEY, ("This key was shown already", "", ""))
    return render_template("operations/key.html", heading=heading, secret=secret, onward=onward)


@partners.get("/<kinds>/<name>")
@allows(Audience.OPERATORS)
def show(kinds: str, name: str) -> ResponseReturnValue:
    """One, with what can be done."""
    return _partner_page(kinds, name)


@partners.post("/<kinds>/<name>/key")
@allows(Audience.OPERATORS)
def rotate(kinds: str, name: str) -> ResponseReturnValue:
    """Give it a new key, and show that once."""
    kind, _, word = _words(kinds)
    typed = questions.read((_OVERLAP,), request.form)
    ask_again(lambda refusal: _partner_page(kinds, name, typed.texts, refusal))
    asking.check_answered((_OVERLAP,), typed)
    days = asking.text_of(typed, "overlap")
    overlap = timedelta(days=int(days) if days.isdigit() else 999)
    secret = casework().partnerships.rotate(practitioner(), kind, name, overlap=overlap)
    return _show_once(f"{word.capitalize()} {name} has a new key", secret, "partners.show", kinds=kinds, name=name)


@partners.post("/<kinds>/<name>/end")
@allows(Audience.OPERATORS)
def end(kinds: str, name: str) -> ResponseReturnValue:
    """End it and all its keys at once."""
    kind, _, word = _words(kinds)
    typed = questions.read((_WHY,), request.form)
    ask_again(lambda refusal: _partner_page(kinds, name, typed.texts, refusal))
    asking.check_answered((_WHY,), typed)
    casework().partnerships.end(practitioner(), kind, name, asking.text_of(typed, "why"))
    flash(f"The {word} {name} has ended.")
    return redirect(url_for("partners.index", kinds=kinds), 303)


# ---------------------------------------------------------------------------------------------------------- tokens


@partners.get("/tokens")
@allows(Audience.OPERATORS)
def tokens() -> ResponseReturnValue:
    """Every token, without what opens anything."""
    return render_template("operations/tokens.html", tokens=casework().partnerships.tokens(practitioner()))


@partners.get("/tokens/new")
@allows(Audience.OPERATORS)
def new_token() -> ResponseReturnValue:
    """The page that issues one."""
    return _token_page()


@partners.post("/tokens/new")
@allows(Audience.OPERATORS)
def issue_token() -> ResponseReturnValue:
    """Issue a token, and show it once."""
    asked = _token_questions()
    typed = questions.read(asked, request.form)
    ask_again(lambda refusal: _token_page(typed.texts, refusal))
    asking.check_answered(asked, typed)
    days = typed.answers.get("days")
    text = casework().partnerships.issue_token(
        practitioner(),
        cast(Holder, asking.text_of(typed, "holder")),
        asking.text_of(typed, "name"),
        cast(list[str], typed.answers.get("roles") or []),
        cast(list[str], typed.answers.get("scopes") or []),
        days if isinstance(days, int) else 0,
        key=posted_key(),
    )
    return _show_once("The token is issued", text, "partners.tokens")


@partners.post("/tokens/<token>/end")
@allows(Audience.OPERATORS)
def end_token(token: str) -> ResponseReturnValue:
    """End a token: the next request with it is refused."""
    casework().partnerships.end_token(practitioner(), token)
    flash("The token has ended.")
    return redirect(url_for("partners.tokens"), 303)


# ----------------------------------------------------------------------------------------------------------- pages


def _words(kinds: str) -> tuple[Kind, str, str]:
    if kinds not in WORDS:
        raise NotFound("There are senders and receivers here, and nothing else.")
    kind, title, word = WORDS[kinds]
    return cast(Kind, kind), title, word


def _asked(kind: Kind) -> tuple[Question, ...]:
    return (_NAME, _TITLE, _BINARY) if kind == "sender" else (_NAME, _TITLE, _ADDRESS, _TOPICS)


def _new_page(kinds: str, texts: Mapping[str, Any] | None = None, refusal: EngineError | None = None) -> str:
    kind, title, word = _words(kinds)
    shown = asking.page_of(_asked(kind), texts, refusal)
    action, back = url_for("partners.add", kinds=kinds), url_for("partners.index", kinds=kinds)
    heading = f"Add a {word}"
    return render_template("operations/ask.html", heading=heading, action=action, back=back, came_from=title, **shown)


def _partner_page(
    kinds: str, name: str, texts: Mapping[str, Any] | None = None, refusal: EngineError | None = None
) -> str:
    kind, title, word = _words(kinds)
    found = next((one for one in casework().partnerships.all(practitioner(), kind) if one[0].partner == name), None)
    if found is None:
        raise NotFound(f"There is no {word} of that name.")
    place = url_for("inbound.receive", authority=practitioner().authority, sender=name, _external=True)
    both = asking.page_of((_OVERLAP, _WHY), texts, refusal)
    return render_template(
        "operations/partner.html",
        kinds=kinds,
        title=title,
        word=word,
        one=found[0],
        told_of=[TOPICS.get(topic, topic) for topic in found[0].topics],
        keys=found[1],
        address=place if kind == "sender" else found[0].address,
        key_questions=asking.page_of((_OVERLAP,), texts, refusal)["questions"],
        end_questions=asking.page_of((_WHY,), texts, refusal)["questions"],
        problems=both["problems"],
        refusal=both["refusal"],
    )


def _token_questions() -> tuple[Question, ...]:
    holders = (Choice("person", "A person"), Choice("system", "A system"))
    settings = casework().authority(practitioner().authority)
    roles = tuple(Choice(role, role_title(role)) for role in settings.roles if role in (*CASE_ROLES, AUDITOR))
    scopes = tuple(
        Choice(name, means.capitalize(), "For a person only" if name in PERSONS_ONLY else None)
        for name, means in SCOPES.items()
    )
    return (
        Question("holder", "one", "Who is it for?", choices=holders),
        Question(
            "name",
            "text",
            "Which person or system?",
            hint="A person’s user name, or a short name of the system such as reports.",
        ),
        Question(
            "roles",
            "several",
            "In which roles does a system act?",
            hint="For a system only; a person acts in their own.",
            choices=roles,
            optional=True,
        ),
        Question("scopes", "several", "What may be done with it?", choices=scopes),
        Question("days", "number", "For how many days?", hint="At most 366.", suffix="days"),
    )


def _token_page(texts: Mapping[str, Any] | None = None, refusal: EngineError | None = None) -> str:
    shown = asking.page_of(_token_questions(), texts, refusal)
    action, back = url_for("partners.issue_token"), url_for("partners.tokens")
    heading = "Issue a token"
    return render_template(
        "operations/ask.html", heading=heading, action=action, back=back, came_from="Tokens", **shown
    )


def _show_once(heading: str, secret: str, onward: str, **where: Any) -> ResponseReturnValue:
    """Lead to the page of a new key: opened again or reloaded it makes no other key, and shows this one no more.

    Until then the key is with the browser that is to show it, and nowhere else.
    """
    session[_NEW_KEY] = [heading, secret, url_for(onward, **where)]
    return redirect(url_for("partners.new_key"), 303)

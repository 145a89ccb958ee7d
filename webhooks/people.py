"""People and roles, for the system administrators of an authority: who works here, as what, and who covers whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework.people import SYSTEM_ADMIN
from engine.clock import london_date
from engine.errors import EngineError
from engine.store.people import Cover
from webhooks import asking, questions
from webhooks.access import Audience, allows, practitioner
from webhooks.desk import casework
from webhooks.errors import ask_again
from webhooks.questions import Choice, Question
from webhooks.sessions import wall_clock

people = Blueprint("people", __name__, url_prefix="/people")

_WHY = Question("why", "text", "Why?", hint="The reason is kept with the record.")


@people.get("")
@allows(Audience.OPERATORS)
def index() -> ResponseReturnValue:
    """Everybody of the authority with today's roles, and addresses that must wait."""
    by = practitioner()
    return render_template(
        "people/index.html",
        people=casework().staff.everybody(by),
        roles=casework().staff.roles_today(by),
        addresses=casework().staff.failed_sign_ins.waiting_addresses(at=wall_clock()),
    )


@people.get("/new")
@allows(Audience.OPERATORS)
def new() -> ResponseReturnValue:
    """The page that adds a person."""
    return _new_page()


@people.post("/new")
@allows(Audience.OPERATORS)
def add() -> ResponseReturnValue:
    """Add a person, with a password to be changed at the first sign-in where local accounts are used."""
    asked = _new_questions()
    typed = questions.read(asked, request.form)
    ask_again(lambda refusal: _new_page(typed.texts, refusal))
    asking.check_answered(asked, typed)
    person = casework().staff.add(
        practitioner(),
        sign_in=asking.text_of(typed, "sign_in"),
        name=asking.text_of(typed, "name"),
        email=asking.text_of(typed, "email"),
        password=request.form.get("password") or None,
        at=wall_clock(),
    )
    flash("The person is added. Give them a role now.")
    return redirect(url_for("people.show", person=person), 303)


@people.get("/<person>")
@allows(Audience.OPERATORS)
def show(person: str) -> ResponseReturnValue:
    """One person: their roles past and to come, whom they cover, who covers them."""
    return _person_page(person)


@people.post("/<person>/roles")
@allows(Audience.OPERATORS)
def give_role(person: str) -> ResponseReturnValue:
    """Give a person a role from a day on."""
    asked = _role_questions()
    typed = questions.read(asked, request.form)
    ask_again(lambda refusal: _person_page(person, "role", typed.texts, refusal))
    asking.check_answered(asked, typed)
    casework().staff.give_role(
        practitioner(),
        person,
        asking.text_of(typed, "role"),
        from_on=asking.day_of(typed, "from_on") or _today(),
        until_on=asking.day_of(typed, "until_on"),
        why=asking.text_of(typed, "why"),
        at=wall_clock(),
    )
    flash("The role is given.")
    return redirect(url_for("people.show", person=person), 303)


@people.post("/<person>/roles/<role>/<from_on>/end")
@allows(Audience.OPERATORS)
def end_role(person: str, role: str, from_on: str) -> ResponseReturnValue:
    """End a role: today is its last day, or it ends at once."""
    ask_again(lambda refusal: _person_page(person, refusal=refusal))
    at_once = "at_once" in request.form
    last = _today() - timedelta(days=1) if at_once else _today()
    why = request.form.get("why", "")
    casework().staff.end_role(practitioner(), person, role, from_on=from_on, until_on=last, why=why, at=wall_clock())
    flash("The role has ended." if at_once else "The role ends tonight.")
    return redirect(url_for("people.show", person=person), 303)


@people.post("/<person>/cover")
@allows(Audience.OPERATORS)
def cover(person: str) -> ResponseReturnValue:
    """Let somebody stand in for this person in one of their roles for some days."""
    asked = _cover_questions(person)
    typed = questions.read(asked, request.form)
    ask_again(lambda refusal: _person_page(person, "cover", typed.texts, refusal))
    asking.check_answered(asked, typed)
    casework().staff.cover(
        practitioner(),
        person,
        asking.text_of(typed, "cover_role"),
        asking.text_of(typed, "cover_person"),
        from_on=asking.day_of(typed, "cover_from") or _today(),
        until_on=asking.day_of(typed, "cover_until") or _today(),
        why=asking.text_of(typed, "cover_why"),
        at=wall_clock(),
    )
    flash("The absence is covered.")
    return redirect(url_for("people.show", person=person), 303)


@people.post("/<person>/cover/<role>/<standing>/<from_on>/end")
@allows(Audience.OPERATORS)
def end_cover(person: str, role: str, standing: str, from_on: str) -> ResponseReturnValue:
    """End a cover at once."""
    ask_again(lambda refusal: _person_page(person, refusal=refusal))
    casework().staff.end_cover(practitioner(), Cover(person, role, standing, from_on, ""), at=wall_clock())
    flash("The cover has ended.")
    return redirect(url_for("people.show", person=person), 303)


@people.post("/<person>/deactivate")
@allows(Audience.OPERATORS)
def deactivate(person: str) -> ResponseReturnValue:
    """Let a person go; they are signed out at once."""
    ask_again(lambda refusal: _person_page(person, refusal=refusal))
    casework().staff.deactivate(practitioner(), person, request.form.get("why", ""), at=wall_clock())
    flash("They can no longer sign in, and have been signed out everywhere.")
    return redirect(url_for("people.show", person=person), 303)


@people.post("/<person>/reactivate")
@allows(Audience.OPERATORS)
def reactivate(person: str) -> ResponseReturnValue:
    """Take a person back."""
    ask_again(lambda refusal: _person_page(person, refusal=refusal))
    casework().staff.reactivate(practitioner(), person, request.form.get("why", ""), at=wall_clock())
    flash("They may sign in again.")
    return redirect(url_for("people.show", person=person), 303)


@people.post("/<person>/password")
@allows(Audience.OPERATORS)
def new_password(person: str) -> ResponseReturnValue:
    """Give somebody who forgot theirs another password, to be changed at the next sign-in."""
    ask_again(lambda refusal: _person_page(person, refusal=refusal))
    casework().staff.new_password(practitioner(), person, request.form.get("password", ""), at=wall_clock())
    flash("Tell them the password yourself. They choose their own when they sign in.")
    return redirect(url_for("people.show", person=person), 303)


@people.post("/<person>/lift-wait")
@allows(Audience.OPERATORS)
def lift_wait(person: str) -> ResponseReturnValue:
    """Let somebody who mistyped sign in at once."""
    lifted = casework().staff.lift_wait(practitioner(), person, at=wall_clock())
    flash("They may try again at once." if lifted else "Nothing was waited for.")
    return redirect(url_for("people.show", person=person), 303)


@people.post("/addresses/lift")
@allows(Audience.OPERATORS)
def lift_address() -> ResponseReturnValue:
    """Let an address try again at once."""
    casework().staff.lift_address(practitioner(), request.form.get("address", "")[:60], at=wall_clock())
    flash("Sign-ins from that address are looked at again.")
    return redirect(url_for("people.index"), 303)


# ---------------------------------------------------------------------- pages


def _new_questions() -> tuple[Question, ...]:
    provider = casework().authority(practitioner().authority).sign_in.provider
    hint = "Small letters, digits and dots, such as amara.osei."
    if provider is not None:
        hint = f"What your council’s sign-in calls them ({provider.claim})."
    return (
        Question("name", "text", "Name"),
        Question("sign_in", "text", "User name", hint=hint),
        Question("email", "text", "Mail address", hint="Where they are told that something waits.", optional=True),
    )


def _new_page(texts: Mapping[str, Any] | None = None, refusal: EngineError | None = None) -> str:
    page = asking.page_of(_new_questions(), texts, refusal)
    password = next((p.message for p in getattr(refusal, "problems", ()) if p.field == "new"), None)
    if password:
        page["problems"] = [*page["problems"], {"text": password, "href": "#password"}]
        page["refusal"] = None
    local = casework().authority(practitioner().authority).sign_in.local_accounts
    return render_template("people/new.html", local=local, password_problem=password, **page)


def _role_questions() -> tuple[Question, ...]:
    authority = casework().authority(practitioner().authority)
    return (
        Question("role", "listed", "Role", choices=tuple(Choice(r, title) for r, title in authority.roles.items())),
        Question("from_on", "date", "From", hint="Leave it empty for today.", optional=True),
        Question("until_on", "date", "Until", hint="The last day. Leave it empty where no end is set.", optional=True),
        _WHY,
    )


def _cover_questions(person: str) -> tuple[Question, ...]:
    by = practitioner()
    authority = casework().authority(by.authority)
    held = casework().staff.roles_today(by).get(person, [])
    others = [one for one in casework().staff.everybody(by) if one.active and one.person not in (person, by.id)]
    return (
        Question("cover_role", "listed", "In which role?", choices=tuple(
            Choice(role, authority.role_title(role)) for role in held if role != SYSTEM_ADMIN)),
        Question("cover_person", "listed", "Who stands in?", choices=tuple(Choice(o.person, o.name) for o in others)),
        Question("cover_from", "date", "From", hint="Leave it empty for today.", optional=True),
        Question("cover_until", "date", "Until", hint="The last day."),
        Question("cover_why", "text", "Why?", hint="For example, annual leave. The reason is kept with the record."),
    )  # fmt: skip


def _person_page(
    person: str, form: str = "", texts: Mapping[str, Any] | None = None, refusal: EngineError | None = None
) -> str:
    by = practitioner()
    colleague = casework().staff.colleague(by, person, real=wall_clock())
    roles = asking.page_of(_role_questions(), texts if form == "role" else None, refusal if form == "role" else None)
    covers = asking.page_of(
        _cover_questions(person), texts if form == "cover" else None, refusal if form == "cover" else None
    )
    return render_template(
        "people/person.html",
        one=colleague,
        today=_today().isoformat(),
        role_questions=roles["questions"],
        cover_questions=covers["questions"],
        problems=roles["problems"] + covers["problems"],
        refusal=roles["refusal"]
        or covers["refusal"]
        or (asking.sentence(refusal) if refusal is not None and not form else None),
        local=casework().authority(by.authority).sign_in.local_accounts,
        myself=person == by.id,
    )


def _today() -> date:
    return london_date(casework().clock.now())

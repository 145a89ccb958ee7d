"""Forms in a draft: questions added, changed, moved and removed, with the page people will see beside them."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import EngineError, NotFound, PathwayRefused
from engine.forms import read_form
from engine.studio.form_sheet import KINDS, OWN, Asked, add_question, move_question, questions, set_question
from engine.studio.form_sheet import remove_question as without_question
from engine.studio.letter_samples import sample_parameters
from engine.studio.offers import offers
from webhooks.access import allows
from webhooks.desk import casework
from webhooks.errors import ask_again
from webhooks.form_pages import shown_of
from webhooks.studio.room import DRAWING, LOOKING, Room, enter, studio, the_studio


@studio.get("/drafts/<int:number>/<pathway>/forms")
@allows(*LOOKING)
def forms(number: int, pathway: str) -> ResponseReturnValue:
    """The forms of a pathway and of what it calls."""
    room = enter(number, pathway)
    found = [(path, questions(body)) for path, body in room.files(".form").items()]
    return room.page("forms", "forms", forms=found)


@studio.get("/drafts/<int:number>/<pathway>/form")
@allows(*LOOKING)
def form(number: int, pathway: str) -> ResponseReturnValue:
    """One form, question by question, and the page that people will see."""
    return _form(enter(number, pathway))


@studio.get("/drafts/<int:number>/<pathway>/question")
@allows(*DRAWING)
def question(number: int, pathway: str) -> ResponseReturnValue:
    """One question of a form to be changed, or a new one below it."""
    return _question(enter(number, pathway), request.args.get("new") == "yes")


@studio.post("/drafts/<int:number>/<pathway>/question")
@allows(*DRAWING)
def save_question(number: int, pathway: str) -> ResponseReturnValue:
    """Keep a question."""
    room, new = enter(number, pathway), request.form.get("new") == "yes"
    ask_again(lambda error: _question(room, new, error))
    path, asked = room.path(".form"), _typed()
    body, key = room.opened.body(path), request.form.get("key", "")
    changed = add_question(body, key, asked) if new else set_question(body, key, asked)
    read_form(changed, path)
    room.save(path, changed)
    flash("The question is kept.", "success")
    return redirect(url_for("studio.form", number=number, pathway=pathway, path=path), 303)


@studio.post("/drafts/<int:number>/<pathway>/question/move")
@allows(*DRAWING)
def change_question(number: int, pathway: str) -> ResponseReturnValue:
    """Move a question up or down, or remove it."""
    room = enter(number, pathway)
    ask_again(lambda error: _form(room, error))
    path, key = room.path(".form"), request.form.get("key", "")
    body = room.opened.body(path)
    if request.form.get("do") == "remove":
        room.save(path, without_question(body, key))
        flash("The question is removed.", "success")
    else:
        room.save(path, move_question(body, key, -1 if request.form.get("do") == "up" else 1))
        flash("The question is moved.", "success")
    return redirect(url_for("studio.form", number=number, pathway=pathway, path=path), 303)


def _form(room: Room, error: EngineError | None = None) -> str:
    path = room.path(".form")
    try:
        read = read_form(room.opened.body(path), path)
        environment = casework().environment(room.opened.draft.authority)
        preview = shown_of(read, {"case": {}, "parameters": sample_parameters(room.opened.workspace)}, environment)
        findings = []
    except PathwayRefused as refused:
        preview, findings = (), list(refused.findings)
    except EngineError:
        preview, findings = (), []
    named = {finding: None for finding in the_studio().check(room.opened, room.pathway) if finding.file == path}
    return room.page(
        "form",
        "forms",
        path=path,
        questions=questions(room.opened.body(path)),
        preview=preview,
        found=list(dict.fromkeys([*findings, *named])),
        refusal=room.reasons(error),
    )


def _question(room: Room, new: bool, error: EngineError | None = None) -> str:
    path, key = room.path(".form"), request.values.get("key", "")
    found = [asked for asked in questions(room.opened.body(path)) if asked.key == key]
    if not found and not (new and not key):
        raise NotFound("The form asks no such question.")
    there = offers(room.opened.workspace, path)
    shown = Asked("", "", "", own={"label": "product"}) if new else found[0]
    return room.page(
        "question",
        "forms",
        path=path,
        key=key,
        new=new,
        asked=shown if error is None else _typed(),
        kinds=list(KINDS),
        clauses=there["clauses"],
        variables=there["variables"],
        refusal=room.reasons(error),
    )


def _typed() -> Asked:
    typed = request.form
    own = {name: typed.get(f"own-{name}", "") for name in OWN}
    own["clauses"] = f"{own['clauses']} {typed.get('add-clause', '')}".strip()
    return Asked(
        key=typed.get("name", ""),
        kind=typed.get("kind", ""),
        label=typed.get("words", ""),
        description=typed.get("description", ""),
        required=typed.get("required") == "yes",
        readonly=typed.get("readonly") == "yes",
        options=typed.get("options", ""),
        hide=typed.get("hide", ""),
        own=own,
    )

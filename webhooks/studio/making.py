"""Whole pieces of a draft: a diagram drawn elsewhere judged and taken, and pieces begun, renamed and taken away."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import EngineError, Refused
from engine.studio.arriving import Arrival
from engine.studio.new_pieces import PIECES
from webhooks.access import allows, practitioner
from webhooks.errors import ask_again
from webhooks.studio.room import DRAWING, Room, enter, reasons, studio, the_studio, title_of
from webhooks.words import counted

#: How many elements of a diagram a verdict lists; of the others it says how many there are.
LISTED = 400


@studio.get("/drafts/<int:number>/diagram-in")
@allows(*DRAWING)
def bring_in(number: int) -> ResponseReturnValue:
    """The form that brings a diagram drawn elsewhere into a draft."""
    return _diagram_in(number)


@studio.post("/drafts/<int:number>/diagram-in")
@allows(*DRAWING)
def brought_in(number: int) -> ResponseReturnValue:
    """The verdict on each element of a diagram; kept where all of it runs, or where it is to be mended in the draft."""
    ask_again(lambda error: _diagram_in(number, error=error))
    by, typed = practitioner(), request.form
    sent = request.files.get("diagram")
    if sent is None or not sent.filename:
        raise Refused("Choose a BPMN file.")
    opened = the_studio().open(by, number)
    into = typed.get("into", "")
    found = the_studio().judge(opened, sent.read(), name="" if into else typed.get("name", "").strip(), into=into)
    to_mend = typed.get("mend") == "yes"
    kept = found.runs or to_mend
    if kept:
        the_studio().bring_in(by, opened, found, to_mend=to_mend)
    return _diagram_in(number, found=found, kept=kept), 200 if kept else 422


def _diagram_in(
    number: int, *, error: EngineError | None = None, found: Arrival | None = None, kept: bool = False
) -> str:
    opened = the_studio().open(practitioner(), number)
    return render_template(
        "studio/diagram_in.html",
        draft=opened.draft,
        pathways=[(one, title_of(opened, one)) for one in opened.workspace.pathways],
        found=found,
        kept=kept,
        listed=LISTED,
        typed=request.form,
        refusal=None if error is None else reasons(error),
    )


# ---------------------------------------------------------------------------------------------------- new pieces


@studio.get("/drafts/<int:number>/new-pathway")
@allows(*DRAWING)
def new_pathway(number: int) -> ResponseReturnValue:
    """The form that begins a pathway."""
    return _new_pathway(number)


@studio.post("/drafts/<int:number>/new-pathway")
@allows(*DRAWING)
def begin_pathway(number: int) -> ResponseReturnValue:
    """Begin a pathway of one task and its form, which passes the checks."""
    ask_again(lambda error: _new_pathway(number, error))
    typed = request.form
    name = the_studio().begin_pathway(
        practitioner(), number, typed.get("name", ""), typed.get("title", ""), typed.get("role", "")
    )
    flash("The pathway is begun, with one task and its form. Nothing of it is published yet.", "success")
    return redirect(url_for("studio.outline", number=number, pathway=name), 303)


def _new_pathway(number: int, error: EngineError | None = None) -> str:
    opened = the_studio().open(practitioner(), number)
    return render_template(
        "studio/new_pathway.html",
        draft=opened.draft,
        roles=_roles(opened.workspace.settings.roles),
        typed=request.form,
        refusal=None if error is None else reasons(error),
    )


def _roles(roles: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(roles.items(), key=lambda one: one[1])


@studio.get("/drafts/<int:number>/<pathway>/new")
@allows(*DRAWING)
def new_piece(number: int, pathway: str) -> ResponseReturnValue:
    """The form that begins a form, letter, table or scenario of a pathway."""
    return _new_piece(enter(number, pathway))


@studio.post("/drafts/<int:number>/<pathway>/new")
@allows(*DRAWING)
def begin_piece(number: int, pathway: str) -> ResponseReturnValue:
    """Begin a form, letter, table or scenario, and open it."""
    room, typed = enter(number, pathway), request.form
    ask_again(lambda error: _new_piece(room, error))
    kind = typed.get("kind", "")
    path = the_studio().begin_piece(room.by, number, pathway, kind, typed.get("name", ""), typed.get("title", ""))
    flash(f"The {PIECES[kind]} is begun. Change it here.", "success")
    decision = path.rpartition("/")[2].partition(".")[0] if kind == "table" else None
    return redirect(url_for(f"studio.{kind}", number=number, pathway=pathway, path=path, decision=decision), 303)


def _new_piece(room: Room, error: EngineError | None = None) -> str:
    kind = request.values.get("kind", "")
    kind = kind if kind in PIECES else "form"
    typed = request.form
    refusal = room.reasons(error)
    return room.page("new_piece", f"{kind}s", kind=kind, what=PIECES[kind], typed=typed, refusal=refusal)


# ---------------------------------------------------------------------------------------- renamed, taken away


@studio.post("/drafts/<int:number>/rename")
@allows(*DRAWING)
def rename(number: int) -> ResponseReturnValue:
    """Give a form, letter, table or scenario another id, and everything that names it with it."""
    path = request.form.get("path", "")
    target, others = the_studio().rename(practitioner(), number, path, request.form.get("name", ""))
    named = f" {counted(len(others), 'file that names it', 'files that name it')}" if others else ""
    named += f" {'was' if len(others) == 1 else 'were'} changed with it: {', '.join(others[:8])}." if others else ""
    flash(f"It is called {target.rpartition('/')[2].partition('.')[0]} now.{named}", "success")
    return redirect(url_for("studio.file", number=number, path=target), 303)


@studio.post("/drafts/<int:number>/<pathway>/remove-pathway")
@allows(*DRAWING)
def remove_pathway(number: int, pathway: str) -> ResponseReturnValue:
    """Take away a pathway that this draft began; a published one stays for the cases on it."""
    room = enter(number, pathway)
    the_studio().remove_pathway(room.by, number, pathway)
    flash(f"{pathway} is taken away in this draft.", "success")
    return redirect(url_for("studio.draft", number=number), 303)

"""What a pathway is called: its title, purpose, version and the words on its picture; its id while nobody has it."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import EngineError
from engine.studio.naming import Called
from webhooks.access import allows
from webhooks.errors import ask_again
from webhooks.studio.room import DRAWING, Room, enter, studio, the_studio


@studio.get("/drafts/<int:number>/<pathway>/name")
@allows(*DRAWING)
def called(number: int, pathway: str) -> ResponseReturnValue:
    """What a pathway is called, what names it, and what of that can be changed."""
    return _called(enter(number, pathway))


def _called(room: Room, error: EngineError | None = None) -> str:
    opened = room.opened
    return room.page(
        "called",
        "outline",
        now=the_studio().called(opened, room.pathway),
        naming=the_studio().naming(opened, room.pathway),
        published=the_studio().is_published(opened, room.pathway),
        typed=request.form,
        refusal=room.reasons(error),
    )


@studio.post("/drafts/<int:number>/<pathway>/name")
@allows(*DRAWING)
def call_otherwise(number: int, pathway: str) -> ResponseReturnValue:
    """Change title, purpose, version and the words on the picture; the id stays."""
    room, typed = enter(number, pathway), request.form
    ask_again(lambda error: _called(room, error))
    wanted = Called(*(typed.get(name, "") for name in ("title", "purpose", "version", "drawn")))
    changed = the_studio().call_otherwise(room.by, number, pathway, wanted)
    said = "Kept in this draft." if changed else "It is called so already."
    flash(f"{said} Its id is still {pathway}.", "success")
    return redirect(url_for("studio.called", number=number, pathway=pathway), 303)


@studio.post("/drafts/<int:number>/<pathway>/id")
@allows(*DRAWING)
def give_id(number: int, pathway: str) -> ResponseReturnValue:
    """Give a pathway that only this draft has another id, with everything that names it; a published one keeps its."""
    room = enter(number, pathway)
    ask_again(lambda error: _called(room, error))
    name, others = the_studio().give_id(room.by, number, pathway, request.form.get("name", ""))
    named = f" Changed with it: {', '.join(others[:8])}." if others else ""
    flash(f"Its id is {name} now.{named}", "success")
    return redirect(url_for("studio.called", number=number, pathway=name), 303)

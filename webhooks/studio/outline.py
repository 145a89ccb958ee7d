"""The outline of a diagram: its steps as a list, changed with plain forms, for a keyboard and a screen reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import EngineError, NotFound
from engine.history import JSON
from engine.studio.offers import offers
from engine.studio.outline import Step, add_task, lanes, remove_step, set_step, set_way, steps
from webhooks.access import allows
from webhooks.errors import ask_again
from webhooks.studio.room import DRAWING, LOOKING, Room, enter, studio

#: What a step names: how the page asks for it, and the list to pick from.
PICKED = {
    "form": ("Form", "forms"),
    "letter": ("Letter", "letters"),
    "letter_step": ("What is done with the letter", "letterSteps"),
    "table": ("Table", "decisions"),
    "pathway": ("Pathway it calls", "pathways"),
    "job": ("Job", "jobs"),
}


@studio.get("/drafts/<int:number>/<pathway>/outline")
@allows(*LOOKING)
def outline(number: int, pathway: str) -> ResponseReturnValue:
    """The steps of a pathway in order, with who does each, by when, and where its answers lead."""
    return _outline(enter(number, pathway))


def _outline(room: Room) -> str:
    path = _diagram(room)
    body = room.opened.body(path)
    return room.page("outline", "outline", path=path, steps=steps(body), lanes=dict(lanes(body)))


def _diagram(room: Room) -> str:
    path = f"{room.opened.workspace.home(room.pathway)}/pathway.bpmn"
    if path in room.opened.workspace.files:
        return path
    own = [one for one in room.files(".bpmn") if one.startswith(room.opened.workspace.home(room.pathway))]
    if not own:
        raise NotFound("This pathway has no diagram.")
    return own[0]


@studio.get("/drafts/<int:number>/<pathway>/step")
@allows(*DRAWING)
def step(number: int, pathway: str) -> ResponseReturnValue:
    """One step to be changed: its words, role, due date, clauses, label and help, and its answers."""
    return _step(enter(number, pathway))


def _step(room: Room, error: EngineError | None = None) -> str:
    path = _diagram(room)
    body = room.opened.body(path)
    identity = request.values.get("step", "")
    found = [one for one in steps(body) if one.id == identity]
    if not found:
        raise NotFound("The diagram has no such step.")
    typed = request.form if error is not None else {}
    one = _as_typed(found[0], typed)
    there = offers(room.opened.workspace, path)
    return room.page(
        "step",
        "outline",
        path=path,
        one=one,
        lanes=lanes(body),
        picks=_picks(one, there),
        clauses=there["clauses"],
        variables=there["variables"],
        typed=typed,
        refusal=room.reasons(error),
    )


def _as_typed(one: Step, typed: Mapping[str, str]) -> Step:
    """The step as somebody typed it where that was refused: nothing that was typed is lost."""
    if typed.get("do") == "way":
        said = {
            way.id: replace(way, name=typed.get("name", way.name), condition=typed.get("condition", way.condition))
            for way in one.ways
            if way.id == typed.get("arrow")
        }
        return replace(one, ways=tuple(said.get(way.id, way) for way in one.ways))
    if typed.get("do") in ("add", "remove"):
        return one
    return replace(
        one,
        name=typed.get("name", one.name),
        role=typed.get("role", one.role),
        due=typed.get("due", one.due),
        clauses=typed.get("clauses", one.clauses),
        label=typed.get("label", one.label),
        help=typed.get("help", one.help),
        names={what: typed.get(f"names-{what}", named) for what, named in one.names.items()},
        no_due_date=typed.get("no_due_date", one.no_due_date),
    )


def _picks(step: Step, there: dict[str, JSON]) -> list[tuple[str, str, str, JSON]]:
    """What a step names, each with what there is to pick from."""
    return [(what, PICKED[what][0], named, there[PICKED[what][1]]) for what, named in step.names.items()]


@studio.post("/drafts/<int:number>/<pathway>/step")
@allows(*DRAWING)
def save_step(number: int, pathway: str) -> ResponseReturnValue:
    """Keep a step, one of its answers, a new task after it, or the diagram without it."""
    room, typed = enter(number, pathway), request.form
    ask_again(lambda error: _step(room, error))
    path, identity = _diagram(room), typed.get("step", "")
    body, do = room.opened.body(path), typed.get("do", "")
    if do == "way":
        changed = set_way(body, typed.get("arrow", ""), typed.get("name", ""), typed.get("condition", ""))
    elif do == "add":
        changed = add_task(body, identity, typed.get("id", "").strip(), typed.get("name", ""), typed.get("role", ""))
    elif do == "remove":
        changed = remove_step(body, identity)
    else:
        words = {name: typed.get(name, "") for name in ("name", "role", "due", "clauses", "label", "help")}
        words["clauses"] = f"{words['clauses']} {typed.get('add-clause', '')}".strip()
        names = {what: typed[f"names-{what}"] for what in PICKED if f"names-{what}" in typed}
        why = typed.get("no_due_date")
        kept = Step(identity, "", **words, ways=(), inside=0, task=False, names=names, no_due_date=why)
        changed = set_step(body, kept)
    room.save(path, changed)
    flash("The diagram is kept. What is new was placed on the picture.", "success")
    return redirect(url_for("studio.outline", number=number, pathway=pathway), 303)

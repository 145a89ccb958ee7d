"""Decision tables in a draft: rows added, changed, moved and removed, with the prover's verdict beside them."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import EngineError, NotFound
from engine.studio.table_sheet import Row, Sheet, add_row, move_row, remove_row, set_row, sheets
from webhooks.access import allows
from webhooks.errors import ask_again
from webhooks.studio.room import DRAWING, LOOKING, Room, enter, studio, the_studio


@studio.get("/drafts/<int:number>/<pathway>/tables")
@allows(*LOOKING)
def tables(number: int, pathway: str) -> ResponseReturnValue:
    """The tables of a pathway and of what it calls, each with what the prover says of it."""
    room = enter(number, pathway)
    home = room.opened.workspace.home(pathway) + "/"
    found = [
        (path, sheet, the_studio().proof(room.opened, pathway, sheet.decision), path.startswith(home))
        for path, body in room.files(".dmn").items()
        for sheet in sheets(body)
    ]
    return room.page("tables", "tables", tables=found)


@studio.get("/drafts/<int:number>/<pathway>/table")
@allows(*LOOKING)
def table(number: int, pathway: str) -> ResponseReturnValue:
    """One table, row by row, with every gap and overlap in words."""
    return _table(enter(number, pathway))


@studio.get("/drafts/<int:number>/<pathway>/row")
@allows(*DRAWING)
def row(number: int, pathway: str) -> ResponseReturnValue:
    """One row of a table to be changed, or a new one below it."""
    room = enter(number, pathway)
    return _row(room, _whole("row"), request.args.get("new") == "yes")


@studio.post("/drafts/<int:number>/<pathway>/row")
@allows(*DRAWING)
def save_row(number: int, pathway: str) -> ResponseReturnValue:
    """Keep a row's cells."""
    room = enter(number, pathway)
    at, new = _whole("row"), request.form.get("new") == "yes"
    ask_again(lambda error: _row(room, at, new, error))
    path, sheet = _sheet(room)
    count = len(sheet.inputs) + len(sheet.outputs)
    cells = [request.form.get(f"cell-{position}", "") for position in range(count)]
    change = add_row if new else set_row
    room.save(path, change(room.opened.body(path), sheet.decision, at, cells, request.form.get("said", "")))
    flash("The row is kept.", "success")
    return _back(number, pathway, path, sheet)


@studio.post("/drafts/<int:number>/<pathway>/row/move")
@allows(*DRAWING)
def change_row(number: int, pathway: str) -> ResponseReturnValue:
    """Move a row up or down, or remove it."""
    room = enter(number, pathway)
    ask_again(lambda error: _table(room, error))
    path, sheet = _sheet(room)
    at, body = _whole("row"), room.opened.body(path)
    if request.form.get("do") == "remove":
        room.save(path, remove_row(body, sheet.decision, at))
        flash(f"Row {at} is removed.", "success")
    else:
        step = -1 if request.form.get("do") == "up" else 1
        room.save(path, move_row(body, sheet.decision, at, at + step))
        flash(f"Row {at} is now row {at + step}.", "success")
    return _back(number, pathway, path, sheet)


def _back(number: int, pathway: str, path: str, sheet: Sheet) -> ResponseReturnValue:
    place = url_for("studio.table", number=number, pathway=pathway, path=path, decision=sheet.decision)
    return redirect(place, 303)


def _sheet(room: Room) -> tuple[str, Sheet]:
    path = room.path(".dmn")
    decision = request.values.get("decision", "")
    for sheet in sheets(room.opened.body(path)):
        if sheet.decision == decision:
            return path, sheet
    raise NotFound("There is no such table in this file.")


def _table(room: Room, error: EngineError | None = None) -> str:
    path, sheet = _sheet(room)
    proof = the_studio().proof(room.opened, room.pathway, sheet.decision)
    # What the verdict above the table tells is not told again below it.
    told = {one.message for one in proof.findings} if proof is not None and not proof.sound else set[str]()
    findings = [one for one in the_studio().check(room.opened, room.pathway) if one.file == path]
    findings = [one for one in findings if one.message not in told]
    return room.page(
        "table",
        "tables",
        path=path,
        sheet=sheet,
        proof=proof,
        found=findings,
        refusal=room.reasons(error),
    )


def _row(room: Room, at: int, new: bool, error: EngineError | None = None) -> str:
    path, sheet = _sheet(room)
    if not (0 <= at <= len(sheet.rows)) or (at == 0 and not new):
        raise NotFound("There is no such row in this table.")
    blank = Row(0, "", ("",) * len(sheet.inputs), ("",) * len(sheet.outputs), "")
    shown = blank if new else sheet.rows[at - 1]
    cells = [*shown.inputs, *shown.outputs]
    if error is not None:
        cells = [request.form.get(f"cell-{position}", "") for position in range(len(cells))]
    return room.page(
        "row",
        "tables",
        path=path,
        sheet=sheet,
        at=at,
        new=new,
        cells=cells,
        said=request.form.get("said", shown.said) if error is not None else shown.said,
        refusal=room.reasons(error),
    )


def _whole(name: str) -> int:
    text = request.values.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1

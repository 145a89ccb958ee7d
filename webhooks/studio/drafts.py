"""Drafts: the list of them, one with its pathways and changed files, and every saved version of a file."""

from __future__ import annotations

from collections.abc import Callable
from difflib import unified_diff

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import EngineError, NotFound
from engine.store.drafts import OPEN, SUBMITTED, SavedByAnother
from engine.studio.making import named_by
from engine.studio.new_pieces import PIECES
from engine.studio.workspace import kind_of
from webhooks.access import Audience, allows, practitioner
from webhooks.desk import casework
from webhooks.errors import ask_again
from webhooks.studio.room import DRAWING, LOOKING, Room, enter, reasons, seen, studio, the_studio, title_of
from webhooks.words import counted


@studio.get("")
@allows(*LOOKING)
def index() -> ResponseReturnValue:
    """Drafts, what waits for approval, and what is published."""
    return _index()


def _index(refusal: list[str] | None = None) -> str:
    by = practitioner()
    return render_template(
        "studio/index.html",
        drafts=the_studio().drafts(by),
        submissions=the_studio().submissions(by, SUBMITTED),
        decided=[one for one in the_studio().submissions(by) if one.state != SUBMITTED][:10],
        pathways=casework().published(by.authority),
        draws=Audience.ANALYSTS.admits(by),
        refusal=refusal,
        typed=request.form.get("title", ""),
    )


@studio.post("/drafts")
@allows(*DRAWING)
def begin() -> ResponseReturnValue:
    """Open a new draft on what is published now."""
    ask_again(lambda error: _index(reasons(error)))
    draft = the_studio().begin(practitioner(), request.form.get("title", ""))
    return redirect(url_for("studio.draft", number=draft.number), 303)


@studio.get("/drafts/<int:number>")
@allows(*LOOKING)
def draft(number: int) -> ResponseReturnValue:
    """One draft: its pathways, the files it changes, and what others published since it began."""
    by = practitioner()
    opened = the_studio().open(by, number)
    shared = f"{by.authority}/shared/"
    pathways = [
        (one, title_of(opened, one), opened.workspace.home(one).startswith(shared)) for one in opened.workspace.pathways
    ]
    return render_template(
        "studio/draft.html",
        draft=opened.draft,
        opened=opened,
        pathways=sorted(pathways, key=lambda one: (one[2], one[1])),
        drawing=opened.draft.state == OPEN and Audience.ANALYSTS.admits(by),
    )


@studio.post("/drafts/<int:number>/discard")
@allows(*DRAWING)
def discard(number: int) -> ResponseReturnValue:
    """Close a draft without publishing it; its versions stay on record."""
    the_studio().discard(practitioner(), number)
    flash(f"Draft {number} is discarded.", "success")
    return redirect(url_for("studio.index"), 303)


@studio.post("/drafts/<int:number>/take-up")
@allows(*DRAWING)
def take_up(number: int) -> ResponseReturnValue:
    """Let a draft stand on what is published now."""
    the_studio().take_up(practitioner(), number)
    flash("The draft stands on what is published now.", "success")
    return redirect(url_for("studio.draft", number=number), 303)


# ---------------------------------------------------------------------------------------------------- one file


@studio.get("/drafts/<int:number>/file")
@allows(*LOOKING)
def file(number: int) -> ResponseReturnValue:
    """One file of a draft as text, with its saved versions."""
    return _file(number, request.args.get("path", ""))


def _file(number: int, path: str, *, typed: str | None = None, refusal: list[str] | None = None, mine: str = "") -> str:
    by = practitioner()
    opened = the_studio().open(by, number)
    versions = the_studio().versions(by, number, path)
    if path not in opened.workspace.files and not versions:
        raise NotFound(f"Draft {number} holds no such file.")
    body = opened.workspace.files.get(path)
    text = "" if body is None else body.decode("utf-8", "replace")
    return render_template(
        "studio/file.html",
        draft=opened.draft,
        opened=opened,
        path=path,
        text=text if typed is None else typed,
        gone=body is None,
        now=text,
        mine=mine,
        differs=list(unified_diff(text.splitlines(), mine.splitlines(), lineterm="", n=1))[2:] if mine else [],
        versions=versions,
        refusal=refusal,
        references=the_studio().references(opened, path),
        names=bool(named_by(opened.workspace, path)),
        can_be_renamed=kind_of(path) in PIECES,
        drawing=opened.draft.state == OPEN and Audience.ANALYSTS.admits(by),
    )


@studio.get("/drafts/<int:number>/raw")
@allows(*LOOKING)
def raw(number: int) -> ResponseReturnValue:
    """One file of a draft exactly as it is, with its version in a header: what editors and pictures read."""
    opened = the_studio().open(practitioner(), number)
    path = request.args.get("path", "")
    state = request.args.get("state", "draft")
    body = opened.published.get(path) if state == "published" else opened.body(path)
    if body is None:
        raise NotFound(f"Draft {number} holds no such file.")
    kind = "application/xml" if path.endswith((".bpmn", ".dmn")) else "text/plain; charset=utf-8"
    answer = Response(body, content_type=kind)
    answer.headers["X-Version"] = str(opened.version(path))
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@studio.post("/drafts/<int:number>/file")
@allows(*DRAWING)
def save(number: int) -> ResponseReturnValue:
    """Save a file of a draft as text; where somebody else saved meanwhile, both texts are shown and nothing is lost."""
    path, text = request.form.get("path", ""), request.form.get("text", "").replace("\r\n", "\n")
    ask_again(_again(number, path, text))
    opened = the_studio().open(practitioner(), number)
    kept = the_studio().save(practitioner(), number, path, text.encode("utf-8"), seen=seen(opened.version(path)))
    if request.accept_mimetypes.best == "application/json":
        return {"path": path, "version": kept.version}
    flash(f"Saved as version {kept.version}.", "success")
    return redirect(_onward(url_for("studio.file", number=number, path=path)), 303)


def _again(number: int, path: str, text: str) -> Callable[[EngineError], str]:
    def page(error: EngineError) -> str:
        if isinstance(error, SavedByAnother):
            files = the_studio().open(practitioner(), number).workspace.files
            return _file(number, path, refusal=reasons(error, files), mine=text)
        return _file(number, path, typed=text, refusal=reasons(error))

    return page


@studio.post("/drafts/<int:number>/remove")
@allows(*DRAWING)
def remove(number: int) -> ResponseReturnValue:
    """Take a file away; its versions stay and can be brought back."""
    path = request.form.get("path", "")
    opened = the_studio().open(practitioner(), number)
    naming = the_studio().references(opened, path)
    the_studio().remove(practitioner(), number, path, seen=seen(opened.version(path)))
    places = counted(len(naming), "place still names", "places still name")
    named = f" {places} it; the checks say which." if naming else ""
    flash(f"{path} is taken away in this draft.{named}", "success")
    return redirect(_onward(url_for("studio.draft", number=number)), 303)


@studio.post("/drafts/<int:number>/restore")
@allows(*DRAWING)
def restore(number: int) -> ResponseReturnValue:
    """Bring an earlier version of a file back as the newest one; 0 is the published one."""
    path, version = request.form.get("path", ""), request.form.get("version", "")
    opened = the_studio().open(practitioner(), number)
    wanted = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else -1
    the_studio().restore(practitioner(), number, path, wanted, seen=seen(opened.version(path)))
    flash("The earlier version is back.", "success")
    return redirect(url_for("studio.file", number=number, path=path), 303)


def _onward(otherwise: str) -> str:
    """Back to the tab that a form stood on, which is a page of the studio and nothing else."""
    place = request.form.get("back", "")
    return place if place.startswith("/studio/") and "\n" not in place and "\\" not in place else otherwise


@studio.get("/drafts/<int:number>/<pathway>/diagram")
@allows(*LOOKING)
def diagram(number: int, pathway: str) -> ResponseReturnValue:
    """The picture of a pathway in a draft, with what the draft changes marked on it."""
    room = enter(number, pathway)
    return room.page("diagram", "diagram", marks=the_studio().compare(room.opened).marks, files=_pictures(room))


def _pictures(room: Room) -> list[str]:
    home = room.opened.workspace.home(room.pathway)
    return sorted(room.files(".bpmn"), key=lambda path: (not path.startswith(f"{home}/"), path))

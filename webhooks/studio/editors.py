"""The drawing editors: one page for a diagram, a table or a form, and what its script opens, keeps and asks."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine.casework import Practitioner
from engine.errors import EngineError, Finding, NotFound, PathwayRefused, Unreadable
from engine.forms import read_form
from engine.store.drafts import OPEN
from engine.studio.compare import compare
from engine.studio.expressions import functions, remarks_on
from engine.studio.house_style import in_house_style
from engine.studio.letter_samples import sample_parameters
from engine.studio.offers import offers
from engine.studio.screening import screen
from engine.studio.studio import Open
from engine.studio.workspace import kind_of
from webhooks import security
from webhooks.access import Audience, allows, practitioner
from webhooks.desk import casework
from webhooks.form_pages import shown_of
from webhooks.studio.room import enter, the_studio, uploads
from webhooks.surroundings import person_name

studio_editors = Blueprint("studio_editors", __name__, url_prefix="/studio/drafts/<int:number>/<pathway>/editor")

studio_editors.url_value_preprocessor(uploads)

#: The editor of each kind of file: what is drawn with it, and the names of its script and style.
EDITORS = {"diagram": "diagram-editor", "table": "table-editor", "form": "form-editor"}


@studio_editors.get("")
@allows(Audience.ANALYSTS)
def edit(number: int, pathway: str) -> ResponseReturnValue:
    """The editor of one diagram, table or form of a draft."""
    opened = enter(number, pathway).opened
    path = _path(opened)
    security.allow_editor()
    return render_template(
        f"studio/editor_{kind_of(path)}.html",
        draft=opened.draft,
        pathway=pathway,
        path=path,
        editor=EDITORS[kind_of(path) or ""],
        functions=functions(),
        others=sorted(each for each in opened.files_of(pathway) if kind_of(each) in EDITORS and each != path),
    )


@studio_editors.get("/opened")
@allows(Audience.ANALYSTS)
def opened(number: int, pathway: str) -> ResponseReturnValue:
    """A file as the draft has it, what it may refer to, and what the checks say of it: one JSON document."""
    opened = enter(number, pathway).opened
    path = _path(opened)
    return {
        **_standing(opened, pathway, path),
        "body": opened.body(path).decode("utf-8"),
        "editable": opened.draft.state == OPEN,
        "offers": offers(opened.workspace, path),
    }


@studio_editors.post("/kept")
@allows(Audience.ANALYSTS)
def keep(number: int, pathway: str) -> ResponseReturnValue:
    """Keep a file that an editor saved, in the house's own writing; 409 where somebody else saved meanwhile."""
    asked = _asked()
    path, body, seen = asked.get("path"), asked.get("body"), asked.get("seen")
    if not isinstance(path, str) or not isinstance(body, str) or type(seen) is not int:
        raise Unreadable("The editor sent no file. Open it again.")
    by = practitioner()
    before = enter(number, pathway).opened
    kept = _kept(by, before, path, body.encode("utf-8", "replace"), seen)
    now = before if not kept else enter(number, pathway).opened
    return _standing(now, pathway, path)


def _kept(by: Practitioner, before: Open, path: str, body: bytes, seen: int) -> bool:
    """Keep a new version, unless the file says the same already."""
    if kind_of(path) not in EDITORS or path not in before.workspace.files:
        raise NotFound(f"Draft {before.draft.number} holds no such diagram, table or form.")
    screen(by.authority, path, body)
    written = in_house_style(path, body, before.body(path))
    if written == before.body(path) and seen == before.version(path):
        return False
    the_studio().save(by, before.draft.number, path, written, seen=seen)
    return True


@studio_editors.post("/differences")
@allows(Audience.ANALYSTS)
def differences(number: int, pathway: str) -> ResponseReturnValue:
    """What a file in an editor has otherwise than the version that is kept, in words."""
    asked = _asked()
    path, body = asked.get("path"), asked.get("body")
    files = enter(number, pathway).opened.workspace.files
    if not isinstance(path, str) or not isinstance(body, str) or kind_of(path) not in EDITORS or path not in files:
        raise Unreadable("The editor sent no file. Open it again.")
    mine = body.encode("utf-8", "replace")
    screen(practitioner().authority, path, mine)
    found = compare({path: files[path]}, {path: in_house_style(path, mine, files[path])})
    return {
        "differences": [
            {
                "state": change.state,
                "what": change.what,
                "title": change.title,
                "aspects": [{"name": one.name, "theirs": one.before, "yours": one.after} for one in change.aspects],
            }
            for change in found.changes
        ]
    }


@studio_editors.post("/preview")
@allows(Audience.ANALYSTS)
def preview(number: int, pathway: str) -> ResponseReturnValue:
    """The page that people will see of a form as it stands in the editor, by the server's own renderer."""
    asked = _asked()
    path, body = str(asked.get("path", "")), str(asked.get("body", ""))
    workspace = enter(number, pathway).opened.workspace
    try:
        form = read_form(body.encode("utf-8", "replace"), path)
        environment = casework().environment(practitioner().authority)
        questions = shown_of(form, {"case": {}, "parameters": sample_parameters(workspace)}, environment)
    except PathwayRefused as refused:
        return {"html": None, "findings": [_finding(one) for one in refused.findings]}
    except EngineError as error:
        return {"html": None, "findings": [_finding(Finding("advice", path, None, None, str(error), ""))]}
    return {"html": render_template("studio/editor_preview.html", questions=questions), "findings": []}


@studio_editors.post("/expression")
@allows(Audience.ANALYSTS)
def expression(number: int, pathway: str) -> ResponseReturnValue:
    """What the engine says of an expression as it stands in an editor, and of which of its signs."""
    asked = _asked()
    text, path = asked.get("text"), asked.get("path")
    if not isinstance(text, str) or not isinstance(path, str):
        raise Unreadable("The editor sent no expression. Open it again.")
    files = enter(number, pathway).opened.workspace.files
    remarks = remarks_on(text, path, files, tests=asked.get("tests") is True)
    return {
        "remarks": [
            {"start": one.start, "end": one.end, "message": one.message, "mend": one.mend, "severity": one.severity}
            for one in remarks
        ]
    }


def _path(opened: Open) -> str:
    path = request.args.get("path", "")
    if kind_of(path) not in EDITORS or path not in opened.workspace.files:
        raise NotFound(f"Draft {opened.draft.number} holds no such diagram, table or form.")
    return path


def _asked() -> dict[str, Any]:
    asked = request.get_json(silent=True)
    if not isinstance(asked, dict):
        raise Unreadable("The editor sent nothing that can be read. Open the page again.")
    return asked


def _standing(opened: Open, pathway: str, path: str) -> dict[str, Any]:
    """The version that is there, who saved it, and what the checks and the prover say."""
    file = opened.files.get(path)
    findings = the_studio().check(opened, pathway)
    return {
        "seen": opened.version(path),
        "by": None if file is None else person_name(file.by),
        "findings": [_finding(one) for one in findings],
        "proofs": _proofs(opened, pathway, path),
    }


def _proofs(opened: Open, pathway: str, path: str) -> list[dict[str, Any]]:
    if kind_of(path) != "table":
        return []
    found = []
    for decision in re.findall(rb"<(?:\w+:)?decision\b[^>]*?\bid=\"([^\"]+)\"", opened.body(path)):
        proof = the_studio().proof(opened, pathway, decision.decode("utf-8", "replace"))
        if proof is not None:
            found.append({"decision": decision.decode("utf-8", "replace"), "sound": proof.sound})
    return found


def _finding(finding: Finding) -> dict[str, Any]:
    facts = {"severity": finding.severity, "file": finding.file, "place": finding.place, "name": finding.name}
    return {**facts, "message": finding.message, "mend": finding.mend}

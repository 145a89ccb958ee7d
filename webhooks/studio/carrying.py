"""A draft or the published folder carried out as a zip, and a zip carried in as changes of a draft."""

from __future__ import annotations

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import EngineError, Refused
from engine.studio.carrying import packed, unpacked
from webhooks.access import allows, practitioner
from webhooks.errors import ask_again
from webhooks.studio.room import DRAWING, LOOKING, reasons, studio, the_studio

#: How many things that are refused of a folder are listed; of the others it says how many there are.
LISTED = 100


@studio.get("/export")
@allows(*LOOKING)
def export_published() -> ResponseReturnValue:
    """Everything published of the authority, as a zip of processes/."""
    return _zip(packed(the_studio().published(practitioner()).files), f"{practitioner().authority}.zip")


@studio.get("/drafts/<int:number>/export")
@allows(*LOOKING)
def export_draft(number: int) -> ResponseReturnValue:
    """The folder as a draft makes it, as a zip of processes/."""
    opened = the_studio().open(practitioner(), number)
    return _zip(packed(opened.workspace.files), f"{opened.draft.authority}-draft-{number}.zip")


def _zip(body: bytes, name: str) -> Response:
    answer = Response(body, content_type="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@studio.get("/drafts/<int:number>/import")
@allows(*DRAWING)
def carry_in(number: int) -> ResponseReturnValue:
    """The form that carries a zip of processes/ into a draft."""
    return _page(number)


@studio.post("/drafts/<int:number>/import")
@allows(*DRAWING)
def carried_in(number: int) -> ResponseReturnValue:
    """Judge every file of a zip, and keep those that differ; where one is refused, or would not run, none is kept."""
    ask_again(lambda error: _page(number, error=error))
    sent = request.files.get("zip")
    if sent is None or not sent.filename:
        raise Refused("Choose a zip of the folder processes/.")
    by = practitioner()
    opened = the_studio().open(by, number)
    files, verdicts = unpacked(by.authority, sent.read(), opened.workspace.files)
    changed = {path: body for path, body in files.items() if opened.workspace.files.get(path) != body}
    if not all(one.taken for one in verdicts):
        return _page(number, verdicts=verdicts, kept=False), 422
    after, found = the_studio().judge_folder(opened, changed)
    # Only whoever was shown what is refused of exactly this folder takes it to mend.
    kept = not found or (request.form.get("mend") == "yes" and request.form.get("shown") == after.content)
    if kept:
        the_studio().save_all(by, opened, changed)
    shown = "" if kept else after.content
    page = _page(number, verdicts=verdicts, changed=sorted(changed), found=found, kept=kept, shown=shown)
    return page, 200 if kept else 422


def _page(number: int, *, error: EngineError | None = None, **more: object) -> str:
    opened = the_studio().open(practitioner(), number)
    return render_template(
        "studio/import.html",
        draft=opened.draft,
        back=url_for("studio.draft", number=number),
        refusal=None if error is None else reasons(error),
        listed=LISTED,
        **more,
    )

"""What stands against a draft: checks and proofs, coverage, scenarios run a stretch at a time, and the comparison."""

from __future__ import annotations

from time import monotonic

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.coverage import Coverage
from engine.errors import EngineError
from webhooks.access import allows, practitioner
from webhooks.studio.room import DRAWING, LOOKING, enter, studio, the_studio

#: For how many seconds one request plays scenarios before it shows how far it has come.
STRETCH = 4.0


@studio.get("/drafts/<int:number>/<pathway>/checks")
@allows(*LOOKING)
def checks(number: int, pathway: str) -> ResponseReturnValue:
    """Everything the checks and the prover say of a pathway, file by file, each with its mend; and the coverage."""
    room = enter(number, pathway)
    findings = the_studio().check(room.opened, pathway)
    coverage: Coverage | None = None
    try:
        coverage = the_studio().coverage(room.opened)
    except EngineError:
        coverage = None
    runs = the_studio().runs(room.opened)
    return room.page("checks", "checks", found=findings, coverage=coverage, runs=runs)


@studio.get("/drafts/<int:number>/<pathway>/run")
@allows(*LOOKING)
def running(number: int, pathway: str) -> ResponseReturnValue:
    """How far the scenarios of a draft have been run."""
    room = enter(number, pathway)
    return room.page("running", "scenarios", runs=the_studio().runs(room.opened))


@studio.post("/drafts/<int:number>/<pathway>/run")
@allows(*DRAWING)
def run(number: int, pathway: str) -> ResponseReturnValue:
    """Run the next stretch of waiting scenarios, or one; the page asks for one stretch after the other."""
    only = request.form.get("path") or None
    runs = the_studio().run(practitioner(), number, time=monotonic, seconds=STRETCH, only=only)
    if only is not None:
        place = url_for("studio.scenario", number=number, pathway=pathway, path=only)
    elif runs.waiting:
        place = url_for("studio.running", number=number, pathway=pathway)
    else:
        place = url_for("studio.scenarios", number=number, pathway=pathway)
    return redirect(place, 303)


@studio.get("/drafts/<int:number>/<pathway>/compare")
@allows(*LOOKING)
def compare(number: int, pathway: str) -> ResponseReturnValue:
    """What a draft changes of what is published, in words."""
    room = enter(number, pathway)
    return room.page("compare", "compare", comparison=the_studio().compare(room.opened))

"""Letters and scenarios in a draft: text, with a letter as it would read and a scenario's last result beside it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.case.unknown_facts import facts_given, facts_written, unknown_facts
from engine.errors import EngineError, Finding, PathwayRefused
from engine.letters import read_letter, render
from engine.scenarios import Scenario, ScenarioUnreadable, read_scenario
from engine.studio.letter_samples import sample_of, told_apart
from engine.studio.offers import offers
from engine.studio.pinning import former_values
from engine.studio.running import Runs
from webhooks import diagrams
from webhooks.access import allows
from webhooks.desk import casework
from webhooks.errors import ask_again
from webhooks.studio.reasons import why_failed
from webhooks.studio.room import DRAWING, LOOKING, Room, enter, studio, the_studio


@studio.get("/drafts/<int:number>/<pathway>/letters")
@allows(*LOOKING)
def letters(number: int, pathway: str) -> ResponseReturnValue:
    """The letters of a pathway and of what it calls."""
    room = enter(number, pathway)
    return room.page("letters", "letters", letters=list(room.files(".md")))


@studio.get("/drafts/<int:number>/<pathway>/letter")
@allows(*LOOKING)
def letter(number: int, pathway: str) -> ResponseReturnValue:
    """A letter as it is written, and as it would read for a sample child."""
    return _letter(enter(number, pathway))


@studio.post("/drafts/<int:number>/<pathway>/letter")
@allows(*DRAWING)
def save_letter(number: int, pathway: str) -> ResponseReturnValue:
    """Keep a letter, or only look at how it would read."""
    room = enter(number, pathway)
    text = _typed()
    ask_again(lambda error: _letter(room, text, error))
    path = room.path(".md")
    if request.form.get("do") == "look":
        return _letter(room, text)
    room.save(path, text.encode("utf-8"))
    flash("The letter is kept.", "success")
    return redirect(url_for("studio.letter", number=number, pathway=pathway, path=path), 303)


@studio.post("/drafts/<int:number>/<pathway>/letter/reads")
@allows(*DRAWING)
def letter_reads(number: int, pathway: str) -> ResponseReturnValue:
    """How a letter reads for the sample child as it is being typed: a part of its page; nothing is kept."""
    room = enter(number, pathway)
    return {"html": render_template("studio/letter_reads.html", **_reading(room, room.path(".md"), _typed()))}


def _typed() -> str:
    return request.form.get("text", "").replace("\r\n", "\n")


def _letter(room: Room, typed: str | None = None, error: EngineError | None = None) -> str:
    path = room.path(".md")
    text = room.opened.body(path).decode("utf-8", "replace") if typed is None else typed
    return room.page(
        "letter",
        "letters",
        path=path,
        text=text,
        unsaved=typed is not None and typed.encode("utf-8", "replace") != room.opened.body(path),
        variables=offers(room.opened.workspace, path)["variables"],
        refusal=room.reasons(error),
        **_reading(room, path, text),
    )


def _reading(room: Room, path: str, text: str) -> dict[str, Any]:
    """What a letter says to the sample child, what is blank in it, and what the checks find in its text."""
    body = text.encode("utf-8", "replace")
    findings: list[Finding] = []
    preview, blanks, never = "", list[str](), list[str]()
    try:
        template = read_letter(body, path)
        environment = casework().environment(room.opened.draft.authority)
        drafted = render(template, sample_of(template, room.opened.workspace), environment)
        folder = room.opened.workspace.files
        findings = unknown_facts({path: body}, folder)
        known = facts_written(folder) | (facts_given(folder) if findings else frozenset())
        preview, (blanks, never) = drafted.text, told_apart(drafted.blanks, known)
    except PathwayRefused as refused:
        findings = list(refused.findings)
    return {"preview": preview, "blanks": blanks, "never": never, "found": findings}


# ------------------------------------------------------------------------------------------------------ scenarios


@studio.get("/drafts/<int:number>/<pathway>/scenarios")
@allows(*LOOKING)
def scenarios(number: int, pathway: str) -> ResponseReturnValue:
    """The scenarios of the whole folder: which pass on the draft, which fail and why, which are still to be run."""
    room = enter(number, pathway)
    runs = the_studio().runs(room.opened)
    found = room.opened.workspace.scenarios[0]
    home = room.opened.workspace.home(pathway)
    own = {path: one for path, one in found.items() if path.startswith(f"{home}/")}
    why = reasons_by_path(room, runs)
    former = former_values(room.opened.published, room.opened.workspace.files)
    return room.page("scenarios", "scenarios", runs=runs, scenarios=found, mine=own, why=why, former=former)


def reasons_by_path(room: Room, runs: Runs) -> dict[str, list[str]]:
    """Why each failed scenario failed, in words."""
    found = room.opened.workspace.scenarios[0]
    names = _names(room) if runs.failed else {}
    return {path: why_failed(result, found[path], names) for path, result in runs.failed.items() if path in found}


def _names(room: Room) -> dict[str, str]:
    """What every diagram of the folder calls its elements."""
    files = room.opened.workspace.files
    return diagrams.names({path: body for path, body in files.items() if path.endswith(".bpmn")})


@studio.get("/drafts/<int:number>/<pathway>/scenario")
@allows(*LOOKING)
def scenario(number: int, pathway: str) -> ResponseReturnValue:
    """A scenario as it is written, and what came of it on the draft."""
    return _scenario(enter(number, pathway))


@studio.post("/drafts/<int:number>/<pathway>/scenario")
@allows(*DRAWING)
def save_scenario(number: int, pathway: str) -> ResponseReturnValue:
    """Keep a scenario, and run it on the draft."""
    room = enter(number, pathway)
    text = _typed()
    ask_again(lambda error: _scenario(room, text, error))
    path = room.path(".toml")
    read_scenario(text.encode("utf-8"), path)
    room.save(path, text.encode("utf-8"))
    flash("The scenario is kept.", "success")
    return redirect(url_for("studio.scenario", number=number, pathway=pathway, path=path), 303)


def _scenario(room: Room, typed: str | None = None, error: EngineError | None = None) -> str:
    path = room.path(".toml")
    text = room.opened.body(path).decode("utf-8", "replace") if typed is None else typed
    read: Scenario | None = None
    unreadable = ""
    try:
        read = read_scenario(text.encode("utf-8"), path)
    except ScenarioUnreadable as refused:
        unreadable = str(refused)
    result = the_studio().runs(room.opened).results.get(path)
    why: list[str] = []
    if result is not None and read is not None and not result.passed:
        why = why_failed(result, read, _names(room))
    return room.page(
        "scenario",
        "scenarios",
        why=why,
        path=path,
        text=text,
        scenario=read,
        unreadable=unreadable,
        result=result,
        refusal=room.reasons(error),
    )
